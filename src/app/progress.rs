//! Which exercises a person has solved.
//!
//! Kept in the browser, and saved as a file, as text: a line for each exercise, the number of its
//! phase and its slug.

use std::collections::BTreeSet;

/// The exercises that were solved.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress(BTreeSet<(u8, String)>);

impl Progress {
    /// What a text says; lines that say nothing are left out.
    pub fn from_text(text: &str) -> Self {
        let line = |line: &str| {
            let (phase, exercise) = line.trim().split_once(' ')?;
            let slug = exercise.chars().all(|it| it.is_alphanumeric() || it == '-');
            let phase = phase.parse().ok().filter(|phase| (1..=9).contains(phase))?;
            (slug && !exercise.is_empty()).then(|| (phase, exercise.to_owned()))
        };
        Self(text.lines().filter_map(line).collect())
    }

    /// As text.
    pub fn to_text(&self) -> String {
        let lines = self.0.iter();
        lines.map(|(phase, exercise)| format!("{phase} {exercise}\n")).collect()
    }

    /// Notes that an exercise is solved; whether that is new.
    pub fn solve(&mut self, phase: u8, exercise: &str) -> bool {
        self.0.insert((phase, exercise.to_owned()))
    }

    /// Adds what another one has.
    pub fn join(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// Whether an exercise is solved.
    pub fn is_solved(&self, phase: u8, exercise: &str) -> bool {
        self.0.contains(&(phase, exercise.to_owned()))
    }

    /// Whether nothing is solved.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many exercises of a phase are solved.
    pub fn solved(&self, phase: u8) -> usize {
        self.0.iter().filter(|(it, _)| *it == phase).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_comes_back() {
        let mut progress = Progress::default();
        assert!(progress.solve(2, "total-revenue"));
        assert!(!progress.solve(2, "total-revenue"));
        assert!(progress.solve(1, "paid-orders"));
        let back = Progress::from_text(&progress.to_text());
        assert_eq!(back, progress);
        assert!(back.is_solved(1, "paid-orders") && !back.is_solved(2, "paid-orders"));
        assert_eq!((back.solved(1), back.solved(2), back.solved(3)), (1, 1, 0));
    }

    #[test]
    fn lines_that_say_nothing_are_left_out() {
        let text = "1 a\n\n12 b\n0 c\nx d\n2\n3 <b>\n4  e f\n5 ok-1";
        assert_eq!(Progress::from_text(text).to_text(), "1 a\n5 ok-1\n");
    }
}
