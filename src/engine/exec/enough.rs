//! One of several ways to the first rows of a query.

use super::{Context, Operator, batch_bytes, drain};
use crate::base::{Batch, Result};
use std::collections::VecDeque;

/// Gives the rows of the first input that has enough of them; those of the last one in any case.
pub struct Enough {
    /// From the cheapest to the one that has all rows. Those that fell short are taken out.
    pub inputs: VecDeque<Box<dyn Operator>>,
    /// How many rows are enough.
    pub wanted: usize,
    /// The rows of an input that had enough.
    pub ready: VecDeque<Batch>,
}

impl Operator for Enough {
    fn next(&mut self, context: &Context<'_>) -> Result<Option<Batch>> {
        while self.inputs.len() > 1 {
            let Some(mut input) = self.inputs.pop_front() else {
                break;
            };
            let batches = drain(input.as_mut(), context)?;
            if batches.iter().map(|batch| batch.rows).sum::<usize>() >= self.wanted {
                self.ready = batches.into();
                self.inputs.clear();
            } else {
                let bytes = batches.iter().map(batch_bytes).sum();
                context.budget.give(bytes);
            }
        }
        if let Some(batch) = self.ready.pop_front() {
            context.budget.give(batch_bytes(&batch));
            return Ok(Some(batch));
        }
        match self.inputs.front_mut() {
            Some(input) => input.next(context),
            None => Ok(None),
        }
    }
}
