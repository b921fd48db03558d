//! The modules of Django that can be imported.

use super::{errors, expression, field, lookup, manager, model, queryset, transaction};
use crate::shell::interpret::{Interpreter, Types};
use crate::shell::modules::enums::{EnumMeta, Labels, base};
use crate::shell::modules::{add, add_class};
use crate::shell::value::{Instance, Object, PyResult};
use std::rc::Rc;

/// Adds the modules.
pub(super) fn install(vm: &mut Interpreter) -> PyResult<()> {
    errors::install(vm);
    transaction::install(vm)?;
    let models = add(vm, "django.db.models");
    let functions = add(vm, "django.db.models.functions");
    field::install(vm, &models);
    expression::install(vm, &models, &functions)?;
    queryset::install(vm, &models)?;
    manager::install(vm, &models)?;
    model::install(vm, &models)?;
    for (name, ty) in [
        ("TextChoices", vm.types.str.clone()),
        ("IntegerChoices", vm.types.int.clone()),
    ] {
        let meta = Rc::new(EnumMeta {
            labels: Labels::Last,
        });
        let class = base(vm, name, "django.db.models.enums", &[ty], meta);
        models.set(name, Object::Class(class));
    }
    let error = |name: &str| Object::Class(vm.types.exception(name));
    models.set("ProtectedError", error("ProtectedError"));
    models.set("RestrictedError", error("RestrictedError"));
    models.set("ObjectDoesNotExist", error("ObjectDoesNotExist"));
    let database = vm.module("django.db")?;
    database.set("models", Object::Module(models.clone()));
    let error = |name: &str| Object::Class(vm.types.exception(name));
    for name in [
        "Error",
        "DatabaseError",
        "IntegrityError",
        "ProgrammingError",
        "DataError",
        "OperationalError",
        "InternalError",
        "NotSupportedError",
    ] {
        database.set(name, error(name));
    }
    let core = add(vm, "django.core.exceptions");
    for name in [
        "FieldError",
        "FieldDoesNotExist",
        "FieldFetchBlocked",
        "ValidationError",
        "ObjectDoesNotExist",
        "MultipleObjectsReturned",
        "EmptyResultSet",
        "ImproperlyConfigured",
        "PermissionDenied",
    ] {
        core.set(name, Object::Class(vm.types.exception(name)));
    }
    add(vm, "django.core");
    let aggregates = vm
        .module("django.db.models")?
        .names
        .borrow()
        .get("StringAgg")
        .cloned();
    if let Some(aggregate) = aggregates {
        functions.set("StringAgg", aggregate);
    }
    validators(vm);
    let all = models.names.borrow().clone();
    for name in ["query", "expressions", "aggregates"] {
        let module = add(vm, &format!("django.db.models.{name}"));
        for (name, value) in &all {
            module.set(name, value.clone());
        }
        models.set(name, Object::Module(module));
    }
    models.set("functions", Object::Module(functions));
    lookup::install(vm, &models)?;
    super::shortcuts::install(vm);
    add(vm, "marketplace");
    Ok(())
}

fn validators(vm: &mut Interpreter) {
    let module = add(vm, "django.core.validators");
    for name in [
        "MinValueValidator",
        "MaxValueValidator",
        "MinLengthValidator",
        "MaxLengthValidator",
    ] {
        let class = Types::class(name, "django.core.validators", &[&vm.types.object]);
        let own = class.clone();
        add_class(&class, move |vm, arguments| {
            let [limit, message] = arguments.bind(vm, name, ["limit_value", "message"], 1)?;
            let made = Instance::new(own.clone());
            made.set("limit_value", limit.unwrap_or(Object::None));
            made.set("message", message.unwrap_or(Object::None));
            Ok(Object::Instance(Rc::new(made)))
        });
        module.set(name, Object::Class(class));
    }
}
