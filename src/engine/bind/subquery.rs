//! Queries inside expressions.

use super::Binder;
use super::query::{Bound, Unknowns};
use crate::base::diagnostic::sqlstate;
use crate::base::{Diagnostic, Result, Span, Type};
use crate::engine::expr::{
    CastForm, Comparison, Expr, ExprKind, Quantifier, Subquery, SubqueryForm,
};
use sqlparser::ast;

impl Binder<'_> {
    /// A query as a value, or `ARRAY(query)`.
    pub(super) fn scalar_subquery(
        &mut self,
        query: &ast::Query,
        form: SubqueryForm,
    ) -> Result<Expr> {
        let bound = self.query(query, Unknowns::AsText)?;
        let span = bound.span;
        let [column] = bound.columns.as_slice() else {
            return Err(Diagnostic::error(
                sqlstate::SYNTAX_ERROR,
                "subquery must return only one column",
            )
            .at(span));
        };
        let ty = match form {
            SubqueryForm::Array => Type::Array(Box::new(column.ty.clone())),
            SubqueryForm::Scalar | SubqueryForm::Exists | SubqueryForm::Quantified { .. } => {
                column.ty.clone()
            }
        };
        Ok(subquery(form, bound, ty, span))
    }

    /// A query that gives one row, as that row.
    pub(super) fn row_subquery(&mut self, query: &ast::Query) -> Result<Expr> {
        let mut columns = self.row_columns(query)?;
        Ok(match columns.len() {
            1 => columns.remove(0),
            _ => super::operators::row_of(columns),
        })
    }

    /// The columns of a query that gives one row: each a scalar subquery of its own.
    pub(super) fn row_columns(&mut self, query: &ast::Query) -> Result<Vec<Expr>> {
        let width = self.query(query, Unknowns::Keep)?.columns.len();
        let mut exprs = Vec::with_capacity(width);
        for place in 0..width {
            let mut bound = self.query(query, Unknowns::AsText)?;
            let Some(column) = bound.columns.get(place).cloned() else {
                continue;
            };
            bound.columns = vec![column.clone()];
            let span = bound.span;
            exprs.push(subquery(SubqueryForm::Scalar, bound, column.ty, span));
        }
        Ok(exprs)
    }

    /// `EXISTS (query)`
    pub(super) fn exists(&mut self, query: &ast::Query) -> Result<Expr> {
        let bound = self.query(query, Unknowns::AsText)?;
        let span = bound.span;
        Ok(subquery(SubqueryForm::Exists, bound, Type::Boolean, span))
    }

    /// `operand op ANY/ALL (query)`, and IN.
    pub(super) fn quantified_subquery(
        &mut self,
        left: &ast::Expr,
        comparison: Comparison,
        quantifier: Quantifier,
        query: &ast::Query,
    ) -> Result<Expr> {
        let operand = self.expr(left)?;
        let mut bound = self.query(query, Unknowns::Keep)?;
        let span = operand.span.or(bound.span);
        let operands = match operand.kind {
            ExprKind::Row(fields) => fields,
            kind => vec![Expr { kind, ..operand }],
        };
        let wrong = match operands.len().cmp(&bound.columns.len()) {
            std::cmp::Ordering::Less => Some("subquery has too many columns"),
            std::cmp::Ordering::Greater => Some("subquery has too few columns"),
            std::cmp::Ordering::Equal => None,
        };
        if let Some(wrong) = wrong {
            return Err(Diagnostic::error(sqlstate::SYNTAX_ERROR, wrong).at(span));
        }
        let mut lefts = Vec::with_capacity(operands.len());
        let mut types = Vec::with_capacity(operands.len());
        for (operand, column) in operands.into_iter().zip(&bound.columns) {
            let member = Expr::column(column.id, column.ty.clone());
            let (left, right) = self.comparable(operand, member, comparison, span)?;
            lefts.push(left);
            types.push(right.ty);
        }
        self.bring_to(&mut bound, &types, CastForm::Implicit)?;
        Ok(subquery(
            SubqueryForm::Quantified {
                operands: lefts,
                comparison,
                quantifier,
            },
            bound,
            Type::Boolean,
            span,
        ))
    }
}

fn subquery(form: SubqueryForm, bound: Bound, ty: Type, span: Option<Span>) -> Expr {
    Expr {
        kind: ExprKind::Subquery(Box::new(Subquery {
            form,
            columns: bound.columns.iter().map(|column| column.id).collect(),
            plan: bound.plan,
        })),
        ty,
        span,
    }
}
