//! The lost update: two sessions that sell the same product, step by step.

use serde::{Deserialize, Serialize};

/// How the two sessions go about it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Scenario {
    /// Read the row, change it in Python, write it back.
    #[default]
    ReadChangeWrite,
    /// Let the database count: `F("stock") - 1`.
    Expression,
    /// Lock the row before reading it: `select_for_update()`.
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

/// Where the two sessions are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Played {
    /// The product that both sell.
    pub product: String,
    /// Its stock before.
    pub before: i64,
    /// Every step there is.
    pub plan: Vec<Planned>,
    /// The steps taken so far.
    pub taken: Vec<Taken>,
    /// What the stock must be when both have sold one piece.
    pub expected: i64,
}

/// A step of the plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Planned {
    /// Whose it is.
    pub who: Who,
    /// The Python that is shown.
    pub code: String,
}

/// How a step ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Ending {
    /// It ran.
    Ran,
    /// The other session holds the row, so it did not.
    Waits,
    /// It raised this.
    Failed(String),
}

/// A step that was taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taken {
    /// The statements that ran.
    pub sql: Vec<String>,
    /// How it ended.
    pub ending: Ending,
    /// What `product.stock` is in the memory of A and of B; `None` before they have a product.
    pub memory: [Option<String>; 2],
    /// The stock in the database, as a third session would read it.
    pub stock: i64,
    /// The stock that an open transaction has written and not committed yet.
    pub uncommitted: Option<i64>,
}
