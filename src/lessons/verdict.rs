//! What a check says of an answer, as data and in plain words.

use serde::{Deserialize, Serialize};
use std::fmt;

/// What a check says of an answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Verdict {
    /// It is right on both data sets.
    Right,
    /// It is not.
    Wrong(Finding),
}

/// What is wrong, and where it showed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// The data set that showed it.
    pub data: DataSet,
    /// What is wrong.
    pub fault: Fault,
}

/// The data sets that answers are checked on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum DataSet {
    /// The Small data set, which the learner sees.
    Shown,
    /// One of other rows.
    Hidden,
}

/// A row as text; NULL is `None`.
pub type Row = Vec<Option<String>>;

/// Some rows under their columns.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Sample {
    /// The names of the columns.
    pub columns: Vec<String>,
    /// The first of the rows.
    pub rows: Vec<Row>,
}

/// What is wrong with an answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Fault {
    /// Rows are missing, or there are some too many, or both.
    Rows {
        /// How many are missing.
        missing: u32,
        /// Some of them.
        missing_rows: Sample,
        /// How many are too many.
        extra: u32,
        /// Some of them.
        extra_rows: Sample,
    },
    /// The right rows with wrong values.
    Values {
        /// The columns where they are.
        wrong: Vec<String>,
        /// Some rows as they should be.
        expected: Sample,
        /// The same rows as they are.
        found: Sample,
    },
    /// Other columns.
    Columns {
        /// As they should be.
        expected: Vec<String>,
        /// As they are.
        found: Vec<String>,
    },
    /// The right rows in another order.
    Order {
        /// The first place that differs, from 1.
        place: u32,
        /// The row that should be there.
        expected: Sample,
        /// The row that is there.
        found: Sample,
    },
    /// More queries than there may be.
    Queries {
        /// How many there may be.
        most: u32,
        /// How many there were.
        made: u32,
    },
    /// A name that must be in the code is not.
    MustUse(String),
    /// A name that must not be in the code is.
    MustNotUse(String),
    /// The last line gives nothing to compare; what it gives instead.
    NoAnswer(String),
    /// It did not run.
    Error {
        /// SQLSTATE or exception class.
        code: String,
        /// In one sentence.
        message: String,
        /// The line of the code, from 1.
        line: Option<u32>,
        /// Ways to mend it.
        hints: Vec<String>,
    },
}

impl Fault {
    /// The verdicts that a lesson page may call this by; the first is the usual one.
    pub fn names(&self) -> Vec<String> {
        match self {
            Self::Rows {
                missing: 0,
                extra: _,
                missing_rows: _,
                extra_rows: _,
            } => vec!["extra rows".into()],
            Self::Rows {
                extra: 0,
                missing: _,
                missing_rows: _,
                extra_rows: _,
            } => vec!["missing rows".into()],
            Self::Rows { .. } => vec!["missing rows".into(), "extra rows".into()],
            Self::Values { .. } => vec!["wrong values".into()],
            Self::Columns { .. } => vec!["wrong columns".into()],
            Self::Order { .. } => vec!["wrong order".into()],
            Self::Queries { .. } => vec!["too many queries".into()],
            Self::MustUse(name) => vec![format!("must use {name}")],
            Self::MustNotUse(name) => vec![format!("must not use {name}")],
            Self::NoAnswer(_) => vec!["no answer".into()],
            Self::Error { .. } => vec!["error".into()],
        }
    }
}

fn rows(count: u32) -> String {
    match count {
        1 => "1 row".into(),
        count => format!("{count} rows"),
    }
}

/// `a, b and c`
fn list(names: &[String]) -> String {
    match names {
        [] => "none".into(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rows {
                missing,
                extra,
                missing_rows: _,
                extra_rows: _,
            } => match (missing, extra) {
                (missing, 0) => write!(f, "Missing: {}.", rows(*missing)),
                (0, extra) => write!(f, "Too many: {}.", rows(*extra)),
                (missing, extra) => write!(
                    f,
                    "Missing: {}. Too many: {}.",
                    rows(*missing),
                    rows(*extra)
                ),
            },
            Self::Values {
                wrong,
                expected: _,
                found: _,
            } => match wrong.as_slice() {
                [one] => write!(f, "The rows are right, but values of {one} are not."),
                several => write!(
                    f,
                    "The rows are right, but values of {} are not.",
                    list(several)
                ),
            },
            Self::Columns { expected, found } => {
                write!(
                    f,
                    "The columns should be {}, and are {}.",
                    list(expected),
                    list(found)
                )
            }
            Self::Order {
                place,
                expected: _,
                found: _,
            } => write!(
                f,
                "All rows are there, but their order is wrong from row {place} on."
            ),
            Self::Queries { most, made } => {
                write!(
                    f,
                    "It makes {made} queries, and should make {most} at most."
                )
            }
            Self::MustUse(name) => write!(f, "The rows are right, but the task asks for {name}."),
            Self::MustNotUse(name) => {
                write!(
                    f,
                    "The rows are right, but the task asks to do without {name}."
                )
            }
            Self::NoAnswer(what) => f.write_str(what),
            Self::Error {
                code,
                message,
                line,
                hints: _,
            } => match line {
                Some(line) => write!(f, "It does not run: line {line}: {code}: {message}"),
                None => write!(f, "It does not run: {code}: {message}"),
            },
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Right => f.write_str("Right, on the data you see and on other data."),
            Self::Wrong(Finding { data, fault }) => {
                if *data == DataSet::Hidden {
                    f.write_str("Right on the data you see, but not on other data. ")?;
                }
                fault.fmt(f)
            }
        }
    }
}
