//! `django.shortcuts` and `django.http`, as far as there is no page to answer.

use crate::shell::interpret::Interpreter;
use crate::shell::modules::add;
use crate::shell::value::{Arguments, Object, PyResult};

/// Adds the modules.
pub(super) fn install(vm: &mut Interpreter) {
    let class = vm
        .types
        .add_exception("Http404", "django.http.response", &["Exception"]);
    let http = add(vm, "django.http");
    http.set("Http404", Object::Class(class));
    let shortcuts = add(vm, "django.shortcuts");
    shortcuts.function("get_object_or_404", |vm, arguments| {
        let (rows, arguments, name) = source(vm, arguments, "get_object_or_404")?;
        match vm.call_method(&rows, "get", arguments) {
            Err(raised) if raised.is("DoesNotExist") => Err(absent(vm, &name)),
            found => found,
        }
    });
    shortcuts.function("get_list_or_404", |vm, arguments| {
        let (rows, arguments, name) = source(vm, arguments, "get_list_or_404")?;
        let rows = vm.call_method(&rows, "filter", arguments)?;
        let found = vm.collect(&rows)?;
        match found.is_empty() {
            true => Err(absent(vm, &name)),
            false => Ok(Object::list(found)),
        }
    });
}

fn absent(vm: &Interpreter, name: &str) -> Box<crate::shell::value::Raised> {
    vm.error("Http404", &format!("No {name} matches the given query."))
}

/// What the first argument looks its rows up in, the other arguments, and the model's name.
fn source(
    vm: &mut Interpreter,
    mut arguments: Arguments,
    function: &str,
) -> PyResult<(Object, Arguments, String)> {
    let given = arguments.take_first();
    let rows = match &given {
        Object::Class(_) => vm.attribute(&given, "_default_manager").ok(),
        _ => Some(given.clone()),
    };
    let model = rows
        .as_ref()
        .and_then(|rows| vm.attribute(rows, "model").ok());
    match (rows, model) {
        (Some(rows), Some(Object::Class(model))) => Ok((rows, arguments, model.name.to_string())),
        _ => {
            let name = match &given {
                Object::Class(class) => class.name.to_string(),
                other => vm.type_name(other).to_string(),
            };
            let message = format!(
                "First argument to {function}() must be a Model, Manager, or QuerySet, not \
                 '{name}'."
            );
            Err(vm.value_error(message))
        }
    }
}
