//! LIKE and its relatives, and the patterns compiled for them.

use super::Parameter::{Bool, Text};
use super::like::Like;
use super::{Row, ScalarFunction, function, operator};
use crate::base::diagnostic::sqlstate;
use crate::base::{Diagnostic, Result, Value};
use regex::Regex;
use std::rc::Rc;

/// The patterns that one call compiled, the latest first. Patterns are constants nearly always,
/// so that a short list does.
#[derive(Debug, Default)]
pub struct Patterns {
    likes: Vec<(String, Rc<Like>)>,
    regexes: Vec<(String, Rc<Regex>)>,
}

/// How many patterns a call remembers.
const REMEMBERED: usize = 8;

fn remembered<T>(
    list: &mut Vec<(String, Rc<T>)>,
    key: &str,
    compile: impl FnOnce() -> Result<T>,
) -> Result<Rc<T>> {
    if let Some((_, known)) = list.iter().find(|(text, _)| text == key) {
        return Ok(known.clone());
    }
    let compiled = Rc::new(compile()?);
    list.insert(0, (key.to_owned(), compiled.clone()));
    list.truncate(REMEMBERED);
    Ok(compiled)
}

/// Whether upper and lower case differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Case {
    /// `LIKE`, `~`
    Sensitive,
    /// `ILIKE`, `~*`
    Insensitive,
}

pub static FUNCTIONS: &[ScalarFunction] = &[
    operator(
        "~~",
        &[Text, Text],
        Bool,
        |r| Ok(Value::Bool(like(r, Case::Sensitive)?)),
        "LIKE.",
    ),
    operator(
        "!~~",
        &[Text, Text],
        Bool,
        |r| Ok(Value::Bool(!like(r, Case::Sensitive)?)),
        "NOT LIKE.",
    ),
    operator(
        "~~*",
        &[Text, Text],
        Bool,
        |r| Ok(Value::Bool(like(r, Case::Insensitive)?)),
        "ILIKE.",
    ),
    operator(
        "!~~*",
        &[Text, Text],
        Bool,
        |r| Ok(Value::Bool(!like(r, Case::Insensitive)?)),
        "NOT ILIKE.",
    ),
    function(
        "like",
        &[Text, Text],
        Bool,
        |r| Ok(Value::Bool(like(r, Case::Sensitive)?)),
        "LIKE.",
    ),
    function(
        "like_escape",
        &[Text, Text],
        Text,
        like_escape,
        "A LIKE pattern with another escape character, as one with a backslash.",
    ),
];

fn like(row: &Row<'_>, case: Case) -> Result<bool> {
    let pattern = row.text(1)?;
    let mut patterns = row.call.patterns.borrow_mut();
    let compiled = remembered(&mut patterns.likes, pattern, || Like::new(pattern, case))?;
    compiled.matches(row.text(0)?)
}

/// The regular expression of a row, compiled at its first use. `key` tells flavours apart.
pub fn regex(
    row: &Row<'_>,
    key: &str,
    compile: impl FnOnce() -> Result<Regex>,
) -> Result<Rc<Regex>> {
    let mut patterns = row.call.patterns.borrow_mut();
    remembered(&mut patterns.regexes, key, compile)
}

/// Manual, 9.7.1: `LIKE .. ESCAPE ..` is LIKE with this function around the pattern.
fn like_escape(row: &Row<'_>) -> Result<Value> {
    let (pattern, escape) = (row.text(0)?, row.text(1)?);
    let mut characters = escape.chars();
    let escape = characters.next();
    if characters.next().is_some() {
        return Err(
            Diagnostic::error(sqlstate::INVALID_ESCAPE_SEQUENCE, "invalid escape string")
                .hint("Escape string must be empty or one character."),
        );
    }
    if escape == Some('\\') {
        return Ok(Value::text(pattern));
    }
    let mut result = String::with_capacity(pattern.len() + 8);
    let mut after_escape = false;
    for c in pattern.chars() {
        if Some(c) == escape && !after_escape {
            result.push('\\');
            after_escape = true;
            continue;
        }
        if c == '\\' && !after_escape {
            result.push('\\');
        }
        result.push(c);
        after_escape = false;
    }
    Ok(Value::text(result))
}
