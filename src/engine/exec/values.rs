//! Rows that are there already: VALUES lists, computed batches, the rows of a common table
//! expression.

use super::{Context, Operator, Schema};
use crate::base::{Batch, Column, Result, Value};
use crate::engine::eval::Compiled;
use std::sync::Arc;

/// Rows of expressions without input columns.
pub struct Values {
    /// The rows; taken when they are given.
    pub rows: Vec<Vec<Compiled>>,
    /// The columns.
    pub schema: Schema,
    /// Whether the rows were given.
    pub done: Progress,
}

/// How far an operator that gives everything at once has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Nothing was given yet.
    Ready,
    /// Everything was.
    Done,
}

impl Operator for Values {
    fn next(&mut self, context: &Context<'_>) -> Result<Option<Batch>> {
        if self.done == Progress::Done || self.rows.is_empty() {
            return Ok(None);
        }
        self.done = Progress::Done;
        let one_row = Batch {
            columns: Vec::new(),
            rows: 1,
        };
        let mut columns: Vec<Vec<Value>> =
            vec![Vec::with_capacity(self.rows.len()); self.schema.len()];
        for row in &self.rows {
            context.budget.check()?;
            for ((cell, column), (_, ty)) in row.iter().zip(&mut columns).zip(&self.schema) {
                column.push(match cell.constant() {
                    Some(value) => value.clone(),
                    None => cell.evaluate(&one_row, &context.eval)?.value(0, ty),
                });
            }
        }
        Ok(Some(Batch {
            columns: columns
                .iter()
                .zip(&self.schema)
                .map(|(values, (_, ty))| Arc::new(Column::from_values(values, ty)))
                .collect(),
            rows: self.rows.len(),
        }))
    }
}

/// Batches that were computed before.
pub struct Batches {
    /// What is still to give, in order.
    pub batches: std::vec::IntoIter<Batch>,
}

impl Batches {
    /// Gives `batches` one after the other.
    pub fn new(batches: Vec<Batch>) -> Self {
        Self {
            batches: batches.into_iter(),
        }
    }
}

impl Operator for Batches {
    fn next(&mut self, _context: &Context<'_>) -> Result<Option<Batch>> {
        Ok(self.batches.find(|batch| batch.rows > 0))
    }
}
