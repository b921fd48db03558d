//! AND, OR, NOT and the tests, in three-valued logic.

use super::lazy::{Partial, evaluate_rows};
use super::node::{Node, truth_column};
use super::{Context, Operand};
use crate::base::{Batch, Column, Result, Type, Value, Vector};
use crate::engine::expr::Test;
use std::sync::Arc;

/// What a row of a boolean operand says.
fn truth(operand: &Operand, row: usize) -> Option<bool> {
    match operand {
        Operand::Constant(Value::Bool(bit)) => Some(*bit),
        Operand::Constant(_) => None,
        Operand::Column(column) => {
            if column.is_null(row) {
                return None;
            }
            match &column.vector {
                Vector::Bool(bits) => bits.get(row).copied(),
                _ => match column.value(row, &Type::Boolean) {
                    Value::Bool(bit) => Some(bit),
                    _ => None,
                },
            }
        }
    }
}

/// False as soon as one part is false; the parts behind are evaluated where none is yet.
pub fn and(parts: &[Node], batch: &Batch, context: &Context<'_>) -> Result<Operand> {
    connect(parts, false, batch, context)
}

/// True as soon as one part is true; the parts behind are evaluated where none is yet.
pub fn or(parts: &[Node], batch: &Batch, context: &Context<'_>) -> Result<Operand> {
    connect(parts, true, batch, context)
}

/// Connects parts, of which one that is `decisive` decides.
fn connect(
    parts: &[Node],
    decisive: bool,
    batch: &Batch,
    context: &Context<'_>,
) -> Result<Operand> {
    let mut states: Vec<Option<bool>> = vec![Some(!decisive); batch.rows];
    let mut open: Vec<u32> = (0..batch.rows as u32).collect();
    for part in parts {
        if open.is_empty() {
            break;
        }
        let partial = evaluate_rows(part, batch, &open, context)?;
        if let Partial::Whole(Operand::Constant(Value::Bool(bit)))
        | Partial::Chosen(Operand::Constant(Value::Bool(bit))) = &partial
            && *bit != decisive
        {
            continue;
        }
        let mut still_open = Vec::with_capacity(open.len());
        for (nth, row) in open.into_iter().enumerate() {
            let said = match &partial {
                Partial::Whole(operand) => truth(operand, row as usize),
                Partial::Chosen(operand) => truth(operand, nth),
            };
            let Some(state) = states.get_mut(row as usize) else {
                continue;
            };
            match said {
                Some(bit) if bit == decisive => {
                    *state = Some(decisive);
                    continue;
                }
                Some(_) => {}
                None => *state = None,
            }
            still_open.push(row);
        }
        open = still_open;
    }
    Ok(truth_column(states.into_iter(), batch.rows))
}

/// NOT; NULL stays NULL.
pub fn not(operand: Operand) -> Operand {
    match operand {
        Operand::Constant(Value::Bool(bit)) => Operand::Constant(Value::Bool(!bit)),
        Operand::Constant(_) => Operand::Constant(Value::Null),
        Operand::Column(column) => match &column.vector {
            Vector::Bool(bits) => Operand::Column(Arc::new(Column {
                vector: Vector::Bool(bits.iter().map(|bit| !bit).collect()),
                validity: column.validity.clone(),
            })),
            _ => {
                let rows = column.len();
                let operand = Operand::Column(column);
                truth_column(
                    (0..rows).map(|row| truth(&operand, row).map(|bit| !bit)),
                    rows,
                )
            }
        },
    }
}

/// `IS NULL`, `IS TRUE` and their like. A row value IS NULL when all its fields are, and IS NOT
/// NULL when none is.
pub fn test(operand: &Operand, ty: &Type, test: Test, rows: usize) -> Operand {
    if let (Type::Record(_), Test::Null | Test::NotNull) = (ty, test) {
        let all_are = |row: usize| match operand.value(row, ty) {
            Value::Record(fields) => fields
                .iter()
                .all(|field| field.is_null() == (test == Test::Null)),
            value => value.is_null() == (test == Test::Null),
        };
        return truth_column((0..rows).map(|row| Some(all_are(row))), rows);
    }
    let of_row = |row: usize| {
        let said = || truth(operand, row);
        match test {
            Test::Null => is_null(operand, row),
            Test::NotNull => !is_null(operand, row),
            Test::True => said() == Some(true),
            Test::NotTrue => said() != Some(true),
            Test::False => said() == Some(false),
            Test::NotFalse => said() != Some(false),
            Test::Unknown => said().is_none(),
            Test::NotUnknown => said().is_some(),
        }
    };
    match operand {
        Operand::Constant(_) => Operand::Constant(Value::Bool(of_row(0))),
        Operand::Column(column)
            if column.validity.is_none() && matches!(test, Test::Null | Test::NotNull) =>
        {
            Operand::Constant(Value::Bool(test == Test::NotNull))
        }
        Operand::Column(_) => Operand::Column(Arc::new(Column::new(Vector::Bool(
            (0..rows).map(of_row).collect(),
        )))),
    }
}

/// Whether a row of an operand is NULL.
pub fn is_null(operand: &Operand, row: usize) -> bool {
    match operand {
        Operand::Constant(value) => value.is_null(),
        Operand::Column(column) => {
            column.is_null(row)
                || matches!(&column.vector, Vector::Value(values)
                    if values.get(row).is_none_or(Value::is_null))
        }
    }
}
