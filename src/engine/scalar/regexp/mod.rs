//! Regular expressions: PostgreSQL's advanced ones, brought to the form of the `regex` crate.
//!
//! Back references and look-around have no counterpart there and are refused by name.

mod syntax;

use super::Parameter::{Bool, Int4, Text, TextArray, TextArrays};
use super::pattern::regex as remembered;
use super::text::check_length;
use super::{Row, ScalarFunction, function, operator};
use crate::base::diagnostic::sqlstate;
use crate::base::{Diagnostic, Result, Value};
use regex::{Captures, Regex};
use std::rc::Rc;
use syntax::{compile, similar_regex};

pub static FUNCTIONS: &[ScalarFunction] = &[
    operator(
        "~",
        &[Text, Text],
        Bool,
        |r| matches(r, ""),
        "Whether a regular expression matches.",
    ),
    operator(
        "~*",
        &[Text, Text],
        Bool,
        |r| matches(r, "i"),
        "Whether a regular expression matches, letters of any case.",
    ),
    operator(
        "!~",
        &[Text, Text],
        Bool,
        |r| negated(matches(r, "")?),
        "Whether a regular expression does not match.",
    ),
    operator(
        "!~*",
        &[Text, Text],
        Bool,
        |r| negated(matches(r, "i")?),
        "Whether a regular expression does not match, letters of any case.",
    ),
    function(
        "regexp_like",
        &[Text, Text],
        Bool,
        |r| matches(r, ""),
        "Whether a regular expression matches.",
    ),
    function(
        "regexp_like",
        &[Text, Text, Text],
        Bool,
        |r| matches(r, r.text(2)?),
        "Whether a regular expression with flags matches.",
    ),
    function(
        "regexp_match",
        &[Text, Text],
        TextArray,
        |r| first_match(r, ""),
        "The groups of the first match.",
    ),
    function(
        "regexp_match",
        &[Text, Text, Text],
        TextArray,
        |r| first_match(r, r.text(2)?),
        "The groups of the first match.",
    ),
    function(
        "regexp_matches",
        &[Text, Text],
        TextArrays,
        |r| all_matches(r, ""),
        "The groups of the first match, as a row.",
    ),
    function(
        "regexp_matches",
        &[Text, Text, Text],
        TextArrays,
        |r| all_matches(r, r.text(2)?),
        "The groups of the first match, or of each with the flag g, a row each.",
    ),
    function(
        "regexp_replace",
        &[Text, Text, Text],
        Text,
        |r| replace(r, "", 1, Some(1)),
        "The first match replaced; \\1 stands for a group, \\& for the match.",
    ),
    function(
        "regexp_replace",
        &[Text, Text, Text, Text],
        Text,
        |r| replace(r, r.text(3)?, 1, None),
        "Matches replaced: the first, or all with the flag g.",
    ),
    function(
        "regexp_replace",
        &[Text, Text, Text, Int4],
        Text,
        |r| replace(r, "", r.int(3)?, Some(1)),
        "The first match from a place on replaced.",
    ),
    function(
        "regexp_replace",
        &[Text, Text, Text, Int4, Int4],
        Text,
        |r| replace(r, "", r.int(3)?, Some(r.int(4)?)),
        "The nth match from a place on replaced; all when 0.",
    ),
    function(
        "regexp_replace",
        &[Text, Text, Text, Int4, Int4, Text],
        Text,
        |r| replace(r, r.text(5)?, r.int(3)?, Some(r.int(4)?)),
        "The nth match from a place on replaced; all when 0.",
    ),
    function(
        "regexp_count",
        &[Text, Text],
        Int4,
        |r| count(r, 1, ""),
        "Number of matches.",
    ),
    function(
        "regexp_count",
        &[Text, Text, Int4],
        Int4,
        |r| count(r, r.int(2)?, ""),
        "Number of matches from a place on.",
    ),
    function(
        "regexp_count",
        &[Text, Text, Int4, Text],
        Int4,
        |r| count(r, r.int(2)?, r.text(3)?),
        "Number of matches from a place on.",
    ),
    function(
        "regexp_substr",
        &[Text, Text],
        Text,
        |r| substr(r, 1, 1, ""),
        "The first match.",
    ),
    function(
        "regexp_substr",
        &[Text, Text, Int4],
        Text,
        |r| substr(r, r.int(2)?, 1, ""),
        "The first match from a place on.",
    ),
    function(
        "regexp_substr",
        &[Text, Text, Int4, Int4],
        Text,
        |r| substr(r, r.int(2)?, r.int(3)?, ""),
        "The nth match from a place on.",
    ),
    function(
        "regexp_substr",
        &[Text, Text, Int4, Int4, Text],
        Text,
        |r| substr(r, r.int(2)?, r.int(3)?, r.text(4)?),
        "The nth match from a place on.",
    ),
    function(
        "regexp_substr",
        &[Text, Text, Int4, Int4, Text, Int4],
        Text,
        |r| {
            let group = non_negative(r.int(5)?, "subexpr")?;
            substr_group(r, r.int(2)?, r.int(3)?, r.text(4)?, group)
        },
        "A group of the nth match from a place on.",
    ),
    function(
        "regexp_instr",
        &[Text, Text],
        Int4,
        |r| instr(r, Instr::default()),
        "Where the first match stands; 0 when there is none.",
    ),
    function(
        "regexp_instr",
        &[Text, Text, Int4],
        Int4,
        |r| {
            instr(
                r,
                Instr {
                    start: r.int(2)?,
                    ..Instr::default()
                },
            )
        },
        "Where the first match from a place on stands.",
    ),
    function(
        "regexp_instr",
        &[Text, Text, Int4, Int4],
        Int4,
        |r| {
            instr(
                r,
                Instr {
                    start: r.int(2)?,
                    nth: r.int(3)?,
                    ..Instr::default()
                },
            )
        },
        "Where the nth match from a place on stands.",
    ),
    function(
        "regexp_instr",
        &[Text, Text, Int4, Int4, Int4],
        Int4,
        |r| {
            let (start, nth, end) = (r.int(2)?, r.int(3)?, r.int(4)?);
            instr(
                r,
                Instr {
                    start,
                    nth,
                    end,
                    ..Instr::default()
                },
            )
        },
        "Where the nth match starts, or with 1 where the text behind it does.",
    ),
    function(
        "regexp_instr",
        &[Text, Text, Int4, Int4, Int4, Text],
        Int4,
        |r| {
            let (start, nth, end) = (r.int(2)?, r.int(3)?, r.int(4)?);
            instr(
                r,
                Instr {
                    start,
                    nth,
                    end,
                    flags: r.text(5)?,
                    group: 0,
                },
            )
        },
        "Where the nth match starts, or with 1 where the text behind it does.",
    ),
    function(
        "regexp_instr",
        &[Text, Text, Int4, Int4, Int4, Text, Int4],
        Int4,
        |r| {
            let (start, nth, end) = (r.int(2)?, r.int(3)?, r.int(4)?);
            instr(
                r,
                Instr {
                    start,
                    nth,
                    end,
                    flags: r.text(5)?,
                    group: r.int(6)?,
                },
            )
        },
        "Where a group of the nth match starts, or with 1 where the text behind it does.",
    ),
    function(
        "regexp_split_to_array",
        &[Text, Text],
        TextArray,
        |r| split(r, ""),
        "The texts between the matches.",
    ),
    function(
        "regexp_split_to_array",
        &[Text, Text, Text],
        TextArray,
        |r| split(r, r.text(2)?),
        "The texts between the matches.",
    ),
    function(
        "substring",
        &[Text, Text],
        Text,
        |r| substring(r, r.text(1)?),
        "The first match, or its first group.",
    ),
    function(
        "substring",
        &[Text, Text, Text],
        Text,
        |r| {
            let pattern = similar_regex(r.text(1)?, Some(r.text(2)?))?;
            substring(r, &pattern)
        },
        "The part of a SIMILAR pattern between escaped double quotes.",
    ),
    function(
        "similar_to_escape",
        &[Text],
        Text,
        |r| Ok(Value::text(similar_regex(r.text(0)?, Some("\\"))?)),
        "A SIMILAR TO pattern as a regular expression.",
    ),
    function(
        "similar_to_escape",
        &[Text, Text],
        Text,
        |r| Ok(Value::text(similar_regex(r.text(0)?, Some(r.text(1)?))?)),
        "A SIMILAR TO pattern as a regular expression.",
    ),
];

/// The expression in argument 1 with flags, compiled once for a call.
fn compiled(row: &Row<'_>, pattern: &str, flags: &str) -> Result<Rc<Regex>> {
    remembered(row, &format!("{flags}/{pattern}"), || {
        compile(pattern, flags)
    })
}

fn matches(row: &Row<'_>, flags: &str) -> Result<Value> {
    no_global(flags, "regexp_like()")?;
    Ok(Value::Bool(
        compiled(row, row.text(1)?, flags)?.is_match(row.text(0)?),
    ))
}

fn negated(value: Value) -> Result<Value> {
    Ok(match value {
        Value::Bool(bit) => Value::Bool(!bit),
        other => other,
    })
}

fn no_global(flags: &str, function: &str) -> Result<()> {
    if flags.contains('g') {
        return Err(Diagnostic::error(
            sqlstate::INVALID_PARAMETER_VALUE,
            format!("{function} does not support the \"global\" option"),
        ));
    }
    Ok(())
}

fn group(found: &Captures<'_>, number: usize) -> Value {
    found
        .get(number)
        .map_or(Value::Null, |part| Value::text(part.as_str()))
}

fn first_match(row: &Row<'_>, flags: &str) -> Result<Value> {
    no_global(flags, "regexp_match()")?;
    let regex = compiled(row, row.text(1)?, flags)?;
    Ok(match regex.captures(row.text(0)?) {
        None => Value::Null,
        Some(found) => groups(&found),
    })
}

/// The groups of a match, or the whole match when there are none.
fn groups(found: &Captures<'_>) -> Value {
    match found.len() {
        1 => Value::Array([group(found, 0)].into()),
        count => Value::Array((1..count).map(|n| group(found, n)).collect()),
    }
}

fn all_matches(row: &Row<'_>, flags: &str) -> Result<Value> {
    let most = if flags.contains('g') { usize::MAX } else { 1 };
    let regex = compiled(row, row.text(1)?, flags)?;
    let found = regex.captures_iter(row.text(0)?).take(most);
    Ok(Value::Array(found.map(|found| groups(&found)).collect()))
}

/// The text from a 1-based place on, and what stands before it.
fn from_place(text: &str, start: i64) -> Result<(&str, &str)> {
    let Some(skipped) = start.checked_sub(1).and_then(|s| usize::try_from(s).ok()) else {
        return Err(Diagnostic::error(
            sqlstate::INVALID_PARAMETER_VALUE,
            format!("invalid value for parameter \"start\": {start}"),
        ));
    };
    let at = text
        .char_indices()
        .nth(skipped)
        .map_or(text.len(), |(at, _)| at);
    Ok(text.split_at(at))
}

/// Replaces the nth match, or all with 0; without `nth` the flag `g` tells all from the first.
fn replace(row: &Row<'_>, flags: &str, start: i64, nth: Option<i64>) -> Result<Value> {
    let (text, pattern, replacement) = (row.text(0)?, row.text(1)?, row.text(2)?);
    // A number in the place of flags is what people write who mean a start.
    if nth.is_none() && flags.starts_with(|c: char| c.is_ascii_digit()) {
        let letter = flags.chars().next().unwrap_or('0');
        return Err(Diagnostic::error(
            sqlstate::INVALID_PARAMETER_VALUE,
            format!("invalid regular expression option: \"{letter}\""),
        )
        .hint(
            "If you meant to use regexp_replace() with a start parameter, cast the fourth \
             argument to integer explicitly.",
        ));
    }
    let wanted = match nth {
        Some(nth) if nth < 0 => {
            return Err(Diagnostic::error(
                sqlstate::INVALID_PARAMETER_VALUE,
                format!("invalid value for parameter \"n\": {nth}"),
            ));
        }
        Some(nth) if row.values.len() > 4 || !flags.contains('g') => nth,
        Some(_) => 0,
        None => i64::from(!flags.contains('g')),
    };
    let regex = compiled(row, pattern, flags)?;
    let (before, searched) = from_place(text, start)?;
    let mut result = before.to_owned();
    let mut done = 0;
    for (count, found) in (1_i64..).zip(regex.captures_iter(searched)) {
        if wanted != 0 && count != wanted {
            continue;
        }
        let Some(whole) = found.get(0) else { continue };
        result.push_str(searched.get(done..whole.start()).unwrap_or_default());
        expand(replacement, &found, &mut result);
        check_length(result.len())?;
        done = whole.end();
        if count == wanted {
            break;
        }
    }
    result.push_str(searched.get(done..).unwrap_or_default());
    Ok(Value::text(result))
}

/// `\1` to `\9` and `\&`; `\\` is one backslash.
fn expand(replacement: &str, found: &Captures<'_>, result: &mut String) {
    let mut characters = replacement.chars();
    while let Some(c) = characters.next() {
        if c != '\\' {
            result.push(c);
            continue;
        }
        match characters.next() {
            Some(digit @ '1'..='9') => {
                let number = digit.to_digit(10).unwrap_or(0) as usize;
                result.push_str(found.get(number).map_or("", |part| part.as_str()));
            }
            Some('&') => result.push_str(found.get(0).map_or("", |part| part.as_str())),
            Some('\\') => result.push('\\'),
            Some(other) => {
                result.push('\\');
                result.push(other);
            }
            None => result.push('\\'),
        }
    }
}

fn count(row: &Row<'_>, start: i64, flags: &str) -> Result<Value> {
    no_global(flags, "regexp_count()")?;
    let regex = compiled(row, row.text(1)?, flags)?;
    let (_, searched) = from_place(row.text(0)?, start)?;
    Ok(Value::Int(regex.find_iter(searched).count() as i64))
}

fn substr(row: &Row<'_>, start: i64, nth: i64, flags: &str) -> Result<Value> {
    substr_group(row, start, nth, flags, 0)
}

fn substr_group(row: &Row<'_>, start: i64, nth: i64, flags: &str, group: usize) -> Result<Value> {
    no_global(flags, "regexp_substr()")?;
    let skipped = positive(nth, "n")? - 1;
    let regex = compiled(row, row.text(1)?, flags)?;
    let (_, searched) = from_place(row.text(0)?, start)?;
    let found = regex.captures_iter(searched).nth(skipped);
    let part = found.and_then(|found| found.get(group));
    Ok(part.map_or(Value::Null, |part| Value::text(part.as_str())))
}

/// What `regexp_instr` looks for.
struct Instr<'a> {
    start: i64,
    nth: i64,
    /// 0 for the start of the match, 1 for what is behind it.
    end: i64,
    flags: &'a str,
    /// 0 for the whole match.
    group: i64,
}

impl Default for Instr<'_> {
    fn default() -> Self {
        Self {
            start: 1,
            nth: 1,
            end: 0,
            flags: "",
            group: 0,
        }
    }
}

fn instr(row: &Row<'_>, wanted: Instr<'_>) -> Result<Value> {
    no_global(wanted.flags, "regexp_instr()")?;
    let skipped = positive(wanted.nth, "n")? - 1;
    if !(0..=1).contains(&wanted.end) {
        return Err(bad_value("endoption", wanted.end));
    }
    let group = non_negative(wanted.group, "subexpr")?;
    let regex = compiled(row, row.text(1)?, wanted.flags)?;
    let (before, searched) = from_place(row.text(0)?, wanted.start)?;
    let found = regex.captures_iter(searched).nth(skipped);
    let part = found.and_then(|found| found.get(group));
    let place = part.map_or(0, |part| {
        let until = if wanted.end == 1 {
            part.end()
        } else {
            part.start()
        };
        let inside = searched.get(..until).unwrap_or_default();
        before.chars().count() + inside.chars().count() + 1
    });
    Ok(Value::Int(place as i64))
}

fn bad_value(parameter: &str, value: i64) -> Box<Diagnostic> {
    Diagnostic::error(
        sqlstate::INVALID_PARAMETER_VALUE,
        format!("invalid value for parameter \"{parameter}\": {value}"),
    )
}

fn non_negative(value: i64, parameter: &str) -> Result<usize> {
    usize::try_from(value).map_err(|_| bad_value(parameter, value))
}

fn positive(value: i64, parameter: &str) -> Result<usize> {
    match non_negative(value, parameter)? {
        0 => Err(bad_value(parameter, value)),
        value => Ok(value),
    }
}

/// An empty match at the end, or right behind another match, splits nothing.
fn split(row: &Row<'_>, flags: &str) -> Result<Value> {
    no_global(flags, "regexp_split_to_array()")?;
    let regex = compiled(row, row.text(1)?, flags)?;
    let text = row.text(0)?;
    let mut parts = Vec::new();
    let mut done = 0;
    for found in regex.find_iter(text) {
        if found.is_empty() && (found.start() == done || found.start() == text.len()) {
            continue;
        }
        parts.push(Value::text(
            text.get(done..found.start()).unwrap_or_default(),
        ));
        done = found.end();
    }
    parts.push(Value::text(text.get(done..).unwrap_or_default()));
    Ok(Value::Array(parts.into()))
}

fn substring(row: &Row<'_>, pattern: &str) -> Result<Value> {
    let regex = compiled(row, pattern, "")?;
    Ok(match regex.captures(row.text(0)?) {
        None => Value::Null,
        Some(found) if found.len() > 1 => group(&found, 1),
        Some(found) => group(&found, 0),
    })
}
