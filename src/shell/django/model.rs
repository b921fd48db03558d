//! Models: their classes, and instances with attributes that load when they are touched.

use super::convert::{from_operand, keywords, texts, to_operand, to_python};
use super::field::Written;
use super::manager::{ManagerAttribute, is_manager, related_manager};
use super::queryset::{attribute, connected, deleted, model_instance};
use super::{Django, custom};
use crate::market::catalogue::Model;
use crate::orm::Instance as Row;
use crate::orm::clean::{Check, check};
use crate::orm::related::{Relation, load_deferred, related_instance};
use crate::orm::save::{SaveOptions, refresh, save};
use crate::shell::interpret::{Interpreter, Types};
use crate::shell::syntax::ast::Name;
use crate::shell::value::{Arguments, Class, Descriptor, Instance, Meta, Module, Object, PyResult};
use std::any::Any;
use std::rc::{Rc, Weak};
use std::sync::Arc;

/// The Python object of a row: always the same one while it lives.
pub(super) fn object(vm: &mut Interpreter, row: &Row) -> PyResult {
    let known = row.with(|state| state.attachments.get("python").cloned());
    if let Some(known) = known.and_then(|it| it.downcast::<Weak<Instance>>().ok())
        && let Some(instance) = known.upgrade()
    {
        return Ok(Object::Instance(instance));
    }
    let name = row.model().name.clone();
    let Some(class) = vm.django()?.model_class(&name) else {
        let message = format!("the model {name} has no class");
        return Err(vm.error("RuntimeError", &message));
    };
    let instance = Rc::new(Instance::with_native(class, Rc::new(row.clone())));
    attach(row, &instance);
    Ok(Object::Instance(instance))
}

fn attach(row: &Row, instance: &Rc<Instance>) {
    let weak: Rc<dyn Any> = Rc::new(Rc::downgrade(instance));
    row.change(|state| state.attachments.insert("python".to_owned(), weak));
}

fn row_of(vm: &Interpreter, object: &Object) -> PyResult<Row> {
    model_instance(object).ok_or_else(|| vm.type_error("a model instance was expected"))
}

/// The manager that a model's class declares first.
pub(super) fn default_manager(model: &Rc<Class>) -> Option<Object> {
    model.lineage().find_map(|class| {
        let attributes = class.attributes.borrow();
        attributes.values().find_map(|value| match value {
            Object::Descriptor(descriptor) => descriptor
                .as_any()
                .downcast_ref::<ManagerAttribute>()
                .map(|it| it.0.clone()),
            _ => None,
        })
    })
}

/// Adds `models.Model`.
pub(super) fn install(vm: &mut Interpreter, models: &Rc<Module>) -> PyResult<()> {
    let plain = Types::class("Model", "django.db.models.base", &[&vm.types.object]);
    let class = Rc::new(Class {
        name: plain.name.clone(),
        qualified: plain.qualified.clone(),
        module: plain.module.clone(),
        bases: plain.bases.clone(),
        ancestors: plain.ancestors.clone(),
        attributes: Default::default(),
        meta: Some(Rc::new(ModelMeta)),
    });
    looks(&class);
    writes(&class);
    custom::additions(&class);
    models.set("Model", Object::Class(class));
    Ok(())
}

/// What classes of models do otherwise.
struct ModelMeta;

impl Meta for ModelMeta {
    fn created(
        &self,
        vm: &mut Interpreter,
        class: &Rc<Class>,
        _: &[(Name, Object)],
    ) -> PyResult<()> {
        let django = vm.django()?;
        let catalogue = django.catalogue();
        let Some(model) = catalogue.model(&class.name).cloned() else {
            let message = format!(
                "not supported here: a model of one's own ({}); the marketplace's models are \
                 Customer, Category, Product, Order and OrderItem",
                class.name
            );
            return Err(vm.error("NotImplementedError", &message));
        };
        let named: Vec<(Name, Object)> = class
            .attributes
            .borrow()
            .iter()
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        let mut managed = false;
        for (name, value) in &named {
            if is_manager(value) {
                custom::contribute(class, name, value);
                managed = true;
            } else if let Some(written) = value.as_instance().and_then(|it| it.native::<Written>())
                && model.field(name).is_none()
            {
                let message = format!(
                    "not supported here: changing a model ({}.{name} is a new {})",
                    class.name, written.class
                );
                return Err(vm.error("NotImplementedError", &message));
            }
        }
        if !managed && let Some(manager) = django.class("Manager") {
            let manager = vm.instantiate(&manager, Arguments::default())?;
            custom::contribute(class, "objects", &manager);
        }
        Django::model_exceptions(vm, class);
        attributes(class, &model);
        django
            .models
            .borrow_mut()
            .insert(class.name.to_string(), class.clone());
        // The ways back, on classes that are there already.
        for source in catalogue.models() {
            for relation in catalogue.reverse_relations(&source.name) {
                if let Some(target) = django.model_class(&source.name) {
                    let back = Back {
                        name: relation.accessor.clone(),
                    };
                    target.set(&relation.accessor, descriptor(back));
                }
            }
        }
        Ok(())
    }
}

fn descriptor(it: impl Descriptor + 'static) -> Object {
    Object::Descriptor(Rc::new(it))
}

fn attributes(class: &Rc<Class>, model: &Arc<Model>) {
    for field in &model.fields {
        let stored = Stored {
            attname: field.attname().to_owned(),
        };
        class.set(field.attname(), descriptor(stored));
        if field.is_relation() {
            class.set(
                &field.name,
                descriptor(Forward {
                    name: field.name.clone(),
                }),
            );
        }
        if field.primary_key {
            class.set(
                "pk",
                descriptor(Stored {
                    attname: field.attname().to_owned(),
                }),
            );
        }
        if !field.choices.is_empty() {
            let (attname, choices) = (field.attname().to_owned(), field.choices.clone());
            let name = format!("get_{}_display", field.name);
            class.set(
                &name,
                crate::shell::value::class::native(&name, move |vm, arguments| {
                    let [own] = arguments.exactly(vm, "get_display")?;
                    let value = vm.attribute(&own, &attname)?;
                    for (choice, label) in &choices {
                        if vm.equal(&to_python(choice), &value)? {
                            return Ok(Object::from(label.as_str()));
                        }
                    }
                    vm.str(&value).map(Object::Str)
                }),
            );
        }
    }
}

/// A stored value.
struct Stored {
    attname: String,
}

impl Descriptor for Stored {
    fn get(
        &self,
        vm: &mut Interpreter,
        instance: Option<&Rc<Instance>>,
        owner: &Rc<Class>,
    ) -> PyResult {
        let Some(row) = instance.and_then(|it| it.native::<Row>()) else {
            return Ok(Object::from(format!(
                "<DeferredAttribute {}.{}>",
                owner.name, self.attname
            )));
        };
        if row.get(&self.attname).is_none() {
            let catalogue = vm.django()?.catalogue();
            connected(vm, |connection| {
                load_deferred(connection, &catalogue, &row, &self.attname)
            })?;
        }
        match row.get(&self.attname) {
            Some(operand) => from_operand(vm, &operand),
            None => Ok(Object::None),
        }
    }

    fn set(&self, vm: &mut Interpreter, instance: &Rc<Instance>, value: Object) -> PyResult<bool> {
        let Some(row) = instance.native::<Row>() else {
            return Ok(false);
        };
        let operand = to_operand(vm, &value)?;
        row.set(&self.attname, operand)
            .map_err(|error| vm.orm_error(error))?;
        Ok(true)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// A foreign key's instance.
struct Forward {
    name: String,
}

fn relation(vm: &Interpreter, row: &Row, name: &str) -> PyResult<Relation> {
    let catalogue = vm.django()?.catalogue();
    match Relation::named(&catalogue, &row.model(), name) {
        Ok(Some(relation)) => Ok(relation),
        Ok(None) => Err(vm.error("AttributeError", &format!("no relation '{name}'"))),
        Err(error) => Err(vm.orm_error(error)),
    }
}

impl Descriptor for Forward {
    fn get(
        &self,
        vm: &mut Interpreter,
        instance: Option<&Rc<Instance>>,
        owner: &Rc<Class>,
    ) -> PyResult {
        let Some(row) = instance.and_then(|it| it.native::<Row>()) else {
            return Ok(Object::from(format!(
                "<ForwardDescriptor {}.{}>",
                owner.name, self.name
            )));
        };
        let relation = relation(vm, &row, &self.name)?;
        let catalogue = vm.django()?.catalogue();
        let found = connected(vm, |connection| {
            related_instance(connection, &catalogue, &row, &relation)
        })?;
        match found {
            Some(found) => object(vm, &found),
            None => Ok(Object::None),
        }
    }

    fn set(&self, vm: &mut Interpreter, instance: &Rc<Instance>, value: Object) -> PyResult<bool> {
        let Some(row) = instance.native::<Row>() else {
            return Ok(false);
        };
        let operand = to_operand(vm, &value)?;
        row.set(&self.name, operand)
            .map_err(|error| vm.orm_error(error))?;
        Ok(true)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// The way back along a foreign key.
struct Back {
    name: String,
}

impl Descriptor for Back {
    fn get(
        &self,
        vm: &mut Interpreter,
        instance: Option<&Rc<Instance>>,
        owner: &Rc<Class>,
    ) -> PyResult {
        let Some(row) = instance.and_then(|it| it.native::<Row>()) else {
            return Ok(Object::from(format!(
                "<ReverseDescriptor {}.{}>",
                owner.name, self.name
            )));
        };
        let relation = relation(vm, &row, &self.name)?;
        if relation.is_single() {
            let catalogue = vm.django()?.catalogue();
            let found = connected(vm, |connection| {
                related_instance(connection, &catalogue, &row, &relation)
            })?;
            return match found {
                Some(found) => object(vm, &found),
                None => Ok(Object::None),
            };
        }
        related_manager(vm, (*row).clone(), relation)
    }

    fn set(&self, vm: &mut Interpreter, _: &Rc<Instance>, _: Object) -> PyResult<bool> {
        let message = format!(
            "Direct assignment to the reverse side of a related set is prohibited. Use {}.set() \
             instead.",
            self.name
        );
        Err(vm.type_error(message))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// Making, printing and comparing instances.
fn looks(class: &Rc<Class>) {
    class.static_method("__new__", |vm, mut arguments| {
        match arguments.take_first() {
            Object::Class(class) => Ok(Object::Instance(Rc::new(Instance::new(class)))),
            _ => Err(vm.type_error("a model class was expected")),
        }
    });
    class.method("__init__", |vm, mut arguments| {
        let own = arguments.take_first();
        let Object::Instance(instance) = &own else {
            return Ok(Object::None);
        };
        let catalogue = vm.django()?.catalogue();
        let Some(model) = catalogue.model(&instance.class.name).cloned() else {
            return Err(vm.type_error("Abstract models cannot be instantiated."));
        };
        if arguments.positional.len() > model.fields.len() {
            return Err(vm.error("IndexError", "Number of args exceeds number of fields"));
        }
        let mut given = Vec::new();
        for (field, value) in model.fields.iter().zip(&arguments.positional) {
            given.push((field.attname().to_owned(), to_operand(vm, value)?));
        }
        given.extend(keywords(vm, &arguments.keywords)?);
        let row = Row::new(model, given, vm.now).map_err(|error| vm.orm_error(error))?;
        attach(&row, instance);
        *instance.native.borrow_mut() = Some(Rc::new(row));
        Ok(Object::None)
    });
    class.method("__getattr__", |vm, arguments| {
        let [own, name] = arguments.exactly(vm, "__getattr__")?;
        let name = vm.str(&name)?;
        let found = model_instance(&own)
            .and_then(|row| row.with(|state| state.annotations.get(&name).cloned()));
        match found {
            Some(found) => attribute(vm, &found),
            None => {
                let class = vm.type_name(&own);
                let message = format!("'{class}' object has no attribute '{name}'");
                Err(vm.error("AttributeError", &message))
            }
        }
    });
    class.method("__str__", |vm, arguments| {
        let [own] = arguments.exactly(vm, "__str__")?;
        Ok(Object::from(row_of(vm, &own)?.to_string()))
    });
    class.method("__repr__", |vm, arguments| {
        let [own] = arguments.exactly(vm, "__repr__")?;
        let text = vm.str(&own)?;
        Ok(Object::from(format!("<{}: {text}>", vm.type_name(&own))))
    });
    class.method("__eq__", |vm, arguments| {
        let [left, right] = arguments.exactly(vm, "__eq__")?;
        Ok(match (model_instance(&left), model_instance(&right)) {
            (Some(left), Some(right)) => Object::Bool(left == right),
            _ => Object::NotImplemented,
        })
    });
    class.method("__hash__", |vm, arguments| {
        let [own] = arguments.exactly(vm, "__hash__")?;
        match row_of(vm, &own)?.key() {
            Some(key) => Ok(Object::from((vm.hash(&to_python(&key))? >> 1) as i64)),
            None => Err(vm.type_error("Model instances without primary key value are unhashable")),
        }
    });
    class.method("get_deferred_fields", |vm, arguments| {
        let [own] = arguments.exactly(vm, "get_deferred_fields")?;
        let names = row_of(vm, &own)?.deferred();
        vm.set_of(names.into_iter().map(Object::from).collect())
    });
}

/// Saving, deleting and reading again.
fn writes(class: &Rc<Class>) {
    class.method("save", |vm, arguments| {
        let names = [
            "self",
            "force_insert",
            "force_update",
            "using",
            "update_fields",
        ];
        let [own, insert, update, _, fields] = arguments.bind(vm, "save", names, 1)?;
        let row = row_of(vm, &own.unwrap_or(Object::None))?;
        let truth = |vm: &mut Interpreter, value: Option<Object>| match value {
            Some(value) => vm.is_true(&value),
            None => Ok(false),
        };
        let mut options = SaveOptions {
            force_insert: truth(vm, insert)?,
            force_update: truth(vm, update)?,
            update_fields: None,
        };
        if let Some(fields) = fields.and_then(Object::some) {
            let fields = vm.collect(&fields)?;
            options.update_fields = Some(texts(vm, &fields)?);
        }
        let catalogue = vm.django()?.catalogue();
        connected(vm, |connection| {
            save(connection, &catalogue, &row, &options)
        })?;
        Ok(Object::None)
    });
    class.method("delete", |vm, mut arguments| {
        let row = row_of(vm, &arguments.take_first())?;
        let catalogue = vm.django()?.catalogue();
        let (count, by_model) = connected(vm, |connection| {
            crate::orm::deletion::delete_instance(connection, &catalogue, &row)
        })?;
        Ok(deleted(vm, count, by_model))
    });
    class.method("refresh_from_db", |vm, arguments| {
        let [own, _, fields] =
            arguments.bind(vm, "refresh_from_db", ["self", "using", "fields"], 1)?;
        let row = row_of(vm, &own.unwrap_or(Object::None))?;
        let fields = match fields.and_then(Object::some) {
            Some(fields) => {
                let fields = vm.collect(&fields)?;
                Some(texts(vm, &fields)?)
            }
            None => None,
        };
        let catalogue = vm.django()?.catalogue();
        connected(vm, |connection| {
            refresh(connection, &catalogue, &row, fields.as_deref())
        })?;
        Ok(Object::None)
    });
    class.method("clean", |_, _| Ok(Object::None));
    class.method("full_clean", |vm, arguments| {
        let names = ["self", "exclude", "validate_unique", "validate_constraints"];
        let [own, exclude, unique, constraints] = arguments.bind(vm, "full_clean", names, 1)?;
        let own = own.unwrap_or(Object::None);
        let mut checks = vec![Check::Fields];
        for (wanted, check) in [(unique, Check::Unique), (constraints, Check::Constraints)] {
            if wanted.is_none_or(|it| !matches!(it, Object::Bool(false))) {
                checks.push(check);
            }
        }
        checked(vm, &own, exclude, &checks)?;
        vm.call_method(&own, "clean", Arguments::default())
    });
    for (name, part) in [
        ("clean_fields", Check::Fields),
        ("validate_unique", Check::Unique),
        ("validate_constraints", Check::Constraints),
    ] {
        class.method(name, move |vm, arguments| {
            let [own, exclude] = arguments.bind(vm, name, ["self", "exclude"], 1)?;
            checked(vm, &own.unwrap_or(Object::None), exclude, &[part])?;
            Ok(Object::None)
        });
    }
}

/// Runs parts of `full_clean()` over a row.
fn checked(
    vm: &mut Interpreter,
    own: &Object,
    exclude: Option<Object>,
    checks: &[Check],
) -> PyResult<()> {
    let row = row_of(vm, own)?;
    let exclude = match exclude.and_then(Object::some) {
        Some(names) => {
            let names = vm.collect(&names)?;
            texts(vm, &names)?
        }
        None => Vec::new(),
    };
    let catalogue = vm.django()?.catalogue();
    connected(vm, |connection| {
        check(connection, &catalogue, &row, &exclude, checks)
    })
}
