//! Rows of a kept result set for a chart: a large result is thinned or added up where it lies.

use serde::{Deserialize, Serialize};

/// What is to be added up: columns by their places.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sums {
    /// What lies along x.
    pub x: usize,
    /// The numbers.
    pub y: Vec<usize>,
    /// What tells series apart.
    pub series: Option<usize>,
}

/// Rows for a chart, under the heads of the result.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ChartRows {
    /// The rows as text; NULL is absent. Of sums, columns that take no part are NULL.
    pub rows: Vec<Vec<Option<String>>>,
    /// How many rows, or sums, there are; more than are here when these are evenly spaced.
    pub of: u64,
    /// Of sums: values that have no place, no series or no number.
    pub left_out: u64,
}
