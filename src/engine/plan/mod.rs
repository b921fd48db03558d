//! Logical plans: what a query means, as a tree of relational operators.
//!
//! The binder makes them, the rewriter turns them into better ones, `exec` runs them. Columns are
//! known by [`ColumnId`](super::expr::ColumnId), so moving an operator never renumbers anything.

mod cache;
mod column_set;
pub mod logical;
mod print;
pub mod rewrite;
mod walk;

pub use cache::{Found, PlanCache, Situation};
pub use column_set::ColumnSet;
pub use logical::*;
pub use walk::next_column;
