//! From tokens to the tree: recursive descent for statements, precedence climbing for operators.
//!
//! A statement that does not parse becomes a diagnostic and is left out; parsing goes on with the
//! next line, so that an editor sees the rest of the tree. Nesting is bounded, since whoever
//! walks the tree recurses.

mod argument;
mod atom;
mod compound;
mod expression;
mod parameter;
mod statement;
mod target;

use super::ast::{Expression, ExpressionKind, Identifier, Module, Statement};
use super::token::{Token, TokenKind};
use super::{indentation_error, lexer, not_supported, syntax_error};
use crate::base::{Diagnostic, Result, Span};

/// How deep the tree may get.
const MAX_DEPTH: usize = 200;
/// After so many errors the rest of the text is not looked at.
const MAX_ERRORS: usize = 20;

/// What parsing gives.
#[derive(Clone, Debug)]
pub struct Parsed {
    /// The tree; complete when there are no diagnostics.
    pub module: Module,
    /// What is wrong, in the order of the text.
    pub diagnostics: Vec<Diagnostic>,
}

/// Parses a text. Never fails and never panics.
pub fn parse(text: &str) -> Parsed {
    let tokens = lexer::tokenize(text);
    let mut parser = Parser {
        text,
        tokens: &tokens,
        at: 0,
        depth: 0,
        function: Enclosing::Outside,
        cycle: Enclosing::Outside,
        diagnostics: Vec::new(),
    };
    let body = parser.module();
    Parsed {
        module: Module { body: body.into() },
        diagnostics: parser.diagnostics,
    }
}

/// Whether a construct encloses the place where the parser is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Enclosing {
    Inside,
    Outside,
}

struct Parser<'t> {
    text: &'t str,
    /// Ends with an `End`.
    tokens: &'t [Token],
    at: usize,
    depth: usize,
    function: Enclosing,
    cycle: Enclosing,
    diagnostics: Vec<Diagnostic>,
}

impl<'t> Parser<'t> {
    fn module(&mut self) -> Vec<Statement> {
        let mut body = Vec::new();
        while !self.is_end() && self.diagnostics.len() < MAX_ERRORS {
            if let TokenKind::Error(error) = self.kind() {
                let error = error.clone();
                self.report(error);
                break;
            }
            self.recovering(&mut body);
        }
        self.diagnostics.sort_by_key(|it| it.span);
        body
    }

    /// Parses one line or compound statement; an error is noted, and its line skipped.
    fn recovering(&mut self, body: &mut Vec<Statement>) {
        let start = self.at;
        let depth = self.depth;
        let result = match self.kind() {
            TokenKind::Indent => Err(indentation_error(self.span(), "unexpected indent")),
            _ => self.statement(body),
        };
        if let Err(error) = result {
            self.depth = depth;
            self.report(error);
            self.skip_line(start);
        }
    }

    fn report(&mut self, error: Box<Diagnostic>) {
        self.diagnostics.push(*error);
    }

    /// Goes past the end of this line and the block under it, at least one token past `start`.
    fn skip_line(&mut self, start: usize) {
        if self.at == start {
            if matches!(self.kind(), TokenKind::Indent) {
                self.skip_block();
                return;
            }
            self.advance();
        }
        while !matches!(
            self.kind(),
            TokenKind::Newline | TokenKind::End | TokenKind::Dedent | TokenKind::Error(_)
        ) {
            self.advance();
        }
        if matches!(self.kind(), TokenKind::Newline) {
            self.advance();
        }
        if matches!(self.kind(), TokenKind::Indent) {
            self.skip_block();
        }
    }

    /// From an `Indent` past its `Dedent`.
    fn skip_block(&mut self) {
        let mut open = 0usize;
        loop {
            match self.kind() {
                TokenKind::Indent => open += 1,
                TokenKind::Dedent => open = open.saturating_sub(1),
                TokenKind::End | TokenKind::Error(_) => return,
                _ => {}
            }
            self.advance();
            if open == 0 {
                return;
            }
        }
    }

    fn kind(&self) -> &'t TokenKind {
        self.ahead(0)
    }

    fn ahead(&self, n: usize) -> &'t TokenKind {
        match self.tokens.get(self.at + n).or(self.tokens.last()) {
            Some(token) => &token.kind,
            None => &TokenKind::End,
        }
    }

    fn span(&self) -> Span {
        let token = self.tokens.get(self.at).or(self.tokens.last());
        token.map_or_else(Span::default, |token| token.span)
    }

    /// The span of the token before this one.
    fn before(&self) -> Span {
        let token = self.at.checked_sub(1).and_then(|at| self.tokens.get(at));
        token.map_or_else(Span::default, |token| token.span)
    }

    /// From the start of `start` to the end of the last token read.
    fn since(&self, start: Span) -> Span {
        Span::new(start.start, self.before().end.max(start.start))
    }

    fn advance(&mut self) {
        if self.at + 1 < self.tokens.len() {
            self.at += 1;
        }
    }

    fn is_end(&self) -> bool {
        matches!(self.kind(), TokenKind::End)
    }

    fn is_operator(&self, operator: &str) -> bool {
        matches!(self.kind(), TokenKind::Operator(found) if *found == operator)
    }

    fn is_keyword(&self, keyword: &str) -> bool {
        matches!(self.kind(), TokenKind::Keyword(found) if *found == keyword)
    }

    fn eat_operator(&mut self, operator: &str) -> bool {
        let found = self.is_operator(operator);
        if found {
            self.advance();
        }
        found
    }

    fn eat_keyword(&mut self, keyword: &str) -> bool {
        let found = self.is_keyword(keyword);
        if found {
            self.advance();
        }
        found
    }

    fn expect_operator(&mut self, operator: &str) -> Result<()> {
        if self.eat_operator(operator) {
            return Ok(());
        }
        if matches!(operator, ")" | "]" | "}") && self.starts_operand() {
            return Err(self.unexpected_after("invalid syntax. Perhaps you forgot a comma?"));
        }
        Err(match operator {
            ":" | "(" => self.unexpected_after(&format!("expected '{operator}'")),
            _ => self.unexpected(),
        })
    }

    fn expect_keyword(&mut self, keyword: &str) -> Result<()> {
        if self.eat_keyword(keyword) {
            return Ok(());
        }
        Err(self.unexpected_after(&format!("expected '{keyword}'")))
    }

    fn identifier(&mut self) -> Result<Identifier> {
        match self.kind() {
            TokenKind::Name(name) => {
                let span = self.span();
                self.advance();
                Ok(Identifier {
                    name: name.clone(),
                    span,
                })
            }
            _ => Err(self.unexpected()),
        }
    }

    /// Whether this token can only be the start of a new operand.
    fn starts_operand(&self) -> bool {
        match self.kind() {
            TokenKind::Name(_)
            | TokenKind::Int(_)
            | TokenKind::Float(_)
            | TokenKind::Str(_)
            | TokenKind::FormattedString(_) => true,
            TokenKind::Keyword(word) => matches!(*word, "None" | "True" | "False"),
            _ => false,
        }
    }

    /// The error that this token cannot stand here.
    fn unexpected(&self) -> Box<Diagnostic> {
        self.unexpected_after("invalid syntax")
    }

    /// The same, with another text where the token itself is sound.
    fn unexpected_after(&self, message: &str) -> Box<Diagnostic> {
        match self.kind() {
            TokenKind::Error(error) => error.clone(),
            TokenKind::Indent => indentation_error(self.span(), "unexpected indent"),
            _ => syntax_error(self.span(), message),
        }
    }

    /// Notes Python outside the subset, and goes on.
    fn refuse(&mut self, span: Span, what: &str) {
        self.report(not_supported(span, what));
    }

    fn refused(&mut self, span: Span, what: &str) -> Expression {
        self.refuse(span, what);
        Expression {
            span,
            kind: ExpressionKind::Refused,
        }
    }

    /// One level deeper; whoever calls puts the depth back.
    fn deepen(&mut self) -> Result<()> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(syntax_error(self.span(), "too many nested parentheses"));
        }
        Ok(())
    }

    /// Runs `parse` one level deeper.
    fn nested<T>(&mut self, parse: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        let depth = self.depth;
        self.deepen()?;
        let result = parse(self);
        self.depth = depth;
        result
    }

    fn line(&self, span: Span) -> usize {
        let before = self.text.get(..span.start as usize).unwrap_or("");
        before.matches('\n').count() + 1
    }
}

#[cfg(test)]
mod tests;
