//! A statement as text: a template with its parameters, and the text with the values in it.

use crate::base::{Interval, Value};
use std::fmt::Write as _;

/// A piece of SQL. The template has `%s` for each parameter and `%%` for a per cent sign, as
/// Django's statements have.
#[derive(Clone, Debug, Default)]
pub struct Sql {
    /// The text with placeholders.
    pub template: String,
    /// The values, in order.
    pub params: Vec<Value>,
}

impl PartialEq for Sql {
    fn eq(&self, other: &Self) -> bool {
        self.template == other.template && self.text() == other.text()
    }
}

impl Sql {
    /// Text without parameters. Per cent signs in it must be doubled.
    pub fn raw(template: impl Into<String>) -> Self {
        Self {
            template: template.into(),
            params: Vec::new(),
        }
    }

    /// One parameter.
    pub fn param(value: Value) -> Self {
        Self {
            template: "%s".to_owned(),
            params: vec![value],
        }
    }

    /// Adds text.
    pub fn push(&mut self, text: &str) {
        self.template.push_str(text);
    }

    /// Adds another piece.
    pub fn append(&mut self, other: Sql) {
        self.template.push_str(&other.template);
        self.params.extend(other.params);
    }

    /// The piece between two texts.
    #[must_use]
    pub fn wrap(mut self, before: &str, after: &str) -> Self {
        self.template.insert_str(0, before);
        self.template.push_str(after);
        self
    }

    /// Pieces with a text between them.
    pub fn join(parts: Vec<Sql>, between: &str) -> Self {
        let mut out = Self::default();
        for (at, part) in parts.into_iter().enumerate() {
            if at > 0 {
                out.push(between);
            }
            out.append(part);
        }
        out
    }

    /// Whether there is no text.
    pub fn is_empty(&self) -> bool {
        self.template.is_empty()
    }

    /// The text that runs: each value in its place, written as psycopg writes it.
    pub fn text(&self) -> String {
        self.filled(literal)
    }

    /// The text with each value as Python prints it, without quotes: no statement that runs, but
    /// what `str(queryset.query)` shows.
    pub fn printed(&self) -> String {
        self.filled(|out, value| out.push_str(&plain(value)))
    }

    fn filled(&self, write: impl Fn(&mut String, &Value)) -> String {
        let mut out = String::with_capacity(self.template.len() + 16 * self.params.len());
        let mut params = self.params.iter();
        let mut rest = self.template.as_str();
        while let Some(at) = rest.find('%') {
            out.push_str(&rest[..at]);
            rest = &rest[at + 1..];
            if let Some(after) = rest.strip_prefix('s') {
                match params.next() {
                    Some(value) => write(&mut out, value),
                    None => out.push_str("%s"),
                }
                rest = after;
            } else {
                out.push('%');
                rest = rest.strip_prefix('%').unwrap_or(rest);
            }
        }
        out.push_str(rest);
        out
    }
}

/// A name in double quotes, ready for a template.
pub fn quote(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\"").replace('%', "%%"))
}

/// Writes a value as psycopg's client-side binding does: negative numbers and escaped texts
/// start with a space, and times carry their type.
pub fn literal(out: &mut String, value: &Value) {
    match value {
        Value::Null => out.push_str("NULL"),
        Value::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Value::Int(_) | Value::Numeric(_) => {
            let digits = plain(value);
            if digits.starts_with('-') {
                out.push(' ');
            }
            out.push_str(&digits);
        }
        Value::Float(number) => {
            if number.is_nan() {
                out.push_str("'NaN'::float8");
            } else if number.is_infinite() {
                let sign = if *number < 0.0 { "-" } else { "" };
                let _ = write!(out, "'{sign}Infinity'::float8");
            } else {
                if number.is_sign_negative() {
                    out.push(' ');
                }
                out.push_str(&float(*number));
            }
        }
        Value::Text(text) => {
            if text.contains('\\') {
                out.push_str(" E'");
                out.push_str(&text.replace('\\', "\\\\").replace('\'', "''"));
            } else {
                out.push('\'');
                out.push_str(&text.replace('\'', "''"));
            }
            out.push('\'');
        }
        Value::Date(_) => {
            let _ = write!(out, "'{}'::date", plain(value));
        }
        Value::Time(_) => {
            let _ = write!(out, "'{}'::time", plain(value));
        }
        Value::Timestamp(_) => {
            let _ = write!(out, "'{}'::timestamptz", plain(value));
        }
        Value::Interval(_) => {
            let _ = write!(out, "'{}'::interval", plain(value).replace(',', ""));
        }
        Value::Uuid(_) => {
            let _ = write!(out, "'{}'::uuid", plain(value));
        }
        Value::Array(items) | Value::Record(items) => array(out, items),
    }
}

/// Writes an array as psycopg writes a list: `'{1,NULL}'::int2[]`, texts without a type.
fn array(out: &mut String, items: &[Value]) {
    let (text, kind) = array_text(items);
    literal(out, &Value::text(text));
    if !kind.is_empty() {
        out.push_str("::");
        out.push_str(kind);
        out.push_str("[]");
    }
}

/// The text of an array, `{1,NULL}`, and the type of its elements, which texts do not say.
pub fn array_text(items: &[Value]) -> (String, &'static str) {
    let element = items.iter().find(|item| !item.is_null());
    let kind = match element {
        Some(Value::Int(_)) => {
            let widest = items
                .iter()
                .map(|item| match item {
                    Value::Int(number) => number.unsigned_abs(),
                    _ => 0,
                })
                .max()
                .unwrap_or(0);
            match widest {
                0..=0x7fff => "int2",
                0x8000..=0x7fff_ffff => "int4",
                _ => "int8",
            }
        }
        Some(Value::Numeric(_)) => "numeric",
        Some(Value::Float(_)) => "float8",
        Some(Value::Bool(_)) => "bool",
        Some(Value::Date(_)) => "date",
        Some(Value::Time(_)) => "time",
        Some(Value::Timestamp(_)) => "timestamptz",
        Some(Value::Interval(_)) => "interval",
        Some(Value::Uuid(_)) => "uuid",
        Some(Value::Text(_) | Value::Null | Value::Array(_) | Value::Record(_)) | None => "",
    };
    let items: Vec<String> = items
        .iter()
        .map(|item| match item {
            Value::Null => "NULL".to_owned(),
            Value::Bool(true) => "t".to_owned(),
            Value::Bool(false) => "f".to_owned(),
            item => {
                let text = plain(item);
                let quoted = text.is_empty()
                    || text.eq_ignore_ascii_case("null")
                    || text
                        .chars()
                        .any(|c| c.is_whitespace() || matches!(c, '{' | '}' | ',' | '"' | '\\'));
                if quoted {
                    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
                } else {
                    text
                }
            }
        })
        .collect();
    (format!("{{{}}}", items.join(",")), kind)
}

/// The bare text of a value, as Python's `str` prints it.
pub fn plain(value: &Value) -> String {
    match value {
        Value::Null => "None".to_owned(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::Int(number) => number.to_string(),
        Value::Numeric(number) => decimal(number.mantissa(), number.scale()),
        Value::Float(number) => float(*number),
        Value::Text(text) => text.to_string(),
        Value::Date(days) => date(i64::from(*days)),
        Value::Time(micros) => time(*micros),
        Value::Timestamp(micros) => {
            let days = micros.div_euclid(DAY);
            format!("{} {}+00:00", date(days), time(micros.rem_euclid(DAY)))
        }
        Value::Interval(interval) => duration(interval),
        Value::Uuid(number) => {
            let hex = format!("{number:032x}");
            let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default().to_owned();
            [
                part(0, 8),
                part(8, 12),
                part(12, 16),
                part(16, 20),
                part(20, 32),
            ]
            .join("-")
        }
        Value::Array(items) | Value::Record(items) => {
            let items: Vec<_> = items.iter().map(plain).collect();
            format!("[{}]", items.join(", "))
        }
    }
}

/// Microseconds of a day.
pub const DAY: i64 = 86_400_000_000;

fn decimal(mantissa: i128, scale: u8) -> String {
    let scale = usize::from(scale);
    let digits = mantissa.unsigned_abs().to_string();
    let sign = if mantissa < 0 { "-" } else { "" };
    if scale == 0 {
        return format!("{sign}{digits}");
    }
    let padded = format!("{digits:0>width$}", width = scale + 1);
    let (whole, fraction) = padded.split_at(padded.len() - scale);
    format!("{sign}{whole}.{fraction}")
}

/// Python's shortest form of a float: always with a point or an exponent.
fn float(number: f64) -> String {
    if number.is_nan() {
        return "nan".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 { "inf" } else { "-inf" }.to_owned();
    }
    let size = number.abs();
    if number != 0.0 && !(1e-4..1e16).contains(&size) {
        let text = format!("{number:e}");
        let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let (sign, digits) = match exponent.strip_prefix('-') {
            Some(digits) => ('-', digits),
            None => ('+', exponent),
        };
        return format!("{mantissa}e{sign}{digits:0>2}");
    }
    format!("{number:?}")
}

/// `YYYY-MM-DD` of days since 1970 (Howard Hinnant's civil-from-days).
pub fn date(days: i64) -> String {
    let (year, month, day) = civil(days);
    format!("{year:04}-{month:02}-{day:02}")
}

/// Year, month and day of days since 1970.
pub fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 {
        shifted_month + 3
    } else {
        shifted_month - 9
    };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

/// Days since 1970 of a date.
pub fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = year - i64::from(month <= 2);
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let shifted_month = (month + 9) % 12;
    let day_of_year = (153 * shifted_month + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// `HH:MM:SS`, with microseconds when there are some.
pub fn time(micros: i64) -> String {
    let seconds = micros.div_euclid(1_000_000);
    let fraction = micros.rem_euclid(1_000_000);
    let base = format!(
        "{:02}:{:02}:{:02}",
        seconds / 3600,
        seconds / 60 % 60,
        seconds % 60
    );
    if fraction == 0 {
        base
    } else {
        format!("{base}.{fraction:06}")
    }
}

/// Python's `str(timedelta)`, which psycopg sends.
fn duration(interval: &Interval) -> String {
    let micros = i64::from(interval.micros != 0) * interval.micros
        + (i64::from(interval.days) + 30 * i64::from(interval.months)).saturating_mul(DAY);
    let days = micros.div_euclid(DAY);
    let rest = time(micros.rem_euclid(DAY));
    let rest = rest.strip_prefix('0').unwrap_or(&rest);
    match days {
        0 => rest.to_owned(),
        1 | -1 => format!("{days} day, {rest}"),
        _ => format!("{days} days, {rest}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Numeric;

    #[test]
    fn values_are_written_as_psycopg_writes_them() {
        let mut sql = Sql::raw("a = %s AND b %% 2 = %s AND c ~ %s AND d < %s");
        sql.params = vec![
            Value::text("Chef's"),
            Value::Numeric(Numeric::new(-150, 2)),
            Value::text("\\.ie$"),
            Value::Timestamp(1_772_366_400_000_000),
        ];
        assert_eq!(
            sql.text(),
            "a = 'Chef''s' AND b % 2 =  -1.50 AND c ~  E'\\\\.ie$' \
             AND d < '2026-03-01 12:00:00+00:00'::timestamptz"
        );
    }

    #[test]
    fn dates_go_there_and_back() {
        for days in [-719_468, -1, 0, 59, 11_016, 20_513] {
            let (year, month, day) = civil(days);
            assert_eq!(days_from_civil(year, month, day), days);
        }
        assert_eq!(date(20_513), "2026-03-01");
    }

    #[test]
    fn floats_keep_a_point() {
        assert_eq!(plain(&Value::Float(1.5)), "1.5");
        assert_eq!(plain(&Value::Float(2.0)), "2.0");
        assert_eq!(plain(&Value::Float(1e20)), "1e+20");
        assert_eq!(plain(&Value::Float(f64::NAN)), "nan");
        assert_eq!(plain(&Value::Float(f64::NEG_INFINITY)), "-inf");
    }
}
