//! Managers: of models, and of the rows related to an instance.

use super::queryset::{filled, model_instance, queryset_of};
use crate::orm::Instance as ModelInstance;
use crate::orm::related::Relation;
use crate::shell::interpret::{Interpreter, Types};
use crate::shell::value::class::native;
use crate::shell::value::{Arguments, Class, Descriptor, Instance, Module, Object, PyResult};
use std::any::Any;
use std::cell::RefCell;
use std::rc::Rc;

/// What stands behind a manager object.
pub(super) struct State {
    /// The class of its model, once the manager stands in one.
    pub model: RefCell<Option<Rc<Class>>>,
    /// The instance whose related rows it manages.
    pub related: Option<Related>,
}

/// Whose related rows a manager manages, and along which relation.
pub(super) struct Related {
    /// The instance.
    pub instance: ModelInstance,
    /// The relation.
    pub relation: Relation,
}

/// Whether an object is a manager.
pub(super) fn is_manager(object: &Object) -> bool {
    state(object).is_some()
}

/// The manager that an attribute of a model's class holds.
pub(super) fn in_class(attribute: &Object) -> Option<Object> {
    match attribute {
        Object::Descriptor(descriptor) => {
            let held = descriptor.as_any().downcast_ref::<ManagerAttribute>()?;
            Some(held.0.clone())
        }
        _ => None,
    }
}

/// The same manager once more, without a model.
pub(super) fn copy(manager: &Object) -> Object {
    let Some(instance) = manager.as_instance() else {
        return manager.clone();
    };
    let state = State {
        model: RefCell::new(None),
        related: None,
    };
    let made = Instance::with_native(instance.class.clone(), Rc::new(state));
    made.attributes
        .borrow_mut()
        .clone_from(&instance.attributes.borrow());
    Object::Instance(Rc::new(made))
}

/// Forgets the class of the managers that lead to a model, which is made of its default manager.
pub(super) fn forget_related(django: &super::Django, model: &str) {
    for kind in ["RelatedManager", "ManyRelatedManager"] {
        let key = format!("{kind} of {model}");
        django.classes.borrow_mut().remove(&key);
    }
}

pub(super) fn state(object: &Object) -> Option<Rc<State>> {
    object.as_instance()?.native::<State>()
}

/// `QuerySet.as_manager()`
pub(super) fn as_manager(vm: &mut Interpreter, queryset: &Rc<Class>) -> PyResult {
    let base = manager_class(vm)?;
    let class = from_queryset(vm, &base, queryset, None);
    vm.instantiate(&class, Arguments::default())
}

/// `models.Manager`
pub(super) fn manager_class(vm: &Interpreter) -> PyResult<Rc<Class>> {
    let found = vm.django()?.class("Manager");
    found.ok_or_else(|| vm.error("RuntimeError", "Django is not set up"))
}

/// A manager class with the methods of a queryset class.
fn from_queryset(
    vm: &Interpreter,
    base: &Rc<Class>,
    queryset: &Rc<Class>,
    name: Option<Rc<str>>,
) -> Rc<Class> {
    let name = name.unwrap_or_else(|| format!("{}From{}", base.name, queryset.name).into());
    let class = Types::class(&name, "django.db.models.manager", &[base]);
    class.set("_queryset_class", Object::Class(queryset.clone()));
    let _ = vm;
    class
}

/// Adds the class.
pub(super) fn install(vm: &mut Interpreter, models: &Rc<Module>) -> PyResult<()> {
    let base = Types::class(
        "BaseManager",
        "django.db.models.manager",
        &[&vm.types.object],
    );
    let class = Types::class("Manager", "django.db.models.manager", &[&base]);
    let django = vm.django()?;
    if let Some(queryset) = django.class("QuerySet") {
        base.set("_queryset_class", Object::Class(queryset));
    }
    base.static_method("__new__", |vm, mut arguments| {
        let Object::Class(class) = arguments.take_first() else {
            return Err(vm.type_error("a manager class was expected"));
        };
        let state = State {
            model: RefCell::new(None),
            related: None,
        };
        Ok(Object::Instance(Rc::new(Instance::with_native(
            class,
            Rc::new(state),
        ))))
    });
    base.method("__init__", |_, _| Ok(Object::None));
    base.class_method("from_queryset", |vm, mut arguments| {
        let own = arguments.take_first();
        let [queryset, name] =
            arguments.bind(vm, "from_queryset", ["queryset_class", "class_name"], 1)?;
        let (Object::Class(own), Some(Object::Class(queryset))) = (own, queryset) else {
            return Err(vm.type_error("from_queryset() needs a queryset class"));
        };
        let name = name.as_ref().and_then(Object::as_str).cloned();
        Ok(Object::Class(from_queryset(vm, &own, &queryset, name)))
    });
    // Here there is one database, and no router that would choose.
    base.property("_db", |_, _| Ok(Object::None));
    base.method("get_queryset", |vm, mut arguments| {
        let manager = arguments.take_first();
        let class = queryset_class(&manager);
        let (Some(state), Some(class)) = (state(&manager), class) else {
            return Err(vm.type_error("a manager was expected"));
        };
        let Some(model) = state.model.borrow().clone() else {
            let message = "the manager does not belong to a model";
            return Err(vm.error("AttributeError", message));
        };
        let queryset = super::migrate::queryset(vm, &model.name)?;
        Ok(super::queryset::object(&class, queryset))
    });
    base.method("all", |vm, mut arguments| {
        let manager = arguments.take_first();
        vm.call_method(&manager, "get_queryset", Arguments::default())
    });
    super::custom::contribution(&base);
    base.method("db_manager", |_, mut arguments| Ok(arguments.take_first()));
    base.method("__getattr__", |vm, arguments| {
        let [manager, name] = arguments.exactly(vm, "__getattr__")?;
        let name = vm.str(&name)?;
        let hidden = matches!(
            &*name,
            "delete" | "as_manager" | "model" | "query" | "ordered"
        );
        let known = queryset_class(&manager).and_then(|class| class.lookup(&name));
        if known.is_none() || hidden || name.starts_with('_') {
            let class = vm.type_name(&manager);
            let message = format!("'{class}' object has no attribute '{name}'");
            return Err(vm.error("AttributeError", &message));
        }
        let queryset = vm.call_method(&manager, "get_queryset", Arguments::default())?;
        vm.attribute(&queryset, &name)
    });
    base.method("__repr__", |vm, arguments| {
        let [manager] = arguments.exactly(vm, "__repr__")?;
        let name = vm.type_name(&manager);
        let model = state(&manager).and_then(|it| it.model.borrow().clone());
        let model = model.map(|it| it.name.to_string()).unwrap_or_default();
        Ok(Object::from(format!(
            "<django.db.models.manager.{name} object of {model}>"
        )))
    });
    related(&base);
    django
        .classes
        .borrow_mut()
        .insert("Manager".to_owned(), class.clone());
    models.set("Manager", Object::Class(class));
    Ok(())
}

fn queryset_class(manager: &Object) -> Option<Rc<Class>> {
    match manager.as_instance()?.class.lookup("_queryset_class")? {
        Object::Class(class) => Some(class),
        _ => None,
    }
}

/// `Product.objects`: only on the class.
pub(super) struct ManagerAttribute(pub Object);

impl Descriptor for ManagerAttribute {
    fn get(
        &self,
        vm: &mut Interpreter,
        instance: Option<&Rc<Instance>>,
        owner: &Rc<Class>,
    ) -> PyResult {
        match instance {
            None => Ok(self.0.clone()),
            Some(_) => {
                let message = format!("Manager isn't accessible via {} instances", owner.name);
                Err(vm.error("AttributeError", &message))
            }
        }
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// The manager of the rows related to an instance, `customer.orders`.
pub(super) fn related_manager(
    vm: &mut Interpreter,
    instance: ModelInstance,
    relation: Relation,
) -> PyResult {
    let django = vm.django()?;
    let Some(model) = django.model_class(&relation.target().name) else {
        return Err(vm.error("AttributeError", "the related model is not defined"));
    };
    let base = match super::model::default_manager(&model) {
        Some(manager) => vm.class_of(&manager),
        None => manager_class(vm)?,
    };
    let key = format!("RelatedManager of {}", model.name);
    let class = match django.class(&key) {
        Some(class) => class,
        None => {
            let class = Types::class(
                "RelatedManager",
                "django.db.models.fields.related_descriptors",
                &[&base],
            );
            class.method("get_queryset", related_queryset);
            django.classes.borrow_mut().insert(key, class.clone());
            class
        }
    };
    // Django refuses unsaved instances here, not only when rows are read.
    let catalogue = django.catalogue();
    relation
        .manager(&catalogue, &instance, None)
        .map_err(|error| vm.orm_error(error))?;
    let state = State {
        model: RefCell::new(Some(model)),
        related: Some(Related { instance, relation }),
    };
    Ok(Object::Instance(Rc::new(Instance::with_native(
        class,
        Rc::new(state),
    ))))
}

/// What `get_queryset()` of a manager of related rows gives.
pub(super) fn related_queryset(vm: &mut Interpreter, mut arguments: Arguments) -> PyResult {
    let manager = arguments.take_first();
    let Some(state) = state(&manager) else {
        return Err(vm.type_error("a manager was expected"));
    };
    let Some(Related { instance, relation }) = &state.related else {
        return Err(vm.type_error("a related manager was expected"));
    };
    let Some(class) = queryset_class(&manager) else {
        return Err(vm.type_error("a manager was expected"));
    };
    let known = instance.with(|state| state.prefetched.get(relation.name()).cloned());
    if let Some((queryset, rows)) = known {
        let mut objects = Vec::with_capacity(rows.len());
        for row in &rows {
            objects.push(super::model::object(vm, row)?);
        }
        return Ok(filled(&class, queryset, objects));
    }
    let model = state.model.borrow().clone();
    let default = model.as_ref().and_then(super::model::default_manager);
    let base = match default {
        Some(default) => queryset_of(vm, &default)?,
        None => None,
    };
    let catalogue = vm.django()?.catalogue();
    let queryset = relation
        .manager(&catalogue, instance, base.as_ref())
        .map_err(|error| vm.orm_error(error))?;
    Ok(super::queryset::object(&class, queryset))
}

/// What managers of related rows do besides: they fill the foreign key in.
fn related(base: &Rc<Class>) {
    for name in ["create", "get_or_create", "update_or_create"] {
        base.method(name, move |vm, mut arguments| {
            let manager = arguments.take_first();
            let queryset = vm.call_method(&manager, "get_queryset", Arguments::default())?;
            if let Some(state) = state(&manager)
                && let Some(related) = &state.related
            {
                let field = related.relation.field().name.clone();
                arguments.take_keyword(&field);
                let owner = super::model::object(vm, &related.instance)?;
                arguments.keywords.push((field.as_str().into(), owner));
                forget(related);
            }
            vm.call_method(&queryset, name, arguments)
        });
    }
    base.method("add", |vm, mut arguments| {
        let manager = arguments.take_first();
        let Some(state) = state(&manager) else {
            return Ok(Object::None);
        };
        let Some(related) = &state.related else {
            return Err(vm.error("AttributeError", "'Manager' object has no attribute 'add'"));
        };
        let owner = super::model::object(vm, &related.instance)?;
        let field = related.relation.field().name.clone();
        let model = related.relation.target().name.clone();
        let one_by_one = match arguments.take_keyword("bulk") {
            Some(bulk) => !vm.is_true(&bulk)?,
            None => false,
        };
        let mut keys = Vec::new();
        for value in &arguments.positional {
            let row = model_instance(value).filter(|row| row.model().name == model);
            let Some(row) = row else {
                let shown = vm.repr(value)?;
                let message = format!("'{model}' instance expected, got {shown}");
                return Err(vm.type_error(message));
            };
            if !one_by_one && row.is_adding() {
                let shown = vm.repr(value)?;
                let message = format!(
                    "{shown} instance isn't saved. Use bulk=False or save the object first."
                );
                return Err(vm.value_error(message));
            }
            keys.extend(row.key().map(|key| super::convert::to_python(&key)));
        }
        for value in &arguments.positional {
            vm.set_attribute(value, &field, owner.clone())?;
            if one_by_one {
                vm.call_method(value, "save", Arguments::default())?;
            }
        }
        if !one_by_one {
            let Some(class) = queryset_class(&manager) else {
                return Err(vm.type_error("a manager was expected"));
            };
            let catalogue = vm.django()?.catalogue();
            let all = crate::orm::QuerySet::new(&catalogue, related.relation.target());
            let all = super::queryset::object(&class, all);
            let mut given = Arguments::default();
            given.keywords.push(("pk__in".into(), Object::list(keys)));
            let rows = vm.call_method(&all, "filter", given)?;
            let mut given = Arguments::default();
            given.keywords.push((field.as_str().into(), owner));
            vm.call_method(&rows, "update", given)?;
        }
        forget(related);
        Ok(Object::None)
    });
    base.method("set", |vm, arguments| {
        let names = ["self", "objs", "bulk", "clear"];
        let [manager, objects, _, clear] = arguments.bind(vm, "set", names, 2)?;
        let manager = manager.unwrap_or(Object::None);
        let mut wanted = vm.collect(&objects.unwrap_or(Object::None))?;
        let nullable = state(&manager)
            .and_then(|state| Some(state.related.as_ref()?.relation.field().null))
            .unwrap_or(false);
        let clear = match clear {
            Some(clear) => vm.is_true(&clear)?,
            None => false,
        };
        if nullable && clear {
            vm.call_method(&manager, "clear", Arguments::default())?;
        } else if nullable {
            let all = vm.call_method(&manager, "all", Arguments::default())?;
            let key = |it: &Object| model_instance(it).and_then(|row| row.key());
            let mut stale = vm.collect(&all)?;
            let known: Vec<_> = stale.iter().map(key).collect();
            let kept: Vec<_> = wanted.iter().map(key).collect();
            stale.retain(|it| !kept.contains(&key(it)));
            wanted.retain(|it| !known.contains(&key(it)));
            if !stale.is_empty() {
                let given = Arguments {
                    positional: stale,
                    ..Arguments::default()
                };
                vm.call_method(&manager, "remove", given)?;
            }
        }
        if !wanted.is_empty() {
            let given = Arguments {
                positional: wanted,
                ..Arguments::default()
            };
            vm.call_method(&manager, "add", given)?;
        }
        Ok(Object::None)
    });
    for name in ["remove", "clear"] {
        base.set(name, Object::Descriptor(Rc::new(Detach(name))));
    }
}

/// `remove()` and `clear()`: only there where the foreign key may be empty.
struct Detach(&'static str);

impl Descriptor for Detach {
    fn get(
        &self,
        vm: &mut Interpreter,
        instance: Option<&Rc<Instance>>,
        owner: &Rc<Class>,
    ) -> PyResult {
        let manager = instance.map(|it| Object::Instance(it.clone()));
        let state = manager.as_ref().and_then(state);
        let related = state.as_ref().and_then(|state| state.related.as_ref());
        let name = self.0;
        match (manager, related.is_some_and(|it| it.relation.field().null)) {
            (Some(manager), true) => Ok(native(name, move |vm, arguments| {
                detach(vm, &manager, name, arguments)
            })),
            _ => {
                let message = format!("'{}' object has no attribute '{name}'", owner.name);
                Err(vm.error("AttributeError", &message))
            }
        }
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

fn detach(vm: &mut Interpreter, manager: &Object, name: &str, arguments: Arguments) -> PyResult {
    let state = state(manager);
    let Some(related) = state.as_ref().and_then(|state| state.related.as_ref()) else {
        return Ok(Object::None);
    };
    let field = related.relation.field().name.clone();
    let mut queryset = vm.call_method(manager, "get_queryset", Arguments::default())?;
    if name == "remove" {
        let owner = super::model::object(vm, &related.instance)?;
        let mut keys = Vec::new();
        for value in &arguments.positional {
            let model = &related.relation.target().name;
            let Some(row) = model_instance(value).filter(|row| row.model().name == *model) else {
                let shown = vm.repr(value)?;
                return Err(vm.type_error(format!("'{model}' instance expected, got {shown}")));
            };
            if !related.relation.leads_to(&related.instance, &row) {
                let message = format!(
                    "{} is not related to {}.",
                    vm.repr(value)?,
                    vm.repr(&owner)?
                );
                let class = vm.class_of(&owner).lookup("DoesNotExist");
                let Some(Object::Class(class)) = class else {
                    return Err(vm.error("ObjectDoesNotExist", &message));
                };
                return Err(vm.error_of(&class, vec![Object::from(message)]));
            }
            keys.extend(row.key().map(|it| super::convert::to_python(&it)));
        }
        let mut given = Arguments::default();
        given.keywords.push(("pk__in".into(), Object::list(keys)));
        queryset = vm.call_method(&queryset, "filter", given)?;
    }
    let mut given = Arguments::default();
    given.keywords.push((field.as_str().into(), Object::None));
    vm.call_method(&queryset, "update", given)?;
    forget(related);
    Ok(Object::None)
}

/// What was prefetched is no longer true.
pub(super) fn forget(related: &Related) {
    let name = related.relation.name();
    related
        .instance
        .change(|state| state.prefetched.remove(name));
}
