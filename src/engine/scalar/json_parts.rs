//! Functions and operators that take JSON into its parts, and that change it.

use super::Parameter::{Bool, Int4, Json, Jsonb, Text, TextArray};
use super::json::{normal, read};
use super::text::check_length;
use super::{Row, ScalarFunction, function, operator};
use crate::base::diagnostic::sqlstate;
use crate::base::json::{self, JsonKind, quoted};
use crate::base::{Diagnostic, Result, Value};

/// Those that give an array stand behind the functions of the same name that give rows.
pub static FUNCTIONS: &[ScalarFunction] = &[
    function(
        "json_array_elements",
        &[Json],
        TextArray,
        elements,
        "The elements of an array, a row each.",
    ),
    function(
        "jsonb_array_elements",
        &[Jsonb],
        TextArray,
        elements,
        "The elements of an array, a row each.",
    ),
    function(
        "json_array_elements_text",
        &[Json],
        TextArray,
        element_texts,
        "The elements of an array as texts, a row each.",
    ),
    function(
        "jsonb_array_elements_text",
        &[Jsonb],
        TextArray,
        element_texts,
        "The elements of an array as texts, a row each.",
    ),
    function(
        "json_object_keys",
        &[Json],
        TextArray,
        keys,
        "The keys of an object, a row each.",
    ),
    function(
        "jsonb_object_keys",
        &[Jsonb],
        TextArray,
        keys,
        "The keys of an object, a row each.",
    ),
    function(
        "json_each",
        &[Json],
        TextArray,
        values,
        "The keys and values of an object, a row each.",
    ),
    function(
        "jsonb_each",
        &[Jsonb],
        TextArray,
        values,
        "The keys and values of an object, a row each.",
    ),
    function(
        "json_each_text",
        &[Json],
        TextArray,
        value_texts,
        "The keys and values of an object as texts, a row each.",
    ),
    function(
        "jsonb_each_text",
        &[Jsonb],
        TextArray,
        value_texts,
        "The keys and values of an object as texts, a row each.",
    ),
    function(
        "jsonb_set",
        &[Jsonb, TextArray, Jsonb],
        Jsonb,
        |r| set(r, true),
        "JSON with another value at a path, which is made where it is missing.",
    ),
    function(
        "jsonb_set",
        &[Jsonb, TextArray, Jsonb, Bool],
        Jsonb,
        |r| set(r, matches!(r.value(3), Value::Bool(true))),
        "JSON with another value at a path, which is made where it is missing.",
    ),
    operator(
        "-",
        &[Jsonb, Text],
        Jsonb,
        without_key,
        "An object without a member; an array without the texts.",
    ),
    operator(
        "-",
        &[Jsonb, Int4],
        Jsonb,
        without_element,
        "An array without an element.",
    ),
    operator(
        "||",
        &[Jsonb, Jsonb],
        Jsonb,
        concat,
        "Two objects as one, or two arrays.",
    ),
    operator(
        "?",
        &[Jsonb, Text],
        Bool,
        |r| Ok(Value::Bool(has_key(&read(r, 0)?, r.text(1)?))),
        "Whether there is a member, or a text in an array.",
    ),
    operator(
        "@>",
        &[Jsonb, Jsonb],
        Bool,
        |r| contains(r, 0, 1),
        "Whether the left one contains the right one.",
    ),
    operator(
        "<@",
        &[Jsonb, Jsonb],
        Bool,
        |r| contains(r, 1, 0),
        "Whether the right one contains the left one.",
    ),
];

fn refused(what: &str) -> Box<Diagnostic> {
    Diagnostic::error(sqlstate::INVALID_PARAMETER_VALUE, what)
}

fn array(parts: Vec<Value>) -> Result<Value> {
    Ok(Value::Array(parts.into()))
}

/// A part as text: what a text holds, NULL for null.
fn as_text(part: &json::Json, whole: &str) -> Value {
    match &part.kind {
        JsonKind::Null => Value::Null,
        JsonKind::Text(content) => Value::text(content.as_str()),
        JsonKind::Bool | JsonKind::Number | JsonKind::Array(_) | JsonKind::Object(_) => {
            Value::text(part.slice(whole))
        }
    }
}

fn of_array(row: &Row<'_>, part: impl Fn(&json::Json, &str) -> Value) -> Result<Value> {
    match read(row, 0)?.kind {
        JsonKind::Array(elements) => {
            let whole = row.text(0)?;
            array(elements.iter().map(|it| part(it, whole)).collect())
        }
        JsonKind::Object(_) => Err(refused("cannot extract elements from an object")),
        JsonKind::Null | JsonKind::Bool | JsonKind::Number | JsonKind::Text(_) => {
            Err(refused("cannot extract elements from a scalar"))
        }
    }
}

fn elements(row: &Row<'_>) -> Result<Value> {
    of_array(row, |it, whole| Value::text(it.slice(whole)))
}

fn element_texts(row: &Row<'_>) -> Result<Value> {
    of_array(row, as_text)
}

/// The members of an object, for a function that refuses the rest by name.
fn members(row: &Row<'_>) -> Result<Vec<(String, json::Json)>> {
    let function = "jsonb_each";
    match read(row, 0)?.kind {
        JsonKind::Object(members) => Ok(members),
        JsonKind::Array(_)
        | JsonKind::Null
        | JsonKind::Bool
        | JsonKind::Number
        | JsonKind::Text(_) => Err(refused(&format!("cannot call {function} on a non-object"))),
    }
}

fn keys(row: &Row<'_>) -> Result<Value> {
    match read(row, 0)?.kind {
        JsonKind::Object(members) => array(
            members
                .into_iter()
                .map(|(key, _)| Value::text(key))
                .collect(),
        ),
        JsonKind::Array(_) => Err(refused("cannot call jsonb_object_keys on an array")),
        JsonKind::Null | JsonKind::Bool | JsonKind::Number | JsonKind::Text(_) => {
            Err(refused("cannot call jsonb_object_keys on a scalar"))
        }
    }
}

fn values(row: &Row<'_>) -> Result<Value> {
    let whole = row.text(0)?;
    let found = members(row)?;
    array(
        found
            .iter()
            .map(|(_, it)| Value::text(it.slice(whole)))
            .collect(),
    )
}

fn value_texts(row: &Row<'_>) -> Result<Value> {
    let whole = row.text(0)?;
    let found = members(row)?;
    array(found.iter().map(|(_, it)| as_text(it, whole)).collect())
}

fn object_text<'m>(members: impl Iterator<Item = (&'m str, &'m str)>) -> String {
    let parts: Vec<String> = members
        .map(|(key, value)| format!("{}:{value}", quoted(key)))
        .collect();
    format!("{{{}}}", parts.join(","))
}

fn array_text<'e>(elements: impl Iterator<Item = &'e str>) -> String {
    format!("[{}]", elements.collect::<Vec<_>>().join(","))
}

fn without_key(row: &Row<'_>) -> Result<Value> {
    let (whole, key) = (row.text(0)?, row.text(1)?);
    match &read(row, 0)?.kind {
        JsonKind::Object(members) => {
            let kept = members.iter().filter(|(name, _)| name != key);
            normal(object_text(
                kept.map(|(name, it)| (name.as_str(), it.slice(whole))),
            ))
        }
        JsonKind::Array(elements) => {
            let is_key = |it: &json::Json| matches!(&it.kind, JsonKind::Text(text) if text == key);
            let kept = elements.iter().filter(|it| !is_key(it));
            normal(array_text(kept.map(|it| it.slice(whole))))
        }
        JsonKind::Null | JsonKind::Bool | JsonKind::Number | JsonKind::Text(_) => {
            Err(refused("cannot delete from scalar"))
        }
    }
}

fn without_element(row: &Row<'_>) -> Result<Value> {
    let (whole, place) = (row.text(0)?, row.int(1)?);
    match &read(row, 0)?.kind {
        JsonKind::Array(elements) => {
            let length = i64::try_from(elements.len()).unwrap_or(i64::MAX);
            let place = if place < 0 {
                place.saturating_add(length)
            } else {
                place
            };
            let kept = elements.iter().zip(0_i64..).filter(|(_, at)| *at != place);
            normal(array_text(kept.map(|(it, _)| it.slice(whole))))
        }
        JsonKind::Object(_) => Err(refused("cannot delete from object using integer index")),
        JsonKind::Null | JsonKind::Bool | JsonKind::Number | JsonKind::Text(_) => {
            Err(refused("cannot delete from scalar"))
        }
    }
}

fn concat(row: &Row<'_>) -> Result<Value> {
    let (left_text, right_text) = (row.text(0)?, row.text(1)?);
    check_length(left_text.len().saturating_add(right_text.len()))?;
    let (left, right) = (read(row, 0)?, read(row, 1)?);
    if let (JsonKind::Object(left), JsonKind::Object(right)) = (&left.kind, &right.kind) {
        // The normal form keeps the last of equal keys.
        let left = left
            .iter()
            .map(|(key, it)| (key.as_str(), it.slice(left_text)));
        let right = right
            .iter()
            .map(|(key, it)| (key.as_str(), it.slice(right_text)));
        return normal(object_text(left.chain(right)));
    }
    let parts = |it: &json::Json, whole: &str| -> Vec<String> {
        match &it.kind {
            JsonKind::Array(elements) => elements
                .iter()
                .map(|it| it.slice(whole).to_owned())
                .collect(),
            JsonKind::Null
            | JsonKind::Bool
            | JsonKind::Number
            | JsonKind::Text(_)
            | JsonKind::Object(_) => vec![it.slice(whole).to_owned()],
        }
    };
    let mut all = parts(&left, left_text);
    all.extend(parts(&right, right_text));
    normal(array_text(all.iter().map(String::as_str)))
}

fn has_key(whole: &json::Json, key: &str) -> bool {
    match &whole.kind {
        JsonKind::Object(members) => members.iter().any(|(name, _)| name == key),
        JsonKind::Array(elements) => {
            let is_key = |it: &json::Json| matches!(&it.kind, JsonKind::Text(text) if text == key);
            elements.iter().any(is_key)
        }
        JsonKind::Text(text) => text == key,
        JsonKind::Null | JsonKind::Bool | JsonKind::Number => false,
    }
}

fn contains(row: &Row<'_>, outer: usize, inner: usize) -> Result<Value> {
    let (large, small) = (read(row, outer)?, read(row, inner)?);
    let (large_text, small_text) = (row.text(outer)?, row.text(inner)?);
    // An array contains a bare value, at the top only.
    let scalar = !matches!(small.kind, JsonKind::Array(_) | JsonKind::Object(_));
    let held = match &large.kind {
        JsonKind::Array(elements) if scalar => elements
            .iter()
            .any(|it| holds(it, large_text, &small, small_text)),
        _ => holds(&large, large_text, &small, small_text),
    };
    Ok(Value::Bool(held))
}

/// Whether one value contains another of its kind (PostgreSQL 15 manual, 8.14.3).
fn holds(large: &json::Json, large_text: &str, small: &json::Json, small_text: &str) -> bool {
    match (&large.kind, &small.kind) {
        (JsonKind::Object(members), JsonKind::Object(wanted)) => wanted.iter().all(|(key, it)| {
            let mut same = members.iter().filter(|(name, _)| name == key);
            same.any(|(_, own)| holds(own, large_text, it, small_text))
        }),
        (JsonKind::Array(elements), JsonKind::Array(wanted)) => wanted.iter().all(|it| {
            elements
                .iter()
                .any(|own| holds(own, large_text, it, small_text))
        }),
        (JsonKind::Text(one), JsonKind::Text(other)) => one == other,
        (JsonKind::Number, JsonKind::Number) => {
            let number = |text: &str| text.parse::<crate::base::Numeric>().ok();
            let (one, other) = (large.slice(large_text), small.slice(small_text));
            one == other || number(one).is_some_and(|it| number(other) == Some(it))
        }
        (JsonKind::Null, JsonKind::Null) => true,
        (JsonKind::Bool, JsonKind::Bool) => large.slice(large_text) == small.slice(small_text),
        _ => false,
    }
}

fn set(row: &Row<'_>, create: bool) -> Result<Value> {
    let mut path = Vec::new();
    for (at, step) in row.array(1)?.iter().enumerate() {
        match step {
            Value::Text(step) => path.push(&**step),
            _ => {
                let at = at + 1;
                return Err(Diagnostic::error(
                    sqlstate::INVALID_PARAMETER_VALUE,
                    format!("path element at position {at} is null"),
                ));
            }
        }
    }
    let whole = read(row, 0)?;
    if !matches!(whole.kind, JsonKind::Array(_) | JsonKind::Object(_)) {
        return Err(refused("cannot set path in scalar"));
    }
    let text = changed(&whole, row.text(0)?, &path, row.text(2)?, create)?;
    check_length(text.len())?;
    normal(text)
}

fn changed(at: &json::Json, whole: &str, path: &[&str], new: &str, create: bool) -> Result<String> {
    let own = || at.slice(whole).to_owned();
    let Some((step, rest)) = path.split_first() else {
        return Ok(own());
    };
    let inside = |it: &json::Json| match rest {
        [] => Ok(new.to_owned()),
        rest => changed(it, whole, rest, new, create),
    };
    let makes = create && rest.is_empty();
    match &at.kind {
        JsonKind::Object(members) => {
            let mut parts = Vec::with_capacity(members.len() + 1);
            for (key, it) in members {
                let value = match key == step {
                    true => inside(it)?,
                    false => it.slice(whole).to_owned(),
                };
                parts.push((key.as_str(), value));
            }
            if makes && !members.iter().any(|(key, _)| key == step) {
                parts.push((step, new.to_owned()));
            }
            Ok(object_text(
                parts.iter().map(|(key, it)| (*key, it.as_str())),
            ))
        }
        JsonKind::Array(elements) => {
            let Ok(place) = step.parse::<i64>() else {
                return Err(Diagnostic::error(
                    sqlstate::INVALID_TEXT_REPRESENTATION,
                    format!("path element at position 1 is not an integer: \"{step}\""),
                ));
            };
            let length = i64::try_from(elements.len()).unwrap_or(i64::MAX);
            let place = if place < 0 {
                place.saturating_add(length)
            } else {
                place
            };
            let mut parts = Vec::with_capacity(elements.len() + 1);
            if makes && place < 0 {
                parts.push(new.to_owned());
            }
            for (it, at) in elements.iter().zip(0_i64..) {
                parts.push(match at == place {
                    true => inside(it)?,
                    false => it.slice(whole).to_owned(),
                });
            }
            if makes && place >= length {
                parts.push(new.to_owned());
            }
            Ok(array_text(parts.iter().map(String::as_str)))
        }
        JsonKind::Null | JsonKind::Bool | JsonKind::Number | JsonKind::Text(_) => Ok(own()),
    }
}
