//! Methods that read rows, or something about them.

use super::{bare, connected, method, model_instance, read, row_object};
use crate::orm::QuerySet;
use crate::orm::prefetch::prefetch_related_objects;
use crate::orm::query::Explain;
use crate::shell::django::convert::{annotations, operands, to_python};
use crate::shell::django::expression::condition;
use crate::shell::interpret::Interpreter;
use crate::shell::value::{Class, Iterator, Object, PyResult};
use std::rc::Rc;

/// The rows of a queryset, whose related rows are read for so many of them at once.
fn read_in_chunks(vm: &mut Interpreter, queryset: &QuerySet, size: usize) -> PyResult<Vec<Object>> {
    let catalogue = vm.django()?.catalogue();
    let lookups = queryset.prefetches().to_vec();
    let instances = connected(vm, |connection| {
        let instances = queryset.without_prefetch().instances(connection)?;
        for chunk in instances.chunks(size.max(1)) {
            prefetch_related_objects(connection, &catalogue, chunk, lookups.clone())?;
        }
        Ok(instances)
    })?;
    let objects = instances
        .iter()
        .map(|instance| crate::shell::django::model::object(vm, instance));
    objects.collect()
}

/// Methods that read.
pub(super) fn readers(class: &Rc<Class>) {
    method(class, "get", |vm, own, arguments| {
        let condition = condition(vm, &arguments)?;
        let row = connected(vm, |connection| own.queryset().get(connection, condition))?;
        row_object(vm, &row, own.queryset())
    });
    bare(class, "count", |vm, own| match own.cached() {
        Some(rows) => Ok(Object::from(rows.len())),
        None => {
            let count = connected(vm, |connection| own.queryset().count(connection))?;
            Ok(Object::from(count))
        }
    });
    bare(class, "exists", |vm, own| match own.cached() {
        Some(rows) => Ok(Object::Bool(!rows.is_empty())),
        None => connected(vm, |connection| own.queryset().exists(connection)).map(Object::Bool),
    });
    method(class, "aggregate", |vm, own, arguments| {
        let (positional, named) = annotations(vm, &arguments)?;
        let found = connected(vm, |connection| {
            own.queryset().aggregate(connection, positional, named)
        })?;
        let items: Vec<(String, Object)> = found
            .into_iter()
            .map(|(name, value)| (name, to_python(&value)))
            .collect();
        Ok(vm.dict_from(items))
    });
    for (name, last) in [("first", false), ("last", true)] {
        bare(class, name, move |vm, own| {
            if let Some(rows) = own.cached()
                && own.queryset().is_ordered()
                && !last
            {
                return Ok(rows.first().cloned().unwrap_or(Object::None));
            }
            let row = connected(vm, |connection| match last {
                true => own.queryset().last(connection),
                false => own.queryset().first(connection),
            })?;
            match row {
                Some(row) => row_object(vm, &row, own.queryset()),
                None => Ok(Object::None),
            }
        });
    }
    for (name, latest) in [("earliest", false), ("latest", true)] {
        method(class, name, move |vm, own, arguments| {
            arguments.only_positional(vm, &format!("QuerySet.{name}"))?;
            let fields = operands(vm, &arguments.positional)?;
            let row = connected(vm, |connection| match latest {
                true => own.queryset().latest(connection, fields),
                false => own.queryset().earliest(connection, fields),
            })?;
            row_object(vm, &row, own.queryset())
        });
    }
    method(class, "contains", |vm, own, arguments| {
        let [value] = arguments.bind_method(vm, "QuerySet.contains", ["obj"], 1)?;
        let value = value.unwrap_or(Object::None);
        let Some(instance) = model_instance(&value) else {
            return Err(vm.type_error("'obj' must be a model instance."));
        };
        if let Some(rows) = own.cached() {
            return vm
                .contains(&Object::list(rows.to_vec()), &value)
                .map(Object::Bool);
        }
        connected(vm, |connection| {
            own.queryset().contains(connection, &instance)
        })
        .map(Object::Bool)
    });
    method(class, "in_bulk", |vm, own, arguments| {
        let [ids, field] =
            arguments.bind_method(vm, "QuerySet.in_bulk", ["id_list", "field_name"], 0)?;
        let ids = match ids.and_then(Object::some) {
            Some(ids) => {
                let ids = vm.collect(&ids)?;
                Some(operands(vm, &ids)?)
            }
            None => None,
        };
        let field = vm.str(&field.unwrap_or(Object::from("pk")))?;
        let found = connected(vm, |connection| {
            own.queryset().in_bulk(connection, ids, &field)
        })?;
        let table = vm.dict_from::<&str>([]);
        if let Object::Dict(dict) = &table {
            for (key, row) in found {
                let row = row_object(vm, &row, own.queryset())?;
                vm.dict_set(dict, to_python(&key), row)?;
            }
        }
        Ok(table)
    });
    method(class, "iterator", |vm, own, arguments| {
        let [size] = arguments.bind_method(vm, "QuerySet.iterator", ["chunk_size"], 0)?;
        let size = size.and_then(Object::some);
        if size.is_none() && !own.queryset().prefetches().is_empty() {
            let message = "chunk_size must be provided when using QuerySet.iterator() after \
                           prefetch_related().";
            return Err(vm.value_error(message));
        }
        let size = size.as_ref().and_then(Object::as_i64);
        if size.is_some_and(|size| size <= 0) {
            return Err(vm.value_error("Chunk size must be strictly positive."));
        }
        let size = size.and_then(|size| usize::try_from(size).ok());
        let rows = match size.filter(|_| !own.queryset().prefetches().is_empty()) {
            Some(size) => read_in_chunks(vm, own.queryset(), size)?,
            None => read(vm, own.queryset())?,
        };
        Ok(Object::Iterator(Rc::new(Iterator::over("generator", rows))))
    });
    method(class, "explain", |vm, own, mut arguments| {
        let mut explain = Explain::default();
        if let Some(format) = arguments.take_keyword("format").and_then(Object::some) {
            explain.format = Some(vm.str(&format)?.to_string());
        }
        for (name, value) in arguments.keywords {
            explain
                .options
                .push((name.to_string(), vm.is_true(&value)?));
        }
        let text = connected(vm, |connection| own.queryset().explain(connection, explain))?;
        Ok(Object::from(text))
    });
}
