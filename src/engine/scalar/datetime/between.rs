//! What lies between two moments.

use super::super::Row;
use super::{interval, interval_out_of_range, midnight, timestamp};
use crate::base::datetime::{DAY, Moment, split, timestamp_add};
use crate::base::diagnostic::sqlstate;
use crate::base::{Diagnostic, Interval, Result, Value};

pub(super) fn divide(row: &Row<'_>) -> Result<Value> {
    let divisor = row.float(1)?;
    if divisor == 0.0 {
        return Err(crate::base::numeric::division_by_zero());
    }
    interval(row.interval(0)?.divide(divisor))
}

pub(super) fn age_today(row: &Row<'_>) -> Result<Value> {
    let today = midnight(split(row.call.context.now).0);
    Ok(Value::Interval(age(today, row.timestamp(0)?)))
}

/// Field by field, borrowing from the next larger one; a month that is borrowed has the length of
/// the earlier moment's month (`timestamp_age` in PostgreSQL's `timestamp.c`).
pub(super) fn age(later: i64, earlier: i64) -> Interval {
    if later < earlier {
        let forward = age(earlier, later);
        return forward.checked_negate().unwrap_or(forward);
    }
    let (a, b) = (Moment::from_micros(later), Moment::from_micros(earlier));
    let mut time = a.time() - b.time();
    let mut days = a.date.day - b.date.day;
    let mut months = (a.date.year - b.date.year) * 12 + a.date.month - b.date.month;
    if time < 0 {
        time += DAY;
        days -= 1;
    }
    while days < 0 {
        days += crate::base::datetime::days_in_month(b.date.year, b.date.month);
        months -= 1;
    }
    Interval::new(months, days, time)
}

pub(super) fn date_bin(row: &Row<'_>) -> Result<Value> {
    let stride = row.interval(0)?;
    let (source, origin) = (row.timestamp(1)?, row.timestamp(2)?);
    if stride.months != 0 {
        return Err(Diagnostic::error(
            sqlstate::FEATURE_NOT_SUPPORTED,
            "timestamps cannot be binned into intervals containing months or years",
        ));
    }
    let width = i64::from(stride.days)
        .checked_mul(DAY)
        .and_then(|days| days.checked_add(stride.micros))
        .ok_or_else(interval_out_of_range)?;
    if width <= 0 {
        return Err(Diagnostic::error(
            sqlstate::DATETIME_FIELD_OVERFLOW,
            "stride must be greater than zero",
        ));
    }
    let difference = source.saturating_sub(origin);
    timestamp(Ok(source - difference.rem_euclid(width)))
}

/// SQL's OVERLAPS: half-open periods, of which one that has no length counts as its moment
/// (`overlaps_timestamp` in PostgreSQL's `timestamp.c`).
pub(super) fn overlaps(row: &Row<'_>) -> Result<Value> {
    let end = |from: usize, start: &Value| -> Result<Value> {
        match (row.value(from), start) {
            (Value::Interval(span), Value::Timestamp(at)) => timestamp(timestamp_add(*at, *span)),
            (Value::Interval(_), _) => Ok(Value::Null),
            (other, _) => Ok(other.clone()),
        }
    };
    let ordered = |start: Value, end: Value| {
        if start.is_null() || (!end.is_null() && start > end) {
            (end, start)
        } else {
            (start, end)
        }
    };
    let (s1, s2) = (row.value(0).clone(), row.value(2).clone());
    let (e1, e2) = (end(1, &s1)?, end(3, &s2)?);
    if (s1.is_null() && e1.is_null()) || (s2.is_null() && e2.is_null()) {
        return Ok(Value::Null);
    }
    let ((s1, e1), (s2, e2)) = (ordered(s1, e1), ordered(s2, e2));
    // NULL now stands at the ends only.
    let within = |start: &Value, end: &Value| {
        if end.is_null() {
            None
        } else {
            Some(start < end)
        }
    };
    let answer = match s1.cmp(&s2) {
        std::cmp::Ordering::Equal => {
            if e1.is_null() || e2.is_null() {
                None
            } else {
                Some(true)
            }
        }
        std::cmp::Ordering::Greater => match within(&s1, &e2) {
            Some(true) => Some(true),
            None => None,
            Some(false) if e1.is_null() => None,
            Some(false) => Some(false),
        },
        std::cmp::Ordering::Less => match within(&s2, &e1) {
            Some(true) => Some(true),
            None => None,
            Some(false) if e2.is_null() => None,
            Some(false) => Some(false),
        },
    };
    Ok(answer.map_or(Value::Null, Value::Bool))
}
