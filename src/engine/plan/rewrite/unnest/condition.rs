//! Conditions that are subqueries: which of them become semi and anti joins, and what these compare.

use crate::base::Type;
use crate::engine::expr::{
    ColumnId, Comparison, Expr, ExprKind, Quantifier, Subquery, SubqueryForm,
};
use crate::engine::plan::Plan;

/// Whether a condition stands as it is or under NOT.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Truth {
    Asserted,
    Denied,
}

/// The conjuncts of a condition.
pub(in crate::engine::plan::rewrite) fn split(condition: Expr, conjuncts: &mut Vec<Expr>) {
    match condition.kind {
        ExprKind::And(operands) => {
            for operand in operands {
                split(operand, conjuncts);
            }
        }
        kind => conjuncts.push(Expr { kind, ..condition }),
    }
}

/// A condition that is a subquery which becomes a semi or anti join.
pub(super) fn as_join(condition: Expr) -> std::result::Result<(Box<Subquery>, Truth), Box<Expr>> {
    match condition.kind {
        ExprKind::Subquery(subquery) if is_semi(&subquery, Truth::Asserted) => {
            Ok((subquery, Truth::Asserted))
        }
        ExprKind::Subquery(subquery) if is_semi(&subquery, Truth::Denied) => {
            // `<> ALL` is `NOT (= ANY)`.
            Ok((as_any(subquery), Truth::Denied))
        }
        ExprKind::Not(inner) => match inner.kind {
            ExprKind::Subquery(subquery)
                if is_semi(&subquery, Truth::Asserted)
                    && (matches!(subquery.form, SubqueryForm::Exists)
                        || is_equality(&subquery)) =>
            {
                Ok((subquery, Truth::Denied))
            }
            kind => Err(Box::new(Expr {
                kind: ExprKind::Not(Box::new(Expr {
                    kind,
                    ty: inner.ty,
                    span: inner.span,
                })),
                ty: condition.ty,
                span: condition.span,
            })),
        },
        kind => Err(Box::new(Expr { kind, ..condition })),
    }
}

fn is_equality(subquery: &Subquery) -> bool {
    matches!(
        subquery.form,
        SubqueryForm::Quantified {
            comparison: Comparison::Eq,
            ..
        }
    )
}

fn is_semi(subquery: &Subquery, truth: Truth) -> bool {
    matches!(
        (&subquery.form, truth),
        (SubqueryForm::Exists, Truth::Asserted)
            | (
                SubqueryForm::Quantified {
                    quantifier: Quantifier::Any,
                    ..
                },
                Truth::Asserted,
            )
            | (
                SubqueryForm::Quantified {
                    comparison: Comparison::NotEq,
                    quantifier: Quantifier::All,
                    ..
                },
                Truth::Denied,
            )
    )
}

fn as_any(mut subquery: Box<Subquery>) -> Box<Subquery> {
    if let SubqueryForm::Quantified {
        comparison,
        quantifier,
        ..
    } = &mut subquery.form
    {
        *comparison = Comparison::Eq;
        *quantifier = Quantifier::Any;
    }
    subquery
}

pub(super) fn opposite(comparison: Comparison) -> Comparison {
    match comparison {
        Comparison::Eq => Comparison::NotEq,
        Comparison::NotEq => Comparison::Eq,
        Comparison::Lt => Comparison::GtEq,
        Comparison::LtEq => Comparison::Gt,
        Comparison::Gt => Comparison::LtEq,
        Comparison::GtEq => Comparison::Lt,
        Comparison::Distinct => Comparison::NotDistinct,
        Comparison::NotDistinct => Comparison::Distinct,
    }
}

/// The comparison of operands with the columns of a subquery, as conjuncts where that is the same.
pub(super) fn comparisons(
    operands: Vec<Expr>,
    comparison: Comparison,
    columns: &[ColumnId],
    right: &Plan,
) -> Vec<Expr> {
    let known = right.columns();
    let members: Vec<Expr> = columns
        .iter()
        .map(|id| {
            let ty = known
                .iter()
                .find(|(own, _)| own == id)
                .map_or(Type::Unknown, |(_, ty)| ty.clone());
            Expr::column(*id, ty)
        })
        .collect();
    let compare = |left: Expr, right: Expr| {
        let span = left.span;
        Expr {
            kind: ExprKind::Compare(comparison, Box::new(left), Box::new(right)),
            ty: Type::Boolean,
            span,
        }
    };
    if operands.len() == 1 || comparison == Comparison::Eq {
        return operands
            .into_iter()
            .zip(members)
            .map(|(left, right)| compare(left, right))
            .collect();
    }
    let row = |fields: Vec<Expr>| {
        let ty = Type::Record(fields.iter().map(|field| field.ty.clone()).collect());
        Expr::new(ExprKind::Row(fields), ty)
    };
    vec![compare(row(operands), row(members))]
}
