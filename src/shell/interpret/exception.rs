//! Exceptions: making them, catching them, and what a person sees of one that nobody caught.

use super::{Interpreter, Scope};
use crate::base::{Code, Diagnostic, Severity, Span};
use crate::shell::syntax::ast::Handler;
use crate::shell::value::error::Place;
use crate::shell::value::{Class, Instance, Object, PyResult, Raised};
use std::rc::Rc;

/// An exception that nobody caught.
#[derive(Clone, Debug)]
pub struct Failure {
    /// Class, text, place in the code that was run, and hints.
    pub diagnostic: Diagnostic,
    /// The class with its module, such as `django.core.exceptions.FieldError`.
    pub class: String,
    /// The names of the class and all it descends from.
    pub lineage: Vec<String>,
    /// As CPython prints it, with the lines and carets.
    pub traceback: String,
    /// The place outside of any function: a part of the statement that did not end.
    pub reached: Option<Span>,
}

/// An exception with these arguments.
pub(super) fn instance(class: &Rc<Class>, arguments: Vec<Object>) -> Rc<Instance> {
    let exception = Instance::new(class.clone());
    exception.set("args", Object::tuple(arguments));
    Rc::new(exception)
}

impl Interpreter {
    /// What `raise value` raises.
    pub(super) fn raised(&mut self, value: Object) -> Box<Raised> {
        let base = self.types.exception("BaseException");
        match &value {
            Object::Class(class) if class.is_subclass(&base) => {
                match self.call(&value, Default::default()) {
                    Ok(Object::Instance(exception)) => Raised::new(exception),
                    Ok(_) => self.type_error("exceptions must derive from BaseException"),
                    Err(error) => error,
                }
            }
            Object::Instance(exception) if exception.class.is_subclass(&base) => {
                Raised::new(exception.clone())
            }
            _ => self.type_error("exceptions must derive from BaseException"),
        }
    }

    /// Notes where an exception passes, once for each open call.
    pub(super) fn locate(&self, raised: &mut Raised, span: Span, scope: &Rc<Scope>) {
        let depth = self.frames.len();
        if raised.depth == depth {
            return;
        }
        raised.depth = depth;
        let function = match self.frames.last() {
            Some(frame) => frame.function.clone(),
            None => "<module>".into(),
        };
        raised.trace.push(Place {
            function,
            file: scope.file.clone(),
            span,
        });
    }

    /// Whether a handler catches an exception.
    pub(super) fn catches(
        &mut self,
        handler: &Handler,
        raised: &Raised,
        scope: &Rc<Scope>,
    ) -> PyResult<bool> {
        let Some(class) = &handler.class else {
            return Ok(!raised.is("BudgetExceeded"));
        };
        let wanted = self.evaluate(class, scope)?;
        self.catches_class(&wanted, raised)
    }

    fn catches_class(&self, wanted: &Object, raised: &Raised) -> PyResult<bool> {
        match wanted.plain() {
            Object::Class(class) if class.is_named("BaseException") => {
                Ok(raised.exception.class.is_subclass(class) && !raised.is("BudgetExceeded"))
            }
            Object::Tuple(classes) => {
                for class in classes.iter() {
                    if self.catches_class(class, raised)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            _ => Err(self.type_error(
                "catching classes that do not inherit from BaseException is not allowed",
            )),
        }
    }

    /// The text of an exception, as `str()` gives it.
    pub fn exception_text(&mut self, exception: &Rc<Instance>) -> String {
        let value = Object::Instance(exception.clone());
        match self.str(&value) {
            Ok(text) => text.to_string(),
            Err(_) => String::from("<exception str() failed>"),
        }
    }

    /// What a person sees of an exception that nobody caught.
    pub fn failure(&mut self, raised: &Raised) -> Failure {
        let text = self.exception_text(&raised.exception);
        let class = &raised.exception.class;
        let name = match &*class.module {
            "builtins" => class.qualified.to_string(),
            module => format!("{module}.{}", class.qualified),
        };
        let mut traceback = String::from("Traceback (most recent call last):\n");
        for place in raised.trace.iter().rev() {
            self.show_place(&mut traceback, place);
        }
        let mut last = match text.is_empty() {
            true => name.clone(),
            false => format!("{name}: {text}"),
        };
        if let Some(hint) = raised
            .hints
            .first()
            .filter(|hint| hint.starts_with("Did you mean"))
        {
            last = format!("{last}. {hint}");
        }
        traceback.push_str(&last);
        let typed = |place: &&Place| place.file == self.main;
        let innermost = raised.trace.iter().find(typed);
        let outermost = raised.trace.iter().rfind(typed);
        Failure {
            diagnostic: Diagnostic {
                code: Code(class.name.to_string().into()),
                severity: Severity::Error,
                message: text,
                span: innermost.map(|place| place.span),
                hints: raised.hints.clone(),
            },
            class: name,
            lineage: class.lineage().map(|it| it.name.to_string()).collect(),
            traceback,
            reached: outermost.map(|place| place.span),
        }
    }

    fn show_place(&self, traceback: &mut String, place: &Place) {
        let Some(source) = self.files.get(&place.file) else {
            return;
        };
        let start = source.line_column(place.span.start);
        let end = source.line_column(place.span.end);
        let file = match place.file == self.main {
            true => super::run::MAIN_FILE,
            false => &place.file,
        };
        let (line, function) = (start.line, &place.function);
        *traceback += &format!("  File \"{file}\", line {line}, in {function}\n");
        let text = source.as_str().lines().nth(line as usize - 1).unwrap_or("");
        let trimmed = text.trim_start();
        let lead = text.chars().count() - trimmed.chars().count();
        let width = trimmed.trim_end().chars().count();
        *traceback += &format!("    {}\n", trimmed.trim_end());
        let from = (start.column as usize - 1).saturating_sub(lead);
        let to = match end.line == start.line {
            true => (end.column as usize - 1).saturating_sub(lead).min(width),
            false => width,
        };
        // CPython leaves the carets out where they would mark the whole line.
        if to > from && !(from == 0 && to == width) {
            *traceback += &format!("    {}{}\n", " ".repeat(from), "^".repeat(to - from));
        }
    }
}
