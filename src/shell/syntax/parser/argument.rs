//! The arguments of a call, and the bases of a class.

use super::super::ast::{Argument, ComprehensionKind, Expression, ExpressionKind};
use super::super::{syntax_error, token::TokenKind};
use super::Parser;
use crate::base::Result;

impl Parser<'_> {
    /// `(a, *b, c=d, **e)`
    pub(super) fn arguments(&mut self) -> Result<Vec<Argument>> {
        self.nested(|parser| {
            parser.advance();
            let mut arguments = Vec::new();
            while !parser.eat_operator(")") {
                let argument = parser.argument(&arguments)?;
                arguments.push(argument);
                if !parser.eat_operator(",") && !parser.is_operator(")") {
                    parser.expect_operator(")")?;
                }
            }
            Ok(arguments)
        })
    }

    fn argument(&mut self, before: &[Argument]) -> Result<Argument> {
        let start = self.span();
        let after_spread = before
            .iter()
            .any(|it| matches!(it, Argument::KeywordSpread(_)));
        if self.eat_operator("**") {
            return Ok(Argument::KeywordSpread(self.expression()?));
        }
        if self.eat_operator("*") {
            let value = self.expression()?;
            if after_spread {
                let message = "iterable argument unpacking follows keyword argument unpacking";
                return Err(syntax_error(self.since(start), message));
            }
            return Ok(Argument::Spread(value));
        }
        let keyword = matches!(self.ahead(1), TokenKind::Operator("="));
        if keyword && matches!(self.kind(), TokenKind::Name(_)) {
            let name = self.identifier()?;
            self.advance();
            if self.is_operator(")") || self.is_operator(",") {
                let message = "expected argument value expression";
                return Err(syntax_error(self.since(start), message));
            }
            let value = self.expression()?;
            let repeated = before
                .iter()
                .any(|it| matches!(it, Argument::Keyword(other, _) if other.name == name.name));
            if repeated {
                let message = format!("keyword argument repeated: {}", name.name);
                return Err(syntax_error(self.since(start), message));
            }
            return Ok(Argument::Keyword(name, value));
        }
        let value = self.named_expression()?;
        if self.is_keyword("for") || self.is_keyword("async") {
            return self.generator_argument(value, before);
        }
        if self.is_operator("=") {
            return Err(syntax_error(value.span, assigned_argument(&value)));
        }
        if after_spread {
            let message = "positional argument follows keyword argument unpacking";
            return Err(syntax_error(value.span, message));
        }
        if before.iter().any(|it| matches!(it, Argument::Keyword(..))) {
            let message = "positional argument follows keyword argument";
            return Err(syntax_error(value.span, message));
        }
        Ok(Argument::Positional(value))
    }

    /// `f(x for x in y)`: without parentheses of its own only as the sole argument.
    fn generator_argument(&mut self, value: Expression, before: &[Argument]) -> Result<Argument> {
        let start = value.span;
        let clauses = self.for_clauses(&value)?;
        let last = self.is_operator(")")
            || (self.is_operator(",") && matches!(self.ahead(1), TokenKind::Operator(")")));
        if !before.is_empty() || !last {
            let message = "Generator expression must be parenthesized";
            return Err(syntax_error(self.since(start), message));
        }
        let kind = ComprehensionKind::Generator(value);
        Ok(Argument::Positional(
            self.comprehension(start, kind, clauses),
        ))
    }
}

fn assigned_argument(value: &Expression) -> String {
    match value.kind {
        ExpressionKind::None => String::from("cannot assign to None"),
        ExpressionKind::Bool(true) => String::from("cannot assign to True"),
        ExpressionKind::Bool(false) => String::from("cannot assign to False"),
        _ => String::from("expression cannot contain assignment, perhaps you meant \"==\"?"),
    }
}
