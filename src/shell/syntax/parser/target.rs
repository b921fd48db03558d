//! What may stand left of `=`, after `for` and after `del`.

use super::super::ast::{Expression, ExpressionKind};
use super::super::syntax_error;
use super::Parser;
use super::expression::OPERAND;
use crate::base::{Diagnostic, Result};

impl Parser<'_> {
    /// The targets between `for` and `in`.
    pub(super) fn target_list(&mut self) -> Result<Expression> {
        let start = self.span();
        let first = self.starred_or(|parser| parser.operators(OPERAND))?;
        let target = self.rest_of_tuple(start, first, |parser| parser.operators(OPERAND))?;
        check_target(&target)?;
        Ok(target)
    }
}

/// Whether values can be assigned to `target`.
pub(super) fn check_target(target: &Expression) -> Result<()> {
    match &target.kind {
        ExpressionKind::Name(_)
        | ExpressionKind::Attribute(..)
        | ExpressionKind::Subscript(..)
        | ExpressionKind::Refused => Ok(()),
        ExpressionKind::Tuple(items) | ExpressionKind::List(items) => {
            items.iter().try_for_each(check_target)
        }
        ExpressionKind::Starred(inner) => check_target(inner),
        _ => Err(cannot_assign(target)),
    }
}

fn cannot_assign(target: &Expression) -> Box<Diagnostic> {
    let what = target.describe();
    let message = match target.kind {
        ExpressionKind::None | ExpressionKind::Bool(_) => format!("cannot assign to {what}"),
        _ => {
            format!("cannot assign to {what} here. Maybe you meant '==' instead of '='?")
        }
    };
    syntax_error(target.span, message)
}

/// Whether `target op= value` can be.
pub(super) fn check_augmented_target(target: &Expression) -> Result<()> {
    match target.kind {
        ExpressionKind::Name(_)
        | ExpressionKind::Attribute(..)
        | ExpressionKind::Subscript(..)
        | ExpressionKind::Refused => Ok(()),
        _ => {
            let what = target.describe();
            let message = format!("'{what}' is an illegal expression for augmented assignment");
            Err(syntax_error(target.span, message))
        }
    }
}

/// Whether `target` can be deleted.
pub(super) fn check_deleted(target: &Expression) -> Result<()> {
    match &target.kind {
        ExpressionKind::Name(_)
        | ExpressionKind::Attribute(..)
        | ExpressionKind::Subscript(..)
        | ExpressionKind::Refused => Ok(()),
        ExpressionKind::Tuple(items) | ExpressionKind::List(items) => {
            items.iter().try_for_each(check_deleted)
        }
        _ => {
            let message = format!("cannot delete {}", target.describe());
            Err(syntax_error(target.span, message))
        }
    }
}

impl Expression {
    /// What CPython's messages call this kind of expression.
    pub(super) fn describe(&self) -> &'static str {
        match &self.kind {
            ExpressionKind::Name(_) => "name",
            ExpressionKind::None => "None",
            ExpressionKind::Bool(true) => "True",
            ExpressionKind::Bool(false) => "False",
            ExpressionKind::Ellipsis => "ellipsis",
            ExpressionKind::Int(_) | ExpressionKind::Float(_) | ExpressionKind::Str(_) => "literal",
            ExpressionKind::FormattedString(_) => "f-string expression",
            ExpressionKind::List(_) => "list",
            ExpressionKind::Tuple(_) => "tuple",
            ExpressionKind::Set(_) => "set display",
            ExpressionKind::Dict(_) => "dict literal",
            ExpressionKind::Comprehension(inner) => {
                use super::super::ast::ComprehensionKind as Kind;
                match inner.kind {
                    Kind::List(_) => "list comprehension",
                    Kind::Set(_) => "set comprehension",
                    Kind::Dict(..) => "dict comprehension",
                    Kind::Generator(_) => "generator expression",
                }
            }
            ExpressionKind::Unary(..)
            | ExpressionKind::Binary(..)
            | ExpressionKind::Boolean(..)
            | ExpressionKind::Slice(_)
            | ExpressionKind::Refused => "expression",
            ExpressionKind::Compare(..) => "comparison",
            ExpressionKind::Conditional { .. } => "conditional expression",
            ExpressionKind::Lambda(_) => "lambda",
            ExpressionKind::Call(..) => "function call",
            ExpressionKind::Attribute(..) => "attribute",
            ExpressionKind::Subscript(..) => "subscript",
            ExpressionKind::Starred(_) => "starred",
            ExpressionKind::Walrus(..) => "named expression",
        }
    }
}
