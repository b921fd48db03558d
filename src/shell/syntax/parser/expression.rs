//! Operators, conditional expressions, lambdas and what hangs on a value: calls, attributes,
//! subscripts.

use super::super::ast::{
    BinaryOperator, BooleanOperator, CompareOperator, Expression, ExpressionKind, Lambda,
    UnaryOperator,
};
use super::super::{syntax_error, token::TokenKind};
use super::Parser;
use crate::base::{Result, Span};
use std::rc::Rc;

/// How tightly an operator binds (Python reference, 6.17), loosest first.
mod binding {
    pub const OR: u8 = 1;
    pub const AND: u8 = 2;
    pub const NOT: u8 = 3;
    pub const COMPARE: u8 = 4;
    pub const BIT_OR: u8 = 5;
    pub const BIT_XOR: u8 = 6;
    pub const BIT_AND: u8 = 7;
    pub const SHIFT: u8 = 8;
    pub const SUM: u8 = 9;
    pub const PRODUCT: u8 = 10;
}

/// The loosest binding of operands of `|`: what a loop's target is made of.
pub(super) const OPERAND: u8 = binding::BIT_OR;
/// The loosest binding of all: what a comprehension iterates.
pub(super) const DISJUNCTION: u8 = binding::OR;

fn binary_operator(symbol: &str) -> Option<(BinaryOperator, u8)> {
    use BinaryOperator as Op;
    Some(match symbol {
        "|" => (Op::Or, binding::BIT_OR),
        "^" => (Op::Xor, binding::BIT_XOR),
        "&" => (Op::And, binding::BIT_AND),
        "<<" => (Op::ShiftLeft, binding::SHIFT),
        ">>" => (Op::ShiftRight, binding::SHIFT),
        "+" => (Op::Add, binding::SUM),
        "-" => (Op::Subtract, binding::SUM),
        "*" => (Op::Multiply, binding::PRODUCT),
        "/" => (Op::Divide, binding::PRODUCT),
        "//" => (Op::FloorDivide, binding::PRODUCT),
        "%" => (Op::Modulo, binding::PRODUCT),
        "@" => (Op::MatrixMultiply, binding::PRODUCT),
        _ => return None,
    })
}

impl Parser<'_> {
    /// `a, *b, c`: a tuple when there is a comma, else the one expression.
    pub(super) fn expression_list(&mut self) -> Result<Expression> {
        let start = self.span();
        let first = self.starred_or(Self::expression)?;
        self.rest_of_tuple(start, first, Self::expression)
    }

    /// The tuple that `first` begins, if a comma follows.
    pub(super) fn rest_of_tuple(
        &mut self,
        start: Span,
        first: Expression,
        item: fn(&mut Self) -> Result<Expression>,
    ) -> Result<Expression> {
        if !self.is_operator(",") {
            return Ok(first);
        }
        let mut items = vec![first];
        while self.eat_operator(",") {
            if !self.starts_expression() {
                break;
            }
            items.push(self.starred_or(item)?);
        }
        Ok(Expression {
            span: self.since(start),
            kind: ExpressionKind::Tuple(items),
        })
    }

    /// `*a`, or what `item` parses.
    pub(super) fn starred_or(
        &mut self,
        item: fn(&mut Self) -> Result<Expression>,
    ) -> Result<Expression> {
        let start = self.span();
        if !self.eat_operator("*") {
            return item(self);
        }
        let value = self.operators(OPERAND)?;
        Ok(Expression {
            span: self.since(start),
            kind: ExpressionKind::Starred(Box::new(value)),
        })
    }

    /// Whether this token can start an expression.
    pub(super) fn starts_expression(&self) -> bool {
        match self.kind() {
            TokenKind::Name(_)
            | TokenKind::Int(_)
            | TokenKind::Float(_)
            | TokenKind::Str(_)
            | TokenKind::FormattedString(_)
            | TokenKind::Foreign(_) => true,
            TokenKind::Keyword(word) => matches!(
                *word,
                "None" | "True" | "False" | "not" | "lambda" | "await" | "yield"
            ),
            TokenKind::Operator(symbol) => {
                matches!(*symbol, "(" | "[" | "{" | "-" | "+" | "~" | "..." | "*")
            }
            TokenKind::Newline
            | TokenKind::Indent
            | TokenKind::Dedent
            | TokenKind::End
            | TokenKind::Error(_) => false,
        }
    }

    /// `name := value`, or an expression.
    pub(super) fn named_expression(&mut self) -> Result<Expression> {
        let start = self.span();
        let walrus = matches!(self.ahead(1), TokenKind::Operator(":="));
        if walrus && matches!(self.kind(), TokenKind::Name(_)) {
            let name = self.identifier()?;
            self.advance();
            let value = self.nested(Self::expression)?;
            return Ok(Expression {
                span: self.since(start),
                kind: ExpressionKind::Walrus(name, Box::new(value)),
            });
        }
        let value = self.expression()?;
        if self.is_operator(":=") {
            let what = value.describe();
            let message = format!("cannot use assignment expressions with {what}");
            return Err(syntax_error(value.span, message));
        }
        Ok(value)
    }

    /// A lambda, or a disjunction with an optional `if … else …`.
    pub(super) fn expression(&mut self) -> Result<Expression> {
        self.nested(|parser| {
            if parser.is_keyword("lambda") {
                return parser.lambda();
            }
            if parser.is_keyword("yield") {
                return parser.yielded();
            }
            let start = parser.span();
            let body = parser.operators(DISJUNCTION)?;
            if !parser.eat_keyword("if") {
                return Ok(body);
            }
            let test = parser.operators(DISJUNCTION)?;
            if !parser.eat_keyword("else") {
                let message = "expected 'else' after 'if' expression";
                return Err(match parser.kind() {
                    TokenKind::Error(_) => parser.unexpected(),
                    _ => syntax_error(parser.since(start), message),
                });
            }
            let otherwise = parser.expression()?;
            Ok(Expression {
                span: parser.since(start),
                kind: ExpressionKind::Conditional {
                    test: Box::new(test),
                    body: Box::new(body),
                    otherwise: Box::new(otherwise),
                },
            })
        })
    }

    fn lambda(&mut self) -> Result<Expression> {
        let start = self.span();
        self.advance();
        let parameters = self.parameters(":")?;
        self.expect_operator(":")?;
        let body = self.expression()?;
        Ok(Expression {
            span: self.since(start),
            kind: ExpressionKind::Lambda(Rc::new(Lambda { parameters, body })),
        })
    }

    fn yielded(&mut self) -> Result<Expression> {
        let start = self.span();
        self.advance();
        if self.eat_keyword("from") {
            self.expression()?;
        } else if self.starts_expression() {
            self.expression_list()?;
        }
        Ok(self.refused(
            self.since(start),
            "generators with yield; build a list and return it",
        ))
    }

    /// Operators that bind at least as tightly as `loosest`.
    pub(super) fn operators(&mut self, loosest: u8) -> Result<Expression> {
        let depth = self.depth;
        let start = self.span();
        let mut left = if self.is_keyword("not") {
            self.negation(loosest)?
        } else {
            self.signed()?
        };
        loop {
            // A long chain makes as deep a tree as parentheses do.
            self.deepen()?;
            let kind = match self.operator_here() {
                Some(Infix::Or) if loosest <= binding::OR => {
                    self.boolean(left, BooleanOperator::Or, "or", binding::AND)?
                }
                Some(Infix::And) if loosest <= binding::AND => {
                    self.boolean(left, BooleanOperator::And, "and", binding::NOT)?
                }
                Some(Infix::Compare(_)) if loosest <= binding::COMPARE => self.comparison(left)?,
                Some(Infix::Binary(operator, tightness)) if loosest <= tightness => {
                    self.advance();
                    let right = self.operators(tightness + 1)?;
                    ExpressionKind::Binary(Box::new(left), operator, Box::new(right))
                }
                _ => break,
            };
            left = Expression {
                span: self.since(start),
                kind,
            };
        }
        self.depth = depth;
        Ok(left)
    }

    fn negation(&mut self, loosest: u8) -> Result<Expression> {
        if loosest > binding::NOT {
            return Err(self.unexpected());
        }
        let start = self.span();
        self.advance();
        let value = self.nested(|parser| parser.operators(binding::NOT))?;
        Ok(Expression {
            span: self.since(start),
            kind: ExpressionKind::Unary(UnaryOperator::Not, Box::new(value)),
        })
    }

    fn boolean(
        &mut self,
        first: Expression,
        operator: BooleanOperator,
        word: &str,
        tighter: u8,
    ) -> Result<ExpressionKind> {
        let mut values = vec![first];
        while self.eat_keyword(word) {
            values.push(self.operators(tighter)?);
        }
        Ok(ExpressionKind::Boolean(operator, values))
    }

    fn comparison(&mut self, first: Expression) -> Result<ExpressionKind> {
        let mut rest = Vec::new();
        while let Some(Infix::Compare(operator)) = self.operator_here() {
            self.advance();
            if matches!(operator, CompareOperator::NotIn | CompareOperator::IsNot) {
                self.advance();
            }
            rest.push((operator, self.operators(OPERAND)?));
        }
        Ok(ExpressionKind::Compare(Box::new(first), rest))
    }

    fn operator_here(&self) -> Option<Infix> {
        use CompareOperator as Op;
        Some(match self.kind() {
            TokenKind::Keyword("or") => Infix::Or,
            TokenKind::Keyword("and") => Infix::And,
            TokenKind::Keyword("in") => Infix::Compare(Op::In),
            TokenKind::Keyword("is") => match self.ahead(1) {
                TokenKind::Keyword("not") => Infix::Compare(Op::IsNot),
                _ => Infix::Compare(Op::Is),
            },
            TokenKind::Keyword("not") => match self.ahead(1) {
                TokenKind::Keyword("in") => Infix::Compare(Op::NotIn),
                _ => return None,
            },
            TokenKind::Operator(symbol) => match *symbol {
                "==" => Infix::Compare(Op::Equal),
                "!=" => Infix::Compare(Op::NotEqual),
                "<" => Infix::Compare(Op::Less),
                "<=" => Infix::Compare(Op::LessOrEqual),
                ">" => Infix::Compare(Op::Greater),
                ">=" => Infix::Compare(Op::GreaterOrEqual),
                symbol => {
                    let (operator, tightness) = binary_operator(symbol)?;
                    Infix::Binary(operator, tightness)
                }
            },
            _ => return None,
        })
    }

    /// `-a`, `+a`, `~a`, or a power.
    fn signed(&mut self) -> Result<Expression> {
        let operator = match self.kind() {
            TokenKind::Operator("-") => UnaryOperator::Minus,
            TokenKind::Operator("+") => UnaryOperator::Plus,
            TokenKind::Operator("~") => UnaryOperator::Invert,
            _ => return self.power(),
        };
        let start = self.span();
        self.advance();
        let value = self.nested(Self::signed)?;
        Ok(Expression {
            span: self.since(start),
            kind: ExpressionKind::Unary(operator, Box::new(value)),
        })
    }

    fn power(&mut self) -> Result<Expression> {
        let start = self.span();
        let base = self.primary()?;
        if !self.eat_operator("**") {
            return Ok(base);
        }
        let exponent = self.nested(Self::signed)?;
        Ok(Expression {
            span: self.since(start),
            kind: ExpressionKind::Binary(Box::new(base), BinaryOperator::Power, Box::new(exponent)),
        })
    }

    fn primary(&mut self) -> Result<Expression> {
        let start = self.span();
        if self.eat_keyword("await") {
            self.nested(Self::primary)?;
            return Ok(self.refused(self.since(start), "await"));
        }
        let depth = self.depth;
        let mut value = self.atom()?;
        loop {
            let kind = if self.eat_operator(".") {
                let name = self.identifier()?;
                ExpressionKind::Attribute(Box::new(value), name)
            } else if self.is_operator("(") {
                let arguments = self.arguments()?;
                ExpressionKind::Call(Box::new(value), arguments)
            } else if self.is_operator("[") {
                let index = self.subscript()?;
                ExpressionKind::Subscript(Box::new(value), Box::new(index))
            } else {
                break;
            };
            value = Expression {
                span: self.since(start),
                kind,
            };
            self.deepen()?;
        }
        self.depth = depth;
        Ok(value)
    }

    /// `[a:b, c]` after a value.
    fn subscript(&mut self) -> Result<Expression> {
        self.advance();
        let start = self.span();
        let first = self.starred_or(Self::subscript_item)?;
        let starred = matches!(first.kind, ExpressionKind::Starred(_));
        if !starred && !self.is_operator(",") {
            self.expect_operator("]")?;
            return Ok(first);
        }
        let mut items = vec![first];
        while self.eat_operator(",") && !self.is_operator("]") {
            items.push(self.starred_or(Self::subscript_item)?);
        }
        let index = Expression {
            span: self.since(start),
            kind: ExpressionKind::Tuple(items),
        };
        self.expect_operator("]")?;
        Ok(index)
    }

    fn subscript_item(&mut self) -> Result<Expression> {
        let start = self.span();
        let lower = if self.is_operator(":") {
            None
        } else {
            let value = self.named_expression()?;
            if !self.is_operator(":") {
                return Ok(value);
            }
            Some(Box::new(value))
        };
        self.advance();
        let upper = self.slice_part()?;
        let step = if self.eat_operator(":") {
            self.slice_part()?
        } else {
            None
        };
        Ok(Expression {
            span: self.since(start),
            kind: ExpressionKind::Slice([lower, upper, step]),
        })
    }

    fn slice_part(&mut self) -> Result<Option<Box<Expression>>> {
        if self.is_operator("*") || !self.starts_expression() {
            return Ok(None);
        }
        Ok(Some(Box::new(self.expression()?)))
    }
}

/// An operator between two operands.
enum Infix {
    Or,
    And,
    Compare(CompareOperator),
    Binary(BinaryOperator, u8),
}
