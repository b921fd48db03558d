//! Runs the tree: one interpreter is one user's Python world.
//!
//! Every step counts against a budget, calls against a depth, output against a size, so that no
//! code runs away. Nothing here panics: what Python would refuse raises Python's exception.

mod assign;
mod attribute;
mod call;
mod compare;
mod define;
mod exception;
mod expression;
pub mod format;
mod import;
mod iterate;
mod operator;
mod run;
mod scope;
mod statement;
mod subscript;
mod text;
mod types;

pub use compare::Comparison;
pub use exception::Failure;
pub use run::{Outcome, Program};
pub use scope::{Scope, ScopeKind};
pub use types::Types;

use super::syntax::ast::Name;
use super::value::{Class, Module, Namespace, Object, PyResult, Raised};
use crate::base::Span;
use std::any::Any;
use std::collections::BTreeMap;
use std::rc::Rc;

/// How much one run may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// Expressions evaluated and statements run.
    pub steps: u64,
    /// Calls open at the same time.
    pub calls: usize,
    /// Expressions open at the same time.
    pub depth: usize,
    /// Bytes printed.
    pub output: usize,
}

impl Default for Budget {
    fn default() -> Self {
        Self {
            steps: 20_000_000,
            calls: 150,
            depth: 1_500,
            output: 1_000_000,
        }
    }
}

/// One call that is open.
pub struct Frame {
    /// The function's name.
    pub function: Name,
    /// The file it was written in.
    pub file: Name,
    /// Where in the file it is.
    pub span: Span,
}

/// Finds modules that Rust provides, by dotted name.
pub type Finder = dyn Fn(&mut Interpreter, &str) -> Option<PyResult<Rc<Module>>>;

/// A Python world.
pub struct Interpreter {
    /// The builtin types and exceptions.
    pub types: Rc<Types>,
    /// The builtin names.
    pub builtins: Rc<Namespace>,
    /// The modules imported so far, by dotted name.
    pub modules: BTreeMap<String, Rc<Module>>,
    /// Asked for modules that are not there yet.
    pub finders: Vec<Rc<Finder>>,
    /// What the running code has printed.
    pub output: String,
    /// The limits of a run.
    pub budget: Budget,
    /// What `now()` answers, in microseconds since 1970: the moment that the data set is pinned to.
    pub now: i64,
    /// What the ORM's bindings keep with the interpreter.
    pub host: Option<Rc<dyn Any>>,
    frames: Vec<Frame>,
    steps: u64,
    depth: usize,
    /// The exceptions being handled, innermost last.
    handling: Vec<Rc<super::value::Instance>>,
    /// The texts of files, for tracebacks.
    files: BTreeMap<Name, crate::base::SourceText>,
    /// The file of the code that was typed last.
    main: Name,
    /// How many texts were typed.
    runs: u64,
}

impl Default for Interpreter {
    fn default() -> Self {
        Self::new()
    }
}

impl Interpreter {
    /// A world with the builtins and the standard modules that are here.
    pub fn new() -> Self {
        let mut vm = Self {
            types: Rc::new(Types::new()),
            builtins: Rc::default(),
            modules: BTreeMap::new(),
            finders: Vec::new(),
            output: String::new(),
            budget: Budget::default(),
            // 2026-03-01T12:00:00Z, as the Small data set.
            now: 1_772_366_400_000_000,
            host: None,
            frames: Vec::new(),
            steps: 0,
            depth: 0,
            handling: Vec::new(),
            files: BTreeMap::new(),
            main: run::MAIN_FILE.into(),
            runs: 0,
        };
        super::builtins::install(&mut vm);
        super::modules::install(&mut vm);
        vm
    }

    /// An exception of a builtin class, by its name.
    pub fn error(&self, class: &str, message: &str) -> Box<Raised> {
        let class = self.types.exception(class);
        self.error_of(&class, vec![Object::from(message)])
    }

    /// An exception of a class.
    pub fn error_of(&self, class: &Rc<Class>, arguments: Vec<Object>) -> Box<Raised> {
        Raised::new(exception::instance(class, arguments))
    }

    /// A `TypeError`.
    pub fn type_error(&self, message: impl AsRef<str>) -> Box<Raised> {
        self.error("TypeError", message.as_ref())
    }

    /// A `ValueError`.
    pub fn value_error(&self, message: impl AsRef<str>) -> Box<Raised> {
        self.error("ValueError", message.as_ref())
    }

    /// Counts one step.
    ///
    /// # Errors
    /// When the budget is used up.
    pub fn step(&mut self) -> PyResult<()> {
        self.steps += 1;
        if self.steps > self.budget.steps {
            let message = "the code ran for too long and was stopped";
            return Err(self
                .error("BudgetExceeded", message)
                .hint("Look for a loop that never ends, or ask the database for less."));
        }
        Ok(())
    }

    /// Prints.
    ///
    /// # Errors
    /// When more is printed than the budget allows.
    pub fn print(&mut self, text: &str) -> PyResult<()> {
        if self.output.len() + text.len() > self.budget.output {
            return Err(self.error(
                "BudgetExceeded",
                "the code printed too much and was stopped",
            ));
        }
        self.output.push_str(text);
        Ok(())
    }

    /// The class of an object.
    pub fn class_of(&self, value: &Object) -> Rc<Class> {
        self.types.class_of(value)
    }

    /// The name of an object's class, as error texts give it: with the module for the types that
    /// CPython writes in C outside of `builtins`.
    pub fn type_name(&self, value: &Object) -> Name {
        let class = self.class_of(value);
        match value {
            Object::Decimal(_)
            | Object::Date(_)
            | Object::DateTime(_)
            | Object::Time(_)
            | Object::TimeDelta(_)
            | Object::TimeZone(_) => format!("{}.{}", class.module, class.name).into(),
            _ => class.name.clone(),
        }
    }

    /// The innermost open call.
    pub fn frame(&self) -> Option<&Frame> {
        self.frames.last()
    }

    /// The place in the outermost code that is running: a part of one of its statements.
    pub fn place(&self) -> Option<Span> {
        self.frames.first().map(|frame| frame.span)
    }

    /// The innermost place in the code that was typed: what the query log shows.
    pub fn typed_place(&self) -> Option<Span> {
        let typed = self.frames.iter().rfind(|frame| frame.file == self.main);
        typed.map(|frame| frame.span)
    }
}
