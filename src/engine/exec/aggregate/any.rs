//! The value of any row: columns that the grouping columns determine are the same in all rows of
//! a group, so the first row's value is taken and the others are not looked at.

use super::accumulate::Accumulator;
use crate::base::{Column, Result, Type, Value};
use std::sync::Arc;

/// The first value of each group.
pub struct AnyValues {
    values: Vec<Value>,
    /// Whether a group has its value.
    seen: Vec<bool>,
    ty: Type,
}

impl AnyValues {
    /// No groups yet.
    pub fn new(ty: Type) -> Self {
        Self {
            values: Vec::new(),
            seen: Vec::new(),
            ty,
        }
    }
}

impl Accumulator for AnyValues {
    fn grow(&mut self, groups: usize) {
        if self.values.len() < groups {
            self.values.resize(groups, Value::Null);
            self.seen.resize(groups, false);
        }
    }

    fn update(&mut self, groups: &[u32], arguments: &[Arc<Column>]) -> Result<()> {
        let Some(column) = arguments.first() else {
            return Ok(());
        };
        for (row, &group) in groups.iter().enumerate() {
            let group = group as usize;
            if let (Some(seen), Some(value)) =
                (self.seen.get_mut(group), self.values.get_mut(group))
                && !*seen
            {
                *seen = true;
                *value = column.value(row, &self.ty);
            }
        }
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<Column> {
        Ok(Column::from_values(&self.values, &self.ty))
    }

    fn bytes(&self) -> usize {
        self.values.len() * (size_of::<Value>() + 1)
    }
}
