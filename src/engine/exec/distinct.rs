//! DISTINCT and DISTINCT ON: the first row of each key, in the order of arrival.

use super::keys::{KeyEncoder, KeyTable};
use super::{Context, Operator, take};
use crate::base::{Batch, Result, Type};
use crate::engine::eval::Compiled;

/// Keeps the first row of each key.
pub struct Distinct {
    input: Box<dyn Operator>,
    keys: Keys,
    types: Vec<Type>,
    encoder: KeyEncoder,
    seen: KeyTable,
    booked: usize,
}

/// What tells rows apart.
pub enum Keys {
    /// All columns.
    Row,
    /// These expressions.
    Exprs(Vec<Compiled>),
}

impl Distinct {
    /// Keeps the first row of `input` for each key; `types` are the types of the key's columns.
    pub fn new(input: Box<dyn Operator>, keys: Keys, types: Vec<Type>) -> Self {
        Self {
            input,
            keys,
            encoder: KeyEncoder::new(types.len()),
            seen: KeyTable::new(types.len()),
            types,
            booked: 0,
        }
    }
}

impl Operator for Distinct {
    fn next(&mut self, context: &Context<'_>) -> Result<Option<Batch>> {
        while let Some(batch) = self.input.next(context)? {
            context.budget.check()?;
            let words = match &self.keys {
                Keys::Row => self.encoder.encode(&batch.columns, &self.types, batch.rows),
                Keys::Exprs(keys) => {
                    let columns = keys
                        .iter()
                        .map(|key| key.evaluate(&batch, &context.eval))
                        .collect::<Result<Vec<_>>>()?;
                    self.encoder.encode(&columns, &self.types, batch.rows)
                }
            };
            let mut first = Vec::new();
            let mut known = self.seen.len() as u32;
            for (row, number) in self
                .seen
                .insert_all(&words, batch.rows)
                .into_iter()
                .enumerate()
            {
                // Numbers are given in order, so a new key is one not below what was known.
                if number >= known {
                    known = number + 1;
                    first.push(row as u32);
                }
            }
            let bytes = self.seen.bytes() + self.encoder.bytes();
            context.budget.take(bytes.saturating_sub(self.booked))?;
            self.booked = self.booked.max(bytes);
            if first.len() == batch.rows {
                return Ok(Some(batch));
            }
            if !first.is_empty() {
                return Ok(Some(take(&batch, &first)));
            }
        }
        context.budget.give(self.booked);
        self.booked = 0;
        Ok(None)
    }
}
