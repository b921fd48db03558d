//! Dates, times, timestamps and intervals out of their parts.

use super::super::Row;
use super::{interval_out_of_range, midnight, timestamp};
use crate::base::datetime::{Civil, HOUR, MINUTE, SECOND, timestamp_in_range};
use crate::base::diagnostic::sqlstate;
use crate::base::{Diagnostic, Interval, Result, Value};

pub(super) fn field(row: &Row<'_>, place: usize) -> Result<i32> {
    Ok(i32::try_from(row.int(place)?).unwrap_or(i32::MAX))
}

pub(super) fn civil(row: &Row<'_>) -> Result<Option<Civil>> {
    Ok(Civil::new(field(row, 0)?, field(row, 1)?, field(row, 2)?))
}

pub(super) fn make_date(row: &Row<'_>) -> Result<Value> {
    match civil(row)? {
        Some(date) => Ok(Value::Date(date.to_days())),
        None if row.int(0)? < 0 => Err(crate::base::datetime::before_christ()),
        None => Err(Diagnostic::error(
            sqlstate::DATETIME_FIELD_OVERFLOW,
            format!(
                "date field value out of range: {}-{:02}-{:02}",
                row.int(0)?,
                row.int(1)?,
                row.int(2)?
            ),
        )),
    }
}

/// Hour, minute and second from three arguments on.
pub(super) fn time_of(row: &Row<'_>, from: usize) -> Result<i64> {
    let (hour, minute, second) = (row.int(from)?, row.int(from + 1)?, row.float(from + 2)?);
    let in_range = (0..=24).contains(&hour)
        && (0..=59).contains(&minute)
        && (0.0..=60.0).contains(&second)
        && (hour < 24 || (minute == 0 && second == 0.0));
    if !in_range {
        return Err(Diagnostic::error(
            sqlstate::DATETIME_FIELD_OVERFLOW,
            format!("time field value out of range: {hour}:{minute:02}:{second:02}"),
        ));
    }
    Ok(hour * HOUR + minute * MINUTE + (second * 1e6).round_ties_even() as i64)
}

pub(super) fn make_timestamp(row: &Row<'_>) -> Result<Value> {
    let Value::Date(days) = make_date(row)? else {
        return timestamp(timestamp_in_range(None));
    };
    timestamp(Ok(midnight(days) + time_of(row, 3)?))
}

/// Microseconds with so many digits of a second, halves away from zero.
pub(super) fn rounded(micros: i64, digits: i64) -> Option<i64> {
    let digits = u32::try_from(digits.clamp(0, 6)).unwrap_or(6);
    let unit = 10_i64.pow(6 - digits);
    let half = if micros < 0 { -(unit / 2) } else { unit / 2 };
    Some(micros.checked_add(half)? / unit * unit)
}

pub(super) fn make_interval(row: &Row<'_>) -> Result<Value> {
    let part = |place: usize| match row.value(place) {
        Value::Int(number) => *number,
        _ => 0,
    };
    let seconds = match row.value(6) {
        Value::Float(seconds) => (seconds * 1e6).round_ties_even(),
        _ => 0.0,
    };
    if !(seconds.abs() < 9e18) {
        return Err(interval_out_of_range());
    }
    let months = part(0).checked_mul(12).and_then(|m| m.checked_add(part(1)));
    let days = part(2).checked_mul(7).and_then(|d| d.checked_add(part(3)));
    let micros = part(4)
        .checked_mul(HOUR)
        .and_then(|m| m.checked_add(part(5).checked_mul(MINUTE)?))
        .and_then(|m| m.checked_add(seconds as i64));
    let small = |value: Option<i64>| value.and_then(|value| i32::try_from(value).ok());
    match (small(months), small(days), micros) {
        (Some(months), Some(days), Some(micros)) => {
            Ok(Value::Interval(Interval::new(months, days, micros)))
        }
        _ => Err(interval_out_of_range()),
    }
}

pub(super) fn from_epoch(row: &Row<'_>) -> Result<Value> {
    let micros = (row.float(0)? * SECOND as f64).round_ties_even();
    if !(micros.abs() < 9e18) {
        return Err(Diagnostic::error(
            sqlstate::DATETIME_FIELD_OVERFLOW,
            format!("timestamp out of range: \"{}\"", row.shown(0)),
        ));
    }
    timestamp(Ok(micros as i64))
}
