//! Attributes: of instances, classes, modules and builtin values.

use super::{Interpreter, scope::similar};
use crate::shell::value::class::computed;
use crate::shell::value::{Class, Instance, Method, Object, PyResult, Raised};
use std::rc::Rc;

impl Interpreter {
    /// `value.name`
    ///
    /// # Errors
    /// `AttributeError`, and what computing the attribute raises.
    pub fn attribute(&mut self, value: &Object, name: &str) -> PyResult {
        match self.find_attribute(value, name)? {
            Some(found) => Ok(found),
            None => Err(self.no_attribute(value, name)),
        }
    }

    /// `value.name`, or nothing where there is none.
    ///
    /// # Errors
    /// What computing the attribute raises, but for `AttributeError`.
    pub fn attribute_or_none(&mut self, value: &Object, name: &str) -> PyResult<Option<Object>> {
        match self.find_attribute(value, name) {
            Err(raised) if raised.is("AttributeError") => Ok(None),
            result => result,
        }
    }

    fn find_attribute(&mut self, value: &Object, name: &str) -> PyResult<Option<Object>> {
        match value {
            Object::Instance(instance) => self.instance_attribute(instance, name),
            Object::Class(class) => self.class_attribute(class, name),
            Object::Module(module) => {
                let found = module.names.borrow().get(name).cloned();
                Ok(found.or_else(|| match name {
                    "__name__" => Some(Object::from(module.name.clone())),
                    _ => None,
                }))
            }
            Object::Super(parts) => {
                let (after, receiver) = (&parts.0, &parts.1);
                let class = match receiver {
                    Object::Class(class) => class.clone(),
                    other => self.class_of(other),
                };
                let lineage: Vec<Rc<Class>> = class
                    .lineage()
                    .skip_while(|it| !Rc::ptr_eq(it, after))
                    .skip(1)
                    .cloned()
                    .collect();
                for class in lineage {
                    let found = class.attributes.borrow().get(name).cloned();
                    if let Some(found) = found {
                        return self.bound(found, receiver).map(Some);
                    }
                }
                Ok(object_method(receiver, name))
            }
            Object::Function(function) => Ok(match name {
                "__name__" => Some(Object::from(function.name.clone())),
                "__qualname__" => Some(Object::from(function.qualified.clone())),
                "__doc__" => Some(Object::from(function.doc.clone())),
                "__module__" => Some(Object::from(function.scope.module.clone())),
                _ => self.plain_attribute(value, name)?,
            }),
            Object::Native(function) if name == "__name__" => {
                Ok(Some(Object::from(function.name.clone())))
            }
            Object::Method(method) => match name {
                "__self__" => Ok(Some(method.receiver.clone())),
                "__func__" => Ok(Some(method.function.clone())),
                _ => {
                    let function = method.function.clone();
                    self.find_attribute(&function, name)
                }
            },
            Object::Descriptor(descriptor) if matches!(name, "setter" | "getter" | "deleter") => {
                let property = descriptor.clone();
                Ok(super::define::property_changer(&property, name))
            }
            _ => self.plain_attribute(value, name),
        }
    }

    /// An attribute of a builtin value: its class has it.
    fn plain_attribute(&mut self, value: &Object, name: &str) -> PyResult<Option<Object>> {
        let class = self.class_of(value);
        if name == "__class__" {
            return Ok(Some(Object::Class(class)));
        }
        match class.lookup(name) {
            Some(found) => self.bound(found, value).map(Some),
            None if name == "__doc__" => Ok(Some(Object::None)),
            None => Ok(None),
        }
    }

    fn instance_attribute(
        &mut self,
        instance: &Rc<Instance>,
        name: &str,
    ) -> PyResult<Option<Object>> {
        let found = instance.class.lookup(name);
        let receiver = Object::Instance(instance.clone());
        if let Some(Object::Descriptor(descriptor)) = &found
            && descriptor.comes_first()
        {
            return descriptor
                .get(self, Some(instance), &instance.class)
                .map(Some);
        }
        if let Some(own) = instance.get(name) {
            return Ok(Some(own));
        }
        match (name, found) {
            (_, Some(found)) => return self.bound(found, &receiver).map(Some),
            ("__class__", _) => return Ok(Some(Object::Class(instance.class.clone()))),
            ("__doc__", _) => return Ok(Some(Object::None)),
            ("__dict__", _) => {
                let items = instance.attributes.borrow().clone();
                return self.dict_of(items).map(Some);
            }
            ("__cause__" | "__context__", _) => return Ok(Some(Object::None)),
            _ => {}
        }
        match instance.class.lookup("__getattr__") {
            Some(method) => self
                .call(&method, [receiver, Object::from(name)].into())
                .map(Some),
            None => Ok(None),
        }
    }

    fn class_attribute(&mut self, class: &Rc<Class>, name: &str) -> PyResult<Option<Object>> {
        if let Some(found) = class.lookup(name) {
            let value = match &found {
                Object::Descriptor(descriptor) => {
                    if descriptor
                        .as_any()
                        .is::<crate::shell::value::class::Property>()
                    {
                        return Ok(Some(found));
                    }
                    descriptor.get(self, None, class)?
                }
                Object::StaticMethod(function) => (**function).clone(),
                Object::ClassMethod(function) => Object::Method(Rc::new(Method {
                    receiver: Object::Class(class.clone()),
                    function: (**function).clone(),
                })),
                _ => found,
            };
            return Ok(Some(value));
        }
        Ok(Some(match name {
            "__name__" => Object::from(class.name.clone()),
            "__qualname__" => Object::from(class.qualified.clone()),
            "__module__" => Object::from(class.module.clone()),
            "__doc__" => Object::None,
            "__class__" => Object::Class(self.types.type_.clone()),
            "__bases__" => {
                let bases: Vec<Object> = class.bases.iter().cloned().map(Object::Class).collect();
                Object::tuple(bases)
            }
            "__mro__" => {
                let lineage: Vec<Object> = class.lineage().cloned().map(Object::Class).collect();
                Object::tuple(lineage)
            }
            "mro" => {
                let lineage: Vec<Object> = class.lineage().cloned().map(Object::Class).collect();
                crate::shell::value::class::native("mro", move |_, _| {
                    Ok(Object::list(lineage.clone()))
                })
            }
            "__dict__" => {
                let items = class.attributes.borrow().clone();
                self.dict_of(items)?
            }
            _ => return Ok(None),
        }))
    }

    /// An attribute found in a class, as it looks from one of its objects.
    pub(super) fn bound(&mut self, found: Object, receiver: &Object) -> PyResult {
        Ok(match found {
            Object::Function(_) | Object::Native(_) => match receiver {
                Object::Class(_) => found,
                _ => Object::Method(Rc::new(Method {
                    receiver: receiver.clone(),
                    function: found,
                })),
            },
            Object::StaticMethod(function) => (*function).clone(),
            Object::ClassMethod(function) => Object::Method(Rc::new(Method {
                receiver: match receiver {
                    Object::Class(_) => receiver.clone(),
                    other => Object::Class(self.class_of(other)),
                },
                function: (*function).clone(),
            })),
            Object::Descriptor(descriptor) => match receiver {
                Object::Instance(instance) => {
                    descriptor.get(self, Some(instance), &instance.class)?
                }
                other => match computed(self, &descriptor, other.clone()) {
                    Some(value) => value?,
                    None => Object::Descriptor(descriptor),
                },
            },
            other => other,
        })
    }

    fn no_attribute(&mut self, value: &Object, name: &str) -> Box<Raised> {
        let message = match value {
            Object::Class(class) => {
                format!("type object '{}' has no attribute '{name}'", class.name)
            }
            Object::Module(module) => {
                format!("module '{}' has no attribute '{name}'", module.name)
            }
            Object::Super(_) => format!("'super' object has no attribute '{name}'"),
            other => {
                format!(
                    "'{}' object has no attribute '{name}'",
                    self.type_name(other)
                )
            }
        };
        let error = self.error("AttributeError", &message);
        let known = self.attribute_names(value);
        match similar(name, known.iter().map(|it| &**it)) {
            Some(other) => error.hint(format!("Did you mean: '{other}'?")),
            None => error,
        }
    }

    /// The names of an object's attributes, sorted.
    pub fn attribute_names(&self, value: &Object) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        let mut add = |names_of: &crate::shell::value::Namespace| {
            names.extend(names_of.borrow().keys().map(|it| it.to_string()));
        };
        match value {
            Object::Module(module) => add(&module.names),
            Object::Class(class) => class.lineage().for_each(|it| add(&it.attributes)),
            other => {
                if let Object::Instance(instance) = other {
                    add(&instance.attributes);
                }
                let class = self.class_of(other);
                class.lineage().for_each(|it| add(&it.attributes));
            }
        }
        names.sort();
        names.dedup();
        names
    }

    /// `value.name = new`
    ///
    /// # Errors
    /// `AttributeError` where it cannot be set.
    pub fn set_attribute(&mut self, value: &Object, name: &str, new: Object) -> PyResult<()> {
        match value {
            Object::Instance(instance) => {
                if let Some(method) = instance.class.lookup("__setattr__") {
                    let arguments = [value.clone(), Object::from(name), new];
                    return self.call(&method, arguments.into()).map(drop);
                }
                self.set_own(instance, name, new)
            }
            Object::Class(class) if class.meta.is_some() || &*class.module != "builtins" => {
                class.set(name, new);
                Ok(())
            }
            Object::Module(module) => {
                module.names.borrow_mut().insert(name.into(), new);
                Ok(())
            }
            Object::Class(class) => {
                let message = format!(
                    "cannot set '{name}' attribute of immutable type '{}'",
                    class.name
                );
                Err(self.type_error(message))
            }
            other => {
                let class = self.class_of(other);
                let message = match class.lookup(name) {
                    Some(_) => format!("'{}' object attribute '{name}' is read-only", class.name),
                    None => format!(
                        "'{}' object has no attribute '{name}' and no __dict__ for setting new \
                         attributes",
                        class.name
                    ),
                };
                Err(self.error("AttributeError", &message))
            }
        }
    }

    /// What `object.__setattr__` does.
    pub(crate) fn set_own(
        &mut self,
        instance: &Rc<Instance>,
        name: &str,
        new: Object,
    ) -> PyResult<()> {
        if let Some(Object::Descriptor(descriptor)) = instance.class.lookup(name)
            && descriptor.set(self, instance, new.clone())?
        {
            return Ok(());
        }
        instance.attributes.borrow_mut().insert(name.into(), new);
        Ok(())
    }

    /// `del value.name`
    pub(super) fn delete_attribute(&mut self, value: &Object, name: &str) -> PyResult<()> {
        let removed = match value {
            Object::Instance(instance) => instance.attributes.borrow_mut().shift_remove(name),
            Object::Class(class) => class.attributes.borrow_mut().shift_remove(name),
            Object::Module(module) => module.names.borrow_mut().shift_remove(name),
            _ => None,
        };
        match removed {
            Some(_) => Ok(()),
            None => Err(self.no_attribute(value, name)),
        }
    }
}

/// What `super()` finds in `object` itself.
fn object_method(receiver: &Object, name: &str) -> Option<Object> {
    use crate::shell::value::class::native;
    let receiver = receiver.clone();
    Some(match name {
        "__init__" => native("__init__", |_, _| Ok(Object::None)),
        "__setattr__" => native("__setattr__", move |vm, arguments| {
            let [name, value] = arguments.exactly(vm, "__setattr__")?;
            if let (Object::Instance(instance), Some(name)) = (&receiver, name.as_str()) {
                vm.set_own(instance, name, value)?;
            }
            Ok(Object::None)
        }),
        "__eq__" => native("__eq__", move |vm, arguments| {
            let [other] = arguments.exactly(vm, "__eq__")?;
            Ok(if receiver.is(&other) {
                Object::Bool(true)
            } else {
                Object::NotImplemented
            })
        }),
        "__repr__" | "__str__" => native("__repr__", move |vm, _| {
            let name = vm.type_name(&receiver);
            Ok(Object::from(format!("<{name} object>")))
        }),
        _ => return None,
    })
}
