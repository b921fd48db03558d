//! `Model._meta`: what a model says of itself.

use super::many;
use super::model::default_manager;
use crate::market::catalogue::{Field, Model, ReverseRelation};
use crate::shell::interpret::{Interpreter, Types};
use crate::shell::value::{Class, Descriptor, Instance, Object, PyResult};
use std::any::Any;
use std::rc::Rc;
use std::sync::Arc;

/// Adds `_meta`, `_default_manager` and `_base_manager`.
pub(super) fn install(vm: &mut Interpreter, model: &Rc<Class>) -> PyResult<()> {
    let options = Types::class("Options", "django.db.models.options", &[&vm.types.object]);
    options.method("get_field", |vm, arguments| {
        let [own, name] = arguments.exactly(vm, "get_field")?;
        let (model, name) = (model_of(vm, &own)?, vm.str(&name)?);
        if let Some(field) = model.fields.iter().find(|field| field.name == *name) {
            return field_object(vm, field);
        }
        let mut others = related(vm, &model)?;
        others.extend(many::fields(vm, &model)?);
        for other in others {
            let known = vm.attribute(&other, "name")?;
            if vm.str(&known)? == name {
                return Ok(other);
            }
        }
        let message = format!("{} has no field named '{name}'", model.name);
        Err(vm.error("FieldDoesNotExist", &message))
    });
    options.method("get_fields", |vm, arguments| {
        let [own] = arguments.exactly(vm, "get_fields")?;
        let model = model_of(vm, &own)?;
        let mut all = related(vm, &model)?;
        all.extend(fields(vm, &model)?);
        all.extend(many::fields(vm, &model)?);
        Ok(Object::tuple(all))
    });
    for name in ["many_to_many", "local_many_to_many"] {
        options.property(name, |vm, own| {
            let model = model_of(vm, &own)?;
            many::fields(vm, &model).map(Object::tuple)
        });
    }
    options.property("related_objects", |vm, own| {
        let model = model_of(vm, &own)?;
        related(vm, &model).map(Object::tuple)
    });
    for name in [
        "fields",
        "concrete_fields",
        "local_fields",
        "local_concrete_fields",
    ] {
        options.property(name, |vm, own| {
            let model = model_of(vm, &own)?;
            fields(vm, &model).map(Object::tuple)
        });
    }
    options.property("pk", |vm, own| {
        let model = model_of(vm, &own)?;
        match model.primary_key() {
            Some(field) => field_object(vm, field),
            None => Ok(Object::None),
        }
    });
    options.method("__repr__", |vm, arguments| {
        let [own] = arguments.exactly(vm, "__repr__")?;
        let name = model_of(vm, &own)?.name.clone();
        Ok(Object::from(format!("<Options for {name}>")))
    });
    model.set("_meta", Object::Descriptor(Rc::new(MetaAttribute(options))));
    for name in ["_default_manager", "_base_manager"] {
        model.set(name, Object::Descriptor(Rc::new(DefaultManager)));
    }
    let models = vm.module("django.db.models")?;
    let base = models.names.borrow().get("Field").cloned();
    if let Some(Object::Class(base)) = base {
        field_texts(&base);
    }
    let relation = Types::class(
        "ForeignObjectRel",
        "django.db.models.fields.reverse_related",
        &[&vm.types.object],
    );
    let django = vm.django()?;
    for name in ["ManyToOneRel", "OneToOneRel", "ManyToManyRel"] {
        let class = Types::class(
            name,
            "django.db.models.fields.reverse_related",
            &[&relation],
        );
        class.method("__repr__", move |vm, arguments| {
            let [own] = arguments.exactly(vm, "__repr__")?;
            let label = vm.attribute(&own, "label")?;
            Ok(Object::from(format!("<{name}: {}>", vm.str(&label)?)))
        });
        django.classes.borrow_mut().insert(name.to_owned(), class);
    }
    Ok(())
}

fn field_texts(base: &Rc<Class>) {
    base.method("__str__", |vm, arguments| {
        let [own] = arguments.exactly(vm, "__str__")?;
        let label = own.as_instance().and_then(|it| it.get("label"));
        match label {
            Some(label) => Ok(label),
            None => vm.repr(&own).map(Object::from),
        }
    });
    base.method("__repr__", |vm, arguments| {
        let [own] = arguments.exactly(vm, "__repr__")?;
        let class = vm.class_of(&own);
        let module = match &*class.name {
            "ForeignKey" | "OneToOneField" | "ManyToManyField" => "django.db.models.fields.related",
            _ => "django.db.models.fields",
        };
        let path = format!("{module}.{}", class.name);
        let name = own.as_instance().and_then(|it| it.get("name"));
        Ok(Object::from(match name {
            Some(name) => format!("<{path}: {}>", vm.str(&name)?),
            None => format!("<{path}>"),
        }))
    });
    base.method("get_internal_type", |vm, arguments| {
        let [own] = arguments.exactly(vm, "get_internal_type")?;
        Ok(Object::Str(vm.type_name(&own)))
    });
}

fn model_of(vm: &Interpreter, options: &Object) -> PyResult<Arc<Model>> {
    let held = options
        .as_instance()
        .and_then(|it| it.native::<Arc<Model>>());
    match held {
        Some(model) => Ok((*model).clone()),
        None => Err(vm.type_error("the options of a model were expected")),
    }
}

fn fields(vm: &mut Interpreter, model: &Model) -> PyResult<Vec<Object>> {
    let fields = model.fields.iter();
    fields.map(|field| field_object(vm, field)).collect()
}

/// The ways back to a model, in the order of the models that they come from.
fn related(vm: &mut Interpreter, model: &Model) -> PyResult<Vec<Object>> {
    let catalogue = vm.django()?.catalogue();
    let place = |name: &str| catalogue.models().iter().position(|it| it.name == name);
    let mut found = Vec::new();
    for relation in catalogue.reverse_relations(&model.name) {
        let object = relation_object(vm, &relation)?;
        found.push((place(&relation.source.name), object));
    }
    for end in catalogue.visible_many_to_many(&model.name) {
        if end.is_reverse {
            let class = relation_class(vm, "ManyToManyRel")?;
            let object = many::relation_object(vm, &end, class)?;
            found.push((place(&end.target.name), object));
        }
    }
    found.sort_by_key(|(place, _)| *place);
    Ok(found.into_iter().map(|(_, object)| object).collect())
}

pub(super) fn class_of_model(vm: &Interpreter, name: &str) -> PyResult<Object> {
    let class = vm.django()?.model_class(name);
    Ok(class.map_or(Object::None, Object::Class))
}

pub(super) fn relation_class(vm: &Interpreter, name: &str) -> PyResult<Rc<Class>> {
    let class = vm.django()?.class(name);
    class.ok_or_else(|| vm.error("RuntimeError", "there is no class for this relation"))
}

/// A field as Python sees it.
fn field_object(vm: &mut Interpreter, field: &Field) -> PyResult {
    let models = vm.module("django.db.models")?;
    let class = models.names.borrow().get(field.kind.class_name()).cloned();
    let Some(Object::Class(class)) = class else {
        return Err(vm.error("RuntimeError", "there is no class for this field"));
    };
    let made = Instance::new(class);
    made.set("name", field.name.as_str());
    made.set("attname", field.attname());
    made.set("column", field.column.as_str());
    made.set("label", field.label());
    made.set("verbose_name", field.verbose_name.as_str());
    made.set("help_text", field.help_text.as_str());
    for (name, value) in [
        ("null", field.null),
        ("blank", field.blank),
        ("unique", field.unique),
        ("primary_key", field.primary_key),
        ("db_index", field.db_index),
        ("is_relation", field.is_relation()),
        ("many_to_many", false),
        ("concrete", true),
    ] {
        made.set(name, Object::Bool(value));
    }
    use crate::market::catalogue::FieldKind;
    let length = match &field.kind {
        FieldKind::Char(length) => *length,
        FieldKind::Email(length) | FieldKind::Slug(length) | FieldKind::Url(length) => {
            Some(*length)
        }
        _ => None,
    };
    let number = |value: i64| Object::from(value);
    made.set(
        "max_length",
        length.map_or(Object::None, |it| number(i64::from(it))),
    );
    if let FieldKind::Decimal(digits) = &field.kind {
        let (digits, places) = match digits {
            Some((digits, places)) => (number(i64::from(*digits)), number(i64::from(*places))),
            None => (Object::None, Object::None),
        };
        made.set("max_digits", digits);
        made.set("decimal_places", places);
    }
    let choices = field.choices.iter().map(|(value, label)| {
        Object::tuple([
            super::convert::to_python(value),
            Object::from(label.as_str()),
        ])
    });
    let choices: Vec<Object> = choices.collect();
    made.set(
        "choices",
        match choices.is_empty() {
            true => Object::None,
            false => Object::list(choices),
        },
    );
    made.set("model", class_of_model(vm, &field.model)?);
    made.set(
        "related_model",
        match &field.relation {
            Some(relation) => class_of_model(vm, &relation.to)?,
            None => Object::None,
        },
    );
    Ok(Object::Instance(Rc::new(made)))
}

/// The way back along a foreign key, as Python sees it.
fn relation_object(vm: &mut Interpreter, relation: &ReverseRelation) -> PyResult {
    let name = match relation.is_one_to_one() {
        true => "OneToOneRel",
        false => "ManyToOneRel",
    };
    let made = Instance::new(relation_class(vm, name)?);
    made.set("name", relation.name.as_str());
    made.set("label", relation.source.label().to_lowercase());
    let related_name = relation.field.relation.as_ref();
    let related_name = related_name.and_then(|it| it.related_name.clone());
    made.set(
        "related_name",
        related_name.map_or(Object::None, Object::from),
    );
    made.set("related_model", class_of_model(vm, &relation.source.name)?);
    made.set("field", field_object(vm, &relation.field)?);
    made.set("is_relation", Object::Bool(true));
    made.set("many_to_many", Object::Bool(false));
    made.set("concrete", Object::Bool(false));
    Ok(Object::Instance(Rc::new(made)))
}

/// `Model._meta`
struct MetaAttribute(Rc<Class>);

impl Descriptor for MetaAttribute {
    fn get(&self, vm: &mut Interpreter, _: Option<&Rc<Instance>>, owner: &Rc<Class>) -> PyResult {
        let Some(model) = vm.django()?.catalogue().model(&owner.name).cloned() else {
            let message = format!("type object '{}' has no attribute '_meta'", owner.name);
            return Err(vm.error("AttributeError", &message));
        };
        let made = Instance::with_native(self.0.clone(), Rc::new(model.clone()));
        let ordering = model.ordering.iter().map(|it| Object::from(it.as_str()));
        let together = model.unique_together.iter().map(|names| {
            Object::tuple(
                names
                    .iter()
                    .map(|it| Object::from(it.as_str()))
                    .collect::<Vec<_>>(),
            )
        });
        for (name, text) in [
            ("object_name", model.name.clone()),
            ("model_name", model.name.to_lowercase()),
            ("app_label", model.app_label.clone()),
            ("label", model.label()),
            ("label_lower", model.label().to_lowercase()),
            ("db_table", model.db_table.clone()),
            ("verbose_name", model.verbose_name.clone()),
            ("verbose_name_plural", model.verbose_name_plural.clone()),
        ] {
            made.set(name, text);
        }
        made.set("ordering", Object::list(ordering.collect()));
        made.set(
            "unique_together",
            Object::tuple(together.collect::<Vec<_>>()),
        );
        made.set("abstract", Object::Bool(false));
        let maker = match &model.auto_created {
            Some(maker) => class_of_model(vm, maker)?,
            None => Object::Bool(false),
        };
        made.set("auto_created", maker);
        made.set("proxy", Object::Bool(model.proxy_for.is_some()));
        made.set("managed", Object::Bool(true));
        made.set("model", Object::Class(owner.clone()));
        Ok(Object::Instance(Rc::new(made)))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// `Model._default_manager`
struct DefaultManager;

impl Descriptor for DefaultManager {
    fn get(&self, _: &mut Interpreter, _: Option<&Rc<Instance>>, owner: &Rc<Class>) -> PyResult {
        Ok(default_manager(owner).unwrap_or(Object::None))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
