//! The manager of the rows at the other end of a many-to-many relation, `post.tags` (Django's
//! `create_forward_many_to_many_manager`).

use super::super::convert::{to_operand, to_python};
use super::super::manager::{self, Related, State, forget, manager_class, related_queryset};
use super::super::model::default_manager;
use super::super::queryset::{connected, model_instance, object, queryset_of};
use super::through;
use crate::base::Value;
use crate::market::catalogue::{Field, ManyEnd};
use crate::orm::expressions::{PlainValue, target_field, value_field};
use crate::orm::lookups::prepare;
use crate::orm::related::Relation;
use crate::orm::transaction::{Outcome, Savepoint, enter, leave};
use crate::orm::{Connector, Instance as ModelInstance, Operand, Q, QuerySet};
use crate::shell::interpret::{Interpreter, Types};
use crate::shell::value::{Arguments, Class, Instance, Object, PyResult};
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

/// What Python calls the class in the texts of its errors.
const METHOD: &str = "create_forward_many_to_many_manager.<locals>.ManyRelatedManager";

/// The manager of what a relation leads to from an instance.
pub(super) fn related(
    vm: &mut Interpreter,
    instance: &ModelInstance,
    relation: Relation,
) -> PyResult {
    let django = vm.django()?;
    let Some(model) = django.model_class(&relation.target().name) else {
        return Err(vm.error("AttributeError", "the related model is not defined"));
    };
    // Django refuses unsaved instances here, not only when rows are read.
    relation
        .many_key(instance)
        .map_err(|error| vm.orm_error(error))?;
    let base = match default_manager(&model) {
        Some(manager) => vm.class_of(&manager),
        None => manager_class(vm)?,
    };
    let key = format!("ManyRelatedManager of {}", model.name);
    let class = match django.class(&key) {
        Some(class) => class,
        None => {
            let class = class(&base);
            django.classes.borrow_mut().insert(key, class.clone());
            class
        }
    };
    let state = State {
        model: RefCell::new(Some(model)),
        related: Some(Related {
            instance: instance.clone(),
            relation,
        }),
    };
    Ok(Object::Instance(Rc::new(Instance::with_native(
        class,
        Rc::new(state),
    ))))
}

fn class(base: &Rc<Class>) -> Rc<Class> {
    let class = Types::class(
        "ManyRelatedManager",
        "django.db.models.fields.related_descriptors",
        &[base],
    );
    class.method("get_queryset", related_queryset);
    class.property("through", |vm, own| {
        let bound = Bound::of(vm, &own)?;
        through(vm, &bound.end)
    });
    for name in ["count", "exists"] {
        class.method(name, move |vm, arguments| {
            let [own] = arguments.exactly(vm, name)?;
            let bound = Bound::of(vm, &own)?;
            let rows = match bound.counts_between(vm)? {
                true => bound.pairs(vm)?,
                false => vm.call_method(&own, "get_queryset", Arguments::default())?,
            };
            vm.call_method(&rows, name, Arguments::default())
        });
    }
    class.method("add", |vm, mut arguments| {
        let own = arguments.take_first();
        let bound = Bound::of(vm, &own)?;
        let defaults = Defaults::take(vm, &mut arguments, "add")?;
        bound.forget();
        bound.add(vm, arguments.positional, &defaults)?;
        Ok(Object::None)
    });
    class.method("remove", |vm, mut arguments| {
        let own = arguments.take_first();
        let bound = Bound::of(vm, &own)?;
        Defaults::none(vm, &arguments, "remove")?;
        bound.forget();
        bound.remove(vm, arguments.positional)?;
        Ok(Object::None)
    });
    class.method("clear", |vm, mut arguments| {
        let own = arguments.take_first();
        alone(vm, &arguments, "clear")?;
        let bound = Bound::of(vm, &own)?;
        bound.forget();
        bound.clear(vm)?;
        Ok(Object::None)
    });
    class.method("set", |vm, mut arguments| {
        let defaults = arguments.take_keyword("through_defaults");
        if arguments.positional.len() == 1
            && arguments.keywords.iter().all(|(it, _)| &**it != "objs")
        {
            let message = format!("{METHOD}.set() missing 1 required positional argument: 'objs'");
            return Err(vm.type_error(message));
        }
        let [own, objects, clear] = arguments.bind(vm, "set", ["self", "objs", "clear"], 2)?;
        let bound = Bound::of(vm, &own.unwrap_or(Object::None))?;
        let objects = vm.collect(&objects.unwrap_or(Object::None))?;
        let clear = match clear {
            Some(clear) => vm.is_true(&clear)?,
            None => false,
        };
        bound.set(vm, objects, clear, &Defaults(defaults))?;
        Ok(Object::None)
    });
    class.method("create", |vm, mut arguments| {
        let own = arguments.take_first();
        alone(vm, &arguments, "create")?;
        let bound = Bound::of(vm, &own)?;
        let defaults = Defaults(arguments.take_keyword("through_defaults"));
        let rows = vm.call_method(&own, "get_queryset", Arguments::default())?;
        let made = vm.call_method(&rows, "create", arguments)?;
        bound.forget();
        bound.add(vm, vec![made.clone()], &defaults)?;
        Ok(made)
    });
    for name in ["get_or_create", "update_or_create"] {
        class.method(name, move |vm, mut arguments| {
            let own = arguments.take_first();
            alone(vm, &arguments, name)?;
            let bound = Bound::of(vm, &own)?;
            let defaults = Defaults(arguments.take_keyword("through_defaults"));
            let rows = vm.call_method(&own, "get_queryset", Arguments::default())?;
            let pair = vm.call_method(&rows, name, arguments)?;
            let parts = vm.collect(&pair)?;
            if let [made, created] = parts.as_slice()
                && vm.is_true(created)?
            {
                bound.forget();
                bound.add(vm, vec![made.clone()], &defaults)?;
            }
            Ok(pair)
        });
    }
    class
}

/// Refuses arguments by position.
fn alone(vm: &Interpreter, arguments: &Arguments, method: &str) -> PyResult<()> {
    match arguments.positional.len() {
        0 => Ok(()),
        more => Err(vm.type_error(format!(
            "{METHOD}.{method}() takes 1 positional argument but {} were given",
            more + 1
        ))),
    }
}

/// `through_defaults=`
struct Defaults(Option<Object>);

impl Defaults {
    fn take(vm: &Interpreter, arguments: &mut Arguments, method: &str) -> PyResult<Self> {
        let found = arguments.take_keyword("through_defaults");
        Self::none(vm, arguments, method)?;
        Ok(Self(found))
    }

    /// Refuses keywords.
    fn none(vm: &Interpreter, arguments: &Arguments, method: &str) -> PyResult<()> {
        match arguments.keywords.first() {
            None => Ok(()),
            Some((name, _)) => Err(vm.type_error(format!(
                "{METHOD}.{method}() got an unexpected keyword argument '{name}'"
            ))),
        }
    }

    /// The names and values, of which callables are called.
    fn pairs(&self, vm: &mut Interpreter) -> PyResult<Vec<(Rc<str>, Object)>> {
        let Some(Object::Dict(dict)) = self.0.clone().and_then(Object::some) else {
            return Ok(Vec::new());
        };
        let items = dict.borrow().items();
        let mut found = Vec::new();
        for (name, value) in items {
            let value = match &value {
                Object::Function(_) | Object::Native(_) | Object::Method(_) => {
                    vm.call(&value, Arguments::default())?
                }
                other => other.clone(),
            };
            found.push((vm.str(&name)?, value));
        }
        Ok(found)
    }
}

/// A relation of an instance, and the value that ties the instance to it.
struct Bound {
    state: Rc<State>,
    instance: ModelInstance,
    end: ManyEnd,
    key: Value,
    manager: Object,
}

/// Which of the two keys of the model between points at the instance: of a symmetrical relation
/// each pair is kept both ways round.
#[derive(Clone, Copy, PartialEq)]
enum Way {
    Usual,
    Mirrored,
}

impl Bound {
    fn of(vm: &Interpreter, manager: &Object) -> PyResult<Self> {
        let state = manager::state(manager);
        let related = state.as_ref().and_then(|state| state.related.as_ref());
        let (Some(state), Some(Related { instance, relation })) = (state.clone(), related) else {
            return Err(vm.type_error("a related manager was expected"));
        };
        let Relation::Many { end, .. } = relation else {
            return Err(vm.type_error("a many-to-many relation was expected"));
        };
        let key = relation
            .many_key(instance)
            .map_err(|error| vm.orm_error(error))?;
        Ok(Self {
            instance: instance.clone(),
            end: (**end).clone(),
            key,
            manager: manager.clone(),
            state,
        })
    }

    /// What was prefetched is no longer true.
    fn forget(&self) {
        if let Some(related) = &self.state.related {
            forget(related);
        }
    }

    /// Whether the model between alone tells how many rows there are: every pair has its row, and
    /// the plain manager leaves none out.
    fn counts_between(&self, vm: &Interpreter) -> PyResult<bool> {
        let name = &self.end.accessor;
        let known = self.instance.with(|state| state.prefetched.contains(name));
        let model = self.state.model.borrow().clone();
        let manager = model.as_ref().and_then(default_manager);
        let plain = match manager {
            Some(manager) => Rc::ptr_eq(&vm.class_of(&manager), &manager_class(vm)?),
            None => true,
        };
        Ok(plain && !known)
    }

    /// The rows of the model between.
    fn pairs(&self, vm: &Interpreter) -> PyResult {
        let catalogue = vm.django()?.catalogue();
        let mut condition = Q::lookup(self.end.source_key.name.as_str(), self.key.clone());
        if self.end.target_key.null {
            let path = format!("{}__isnull", self.end.target_key.name);
            condition = condition & Q::lookup(path, false);
        }
        let rows = QuerySet::new(&catalogue, &self.end.through)
            .filter(condition)
            .map_err(|error| vm.orm_error(error))?;
        match vm.django()?.class("QuerySet") {
            Some(class) => Ok(object(&class, rows)),
            None => Err(vm.error("RuntimeError", "Django is not set up")),
        }
    }

    /// The default manager of the model between.
    fn between(&self, vm: &Interpreter) -> PyResult {
        let Object::Class(class) = through(vm, &self.end)? else {
            return Err(vm.type_error("a model class was expected"));
        };
        match default_manager(&class) {
            Some(manager) => Ok(manager),
            None => Err(vm.error("AttributeError", "the model between has no manager")),
        }
    }

    /// The rows of the other end that the default manager gives, and whether it leaves some out.
    fn others(&self, vm: &mut Interpreter) -> PyResult<(Option<QuerySet>, bool)> {
        let model = self.state.model.borrow().clone();
        let rows = match model.as_ref().and_then(default_manager) {
            Some(manager) => queryset_of(vm, &manager)?,
            None => None,
        };
        let filtered = rows.as_ref().is_some_and(|rows| rows.query().has_filters());
        Ok((rows, filtered))
    }

    fn keys(&self, way: Way) -> (&Arc<Field>, &Arc<Field>) {
        match way {
            Way::Usual => (&self.end.source_key, &self.end.target_key),
            Way::Mirrored => (&self.end.target_key, &self.end.source_key),
        }
    }

    /// Whether a row is one of the other end.
    fn is_other(&self, row: &ModelInstance) -> bool {
        let (model, target) = (row.model(), &self.end.target);
        model.name == target.name || model.proxy_for.as_deref() == Some(&*target.name)
    }

    /// The value of a row of the other end that a foreign key would hold.
    fn key_of(
        &self,
        vm: &Interpreter,
        row: &ModelInstance,
        key: &Field,
    ) -> PyResult<Option<Value>> {
        let catalogue = vm.django()?.catalogue();
        let target = target_field(key, &catalogue);
        let value = target.and_then(|target| row.value(target.attname()));
        Ok(value.filter(|value| !value.is_null()))
    }

    /// A value that stands for a row, as its foreign key would hold it.
    fn prepared(&self, vm: &mut Interpreter, value: &Object, key: &Arc<Field>) -> PyResult {
        let catalogue = vm.django()?.catalogue();
        let field = value_field(key, &catalogue);
        match to_operand(vm, value)? {
            Operand::Value(PlainValue(value)) => {
                let prepared = prepare(&field, value).map_err(|error| vm.orm_error(error))?;
                Ok(to_python(&prepared))
            }
            Operand::Expr(_) | Operand::Instance(_) | Operand::List(_)
                if field.kind.is_integer() =>
            {
                let shown = vm.repr(value)?;
                Err(vm.type_error(format!(
                    "Field '{}' expected a number but got {shown}.",
                    field.name
                )))
            }
            Operand::Expr(_) | Operand::Instance(_) | Operand::List(_) => Ok(value.clone()),
        }
    }

    /// The keys of rows that are to be added, as a set.
    fn target_ids(&self, vm: &mut Interpreter, objects: &[Object], way: Way) -> PyResult {
        let (_, key) = self.keys(way);
        let mut ids = Vec::new();
        for value in objects {
            let Some(row) = model_instance(value) else {
                ids.push(self.prepared(vm, value, key)?);
                continue;
            };
            let shown = vm.repr(value)?;
            if !self.is_other(&row) {
                let model = &self.end.target.name;
                return Err(vm.type_error(format!("'{model}' instance expected, got {shown}")));
            }
            let base = |adding: bool| match adding {
                true => "None",
                false => "default",
            };
            if row.is_adding() != self.instance.is_adding() {
                return Err(vm.value_error(format!(
                    "Cannot add \"{shown}\": instance is on database \"{}\", value is on database \
                     \"{}\"",
                    base(self.instance.is_adding()),
                    base(row.is_adding())
                )));
            }
            match self.key_of(vm, &row, key)? {
                Some(id) => ids.push(to_python(&id)),
                None => {
                    return Err(vm.value_error(format!(
                        "Cannot add \"{shown}\": the value for field \"{}\" is None",
                        key.name
                    )));
                }
            }
        }
        vm.set_of(ids)
    }

    fn add(&self, vm: &mut Interpreter, objects: Vec<Object>, defaults: &Defaults) -> PyResult<()> {
        in_block(vm, |vm| {
            self.add_pairs(vm, &objects, defaults, Way::Usual)?;
            match self.end.is_symmetrical() {
                true => self.add_pairs(vm, &objects, defaults, Way::Mirrored),
                false => Ok(()),
            }
        })
    }

    fn add_pairs(
        &self,
        vm: &mut Interpreter,
        objects: &[Object],
        defaults: &Defaults,
        way: Way,
    ) -> PyResult<()> {
        if objects.is_empty() {
            return Ok(());
        }
        let defaults = defaults.pairs(vm)?;
        let (source, target) = self.keys(way);
        let mut ids = self.target_ids(vm, objects, way)?;
        let between = self.between(vm)?;
        let key = to_python(&self.key);
        let fast = self.end.through.auto_created.is_some();
        if !fast {
            // Whatever the pair collides with is not for us to pass over, so pairs that are there
            // are left out beforehand.
            let mut given = named("flat", Object::Bool(true));
            given.positional.push(Object::from(target.name.as_str()));
            let known = vm.call_method(&between, "values_list", given)?;
            let mut given = named(&source.name, key.clone());
            let path = format!("{}__in", target.name);
            given.keywords.push((path.as_str().into(), ids.clone()));
            let known = vm.call_method(&known, "filter", given)?;
            ids = vm.call_method(&ids, "difference", Arguments::from(vec![known]))?;
        }
        let Object::Class(class) = through(vm, &self.end)? else {
            return Err(vm.type_error("a model class was expected"));
        };
        let mut pairs = Vec::new();
        for id in vm.collect(&ids)? {
            let mut given = Arguments::default();
            if !fast {
                given.keywords.extend(defaults.iter().cloned());
            }
            given
                .keywords
                .push((format!("{}_id", source.name).as_str().into(), key.clone()));
            given
                .keywords
                .push((format!("{}_id", target.name).as_str().into(), id));
            pairs.push(vm.instantiate(&class, given)?);
        }
        let mut given = named("ignore_conflicts", Object::Bool(fast));
        given.positional.push(Object::list(pairs));
        vm.call_method(&between, "bulk_create", given)?;
        Ok(())
    }

    /// Deletes the pairs of the instance with these rows, or with all.
    fn delete(&self, vm: &mut Interpreter, others: Option<Operand>) -> PyResult<()> {
        let condition = |way: Way| {
            let (source, target) = self.keys(way);
            let mut condition = Q::lookup(source.name.as_str(), self.key.clone());
            if let Some(others) = &others {
                let path = format!("{}__in", target.name);
                condition = condition.combine(Q::lookup(path, others.clone()), Connector::And);
            }
            condition
        };
        let mut condition_of_all = condition(Way::Usual);
        if self.end.is_symmetrical() {
            let mirrored = condition(Way::Mirrored);
            condition_of_all = condition_of_all.combine(mirrored, Connector::Or);
        }
        let between = self.between(vm)?;
        let Some(rows) = queryset_of(vm, &between)? else {
            return Err(vm.type_error("a manager was expected"));
        };
        connected(vm, |connection| {
            rows.filter(condition_of_all)?.delete(connection).map(drop)
        })
    }

    fn remove(&self, vm: &mut Interpreter, objects: Vec<Object>) -> PyResult<()> {
        if objects.is_empty() {
            return Ok(());
        }
        let mut ids = Vec::new();
        for value in objects {
            ids.push(match model_instance(&value) {
                Some(row) if self.is_other(&row) => {
                    let id = self.key_of(vm, &row, &self.end.target_key)?;
                    id.map_or(Object::None, |id| to_python(&id))
                }
                _ => value,
            });
        }
        let ids = vm.set_of(ids)?;
        in_block(vm, |vm| {
            let mut others = to_operand(vm, &ids)?;
            if let (Some(rows), true) = self.others(vm)? {
                let catalogue = vm.django()?.catalogue();
                let target = target_field(&self.end.target_key, &catalogue);
                let name = target.map_or_else(String::new, |it| it.attname().to_owned());
                let rows = rows.filter(Q::lookup(format!("{name}__in"), others));
                let rows = rows.map_err(|error| vm.orm_error(error))?;
                others = Operand::Expr(crate::orm::Expr::QuerySet(Box::new(rows)));
            }
            self.delete(vm, Some(others))
        })
    }

    fn clear(&self, vm: &mut Interpreter) -> PyResult<()> {
        in_block(vm, |vm| {
            let others = match self.others(vm)? {
                (Some(rows), true) => {
                    Some(Operand::Expr(crate::orm::Expr::QuerySet(Box::new(rows))))
                }
                _ => None,
            };
            self.delete(vm, others)
        })
    }

    fn set(
        &self,
        vm: &mut Interpreter,
        objects: Vec<Object>,
        clear: bool,
        defaults: &Defaults,
    ) -> PyResult<()> {
        in_block(vm, |vm| {
            self.forget();
            if clear {
                self.clear(vm)?;
                return self.add(vm, objects, defaults);
            }
            let catalogue = vm.django()?.catalogue();
            let target = target_field(&self.end.target_key, &catalogue);
            let name = target.map_or_else(String::new, |it| it.attname().to_owned());
            let rows = vm.call_method(&self.manager, "get_queryset", Arguments::default())?;
            let mut given = named("flat", Object::Bool(true));
            given.positional.push(Object::from(name));
            let known = vm.call_method(&rows, "values_list", given)?;
            let known = vm.collect(&known)?;
            let old = vm.set_of(known)?;
            let mut new = Vec::new();
            for value in objects {
                let id = match model_instance(&value) {
                    Some(row) if self.is_other(&row) => {
                        let id = self.key_of(vm, &row, &self.end.target_key)?;
                        id.map_or(Object::None, |id| to_python(&id))
                    }
                    _ => self.prepared(vm, &value, &self.end.target_key)?,
                };
                match vm.contains(&old, &id)? {
                    true => {
                        vm.call_method(&old, "discard", Arguments::from(vec![id]))?;
                    }
                    false => new.push(value),
                }
            }
            let stale = vm.collect(&old)?;
            self.remove(vm, stale)?;
            self.add(vm, new, defaults)
        })
    }
}

fn named(name: &str, value: Object) -> Arguments {
    let mut given = Arguments::default();
    given.keywords.push((name.into(), value));
    given
}

/// Runs something in `atomic(savepoint=False)`.
fn in_block<T>(
    vm: &mut Interpreter,
    code: impl FnOnce(&mut Interpreter) -> PyResult<T>,
) -> PyResult<T> {
    connected(vm, |connection| enter(connection, Savepoint::Skip))?;
    let result = code(vm);
    let outcome = match &result {
        Ok(_) => Outcome::Success,
        Err(_) => Outcome::Failure,
    };
    connected(vm, |connection| leave(connection, outcome))?;
    result
}
