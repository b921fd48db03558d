//! What is supported of a language, for the help pages.

use serde::{Deserialize, Serialize};

/// Everything that is supported of a language.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Help {
    /// By subject.
    pub sections: Vec<Section>,
}

/// Entries on one subject.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Section {
    /// The subject.
    pub title: String,
    /// What holds for all of them; empty when there is nothing to say.
    pub note: String,
    /// The entries, in the order in which they are shown.
    pub entries: Vec<Entry>,
}

/// A construct, a type, a function, a method.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Its name or sign.
    pub name: String,
    /// How it is written, a line each; none when the name says it.
    pub forms: Vec<String>,
    /// What it does; empty when the name says it.
    pub text: String,
    /// Code that uses it, and runs on the marketplace.
    pub example: Option<String>,
}
