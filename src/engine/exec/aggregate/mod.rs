//! GROUP BY and aggregates: rows find their group by key, accumulators keep one state a group.

mod accumulate;
mod any;
mod ordered;
pub mod state;
mod vectorised;

pub use accumulate::{Accumulator, Call};

use super::keys::{KeyEncoder, KeyTable};
use super::{BATCH_ROWS, Context, Operator, slice, take};
use crate::base::{Batch, Column, Result, Type, Vector};
use crate::engine::eval::Compiled;
use std::sync::Arc;

/// Groups its input and aggregates each group. Groups come in the order of their first rows.
pub struct Aggregate {
    /// Where the rows come from; taken when they are read.
    input: Option<Box<dyn Operator>>,
    groups: Vec<(Compiled, Type)>,
    calls: Vec<Call>,
    sets: Vec<GroupingSet>,
    /// For each GROUPING call, which groups its bits tell.
    grouping: Vec<Vec<usize>>,
    output: std::vec::IntoIter<Batch>,
}

/// One grouping set and its groups so far.
struct GroupingSet {
    /// Which of the grouping expressions it keeps.
    keeps: Vec<usize>,
    /// Which of those tell groups apart, by place in `keeps`; the others depend on them.
    deciding: Vec<usize>,
    /// The types of the deciding ones.
    key_types: Vec<Type>,
    encoder: KeyEncoder,
    types: Vec<Type>,
    table: KeyTable,
    /// The values of the kept expressions in each group's first row, in parts.
    first_rows: Vec<Batch>,
    accumulators: Vec<Box<dyn Accumulator>>,
    booked: usize,
}

impl Aggregate {
    /// Groups `input`; `sets` as in the logical plan. The groups in `dependent` are the same
    /// wherever the other groups are.
    pub fn new(
        input: Box<dyn Operator>,
        groups: Vec<(Compiled, Type)>,
        dependent: Vec<usize>,
        calls: Vec<Call>,
        sets: Option<Vec<Vec<usize>>>,
        grouping: Vec<Vec<usize>>,
    ) -> Self {
        let sets = sets
            .unwrap_or_else(|| vec![(0..groups.len()).collect()])
            .into_iter()
            .map(|keeps| {
                let types: Vec<Type> = keeps
                    .iter()
                    .filter_map(|&at| groups.get(at).map(|(_, ty)| ty.clone()))
                    .collect();
                let deciding: Vec<usize> = (0..keeps.len())
                    .filter(|&place| {
                        !keeps
                            .get(place)
                            .is_some_and(|group| dependent.contains(group))
                    })
                    .collect();
                GroupingSet {
                    encoder: KeyEncoder::new(deciding.len()),
                    key_types: deciding
                        .iter()
                        .filter_map(|&place| types.get(place).cloned())
                        .collect(),
                    table: KeyTable::new(deciding.len()),
                    deciding,
                    types,
                    first_rows: Vec::new(),
                    accumulators: calls.iter().map(Call::accumulator).collect(),
                    booked: 0,
                    keeps,
                }
            })
            .collect();
        Self {
            input: Some(input),
            groups,
            calls,
            sets,
            grouping,
            output: Vec::new().into_iter(),
        }
    }

    fn read(&mut self, mut input: Box<dyn Operator>, context: &Context<'_>) -> Result<()> {
        while let Some(batch) = input.next(context)? {
            context.budget.check()?;
            let keys = self
                .groups
                .iter()
                .map(|(group, _)| group.evaluate(&batch, &context.eval))
                .collect::<Result<Vec<_>>>()?;
            let arguments = self
                .calls
                .iter()
                .map(|call| call.arguments(&batch, context))
                .collect::<Result<Vec<_>>>()?;
            for set in &mut self.sets {
                let columns = super::pick(&keys, &set.keeps);
                let numbers = set.number(Batch {
                    columns,
                    rows: batch.rows,
                });
                for (accumulator, arguments) in set.accumulators.iter_mut().zip(&arguments) {
                    accumulator.grow(set.table.len());
                    match &arguments.rows {
                        None => accumulator.update(&numbers, &arguments.columns)?,
                        Some(rows) => {
                            let numbers: Vec<u32> = rows
                                .iter()
                                .filter_map(|&row| numbers.get(row as usize).copied())
                                .collect();
                            accumulator.update(&numbers, &arguments.columns)?;
                        }
                    }
                }
                let bytes = set.bytes();
                context.budget.take(bytes.saturating_sub(set.booked))?;
                set.booked = set.booked.max(bytes);
            }
        }
        Ok(())
    }

    fn finish(&mut self, context: &Context<'_>) -> Result<Vec<Batch>> {
        let mut output = Vec::new();
        for mut set in std::mem::take(&mut self.sets) {
            if set.keeps.is_empty() && set.table.len() == 0 {
                // Without grouping there is one group, also for no rows.
                set.table.insert(&[]);
            }
            let rows = set.table.len();
            let first = super::concat(
                &set.first_rows,
                &set.types
                    .iter()
                    .map(|ty| (crate::engine::expr::ColumnId(0), ty.clone()))
                    .collect(),
            );
            let mut columns: Vec<Arc<Column>> = Vec::new();
            for (at, (_, ty)) in self.groups.iter().enumerate() {
                let kept = set
                    .keeps
                    .iter()
                    .position(|&kept| kept == at)
                    .and_then(|place| first.columns.get(place).cloned());
                columns.push(kept.unwrap_or_else(|| Arc::new(Column::nulls(rows, ty))));
            }
            for mut accumulator in set.accumulators {
                accumulator.grow(rows);
                columns.push(Arc::new(accumulator.finish()?));
            }
            for asked in &self.grouping {
                let bits = asked.iter().fold(0_i64, |bits, at| {
                    bits << 1 | i64::from(!set.keeps.contains(at))
                });
                columns.push(Arc::new(Column::new(Vector::Int(vec![bits; rows]))));
            }
            context.budget.give(set.booked);
            let batch = Batch { columns, rows };
            for start in (0..rows).step_by(BATCH_ROWS) {
                output.push(slice(&batch, start, start + BATCH_ROWS));
            }
        }
        Ok(output)
    }
}

impl GroupingSet {
    /// The group numbers of the rows of a batch of keys.
    fn number(&mut self, keys: Batch) -> Vec<u32> {
        let deciding = super::pick(&keys.columns, &self.deciding);
        let words = self.encoder.encode(&deciding, &self.key_types, keys.rows);
        let mut known = self.table.len() as u32;
        let numbers = self.table.insert_all(&words, keys.rows);
        if self.table.len() as u32 == known {
            return numbers;
        }
        let mut first = Vec::new();
        for (row, &number) in numbers.iter().enumerate() {
            if number >= known {
                known = number + 1;
                first.push(row as u32);
            }
        }
        self.first_rows.push(take(&keys, &first));
        numbers
    }

    fn bytes(&self) -> usize {
        self.table.bytes()
            + self.encoder.bytes()
            + self
                .accumulators
                .iter()
                .map(|accumulator| accumulator.bytes())
                .sum::<usize>()
    }
}

impl Operator for Aggregate {
    fn next(&mut self, context: &Context<'_>) -> Result<Option<Batch>> {
        if let Some(input) = self.input.take() {
            self.read(input, context)?;
            self.output = self.finish(context)?.into_iter();
        }
        Ok(self.output.find(|batch| batch.rows > 0))
    }
}
