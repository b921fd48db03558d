//! Stored vectors: which physical form a type has in a table, and how values get into it.

use super::CHUNK_ROWS;
use crate::base::column::{Dictionary, TextVec, Vector};
use crate::base::diagnostic::sqlstate;
use crate::base::{Bitmap, Column, Diagnostic, Interval, Numeric, Result, Type, Value};
use std::sync::Arc;

/// The largest precision that fits 64 bits whatever the digits.
const DECIMAL_PRECISION: u16 = 18;

/// An empty vector of the form in which a table keeps the type. Texts are kept by code where
/// there is a dictionary.
pub(super) fn empty(ty: &Type, dictionary: Option<&Arc<Dictionary>>) -> Vector {
    match ty {
        Type::Boolean => Vector::Bool(Vec::new()),
        Type::SmallInt
        | Type::Integer
        | Type::BigInt
        | Type::Date
        | Type::Time
        | Type::Timestamp
        | Type::TimestampTz => Vector::Int(Vec::new()),
        Type::Numeric(Some((precision, scale)))
            if *precision <= DECIMAL_PRECISION && scale <= precision =>
        {
            Vector::Decimal(Vec::new(), *scale as u8)
        }
        Type::Numeric(_) => Vector::Numeric(Vec::new()),
        Type::Real | Type::Double => Vector::Float(Vec::new()),
        Type::Text
        | Type::Varchar(_)
        | Type::Char(_)
        | Type::Json
        | Type::Jsonb
        | Type::Unknown => match dictionary {
            Some(dictionary) => Vector::Dict(Vec::new(), dictionary.clone()),
            None => Vector::Text(TextVec::default()),
        },
        Type::Interval => Vector::Interval(Vec::new()),
        Type::Uuid => Vector::Uuid(Vec::new()),
        Type::Array(_) | Type::Record(_) => Vector::Value(Vec::new()),
    }
}

/// Adds rows `from..from + rows` of `source` behind the last of `target`.
pub(super) fn append(
    target: &mut Column,
    source: &Column,
    from: usize,
    rows: usize,
    dictionary: &mut Option<Arc<Dictionary>>,
) -> Result<()> {
    let before = target.len();
    let to = from + rows;
    match (&mut target.vector, &source.vector) {
        (Vector::Int(target), Vector::Int(source)) => extend(target, source, from, to),
        (Vector::Bool(target), Vector::Bool(source)) => extend(target, source, from, to),
        (Vector::Float(target), Vector::Float(source)) => extend(target, source, from, to),
        (Vector::Uuid(target), Vector::Uuid(source)) => extend(target, source, from, to),
        (Vector::Decimal(target, scale), Vector::Decimal(source, other)) if scale == other => {
            extend(target, source, from, to);
        }
        (Vector::Text(target), Vector::Text(source)) => {
            for row in from..to {
                target.push(source.get(row));
            }
        }
        (Vector::Dict(codes, held), Vector::Text(source_texts)) => {
            codes.reserve(rows);
            for row in from..to {
                codes.push(if source.is_null(row) {
                    0
                } else {
                    intern(dictionary, source_texts.get(row))
                });
            }
            refresh(held, dictionary);
        }
        (Vector::Dict(codes, held), Vector::Dict(source_codes, source_dictionary)) => {
            let same = dictionary
                .as_ref()
                .is_some_and(|dictionary| Arc::ptr_eq(dictionary, source_dictionary));
            codes.reserve(rows);
            for row in from..to {
                let code = source_codes.get(row).copied().unwrap_or_default();
                codes.push(if same || source.is_null(row) {
                    code
                } else {
                    intern(dictionary, source_dictionary.text(code))
                });
            }
            refresh(held, dictionary);
        }
        (target, _) => {
            for row in from..to {
                let value = source.value(row, &Type::BigInt);
                push(target, &value, dictionary)?;
            }
        }
    }
    if target.len() != before + rows {
        return Err(mismatch());
    }
    let nulls = source.validity.is_some() && (from..to).any(|row| source.is_null(row));
    if nulls || target.validity.is_some() {
        let validity = target
            .validity
            .get_or_insert_with(|| Bitmap::filled(before, true));
        for row in from..to {
            validity.push(!source.is_null(row));
        }
    }
    Ok(())
}

fn extend<T: Copy>(target: &mut Vec<T>, source: &[T], from: usize, to: usize) {
    // Room for a whole chunk at once, unless it is one of very few rows.
    if target.is_empty() && to - from > CHUNK_ROWS / 4 {
        target.reserve_exact(CHUNK_ROWS.max(to - from));
    }
    if let Some(part) = source.get(from..to) {
        target.extend_from_slice(part);
    }
}

fn intern(dictionary: &mut Option<Arc<Dictionary>>, text: &str) -> u32 {
    let dictionary = dictionary.get_or_insert_default();
    match dictionary.code(text) {
        Some(code) => code,
        None => Arc::make_mut(dictionary).intern(text),
    }
}

/// Codes of an older state of a dictionary are right in every newer one.
fn refresh(held: &mut Arc<Dictionary>, dictionary: &Option<Arc<Dictionary>>) {
    if let Some(dictionary) = dictionary {
        *held = dictionary.clone();
    }
}

/// Adds one value behind the last; NULL adds any.
fn push(
    target: &mut Vector,
    value: &Value,
    dictionary: &mut Option<Arc<Dictionary>>,
) -> Result<()> {
    match target {
        Vector::Bool(values) => values.push(boolean(value)?),
        Vector::Int(values) => values.push(integer(value)?),
        Vector::Decimal(values, scale) => values.push(decimal(value, *scale)?),
        Vector::Numeric(values) => values.push(numeric(value)?),
        Vector::Float(values) => values.push(float(value)?),
        Vector::Dict(codes, held) => {
            let code = match text(value)? {
                Some(text) => intern(dictionary, text),
                None => 0,
            };
            codes.push(code);
            refresh(held, dictionary);
        }
        Vector::Text(texts) => texts.push(text(value)?.unwrap_or_default()),
        Vector::Interval(values) => values.push(interval(value)?),
        Vector::Uuid(values) => values.push(uuid(value)?),
        Vector::Value(values) => values.push(value.clone()),
    }
    Ok(())
}

/// Overwrites values: rows and their new values, by rising row.
pub(super) fn set(
    target: &mut Column,
    changes: &[(usize, &Value)],
    dictionary: &mut Option<Arc<Dictionary>>,
) -> Result<()> {
    let rows = target.len();
    if let Vector::Text(texts) = &mut target.vector {
        // Texts lie one behind the other: a new one moves all that follow.
        let mut new = TextVec::with_capacity(rows);
        let mut changes = changes.iter().peekable();
        for row in 0..rows {
            match changes.next_if(|(at, _)| *at == row) {
                Some((_, value)) => new.push(text(value)?.unwrap_or_default()),
                None => new.push(texts.get(row)),
            }
        }
        *texts = new;
    }
    for &(row, value) in changes {
        if !value.is_null() {
            set_one(&mut target.vector, row, value, dictionary)?;
        } else if target.validity.is_none() {
            target.validity = Some(Bitmap::filled(rows, true));
        }
        if let Some(validity) = &mut target.validity {
            validity.set(row, !value.is_null());
        }
    }
    Ok(())
}

fn set_one(
    target: &mut Vector,
    row: usize,
    value: &Value,
    dictionary: &mut Option<Arc<Dictionary>>,
) -> Result<()> {
    match target {
        Vector::Bool(values) => put(values, row, boolean(value)?),
        Vector::Int(values) => put(values, row, integer(value)?),
        Vector::Decimal(values, scale) => {
            let value = decimal(value, *scale)?;
            put(values, row, value);
        }
        Vector::Numeric(values) => put(values, row, numeric(value)?),
        Vector::Float(values) => put(values, row, float(value)?),
        Vector::Dict(codes, held) => {
            let code = intern(dictionary, text(value)?.unwrap_or_default());
            put(codes, row, code);
            refresh(held, dictionary);
        }
        // Written anew as a whole, before.
        Vector::Text(_) => {}
        Vector::Interval(values) => put(values, row, interval(value)?),
        Vector::Uuid(values) => put(values, row, uuid(value)?),
        Vector::Value(values) => put(values, row, value.clone()),
    }
    Ok(())
}

fn put<T>(values: &mut [T], row: usize, value: T) {
    if let Some(slot) = values.get_mut(row) {
        *slot = value;
    }
}

/// A column of a type from single values.
pub fn from_values(ty: &Type, values: &[Value]) -> Result<Column> {
    let mut column = Column::new(empty(ty, None));
    let mut dictionary = None;
    for value in values {
        push(&mut column.vector, value, &mut dictionary)?;
    }
    if values.iter().any(Value::is_null) {
        column.validity = Some(values.iter().map(|value| !value.is_null()).collect());
    }
    Ok(column)
}

fn boolean(value: &Value) -> Result<bool> {
    match value {
        Value::Bool(v) => Ok(*v),
        Value::Null => Ok(false),
        _ => Err(mismatch()),
    }
}

fn integer(value: &Value) -> Result<i64> {
    match value {
        Value::Int(v) | Value::Time(v) | Value::Timestamp(v) => Ok(*v),
        Value::Date(v) => Ok(i64::from(*v)),
        Value::Null => Ok(0),
        _ => Err(mismatch()),
    }
}

fn numeric(value: &Value) -> Result<Numeric> {
    match value {
        Value::Numeric(v) => Ok(*v),
        Value::Int(v) => Ok(Numeric::new(i128::from(*v), 0)),
        Value::Null => Ok(Numeric::new(0, 0)),
        _ => Err(mismatch()),
    }
}

/// The scaled integer of a number that has at most `scale` digits behind the point.
fn decimal(value: &Value, scale: u8) -> Result<i64> {
    let number = numeric(value)?;
    let unit = |digits: u8| 10i128.checked_pow(u32::from(digits));
    let scaled = if number.scale() <= scale {
        unit(scale - number.scale()).and_then(|unit| number.mantissa().checked_mul(unit))
    } else {
        unit(number.scale() - scale)
            .filter(|unit| number.mantissa() % unit == 0)
            .map(|unit| number.mantissa() / unit)
    };
    scaled
        .and_then(|scaled| i64::try_from(scaled).ok())
        .ok_or_else(mismatch)
}

fn float(value: &Value) -> Result<f64> {
    match value {
        Value::Float(v) => Ok(*v),
        Value::Null => Ok(0.0),
        _ => Err(mismatch()),
    }
}

fn text(value: &Value) -> Result<Option<&str>> {
    match value {
        Value::Text(v) => Ok(Some(v)),
        Value::Null => Ok(None),
        _ => Err(mismatch()),
    }
}

fn interval(value: &Value) -> Result<Interval> {
    match value {
        Value::Interval(v) => Ok(*v),
        Value::Null => Ok(Interval::default()),
        _ => Err(mismatch()),
    }
}

fn uuid(value: &Value) -> Result<u128> {
    match value {
        Value::Uuid(v) => Ok(*v),
        Value::Null => Ok(0),
        _ => Err(mismatch()),
    }
}

/// The layers above cast every value to its column's type, so this is a fault of ours.
fn mismatch() -> Box<Diagnostic> {
    Diagnostic::error(
        sqlstate::INTERNAL_ERROR,
        "a value reached the storage that is not of its column's type",
    )
}
