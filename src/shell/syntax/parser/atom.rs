//! Names, literals, displays, comprehensions and what stands in parentheses.

use super::super::ast::{
    Comprehension, ComprehensionKind, DictItem, Expression, ExpressionKind, ForClause, StringPart,
};
use super::super::syntax_error;
use super::super::token::{FormattedPart, TokenKind};
use super::expression::{DISJUNCTION, OPERAND};
use super::{Enclosing, Parser};
use crate::base::{Result, Span};
use std::rc::Rc;

impl Parser<'_> {
    /// An operand without anything hanging on it.
    pub(super) fn atom(&mut self) -> Result<Expression> {
        let span = self.span();
        let kind = match self.kind() {
            TokenKind::Name(name) => ExpressionKind::Name(name.clone()),
            TokenKind::Keyword("None") => ExpressionKind::None,
            TokenKind::Keyword("True") => ExpressionKind::Bool(true),
            TokenKind::Keyword("False") => ExpressionKind::Bool(false),
            TokenKind::Int(literal) => ExpressionKind::Int(literal.clone()),
            TokenKind::Float(value) => ExpressionKind::Float(*value),
            TokenKind::Operator("...") => ExpressionKind::Ellipsis,
            TokenKind::Foreign(what) => {
                self.advance();
                return Ok(self.refused(span, what));
            }
            TokenKind::Str(_) | TokenKind::FormattedString(_) => return self.strings(),
            TokenKind::Operator("(") => return self.nested(Self::parenthesized),
            TokenKind::Operator("[") => return self.nested(Self::list),
            TokenKind::Operator("{") => return self.nested(Self::dict_or_set),
            TokenKind::Keyword(_)
            | TokenKind::Operator(_)
            | TokenKind::Newline
            | TokenKind::Indent
            | TokenKind::Dedent
            | TokenKind::End
            | TokenKind::Error(_) => return Err(self.unexpected()),
        };
        self.advance();
        Ok(Expression { span, kind })
    }

    /// Adjacent strings, which are one.
    fn strings(&mut self) -> Result<Expression> {
        let start = self.span();
        let mut parts: Vec<StringPart> = Vec::new();
        let mut formatted = false;
        loop {
            match self.kind() {
                TokenKind::Str(text) => join(&mut parts, text),
                TokenKind::FormattedString(pieces) => {
                    formatted = true;
                    self.string_parts(pieces, &mut parts)?;
                }
                TokenKind::Foreign(what @ ("bytes literals" | "template strings")) => {
                    let span = self.span();
                    self.refuse(span, what);
                }
                _ => break,
            }
            self.advance();
        }
        let kind = if formatted {
            ExpressionKind::FormattedString(parts)
        } else {
            match parts.into_iter().next() {
                Some(StringPart::Text(text)) => ExpressionKind::Str(text),
                _ => ExpressionKind::Str("".into()),
            }
        };
        Ok(Expression {
            span: self.since(start),
            kind,
        })
    }

    fn string_parts(
        &mut self,
        pieces: &[FormattedPart],
        parts: &mut Vec<StringPart>,
    ) -> Result<()> {
        for piece in pieces {
            match piece {
                FormattedPart::Text(text) => join(parts, text),
                FormattedPart::Replacement {
                    span: _,
                    tokens,
                    label,
                    conversion,
                    format,
                } => {
                    let mut inner = Parser {
                        text: self.text,
                        tokens,
                        at: 0,
                        depth: self.depth,
                        function: self.function,
                        cycle: Enclosing::Outside,
                        diagnostics: Vec::new(),
                    };
                    let value = inner.nested(|parser| {
                        let value = parser.replaced()?;
                        match parser.is_end() {
                            true => Ok(value),
                            false => Err(parser.unexpected_after(
                                "f-string: invalid syntax. Perhaps you forgot a comma?",
                            )),
                        }
                    });
                    self.diagnostics.append(&mut inner.diagnostics);
                    let mut specification = Vec::new();
                    if let Some(format) = format {
                        self.nested(|parser| parser.string_parts(format, &mut specification))?;
                    }
                    parts.push(StringPart::Replacement {
                        value: Box::new(value?),
                        label: label.clone(),
                        conversion: *conversion,
                        format: specification,
                    });
                }
            }
        }
        Ok(())
    }

    /// What stands between the braces of an f-string.
    fn replaced(&mut self) -> Result<Expression> {
        let start = self.span();
        let first = self.starred_or(Self::named_expression)?;
        self.rest_of_tuple(start, first, Self::named_expression)
    }

    fn parenthesized(&mut self) -> Result<Expression> {
        let start = self.span();
        self.advance();
        if self.eat_operator(")") {
            return Ok(Expression {
                span: self.since(start),
                kind: ExpressionKind::Tuple(Vec::new()),
            });
        }
        let first = self.starred_or(Self::named_expression)?;
        if self.is_keyword("for") || self.is_keyword("async") {
            let clauses = self.for_clauses(&first)?;
            self.expect_operator(")")?;
            return Ok(self.comprehension(start, ComprehensionKind::Generator(first), clauses));
        }
        let mut value = self.rest_of_tuple(start, first, Self::named_expression)?;
        self.expect_operator(")")?;
        match value.kind {
            ExpressionKind::Tuple(_) if value.span.start == start.start => {
                value.span = self.since(start);
            }
            ExpressionKind::Starred(_) => {
                return Err(syntax_error(
                    value.span,
                    "cannot use starred expression here",
                ));
            }
            _ => {}
        }
        Ok(value)
    }

    fn list(&mut self) -> Result<Expression> {
        let start = self.span();
        self.advance();
        let mut items = Vec::new();
        while !self.eat_operator("]") {
            let item = self.starred_or(Self::named_expression)?;
            if items.is_empty() && (self.is_keyword("for") || self.is_keyword("async")) {
                let clauses = self.for_clauses(&item)?;
                self.expect_operator("]")?;
                return Ok(self.comprehension(start, ComprehensionKind::List(item), clauses));
            }
            items.push(item);
            self.separator("]")?;
        }
        Ok(Expression {
            span: self.since(start),
            kind: ExpressionKind::List(items),
        })
    }

    /// A comma, or the closing bracket ahead.
    fn separator(&mut self, close: &str) -> Result<()> {
        if self.eat_operator(",") || self.is_operator(close) {
            return Ok(());
        }
        self.expect_operator(close)
    }

    fn dict_or_set(&mut self) -> Result<Expression> {
        let start = self.span();
        self.advance();
        if self.is_operator("}") || self.is_operator("**") {
            return self.dict(start, Vec::new());
        }
        let first = self.starred_or(Self::named_expression)?;
        if self.is_operator(":") && !matches!(first.kind, ExpressionKind::Starred(_)) {
            self.advance();
            let value = self.expression()?;
            if self.is_keyword("for") || self.is_keyword("async") {
                let clauses = self.for_clauses(&first)?;
                self.expect_operator("}")?;
                let kind = ComprehensionKind::Dict(first, value);
                return Ok(self.comprehension(start, kind, clauses));
            }
            self.separator("}")?;
            return self.dict(start, vec![DictItem::Pair(first, value)]);
        }
        if self.is_keyword("for") || self.is_keyword("async") {
            let clauses = self.for_clauses(&first)?;
            self.expect_operator("}")?;
            return Ok(self.comprehension(start, ComprehensionKind::Set(first), clauses));
        }
        self.separator("}")?;
        let mut items = vec![first];
        while !self.eat_operator("}") {
            items.push(self.starred_or(Self::named_expression)?);
            self.separator("}")?;
        }
        Ok(Expression {
            span: self.since(start),
            kind: ExpressionKind::Set(items),
        })
    }

    fn dict(&mut self, start: Span, mut items: Vec<DictItem>) -> Result<Expression> {
        while !self.eat_operator("}") {
            if self.eat_operator("**") {
                items.push(DictItem::Spread(self.operators(OPERAND)?));
                if self.is_keyword("for") {
                    let message = "dict unpacking cannot be used in dict comprehension";
                    return Err(syntax_error(self.before(), message));
                }
            } else {
                let key = self.expression()?;
                if !self.eat_operator(":") {
                    return Err(self.unexpected_after("':' expected after dictionary key"));
                }
                if self.is_operator("}") || self.is_operator(",") {
                    let message = "expression expected after dictionary key and ':'";
                    return Err(syntax_error(self.before(), message));
                }
                items.push(DictItem::Pair(key, self.expression()?));
            }
            self.separator("}")?;
        }
        Ok(Expression {
            span: self.since(start),
            kind: ExpressionKind::Dict(items),
        })
    }

    pub(super) fn comprehension(
        &self,
        start: Span,
        kind: ComprehensionKind,
        clauses: Vec<ForClause>,
    ) -> Expression {
        Expression {
            span: self.since(start),
            kind: ExpressionKind::Comprehension(Rc::new(Comprehension { kind, clauses })),
        }
    }

    /// `for … in … if …`, once or more, after the element.
    pub(super) fn for_clauses(&mut self, element: &Expression) -> Result<Vec<ForClause>> {
        if matches!(element.kind, ExpressionKind::Starred(_)) {
            let message = "iterable unpacking cannot be used in comprehension";
            return Err(syntax_error(element.span, message));
        }
        let mut clauses = Vec::new();
        loop {
            let start = self.span();
            let asynchronous = self.eat_keyword("async");
            if !self.eat_keyword("for") {
                if asynchronous {
                    return Err(self.unexpected());
                }
                return Ok(clauses);
            }
            if asynchronous {
                self.refuse(start, "asynchronous comprehensions");
            }
            let target = self.target_list()?;
            self.expect_keyword("in")?;
            let iterable = self.operators(DISJUNCTION)?;
            let mut conditions = Vec::new();
            while self.eat_keyword("if") {
                conditions.push(self.operators(DISJUNCTION)?);
            }
            clauses.push(ForClause {
                target,
                iterable,
                conditions,
            });
        }
    }
}

/// Adds text, to the text before it when there is one.
fn join(parts: &mut Vec<StringPart>, text: &Rc<str>) {
    match parts.last_mut() {
        Some(StringPart::Text(before)) => *before = format!("{before}{text}").into(),
        _ if text.is_empty() => {}
        _ => parts.push(StringPart::Text(text.clone())),
    }
}
