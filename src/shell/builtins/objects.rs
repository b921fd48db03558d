//! `object`, `type`, `property`, `staticmethod`, `classmethod`, `super`.

use crate::shell::interpret::Interpreter;
use crate::shell::value::class::{Keep, Property};
use crate::shell::value::{Namespace, Object};
use std::rc::Rc;

pub(super) fn install(vm: &mut Interpreter) {
    let types = vm.types.clone();
    types.type_.static_method("__new__", |vm, mut arguments| {
        arguments.take_first();
        if arguments.positional.len() == 1 {
            let value = arguments.take_first();
            return Ok(Object::Class(vm.class_of(&value)));
        }
        let keywords = std::mem::take(&mut arguments.keywords);
        let [name, bases, attributes] = arguments.exactly(vm, "type")?;
        let Some(name) = name.as_str().cloned() else {
            return Err(vm.type_error("type() argument 1 must be str"));
        };
        let mut parents = Vec::new();
        for base in vm.collect(&bases)? {
            match base {
                Object::Class(base) => parents.push(base),
                _ => return Err(vm.type_error("bases must be types")),
            }
        }
        let found = Namespace::default();
        if let Object::Dict(dict) = attributes.plain() {
            for (key, value) in dict.borrow().items() {
                if let Some(key) = key.as_str() {
                    found.borrow_mut().insert(key.clone(), value);
                }
            }
        }
        let class = vm.make_class(
            name.clone(),
            name,
            "__main__".into(),
            parents,
            found,
            &keywords,
            |_| {},
        )?;
        Ok(Object::Class(class))
    });
    types
        .property
        .static_method("__new__", |vm, mut arguments| {
            arguments.take_first();
            let [getter, setter, _, _] =
                arguments.bind(vm, "property", ["fget", "fset", "fdel", "doc"], 0)?;
            let name = match &getter {
                Some(Object::Function(function)) => function.name.clone(),
                _ => "property".into(),
            };
            Ok(Object::Descriptor(Rc::new(Property {
                getter: getter.and_then(Object::some),
                setter: setter.and_then(Object::some),
                name,
                keep: Keep::Never,
            })))
        });
    types
        .static_method
        .static_method("__new__", |vm, mut arguments| {
            arguments.take_first();
            let [function] = arguments.exactly(vm, "staticmethod")?;
            Ok(Object::StaticMethod(Rc::new(function)))
        });
    types
        .class_method
        .static_method("__new__", |vm, mut arguments| {
            arguments.take_first();
            let [function] = arguments.exactly(vm, "classmethod")?;
            Ok(Object::ClassMethod(Rc::new(function)))
        });
    types.super_.static_method("__new__", |vm, mut arguments| {
        arguments.take_first();
        let [class, receiver] = arguments.exactly(vm, "super")?;
        match class {
            Object::Class(class) => Ok(Object::Super(Rc::new((class, receiver)))),
            _ => Err(vm.type_error("super() argument 1 must be a type")),
        }
    });
}
