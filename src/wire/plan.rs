//! Plans, and what they took.

use serde::{Deserialize, Serialize};

/// How a plan is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PlanMode {
    /// `EXPLAIN`
    Plan,
    /// `EXPLAIN ANALYZE`
    Analyze,
}

/// A plan, and after ANALYZE what it took.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlanInfo {
    /// The topmost operator.
    pub root: PlanNode,
    /// Milliseconds for all of it.
    pub ms: Option<f64>,
    /// The most memory booked at any time, in bytes.
    pub peak: Option<u64>,
}

/// An operator of a plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlanNode {
    /// What it is called.
    pub name: String,
    /// What it works with: a label and a text each.
    pub details: Vec<(String, String)>,
    /// About how many rows were expected.
    pub estimate: f64,
    /// Rows, milliseconds and bytes, its inputs included, when it ran.
    pub measured: Option<(u64, f64, u64)>,
    /// Where its rows come from.
    pub children: Vec<PlanNode>,
}
