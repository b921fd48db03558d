//! The order of stored values: PostgreSQL's default ascending order, NULLs last.

use crate::base::column::Vector;
use crate::base::{Column, Value};
use std::cmp::Ordering;

/// Compares two rows of columns of the same type. Equal NULLs compare as equal.
#[inline]
pub(super) fn compare_entries(a: &Column, at: usize, b: &Column, bt: usize) -> Ordering {
    match (a.is_null(at), b.is_null(bt)) {
        (true, true) => return Ordering::Equal,
        (true, false) => return Ordering::Greater,
        (false, true) => return Ordering::Less,
        (false, false) => {}
    }
    match (&a.vector, &b.vector) {
        (Vector::Int(x), Vector::Int(y)) => x.get(at).cmp(&y.get(bt)),
        (Vector::Decimal(x, s), Vector::Decimal(y, t)) if s == t => x.get(at).cmp(&y.get(bt)),
        (Vector::Bool(x), Vector::Bool(y)) => x.get(at).cmp(&y.get(bt)),
        (Vector::Uuid(x), Vector::Uuid(y)) => x.get(at).cmp(&y.get(bt)),
        (Vector::Dict(..) | Vector::Text(_), Vector::Dict(..) | Vector::Text(_)) => {
            text(&a.vector, at).cmp(text(&b.vector, bt))
        }
        (_, _) => scalar(a, at).cmp(&scalar(b, bt)),
    }
}

/// Compares a row of a column with a value of the column's type.
#[inline]
pub(super) fn compare_entry_value(column: &Column, row: usize, value: &Value) -> Ordering {
    match (column.is_null(row), value.is_null()) {
        (true, true) => return Ordering::Equal,
        (true, false) => return Ordering::Greater,
        (false, true) => return Ordering::Less,
        (false, false) => {}
    }
    match (&column.vector, value) {
        (Vector::Int(entries), Value::Int(v) | Value::Timestamp(v) | Value::Time(v)) => {
            entries.get(row).cmp(&Some(v))
        }
        (Vector::Int(entries), Value::Date(v)) => {
            entries.get(row).copied().cmp(&Some(i64::from(*v)))
        }
        (Vector::Dict(..) | Vector::Text(_), Value::Text(v)) => text(&column.vector, row).cmp(v),
        (_, _) => scalar(column, row).cmp(value),
    }
}

fn text(vector: &Vector, row: usize) -> &str {
    match vector {
        Vector::Dict(codes, dictionary) => codes.get(row).map_or("", |&code| dictionary.text(code)),
        Vector::Text(texts) => texts.get(row),
        _ => "",
    }
}

/// A row's value as its physical form tells it: all integers, dates and times are `Int`.
fn scalar(column: &Column, row: usize) -> Value {
    column.value(row, &crate::base::Type::BigInt)
}
