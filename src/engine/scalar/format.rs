//! `format()` (manual, 9.4.1).

use super::Parameter::{Any, Text};
use super::text::{check_length, output, quote_ident, quote_literal};
use super::{Row, ScalarFunction, function};
use crate::base::diagnostic::sqlstate;
use crate::base::{Diagnostic, Result, Value};

pub static FUNCTIONS: &[ScalarFunction] = &[function(
    "format",
    &[Text],
    Text,
    format,
    "Puts arguments into a text: %s as it is, %I as an identifier, %L as a literal.",
)
.with_variadic(Any)
.sees_nulls()];

fn wrong(message: &str) -> Box<Diagnostic> {
    Diagnostic::error(sqlstate::INVALID_PARAMETER_VALUE, message)
}

fn unterminated() -> Box<Diagnostic> {
    wrong("unterminated format() type specifier").hint("For a single \"%\" use \"%%\".")
}

/// A cursor over a format text.
struct Reader<'t> {
    rest: &'t str,
}

impl Reader<'_> {
    fn next(&mut self) -> Option<char> {
        let c = self.rest.chars().next()?;
        self.rest = self.rest.get(c.len_utf8()..).unwrap_or_default();
        Some(c)
    }

    fn number(&mut self) -> Result<Option<usize>> {
        let end = self
            .rest
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(self.rest.len());
        let (digits, behind) = self.rest.split_at(end);
        if digits.is_empty() {
            return Ok(None);
        }
        let number: i32 = digits
            .parse()
            .map_err(|_| wrong("number is out of range"))?;
        self.rest = behind;
        Ok(usize::try_from(number).ok())
    }

    /// `n$`, if it stands here.
    fn place(&mut self) -> Result<Option<usize>> {
        let before = self.rest;
        if let Some(number) = self.number()? {
            if let Some(behind) = self.rest.strip_prefix('$') {
                self.rest = behind;
                if number == 0 {
                    return Err(wrong(
                        "format specifies argument 0, but arguments are numbered from 1",
                    ));
                }
                return Ok(Some(number));
            }
            self.rest = before;
        }
        Ok(None)
    }
}

fn format(row: &Row<'_>) -> Result<Value> {
    if row.value(0).is_null() {
        return Ok(Value::Null);
    }
    let mut reader = Reader { rest: row.text(0)? };
    let mut result = String::new();
    let mut last = 0;
    while let Some(c) = reader.next() {
        if c != '%' {
            result.push(c);
            continue;
        }
        if let Some(behind) = reader.rest.strip_prefix('%') {
            reader.rest = behind;
            result.push('%');
            continue;
        }
        let place = reader.place()?;
        let mut left = false;
        while let Some(behind) = reader.rest.strip_prefix('-') {
            left = true;
            reader.rest = behind;
        }
        let width = if let Some(behind) = reader.rest.strip_prefix('*') {
            reader.rest = behind;
            let at = reader.place()?.unwrap_or(last + 1);
            last = at;
            let width = match argument(row, at)? {
                Value::Int(width) => *width,
                Value::Null => 0,
                _ => return Err(wrong("width of format() must be an integer")),
            };
            left |= width < 0;
            usize::try_from(width.unsigned_abs()).unwrap_or(usize::MAX)
        } else {
            reader.number()?.unwrap_or(0)
        };
        let kind = reader.next().ok_or_else(unterminated)?;
        let at = place.unwrap_or(last + 1);
        if !"sIL".contains(kind) {
            return Err(
                wrong(&format!("unrecognized format() type specifier \"{kind}\""))
                    .hint("For a single \"%\" use \"%%\"."),
            );
        }
        last = at;
        let null = argument(row, at)?.is_null();
        let text = match kind {
            'I' if null => {
                return Err(Diagnostic::error(
                    crate::base::Code::new("22004"),
                    "null values cannot be formatted as an SQL identifier",
                ));
            }
            'I' => quote_ident(&output(row, at)),
            'L' if null => "NULL".to_owned(),
            'L' => quote_literal(&output(row, at)),
            _ if null => String::new(),
            _ => output(row, at),
        };
        let missing = width.saturating_sub(text.chars().count());
        check_length(
            result
                .len()
                .saturating_add(text.len())
                .saturating_add(missing),
        )?;
        let padding = " ".repeat(missing);
        result.push_str(&if left {
            text + &padding
        } else {
            padding + &text
        });
    }
    Ok(Value::text(result))
}

fn argument<'r>(row: &'r Row<'_>, place: usize) -> Result<&'r Value> {
    row.values
        .get(place)
        .ok_or_else(|| wrong("too few arguments for format()"))
}
