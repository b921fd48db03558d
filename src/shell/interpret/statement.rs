//! Statements.

use super::{Interpreter, Scope};
use crate::shell::syntax::ast::{Block, Expression, Handler, Statement, StatementKind, WithItem};
use crate::shell::value::{Object, PyResult, Raised};
use std::rc::Rc;

/// How a statement ended.
pub(super) enum Flow {
    /// The next statement follows.
    Next,
    /// The loop ends.
    Break,
    /// The loop's next round follows.
    Continue,
    /// The function ends with a value.
    Return(Object),
}

impl Interpreter {
    /// Runs statements one after the other.
    pub(super) fn block(&mut self, body: &[Statement], scope: &Rc<Scope>) -> PyResult<Flow> {
        for statement in body {
            match self.statement(statement, scope) {
                Ok(Flow::Next) => {}
                Ok(flow) => return Ok(flow),
                Err(mut raised) => {
                    self.locate(&mut raised, statement.span, scope);
                    return Err(raised);
                }
            }
        }
        Ok(Flow::Next)
    }

    fn statement(&mut self, statement: &Statement, scope: &Rc<Scope>) -> PyResult<Flow> {
        self.step()?;
        self.at(statement.span);
        match &statement.kind {
            StatementKind::Expression(value) => {
                self.evaluate(value, scope)?;
            }
            StatementKind::Assign { targets, value } => {
                let value = self.evaluate(value, scope)?;
                for target in targets {
                    self.assign(target, value.clone(), scope)?;
                }
            }
            StatementKind::AugmentedAssign {
                target,
                operator,
                value,
            } => self.augmented_assign(target, *operator, value, scope)?,
            StatementKind::AnnotatedAssign {
                target,
                annotation: _,
                value,
            } => {
                if let Some(value) = value {
                    let value = self.evaluate(value, scope)?;
                    self.assign(target, value, scope)?;
                }
            }
            StatementKind::If {
                branches,
                otherwise,
            } => {
                for (test, body) in branches {
                    if self.test(test, scope)? {
                        return self.block(body, scope);
                    }
                }
                return self.block(otherwise, scope);
            }
            StatementKind::For {
                target,
                iterable,
                body,
                otherwise,
            } => return self.for_loop(target, iterable, (body, otherwise), scope),
            StatementKind::While {
                test,
                body,
                otherwise,
            } => {
                while self.test(test, scope)? {
                    match self.block(body, scope)? {
                        Flow::Next | Flow::Continue => {}
                        Flow::Break => return Ok(Flow::Next),
                        flow @ Flow::Return(_) => return Ok(flow),
                    }
                    self.step()?;
                }
                return self.block(otherwise, scope);
            }
            StatementKind::Try {
                body,
                handlers,
                otherwise,
                finally,
            } => return self.guarded(body, handlers, otherwise, finally, scope),
            StatementKind::With { items, body } => return self.with(items, body, scope),
            StatementKind::Raise { error, cause } => {
                return Err(self.raise(error.as_ref(), cause.as_ref(), scope)?);
            }
            StatementKind::Assert { test, message } => {
                if !self.test(test, scope)? {
                    let arguments = match message {
                        Some(message) => vec![self.evaluate(message, scope)?],
                        None => Vec::new(),
                    };
                    let class = self.types.exception("AssertionError");
                    return Err(self.error_of(&class, arguments));
                }
            }
            StatementKind::Return(value) => {
                let value = match value {
                    Some(value) => self.evaluate(value, scope)?,
                    None => Object::None,
                };
                return Ok(Flow::Return(value));
            }
            StatementKind::Break => return Ok(Flow::Break),
            StatementKind::Continue => return Ok(Flow::Continue),
            StatementKind::Pass | StatementKind::Global(_) | StatementKind::Nonlocal(_) => {}
            StatementKind::Delete(targets) => {
                for target in targets {
                    self.delete(target, scope)?;
                }
            }
            StatementKind::Function(function) => self.define_function(function, scope)?,
            StatementKind::Class(class) => self.define_class(class, scope)?,
            StatementKind::Import(names) => self.import(names, scope)?,
            StatementKind::ImportFrom {
                level,
                module,
                names,
            } => self.import_from(*level, module, names, scope)?,
            StatementKind::Refused => {
                return Err(self.error("NotImplementedError", "not supported here"));
            }
        }
        Ok(Flow::Next)
    }

    /// Whether a condition holds.
    pub(super) fn test(&mut self, test: &Expression, scope: &Rc<Scope>) -> PyResult<bool> {
        let value = self.evaluate(test, scope)?;
        self.located(test, scope, |vm| vm.is_true(&value))
    }

    fn for_loop(
        &mut self,
        target: &Expression,
        iterable: &Expression,
        (body, otherwise): (&Block, &Block),
        scope: &Rc<Scope>,
    ) -> PyResult<Flow> {
        let items = self.evaluate(iterable, scope)?;
        let items = self.located(iterable, scope, |vm| vm.iterate(&items))?;
        while let Some(item) = self.located(iterable, scope, |vm| items.next(vm))? {
            self.assign(target, item, scope)?;
            match self.block(body, scope)? {
                Flow::Next | Flow::Continue => {}
                Flow::Break => return Ok(Flow::Next),
                flow @ Flow::Return(_) => return Ok(flow),
            }
            // What asks for the next item is the loop's head again.
            self.at(iterable.span);
        }
        self.block(otherwise, scope)
    }

    fn guarded(
        &mut self,
        body: &Block,
        handlers: &[Handler],
        otherwise: &Block,
        finally: &Block,
        scope: &Rc<Scope>,
    ) -> PyResult<Flow> {
        let result = match self.block(body, scope) {
            Ok(Flow::Next) => self.block(otherwise, scope),
            Ok(flow) => Ok(flow),
            Err(raised) => self.handle(raised, handlers, scope),
        };
        if finally.is_empty() {
            return result;
        }
        match self.block(finally, scope)? {
            Flow::Next => result,
            flow => Ok(flow),
        }
    }

    fn handle(
        &mut self,
        raised: Box<Raised>,
        handlers: &[Handler],
        scope: &Rc<Scope>,
    ) -> PyResult<Flow> {
        for handler in handlers {
            if !self.catches(handler, &raised, scope)? {
                continue;
            }
            let exception = raised.exception.clone();
            if let Some(name) = &handler.name {
                self.bind(&name.name, Object::Instance(exception.clone()), scope)?;
            }
            self.handling.push(exception.clone());
            let result = self.block(&handler.body, scope);
            self.handling.pop();
            if let Some(name) = &handler.name {
                // The name lives only as long as its clause.
                let _ = self.unbind(&name.name, scope);
            }
            return result.inspect_err(|error| {
                if !Rc::ptr_eq(&error.exception, &exception)
                    && error.exception.get("__context__").is_none()
                {
                    error
                        .exception
                        .set("__context__", Object::Instance(exception));
                }
            });
        }
        Err(raised)
    }

    fn raise(
        &mut self,
        error: Option<&Expression>,
        cause: Option<&Expression>,
        scope: &Rc<Scope>,
    ) -> PyResult<Box<Raised>> {
        let Some(error) = error else {
            return match self.handling.last() {
                Some(exception) => Ok(Raised::new(exception.clone())),
                None => Err(self.error("RuntimeError", "No active exception to reraise")),
            };
        };
        let value = self.evaluate(error, scope)?;
        let raised = self.raised(value);
        if let Some(cause) = cause {
            let cause = self.evaluate(cause, scope)?;
            let cause = match cause {
                Object::None => Object::None,
                cause => Object::Instance(self.raised(cause).exception),
            };
            raised.exception.set("__cause__", cause);
        }
        Ok(raised)
    }

    fn with(&mut self, items: &[WithItem], body: &Block, scope: &Rc<Scope>) -> PyResult<Flow> {
        let Some((item, rest)) = items.split_first() else {
            return self.block(body, scope);
        };
        let manager = self.evaluate(&item.context, scope)?;
        let (enter, exit) =
            self.located(&item.context, scope, |vm| vm.context_methods(&manager))?;
        let value = self.located(&item.context, scope, |vm| {
            vm.call(&enter, Default::default())
        })?;
        if let Some(target) = &item.target {
            self.assign(target, value, scope)?;
        }
        let result = self.with(rest, body, scope);
        self.at(item.context.span);
        match result {
            Ok(flow) => {
                let nothing = [Object::None, Object::None, Object::None];
                self.located(&item.context, scope, |vm| vm.call(&exit, nothing.into()))?;
                Ok(flow)
            }
            Err(raised) => {
                let exception = raised.exception.clone();
                let class = Object::Class(exception.class.clone());
                let arguments = [class, Object::Instance(exception.clone()), Object::None];
                self.handling.push(exception);
                let swallowed = self
                    .call(&exit, arguments.into())
                    .and_then(|value| self.is_true(&value));
                self.handling.pop();
                match swallowed {
                    Ok(true) if !raised.is("BudgetExceeded") => Ok(Flow::Next),
                    Ok(_) => Err(raised),
                    Err(error) => Err(error),
                }
            }
        }
    }

    fn context_methods(&mut self, manager: &Object) -> PyResult<(Object, Object)> {
        let class = self.class_of(manager);
        let (Some(_), Some(_)) = (class.lookup("__enter__"), class.lookup("__exit__")) else {
            let message = format!(
                "'{}' object does not support the context manager protocol",
                class.name
            );
            return Err(self.type_error(message));
        };
        let enter = self.attribute(manager, "__enter__")?;
        let exit = self.attribute(manager, "__exit__")?;
        Ok((enter, exit))
    }
}
