//! Window functions: all rows are kept, sorted by partition and order, and each function adds a
//! column.

mod call;
mod frame;

pub use call::Call;
pub use frame::{Bound, Frame};

use super::order::{Key, Words};
use super::{BATCH_ROWS, Context, Operator, Schema, batch_bytes, concat, drain, slice, take};
use crate::base::{Batch, Result};
use frame::Frames;
use std::sync::Arc;

/// Adds the columns of functions that share a window. Rows come out by partition and order.
pub struct Window {
    /// Where the rows come from; taken when they are read.
    pub input: Option<Box<dyn Operator>>,
    /// The input's columns.
    pub schema: Schema,
    /// `PARTITION BY`, as keys of an order: any order keeps partitions together.
    pub partition_by: Vec<Key>,
    /// `ORDER BY`
    pub order_by: Vec<Key>,
    /// The frame.
    pub frame: Frame,
    /// The functions.
    pub calls: Vec<Call>,
    /// The rows with the new columns, and how many have been given.
    pub done: Option<(Batch, usize)>,
}

impl Window {
    fn compute(&self, input: &mut dyn Operator, context: &Context<'_>) -> Result<Batch> {
        let batches = drain(input, context)?;
        let rows = concat(&batches, &self.schema);
        let mut words = Words::of(&self.partition_by, &rows, context)?;
        words.append(Words::of(&self.order_by, &rows, context)?);
        context.budget.take(words.bytes() + rows.rows * 16)?;
        let order = words.sorted(rows.rows, None);
        let sorted = if order.is_sorted() {
            rows
        } else {
            take(&rows, &order)
        };
        let partition = Words::of(&self.partition_by, &sorted, context)?;
        let peers = Words::of(&self.order_by, &sorted, context)?;
        let frames = Frames::new(
            &self.frame,
            &self.order_by,
            &sorted,
            &partition,
            &peers,
            context,
        )?;
        let mut columns = sorted.columns.clone();
        for call in &self.calls {
            let column = call.compute(&sorted, &frames, context)?;
            context.budget.take(column.bytes())?;
            columns.push(Arc::new(column));
        }
        Ok(Batch {
            columns,
            rows: sorted.rows,
        })
    }
}

impl Operator for Window {
    fn next(&mut self, context: &Context<'_>) -> Result<Option<Batch>> {
        if let Some(mut input) = self.input.take() {
            self.done = Some((self.compute(input.as_mut(), context)?, 0));
        }
        let Some((rows, given)) = &mut self.done else {
            return Ok(None);
        };
        if *given >= rows.rows {
            context.budget.give(batch_bytes(rows));
            self.done = None;
            return Ok(None);
        }
        let start = *given;
        *given = (start + BATCH_ROWS).min(rows.rows);
        Ok(Some(slice(rows, start, *given)))
    }
}
