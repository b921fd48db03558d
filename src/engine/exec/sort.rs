//! ORDER BY: keeps all rows, gives them in order.

use super::order::{Key, Words};
use super::{BATCH_ROWS, Context, Operator, Schema, batch_bytes, concat, drain, take};
use crate::base::{Batch, Result};

/// Sorts its input; with a limit it gives only the first rows.
pub struct Sort {
    /// Where the rows come from; taken when they are read.
    pub input: Option<Box<dyn Operator>>,
    /// The input's columns.
    pub schema: Schema,
    /// Most significant first.
    pub keys: Vec<Key>,
    /// How many rows are wanted.
    pub limit: Option<usize>,
    /// The rows and their order, once sorted, and how many have been given.
    pub sorted: Option<(Batch, Vec<u32>, usize)>,
}

impl Operator for Sort {
    fn next(&mut self, context: &Context<'_>) -> Result<Option<Batch>> {
        if let Some(mut input) = self.input.take() {
            let batches = drain(input.as_mut(), context)?;
            let rows = concat(&batches, &self.schema);
            let words = Words::of(&self.keys, &rows, context)?;
            let bytes = words.bytes() + rows.rows * 16;
            context.budget.take(bytes)?;
            let order = words.sorted(rows.rows, self.limit);
            context.budget.give(bytes);
            self.sorted = Some((rows, order, 0));
        }
        let Some((rows, order, given)) = &mut self.sorted else {
            return Ok(None);
        };
        let end = (*given + BATCH_ROWS).min(order.len());
        let part = order.get(*given..end).unwrap_or(&[]);
        if part.is_empty() {
            context.budget.give(batch_bytes(rows));
            self.sorted = None;
            return Ok(None);
        }
        *given = end;
        Ok(Some(take(rows, part)))
    }
}
