//! Aggregates that take their rows in an order: rows are kept, sorted once, and then handed on.

use super::super::order::Words;
use super::accumulate::Accumulator;
use crate::base::{Column, Result, Type, Vector};
use crate::engine::plan::{Direction, Nulls};
use std::sync::Arc;

/// One key of the order.
pub struct OrderKey {
    /// Its type.
    pub ty: Type,
    /// Up or down.
    pub direction: Direction,
    /// Where NULLs go.
    pub nulls: Nulls,
}

/// Keeps the rows of all groups and hands them on in order.
pub struct Ordered {
    inner: Box<dyn Accumulator>,
    types: Vec<Type>,
    order: Vec<OrderKey>,
    /// Whether the order is by the arguments themselves, which then are the keys.
    keys: OrderColumns,
    groups: Vec<u32>,
    parts: Vec<Vec<Arc<Column>>>,
    bytes: usize,
}

/// Which columns the keys of the order are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum OrderColumns {
    /// The arguments.
    Arguments,
    /// The columns behind the arguments.
    Behind,
}

impl Ordered {
    /// Hands rows on to `inner` in order; `types` are the types of the arguments.
    pub fn new(
        inner: Box<dyn Accumulator>,
        types: Vec<Type>,
        order: Vec<OrderKey>,
        by_arguments: bool,
    ) -> Self {
        Self {
            inner,
            types,
            order,
            keys: if by_arguments {
                OrderColumns::Arguments
            } else {
                OrderColumns::Behind
            },
            groups: Vec::new(),
            parts: Vec::new(),
            bytes: 0,
        }
    }
}

impl Accumulator for Ordered {
    fn grow(&mut self, groups: usize) {
        self.inner.grow(groups);
    }

    fn update(&mut self, groups: &[u32], arguments: &[Arc<Column>]) -> Result<()> {
        self.groups.extend_from_slice(groups);
        self.bytes += arguments.iter().map(|column| column.bytes()).sum::<usize>();
        self.parts.push(arguments.to_vec());
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<Column> {
        let column = |at: usize, ty: &Type| {
            let parts: Vec<Arc<Column>> = self
                .parts
                .iter()
                .filter_map(|part| part.get(at).cloned())
                .collect();
            Arc::new(Column::concat(&parts, ty))
        };
        let arguments: Vec<Arc<Column>> = self
            .types
            .iter()
            .enumerate()
            .map(|(at, ty)| column(at, ty))
            .collect();
        let mut words = Words::default();
        let groups = Vector::Int(self.groups.iter().map(|&group| i64::from(group)).collect());
        words.add(
            &Arc::new(Column::new(groups)),
            &Type::BigInt,
            Direction::Ascending,
            Nulls::Last,
        );
        for (at, key) in self.order.iter().enumerate() {
            let keys = match self.keys {
                OrderColumns::Arguments => arguments.get(at).cloned(),
                OrderColumns::Behind => Some(column(self.types.len() + at, &key.ty)),
            };
            if let Some(keys) = keys {
                words.add(&keys, &key.ty, key.direction, key.nulls);
            }
        }
        let rows = words.sorted(self.groups.len(), None);
        let groups: Vec<u32> = rows
            .iter()
            .filter_map(|&row| self.groups.get(row as usize).copied())
            .collect();
        let arguments: Vec<Arc<Column>> = arguments
            .iter()
            .map(|column| Arc::new(column.take(&rows)))
            .collect();
        self.inner.update(&groups, &arguments)?;
        self.inner.finish()
    }

    fn bytes(&self) -> usize {
        self.inner.bytes() + self.bytes + self.groups.len() * 4
    }
}
