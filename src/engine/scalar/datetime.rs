//! Operators and functions of dates, times and intervals.

use super::Parameter::{
    Bool, Date, Float8, Int4, Interval as Span, Text, Time, Timestamp, TimestampTz,
};
use super::{Row, ScalarFunction, function, operator};
use crate::base::datetime::{
    Civil, DAY, HOUR, MINUTE, Moment, SECOND, Zone, date_in_range, split, timestamp_add,
    timestamp_difference, timestamp_in_range, timestamp_subtract,
};
use crate::base::diagnostic::sqlstate;
use crate::base::{Diagnostic, Interval, Result, Value};

pub static FUNCTIONS: &[ScalarFunction] = &[
    operator(
        "+",
        &[Date, Int4],
        Date,
        |r| date(i64::from(r.date(0)?) + r.int(1)?),
        "So many days later.",
    ),
    operator(
        "+",
        &[Int4, Date],
        Date,
        |r| date(i64::from(r.date(1)?) + r.int(0)?),
        "So many days later.",
    ),
    operator(
        "-",
        &[Date, Int4],
        Date,
        |r| date(i64::from(r.date(0)?) - r.int(1)?),
        "So many days earlier.",
    ),
    operator(
        "-",
        &[Date, Date],
        Int4,
        |r| Ok(Value::Int(i64::from(r.date(0)?) - i64::from(r.date(1)?))),
        "Days between two dates.",
    ),
    operator(
        "+",
        &[Date, Span],
        Timestamp,
        |r| timestamp(timestamp_add(midnight(r.date(0)?), r.interval(1)?)),
        "That much later.",
    ),
    operator(
        "+",
        &[Span, Date],
        Timestamp,
        |r| timestamp(timestamp_add(midnight(r.date(1)?), r.interval(0)?)),
        "That much later.",
    ),
    operator(
        "-",
        &[Date, Span],
        Timestamp,
        |r| timestamp(timestamp_subtract(midnight(r.date(0)?), r.interval(1)?)),
        "That much earlier.",
    ),
    operator(
        "+",
        &[Date, Time],
        Timestamp,
        |r| Ok(Value::Timestamp(midnight(r.date(0)?) + r.time(1)?)),
        "A date and a time of day.",
    ),
    operator(
        "+",
        &[Time, Date],
        Timestamp,
        |r| Ok(Value::Timestamp(midnight(r.date(1)?) + r.time(0)?)),
        "A date and a time of day.",
    ),
    operator(
        "+",
        &[Timestamp, Span],
        Timestamp,
        |r| timestamp(timestamp_add(r.timestamp(0)?, r.interval(1)?)),
        "That much later.",
    ),
    operator(
        "+",
        &[Span, Timestamp],
        Timestamp,
        |r| timestamp(timestamp_add(r.timestamp(1)?, r.interval(0)?)),
        "That much later.",
    ),
    operator(
        "-",
        &[Timestamp, Span],
        Timestamp,
        |r| timestamp(timestamp_subtract(r.timestamp(0)?, r.interval(1)?)),
        "That much earlier.",
    ),
    operator(
        "-",
        &[Timestamp, Timestamp],
        Span,
        |r| {
            Ok(Value::Interval(timestamp_difference(
                r.timestamp(0)?,
                r.timestamp(1)?,
            )))
        },
        "Days and time between two moments.",
    ),
    operator(
        "+",
        &[TimestampTz, Span],
        TimestampTz,
        |r| timestamp(timestamp_add(r.timestamp(0)?, r.interval(1)?)),
        "That much later.",
    ),
    operator(
        "+",
        &[Span, TimestampTz],
        TimestampTz,
        |r| timestamp(timestamp_add(r.timestamp(1)?, r.interval(0)?)),
        "That much later.",
    ),
    operator(
        "-",
        &[TimestampTz, Span],
        TimestampTz,
        |r| timestamp(timestamp_subtract(r.timestamp(0)?, r.interval(1)?)),
        "That much earlier.",
    ),
    operator(
        "-",
        &[TimestampTz, TimestampTz],
        Span,
        |r| {
            Ok(Value::Interval(timestamp_difference(
                r.timestamp(0)?,
                r.timestamp(1)?,
            )))
        },
        "Days and time between two moments.",
    ),
    operator(
        "+",
        &[Time, Span],
        Time,
        |r| {
            Ok(Value::Time(
                (r.time(0)? + r.interval(1)?.micros % DAY).rem_euclid(DAY),
            ))
        },
        "That much later, around the clock.",
    ),
    operator(
        "+",
        &[Span, Time],
        Time,
        |r| {
            Ok(Value::Time(
                (r.time(1)? + r.interval(0)?.micros % DAY).rem_euclid(DAY),
            ))
        },
        "That much later, around the clock.",
    ),
    operator(
        "-",
        &[Time, Span],
        Time,
        |r| {
            Ok(Value::Time(
                (r.time(0)? - r.interval(1)?.micros % DAY).rem_euclid(DAY),
            ))
        },
        "That much earlier, around the clock.",
    ),
    operator(
        "-",
        &[Time, Time],
        Span,
        |r| {
            Ok(Value::Interval(Interval::new(
                0,
                0,
                r.time(0)? - r.time(1)?,
            )))
        },
        "Time between two times of day.",
    ),
    operator(
        "+",
        &[Span, Span],
        Span,
        |r| interval(r.interval(0)?.checked_add(r.interval(1)?)),
        "Sum.",
    ),
    operator(
        "-",
        &[Span, Span],
        Span,
        |r| interval(r.interval(0)?.checked_subtract(r.interval(1)?)),
        "Difference.",
    ),
    operator(
        "-",
        &[Span],
        Span,
        |r| interval(r.interval(0)?.checked_negate()),
        "Negation.",
    ),
    operator(
        "*",
        &[Span, Float8],
        Span,
        |r| interval(r.interval(0)?.scale(r.float(1)?)),
        "So many times as long.",
    ),
    operator(
        "*",
        &[Float8, Span],
        Span,
        |r| interval(r.interval(1)?.scale(r.float(0)?)),
        "So many times as long.",
    ),
    operator("/", &[Span, Float8], Span, divide, "A fraction as long."),
    function("now", &[], TimestampTz, now, "The moment of the data set.").stable(),
    function(
        "transaction_timestamp",
        &[],
        TimestampTz,
        now,
        "The moment of the data set.",
    )
    .stable(),
    function(
        "statement_timestamp",
        &[],
        TimestampTz,
        now,
        "The moment of the data set.",
    )
    .stable(),
    function(
        "clock_timestamp",
        &[],
        TimestampTz,
        now,
        "The moment of the data set.",
    )
    .stable(),
    function(
        "current_timestamp",
        &[],
        TimestampTz,
        now,
        "The moment of the data set.",
    )
    .stable(),
    function(
        "localtimestamp",
        &[],
        Timestamp,
        now,
        "The moment of the data set.",
    )
    .stable(),
    function(
        "current_date",
        &[],
        Date,
        |r| Ok(Value::Date(split(r.call.context.now).0)),
        "The day of the data set.",
    )
    .stable(),
    function(
        "localtime",
        &[],
        Time,
        |r| Ok(Value::Time(split(r.call.context.now).1)),
        "The time of day of the data set.",
    )
    .stable(),
    function(
        "age",
        &[Timestamp, Timestamp],
        Span,
        |r| Ok(Value::Interval(age(r.timestamp(0)?, r.timestamp(1)?))),
        "Years, months, days and time between two moments.",
    ),
    function(
        "age",
        &[TimestampTz, TimestampTz],
        Span,
        |r| Ok(Value::Interval(age(r.timestamp(0)?, r.timestamp(1)?))),
        "Years, months, days and time between two moments.",
    ),
    function(
        "age",
        &[Timestamp],
        Span,
        age_today,
        "Years, months and days until today.",
    )
    .stable(),
    function(
        "age",
        &[TimestampTz],
        Span,
        age_today,
        "Years, months and days until today.",
    )
    .stable(),
    function(
        "justify_hours",
        &[Span],
        Span,
        |r| interval(r.interval(0)?.justify_hours()),
        "Days out of 24 hours.",
    ),
    function(
        "justify_days",
        &[Span],
        Span,
        |r| interval(r.interval(0)?.justify_days()),
        "Months out of 30 days.",
    ),
    function(
        "justify_interval",
        &[Span],
        Span,
        |r| interval(r.interval(0)?.justify()),
        "Months and days, all fields of one sign.",
    ),
    function(
        "isfinite",
        &[Date],
        Bool,
        |_| Ok(Value::Bool(true)),
        "Whether a date is finite.",
    ),
    function(
        "isfinite",
        &[Timestamp],
        Bool,
        |_| Ok(Value::Bool(true)),
        "Whether a moment is finite.",
    ),
    function(
        "isfinite",
        &[TimestampTz],
        Bool,
        |_| Ok(Value::Bool(true)),
        "Whether a moment is finite.",
    ),
    function(
        "isfinite",
        &[Span],
        Bool,
        |_| Ok(Value::Bool(true)),
        "Whether an interval is finite.",
    ),
    function(
        "date",
        &[Timestamp],
        Date,
        |r| Ok(Value::Date(split(r.timestamp(0)?).0)),
        "The day of a moment.",
    ),
    function(
        "date",
        &[TimestampTz],
        Date,
        |r| Ok(Value::Date(split(r.timestamp(0)?).0)),
        "The day of a moment.",
    ),
    function(
        "make_date",
        &[Int4, Int4, Int4],
        Date,
        make_date,
        "A date of year, month and day.",
    ),
    function(
        "make_time",
        &[Int4, Int4, Float8],
        Time,
        |r| Ok(Value::Time(time_of(r, 0)?)),
        "A time of hour, minute and second.",
    ),
    function(
        "make_timestamp",
        &[Int4, Int4, Int4, Int4, Int4, Float8],
        Timestamp,
        make_timestamp,
        "A moment of year, month, day, hour, minute and second.",
    ),
    function(
        "make_timestamptz",
        &[Int4, Int4, Int4, Int4, Int4, Float8],
        TimestampTz,
        make_timestamp,
        "A moment of year, month, day, hour, minute and second, in UTC.",
    ),
    function(
        "make_interval",
        &[],
        Span,
        make_interval,
        "An interval of years, months, weeks, days, hours, minutes and seconds.",
    ),
    function(
        "make_interval",
        &[Int4],
        Span,
        make_interval,
        "An interval of years.",
    ),
    function(
        "make_interval",
        &[Int4, Int4],
        Span,
        make_interval,
        "An interval of years and months.",
    ),
    function(
        "make_interval",
        &[Int4, Int4, Int4],
        Span,
        make_interval,
        "An interval of years, months and weeks.",
    ),
    function(
        "make_interval",
        &[Int4, Int4, Int4, Int4],
        Span,
        make_interval,
        "An interval of years, months, weeks and days.",
    ),
    function(
        "make_interval",
        &[Int4, Int4, Int4, Int4, Int4],
        Span,
        make_interval,
        "An interval of years to hours.",
    ),
    function(
        "make_interval",
        &[Int4, Int4, Int4, Int4, Int4, Int4],
        Span,
        make_interval,
        "An interval of years to minutes.",
    ),
    function(
        "make_interval",
        &[Int4, Int4, Int4, Int4, Int4, Int4, Float8],
        Span,
        make_interval,
        "An interval of years to seconds.",
    ),
    function(
        "timestamp",
        &[Timestamp, Int4],
        Timestamp,
        |r| timestamp(Ok(rounded(r.timestamp(0)?, r.int(1)?).unwrap_or(i64::MAX))),
        "Rounded to so many digits of a second. Written timestamp(n).",
    ),
    function(
        "timestamptz",
        &[TimestampTz, Int4],
        TimestampTz,
        |r| timestamp(Ok(rounded(r.timestamp(0)?, r.int(1)?).unwrap_or(i64::MAX))),
        "Rounded to so many digits of a second. Written timestamptz(n).",
    ),
    function(
        "time",
        &[Time, Int4],
        Time,
        |r| {
            let micros = rounded(r.time(0)?, r.int(1)?).unwrap_or(DAY);
            Ok(Value::Time(micros.min(DAY)))
        },
        "Rounded to so many digits of a second. Written time(n).",
    ),
    function(
        "interval",
        &[Span, Int4],
        Span,
        |r| {
            let span = r.interval(0)?;
            let micros = rounded(span.micros, r.int(1)?);
            interval(micros.map(|micros| Interval::new(span.months, span.days, micros)))
        },
        "Rounded to so many digits of a second. Written interval(n).",
    ),
    function(
        "date_bin",
        &[Span, Timestamp, Timestamp],
        Timestamp,
        date_bin,
        "The start of the stride, counted from an origin, that holds a moment.",
    ),
    function(
        "date_bin",
        &[Span, TimestampTz, TimestampTz],
        TimestampTz,
        date_bin,
        "The start of the stride, counted from an origin, that holds a moment.",
    ),
    function(
        "to_timestamp",
        &[Float8],
        TimestampTz,
        from_epoch,
        "The moment so many seconds after 1970.",
    ),
    function(
        "timezone",
        &[Text, Timestamp],
        TimestampTz,
        to_utc,
        "AT TIME ZONE: local time of a zone as a moment.",
    ),
    function(
        "timezone",
        &[Text, TimestampTz],
        Timestamp,
        to_local,
        "AT TIME ZONE: a moment as local time of a zone.",
    ),
    function(
        "timezone",
        &[Span, Timestamp],
        TimestampTz,
        |r| timestamp(Ok(r.timestamp(1)? - r.interval(0)?.micros)),
        "AT TIME ZONE with a distance from UTC.",
    ),
    function(
        "timezone",
        &[Span, TimestampTz],
        Timestamp,
        |r| timestamp(Ok(r.timestamp(1)? + r.interval(0)?.micros)),
        "AT TIME ZONE with a distance from UTC.",
    ),
    function(
        "overlaps",
        &[Timestamp, Timestamp, Timestamp, Timestamp],
        Bool,
        overlaps,
        "Whether two periods share a moment.",
    )
    .sees_nulls(),
    function(
        "overlaps",
        &[Timestamp, Span, Timestamp, Span],
        Bool,
        overlaps,
        "Whether two periods share a moment.",
    )
    .sees_nulls(),
    function(
        "overlaps",
        &[Timestamp, Timestamp, Timestamp, Span],
        Bool,
        overlaps,
        "Whether two periods share a moment.",
    )
    .sees_nulls(),
    function(
        "overlaps",
        &[Timestamp, Span, Timestamp, Timestamp],
        Bool,
        overlaps,
        "Whether two periods share a moment.",
    )
    .sees_nulls(),
    function(
        "overlaps",
        &[TimestampTz, TimestampTz, TimestampTz, TimestampTz],
        Bool,
        overlaps,
        "Whether two periods share a moment.",
    )
    .sees_nulls(),
    function(
        "overlaps",
        &[TimestampTz, Span, TimestampTz, Span],
        Bool,
        overlaps,
        "Whether two periods share a moment.",
    )
    .sees_nulls(),
    function(
        "overlaps",
        &[Time, Time, Time, Time],
        Bool,
        overlaps,
        "Whether two periods share a moment.",
    )
    .sees_nulls(),
];

fn midnight(days: i32) -> i64 {
    i64::from(days) * DAY
}

fn date(days: i64) -> Result<Value> {
    date_in_range(Some(days)).map(Value::Date)
}

fn timestamp(micros: Result<i64>) -> Result<Value> {
    micros
        .and_then(|micros| timestamp_in_range(Some(micros)))
        .map(Value::Timestamp)
}

fn interval(value: Option<Interval>) -> Result<Value> {
    value.map(Value::Interval).ok_or_else(interval_out_of_range)
}

fn interval_out_of_range() -> Box<Diagnostic> {
    Diagnostic::error(sqlstate::DATETIME_FIELD_OVERFLOW, "interval out of range")
}

fn divide(row: &Row<'_>) -> Result<Value> {
    let divisor = row.float(1)?;
    if divisor == 0.0 {
        return Err(crate::base::numeric::division_by_zero());
    }
    interval(row.interval(0)?.divide(divisor))
}

fn now(row: &Row<'_>) -> Result<Value> {
    Ok(Value::Timestamp(row.call.context.now))
}

fn age_today(row: &Row<'_>) -> Result<Value> {
    let today = midnight(split(row.call.context.now).0);
    Ok(Value::Interval(age(today, row.timestamp(0)?)))
}

/// Field by field, borrowing from the next larger one; a month that is borrowed has the length of
/// the earlier moment's month (`timestamp_age` in PostgreSQL's `timestamp.c`).
fn age(later: i64, earlier: i64) -> Interval {
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

fn field(row: &Row<'_>, place: usize) -> Result<i32> {
    Ok(i32::try_from(row.int(place)?).unwrap_or(i32::MAX))
}

fn civil(row: &Row<'_>) -> Result<Option<Civil>> {
    Ok(Civil::new(field(row, 0)?, field(row, 1)?, field(row, 2)?))
}

fn make_date(row: &Row<'_>) -> Result<Value> {
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
fn time_of(row: &Row<'_>, from: usize) -> Result<i64> {
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

fn make_timestamp(row: &Row<'_>) -> Result<Value> {
    let Value::Date(days) = make_date(row)? else {
        return timestamp(timestamp_in_range(None));
    };
    timestamp(Ok(midnight(days) + time_of(row, 3)?))
}

/// Microseconds with so many digits of a second, halves away from zero.
fn rounded(micros: i64, digits: i64) -> Option<i64> {
    let digits = u32::try_from(digits.clamp(0, 6)).unwrap_or(6);
    let unit = 10_i64.pow(6 - digits);
    let half = if micros < 0 { -(unit / 2) } else { unit / 2 };
    Some(micros.checked_add(half)? / unit * unit)
}

fn make_interval(row: &Row<'_>) -> Result<Value> {
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

fn date_bin(row: &Row<'_>) -> Result<Value> {
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

fn from_epoch(row: &Row<'_>) -> Result<Value> {
    let micros = (row.float(0)? * SECOND as f64).round_ties_even();
    if !(micros.abs() < 9e18) {
        return Err(Diagnostic::error(
            sqlstate::DATETIME_FIELD_OVERFLOW,
            format!("timestamp out of range: \"{}\"", row.shown(0)),
        ));
    }
    timestamp(Ok(micros as i64))
}

/// The zone in argument `place`.
pub fn zone(row: &Row<'_>, place: usize) -> Result<Zone> {
    let name = row.text(place)?;
    Zone::named(name).ok_or_else(|| {
        let error = if name.contains('/') {
            Diagnostic::error(
                sqlstate::FEATURE_NOT_SUPPORTED,
                format!("time zone \"{name}\" is not supported"),
            )
        } else {
            Diagnostic::error(
                sqlstate::INVALID_PARAMETER_VALUE,
                format!("time zone \"{name}\" not recognized"),
            )
        };
        error.hint(
            "UTC, fixed offsets such as INTERVAL '+02:00' and large cities such as \
             Europe/Berlin are supported.",
        )
    })
}

/// A moment that a zone's rules do not reach.
pub fn outside_rules(row: &Row<'_>, place: usize) -> Box<Diagnostic> {
    Diagnostic::error(
        sqlstate::FEATURE_NOT_SUPPORTED,
        format!(
            "the rules of time zone \"{}\" are not known here for so early a time",
            row.shown(place)
        ),
    )
}

fn to_local(row: &Row<'_>) -> Result<Value> {
    let local = zone(row, 0)?.to_local(row.timestamp(1)?);
    timestamp(local.ok_or_else(|| outside_rules(row, 0)))
}

fn to_utc(row: &Row<'_>) -> Result<Value> {
    let utc = zone(row, 0)?.to_utc(row.timestamp(1)?);
    timestamp(utc.ok_or_else(|| outside_rules(row, 0)))
}

/// SQL's OVERLAPS: half-open periods, of which one that has no length counts as its moment
/// (`overlaps_timestamp` in PostgreSQL's `timestamp.c`).
fn overlaps(row: &Row<'_>) -> Result<Value> {
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
