//! Model instances: values by attribute, what is loaded of their relations, and their state.

use super::connection::{Reach, Way};
use super::errors::{ExceptionClass, OrmError, Result};
use super::expressions::{Operand, PlainValue, same_value};
use super::ordered::OrderedMap;
use super::queryset::QuerySet;
use crate::base::Value;
use crate::market::catalogue::{FieldDefault, Model};
use std::any::Any;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;
use std::rc::{Rc, Weak};
use std::sync::Arc;

/// A model instance. Clones are the same object, as in Python.
#[derive(Clone)]
pub struct Instance(Rc<RefCell<State>>);

/// What an instance holds.
pub struct State {
    /// Its model.
    pub model: Arc<Model>,
    /// The stored values by attribute name (`customer_id`); an absent one is deferred.
    pub values: OrderedMap<Operand>,
    /// Annotations, and attributes that prefetching set.
    pub annotations: OrderedMap<Attribute>,
    /// The columns that the query put in front of its own, by name.
    pub leading: OrderedMap<Value>,
    /// Related instances that are loaded, by the relation's name.
    pub related: OrderedMap<Option<Instance>>,
    /// Rows that were prefetched, by the relation's accessor.
    pub prefetched: OrderedMap<(QuerySet, Vec<Instance>)>,
    /// Whether it is not in the database yet.
    pub adding: bool,
    /// What happens when something is touched that is not loaded.
    pub fetch_mode: FetchMode,
    /// The instances that came from the same query, for [`FetchMode::Peers`].
    pub peers: Option<Peers>,
    /// How it was reached, unless it is a row of the queryset that was read.
    pub way: Option<Rc<Way>>,
    /// What the owner of the instance attaches to it, such as attributes set by Python code.
    pub attachments: BTreeMap<String, Rc<dyn Any>>,
}

/// The instances of one query.
pub type Peers = Rc<RefCell<Vec<Weak<RefCell<State>>>>>;

/// An attribute that is no field.
#[derive(Clone, Debug)]
pub enum Attribute {
    /// A value, of an annotation.
    Value(Value),
    /// A related instance, of a filtered relation.
    Instance(Option<Instance>),
    /// A list, of a `Prefetch` with `to_attr`.
    Instances(Vec<Instance>),
    /// A moment on the clock of a zone: the hands in microseconds since 1970, and the zone's name.
    Clock {
        /// What the clock shows.
        wall: i64,
        /// Where it hangs.
        zone: String,
    },
}

impl Attribute {
    /// The value of an annotation; none of a related instance or a list. A moment on another
    /// clock is what the clock shows.
    pub fn value(&self) -> Option<Value> {
        match self {
            Self::Value(value) => Some(value.clone()),
            Self::Clock { wall, zone: _ } => Some(Value::Timestamp(*wall)),
            Self::Instance(_) | Self::Instances(_) => None,
        }
    }
}

/// `fetch_mode()`: how values and relations that are not loaded are fetched.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FetchMode {
    /// One by one (`FETCH_ONE`).
    #[default]
    One,
    /// For all instances of the same query at once (`FETCH_PEERS`).
    Peers,
    /// Not at all (`FETCH_RAISE`).
    Raise,
}

impl Instance {
    /// `Model(**keywords)`: fields that are not given have their defaults.
    ///
    /// # Errors
    /// `TypeError` for names the model does not have, `ValueError` for an instance of another
    /// model.
    pub fn new(model: Arc<Model>, keywords: Vec<(String, Operand)>, now: i64) -> Result<Self> {
        let mut given: OrderedMap<Operand> = keywords.into_iter().collect();
        if let (Some(key), Some(value)) = (model.primary_key().cloned(), given.remove("pk")) {
            given.insert(key.name.as_str(), value);
        }
        let instance = Self::bare(model.clone());
        for field in &model.fields {
            let by_name = given.remove(&field.name);
            let by_attribute = if field.attname() == field.name {
                None
            } else {
                given.remove(field.attname())
            };
            match (by_name, by_attribute) {
                (Some(value), key) if field.is_relation() => {
                    instance.set(&field.name, value)?;
                    // A key that is given besides is assigned after the instance.
                    if let Some(key) = key {
                        instance.set(field.attname(), key)?;
                    }
                }
                (Some(value), _) | (None, Some(value)) => {
                    instance
                        .0
                        .borrow_mut()
                        .values
                        .insert(field.attname(), value);
                }
                (None, None) => {
                    let default = match &field.default {
                        Some(FieldDefault::Value(value)) => value.clone(),
                        Some(FieldDefault::Now) => Value::Timestamp(now),
                        Some(FieldDefault::Callable(_)) | None if field.null => Value::Null,
                        Some(FieldDefault::Callable(_)) | None => match &field.kind {
                            kind if kind.is_char() => Value::text(""),
                            crate::market::catalogue::FieldKind::Text => Value::text(""),
                            _ => Value::Null,
                        },
                    };
                    instance
                        .0
                        .borrow_mut()
                        .values
                        .insert(field.attname(), Operand::value(default));
                }
            }
        }
        let many = |name: &&str| model.many_to_many.iter().any(|field| field.name == **name);
        if let Some(name) = given.keys().find(many) {
            return Err(Self::assigned_many("forward", name));
        }
        if !given.is_empty() {
            let names: Vec<String> = given.keys().map(|name| format!("'{name}'")).collect();
            return Err(OrmError::kind(format!(
                "{}() got unexpected keyword arguments: {}",
                model.name,
                names.join(", ")
            )));
        }
        Ok(instance)
    }

    /// What assigning to a many-to-many relation raises, on its `forward` or `reverse` side.
    pub fn assigned_many(side: &str, name: &str) -> OrmError {
        OrmError::kind(format!(
            "Direct assignment to the {side} side of a many-to-many set is prohibited. Use \
             {name}.set() instead."
        ))
    }

    /// An instance without values.
    pub(super) fn bare(model: Arc<Model>) -> Self {
        Self(Rc::new(RefCell::new(State {
            model,
            values: OrderedMap::new(),
            annotations: OrderedMap::new(),
            leading: OrderedMap::new(),
            related: OrderedMap::new(),
            prefetched: OrderedMap::new(),
            adding: true,
            fetch_mode: FetchMode::One,
            peers: None,
            way: None,
            attachments: BTreeMap::new(),
        })))
    }

    /// Its model.
    pub fn model(&self) -> Arc<Model> {
        self.0.borrow().model.clone()
    }

    /// Its primary key, unless that is `None` or an expression.
    pub fn key(&self) -> Option<Value> {
        let state = self.0.borrow();
        let key = state.model.primary_key()?;
        match state.values.get(key.attname())? {
            Operand::Value(PlainValue(value)) if !value.is_null() => Some(value.clone()),
            _ => None,
        }
    }

    /// What an attribute holds: a value, or an expression that was assigned. `None` when it is
    /// deferred or no stored attribute.
    pub fn get(&self, attname: &str) -> Option<Operand> {
        self.0.borrow().values.get(attname).cloned()
    }

    /// The plain value of an attribute.
    pub fn value(&self, attname: &str) -> Option<Value> {
        match self.get(attname)? {
            Operand::Value(PlainValue(value)) => Some(value),
            _ => None,
        }
    }

    /// Assigns an attribute: a stored value by name or attribute name, or a relation by an
    /// instance. Names that are no field are the owner's business.
    ///
    /// # Errors
    /// `ValueError` when a relation gets something else than an instance of its model.
    pub fn set(&self, name: &str, value: Operand) -> Result<()> {
        let model = self.model();
        let field = if name == "pk" {
            model.primary_key()
        } else {
            model.field(name)
        };
        let Some(field) = field else {
            let mut state = self.0.borrow_mut();
            let attribute = match value {
                Operand::Value(PlainValue(value)) => Attribute::Value(value),
                Operand::Instance(instance) => Attribute::Instance(Some(instance)),
                Operand::Expr(_) | Operand::List(_) => {
                    return Err(OrmError::internal("only values are kept on instances"));
                }
            };
            state.annotations.insert(name, attribute);
            return Ok(());
        };
        let Some(relation) = field.relation.as_ref().filter(|_| name == field.name) else {
            let changed = match (&self.get(field.attname()), &value) {
                (Some(Operand::Value(old)), Operand::Value(new)) => !same_value(&old.0, &new.0),
                _ => true,
            };
            let mut state = self.0.borrow_mut();
            if changed && field.is_relation() {
                state.related.remove(&field.name);
            }
            state.values.insert(field.attname(), value);
            return Ok(());
        };
        let key = match &value {
            Operand::Instance(other) if other.model().concrete_name() == relation.to => {
                self.0
                    .borrow_mut()
                    .related
                    .insert(field.name.as_str(), Some(other.clone()));
                let target = relation.to_field.as_ref();
                let key = match target.and_then(|name| other.model().field(name).cloned()) {
                    Some(target) => other.value(target.attname()),
                    None => other.key(),
                };
                key.unwrap_or(Value::Null)
            }
            Operand::Value(PlainValue(Value::Null)) => {
                self.0
                    .borrow_mut()
                    .related
                    .insert(field.name.as_str(), None);
                Value::Null
            }
            other => {
                let error = OrmError::value(format!(
                    "Cannot assign \"{}\": \"{}.{}\" must be a \"{}\" instance.",
                    super::expressions::python_repr(other),
                    model.name,
                    field.name,
                    relation.to
                ));
                return Err(match other {
                    Operand::Instance(instance) => error.naming(instance),
                    Operand::Value(_) | Operand::Expr(_) | Operand::List(_) => error,
                });
            }
        };
        self.0
            .borrow_mut()
            .values
            .insert(field.attname(), Operand::value(key));
        Ok(())
    }

    /// The attribute names of fields that are not loaded.
    pub fn deferred(&self) -> Vec<String> {
        let state = self.0.borrow();
        state
            .model
            .fields
            .iter()
            .map(|field| field.attname())
            .filter(|name| !state.values.contains(name))
            .map(str::to_owned)
            .collect()
    }

    /// Whether it is not in the database yet.
    pub fn is_adding(&self) -> bool {
        self.0.borrow().adding
    }

    /// Reads the state.
    pub fn with<T>(&self, read: impl FnOnce(&State) -> T) -> T {
        read(&self.0.borrow())
    }

    /// Changes the state.
    pub fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        change(&mut self.0.borrow_mut())
    }

    /// Whether two are the same object, and not only the same row.
    pub fn is_same(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }

    /// A weak reference for the list of peers.
    pub(super) fn downgrade(&self) -> Weak<RefCell<State>> {
        Rc::downgrade(&self.0)
    }

    /// The peers that are still there.
    pub(super) fn peers(&self) -> Vec<Instance> {
        let peers = self.0.borrow().peers.clone();
        let Some(peers) = peers else {
            return vec![self.clone()];
        };
        peers
            .borrow()
            .iter()
            .filter_map(Weak::upgrade)
            .map(Instance)
            .collect()
    }

    /// How a relation of it is reached from the queryset that was read.
    pub(super) fn way_to(&self, attribute: &str, reach: Reach) -> Way {
        let state = self.0.borrow();
        match &state.way {
            Some(way) => way.then(attribute, reach),
            None => Way::start(&state.model.name).then(attribute, reach),
        }
    }

    /// Notes that it was reached along a relation of another.
    pub(super) fn reached_from(&self, other: &Self, attribute: &str, reach: Reach) {
        let way = Rc::new(other.way_to(attribute, reach));
        self.change(|state| state.way = Some(way));
    }

    /// Refuses to fetch when the fetch mode says so.
    pub(super) fn check_fetch(&self, what: &str) -> Result<()> {
        let state = self.0.borrow();
        if state.fetch_mode == FetchMode::Raise {
            return Err(OrmError::new(
                ExceptionClass::FieldFetchBlocked,
                format!("Fetching of {}.{what} blocked.", state.model.name),
            ));
        }
        Ok(())
    }
}

/// Instances are equal when they are the same row, or the same object while they have no key.
impl PartialEq for Instance {
    fn eq(&self, other: &Self) -> bool {
        if self.is_same(other) {
            return true;
        }
        match (self.key(), other.key()) {
            (Some(one), Some(two)) => {
                self.model().concrete_name() == other.model().concrete_name()
                    && same_value(&one, &two)
            }
            _ => false,
        }
    }
}

impl fmt::Debug for Instance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{}: {self}>", self.model().name)
    }
}

/// What Django prints of an instance without `__str__`.
impl fmt::Display for Instance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = self
            .key()
            .map_or_else(|| "None".to_owned(), |key| super::sql::plain(&key));
        write!(f, "{} object ({key})", self.model().name)
    }
}
