//! Values from text: PostgreSQL's input functions.

use super::Value;
use crate::base::datetime::{self, DatetimeError, before_christ};
use crate::base::diagnostic::sqlstate;
use crate::base::interval::{IntervalError, parse_interval};
use crate::base::numeric::ParseNumericError;
use crate::base::{Diagnostic, Numeric, Result, Type};

impl Value {
    /// Reads a text as a value of a type. Length, precision and scale of the type are not applied:
    /// that is a cast's work. `now`, in microseconds since 1970, gives `'today'` its meaning.
    pub fn parse(text: &str, ty: &Type, now: i64) -> Result<Self> {
        let trimmed = text.trim_matches(|c: char| c.is_ascii_whitespace());
        Ok(match ty {
            Type::Boolean => Self::Bool(boolean(trimmed).ok_or_else(|| invalid_input(text, ty))?),
            Type::SmallInt | Type::Integer | Type::BigInt => Self::Int(integer(text, trimmed, ty)?),
            Type::Numeric(_) => Self::Numeric(numeric(trimmed, text)?),
            Type::Real | Type::Double => Self::Float(float(text, trimmed, ty)?),
            Type::Text | Type::Varchar(_) | Type::Char(_) | Type::Unknown => Self::text(text),
            Type::Json => {
                json_error(text).map_or(Ok(()), Err)?;
                Self::text(text)
            }
            Type::Jsonb => {
                json_error(text).map_or(Ok(()), Err)?;
                let json =
                    crate::base::json::Json::parse(text).ok_or_else(|| invalid_input(text, ty))?;
                Self::text(json.normal(text))
            }
            Type::Date => Self::Date(
                datetime::parse_date(text, now).map_err(|e| datetime_error(e, text, ty))?,
            ),
            Type::Time => Self::Time(
                datetime::parse_time(text, now).map_err(|e| datetime_error(e, text, ty))?,
            ),
            Type::Timestamp => Self::Timestamp(
                datetime::parse_timestamp(text, now).map_err(|e| datetime_error(e, text, ty))?,
            ),
            Type::TimestampTz => Self::Timestamp(
                datetime::parse_timestamptz(text, now).map_err(|e| datetime_error(e, text, ty))?,
            ),
            Type::Interval => Self::Interval(parse_interval(text, None).map_err(|e| match e {
                IntervalError::Syntax => datetime_error(DatetimeError::Syntax, text, ty),
                IntervalError::OutOfRange => Diagnostic::error(
                    sqlstate::DATETIME_FIELD_OVERFLOW,
                    format!("interval field value out of range: \"{text}\""),
                ),
            })?),
            Type::Uuid => Self::Uuid(uuid(trimmed).ok_or_else(|| invalid_input(text, ty))?),
            Type::Array(element) => Self::Array(array(text, element, now)?.into()),
            Type::Record(_) => {
                return Err(Diagnostic::error(
                    sqlstate::FEATURE_NOT_SUPPORTED,
                    "input of anonymous composite types is not implemented",
                ));
            }
        })
    }
}

/// `invalid input syntax for type integer: "x"`
pub fn invalid_input(text: &str, ty: &Type) -> Box<Diagnostic> {
    Diagnostic::error(
        sqlstate::INVALID_TEXT_REPRESENTATION,
        format!(
            "invalid input syntax for type {}: \"{text}\"",
            ty.without_modifier()
        ),
    )
}

fn datetime_error(error: DatetimeError, text: &str, ty: &Type) -> Box<Diagnostic> {
    match error {
        DatetimeError::Syntax => Diagnostic::error(
            sqlstate::INVALID_DATETIME_FORMAT,
            format!("invalid input syntax for type {ty}: \"{text}\""),
        ),
        DatetimeError::OutOfRange => Diagnostic::error(
            sqlstate::DATETIME_FIELD_OVERFLOW,
            format!("date/time field value out of range: \"{text}\""),
        ),
        DatetimeError::DayOrMonthOutOfRange => Diagnostic::error(
            sqlstate::DATETIME_FIELD_OVERFLOW,
            format!("date/time field value out of range: \"{text}\""),
        )
        .hint("Dates are read as year-month-day or month/day/year."),
        DatetimeError::BeforeChrist => before_christ(),
        DatetimeError::Infinite => Diagnostic::error(
            sqlstate::FEATURE_NOT_SUPPORTED,
            format!("infinite values of type {ty} are not supported"),
        ),
        DatetimeError::UnknownZone => Diagnostic::error(
            sqlstate::INVALID_PARAMETER_VALUE,
            format!("time zone not supported in \"{text}\""),
        )
        .hint("UTC and fixed offsets such as +02:00 are supported."),
    }
}

/// Prefixes of the words count, as in PostgreSQL.
fn boolean(text: &str) -> Option<bool> {
    let lower = text.to_ascii_lowercase();
    let starts = |word: &str| !lower.is_empty() && word.starts_with(&lower);
    match lower.as_str() {
        "on" | "1" => Some(true),
        "off" | "of" | "0" => Some(false),
        _ if starts("true") || starts("yes") => Some(true),
        _ if starts("false") || starts("no") => Some(false),
        _ => None,
    }
}

fn integer(text: &str, trimmed: &str, ty: &Type) -> Result<i64> {
    let digits = trimmed.strip_prefix(['+', '-']).unwrap_or(trimmed);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(invalid_input(text, ty));
    }
    let (low, high) = match ty {
        Type::SmallInt => (i64::from(i16::MIN), i64::from(i16::MAX)),
        Type::Integer => (i64::from(i32::MIN), i64::from(i32::MAX)),
        _ => (i64::MIN, i64::MAX),
    };
    trimmed
        .parse()
        .ok()
        .filter(|value| (low..=high).contains(value))
        .ok_or_else(|| {
            Diagnostic::error(
                sqlstate::NUMERIC_VALUE_OUT_OF_RANGE,
                format!("value \"{text}\" is out of range for type {ty}"),
            )
        })
}

fn numeric(trimmed: &str, text: &str) -> Result<Numeric> {
    trimmed.parse().map_err(|error| match error {
        ParseNumericError::Syntax => invalid_input(text, &Type::Numeric(None)),
        ParseNumericError::TooManyDigits => crate::base::numeric::too_many_digits(),
        ParseNumericError::NotFinite => Diagnostic::error(
            sqlstate::FEATURE_NOT_SUPPORTED,
            "NaN and infinity are not supported in type numeric",
        ),
    })
}

fn float(text: &str, trimmed: &str, ty: &Type) -> Result<f64> {
    let plain = trimmed.strip_prefix(['+', '-']).unwrap_or(trimmed);
    let word = plain.starts_with(|c: char| c.is_ascii_alphabetic());
    let value: f64 = trimmed.parse().map_err(|_| invalid_input(text, ty))?;
    let value = if *ty == Type::Real {
        f64::from(value as f32)
    } else {
        value
    };
    let lost = plain.bytes().any(|b| (b'1'..=b'9').contains(&b))
        && value == 0.0
        && !plain.to_ascii_lowercase().starts_with("0e");
    if !word && (value.is_infinite() || lost) {
        return Err(Diagnostic::error(
            sqlstate::NUMERIC_VALUE_OUT_OF_RANGE,
            format!("\"{text}\" is out of range for type {ty}"),
        ));
    }
    Ok(value)
}

/// 32 hexadecimal digits, with dashes behind any four of them, perhaps in braces.
fn uuid(text: &str) -> Option<u128> {
    let inner = match text.strip_prefix('{') {
        Some(rest) => rest.strip_suffix('}')?,
        None => text,
    };
    let mut digits = String::new();
    for c in inner.chars() {
        match c {
            '-' if !digits.is_empty() && digits.len().is_multiple_of(4) => {}
            c if c.is_ascii_hexdigit() => digits.push(c),
            _ => return None,
        }
    }
    if digits.len() != 32 {
        return None;
    }
    u128::from_str_radix(&digits, 16).ok()
}

/// `{1,2,NULL}`, `{"a b",c}`.
fn array(text: &str, element: &Type, now: i64) -> Result<Vec<Value>> {
    let malformed = || {
        Diagnostic::error(
            sqlstate::INVALID_TEXT_REPRESENTATION,
            format!("malformed array literal: \"{text}\""),
        )
    };
    let inner = text
        .trim()
        .strip_prefix('{')
        .and_then(|rest| rest.strip_suffix('}'))
        .ok_or_else(malformed)?;
    if inner.trim().is_empty() {
        return Ok(Vec::new());
    }
    let mut values = Vec::new();
    let mut characters = inner.chars().peekable();
    loop {
        while characters.next_if(|c| c.is_ascii_whitespace()).is_some() {}
        let mut item = String::new();
        if characters.next_if_eq(&'"').is_some() {
            loop {
                match characters.next().ok_or_else(malformed)? {
                    '"' => break,
                    '\\' => item.push(characters.next().ok_or_else(malformed)?),
                    c => item.push(c),
                }
            }
            while characters.next_if(|c| c.is_ascii_whitespace()).is_some() {}
            values.push(Value::parse(&item, element, now)?);
        } else {
            while let Some(c) = characters.next_if(|c| *c != ',') {
                match c {
                    '{' => {
                        return Err(Diagnostic::error(
                            sqlstate::FEATURE_NOT_SUPPORTED,
                            "arrays of several dimensions are not supported",
                        ));
                    }
                    '}' | '"' => return Err(malformed()),
                    '\\' => item.push(characters.next().ok_or_else(malformed)?),
                    c => item.push(c),
                }
            }
            let item = item.trim_end();
            if item.is_empty() {
                return Err(malformed());
            }
            values.push(if item.eq_ignore_ascii_case("null") {
                Value::Null
            } else {
                Value::parse(item, element, now)?
            });
        }
        match characters.next() {
            Some(',') => {}
            None => return Ok(values),
            Some(_) => return Err(malformed()),
        }
    }
}

/// What is wrong with a text as JSON, if something is (RFC 8259).
pub fn json_error(text: &str) -> Option<Box<Diagnostic>> {
    let mut reader = Json {
        bytes: text.as_bytes(),
        at: 0,
        too_deep: false,
    };
    let fine = reader.value(0) && {
        reader.blanks();
        reader.at == text.len()
    };
    if reader.too_deep {
        return Some(
            Diagnostic::error(
                sqlstate::STATEMENT_TOO_COMPLEX,
                "stack depth limit exceeded",
            )
            .hint(format!("A JSON text may nest {MAX_JSON} levels deep.")),
        );
    }
    (!fine).then(|| {
        Diagnostic::error(
            sqlstate::INVALID_TEXT_REPRESENTATION,
            "invalid input syntax for type json",
        )
    })
}

/// How deep a JSON text may nest.
const MAX_JSON: u32 = 200;

struct Json<'t> {
    bytes: &'t [u8],
    at: usize,
    too_deep: bool,
}

impl Json<'_> {
    fn peek(&self) -> u8 {
        self.bytes.get(self.at).copied().unwrap_or(0)
    }

    fn eat(&mut self, byte: u8) -> bool {
        let found = self.at < self.bytes.len() && self.peek() == byte;
        self.at += usize::from(found);
        found
    }

    fn blanks(&mut self) {
        while matches!(self.peek(), b' ' | b'\t' | b'\n' | b'\r') {
            self.at += 1;
        }
    }

    fn word(&mut self, word: &str) -> bool {
        let found = self
            .bytes
            .get(self.at..)
            .is_some_and(|rest| rest.starts_with(word.as_bytes()));
        if found {
            self.at += word.len();
        }
        found
    }

    /// Nesting is bounded so that a hostile text cannot exhaust the stack.
    fn value(&mut self, depth: u32) -> bool {
        self.blanks();
        if depth > MAX_JSON {
            self.too_deep = true;
            return false;
        }
        match self.peek() {
            b'{' => self.members(b'{', b'}', |json| {
                json.blanks();
                json.string() && {
                    json.blanks();
                    json.eat(b':') && json.value(depth + 1)
                }
            }),
            b'[' => self.members(b'[', b']', |json| json.value(depth + 1)),
            b'"' => self.string(),
            b't' => self.word("true"),
            b'f' => self.word("false"),
            b'n' => self.word("null"),
            _ => self.number(),
        }
    }

    fn members(&mut self, open: u8, close: u8, mut member: impl FnMut(&mut Self) -> bool) -> bool {
        self.eat(open);
        self.blanks();
        if self.eat(close) {
            return true;
        }
        loop {
            if !member(self) {
                return false;
            }
            self.blanks();
            if self.eat(close) {
                return true;
            }
            if !self.eat(b',') {
                return false;
            }
        }
    }

    fn string(&mut self) -> bool {
        if !self.eat(b'"') {
            return false;
        }
        while self.at < self.bytes.len() {
            match self.peek() {
                b'"' => {
                    self.at += 1;
                    return true;
                }
                b'\\' => {
                    self.at += 1;
                    match self.peek() {
                        b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => self.at += 1,
                        b'u' => {
                            self.at += 1;
                            let hex = self.bytes.get(self.at..self.at + 4);
                            if !hex.is_some_and(|h| h.iter().all(u8::is_ascii_hexdigit)) {
                                return false;
                            }
                            self.at += 4;
                        }
                        _ => return false,
                    }
                }
                0..=0x1f => return false,
                _ => self.at += 1,
            }
        }
        false
    }

    fn digits(&mut self) -> bool {
        let start = self.at;
        while self.peek().is_ascii_digit() {
            self.at += 1;
        }
        self.at > start
    }

    fn number(&mut self) -> bool {
        self.eat(b'-');
        let zero = self.peek() == b'0';
        let start = self.at;
        if !self.digits() || (zero && self.at > start + 1) {
            return false;
        }
        if self.eat(b'.') && !self.digits() {
            return false;
        }
        if self.eat(b'e') || self.eat(b'E') {
            if !self.eat(b'+') {
                self.eat(b'-');
            }
            return self.digits();
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, ty: &Type) -> std::result::Result<String, String> {
        Value::parse(text, ty, 0)
            .map(|v| v.to_text(ty))
            .map_err(|e| e.to_string())
    }

    #[test]
    fn texts_become_values() {
        let ints = Type::Array(Box::new(Type::Integer));
        let texts = Type::Array(Box::new(Type::Text));
        for (text, ty, expected) in [
            (" 42 ", &Type::Integer, "42"),
            ("t", &Type::Boolean, "true"),
            ("off", &Type::Boolean, "false"),
            ("1.50", &Type::Numeric(None), "1.50"),
            ("1e400", &Type::Text, "1e400"),
            ("{1,2,NULL}", &ints, "{1,2,NULL}"),
            ("{\"a b\",c}", &texts, "{\"a b\",c}"),
            ("{}", &ints, "{}"),
            (
                "{\"a\": [1, 2.5e3, null]}",
                &Type::Json,
                "{\"a\": [1, 2.5e3, null]}",
            ),
            (
                "A0EEBC99-9C0B4EF8-BB6D6BB9BD380A11",
                &Type::Uuid,
                "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
            ),
        ] {
            assert_eq!(read(text, ty).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn wrong_texts_are_refused_in_postgresqls_words() {
        for (text, ty, expected) in [
            (
                "x",
                Type::Integer,
                "22P02: invalid input syntax for type integer: \"x\"",
            ),
            (
                "1.5",
                Type::Integer,
                "22P02: invalid input syntax for type integer: \"1.5\"",
            ),
            (
                "99999",
                Type::SmallInt,
                "22003: value \"99999\" is out of range for type smallint",
            ),
            (
                "x",
                Type::Numeric(Some((5, 2))),
                "22P02: invalid input syntax for type numeric: \"x\"",
            ),
            (
                "maybe",
                Type::Boolean,
                "22P02: invalid input syntax for type boolean: \"maybe\"",
            ),
            (
                "soon",
                Type::Date,
                "22007: invalid input syntax for type date: \"soon\"",
            ),
            (
                "2024-02-30",
                Type::Date,
                "22008: date/time field value out of range: \"2024-02-30\"",
            ),
            (
                "1e400",
                Type::Double,
                "22003: \"1e400\" is out of range for type double precision",
            ),
            (
                "{1",
                Type::Array(Box::new(Type::Integer)),
                "22P02: malformed array literal: \"{1\"",
            ),
            (
                "{\"a\": }",
                Type::Json,
                "22P02: invalid input syntax for type json",
            ),
        ] {
            assert_eq!(read(text, &ty), Err(expected.to_owned()), "{text}");
        }
    }
}
