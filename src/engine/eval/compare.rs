//! Comparisons.

use super::Operand;
use super::node::truth_column;
use crate::base::value::compare_floats;
use crate::base::{Bitmap, Column, Numeric, Type, Value, Vector};
use crate::engine::expr::Comparison;
use crate::engine::scalar::validity;
use std::cmp::Ordering;
use std::sync::Arc;

/// Whether an order of two values satisfies a comparison.
#[inline(always)]
pub fn holds(comparison: Comparison, order: Ordering) -> bool {
    match comparison {
        Comparison::Eq | Comparison::NotDistinct => order.is_eq(),
        Comparison::NotEq | Comparison::Distinct => order.is_ne(),
        Comparison::Lt => order.is_lt(),
        Comparison::LtEq => order.is_le(),
        Comparison::Gt => order.is_gt(),
        Comparison::GtEq => order.is_ge(),
    }
}

/// Compares two operands of one type.
pub fn compare(
    comparison: Comparison,
    a: &Operand,
    b: &Operand,
    ty: &Type,
    rows: usize,
) -> Operand {
    if let (Operand::Constant(x), Operand::Constant(y)) = (a, b) {
        return match compare_values(comparison, x, y, ty) {
            Some(bit) => Operand::Constant(Value::Bool(bit)),
            None => Operand::Constant(Value::Null),
        };
    }
    let sees_nulls = matches!(comparison, Comparison::Distinct | Comparison::NotDistinct);
    if !sees_nulls {
        let null = |operand: &Operand| matches!(operand, Operand::Constant(Value::Null));
        if null(a) || null(b) {
            return Operand::Constant(Value::Null);
        }
        if let Some(bits) = vector_compare(comparison, a, b, ty) {
            let validity = both_valid(a, b);
            return Operand::Column(Arc::new(Column {
                vector: Vector::Bool(bits),
                validity,
            }));
        }
    }
    truth_column(
        (0..rows).map(|row| compare_values(comparison, &a.value(row, ty), &b.value(row, ty), ty)),
        rows,
    )
}

fn both_valid(a: &Operand, b: &Operand) -> Option<Bitmap> {
    validity(&[a.clone(), b.clone()])
}

/// Compares two values of one type; nothing when the answer is NULL.
pub fn compare_values(comparison: Comparison, a: &Value, b: &Value, ty: &Type) -> Option<bool> {
    let distinct = matches!(comparison, Comparison::Distinct | Comparison::NotDistinct);
    if !distinct {
        if a.is_null() || b.is_null() {
            return None;
        }
        if let (Value::Record(x), Value::Record(y)) = (a, b) {
            return compare_records(comparison, x, y, ty);
        }
    }
    Some(holds(comparison, order(a, b, ty)))
}

/// The order of two values, trailing spaces of `character(n)` left out.
pub fn order(a: &Value, b: &Value, ty: &Type) -> Ordering {
    match (a, b, ty) {
        (Value::Text(x), Value::Text(y), Type::Char(_)) => {
            x.trim_end_matches(' ').cmp(y.trim_end_matches(' '))
        }
        _ => a.cmp(b),
    }
}

/// Row values: `=` is false as soon as one pair differs and NULL when one is undecided; an order
/// is decided by the first pair that differs (manual, 9.24.5).
fn compare_records(comparison: Comparison, a: &[Value], b: &[Value], ty: &Type) -> Option<bool> {
    let types: &[Type] = match ty {
        Type::Record(types) => types,
        _ => &[],
    };
    let equality = matches!(comparison, Comparison::Eq | Comparison::NotEq);
    let mut undecided = false;
    for (place, (x, y)) in a.iter().zip(b).enumerate() {
        let of = types.get(place).unwrap_or(&Type::Unknown);
        match compare_values(Comparison::Eq, x, y, of) {
            Some(true) => {}
            Some(false) if equality => return Some(comparison == Comparison::NotEq),
            Some(false) => return compare_values(comparison, x, y, of),
            None if equality => undecided = true,
            None => return None,
        }
    }
    (!undecided).then(|| holds(comparison, Ordering::Equal))
}

/// The loops over vectors of known forms; nothing for other forms. Rows that are NULL get any
/// answer.
fn vector_compare(
    comparison: Comparison,
    a: &Operand,
    b: &Operand,
    ty: &Type,
) -> Option<Vec<bool>> {
    match (a, b) {
        (Operand::Column(a), Operand::Column(b)) => columns(comparison, a, b, ty),
        (Operand::Column(a), Operand::Constant(b)) => with_constant(comparison, a, b, ty),
        (Operand::Constant(a), Operand::Column(b)) => with_constant(flipped(comparison), b, a, ty),
        (Operand::Constant(_), Operand::Constant(_)) => None,
    }
}

fn flipped(comparison: Comparison) -> Comparison {
    match comparison {
        Comparison::Lt => Comparison::Gt,
        Comparison::LtEq => Comparison::GtEq,
        Comparison::Gt => Comparison::Lt,
        Comparison::GtEq => Comparison::LtEq,
        same => same,
    }
}

/// One loop for each comparison, so that the choice stands outside of it.
#[inline(always)]
fn each<T, U>(
    comparison: Comparison,
    pairs: impl Iterator<Item = (T, U)>,
    order: impl Fn(T, U) -> Ordering,
) -> Vec<bool> {
    match comparison {
        Comparison::Eq | Comparison::NotDistinct => {
            pairs.map(|(x, y)| order(x, y).is_eq()).collect()
        }
        Comparison::NotEq | Comparison::Distinct => {
            pairs.map(|(x, y)| order(x, y).is_ne()).collect()
        }
        Comparison::Lt => pairs.map(|(x, y)| order(x, y).is_lt()).collect(),
        Comparison::LtEq => pairs.map(|(x, y)| order(x, y).is_le()).collect(),
        Comparison::Gt => pairs.map(|(x, y)| order(x, y).is_gt()).collect(),
        Comparison::GtEq => pairs.map(|(x, y)| order(x, y).is_ge()).collect(),
    }
}

fn columns(comparison: Comparison, a: &Column, b: &Column, ty: &Type) -> Option<Vec<bool>> {
    Some(match (&a.vector, &b.vector) {
        (Vector::Int(x), Vector::Int(y)) => each(comparison, x.iter().zip(y), |x, y| x.cmp(y)),
        (Vector::Decimal(x, s), Vector::Decimal(y, t)) if s == t => {
            each(comparison, x.iter().zip(y), |x, y| x.cmp(y))
        }
        (Vector::Decimal(x, s), Vector::Decimal(y, t)) => {
            let number = |value: i64, scale| Numeric::new(i128::from(value), scale);
            each(comparison, x.iter().zip(y), |&x, &y| {
                number(x, *s).cmp(&number(y, *t))
            })
        }
        (Vector::Float(x), Vector::Float(y)) => {
            each(comparison, x.iter().zip(y), |&x, &y| compare_floats(x, y))
        }
        (Vector::Bool(x), Vector::Bool(y)) => each(comparison, x.iter().zip(y), |x, y| x.cmp(y)),
        (Vector::Dict(x, d), Vector::Dict(y, e))
            if Arc::ptr_eq(d, e)
                && matches!(comparison, Comparison::Eq | Comparison::NotEq)
                && !matches!(ty, Type::Char(_)) =>
        {
            each(comparison, x.iter().zip(y), |x, y| x.cmp(y))
        }
        (Vector::Dict(..) | Vector::Text(_), Vector::Dict(..) | Vector::Text(_))
            if !matches!(ty, Type::Char(_)) =>
        {
            let rows = 0..a.len().min(b.len());
            each(
                comparison,
                rows.map(|row| (a.text(row), b.text(row))),
                |x, y| x.cmp(&y),
            )
        }
        _ => return None,
    })
}

fn with_constant(
    comparison: Comparison,
    column: &Column,
    constant: &Value,
    ty: &Type,
) -> Option<Vec<bool>> {
    Some(match (&column.vector, constant) {
        (Vector::Int(values), Value::Int(c) | Value::Time(c) | Value::Timestamp(c)) => {
            each(comparison, values.iter().map(|&v| (v, *c)), |x, y| {
                x.cmp(&y)
            })
        }
        (Vector::Int(values), Value::Date(c)) => {
            let c = i64::from(*c);
            each(comparison, values.iter().map(|&v| (v, c)), |x, y| x.cmp(&y))
        }
        (Vector::Decimal(values, scale), Value::Numeric(c)) => {
            // A constant that is a whole number of the column's units is compared as such.
            let exact = c
                .round(i32::from(*scale))
                .ok()
                .filter(|rounded| rounded == c)
                .and_then(|rounded| i64::try_from(rounded.mantissa()).ok());
            match exact {
                Some(c) => each(comparison, values.iter().map(|&v| (v, c)), |x, y| x.cmp(&y)),
                None => each(
                    comparison,
                    values
                        .iter()
                        .map(|&v| (Numeric::new(i128::from(v), *scale), *c)),
                    |x, y| x.cmp(&y),
                ),
            }
        }
        (Vector::Numeric(values), Value::Numeric(c)) => {
            each(comparison, values.iter().map(|v| (v, c)), |x, y| x.cmp(y))
        }
        (Vector::Float(values), Value::Float(c)) => {
            each(comparison, values.iter().map(|&v| (v, *c)), compare_floats)
        }
        (Vector::Bool(values), Value::Bool(c)) => {
            each(comparison, values.iter().map(|&v| (v, *c)), |x, y| {
                x.cmp(&y)
            })
        }
        (Vector::Dict(codes, dictionary), Value::Text(c)) if !matches!(ty, Type::Char(_)) => {
            if let Comparison::Eq | Comparison::NotEq = comparison {
                let wanted = dictionary.code(c);
                let equal = comparison == Comparison::Eq;
                return Some(
                    codes
                        .iter()
                        .map(|&code| (Some(code) == wanted) == equal)
                        .collect(),
                );
            }
            if dictionary.len() > codes.len() {
                let texts = codes.iter().map(|&code| (dictionary.text(code), &**c));
                return Some(each(comparison, texts, |x, y| x.cmp(y)));
            }
            let answers = each(
                comparison,
                dictionary.texts().iter().map(|t| (&**t, &**c)),
                |x, y| x.cmp(y),
            );
            codes
                .iter()
                .map(|&code| answers.get(code as usize).copied().unwrap_or(false))
                .collect()
        }
        (Vector::Text(texts), Value::Text(c)) if !matches!(ty, Type::Char(_)) => {
            let rows = (0..texts.len()).map(|row| (texts.get(row), &**c));
            each(comparison, rows, |x, y| x.cmp(y))
        }
        _ => return None,
    })
}
