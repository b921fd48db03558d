//! Operators: logic, comparison, arithmetic, patterns, IN and BETWEEN.

use super::Binder;
use super::expr::{both, conjunction, disjunction, not};
use super::refuse::unsupported;
use crate::base::diagnostic::sqlstate;
use crate::base::{Diagnostic, Result, Span, Type};
use crate::engine::expr::{CastForm, Comparison, Expr, ExprKind, Negation, Quantifier};
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
            | BinaryOperator::Question
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

    pub(super) fn in_list(
        &mut self,
        operand: &ast::Expr,
        list: &[ast::Expr],
        negated: Negation,
    ) -> Result<Expr> {
        let operand = self.expr(operand)?;
        // `x IN ((SELECT ..))` is a list of one scalar subquery.
        let members = list
            .iter()
            .map(|member| self.expr(member))
            .collect::<Result<Vec<_>>>()?;
        let span = members
            .iter()
            .fold(operand.span, |span, member| match (span, member.span) {
                (Some(span), Some(more)) => Some(span.to(more)),
                (span, more) => span.or(more),
            });
        let is_row = matches!(operand.kind, ExprKind::Row(_));
        let types: Vec<Type> = std::iter::once(&operand)
            .chain(&members)
            .map(|expr| expr.ty.clone())
            .collect();
        let common = if is_row || members.iter().any(Expr::has_subquery) {
            None
        } else if types.iter().all(|ty| ty.is_integer()) {
            Some(operand.ty.clone())
        } else {
            types::common_type(&types, "IN")
                .ok()
                .filter(|ty| types::comparison_type(&operand.ty, ty, Comparison::Eq).is_ok())
        };
        let Some(ty) = common else {
            // Without a type for all, each member is compared on its own.
            let mut tests = Vec::with_capacity(members.len());
            for member in members {
                tests.push(match negated {
                    Negation::Plain => self.compare(Comparison::Eq, operand.clone(), member)?,
                    Negation::Negated => {
                        self.compare(Comparison::NotEq, operand.clone(), member)?
                    }
                });
            }
            return Ok(match negated {
                Negation::Plain => disjunction(tests, span),
                Negation::Negated => conjunction(tests, span),
            });
        };
        let ty = if ty == Type::Unknown { Type::Text } else { ty };
        let integer = ty.is_integer();
        let member = |binder: &Self, mut expr: Expr| {
            if integer && expr.ty.is_integer() {
                if matches!(expr.kind, ExprKind::Literal(_)) {
                    expr.ty = ty.clone();
                }
                return Ok(expr);
            }
            binder.convert(expr, &ty, CastForm::Implicit)
        };
        Ok(Expr {
            kind: ExprKind::InList {
                operand: Box::new(member(self, operand)?),
                list: members
                    .into_iter()
                    .map(|expr| member(self, expr))
                    .collect::<Result<Vec<_>>>()?,
                negated,
            },
            ty: Type::Boolean,
            span,
        })
    }

    /// `(start, end) OVERLAPS (start, end)`; an end may be a length.
    fn overlaps(&mut self, left: Expr, right: Expr) -> Result<Expr> {
        let span = both(&left, &right);
        let mut arguments = Vec::with_capacity(4);
        for (side, operand) in [("left", left), ("right", right)] {
            let fields = match operand.kind {
                ExprKind::Row(fields) => <[Expr; 2]>::try_from(fields).ok(),
                _ => None,
            };
            let Some([start, end]) = fields else {
                return Err(Diagnostic::error(
                    sqlstate::SYNTAX_ERROR,
                    format!("wrong number of parameters on {side} side of OVERLAPS expression"),
                )
                .at(operand.span));
            };
            let end = match end.ty {
                Type::Interval => self.operator("+", vec![start.clone(), end], span)?,
                _ => end,
            };
            arguments.extend([start, end]);
        }
        self.call("overlaps", arguments, span)
    }

    /// `BETWEEN` is two comparisons, `BETWEEN SYMMETRIC` two of them.
    pub(super) fn between(
        &mut self,
        operand: &ast::Expr,
        low: &ast::Expr,
        high: &ast::Expr,
        negated: Negation,
    ) -> Result<Expr> {
        let operand = self.expr(operand)?;
        if let Some(low) = symmetric(low) {
            let (low, high) = (self.expr(low)?, self.expr(high)?);
            let span = both(&operand, &high);
            let up = self.range(operand.clone(), low.clone(), high.clone(), negated)?;
            let down = self.range(operand, high, low, negated)?;
            return Ok(match negated {
                Negation::Plain => disjunction(vec![up, down], span),
                Negation::Negated => conjunction(vec![up, down], span),
            });
        }
        let (low, high) = (self.expr(low)?, self.expr(high)?);
        self.range(operand, low, high, negated)
    }

    fn range(&mut self, operand: Expr, low: Expr, high: Expr, negated: Negation) -> Result<Expr> {
        let span = both(&operand, &high);
        Ok(match negated {
            Negation::Plain => {
                let from = self.compare(Comparison::GtEq, operand.clone(), low)?;
                let to = self.compare(Comparison::LtEq, operand, high)?;
                conjunction(vec![from, to], span)
            }
            Negation::Negated => {
                let below = self.compare(Comparison::Lt, operand.clone(), low)?;
                let above = self.compare(Comparison::Gt, operand, high)?;
                disjunction(vec![below, above], span)
            }
        })
    }

    /// LIKE and ILIKE. The escape character becomes part of the pattern.
    pub(super) fn pattern(
        &mut self,
        sign: &str,
        operand: &ast::Expr,
        pattern: &ast::Expr,
        escape: Option<&ast::Expr>,
        negated: Negation,
    ) -> Result<Expr> {
        let operand = self.expr(operand)?;
        let mut pattern = self.expr(pattern)?;
        let span = both(&operand, &pattern);
        if let Some(escape) = escape {
            let escape = self.expr(escape)?;
            let span = both(&pattern, &escape);
            pattern = self.call("like_escape", vec![pattern, escape], span)?;
        }
        let like = self.operator(sign, vec![operand, pattern], span)?;
        Ok(match negated {
            Negation::Plain => like,
            Negation::Negated => not(like),
        })
    }

    /// SIMILAR TO: a regular expression made from the pattern.
    pub(super) fn similar(
        &mut self,
        operand: &ast::Expr,
        pattern: &ast::Expr,
        escape: Option<&ast::Expr>,
        negated: Negation,
    ) -> Result<Expr> {
        let operand = self.expr(operand)?;
        let pattern = self.expr(pattern)?;
        let span = both(&operand, &pattern);
        let mut arguments = vec![pattern];
        if let Some(escape) = escape {
            arguments.push(self.expr(escape)?);
        }
        let pattern = self.call("similar_to_escape", arguments, span)?;
        let matched = self.operator("~", vec![operand, pattern], span)?;
        Ok(match negated {
            Negation::Plain => matched,
            Negation::Negated => not(matched),
        })
    }

    /// `x LIKE ANY (array)` and others of its kind: the operator with each element of an array
    /// that is written out.
    fn quantified_call(
        &mut self,
        left: &ast::Expr,
        sign: &'static str,
        right: &ast::Expr,
        quantifier: Quantifier,
    ) -> Result<Expr> {
        let operand = self.expr(left)?;
        let array = self.expr(right)?;
        let span = both(&operand, &array);
        let array = match array.ty {
            Type::Unknown => self.convert(
                array,
                &Type::Array(Box::new(Type::Text)),
                CastForm::Implicit,
            )?,
            _ => array,
        };
        let Type::Array(element) = array.ty.clone() else {
            return Err(Diagnostic::error(
                sqlstate::WRONG_OBJECT_TYPE,
                "op ANY/ALL (array) requires array on right side",
            )
            .at(array.span));
        };
        let elements = match array.kind {
            ExprKind::Array(elements) => elements,
            ExprKind::Literal(crate::base::Value::Array(values)) => values
                .iter()
                .map(|value| Expr::literal(value.clone(), (*element).clone()))
                .collect(),
            _ => {
                return Err(
                    unsupported(format!("{sign} {quantifier} of this array"), span)
                        .hint("Write the array out: ARRAY['a%', 'b%']."),
                );
            }
        };
        let mut tests = Vec::with_capacity(elements.len());
        for element in elements {
            let test = self.operator(sign, vec![operand.clone(), element], span)?;
            tests.push(self.boolean(test, "ANY")?);
        }
        Ok(match quantifier {
            Quantifier::Any => disjunction(tests, span),
            Quantifier::All => conjunction(tests, span),
        })
    }

    /// `x op ANY (...)` and `x op ALL (...)`.
    pub(super) fn quantified(
        &mut self,
        left: &ast::Expr,
        op: &BinaryOperator,
        right: &ast::Expr,
        quantifier: Quantifier,
    ) -> Result<Expr> {
        let comparison = match self.sign(op, None)? {
            Sign::Compare(comparison) => comparison,
            Sign::Call(sign) => return self.quantified_call(left, sign, right, quantifier),
            Sign::And | Sign::Or | Sign::Overlaps => {
                return Err(unsupported(format!("{op} {quantifier}"), None));
            }
        };
        let mut inner = right;
        while let ast::Expr::Nested(nested) = inner {
            inner = nested;
        }
        if let ast::Expr::Subquery(query) = inner {
            return self.quantified_subquery(left, comparison, quantifier, query);
        }
        let operand = self.expr(left)?;
        let array = self.expr(right)?;
        let span = both(&operand, &array);
        let operand_ty = match &operand.ty {
            Type::Unknown => match &array.ty {
                Type::Array(element) => (**element).clone(),
                _ => Type::Text,
            },
            ty => ty.clone(),
        };
        let element = match &array.ty {
            Type::Array(element) => (**element).clone(),
            Type::Unknown => operand_ty.without_modifier(),
            _ => {
                return Err(Diagnostic::error(
                    sqlstate::WRONG_OBJECT_TYPE,
                    "op ANY/ALL (array) requires array on right side",
                )
                .at(array.span));
            }
        };
        let ty = types::comparison_type(&operand_ty, &element, comparison)
            .map_err(|error| error.at(span))?;
        let operand = self.convert(operand, &ty, CastForm::Implicit)?;
        let array = self.convert(array, &Type::Array(Box::new(ty)), CastForm::Implicit)?;
        Ok(Expr {
            kind: ExprKind::Quantified {
                operand: Box::new(operand),
                comparison,
                quantifier,
                array: Box::new(array),
            },
            ty: Type::Boolean,
            span,
        })
    }
}

/// The bound behind the mark of `BETWEEN SYMMETRIC`.
fn symmetric(low: &ast::Expr) -> Option<&ast::Expr> {
    let ast::Expr::Function(function) = low else {
        return None;
    };
    match (function.name.0.as_slice(), &function.args) {
        ([ast::ObjectNamePart::Identifier(name)], ast::FunctionArguments::List(list))
            if name.value == crate::sql::SYMMETRIC_MARK =>
        {
            match list.args.as_slice() {
                [ast::FunctionArg::Unnamed(ast::FunctionArgExpr::Expr(low))] => Some(low),
                _ => None,
            }
        }
        _ => None,
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
