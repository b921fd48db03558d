//! Functions that choose among values or tell about the session, and sequences.

use super::Parameter::{Any, AnyElement, Bool, Int4, Int8, Text};
use super::{Row, ScalarFunction, Sequences, function};
use crate::base::diagnostic::sqlstate;
use crate::base::{Diagnostic, Result, Value};
use crate::engine::expr::Comparison;
use std::cmp::Ordering;

pub static FUNCTIONS: &[ScalarFunction] = &[
    function(
        "greatest",
        &[AnyElement],
        AnyElement,
        |r| Ok(extreme(r, Ordering::Greater)),
        "The greatest argument, NULLs left out.",
    )
    .with_variadic(AnyElement)
    .sees_nulls(),
    function(
        "least",
        &[AnyElement],
        AnyElement,
        |r| Ok(extreme(r, Ordering::Less)),
        "The smallest argument, NULLs left out.",
    )
    .with_variadic(AnyElement)
    .sees_nulls(),
    function(
        "nullif",
        &[AnyElement, AnyElement],
        AnyElement,
        nullif,
        "The first argument, or NULL when both are equal.",
    )
    .sees_nulls(),
    function(
        "num_nulls",
        &[Any],
        Int4,
        |r| {
            Ok(Value::Int(
                r.values.iter().filter(|v| v.is_null()).count() as i64
            ))
        },
        "Number of NULL arguments.",
    )
    .with_variadic(Any)
    .sees_nulls(),
    function(
        "num_nonnulls",
        &[Any],
        Int4,
        |r| {
            Ok(Value::Int(
                r.values.iter().filter(|v| !v.is_null()).count() as i64
            ))
        },
        "Number of arguments that are not NULL.",
    )
    .with_variadic(Any)
    .sees_nulls(),
    function(
        "pg_typeof",
        &[Any],
        Text,
        |r| Ok(Value::text(r.ty(0).without_modifier().to_string())),
        "The name of a value's type.",
    )
    .sees_nulls(),
    function(
        "version",
        &[],
        Text,
        |_| Ok(Value::text(VERSION)),
        "What this is.",
    )
    .stable(),
    function(
        "current_user",
        &[],
        Text,
        |_| Ok(Value::text("postgres")),
        "The user.",
    )
    .stable(),
    function(
        "session_user",
        &[],
        Text,
        |_| Ok(Value::text("postgres")),
        "The user.",
    )
    .stable(),
    function(
        "user",
        &[],
        Text,
        |_| Ok(Value::text("postgres")),
        "The user.",
    )
    .stable(),
    function(
        "current_role",
        &[],
        Text,
        |_| Ok(Value::text("postgres")),
        "The user.",
    )
    .stable(),
    function(
        "current_database",
        &[],
        Text,
        |_| Ok(Value::text("marketplace")),
        "The database.",
    )
    .stable(),
    function(
        "current_catalog",
        &[],
        Text,
        |_| Ok(Value::text("marketplace")),
        "The database.",
    )
    .stable(),
    function(
        "current_schema",
        &[],
        Text,
        |_| Ok(Value::text("public")),
        "The schema.",
    )
    .stable(),
    function(
        "nextval",
        &[Text],
        Int8,
        |r| sequences(r)?.nextval(r.text(0)?).map(Value::Int),
        "The next number of a sequence.",
    )
    .volatile(),
    function(
        "currval",
        &[Text],
        Int8,
        |r| sequences(r)?.currval(r.text(0)?).map(Value::Int),
        "The number that nextval gave last in this session.",
    )
    .volatile(),
    function(
        "lastval",
        &[],
        Int8,
        |r| sequences(r)?.lastval().map(Value::Int),
        "The number that nextval gave last in this session, of whatever sequence.",
    )
    .volatile(),
    function(
        "pg_get_serial_sequence",
        &[Text, Text],
        Text,
        |r| {
            let name = sequences(r)?.serial_sequence(r.text(0)?, r.text(1)?)?;
            Ok(name.map_or(Value::Null, Value::text))
        },
        "The sequence of a serial or identity column.",
    )
    .stable(),
    function(
        "setval",
        &[Text, Int8],
        Int8,
        |r| {
            sequences(r)?
                .setval(r.text(0)?, r.int(1)?, true)
                .map(Value::Int)
        },
        "Sets a sequence's number.",
    )
    .volatile(),
    function(
        "setval",
        &[Text, Int8, Bool],
        Int8,
        |r| {
            sequences(r)?
                .setval(r.text(0)?, r.int(1)?, r.bool(2)?)
                .map(Value::Int)
        },
        "Sets a sequence's number, and whether it was given out.",
    )
    .volatile(),
];

const VERSION: &str = concat!(
    "PostgreSQL 15 dialect, marketplace-analytics ",
    env!("CARGO_PKG_VERSION")
);

fn extreme(row: &Row<'_>, wanted: Ordering) -> Value {
    let mut best = &Value::Null;
    for value in row.values.iter().filter(|value| !value.is_null()) {
        if best.is_null() || crate::engine::eval::order(value, best, row.call.ty) == wanted {
            best = value;
        }
    }
    best.clone()
}

fn nullif(row: &Row<'_>) -> Result<Value> {
    let equal =
        crate::engine::eval::compare_values(Comparison::Eq, row.value(0), row.value(1), row.ty(0));
    Ok(if equal == Some(true) {
        Value::Null
    } else {
        row.value(0).clone()
    })
}

fn sequences<'r>(row: &'r Row<'_>) -> Result<&'r dyn Sequences> {
    row.call.context.sequences.ok_or_else(|| {
        Diagnostic::error(
            sqlstate::FEATURE_NOT_SUPPORTED,
            "sequences cannot be used in this place",
        )
    })
}
