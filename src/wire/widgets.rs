//! The special panels of the course: the lost update, and frames of a window.

use serde::{Deserialize, Serialize};

/// How two sessions sell the same product.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Scenario {
    /// Read the row, change it in Python, write it back.
    #[default]
    ReadChangeWrite,
    /// `F("stock") - 1`
    Expression,
    /// `select_for_update()`
    Locked,
}

/// One of the two sessions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Who {
    /// The first.
    A,
    /// The second.
    B,
}

/// How a step ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum StepEnding {
    /// It ran.
    Ran,
    /// The other session holds the row.
    Waits,
    /// It raised this.
    Failed(String),
}

/// Where the two sessions are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LostUpdate {
    /// The product that both sell.
    pub product: String,
    /// Its stock before.
    pub before: i64,
    /// Every step there is.
    pub plan: Vec<(Who, String)>,
    /// The steps taken so far.
    pub taken: Vec<StepTaken>,
    /// What the stock must be at the end.
    pub expected: i64,
}

/// A step that was taken.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StepTaken {
    /// The statements that ran.
    pub sql: Vec<String>,
    /// How it ended.
    pub ending: StepEnding,
    /// What `product.stock` is in the memory of A and of B.
    pub memory: [Option<String>; 2],
    /// The stock in the database, as a third session would read it.
    pub stock: i64,
    /// The stock that is written and not committed yet.
    pub uncommitted: Option<i64>,
}

/// Which rows a window runs over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum FrameSource {
    /// Revenue by month.
    #[default]
    Months,
    /// The stock of products by price, each category a partition.
    Products,
    /// The lines that a customer bought, by quantity.
    Lines {
        /// The customer's primary key.
        customer: i64,
    },
}

/// What is computed over a frame.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum FrameFunction {
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
pub enum FrameMode {
    /// Rows.
    #[default]
    Rows,
    /// The ordering value.
    Range,
    /// Groups of peers.
    Groups,
}

/// Where a frame starts or ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FrameBound {
    /// The partition's first row.
    UnboundedPreceding,
    /// So many before.
    Preceding(u8),
    /// The row itself.
    CurrentRow,
    /// So many after.
    Following(u8),
    /// The partition's last row.
    UnboundedFollowing,
}

/// What is left out of a frame.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum FrameExclude {
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

/// A window that a person put together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrameChoice {
    /// The rows.
    pub rows: FrameSource,
    /// The function.
    pub function: FrameFunction,
    /// What offsets count.
    pub mode: FrameMode,
    /// The start.
    pub start: FrameBound,
    /// The end.
    pub end: FrameBound,
    /// What is left out.
    pub exclude: FrameExclude,
}

/// The rows of a window with their frames.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Frames {
    /// The window.
    pub choice: FrameChoice,
    /// Partition after partition, each in the window's order.
    pub rows: Vec<FrameRow>,
    /// The query.
    pub sql: String,
    /// Django code for it.
    pub django: Option<String>,
    /// Why Django cannot say it.
    pub without_django: Option<String>,
    /// Customers to choose from.
    pub customers: Vec<(i64, String)>,
}

/// A row of a window.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FrameRow {
    /// Its partition; nothing when there is only one.
    pub part: Option<String>,
    /// What it is.
    pub label: String,
    /// What it is ordered by.
    pub order: String,
    /// What the function computes with.
    pub amount: String,
    /// `RANK`
    pub rank: u32,
    /// `DENSE_RANK`
    pub dense_rank: u32,
    /// What the function gives.
    pub value: Option<String>,
    /// The places of the rows in its frame.
    pub members: Vec<u32>,
    /// The places of the rows that EXCLUDE has taken out of it.
    pub left_out: Vec<u32>,
}
