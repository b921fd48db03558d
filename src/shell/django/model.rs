//! Models: their classes, and instances with attributes that load when they are touched.

use super::convert::{from_operand, keywords, texts, to_operand, to_python};
use super::definition::{self, Definition};
use super::manager::{self, ManagerAttribute, is_manager, related_manager};
use super::many::{self, ManyAttribute};
use super::queryset::{attribute, connected, deleted, model_instance};
use super::{Django, custom, migrate, options, validation};
use crate::market::catalogue::{FieldDefault, FieldKind, Model};
use crate::orm::Instance as Row;
use crate::orm::Operand;
use crate::orm::related::{Relation, load_deferred, related_instance};
use crate::orm::save::{SaveOptions, refresh, refuse_assignment, save};
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

/// Calls the defaults that are functions, for the fields of a new instance that nothing gives.
pub(super) fn fill_defaults(
    vm: &mut Interpreter,
    model: &str,
    given: &mut Vec<(String, Operand)>,
    besides: &[(String, Operand)],
) -> PyResult<()> {
    let django = vm.django()?;
    let Some(model) = django.catalogue().model(model).cloned() else {
        return Ok(());
    };
    for field in &model.fields {
        let Some(FieldDefault::Callable(_)) = &field.default else {
            continue;
        };
        let named = |(name, _): &(String, Operand)| {
            *name == field.name || name == field.attname() || field.primary_key && name == "pk"
        };
        if given.iter().any(named) || besides.iter().any(named) {
            continue;
        }
        if let Some(default) = django.default_of(model.concrete_name(), field.attname()) {
            let value = vm.call(&default, Arguments::default())?;
            given.push((field.attname().to_owned(), to_operand(vm, &value)?));
        }
    }
    Ok(())
}

/// Whether instances of a class are made and saved by Python of its own.
pub(super) fn is_custom(class: &Rc<Class>) -> bool {
    ["save", "__init__"]
        .iter()
        .any(|name| matches!(class.lookup(name), Some(Object::Function(_))))
}

pub(super) fn row_of(vm: &Interpreter, object: &Object) -> PyResult<Row> {
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
    validation::methods(&class);
    options::install(vm, &class)?;
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
        let model = match definition::read(vm, class)? {
            Definition::Abstract => return Ok(()),
            Definition::Proxy(of) => migrate::proxy(vm, class, &of)?,
            Definition::Model(defined) => migrate::model(vm, class, *defined)?,
        };
        let django = vm.django()?;
        dress(vm, class, &model)?;
        if model.proxy_for.is_none() {
            for between in django.catalogue().made_for(&model.name) {
                let class = many::through_class(vm, class, &between.name);
                dress(vm, &class, &between)?;
            }
        }
        ways_back(&django);
        Ok(())
    }
}

/// Gives the class of a model what it has besides its own attributes, and makes it known.
fn dress(vm: &mut Interpreter, class: &Rc<Class>, model: &Arc<Model>) -> PyResult<()> {
    let django = vm.django()?;
    let mut managed = false;
    for (name, manager) in managers(class) {
        custom::contribute(class, &name, &manager);
        managed = true;
    }
    if !managed && let Some(manager) = django.class("Manager") {
        let manager = vm.instantiate(&manager, Arguments::default())?;
        custom::contribute(class, "objects", &manager);
    }
    Django::model_exceptions(vm, class);
    attributes(class, model);
    django
        .models
        .borrow_mut()
        .insert(class.name.to_string(), class.clone());
    manager::forget_related(&django, &class.name);
    Ok(())
}

/// The managers of a class, by name: its own, and copies of those of its bases.
fn managers(class: &Rc<Class>) -> Vec<(Name, Object)> {
    let mut found: Vec<(Name, Object)> = Vec::new();
    let mut hidden: Vec<Name> = Vec::new();
    for base in class.lineage() {
        for (name, value) in base.attributes.borrow().iter() {
            let manager = match is_manager(value) {
                true => Some(value.clone()),
                false => manager::in_class(value),
            };
            if let Some(manager) = manager
                && !hidden.contains(name)
            {
                let own = Rc::ptr_eq(base, class);
                let manager = if own {
                    manager
                } else {
                    manager::copy(&manager)
                };
                found.push((name.clone(), manager));
            }
            hidden.push(name.clone());
        }
    }
    found
}

/// Puts the ways back along relations on every model's class, and takes away those that
/// have gone.
pub(super) fn ways_back(django: &Django) {
    let catalogue = django.catalogue();
    let classes = django.models.borrow();
    for (name, class) in classes.iter() {
        let relations = catalogue.reverse_relations(name);
        let mut ends = catalogue.visible_many_to_many(name);
        // A proxy has attributes of its own for what points at it by name.
        ends.retain(|end| end.is_reverse && end.field.to == *name);
        class
            .attributes
            .borrow_mut()
            .retain(|_, value| match value {
                Object::Descriptor(descriptor) => {
                    let back = descriptor.as_any().downcast_ref::<Back>();
                    let many = descriptor.as_any().downcast_ref::<ManyAttribute>();
                    back.is_none_or(|back| relations.iter().any(|it| it.accessor == back.name))
                        && !many.is_some_and(|many| many.is_gone(&ends))
                }
                _ => true,
            });
        let proxy = catalogue
            .model(name)
            .is_some_and(|model| model.proxy_for.is_some());
        for end in ends {
            class.set(&end.accessor, descriptor(ManyAttribute::back(&end)));
        }
        if proxy {
            continue;
        }
        for relation in relations {
            let back = Back {
                name: relation.accessor.clone(),
            };
            class.set(&relation.accessor, descriptor(back));
        }
    }
}

fn descriptor(it: impl Descriptor + 'static) -> Object {
    Object::Descriptor(Rc::new(it))
}

fn attributes(class: &Rc<Class>, model: &Arc<Model>) {
    for field in &model.many_to_many {
        class.set(&field.name, descriptor(ManyAttribute::forward(&field.name)));
    }
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
        if matches!(field.kind, FieldKind::Date | FieldKind::DateTime) && !field.null {
            for (way, next) in [("next", true), ("previous", false)] {
                let name = format!("get_{way}_by_{}", field.name);
                let (model, field) = (model.clone(), field.name.clone());
                let code = move |vm: &mut Interpreter, arguments: Arguments| {
                    super::neighbour::neighbour(vm, &model, &field, next, arguments)
                };
                class.set(&name, crate::shell::value::class::native(&name, code));
            }
        }
        let shows = format!("get_{}_display", field.name);
        if !field.choices.is_empty() && class.lookup(&shows).is_none() {
            let (attname, choices) = (field.attname().to_owned(), field.choices.clone());
            class.set(
                &shows,
                crate::shell::value::class::native(&shows, move |vm, arguments| {
                    let [own] = arguments.exactly(vm, "get_display")?;
                    let value = vm.attribute(&own, &attname)?;
                    for (choice, label) in &choices {
                        if vm.equal(&to_python(choice), &value)? {
                            return Ok(Object::from(label.as_str()));
                        }
                    }
                    match value {
                        Object::None => Ok(value),
                        _ => vm.str(&value).map(Object::Str),
                    }
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

/// The relation that an attribute of an instance reaches.
pub(super) fn relation(vm: &Interpreter, row: &Row, name: &str) -> PyResult<Relation> {
    let catalogue = vm.django()?.catalogue();
    match Relation::named(&catalogue, &row.model(), name) {
        Ok(Some(relation)) => Ok(relation),
        Ok(None) => {
            let class = &row.model().name;
            let message = format!("'{class}' object has no attribute '{name}'");
            Err(vm.error("AttributeError", &message))
        }
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

    fn set(&self, vm: &mut Interpreter, instance: &Rc<Instance>, value: Object) -> PyResult<bool> {
        if let Some(row) = instance.native::<Row>() {
            let relation = relation(vm, &row, &self.name)?;
            if relation.is_single() {
                let own = Object::Instance(instance.clone());
                vm.set_attribute(&value, &relation.field().name.clone(), own)?;
                return Ok(true);
            }
        }
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
            return Err(match vm.django()?.model_class(&instance.class.name) {
                Some(_) => migrate::gone(vm, &instance.class.name),
                None => vm.type_error("Abstract models cannot be instantiated."),
            });
        };
        if arguments.positional.len() > model.fields.len() {
            return Err(vm.error("IndexError", "Number of args exceeds number of fields"));
        }
        let class = instance.class.name.clone();
        let mut given = Vec::new();
        for (field, value) in model.fields.iter().zip(&arguments.positional) {
            let twice = arguments
                .keywords
                .iter()
                .find(|(name, _)| **name == *field.name || **name == *field.attname());
            if let Some((name, _)) = twice {
                let message = format!(
                    "{class}() got both positional and keyword arguments for field '{name}'."
                );
                return Err(vm.type_error(message));
            }
            given.push((field.attname().to_owned(), to_operand(vm, value)?));
        }
        given.extend(keywords(vm, &arguments.keywords)?);
        fill_defaults(vm, &class, &mut given, &[])?;
        refuse_assignment(&catalogue, &model, &given).map_err(|error| vm.orm_error(error))?;
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
    class.property("_state", |vm, value| {
        let adding = row_of(vm, &value)?.is_adding();
        let kind = Types::class("ModelState", "django.db.models.base", &[&vm.types.object]);
        let state = Instance::new(kind);
        state.set("adding", Object::Bool(adding));
        let db = if adding {
            Object::None
        } else {
            Object::from("default")
        };
        state.set("db", db);
        Ok(Object::Instance(Rc::new(state)))
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
}
