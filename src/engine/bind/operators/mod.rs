//! Operators: logic, comparison, arithmetic, patterns, IN and BETWEEN.

mod predicate;

use super::Binder;
use super::expr::{both, conjunction, disjunction, not};
use super::refuse::unsupported;
use crate::base::diagnostic::sqlstate;
use crate::base::{Diagnostic, Result, Span, Type};
use crate::engine::expr::{CastForm, Comparison, Expr, ExprKind};
use crate::engine::types;
use sqlparser::ast::{self, BinaryOperator, Spanned, UnaryOperator};

/// What a binary operator of the tree is.
enum Sign {
    And,
    Or,
    Compare(Comparison),
    Call(&'static str),
    Overlaps,
}

impl Binder<'_> {
    /// A chain of binary operators: the tree leans to the left, so its spine is walked, not
    /// recursed into.
    pub(super) fn binary(
        &mut self,
        left: &ast::Expr,
        op: &BinaryOperator,
        right: &ast::Expr,
    ) -> Result<Expr> {
        let mut spine = vec![(op, right)];
        let mut first = left;
        while let ast::Expr::BinaryOp { left, op, right } = first {
            spine.push((op, right));
            first = left;
        }
        let mut value = match (spine.last(), row_query(first)) {
            (Some((op, right)), Some(query)) if is_row(right) => {
                if matches!(self.sign(op, None)?, Sign::Compare(_)) {
                    self.row_subquery(query)?
                } else {
                    self.expr(first)?
                }
            }
            _ => self.expr(first)?,
        };
        let mut compared = false;
        while let Some((op, right)) = spine.pop() {
            let sign = self.sign(op, value.span)?;
            // `a < b < c` is no sentence: comparisons do not associate.
            let compares = is_comparison(op);
            if compared && compares {
                return Err(Diagnostic::error(
                    sqlstate::SYNTAX_ERROR,
                    format!("syntax error at or near \"{op}\""),
                )
                .at(crate::sql::span_of(right.span()))
                .hint("Put one of the comparisons in parentheses, or join them with AND."));
            }
            compared = compares;
            value = match sign {
                Sign::Overlaps => {
                    let right = self.expr(right)?;
                    self.overlaps(value, right)?
                }
                Sign::And => {
                    let right = self.expr(right)?;
                    self.logic(value, right, "AND")?
                }
                Sign::Or => {
                    let right = self.expr(right)?;
                    self.logic(value, right, "OR")?
                }
                Sign::Compare(comparison) => {
                    let right = match row_query(right) {
                        Some(query) if matches!(value.kind, ExprKind::Row(_)) => {
                            self.row_subquery(query)?
                        }
                        _ => self.expr(right)?,
                    };
                    self.compare(comparison, value, right)?
                }
                Sign::Call(sign) => {
                    let right = self.expr(right)?;
                    let span = both(&value, &right);
                    self.operator(sign, vec![value, right], span)?
                }
            };
        }
        Ok(value)
    }

    fn sign(&self, op: &BinaryOperator, span: Option<Span>) -> Result<Sign> {
        let refused = |sign: String| {
            Err(Diagnostic::error(
                sqlstate::UNDEFINED_FUNCTION,
                format!("operator does not exist: {sign}"),
            )
            .at(span))
        };
        Ok(match op {
            BinaryOperator::And => Sign::And,
            BinaryOperator::Or => Sign::Or,
            BinaryOperator::Eq => Sign::Compare(Comparison::Eq),
            BinaryOperator::NotEq => Sign::Compare(Comparison::NotEq),
            BinaryOperator::Lt => Sign::Compare(Comparison::Lt),
            BinaryOperator::LtEq => Sign::Compare(Comparison::LtEq),
            BinaryOperator::Gt => Sign::Compare(Comparison::Gt),
            BinaryOperator::GtEq => Sign::Compare(Comparison::GtEq),
            BinaryOperator::Plus => Sign::Call("+"),
            BinaryOperator::Minus => Sign::Call("-"),
            BinaryOperator::Multiply => Sign::Call("*"),
            BinaryOperator::Divide => Sign::Call("/"),
            BinaryOperator::Modulo => Sign::Call("%"),
            BinaryOperator::PGExp => Sign::Call("^"),
            BinaryOperator::StringConcat => Sign::Call("||"),
            BinaryOperator::BitwiseAnd => Sign::Call("&"),
            BinaryOperator::BitwiseOr => Sign::Call("|"),
            BinaryOperator::PGBitwiseXor => Sign::Call("#"),
            BinaryOperator::PGBitwiseShiftLeft => Sign::Call("<<"),
            BinaryOperator::PGBitwiseShiftRight => Sign::Call(">>"),
            BinaryOperator::PGRegexMatch => Sign::Call("~"),
            BinaryOperator::PGRegexIMatch => Sign::Call("~*"),
            BinaryOperator::PGRegexNotMatch => Sign::Call("!~"),
            BinaryOperator::PGRegexNotIMatch => Sign::Call("!~*"),
            BinaryOperator::PGLikeMatch => Sign::Call("~~"),
            BinaryOperator::PGILikeMatch => Sign::Call("~~*"),
            BinaryOperator::PGNotLikeMatch => Sign::Call("!~~"),
            BinaryOperator::PGNotILikeMatch => Sign::Call("!~~*"),
            BinaryOperator::PGStartsWith => Sign::Call("^@"),
            BinaryOperator::Arrow => Sign::Call("->"),
            BinaryOperator::LongArrow => Sign::Call("->>"),
            BinaryOperator::HashArrow => Sign::Call("#>"),
            BinaryOperator::HashLongArrow => Sign::Call("#>>"),
            BinaryOperator::Question => Sign::Call("?"),
            BinaryOperator::AtArrow => Sign::Call("@>"),
            BinaryOperator::ArrowAt => Sign::Call("<@"),
            BinaryOperator::PGOverlap => Sign::Call("&&"),
            BinaryOperator::Overlaps => Sign::Overlaps,
            BinaryOperator::PGCustomBinaryOperator(parts) => match parts.as_slice() {
                [.., sign] => match sign.as_str() {
                    "=" => Sign::Compare(Comparison::Eq),
                    "<>" | "!=" => Sign::Compare(Comparison::NotEq),
                    "<" => Sign::Compare(Comparison::Lt),
                    "<=" => Sign::Compare(Comparison::LtEq),
                    ">" => Sign::Compare(Comparison::Gt),
                    ">=" => Sign::Compare(Comparison::GtEq),
                    "+" => Sign::Call("+"),
                    "-" => Sign::Call("-"),
                    "*" => Sign::Call("*"),
                    "/" => Sign::Call("/"),
                    "%" => Sign::Call("%"),
                    "||" => Sign::Call("||"),
                    "~" => Sign::Call("~"),
                    "~*" => Sign::Call("~*"),
                    "~~" => Sign::Call("~~"),
                    "~~*" => Sign::Call("~~*"),
                    other => return refused(other.to_string()),
                },
                [] => return refused(String::from("OPERATOR()")),
            },
            BinaryOperator::Xor
            | BinaryOperator::Spaceship
            | BinaryOperator::BitwiseXor
            | BinaryOperator::DuckIntegerDivide
            | BinaryOperator::MyIntegerDivide
            | BinaryOperator::Match
            | BinaryOperator::Regexp
            | BinaryOperator::Glob
            | BinaryOperator::Custom(_)
            | BinaryOperator::AtAt
            | BinaryOperator::HashMinus
            | BinaryOperator::AtQuestion
            | BinaryOperator::QuestionAnd
            | BinaryOperator::QuestionPipe
            | BinaryOperator::DoubleHash
            | BinaryOperator::LtDashGt
            | BinaryOperator::AndLt
            | BinaryOperator::AndGt
            | BinaryOperator::LtLtPipe
            | BinaryOperator::PipeGtGt
            | BinaryOperator::AndLtPipe
            | BinaryOperator::PipeAndGt
            | BinaryOperator::LtCaret
            | BinaryOperator::GtCaret
            | BinaryOperator::QuestionHash
            | BinaryOperator::QuestionDash
            | BinaryOperator::QuestionDashPipe
            | BinaryOperator::QuestionDoublePipe
            | BinaryOperator::At
            | BinaryOperator::TildeEq
            | BinaryOperator::Assignment => return refused(op.to_string()),
        })
    }

    /// AND and OR; chains become one node.
    fn logic(&mut self, left: Expr, right: Expr, word: &'static str) -> Result<Expr> {
        let span = both(&left, &right);
        let left = self.boolean(left, word)?;
        let right = self.boolean(right, word)?;
        let mut all = Vec::with_capacity(2);
        for side in [left, right] {
            match side.kind {
                ExprKind::And(mut parts) if word == "AND" => all.append(&mut parts),
                ExprKind::Or(mut parts) if word == "OR" => all.append(&mut parts),
                kind => all.push(Expr { kind, ..side }),
            }
        }
        Ok(Expr {
            kind: if word == "AND" {
                ExprKind::And(all)
            } else {
                ExprKind::Or(all)
            },
            ty: Type::Boolean,
            span,
        })
    }

    pub(super) fn unary(&mut self, op: &UnaryOperator, operand: &ast::Expr) -> Result<Expr> {
        let sign = match op {
            UnaryOperator::Not => {
                let operand = self.expr(operand)?;
                let operand = self.boolean(operand, "NOT")?;
                return Ok(not(operand));
            }
            UnaryOperator::Minus => {
                match signed(operand) {
                    Some((value, Parity::Even)) => {
                        if let Some(literal) = self.negative_literal(value)? {
                            return Ok(literal);
                        }
                    }
                    Some((value, Parity::Odd)) => {
                        return self.expr(&ast::Expr::Value(value.clone()));
                    }
                    None => {}
                }
                if let Some(power) = negated_base(operand) {
                    return self.expr(&power);
                }
                "-"
            }
            UnaryOperator::Plus => "+",
            UnaryOperator::BitwiseNot => "~",
            UnaryOperator::PGAbs => "@",
            UnaryOperator::PGSquareRoot => "|/",
            UnaryOperator::PGCubeRoot => "||/",
            UnaryOperator::AtDashAt
            | UnaryOperator::BangNot
            | UnaryOperator::DoubleAt
            | UnaryOperator::Hash
            | UnaryOperator::PGPostfixFactorial
            | UnaryOperator::PGPrefixFactorial
            | UnaryOperator::QuestionDash
            | UnaryOperator::QuestionPipe => {
                let operand = self.expr(operand)?;
                return Err(Diagnostic::error(
                    sqlstate::UNDEFINED_FUNCTION,
                    format!("operator does not exist: {op} {}", operand.ty),
                )
                .at(operand.span));
            }
        };
        let operand = self.expr(operand)?;
        let span = operand.span;
        self.operator(sign, vec![operand], span)
    }

    /// A comparison; rows are compared field by field.
    pub(super) fn compare(
        &mut self,
        comparison: Comparison,
        left: Expr,
        right: Expr,
    ) -> Result<Expr> {
        let span = both(&left, &right);
        if let (ExprKind::Row(_), ExprKind::Row(_)) = (&left.kind, &right.kind) {
            return self.compare_rows(comparison, left, right, span);
        }
        let (left, right) = self.comparable(left, right, comparison, span)?;
        Ok(Expr {
            kind: ExprKind::Compare(comparison, Box::new(left), Box::new(right)),
            ty: Type::Boolean,
            span,
        })
    }

    /// Brings two operands to the type in which they are compared.
    pub(super) fn comparable(
        &mut self,
        mut left: Expr,
        mut right: Expr,
        comparison: Comparison,
        span: Option<Span>,
    ) -> Result<(Expr, Expr)> {
        // Integers of all widths are compared as they stand; a constant takes the column's type.
        if left.ty.is_integer() && right.ty.is_integer() {
            if matches!(right.kind, ExprKind::Literal(_)) {
                right.ty = left.ty.clone();
            } else if matches!(left.kind, ExprKind::Literal(_)) {
                left.ty = right.ty.clone();
            }
            return Ok((left, right));
        }
        if left.ty == Type::Unknown && right.ty == Type::Unknown {
            return Ok((self.decided(left)?, self.decided(right)?));
        }
        let ty = types::comparison_type(&left.ty, &right.ty, comparison)
            .map_err(|error| error.at(span))?;
        Ok((
            self.convert(left, &ty, CastForm::Implicit)?,
            self.convert(right, &ty, CastForm::Implicit)?,
        ))
    }

    fn compare_rows(
        &mut self,
        comparison: Comparison,
        left: Expr,
        right: Expr,
        span: Option<Span>,
    ) -> Result<Expr> {
        let (ExprKind::Row(lefts), ExprKind::Row(rights)) = (left.kind, right.kind) else {
            return Err(unsupported("this row comparison", span));
        };
        if lefts.len() != rights.len() {
            return Err(Diagnostic::error(
                sqlstate::SYNTAX_ERROR,
                "unequal number of entries in row expressions",
            )
            .at(span));
        }
        if lefts.is_empty() {
            return Err(unsupported("a comparison of empty rows", span));
        }
        let pairs = lefts.into_iter().zip(rights);
        match comparison {
            Comparison::Eq | Comparison::NotDistinct => {
                let all = pairs
                    .map(|(left, right)| self.compare(comparison, left, right))
                    .collect::<Result<Vec<_>>>()?;
                Ok(conjunction(all, span))
            }
            Comparison::NotEq | Comparison::Distinct => {
                let all = pairs
                    .map(|(left, right)| self.compare(comparison, left, right))
                    .collect::<Result<Vec<_>>>()?;
                Ok(disjunction(all, span))
            }
            Comparison::Lt | Comparison::LtEq | Comparison::Gt | Comparison::GtEq => {
                let (mut lefts, mut rights) = (Vec::new(), Vec::new());
                for (left, right) in pairs {
                    let (left, right) = self.comparable(left, right, comparison, span)?;
                    lefts.push(left);
                    rights.push(right);
                }
                Ok(Expr {
                    kind: ExprKind::Compare(
                        comparison,
                        Box::new(row_of(lefts)),
                        Box::new(row_of(rights)),
                    ),
                    ty: Type::Boolean,
                    span,
                })
            }
        }
    }
}

/// The query of an operand that is one in parentheses.
fn row_query(operand: &ast::Expr) -> Option<&ast::Query> {
    match operand {
        ast::Expr::Nested(inner) => row_query(inner),
        ast::Expr::Subquery(query) => Some(query),
        _ => None,
    }
}

/// Whether an operand is written as a row.
fn is_row(operand: &ast::Expr) -> bool {
    match operand {
        ast::Expr::Nested(inner) => is_row(inner),
        ast::Expr::Tuple(_) => true,
        _ => false,
    }
}

/// A row of expressions.
pub(super) fn row_of(fields: Vec<Expr>) -> Expr {
    Expr {
        span: fields.first().and_then(|field| field.span),
        ty: Type::Record(fields.iter().map(|field| field.ty.clone()).collect()),
        kind: ExprKind::Row(fields),
    }
}

fn is_comparison(op: &BinaryOperator) -> bool {
    matches!(
        op,
        BinaryOperator::Eq
            | BinaryOperator::NotEq
            | BinaryOperator::Lt
            | BinaryOperator::LtEq
            | BinaryOperator::Gt
            | BinaryOperator::GtEq
    )
}

/// How many signs stand before a number.
#[derive(Clone, Copy)]
enum Parity {
    Even,
    Odd,
}

/// The number behind minus signs and parentheses: PostgreSQL reads them as one constant.
fn signed(mut expr: &ast::Expr) -> Option<(&ast::ValueWithSpan, Parity)> {
    let mut parity = Parity::Even;
    loop {
        match expr {
            ast::Expr::Nested(inner) => expr = inner,
            ast::Expr::UnaryOp {
                op: UnaryOperator::Minus,
                expr: inner,
            } => {
                parity = match parity {
                    Parity::Even => Parity::Odd,
                    Parity::Odd => Parity::Even,
                };
                expr = inner;
            }
            ast::Expr::Value(value) if matches!(value.value, ast::Value::Number(..)) => {
                return Some((value, parity));
            }
            _ => return None,
        }
    }
}

/// `-a ^ b` with the sign on the base: in PostgreSQL it binds tighter than the power.
fn negated_base(operand: &ast::Expr) -> Option<ast::Expr> {
    let ast::Expr::BinaryOp {
        left,
        op: BinaryOperator::PGExp,
        right,
    } = operand
    else {
        return None;
    };
    let base = negated_base(left).unwrap_or_else(|| ast::Expr::UnaryOp {
        op: UnaryOperator::Minus,
        expr: left.clone(),
    });
    Some(ast::Expr::BinaryOp {
        left: Box::new(base),
        op: BinaryOperator::PGExp,
        right: right.clone(),
    })
}
