//! Lazy iterators.

use super::{Object, PyResult};
use crate::shell::interpret::Interpreter;
use std::cell::RefCell;

/// Something that gives one value after the other.
pub trait Next {
    /// The next value; nothing at the end, and from then on.
    ///
    /// # Errors
    /// What the Python code behind it raises.
    fn next(&mut self, vm: &mut Interpreter) -> PyResult<Option<Object>>;
}

/// An iterator object.
pub struct Iterator {
    /// Its type's name, such as `zip` or `generator`.
    pub kind: &'static str,
    state: RefCell<Option<Box<dyn Next>>>,
}

impl Iterator {
    /// An iterator over `state`.
    pub fn new(kind: &'static str, state: impl Next + 'static) -> Self {
        Self {
            kind,
            state: RefCell::new(Some(Box::new(state))),
        }
    }

    /// Over values that are there already.
    pub fn over(kind: &'static str, items: Vec<Object>) -> Self {
        Self::new(kind, items.into_iter())
    }

    /// The next value. An iterator that asks itself for a value while it makes one is refused.
    ///
    /// # Errors
    /// What the Python code behind it raises.
    pub fn next(&self, vm: &mut Interpreter) -> PyResult<Option<Object>> {
        let taken = self.state.borrow_mut().take();
        let Some(mut state) = taken else {
            return Err(vm.error("ValueError", "generator already executing"));
        };
        let value = state.next(vm);
        if value.is_ok() {
            *self.state.borrow_mut() = Some(state);
        } else {
            *self.state.borrow_mut() = Some(Box::new(Vec::new().into_iter()));
        }
        value
    }
}

impl Next for std::vec::IntoIter<Object> {
    fn next(&mut self, _: &mut Interpreter) -> PyResult<Option<Object>> {
        Ok(std::iter::Iterator::next(self))
    }
}
