//! Python values as the case files write them, and when two are equal.

use crate::orm::Operand;
use crate::shell::django::{is_queryset, python_attribute, python_value, row};
use crate::shell::interpret::Interpreter;
use crate::shell::value::date::{iso_date, iso_time};
use crate::shell::value::{Object, PyResult};
use serde_json::{Map, Value as Json, json};

/// How the rows of an answer compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// In their order.
    List,
    /// In any order, for the query does not determine one.
    Multiset,
}

/// How numbers compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Numbers {
    /// Digit for digit.
    Exact,
    /// Also decimals but for the last digits.
    Approximate,
}

/// Decimals and dates as text, tuples as lists, sets sorted, instances with their fields.
///
/// # Errors
/// What reading a queryset or printing an instance raises.
pub(super) fn json(vm: &mut Interpreter, value: &Object) -> PyResult<Json> {
    if let Some(instance) = row(value) {
        let mut fields = Map::new();
        let model = instance.model();
        for field in &model.fields {
            if let Some(operand) = instance.get(field.attname()) {
                let stored = python_value(vm, &operand)?;
                fields.insert(field.attname().to_owned(), json(vm, &stored)?);
            }
        }
        let mut annotations = Map::new();
        let found: Vec<_> = instance.with(|state| {
            let found = state.annotations.iter();
            found
                .map(|(name, it)| (name.to_owned(), it.clone()))
                .collect()
        });
        for (name, attribute) in found {
            let attribute = python_attribute(vm, &attribute)?;
            annotations.insert(name, json(vm, &attribute)?);
        }
        let mut deferred = instance.deferred();
        deferred.sort();
        let mut cached: Vec<String> = instance.with(|state| {
            state
                .related
                .iter()
                .map(|(name, _)| name.to_owned())
                .collect()
        });
        cached.sort();
        let key = match instance.key() {
            Some(key) => python_value(vm, &Operand::value(key))?,
            None => Object::None,
        };
        let mut found = json!({
            "$model": model.name,
            "pk": json(vm, &key)?,
            "fields": fields,
            "annotations": annotations,
            "deferred": deferred,
            "cached_relations": cached,
        });
        // The text could read what is deferred.
        if instance.deferred().is_empty() {
            found["str"] = json!(&*vm.str(value)?);
        }
        return Ok(found);
    }
    // A view of a dict is no list.
    if let Object::Instance(instance) = value
        && instance.class.name.starts_with("dict_")
    {
        return Ok(json!(vm.repr(value)?));
    }
    if is_queryset(value) {
        let rows = vm.collect(value)?;
        return list(vm, &rows);
    }
    Ok(match value.plain() {
        Object::None => Json::Null,
        Object::Bool(value) => json!(value),
        Object::Int(value) => match value.to_i64() {
            Some(value) => json!(value),
            None => json!(value.to_string()),
        },
        Object::Float(value) => json!(value),
        Object::Decimal(value) => json!(value.to_string()),
        Object::Str(text) => json!(&**text),
        Object::Date(date) => json!(iso_date(*date)),
        Object::DateTime(moment) => json!(moment.iso("T")),
        Object::Time(time) => json!(iso_time(*time)),
        Object::TimeDelta(micros) => json!(*micros as f64 / 1e6),
        Object::List(items) => {
            let items = items.borrow().clone();
            return list(vm, &items);
        }
        Object::Tuple(items) => return list(vm, items),
        Object::Set(items) | Object::FrozenSet(items) => {
            let items = items.borrow().keys();
            let Json::Array(mut found) = list(vm, &items)? else {
                return Ok(Json::Null);
            };
            found.sort_by_key(Json::to_string);
            Json::Array(found)
        }
        Object::Dict(items) => {
            let items = items.borrow().items();
            let mut found = Map::new();
            for (key, value) in items {
                let key = vm.str(&key)?;
                found.insert(key.to_string(), json(vm, &value)?);
            }
            Json::Object(found)
        }
        _ => json!(vm.repr(value)?),
    })
}

fn list(vm: &mut Interpreter, items: &[Object]) -> PyResult<Json> {
    let mut found = Vec::with_capacity(items.len());
    for item in items {
        found.push(json(vm, item)?);
    }
    Ok(Json::Array(found))
}

/// Whether a result is the expected one.
pub fn equal(expected: &Json, found: &Json, order: Order, numbers: Numbers) -> bool {
    if order == Order::Multiset
        && let (Json::Array(expected), Json::Array(found)) = (expected, found)
    {
        let mut left: Vec<&Json> = found.iter().collect();
        return expected.len() == found.len()
            && expected.iter().all(|row| {
                let place = left.iter().position(|it| same(row, it, numbers));
                place.is_some_and(|at| {
                    left.remove(at);
                    true
                })
            });
    }
    same(expected, found, numbers)
}

fn same(expected: &Json, found: &Json, numbers: Numbers) -> bool {
    match (expected, found) {
        (Json::Array(a), Json::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b, numbers))
        }
        (Json::Object(a), Json::Object(b)) => {
            // Parts of an instance that the case leaves out are empty.
            let empty = |it: &Json| match it {
                Json::Object(it) => it.is_empty(),
                Json::Array(it) => it.is_empty(),
                _ => false,
            };
            a.iter().all(|(key, a)| match b.get(key) {
                Some(b) => same(a, b, numbers),
                None => empty(a),
            }) && b.iter().all(|(key, b)| a.contains_key(key) || empty(b))
        }
        (Json::Number(a), Json::Number(b)) => match (a.as_i64(), b.as_i64()) {
            (Some(a), Some(b)) => a == b,
            _ => near(a.as_f64(), b.as_f64()),
        },
        (Json::String(a), Json::String(b)) => {
            a == b || (numbers == Numbers::Approximate && near(a.parse().ok(), b.parse().ok()))
        }
        (a, b) => a == b,
    }
}

/// Equal but for the last digits of a float.
fn near(a: Option<f64>, b: Option<f64>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => a == b || (a - b).abs() <= 1e-9 * a.abs().max(b.abs()),
        _ => false,
    }
}
