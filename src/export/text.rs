//! Values as text: as PostgreSQL prints them ([`shown`]) and as ISO 8601 has it ([`iso`]).

use crate::base::{Interval, Numeric, Type, Value};
use std::borrow::Cow;

/// A value as PostgreSQL's cast to text prints it, with the time zone set to UTC. NULL is empty.
pub fn shown(value: &Value, ty: &Type) -> String {
    let mut out = String::new();
    write(&mut out, value, ty, Style::Postgres);
    out
}

/// A value for programs: as [`shown`], but moments in ISO 8601, UTC marked by `Z`.
pub fn iso(value: &Value, ty: &Type) -> String {
    let mut out = String::new();
    write_iso(&mut out, value, ty);
    out
}

/// Appends what [`iso`] gives.
pub fn write_iso(out: &mut String, value: &Value, ty: &Type) {
    write(out, value, ty, Style::Iso);
}

/// How moments are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Style {
    Postgres,
    Iso,
}

fn write(out: &mut String, value: &Value, ty: &Type, style: Style) {
    match value {
        Value::Null => {}
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::Int(number) => integer(out, *number),
        Value::Numeric(number) => numeric(out, *number),
        Value::Float(number) => out.push_str(&match ty {
            Type::Real => float(f64::from(*number as f32), &format!("{:e}", *number as f32)),
            _ => float(*number, &format!("{number:e}")),
        }),
        Value::Text(text) => out.push_str(text),
        Value::Date(days) => date(out, i64::from(*days), ""),
        Value::Time(micros) => time(out, *micros),
        Value::Timestamp(micros) => {
            let (between, zone) = match (style, *ty == Type::TimestampTz) {
                (Style::Postgres, true) => (" ", "+00"),
                (Style::Postgres, false) => (" ", ""),
                (Style::Iso, true) => ("T", "Z"),
                (Style::Iso, false) => ("T", ""),
            };
            moment(out, *micros, between, zone);
        }
        Value::Interval(interval) => interval_text(out, *interval),
        Value::Uuid(number) => uuid(out, *number),
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
            out.push_str(&format!("{{{}}}", joined(parts)));
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
            out.push_str(&format!("({})", joined(parts)));
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

/// The digits of a number, without the detour over the formatting machinery: results have many.
fn digits(out: &mut String, number: u128, at_least: usize) {
    let mut buffer = [b'0'; 39];
    let mut start = buffer.len();
    let mut put = |digit: u8| {
        start -= 1;
        if let Some(place) = buffer.get_mut(start) {
            *place = b'0' + digit;
        }
    };
    let mut wide = number;
    while wide > u128::from(u64::MAX) {
        put((wide % 10) as u8);
        wide /= 10;
    }
    // Most numbers fit 64 bits, whose division is much quicker.
    let mut rest = wide as u64;
    while rest > 0 {
        put((rest % 10) as u8);
        rest /= 10;
    }
    let start = start.min(buffer.len() - at_least.clamp(1, buffer.len()));
    let text = buffer.get(start..).unwrap_or_default();
    out.extend(text.iter().map(|&digit| char::from(digit)));
}

fn integer(out: &mut String, number: i64) {
    if number < 0 {
        out.push('-');
    }
    digits(out, u128::from(number.unsigned_abs()), 1);
}

fn numeric(out: &mut String, number: Numeric) {
    if number.mantissa() < 0 {
        out.push('-');
    }
    let scale = usize::from(number.scale());
    if scale >= 38 {
        // Wider than the buffer below.
        let all = number.mantissa().unsigned_abs().to_string();
        let padded = format!("{all:0>width$}", width = scale + 1);
        let (whole, fraction) = padded.split_at(padded.len() - scale);
        out.push_str(whole);
        out.push('.');
        out.push_str(fraction);
        return;
    }
    digits(out, number.mantissa().unsigned_abs(), scale + 1);
    if scale > 0 {
        out.insert(out.len() - scale, '.');
    }
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

fn moment(out: &mut String, micros: i64, between: &str, zone: &str) {
    // The ends of the range stand for infinity.
    if micros == i64::MAX {
        return out.push_str("infinity");
    }
    if micros == i64::MIN {
        return out.push_str("-infinity");
    }
    let days = micros.div_euclid(DAY);
    let mut clock = String::with_capacity(24);
    clock.push_str(between);
    time(&mut clock, micros.rem_euclid(DAY));
    clock.push_str(zone);
    date(out, days, &clock);
}

/// A date with what follows it before the era: years before the first are counted backwards from
/// 1 BC.
fn date(out: &mut String, days: i64, clock: &str) {
    let (year, month, day) = civil(days);
    let counted = if year > 0 { year } else { 1 - year };
    padded(out, counted, 4);
    out.push('-');
    padded(out, month, 2);
    out.push('-');
    padded(out, day, 2);
    out.push_str(clock);
    if year <= 0 {
        out.push_str(" BC");
    }
}

fn time(out: &mut String, micros: i64) {
    let seconds = micros / 1_000_000;
    padded(out, seconds / 3600, 2);
    out.push(':');
    padded(out, seconds / 60 % 60, 2);
    out.push(':');
    padded(out, seconds % 60, 2);
    fraction(out, micros % 1_000_000);
}

fn padded(out: &mut String, number: i64, width: usize) {
    digits(out, u128::from(number.unsigned_abs()), width);
}

/// Microseconds behind a point, without trailing zeros.
fn fraction(out: &mut String, micros: i64) {
    if micros != 0 {
        out.push('.');
        padded(out, micros, 6);
        out.truncate(out.trim_end_matches('0').len());
    }
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
fn interval_text(out: &mut String, interval: Interval) {
    let mut is_first = true;
    let mut space = |out: &mut String| {
        if !is_first {
            out.push(' ');
        }
        is_first = false;
    };
    let units = [
        (interval.months / 12, "year"),
        (interval.months % 12, "mon"),
        (interval.days, "day"),
    ];
    let mut has_units = false;
    for (count, name) in units {
        if count != 0 {
            has_units = true;
            space(out);
            integer(out, i64::from(count));
            out.push(' ');
            out.push_str(name);
            if count != 1 {
                out.push('s');
            }
        }
    }
    if interval.micros != 0 || !has_units {
        space(out);
        if interval.micros < 0 {
            out.push('-');
        }
        // The smallest number has no positive twin; one microsecond more is none in 292,000 years.
        time(out, interval.micros.saturating_abs());
    }
}

fn uuid(out: &mut String, number: u128) {
    for (place, digit) in format!("{number:032x}").chars().enumerate() {
        if matches!(place, 8 | 12 | 16 | 20) {
            out.push('-');
        }
        out.push(digit);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(value: Value, ty: Type, expected: &str) {
        assert_eq!(shown(&value, &ty), expected);
    }

    #[test]
    fn whole_numbers_of_every_length() {
        for number in [0, 7, -10, i64::MAX, i64::MIN] {
            check(Value::Int(number), Type::BigInt, &number.to_string());
        }
        let widest = i128::MAX;
        check(
            Value::Numeric(Numeric::new(widest, 0)),
            Type::Numeric(None),
            &widest.to_string(),
        );
    }

    #[test]
    fn decimals_keep_their_scale() {
        let decimal = |mantissa, scale| Value::Numeric(Numeric::new(mantissa, scale));
        check(decimal(129_900, 2), Type::Numeric(None), "1299.00");
        check(decimal(-5, 2), Type::Numeric(None), "-0.05");
        check(decimal(7, 0), Type::Numeric(None), "7");
        check(decimal(0, 2), Type::Numeric(None), "0.00");
        check(
            decimal(-1, 40),
            Type::Numeric(None),
            &format!("-0.{}1", "0".repeat(39)),
        );
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
