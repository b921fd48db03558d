//! Help with code that is being typed.

use super::Problem;
use serde::{Deserialize, Serialize};

/// Which help with code is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum AssistKind {
    /// What is wrong with its form.
    Problems,
    /// Names that fit.
    Suggestions,
    /// A paragraph on a name.
    Description,
    /// The arguments of the call around.
    Signature,
}

/// Help with code that is being typed. Places are UTF-16 units.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum AssistReport {
    /// There is none.
    Nothing,
    /// What is wrong.
    Problems(Vec<Problem>),
    /// Names that fit.
    Suggestions {
        /// Where the text begins that a name replaces.
        from: u32,
        /// The names, best first.
        items: Vec<Suggestion>,
    },
    /// A paragraph.
    Text {
        /// Where its name begins.
        from: u32,
        /// Where its name ends.
        to: u32,
        /// Name and arguments.
        title: String,
        /// The paragraph.
        text: String,
        /// Which argument is being typed, from 0.
        argument: u32,
    },
}

/// A name that fits.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Suggestion {
    /// The name.
    pub label: String,
    /// What it holds or gives.
    pub detail: String,
    /// The kind, a word: `field`, `lookup`, `method`, ...
    pub kind: String,
}
