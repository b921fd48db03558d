//! Classes and their instances.

use super::{Arguments, Namespace, Object, PyResult};
use crate::shell::interpret::Interpreter;
use crate::shell::syntax::ast::Name;
use std::any::Any;
use std::cell::{OnceCell, RefCell};
use std::rc::{Rc, Weak};

/// A class.
pub struct Class {
    /// Its name.
    pub name: Name,
    /// Its name with the classes around it.
    pub qualified: Name,
    /// The module it was defined in.
    pub module: Name,
    /// Its direct bases.
    pub bases: Vec<Rc<Class>>,
    /// All it descends from, nearest first, without itself (C3 linearisation).
    pub ancestors: Vec<Rc<Class>>,
    /// Its attributes.
    pub attributes: Namespace,
    /// What is special about it and its subclasses.
    pub meta: Option<Rc<dyn Meta>>,
}

/// Where a function finds the class it was defined in, once that is made.
pub type ClassCell = Option<Rc<OnceCell<Weak<Class>>>>;

/// An instance of a class.
pub struct Instance {
    /// Its class.
    pub class: Rc<Class>,
    /// Its attributes.
    pub attributes: Namespace,
    /// Of a subclass of a builtin type: the builtin value.
    pub value: Option<Object>,
    /// What Rust keeps with it.
    pub native: RefCell<Option<Rc<dyn Any>>>,
}

/// What a family of classes does otherwise than others: Python would use a metaclass.
pub trait Meta {
    /// Looks at a class that was just made, and may fill it.
    ///
    /// # Errors
    /// What is wrong with the class.
    fn created(
        &self,
        _vm: &mut Interpreter,
        _class: &Rc<Class>,
        _keywords: &[(Name, Object)],
    ) -> PyResult<()> {
        Ok(())
    }

    /// Makes an instance; `None` for the usual way.
    ///
    /// # Errors
    /// What the making raises.
    fn call(
        &self,
        _vm: &mut Interpreter,
        _class: &Rc<Class>,
        _arguments: &Arguments,
    ) -> PyResult<Option<Object>> {
        Ok(None)
    }

    /// The members, for `for` and `len`; `None` when the class cannot be iterated.
    fn members(&self, _class: &Rc<Class>) -> Option<Vec<Object>> {
        None
    }

    /// The class's `repr`; `None` for the usual one.
    fn repr(&self, _class: &Rc<Class>) -> Option<String> {
        None
    }
}

/// An attribute computed when it is read or written.
pub trait Descriptor {
    /// The value, read on an instance, or on the class itself.
    ///
    /// # Errors
    /// What the reading raises.
    fn get(
        &self,
        vm: &mut Interpreter,
        instance: Option<&Rc<Instance>>,
        owner: &Rc<Class>,
    ) -> PyResult;

    /// Writes the value; `false` when it goes to the instance's own attributes.
    ///
    /// # Errors
    /// What the writing raises.
    fn set(
        &self,
        _vm: &mut Interpreter,
        _instance: &Rc<Instance>,
        _value: Object,
    ) -> PyResult<bool> {
        Ok(false)
    }

    /// Whether it is asked even where the instance has an attribute of that name.
    fn comes_first(&self) -> bool {
        true
    }

    /// Itself, to find out its type.
    fn as_any(&self) -> &dyn Any;
}

impl Class {
    /// The class and all it descends from, nearest first.
    pub fn lineage(self: &Rc<Self>) -> impl Iterator<Item = &Rc<Class>> {
        std::iter::once(self).chain(&self.ancestors)
    }

    /// An attribute of the class or the nearest ancestor that has it.
    pub fn lookup(self: &Rc<Self>, name: &str) -> Option<Object> {
        self.lineage()
            .find_map(|class| class.attributes.borrow().get(name).cloned())
    }

    /// Whether it is `other`, or descends from it.
    pub fn is_subclass(self: &Rc<Self>, other: &Rc<Class>) -> bool {
        self.lineage().any(|class| Rc::ptr_eq(class, other))
    }

    /// Whether it, or a class it descends from, has this name.
    pub fn is_named(self: &Rc<Self>, name: &str) -> bool {
        self.lineage().any(|class| &*class.name == name)
    }

    /// Sets an attribute.
    pub fn set(&self, name: &str, value: impl Into<Object>) {
        self.attributes
            .borrow_mut()
            .insert(name.into(), value.into());
    }

    /// Adds a method written in Rust.
    pub fn method(
        &self,
        name: &'static str,
        code: impl Fn(&mut Interpreter, Arguments) -> PyResult + 'static,
    ) {
        self.set(name, native(name, code));
    }

    /// Adds a class method written in Rust.
    pub fn class_method(
        &self,
        name: &'static str,
        code: impl Fn(&mut Interpreter, Arguments) -> PyResult + 'static,
    ) {
        self.set(name, Object::ClassMethod(Rc::new(native(name, code))));
    }

    /// Adds a static method written in Rust.
    pub fn static_method(
        &self,
        name: &'static str,
        code: impl Fn(&mut Interpreter, Arguments) -> PyResult + 'static,
    ) {
        self.set(name, Object::StaticMethod(Rc::new(native(name, code))));
    }

    /// Adds an attribute of instances that Rust computes.
    pub fn property(
        &self,
        name: &'static str,
        code: impl Fn(&mut Interpreter, Object) -> PyResult + 'static,
    ) {
        self.set(name, Object::Descriptor(Rc::new(Computed(Box::new(code)))));
    }
}

/// A function written in Rust.
pub fn native(
    name: &str,
    code: impl Fn(&mut Interpreter, Arguments) -> PyResult + 'static,
) -> Object {
    Object::Native(Rc::new(super::Native {
        name: name.into(),
        code: Box::new(code),
    }))
}

type Getter = dyn Fn(&mut Interpreter, Object) -> PyResult;

/// A read-only attribute that Rust computes from the instance.
struct Computed(Box<Getter>);

impl Descriptor for Computed {
    fn get(
        &self,
        vm: &mut Interpreter,
        instance: Option<&Rc<Instance>>,
        owner: &Rc<Class>,
    ) -> PyResult {
        match instance {
            Some(instance) => (self.0)(vm, Object::Instance(instance.clone())),
            None => Ok(Object::Class(owner.clone())),
        }
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl Computed {
    fn of(&self, vm: &mut Interpreter, value: Object) -> PyResult {
        (self.0)(vm, value)
    }
}

/// The value of a Rust-computed attribute on an object that is no instance.
pub fn computed(
    vm: &mut Interpreter,
    descriptor: &Rc<dyn Descriptor>,
    value: Object,
) -> Option<PyResult> {
    let computed = descriptor.as_any().downcast_ref::<Computed>()?;
    Some(computed.of(vm, value))
}

/// A `property` written in Python.
pub struct Property {
    /// Reads.
    pub getter: Option<Object>,
    /// Writes.
    pub setter: Option<Object>,
    /// Its name, for errors.
    pub name: Name,
    /// Whether the value is kept in the instance (`cached_property`).
    pub keep: Keep,
}

/// Whether a property computes each time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// Once.
    Once,
    /// Each time.
    Never,
}

impl Descriptor for Property {
    fn get(
        &self,
        vm: &mut Interpreter,
        instance: Option<&Rc<Instance>>,
        owner: &Rc<Class>,
    ) -> PyResult {
        let Some(instance) = instance else {
            return Ok(Object::Class(owner.clone()));
        };
        let Some(getter) = &self.getter else {
            return Err(vm.error("AttributeError", "unreadable attribute"));
        };
        let value = vm.call(getter, [Object::Instance(instance.clone())].into())?;
        if self.keep == Keep::Once {
            let mut attributes = instance.attributes.borrow_mut();
            attributes.insert(self.name.clone(), value.clone());
        }
        Ok(value)
    }

    fn set(&self, vm: &mut Interpreter, instance: &Rc<Instance>, value: Object) -> PyResult<bool> {
        if self.keep == Keep::Once {
            return Ok(false);
        }
        let Some(setter) = &self.setter else {
            let message = format!(
                "property '{}' of '{}' object has no setter",
                self.name, instance.class.name
            );
            return Err(vm.error("AttributeError", &message));
        };
        vm.call(setter, [Object::Instance(instance.clone()), value].into())?;
        Ok(true)
    }

    fn comes_first(&self) -> bool {
        self.keep == Keep::Never
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl Instance {
    /// An instance without attributes.
    pub fn new(class: Rc<Class>) -> Self {
        Self {
            class,
            attributes: Namespace::default(),
            value: None,
            native: RefCell::new(None),
        }
    }

    /// One that holds a builtin value.
    pub fn with_value(class: Rc<Class>, value: Object) -> Self {
        Self {
            value: Some(value),
            ..Self::new(class)
        }
    }

    /// One that Rust keeps something with.
    pub fn with_native(class: Rc<Class>, native: Rc<dyn Any>) -> Self {
        Self {
            native: RefCell::new(Some(native)),
            ..Self::new(class)
        }
    }

    /// What Rust keeps with it, if it is a `T`.
    pub fn native<T: 'static>(&self) -> Option<Rc<T>> {
        let held = self.native.borrow().clone()?;
        held.downcast::<T>().ok()
    }

    /// One of its own attributes.
    pub fn get(&self, name: &str) -> Option<Object> {
        self.attributes.borrow().get(name).cloned()
    }

    /// Sets one of its own attributes.
    pub fn set(&self, name: &str, value: impl Into<Object>) {
        self.attributes
            .borrow_mut()
            .insert(name.into(), value.into());
    }
}

/// The order in which the ancestors of a class with these bases are searched (C3); `None` when
/// there is none.
pub fn linearise(bases: &[Rc<Class>]) -> Option<Vec<Rc<Class>>> {
    let mut lists: Vec<Vec<Rc<Class>>> = bases
        .iter()
        .map(|base| base.lineage().cloned().collect())
        .collect();
    lists.push(bases.to_vec());
    let mut order = Vec::new();
    loop {
        lists.retain(|list| !list.is_empty());
        if lists.is_empty() {
            return Some(order);
        }
        let candidate = lists.iter().find_map(|list| {
            let head = list.first()?;
            let blocked = lists
                .iter()
                .any(|other| other.iter().skip(1).any(|it| Rc::ptr_eq(it, head)));
            (!blocked).then(|| head.clone())
        })?;
        for list in &mut lists {
            if list.first().is_some_and(|it| Rc::ptr_eq(it, &candidate)) {
                list.remove(0);
            }
        }
        order.push(candidate);
    }
}
