//! The functions of a window.

use super::super::Context;
use super::super::aggregate::state::State;
use super::frame::Frames;
use crate::base::diagnostic::sqlstate;
use crate::base::{Batch, Column, Diagnostic, Result, Type, Value, Vector};
use crate::engine::budget::Meter;
use crate::engine::eval::{Compiled, Selection};
use crate::engine::exec::join::NO_ROW;
use crate::engine::plan::{AggregateFunction, WindowFunction};
use std::ops::Range;
use std::sync::Arc;

/// A compiled window function.
pub struct Call {
    /// Which one.
    pub function: WindowFunction,
    /// Its arguments and their types.
    pub arguments: Vec<(Compiled, Type)>,
    /// `FILTER (WHERE ..)`, for aggregates.
    pub filter: Option<Compiled>,
    /// The type of the result.
    pub ty: Type,
}

impl Call {
    /// The function's values for sorted rows.
    pub fn compute(&self, rows: &Batch, frames: &Frames, context: &Context<'_>) -> Result<Column> {
        let arguments = self
            .arguments
            .iter()
            .map(|(argument, _)| argument.evaluate(rows, &context.eval))
            .collect::<Result<Vec<_>>>()?;
        let value = |at: usize, row: usize| match (arguments.get(at), self.arguments.get(at)) {
            (Some(column), Some((_, ty))) => column.value(row, ty),
            _ => Value::Null,
        };
        match self.function {
            WindowFunction::RowNumber => Ok(integers(frames, |partition, row| {
                (row - partition.start + 1) as i64
            })),
            WindowFunction::Rank => Ok(integers(frames, |partition, row| {
                (peers(frames, row).start - partition.start + 1) as i64
            })),
            WindowFunction::DenseRank => {
                let mut ranks = Vec::with_capacity(rows.rows);
                for partition in &frames.partitions {
                    let mut rank = 0;
                    for row in partition.clone() {
                        rank += i64::from(peers(frames, row).start == row);
                        ranks.push(rank);
                    }
                }
                Ok(Column::new(Vector::Int(ranks)))
            }
            WindowFunction::PercentRank => Ok(floats(frames, |partition, row| {
                if partition.len() == 1 {
                    return 0.0;
                }
                (peers(frames, row).start - partition.start) as f64 / (partition.len() - 1) as f64
            })),
            WindowFunction::CumeDist => Ok(floats(frames, |partition, row| {
                (peers(frames, row).end - partition.start) as f64 / partition.len() as f64
            })),
            WindowFunction::Ntile => self.ntile(frames, value),
            WindowFunction::Lag => self.neighbour(&arguments, frames, -1, value),
            WindowFunction::Lead => self.neighbour(&arguments, frames, 1, value),
            WindowFunction::FirstValue => {
                let rows: Vec<u32> = (0..rows.rows)
                    .map(|row| {
                        frames
                            .of(row)
                            .next()
                            .map_or(NO_ROW, |range| range.start as u32)
                    })
                    .collect();
                Ok(pick(&arguments, &rows, &self.ty))
            }
            WindowFunction::LastValue => {
                let rows: Vec<u32> = (0..rows.rows)
                    .map(|row| {
                        frames
                            .of(row)
                            .last()
                            .map_or(NO_ROW, |range| range.end as u32 - 1)
                    })
                    .collect();
                Ok(pick(&arguments, &rows, &self.ty))
            }
            WindowFunction::NthValue => {
                let mut found = Vec::with_capacity(rows.rows);
                for row in 0..rows.rows {
                    let nth = match value(1, row) {
                        Value::Null => None,
                        Value::Int(n) if n > 0 => Some(n as usize - 1),
                        _ => {
                            return Err(Diagnostic::error(
                                sqlstate::INVALID_ARGUMENT_FOR_NTH_VALUE,
                                "argument of nth_value must be greater than zero",
                            ));
                        }
                    };
                    found.push(
                        nth.and_then(|nth| nth_row(frames, row, nth))
                            .unwrap_or(NO_ROW),
                    );
                }
                Ok(pick(&arguments, &found, &self.ty))
            }
            WindowFunction::Aggregate(function) => {
                self.aggregate(function, rows, &arguments, frames, context)
            }
        }
    }

    fn ntile(&self, frames: &Frames, value: impl Fn(usize, usize) -> Value) -> Result<Column> {
        let mut values = Vec::new();
        for partition in &frames.partitions {
            // PostgreSQL reads the number of buckets at the partition's first row.
            let buckets = match value(0, partition.start) {
                Value::Null => {
                    values.extend(std::iter::repeat_n(Value::Null, partition.len()));
                    continue;
                }
                Value::Int(n) if n > 0 => n as usize,
                _ => {
                    return Err(Diagnostic::error(
                        sqlstate::INVALID_ARGUMENT_FOR_NTILE,
                        "argument of ntile must be greater than zero",
                    ));
                }
            };
            let (size, larger) = (partition.len() / buckets, partition.len() % buckets);
            for place in 0..partition.len() {
                let bucket = if place < (size + 1) * larger {
                    place / (size + 1)
                } else {
                    larger + (place - (size + 1) * larger) / size.max(1)
                };
                values.push(Value::Int(bucket as i64 + 1));
            }
        }
        Ok(Column::from_values(&values, &self.ty))
    }

    /// `lag` and `lead`.
    fn neighbour(
        &self,
        arguments: &[Arc<Column>],
        frames: &Frames,
        sign: i64,
        value: impl Fn(usize, usize) -> Value,
    ) -> Result<Column> {
        let has_offset = self.arguments.len() > 1;
        let has_default = self.arguments.len() > 2;
        let mut rows = Vec::new();
        let mut outside = Vec::new();
        for partition in &frames.partitions {
            for row in partition.clone() {
                let offset = if has_offset {
                    match value(1, row) {
                        Value::Int(offset) => Some(offset),
                        _ => None,
                    }
                } else {
                    Some(1)
                };
                // A NULL offset gives NULL, an offset outside the partition the default.
                let Some(offset) = offset else {
                    rows.push(NO_ROW);
                    continue;
                };
                let target = (row as i64).saturating_add(offset.saturating_mul(sign));
                if target >= partition.start as i64 && target < partition.end as i64 {
                    rows.push(target as u32);
                } else {
                    rows.push(NO_ROW);
                    outside.push(row);
                }
            }
        }
        let column = pick(arguments, &rows, &self.ty);
        if !has_default || outside.is_empty() {
            return Ok(column);
        }
        let mut values: Vec<Value> = (0..rows.len())
            .map(|row| column.value(row, &self.ty))
            .collect();
        for row in outside {
            if let Some(slot) = values.get_mut(row) {
                *slot = value(2, row);
            }
        }
        Ok(Column::from_values(&values, &self.ty))
    }

    /// An aggregate over every row's frame: running where frames only grow, sliding where rows
    /// can be taken out again, from scratch otherwise.
    fn aggregate(
        &self,
        function: AggregateFunction,
        rows: &Batch,
        arguments: &[Arc<Column>],
        frames: &Frames,
        context: &Context<'_>,
    ) -> Result<Column> {
        let types: Vec<Type> = self.arguments.iter().map(|(_, ty)| ty.clone()).collect();
        let kept = match &self.filter {
            None => None,
            Some(filter) => match filter.select(rows, &context.eval)? {
                Selection::All => None,
                Selection::Rows(kept) => {
                    let mut mask = vec![false; rows.rows];
                    for row in kept {
                        if let Some(slot) = mask.get_mut(row as usize) {
                            *slot = true;
                        }
                    }
                    Some(mask)
                }
            },
        };
        let read = |row: usize| -> Option<Vec<Value>> {
            if kept
                .as_ref()
                .is_some_and(|mask| mask.get(row) != Some(&true))
            {
                return None;
            }
            Some(
                arguments
                    .iter()
                    .zip(&types)
                    .map(|(column, ty)| column.value(row, ty))
                    .collect(),
            )
        };
        let fresh = || State::new(function, &types, &self.ty);
        let mut values: Vec<Value> = Vec::with_capacity(rows.rows);
        let mut meter = Meter::new(Some(context.budget));
        for partition in &frames.partitions {
            context.budget.check()?;
            let mut state = fresh();
            // The rows that `state` holds.
            let mut held: Range<usize> = partition.start..partition.start;
            let mut work = 0_usize;
            for row in partition.clone() {
                let Some(frame) = frames.whole(row) else {
                    let mut state = fresh();
                    for part in frames.of(row) {
                        work += part.len();
                        for row in part {
                            if let Some(arguments) = read(row) {
                                state.add(&arguments)?;
                            }
                        }
                    }
                    if work > 1 << 16 {
                        context.budget.check()?;
                        work = 0;
                    }
                    let value = state.result()?;
                    meter.row(&[], &value)?;
                    values.push(value);
                    continue;
                };
                if frame == held
                    && row > partition.start
                    && let Some(last) = values.last()
                {
                    values.push(last.clone());
                    continue;
                }
                let mut exact = frame.start >= held.start && frame.end >= held.end;
                if exact && frame.start > held.start {
                    if frame.start >= held.end {
                        exact = false;
                    } else {
                        for gone in held.start..frame.start {
                            if let Some(arguments) = read(gone)
                                && !state.remove(&arguments)?
                            {
                                exact = false;
                                break;
                            }
                        }
                    }
                }
                if !exact {
                    state = fresh();
                    held = frame.start..frame.start;
                    work += frame.len();
                }
                for new in held.end.max(frame.start)..frame.end {
                    if let Some(arguments) = read(new) {
                        state.add(&arguments)?;
                    }
                }
                held = frame;
                if work > 1 << 16 {
                    context.budget.check()?;
                    work = 0;
                }
                let value = state.result()?;
                meter.row(&[], &value)?;
                values.push(value);
            }
        }
        Ok(Column::from_values(&values, &self.ty))
    }
}

fn peers(frames: &Frames, row: usize) -> Range<usize> {
    frames
        .peers
        .get(row)
        .map_or(0..0, |peers| peers.start as usize..peers.end as usize)
}

fn nth_row(frames: &Frames, row: usize, mut nth: usize) -> Option<u32> {
    for range in frames.of(row) {
        if nth < range.len() {
            return Some((range.start + nth) as u32);
        }
        nth -= range.len();
    }
    None
}

fn integers(frames: &Frames, value: impl Fn(&Range<usize>, usize) -> i64) -> Column {
    Column::new(Vector::Int(
        frames
            .partitions
            .iter()
            .flat_map(|partition| partition.clone().map(move |row| (partition, row)))
            .map(|(partition, row)| value(partition, row))
            .collect(),
    ))
}

fn floats(frames: &Frames, value: impl Fn(&Range<usize>, usize) -> f64) -> Column {
    Column::new(Vector::Float(
        frames
            .partitions
            .iter()
            .flat_map(|partition| partition.clone().map(move |row| (partition, row)))
            .map(|(partition, row)| value(partition, row))
            .collect(),
    ))
}

/// The first argument's values at these rows.
fn pick(arguments: &[Arc<Column>], rows: &[u32], ty: &Type) -> Column {
    match arguments.first() {
        Some(column) => column.take_or_null(rows),
        None => Column::nulls(rows.len(), ty),
    }
}
