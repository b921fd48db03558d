//! What a field makes of a value: `get_prep_value` and `to_python`, with Django's refusals.

use crate::base::{Interval, Numeric, Value};
use crate::market::catalogue::{Field, FieldKind};
use crate::orm::errors::{ExceptionClass, OrmError, Result};
use crate::orm::expressions::python_repr;
use crate::orm::sql::{DAY, days_from_civil, plain};

/// The name of a value's type in Python.
pub fn python_type(value: &Value) -> &'static str {
    match value {
        Value::Null => "NoneType",
        Value::Bool(_) => "bool",
        Value::Int(_) => "int",
        Value::Numeric(_) => "decimal.Decimal",
        Value::Float(_) => "float",
        Value::Text(_) => "str",
        Value::Date(_) => "datetime.date",
        Value::Time(_) => "datetime.time",
        Value::Timestamp(_) => "datetime.datetime",
        Value::Interval(_) => "datetime.timedelta",
        Value::Uuid(_) => "UUID",
        Value::Array(_) => "list",
        Value::Record(_) => "tuple",
    }
}

/// The value as a query sends it.
///
/// # Errors
/// `ValueError`, `TypeError` or `ValidationError`, in the field's own words.
pub fn prepare(field: &Field, value: Value) -> Result<Value> {
    if value.is_null() {
        return Ok(value);
    }
    let shown = python_repr(&value.clone().into());
    if field.kind.is_integer() {
        return integer(&value).ok_or_else(|| wrong_type(field, &shown, python_type(&value)));
    }
    match field.kind {
        FieldKind::Float => {
            number(&value).ok_or_else(|| wrong_type(field, &shown, python_type(&value)))
        }
        // Durations go out as they are.
        FieldKind::Duration => Ok(value),
        _ => to_python(field, value),
    }
}

/// The value as an instance holds it after `full_clean`.
///
/// # Errors
/// `ValidationError`, in the field's own words.
pub fn to_python(field: &Field, value: Value) -> Result<Value> {
    if value.is_null() {
        return Ok(value);
    }
    let times = matches!(
        field.kind,
        FieldKind::Date | FieldKind::DateTime | FieldKind::Time
    );
    let readable = matches!(
        value,
        Value::Text(_) | Value::Date(_) | Value::Time(_) | Value::Timestamp(_)
    );
    // The days of a time and the clock of a date are not read from the other.
    let crossed = matches!(
        (&field.kind, &value),
        (FieldKind::Date | FieldKind::DateTime, Value::Time(_)) | (FieldKind::Time, Value::Date(_))
    );
    if times && (!readable || crossed) {
        return Err(OrmError::kind("fromisoformat: argument must be str"));
    }
    let given = plain(&value);
    let refused = |text: &str| OrmError::validation(format!("“{given}” {text}"));
    match &field.kind {
        kind if kind.is_integer() => {
            integer(&value).ok_or_else(|| refused("value must be an integer."))
        }
        FieldKind::Float => number(&value).ok_or_else(|| refused("value must be a float.")),
        FieldKind::Boolean => match &value {
            Value::Bool(_) => Ok(value),
            _ => match given.as_str() {
                "t" | "True" | "1" | "1.0" => Ok(Value::Bool(true)),
                "f" | "False" | "0" | "0.0" => Ok(Value::Bool(false)),
                "" if field.null => Ok(Value::Null),
                _ if field.null => Err(refused("value must be either True, False, or None.")),
                _ => Err(refused("value must be either True or False.")),
            },
        },
        FieldKind::Decimal(size) => {
            decimal(&value, *size).ok_or_else(|| refused("value must be a decimal number."))
        }
        FieldKind::Char(_)
        | FieldKind::Email(_)
        | FieldKind::Slug(_)
        | FieldKind::Url(_)
        | FieldKind::Text => Ok(match value {
            Value::Text(_) => value,
            _ => Value::text(given),
        }),
        FieldKind::Date => match &value {
            Value::Date(_) => Ok(value),
            Value::Timestamp(micros) => Ok(Value::Date(micros.div_euclid(DAY) as i32)),
            _ => match parse_date(&given) {
                Parsed::Value(days) => Ok(Value::Date(days as i32)),
                Parsed::Impossible => Err(refused(
                    "value has the correct format (YYYY-MM-DD) but it is an invalid date.",
                )),
                Parsed::No => Err(refused(
                    "value has an invalid date format. It must be in YYYY-MM-DD format.",
                )),
            },
        },
        FieldKind::DateTime => match &value {
            Value::Timestamp(_) => Ok(value),
            Value::Date(days) => Ok(Value::Timestamp(i64::from(*days) * DAY)),
            _ => match parse_datetime(&given) {
                Parsed::Value(micros) => Ok(Value::Timestamp(micros)),
                Parsed::Impossible if given.trim().len() <= 10 => Err(refused(
                    "value has the correct format (YYYY-MM-DD) but it is an invalid date.",
                )),
                Parsed::Impossible => Err(refused(
                    "value has the correct format (YYYY-MM-DD HH:MM[:ss[.uuuuuu]][TZ]) but it is \
                     an invalid date/time.",
                )),
                Parsed::No => Err(refused(
                    "value has an invalid format. It must be in YYYY-MM-DD \
                     HH:MM[:ss[.uuuuuu]][TZ] format.",
                )),
            },
        },
        FieldKind::Time => match &value {
            Value::Time(_) => Ok(value),
            Value::Timestamp(micros) => Ok(Value::Time(micros.rem_euclid(DAY))),
            _ => match parse_time(&given) {
                Parsed::Value(micros) => Ok(Value::Time(micros)),
                Parsed::Impossible => Err(refused(
                    "value has the correct format (HH:MM[:ss[.uuuuuu]]) but it is an invalid time.",
                )),
                Parsed::No => Err(refused(
                    "value has an invalid format. It must be in HH:MM[:ss[.uuuuuu]] format.",
                )),
            },
        },
        FieldKind::Duration => match value {
            Value::Interval(_) => Ok(value),
            _ => parse_duration(&given).ok_or_else(|| {
                refused(
                    "value has an invalid format. It must be in [DD] [[HH:]MM:]ss[.uuuuuu] format.",
                )
            }),
        },
        FieldKind::Uuid => match value {
            Value::Uuid(_) => Ok(value),
            _ => {
                let hex: String = given.chars().filter(|c| *c != '-').collect();
                match u128::from_str_radix(&hex, 16) {
                    Ok(number) if hex.len() == 32 => Ok(Value::Uuid(number)),
                    _ => Err(refused("is not a valid UUID.")),
                }
            }
        },
        _ => Ok(value),
    }
}

/// Django's refusal of a value that is no number.
pub fn wrong_type(field: &Field, shown: &str, given_type: &str) -> OrmError {
    let name = match field.name.as_str() {
        "" => "None",
        name => name,
    };
    let class = match given_type {
        "str" | "float" | "decimal.Decimal" => ExceptionClass::ValueError,
        _ => ExceptionClass::TypeError,
    };
    OrmError::new(
        class,
        format!("Field '{name}' expected a number but got {shown}."),
    )
}

/// Python's `int(value)`.
fn integer(value: &Value) -> Option<Value> {
    match value {
        Value::Int(_) => Some(value.clone()),
        Value::Bool(flag) => Some(Value::Int(i64::from(*flag))),
        Value::Float(number) if number.is_finite() => Some(whole_number(number.trunc() as i128)),
        Value::Numeric(number) => {
            let mut whole = number.mantissa();
            for _ in 0..number.scale() {
                whole /= 10;
            }
            Some(whole_number(whole))
        }
        Value::Text(text) => text.trim().replace('_', "").parse().ok().map(Value::Int),
        _ => None,
    }
}

/// A whole number as SQL takes it: beyond eight bytes it is a numeric.
fn whole_number(number: i128) -> Value {
    match i64::try_from(number) {
        Ok(number) => Value::Int(number),
        Err(_) => Value::Numeric(Numeric::new(number, 0)),
    }
}

/// Python's `float(value)`.
fn number(value: &Value) -> Option<Value> {
    match value {
        Value::Float(_) => Some(value.clone()),
        Value::Int(number) => Some(Value::Float(*number as f64)),
        Value::Bool(flag) => Some(Value::Float(f64::from(u8::from(*flag)))),
        Value::Numeric(_) => plain(value).parse().ok().map(Value::Float),
        Value::Text(text) => text.trim().parse().ok().map(Value::Float),
        _ => None,
    }
}

/// Python's `Decimal(value)`; a float is rounded to the digits that the field has.
fn decimal(value: &Value, size: Option<(u16, u16)>) -> Option<Value> {
    match value {
        Value::Numeric(_) => Some(value.clone()),
        Value::Int(number) => Some(Value::Numeric(Numeric::new(i128::from(*number), 0))),
        Value::Bool(flag) => Some(Value::Numeric(Numeric::new(i128::from(*flag), 0))),
        Value::Float(number) if number.is_finite() => {
            let precision = size.map_or(28, |(digits, _)| usize::from(digits));
            // The printed forms of a float are exact in Rust, so 4.5 stays 4.5 and 0.1 shows
            // the digits that it really has.
            let exact = format!("{number:.60}");
            let exact = exact.trim_end_matches('0').trim_end_matches('.');
            let digits = exact
                .trim_start_matches(['-', '0', '.'])
                .chars()
                .filter(char::is_ascii_digit)
                .count();
            if digits <= precision {
                parse_decimal(exact)
            } else {
                parse_decimal(&format!("{number:.*e}", precision.saturating_sub(1)))
            }
        }
        // Python reads `4_5` as 45, Rust does not.
        Value::Text(text) => parse_decimal(&text.trim().replace('_', "")),
        _ => None,
    }
}

/// A decimal number as text, with or without an exponent.
pub fn parse_decimal(text: &str) -> Option<Value> {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (text, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let sign = whole.starts_with('-');
    let whole = whole.trim_start_matches(['-', '+']);
    if (whole.is_empty() && fraction.is_empty())
        || !whole
            .chars()
            .chain(fraction.chars())
            .all(|c| c.is_ascii_digit())
    {
        return None;
    }
    let mut digits: i128 = format!("{whole}{fraction}").parse().ok()?;
    let mut scale = i32::try_from(fraction.len()).ok()?.checked_sub(exponent)?;
    while scale < 0 {
        digits = digits.checked_mul(10)?;
        scale += 1;
    }
    let digits = if sign { -digits } else { digits };
    Some(Value::Numeric(Numeric::new(
        digits,
        u8::try_from(scale).ok()?,
    )))
}

/// What became of a text that should be a date or a time.
pub enum Parsed {
    /// The value, in days or microseconds.
    Value(i64),
    /// The form is right and the date does not exist.
    Impossible,
    /// The form is wrong.
    No,
}

fn parse_date(text: &str) -> Parsed {
    let parts: Vec<_> = text.trim().split('-').collect();
    let [year, month, day] = parts.as_slice() else {
        return Parsed::No;
    };
    let (Ok(year), Ok(month), Ok(day)) = (
        year.parse::<i64>(),
        month.parse::<i64>(),
        day.parse::<i64>(),
    ) else {
        return Parsed::No;
    };
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let length = match month {
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        1..=12 => 31,
        _ => 0,
    };
    if (1..=length).contains(&day) && (1..=9999).contains(&year) {
        Parsed::Value(days_from_civil(year, month, day))
    } else {
        Parsed::Impossible
    }
}

fn parse_time(text: &str) -> Parsed {
    let (clock, fraction) = text
        .trim()
        .split_once(['.', ','])
        .unwrap_or((text.trim(), ""));
    let parts: Vec<_> = clock.split(':').map(str::parse::<i64>).collect();
    let (hour, minute, second) = match parts.as_slice() {
        [Ok(hour), Ok(minute)] => (*hour, *minute, 0),
        [Ok(hour), Ok(minute), Ok(second)] => (*hour, *minute, *second),
        _ => return Parsed::No,
    };
    if !fraction.chars().all(|c| c.is_ascii_digit()) {
        return Parsed::No;
    }
    let micros: i64 = format!("{fraction:0<6}")
        .get(..6)
        .and_then(|digits| digits.parse().ok())
        .unwrap_or(0);
    if hour > 23 || minute > 59 || second > 59 || hour < 0 {
        return Parsed::Impossible;
    }
    Parsed::Value(((hour * 60 + minute) * 60 + second) * 1_000_000 + micros)
}

/// `YYYY-MM-DD HH:MM[:ss[.uuuuuu]][TZ]`, or a date alone, as microseconds of UTC.
pub fn parse_datetime(text: &str) -> Parsed {
    let text = text.trim();
    let Some((day, clock)) = text.split_once(['T', ' ']) else {
        return match parse_date(text) {
            Parsed::Value(days) => Parsed::Value(days * DAY),
            other => other,
        };
    };
    let days = match parse_date(day) {
        Parsed::Value(days) => days,
        other => return other,
    };
    let clock = clock.trim();
    let (clock, offset) = if let Some(clock) = clock.strip_suffix('Z') {
        (clock, 0)
    } else if let Some(at) = clock.rfind(['+', '-']) {
        let (clock, zone) = clock.split_at(at);
        let digits: String = zone.chars().filter(char::is_ascii_digit).collect();
        let hours: i64 = digits.get(..2).and_then(|d| d.parse().ok()).unwrap_or(0);
        let minutes: i64 = digits.get(2..4).and_then(|d| d.parse().ok()).unwrap_or(0);
        let size = (hours * 60 + minutes) * 60_000_000;
        (clock, if zone.starts_with('-') { -size } else { size })
    } else {
        (clock, 0)
    };
    match parse_time(clock) {
        Parsed::Value(micros) => Parsed::Value(days * DAY + micros - offset),
        other => other,
    }
}

/// `[DD] [[HH:]MM:]ss[.uuuuuu]`
fn parse_duration(text: &str) -> Option<Value> {
    let text = text.trim();
    let (days, clock) = match text.split_once(' ') {
        Some((days, clock)) => (days.parse::<i32>().ok()?, clock.trim()),
        None => (0, text),
    };
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, ""));
    let mut seconds: i64 = 0;
    for part in clock.split(':') {
        seconds = seconds
            .checked_mul(60)?
            .checked_add(part.parse::<i64>().ok()?)?;
    }
    let micros: i64 = format!("{fraction:0<6}").get(..6)?.parse().ok()?;
    Some(Value::Interval(Interval {
        months: 0,
        days,
        micros: seconds.checked_mul(1_000_000)?.checked_add(micros)?,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimals(value: Value) -> String {
        let field = Field::new("price", FieldKind::Decimal(Some((10, 2))));
        match to_python(&field, value) {
            Ok(value) => plain(&value),
            Err(error) => error.message,
        }
    }

    #[test]
    fn a_float_becomes_the_decimal_it_is() {
        assert_eq!(decimals(Value::Float(4.5)), "4.5");
        assert_eq!(decimals(Value::Float(0.1)), "0.1000000000");
        assert_eq!(decimals(Value::Float(2.0)), "2");
        assert_eq!(
            decimals(Value::text("abc")),
            "['“abc” value must be a decimal number.']"
        );
    }

    #[test]
    fn a_text_is_no_number() {
        let field = Field::new("stock", FieldKind::PositiveInteger);
        let refused = prepare(&field, Value::text("many"));
        assert_eq!(
            refused.err().map(|error| error.message).as_deref(),
            Some("Field 'stock' expected a number but got 'many'.")
        );
    }
}
