//! Raised exceptions.

use super::{Instance, Object};
use crate::base::Span;
use crate::shell::syntax::ast::Name;
use std::rc::Rc;

/// What evaluating gives: a value, or an exception on its way out.
pub type PyResult<T = Object> = Result<T, Box<Raised>>;

/// An exception on its way out.
pub struct Raised {
    /// The exception.
    pub exception: Rc<Instance>,
    /// The places it came through, innermost first.
    pub trace: Vec<Place>,
    /// How many calls were open at the last place added.
    pub depth: usize,
    /// Ways to mend it.
    pub hints: Vec<String>,
}

/// A place in the code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The function, `<module>` outside of any.
    pub function: Name,
    /// The file.
    pub file: Name,
    /// Where in the file's text.
    pub span: Span,
}

impl Raised {
    /// A raised exception that has not come through any place yet.
    pub fn new(exception: Rc<Instance>) -> Box<Self> {
        Box::new(Self {
            exception,
            trace: Vec::new(),
            depth: usize::MAX,
            hints: Vec::new(),
        })
    }

    /// Adds a way to mend it.
    #[must_use]
    pub fn hint(mut self: Box<Self>, hint: impl Into<String>) -> Box<Self> {
        self.hints.push(hint.into());
        self
    }

    /// Whether the exception's class has this name, or descends from one that does.
    pub fn is(&self, class: &str) -> bool {
        self.exception.class.is_named(class)
    }
}
