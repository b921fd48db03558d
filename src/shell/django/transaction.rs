//! `transaction`, `connection` and `timezone`.

use super::Django;
use crate::orm::Connection;
use crate::orm::transaction::{
    Outcome, Savepoint, SavepointEnd, end_savepoint, enter, leave, savepoint,
};
use crate::shell::interpret::{Interpreter, Types};
use crate::shell::modules::{add, add_class};
use crate::shell::value::class::native;
use crate::shell::value::{Arguments, DateTime, Instance, Object, PyResult, TimeZone};
use std::rc::Rc;

/// Adds the modules.
pub(super) fn install(vm: &mut Interpreter) -> PyResult<()> {
    let module = add(vm, "django.db.transaction");
    let class = Types::class("Atomic", "django.db.transaction", &[&vm.types.object]);
    class.method("__enter__", |vm, mut arguments| {
        let own = arguments.take_first();
        let savepoint = match own.as_instance().and_then(|it| it.get("savepoint")) {
            Some(Object::Bool(false)) => Savepoint::Skip,
            _ => Savepoint::Make,
        };
        super::queryset::connected(vm, |connection| enter(connection, savepoint))?;
        Ok(Object::None)
    });
    class.method("__exit__", |vm, arguments| {
        let [_, class, _, _] = arguments.exactly(vm, "__exit__")?;
        let outcome = if class.is_none() {
            Outcome::Success
        } else {
            Outcome::Failure
        };
        leave_block(vm, outcome)?;
        Ok(Object::None)
    });
    class.method("__call__", |_, mut arguments| {
        arguments.take_first();
        Ok(in_block(arguments.take_first()))
    });
    let own = class.clone();
    module.function("atomic", move |vm, mut arguments| {
        if let Some(Object::Function(_)) = arguments.positional.first() {
            return Ok(in_block(arguments.take_first()));
        }
        let [_, savepoint, _] =
            arguments.bind(vm, "atomic", ["using", "savepoint", "durable"], 0)?;
        let made = Instance::new(own.clone());
        made.set("savepoint", savepoint.unwrap_or(Object::Bool(true)));
        Ok(Object::Instance(Rc::new(made)))
    });
    module.function("on_commit", |vm, arguments| {
        let [function, _, _] = arguments.bind(vm, "on_commit", ["func", "using", "robust"], 1)?;
        let function = function.unwrap_or(Object::None);
        if !function.is_callable() {
            return Err(vm.type_error("on_commit()'s callback must be a callable."));
        }
        let depth =
            super::queryset::connected(vm, |connection| Ok(connection.transaction().blocks.len()))?;
        match depth {
            0 => {
                vm.call(&function, Arguments::default())?;
            }
            _ => vm.django()?.on_commit.borrow_mut().push((depth, function)),
        }
        Ok(Object::None)
    });
    module.function("set_rollback", |vm, arguments| {
        let [rollback, _] = arguments.bind(vm, "set_rollback", ["rollback", "using"], 1)?;
        let rollback = vm.is_true(&rollback.unwrap_or(Object::None))?;
        super::queryset::connected(vm, |connection| {
            connection.transaction().needs_rollback = rollback;
            Ok(())
        })?;
        Ok(Object::None)
    });
    module.function("savepoint", |vm, arguments| {
        let [_] = arguments.bind(vm, "savepoint", ["using"], 0)?;
        let name = super::queryset::connected(vm, savepoint)?;
        Ok(name.map_or(Object::None, Object::from))
    });
    for (name, end) in [
        ("savepoint_commit", SavepointEnd::Release),
        ("savepoint_rollback", SavepointEnd::Rollback),
    ] {
        module.function(name, move |vm, arguments| {
            let [sid, _] = arguments.bind(vm, name, ["sid", "using"], 1)?;
            if let Some(sid) = sid.and_then(Object::some) {
                let sid = vm.str(&sid)?;
                super::queryset::connected(vm, |connection| end_savepoint(connection, &sid, end))?;
            }
            Ok(Object::None)
        });
    }
    module.function("get_rollback", |vm, _| {
        let django = vm.django()?;
        let rollback = django.connection.borrow_mut().transaction().needs_rollback;
        Ok(Object::Bool(rollback))
    });
    let error = vm.types.exception("TransactionManagementError");
    module.set("TransactionManagementError", Object::Class(error));
    connection(vm)?;
    timezone(vm);
    Ok(())
}

/// A function that runs in a block of its own.
fn in_block(function: Object) -> Object {
    native("atomic", move |vm, arguments| {
        super::queryset::connected(vm, |connection| enter(connection, Savepoint::Make))?;
        let result = vm.call(&function, arguments);
        let outcome = if result.is_ok() {
            Outcome::Success
        } else {
            Outcome::Failure
        };
        leave_block(vm, outcome)?;
        result
    })
}

/// Ends a block. What waits for the commit runs after the outermost one, and is forgotten with the
/// changes of a block that fails.
fn leave_block(vm: &mut Interpreter, outcome: Outcome) -> PyResult<()> {
    let (depth, failed) = super::queryset::connected(vm, |connection| {
        let failed = outcome == Outcome::Failure || connection.transaction().needs_rollback;
        leave(connection, outcome)?;
        Ok((connection.transaction().blocks.len(), failed))
    })?;
    let django = vm.django()?;
    let mut waiting = django.on_commit.borrow_mut();
    if failed {
        waiting.retain(|(level, _)| *level <= depth);
    }
    for (level, _) in waiting.iter_mut() {
        *level = (*level).min(depth);
    }
    let due = match depth {
        0 => std::mem::take(&mut *waiting),
        _ => Vec::new(),
    };
    drop(waiting);
    for (_, function) in due {
        vm.call(&function, Arguments::default())?;
    }
    Ok(())
}

fn connection(vm: &mut Interpreter) -> PyResult<()> {
    let class = Types::class(
        "DatabaseWrapper",
        "django.db.backends.postgresql.base",
        &[&vm.types.object],
    );
    class.property("queries", |vm, _| {
        let django = vm.django()?;
        let recordings = django.connection.borrow().queries();
        let mut queries = Vec::new();
        for recording in recordings {
            queries.push(vm.dict_from([
                ("sql", Object::from(recording.sql.text())),
                (
                    "time",
                    Object::from(format!("{:.3}", recording.ms / 1000.0)),
                ),
            ]));
        }
        Ok(Object::list(queries))
    });
    class.set("vendor", "postgresql");
    class.set("alias", "default");
    class.property("in_atomic_block", |vm, _| {
        let django = vm.django()?;
        let open = !django
            .connection
            .borrow_mut()
            .transaction()
            .blocks
            .is_empty();
        Ok(Object::Bool(open))
    });
    super::raw::cursor(vm, &class);
    super::migrate::schema_editor(vm, &class);
    let made = Object::Instance(Rc::new(Instance::new(class)));
    add(vm, "django.db").set("connection", made);
    add(vm, "django").set("VERSION", Object::tuple([6i64, 1, 3].map(Object::from)));
    let module = vm.module("django.db")?;
    let transaction = vm.module("django.db.transaction")?;
    module.set("transaction", Object::Module(transaction));
    module.function("reset_queries", |vm, _| {
        let django = vm.django()?;
        django.connection.borrow_mut().reset_queries();
        Ok(Object::None)
    });
    Ok(())
}

fn set_zone(django: &Django) {
    let zone = django.zones.borrow().last().map(|zone| zone.name());
    django.connection.borrow_mut().zone = zone;
}

fn zone_of(vm: &Interpreter, value: &Object) -> PyResult<Rc<TimeZone>> {
    let found = match value {
        Object::None => Some(TimeZone::utc()),
        Object::TimeZone(zone) => Some(zone.clone()),
        other => other.as_str().and_then(|name| TimeZone::place(name)),
    };
    found.ok_or_else(|| vm.value_error("Invalid timezone"))
}

fn current(vm: &Interpreter) -> Rc<TimeZone> {
    super::convert::current_zone(vm).unwrap_or_else(TimeZone::utc)
}

fn timezone(vm: &mut Interpreter) {
    let module = add(vm, "django.utils.timezone");
    let utils = add(vm, "django.utils");
    utils.set("timezone", Object::Module(module.clone()));
    module.set("utc", Object::TimeZone(TimeZone::utc()));
    module.set("timedelta", Object::Class(vm.types.timedelta.clone()));
    module.set("datetime", Object::Class(vm.types.datetime.clone()));
    module.function("now", |vm, _| Ok(super::convert::moment(vm.now)));
    module.function("get_current_timezone", |vm, _| {
        Ok(Object::TimeZone(current(vm)))
    });
    module.function("get_default_timezone", |_, _| {
        Ok(Object::TimeZone(TimeZone::utc()))
    });
    module.function("get_current_timezone_name", |vm, _| {
        Ok(Object::from(current(vm).name()))
    });
    module.function("is_aware", |vm, arguments| {
        let [value] = arguments.exactly(vm, "is_aware")?;
        Ok(Object::Bool(
            matches!(&value, Object::DateTime(it) if it.zone.is_some()),
        ))
    });
    module.function("is_naive", |vm, arguments| {
        let [value] = arguments.exactly(vm, "is_naive")?;
        Ok(Object::Bool(
            matches!(&value, Object::DateTime(it) if it.zone.is_none()),
        ))
    });
    module.function("make_aware", |vm, arguments| {
        let [value, zone] = arguments.bind(vm, "make_aware", ["value", "timezone"], 1)?;
        let zone = match zone.and_then(Object::some) {
            Some(zone) => zone_of(vm, &zone)?,
            None => current(vm),
        };
        match value {
            Some(Object::DateTime(it)) if it.zone.is_none() => {
                Ok(Object::DateTime(Rc::new(DateTime {
                    wall: it.wall,
                    zone: Some(zone),
                })))
            }
            Some(value) => {
                let shown = vm.str(&value)?;
                let message = format!("make_aware expects a naive datetime, got {shown}");
                Err(vm.value_error(message))
            }
            None => Ok(Object::None),
        }
    });
    for name in ["localtime", "localdate"] {
        module.function(name, move |vm, arguments| {
            let [value, zone] = arguments.bind(vm, name, ["value", "timezone"], 0)?;
            let zone = match zone.and_then(Object::some) {
                Some(zone) => zone_of(vm, &zone)?,
                None => current(vm),
            };
            let micros = match value.and_then(Object::some) {
                Some(Object::DateTime(it)) if it.zone.is_some() => it.micros(),
                None => vm.now,
                Some(_) => {
                    let message = "localtime() cannot be applied to a naive datetime";
                    return Err(vm.value_error(message));
                }
            };
            Ok(match DateTime::at(micros, &zone) {
                Some(it) if name == "localdate" => Object::Date(it.wall.date()),
                Some(it) => Object::DateTime(Rc::new(it)),
                None => Object::None,
            })
        });
    }
    module.function("activate", |vm, arguments| {
        let [zone] = arguments.exactly(vm, "activate")?;
        let zone = zone_of(vm, &zone)?;
        let django = vm.django()?;
        *django.zones.borrow_mut() = vec![zone];
        set_zone(&django);
        Ok(Object::None)
    });
    module.function("deactivate", |vm, _| {
        let django = vm.django()?;
        django.zones.borrow_mut().clear();
        set_zone(&django);
        Ok(Object::None)
    });
    let class = Types::class("override", "django.utils.timezone", &[&vm.types.object]);
    let own = class.clone();
    add_class(&class, move |vm, arguments: Arguments| {
        let [zone] = arguments.exactly(vm, "override")?;
        let made = Instance::new(own.clone());
        made.set("zone", Object::TimeZone(zone_of(vm, &zone)?));
        Ok(Object::Instance(Rc::new(made)))
    });
    class.method("__enter__", |vm, mut arguments| {
        let own = arguments.take_first();
        let django = vm.django()?;
        if let Some(Object::TimeZone(zone)) = own.as_instance().and_then(|it| it.get("zone")) {
            django.zones.borrow_mut().push(zone);
        }
        set_zone(&django);
        Ok(Object::None)
    });
    class.method("__exit__", |vm, _| {
        let django = vm.django()?;
        django.zones.borrow_mut().pop();
        set_zone(&django);
        Ok(Object::None)
    });
    module.set("override", Object::Class(class));
}
