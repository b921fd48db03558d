//! `QuerySet`: lazy, with a result cache, and as many methods as Django's.

use super::convert::{annotations, keywords, operands, texts, to_operand, to_python};
use super::expression::{condition, prefetches};
use super::model::fill_defaults;
use crate::orm::compiler::OnConflict;
use crate::orm::query::{Explain, ForUpdate};
use crate::orm::{
    Connection, Connector, FetchMode, Instance as ModelInstance, Operand, OrmError, QuerySet, Row,
    RowShape,
};
use crate::shell::interpret::{Interpreter, Types};
use crate::shell::value::{Arguments, Class, Instance, Iterator, Module, Object, PyResult};
use std::cell::RefCell;
use std::rc::Rc;

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
    for row in &rows {
        vm.step()?;
        objects.push(row_object(vm, row)?);
    }
    Ok(objects)
}

fn row_object(vm: &mut Interpreter, row: &Row) -> PyResult {
    Ok(match row {
        Row::Instance(instance) => super::model::object(vm, instance)?,
        Row::Dict(items) => {
            let items: Vec<(&str, Object)> = items
                .iter()
                .map(|(name, value)| (name.as_str(), to_python(value)))
                .collect();
            vm.dict_from(items)
        }
        Row::Tuple(values) => Object::tuple(values.iter().map(to_python).collect::<Vec<_>>()),
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
            let values: Vec<Object> = values.iter().map(to_python).collect();
            vm.wrap(&Object::Class(class), Object::tuple(values))
        }
        Row::Flat(value) => to_python(value),
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

/// Adds the class.
pub(super) fn install(vm: &mut Interpreter, models: &Rc<Module>) -> PyResult<()> {
    let class = Types::class("QuerySet", "django.db.models.query", &[&vm.types.object]);
    container(&class);
    chains(&class);
    shapes(&class);
    readers(&class);
    writers(&class);
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
                None => Ok(Object::NotImplemented),
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
        let sql = own.queryset().sql().map_err(|error| vm.orm_error(error))?;
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
                _ => Err(vm.value_error(negative())),
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
            row_object(vm, &row)
        }
        other => {
            let name = vm.type_name(other);
            let message = format!("QuerySet indices must be integers or slices, not {name}.");
            Err(vm.type_error(message))
        }
    }
}

/// Methods that give another queryset of the same rows.
fn chains(class: &Rc<Class>) {
    method(class, "all", |_, own, _| Ok(own.like(own.queryset().all())));
    method(class, "none", |_, own, _| {
        Ok(own.like(own.queryset().none()))
    });
    method(class, "using", |_, own, _| {
        Ok(own.like(own.queryset().all()))
    });
    method(class, "filter", |vm, own, arguments| {
        let condition = condition(vm, &arguments)?;
        own.made(vm, own.queryset().filter(condition))
    });
    method(class, "exclude", |vm, own, arguments| {
        let condition = condition(vm, &arguments)?;
        own.made(vm, own.queryset().exclude(condition))
    });
    method(class, "complex_filter", |vm, own, arguments| {
        let condition = condition(vm, &arguments)?;
        own.made(vm, own.queryset().filter(condition))
    });
    method(class, "annotate", |vm, own, arguments| {
        let (positional, named) = annotations(vm, &arguments)?;
        own.made(vm, own.queryset().annotate(positional, named))
    });
    method(class, "alias", |vm, own, arguments| {
        let (positional, named) = annotations(vm, &arguments)?;
        own.made(vm, own.queryset().alias(positional, named))
    });
    method(class, "order_by", |vm, own, arguments| {
        let keys = operands(vm, &arguments.positional)?;
        own.made(vm, own.queryset().order_by(keys))
    });
    method(class, "reverse", |vm, own, _| {
        own.made(vm, own.queryset().reverse())
    });
    method(class, "distinct", |vm, own, arguments| {
        let names = texts(vm, &arguments.positional)?;
        own.made(vm, own.queryset().distinct(&names))
    });
    method(class, "select_related", |vm, own, arguments| {
        if matches!(arguments.positional.as_slice(), [Object::None]) {
            return Ok(own.like(own.queryset().without_select_related()));
        }
        let names = texts(vm, &arguments.positional)?;
        own.made(vm, own.queryset().select_related(&names))
    });
    method(class, "prefetch_related", |vm, own, arguments| {
        if matches!(arguments.positional.as_slice(), [Object::None]) {
            return Ok(own.like(own.queryset().without_prefetch()));
        }
        let lookups = prefetches(vm, &arguments.positional)?;
        own.made(vm, own.queryset().prefetch_related(lookups))
    });
    method(class, "only", |vm, own, arguments| {
        let names = texts(vm, &arguments.positional)?;
        own.made(vm, own.queryset().only(&names))
    });
    method(class, "defer", |vm, own, arguments| {
        if matches!(arguments.positional.as_slice(), [Object::None]) {
            return Ok(own.like(own.queryset().without_deferral()));
        }
        let names = texts(vm, &arguments.positional)?;
        own.made(vm, own.queryset().defer(&names))
    });
    method(class, "select_for_update", |vm, own, mut arguments| {
        let mut lock = ForUpdate::default();
        for (name, slot) in [
            ("nowait", &mut lock.nowait),
            ("skip_locked", &mut lock.skip_locked),
            ("no_key", &mut lock.no_key),
        ] {
            if let Some(value) = arguments.take_keyword(name) {
                *slot = vm.is_true(&value)?;
            }
        }
        if let Some(of) = arguments.take_keyword("of") {
            let of = vm.collect(&of)?;
            lock.of = texts(vm, &of)?;
        }
        own.made(vm, own.queryset().select_for_update(lock))
    });
    method(class, "fetch_mode", |vm, own, arguments| {
        let [mode] = arguments.exactly(vm, "fetch_mode")?;
        match mode.as_instance().and_then(|it| it.native::<FetchMode>()) {
            Some(mode) => Ok(own.like(own.queryset().with_fetch_mode(*mode))),
            None => Err(vm.type_error("fetch_mode() needs one of the FETCH_… modes")),
        }
    });
    method(class, "union", |vm, own, mut arguments| {
        let all = match arguments.take_keyword("all") {
            Some(value) => vm.is_true(&value)?,
            None => false,
        };
        let others = querysets(vm, &arguments.positional)?;
        own.made(vm, own.queryset().union(&others, all))
    });
    method(class, "intersection", |vm, own, arguments| {
        let others = querysets(vm, &arguments.positional)?;
        Ok(own.like(own.queryset().intersection(&others)))
    });
    method(class, "difference", |vm, own, arguments| {
        let others = querysets(vm, &arguments.positional)?;
        Ok(own.like(own.queryset().difference(&others)))
    });
    class.method("extra", |vm, _| {
        let message = "not supported here: extra(); annotate() and filter() say it";
        Err(vm.error("NotImplementedError", message))
    });
}

/// Methods of querysets that are refused.
pub(in crate::shell) const REFUSED: &[&str] = &["extra"];

fn querysets(vm: &mut Interpreter, objects: &[Object]) -> PyResult<Vec<QuerySet>> {
    let mut found = Vec::new();
    for value in objects {
        match queryset_of(vm, value)? {
            Some(queryset) => found.push(queryset),
            None => {
                let name = vm.type_name(value);
                let message = format!("'{name}' object has no attribute 'query'");
                return Err(vm.error("AttributeError", &message));
            }
        }
    }
    Ok(found)
}

/// `values()` and its siblings.
fn shapes(class: &Rc<Class>) {
    method(class, "values", |vm, own, mut arguments| {
        let mut names = Vec::new();
        let mut unnamed = Vec::new();
        for value in std::mem::take(&mut arguments.positional) {
            match to_operand(vm, &value)? {
                Operand::Expr(_) => unnamed.push(value),
                _ => names.push(vm.str(&value)?.to_string()),
            }
        }
        arguments.positional = unnamed;
        let (_, named) = annotations(vm, &arguments)?;
        own.made(vm, own.queryset().values(&names, named))
    });
    method(class, "values_list", |vm, own, mut arguments| {
        let mut truth = |vm: &mut Interpreter, name: &str| match arguments.take_keyword(name) {
            Some(value) => vm.is_true(&value),
            None => Ok(false),
        };
        let (flat, named) = (truth(vm, "flat")?, truth(vm, "named")?);
        let shape = match (flat, named) {
            (true, true) => {
                return Err(vm.type_error("'flat' and 'named' can't be used together."));
            }
            (true, false) => RowShape::Flat,
            (false, true) => RowShape::Named,
            (false, false) => RowShape::Tuples,
        };
        let columns = operands(vm, &arguments.positional)?;
        own.made(vm, own.queryset().values_list(columns, shape))
    });
    method(class, "dates", |vm, own, arguments| {
        let [field, kind, order] =
            arguments.bind(vm, "dates", ["field_name", "kind", "order"], 2)?;
        let field = vm.str(&field.unwrap_or(Object::None))?;
        let kind = vm.str(&kind.unwrap_or(Object::None))?;
        let order = vm.str(&order.unwrap_or(Object::from("ASC")))?;
        own.made(vm, own.queryset().dates(&field, &kind, &order))
    });
    method(class, "datetimes", |vm, own, arguments| {
        let [field, kind, order, zone] = arguments.bind(
            vm,
            "datetimes",
            ["field_name", "kind", "order", "tzinfo"],
            2,
        )?;
        let field = vm.str(&field.unwrap_or(Object::None))?;
        let kind = vm.str(&kind.unwrap_or(Object::None))?;
        let order = vm.str(&order.unwrap_or(Object::from("ASC")))?;
        let zone = match zone {
            Some(Object::TimeZone(zone)) => Some(zone.name()),
            _ => None,
        };
        own.made(vm, own.queryset().datetimes(&field, &kind, &order, zone))
    });
}

/// Methods that read.
fn readers(class: &Rc<Class>) {
    method(class, "get", |vm, own, arguments| {
        let condition = condition(vm, &arguments)?;
        let row = connected(vm, |connection| own.queryset().get(connection, condition))?;
        row_object(vm, &row)
    });
    method(class, "count", |vm, own, _| match own.cached() {
        Some(rows) => Ok(Object::from(rows.len())),
        None => {
            let count = connected(vm, |connection| own.queryset().count(connection))?;
            Ok(Object::from(count))
        }
    });
    method(class, "exists", |vm, own, _| match own.cached() {
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
        method(class, name, move |vm, own, _| {
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
                Some(row) => row_object(vm, &row),
                None => Ok(Object::None),
            }
        });
    }
    for (name, latest) in [("earliest", false), ("latest", true)] {
        method(class, name, move |vm, own, arguments| {
            let fields = texts(vm, &arguments.positional)?;
            let row = connected(vm, |connection| match latest {
                true => own.queryset().latest(connection, &fields),
                false => own.queryset().earliest(connection, &fields),
            })?;
            row_object(vm, &row)
        });
    }
    method(class, "contains", |vm, own, arguments| {
        let [value] = arguments.exactly(vm, "contains")?;
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
        let [ids, field] = arguments.bind(vm, "in_bulk", ["id_list", "field_name"], 0)?;
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
                let row = row_object(vm, &row)?;
                vm.dict_set(dict, to_python(&key), row)?;
            }
        }
        Ok(table)
    });
    method(class, "iterator", |vm, own, arguments| {
        let [size] = arguments.bind(vm, "iterator", ["chunk_size"], 0)?;
        let size = size.and_then(Object::some);
        if size.is_none() && !own.queryset().prefetches().is_empty() {
            let message = "chunk_size must be provided when using QuerySet.iterator() after \
                           prefetch_related().";
            return Err(vm.value_error(message));
        }
        if size
            .as_ref()
            .and_then(Object::as_i64)
            .is_some_and(|size| size <= 0)
        {
            return Err(vm.value_error("Chunk size must be strictly positive."));
        }
        let rows = read(vm, own.queryset())?;
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

/// Methods that write.
fn writers(class: &Rc<Class>) {
    method(class, "create", |vm, own, arguments| {
        let model = vm.django()?.model_class(&own.queryset().model().name);
        // A class with a `save()` of its own goes through it.
        if let Some(model) = model
            && super::model::is_custom(&model)
        {
            let made = vm.instantiate(&model, arguments)?;
            let mut given = Arguments::default();
            given
                .keywords
                .push(("force_insert".into(), Object::Bool(true)));
            vm.call_method(&made, "save", given)?;
            return Ok(made);
        }
        let mut given = keywords(vm, &arguments.keywords)?;
        let name = own.queryset().model().name.clone();
        fill_defaults(vm, &name, &mut given, &[])?;
        let made = connected(vm, |connection| own.queryset().create(connection, given))?;
        super::model::object(vm, &made)
    });
    method(class, "get_or_create", |vm, own, mut arguments| {
        let mut given = defaults(vm, arguments.take_keyword("defaults"))?.unwrap_or_default();
        let lookups = keywords(vm, &arguments.keywords)?;
        let name = own.queryset().model().name.clone();
        fill_defaults(vm, &name, &mut given, &lookups)?;
        let (made, created) = connected(vm, |connection| {
            own.queryset().get_or_create(connection, given, lookups)
        })?;
        let made = super::model::object(vm, &made)?;
        Ok(Object::tuple([made, Object::Bool(created)]))
    });
    method(class, "update_or_create", |vm, own, mut arguments| {
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
        let made = super::model::object(vm, &made)?;
        Ok(Object::tuple([made, Object::Bool(created)]))
    });
    method(class, "update", |vm, own, arguments| {
        let values = keywords(vm, &arguments.keywords)?;
        let [] = Arguments::from(arguments.positional).exactly(vm, "update")?;
        let count = connected(vm, |connection| own.queryset().update(connection, &values))?;
        Ok(Object::from(i64::try_from(count).unwrap_or(i64::MAX)))
    });
    method(class, "delete", |vm, own, _| {
        let (count, by_model) = connected(vm, |connection| own.queryset().delete(connection))?;
        Ok(deleted(vm, count, by_model))
    });
    method(class, "bulk_create", |vm, own, mut arguments| {
        let conflict = conflict(vm, &mut arguments)?;
        let [objects, size] = arguments.bind(vm, "bulk_create", ["objs", "batch_size"], 1)?;
        let objects = vm.collect(&objects.unwrap_or(Object::None))?;
        let rows: Vec<ModelInstance> = objects.iter().filter_map(model_instance).collect();
        let size = size.and_then(|it| it.as_i64());
        connected(vm, |connection| {
            own.queryset()
                .bulk_create(connection, &rows, size, &conflict)
        })?;
        Ok(Object::list(objects))
    });
    method(class, "bulk_update", |vm, own, arguments| {
        let [objects, fields, size] =
            arguments.bind(vm, "bulk_update", ["objs", "fields", "batch_size"], 2)?;
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
        crate::orm::Attribute::Value(value) => to_python(value),
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
