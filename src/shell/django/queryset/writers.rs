//! Methods that write.

use super::{Own, bare, connected, deleted, method, model_instance};
use crate::orm::compiler::OnConflict;
use crate::orm::transaction::{Outcome, Savepoint, enter, leave};
use crate::orm::{Instance as ModelInstance, Operand};
use crate::shell::django::convert::{keywords, texts, to_operand};
use crate::shell::django::model::{fill_defaults, is_custom};
use crate::shell::interpret::Interpreter;
use crate::shell::value::{Arguments, Class, Object, PyResult};
use std::rc::Rc;

/// `defaults=`: a dict of names and values, of which callables are called.
fn defaults(
    vm: &mut Interpreter,
    value: Option<Object>,
) -> PyResult<Option<Vec<(String, Operand)>>> {
    let Some(value) = value.and_then(Object::some) else {
        return Ok(None);
    };
    let Object::Dict(dict) = value.plain() else {
        return Err(vm.type_error("defaults must be a dict"));
    };
    let items = dict.borrow().items();
    let mut found = Vec::new();
    for (key, value) in items {
        let value = match &value {
            Object::Function(_) | Object::Native(_) | Object::Method(_) => {
                vm.call(&value, Arguments::default())?
            }
            other => other.clone(),
        };
        found.push((vm.str(&key)?.to_string(), to_operand(vm, &value)?));
    }
    Ok(Some(found))
}

/// The class of the model, where it makes or saves its instances itself.
fn custom_class(vm: &Interpreter, own: &Own) -> PyResult<Option<Rc<Class>>> {
    let class = vm.django()?.model_class(&own.queryset().model().name);
    Ok(class.filter(is_custom))
}

/// `create()` through the class's own `__init__()` and `save()`.
fn custom_create(vm: &mut Interpreter, model: &Rc<Class>, arguments: Arguments) -> PyResult {
    let made = vm.instantiate(model, arguments)?;
    let mut given = Arguments::default();
    given
        .keywords
        .push(("force_insert".into(), Object::Bool(true)));
    vm.call_method(&made, "save", given)?;
    Ok(made)
}

/// The pairs of `defaults=`, of which callables are called.
fn default_objects(
    vm: &mut Interpreter,
    value: Option<Object>,
) -> PyResult<Vec<(Rc<str>, Object)>> {
    let Some(Object::Dict(dict)) = value.and_then(Object::some) else {
        return Ok(Vec::new());
    };
    let items = dict.borrow().items();
    let mut found = Vec::new();
    for (key, value) in items {
        let value = match &value {
            Object::Function(_) | Object::Native(_) | Object::Method(_) => {
                vm.call(&value, Arguments::default())?
            }
            other => other.clone(),
        };
        found.push((vm.str(&key)?, value));
    }
    Ok(found)
}

fn custom_get_or_create(
    vm: &mut Interpreter,
    own: &Own,
    model: &Rc<Class>,
    lookups: Arguments,
    defaults: Option<Object>,
) -> PyResult<(Object, bool)> {
    let rows = own.like(own.queryset().clone());
    match vm.call_method(&rows, "get", lookups.clone()) {
        Ok(found) => return Ok((found, false)),
        Err(error) if error.is("DoesNotExist") => {}
        Err(error) => return Err(error),
    }
    let mut given = Arguments::default();
    let lookups = lookups.keywords.into_iter();
    given
        .keywords
        .extend(lookups.filter(|(name, _)| !name.contains("__")));
    for (name, value) in default_objects(vm, defaults)? {
        given.keywords.retain(|(known, _)| *known != name);
        given.keywords.push((name, value));
    }
    connected(vm, |connection| enter(connection, Savepoint::Make))?;
    let made = custom_create(vm, model, given);
    let outcome = match made {
        Ok(_) => Outcome::Success,
        Err(_) => Outcome::Failure,
    };
    connected(vm, |connection| leave(connection, outcome))?;
    Ok((made?, true))
}

fn custom_update_or_create(
    vm: &mut Interpreter,
    own: &Own,
    model: &Rc<Class>,
    mut arguments: Arguments,
) -> PyResult {
    let given = arguments.take_keyword("defaults");
    let creating = arguments.take_keyword("create_defaults");
    let creating = creating.or_else(|| given.clone());
    let changes = default_objects(vm, given)?;
    let (made, created) = custom_get_or_create(vm, own, model, arguments, creating)?;
    if !created {
        for (name, value) in changes {
            vm.set_attribute(&made, &name, value)?;
        }
        vm.call_method(&made, "save", Arguments::default())?;
    }
    Ok(Object::tuple([made, Object::Bool(created)]))
}

/// Methods that write.
pub(super) fn writers(class: &Rc<Class>) {
    method(class, "create", |vm, own, arguments| {
        arguments.only_keywords(vm, "QuerySet.create")?;
        if let Some(model) = custom_class(vm, &own)? {
            return custom_create(vm, &model, arguments);
        }
        let mut given = keywords(vm, &arguments.keywords)?;
        let name = own.queryset().model().name.clone();
        fill_defaults(vm, &name, &mut given, &[])?;
        let made = connected(vm, |connection| own.queryset().create(connection, given))?;
        crate::shell::django::model::object(vm, &made)
    });
    method(class, "get_or_create", |vm, own, mut arguments| {
        if let Some(model) = custom_class(vm, &own)? {
            let given = arguments.take_keyword("defaults");
            let (made, created) = custom_get_or_create(vm, &own, &model, arguments, given)?;
            return Ok(Object::tuple([made, Object::Bool(created)]));
        }
        let mut given = defaults(vm, arguments.take_keyword("defaults"))?.unwrap_or_default();
        let lookups = keywords(vm, &arguments.keywords)?;
        let name = own.queryset().model().name.clone();
        fill_defaults(vm, &name, &mut given, &lookups)?;
        let (made, created) = connected(vm, |connection| {
            own.queryset().get_or_create(connection, given, lookups)
        })?;
        let made = crate::shell::django::model::object(vm, &made)?;
        Ok(Object::tuple([made, Object::Bool(created)]))
    });
    method(class, "update_or_create", |vm, own, mut arguments| {
        if let Some(model) = custom_class(vm, &own)? {
            return custom_update_or_create(vm, &own, &model, arguments);
        }
        let given = defaults(vm, arguments.take_keyword("defaults"))?.unwrap_or_default();
        let creating = defaults(vm, arguments.take_keyword("create_defaults"))?;
        let lookups = keywords(vm, &arguments.keywords)?;
        let name = own.queryset().model().name.clone();
        let mut creating = creating.unwrap_or_else(|| given.clone());
        fill_defaults(vm, &name, &mut creating, &lookups)?;
        let (made, created) = connected(vm, |connection| {
            own.queryset()
                .update_or_create(connection, given, Some(creating), lookups)
        })?;
        let made = crate::shell::django::model::object(vm, &made)?;
        Ok(Object::tuple([made, Object::Bool(created)]))
    });
    method(class, "update", |vm, own, arguments| {
        arguments.only_keywords(vm, "QuerySet.update")?;
        let values = keywords(vm, &arguments.keywords)?;
        let count = connected(vm, |connection| own.queryset().update(connection, &values))?;
        Ok(Object::from(i64::try_from(count).unwrap_or(i64::MAX)))
    });
    bare(class, "delete", |vm, own| {
        let (count, by_model) = connected(vm, |connection| own.queryset().delete(connection))?;
        Ok(deleted(vm, count, by_model))
    });
    method(class, "bulk_create", |vm, own, mut arguments| {
        let conflict = conflict(vm, &mut arguments)?;
        let [objects, size] =
            arguments.bind_method(vm, "QuerySet.bulk_create", ["objs", "batch_size"], 1)?;
        let objects = vm.collect(&objects.unwrap_or(Object::None))?;
        let rows = own_rows(vm, &own, &objects)?;
        let size = size.and_then(|it| it.as_i64());
        connected(vm, |connection| {
            own.queryset()
                .bulk_create(connection, &rows, size, &conflict)
        })?;
        Ok(Object::list(objects))
    });
    method(class, "bulk_update", |vm, own, arguments| {
        let [objects, fields, size] = arguments.bind_method(
            vm,
            "QuerySet.bulk_update",
            ["objs", "fields", "batch_size"],
            2,
        )?;
        let fields = vm.collect(&fields.unwrap_or(Object::None))?;
        let fields = texts(vm, &fields)?;
        // Without names no row is read.
        let objects = match fields.is_empty() {
            true => Vec::new(),
            false => vm.collect(&objects.unwrap_or(Object::None))?,
        };
        let rows: Vec<ModelInstance> = objects.iter().filter_map(model_instance).collect();
        let size = size.and_then(|it| it.as_i64());
        let count = connected(vm, |connection| {
            own.queryset().bulk_update(connection, &rows, &fields, size)
        })?;
        Ok(Object::from(i64::try_from(count).unwrap_or(i64::MAX)))
    });
}

/// The rows of `bulk_create()`, which have to be of the queryset's model.
fn own_rows(vm: &Interpreter, own: &Own, objects: &[Object]) -> PyResult<Vec<ModelInstance>> {
    let model = own.queryset().model();
    let mut rows = Vec::with_capacity(objects.len());
    for object in objects {
        let class = vm.type_name(object);
        let Some(row) = model_instance(object) else {
            let message =
                format!("'{class}' object has no attribute '_prepare_related_fields_for_save'");
            return Err(vm.error("AttributeError", &message));
        };
        let strange = model.fields.iter().find(|field| {
            let known = row.model();
            !known
                .fields
                .iter()
                .any(|it| it.attname() == field.attname())
        });
        if let Some(field) = strange {
            let message = format!("'{class}' object has no attribute '{}'", field.attname());
            return Err(vm.error("AttributeError", &message));
        }
        rows.push(row);
    }
    Ok(rows)
}

fn conflict(vm: &mut Interpreter, arguments: &mut Arguments) -> PyResult<OnConflict> {
    let mut names = |vm: &mut Interpreter, name: &str| -> PyResult<Vec<String>> {
        match arguments.take_keyword(name).and_then(Object::some) {
            Some(value) => {
                let value = vm.collect(&value)?;
                texts(vm, &value)
            }
            None => Ok(Vec::new()),
        }
    };
    let (update, unique) = (names(vm, "update_fields")?, names(vm, "unique_fields")?);
    let mut truth = |vm: &mut Interpreter, name: &str| match arguments.take_keyword(name) {
        Some(value) => vm.is_true(&value),
        None => Ok(false),
    };
    let (ignore, change) = (
        truth(vm, "ignore_conflicts")?,
        truth(vm, "update_conflicts")?,
    );
    Ok(match (ignore, change) {
        (true, true) => {
            let message = "ignore_conflicts and update_conflicts are mutually exclusive.";
            return Err(vm.value_error(message));
        }
        (true, false) => OnConflict::Ignore,
        (false, true) if update.is_empty() => {
            let message = "Fields that will be updated when a row insertion fails on conflicts \
                           must be provided.";
            return Err(vm.value_error(message));
        }
        (false, true) if unique.is_empty() => {
            let message = "Unique fields that can trigger the upsert must be provided.";
            return Err(vm.value_error(message));
        }
        (false, true) => OnConflict::Update {
            columns: update,
            unique,
        },
        (false, false) => OnConflict::Raise,
    })
}
