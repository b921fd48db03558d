//! Conversions.

use super::{Context, Operand};
use crate::base::datetime::{DAY, date_in_range, split};
use crate::base::diagnostic::sqlstate;
use crate::base::{Column, Diagnostic, Interval, Numeric, Result, Type, Value, Vector};
use crate::engine::expr::CastForm;
use crate::engine::types::cannot_cast;
use std::sync::Arc;

/// Converts all rows.
pub fn cast(
    operand: Operand,
    from: &Type,
    to: &Type,
    form: CastForm,
    rows: usize,
    context: &Context<'_>,
) -> Result<Operand> {
    if from == to {
        return Ok(operand);
    }
    let column = match operand {
        Operand::Constant(value) => {
            return cast_value(&value, from, to, form, context).map(Operand::Constant);
        }
        Operand::Column(column) => column,
    };
    if let Some(converted) = vector_cast(&column, from, to) {
        return Ok(Operand::Column(converted));
    }
    if let Vector::Dict(codes, dictionary) = &column.vector {
        let mut known: Vec<Option<Value>> = vec![None; dictionary.len()];
        let mut values = Vec::with_capacity(codes.len());
        for (row, &code) in codes.iter().enumerate() {
            if column.is_null(row) {
                values.push(Value::Null);
                continue;
            }
            let slot = known.get_mut(code as usize);
            values.push(match slot {
                Some(Some(value)) => value.clone(),
                Some(slot) => {
                    let text = Value::Text(dictionary.shared(code));
                    slot.insert(cast_value(&text, from, to, form, context)?)
                        .clone()
                }
                None => Value::Null,
            });
        }
        return Ok(Operand::Column(Arc::new(Column::from_values(&values, to))));
    }
    let values = (0..rows)
        .map(|row| cast_value(&column.value(row, from), from, to, form, context))
        .collect::<Result<Vec<Value>>>()?;
    Ok(Operand::Column(Arc::new(Column::from_values(&values, to))))
}

/// The conversions that queries make by the million; nothing for the others, and nothing when a
/// row does not fit.
fn vector_cast(column: &Arc<Column>, from: &Type, to: &Type) -> Option<Arc<Column>> {
    let with = |vector: Vector| {
        Some(Arc::new(Column {
            vector,
            validity: column.validity.clone(),
        }))
    };
    match (&column.vector, from, to) {
        (Vector::Int(values), a, Type::SmallInt | Type::Integer | Type::BigInt)
            if a.is_integer() =>
        {
            let (low, high) = integer_range(to);
            values
                .iter()
                .all(|value| (low..=high).contains(value))
                .then(|| column.clone())
        }
        (Vector::Int(values), a, Type::Numeric(None)) if a.is_integer() => {
            with(Vector::Decimal(values.clone(), 0))
        }
        (Vector::Int(values), a, Type::Double) if a.is_integer() => with(Vector::Float(
            values.iter().map(|&value| value as f64).collect(),
        )),
        (Vector::Decimal(..) | Vector::Numeric(_), Type::Numeric(_), Type::Numeric(None)) => {
            Some(column.clone())
        }
        (Vector::Decimal(values, scale), Type::Numeric(_), Type::Numeric(Some((precision, s))))
            if u16::from(*scale) == *s =>
        {
            let limit = 10_i64
                .checked_pow(u32::from(*precision))
                .unwrap_or(i64::MAX);
            values
                .iter()
                .all(|value| value.abs() < limit)
                .then(|| column.clone())
        }
        (Vector::Decimal(values, scale), Type::Numeric(_), Type::Double) => {
            let number = |value: i64| Numeric::new(i128::from(value), *scale).to_f64();
            with(Vector::Float(
                values.iter().map(|&value| number(value)).collect(),
            ))
        }
        (Vector::Float(_), Type::Real, Type::Double) => Some(column.clone()),
        (
            Vector::Dict(..) | Vector::Text(_),
            Type::Text | Type::Varchar(_) | Type::Json | Type::Jsonb,
            Type::Text | Type::Varchar(None),
        ) => Some(column.clone()),
        (Vector::Int(days), Type::Date, Type::Timestamp | Type::TimestampTz) => days
            .iter()
            .map(|days| days.checked_mul(DAY))
            .collect::<Option<_>>()
            .and_then(|values| with(Vector::Int(values))),
        (Vector::Int(micros), Type::Timestamp | Type::TimestampTz, Type::Date) => with(
            Vector::Int(micros.iter().map(|micros| micros.div_euclid(DAY)).collect()),
        ),
        (
            Vector::Int(_),
            Type::Timestamp | Type::TimestampTz,
            Type::Timestamp | Type::TimestampTz,
        ) => Some(column.clone()),
        _ => None,
    }
}

fn integer_range(ty: &Type) -> (i64, i64) {
    match ty {
        Type::SmallInt => (i64::from(i16::MIN), i64::from(i16::MAX)),
        Type::Integer => (i64::from(i32::MIN), i64::from(i32::MAX)),
        _ => (i64::MIN, i64::MAX),
    }
}

fn out_of_range(ty: &Type) -> Box<Diagnostic> {
    Diagnostic::error(
        sqlstate::NUMERIC_VALUE_OUT_OF_RANGE,
        format!("{} out of range", ty.without_modifier()),
    )
}

/// Converts one value.
pub fn cast_value(
    value: &Value,
    from: &Type,
    to: &Type,
    form: CastForm,
    context: &Context<'_>,
) -> Result<Value> {
    if value.is_null() || from == to {
        return Ok(value.clone());
    }
    Ok(match (value, to) {
        (Value::Record(fields), Type::Record(types)) => {
            let own: &[Type] = match from {
                Type::Record(own) => own,
                _ => &[],
            };
            let fields = fields
                .iter()
                .zip(own.iter().zip(types))
                .map(|(field, (from, to))| cast_value(field, from, to, form, context))
                .collect::<Result<Vec<_>>>()?;
            Value::Record(fields.into())
        }
        (Value::Array(elements), Type::Array(element)) => {
            let own = match from {
                Type::Array(own) => own,
                _ => element,
            };
            let elements = elements
                .iter()
                .map(|value| cast_value(value, own, element, form, context))
                .collect::<Result<Vec<_>>>()?;
            Value::Array(elements.into())
        }
        (Value::Text(text), to) if to.is_text() => to_text(text, from, to, form)?,
        (value, to) if to.is_text() => to_text(&value.to_text(from), from, to, form)?,
        (Value::Text(_), Type::Unknown) => value.clone(),
        (Value::Text(text), Type::Numeric(Some(_))) => {
            let number = Value::parse(text, to, context.now)?;
            to_number(&number, from, to)?
        }
        (Value::Text(text), to) => {
            let text = if matches!(from, Type::Char(_)) {
                text.trim_end_matches(' ')
            } else {
                text
            };
            Value::parse(text, to, context.now)?
        }
        (Value::Bool(bit), Type::Integer) => Value::Int(i64::from(*bit)),
        (Value::Int(number), Type::Boolean) => Value::Bool(*number != 0),
        (Value::Int(_) | Value::Numeric(_) | Value::Float(_), to) if to.is_number() => {
            to_number(value, from, to)?
        }
        (Value::Date(days), Type::Timestamp | Type::TimestampTz) => {
            Value::Timestamp(i64::from(*days) * DAY)
        }
        (Value::Timestamp(micros), Type::Timestamp | Type::TimestampTz) => {
            Value::Timestamp(*micros)
        }
        (Value::Timestamp(micros), Type::Date) => {
            Value::Date(date_in_range(Some(i64::from(split(*micros).0)))?)
        }
        (Value::Timestamp(micros), Type::Time) => Value::Time(split(*micros).1),
        (Value::Time(micros), Type::Interval) => Value::Interval(Interval::new(0, 0, *micros)),
        (Value::Interval(interval), Type::Time) => Value::Time(interval.micros.rem_euclid(DAY)),
        _ => return Err(cannot_cast(from, to)),
    })
}

/// Numbers among each other: numerics round half away from zero, floats half to even.
fn to_number(value: &Value, from: &Type, to: &Type) -> Result<Value> {
    Ok(match to {
        Type::SmallInt | Type::Integer | Type::BigInt => {
            let number = match value {
                Value::Int(number) => Some(*number),
                Value::Numeric(number) => number.to_i64(),
                Value::Float(number) => {
                    let rounded = number.round_ties_even();
                    // 2^63 as a double; both comparisons are false for NaN.
                    (-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0)
                        .contains(&rounded)
                        .then_some(rounded as i64)
                }
                _ => None,
            };
            let (low, high) = integer_range(to);
            number
                .filter(|number| (low..=high).contains(number))
                .map(Value::Int)
                .ok_or_else(|| out_of_range(to))?
        }
        Type::Numeric(modifier) => {
            let number = match value {
                Value::Int(number) => Numeric::from(*number),
                Value::Numeric(number) => *number,
                Value::Float(number) => {
                    Numeric::from_f64(*number, if *from == Type::Real { 6 } else { 15 })?
                }
                _ => return Err(out_of_range(to)),
            };
            Value::Numeric(match modifier {
                Some((precision, scale)) => number.fit(*precision, *scale)?,
                None => number,
            })
        }
        _ => {
            let number = match value {
                Value::Int(number) => *number as f64,
                Value::Numeric(number) => number.to_f64(),
                Value::Float(number) => *number,
                _ => return Err(out_of_range(to)),
            };
            if *to != Type::Real {
                return Ok(Value::Float(number));
            }
            let real = f64::from(number as f32);
            if real.is_infinite() && number.is_finite() {
                return Err(Diagnostic::error(
                    sqlstate::NUMERIC_VALUE_OUT_OF_RANGE,
                    "value out of range: overflow",
                ));
            }
            if real == 0.0 && number != 0.0 {
                return Err(Diagnostic::error(
                    sqlstate::NUMERIC_VALUE_OUT_OF_RANGE,
                    "value out of range: underflow",
                ));
            }
            Value::Float(real)
        }
    })
}

/// Texts among each other: `character(n)` is padded and gives up its padding, and what is too
/// long is cut by an explicit cast and, unless only spaces are lost, refused by any other.
fn to_text(text: &str, from: &Type, to: &Type, form: CastForm) -> Result<Value> {
    let text = match (from, to) {
        (Type::Char(_), Type::Char(_)) => text,
        (Type::Char(_), _) => text.trim_end_matches(' '),
        _ => text,
    };
    let limit = match to {
        Type::Varchar(Some(limit)) => *limit,
        Type::Char(limit) if *limit > 0 => *limit,
        _ => return Ok(Value::text(text)),
    };
    let end = text
        .char_indices()
        .nth(limit as usize)
        .map(|(byte, _)| byte);
    let (kept, rest) = text.split_at(end.unwrap_or(text.len()));
    if form != CastForm::Explicit && rest.contains(|c| c != ' ') {
        return Err(Diagnostic::error(
            sqlstate::STRING_DATA_RIGHT_TRUNCATION,
            format!("value too long for type {to}"),
        ));
    }
    if let Type::Char(_) = to {
        let missing = (limit as usize).saturating_sub(kept.chars().count());
        return Ok(Value::text(format!("{kept}{}", " ".repeat(missing))));
    }
    Ok(Value::text(kept))
}
