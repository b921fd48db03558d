//! The fields of dates and times: `extract`, `date_part` and `date_trunc` (manual, 9.9.1, 9.9.2).

use super::Parameter::{
    Date, Float8, Interval as Span, Numeric as N, Text, Time, Timestamp, TimestampTz,
};
use super::datetime::{outside_rules, zone};
use super::{Operand, Row, ScalarFunction, function};
use crate::base::datetime::{Civil, DAY, HOUR, MINUTE, Moment, SECOND, timestamp_in_range};
use crate::base::diagnostic::sqlstate;
use crate::base::{Column, Diagnostic, Interval, Numeric, Result, Type, Value, Vector};

pub static FUNCTIONS: &[ScalarFunction] = &[
    function(
        "extract",
        &[Text, Date],
        N,
        |r| extract(r).map(Value::Numeric),
        "A field of a date.",
    )
    .with_batch(extract_dates),
    function(
        "extract",
        &[Text, Time],
        N,
        |r| extract(r).map(Value::Numeric),
        "A field of a time.",
    ),
    function(
        "extract",
        &[Text, Timestamp],
        N,
        |r| extract(r).map(Value::Numeric),
        "A field of a moment.",
    )
    .with_batch(extract_timestamps),
    function(
        "extract",
        &[Text, TimestampTz],
        N,
        |r| extract(r).map(Value::Numeric),
        "A field of a moment.",
    )
    .with_batch(extract_timestamps),
    function(
        "extract",
        &[Text, Span],
        N,
        |r| extract(r).map(Value::Numeric),
        "A field of an interval.",
    ),
    function(
        "date_part",
        &[Text, Date],
        Float8,
        part,
        "A field of a date.",
    ),
    function(
        "date_part",
        &[Text, Time],
        Float8,
        part,
        "A field of a time.",
    ),
    function(
        "date_part",
        &[Text, Timestamp],
        Float8,
        part,
        "A field of a moment.",
    ),
    function(
        "date_part",
        &[Text, TimestampTz],
        Float8,
        part,
        "A field of a moment.",
    ),
    function(
        "date_part",
        &[Text, Span],
        Float8,
        part,
        "A field of an interval.",
    ),
    function(
        "date_trunc",
        &[Text, Timestamp],
        Timestamp,
        |r| {
            Ok(Value::Timestamp(trunc(
                &unit(r)?,
                r.timestamp(1)?,
                r.ty(1),
            )?))
        },
        "The start of the unit that holds a moment.",
    )
    .with_batch(trunc_batch),
    function(
        "date_trunc",
        &[Text, TimestampTz],
        TimestampTz,
        |r| {
            Ok(Value::Timestamp(trunc(
                &unit(r)?,
                r.timestamp(1)?,
                r.ty(1),
            )?))
        },
        "The start of the unit that holds a moment.",
    )
    .with_batch(trunc_batch),
    function(
        "date_trunc",
        &[Text, TimestampTz, Text],
        TimestampTz,
        trunc_in_zone,
        "The start of the unit, in a time zone, that holds a moment.",
    ),
    function(
        "date_trunc",
        &[Text, Span],
        Span,
        |r| trunc_interval(&unit(r)?, r.interval(1)?),
        "An interval cut to a unit.",
    ),
];

fn unit(row: &Row<'_>) -> Result<String> {
    Ok(canonical(row.text(0)?))
}

/// One name for each unit, of the many that PostgreSQL reads.
fn canonical(unit: &str) -> String {
    let lower = unit.trim().to_ascii_lowercase();
    match lower.as_str() {
        "years" | "y" | "yr" | "yrs" => "year",
        "months" | "mon" | "mons" => "month",
        "days" | "d" => "day",
        "hours" | "h" | "hr" | "hrs" => "hour",
        "minutes" | "m" | "min" | "mins" => "minute",
        "seconds" | "s" | "sec" | "secs" => "second",
        "milliseconds" | "ms" | "msec" | "msecs" | "millisecond" => "milliseconds",
        "microseconds" | "us" | "usec" | "usecs" | "microsecond" => "microseconds",
        "weeks" | "w" => "week",
        "quarters" | "qtr" => "quarter",
        "decades" | "dec" | "decs" => "decade",
        "centuries" | "c" | "cent" => "century",
        "millennia" | "mil" | "mils" | "millenniums" => "millennium",
        other => other,
    }
    .to_owned()
}

fn unknown_unit(unit: &str, ty: &Type) -> Box<Diagnostic> {
    Diagnostic::error(
        sqlstate::INVALID_PARAMETER_VALUE,
        format!("unit \"{unit}\" not recognized for type {ty}"),
    )
}

fn unsupported_unit(unit: &str, ty: &Type) -> Box<Diagnostic> {
    Diagnostic::error(
        sqlstate::FEATURE_NOT_SUPPORTED,
        format!("unit \"{unit}\" not supported for type {ty}"),
    )
}

fn whole(value: i64) -> Numeric {
    Numeric::from(value)
}

/// Units that some type has a field for.
fn is_unit(unit: &str) -> bool {
    [
        "microseconds",
        "milliseconds",
        "second",
        "minute",
        "hour",
        "day",
        "week",
        "month",
        "quarter",
        "year",
        "decade",
        "century",
        "millennium",
        "epoch",
        "dow",
        "isodow",
        "doy",
        "isoyear",
        "julian",
        "timezone",
        "timezone_hour",
        "timezone_minute",
    ]
    .contains(&unit)
}

fn extract(row: &Row<'_>) -> Result<Numeric> {
    let unit = unit(row)?;
    let ty = row.ty(1);
    let found = match row.value(1) {
        Value::Date(days) => of_date(&unit, Civil::from_days(*days)).or(match unit.as_str() {
            "epoch" => Some(whole(i64::from(*days) * 86_400)),
            _ => None,
        }),
        Value::Time(micros) => of_time(&unit, *micros).or(match unit.as_str() {
            "epoch" => Some(Numeric::new(i128::from(*micros), 6)),
            _ => None,
        }),
        Value::Timestamp(micros) => of_timestamp(&unit, *micros, ty),
        Value::Interval(interval) => of_interval(&unit, *interval),
        _ => None,
    };
    found.ok_or_else(|| {
        if is_unit(&unit) {
            unsupported_unit(&unit, ty)
        } else {
            unknown_unit(&unit, ty)
        }
    })
}

/// `date_part` reads a date as its midnight.
fn part(row: &Row<'_>) -> Result<Value> {
    let number = match row.value(1) {
        Value::Date(days) => {
            let unit = unit(row)?;
            let ty = Type::Timestamp;
            of_timestamp(&unit, i64::from(*days) * DAY, &ty).ok_or_else(|| {
                if is_unit(&unit) {
                    unsupported_unit(&unit, &ty)
                } else {
                    unknown_unit(&unit, &ty)
                }
            })?
        }
        _ => extract(row)?,
    };
    Ok(Value::Float(number.to_f64()))
}

fn of_date(unit: &str, date: Civil) -> Option<Numeric> {
    let Civil { year, month, day } = date;
    Some(whole(i64::from(match unit {
        "day" => day,
        "month" => month,
        "quarter" => (month - 1) / 3 + 1,
        "year" => year,
        "decade" => year / 10,
        "century" => (year + 99) / 100,
        "millennium" => (year + 999) / 1000,
        "week" => date.iso_week().1,
        "isoyear" => date.iso_week().0,
        "dow" => date.weekday(),
        "isodow" => (date.weekday() + 6) % 7 + 1,
        "doy" => date.day_of_year(),
        "julian" => return Some(whole(i64::from(date.to_days()) + 2_440_588)),
        _ => return None,
    })))
}

/// Fields of a time of day, or of the time in an interval.
fn of_time(unit: &str, micros: i64) -> Option<Numeric> {
    let of_minute = i128::from(micros % MINUTE);
    Some(match unit {
        "hour" => whole(micros / HOUR),
        "minute" => whole(micros / MINUTE % 60),
        "second" => Numeric::new(of_minute, 6),
        "milliseconds" => Numeric::new(of_minute, 3),
        "microseconds" => Numeric::new(of_minute, 0),
        _ => return None,
    })
}

fn of_timestamp(unit: &str, micros: i64, ty: &Type) -> Option<Numeric> {
    match unit {
        "epoch" => return Some(Numeric::new(i128::from(micros), 6)),
        "julian" => {
            let (days, time) = crate::base::datetime::split(micros);
            let fraction = Numeric::from(time).divide(Numeric::from(DAY)).ok()?;
            return whole(i64::from(days) + 2_440_588).add(fraction).ok();
        }
        "timezone" | "timezone_hour" | "timezone_minute" if *ty == Type::TimestampTz => {
            return Some(whole(0));
        }
        _ => {}
    }
    let moment = Moment::from_micros(micros);
    of_time(unit, moment.time()).or_else(|| of_date(unit, moment.date))
}

fn of_interval(unit: &str, interval: Interval) -> Option<Numeric> {
    let Interval {
        months,
        days,
        micros,
    } = interval;
    let year = months / 12;
    Some(match unit {
        "year" => whole(i64::from(year)),
        "month" => whole(i64::from(months % 12)),
        "quarter" => whole(i64::from(months % 12 / 3 + 1)),
        "day" => whole(i64::from(days)),
        "decade" => whole(i64::from(year / 10)),
        "century" => whole(i64::from(year / 100)),
        "millennium" => whole(i64::from(year / 1000)),
        // Years of 365.25 days, months of 30.
        "epoch" => {
            let seconds = i128::from(year) * 31_557_600
                + i128::from(months % 12) * 2_592_000
                + i128::from(days) * 86_400;
            Numeric::new(seconds * 1_000_000 + i128::from(micros), 6)
        }
        _ => return of_time(unit, micros),
    })
}

/// The start of the unit that holds a moment.
fn trunc(unit: &str, micros: i64, ty: &Type) -> Result<i64> {
    match width(unit) {
        Some(width) => Ok(micros - micros.rem_euclid(width)),
        None => {
            let date = Moment::from_micros(micros).date;
            let start = start_of(unit, date).ok_or_else(|| {
                if is_unit(unit) {
                    unsupported_unit(unit, ty)
                } else {
                    unknown_unit(unit, ty)
                }
            })?;
            timestamp_in_range(Some(i64::from(start) * DAY))
        }
    }
}

/// The units that always have the same length.
fn width(unit: &str) -> Option<i64> {
    Some(match unit {
        "microseconds" => 1,
        "milliseconds" => 1000,
        "second" => SECOND,
        "minute" => MINUTE,
        "hour" => HOUR,
        "day" => DAY,
        _ => return None,
    })
}

/// The first day of the unit that holds a day.
fn start_of(unit: &str, date: Civil) -> Option<i32> {
    let first = |year: i32, month: i32| {
        Civil {
            year,
            month,
            day: 1,
        }
        .to_days()
    };
    let year = date.year;
    Some(match unit {
        "week" => {
            let days = date.to_days();
            days - (days + 3).rem_euclid(7)
        }
        "month" => first(year, date.month),
        "quarter" => first(year, (date.month - 1) / 3 * 3 + 1),
        "year" => first(year, 1),
        "decade" => first((year / 10 * 10).max(1), 1),
        "century" => first((year - 1) / 100 * 100 + 1, 1),
        "millennium" => first((year - 1) / 1000 * 1000 + 1, 1),
        _ => return None,
    })
}

fn trunc_in_zone(row: &Row<'_>) -> Result<Value> {
    let zone = zone(row, 2)?;
    let local = zone
        .to_local(row.timestamp(1)?)
        .ok_or_else(|| outside_rules(row, 2))?;
    let start = trunc(&unit(row)?, local, row.ty(1))?;
    let utc = zone.to_utc(start).ok_or_else(|| outside_rules(row, 2))?;
    timestamp_in_range(Some(utc)).map(Value::Timestamp)
}

fn trunc_interval(unit: &str, interval: Interval) -> Result<Value> {
    let Interval {
        months,
        days,
        micros,
    } = interval;
    let whole_years = |years: i32| Interval::new(months / 12 / years * years * 12, 0, 0);
    Ok(Value::Interval(match unit {
        "millennium" => whole_years(1000),
        "century" => whole_years(100),
        "decade" => whole_years(10),
        "year" => whole_years(1),
        "quarter" => Interval::new(months / 3 * 3, 0, 0),
        "month" => Interval::new(months, 0, 0),
        "day" => Interval::new(months, days, 0),
        "week" => {
            return Err(Diagnostic::error(
                sqlstate::FEATURE_NOT_SUPPORTED,
                "unit \"week\" not supported for type interval",
            )
            .hint("Months usually have fractional weeks."));
        }
        _ => match width(unit) {
            Some(width) => Interval::new(months, days, micros / width * width),
            None if is_unit(unit) => return Err(unsupported_unit(unit, &Type::Interval)),
            None => return Err(unknown_unit(unit, &Type::Interval)),
        },
    }))
}

/// The unit and the integers of a call with a constant unit.
fn constant_unit(operands: &[Operand]) -> Option<(String, &Column, &[i64])> {
    let [
        Operand::Constant(Value::Text(unit)),
        Operand::Column(column),
    ] = operands
    else {
        return None;
    };
    match &column.vector {
        Vector::Int(values) => Some((canonical(unit), column, values)),
        _ => None,
    }
}

/// Computes a function of days for many rows, most of which lie close to the row before.
fn by_day<T: Copy>(
    days: impl Iterator<Item = i64>,
    of_day: impl Fn(i32) -> Option<T>,
) -> Option<Vec<T>> {
    let mut last: Option<(i64, T)> = None;
    days.map(|day| match last {
        Some((known, value)) if known == day => Some(value),
        _ => {
            let value = of_day(i32::try_from(day).ok()?)?;
            last = Some((day, value));
            Some(value)
        }
    })
    .collect()
}

fn trunc_batch(operands: &[Operand], _rows: usize) -> Result<Option<Column>> {
    let Some((unit, column, values)) = constant_unit(operands) else {
        return Ok(None);
    };
    let truncated: Option<Vec<i64>> = match width(&unit) {
        Some(width) => Some(values.iter().map(|v| v - v.rem_euclid(width)).collect()),
        None => by_day(values.iter().map(|v| v.div_euclid(DAY)), |day| {
            start_of(&unit, Civil::from_days(day)).map(|start| i64::from(start) * DAY)
        }),
    };
    Ok(truncated.map(|values| Column {
        vector: Vector::Int(values),
        validity: column.validity.clone(),
    }))
}

/// The fields of the day, which are what queries group by.
fn extract_by(operands: &[Operand], units_a_day: i64) -> Option<Column> {
    let (unit, column, values) = constant_unit(operands)?;
    let fields = by_day(values.iter().map(|v| v.div_euclid(units_a_day)), |day| {
        i64::try_from(of_date(&unit, Civil::from_days(day))?.mantissa()).ok()
    })?;
    Some(Column {
        vector: Vector::Decimal(fields, 0),
        validity: column.validity.clone(),
    })
}

fn extract_dates(operands: &[Operand], _rows: usize) -> Result<Option<Column>> {
    Ok(extract_by(operands, 1))
}

/// Fields of the time of day, and `julian` with its fraction, are left to the rows.
fn extract_timestamps(operands: &[Operand], _rows: usize) -> Result<Option<Column>> {
    match operands.first() {
        Some(Operand::Constant(Value::Text(unit))) if canonical(unit) == "julian" => Ok(None),
        _ => Ok(extract_by(operands, DAY)),
    }
}
