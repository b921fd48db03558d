//! A paragraph on each name of Django and Python, for hovers, signatures and `docs/django.md`.
//!
//! `documentation.txt` holds them: a line with the name and its arguments, the paragraph below
//! it, and an empty line. The name is what stands before the parenthesis: `Coalesce`, or
//! `QuerySet.filter` for a method.

use std::collections::BTreeMap;
use std::sync::LazyLock;

const TEXT: &str = include_str!("documentation.txt");

/// What there is to say about a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The name, with its class in front for methods.
    pub name: &'static str,
    /// Name, arguments and what they give.
    pub title: &'static str,
    /// A paragraph.
    pub text: &'static str,
}

static ENTRIES: LazyLock<BTreeMap<&'static str, Entry>> = LazyLock::new(|| {
    let paragraphs = TEXT.split("\n\n");
    let entries = paragraphs.filter_map(|paragraph| {
        let (title, text) = paragraph.trim().split_once('\n')?;
        let name = title.split(['(', ' ', ':']).next()?;
        Some(Entry {
            name,
            title,
            text: text.trim(),
        })
    });
    entries.map(|entry| (entry.name, entry)).collect()
});

/// What there is to say about a name.
pub fn entry(name: &str) -> Option<Entry> {
    ENTRIES.get(name).copied()
}

/// Everything, by name.
pub fn entries() -> impl Iterator<Item = Entry> {
    ENTRIES.values().copied()
}
