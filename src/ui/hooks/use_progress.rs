use crate::ui::browser;
use std::collections::BTreeSet;
use std::rc::Rc;
use yew::prelude::*;

/// The name under which the browser keeps the progress.
const KEPT: &str = "progress";

/// Which exercises are solved, and how that changes.
#[derive(Clone, PartialEq)]
pub struct Progress {
    /// `2/orders-per-city`: the phase and the exercise.
    pub solved: Rc<BTreeSet<String>>,
    /// One more is solved.
    pub on_solved: Callback<String>,
    /// Everything is taken from this text, one exercise a line; an empty text forgets all.
    pub on_replace: Callback<String>,
}

impl Progress {
    /// The name of an exercise of a phase.
    pub fn key(phase: u8, exercise: &str) -> String {
        format!("{phase}/{exercise}")
    }

    /// How many exercises of a phase are solved.
    pub fn count(&self, phase: u8) -> usize {
        let prefix = format!("{phase}/");
        let solved = self.solved.iter();
        solved.filter(|key| key.starts_with(&prefix)).count()
    }

    /// As a file: one exercise a line.
    pub fn text(&self) -> String {
        let solved: Vec<&str> = self.solved.iter().map(String::as_str).collect();
        solved.join("\n")
    }
}

fn read(text: &str) -> BTreeSet<String> {
    let lines = text.lines().map(str::trim);
    lines
        .filter(|line| line.contains('/'))
        .map(str::to_owned)
        .collect()
}

/// The progress, kept in the browser.
#[hook]
pub fn use_progress() -> Progress {
    let solved = use_state_eq(|| Rc::new(read(&browser::kept(KEPT).unwrap_or_default())));
    let keep = {
        let solved = solved.clone();
        move |next: BTreeSet<String>| {
            let lines: Vec<&str> = next.iter().map(String::as_str).collect();
            browser::keep(KEPT, &lines.join("\n"));
            solved.set(Rc::new(next));
        }
    };
    let on_solved = {
        let keep = keep.clone();
        Callback::from(move |key: String| {
            // What another tab has solved counts as well.
            let mut next = read(&browser::kept(KEPT).unwrap_or_default());
            next.insert(key);
            keep(next);
        })
    };
    let on_replace = Callback::from(move |text: String| keep(read(&text)));
    Progress {
        solved: (*solved).clone(),
        on_solved,
        on_replace,
    }
}
