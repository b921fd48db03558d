//! Accumulators: the states of one aggregate call over all groups.

use super::super::keys::{KeyEncoder, KeyTable};
use super::super::{Context, take};
use super::ordered::{OrderKey, Ordered};
use super::state::States;
use super::vectorised;
use crate::base::{Batch, Column, Result, Type};
use crate::engine::eval::{Compiled, Selection};
use crate::engine::plan::{AggregateFunction, Direction, Distinctness, Nulls};
use std::sync::Arc;

/// The states of one aggregate call.
pub trait Accumulator {
    /// Makes room for `groups` groups.
    fn grow(&mut self, groups: usize);
    /// Adds rows: the group of each, and the argument columns.
    fn update(&mut self, groups: &[u32], arguments: &[Arc<Column>]) -> Result<()>;
    /// The results, one a group.
    fn finish(self: Box<Self>) -> Result<Column>;
    /// Bytes held.
    fn bytes(&self) -> usize;
}

/// A compiled aggregate call.
pub struct Call {
    /// Which aggregate.
    pub function: AggregateFunction,
    /// The arguments and their types; for ordered-set aggregates the sort key, then the direct
    /// arguments.
    pub arguments: Vec<(Compiled, Type)>,
    /// Whether equal arguments count once.
    pub distinct: Distinctness,
    /// `FILTER (WHERE ..)`
    pub filter: Option<Compiled>,
    /// The order rows are to come in, when it matters.
    pub order_by: Vec<super::super::order::Key>,
    /// The type of the result.
    pub ty: Type,
}

/// The arguments of one batch of rows.
pub struct Arguments {
    /// The argument columns, the order's columns behind them.
    pub columns: Vec<Arc<Column>>,
    /// Which rows of the batch they belong to, when a filter left some out.
    pub rows: Option<Vec<u32>>,
}

impl Call {
    /// Evaluates filter and arguments.
    pub fn arguments(&self, batch: &Batch, context: &Context<'_>) -> Result<Arguments> {
        let mut rows = None;
        let mut filtered = None;
        if let Some(filter) = &self.filter
            && let Selection::Rows(kept) = filter.select(batch, &context.eval)?
        {
            filtered = Some(take(batch, &kept));
            rows = Some(kept);
        }
        let batch = filtered.as_ref().unwrap_or(batch);
        let columns = self
            .arguments
            .iter()
            .map(|(argument, _)| argument)
            .chain(self.order_by.iter().map(|key| &key.expr))
            .map(|expr| expr.evaluate(batch, &context.eval))
            .collect::<Result<_>>()?;
        Ok(Arguments { columns, rows })
    }

    /// Fresh states.
    pub fn accumulator(&self) -> Box<dyn Accumulator> {
        if self.function == AggregateFunction::AnyValue {
            return Box::new(super::any::AnyValues::new(self.ty.clone()));
        }
        let types: Vec<Type> = self.arguments.iter().map(|(_, ty)| ty.clone()).collect();
        let plain = vectorised::accumulator(self.function, &types, &self.ty).unwrap_or_else(|| {
            Box::new(States::new(self.function, types.clone(), self.ty.clone()))
        });
        let mut order: Vec<OrderKey> = self
            .order_by
            .iter()
            .map(|key| OrderKey {
                ty: key.ty.clone(),
                direction: key.direction,
                nulls: key.nulls,
            })
            .collect();
        let distinct = self.distinct == Distinctness::Distinct
            && !matches!(
                self.function,
                AggregateFunction::Min
                    | AggregateFunction::Max
                    | AggregateFunction::BoolAnd
                    | AggregateFunction::BoolOr
            );
        let depends_on_order = matches!(
            self.function,
            AggregateFunction::StringAgg | AggregateFunction::ArrayAgg | AggregateFunction::JsonAgg
        );
        let mut result = plain;
        if !order.is_empty() || (distinct && depends_on_order) {
            let by_arguments = order.is_empty();
            if by_arguments {
                // PostgreSQL finds duplicates by sorting, and so gives them in order.
                order = types
                    .iter()
                    .map(|ty| OrderKey {
                        ty: ty.clone(),
                        direction: Direction::Ascending,
                        nulls: Nulls::Last,
                    })
                    .collect();
            }
            result = Box::new(Ordered::new(result, types.clone(), order, by_arguments));
        }
        if distinct {
            result = Box::new(OnlyDistinct::new(result, types));
        }
        result
    }
}

/// Lets each combination of arguments through once a group.
struct OnlyDistinct {
    inner: Box<dyn Accumulator>,
    types: Vec<Type>,
    encoder: KeyEncoder,
    /// Keys are the group and the words of the arguments.
    seen: KeyTable,
}

impl OnlyDistinct {
    fn new(inner: Box<dyn Accumulator>, types: Vec<Type>) -> Self {
        Self {
            inner,
            encoder: KeyEncoder::new(types.len()),
            seen: KeyTable::new(types.len() + 1),
            types,
        }
    }
}

impl Accumulator for OnlyDistinct {
    fn grow(&mut self, groups: usize) {
        self.inner.grow(groups);
    }

    fn update(&mut self, groups: &[u32], arguments: &[Arc<Column>]) -> Result<()> {
        let words = self.encoder.encode(arguments, &self.types, groups.len());
        let width = self.types.len();
        let mut key = vec![0; width + 1];
        let (mut rows, mut kept_groups) = (Vec::new(), Vec::new());
        for (row, &group) in groups.iter().enumerate() {
            if let Some((first, rest)) = key.split_first_mut() {
                *first = i64::from(group);
                rest.copy_from_slice(words.get(row * width..(row + 1) * width).unwrap_or(&[]));
            }
            if self.seen.insert(&key).1 {
                rows.push(row as u32);
                kept_groups.push(group);
            }
        }
        let columns: Vec<Arc<Column>> = arguments
            .iter()
            .map(|column| Arc::new(column.take(&rows)))
            .collect();
        self.inner.update(&kept_groups, &columns)
    }

    fn finish(self: Box<Self>) -> Result<Column> {
        self.inner.finish()
    }

    fn bytes(&self) -> usize {
        self.inner.bytes() + self.seen.bytes() + self.encoder.bytes()
    }
}
