//! The builtin functions and the methods of the builtin types, a type a file.

mod dict;
mod exceptions;
mod functions;
mod iterators;
mod list;
mod numbers;
mod objects;
mod set;
mod str;

use super::interpret::Interpreter;
use super::value::class::native;
use super::value::{Arguments, Object, PyResult};
pub(crate) use dict::fill as dict_fill;
pub(crate) use functions::REFUSED;
pub(crate) use numbers::float;

/// Fills the builtin names and types.
pub(super) fn install(vm: &mut Interpreter) {
    objects::install(vm);
    exceptions::install(vm);
    numbers::install(vm);
    str::install(vm);
    list::install(vm);
    dict::install(vm);
    set::install(vm);
    iterators::install(vm);
    functions::install(vm);
    let types = vm.types.clone();
    for class in [
        &types.object,
        &types.type_,
        &types.int,
        &types.bool,
        &types.float,
        &types.str,
        &types.list,
        &types.tuple,
        &types.dict,
        &types.set,
        &types.frozenset,
        &types.range,
        &types.slice,
        &types.property,
        &types.static_method,
        &types.class_method,
        &types.super_,
        &types.zip,
        &types.map,
        &types.filter,
        &types.enumerate,
        &types.reversed,
    ] {
        name(vm, &class.name, Object::Class(class.clone()));
    }
    for class in types.builtin_exceptions() {
        name(vm, &class.name.clone(), Object::Class(class));
    }
    name(vm, "NotImplemented", Object::NotImplemented);
    name(vm, "Ellipsis", Object::Ellipsis);
    name(vm, "__name__", Object::from("__main__"));
}

fn name(vm: &Interpreter, name: &str, value: Object) {
    vm.builtins.borrow_mut().insert(name.into(), value);
}

fn function(
    vm: &Interpreter,
    name_: &'static str,
    code: impl Fn(&mut Interpreter, Arguments) -> PyResult + 'static,
) {
    name(vm, name_, native(name_, code));
}
