//! `QuerySet`: lazy, with a result cache, and as many methods as Django's.

use super::expression::prefetches;
use crate::orm::{
    Connection, Connector, FetchMode, Instance as ModelInstance, OrmError, QuerySet, Row,
};
use crate::shell::interpret::{Interpreter, Types};
use crate::shell::value::{Arguments, Class, Instance, Iterator, Module, Object, PyResult};
use std::cell::RefCell;
use std::rc::Rc;
use zones::Zones;

mod chains;
mod readers;
mod writers;
mod zones;

pub(in crate::shell) use chains::REFUSED;

/// What stands behind a queryset object.
pub(super) struct State {
    /// The description of the rows.
    pub queryset: QuerySet,
    /// The rows, once they were read.
    cache: RefCell<Option<Rc<Vec<Object>>>>,
}

/// The queryset behind an object, or behind a manager.
pub(super) fn queryset_of(vm: &mut Interpreter, object: &Object) -> PyResult<Option<QuerySet>> {
    let Some(instance) = object.as_instance() else {
        return Ok(None);
    };
    if let Some(state) = instance.native::<State>() {
        return Ok(Some(state.queryset.clone()));
    }
    if super::manager::is_manager(object) {
        let queryset = vm.call_method(object, "get_queryset", Arguments::default())?;
        return queryset_of(vm, &queryset);
    }
    Ok(None)
}

/// The model of a queryset object's rows.
pub(super) fn model_of(object: &Object) -> Option<String> {
    let state = object.as_instance()?.native::<State>()?;
    Some(state.queryset.model().name.clone())
}

/// A queryset object of a class.
pub(super) fn object(class: &Rc<Class>, queryset: QuerySet) -> Object {
    let state = State {
        queryset,
        cache: RefCell::new(None),
    };
    Object::Instance(Rc::new(Instance::with_native(
        class.clone(),
        Rc::new(state),
    )))
}

/// Makes an instance of a queryset's class a queryset.
pub(super) fn fill(instance: &Instance, queryset: QuerySet) {
    let state = State {
        queryset,
        cache: RefCell::new(None),
    };
    *instance.native.borrow_mut() = Some(Rc::new(state));
}

/// A queryset object whose rows are known.
pub(super) fn filled(class: &Rc<Class>, queryset: QuerySet, rows: Vec<Object>) -> Object {
    let state = State {
        queryset,
        cache: RefCell::new(Some(Rc::new(rows))),
    };
    Object::Instance(Rc::new(Instance::with_native(
        class.clone(),
        Rc::new(state),
    )))
}

/// A queryset as the method sees it.
struct Own {
    class: Rc<Class>,
    state: Rc<State>,
}

impl Own {
    fn queryset(&self) -> &QuerySet {
        &self.state.queryset
    }

    fn like(&self, queryset: QuerySet) -> Object {
        object(&self.class, queryset)
    }

    /// A queryset that the ORM made or refused.
    fn made(&self, vm: &Interpreter, result: Result<QuerySet, OrmError>) -> PyResult {
        result
            .map(|queryset| self.like(queryset))
            .map_err(|error| vm.orm_error(error))
    }

    /// The rows, read when they were not yet.
    fn rows(&self, vm: &mut Interpreter) -> PyResult<Rc<Vec<Object>>> {
        if let Some(rows) = &*self.state.cache.borrow() {
            return Ok(rows.clone());
        }
        let rows = Rc::new(read(vm, self.queryset())?);
        *self.state.cache.borrow_mut() = Some(rows.clone());
        Ok(rows)
    }

    fn cached(&self) -> Option<Rc<Vec<Object>>> {
        self.state.cache.borrow().clone()
    }
}

/// Runs `code` with the connection.
pub(super) fn connected<T>(
    vm: &Interpreter,
    code: impl FnOnce(&mut dyn Connection) -> Result<T, OrmError>,
) -> PyResult<T> {
    let django = vm.django()?;
    let mut connection = django.connection.borrow_mut();
    connection.place = vm.typed_place();
    connection.statement = vm.place();
    let result = code(&mut *connection);
    drop(connection);
    result.map_err(|error| vm.orm_error(error))
}

fn read(vm: &mut Interpreter, queryset: &QuerySet) -> PyResult<Vec<Object>> {
    let rows = connected(vm, |connection| queryset.fetch(connection))?;
    let mut objects = Vec::with_capacity(rows.len());
    let zones = Zones::of(vm, queryset)?;
    for row in &rows {
        vm.step()?;
        objects.push(row_in_zones(vm, row, &zones)?);
    }
    Ok(objects)
}

/// One row of a queryset in Python.
fn row_object(vm: &mut Interpreter, row: &Row, queryset: &QuerySet) -> PyResult {
    let zones = Zones::of(vm, queryset)?;
    row_in_zones(vm, row, &zones)
}

fn row_in_zones(vm: &mut Interpreter, row: &Row, zones: &Zones) -> PyResult {
    Ok(match row {
        Row::Instance(instance) => {
            zones.mark(instance);
            super::model::object(vm, instance)?
        }
        Row::Dict(items) => {
            let items: Vec<(&str, Object)> = items
                .iter()
                .map(|(name, value)| (name.as_str(), zones.named(name, value)))
                .collect();
            vm.dict_from(items)
        }
        Row::Tuple(values) => Object::tuple(zones.row(values)),
        Row::Named(names, values) => {
            let key = format!("Row({})", names.join(","));
            let django = vm.django()?;
            let class = match django.class(&key) {
                Some(class) => class,
                None => {
                    let fields = names.iter().map(|name| name.as_str().into()).collect();
                    let class = crate::shell::modules::named_tuple(
                        vm,
                        "Row",
                        "django.db.models.utils",
                        fields,
                    );
                    django.classes.borrow_mut().insert(key, class.clone());
                    class
                }
            };
            vm.wrap(&Object::Class(class), Object::tuple(zones.row(values)))
        }
        Row::Flat(value) => {
            let mut values = zones.row(std::slice::from_ref(value));
            values.pop().unwrap_or(Object::None)
        }
    })
}

fn own(vm: &Interpreter, object: &Object) -> PyResult<Own> {
    let found = object
        .as_instance()
        .and_then(|it| Some((it.class.clone(), it.native::<State>()?)));
    match found {
        Some((class, state)) => Ok(Own { class, state }),
        None => Err(vm.type_error("a QuerySet was expected")),
    }
}

fn method(
    class: &Rc<Class>,
    name: &'static str,
    code: impl Fn(&mut Interpreter, Own, Arguments) -> PyResult + 'static,
) {
    class.method(name, move |vm, mut arguments| {
        let receiver = arguments.take_first();
        let own = own(vm, &receiver)?;
        code(vm, own, arguments)
    });
}

/// Adds a method without parameters.
fn bare(
    class: &Rc<Class>,
    name: &'static str,
    code: impl Fn(&mut Interpreter, Own) -> PyResult + 'static,
) {
    method(class, name, move |vm, own, arguments| {
        let [] = arguments.bind_method(vm, &format!("QuerySet.{name}"), [], 0)?;
        code(vm, own)
    });
}

/// Adds the class.
pub(super) fn install(vm: &mut Interpreter, models: &Rc<Module>) -> PyResult<()> {
    let class = Types::class("QuerySet", "django.db.models.query", &[&vm.types.object]);
    container(&class);
    chains::chains(&class);
    chains::shapes(&class);
    readers::readers(&class);
    writers::writers(&class);
    class.class_method("as_manager", |vm, mut arguments| {
        let Object::Class(own) = arguments.take_first() else {
            return Err(vm.type_error("as_manager() needs a class"));
        };
        super::manager::as_manager(vm, &own)
    });
    super::custom::constructor(&class);
    super::raw::install(vm, &class)?;
    let django = vm.django()?;
    django
        .classes
        .borrow_mut()
        .insert("QuerySet".to_owned(), class.clone());
    models.set("QuerySet", Object::Class(class));
    for (name, mode) in [
        ("FETCH_ONE", FetchMode::One),
        ("FETCH_PEERS", FetchMode::Peers),
        ("FETCH_RAISE", FetchMode::Raise),
    ] {
        let kind = Types::class(
            "FetchMode",
            "django.db.models.fetch_modes",
            &[&vm.types.object],
        );
        kind.method("__repr__", move |_, _| Ok(Object::from(name)));
        let made = Instance::with_native(kind, Rc::new(mode));
        models.set(name, Object::Instance(Rc::new(made)));
    }
    models.function("prefetch_related_objects", |vm, mut arguments| {
        let instances = arguments.take_first();
        let mut rows = Vec::new();
        for item in vm.collect(&instances)? {
            rows.extend(model_instance(&item));
        }
        let lookups = prefetches(vm, &arguments.positional)?;
        let catalogue = vm.django()?.catalogue();
        connected(vm, |connection| {
            crate::orm::prefetch::prefetch_related_objects(connection, &catalogue, &rows, lookups)
        })?;
        Ok(Object::None)
    });
    Ok(())
}

/// The row behind a model instance.
pub(super) fn model_instance(object: &Object) -> Option<ModelInstance> {
    Some((*object.as_instance()?.native::<ModelInstance>()?).clone())
}

/// What makes a queryset look like a list.
fn container(class: &Rc<Class>) {
    method(class, "__iter__", |vm, own, _| {
        let rows = own.rows(vm)?;
        Ok(Object::Iterator(Rc::new(Iterator::over(
            "generator",
            rows.to_vec(),
        ))))
    });
    method(class, "__len__", |vm, own, _| {
        Ok(Object::from(own.rows(vm)?.len()))
    });
    method(class, "__bool__", |vm, own, _| {
        Ok(Object::Bool(!own.rows(vm)?.is_empty()))
    });
    method(class, "__repr__", |vm, own, _| {
        // Django reads one row more than it shows.
        let (rows, total) = match own.cached() {
            Some(rows) => (rows.to_vec(), rows.len()),
            None => {
                let rows = read(vm, &own.queryset().slice(None, Some(21)))?;
                let total = rows.len();
                (rows, total)
            }
        };
        let mut shown = Vec::new();
        for row in rows.iter().take(20) {
            shown.push(vm.repr(row)?);
        }
        if total > 20 {
            shown.push(String::from("'...(remaining elements truncated)...'"));
        }
        Ok(Object::from(format!(
            "<{} [{}]>",
            own.class.name,
            shown.join(", ")
        )))
    });
    method(class, "__getitem__", |vm, own, arguments| {
        let [index] = arguments.exactly(vm, "__getitem__")?;
        item(vm, &own, &index)
    });
    for (name, connector) in [
        ("__and__", Connector::And),
        ("__or__", Connector::Or),
        ("__xor__", Connector::Xor),
    ] {
        method(class, name, move |vm, own, arguments| {
            let [other] = arguments.exactly(vm, name)?;
            match queryset_of(vm, &other)? {
                Some(other) => own.made(vm, own.queryset().combine(&other, connector)),
                None => {
                    let name = vm.type_name(&other);
                    let message = format!("'{name}' object has no attribute 'query'");
                    Err(vm.error("AttributeError", &message))
                }
            }
        });
    }
    class.property("model", |vm, value| {
        let own = own(vm, &value)?;
        let class = vm.django()?.model_class(&own.queryset().model().name);
        Ok(class.map_or(Object::None, Object::Class))
    });
    class.property("ordered", |vm, value| {
        Ok(Object::Bool(own(vm, &value)?.queryset().is_ordered()))
    });
    class.property("db", |_, _| Ok(Object::from("default")));
    class.property("query", |vm, value| {
        let own = own(vm, &value)?;
        let kind = Types::class("Query", "django.db.models.sql.query", &[&vm.types.object]);
        let sql = own.queryset().printed_query();
        let sql = sql.map_err(|error| vm.orm_error(error))?;
        kind.method("__str__", move |vm, _| match sql.as_str() {
            "" => Err(vm.error("EmptyResultSet", "")),
            sql => Ok(Object::from(sql)),
        });
        Ok(Object::Instance(Rc::new(Instance::new(kind))))
    });
}

fn item(vm: &mut Interpreter, own: &Own, index: &Object) -> PyResult {
    let negative = || "Negative indexing is not supported.";
    let natural = |vm: &Interpreter, value: &Object| -> PyResult<Option<u64>> {
        match value.plain() {
            Object::None => Ok(None),
            other => match other.as_i64().map(u64::try_from) {
                Some(Ok(value)) => Ok(Some(value)),
                Some(Err(_)) => Err(vm.value_error(negative())),
                None => {
                    let name = vm.type_name(other);
                    let message =
                        format!("'<' not supported between instances of '{name}' and 'int'");
                    Err(vm.type_error(message))
                }
            },
        }
    };
    match index.plain() {
        Object::Slice(parts) => {
            let (start, stop) = (natural(vm, &parts[0])?, natural(vm, &parts[1])?);
            if let Some(rows) = own.cached() {
                return vm.item(&Object::list(rows.to_vec()), index);
            }
            let narrowed = own.queryset().slice(start, stop);
            match parts[2].as_i64() {
                None => Ok(own.like(narrowed)),
                Some(_) => {
                    let rows = Object::list(read(vm, &narrowed)?);
                    let step = [Object::None, Object::None, parts[2].clone()];
                    vm.item(&rows, &Object::Slice(Rc::new(step)))
                }
            }
        }
        Object::Int(_) | Object::Bool(_) => {
            let Some(at) = natural(vm, index)? else {
                return Ok(Object::None);
            };
            if let Some(rows) = own.cached() {
                return vm.item(&Object::list(rows.to_vec()), index);
            }
            let row = connected(vm, |connection| own.queryset().at(connection, at))?;
            row_object(vm, &row, own.queryset())
        }
        other => {
            let name = vm.type_name(other);
            let message = format!("QuerySet indices must be integers or slices, not {name}.");
            Err(vm.type_error(message))
        }
    }
}

/// What `delete()` gives: how many rows, and of which models.
pub(super) fn deleted(vm: &mut Interpreter, count: u64, by_model: Vec<(String, u64)>) -> Object {
    let number = |value: u64| Object::from(i64::try_from(value).unwrap_or(i64::MAX));
    let items: Vec<(String, Object)> = by_model
        .into_iter()
        .map(|(name, count)| (name, number(count)))
        .collect();
    let items = vm.dict_from(items);
    Object::tuple([number(count), items])
}

/// An attribute that is no field: an annotation, or what prefetching set.
pub(super) fn attribute(vm: &mut Interpreter, found: &crate::orm::Attribute) -> PyResult {
    Ok(match found {
        crate::orm::Attribute::Value(value) => super::convert::to_python(value),
        crate::orm::Attribute::Clock { wall, zone } => zones::clock(*wall, zone),
        crate::orm::Attribute::Instance(instance) => match instance {
            Some(instance) => super::model::object(vm, instance)?,
            None => Object::None,
        },
        crate::orm::Attribute::Instances(instances) => {
            let mut found = Vec::new();
            for instance in instances {
                found.push(super::model::object(vm, instance)?);
            }
            Object::list(found)
        }
    })
}

/// The description and the rows of a queryset object, read when they were not yet.
pub(super) fn evaluated(
    vm: &mut Interpreter,
    object: &Object,
) -> PyResult<Option<(QuerySet, Rc<Vec<Object>>)>> {
    if !is_queryset(object) {
        return Ok(None);
    }
    let own = own(vm, object)?;
    let rows = own.rows(vm)?;
    Ok(Some((own.queryset().clone(), rows)))
}

/// Whether an object is a queryset.
pub(super) fn is_queryset(object: &Object) -> bool {
    object
        .as_instance()
        .is_some_and(|it| it.native::<State>().is_some())
}
