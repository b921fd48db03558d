//! Joins: their kinds, their conditions, and the columns that USING merges.

use super::super::query::MAX_CHAIN;
use super::super::refuse::{unset, unsupported};
use super::super::scope::{Bare, Clause, Columns, Item, Named, fold, ident_span};
use super::super::select::conjuncts;
use super::super::{Binder, too_complex};
use super::name::name_span;
use crate::base::diagnostic::sqlstate;
use crate::base::{Diagnostic, Result, Span, Type};
use crate::engine::expr::{CastForm, ColumnId, Comparison, Expr, ExprKind};
use crate::engine::plan::{JoinKind, Plan};
use crate::engine::types;
use sqlparser::ast::{
    self, Ident, Join, JoinConstraint, JoinOperator, ObjectNamePart, TableFactor, TableWithJoins,
};
use std::sync::Arc;

impl Binder<'_> {
    pub(in crate::engine::bind) fn table_with_joins(
        &mut self,
        tables: &TableWithJoins,
    ) -> Result<Plan> {
        let TableWithJoins { relation, joins } = tables;
        let start = self.scope().items.len();
        let mut plan = self.factor(relation)?;
        if joins.len() > MAX_CHAIN {
            return Err(too_many_joins());
        }
        for Join {
            relation,
            global,
            join_operator,
        } in joins
        {
            unset(*global, "GLOBAL JOIN", None)?;
            let (kind, constraint) = join_kind(join_operator)?;
            let middle = self.scope().items.len();
            let right = self.factor(relation)?;
            if matches!(kind, JoinKind::Right | JoinKind::Full)
                && may_be_lateral(relation)
                && right.free_columns().meets(&plan.column_set())
            {
                return Err(Diagnostic::error(
                    sqlstate::INVALID_COLUMN_REFERENCE,
                    "invalid reference to FROM-clause entry: the combining JOIN type must be INNER or LEFT for a LATERAL reference",
                ));
            }
            plan = match constraint {
                Constraint::Cross => Plan::join(kind, plan, right, Vec::new()),
                Constraint::On(condition) => {
                    let before = std::mem::replace(&mut self.scope().first_visible, start);
                    let bound = self.within(Clause::JoinOn, |binder| binder.expr(condition));
                    self.scope().first_visible = before;
                    let condition = self.boolean(bound?, "JOIN/ON")?;
                    Plan::join(kind, plan, right, conjuncts(condition))
                }
                Constraint::Using(names) => {
                    let mut pairs = Vec::with_capacity(names.len());
                    for ident in names {
                        let (name, span) = (fold(ident), ident_span(ident));
                        let left = self.using_column(start..middle, &name, "left", span)?;
                        let end = self.scope().items.len();
                        let right = self.using_column(middle..end, &name, "right", span)?;
                        pairs.push((Arc::from(&*name), left, right));
                    }
                    self.merge(kind, plan, right, pairs, start)?
                }
                Constraint::Natural => {
                    let mut names: Vec<Arc<str>> = Vec::new();
                    let scope = self.scope();
                    let bare = |items: &[Item]| {
                        let mut names: Vec<Arc<str>> = Vec::new();
                        for item in items.iter().filter(|item| item.bare != Bare::Merged) {
                            item.each(|name, _, _| names.push(name.clone()));
                        }
                        names
                    };
                    let lefts = bare(scope.items.get(start..middle).unwrap_or(&[]));
                    let rights = bare(scope.items.get(middle..).unwrap_or(&[]));
                    for name in lefts {
                        if rights.contains(&name) && !names.contains(&name) {
                            names.push(name);
                        }
                    }
                    let mut pairs = Vec::with_capacity(names.len());
                    for name in names {
                        let left = self.using_column(start..middle, &name, "left", None)?;
                        let end = self.scope().items.len();
                        let right = self.using_column(middle..end, &name, "right", None)?;
                        pairs.push((name, left, right));
                    }
                    self.merge(kind, plan, right, pairs, start)?
                }
            };
        }
        Ok(plan)
    }

    /// The column of one side that USING names.
    pub(super) fn using_column(
        &mut self,
        items: std::ops::Range<usize>,
        name: &str,
        side: &str,
        span: Option<Span>,
    ) -> Result<Expr> {
        let mut found: Vec<(ColumnId, Type)> = Vec::new();
        for item in self.scope().items.get(items).unwrap_or(&[]) {
            if item.bare != Bare::Merged {
                item.each(|column, id, ty| {
                    if **column == *name {
                        found.push((id, ty.clone()));
                    }
                });
            }
        }
        match (found.pop(), found.is_empty()) {
            (Some((id, ty)), true) => Ok(Expr {
                kind: ExprKind::Column(id),
                ty,
                span,
            }),
            (Some(_), false) => Err(Diagnostic::error(
                sqlstate::AMBIGUOUS_COLUMN,
                format!("common column name \"{name}\" appears more than once in {side} table"),
            )
            .at(span)),
            (None, _) => Err(Diagnostic::error(
                sqlstate::UNDEFINED_COLUMN,
                format!(
                    "column \"{name}\" specified in USING clause does not exist in {side} table"
                ),
            )
            .at(span)),
        }
    }

    /// Joins on equal columns and merges each pair into one.
    pub(super) fn merge(
        &mut self,
        kind: JoinKind,
        left: Plan,
        right: Plan,
        pairs: Vec<(Arc<str>, Expr, Expr)>,
        start: usize,
    ) -> Result<Plan> {
        let mut on = Vec::with_capacity(pairs.len());
        let mut merged: Vec<Named> = Vec::with_capacity(pairs.len());
        let mut computed: Vec<(ColumnId, Expr)> = Vec::new();
        let mut gone: Vec<ColumnId> = Vec::new();
        for (name, l, r) in pairs {
            for side in [&l, &r] {
                if let ExprKind::Column(id) = side.kind {
                    gone.push(id);
                }
            }
            on.push(self.compare(Comparison::Eq, l.clone(), r.clone())?);
            let ty = types::common_type(&[l.ty.clone(), r.ty.clone()], "JOIN/USING")?;
            let expr = match kind {
                JoinKind::Right => self.convert(r, &ty, CastForm::Implicit)?,
                JoinKind::Full => {
                    let l = self.convert(l, &ty, CastForm::Implicit)?;
                    let r = self.convert(r, &ty, CastForm::Implicit)?;
                    Expr::new(ExprKind::Coalesce(vec![l, r]), ty)
                }
                _ => self.convert(l, &ty, CastForm::Implicit)?,
            };
            let ty = expr.ty.clone();
            let id = match expr.kind {
                ExprKind::Column(id) => id,
                _ => {
                    let id = self.fresh();
                    computed.push((id, expr));
                    id
                }
            };
            merged.push(Named { name, id, ty });
        }
        let mut plan = Plan::join(kind, left, right, on);
        if !computed.is_empty() {
            let mut columns: Vec<(ColumnId, Expr)> = plan
                .columns()
                .into_iter()
                .map(|(id, ty)| (id, Expr::column(id, ty)))
                .collect();
            columns.append(&mut computed);
            plan = Plan::Project {
                input: Box::new(plan),
                columns,
            };
        }
        let scope = self.scope();
        for item in scope.items.iter_mut().skip(start) {
            if item.bare != Bare::Merged {
                item.each(|name, id, ty| {
                    if !gone.contains(&id) {
                        merged.push(Named {
                            name: name.clone(),
                            id,
                            ty: ty.clone(),
                        });
                    }
                });
                item.bare = Bare::Merged;
            }
        }
        scope.items.push(Item {
            alias: None,
            bare: Bare::Found,
            columns: Columns::Named(merged),
        });
        Ok(plan)
    }
}

/// What ON or USING says.
pub(super) enum Constraint<'q> {
    On(&'q ast::Expr),
    Using(Vec<&'q Ident>),
    Natural,
    Cross,
}

pub(super) fn may_be_lateral(factor: &TableFactor) -> bool {
    match factor {
        TableFactor::Derived { lateral, .. } => *lateral,
        TableFactor::Table { args, .. } => args.is_some(),
        _ => true,
    }
}

pub(super) fn join_kind(operator: &JoinOperator) -> Result<(JoinKind, Constraint<'_>)> {
    let (kind, constraint, word) = match operator {
        JoinOperator::Join(constraint) => (JoinKind::Inner, constraint, "JOIN"),
        JoinOperator::Inner(constraint) => (JoinKind::Inner, constraint, "INNER JOIN"),
        JoinOperator::Left(constraint) | JoinOperator::LeftOuter(constraint) => {
            (JoinKind::Left, constraint, "LEFT JOIN")
        }
        JoinOperator::Right(constraint) | JoinOperator::RightOuter(constraint) => {
            (JoinKind::Right, constraint, "RIGHT JOIN")
        }
        JoinOperator::FullOuter(constraint) => (JoinKind::Full, constraint, "FULL JOIN"),
        JoinOperator::CrossJoin(JoinConstraint::None) => {
            return Ok((JoinKind::Inner, Constraint::Cross));
        }
        JoinOperator::CrossJoin(_) => {
            return Err(Diagnostic::error(
                sqlstate::SYNTAX_ERROR,
                "CROSS JOIN takes neither ON nor USING",
            ));
        }
        JoinOperator::Semi(_) | JoinOperator::LeftSemi(_) | JoinOperator::RightSemi(_) => {
            return Err(unsupported("SEMI JOIN", None).hint("Write EXISTS (...)."));
        }
        JoinOperator::Anti(_) | JoinOperator::LeftAnti(_) | JoinOperator::RightAnti(_) => {
            return Err(unsupported("ANTI JOIN", None).hint("Write NOT EXISTS (...)."));
        }
        JoinOperator::CrossApply | JoinOperator::OuterApply => {
            return Err(unsupported("APPLY", None).hint("Write JOIN LATERAL (...) ON true."));
        }
        JoinOperator::AsOf {
            match_condition: _,
            constraint: _,
        } => return Err(unsupported("ASOF JOIN", None)),
        JoinOperator::StraightJoin(_) => return Err(unsupported("STRAIGHT_JOIN", None)),
        JoinOperator::ArrayJoin | JoinOperator::LeftArrayJoin | JoinOperator::InnerArrayJoin => {
            return Err(unsupported("ARRAY JOIN", None));
        }
    };
    let constraint = match constraint {
        JoinConstraint::On(condition) => Constraint::On(condition),
        JoinConstraint::Using(names) => {
            let mut idents = Vec::with_capacity(names.len());
            for name in names {
                match name.0.as_slice() {
                    [ObjectNamePart::Identifier(ident)] => idents.push(ident),
                    _ => return Err(unsupported(format!("USING ({name})"), name_span(name))),
                }
            }
            Constraint::Using(idents)
        }
        JoinConstraint::Natural => Constraint::Natural,
        JoinConstraint::None => {
            return Err(Diagnostic::error(
                sqlstate::SYNTAX_ERROR,
                format!("{word} needs ON or USING"),
            )
            .hint("Write CROSS JOIN for all pairs."));
        }
    };
    Ok((kind, constraint))
}

pub(super) fn too_many_joins() -> Box<Diagnostic> {
    too_complex().hint(format!("A query may join {MAX_CHAIN} tables."))
}
