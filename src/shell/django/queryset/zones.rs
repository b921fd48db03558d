//! Moments on another clock than UTC's: what `Trunc` gives with a `tzinfo`, or while another zone
//! is in force (Django 6.1, `TruncBase.convert_value`).
//!
//! The database gives the hands of that clock without the zone; here they get it back.

use super::connected;
use crate::base::Value;
use crate::orm::{Attribute, Instance, QuerySet};
use crate::shell::django::convert::to_python;
use crate::shell::interpret::Interpreter;
use crate::shell::value::{DateTime, Object, PyResult, TimeZone};
use std::rc::Rc;

/// A moment on the clock of a zone, in Python.
pub(super) fn clock(wall: i64, zone: &str) -> Object {
    match (to_python(&Value::Timestamp(wall)), TimeZone::place(zone)) {
        (Object::DateTime(moment), Some(zone)) => on_clock(&moment, &zone),
        (object, _) => object,
    }
}

/// The same hands on the clock of a zone.
fn on_clock(moment: &DateTime, zone: &Rc<TimeZone>) -> Object {
    Object::DateTime(Rc::new(DateTime {
        wall: moment.wall,
        zone: Some(zone.clone()),
    }))
}

/// The columns of a queryset that are on such clocks.
#[derive(Default)]
pub(super) struct Zones {
    columns: Vec<(String, Rc<TimeZone>)>,
    /// The names of all columns, in order; empty when none is on such a clock.
    names: Vec<String>,
}

impl Zones {
    pub(super) fn of(vm: &Interpreter, queryset: &QuerySet) -> PyResult<Self> {
        let in_force = connected(vm, |connection| Ok(connection.time_zone()))?;
        let zoned = queryset.zoned(&in_force).into_iter();
        let columns: Vec<_> = zoned
            .filter_map(|(name, zone)| Some((name, TimeZone::place(&zone)?)))
            .collect();
        let names = match columns.is_empty() {
            true => Vec::new(),
            false => queryset
                .column_names()
                .map_err(|error| vm.orm_error(error))?,
        };
        Ok(Self { columns, names })
    }

    /// The value of a named column in Python.
    pub(super) fn named(&self, name: &str, value: &Value) -> Object {
        let found = self.columns.iter().find(|(known, _)| known == name);
        match (to_python(value), found) {
            (Object::DateTime(moment), Some((_, zone))) => on_clock(&moment, zone),
            (object, _) => object,
        }
    }

    /// The values of a row in Python, by their places.
    pub(super) fn row(&self, values: &[Value]) -> Vec<Object> {
        let name = |at: usize| self.names.get(at).map_or("", String::as_str);
        let values = values.iter().enumerate();
        values
            .map(|(at, value)| self.named(name(at), value))
            .collect()
    }

    /// Gives the annotations of an instance their clocks.
    pub(super) fn mark(&self, instance: &Instance) {
        for (name, zone) in &self.columns {
            instance.change(|state| {
                if let Some(Attribute::Value(Value::Timestamp(wall))) = state.annotations.get(name)
                {
                    let clock = Attribute::Clock {
                        wall: *wall,
                        zone: zone.name(),
                    };
                    state.annotations.insert(name.as_str(), clock);
                }
            });
        }
    }
}
