//! Operators and functions of JSON, which is kept as text.

use super::Parameter::{Any, AnyElement, Int4, Json, Jsonb, Text, TextArray};
use super::text::check_length;
use super::{Row, ScalarFunction, function, operator};
use crate::base::diagnostic::sqlstate;
use crate::base::json::{self, JsonKind, quoted};
use crate::base::{Diagnostic, Result, Type, Value};

pub static FUNCTIONS: &[ScalarFunction] = &[
    operator(
        "->",
        &[Json, Text],
        Json,
        |r| part(r, &[Step::Key(r.text(1)?)]),
        "A member of an object, as JSON.",
    ),
    operator(
        "->",
        &[Jsonb, Text],
        Jsonb,
        |r| part(r, &[Step::Key(r.text(1)?)]),
        "A member of an object, as JSON.",
    ),
    operator(
        "->",
        &[Json, Int4],
        Json,
        |r| part(r, &[Step::Place(r.int(1)?)]),
        "An element of an array, as JSON; the first one is 0.",
    ),
    operator(
        "->",
        &[Jsonb, Int4],
        Jsonb,
        |r| part(r, &[Step::Place(r.int(1)?)]),
        "An element of an array, as JSON; the first one is 0.",
    ),
    operator(
        "->>",
        &[Json, Text],
        Text,
        |r| part_text(r, &[Step::Key(r.text(1)?)]),
        "A member of an object, as text.",
    ),
    operator(
        "->>",
        &[Jsonb, Text],
        Text,
        |r| part_text(r, &[Step::Key(r.text(1)?)]),
        "A member of an object, as text.",
    ),
    operator(
        "->>",
        &[Json, Int4],
        Text,
        |r| part_text(r, &[Step::Place(r.int(1)?)]),
        "An element of an array, as text; the first one is 0.",
    ),
    operator(
        "->>",
        &[Jsonb, Int4],
        Text,
        |r| part_text(r, &[Step::Place(r.int(1)?)]),
        "An element of an array, as text; the first one is 0.",
    ),
    operator(
        "#>",
        &[Json, TextArray],
        Json,
        |r| path(r, part),
        "What stands at the end of a path, as JSON.",
    ),
    operator(
        "#>",
        &[Jsonb, TextArray],
        Jsonb,
        |r| path(r, part),
        "What stands at the end of a path, as JSON.",
    ),
    operator(
        "#>>",
        &[Json, TextArray],
        Text,
        |r| path(r, part_text),
        "What stands at the end of a path, as text.",
    ),
    operator(
        "#>>",
        &[Jsonb, TextArray],
        Text,
        |r| path(r, part_text),
        "What stands at the end of a path, as text.",
    ),
    function(
        "json_array_length",
        &[Json],
        Int4,
        array_length,
        "Number of elements.",
    ),
    function(
        "jsonb_array_length",
        &[Jsonb],
        Int4,
        array_length,
        "Number of elements.",
    ),
    function(
        "json_typeof",
        &[Json],
        Text,
        |r| Ok(Value::text(read(r, 0)?.type_name())),
        "object, array, string, number, boolean or null.",
    ),
    function(
        "jsonb_typeof",
        &[Jsonb],
        Text,
        |r| Ok(Value::text(read(r, 0)?.type_name())),
        "object, array, string, number, boolean or null.",
    ),
    function(
        "to_json",
        &[AnyElement],
        Json,
        |r| Ok(Value::text(to_json(r.value(0), r.ty(0)))),
        "A value as JSON.",
    ),
    function(
        "to_jsonb",
        &[AnyElement],
        Jsonb,
        |r| normal(to_json(r.value(0), r.ty(0))),
        "A value as JSON in its normal form.",
    ),
    function(
        "json_build_array",
        &[],
        Json,
        |r| Ok(Value::text(build_array(r))),
        "The arguments as a JSON array.",
    )
    .with_variadic(Any)
    .sees_nulls(),
    function(
        "jsonb_build_array",
        &[],
        Jsonb,
        |r| normal(build_array(r)),
        "The arguments as a JSON array in its normal form.",
    )
    .with_variadic(Any)
    .sees_nulls(),
    function(
        "json_build_object",
        &[],
        Json,
        |r| Ok(Value::text(build_object(r)?)),
        "Keys and values by turns as a JSON object.",
    )
    .with_variadic(Any)
    .sees_nulls(),
    function(
        "jsonb_build_object",
        &[],
        Jsonb,
        |r| normal(build_object(r)?),
        "Keys and values by turns as a JSON object in its normal form.",
    )
    .with_variadic(Any)
    .sees_nulls(),
];

/// A step from a value to one inside.
enum Step<'a> {
    /// A member.
    Key(&'a str),
    /// An element.
    Place(i64),
    /// A member of an object or, as a number, an element of an array.
    Path(&'a str),
}

/// Argument `place`, read. What is stored as JSON is JSON.
pub(super) fn read(row: &Row<'_>, place: usize) -> Result<json::Json> {
    json::Json::parse(row.text(place)?).ok_or_else(|| {
        Diagnostic::error(
            sqlstate::INVALID_TEXT_REPRESENTATION,
            "invalid input syntax for type json",
        )
    })
}

fn found<'j>(whole: &'j json::Json, steps: &[Step<'_>]) -> Option<&'j json::Json> {
    steps.iter().try_fold(whole, |at, step| match step {
        Step::Key(key) => at.member(key),
        Step::Place(place) => at.element(*place),
        Step::Path(step) => at.member(step).or_else(|| at.element(step.parse().ok()?)),
    })
}

fn part(row: &Row<'_>, steps: &[Step<'_>]) -> Result<Value> {
    let whole = read(row, 0)?;
    let text = row.text(0)?;
    Ok(found(&whole, steps).map_or(Value::Null, |part| Value::text(part.slice(text))))
}

fn part_text(row: &Row<'_>, steps: &[Step<'_>]) -> Result<Value> {
    let whole = read(row, 0)?;
    let text = row.text(0)?;
    Ok(match found(&whole, steps) {
        None => Value::Null,
        Some(part) => match &part.kind {
            JsonKind::Null => Value::Null,
            JsonKind::Text(content) => Value::text(content.as_str()),
            JsonKind::Bool | JsonKind::Number | JsonKind::Array(_) | JsonKind::Object(_) => {
                Value::text(part.slice(text))
            }
        },
    })
}

/// The steps of a path of texts; a NULL in it leads nowhere.
fn path(row: &Row<'_>, take: fn(&Row<'_>, &[Step<'_>]) -> Result<Value>) -> Result<Value> {
    let mut steps = Vec::new();
    for step in row.array(1)? {
        match step {
            Value::Text(step) => steps.push(Step::Path(step)),
            _ => return Ok(Value::Null),
        }
    }
    take(row, &steps)
}

fn array_length(row: &Row<'_>) -> Result<Value> {
    match read(row, 0)?.kind {
        JsonKind::Array(elements) => Ok(Value::Int(elements.len() as i64)),
        JsonKind::Object(_) => Err(not_an_array("a non-array")),
        JsonKind::Null | JsonKind::Bool | JsonKind::Number | JsonKind::Text(_) => {
            Err(not_an_array("a scalar"))
        }
    }
}

fn not_an_array(what: &str) -> Box<Diagnostic> {
    Diagnostic::error(
        sqlstate::INVALID_PARAMETER_VALUE,
        format!("cannot get array length of {what}"),
    )
}

/// A text that is JSON, in the form of jsonb.
pub(super) fn normal(text: String) -> Result<Value> {
    Value::parse(&text, &Type::Jsonb, 0)
}

fn arguments(row: &Row<'_>) -> usize {
    row.call.types.len()
}

fn build_array(row: &Row<'_>) -> String {
    let parts = (0..arguments(row)).map(|place| to_json(row.value(place), row.ty(place)));
    format!("[{}]", parts.collect::<Vec<_>>().join(", "))
}

fn build_object(row: &Row<'_>) -> Result<String> {
    let count = arguments(row);
    if !count.is_multiple_of(2) {
        return Err(Diagnostic::error(
            sqlstate::INVALID_PARAMETER_VALUE,
            "argument list must have even number of elements",
        )
        .hint(
            "The arguments of json_build_object() must consist of alternating keys and values.",
        ));
    }
    let mut parts = Vec::with_capacity(count / 2);
    for key in (0..count).step_by(2) {
        if row.value(key).is_null() {
            return Err(Diagnostic::error(
                sqlstate::INVALID_PARAMETER_VALUE,
                format!("argument {} cannot be null", key + 1),
            )
            .hint("Object keys should be text."));
        }
        let value = to_json(row.value(key + 1), row.ty(key + 1));
        parts.push(format!("{} : {value}", quoted(&row.shown(key))));
    }
    let text = format!("{{{}}}", parts.join(", "));
    check_length(text.len())?;
    Ok(text)
}

/// A value as `to_json` writes it.
pub fn to_json(value: &Value, ty: &Type) -> String {
    match value {
        Value::Null => "null".into(),
        Value::Bool(_) | Value::Int(_) | Value::Numeric(_) => value.to_text(ty),
        Value::Float(number) if number.is_finite() => value.to_text(ty),
        Value::Text(text) if matches!(ty, Type::Json | Type::Jsonb) => text.to_string(),
        Value::Array(elements) => {
            let element = match ty {
                Type::Array(element) => element,
                _ => ty,
            };
            let parts: Vec<String> = elements
                .iter()
                .map(|value| to_json(value, element))
                .collect();
            format!("[{}]", parts.join(","))
        }
        Value::Timestamp(_) => {
            let text = value.to_text(ty).replacen(' ', "T", 1);
            let minutes = if *ty == Type::TimestampTz { ":00" } else { "" };
            format!("\"{text}{minutes}\"")
        }
        Value::Text(_)
        | Value::Float(_)
        | Value::Date(_)
        | Value::Time(_)
        | Value::Interval(_)
        | Value::Uuid(_)
        | Value::Record(_) => quoted(&value.to_text(ty)),
    }
}
