//! `collections`: `defaultdict`, `Counter`, `OrderedDict`, `namedtuple`.

use crate::shell::builtins::dict_fill;
use crate::shell::interpret::{Interpreter, Types};
use crate::shell::syntax::ast::{BinaryOperator, Name};
use crate::shell::value::{Arguments, Class, Dict, Instance, Object, PyResult};
use std::cell::RefCell;
use std::rc::Rc;

pub(super) fn install(vm: &mut Interpreter) {
    let module = super::add(vm, "collections");
    let dict = vm.types.dict.clone();
    let default = Types::class("defaultdict", "collections", &[&dict]);
    default.static_method("__new__", |_, mut arguments| {
        Ok(empty(arguments.take_first()))
    });
    default.method("__init__", |vm, mut arguments| {
        let value = arguments.take_first();
        let factory = if arguments.positional.is_empty() {
            Object::None
        } else {
            arguments.take_first()
        };
        if let Object::Instance(instance) = &value {
            instance.set("default_factory", factory);
        }
        if let Object::Dict(dict) = value.plain() {
            dict_fill(vm, dict, arguments)?;
        }
        Ok(Object::None)
    });
    default.method("__missing__", |vm, arguments| {
        let [value, key] = arguments.exactly(vm, "__missing__")?;
        let factory = value.as_instance().and_then(|it| it.get("default_factory"));
        let (Some(factory), Object::Dict(dict)) = (factory.and_then(Object::some), value.plain())
        else {
            return Err(vm.key_error(&key));
        };
        let made = vm.call(&factory, Arguments::default())?;
        vm.dict_set(dict, key, made.clone())?;
        Ok(made)
    });
    default.method("__repr__", |vm, arguments| {
        let [value] = arguments.exactly(vm, "__repr__")?;
        let factory = value.as_instance().and_then(|it| it.get("default_factory"));
        let factory = vm.repr(&factory.unwrap_or(Object::None))?;
        let items = vm.repr(&value.plain().clone())?;
        Ok(Object::from(format!("defaultdict({factory}, {items})")))
    });
    module.set("defaultdict", Object::Class(default));
    let ordered = Types::class("OrderedDict", "collections", &[&dict]);
    ordered.method("__repr__", |vm, arguments| {
        let [value] = arguments.exactly(vm, "__repr__")?;
        let items = vm.repr(&value.plain().clone())?;
        Ok(Object::from(match items.as_str() {
            "{}" => String::from("OrderedDict()"),
            items => format!("OrderedDict({items})"),
        }))
    });
    module.set("OrderedDict", Object::Class(ordered));
    module.set("Counter", Object::Class(counter(vm)));
    module.function("namedtuple", |vm, arguments| {
        let [name, fields] = arguments.exactly(vm, "namedtuple")?;
        let name = vm.str(&name)?;
        let fields: Vec<Name> = match fields.as_str() {
            Some(text) => text
                .replace(',', " ")
                .split_whitespace()
                .map(Name::from)
                .collect(),
            None => {
                let mut names = Vec::new();
                for field in vm.collect(&fields)? {
                    names.push(vm.str(&field)?);
                }
                names
            }
        };
        Ok(Object::Class(named_tuple(vm, &name, "__main__", fields)))
    });
}

fn empty(class: Object) -> Object {
    match class {
        Object::Class(class) => Object::Instance(Rc::new(Instance::with_value(
            class,
            Object::dict(Dict::default()),
        ))),
        _ => Object::dict(Dict::default()),
    }
}

fn counter(vm: &Interpreter) -> Rc<Class> {
    let class = Types::class("Counter", "collections", &[&vm.types.dict]);
    class.static_method("__new__", |_, mut arguments| {
        Ok(empty(arguments.take_first()))
    });
    class.method("__init__", |vm, mut arguments| {
        let value = arguments.take_first();
        let Object::Dict(dict) = value.plain() else {
            return Ok(Object::None);
        };
        count(vm, dict, arguments)
    });
    class.method("update", |vm, mut arguments| {
        let value = arguments.take_first();
        let Object::Dict(dict) = value.plain() else {
            return Ok(Object::None);
        };
        count(vm, dict, arguments)
    });
    class.method("__missing__", |_, _| Ok(Object::from(0i64)));
    class.method("total", |vm, arguments| {
        let [value] = arguments.exactly(vm, "total")?;
        let mut total = Object::from(0i64);
        if let Object::Dict(dict) = value.plain() {
            let values = dict.borrow().values();
            for value in values {
                total = vm.binary(BinaryOperator::Add, &total, &value)?;
            }
        }
        Ok(total)
    });
    class.method("most_common", |vm, arguments| {
        let [value, n] = arguments.bind(vm, "most_common", ["self", "n"], 1)?;
        let pairs = ranked(vm, &value.unwrap_or(Object::None))?;
        let n = n
            .and_then(|it| it.as_i64())
            .and_then(|it| usize::try_from(it).ok());
        let pairs = pairs.into_iter().take(n.unwrap_or(usize::MAX));
        Ok(Object::list(
            pairs
                .map(|(key, count)| Object::tuple([key, count]))
                .collect(),
        ))
    });
    class.method("__repr__", |vm, arguments| {
        let [value] = arguments.exactly(vm, "__repr__")?;
        let mut parts = Vec::new();
        for (key, count) in ranked(vm, &value)? {
            parts.push(format!("{}: {}", vm.repr(&key)?, vm.repr(&count)?));
        }
        Ok(Object::from(match parts.is_empty() {
            true => String::from("Counter()"),
            false => format!("Counter({{{}}})", parts.join(", ")),
        }))
    });
    class
}

fn count(vm: &mut Interpreter, dict: &Rc<RefCell<Dict>>, arguments: Arguments) -> PyResult {
    let mut counted = Vec::new();
    if let Some(source) = arguments.positional.first() {
        match source.plain() {
            Object::Dict(other) => counted = other.borrow().items(),
            _ => {
                for item in vm.collect(source)? {
                    counted.push((item, Object::from(1i64)));
                }
            }
        }
    }
    counted.extend(
        arguments
            .keywords
            .into_iter()
            .map(|(name, n)| (Object::from(name), n)),
    );
    for (key, more) in counted {
        let before = vm.dict_get(dict, &key)?.unwrap_or(Object::from(0i64));
        let total = vm.binary(BinaryOperator::Add, &before, &more)?;
        vm.dict_set(dict, key, total)?;
    }
    Ok(Object::None)
}

/// The largest counts first.
fn ranked(vm: &mut Interpreter, value: &Object) -> PyResult<Vec<(Object, Object)>> {
    let Object::Dict(dict) = value.plain() else {
        return Ok(Vec::new());
    };
    let mut pairs = dict.borrow().items();
    pairs.reverse();
    vm.sort(&mut pairs, |(_, count)| count)?;
    pairs.reverse();
    Ok(pairs)
}

/// A class of tuples with named items.
pub(crate) fn named_tuple(
    vm: &Interpreter,
    name: &str,
    module: &str,
    fields: Vec<Name>,
) -> Rc<Class> {
    let class = Types::class(name, module, &[&vm.types.tuple]);
    let names: Vec<Object> = fields.iter().cloned().map(Object::from).collect();
    class.set("_fields", Object::tuple(names));
    for (at, field) in fields.iter().enumerate() {
        let item = Item { at };
        class.set(field, Object::Descriptor(Rc::new(item)));
    }
    let known = fields.clone();
    let title = name.to_owned();
    class.static_method("__new__", move |vm, mut arguments| {
        let class = arguments.take_first();
        let mut values: Vec<Option<Object>> = std::mem::take(&mut arguments.positional)
            .into_iter()
            .map(Some)
            .collect();
        if values.len() > known.len() {
            let message = format!(
                "{title}.__new__() takes {} positional arguments but {} were given",
                known.len() + 1,
                values.len() + 1
            );
            return Err(vm.type_error(message));
        }
        values.resize(known.len(), None);
        for (slot, name) in values.iter_mut().zip(&known) {
            if slot.is_none() {
                *slot = arguments.take_keyword(name);
            }
        }
        if let Some((name, _)) = arguments.keywords.first() {
            let message = format!("{title}.__new__() got an unexpected keyword argument '{name}'");
            return Err(vm.type_error(message));
        }
        let mut items = Vec::new();
        for (value, name) in values.into_iter().zip(&known) {
            match value {
                Some(value) => items.push(value),
                None => {
                    let message = format!(
                        "{title}.__new__() missing 1 required positional argument: '{name}'"
                    );
                    return Err(vm.type_error(message));
                }
            }
        }
        Ok(vm.wrap(&class, Object::tuple(items)))
    });
    let known = fields.clone();
    class.method("__repr__", move |vm, arguments| {
        let [value] = arguments.exactly(vm, "__repr__")?;
        let mut parts = Vec::new();
        for (name, item) in known.iter().zip(vm.collect(value.plain())?) {
            parts.push(format!("{name}={}", vm.repr(&item)?));
        }
        Ok(Object::from(format!(
            "{}({})",
            vm.type_name(&value),
            parts.join(", ")
        )))
    });
    let (known, own) = (fields.clone(), class.clone());
    class.method("_replace", move |vm, mut arguments| {
        let value = arguments.take_first();
        let mut items = vm.collect(value.plain())?;
        let mut unknown = Vec::new();
        for (name, new) in arguments.keywords {
            let at = known.iter().position(|known| **known == *name);
            match at.and_then(|at| items.get_mut(at)) {
                Some(item) => *item = new,
                None => unknown.push(format!("'{name}'")),
            }
        }
        if !unknown.is_empty() {
            let message = format!("Got unexpected field names: [{}]", unknown.join(", "));
            return Err(vm.type_error(message));
        }
        Ok(vm.wrap(&Object::Class(own.clone()), Object::tuple(items)))
    });
    class.method("_asdict", move |vm, arguments| {
        let [value] = arguments.exactly(vm, "_asdict")?;
        let items = vm.collect(value.plain())?;
        let pairs: Vec<_> = fields.iter().cloned().zip(items).collect();
        Ok(vm.dict_from(pairs))
    });
    class
}

struct Item {
    at: usize,
}

impl crate::shell::value::Descriptor for Item {
    fn get(
        &self,
        _: &mut Interpreter,
        instance: Option<&Rc<Instance>>,
        owner: &Rc<Class>,
    ) -> PyResult {
        Ok(match instance.map(|it| &it.value) {
            Some(Some(Object::Tuple(items))) => items.get(self.at).cloned().unwrap_or(Object::None),
            _ => Object::Class(owner.clone()),
        })
    }

    fn set(&self, vm: &mut Interpreter, _: &Rc<Instance>, _: Object) -> PyResult<bool> {
        Err(vm.error("AttributeError", "can't set attribute"))
    }

    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
}
