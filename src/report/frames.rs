//! The frame of every row of a window: what a person chose, and what the database gives.

use serde::{Deserialize, Serialize};

/// Which rows the window runs over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Rows {
    /// Revenue by month, one row a month; a single partition.
    #[default]
    Months,
    /// The stock of products by price, each category a partition.
    Products,
    /// The lines that a customer bought, by quantity: lines of equal quantity are peers.
    Lines {
        /// The customer's primary key.
        customer: i64,
    },
}

/// What is computed over the frame.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Function {
    /// `SUM`
    #[default]
    Sum,
    /// `AVG`
    Avg,
    /// `COUNT`
    Count,
    /// `FIRST_VALUE`
    First,
    /// `LAST_VALUE`
    Last,
}

/// What an offset counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Mode {
    /// Rows.
    #[default]
    Rows,
    /// The ordering value: months, or pieces.
    Range,
    /// Groups of peers.
    Groups,
}

/// Where a frame starts or ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Bound {
    /// The partition's first row.
    UnboundedPreceding,
    /// So many before.
    Preceding(u8),
    /// The row itself, with its peers but for ROWS.
    CurrentRow,
    /// So many after.
    Following(u8),
    /// The partition's last row.
    UnboundedFollowing,
}

/// What is left out of a frame.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Exclude {
    /// Nothing.
    #[default]
    NoOthers,
    /// The row itself.
    CurrentRow,
    /// The row and its peers.
    Group,
    /// Its peers.
    Ties,
}

/// What a person chose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// The rows.
    pub rows: Rows,
    /// The function.
    pub function: Function,
    /// What offsets count.
    pub mode: Mode,
    /// The start.
    pub start: Bound,
    /// The end.
    pub end: Bound,
    /// What is left out.
    pub exclude: Exclude,
}

/// A row of a window.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrameRow {
    /// The partition that it is in; nothing when there is only one.
    pub part: Option<String>,
    /// What the row is.
    pub label: String,
    /// What it is ordered by.
    pub order: String,
    /// What the function computes with.
    pub amount: String,
    /// Its place in the partition by `RANK`: peers share one.
    pub rank: u32,
    /// Its place by `DENSE_RANK`.
    pub dense_rank: u32,
    /// What the function gives; `None` for NULL.
    pub value: Option<String>,
    /// The numbers of the rows in its frame, from 0, ascending.
    pub members: Vec<u32>,
    /// The numbers of the rows that EXCLUDE has taken out of it.
    pub left_out: Vec<u32>,
}

/// The rows of a window with their frames, and the code that asks for them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frames {
    /// The window.
    pub choice: Choice,
    /// Partition after partition, each in the window's order.
    pub rows: Vec<FrameRow>,
    /// The query, without what finds the members.
    pub sql: String,
    /// Django code for it, or why Django cannot say it.
    pub django: Result<String, String>,
    /// Customers to choose from, with their names.
    pub customers: Vec<(i64, String)>,
}
