//! Statements with blocks.

use super::super::ast::{
    Argument, Block, ClassDefinition, ComprehensionKind, Expression, ExpressionKind,
    FunctionDefinition, Handler, Statement, StatementKind, WithItem,
};
use super::super::{indentation_error, syntax_error, token::TokenKind};
use super::target::check_target;
use super::{Enclosing, Parser};
use crate::base::{Result, Span};
use std::rc::Rc;

impl Parser<'_> {
    /// A compound statement, if one starts here.
    pub(super) fn compound(&mut self) -> Result<Option<Statement>> {
        let start = self.span();
        let kind = match self.kind() {
            TokenKind::Keyword(word) => match *word {
                "if" => self.if_statement()?,
                "for" => self.for_statement()?,
                "while" => self.while_statement()?,
                "try" => self.try_statement()?,
                "with" => self.with_statement()?,
                "def" => self.function(Vec::new())?,
                "class" => self.class(Vec::new())?,
                "async" => self.asynchronous()?,
                _ => return Ok(None),
            },
            TokenKind::Operator("@") => self.decorated()?,
            TokenKind::Name(name) if &**name == "match" && self.is_match() => {
                self.skip_line(self.at);
                self.refuse(start, "match statements; use if and elif");
                StatementKind::Refused
            }
            _ => return Ok(None),
        };
        Ok(Some(Statement {
            span: self.since_block(start),
            kind,
        }))
    }

    /// From `start` to the last token that is no line end.
    fn since_block(&self, start: Span) -> Span {
        let mut at = self.at;
        while let Some(before) = at.checked_sub(1) {
            at = before;
            match self.tokens.get(at) {
                Some(token) if matches!(token.kind, TokenKind::Newline | TokenKind::Dedent) => {}
                Some(token) => return Span::new(start.start, token.span.end.max(start.start)),
                None => break,
            }
        }
        start
    }

    /// Whether this line is `match …:` with a `case` below it.
    fn is_match(&self) -> bool {
        let mut n = 1;
        loop {
            match self.ahead(n) {
                TokenKind::Newline => break,
                TokenKind::End | TokenKind::Error(_) => return false,
                _ => n += 1,
            }
        }
        matches!(self.ahead(n - 1), TokenKind::Operator(":"))
            && matches!(self.ahead(n + 1), TokenKind::Indent)
            && matches!(self.ahead(n + 2), TokenKind::Name(name) if &**name == "case")
    }

    /// `: …` after the head of a statement, `what` its name for errors, `head` its place.
    fn block(&mut self, what: &str, head: Span) -> Result<Block> {
        if self.is_operator("=") {
            let message = "invalid syntax. Maybe you meant '==' or ':=' instead of '='?";
            return Err(syntax_error(self.span(), message));
        }
        self.expect_operator(":")?;
        let mut body = Vec::new();
        if !matches!(self.kind(), TokenKind::Newline) {
            self.simple_statements(&mut body)?;
            return Ok(body.into());
        }
        self.advance();
        if !matches!(self.kind(), TokenKind::Indent) {
            let message = format!(
                "expected an indented block after {what} on line {}",
                self.line(head)
            );
            return Err(match self.kind() {
                TokenKind::Error(_) => self.unexpected(),
                _ => indentation_error(self.span(), message),
            });
        }
        self.advance();
        loop {
            match self.kind() {
                TokenKind::Dedent => {
                    self.advance();
                    return Ok(body.into());
                }
                TokenKind::End => return Ok(body.into()),
                TokenKind::Error(_) => return Err(self.unexpected()),
                _ if self.diagnostics.len() >= super::MAX_ERRORS => return Ok(body.into()),
                _ => self.recovering(&mut body),
            }
        }
    }

    /// A block inside of a loop.
    fn cycle_block(&mut self, what: &str, head: Span) -> Result<Block> {
        let outer = std::mem::replace(&mut self.cycle, Enclosing::Inside);
        let body = self.block(what, head);
        self.cycle = outer;
        body
    }

    /// `else: …`, or an empty block.
    fn otherwise(&mut self) -> Result<Block> {
        let head = self.span();
        if self.eat_keyword("else") {
            return self.block("'else' statement", head);
        }
        Ok(Block::from([]))
    }

    fn if_statement(&mut self) -> Result<StatementKind> {
        let head = self.span();
        self.advance();
        let test = self.named_expression()?;
        let body = self.block("'if' statement", head)?;
        let mut branches = vec![(test, body)];
        loop {
            let head = self.span();
            if !self.eat_keyword("elif") {
                break;
            }
            let test = self.named_expression()?;
            let body = self.block("'elif' statement", head)?;
            branches.push((test, body));
        }
        let otherwise = self.otherwise()?;
        Ok(StatementKind::If {
            branches,
            otherwise,
        })
    }

    fn for_statement(&mut self) -> Result<StatementKind> {
        let head = self.span();
        self.advance();
        let target = self.target_list()?;
        self.expect_keyword("in")?;
        let iterable = self.expression_list()?;
        let body = self.cycle_block("'for' statement", head)?;
        let otherwise = self.otherwise()?;
        Ok(StatementKind::For {
            target,
            iterable,
            body,
            otherwise,
        })
    }

    fn while_statement(&mut self) -> Result<StatementKind> {
        let head = self.span();
        self.advance();
        let test = self.named_expression()?;
        let body = self.cycle_block("'while' statement", head)?;
        let otherwise = self.otherwise()?;
        Ok(StatementKind::While {
            test,
            body,
            otherwise,
        })
    }

    fn try_statement(&mut self) -> Result<StatementKind> {
        let head = self.span();
        self.advance();
        let body = self.block("'try' statement", head)?;
        let mut handlers: Vec<Handler> = Vec::new();
        while self.is_keyword("except") {
            if let Some(last) = handlers.last().filter(|last| last.class.is_none()) {
                let span = Span::new(last.span.start, last.span.start + 6);
                return Err(syntax_error(span, "default 'except:' must be last"));
            }
            handlers.push(self.handler()?);
        }
        let otherwise = if handlers.is_empty() {
            Block::from([])
        } else {
            self.otherwise()?
        };
        let head = self.span();
        let finally = if self.eat_keyword("finally") {
            self.block("'finally' statement", head)?
        } else if handlers.is_empty() {
            return Err(self.unexpected_after("expected 'except' or 'finally' block"));
        } else {
            Block::from([])
        };
        Ok(StatementKind::Try {
            body,
            handlers,
            otherwise,
            finally,
        })
    }

    fn handler(&mut self) -> Result<Handler> {
        let start = self.span();
        self.advance();
        if self.is_operator("*") {
            let span = self.span();
            self.advance();
            self.refuse(span, "except*");
        }
        let mut class = None;
        let mut name = None;
        if !self.is_operator(":") {
            let value = self.expression()?;
            if self.is_operator(",") {
                let message = "multiple exception types must be parenthesized";
                return Err(syntax_error(value.span, message));
            }
            class = Some(value);
            if self.eat_keyword("as") {
                name = Some(self.identifier()?);
            }
        }
        let body = self.block("'except' statement", start)?;
        Ok(Handler {
            span: self.since_block(start),
            class,
            name,
            body,
        })
    }

    fn with_statement(&mut self) -> Result<StatementKind> {
        let head = self.span();
        self.advance();
        let items = match self.bracketed_with_items() {
            Some(items) => items,
            None => {
                let mut items = vec![self.with_item()?];
                while self.eat_operator(",") {
                    items.push(self.with_item()?);
                }
                items
            }
        };
        let body = self.block("'with' statement", head)?;
        Ok(StatementKind::With { items, body })
    }

    fn with_item(&mut self) -> Result<WithItem> {
        let context = self.expression()?;
        let mut target = None;
        if self.eat_keyword("as") {
            let value = self.starred_or(|parser| parser.operators(super::expression::OPERAND))?;
            check_target(&value)?;
            target = Some(value);
        }
        Ok(WithItem { context, target })
    }

    /// `(a as b, c as d)` before the colon. `None`, and nothing read, when the parentheses belong
    /// to an expression.
    fn bracketed_with_items(&mut self) -> Option<Vec<WithItem>> {
        if !self.is_operator("(") {
            return None;
        }
        let (at, depth, errors) = (self.at, self.depth, self.diagnostics.len());
        self.advance();
        let mut items = Vec::new();
        let sound = loop {
            match self.with_item() {
                Ok(item) => items.push(item),
                Err(_) => break false,
            }
            let comma = self.eat_operator(",");
            if self.eat_operator(")") {
                break self.is_operator(":");
            }
            if !comma {
                break false;
            }
        };
        if sound {
            return Some(items);
        }
        self.at = at;
        self.depth = depth;
        self.diagnostics.truncate(errors);
        None
    }

    fn decorated(&mut self) -> Result<StatementKind> {
        let mut decorators = Vec::new();
        while self.eat_operator("@") {
            decorators.push(self.named_expression()?);
            if !matches!(self.kind(), TokenKind::Newline) {
                return Err(self.unexpected());
            }
            self.advance();
        }
        match self.kind() {
            TokenKind::Keyword("def") => self.function(decorators),
            TokenKind::Keyword("class") => self.class(decorators),
            TokenKind::Keyword("async") => self.asynchronous(),
            _ => Err(self.unexpected()),
        }
    }

    fn asynchronous(&mut self) -> Result<StatementKind> {
        let start = self.span();
        self.advance();
        let what = match self.kind() {
            TokenKind::Keyword("def") => {
                self.function(Vec::new())?;
                "asynchronous functions"
            }
            TokenKind::Keyword("for") => {
                self.for_statement()?;
                "asynchronous loops"
            }
            TokenKind::Keyword("with") => {
                self.with_statement()?;
                "asynchronous with"
            }
            _ => return Err(self.unexpected()),
        };
        self.refuse(start, what);
        Ok(StatementKind::Refused)
    }

    /// `[T]` after the name of a function or class, which is refused.
    fn type_parameters(&mut self) {
        if self.is_operator("[") {
            let start = self.span();
            self.skip_brackets();
            self.refuse(self.since(start), "type parameters");
        }
    }

    fn function(&mut self, decorators: Vec<Expression>) -> Result<StatementKind> {
        let head = self.span();
        self.advance();
        let name = self.identifier()?;
        self.type_parameters();
        self.expect_operator("(")?;
        let parameters = self.parameters(")")?;
        self.expect_operator(")")?;
        let returns = if self.eat_operator("->") {
            Some(self.expression()?)
        } else {
            None
        };
        let function = std::mem::replace(&mut self.function, Enclosing::Inside);
        let cycle = std::mem::replace(&mut self.cycle, Enclosing::Outside);
        let body = self.block("function definition", head);
        self.function = function;
        self.cycle = cycle;
        Ok(StatementKind::Function(Rc::new(FunctionDefinition {
            name,
            decorators,
            parameters,
            returns,
            body: body?,
        })))
    }

    fn class(&mut self, decorators: Vec<Expression>) -> Result<StatementKind> {
        let head = self.span();
        self.advance();
        let name = self.identifier()?;
        self.type_parameters();
        let arguments = if self.is_operator("(") {
            self.arguments()?
        } else {
            Vec::new()
        };
        for argument in &arguments {
            if let Argument::Positional(value) = argument
                && self.is_bare_generator(value)
            {
                return Err(syntax_error(value.span, "invalid syntax"));
            }
        }
        let function = std::mem::replace(&mut self.function, Enclosing::Outside);
        let cycle = std::mem::replace(&mut self.cycle, Enclosing::Outside);
        let body = self.block("class definition", head);
        self.function = function;
        self.cycle = cycle;
        Ok(StatementKind::Class(Rc::new(ClassDefinition {
            name,
            decorators,
            arguments,
            body: body?,
        })))
    }

    /// Whether it is a generator expression without parentheses of its own.
    fn is_bare_generator(&self, value: &Expression) -> bool {
        let ExpressionKind::Comprehension(it) = &value.kind else {
            return false;
        };
        let text = self.text.get(value.span.start as usize..).unwrap_or("");
        matches!(it.kind, ComprehensionKind::Generator(_)) && !text.starts_with('(')
    }
}
