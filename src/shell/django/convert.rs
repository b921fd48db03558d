//! Values between Python and the ORM.

use super::expression::expression_of;
use super::queryset::queryset_of;
use crate::base::{Interval, Numeric, Value};
use crate::orm::queryset::Annotation;
use crate::orm::{Expr, Instance, Operand};
use crate::shell::interpret::Interpreter;
use crate::shell::value::date::from_micros;
use crate::shell::value::{Arguments, DateTime, Decimal, Object, PyResult, TimeZone};
use chrono::{NaiveDate, NaiveTime, TimeDelta, Timelike};
use std::rc::Rc;
use std::sync::Arc;

const DAY: i64 = 86_400_000_000;

/// A moment of UTC, in microseconds since 1970.
pub(super) fn moment(micros: i64) -> Object {
    match from_micros(micros) {
        Some(wall) => Object::DateTime(Rc::new(DateTime {
            wall,
            zone: Some(TimeZone::utc()),
        })),
        None => Object::None,
    }
}

fn epoch() -> NaiveDate {
    NaiveDate::from_ymd_opt(1970, 1, 1).unwrap_or_default()
}

/// A value of the database in Python.
pub(super) fn to_python(value: &Value) -> Object {
    match value {
        Value::Null => Object::None,
        Value::Bool(value) => Object::Bool(*value),
        Value::Int(value) => Object::from(*value),
        Value::Numeric(value) => {
            Object::decimal(Decimal::new(value.mantissa(), u32::from(value.scale())))
        }
        Value::Float(value) => Object::Float(*value),
        Value::Text(text) => Object::from(&**text),
        Value::Date(days) => {
            let date = epoch().checked_add_signed(TimeDelta::days(i64::from(*days)));
            date.map_or(Object::None, Object::Date)
        }
        Value::Time(micros) => {
            let seconds = u32::try_from(micros / 1_000_000).unwrap_or(0);
            let nanos = u32::try_from(micros % 1_000_000 * 1_000).unwrap_or(0);
            let time = NaiveTime::from_num_seconds_from_midnight_opt(seconds, nanos);
            time.map_or(Object::None, Object::Time)
        }
        Value::Timestamp(micros) => moment(*micros),
        Value::Interval(interval) => {
            let days = i64::from(interval.months) * 30 + i64::from(interval.days);
            Object::TimeDelta(days.saturating_mul(DAY).saturating_add(interval.micros))
        }
        Value::Uuid(value) => {
            let hex = format!("{value:032x}");
            let part = |from: usize, to: usize| hex.get(from..to).unwrap_or("").to_owned();
            let parts = [
                part(0, 8),
                part(8, 12),
                part(12, 16),
                part(16, 20),
                part(20, 32),
            ];
            Object::from(parts.join("-"))
        }
        Value::Array(items) => Object::list(items.iter().map(to_python).collect()),
        Value::Record(items) => Object::tuple(items.iter().map(to_python).collect::<Vec<_>>()),
    }
}

/// A plain Python value for the database; `None` when it is no plain value.
pub(super) fn to_value(vm: &Interpreter, object: &Object) -> PyResult<Option<Value>> {
    Ok(Some(match object.plain() {
        Object::None => Value::Null,
        Object::Bool(value) => Value::Bool(*value),
        Object::Int(value) => match value.to_i64() {
            Some(value) => Value::Int(value),
            None => match i128::try_from(&value.to_big()) {
                Ok(value) => Value::Numeric(Numeric::new(value, 0)),
                Err(_) => {
                    let message = "Python integer too large to convert to SQL";
                    return Err(vm.error("OverflowError", message));
                }
            },
        },
        Object::Float(value) => Value::Float(*value),
        Object::Decimal(value) => match value.to_parts() {
            Some((mantissa, scale)) => Value::Numeric(Numeric::new(
                mantissa,
                u8::try_from(scale).unwrap_or(u8::MAX),
            )),
            None => Value::Float(value.to_f64()),
        },
        Object::Str(text) => Value::Text(Arc::from(&**text)),
        Object::Date(date) => {
            let days = date.signed_duration_since(epoch()).num_days();
            Value::Date(i32::try_from(days).unwrap_or(0))
        }
        Object::DateTime(moment) => {
            // A naive one is taken in the time zone in force, as Django does with a warning.
            match (&moment.zone, current_zone(vm)) {
                (None, Some(zone)) => {
                    let offset = zone.offset_at_wall(moment.wall);
                    Value::Timestamp(moment.wall_micros() - i64::from(offset) * 1_000_000)
                }
                _ => Value::Timestamp(moment.micros()),
            }
        }
        Object::Time(time) => {
            let seconds = i64::from(time.num_seconds_from_midnight());
            Value::Time(seconds * 1_000_000 + i64::from(time.nanosecond() / 1_000))
        }
        Object::TimeDelta(micros) => Value::Interval(Interval {
            months: 0,
            days: i32::try_from(micros.div_euclid(DAY)).unwrap_or(0),
            micros: micros.rem_euclid(DAY),
        }),
        _ => return Ok(None),
    }))
}

/// The zone of `timezone.override`, if one is in force.
pub(super) fn current_zone(vm: &Interpreter) -> Option<Rc<TimeZone>> {
    vm.django().ok()?.zones.borrow().last().cloned()
}

/// An argument of the ORM.
pub(super) fn to_operand(vm: &mut Interpreter, object: &Object) -> PyResult<Operand> {
    if let Object::Instance(instance) = object {
        if let Some(expression) = expression_of(object) {
            return Ok(Operand::Expr(expression));
        }
        if let Some(queryset) = queryset_of(vm, object)? {
            return Ok(Operand::Expr(Expr::QuerySet(Box::new(queryset))));
        }
        if let Some(row) = instance.native::<Instance>() {
            return Ok(Operand::Instance((*row).clone()));
        }
    }
    if let Some(value) = to_value(vm, object)? {
        return Ok(Operand::value(value));
    }
    match object.plain() {
        Object::List(_)
        | Object::Tuple(_)
        | Object::Set(_)
        | Object::FrozenSet(_)
        | Object::Range(_)
        | Object::Dict(_)
        | Object::Iterator(_) => {
            let mut items = Vec::new();
            for item in vm.collect(object.plain())? {
                items.push(to_operand(vm, &item)?);
            }
            Ok(Operand::List(items))
        }
        _ => {
            let name = vm.type_name(object);
            let message = format!("cannot adapt type '{name}' using placeholder '%s'");
            Err(vm.error("ProgrammingError", &message))
        }
    }
}

/// Positional arguments of the ORM.
pub(super) fn operands(vm: &mut Interpreter, objects: &[Object]) -> PyResult<Vec<Operand>> {
    objects
        .iter()
        .map(|object| to_operand(vm, object))
        .collect()
}

/// Keyword arguments of the ORM.
pub(super) fn keywords(
    vm: &mut Interpreter,
    given: &[(Rc<str>, Object)],
) -> PyResult<Vec<(String, Operand)>> {
    let mut found = Vec::with_capacity(given.len());
    for (name, value) in given {
        found.push((name.to_string(), to_operand(vm, value)?));
    }
    Ok(found)
}

/// The arguments of `annotate()` and its siblings.
#[expect(clippy::type_complexity, reason = "positional and named ones")]
pub(super) fn annotations(
    vm: &mut Interpreter,
    arguments: &Arguments,
) -> PyResult<(Vec<Annotation>, Vec<(String, Annotation)>)> {
    let mut positional = Vec::new();
    for value in &arguments.positional {
        positional.push(annotation(vm, value)?);
    }
    let mut named = Vec::new();
    for (name, value) in &arguments.keywords {
        named.push((name.to_string(), annotation(vm, value)?));
    }
    Ok((positional, named))
}

fn annotation(vm: &mut Interpreter, value: &Object) -> PyResult<Annotation> {
    if let Some(instance) = value.as_instance()
        && let Some(relation) = instance.native::<crate::orm::query::FilteredRelation>()
    {
        return Ok(Annotation::FilteredRelation((*relation).clone()));
    }
    Ok(Annotation::Operand(to_operand(vm, value)?))
}

/// Texts, such as names of fields.
pub(super) fn texts(vm: &mut Interpreter, objects: &[Object]) -> PyResult<Vec<String>> {
    objects
        .iter()
        .map(|object| vm.str(object).map(|text| text.to_string()))
        .collect()
}

/// What an argument of the ORM is in Python.
pub(super) fn from_operand(vm: &mut Interpreter, operand: &Operand) -> PyResult {
    Ok(match operand {
        Operand::Value(value) => to_python(&value.0),
        Operand::Expr(expression) => super::expression::object(vm, expression.clone())?,
        Operand::Instance(instance) => super::model::object(vm, instance)?,
        Operand::List(items) => {
            let mut found = Vec::new();
            for item in items {
                found.push(from_operand(vm, item)?);
            }
            Object::list(found)
        }
    })
}
