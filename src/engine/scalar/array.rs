//! Operators and functions of arrays. Arrays have one dimension, places count from 1.

use super::Parameter::{AnyArray, AnyElement, Bool, Int4, IntArray, Text, TextArray};
use super::text::check_length;
use super::{Row, ScalarFunction, function, operator};
use crate::base::{Diagnostic, Result, Type, Value};

pub static FUNCTIONS: &[ScalarFunction] = &[
    operator(
        "||",
        &[AnyArray, AnyArray],
        AnyArray,
        concat,
        "Both arrays, one behind the other.",
    )
    .sees_nulls(),
    operator(
        "||",
        &[AnyArray, AnyElement],
        AnyArray,
        append,
        "An element behind an array.",
    )
    .sees_nulls(),
    operator(
        "||",
        &[AnyElement, AnyArray],
        AnyArray,
        prepend,
        "An element in front of an array.",
    )
    .sees_nulls(),
    operator(
        "@>",
        &[AnyArray, AnyArray],
        Bool,
        |r| Ok(Value::Bool(contains(r.array(0)?, r.array(1)?))),
        "Whether an array contains all elements of another.",
    ),
    operator(
        "<@",
        &[AnyArray, AnyArray],
        Bool,
        |r| Ok(Value::Bool(contains(r.array(1)?, r.array(0)?))),
        "Whether all elements of an array are in another.",
    ),
    operator(
        "&&",
        &[AnyArray, AnyArray],
        Bool,
        |r| Ok(Value::Bool(overlap(r.array(0)?, r.array(1)?))),
        "Whether two arrays share an element.",
    ),
    function(
        "array_subscript",
        &[AnyArray, Int4],
        AnyElement,
        subscript,
        "The element at a place; NULL where there is none. Written array[n].",
    ),
    function(
        "width_bucket",
        &[AnyElement, AnyArray],
        Int4,
        threshold_bucket,
        "How many of the sorted thresholds are not greater.",
    ),
    function(
        "array_length",
        &[AnyArray, Int4],
        Int4,
        |r| dimension(r, r.array(0)?.len()),
        "Number of elements; NULL for none.",
    ),
    function(
        "array_lower",
        &[AnyArray, Int4],
        Int4,
        |r| dimension(r, 1),
        "The first place; NULL for no elements.",
    ),
    function(
        "array_upper",
        &[AnyArray, Int4],
        Int4,
        |r| dimension(r, r.array(0)?.len()),
        "The last place; NULL for no elements.",
    ),
    function(
        "array_ndims",
        &[AnyArray],
        Int4,
        |r| {
            Ok(if r.array(0)?.is_empty() {
                Value::Null
            } else {
                Value::Int(1)
            })
        },
        "Number of dimensions.",
    ),
    function(
        "array_dims",
        &[AnyArray],
        Text,
        |r| {
            Ok(match r.array(0)?.len() {
                0 => Value::Null,
                n => Value::text(format!("[1:{n}]")),
            })
        },
        "First and last place.",
    ),
    function(
        "cardinality",
        &[AnyArray],
        Int4,
        |r| Ok(Value::Int(r.array(0)?.len() as i64)),
        "Number of elements.",
    ),
    function(
        "array_append",
        &[AnyArray, AnyElement],
        AnyArray,
        append,
        "An element behind an array.",
    )
    .sees_nulls(),
    function(
        "array_prepend",
        &[AnyElement, AnyArray],
        AnyArray,
        prepend,
        "An element in front of an array.",
    )
    .sees_nulls(),
    function(
        "array_cat",
        &[AnyArray, AnyArray],
        AnyArray,
        concat,
        "Both arrays, one behind the other.",
    )
    .sees_nulls(),
    function(
        "array_position",
        &[AnyArray, AnyElement],
        Int4,
        |r| position(r, 1),
        "The first place of an element; NULL when it is not there.",
    )
    .sees_nulls(),
    function(
        "array_position",
        &[AnyArray, AnyElement, Int4],
        Int4,
        |r| position(r, r.int(2)?),
        "The first place of an element from a place on.",
    )
    .sees_nulls(),
    function(
        "array_positions",
        &[AnyArray, AnyElement],
        IntArray,
        positions,
        "All places of an element.",
    )
    .sees_nulls(),
    function(
        "array_slice",
        &[AnyArray, Int4, Int4],
        AnyArray,
        slice,
        "The elements from a place to another. Written array[from:to].",
    ),
    function(
        "array_remove",
        &[AnyArray, AnyElement],
        AnyArray,
        remove,
        "Without all elements that equal one.",
    )
    .sees_nulls(),
    function(
        "array_replace",
        &[AnyArray, AnyElement, AnyElement],
        AnyArray,
        replace,
        "All elements that equal one replaced by another.",
    )
    .sees_nulls(),
    function(
        "trim_array",
        &[AnyArray, Int4],
        AnyArray,
        trim,
        "Without the last elements.",
    ),
    function(
        "array_to_string",
        &[AnyArray, Text],
        Text,
        to_string,
        "The elements as text with a delimiter between them, NULLs left out.",
    ),
    function(
        "array_to_string",
        &[AnyArray, Text, Text],
        Text,
        to_string,
        "The elements as text with a delimiter between them and a text for NULLs.",
    )
    .sees_nulls(),
    function(
        "string_to_array",
        &[Text, Text],
        TextArray,
        from_string,
        "The fields between delimiters; each character when it is NULL.",
    )
    .sees_nulls(),
    function(
        "string_to_array",
        &[Text, Text, Text],
        TextArray,
        from_string,
        "The fields between delimiters, of which one text stands for NULL.",
    )
    .sees_nulls(),
];

fn elements<'r>(row: &'r Row<'_>, place: usize) -> &'r [Value] {
    match row.value(place) {
        Value::Array(elements) => elements,
        _ => &[],
    }
}

fn subscript(row: &Row<'_>) -> Result<Value> {
    let place = row
        .int(1)?
        .checked_sub(1)
        .and_then(|at| usize::try_from(at).ok());
    let element = place.and_then(|at| elements(row, 0).get(at));
    Ok(element.cloned().unwrap_or(Value::Null))
}

fn threshold_bucket(row: &Row<'_>) -> Result<Value> {
    let thresholds = row.array(1)?;
    if thresholds.iter().any(Value::is_null) {
        return Err(Diagnostic::error(
            crate::base::Code::new("22004"),
            "thresholds array must not contain NULLs",
        ));
    }
    let operand = row.value(0);
    let reached = thresholds.partition_point(|threshold| threshold <= operand);
    Ok(Value::Int(reached as i64))
}

fn array(elements: Vec<Value>) -> Result<Value> {
    check_length(elements.len().saturating_mul(16))?;
    Ok(Value::Array(elements.into()))
}

fn concat(row: &Row<'_>) -> Result<Value> {
    if row.value(0).is_null() {
        return Ok(row.value(1).clone());
    }
    if row.value(1).is_null() {
        return Ok(row.value(0).clone());
    }
    array([elements(row, 0), elements(row, 1)].concat())
}

fn append(row: &Row<'_>) -> Result<Value> {
    array([elements(row, 0), std::slice::from_ref(row.value(1))].concat())
}

fn prepend(row: &Row<'_>) -> Result<Value> {
    array([std::slice::from_ref(row.value(0)), elements(row, 1)].concat())
}

/// NULL elements contain nothing and are contained in nothing.
fn contains(outer: &[Value], inner: &[Value]) -> bool {
    inner
        .iter()
        .all(|element| !element.is_null() && outer.contains(element))
}

fn overlap(a: &[Value], b: &[Value]) -> bool {
    a.iter()
        .any(|element| !element.is_null() && b.contains(element))
}

fn dimension(row: &Row<'_>, value: usize) -> Result<Value> {
    let there = row.int(1)? == 1 && !row.array(0)?.is_empty();
    Ok(if there {
        Value::Int(value as i64)
    } else {
        Value::Null
    })
}

fn position(row: &Row<'_>, start: i64) -> Result<Value> {
    let skipped = usize::try_from(start - 1).unwrap_or(0);
    let found = elements(row, 0)
        .iter()
        .enumerate()
        .skip(skipped)
        .find(|(_, element)| *element == row.value(1));
    Ok(found.map_or(Value::Null, |(at, _)| Value::Int(at as i64 + 1)))
}

fn positions(row: &Row<'_>) -> Result<Value> {
    if row.value(0).is_null() {
        return Ok(Value::Null);
    }
    array(
        elements(row, 0)
            .iter()
            .zip(1_i64..)
            .filter(|(element, _)| *element == row.value(1))
            .map(|(_, place)| Value::Int(place))
            .collect(),
    )
}

fn slice(row: &Row<'_>) -> Result<Value> {
    let (from, to) = (row.int(1)?.max(1), row.int(2)?);
    let taken = usize::try_from(to.saturating_sub(from).saturating_add(1)).unwrap_or(0);
    let skipped = usize::try_from(from - 1).unwrap_or(usize::MAX);
    array(
        elements(row, 0)
            .iter()
            .skip(skipped)
            .take(taken)
            .cloned()
            .collect(),
    )
}

fn remove(row: &Row<'_>) -> Result<Value> {
    if row.value(0).is_null() {
        return Ok(Value::Null);
    }
    array(
        elements(row, 0)
            .iter()
            .filter(|element| *element != row.value(1))
            .cloned()
            .collect(),
    )
}

fn replace(row: &Row<'_>) -> Result<Value> {
    if row.value(0).is_null() {
        return Ok(Value::Null);
    }
    let replaced = elements(row, 0)
        .iter()
        .map(|element| {
            if element == row.value(1) {
                row.value(2)
            } else {
                element
            }
        })
        .cloned()
        .collect();
    array(replaced)
}

fn trim(row: &Row<'_>) -> Result<Value> {
    let (own, n) = (row.array(0)?, row.int(1)?);
    let kept = usize::try_from(n)
        .ok()
        .and_then(|n| own.len().checked_sub(n));
    match kept.and_then(|kept| own.get(..kept)) {
        Some(kept) => array(kept.to_vec()),
        None => Err(Diagnostic::error(
            crate::base::Code::new("2202E"),
            format!(
                "number of elements to trim must be between 0 and {}",
                own.len()
            ),
        )),
    }
}

fn to_string(row: &Row<'_>) -> Result<Value> {
    if row.value(0).is_null() || row.value(1).is_null() {
        return Ok(Value::Null);
    }
    let of = match row.ty(0) {
        Type::Array(element) => element,
        other => other,
    };
    let stand_in = match row.value(2) {
        Value::Text(text) => Some(text.to_string()),
        _ => None,
    };
    let parts: Vec<String> = elements(row, 0)
        .iter()
        .filter_map(|element| match element {
            Value::Null => stand_in.clone(),
            Value::Bool(bit) => Some(if *bit { "t" } else { "f" }.to_owned()),
            value => Some(value.to_text(of)),
        })
        .collect();
    let text = parts.join(row.text(1)?);
    check_length(text.len())?;
    Ok(Value::text(text))
}

fn from_string(row: &Row<'_>) -> Result<Value> {
    let text = match row.value(0) {
        Value::Text(text) => text,
        _ => return Ok(Value::Null),
    };
    if text.is_empty() {
        return array(Vec::new());
    }
    let field = |part: &str| match row.value(2) {
        Value::Text(null) if **null == *part => Value::Null,
        _ => Value::text(part),
    };
    array(match row.value(1) {
        Value::Text(delimiter) if delimiter.is_empty() => vec![field(text)],
        Value::Text(delimiter) => text.split(&**delimiter).map(field).collect(),
        _ => text
            .chars()
            .map(|c| field(c.encode_utf8(&mut [0; 4])))
            .collect(),
    })
}
