//! Which exercises a person has solved.
//!
//! Kept in the browser, and saved as a file, as text: a line for each exercise, its book and its
//! slug. A book is a phase of the course, or a page of a teacher's own.

use std::collections::BTreeSet;

/// The first line of a saved file, by which it is known.
const TITLE: &str = "Marketplace Analytics progress";

/// The exercises that were solved, as `book/exercise`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress(BTreeSet<String>);

/// Why a file is no saved progress.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BadFile {
    /// It does not begin as one.
    NoTitle,
    /// A line, by its number from 1, is no exercise.
    BadLine(usize, String),
}

impl std::fmt::Display for BadFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NoTitle => write!(
                f,
                "This is no saved progress: its first line is not \"{TITLE}\"."
            ),
            Self::BadLine(line, text) => {
                let shown: String = text.chars().take(40).collect();
                write!(f, "Line {line} is no exercise: \"{shown}\".")
            }
        }
    }
}

impl Progress {
    /// The book of a phase.
    pub fn phase(number: u8) -> String {
        number.to_string()
    }

    /// The book of a teacher's own page, by the slug of its file.
    pub fn own(slug: &str) -> String {
        format!("own:{slug}")
    }

    /// What the browser kept; lines that say nothing are left out.
    pub fn from_kept(text: &str) -> Self {
        let lines = text.lines().map(str::trim);
        Self(
            lines
                .filter(|line| is_key(line))
                .map(str::to_owned)
                .collect(),
        )
    }

    /// What a saved file says.
    ///
    /// # Errors
    /// The file is not one, or a line of it cannot be read.
    pub fn from_file(text: &str) -> Result<Self, BadFile> {
        let text = text.trim_start_matches('\u{feff}');
        let mut lines = text.lines().map(str::trim).enumerate();
        if lines.next().is_none_or(|(_, title)| title != TITLE) {
            return Err(BadFile::NoTitle);
        }
        let mut solved = BTreeSet::new();
        for (at, line) in lines.filter(|(_, line)| !line.is_empty()) {
            if !is_key(line) {
                return Err(BadFile::BadLine(at + 1, line.to_owned()));
            }
            solved.insert(line.to_owned());
        }
        Ok(Self(solved))
    }

    /// As the browser keeps it.
    pub fn to_kept(&self) -> String {
        let lines = self.0.iter();
        lines.map(|key| format!("{key}\n")).collect()
    }

    /// As a file.
    pub fn to_file(&self) -> String {
        format!("{TITLE}\n{}", self.to_kept())
    }

    /// Notes that an exercise of a book is solved; whether that is new.
    pub fn solve(&mut self, book: &str, exercise: &str) -> bool {
        self.0.insert(format!("{book}/{exercise}"))
    }

    /// Adds what another one has; how many were new.
    pub fn join(&mut self, other: &Self) -> usize {
        let before = self.0.len();
        self.0.extend(other.0.iter().cloned());
        self.0.len() - before
    }

    /// Whether an exercise of a book is solved.
    pub fn is_solved(&self, book: &str, exercise: &str) -> bool {
        self.0.contains(&format!("{book}/{exercise}"))
    }

    /// How many exercises are solved.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether nothing is solved.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Whether a line names an exercise.
fn is_key(line: &str) -> bool {
    let slug =
        |text: &str| !text.is_empty() && text.chars().all(|it| it.is_alphanumeric() || it == '-');
    line.split_once('/').is_some_and(|(book, exercise)| {
        let book = match book.strip_prefix("own:") {
            Some(page) => slug(page),
            None => book.parse::<u8>().is_ok_and(|phase| phase > 0),
        };
        book && slug(exercise)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some() -> Progress {
        let mut progress = Progress::default();
        assert!(progress.solve("2", "total-revenue"));
        assert!(!progress.solve("2", "total-revenue"));
        assert!(progress.solve(&Progress::own("joins"), "übung-1"));
        progress
    }

    #[test]
    fn what_is_kept_and_what_is_saved_comes_back() {
        let progress = some();
        assert_eq!(Progress::from_kept(&progress.to_kept()), progress);
        assert_eq!(
            Progress::from_file(&progress.to_file()),
            Ok(progress.clone())
        );
        assert!(progress.is_solved("2", "total-revenue"));
        assert!(progress.is_solved("own:joins", "übung-1"));
        assert!(!progress.is_solved("joins", "übung-1"));
    }

    #[test]
    fn lines_that_say_nothing_are_not_kept() {
        let text = "1/a\n\n0/c\nx/d\n2\n3/<b>\n4/e f\n5/ok-1\nown:/a\nown:b c/a\n";
        assert_eq!(Progress::from_kept(text).to_kept(), "1/a\n5/ok-1\n");
    }

    #[test]
    fn a_file_that_is_none_is_refused_with_its_line() {
        for (text, fault) in [
            ("", BadFile::NoTitle),
            ("{\"solved\": []}", BadFile::NoTitle),
            (
                "Marketplace Analytics progress\n1/a\n\nnonsense\n",
                BadFile::BadLine(4, "nonsense".into()),
            ),
        ] {
            assert_eq!(Progress::from_file(text), Err(fault), "{text}");
        }
        let by_hand = "\u{feff}Marketplace Analytics progress\r\n\r\n1/a\r\n";
        assert_eq!(Progress::from_file(by_hand).map(|it| it.len()), Ok(1));
    }

    #[test]
    fn joining_loses_nothing_and_counts_what_is_new() {
        let mut progress = some();
        let mut other = Progress::default();
        other.solve("2", "total-revenue");
        other.solve("3", "discount");
        assert_eq!(progress.join(&other), 1);
        assert_eq!(progress.len(), 3);
    }
}
