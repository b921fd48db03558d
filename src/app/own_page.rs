//! Pages of a teacher's own: files of the lesson format that the browser keeps.

use super::Place;
use std::collections::BTreeMap;

/// The longest file that is taken, in bytes; the reader of pages reads no longer one.
pub const MOST_BYTES: u32 = 1 << 20;

/// A file of the lesson format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnPage {
    /// The file's name.
    pub file: String,
    /// What it holds.
    pub text: String,
}

/// Why a file is not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It is too long.
    TooLong,
    /// It is no text.
    NoText,
    /// The browser could not read it.
    Unreadable,
    /// It is text, but there is nothing of a lesson in it.
    NoLesson,
    /// There are as many pages as there may be.
    Full,
    /// The browser keeps nothing for this page, or has no room.
    NotKept,
    /// The engine has not answered.
    NoEngine,
}

impl Refusal {
    /// What is wrong, and how to mend it.
    pub const fn words(&self) -> (&'static str, &'static str) {
        match self {
            Self::TooLong => ("It is longer than 1 MB.", "Split it into several pages."),
            Self::NoText => ("It is no text.", "Choose a Markdown file, in UTF-8."),
            Self::Unreadable => ("It could not be read.", "Choose it once more."),
            Self::NoLesson => (
                "It has no panel and no exercise.",
                "Add a section: ## Title with a fence django or sql, or ## Exercise: Title.",
            ),
            Self::Full => ("There are nine pages already.", "Remove one of them first."),
            Self::NotKept => (
                "The browser has no room to keep it.",
                "Remove another page, or allow this site to keep data.",
            ),
            Self::NoEngine => (
                "The engine, which reads pages, did not answer.",
                "Try again in a moment.",
            ),
        }
    }
}

impl OwnPage {
    /// A file as it came from the disk.
    ///
    /// # Errors
    /// It is too long, or no text.
    pub fn new(file: String, text: String) -> Result<Self, Refusal> {
        if text.len() > MOST_BYTES as usize {
            return Err(Refusal::TooLong);
        }
        // A browser puts U+FFFD where bytes are no UTF-8.
        if text.contains(['\0', '\u{fffd}']) {
            return Err(Refusal::NoText);
        }
        // A name is one line, whatever the disk allows.
        let file = file.replace(char::is_control, " ");
        Ok(Self { file, text })
    }

    /// The file's name as letters, digits and dashes: what the page is known by.
    pub fn slug(&self) -> String {
        let stem = self
            .file
            .rsplit_once('.')
            .map_or(&*self.file, |(stem, _)| stem);
        let letters = stem.chars().flat_map(char::to_lowercase);
        let words: String = letters
            .map(|it| if it.is_alphanumeric() { it } else { ' ' })
            .collect();
        let slug = words.split_whitespace().collect::<Vec<_>>().join("-");
        if slug.is_empty() {
            "page".to_owned()
        } else {
            slug
        }
    }

    /// As the browser keeps it.
    pub fn to_kept(&self) -> String {
        format!("{}\n{}", self.file, self.text)
    }

    /// As the browser kept it.
    pub fn from_kept(kept: &str) -> Option<Self> {
        let (file, text) = kept.split_once('\n')?;
        Self::new(file.to_owned(), text.to_owned()).ok()
    }
}

/// The number on the shelf for a page: its own when it is there already, else the first free one.
pub fn number_for(page: &OwnPage, shelf: &BTreeMap<u8, OwnPage>) -> Option<u8> {
    let slug = page.slug();
    let same = shelf.iter().find(|(_, other)| other.slug() == slug);
    same.map(|(&number, _)| number).or_else(|| {
        let mut numbers = 1..=Place::OWN_PAGES;
        numbers.find(|number| !shelf.contains_key(number))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(file: &str) -> OwnPage {
        OwnPage {
            file: file.into(),
            text: "# A\nb\n".into(),
        }
    }

    #[test]
    fn what_is_kept_comes_back() {
        let page = page("My joins.v2.md");
        assert_eq!(OwnPage::from_kept(&page.to_kept()), Some(page.clone()));
        assert_eq!(page.slug(), "my-joins-v2");
        assert_eq!(OwnPage::from_kept("no line"), None);
    }

    #[test]
    fn a_file_of_the_same_name_takes_the_place_of_the_one_before() {
        let mut shelf = BTreeMap::from([(1, page("a.md")), (3, page("b.md"))]);
        assert_eq!(number_for(&page("B.markdown"), &shelf), Some(3));
        assert_eq!(number_for(&page("c.md"), &shelf), Some(2));
        for number in 1..=Place::OWN_PAGES {
            shelf.insert(number, page(&format!("{number}.md")));
        }
        assert_eq!(number_for(&page("c.md"), &shelf), None);
    }

    #[test]
    fn what_is_no_text_is_refused() {
        let made = |text: &str| OwnPage::new("a\nb.md".into(), text.into());
        assert_eq!(made("a\0b"), Err(Refusal::NoText));
        assert_eq!(made("a\u{fffd}b"), Err(Refusal::NoText));
        let long = "x".repeat(MOST_BYTES as usize + 1);
        assert_eq!(made(&long), Err(Refusal::TooLong));
        assert_eq!(made("# A").map(|page| page.file), Ok("a b.md".into()));
    }
}
