//! `ManyToManyField`: as it is written in a class, its attributes on both models, the model
//! between, and the manager of the rows at the other end.

mod checks;
mod field;
mod manager;
mod options;

pub(super) use checks::problems;
pub(super) use field::{WrittenMany, arguments, between, named};
pub(super) use options::{fields, relation_object};

use super::migrate::gone;
use super::model::relation;
use crate::market::catalogue::ManyEnd;
use crate::orm::Instance as Row;
use crate::shell::interpret::{Interpreter, Types};
use crate::shell::value::{Class, Descriptor, Instance, Object, PyResult};
use std::any::Any;
use std::rc::Rc;

/// The attribute of a many-to-many relation, on either side.
pub(super) struct ManyAttribute {
    name: String,
    is_reverse: bool,
}

impl ManyAttribute {
    /// On the model that the field stands in.
    pub(super) fn forward(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            is_reverse: false,
        }
    }

    /// On the model that the field points at.
    pub(super) fn back(end: &ManyEnd) -> Self {
        Self {
            name: end.accessor.clone(),
            is_reverse: true,
        }
    }

    /// Whether it is a way back that none of these relations has any more.
    pub(super) fn is_gone(&self, ends: &[ManyEnd]) -> bool {
        let same = |end: &ManyEnd| end.is_reverse && end.accessor == self.name;
        self.is_reverse && !ends.iter().any(same)
    }
}

impl Descriptor for ManyAttribute {
    fn get(
        &self,
        vm: &mut Interpreter,
        instance: Option<&Rc<Instance>>,
        owner: &Rc<Class>,
    ) -> PyResult {
        match instance.and_then(|it| it.native::<Row>()) {
            Some(row) => {
                let relation = relation(vm, &row, &self.name)?;
                manager::related(vm, &row, relation)
            }
            None => descriptor(vm, owner, &self.name),
        }
    }

    fn set(&self, vm: &mut Interpreter, _: &Rc<Instance>, _: Object) -> PyResult<bool> {
        let side = match self.is_reverse {
            true => "reverse",
            false => "forward",
        };
        Err(vm.orm_error(Row::assigned_many(side, &self.name)))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// What the attribute is on the class: it knows the model between.
fn descriptor(vm: &mut Interpreter, owner: &Rc<Class>, name: &str) -> PyResult {
    let catalogue = vm.django()?.catalogue();
    let ends = catalogue.many_to_many(&owner.name);
    let Some(end) = ends.into_iter().find(|end| end.accessor == name) else {
        return Err(gone(vm, &owner.name));
    };
    let class = Types::class(
        "ManyToManyDescriptor",
        "django.db.models.fields.related_descriptors",
        &[&vm.types.object],
    );
    let made = Instance::new(class);
    made.set("through", through(vm, &end)?);
    let (field, rel) = options::both(vm, &end)?;
    made.set("field", field);
    made.set("rel", rel);
    made.set("reverse", Object::Bool(end.is_reverse));
    Ok(Object::Instance(Rc::new(made)))
}

/// The class of the model between.
fn through(vm: &Interpreter, end: &ManyEnd) -> PyResult {
    match vm.django()?.model_class(&end.through.name) {
        Some(class) => Ok(Object::Class(class)),
        None => Err(gone(vm, &end.through.name)),
    }
}

/// The class of a model between that Django makes itself.
pub(super) fn through_class(vm: &Interpreter, model: &Rc<Class>, name: &str) -> Rc<Class> {
    let base = model.ancestors.iter().find(|it| &*it.name == "Model");
    Types::class(name, &model.module, &[base.unwrap_or(&vm.types.object)])
}
