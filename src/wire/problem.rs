//! A diagnostic in the page's words.

use serde::{Deserialize, Serialize};

/// A diagnostic in the page's words: places in UTF-16 units, lines and columns from 1.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Problem {
    /// SQLSTATE or exception class.
    pub code: String,
    /// Whether the statement failed or only deserves attention.
    pub severity: Severity,
    /// One sentence.
    pub message: String,
    /// Where it is, when it has a place.
    pub place: Option<Place>,
    /// Ways to mend it, each a sentence.
    pub hints: Vec<String>,
    /// Of Python code: the traceback as CPython prints it.
    pub traceback: Option<String>,
}

/// How bad a problem is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Severity {
    /// It did not run.
    Error,
    /// It ran.
    Warning,
}

/// A range in the text that was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// First UTF-16 unit, from 0.
    pub from: u32,
    /// The unit after the last.
    pub to: u32,
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
}
