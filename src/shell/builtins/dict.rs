//! `dict`.

use crate::shell::interpret::Interpreter;
use crate::shell::value::{Arguments, Dict, Object, PyResult};
use std::cell::RefCell;
use std::rc::Rc;

type Shared = Rc<RefCell<Dict>>;

pub(super) fn install(vm: &mut Interpreter) {
    let class = vm.types.dict.clone();
    class.static_method("__new__", |vm, mut arguments| {
        let class = arguments.take_first();
        let dict: Shared = Rc::default();
        fill(vm, &dict, arguments)?;
        Ok(vm.wrap(&class, Object::Dict(dict)))
    });
    class.class_method("fromkeys", |vm, arguments| {
        let [_, keys, value] = arguments.bind(vm, "fromkeys", ["cls", "iterable", "value"], 2)?;
        let dict: Shared = Rc::default();
        for key in vm.collect(&keys.unwrap_or(Object::None))? {
            vm.dict_set(&dict, key, value.clone().unwrap_or(Object::None))?;
        }
        Ok(Object::Dict(dict))
    });
    class.method("keys", |vm, arguments| {
        let [dict] = arguments.exactly(vm, "dict.keys")?;
        let keys = own(vm, &dict)?.borrow().keys();
        Ok(view(vm, "dict_keys", keys))
    });
    class.method("values", |vm, arguments| {
        let [dict] = arguments.exactly(vm, "dict.values")?;
        let values = own(vm, &dict)?.borrow().values();
        Ok(view(vm, "dict_values", values))
    });
    class.method("items", |vm, arguments| {
        let [dict] = arguments.exactly(vm, "dict.items")?;
        let items = own(vm, &dict)?.borrow().items();
        let items = items
            .into_iter()
            .map(|(key, value)| Object::tuple([key, value]))
            .collect();
        Ok(view(vm, "dict_items", items))
    });
    class.method("get", |vm, arguments| {
        let [dict, key, default] = arguments.bind(vm, "get", ["self", "key", "default"], 2)?;
        let dict = own(vm, &dict.unwrap_or(Object::None))?;
        let found = vm.dict_get(&dict, &key.unwrap_or(Object::None))?;
        Ok(found.or(default).unwrap_or(Object::None))
    });
    class.method("setdefault", |vm, arguments| {
        let [dict, key, default] =
            arguments.bind(vm, "setdefault", ["self", "key", "default"], 2)?;
        let dict = own(vm, &dict.unwrap_or(Object::None))?;
        let key = key.unwrap_or(Object::None);
        if let Some(found) = vm.dict_get(&dict, &key)? {
            return Ok(found);
        }
        let default = default.unwrap_or(Object::None);
        vm.dict_set(&dict, key, default.clone())?;
        Ok(default)
    });
    class.method("pop", |vm, arguments| {
        let [dict, key, default] = arguments.bind(vm, "pop", ["self", "key", "default"], 2)?;
        let dict = own(vm, &dict.unwrap_or(Object::None))?;
        let key = key.unwrap_or(Object::None);
        match vm.dict_remove(&dict, &key)?.or(default) {
            Some(value) => Ok(value),
            None => Err(vm.key_error(&key)),
        }
    });
    class.method("popitem", |vm, arguments| {
        let [dict] = arguments.exactly(vm, "dict.popitem")?;
        let dict = own(vm, &dict)?;
        let last = dict.borrow().last();
        let entry = last.and_then(|slot| dict.borrow_mut().remove(slot));
        match entry {
            Some(entry) => Ok(Object::tuple([entry.key, entry.value])),
            None => Err(vm.key_error(&Object::from("popitem(): dictionary is empty"))),
        }
    });
    class.method("update", |vm, mut arguments| {
        let dict = arguments.take_first();
        let dict = own(vm, &dict)?;
        fill(vm, &dict, arguments)?;
        Ok(Object::None)
    });
    class.method("copy", |vm, arguments| {
        let [dict] = arguments.exactly(vm, "dict.copy")?;
        let copy = own(vm, &dict)?.borrow().clone();
        Ok(Object::dict(copy))
    });
    class.method("clear", |vm, arguments| {
        let [dict] = arguments.exactly(vm, "dict.clear")?;
        own(vm, &dict)?.borrow_mut().clear();
        Ok(Object::None)
    });
}

/// The table of a dict or of an instance of a subclass.
pub(crate) fn own(vm: &Interpreter, value: &Object) -> PyResult<Shared> {
    match value.plain() {
        Object::Dict(dict) => Ok(dict.clone()),
        other => Err(vm.type_error(format!(
            "descriptor requires a 'dict' object but received a '{}'",
            vm.type_name(other)
        ))),
    }
}

/// Keys, values or items as they are now: a list that prints as a view.
fn view(vm: &mut Interpreter, name: &str, items: Vec<Object>) -> Object {
    let class = vm.dict_view(name);
    let list = Object::list(items);
    Object::Instance(Rc::new(crate::shell::value::Instance::with_value(
        class, list,
    )))
}

impl Interpreter {
    /// The class of a view of a dict.
    fn dict_view(&mut self, name: &str) -> Rc<crate::shell::value::Class> {
        let hidden = format!("<{name}>");
        if let Some(Object::Class(class)) = self.builtins.borrow().get(hidden.as_str()) {
            return class.clone();
        }
        let class = crate::shell::interpret::Types::class(name, "builtins", &[&self.types.object]);
        let shown = name.to_owned();
        class.method("__repr__", move |vm, arguments| {
            let [value] = arguments.exactly(vm, "__repr__")?;
            let items = vm.repr(&value.plain().clone())?;
            Ok(Object::from(format!("{shown}({items})")))
        });
        for (name, operator) in [
            ("__and__", crate::shell::syntax::ast::BinaryOperator::And),
            ("__or__", crate::shell::syntax::ast::BinaryOperator::Or),
            (
                "__sub__",
                crate::shell::syntax::ast::BinaryOperator::Subtract,
            ),
        ] {
            class.method(name, move |vm, arguments| {
                let [left, right] = arguments.exactly(vm, name)?;
                let (left, right) = (vm.collect(&left)?, vm.collect(&right)?);
                let (left, right) = (vm.set_of(left)?, vm.set_of(right)?);
                vm.binary(operator, &left, &right)
            });
        }
        class.method("__eq__", |vm, arguments| {
            let [left, right] = arguments.exactly(vm, "__eq__")?;
            let Ok(right) = vm.collect(&right) else {
                return Ok(Object::NotImplemented);
            };
            let left = vm.collect(&left)?;
            let (left, right) = (vm.set_of(left)?, vm.set_of(right)?);
            vm.equal(&left, &right).map(Object::Bool)
        });
        class.set("__hash__", Object::None);
        self.builtins
            .borrow_mut()
            .insert(hidden.into(), Object::Class(class.clone()));
        class
    }
}

/// What `dict(…)` and `update(…)` do with their arguments.
pub(crate) fn fill(vm: &mut Interpreter, dict: &Shared, arguments: Arguments) -> PyResult<()> {
    let given = arguments.positional.len();
    if given > 1 {
        let message = format!("dict expected at most 1 argument, got {given}");
        return Err(vm.type_error(message));
    }
    if let Some(source) = arguments.positional.first() {
        match source.plain() {
            Object::Dict(other) => {
                let items = other.borrow().items();
                for (key, value) in items {
                    vm.dict_set(dict, key, value)?;
                }
            }
            _ => {
                for (at, item) in vm.collect(source)?.into_iter().enumerate() {
                    let Ok(pair) = vm.collect(&item) else {
                        let message = format!(
                            "cannot convert dictionary update sequence element #{at} to a sequence"
                        );
                        return Err(vm.type_error(message));
                    };
                    let length = pair.len();
                    let Ok([key, value]) = <[Object; 2]>::try_from(pair) else {
                        let message = format!(
                            "dictionary update sequence element #{at} has length {length}; 2 is \
                             required"
                        );
                        return Err(vm.value_error(message));
                    };
                    vm.dict_set(dict, key, value)?;
                }
            }
        }
    }
    for (name, value) in arguments.keywords {
        vm.dict_set(dict, Object::from(name), value)?;
    }
    Ok(())
}
