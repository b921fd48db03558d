//! Functions, and the arguments they are called with.

use super::{Object, PyResult};
use crate::shell::interpret::{Interpreter, Scope};
use crate::shell::syntax::ast::{Block, Expression, Name, Parameters};
use crate::shell::syntax::scope::Bindings;
use std::rc::Rc;

/// A function written in Python.
#[derive(Clone)]
pub struct Function {
    /// Its name, `<lambda>` for lambdas.
    pub name: Name,
    /// Its name with the classes and functions around it.
    pub qualified: Name,
    /// The file it was written in.
    pub file: Name,
    /// Its parameters.
    pub parameters: Rc<Parameters>,
    /// The values of the defaults, in the order of `Parameters::all`.
    pub defaults: Vec<Option<Object>>,
    /// What it runs.
    pub body: Rc<Body>,
    /// The names it binds.
    pub bindings: Rc<Bindings>,
    /// The scope it was defined in.
    pub scope: Rc<Scope>,
    /// The class it was defined in, for `super()`.
    pub class: super::class::ClassCell,
    /// Its documentation string.
    pub doc: Option<Rc<str>>,
}

impl Function {
    /// The same function under the name and the documentation of another, as `wraps` gives.
    #[must_use]
    pub fn named_as(&self, other: &Self) -> Self {
        Self {
            name: other.name.clone(),
            qualified: other.qualified.clone(),
            doc: other.doc.clone(),
            ..self.clone()
        }
    }
}

/// What a function runs.
pub enum Body {
    /// Statements.
    Block(Block),
    /// The value of a lambda.
    Expression(Expression),
}

/// The Rust behind a native function.
pub type NativeCode = dyn Fn(&mut Interpreter, Arguments) -> PyResult;

/// A function written in Rust.
pub struct Native {
    /// Its name.
    pub name: Name,
    /// What it runs.
    pub code: Box<NativeCode>,
}

/// A function with its first argument.
pub struct Method {
    /// The first argument.
    pub receiver: Object,
    /// The function.
    pub function: Object,
}

/// The arguments of a call.
#[derive(Clone, Default)]
pub struct Arguments {
    /// By position.
    pub positional: Vec<Object>,
    /// By name, in the order written; no name twice.
    pub keywords: Vec<(Name, Object)>,
}

impl From<Vec<Object>> for Arguments {
    fn from(positional: Vec<Object>) -> Self {
        Self {
            positional,
            keywords: Vec::new(),
        }
    }
}

impl<const N: usize> From<[Object; N]> for Arguments {
    fn from(positional: [Object; N]) -> Self {
        Self::from(Vec::from(positional))
    }
}

impl Arguments {
    /// Takes the first positional argument out: `self` of a method.
    pub fn take_first(&mut self) -> Object {
        if self.positional.is_empty() {
            Object::None
        } else {
            self.positional.remove(0)
        }
    }

    /// Takes a keyword argument out.
    pub fn take_keyword(&mut self, name: &str) -> Option<Object> {
        let at = self.keywords.iter().position(|(key, _)| &**key == name)?;
        Some(self.keywords.remove(at).1)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.positional.len() + self.keywords.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Sorts the arguments into the parameters `names`, of which the first `required` must be
    /// given.
    ///
    /// # Errors
    /// `TypeError` for too many, unknown, doubled or missing arguments.
    pub fn bind<const N: usize>(
        self,
        vm: &Interpreter,
        function: &str,
        names: [&str; N],
        required: usize,
    ) -> PyResult<[Option<Object>; N]> {
        let given = self.positional.len();
        if given > N {
            let message = match (N, required) {
                (0, _) => format!("{function}() takes no arguments ({given} given)"),
                (1, 1) => format!("{function}() takes exactly one argument ({given} given)"),
                _ => {
                    let some = if required == N { "exactly" } else { "at most" };
                    let plural = if N == 1 { "" } else { "s" };
                    format!("{function}() takes {some} {N} argument{plural} ({given} given)")
                }
            };
            return Err(vm.error("TypeError", &message));
        }
        let mut slots = [const { None }; N];
        for (slot, value) in slots.iter_mut().zip(self.positional) {
            *slot = Some(value);
        }
        for (name, value) in self.keywords {
            let Some(slot) = names
                .iter()
                .position(|it| **it == *name)
                .and_then(|at| slots.get_mut(at))
            else {
                let message = format!("{function}() got an unexpected keyword argument '{name}'");
                return Err(vm.error("TypeError", &message));
            };
            if slot.is_some() {
                let message = format!("{function}() got multiple values for argument '{name}'");
                return Err(vm.error("TypeError", &message));
            }
            *slot = Some(value);
        }
        for (at, name) in names.iter().enumerate().take(required) {
            if slots.get(at).is_some_and(Option::is_none) {
                let message = if N == 1 {
                    format!("{function}() takes exactly one argument (0 given)")
                } else {
                    format!(
                        "{function}() missing required argument '{name}' (pos {})",
                        at + 1
                    )
                };
                return Err(vm.error("TypeError", &message));
            }
        }
        Ok(slots)
    }

    /// As [`Arguments::bind`], for what Python wrote as a method: the messages are those of
    /// functions written in Python, which count the receiver.
    ///
    /// # Errors
    /// `TypeError` for too many, unknown, doubled or missing arguments.
    pub fn bind_method<const N: usize>(
        self,
        vm: &Interpreter,
        function: &str,
        names: [&str; N],
        required: usize,
    ) -> PyResult<[Option<Object>; N]> {
        let given = self.positional.len();
        if given > N {
            let takes = match (required, N) {
                (_, 0) => String::from("1 positional argument"),
                (least, most) if least == most => format!("{} positional arguments", most + 1),
                (least, most) => {
                    format!("from {} to {} positional arguments", least + 1, most + 1)
                }
            };
            let message = format!("{function}() takes {takes} but {} were given", given + 1);
            return Err(vm.error("TypeError", &message));
        }
        let missing: Vec<&str> = names
            .iter()
            .take(required)
            .skip(given)
            .filter(|name| !self.keywords.iter().any(|(key, _)| &**key == **name))
            .copied()
            .collect();
        let known = self.keywords.iter().all(|(key, _)| names.contains(&&**key));
        if known && !missing.is_empty() {
            return Err(vm.missing(function, "positional", &missing));
        }
        self.bind(vm, function, names, 0)
    }

    /// Refuses positional arguments, as a Python method with `**kwargs` alone.
    ///
    /// # Errors
    /// `TypeError`
    pub fn only_keywords(&self, vm: &Interpreter, function: &str) -> PyResult<()> {
        match self.positional.len() {
            0 => Ok(()),
            given => {
                let given = given + 1;
                let message =
                    format!("{function}() takes 1 positional argument but {given} were given");
                Err(vm.error("TypeError", &message))
            }
        }
    }

    /// Refuses keywords, as a Python method with `*args` alone.
    ///
    /// # Errors
    /// `TypeError`
    pub fn only_positional(&self, vm: &Interpreter, function: &str) -> PyResult<()> {
        match self.keywords.first() {
            None => Ok(()),
            Some((name, _)) => {
                let message = format!("{function}() got an unexpected keyword argument '{name}'");
                Err(vm.error("TypeError", &message))
            }
        }
    }

    /// Exactly these positional arguments.
    ///
    /// # Errors
    /// `TypeError` for any other number, and for keywords.
    pub fn exactly<const N: usize>(
        self,
        vm: &Interpreter,
        function: &str,
    ) -> PyResult<[Object; N]> {
        if !self.keywords.is_empty() {
            let message = format!("{function}() takes no keyword arguments");
            return Err(vm.error("TypeError", &message));
        }
        let given = self.positional.len();
        <[Object; N]>::try_from(self.positional).map_err(|_| {
            let message = match N {
                0 => format!("{function}() takes no arguments ({given} given)"),
                1 => format!("{function}() takes exactly one argument ({given} given)"),
                _ => format!("{function} expected {N} arguments, got {given}"),
            };
            vm.error("TypeError", &message)
        })
    }
}
