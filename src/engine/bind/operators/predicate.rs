//! IN, BETWEEN, LIKE and their like, OVERLAPS, and comparisons with ANY and ALL.

use super::super::Binder;
use super::super::expr::{both, conjunction, disjunction, not};
use super::super::refuse::unsupported;
use super::Sign;
use crate::base::diagnostic::sqlstate;
use crate::base::{Diagnostic, Result, Type};
use crate::engine::expr::{CastForm, Comparison, Expr, ExprKind, Negation, Quantifier};
use crate::engine::types;
use sqlparser::ast::{self, BinaryOperator};

impl Binder<'_> {
    pub(in crate::engine::bind) fn in_list(
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
    pub(super) fn overlaps(&mut self, left: Expr, right: Expr) -> Result<Expr> {
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
    pub(in crate::engine::bind) fn between(
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

    pub(super) fn range(
        &mut self,
        operand: Expr,
        low: Expr,
        high: Expr,
        negated: Negation,
    ) -> Result<Expr> {
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
    pub(in crate::engine::bind) fn pattern(
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
    pub(in crate::engine::bind) fn similar(
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
    pub(super) fn quantified_call(
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
    pub(in crate::engine::bind) fn quantified(
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
pub(super) fn symmetric(low: &ast::Expr) -> Option<&ast::Expr> {
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
