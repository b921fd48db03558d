//! Filters and projections: batch in, batch out.

use super::{Context, Operator, take};
use crate::base::{Batch, Result};
use crate::engine::eval::{Compiled, Selection};

/// Keeps the rows for which every predicate is true.
pub struct Filter {
    /// Where the rows come from.
    pub input: Box<dyn Operator>,
    /// Conjuncts, over the input's schema.
    pub predicates: Vec<Compiled>,
}

impl Operator for Filter {
    fn next(&mut self, context: &Context<'_>) -> Result<Option<Batch>> {
        while let Some(batch) = self.input.next(context)? {
            context.budget.check()?;
            let batch = keep(&self.predicates, batch, context)?;
            if batch.rows > 0 {
                return Ok(Some(batch));
            }
        }
        Ok(None)
    }
}

/// The rows of a batch for which every predicate is true.
pub fn keep(predicates: &[Compiled], mut batch: Batch, context: &Context<'_>) -> Result<Batch> {
    for predicate in predicates {
        if batch.rows == 0 {
            break;
        }
        batch = match predicate.select(&batch, &context.eval)? {
            Selection::All => batch,
            Selection::Rows(rows) if rows.len() == batch.rows => batch,
            Selection::Rows(rows) => take(&batch, &rows),
        };
    }
    Ok(batch)
}

/// Computes columns.
pub struct Project {
    /// Where the rows come from.
    pub input: Box<dyn Operator>,
    /// The columns, over the input's schema.
    pub columns: Vec<Compiled>,
}

impl Operator for Project {
    fn next(&mut self, context: &Context<'_>) -> Result<Option<Batch>> {
        let Some(batch) = self.input.next(context)? else {
            return Ok(None);
        };
        let columns = self
            .columns
            .iter()
            .map(|column| column.evaluate(&batch, &context.eval))
            .collect::<Result<_>>()?;
        Ok(Some(Batch {
            columns,
            rows: batch.rows,
        }))
    }
}
