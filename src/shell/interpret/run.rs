//! Running what a person typed.

use super::{Failure, Frame, Interpreter, Scope};
use crate::base::{Diagnostic, SourceText, Span};
use crate::shell::syntax::ast::{Module as Tree, StatementKind};
use crate::shell::syntax::{ast::Name, parse};
use crate::shell::value::{Module, Namespace, Object, PyResult};
use std::rc::Rc;

/// What tracebacks call the code that was typed.
pub const MAIN_FILE: &str = "<shell>";

/// A parsed text that can run.
pub struct Program {
    tree: Tree,
    text: SourceText,
}

impl Program {
    /// Parses a text.
    ///
    /// # Errors
    /// All that is wrong with it.
    pub fn parse(text: &str) -> Result<Self, Vec<Diagnostic>> {
        let parsed = parse(text);
        if !parsed.diagnostics.is_empty() {
            return Err(parsed.diagnostics);
        }
        Ok(Self {
            tree: parsed.module,
            text: SourceText::new(text),
        })
    }
}

/// How many typed texts are kept for tracebacks through functions that they defined.
const KEPT_TEXTS: u64 = 200;

impl Program {
    /// The places of the statements that define something outside of any block: functions,
    /// classes, imports.
    pub fn definitions(&self) -> Vec<Span> {
        let defines = |kind: &StatementKind| {
            matches!(
                kind,
                StatementKind::Function(_)
                    | StatementKind::Class(_)
                    | StatementKind::Import(_)
                    | StatementKind::ImportFrom { .. }
            )
        };
        let statements = self.tree.body.iter();
        statements
            .filter(|statement| defines(&statement.kind))
            .map(|statement| statement.span)
            .collect()
    }
}

/// What a run gave.
pub struct Outcome<T = Object> {
    /// What was printed.
    pub output: String,
    /// The value of the last line, where it is an expression; `None` when it has no value to
    /// show.
    pub value: Result<Option<T>, Failure>,
}

impl Interpreter {
    /// Runs a program in a module's names, and gives the value of its last line.
    pub fn run(&mut self, program: &Program, names: &Rc<Namespace>) -> Outcome {
        self.run_and(program, names, |_, value| Ok(value))
    }

    /// Runs a program in a module's names, and shows the value of its last line. What showing it
    /// runs into belongs to that line; it has a budget of its own.
    pub fn run_and<T>(
        &mut self,
        program: &Program,
        names: &Rc<Namespace>,
        show: impl FnOnce(&mut Self, Object) -> PyResult<T>,
    ) -> Outcome<T> {
        self.begin();
        self.open_text(program);
        let scope = Scope::module(names.clone(), "__main__".into(), self.main.clone());
        let value = self.run_main(&program.tree, &scope, show);
        let value = value.map_err(|raised| self.failure(&raised));
        Outcome {
            output: std::mem::take(&mut self.output),
            value,
        }
    }

    /// Starts a new budget.
    pub fn begin(&mut self) {
        self.frames.clear();
        self.handling.clear();
        self.steps = 0;
        self.depth = 0;
        self.output.clear();
    }

    /// Makes a program's text the one that was typed last. Each has a file of its own, for its
    /// functions outlive it.
    fn open_text(&mut self, program: &Program) {
        let name = |run: u64| match run {
            1 => Name::from(MAIN_FILE),
            run => format!("<shell {run}>").into(),
        };
        self.runs += 1;
        self.main = name(self.runs);
        self.files.insert(self.main.clone(), program.text.clone());
        if let Some(old) = self.runs.checked_sub(KEPT_TEXTS) {
            self.files.remove(&name(old));
        }
    }

    fn run_main<T>(
        &mut self,
        tree: &Tree,
        scope: &Rc<Scope>,
        show: impl FnOnce(&mut Self, Object) -> PyResult<T>,
    ) -> PyResult<Option<T>> {
        let (body, last) = match tree.body.split_last() {
            Some((last, body)) => match &last.kind {
                StatementKind::Expression(value) => (body, Some(value)),
                _ => (&*tree.body, None),
            },
            None => return Ok(None),
        };
        self.in_frame("<module>".into(), scope, |vm| {
            vm.block(body, scope)?;
            match last {
                Some(last) => {
                    vm.at(last.span);
                    let Some(value) = vm.evaluate(last, scope)?.some() else {
                        return Ok(None);
                    };
                    vm.at(last.span);
                    vm.steps = 0;
                    vm.located(last, scope, |vm| show(vm, value)).map(Some)
                }
                None => Ok(None),
            }
        })
    }

    /// Notes where the innermost call is.
    pub(super) fn at(&mut self, span: Span) {
        if let Some(frame) = self.frames.last_mut() {
            frame.span = span;
        }
    }

    /// Runs `code` as a call of `function`.
    pub(super) fn in_frame<T>(
        &mut self,
        function: Name,
        scope: &Rc<Scope>,
        code: impl FnOnce(&mut Self) -> PyResult<T>,
    ) -> PyResult<T> {
        if self.frames.len() >= self.budget.calls {
            return Err(self.error("RecursionError", "maximum recursion depth exceeded"));
        }
        self.frames.push(Frame {
            function,
            file: scope.file.clone(),
            span: Span::default(),
        });
        let result = code(self);
        self.frames.pop();
        result
    }

    /// Makes a module by running a file's text.
    ///
    /// # Errors
    /// `SyntaxError` when it does not parse, and what running it raises.
    pub fn load(&mut self, name: &str, file: &str, text: &str) -> PyResult<Rc<Module>> {
        let program = match Program::parse(text) {
            Ok(program) => program,
            Err(errors) => {
                let message = errors
                    .first()
                    .map(|it| it.message.clone())
                    .unwrap_or_default();
                return Err(self.error("SyntaxError", &message));
            }
        };
        self.files.insert(file.into(), program.text.clone());
        let names: Rc<Namespace> = Rc::default();
        names
            .borrow_mut()
            .insert("__name__".into(), Object::from(name));
        let scope = Scope::module(names.clone(), name.into(), file.into());
        self.in_frame("<module>".into(), &scope, |vm| {
            vm.block(&program.tree.body, &scope).map(drop)
        })?;
        let module = Rc::new(Module {
            name: name.into(),
            names,
        });
        self.modules.insert(name.to_owned(), module.clone());
        Ok(module)
    }
}
