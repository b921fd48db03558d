//! The methods of exceptions.

use crate::shell::interpret::Interpreter;
use crate::shell::value::{Instance, Object};
use std::rc::Rc;

pub(super) fn install(vm: &mut Interpreter) {
    let base = vm.types.exception("BaseException");
    base.static_method("__new__", |vm, mut arguments| {
        let Object::Class(class) = arguments.take_first() else {
            return Err(vm.type_error("BaseException.__new__(X): X is not a type object"));
        };
        let exception = Instance::new(class);
        exception.set("args", Object::tuple(arguments.positional));
        for (name, value) in arguments.keywords {
            exception.set(&name, value);
        }
        Ok(Object::Instance(Rc::new(exception)))
    });
    base.method("__init__", |_, arguments| {
        let mut arguments = arguments;
        if let Object::Instance(exception) = arguments.take_first()
            && !arguments.positional.is_empty()
        {
            exception.set("args", Object::tuple(arguments.positional));
        }
        Ok(Object::None)
    });
    base.method("__str__", |vm, arguments| {
        let [value] = arguments.exactly(vm, "__str__")?;
        let items = arguments_of(&value);
        Ok(match items.as_slice() {
            [] => Object::from(""),
            [one] if is_key_error(&value) => Object::from(vm.repr(one)?),
            [one] => Object::Str(vm.str(one)?),
            _ => Object::from(vm.repr(&Object::tuple(items))?),
        })
    });
    base.method("__repr__", |vm, arguments| {
        let [value] = arguments.exactly(vm, "__repr__")?;
        let items = arguments_of(&value);
        let name = vm.type_name(&value);
        let inside = match items.as_slice() {
            [one] => format!("({})", vm.repr(one)?),
            _ => vm.repr(&Object::tuple(items))?,
        };
        Ok(Object::from(format!("{name}{inside}")))
    });
    base.method("with_traceback", |vm, arguments| {
        let [value, _] = arguments.exactly(vm, "with_traceback")?;
        Ok(value)
    });
    base.method("add_note", |_, _| Ok(Object::None));
    let stop = vm.types.exception("StopIteration");
    stop.property("value", |_, value| {
        Ok(arguments_of(&value)
            .first()
            .cloned()
            .unwrap_or(Object::None))
    });
}

fn arguments_of(value: &Object) -> Vec<Object> {
    match value.as_instance().and_then(|it| it.get("args")) {
        Some(Object::Tuple(items)) => items.to_vec(),
        _ => Vec::new(),
    }
}

fn is_key_error(value: &Object) -> bool {
    value
        .as_instance()
        .is_some_and(|it| it.class.is_named("KeyError"))
}
