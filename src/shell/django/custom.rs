//! Querysets and managers of one's own, and their way onto a model that is there already:
//! `ShelfQuerySet(Product)`, `manager.model = Product`,
//! `Product.add_to_class("shelf", ShelfQuerySet.as_manager())`.

use super::field::written;
use super::manager::{self, ManagerAttribute, is_manager};
use super::queryset::fill;
use crate::shell::interpret::Interpreter;
use crate::shell::value::{Arguments, Class, Descriptor, Instance, Object, PyResult};
use std::any::Any;
use std::rc::Rc;

/// Adds `QuerySet(model)`.
pub(super) fn constructor(class: &Rc<Class>) {
    class.static_method("__new__", |vm, mut arguments| {
        match arguments.take_first() {
            Object::Class(class) => Ok(Object::Instance(Rc::new(Instance::new(class)))),
            _ => Err(vm.type_error("a queryset class was expected")),
        }
    });
    class.method("__init__", |vm, mut arguments| {
        let own = arguments.take_first();
        let names = ["model", "query", "using", "hints"];
        let [model, query, _, _] = arguments.bind(vm, "QuerySet.__init__", names, 0)?;
        if !matches!(query, None | Some(Object::None)) {
            let message = "not supported here: QuerySet(query=..); chain methods instead";
            return Err(vm.error("NotImplementedError", message));
        }
        let model = model.unwrap_or(Object::None);
        let Some(class) = model_class(vm, &model)? else {
            let message = match &model {
                Object::Class(class) => format!("type object '{}'", class.name),
                other => format!("'{}' object", vm.type_name(other)),
            };
            let message = format!("{message} has no attribute '_meta'");
            return Err(vm.error("AttributeError", &message));
        };
        let queryset = super::migrate::queryset(vm, &class.name)?;
        if let Object::Instance(instance) = &own {
            fill(instance, queryset);
        }
        Ok(Object::None)
    });
}

fn model_class(vm: &Interpreter, object: &Object) -> PyResult<Option<Rc<Class>>> {
    let Object::Class(class) = object else {
        return Ok(None);
    };
    let known = vm.django()?.model_class(&class.name);
    Ok(known.filter(|known| Rc::ptr_eq(known, class)))
}

/// Adds `Model.add_to_class(name, value)`.
pub(super) fn additions(class: &Rc<Class>) {
    class.class_method("add_to_class", |vm, arguments| {
        let [own, name, value] = arguments.exactly(vm, "add_to_class")?;
        let (Object::Class(class), name) = (own, vm.str(&name)?) else {
            return Err(vm.type_error("a model class was expected"));
        };
        let is_field = written(&value).is_some();
        if is_manager(&value) {
            contribute(&class, &name, &value);
        } else if is_field {
            let message = format!(
                "not supported here: changing a model ({}.{name} is a new field)",
                class.name
            );
            return Err(vm.error("NotImplementedError", &message));
        } else {
            class.set(&name, value);
        }
        Ok(Object::None)
    });
}

/// Adds `manager.model` and `manager.contribute_to_class(model, name)`.
pub(super) fn contribution(base: &Rc<Class>) {
    base.set("model", Object::Descriptor(Rc::new(ManagedModel)));
    base.method("contribute_to_class", |vm, arguments: Arguments| {
        let [own, class, name] = arguments.exactly(vm, "contribute_to_class")?;
        let Object::Class(class) = class else {
            return Err(vm.type_error("a model class was expected"));
        };
        contribute(&class, &vm.str(&name)?, &own);
        Ok(Object::None)
    });
}

/// Puts a manager on a model under a name.
pub(super) fn contribute(model: &Rc<Class>, name: &str, manager: &Object) {
    if let Some(state) = manager::state(manager) {
        *state.model.borrow_mut() = Some(model.clone());
    }
    let attribute = ManagerAttribute(manager.clone());
    model.set(name, Object::Descriptor(Rc::new(attribute)));
}

/// The model of a manager, which may be told later.
struct ManagedModel;

impl Descriptor for ManagedModel {
    fn get(&self, _: &mut Interpreter, instance: Option<&Rc<Instance>>, _: &Rc<Class>) -> PyResult {
        let state = instance.and_then(|it| manager::state(&Object::Instance(it.clone())));
        let model = state.and_then(|it| it.model.borrow().clone());
        Ok(model.map_or(Object::None, Object::Class))
    }

    fn set(&self, vm: &mut Interpreter, instance: &Rc<Instance>, value: Object) -> PyResult<bool> {
        let model = model_class(vm, &value)?;
        if model.is_none() && !matches!(value, Object::None) {
            return Err(vm.type_error("a manager's model is a model class"));
        }
        if let Some(state) = manager::state(&Object::Instance(instance.clone())) {
            *state.model.borrow_mut() = model;
        }
        Ok(true)
    }

    fn comes_first(&self) -> bool {
        true
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
