//! The border between our values and GlueSQL's: exact both ways.
//!
//! | our type | GlueSQL's | form |
//! |---|---|---|
//! | boolean, smallint, integer, bigint | BOOLEAN, INT16, INT32, INT | as they are |
//! | numeric(p,s) | INT128 | scaled by `10^s` |
//! | numeric | LIST | digits and scale |
//! | real, double precision | FLOAT32, FLOAT | as they are |
//! | text, varchar, char, json | TEXT | as they are |
//! | date, time, timestamp, timestamptz, uuid | DATE, TIME, TIMESTAMP, UUID | 24:00:00 as a leap second |
//! | interval | LIST | months, days, microseconds |
//! | arrays | LIST | element by element |
//!
//! Types that only GlueSQL has (unsigned, map, point, inet, ...) come from tables that were made
//! through GlueSQL itself. Such a column is an [`opaque`] one: every value a tag and its parts.

use crate::base::diagnostic::sqlstate;
use crate::base::{self, Diagnostic, Interval, Numeric, Result, Type};
use gluesql_core::ast::DataType;
use gluesql_core::chrono::{DateTime, NaiveDate, NaiveTime, Timelike};
use gluesql_core::data::{self, Point, Value};
use std::sync::Arc;

const MICROS_PER_SECOND: i64 = 1_000_000;
const SECONDS_PER_DAY: u32 = 86_400;

/// The type of a column that holds values only GlueSQL has a type for.
pub(super) fn opaque() -> Type {
    Type::Record(Vec::new())
}

/// GlueSQL's type for a type of ours.
pub(super) fn data_type(ty: &Type) -> DataType {
    match ty {
        Type::Boolean => DataType::Boolean,
        Type::SmallInt => DataType::Int16,
        Type::Integer => DataType::Int32,
        Type::BigInt => DataType::Int,
        Type::Numeric(Some(_)) => DataType::Int128,
        Type::Real => DataType::Float32,
        Type::Double => DataType::Float,
        Type::Text
        | Type::Varchar(_)
        | Type::Char(_)
        | Type::Json
        | Type::Jsonb
        | Type::Unknown => DataType::Text,
        Type::Date => DataType::Date,
        Type::Time => DataType::Time,
        Type::Timestamp | Type::TimestampTz => DataType::Timestamp,
        Type::Uuid => DataType::Uuid,
        Type::Numeric(None) | Type::Interval | Type::Array(_) | Type::Record(_) => DataType::List,
    }
}

/// Our type for a column that was made through GlueSQL itself.
pub(super) fn logical_type(data_type: &DataType) -> Type {
    match data_type {
        DataType::Boolean => Type::Boolean,
        DataType::Int8 | DataType::Int16 => Type::SmallInt,
        DataType::Int32 => Type::Integer,
        DataType::Int => Type::BigInt,
        DataType::Float => Type::Double,
        DataType::Text => Type::Text,
        DataType::Date => Type::Date,
        DataType::Uuid => Type::Uuid,
        DataType::Int128
        | DataType::Uint8
        | DataType::Uint16
        | DataType::Uint32
        | DataType::Uint64
        | DataType::Uint128
        | DataType::Float32
        | DataType::Bytea
        | DataType::Inet
        | DataType::Timestamp
        | DataType::Time
        | DataType::Interval
        | DataType::Map
        | DataType::List
        | DataType::Decimal
        | DataType::Point => opaque(),
    }
}

/// A stored value in GlueSQL's form. `data_type` is the column's type there.
pub(super) fn to_glue(value: &base::Value, ty: &Type, data_type: &DataType) -> Result<Value> {
    Ok(match (value, ty) {
        (base::Value::Null, _) => Value::Null,
        (value, Type::Record(_)) => reveal(value)?,
        (base::Value::Bool(v), _) => Value::Bool(*v),
        (base::Value::Int(v), _) => whole(*v, data_type)?,
        (base::Value::Numeric(v), Type::Numeric(Some((_, scale)))) => {
            Value::I128(scaled(*v, *scale)?)
        }
        (base::Value::Numeric(v), _) => {
            Value::List(vec![Value::I128(v.mantissa()), Value::U8(v.scale())])
        }
        (base::Value::Float(v), Type::Real) => Value::F32(*v as f32),
        (base::Value::Float(v), _) => Value::F64(*v),
        (base::Value::Text(v), _) => Value::Str(v.to_string()),
        (base::Value::Date(v), _) => Value::Date(date(*v)?),
        (base::Value::Time(v), _) => Value::Time(time(*v)?),
        (base::Value::Timestamp(v), _) => Value::Timestamp(
            DateTime::from_timestamp_micros(*v)
                .ok_or_else(|| out_of_range("timestamp"))?
                .naive_utc(),
        ),
        (base::Value::Interval(v), _) => Value::List(vec![
            Value::I32(v.months),
            Value::I32(v.days),
            Value::I64(v.micros),
        ]),
        (base::Value::Uuid(v), _) => Value::Uuid(*v),
        (base::Value::Array(items), Type::Array(element)) => Value::List(
            items
                .iter()
                .map(|item| to_glue(item, element, &self::data_type(element)))
                .collect::<Result<_>>()?,
        ),
        (base::Value::Array(_) | base::Value::Record(_), _) => return Err(mismatch()),
    })
}

fn whole(value: i64, data_type: &DataType) -> Result<Value> {
    let range = |_| out_of_range("integer");
    Ok(match data_type {
        DataType::Int8 => Value::I8(i8::try_from(value).map_err(range)?),
        DataType::Int16 => Value::I16(i16::try_from(value).map_err(range)?),
        DataType::Int32 => Value::I32(i32::try_from(value).map_err(range)?),
        _ => Value::I64(value),
    })
}

/// A value of GlueSQL's in the form in which a column of this type is stored.
pub(super) fn from_glue(value: Value, ty: &Type) -> Result<base::Value> {
    Ok(match (value, ty) {
        (Value::Null, _) => base::Value::Null,
        (value, Type::Record(_)) => hide(value)?,
        (Value::Bool(v), Type::Boolean) => base::Value::Bool(v),
        (Value::I8(v), _) => base::Value::Int(i64::from(v)),
        (Value::I16(v), _) => base::Value::Int(i64::from(v)),
        (Value::I32(v), _) => base::Value::Int(i64::from(v)),
        (Value::I64(v), _) => base::Value::Int(v),
        (Value::I128(v), Type::Numeric(Some((_, scale)))) => {
            base::Value::Numeric(Numeric::new(v, digits(*scale)?))
        }
        (Value::F32(v), _) => base::Value::Float(f64::from(v)),
        (Value::F64(v), _) => base::Value::Float(v),
        (Value::Str(v), _) => base::Value::text(v),
        (Value::Date(v), _) => base::Value::Date(days(v)),
        (Value::Time(v), _) => base::Value::Time(micros(v)),
        (Value::Timestamp(v), _) => base::Value::Timestamp(v.and_utc().timestamp_micros()),
        (Value::Uuid(v), _) => base::Value::Uuid(v),
        (Value::List(items), Type::Numeric(None)) => match items.as_slice() {
            [Value::I128(mantissa), Value::U8(scale)] => {
                base::Value::Numeric(Numeric::new(*mantissa, *scale))
            }
            _ => return Err(mismatch()),
        },
        (Value::List(items), Type::Interval) => match items.as_slice() {
            [Value::I32(months), Value::I32(days), Value::I64(micros)] => {
                base::Value::Interval(Interval {
                    months: *months,
                    days: *days,
                    micros: *micros,
                })
            }
            _ => return Err(mismatch()),
        },
        (Value::List(items), Type::Array(element)) => base::Value::Array(
            items
                .into_iter()
                .map(|item| from_glue(item, element))
                .collect::<Result<_>>()?,
        ),
        (
            Value::Bool(_)
            | Value::I128(_)
            | Value::U8(_)
            | Value::U16(_)
            | Value::U32(_)
            | Value::U64(_)
            | Value::U128(_)
            | Value::Decimal(_)
            | Value::Bytea(_)
            | Value::Inet(_)
            | Value::Interval(_)
            | Value::Map(_)
            | Value::List(_)
            | Value::Point(_),
            _,
        ) => return Err(mismatch()),
    })
}

/// What an opaque value is, as the first part of its record.
mod tag {
    pub const BOOL: i64 = 0;
    pub const I8: i64 = 1;
    pub const I16: i64 = 2;
    pub const I32: i64 = 3;
    pub const I64: i64 = 4;
    pub const I128: i64 = 5;
    pub const U8: i64 = 6;
    pub const U16: i64 = 7;
    pub const U32: i64 = 8;
    pub const U64: i64 = 9;
    pub const U128: i64 = 10;
    pub const F32: i64 = 11;
    pub const F64: i64 = 12;
    pub const DECIMAL: i64 = 13;
    pub const STR: i64 = 14;
    pub const BYTEA: i64 = 15;
    pub const INET: i64 = 16;
    pub const DATE: i64 = 17;
    pub const TIMESTAMP: i64 = 18;
    pub const TIME: i64 = 19;
    pub const MONTHS: i64 = 20;
    pub const MICROS: i64 = 21;
    pub const UUID: i64 = 22;
    pub const MAP: i64 = 23;
    pub const LIST: i64 = 24;
    pub const POINT: i64 = 25;
}

/// Any value of GlueSQL's as a record of its tag and its parts.
fn hide(value: Value) -> Result<base::Value> {
    use base::Value as Ours;
    let (tag, parts) = match value {
        Value::Null => return Ok(Ours::Null),
        Value::Bool(v) => (tag::BOOL, vec![Ours::Bool(v)]),
        Value::I8(v) => (tag::I8, vec![Ours::Int(i64::from(v))]),
        Value::I16(v) => (tag::I16, vec![Ours::Int(i64::from(v))]),
        Value::I32(v) => (tag::I32, vec![Ours::Int(i64::from(v))]),
        Value::I64(v) => (tag::I64, vec![Ours::Int(v)]),
        Value::I128(v) => (tag::I128, vec![Ours::Numeric(Numeric::new(v, 0))]),
        Value::U8(v) => (tag::U8, vec![Ours::Uuid(u128::from(v))]),
        Value::U16(v) => (tag::U16, vec![Ours::Uuid(u128::from(v))]),
        Value::U32(v) => (tag::U32, vec![Ours::Uuid(u128::from(v))]),
        Value::U64(v) => (tag::U64, vec![Ours::Uuid(u128::from(v))]),
        Value::U128(v) => (tag::U128, vec![Ours::Uuid(v)]),
        Value::F32(v) => (tag::F32, vec![Ours::Float(f64::from(v))]),
        Value::F64(v) => (tag::F64, vec![Ours::Float(v)]),
        Value::Decimal(v) => {
            let scale = u8::try_from(v.scale()).map_err(|_| mismatch())?;
            (
                tag::DECIMAL,
                vec![Ours::Numeric(Numeric::new(v.mantissa(), scale))],
            )
        }
        Value::Str(v) => (tag::STR, vec![Ours::text(v)]),
        Value::Bytea(v) => {
            let bytes = v.into_iter().map(|byte| Ours::Int(i64::from(byte)));
            (tag::BYTEA, bytes.collect())
        }
        Value::Inet(v) => (tag::INET, vec![Ours::text(v.to_string())]),
        Value::Date(v) => (tag::DATE, vec![Ours::Date(days(v))]),
        Value::Timestamp(v) => {
            let moment = v.and_utc();
            let nanos = i64::from(moment.timestamp_subsec_nanos());
            let parts = vec![Ours::Int(moment.timestamp()), Ours::Int(nanos)];
            (tag::TIMESTAMP, parts)
        }
        Value::Time(v) => {
            let seconds = i64::from(v.num_seconds_from_midnight());
            let parts = vec![Ours::Int(seconds), Ours::Int(i64::from(v.nanosecond()))];
            (tag::TIME, parts)
        }
        Value::Interval(data::Interval::Month(v)) => (tag::MONTHS, vec![Ours::Int(i64::from(v))]),
        Value::Interval(data::Interval::Microsecond(v)) => (tag::MICROS, vec![Ours::Int(v)]),
        Value::Uuid(v) => (tag::UUID, vec![Ours::Uuid(v)]),
        Value::Map(entries) => {
            let mut parts = Vec::with_capacity(entries.len() * 2);
            for (key, value) in entries {
                parts.push(Ours::text(key));
                parts.push(hide(value)?);
            }
            (tag::MAP, parts)
        }
        Value::List(items) => {
            let parts = items.into_iter().map(hide).collect::<Result<_>>()?;
            (tag::LIST, parts)
        }
        Value::Point(v) => (tag::POINT, vec![Ours::Float(v.x), Ours::Float(v.y)]),
    };
    let record: Arc<[Ours]> = std::iter::once(Ours::Int(tag)).chain(parts).collect();
    Ok(Ours::Record(record))
}

/// The value behind a record that [`hide`] made.
fn reveal(value: &base::Value) -> Result<Value> {
    use base::Value as Ours;
    let record = match value {
        Ours::Null => return Ok(Value::Null),
        Ours::Record(record) => record,
        _ => return Err(mismatch()),
    };
    let Some((Ours::Int(tag), parts)) = record.split_first() else {
        return Err(mismatch());
    };
    let lost = |_| mismatch();
    Ok(match (*tag, parts) {
        (tag::BOOL, [Ours::Bool(v)]) => Value::Bool(*v),
        (tag::I8, [Ours::Int(v)]) => Value::I8(i8::try_from(*v).map_err(lost)?),
        (tag::I16, [Ours::Int(v)]) => Value::I16(i16::try_from(*v).map_err(lost)?),
        (tag::I32, [Ours::Int(v)]) => Value::I32(i32::try_from(*v).map_err(lost)?),
        (tag::I64, [Ours::Int(v)]) => Value::I64(*v),
        (tag::I128, [Ours::Numeric(v)]) => Value::I128(v.mantissa()),
        (tag::U8, [Ours::Uuid(v)]) => Value::U8(u8::try_from(*v).map_err(lost)?),
        (tag::U16, [Ours::Uuid(v)]) => Value::U16(u16::try_from(*v).map_err(lost)?),
        (tag::U32, [Ours::Uuid(v)]) => Value::U32(u32::try_from(*v).map_err(lost)?),
        (tag::U64, [Ours::Uuid(v)]) => Value::U64(u64::try_from(*v).map_err(lost)?),
        (tag::U128, [Ours::Uuid(v)]) => Value::U128(*v),
        (tag::F32, [Ours::Float(v)]) => Value::F32(*v as f32),
        (tag::F64, [Ours::Float(v)]) => Value::F64(*v),
        (tag::DECIMAL, [Ours::Numeric(v)]) => Value::Decimal(
            rust_decimal::Decimal::try_from_i128_with_scale(v.mantissa(), u32::from(v.scale()))
                .map_err(|_| mismatch())?,
        ),
        (tag::STR, [Ours::Text(v)]) => Value::Str(v.to_string()),
        (tag::BYTEA, bytes) => Value::Bytea(
            bytes
                .iter()
                .map(|byte| match byte {
                    Ours::Int(byte) => u8::try_from(*byte).map_err(lost),
                    _ => Err(mismatch()),
                })
                .collect::<Result<_>>()?,
        ),
        (tag::INET, [Ours::Text(v)]) => Value::Inet(v.parse().map_err(|_| mismatch())?),
        (tag::DATE, [Ours::Date(v)]) => Value::Date(date(*v)?),
        (tag::TIMESTAMP, [Ours::Int(seconds), Ours::Int(nanos)]) => Value::Timestamp(
            DateTime::from_timestamp(*seconds, u32::try_from(*nanos).map_err(lost)?)
                .ok_or_else(mismatch)?
                .naive_utc(),
        ),
        (tag::TIME, [Ours::Int(seconds), Ours::Int(nanos)]) => Value::Time(
            NaiveTime::from_num_seconds_from_midnight_opt(
                u32::try_from(*seconds).map_err(lost)?,
                u32::try_from(*nanos).map_err(lost)?,
            )
            .ok_or_else(mismatch)?,
        ),
        (tag::MONTHS, [Ours::Int(v)]) => {
            Value::Interval(data::Interval::Month(i32::try_from(*v).map_err(lost)?))
        }
        (tag::MICROS, [Ours::Int(v)]) => Value::Interval(data::Interval::Microsecond(*v)),
        (tag::UUID, [Ours::Uuid(v)]) => Value::Uuid(*v),
        (tag::MAP, entries) => Value::Map(
            entries
                .chunks(2)
                .map(|entry| match entry {
                    [Ours::Text(key), value] => Ok((key.to_string(), reveal(value)?)),
                    _ => Err(mismatch()),
                })
                .collect::<Result<_>>()?,
        ),
        (tag::LIST, items) => Value::List(items.iter().map(reveal).collect::<Result<_>>()?),
        (tag::POINT, [Ours::Float(x), Ours::Float(y)]) => Value::Point(Point::new(*x, *y)),
        (_, _) => return Err(mismatch()),
    })
}

/// The digits of a number at a scale that holds them all.
fn scaled(number: Numeric, scale: u16) -> Result<i128> {
    let scale = digits(scale)?;
    if number.scale() > scale {
        let unit = 10i128
            .checked_pow(u32::from(number.scale() - scale))
            .ok_or_else(|| out_of_range("numeric"))?;
        return match number.mantissa() % unit {
            0 => Ok(number.mantissa() / unit),
            _ => Err(mismatch()),
        };
    }
    10i128
        .checked_pow(u32::from(scale - number.scale()))
        .and_then(|unit| number.mantissa().checked_mul(unit))
        .ok_or_else(|| out_of_range("numeric"))
}

fn digits(scale: u16) -> Result<u8> {
    u8::try_from(scale).map_err(|_| out_of_range("numeric"))
}

fn date(days: i32) -> Result<NaiveDate> {
    DateTime::from_timestamp(i64::from(days) * i64::from(SECONDS_PER_DAY), 0)
        .map(|moment| moment.date_naive())
        .ok_or_else(|| out_of_range("date"))
}

fn days(date: NaiveDate) -> i32 {
    let seconds = date.and_time(NaiveTime::MIN).and_utc().timestamp();
    // A date that chrono can hold is some 96 million days from the epoch at most.
    i32::try_from(seconds.div_euclid(i64::from(SECONDS_PER_DAY))).unwrap_or_default()
}

/// The end of the day, 24:00:00, has no time of its own in chrono but for the leap second.
fn time(micros: i64) -> Result<NaiveTime> {
    let seconds = u32::try_from(micros.div_euclid(MICROS_PER_SECOND)).unwrap_or(u32::MAX);
    let nanos = micros.rem_euclid(MICROS_PER_SECOND) as u32 * 1000;
    let time = if seconds == SECONDS_PER_DAY {
        NaiveTime::from_num_seconds_from_midnight_opt(seconds - 1, nanos + 1_000_000_000)
    } else {
        NaiveTime::from_num_seconds_from_midnight_opt(seconds, nanos)
    };
    time.ok_or_else(|| out_of_range("time"))
}

fn micros(time: NaiveTime) -> i64 {
    i64::from(time.num_seconds_from_midnight()) * MICROS_PER_SECOND
        + i64::from(time.nanosecond() / 1000)
}

fn out_of_range(what: &str) -> Box<Diagnostic> {
    Diagnostic::error(
        sqlstate::NUMERIC_VALUE_OUT_OF_RANGE,
        format!("{what} out of range"),
    )
}

fn mismatch() -> Box<Diagnostic> {
    Diagnostic::error(
        sqlstate::INTERNAL_ERROR,
        "a value does not have the type of its column",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_come_back_as_they_went() {
        use base::Value as Ours;
        let cases = [
            (Type::SmallInt, Ours::Int(-32768)),
            (
                Type::Numeric(Some((10, 2))),
                Ours::Numeric(Numeric::new(-1999, 2)),
            ),
            (
                Type::Numeric(None),
                Ours::Numeric(Numeric::new(i128::MAX, 30)),
            ),
            (Type::Real, Ours::Float(1.5)),
            (Type::Double, Ours::Float(f64::MIN_POSITIVE)),
            (Type::Varchar(Some(3)), Ours::text("né")),
            (Type::Date, Ours::Date(-1_000_000)),
            (Type::Time, Ours::Time(86_400_000_000)),
            (Type::Time, Ours::Time(1)),
            (Type::TimestampTz, Ours::Timestamp(-1)),
            (
                Type::Interval,
                Ours::Interval(Interval {
                    months: -1,
                    days: 31,
                    micros: 5,
                }),
            ),
            (Type::Uuid, Ours::Uuid(u128::MAX)),
            (
                Type::Array(Box::new(Type::Text)),
                Ours::Array([Ours::text("a"), Ours::Null].into()),
            ),
        ];
        for (ty, value) in cases {
            let there = to_glue(&value, &ty, &data_type(&ty)).unwrap();
            let back = from_glue(there, &ty).unwrap();
            assert!(value.cmp(&back).is_eq(), "{ty}: {value:?} {back:?}");
        }
    }

    #[test]
    fn values_only_gluesql_knows_come_back_as_they_went() {
        let map = [("a".to_owned(), Value::U8(7))].into_iter().collect();
        let cases = [
            Value::U64(u64::MAX),
            Value::I128(i128::MIN),
            Value::Bytea(vec![0, 255]),
            Value::Map(map),
            Value::List(vec![Value::Null, Value::Point(Point::new(0.5, -1.0))]),
            Value::Interval(data::Interval::Month(-3)),
            Value::Decimal(rust_decimal::Decimal::new(-12345, 3)),
        ];
        for value in cases {
            let stored = from_glue(value.clone(), &opaque()).unwrap();
            let back = to_glue(&stored, &opaque(), &DataType::List).unwrap();
            assert_eq!(back, value);
        }
    }
}
