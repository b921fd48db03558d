//! Values as PostgreSQL prints them.

use super::Value;
use crate::base::Type;
use crate::base::datetime::{date_text, time_text, timestamp_text};

impl Value {
    /// The value as PostgreSQL casts it to text, with `extra_float_digits = 1`,
    /// `datestyle = ISO`, `intervalstyle = postgres` and the session's zone UTC. NULL is empty
    /// text: callers that tell them apart look first.
    pub fn to_text(&self, ty: &Type) -> String {
        match self {
            Self::Null => String::new(),
            Self::Bool(value) => value.to_string(),
            Self::Int(value) => value.to_string(),
            Self::Numeric(value) => value.to_string(),
            Self::Float(value) if *ty == Type::Real => real_text(*value as f32),
            Self::Float(value) => double_text(*value),
            Self::Text(value) => value.to_string(),
            Self::Date(days) => date_text(*days),
            Self::Time(micros) => time_text(*micros),
            Self::Timestamp(micros) if *ty == Type::TimestampTz => {
                format!("{}+00", timestamp_text(*micros))
            }
            Self::Timestamp(micros) => timestamp_text(*micros),
            Self::Interval(value) => value.to_string(),
            Self::Uuid(value) => uuid_text(*value),
            Self::Array(elements) => {
                let of = match ty {
                    Type::Array(element) => element,
                    other => other,
                };
                let parts: Vec<String> = elements
                    .iter()
                    .map(|element| element.array_element(of))
                    .collect();
                format!("{{{}}}", parts.join(","))
            }
            Self::Record(fields) => {
                let types = match ty {
                    Type::Record(types) => types.as_slice(),
                    _ => &[],
                };
                let parts: Vec<String> = fields
                    .iter()
                    .enumerate()
                    .map(|(at, field)| field.record_field(types.get(at).unwrap_or(&Type::Text)))
                    .collect();
                format!("({})", parts.join(","))
            }
        }
    }

    fn array_element(&self, ty: &Type) -> String {
        if self.is_null() {
            return "NULL".to_owned();
        }
        let text = match self {
            Self::Bool(true) => "t".to_owned(),
            Self::Bool(false) => "f".to_owned(),
            value => value.to_text(ty),
        };
        let quoted = !matches!(self, Self::Array(_))
            && (text.is_empty()
                || text.eq_ignore_ascii_case("null")
                || text.contains(|c: char| "{},\"\\".contains(c) || c.is_ascii_whitespace()));
        if quoted {
            let escaped = text.replace('\\', "\\\\").replace('"', "\\\"");
            format!("\"{escaped}\"")
        } else {
            text
        }
    }

    fn record_field(&self, ty: &Type) -> String {
        if self.is_null() {
            return String::new();
        }
        let text = match self {
            Self::Bool(true) => "t".to_owned(),
            Self::Bool(false) => "f".to_owned(),
            value => value.to_text(ty),
        };
        let quoted = text.is_empty()
            || text.contains(|c: char| "(),\"\\".contains(c) || c.is_ascii_whitespace());
        if quoted {
            let escaped = text.replace('\\', "\\\\").replace('"', "\"\"");
            format!("\"{escaped}\"")
        } else {
            text
        }
    }
}

/// The shortest text that reads back as the same double precision number.
pub fn double_text(value: f64) -> String {
    shortest(value, format!("{value:e}"), 15)
}

/// The shortest text that reads back as the same real number.
pub fn real_text(value: f32) -> String {
    shortest(f64::from(value), format!("{value:e}"), 6)
}

/// From `d.ddde-x`, with an exponent when it is below -4 or not below `limit`.
fn shortest(value: f64, scientific: String, limit: i32) -> String {
    if value.is_nan() {
        return "NaN".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "Infinity" } else { "-Infinity" }.to_owned();
    }
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let (sign, digits) = match digits.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", digits),
    };
    if !(-4..limit).contains(&exponent) {
        let direction = if exponent < 0 { '-' } else { '+' };
        return format!("{sign}{digits}e{direction}{:02}", exponent.unsigned_abs());
    }
    let digits = digits.replace('.', "");
    if exponent < 0 {
        let zeros = "0".repeat(exponent.unsigned_abs() as usize - 1);
        return format!("{sign}0.{zeros}{digits}");
    }
    let point = exponent as usize + 1;
    match digits.split_at_checked(point) {
        Some((whole, "")) => format!("{sign}{whole}"),
        Some((whole, decimals)) => format!("{sign}{whole}.{decimals}"),
        None => format!("{sign}{digits:0<point$}"),
    }
}

fn uuid_text(value: u128) -> String {
    let hex = format!("{value:032x}");
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
    format!(
        "{}-{}-{}-{}-{}",
        part(0, 8),
        part(8, 12),
        part(12, 16),
        part(16, 20),
        part(20, 32)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Answers are PostgreSQL 15's.
    #[test]
    fn floats_are_as_short_as_they_can_be() {
        for (value, expected) in [
            (0.0, "0"),
            (-0.0, "-0"),
            (1.0, "1"),
            (0.1, "0.1"),
            (100.0, "100"),
            (1.0 / 3.0, "0.3333333333333333"),
            (1e14, "100000000000000"),
            (1e15, "1e+15"),
            (0.0001, "0.0001"),
            (0.00001, "1e-05"),
            (1.5e300, "1.5e+300"),
            (f64::NAN, "NaN"),
            (f64::NEG_INFINITY, "-Infinity"),
        ] {
            assert_eq!(double_text(value), expected);
        }
        assert_eq!(real_text(0.1), "0.1");
        assert_eq!(real_text(1e6), "1e+06");
        assert_eq!(real_text(123_456.0), "123456");
    }

    #[test]
    fn arrays_and_records_quote_what_needs_it() {
        let texts = |items: &[Value]| items.to_vec().into();
        let array = Value::Array(texts(&[
            Value::text("a"),
            Value::text("b c"),
            Value::Null,
            Value::text("null"),
            Value::text(""),
            Value::text("x\"y"),
        ]));
        assert_eq!(
            array.to_text(&Type::Array(Box::new(Type::Text))),
            r#"{a,"b c",NULL,"null","","x\"y"}"#
        );
        let record = Value::Record(texts(&[
            Value::Int(1),
            Value::text("a b"),
            Value::Null,
            Value::Bool(true),
        ]));
        assert_eq!(record.to_text(&Type::Record(vec![])), r#"(1,"a b",,t)"#);
    }

    #[test]
    fn uuids_have_dashes() {
        assert_eq!(
            Value::Uuid(0x0011_2233_4455_6677_8899_aabb_ccdd_eeff).to_text(&Type::Uuid),
            "00112233-4455-6677-8899-aabbccddeeff"
        );
    }
}
