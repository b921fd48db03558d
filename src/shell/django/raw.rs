//! SQL that a person writes: `Model.objects.raw()` and `connection.cursor()`.

use super::convert::{to_operand, to_python, to_value};
use super::expression::prefetches;
use super::queryset::connected;
use crate::base::Value;
use crate::market::catalogue::Model;
use crate::orm::raw::{Params, RawQuerySet, bind_for};
use crate::orm::rows::execute;
use crate::orm::{Operand, QuerySet};
use crate::shell::interpret::{Interpreter, Types};
use crate::shell::value::{Class, Instance, Iterator, Object, PyResult};
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

/// What stands behind the object that `raw()` gives.
struct State {
    queryset: RawQuerySet,
    /// The names of the columns and the rows, once they were read.
    cache: RefCell<Option<Read>>,
}

#[derive(Clone)]
struct Read {
    columns: Rc<[String]>,
    rows: Rc<[Object]>,
}

/// Adds `raw()` to querysets.
pub(super) fn install(vm: &mut Interpreter, queryset: &Rc<Class>) -> PyResult<()> {
    let class = Types::class("RawQuerySet", "django.db.models.query", &[&vm.types.object]);
    container(&class);
    class.method("prefetch_related", |vm, mut arguments| {
        let own = arguments.take_first();
        let state = state(vm, &own)?;
        let lookups = prefetches(vm, &arguments.positional)?;
        Ok(object(
            vm.class_of(&own),
            state.queryset.prefetch_related(lookups),
        ))
    });
    class.property("columns", |vm, own| {
        let columns = read(vm, &own)?.columns;
        let columns = columns.iter().map(|name| Object::from(name.as_str()));
        Ok(Object::list(columns.collect()))
    });
    class.property("model", |vm, own| {
        let name = state(vm, &own)?.queryset.model().name.clone();
        let class = vm.django()?.model_class(&name);
        Ok(class.map_or(Object::None, Object::Class))
    });
    queryset.method("raw", move |vm, mut arguments| {
        let own = arguments.take_first();
        let names = ["raw_query", "params", "translations", "using"];
        let [sql, params, translations, _] = arguments.bind(vm, "QuerySet.raw", names, 1)?;
        let sql = vm.str(&sql.unwrap_or(Object::None))?.to_string();
        let params = match params {
            Some(params) => parameters(vm, &params)?,
            None => Params::Positional(Vec::new()),
        };
        let mut pairs = Vec::new();
        if let Some(Object::Dict(dict)) = translations {
            let items = dict.borrow().items();
            for (from, to) in items {
                pairs.push((vm.str(&from)?.to_string(), vm.str(&to)?.to_string()));
            }
        }
        let rows: Option<QuerySet> = super::queryset::queryset_of(vm, &own)?;
        let Some(rows) = rows else {
            return Err(vm.type_error("a QuerySet was expected"));
        };
        let catalogue = vm.django()?.catalogue();
        let made = RawQuerySet::new(catalogue, rows.model().clone(), sql, params, pairs);
        Ok(object(class.clone(), made))
    });
    Ok(())
}

fn object(class: Rc<Class>, queryset: RawQuerySet) -> Object {
    let state = State {
        queryset,
        cache: RefCell::new(None),
    };
    Object::Instance(Rc::new(Instance::with_native(class, Rc::new(state))))
}

fn state(vm: &Interpreter, object: &Object) -> PyResult<Rc<State>> {
    let found = object.as_instance().and_then(|it| it.native::<State>());
    found.ok_or_else(|| vm.type_error("a RawQuerySet was expected"))
}

/// The rows, read when they were not yet.
fn read(vm: &mut Interpreter, own: &Object) -> PyResult<Read> {
    let state = state(vm, own)?;
    let known = state.cache.borrow().clone();
    if let Some(read) = known {
        return Ok(read);
    }
    let (columns, rows) = connected(vm, |connection| state.queryset.fetch(connection))?;
    let mut objects = Vec::with_capacity(rows.len());
    for row in &rows {
        vm.step()?;
        objects.push(super::model::object(vm, row)?);
    }
    let read = Read {
        columns: columns.into(),
        rows: objects.into(),
    };
    *state.cache.borrow_mut() = Some(read.clone());
    Ok(read)
}

/// Whether an object is what `raw()` gives.
pub(super) fn is_raw(object: &Object) -> bool {
    object
        .as_instance()
        .is_some_and(|it| it.native::<State>().is_some())
}

/// The model, the names of the columns and the rows of what `raw()` gave; `None` for any other
/// object.
#[expect(clippy::type_complexity, reason = "the parts of a table")]
pub(super) fn evaluated(
    vm: &mut Interpreter,
    own: &Object,
) -> PyResult<Option<(Arc<Model>, Vec<String>, Vec<Object>)>> {
    if !is_raw(own) {
        return Ok(None);
    }
    let model = state(vm, own)?.queryset.model().clone();
    let read = read(vm, own)?;
    let names = read.columns.iter().map(|column| {
        let field = model.fields.iter().find(|field| field.column == *column);
        field
            .map_or(column.as_str(), |field| field.attname())
            .to_owned()
    });
    let names = names.collect();
    Ok(Some((model, names, read.rows.to_vec())))
}

fn container(class: &Rc<Class>) {
    for name in ["__iter__", "iterator"] {
        class.method(name, |vm, mut arguments| {
            let own = arguments.take_first();
            let rows = read(vm, &own)?.rows;
            Ok(Object::Iterator(Rc::new(Iterator::over(
                "generator",
                rows.to_vec(),
            ))))
        });
    }
    class.method("__len__", |vm, arguments| {
        let [own] = arguments.exactly(vm, "__len__")?;
        Ok(Object::from(read(vm, &own)?.rows.len()))
    });
    class.method("__bool__", |vm, arguments| {
        let [own] = arguments.exactly(vm, "__bool__")?;
        Ok(Object::Bool(!read(vm, &own)?.rows.is_empty()))
    });
    class.method("__getitem__", |vm, arguments| {
        let [own, index] = arguments.exactly(vm, "__getitem__")?;
        let rows = read(vm, &own)?.rows;
        vm.item(&Object::list(rows.to_vec()), &index)
    });
    class.method("__repr__", |vm, arguments| {
        let [own] = arguments.exactly(vm, "__repr__")?;
        let text = state(vm, &own)?.queryset.text();
        Ok(Object::from(format!("<RawQuerySet: {text}>")))
    });
}

/// `params`: a list, a dict, or none.
fn parameters(vm: &mut Interpreter, given: &Object) -> PyResult<Params> {
    let value = |vm: &mut Interpreter, object: &Object| -> PyResult<Value> {
        if let Some(value) = to_value(vm, object)? {
            return Ok(value);
        }
        let mut items = Vec::new();
        if let Operand::List(given) = to_operand(vm, object)? {
            for item in given {
                if let Operand::Value(item) = item {
                    items.push(item.0);
                }
            }
        }
        Ok(Value::Array(items.into()))
    };
    match given.plain() {
        Object::None => Ok(Params::Absent),
        Object::Dict(dict) => {
            let items = dict.borrow().items();
            let mut named = Vec::new();
            for (name, object) in items {
                named.push((vm.str(&name)?.to_string(), value(vm, &object)?));
            }
            Ok(Params::Named(named))
        }
        other => {
            let mut values = Vec::new();
            for object in vm.collect(other)? {
                values.push(value(vm, &object)?);
            }
            Ok(Params::Positional(values))
        }
    }
}

/// What a cursor's last statement gave.
#[derive(Default)]
struct Cursor {
    rows: Vec<Object>,
    /// How many of them were fetched.
    fetched: usize,
}

/// Adds `connection.cursor()`.
pub(super) fn cursor(vm: &mut Interpreter, wrapper: &Rc<Class>) {
    let class = Types::class(
        "CursorWrapper",
        "django.db.backends.utils",
        &[&vm.types.object],
    );
    class.method("__enter__", |_, mut arguments| Ok(arguments.take_first()));
    for name in ["__exit__", "close"] {
        class.method(name, |_, mut arguments| {
            if let Object::Instance(own) = arguments.take_first() {
                *own.native.borrow_mut() = None;
                own.set("description", Object::None);
                own.set("rowcount", Object::from(-1i64));
            }
            Ok(Object::None)
        });
    }
    class.method("execute", |vm, arguments| {
        let [own, sql, params] = arguments.bind(vm, "execute", ["self", "sql", "params"], 2)?;
        let sql = vm.str(&sql.unwrap_or(Object::None))?;
        let params = match params {
            Some(params) => parameters(vm, &params)?,
            None => Params::Absent,
        };
        run(vm, &own.unwrap_or(Object::None), &sql, &params)?;
        Ok(Object::None)
    });
    class.method("executemany", |vm, arguments| {
        let [own, sql, list] = arguments.exactly(vm, "executemany")?;
        let sql = vm.str(&sql)?;
        for params in vm.collect(&list)? {
            let params = parameters(vm, &params)?;
            run(vm, &own, &sql, &params)?;
        }
        Ok(Object::None)
    });
    class.method("fetchone", |vm, arguments| {
        let [own] = arguments.exactly(vm, "fetchone")?;
        Ok(fetch(vm, &own, 1)?
            .into_iter()
            .next()
            .unwrap_or(Object::None))
    });
    class.method("fetchmany", |vm, arguments| {
        let [own, size] = arguments.bind(vm, "fetchmany", ["self", "size"], 1)?;
        let size = size.and_then(|it| it.as_i64()).unwrap_or(1);
        let size = usize::try_from(size).unwrap_or(0);
        fetch(vm, &own.unwrap_or(Object::None), size).map(Object::list)
    });
    class.method("fetchall", |vm, arguments| {
        let [own] = arguments.exactly(vm, "fetchall")?;
        fetch(vm, &own, usize::MAX).map(Object::list)
    });
    class.method("__iter__", |vm, arguments| {
        let [own] = arguments.exactly(vm, "__iter__")?;
        let rows = fetch(vm, &own, usize::MAX)?;
        Ok(Object::Iterator(Rc::new(Iterator::over("generator", rows))))
    });
    wrapper.method("cursor", move |_, _| {
        let made = Instance::with_native(class.clone(), Rc::new(RefCell::new(Cursor::default())));
        made.set("description", Object::None);
        made.set("rowcount", Object::from(-1i64));
        Ok(Object::Instance(Rc::new(made)))
    });
}

/// What an open cursor holds.
fn held(vm: &Interpreter, own: &Object) -> PyResult<Rc<RefCell<Cursor>>> {
    let held = own
        .as_instance()
        .and_then(|it| it.native::<RefCell<Cursor>>());
    held.ok_or_else(|| vm.error("InterfaceError", "the cursor is closed"))
}

fn run(vm: &mut Interpreter, own: &Object, sql: &str, params: &Params) -> PyResult<()> {
    held(vm, own)?;
    let executed = connected(vm, |connection| {
        let sql = bind_for(connection, sql, params)?;
        execute(connection, &sql)
    })?;
    let Some(instance) = own.as_instance() else {
        return Ok(());
    };
    let count = i64::try_from(executed.row_count).unwrap_or(i64::MAX);
    instance.set("rowcount", Object::from(count));
    let mut cursor = Cursor::default();
    let mut description = Object::None;
    if let Some(found) = &executed.rows {
        let names: Vec<String> = found
            .fields
            .iter()
            .map(|field| field.name.to_string())
            .collect();
        description = described(vm, &names);
        for row in found.rows(0) {
            vm.step()?;
            let row: Vec<Value> = row;
            cursor
                .rows
                .push(Object::tuple(row.iter().map(to_python).collect::<Vec<_>>()));
        }
    }
    instance.set("description", description);
    *instance.native.borrow_mut() = Some(Rc::new(RefCell::new(cursor)));
    Ok(())
}

/// `cursor.description`: a column's name comes first.
fn described(vm: &mut Interpreter, names: &[String]) -> Object {
    let parts = [
        "name",
        "type_code",
        "display_size",
        "internal_size",
        "precision",
        "scale",
        "null_ok",
    ];
    let fields = parts.iter().map(|part| Rc::from(*part)).collect();
    let class = crate::shell::modules::named_tuple(vm, "Column", "psycopg", fields);
    let columns = names.iter().map(|name| {
        let mut values = vec![Object::None; parts.len()];
        if let Some(first) = values.first_mut() {
            *first = Object::from(name.as_str());
        }
        vm.wrap(&Object::Class(class.clone()), Object::tuple(values))
    });
    Object::list(columns.collect())
}

fn fetch(vm: &Interpreter, own: &Object, most: usize) -> PyResult<Vec<Object>> {
    let held = held(vm, own)?;
    let described = own.as_instance().and_then(|it| it.get("description"));
    if described.is_none_or(|it| it.is_none()) {
        return Err(vm.error("ProgrammingError", "no result available"));
    }
    let mut cursor = held.borrow_mut();
    let rest = cursor.rows.get(cursor.fetched..).unwrap_or_default();
    let taken: Vec<Object> = rest.iter().take(most).cloned().collect();
    cursor.fetched += taken.len();
    Ok(taken)
}
