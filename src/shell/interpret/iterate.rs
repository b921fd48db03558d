//! Iteration: over containers, instances, and comprehensions one value at a time.

use super::{Interpreter, Scope};
use crate::shell::syntax::ast::{Comprehension, ComprehensionKind};
use crate::shell::value::{Class, Dict, Iterator, Next, Object, PyResult};
use std::rc::Rc;

impl Interpreter {
    /// An iterator over a value.
    ///
    /// # Errors
    /// `TypeError` for what cannot be iterated.
    pub fn iterate(&mut self, value: &Object) -> PyResult<Rc<Iterator>> {
        let items = match value {
            Object::Iterator(iterator) => return Ok(iterator.clone()),
            Object::Instance(instance) => {
                let class = instance.class.clone();
                if let Some(found) = self.instance_iterator(value, &class)? {
                    return Ok(found);
                }
                if instance.value.is_none() {
                    let message = format!("'{}' object is not iterable", class.name);
                    return Err(self.type_error(message));
                }
                return self.iterate(&value.plain().clone());
            }
            Object::Class(class) => {
                let members = class.meta.as_ref().and_then(|meta| meta.members(class));
                match members {
                    Some(members) => members,
                    None => return Err(self.type_error("'type' object is not iterable")),
                }
            }
            Object::List(list) => {
                let list = list.clone();
                return Ok(Rc::new(Iterator::new(
                    "list_iterator",
                    ListItems { list, at: 0 },
                )));
            }
            Object::Tuple(items) => items.to_vec(),
            Object::Str(text) => text.chars().map(|c| Object::from(c.to_string())).collect(),
            Object::Dict(dict) | Object::Set(dict) | Object::FrozenSet(dict) => {
                let what = match value {
                    Object::Dict(_) => "dictionary",
                    _ => "Set",
                };
                let keys = dict.borrow().keys();
                let keys = KeyItems {
                    length: keys.len(),
                    keys: keys.into_iter(),
                    dict: dict.clone(),
                    what,
                };
                return Ok(Rc::new(Iterator::new("iterator", keys)));
            }
            Object::Range(range) => {
                let range = **range;
                return Ok(Rc::new(Iterator::new(
                    "range_iterator",
                    RangeItems { range, at: 0 },
                )));
            }
            other => {
                let message = format!("'{}' object is not iterable", self.type_name(other));
                return Err(self.type_error(message));
            }
        };
        Ok(Rc::new(Iterator::over("iterator", items)))
    }

    fn instance_iterator(
        &mut self,
        value: &Object,
        class: &Rc<Class>,
    ) -> PyResult<Option<Rc<Iterator>>> {
        if let Some(method) = class.lookup("__iter__") {
            let made = self.call(&method, [value.clone()].into())?;
            return match &made {
                Object::Iterator(iterator) => Ok(Some(iterator.clone())),
                Object::Instance(instance) if instance.class.lookup("__next__").is_some() => Ok(
                    Some(Rc::new(Iterator::new("iterator", InstanceItems(made)))),
                ),
                other => {
                    let name = self.type_name(other);
                    let message = format!("iter() returned non-iterator of type '{name}'");
                    Err(self.type_error(message))
                }
            };
        }
        if class.lookup("__getitem__").is_some() {
            let items = IndexedItems {
                value: value.clone(),
                at: 0,
            };
            return Ok(Some(Rc::new(Iterator::new("iterator", items))));
        }
        Ok(None)
    }

    /// All values of an iterable.
    ///
    /// # Errors
    /// As [`Interpreter::iterate`].
    pub fn collect(&mut self, value: &Object) -> PyResult<Vec<Object>> {
        match value {
            Object::List(list) => return Ok(list.borrow().clone()),
            Object::Tuple(items) => return Ok(items.to_vec()),
            _ => {}
        }
        let items = self.iterate(value)?;
        let mut values = Vec::new();
        while let Some(item) = items.next(self)? {
            self.step()?;
            values.push(item);
        }
        Ok(values)
    }
}

/// A list's items; it may grow meanwhile.
struct ListItems {
    list: Rc<std::cell::RefCell<Vec<Object>>>,
    at: usize,
}

impl Next for ListItems {
    fn next(&mut self, _: &mut Interpreter) -> PyResult<Option<Object>> {
        let item = self.list.borrow().get(self.at).cloned();
        self.at += usize::from(item.is_some());
        Ok(item)
    }
}

/// The keys of a dict or the members of a set, which must not grow or shrink meanwhile.
struct KeyItems {
    dict: Rc<std::cell::RefCell<Dict>>,
    keys: std::vec::IntoIter<Object>,
    length: usize,
    what: &'static str,
}

impl Next for KeyItems {
    fn next(&mut self, vm: &mut Interpreter) -> PyResult<Option<Object>> {
        if self.dict.borrow().len() != self.length {
            let message = format!("{} changed size during iteration", self.what);
            return Err(vm.error("RuntimeError", &message));
        }
        Ok(std::iter::Iterator::next(&mut self.keys))
    }
}

struct RangeItems {
    range: crate::shell::value::Range,
    at: i64,
}

impl Next for RangeItems {
    fn next(&mut self, _: &mut Interpreter) -> PyResult<Option<Object>> {
        if self.at >= self.range.len() {
            return Ok(None);
        }
        let item = self.range.get(self.at);
        self.at += 1;
        Ok(Some(Object::from(item)))
    }
}

/// An instance with `__next__`.
struct InstanceItems(Object);

impl Next for InstanceItems {
    fn next(&mut self, vm: &mut Interpreter) -> PyResult<Option<Object>> {
        match vm.call_method(&self.0, "__next__", Default::default()) {
            Ok(value) => Ok(Some(value)),
            Err(raised) if raised.is("StopIteration") => Ok(None),
            Err(raised) => Err(raised),
        }
    }
}

/// An instance with `__getitem__` alone.
struct IndexedItems {
    value: Object,
    at: i64,
}

impl Next for IndexedItems {
    fn next(&mut self, vm: &mut Interpreter) -> PyResult<Option<Object>> {
        let index = Object::from(self.at);
        self.at += 1;
        match vm.item(&self.value, &index) {
            Ok(value) => Ok(Some(value)),
            Err(raised) if raised.is("IndexError") => Ok(None),
            Err(raised) => Err(raised),
        }
    }
}

/// A comprehension on its way: one iterator for each `for` that is open.
pub(super) struct ComprehensionItems {
    tree: Rc<Comprehension>,
    scope: Rc<Scope>,
    open: Vec<Rc<Iterator>>,
}

impl ComprehensionItems {
    pub(super) fn new(tree: Rc<Comprehension>, scope: Rc<Scope>, first: Rc<Iterator>) -> Self {
        Self {
            tree,
            scope,
            open: vec![first],
        }
    }

    /// The next element; of a dict comprehension key and value, else the value twice.
    pub(super) fn advance(&mut self, vm: &mut Interpreter) -> PyResult<Option<(Object, Object)>> {
        let tree = self.tree.clone();
        let scope = self.scope.clone();
        while let Some(items) = self.open.last().cloned() {
            let Some(clause) = tree.clauses.get(self.open.len() - 1) else {
                return Ok(None);
            };
            vm.step()?;
            let place = &clause.iterable;
            let Some(item) = vm.located(place, &scope, |vm| items.next(vm))? else {
                self.open.pop();
                continue;
            };
            vm.assign(&clause.target, item, &scope)?;
            let mut kept = true;
            for condition in &clause.conditions {
                if !vm.test(condition, &scope)? {
                    kept = false;
                    break;
                }
            }
            if !kept {
                continue;
            }
            if let Some(inner) = tree.clauses.get(self.open.len()) {
                let place = &inner.iterable;
                let value = vm.evaluate(place, &scope)?;
                let items = vm.located(place, &scope, |vm| vm.iterate(&value))?;
                self.open.push(items);
                continue;
            }
            return Ok(Some(match &tree.kind {
                ComprehensionKind::List(value)
                | ComprehensionKind::Set(value)
                | ComprehensionKind::Generator(value) => {
                    let value = vm.evaluate(value, &scope)?;
                    (value.clone(), value)
                }
                ComprehensionKind::Dict(key, value) => {
                    let key = vm.evaluate(key, &scope)?;
                    (key, vm.evaluate(value, &scope)?)
                }
            }));
        }
        Ok(None)
    }
}

impl Next for ComprehensionItems {
    fn next(&mut self, vm: &mut Interpreter) -> PyResult<Option<Object>> {
        Ok(self.advance(vm)?.map(|(value, _)| value))
    }
}
