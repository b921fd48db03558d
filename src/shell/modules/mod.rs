//! The standard modules that can be imported, a file each.

mod collections;
mod datetime;
pub(crate) mod datetime_text;
mod decimal;
pub(crate) mod enums;
mod functional;
mod json;
mod math;
mod statistics;

pub(crate) use collections::named_tuple;

use super::interpret::Interpreter;
use super::value::{Arguments, Module, Namespace, Object, PyResult, class::native};
use std::rc::Rc;

/// Adds the modules.
pub(super) fn install(vm: &mut Interpreter) {
    datetime::install(vm);
    decimal::install(vm);
    collections::install(vm);
    functional::install(vm);
    math::install(vm);
    json::install(vm);
    statistics::install(vm);
    enums::install(vm);
    for name in ["typing", "__future__"] {
        let module = add(vm, name);
        for name in [
            "Any",
            "Optional",
            "Union",
            "annotations",
            "Iterable",
            "List",
            "Dict",
        ] {
            module.names.borrow_mut().insert(name.into(), Object::None);
        }
    }
}

/// An empty module.
pub(crate) fn add(vm: &mut Interpreter, name: &str) -> Rc<Module> {
    let module = Rc::new(Module {
        name: name.into(),
        names: Rc::new(Namespace::default()),
    });
    vm.modules.insert(name.to_owned(), module.clone());
    module
}

impl Module {
    /// Adds a name.
    pub fn set(&self, name: &str, value: impl Into<Object>) {
        self.names.borrow_mut().insert(name.into(), value.into());
    }

    /// Adds a function.
    pub fn function(
        &self,
        name: &'static str,
        code: impl Fn(&mut Interpreter, Arguments) -> PyResult + 'static,
    ) {
        self.set(name, native(name, code));
    }
}

/// Makes `code` answer calls of a class; it gets the arguments without the class.
pub(crate) fn add_class(
    class: &Rc<super::value::Class>,
    code: impl Fn(&mut Interpreter, Arguments) -> PyResult + 'static,
) {
    class.static_method("__new__", move |vm, mut arguments| {
        arguments.take_first();
        code(vm, arguments)
    });
}
