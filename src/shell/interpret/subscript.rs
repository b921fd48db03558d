//! Items: `a[i]`, `a[i:j]`, `a[k] = v`, `del a[k]`.

use super::Interpreter;
use crate::shell::value::{Object, PyResult, Range};
use std::rc::Rc;

impl Interpreter {
    /// `value[index]`
    ///
    /// # Errors
    /// `IndexError`, `KeyError`, `TypeError`.
    pub fn item(&mut self, value: &Object, index: &Object) -> PyResult {
        if let Object::Instance(instance) = value
            && let Some(method) = instance.class.lookup("__getitem__")
        {
            return self.call(&method, [value.clone(), index.clone()].into());
        }
        if let Object::Class(class) = value {
            if let Some(Object::ClassMethod(method)) = class.lookup("__class_getitem__") {
                return self.call(&method, [value.clone(), index.clone()].into());
            }
            let members = class.meta.as_ref().and_then(|meta| meta.members(class));
            if let (Some(_), Some(name)) = (members, index.as_str()) {
                let found = class.attributes.borrow().get(&**name).cloned();
                return found.ok_or_else(|| self.key_error(index));
            }
        }
        match value.plain() {
            Object::List(list) => {
                let items = list.borrow().clone();
                match self.positions(index, items.len(), "list")? {
                    Positions::One(at) => self.at_position(&items, at, "list"),
                    Positions::Many(places) => Ok(Object::list(picked(&items, &places))),
                }
            }
            Object::Tuple(items) => match self.positions(index, items.len(), "tuple")? {
                Positions::One(at) => self.at_position(items, at, "tuple"),
                Positions::Many(places) => Ok(Object::tuple(picked(items, &places))),
            },
            Object::Str(text) => {
                let chars: Vec<char> = text.chars().collect();
                match self.positions(index, chars.len(), "string")? {
                    Positions::One(at) => match at.and_then(|at| chars.get(at)) {
                        Some(c) => Ok(Object::from(c.to_string())),
                        None => Err(self.error("IndexError", "string index out of range")),
                    },
                    Positions::Many(places) => {
                        let text: String = places.iter().filter_map(|at| chars.get(*at)).collect();
                        Ok(Object::from(text))
                    }
                }
            }
            Object::Range(range) => {
                let len = usize::try_from(range.len()).unwrap_or(usize::MAX);
                if let Object::Slice(parts) = index.plain() {
                    let (start, stop, step) = self.slice_bounds(parts, range.len())?;
                    return Ok(Object::Range(Rc::new(Range {
                        start: range.get(start),
                        stop: range.get(stop),
                        step: range.step.saturating_mul(step),
                    })));
                }
                match self.positions(index, len, "range object")? {
                    Positions::One(Some(at)) => Ok(Object::from(
                        range.get(i64::try_from(at).unwrap_or(i64::MAX)),
                    )),
                    _ => Err(self.error("IndexError", "range object index out of range")),
                }
            }
            Object::Dict(dict) => {
                let found = self.dict_get(dict, index)?;
                if let Some(found) = found {
                    return Ok(found);
                }
                if let Object::Instance(instance) = value
                    && let Some(method) = instance.class.lookup("__missing__")
                {
                    return self.call(&method, [value.clone(), index.clone()].into());
                }
                Err(self.key_error(index))
            }
            other => {
                let message = match other {
                    Object::Class(class) => {
                        format!("type '{}' is not subscriptable", class.name)
                    }
                    _ => format!("'{}' object is not subscriptable", self.type_name(value)),
                };
                Err(self.type_error(message))
            }
        }
    }

    /// A `KeyError`.
    pub fn key_error(&self, key: &Object) -> Box<crate::shell::value::Raised> {
        let class = self.types.exception("KeyError");
        self.error_of(&class, vec![key.clone()])
    }

    fn at_position(&self, items: &[Object], at: Option<usize>, what: &str) -> PyResult {
        match at.and_then(|at| items.get(at)) {
            Some(item) => Ok(item.clone()),
            None => {
                let message = format!("{what} index out of range");
                Err(self.error("IndexError", &message))
            }
        }
    }

    fn positions(&mut self, index: &Object, len: usize, what: &str) -> PyResult<Positions> {
        if let Object::Slice(parts) = index.plain() {
            let len = i64::try_from(len).unwrap_or(i64::MAX);
            let (start, stop, step) = self.slice_bounds(parts, len)?;
            let range = Range { start, stop, step };
            let places = (0..range.len()).filter_map(|at| usize::try_from(range.get(at)).ok());
            return Ok(Positions::Many(places.collect()));
        }
        match index.plain() {
            Object::Int(_) | Object::Bool(_) => {}
            other => {
                let what = if what == "string" { "string" } else { what };
                let plural = if what == "range object" {
                    "range indices".to_owned()
                } else {
                    format!("{what} indices")
                };
                let quoted = match what {
                    "string" => format!("'{}'", self.type_name(other)),
                    _ => self.type_name(other).to_string(),
                };
                let message = format!("{plural} must be integers or slices, not {quoted}");
                return Err(self.type_error(message.replace(
                    "string indices must be integers or slices, not",
                    "string indices must be integers, not",
                )));
            }
        }
        let Some(at) = index.as_i64() else {
            let message = "cannot fit 'int' into an index-sized integer";
            return Err(self.error("IndexError", message));
        };
        let len = i64::try_from(len).unwrap_or(i64::MAX);
        let at = if at < 0 { at.saturating_add(len) } else { at };
        let inside = (0..len).contains(&at);
        Ok(Positions::One(
            inside.then(|| usize::try_from(at).unwrap_or(usize::MAX)),
        ))
    }

    /// Start, stop and step of a slice of something of a length.
    pub fn slice_bounds(&mut self, parts: &[Object; 3], len: i64) -> PyResult<(i64, i64, i64)> {
        let mut numbers = [None; 3];
        for (slot, part) in numbers.iter_mut().zip(parts) {
            *slot = match part.plain() {
                Object::None => None,
                Object::Int(value) => Some(match value.to_i64() {
                    Some(value) => value,
                    None if value.is_negative() => i64::MIN / 2,
                    None => i64::MAX / 2,
                }),
                Object::Bool(value) => Some(i64::from(*value)),
                _ => {
                    let message =
                        "slice indices must be integers or None or have an __index__ method";
                    return Err(self.type_error(message));
                }
            };
        }
        let [start, stop, step] = numbers;
        let step = step.unwrap_or(1);
        if step == 0 {
            return Err(self.value_error("slice step cannot be zero"));
        }
        let (low, high) = if step > 0 { (0, len) } else { (-1, len - 1) };
        let place = |value: Option<i64>, default: i64| match value {
            None => default,
            Some(value) if value < 0 => value.saturating_add(len).max(low),
            Some(value) => value.min(high),
        };
        let (first, last) = if step > 0 { (low, high) } else { (high, low) };
        Ok((place(start, first), place(stop, last), step))
    }

    /// `value[index] = new`
    ///
    /// # Errors
    /// `IndexError`, `TypeError`.
    pub fn set_item(&mut self, value: &Object, index: &Object, new: Object) -> PyResult<()> {
        if let Object::Instance(instance) = value
            && let Some(method) = instance.class.lookup("__setitem__")
        {
            let arguments = [value.clone(), index.clone(), new];
            return self.call(&method, arguments.into()).map(drop);
        }
        match value.plain() {
            Object::List(list) => {
                let len = list.borrow().len();
                match self.positions(index, len, "list")? {
                    Positions::One(at) => {
                        let mut items = list.borrow_mut();
                        match at.and_then(|at| items.get_mut(at)) {
                            Some(slot) => {
                                *slot = new;
                                Ok(())
                            }
                            None => {
                                let message = "list assignment index out of range";
                                Err(self.error("IndexError", message))
                            }
                        }
                    }
                    Positions::Many(places) => self.set_slice(list, index, &places, new),
                }
            }
            Object::Dict(dict) => {
                let dict = dict.clone();
                self.dict_set(&dict, index.clone(), new)
            }
            _ => {
                let message = format!(
                    "'{}' object does not support item assignment",
                    self.type_name(value)
                );
                Err(self.type_error(message))
            }
        }
    }

    fn set_slice(
        &mut self,
        list: &Rc<std::cell::RefCell<Vec<Object>>>,
        index: &Object,
        places: &[usize],
        new: Object,
    ) -> PyResult<()> {
        let Ok(new) = self.collect(&new) else {
            return Err(self.type_error("can only assign an iterable"));
        };
        let Object::Slice(parts) = index.plain() else {
            return Ok(());
        };
        let len = list.borrow().len();
        let (start, _, step) = self.slice_bounds(parts, i64::try_from(len).unwrap_or(i64::MAX))?;
        if step == 1 {
            let start = usize::try_from(start).unwrap_or(0).min(len);
            let end = (start + places.len()).min(len);
            list.borrow_mut().splice(start..end, new);
            return Ok(());
        }
        if places.len() != new.len() {
            let message = format!(
                "attempt to assign sequence of size {} to extended slice of size {}",
                new.len(),
                places.len()
            );
            return Err(self.value_error(message));
        }
        let mut items = list.borrow_mut();
        for (at, value) in places.iter().zip(new) {
            if let Some(slot) = items.get_mut(*at) {
                *slot = value;
            }
        }
        Ok(())
    }

    /// `del value[index]`
    ///
    /// # Errors
    /// `IndexError`, `KeyError`, `TypeError`.
    pub fn delete_item(&mut self, value: &Object, index: &Object) -> PyResult<()> {
        if let Object::Instance(instance) = value
            && let Some(method) = instance.class.lookup("__delitem__")
        {
            return self
                .call(&method, [value.clone(), index.clone()].into())
                .map(drop);
        }
        match value.plain() {
            Object::List(list) => {
                let len = list.borrow().len();
                let mut places = match self.positions(index, len, "list")? {
                    Positions::One(Some(at)) => vec![at],
                    Positions::One(None) => {
                        let message = "list assignment index out of range";
                        return Err(self.error("IndexError", message));
                    }
                    Positions::Many(places) => places,
                };
                places.sort_unstable();
                let mut items = list.borrow_mut();
                for at in places.into_iter().rev() {
                    if at < items.len() {
                        items.remove(at);
                    }
                }
                Ok(())
            }
            Object::Dict(dict) => {
                let dict = dict.clone();
                match self.dict_remove(&dict, index)? {
                    Some(_) => Ok(()),
                    None => Err(self.key_error(index)),
                }
            }
            _ => {
                let message = format!(
                    "'{}' object doesn't support item deletion",
                    self.type_name(value)
                );
                Err(self.type_error(message))
            }
        }
    }
}

enum Positions {
    One(Option<usize>),
    Many(Vec<usize>),
}

fn picked(items: &[Object], places: &[usize]) -> Vec<Object> {
    places
        .iter()
        .filter_map(|at| items.get(*at))
        .cloned()
        .collect()
}
