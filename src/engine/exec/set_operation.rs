//! UNION, INTERSECT, EXCEPT.

use super::keys::{KeyEncoder, KeyTable};
use super::{Context, Operator, batch_bytes, take};
use crate::base::{Batch, Result, Type};
use crate::engine::plan::{Distinctness, SetKind};

/// `UNION ALL`: one input behind the other. (`UNION` is this under a distinct.)
pub struct Append {
    /// The inputs; those that are spent are taken out.
    pub inputs: std::collections::VecDeque<Box<dyn Operator>>,
}

impl Operator for Append {
    fn next(&mut self, context: &Context<'_>) -> Result<Option<Batch>> {
        while let Some(input) = self.inputs.front_mut() {
            if let Some(batch) = input.next(context)? {
                return Ok(Some(batch));
            }
            self.inputs.pop_front();
        }
        Ok(None)
    }
}

/// INTERSECT and EXCEPT: counts the rows of the right side, then lets rows of the left side pass
/// by these counts.
pub struct Compare {
    left: Box<dyn Operator>,
    right: Option<Box<dyn Operator>>,
    kind: SetKind,
    distinct: Distinctness,
    types: Vec<Type>,
    encoder: KeyEncoder,
    table: KeyTable,
    /// For each key, how many rows of the right side are still to be met, and whether the key
    /// has been given (for DISTINCT).
    state: Vec<(u64, bool)>,
}

impl Compare {
    /// INTERSECT or EXCEPT of two inputs whose columns have these types.
    pub fn new(
        left: Box<dyn Operator>,
        right: Box<dyn Operator>,
        kind: SetKind,
        distinct: Distinctness,
        types: Vec<Type>,
    ) -> Self {
        Self {
            left,
            right: Some(right),
            kind,
            distinct,
            encoder: KeyEncoder::new(types.len()),
            table: KeyTable::new(types.len()),
            types,
            state: Vec::new(),
        }
    }

    fn numbers(&mut self, batch: &Batch) -> Vec<u32> {
        let words = self.encoder.encode(&batch.columns, &self.types, batch.rows);
        let numbers = self.table.insert_all(&words, batch.rows);
        self.state.resize(self.table.len(), (0, false));
        numbers
    }

    /// Whether a row of the left side passes.
    fn passes(&mut self, number: u32) -> bool {
        let Some((remaining, given)) = self.state.get_mut(number as usize) else {
            return false;
        };
        match (self.kind, self.distinct) {
            (SetKind::Intersect, Distinctness::All) => {
                let met = *remaining > 0;
                *remaining = remaining.saturating_sub(1);
                met
            }
            (SetKind::Except, Distinctness::All) => {
                let met = *remaining > 0;
                *remaining = remaining.saturating_sub(1);
                !met
            }
            (SetKind::Intersect, Distinctness::Distinct) => {
                *remaining > 0 && !std::mem::replace(given, true)
            }
            (SetKind::Except, Distinctness::Distinct) => {
                *remaining == 0 && !std::mem::replace(given, true)
            }
            (SetKind::Union, _) => true,
        }
    }
}

impl Operator for Compare {
    fn next(&mut self, context: &Context<'_>) -> Result<Option<Batch>> {
        if let Some(mut right) = self.right.take() {
            while let Some(batch) = right.next(context)? {
                context.budget.check()?;
                context.budget.take(batch_bytes(&batch))?;
                for number in self.numbers(&batch) {
                    if let Some((count, _)) = self.state.get_mut(number as usize) {
                        *count += 1;
                    }
                }
            }
        }
        while let Some(batch) = self.left.next(context)? {
            context.budget.check()?;
            let numbers = self.numbers(&batch);
            let rows: Vec<u32> = numbers
                .into_iter()
                .enumerate()
                .filter(|&(_, number)| self.passes(number))
                .map(|(row, _)| row as u32)
                .collect();
            if !rows.is_empty() {
                return Ok(Some(take(&batch, &rows)));
            }
        }
        Ok(None)
    }
}
