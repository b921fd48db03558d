//! Compiled expressions: an [`Expr`] and a [`Layout`] become a [`Compiled`] that maps a batch to
//! a column.
//!
//! Constants are computed once when compiling. What SQL promises not to evaluate (the right side
//! of AND behind a false left side, the branches of CASE that are not taken) is evaluated for the
//! other rows only. Subqueries are joins by the time an expression comes here.

mod call;
mod cast;
mod compare;
mod compile;
mod lazy;
mod logic;
mod membership;
mod node;
#[cfg(test)]
mod tests;

pub use crate::engine::scalar::{Context, Operand, Sequences};
pub use cast::cast_value;
pub use compare::{compare_values, order};

use super::expr::{ColumnId, Expr};
use crate::base::{Batch, Column, Result, Type, Value, Vector};
use node::Node;
use std::collections::HashMap;
use std::sync::Arc;

/// Where each column of a relation stands in its batches.
#[derive(Clone, Debug, Default)]
pub struct Layout {
    places: HashMap<ColumnId, usize>,
}

impl Layout {
    /// The columns of a relation, left to right.
    pub fn new(columns: impl IntoIterator<Item = ColumnId>) -> Self {
        let mut places = HashMap::new();
        for (place, id) in columns.into_iter().enumerate() {
            places.entry(id).or_insert(place);
        }
        Self { places }
    }

    /// Where a column stands.
    pub fn place(&self, id: ColumnId) -> Option<usize> {
        self.places.get(&id).copied()
    }
}

/// Which rows of a batch a predicate keeps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selection {
    /// All of them.
    All,
    /// These, in order.
    Rows(Vec<u32>),
}

/// An expression that is ready to run over batches of one layout.
#[derive(Debug)]
pub struct Compiled {
    root: Node,
}

impl Compiled {
    /// Compiles an expression. Fails when it uses a column that the layout does not have, or
    /// still holds a subquery.
    pub fn new(expr: &Expr, layout: &Layout, context: &Context<'_>) -> Result<Self> {
        Ok(Self {
            root: compile::compile(expr, layout, context)?,
        })
    }

    /// The value of every row.
    pub fn evaluate(&self, batch: &Batch, context: &Context<'_>) -> Result<Arc<Column>> {
        let operand = self.root.evaluate(batch, context)?;
        Ok(operand.into_column(batch.rows, &self.root.ty))
    }

    /// The rows for which a predicate is true.
    pub fn select(&self, batch: &Batch, context: &Context<'_>) -> Result<Selection> {
        lazy::select(&self.root, batch, context)
    }

    /// The type of the values.
    pub fn ty(&self) -> &Type {
        &self.root.ty
    }

    /// The value, if it is the same for all rows.
    pub fn constant(&self) -> Option<&Value> {
        self.root.constant()
    }

    /// The place of the column that this expression is, if it is nothing but a column.
    pub fn column(&self) -> Option<usize> {
        self.root.column()
    }
}

/// The value of an expression without columns.
pub fn evaluate_constant(expr: &Expr, context: &Context<'_>) -> Result<Value> {
    let compiled = Compiled::new(expr, &Layout::default(), context)?;
    let one_row = Batch {
        columns: Vec::new(),
        rows: 1,
    };
    Ok(compiled.evaluate(&one_row, context)?.value(0, &expr.ty))
}

/// The rows in which a boolean operand is true.
fn true_rows(operand: &Operand, rows: usize) -> Selection {
    match operand {
        Operand::Constant(Value::Bool(true)) => Selection::All,
        Operand::Constant(_) => Selection::Rows(Vec::new()),
        Operand::Column(column) => match &column.vector {
            Vector::Bool(bits) => {
                let mut kept = Vec::with_capacity(rows);
                match &column.validity {
                    None => kept.extend(
                        bits.iter()
                            .zip(0_u32..)
                            .filter(|(bit, _)| **bit)
                            .map(|(_, row)| row),
                    ),
                    Some(valid) => kept.extend(
                        bits.iter()
                            .zip(0_u32..)
                            .filter(|(bit, row)| **bit && valid.get(*row as usize))
                            .map(|(_, row)| row),
                    ),
                }
                if kept.len() == rows {
                    Selection::All
                } else {
                    Selection::Rows(kept)
                }
            }
            _ => Selection::Rows(
                (0_u32..)
                    .take(rows)
                    .filter(|&row| column.value(row as usize, &Type::Boolean) == Value::Bool(true))
                    .collect(),
            ),
        },
    }
}
