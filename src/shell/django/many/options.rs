//! Many-to-many relations in `Model._meta`.

use super::super::options::{class_of_model, relation_class};
use crate::market::catalogue::{ManyEnd, ManyToMany, Model};
use crate::shell::interpret::Interpreter;
use crate::shell::value::{Class, Instance, Object, PyResult};
use std::rc::Rc;

/// The many-to-many fields of a model as Python sees them.
pub(in crate::shell::django) fn fields(
    vm: &mut Interpreter,
    model: &Model,
) -> PyResult<Vec<Object>> {
    let fields = model.many_to_many.iter();
    fields.map(|field| field_object(vm, field)).collect()
}

/// The field of a relation, and the way back along it.
pub(super) fn both(vm: &mut Interpreter, end: &ManyEnd) -> PyResult<(Object, Object)> {
    let catalogue = vm.django()?.catalogue();
    let mut ends = catalogue.many_to_many(&end.field.to).into_iter();
    let back = match ends.find(|it| it.is_reverse && it.field == end.field) {
        Some(back) => {
            let class = relation_class(vm, "ManyToManyRel")?;
            relation_object(vm, &back, class)?
        }
        None => Object::None,
    };
    Ok((field_object(vm, &end.field)?, back))
}

/// A many-to-many field as Python sees it.
fn field_object(vm: &mut Interpreter, field: &ManyToMany) -> PyResult {
    let models = vm.module("django.db.models")?;
    let class = models.names.borrow().get("ManyToManyField").cloned();
    let Some(Object::Class(class)) = class else {
        return Err(vm.error("RuntimeError", "there is no class for this field"));
    };
    let made = Instance::new(class);
    for name in ["name", "attname"] {
        made.set(name, field.name.as_str());
    }
    made.set("column", Object::None);
    made.set("label", field.label());
    made.set("verbose_name", field.verbose_name.as_str());
    made.set("help_text", field.help_text.as_str());
    for (name, value) in [
        ("null", false),
        ("blank", field.blank),
        ("unique", false),
        ("primary_key", false),
        ("db_index", false),
        ("is_relation", true),
        ("many_to_many", true),
        ("concrete", false),
    ] {
        made.set(name, Object::Bool(value));
    }
    made.set("choices", Object::None);
    made.set("model", class_of_model(vm, &field.model)?);
    made.set("related_model", class_of_model(vm, &field.to)?);
    Ok(Object::Instance(Rc::new(made)))
}

/// The way back along a many-to-many relation, as Python sees it; `class` is its class there.
pub(in crate::shell::django) fn relation_object(
    vm: &mut Interpreter,
    end: &ManyEnd,
    class: Rc<Class>,
) -> PyResult {
    let made = Instance::new(class);
    made.set("name", end.name.as_str());
    made.set("label", end.target.label().to_lowercase());
    let related_name = end.field.related_name.clone();
    made.set(
        "related_name",
        related_name.map_or(Object::None, Object::from),
    );
    made.set("related_model", class_of_model(vm, &end.target.name)?);
    made.set("field", field_object(vm, &end.field)?);
    made.set("is_relation", Object::Bool(true));
    made.set("many_to_many", Object::Bool(true));
    made.set("concrete", Object::Bool(false));
    Ok(Object::Instance(Rc::new(made)))
}
