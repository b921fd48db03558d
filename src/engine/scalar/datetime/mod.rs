//! Operators and functions of dates, times and intervals.

mod between;
mod make;
mod zone;

use super::Parameter::{
    Bool, Date, Float8, Int4, Interval as Span, Text, Time, Timestamp, TimestampTz,
};
use super::{Row, ScalarFunction, function, operator};
use crate::base::datetime::{
    DAY, date_in_range, split, timestamp_add, timestamp_difference, timestamp_in_range,
    timestamp_subtract,
};
use crate::base::diagnostic::sqlstate;
use crate::base::{Diagnostic, Interval, Result, Value};
use between::{age, age_today, date_bin, divide, overlaps};
use make::{from_epoch, make_date, make_interval, make_timestamp, rounded, time_of};
pub use zone::{outside_rules, zone};
use zone::{to_local, to_utc};

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

fn now(row: &Row<'_>) -> Result<Value> {
    Ok(Value::Timestamp(row.call.context.now))
}
