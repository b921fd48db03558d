//! The order of stored values: PostgreSQL's default ascending order, NULLs last.

use crate::base::column::Vector;
use crate::base::{Column, Interval, Numeric, Value};
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
        (_, _) => compare_values(&scalar(a, at), &scalar(b, bt)),
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
        (_, _) => compare_values(&scalar(column, row), value),
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

/// Compares two values of one type; values of different types have an arbitrary, total order.
pub fn compare_values(a: &Value, b: &Value) -> Ordering {
    match (a, b) {
        (Value::Null, Value::Null) => Ordering::Equal,
        (Value::Null, _) => Ordering::Greater,
        (_, Value::Null) => Ordering::Less,
        (Value::Bool(x), Value::Bool(y)) => x.cmp(y),
        (Value::Text(x), Value::Text(y)) => x.cmp(y),
        (Value::Uuid(x), Value::Uuid(y)) => x.cmp(y),
        (Value::Interval(x), Value::Interval(y)) => interval_key(*x).cmp(&interval_key(*y)),
        (Value::Float(x), Value::Float(y)) => compare_floats(*x, *y),
        (Value::Numeric(x), Value::Numeric(y)) => compare_numerics(*x, *y),
        (Value::Numeric(x), Value::Int(y)) => compare_numerics(*x, Numeric::new(i128::from(*y), 0)),
        (Value::Int(x), Value::Numeric(y)) => compare_numerics(Numeric::new(i128::from(*x), 0), *y),
        (Value::Array(x), Value::Array(y)) | (Value::Record(x), Value::Record(y)) => x
            .iter()
            .zip(y.iter())
            .map(|(x, y)| compare_values(x, y))
            .find(|order| order.is_ne())
            .unwrap_or_else(|| x.len().cmp(&y.len())),
        (_, _) => match (whole(a), whole(b)) {
            (Some(x), Some(y)) => x.cmp(&y),
            (_, _) => kind(a).cmp(&kind(b)),
        },
    }
}

/// The integer behind an integer, a date or a time.
fn whole(value: &Value) -> Option<i64> {
    match value {
        Value::Int(v) | Value::Time(v) | Value::Timestamp(v) => Some(*v),
        Value::Date(v) => Some(i64::from(*v)),
        _ => None,
    }
}

fn kind(value: &Value) -> u8 {
    match value {
        Value::Bool(_) => 0,
        Value::Int(_) | Value::Date(_) | Value::Time(_) | Value::Timestamp(_) => 1,
        Value::Numeric(_) => 2,
        Value::Float(_) => 3,
        Value::Text(_) => 4,
        Value::Interval(_) => 5,
        Value::Uuid(_) => 6,
        Value::Array(_) => 7,
        Value::Record(_) => 8,
        Value::Null => 9,
    }
}

/// NaN is equal to itself and greater than every number; both zeros are equal.
fn compare_floats(a: f64, b: f64) -> Ordering {
    a.partial_cmp(&b)
        .unwrap_or_else(|| a.is_nan().cmp(&b.is_nan()))
}

/// A month counts 30 days and a day 24 hours, as PostgreSQL's `interval_cmp` does.
fn interval_key(interval: Interval) -> i128 {
    let days = i128::from(interval.months) * 30 + i128::from(interval.days);
    days * 86_400_000_000 + i128::from(interval.micros)
}

/// By whole part first, then by the fraction at the larger scale, so nothing overflows.
fn compare_numerics(a: Numeric, b: Numeric) -> Ordering {
    if a.scale() == b.scale() {
        return a.mantissa().cmp(&b.mantissa());
    }
    let split = |n: Numeric| match 10i128.checked_pow(u32::from(n.scale())) {
        Some(unit) => (n.mantissa().div_euclid(unit), n.mantissa().rem_euclid(unit)),
        None if n.mantissa() < 0 => (-1, n.mantissa()),
        None => (0, n.mantissa()),
    };
    let ((whole_a, rest_a), (whole_b, rest_b)) = (split(a), split(b));
    whole_a.cmp(&whole_b).then_with(|| {
        let scale = a.scale().max(b.scale());
        let lift = |rest: i128, n: Numeric| {
            10i128
                .checked_pow(u32::from(scale - n.scale()))
                .and_then(|unit| rest.checked_mul(unit))
        };
        match (lift(rest_a, a), lift(rest_b, b)) {
            (Some(x), Some(y)) => x.cmp(&y),
            // A fraction that cannot be lifted has digits beyond all of the other's.
            (None, Some(_)) => Ordering::Greater,
            (Some(_), None) => Ordering::Less,
            (None, None) => Ordering::Equal,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numerics_compare_across_scales() {
        let n = Numeric::new;
        assert_eq!(compare_numerics(n(150, 2), n(15, 1)), Ordering::Equal);
        assert_eq!(compare_numerics(n(-151, 2), n(-15, 1)), Ordering::Less);
        assert_eq!(compare_numerics(n(2, 0), n(199, 2)), Ordering::Greater);
    }

    #[test]
    fn nulls_and_nan_come_last() {
        assert_eq!(
            compare_values(&Value::Null, &Value::Int(1)),
            Ordering::Greater
        );
        assert_eq!(
            compare_values(&Value::Float(f64::NAN), &Value::Float(f64::INFINITY)),
            Ordering::Greater
        );
    }
}
