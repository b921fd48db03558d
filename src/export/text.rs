//! Values as text: as PostgreSQL prints them ([`shown`]) and as ISO 8601 has it ([`iso`]).

use crate::base::{Interval, Numeric, Type, Value};
use std::borrow::Cow;
use std::fmt::Write;

/// A value as PostgreSQL's cast to text prints it, with the time zone set to UTC. NULL is empty.
pub fn shown(value: &Value, ty: &Type) -> String {
    match value {
        Value::Timestamp(micros) => {
            let zone = if *ty == Type::TimestampTz { "+00" } else { "" };
            moment(*micros, ' ', zone)
        }
        other => plain(other, ty),
    }
}

/// A value for programs: as [`shown`], but moments in ISO 8601, UTC marked by `Z`.
pub fn iso(value: &Value, ty: &Type) -> String {
    match value {
        Value::Timestamp(micros) => {
            let zone = if *ty == Type::TimestampTz { "Z" } else { "" };
            moment(*micros, 'T', zone)
        }
        other => plain(other, ty),
    }
}

fn plain(value: &Value, ty: &Type) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(true) => "true".into(),
        Value::Bool(false) => "false".into(),
        Value::Int(number) => number.to_string(),
        Value::Numeric(number) => numeric(*number),
        Value::Float(number) => match ty {
            Type::Real => float(f64::from(*number as f32), &format!("{:e}", *number as f32)),
            _ => float(*number, &format!("{number:e}")),
        },
        Value::Text(text) => text.to_string(),
        Value::Date(days) => date(i64::from(*days)),
        Value::Time(micros) => time(*micros),
        Value::Timestamp(micros) => moment(*micros, ' ', ""),
        Value::Interval(interval) => interval_text(*interval),
        Value::Uuid(number) => uuid(*number),
        Value::Array(elements) => {
            let element_type = match ty {
                Type::Array(element) => element,
                other => other,
            };
            let parts = elements.iter().map(|element| match element {
                Value::Null => Cow::Borrowed("NULL"),
                Value::Array(_) => Cow::Owned(shown(element, element_type)),
                other => quoted(nested(other, element_type), "{},\"\\ "),
            });
            format!("{{{}}}", joined(parts))
        }
        Value::Record(fields) => {
            let types = match ty {
                Type::Record(types) => types.as_slice(),
                _ => &[],
            };
            let parts = fields.iter().enumerate().map(|(place, field)| match field {
                Value::Null => Cow::Borrowed(""),
                other => {
                    let ty = types.get(place).unwrap_or(&Type::Unknown);
                    quoted(nested(other, ty), "(),\"\\ ")
                }
            });
            format!("({})", joined(parts))
        }
    }
}

/// Inside of arrays and rows booleans are single letters.
fn nested(value: &Value, ty: &Type) -> String {
    match value {
        Value::Bool(true) => "t".into(),
        Value::Bool(false) => "f".into(),
        other => shown(other, ty),
    }
}

fn joined<'a>(parts: impl Iterator<Item = Cow<'a, str>>) -> String {
    let mut text = String::new();
    for (place, part) in parts.enumerate() {
        if place > 0 {
            text.push(',');
        }
        text.push_str(&part);
    }
    text
}

/// In double quotes when it is empty, reads as NULL, or holds one of the special characters.
fn quoted(text: String, special: &str) -> Cow<'static, str> {
    let plain = !text.is_empty()
        && !text.eq_ignore_ascii_case("null")
        && !text.contains(|c: char| special.contains(c) || c.is_whitespace());
    if plain {
        return text.into();
    }
    let escaped = text.replace('\\', "\\\\").replace('"', "\\\"");
    format!("\"{escaped}\"").into()
}

fn numeric(number: Numeric) -> String {
    let scale = usize::from(number.scale());
    let digits = number.mantissa().unsigned_abs().to_string();
    let sign = if number.mantissa() < 0 { "-" } else { "" };
    if scale == 0 {
        return format!("{sign}{digits}");
    }
    let padded = format!("{digits:0>width$}", width = scale + 1);
    let (whole, fraction) = padded.split_at(padded.len() - scale);
    format!("{sign}{whole}.{fraction}")
}

/// The shortest digits that read back as the same number; `scientific` are those digits.
fn float(number: f64, scientific: &str) -> String {
    if number.is_nan() {
        return "NaN".into();
    }
    if number.is_infinite() {
        return if number > 0.0 {
            "Infinity"
        } else {
            "-Infinity"
        }
        .into();
    }
    let Some((digits, exponent)) = scientific.split_once('e') else {
        return scientific.to_owned();
    };
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if number != 0.0 && !(-4..15).contains(&exponent) {
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{digits}e{sign}{:02}", exponent.abs());
    }
    // The digits with the point moved; formatting the number anew would widen a real.
    let (sign, digits) = match digits.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", digits),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let all = format!("{whole}{fraction}");
    if exponent < 0 {
        let zeros = "0".repeat(exponent.unsigned_abs() as usize - 1);
        return format!("{sign}0.{zeros}{all}");
    }
    let point = exponent as usize + 1;
    if all.len() <= point {
        format!("{sign}{all:0<point$}")
    } else {
        let (whole, fraction) = all.split_at(point);
        format!("{sign}{whole}.{fraction}")
    }
}

const DAY: i64 = 86_400_000_000;

fn moment(micros: i64, between: char, zone: &str) -> String {
    // The ends of the range stand for infinity.
    if micros == i64::MAX {
        return "infinity".into();
    }
    if micros == i64::MIN {
        return "-infinity".into();
    }
    let days = micros.div_euclid(DAY);
    let (year, month, day) = civil(days);
    let clock = time(micros.rem_euclid(DAY));
    let (year, era) = years(year);
    format!("{year}-{month:02}-{day:02}{between}{clock}{zone}{era}")
}

fn date(days: i64) -> String {
    let (year, month, day) = civil(days);
    let (year, era) = years(year);
    format!("{year}-{month:02}-{day:02}{era}")
}

/// Years before the first are counted backwards from 1 BC.
fn years(year: i64) -> (String, &'static str) {
    if year > 0 {
        (format!("{year:04}"), "")
    } else {
        (format!("{:04}", 1 - year), " BC")
    }
}

fn time(micros: i64) -> String {
    let seconds = micros / 1_000_000;
    let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    let fraction = fraction(micros % 1_000_000);
    format!("{hour:02}:{minute:02}:{second:02}{fraction}")
}

/// Microseconds behind a point, without trailing zeros.
fn fraction(micros: i64) -> String {
    if micros == 0 {
        return String::new();
    }
    format!(".{micros:06}").trim_end_matches('0').to_owned()
}

/// Year, month and day of a number of days since 1970-01-01, in the proleptic Gregorian calendar
/// (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms").
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 {
        shifted + 3
    } else {
        shifted - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

/// `intervalstyle = postgres`.
fn interval_text(interval: Interval) -> String {
    let mut parts = Vec::new();
    let mut unit = |count: i64, name: &str| {
        if count != 0 {
            let plural = if count == 1 { "" } else { "s" };
            parts.push(format!("{count} {name}{plural}"));
        }
    };
    unit(i64::from(interval.months) / 12, "year");
    unit(i64::from(interval.months) % 12, "mon");
    unit(i64::from(interval.days), "day");
    if interval.micros != 0 || parts.is_empty() {
        let sign = if interval.micros < 0 { "-" } else { "" };
        let micros = interval.micros.unsigned_abs();
        let seconds = micros / 1_000_000;
        let mut clock = String::new();
        // Writing into a String does not fail.
        write!(
            clock,
            "{sign}{:02}:{:02}:{:02}{}",
            seconds / 3600,
            seconds / 60 % 60,
            seconds % 60,
            fraction((micros % 1_000_000) as i64)
        )
        .ok();
        parts.push(clock);
    }
    parts.join(" ")
}

fn uuid(number: u128) -> String {
    let hex = format!("{number:032x}");
    let mut text = String::with_capacity(36);
    for (place, digit) in hex.chars().enumerate() {
        if matches!(place, 8 | 12 | 16 | 20) {
            text.push('-');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(value: Value, ty: Type, expected: &str) {
        assert_eq!(shown(&value, &ty), expected);
    }

    #[test]
    fn decimals_keep_their_scale() {
        let decimal = |mantissa, scale| Value::Numeric(Numeric::new(mantissa, scale));
        check(decimal(129_900, 2), Type::Numeric(None), "1299.00");
        check(decimal(-5, 2), Type::Numeric(None), "-0.05");
        check(decimal(7, 0), Type::Numeric(None), "7");
    }

    #[test]
    fn floats_are_short_and_exact() {
        for (number, expected) in [
            (0.1, "0.1"),
            (100.0, "100"),
            (-1.5, "-1.5"),
            (1e15, "1e+15"),
            (123_456_789_012_345.0, "123456789012345"),
            (1.5e-5, "1.5e-05"),
            (0.00015, "0.00015"),
            (0.0, "0"),
            (-0.0, "-0"),
            (f64::NAN, "NaN"),
            (f64::NEG_INFINITY, "-Infinity"),
        ] {
            check(Value::Float(number), Type::Double, expected);
        }
        check(Value::Float(f64::from(0.1f32)), Type::Real, "0.1");
    }

    #[test]
    fn moments_are_printed_in_utc() {
        let noon = 1_772_366_400_000_000;
        check(
            Value::Timestamp(noon),
            Type::TimestampTz,
            "2026-03-01 12:00:00+00",
        );
        assert_eq!(
            iso(&Value::Timestamp(noon + 120_000), &Type::TimestampTz),
            "2026-03-01T12:00:00.12Z"
        );
        assert_eq!(
            iso(&Value::Timestamp(-1), &Type::Timestamp),
            "1969-12-31T23:59:59.999999"
        );
        check(Value::Date(-719_528), Type::Date, "0001-01-01 BC");
        check(Value::Date(11_016), Type::Date, "2000-02-29");
    }

    #[test]
    fn intervals_name_their_units() {
        let interval = |months, days, micros| {
            Value::Interval(Interval {
                months,
                days,
                micros,
            })
        };
        check(
            interval(14, 3, 3_723_000_000),
            Type::Interval,
            "1 year 2 mons 3 days 01:02:03",
        );
        check(interval(0, 0, 0), Type::Interval, "00:00:00");
        check(
            interval(0, -1, -1_500_000),
            Type::Interval,
            "-1 days -00:00:01.5",
        );
    }

    #[test]
    fn arrays_quote_what_would_be_misread() {
        let array = Value::Array(
            vec![
                Value::text("a b"),
                Value::Null,
                Value::text("null"),
                Value::text("x"),
            ]
            .into(),
        );
        check(
            array,
            Type::Array(Box::new(Type::Text)),
            "{\"a b\",NULL,\"null\",x}",
        );
        let record = Value::Record(vec![Value::Int(1), Value::Null, Value::Bool(true)].into());
        check(
            record,
            Type::Record(vec![Type::Integer, Type::Text, Type::Boolean]),
            "(1,,t)",
        );
    }
}
