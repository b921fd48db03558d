//! Python values as plain data, for programs.

use crate::base::{Type, Value};
use crate::export::text::iso;
use crate::orm::{Instance, Operand};
use crate::report::plain::Plain;
use crate::shell::django;
use crate::shell::interpret::Interpreter;
use crate::shell::value::{Object, PyResult};

/// How deep lists and dicts may stand in each other; deeper ones are cut.
const DEPTH: usize = 24;

/// A value as plain data; a queryset is read for it.
///
/// # Errors
/// What reading a queryset raises.
pub fn plain(vm: &mut Interpreter, value: &Object) -> PyResult<Plain> {
    at_depth(vm, value, 0)
}

fn at_depth(vm: &mut Interpreter, value: &Object, depth: usize) -> PyResult<Plain> {
    if depth > DEPTH {
        return Ok(Plain::Null);
    }
    let found = match django::rows(vm, value)? {
        Some(found) => Some(found),
        None => django::raw_rows(vm, value)?,
    };
    if let Some(found) = found {
        return list(vm, &found.rows, depth);
    }
    if let Some(row) = django::row(value) {
        return Ok(instance(&row));
    }
    Ok(match value.plain() {
        Object::List(items) => {
            let items = items.borrow().clone();
            list(vm, &items, depth)?
        }
        Object::Tuple(items) => list(vm, items, depth)?,
        Object::Set(dict) | Object::FrozenSet(dict) => {
            let items = dict.borrow().keys();
            list(vm, &items, depth)?
        }
        Object::Range(_) => {
            let items = vm.collect(value.plain())?;
            list(vm, &items, depth)?
        }
        Object::Dict(dict) => {
            let items = dict.borrow().items();
            let mut entries = Vec::with_capacity(items.len());
            for (key, value) in items {
                entries.push((vm.str(&key)?.to_string(), at_depth(vm, &value, depth + 1)?));
            }
            Plain::Object(entries)
        }
        _ if value.is_scalar() => match django::plain_value(vm, value) {
            Ok(value) => value.map_or(Plain::Null, |value| of_value(&value)),
            // An int of any size has its digits.
            Err(_) => Plain::Text(vm.str(value)?.to_string()),
        },
        _ => Plain::Null,
    })
}

fn list(vm: &mut Interpreter, items: &[Object], depth: usize) -> PyResult<Plain> {
    let mut found = Vec::with_capacity(items.len());
    for item in items {
        found.push(at_depth(vm, item, depth + 1)?);
    }
    Ok(Plain::List(found))
}

/// Fields by attribute name, then annotations; what is deferred is left out.
fn instance(row: &Instance) -> Plain {
    row.with(|state| {
        let fields = state.model.fields.iter().filter_map(|field| {
            match state.values.get(field.attname())? {
                Operand::Value(value) => Some((field.attname().to_owned(), of_value(&value.0))),
                Operand::Expr(_) | Operand::Instance(_) | Operand::List(_) => None,
            }
        });
        let annotations = state.annotations.iter().filter_map(|(name, attribute)| {
            let value = attribute.value()?;
            Some((name.to_owned(), of_value(&value)))
        });
        Plain::Object(fields.chain(annotations).collect())
    })
}

fn of_value(value: &Value) -> Plain {
    match value {
        Value::Null => Plain::Null,
        Value::Bool(value) => Plain::Bool(*value),
        Value::Int(value) => Plain::Int(*value),
        Value::Float(value) => Plain::Float(*value),
        Value::Text(text) => Plain::Text(text.to_string()),
        Value::Array(items) | Value::Record(items) => {
            Plain::List(items.iter().map(of_value).collect())
        }
        Value::Timestamp(_) => Plain::Text(iso(value, &Type::TimestampTz)),
        Value::Numeric(_)
        | Value::Date(_)
        | Value::Time(_)
        | Value::Interval(_)
        | Value::Uuid(_) => Plain::Text(iso(value, &Type::Text)),
    }
}
