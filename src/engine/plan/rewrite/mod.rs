//! Turns plans into better ones with the same meaning.
//!
//! 0. [`ctes`] puts what WITH names and one place reads into that place.
//! 1. [`unnest`] replaces every subquery by a join, so that nothing runs once a row.
//! 2. [`pushdown`] moves conditions to where the rows come from.
//! 3. [`order`] chooses the order of inner joins.
//!
//! Which columns are needed where is settled by `exec` when it builds the operators.

mod copy;
mod ctes;
mod dependent;
mod links;
mod order;
mod pushdown;
mod reject;
mod unnest;

pub use order::{begin_with, leading_scan};

use super::{Plan, next_column};
use crate::base::Result;
use crate::engine::expr::ColumnId;
use crate::engine::statement::Query;

/// What is known about stored tables.
pub trait Statistics {
    /// Number of rows.
    fn rows(&self, table: &str) -> f64;
    /// About how many different values a column has.
    fn distinct(&self, table: &str, column: usize) -> f64;
}

/// Rewrites a query.
///
/// # Errors
/// Subqueries of a form that is not supported are refused by name.
pub fn optimize(query: Query, statistics: &dyn Statistics) -> Result<Query> {
    Ok(Query {
        plan: optimize_plan(query.plan, statistics)?,
        ..query
    })
}

/// Rewrites a plan; its columns keep their ids.
///
/// # Errors
/// As [`optimize`].
pub fn optimize_plan(plan: Plan, statistics: &dyn Statistics) -> Result<Plan> {
    let mut ids = Ids {
        next: next_column(&plan),
    };
    let plan = if ctes::is_needed(&plan) {
        ctes::inline(plan)
    } else {
        plan
    };
    let plan = if unnest::is_needed(&plan) {
        unnest::unnest(plan, &mut ids, statistics)?
    } else {
        plan
    };
    let plan = pushdown::push_down(plan, Vec::new());
    Ok(order::order_joins(plan, statistics))
}

/// Gives out columns that no plan of the statement has.
struct Ids {
    next: u32,
}

impl Ids {
    fn fresh(&mut self) -> ColumnId {
        let id = ColumnId(self.next);
        self.next += 1;
        id
    }
}
