//! The expressions that live in the catalogue: defaults, checks, generated columns.

use super::super::Binder;
use super::super::scope::{Clause, Scope};
use crate::base::diagnostic::sqlstate;
use crate::base::{Code, Diagnostic, Result, Type};
use crate::engine::catalog::Table;
use crate::engine::expr::{CastForm, ColumnId, Expr, ExprKind};
use crate::engine::scalar::Volatility;
use crate::engine::types;
use std::sync::Arc;

impl Binder<'_> {
    /// Binds the text of a default.
    pub(in crate::engine::bind) fn default_value(
        &mut self,
        default: &str,
        ty: &Type,
    ) -> Result<Expr> {
        let tree = crate::sql::parse_expression(default)?;
        let scopes = std::mem::take(&mut self.scopes);
        self.scopes.push(Scope {
            clause: Clause::Default,
            ..Scope::default()
        });
        let bound = self.expr(&tree);
        self.scopes = scopes;
        let mut bound = bound?;
        if bound.has_subquery() {
            return Err(Diagnostic::error(
                sqlstate::FEATURE_NOT_SUPPORTED,
                "cannot use subquery in DEFAULT expression",
            ));
        }
        unplace(&mut bound);
        if bound.ty != Type::Unknown && !types::can_cast(&bound.ty, ty, CastForm::Assignment) {
            return Err(Diagnostic::error(
                sqlstate::DATATYPE_MISMATCH,
                format!(
                    "column is of type {ty} but default expression is of type {}",
                    bound.ty
                ),
            ));
        }
        self.convert(bound, ty, CastForm::Assignment)
    }

    /// Binds the condition of a check over stand-ins for the table's columns.
    pub(in crate::engine::bind) fn check(
        &mut self,
        condition: &str,
        table: &Arc<Table>,
    ) -> Result<(Expr, Vec<ColumnId>)> {
        let (bound, ids) = self.over_row(condition, table, Clause::Check)?;
        let mut bound = self.boolean(bound, "CHECK")?;
        if bound.has_subquery() {
            return Err(Diagnostic::error(
                sqlstate::FEATURE_NOT_SUPPORTED,
                "cannot use subquery in check constraint",
            ));
        }
        unplace(&mut bound);
        Ok((bound, ids))
    }

    /// Binds the expression of a generated column, or a key of an index, over stand-ins for the
    /// table's columns. `what` names it in errors.
    pub(in crate::engine::bind) fn computed(
        &mut self,
        expression: &str,
        table: &Arc<Table>,
        ty: Option<&Type>,
        what: &str,
    ) -> Result<(Expr, Vec<ColumnId>)> {
        let clause = match ty {
            Some(_) => Clause::Generated,
            None => Clause::Index,
        };
        let (bound, ids) = self.over_row(expression, table, clause)?;
        let mut bound = self.decided(bound)?;
        if bound.has_subquery() {
            return Err(Diagnostic::error(
                sqlstate::FEATURE_NOT_SUPPORTED,
                format!("cannot use subquery in {what}"),
            ));
        }
        let changing = bound.any(&mut |part| {
            matches!(&part.kind, ExprKind::Call(function, _)
                if function.volatility != Volatility::Immutable)
        });
        if changing {
            return Err(Diagnostic::error(
                Code::new("42P17"),
                match ty {
                    Some(_) => "generation expression is not immutable",
                    None => "functions in index expression must be marked IMMUTABLE",
                },
            ));
        }
        if let Some(ty) = ty {
            if !types::can_cast(&bound.ty, ty, CastForm::Assignment) {
                return Err(Diagnostic::error(
                    sqlstate::DATATYPE_MISMATCH,
                    format!(
                        "column is of type {ty} but default expression is of type {}",
                        bound.ty
                    ),
                ));
            }
            bound = self.convert(bound, ty, CastForm::Assignment)?;
        }
        unplace(&mut bound);
        Ok((bound, ids))
    }

    fn over_row(
        &mut self,
        text: &str,
        table: &Arc<Table>,
        clause: Clause,
    ) -> Result<(Expr, Vec<ColumnId>)> {
        let tree = crate::sql::parse_expression(text)?;
        let (item, ids) = self.table_item(table, table.name.clone());
        self.scopes.push(Scope {
            clause,
            items: vec![item],
            ..Scope::default()
        });
        let bound = self.expr(&tree);
        self.scopes.pop();
        Ok((bound?, ids))
    }
}

/// Positions inside the catalogue's texts mean nothing in a statement.
fn unplace(expr: &mut Expr) {
    expr.span = None;
    expr.children_mut(&mut |child| unplace(child));
}
