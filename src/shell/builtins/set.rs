//! `set` and `frozenset`.

use crate::shell::interpret::Interpreter;
use crate::shell::syntax::ast::BinaryOperator;
use crate::shell::value::{Dict, Object, PyResult};
use std::cell::RefCell;
use std::rc::Rc;

type Shared = Rc<RefCell<Dict>>;

pub(super) fn install(vm: &mut Interpreter) {
    let types = vm.types.clone();
    for (class, frozen) in [(&types.set, false), (&types.frozenset, true)] {
        class.static_method("__new__", move |vm, mut arguments| {
            let class = arguments.take_first();
            let [items] = arguments.bind(vm, "set", ["iterable"], 0)?;
            let items = match items {
                Some(items) => vm.collect(&items)?,
                None => Vec::new(),
            };
            let made = vm.set_of(items)?;
            Ok(vm.wrap(&class, freeze(made, frozen)))
        });
        for (name, operator) in [
            ("union", BinaryOperator::Or),
            ("intersection", BinaryOperator::And),
            ("difference", BinaryOperator::Subtract),
            ("symmetric_difference", BinaryOperator::Xor),
        ] {
            class.method(name, move |vm, mut arguments| {
                let mut result = own(vm, &arguments.take_first())?;
                for other in arguments.positional {
                    let other = as_set(vm, &other)?;
                    result = vm.set_operation(operator, &result, &other)?;
                }
                let copy = result.borrow().clone();
                Ok(freeze(Object::set(copy), frozen))
            });
        }
        for (name, swap) in [("issubset", false), ("issuperset", true)] {
            class.method(name, move |vm, arguments| {
                let [set, other] = arguments.exactly(vm, name)?;
                let (mut small, mut large) = (own(vm, &set)?, as_set(vm, &other)?);
                if swap {
                    std::mem::swap(&mut small, &mut large);
                }
                let keys = small.borrow().keys();
                for key in keys {
                    if vm.dict_get(&large, &key)?.is_none() {
                        return Ok(Object::Bool(false));
                    }
                }
                Ok(Object::Bool(true))
            });
        }
        class.method("isdisjoint", |vm, arguments| {
            let [set, other] = arguments.exactly(vm, "isdisjoint")?;
            let (set, other) = (own(vm, &set)?, as_set(vm, &other)?);
            let common = vm.set_operation(BinaryOperator::And, &set, &other)?;
            let empty = common.borrow().is_empty();
            Ok(Object::Bool(empty))
        });
        class.method("copy", move |vm, arguments| {
            let [set] = arguments.exactly(vm, "copy")?;
            let copy = own(vm, &set)?.borrow().clone();
            Ok(freeze(Object::set(copy), frozen))
        });
    }
    let class = &types.set;
    class.method("add", |vm, arguments| {
        let [set, item] = arguments.exactly(vm, "set.add")?;
        let set = own(vm, &set)?;
        if vm.dict_get(&set, &item)?.is_none() {
            vm.dict_set(&set, item, Object::None)?;
        }
        Ok(Object::None)
    });
    class.method("discard", |vm, arguments| {
        let [set, item] = arguments.exactly(vm, "set.discard")?;
        let set = own(vm, &set)?;
        vm.dict_remove(&set, &item)?;
        Ok(Object::None)
    });
    class.method("remove", |vm, arguments| {
        let [set, item] = arguments.exactly(vm, "set.remove")?;
        let set = own(vm, &set)?;
        match vm.dict_remove(&set, &item)? {
            Some(_) => Ok(Object::None),
            None => Err(vm.key_error(&item)),
        }
    });
    class.method("pop", |vm, arguments| {
        let [set] = arguments.exactly(vm, "set.pop")?;
        let set = own(vm, &set)?;
        let first = set.borrow().first();
        let entry = first.and_then(|slot| set.borrow_mut().remove(slot));
        match entry {
            Some(entry) => Ok(entry.key),
            None => Err(vm.key_error(&Object::from("pop from an empty set"))),
        }
    });
    class.method("clear", |vm, arguments| {
        let [set] = arguments.exactly(vm, "set.clear")?;
        own(vm, &set)?.borrow_mut().clear();
        Ok(Object::None)
    });
    class.method("update", |vm, mut arguments| {
        let set = own(vm, &arguments.take_first())?;
        for other in arguments.positional {
            for item in vm.collect(&other)? {
                if vm.dict_get(&set, &item)?.is_none() {
                    vm.dict_set(&set, item, Object::None)?;
                }
            }
        }
        Ok(Object::None)
    });
}

fn freeze(set: Object, frozen: bool) -> Object {
    match set {
        Object::Set(set) if frozen => Object::FrozenSet(set),
        other => other,
    }
}

fn own(vm: &Interpreter, value: &Object) -> PyResult<Shared> {
    match value.plain() {
        Object::Set(set) | Object::FrozenSet(set) => Ok(set.clone()),
        other => Err(vm.type_error(format!(
            "descriptor requires a 'set' object but received a '{}'",
            vm.type_name(other)
        ))),
    }
}

fn as_set(vm: &mut Interpreter, value: &Object) -> PyResult<Shared> {
    if let Object::Set(set) | Object::FrozenSet(set) = value.plain() {
        return Ok(set.clone());
    }
    let items = vm.collect(value)?;
    let made = vm.set_of(items)?;
    own(vm, &made)
}
