//! The compiled form of an expression, and how it is evaluated.

use super::{Context, Operand};
use crate::base::diagnostic::sqlstate;
use crate::base::{Batch, Bitmap, Column, Diagnostic, Result, Span, Type, Value, Vector};
use crate::engine::expr::{CastForm, Comparison, Negation, Quantifier, Test};
use crate::engine::scalar::{Patterns, ScalarFunction, Volatility};
use std::cell::RefCell;
use std::collections::HashSet;
use std::sync::Arc;

/// A compiled expression.
#[derive(Debug)]
pub struct Node {
    pub kind: Kind,
    pub ty: Type,
    pub span: Option<Span>,
    /// The places of the columns it reads, each once.
    pub places: Vec<usize>,
    /// Whether a row can make it fail.
    pub safety: Safety,
}

/// Whether a row can make an expression fail, and whether it may run twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Safety {
    /// It cannot fail.
    Safe,
    /// It may fail.
    Fallible,
    /// It may fail, and running it changes something.
    Effectful,
}

#[derive(Debug)]
pub enum Kind {
    Column(usize),
    Constant(Value),
    Call {
        function: &'static ScalarFunction,
        arguments: Vec<Node>,
        types: Vec<Type>,
        patterns: RefCell<Patterns>,
    },
    Cast(Box<Node>, CastForm),
    And(Vec<Node>),
    Or(Vec<Node>),
    Not(Box<Node>),
    Test(Box<Node>, Test),
    Compare(Comparison, Box<Node>, Box<Node>),
    /// `IN` over constants.
    InSet {
        operand: Box<Node>,
        set: HashSet<Value>,
        /// Whether NULL is among the members.
        null: bool,
        negated: Negation,
    },
    /// `IN` over expressions.
    InList {
        operand: Box<Node>,
        list: Vec<Node>,
        negated: Negation,
    },
    Quantified {
        operand: Box<Node>,
        comparison: Comparison,
        quantifier: Quantifier,
        array: Box<Node>,
    },
    Case {
        branches: Vec<(Node, Node)>,
        otherwise: Option<Box<Node>>,
    },
    Coalesce(Vec<Node>),
    Array(Vec<Node>),
    Row(Vec<Node>),
}

impl Node {
    /// The value, if it is a constant.
    pub fn constant(&self) -> Option<&Value> {
        match &self.kind {
            Kind::Constant(value) => Some(value),
            _ => None,
        }
    }

    /// The place, if it is a column.
    pub fn column(&self) -> Option<usize> {
        match &self.kind {
            Kind::Column(place) => Some(*place),
            _ => None,
        }
    }

    /// Whether running it changes something or gives something else each time.
    pub fn is_effectful(&self) -> bool {
        self.safety == Safety::Effectful
    }

    /// The value of every row of a batch.
    pub fn evaluate(&self, batch: &Batch, context: &Context<'_>) -> Result<Operand> {
        self.compute(batch, context)
            .map_err(|error| error.at(self.span))
    }

    fn compute(&self, batch: &Batch, context: &Context<'_>) -> Result<Operand> {
        match &self.kind {
            Kind::Column(place) => match batch.columns.get(*place) {
                Some(column) => Ok(Operand::Column(column.clone())),
                None => Err(Diagnostic::error(
                    sqlstate::INTERNAL_ERROR,
                    "a batch has fewer columns than its layout",
                )),
            },
            Kind::Constant(value) => Ok(Operand::Constant(value.clone())),
            Kind::Call {
                function,
                arguments,
                types,
                patterns,
            } => {
                let operands = evaluate_all(arguments, batch, context)?;
                super::call::call(
                    function, &operands, types, &self.ty, patterns, batch.rows, context,
                )
            }
            Kind::Cast(inner, form) => {
                let operand = inner.evaluate(batch, context)?;
                super::cast::cast(operand, &inner.ty, &self.ty, *form, batch.rows, context)
            }
            Kind::And(parts) => super::logic::and(parts, batch, context),
            Kind::Or(parts) => super::logic::or(parts, batch, context),
            Kind::Not(inner) => Ok(super::logic::not(inner.evaluate(batch, context)?)),
            Kind::Test(inner, test) => {
                let operand = inner.evaluate(batch, context)?;
                Ok(super::logic::test(&operand, &inner.ty, *test, batch.rows))
            }
            Kind::Compare(comparison, left, right) => {
                let (a, b) = (
                    left.evaluate(batch, context)?,
                    right.evaluate(batch, context)?,
                );
                Ok(super::compare::compare(
                    *comparison,
                    &a,
                    &b,
                    &left.ty,
                    batch.rows,
                ))
            }
            Kind::InSet {
                operand,
                set,
                null,
                negated,
            } => {
                let value = operand.evaluate(batch, context)?;
                Ok(super::membership::in_set(
                    &value,
                    &operand.ty,
                    set,
                    *null,
                    *negated,
                    batch.rows,
                ))
            }
            Kind::InList {
                operand,
                list,
                negated,
            } => super::membership::in_list(operand, list, *negated, batch, context),
            Kind::Quantified {
                operand,
                comparison,
                quantifier,
                array,
            } => {
                let value = operand.evaluate(batch, context)?;
                let array_value = array.evaluate(batch, context)?;
                Ok(super::membership::quantified(
                    (&value, &operand.ty),
                    *comparison,
                    *quantifier,
                    (&array_value, &array.ty),
                    batch.rows,
                ))
            }
            Kind::Case {
                branches,
                otherwise,
            } => super::lazy::case(branches, otherwise.as_deref(), &self.ty, batch, context),
            Kind::Coalesce(parts) => super::lazy::coalesce(parts, &self.ty, batch, context),
            Kind::Array(elements) => self.compound(elements, batch, context, |values| {
                Value::Array(values.into())
            }),
            Kind::Row(fields) => self.compound(fields, batch, context, |values| {
                Value::Record(values.into())
            }),
        }
    }

    fn compound(
        &self,
        parts: &[Node],
        batch: &Batch,
        context: &Context<'_>,
        build: impl Fn(Vec<Value>) -> Value,
    ) -> Result<Operand> {
        let operands = evaluate_all(parts, batch, context)?;
        let of_row = |row: usize| {
            build(
                operands
                    .iter()
                    .zip(parts)
                    .map(|(operand, part)| operand.value(row, &part.ty))
                    .collect(),
            )
        };
        if operands
            .iter()
            .all(|operand| matches!(operand, Operand::Constant(_)))
        {
            return Ok(Operand::Constant(of_row(0)));
        }
        let values = (0..batch.rows).map(of_row).collect();
        Ok(Operand::Column(Arc::new(Column::new(Vector::Value(
            values,
        )))))
    }
}

/// How a call's volatility bears on its safety. Numbers overflow and texts fail to parse: every
/// function counts as fallible.
pub fn safety_of(volatility: Volatility) -> Safety {
    match volatility {
        Volatility::Immutable | Volatility::Stable => Safety::Fallible,
        Volatility::Volatile => Safety::Effectful,
    }
}

fn evaluate_all(nodes: &[Node], batch: &Batch, context: &Context<'_>) -> Result<Vec<Operand>> {
    nodes
        .iter()
        .map(|node| node.evaluate(batch, context))
        .collect()
}

/// A boolean column out of three-valued results.
pub fn truth_column(values: impl Iterator<Item = Option<bool>>, rows: usize) -> Operand {
    let mut bits = Vec::with_capacity(rows);
    let mut nulls = false;
    let mut valid = Bitmap::default();
    for value in values {
        bits.push(value.unwrap_or(false));
        valid.push(value.is_some());
        nulls |= value.is_none();
    }
    Operand::Column(Arc::new(Column {
        vector: Vector::Bool(bits),
        validity: nulls.then_some(valid),
    }))
}
