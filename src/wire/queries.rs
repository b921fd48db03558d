//! The query log of a run.

use super::Place;
use serde::{Deserialize, Serialize};

/// The query log of a run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct QueryReport {
    /// How many statements there were, transaction control left out.
    pub count: u32,
    /// Milliseconds of all of them.
    pub ms: f64,
    /// The first of them, at most [`MOST_QUERIES`].
    pub queries: Vec<QueryInfo>,
    /// What to do about look-alikes, the most frequent first.
    pub advice: Vec<Advice>,
}

/// The most statements of a log that cross the border.
pub const MOST_QUERIES: usize = 1000;

/// A statement of a query log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct QueryInfo {
    /// The text that ran.
    pub sql: String,
    /// When it began, in milliseconds since the run did.
    pub start: f64,
    /// Milliseconds that it took.
    pub ms: f64,
    /// Rows given or changed; `None` when it failed.
    pub rows: Option<u64>,
    /// Where in the code it came from.
    pub place: Option<Place>,
    /// Whether it belongs to the code or to its transactions.
    pub role: QueryRole,
    /// How many statements of the run share its text but for the values, itself included.
    pub similar: u32,
    /// How many share the values too, itself included.
    pub duplicate: u32,
    /// What is loaded, when touching an instance loaded something: `Order.customer`.
    pub loads: Option<String>,
}

/// What a statement is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum QueryRole {
    /// The code's own.
    Statement,
    /// `BEGIN`, `SAVEPOINT`, `COMMIT` and their like.
    Control,
    /// What `migrate` would run for a model.
    Migration,
}

/// What a person may do about many statements that look alike.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Advice {
    /// How many statements it is about.
    pub count: u32,
    /// What they do: `queries for Order.customer`.
    pub what: String,
    /// Where in the code they come from.
    pub place: Option<Place>,
    /// What to do, with code in backticks.
    pub mend: String,
}
