//! Python's objects.
//!
//! Values are shared by reference as in Python; whoever changes a container holds its borrow only
//! while no other code can run, so that no borrow ever fails.

pub mod class;
pub mod date;
pub mod decimal;
pub mod dict;
pub mod error;
pub mod function;
pub mod int;
pub mod iterator;
pub mod set_order;

pub use class::{Class, Descriptor, Instance, Meta};
pub use date::{DateTime, TimeZone};
pub use decimal::Decimal;
pub use dict::Dict;
pub use error::{PyResult, Raised};
pub use function::{Arguments, Function, Method, Native};
pub use int::Int;
pub use iterator::{Iterator, Next};

use super::syntax::ast::Name;
use indexmap::IndexMap;
use std::cell::RefCell;
use std::rc::Rc;

/// Names and their values, in the order in which they were first bound.
pub type Namespace = RefCell<IndexMap<Name, Object>>;

/// Any Python object.
#[derive(Clone)]
pub enum Object {
    /// `None`
    None,
    /// `NotImplemented`
    NotImplemented,
    /// `...`
    Ellipsis,
    /// `True` and `False`
    Bool(bool),
    /// An int of any size.
    Int(Int),
    /// A float.
    Float(f64),
    /// A `decimal.Decimal`.
    Decimal(Rc<Decimal>),
    /// A str.
    Str(Rc<str>),
    /// A list.
    List(Rc<RefCell<Vec<Object>>>),
    /// A tuple.
    Tuple(Rc<[Object]>),
    /// A dict.
    Dict(Rc<RefCell<Dict>>),
    /// A set: a dict whose values are `None`.
    Set(Rc<RefCell<Dict>>),
    /// A frozenset.
    FrozenSet(Rc<RefCell<Dict>>),
    /// A range.
    Range(Rc<Range>),
    /// A slice.
    Slice(Rc<[Object; 3]>),
    /// A `datetime.date`.
    Date(chrono::NaiveDate),
    /// A `datetime.datetime`.
    DateTime(Rc<DateTime>),
    /// A `datetime.time` without zone.
    Time(chrono::NaiveTime),
    /// A `datetime.timedelta`, in microseconds.
    TimeDelta(i64),
    /// A `datetime.tzinfo`.
    TimeZone(Rc<TimeZone>),
    /// A lazy iterator.
    Iterator(Rc<Iterator>),
    /// A function written in Python.
    Function(Rc<Function>),
    /// A function written in Rust.
    Native(Rc<Native>),
    /// A function bound to an object.
    Method(Rc<Method>),
    /// A class.
    Class(Rc<Class>),
    /// An instance of a class.
    Instance(Rc<Instance>),
    /// A module.
    Module(Rc<Module>),
    /// An attribute computed when it is read.
    Descriptor(Rc<dyn Descriptor>),
    /// A `staticmethod`.
    StaticMethod(Rc<Object>),
    /// A `classmethod`.
    ClassMethod(Rc<Object>),
    /// `super()`: the class after which the search starts, and the object.
    Super(Rc<(Rc<Class>, Object)>),
}

/// `range(start, stop, step)`; the step is never zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    /// The first number.
    pub start: i64,
    /// Where it ends, not included.
    pub stop: i64,
    /// The distance.
    pub step: i64,
}

impl Range {
    /// How many numbers it has.
    pub fn len(&self) -> i64 {
        let (low, high, step) = if self.step > 0 {
            (self.start, self.stop, i128::from(self.step))
        } else {
            (self.stop, self.start, -i128::from(self.step))
        };
        let span = i128::from(high) - i128::from(low);
        if span <= 0 {
            return 0;
        }
        i64::try_from((span + step - 1) / step).unwrap_or(i64::MAX)
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The number at an index within its length.
    pub fn get(&self, index: i64) -> i64 {
        self.start.saturating_add(self.step.saturating_mul(index))
    }
}

/// A module.
pub struct Module {
    /// Its dotted name.
    pub name: Name,
    /// What it holds.
    pub names: Rc<Namespace>,
}

impl Object {
    /// A str.
    pub fn str(text: impl Into<Rc<str>>) -> Self {
        Self::Str(text.into())
    }

    /// An int.
    pub fn int(value: impl Into<Int>) -> Self {
        Self::Int(value.into())
    }

    /// A list.
    pub fn list(items: Vec<Object>) -> Self {
        Self::List(Rc::new(RefCell::new(items)))
    }

    /// A tuple.
    pub fn tuple(items: impl Into<Rc<[Object]>>) -> Self {
        Self::Tuple(items.into())
    }

    /// A dict.
    pub fn dict(dict: Dict) -> Self {
        Self::Dict(Rc::new(RefCell::new(dict)))
    }

    /// A set.
    pub fn set(dict: Dict) -> Self {
        Self::Set(Rc::new(RefCell::new(dict)))
    }

    /// A decimal.
    pub fn decimal(value: Decimal) -> Self {
        Self::Decimal(Rc::new(value))
    }

    /// Whether it is a single value that a column could hold, `None` included.
    pub fn is_scalar(&self) -> bool {
        matches!(
            self.plain(),
            Self::None
                | Self::Bool(_)
                | Self::Int(_)
                | Self::Float(_)
                | Self::Decimal(_)
                | Self::Str(_)
                | Self::Date(_)
                | Self::DateTime(_)
                | Self::Time(_)
                | Self::TimeDelta(_)
        )
    }

    /// Whether it can be called.
    pub fn is_callable(&self) -> bool {
        match self {
            Self::Function(_) | Self::Native(_) | Self::Method(_) | Self::Class(_) => true,
            Self::Instance(instance) => instance.class.lookup("__call__").is_some(),
            _ => false,
        }
    }

    /// Whether it is `None`.
    pub fn is_none(&self) -> bool {
        matches!(self, Self::None)
    }

    /// `None` as nothing.
    pub fn some(self) -> Option<Self> {
        if self.is_none() { None } else { Some(self) }
    }

    /// The builtin value: of an instance of a subclass of `str`, `dict` and so on what it holds,
    /// else the object itself.
    pub fn plain(&self) -> &Object {
        match self {
            Self::Instance(instance) => instance.value.as_ref().unwrap_or(self),
            other => other,
        }
    }

    /// The text of a str.
    pub fn as_str(&self) -> Option<&Rc<str>> {
        match self.plain() {
            Self::Str(text) => Some(text),
            _ => None,
        }
    }

    /// The value of an int or bool that fits.
    pub fn as_i64(&self) -> Option<i64> {
        match self.plain() {
            Self::Int(value) => value.to_i64(),
            Self::Bool(value) => Some(i64::from(*value)),
            _ => None,
        }
    }

    /// The instance, if it is one.
    pub fn as_instance(&self) -> Option<&Rc<Instance>> {
        match self {
            Self::Instance(instance) => Some(instance),
            _ => None,
        }
    }

    /// The class, if it is one.
    pub fn as_class(&self) -> Option<&Rc<Class>> {
        match self {
            Self::Class(class) => Some(class),
            _ => None,
        }
    }

    /// Whether both are one and the same object (`is`).
    pub fn is(&self, other: &Object) -> bool {
        match (self, other) {
            (Self::None, Self::None)
            | (Self::NotImplemented, Self::NotImplemented)
            | (Self::Ellipsis, Self::Ellipsis) => true,
            (Self::Bool(a), Self::Bool(b)) => a == b,
            // CPython keeps one object for each small int; others compare by value too, since
            // ints here have no identity.
            (Self::Int(a), Self::Int(b)) => a == b,
            (Self::Float(a), Self::Float(b)) => a.to_bits() == b.to_bits(),
            (Self::Str(a), Self::Str(b)) => Rc::ptr_eq(a, b) || a == b,
            (Self::Decimal(a), Self::Decimal(b)) => Rc::ptr_eq(a, b),
            (Self::List(a), Self::List(b)) => Rc::ptr_eq(a, b),
            (Self::Tuple(a), Self::Tuple(b)) => Rc::ptr_eq(a, b) || (a.is_empty() && b.is_empty()),
            (Self::Dict(a), Self::Dict(b))
            | (Self::Set(a), Self::Set(b))
            | (Self::FrozenSet(a), Self::FrozenSet(b)) => Rc::ptr_eq(a, b),
            (Self::Range(a), Self::Range(b)) => Rc::ptr_eq(a, b),
            (Self::Slice(a), Self::Slice(b)) => Rc::ptr_eq(a, b),
            (Self::Date(a), Self::Date(b)) => a == b,
            (Self::DateTime(a), Self::DateTime(b)) => Rc::ptr_eq(a, b),
            (Self::Time(a), Self::Time(b)) => a == b,
            (Self::TimeDelta(a), Self::TimeDelta(b)) => a == b,
            (Self::TimeZone(a), Self::TimeZone(b)) => Rc::ptr_eq(a, b) || a == b,
            (Self::Iterator(a), Self::Iterator(b)) => Rc::ptr_eq(a, b),
            (Self::Function(a), Self::Function(b)) => Rc::ptr_eq(a, b),
            (Self::Native(a), Self::Native(b)) => Rc::ptr_eq(a, b),
            (Self::Method(a), Self::Method(b)) => Rc::ptr_eq(a, b),
            (Self::Class(a), Self::Class(b)) => Rc::ptr_eq(a, b),
            (Self::Instance(a), Self::Instance(b)) => Rc::ptr_eq(a, b),
            (Self::Module(a), Self::Module(b)) => Rc::ptr_eq(a, b),
            (Self::Descriptor(a), Self::Descriptor(b)) => Rc::ptr_eq(a, b),
            (Self::StaticMethod(a), Self::StaticMethod(b))
            | (Self::ClassMethod(a), Self::ClassMethod(b)) => Rc::ptr_eq(a, b),
            (Self::Super(a), Self::Super(b)) => Rc::ptr_eq(a, b),
            _ => false,
        }
    }
}

impl From<bool> for Object {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i64> for Object {
    fn from(value: i64) -> Self {
        Self::Int(Int::from(value))
    }
}

impl From<usize> for Object {
    fn from(value: usize) -> Self {
        Self::Int(Int::from(i64::try_from(value).unwrap_or(i64::MAX)))
    }
}

impl From<f64> for Object {
    fn from(value: f64) -> Self {
        Self::Float(value)
    }
}

impl From<&str> for Object {
    fn from(value: &str) -> Self {
        Self::Str(value.into())
    }
}

impl From<String> for Object {
    fn from(value: String) -> Self {
        Self::Str(value.into())
    }
}

impl From<Rc<str>> for Object {
    fn from(value: Rc<str>) -> Self {
        Self::Str(value)
    }
}

impl<T: Into<Object>> From<Option<T>> for Object {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::None, Into::into)
    }
}
