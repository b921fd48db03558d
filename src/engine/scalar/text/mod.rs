//! Functions of texts. Lengths and places count characters, places from 1.

mod encoding;
mod quoting;

use super::Parameter::{Any, AnyNonArray, Bool, Char, Int4, Int8, Text};
use super::{Row, ScalarFunction, function, operator};
use crate::base::diagnostic::sqlstate;
use crate::base::{Diagnostic, Result, Value};
use encoding::encode;
use md5::{Digest, Md5};
use quoting::quote_nullable;
pub use quoting::{quote_ident, quote_literal};

pub static FUNCTIONS: &[ScalarFunction] = &[
    operator(
        "||",
        &[Text, Text],
        Text,
        |r| joined(&[r.text(0)?, r.text(1)?]),
        "Both texts, one behind the other.",
    ),
    operator(
        "||",
        &[Text, AnyNonArray],
        Text,
        |r| joined(&[r.text(0)?, &r.shown(1)]),
        "A text and any value as text.",
    ),
    operator(
        "||",
        &[AnyNonArray, Text],
        Text,
        |r| joined(&[&r.shown(0), r.text(1)?]),
        "Any value as text and a text.",
    ),
    operator(
        "^@",
        &[Text, Text],
        Bool,
        |r| Ok(Value::Bool(r.text(0)?.starts_with(r.text(1)?))),
        "Whether a text starts with another.",
    ),
    function(
        "length",
        &[Text],
        Int4,
        |r| count(r.text(0)?.chars().count()),
        "Number of characters.",
    ),
    function(
        "length",
        &[Char],
        Int4,
        |r| count(r.text(0)?.trim_end_matches(' ').chars().count()),
        "Number of characters without trailing spaces.",
    ),
    function(
        "char_length",
        &[Text],
        Int4,
        |r| count(r.text(0)?.chars().count()),
        "Number of characters.",
    ),
    function(
        "character_length",
        &[Text],
        Int4,
        |r| count(r.text(0)?.chars().count()),
        "Number of characters.",
    ),
    function(
        "octet_length",
        &[Text],
        Int4,
        |r| count(r.text(0)?.len()),
        "Number of bytes in UTF-8.",
    ),
    function(
        "octet_length",
        &[Char],
        Int4,
        |r| count(r.text(0)?.len()),
        "Number of bytes in UTF-8, trailing spaces too.",
    ),
    function(
        "bit_length",
        &[Text],
        Int4,
        |r| count(r.text(0)?.len() * 8),
        "Number of bits in UTF-8.",
    ),
    function(
        "upper",
        &[Text],
        Text,
        |r| Ok(Value::text(simple_case(r.text(0)?, true))),
        "Capital letters.",
    ),
    function(
        "lower",
        &[Text],
        Text,
        |r| Ok(Value::text(simple_case(r.text(0)?, false))),
        "Small letters.",
    ),
    function(
        "initcap",
        &[Text],
        Text,
        |r| Ok(Value::text(initcap(r.text(0)?))),
        "Each word with a capital letter in front.",
    ),
    function(
        "btrim",
        &[Text],
        Text,
        |r| Ok(Value::text(r.text(0)?.trim_matches(' '))),
        "Without spaces at both ends.",
    ),
    function(
        "btrim",
        &[Text, Text],
        Text,
        |r| trim(r, true, true),
        "Without the given characters at both ends.",
    ),
    function(
        "trim",
        &[Text],
        Text,
        |r| Ok(Value::text(r.text(0)?.trim_matches(' '))),
        "Without spaces at both ends.",
    ),
    function(
        "ltrim",
        &[Text],
        Text,
        |r| Ok(Value::text(r.text(0)?.trim_start_matches(' '))),
        "Without spaces in front.",
    ),
    function(
        "ltrim",
        &[Text, Text],
        Text,
        |r| trim(r, true, false),
        "Without the given characters in front.",
    ),
    function(
        "rtrim",
        &[Text],
        Text,
        |r| Ok(Value::text(r.text(0)?.trim_end_matches(' '))),
        "Without spaces at the end.",
    ),
    function(
        "rtrim",
        &[Text, Text],
        Text,
        |r| trim(r, false, true),
        "Without the given characters at the end.",
    ),
    function(
        "substring",
        &[Text, Int4],
        Text,
        |r| substring(r.text(0)?, r.int(1)?, None),
        "The text from a place on.",
    ),
    function(
        "substring",
        &[Text, Int4, Int4],
        Text,
        |r| substring(r.text(0)?, r.int(1)?, Some(r.int(2)?)),
        "So many characters from a place on.",
    ),
    function(
        "substr",
        &[Text, Int4],
        Text,
        |r| substring(r.text(0)?, r.int(1)?, None),
        "The text from a place on.",
    ),
    function(
        "substr",
        &[Text, Int4, Int4],
        Text,
        |r| substring(r.text(0)?, r.int(1)?, Some(r.int(2)?)),
        "So many characters from a place on.",
    ),
    function(
        "position",
        &[Text, Text],
        Int4,
        |r| count(place(r.text(0)?, r.text(1)?)),
        "Where the second text stands in the first; 0 when it does not. Written position(b IN a).",
    ),
    function(
        "strpos",
        &[Text, Text],
        Int4,
        |r| count(place(r.text(0)?, r.text(1)?)),
        "Where the second text stands in the first; 0 when it does not.",
    ),
    function(
        "left",
        &[Text, Int4],
        Text,
        left,
        "The first characters; all but the last ones when negative.",
    ),
    function(
        "right",
        &[Text, Int4],
        Text,
        right,
        "The last characters; all but the first ones when negative.",
    ),
    function(
        "lpad",
        &[Text, Int4],
        Text,
        |r| pad(r.text(0)?, r.int(1)?, " ", End::Left),
        "Filled with spaces in front, or cut, to a length.",
    ),
    function(
        "lpad",
        &[Text, Int4, Text],
        Text,
        |r| pad(r.text(0)?, r.int(1)?, r.text(2)?, End::Left),
        "Filled in front, or cut, to a length.",
    ),
    function(
        "rpad",
        &[Text, Int4],
        Text,
        |r| pad(r.text(0)?, r.int(1)?, " ", End::Right),
        "Filled with spaces behind, or cut, to a length.",
    ),
    function(
        "rpad",
        &[Text, Int4, Text],
        Text,
        |r| pad(r.text(0)?, r.int(1)?, r.text(2)?, End::Right),
        "Filled behind, or cut, to a length.",
    ),
    function(
        "encode",
        &[Text, Text],
        Text,
        encode,
        "The bytes of a quoted text written as hex, base64 or escape.",
    ),
    function(
        "repeat",
        &[Text, Int4],
        Text,
        repeat,
        "The text so many times.",
    ),
    function(
        "replace",
        &[Text, Text, Text],
        Text,
        replace,
        "Every occurrence of the second text replaced by the third.",
    ),
    function(
        "reverse",
        &[Text],
        Text,
        |r| Ok(Value::text(r.text(0)?.chars().rev().collect::<String>())),
        "The characters from last to first.",
    ),
    function(
        "split_part",
        &[Text, Text, Int4],
        Text,
        split_part,
        "The nth field between delimiters; from the end when negative.",
    ),
    function(
        "concat",
        &[Any],
        Text,
        concat,
        "All arguments as text, NULLs left out.",
    )
    .with_variadic(Any)
    .sees_nulls(),
    function(
        "concat_ws",
        &[Text],
        Text,
        concat_ws,
        "The further arguments with the first between them, NULLs left out.",
    )
    .with_variadic(Any)
    .sees_nulls(),
    function(
        "ascii",
        &[Text],
        Int4,
        |r| {
            Ok(Value::Int(
                r.text(0)?
                    .chars()
                    .next()
                    .map_or(0, |c| i64::from(u32::from(c))),
            ))
        },
        "The code point of the first character.",
    ),
    function("chr", &[Int4], Text, chr, "The character of a code point."),
    function(
        "md5",
        &[Text],
        Text,
        |r| Ok(Value::text(md5(r.text(0)?))),
        "MD5 in hexadecimal digits.",
    ),
    function(
        "starts_with",
        &[Text, Text],
        Bool,
        |r| Ok(Value::Bool(r.text(0)?.starts_with(r.text(1)?))),
        "Whether a text starts with another.",
    ),
    function(
        "translate",
        &[Text, Text, Text],
        Text,
        translate,
        "Each character of the second text replaced by the one of the third at its place.",
    ),
    function(
        "overlay",
        &[Text, Text, Int4],
        Text,
        |r| overlay(r, None),
        "The second text over the first from a place on.",
    ),
    function(
        "overlay",
        &[Text, Text, Int4, Int4],
        Text,
        |r| overlay(r, Some(r.int(3)?)),
        "The second text in place of so many characters of the first.",
    ),
    function(
        "to_hex",
        &[Int4],
        Text,
        |r| Ok(Value::text(format!("{:x}", r.int(0)? as i32))),
        "Hexadecimal digits.",
    ),
    function(
        "to_hex",
        &[Int8],
        Text,
        |r| Ok(Value::text(format!("{:x}", r.int(0)?))),
        "Hexadecimal digits.",
    ),
    function(
        "quote_literal",
        &[Text],
        Text,
        |r| Ok(Value::text(quote_literal(r.text(0)?))),
        "As a literal of SQL.",
    ),
    function(
        "quote_literal",
        &[AnyNonArray],
        Text,
        |r| Ok(Value::text(quote_literal(&r.shown(0)))),
        "Any value as a literal of SQL.",
    ),
    function(
        "quote_ident",
        &[Text],
        Text,
        |r| Ok(Value::text(quote_ident(r.text(0)?))),
        "As an identifier of SQL.",
    ),
    function(
        "quote_nullable",
        &[Text],
        Text,
        quote_nullable,
        "As a literal of SQL, NULL as NULL.",
    )
    .sees_nulls(),
    function(
        "quote_nullable",
        &[AnyNonArray],
        Text,
        |r| {
            Ok(Value::text(match r.value(0) {
                Value::Null => "NULL".to_owned(),
                _ => quote_literal(&r.shown(0)),
            }))
        },
        "Any value as a literal of SQL, NULL as NULL.",
    )
    .sees_nulls(),
];

/// The longest text a function makes, in bytes: a page has other uses for its memory.
pub const MAX_TEXT: usize = 16 << 20;

/// Refuses a text that would be too long.
pub fn check_length(bytes: usize) -> Result<()> {
    if bytes <= MAX_TEXT {
        return Ok(());
    }
    Err(Diagnostic::error(
        crate::base::Code::new("54000"),
        format!("requested length too large: a text has at most {MAX_TEXT} bytes"),
    ))
}

fn count(value: usize) -> Result<Value> {
    Ok(Value::Int(value as i64))
}

fn joined(parts: &[&str]) -> Result<Value> {
    check_length(parts.iter().map(|part| part.len()).sum())?;
    Ok(Value::text(parts.concat()))
}

/// One character for one, as the C library's `towupper` and `towlower` do: `ß` stays.
pub fn simple_case(text: &str, upper: bool) -> String {
    text.chars()
        .map(|c| {
            let mut mapped: (Option<char>, Option<char>) = (None, None);
            if upper {
                let mut all = c.to_uppercase();
                mapped = (all.next(), all.next());
            } else {
                let mut all = c.to_lowercase();
                mapped.0 = all.next();
                mapped.1 = all.next();
            }
            match mapped {
                (Some(one), None) => one,
                _ => c,
            }
        })
        .collect()
}

fn initcap(text: &str) -> String {
    let mut inside = false;
    text.chars()
        .map(|c| {
            let one = simple_case(c.encode_utf8(&mut [0; 4]), !inside);
            inside = c.is_alphanumeric();
            one
        })
        .collect()
}

fn trim(row: &Row<'_>, start: bool, end: bool) -> Result<Value> {
    let (mut text, set) = (row.text(0)?, row.text(1)?);
    if start {
        text = text.trim_start_matches(|c| set.contains(c));
    }
    if end {
        text = text.trim_end_matches(|c| set.contains(c));
    }
    Ok(Value::text(text))
}

/// `len` characters from the 0-based character `from` on.
fn characters(text: &str, from: usize, len: usize) -> &str {
    let mut borders = text.char_indices().map(|(at, _)| at).chain([text.len()]);
    let Some(start) = borders.nth(from) else {
        return "";
    };
    let end = match len.checked_sub(1) {
        Some(more) => borders.nth(more).unwrap_or(text.len()),
        None => start,
    };
    text.get(start..end).unwrap_or_default()
}

/// Places before the first count too, as in the SQL standard.
fn substring(text: &str, start: i64, len: Option<i64>) -> Result<Value> {
    let from = start.max(1);
    let taken = match len {
        None => usize::MAX,
        Some(len) if len < 0 => {
            return Err(Diagnostic::error(
                sqlstate::SUBSTRING_ERROR,
                "negative substring length not allowed",
            ));
        }
        Some(len) => usize::try_from(start.saturating_add(len).saturating_sub(from)).unwrap_or(0),
    };
    let skipped = usize::try_from(from - 1).unwrap_or(usize::MAX);
    Ok(Value::text(characters(text, skipped, taken)))
}

fn place(text: &str, sought: &str) -> usize {
    match text.find(sought) {
        Some(at) => text.get(..at).unwrap_or_default().chars().count() + 1,
        None => 0,
    }
}

fn left(row: &Row<'_>) -> Result<Value> {
    let (text, n) = (row.text(0)?, row.int(1)?);
    let taken = if n >= 0 {
        n
    } else {
        text.chars().count() as i64 + n
    };
    Ok(Value::text(characters(
        text,
        0,
        usize::try_from(taken).unwrap_or(0),
    )))
}

fn right(row: &Row<'_>) -> Result<Value> {
    let (text, n) = (row.text(0)?, row.int(1)?);
    let skipped = if n >= 0 {
        text.chars().count() as i64 - n
    } else {
        n.saturating_neg()
    };
    Ok(Value::text(characters(
        text,
        usize::try_from(skipped).unwrap_or(0),
        usize::MAX,
    )))
}

enum End {
    Left,
    Right,
}

fn pad(text: &str, len: i64, fill: &str, end: End) -> Result<Value> {
    let wanted = usize::try_from(len).unwrap_or(0);
    let own = text.chars().count();
    if own >= wanted || fill.is_empty() {
        return Ok(Value::text(characters(text, 0, wanted)));
    }
    check_length(wanted.saturating_mul(4))?;
    let padding: String = fill.chars().cycle().take(wanted - own).collect();
    Ok(Value::text(match end {
        End::Left => padding + text,
        End::Right => text.to_owned() + &padding,
    }))
}

fn repeat(row: &Row<'_>) -> Result<Value> {
    let (text, times) = (row.text(0)?, usize::try_from(row.int(1)?).unwrap_or(0));
    check_length(text.len().saturating_mul(times))?;
    Ok(Value::text(text.repeat(times)))
}

fn replace(row: &Row<'_>) -> Result<Value> {
    let (text, from, to) = (row.text(0)?, row.text(1)?, row.text(2)?);
    if from.is_empty() {
        return Ok(row.value(0).clone());
    }
    let found = text.matches(from).count();
    check_length(text.len().saturating_add(found.saturating_mul(to.len())))?;
    Ok(Value::text(text.replace(from, to)))
}

fn split_part(row: &Row<'_>) -> Result<Value> {
    let (text, delimiter, n) = (row.text(0)?, row.text(1)?, row.int(2)?);
    if n == 0 {
        return Err(Diagnostic::error(
            sqlstate::INVALID_PARAMETER_VALUE,
            "field position must not be zero",
        ));
    }
    let nth = usize::try_from(n.unsigned_abs()).unwrap_or(usize::MAX) - 1;
    let field = if delimiter.is_empty() {
        (nth == 0 && !text.is_empty()).then_some(text)
    } else if n > 0 {
        text.split(delimiter).nth(nth)
    } else {
        // Fields are found from the left, also when they are counted from the right.
        let fields: Vec<&str> = text.split(delimiter).collect();
        fields
            .len()
            .checked_sub(nth + 1)
            .and_then(|at| fields.get(at).copied())
    };
    Ok(Value::text(field.unwrap_or_default()))
}

/// A value as its output function prints it: booleans are one letter.
pub fn output(row: &Row<'_>, place: usize) -> String {
    match row.value(place) {
        Value::Bool(true) => "t".to_owned(),
        Value::Bool(false) => "f".to_owned(),
        _ => row.shown(place),
    }
}

fn concat(row: &Row<'_>) -> Result<Value> {
    let parts: String = (0..row.values.len())
        .filter(|&place| !row.value(place).is_null())
        .map(|place| output(row, place))
        .collect();
    check_length(parts.len())?;
    Ok(Value::text(parts))
}

fn concat_ws(row: &Row<'_>) -> Result<Value> {
    if row.value(0).is_null() {
        return Ok(Value::Null);
    }
    let parts: Vec<String> = (1..row.values.len())
        .filter(|&place| !row.value(place).is_null())
        .map(|place| output(row, place))
        .collect();
    let text = parts.join(row.text(0)?);
    check_length(text.len())?;
    Ok(Value::text(text))
}

fn chr(row: &Row<'_>) -> Result<Value> {
    let code = row.int(0)?;
    let limit = crate::base::Code::new("54000");
    match u32::try_from(code) {
        Ok(0) => Err(Diagnostic::error(limit, "null character not permitted")),
        Ok(value) => match char::from_u32(value) {
            Some(c) => Ok(Value::text(c.to_string())),
            None => Err(Diagnostic::error(
                limit,
                format!("requested character too large for encoding: {code}"),
            )),
        },
        Err(_) => Err(Diagnostic::error(
            limit,
            "character number must be positive",
        )),
    }
}

fn md5(text: &str) -> String {
    Md5::digest(text.as_bytes())
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

fn translate(row: &Row<'_>) -> Result<Value> {
    let (text, from, to) = (row.text(0)?, row.text(1)?, row.text(2)?);
    let from: Vec<char> = from.chars().collect();
    let to: Vec<char> = to.chars().collect();
    let result: String = text
        .chars()
        .filter_map(|c| match from.iter().position(|sought| *sought == c) {
            Some(at) => to.get(at).copied(),
            None => Some(c),
        })
        .collect();
    Ok(Value::text(result))
}

fn overlay(row: &Row<'_>, len: Option<i64>) -> Result<Value> {
    let (text, new, start) = (row.text(0)?, row.text(1)?, row.int(2)?);
    if start <= 0 {
        return Err(Diagnostic::error(
            sqlstate::SUBSTRING_ERROR,
            "negative substring length not allowed",
        ));
    }
    let len = len.unwrap_or(new.chars().count() as i64);
    let before = usize::try_from(start - 1).unwrap_or(usize::MAX);
    let after = usize::try_from(start.saturating_add(len) - 1).unwrap_or(0);
    joined(&[
        characters(text, 0, before),
        new,
        characters(text, after, usize::MAX),
    ])
}
