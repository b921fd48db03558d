//! Which names a function binds: those are its own variables, all others come from outside.

use super::ast::{
    Argument, Block, Comprehension, ComprehensionKind, DictItem, Expression, ExpressionKind, Name,
    Parameters, StatementKind, StringPart,
};
use std::collections::BTreeSet;

/// The names that a block binds and declares.
#[derive(Clone, Debug, Default)]
pub struct Bindings {
    /// Assigned, imported, defined or looped over somewhere in the block.
    pub local: BTreeSet<Name>,
    /// Declared `global`.
    pub global: BTreeSet<Name>,
    /// Declared `nonlocal`.
    pub nonlocal: BTreeSet<Name>,
}

impl Bindings {
    /// Of a function with these parameters and this block.
    pub fn of_function(parameters: &Parameters, body: &Block) -> Self {
        let mut found = Self::default();
        for parameter in parameters.all() {
            found.local.insert(parameter.name.name.clone());
        }
        found.block(body);
        found.settle()
    }

    /// Of a lambda: its parameters and what `:=` binds in it.
    pub fn of_lambda(parameters: &Parameters, body: &Expression) -> Self {
        let mut found = Self::default();
        for parameter in parameters.all() {
            found.local.insert(parameter.name.name.clone());
        }
        found.expression(body);
        found.settle()
    }

    /// Of a class's block.
    pub fn of_class(body: &Block) -> Self {
        let mut found = Self::default();
        found.block(body);
        found.settle()
    }

    fn settle(mut self) -> Self {
        for name in self.global.iter().chain(&self.nonlocal) {
            self.local.remove(name);
        }
        self
    }

    fn block(&mut self, body: &Block) {
        for statement in body.iter() {
            self.statement(&statement.kind);
        }
    }

    fn statement(&mut self, statement: &StatementKind) {
        match statement {
            StatementKind::Expression(value) => self.expression(value),
            StatementKind::Assign { targets, value } => {
                targets.iter().for_each(|target| self.target(target));
                self.expression(value);
            }
            StatementKind::AugmentedAssign {
                target,
                operator: _,
                value,
            } => {
                self.target(target);
                self.expression(value);
            }
            StatementKind::AnnotatedAssign {
                target,
                annotation: _,
                value,
            } => {
                self.target(target);
                value.iter().for_each(|value| self.expression(value));
            }
            StatementKind::If {
                branches,
                otherwise,
            } => {
                for (test, body) in branches {
                    self.expression(test);
                    self.block(body);
                }
                self.block(otherwise);
            }
            StatementKind::For {
                target,
                iterable,
                body,
                otherwise,
            } => {
                self.target(target);
                self.expression(iterable);
                self.block(body);
                self.block(otherwise);
            }
            StatementKind::While {
                test,
                body,
                otherwise,
            } => {
                self.expression(test);
                self.block(body);
                self.block(otherwise);
            }
            StatementKind::Try {
                body,
                handlers,
                otherwise,
                finally,
            } => {
                self.block(body);
                for handler in handlers {
                    if let Some(name) = &handler.name {
                        self.local.insert(name.name.clone());
                    }
                    self.block(&handler.body);
                }
                self.block(otherwise);
                self.block(finally);
            }
            StatementKind::With { items, body } => {
                for item in items {
                    self.expression(&item.context);
                    item.target.iter().for_each(|target| self.target(target));
                }
                self.block(body);
            }
            StatementKind::Raise { error, cause } => {
                error.iter().chain(cause).for_each(|it| self.expression(it));
            }
            StatementKind::Assert { test, message } => {
                self.expression(test);
                message.iter().for_each(|it| self.expression(it));
            }
            StatementKind::Return(value) => value.iter().for_each(|it| self.expression(it)),
            StatementKind::Delete(targets) => targets.iter().for_each(|it| self.target(it)),
            StatementKind::Global(names) => {
                self.global.extend(names.iter().map(|it| it.name.clone()));
            }
            StatementKind::Nonlocal(names) => {
                self.nonlocal.extend(names.iter().map(|it| it.name.clone()));
            }
            StatementKind::Function(function) => {
                self.local.insert(function.name.name.clone());
            }
            StatementKind::Class(class) => {
                self.local.insert(class.name.name.clone());
            }
            StatementKind::Import(names) => {
                for imported in names {
                    let bound = match &imported.alias {
                        Some(alias) => alias.name.clone(),
                        None => match imported.name.name.split_once('.') {
                            Some((first, _)) => first.into(),
                            None => imported.name.name.clone(),
                        },
                    };
                    self.local.insert(bound);
                }
            }
            StatementKind::ImportFrom {
                level: _,
                module: _,
                names,
            } => {
                for imported in names {
                    let bound = imported.alias.as_ref().unwrap_or(&imported.name);
                    self.local.insert(bound.name.clone());
                }
            }
            StatementKind::Break
            | StatementKind::Continue
            | StatementKind::Pass
            | StatementKind::Refused => {}
        }
    }

    fn target(&mut self, target: &Expression) {
        match &target.kind {
            ExpressionKind::Name(name) => {
                self.local.insert(name.clone());
            }
            ExpressionKind::Tuple(items) | ExpressionKind::List(items) => {
                items.iter().for_each(|item| self.target(item));
            }
            ExpressionKind::Starred(inner) => self.target(inner),
            _ => self.expression(target),
        }
    }

    /// Looks for `:=`, which binds in the enclosing block even from inside a comprehension.
    fn expression(&mut self, value: &Expression) {
        match &value.kind {
            ExpressionKind::Walrus(name, value) => {
                self.local.insert(name.name.clone());
                self.expression(value);
            }
            ExpressionKind::FormattedString(parts) => self.parts(parts),
            ExpressionKind::List(items)
            | ExpressionKind::Tuple(items)
            | ExpressionKind::Set(items)
            | ExpressionKind::Boolean(_, items) => {
                items.iter().for_each(|item| self.expression(item));
            }
            ExpressionKind::Dict(items) => {
                for item in items {
                    match item {
                        DictItem::Pair(key, value) => {
                            self.expression(key);
                            self.expression(value);
                        }
                        DictItem::Spread(value) => self.expression(value),
                    }
                }
            }
            ExpressionKind::Comprehension(comprehension) => self.comprehension(comprehension),
            ExpressionKind::Unary(_, value)
            | ExpressionKind::Attribute(value, _)
            | ExpressionKind::Starred(value) => self.expression(value),
            ExpressionKind::Binary(left, _, right) | ExpressionKind::Subscript(left, right) => {
                self.expression(left);
                self.expression(right);
            }
            ExpressionKind::Compare(first, rest) => {
                self.expression(first);
                rest.iter().for_each(|(_, value)| self.expression(value));
            }
            ExpressionKind::Conditional {
                test,
                body,
                otherwise,
            } => {
                self.expression(test);
                self.expression(body);
                self.expression(otherwise);
            }
            ExpressionKind::Call(function, arguments) => {
                self.expression(function);
                for argument in arguments {
                    match argument {
                        Argument::Positional(value)
                        | Argument::Spread(value)
                        | Argument::Keyword(_, value)
                        | Argument::KeywordSpread(value) => self.expression(value),
                    }
                }
            }
            ExpressionKind::Slice(parts) => {
                parts.iter().flatten().for_each(|it| self.expression(it));
            }
            ExpressionKind::Name(_)
            | ExpressionKind::None
            | ExpressionKind::Bool(_)
            | ExpressionKind::Ellipsis
            | ExpressionKind::Int(_)
            | ExpressionKind::Float(_)
            | ExpressionKind::Str(_)
            | ExpressionKind::Lambda(_)
            | ExpressionKind::Refused => {}
        }
    }

    fn parts(&mut self, parts: &[StringPart]) {
        for part in parts {
            match part {
                StringPart::Text(_) => {}
                StringPart::Replacement {
                    value,
                    label: _,
                    conversion: _,
                    format,
                } => {
                    self.expression(value);
                    self.parts(format);
                }
            }
        }
    }

    fn comprehension(&mut self, comprehension: &Comprehension) {
        match &comprehension.kind {
            ComprehensionKind::List(value)
            | ComprehensionKind::Set(value)
            | ComprehensionKind::Generator(value) => self.expression(value),
            ComprehensionKind::Dict(key, value) => {
                self.expression(key);
                self.expression(value);
            }
        }
        for clause in &comprehension.clauses {
            self.expression(&clause.iterable);
            clause.conditions.iter().for_each(|it| self.expression(it));
        }
    }
}
