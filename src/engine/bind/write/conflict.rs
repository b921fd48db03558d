//! ON CONFLICT.

use super::super::Binder;
use super::super::scope::{Clause, Scope, fold, ident_span};
use super::{Target, single};
use crate::base::diagnostic::sqlstate;
use crate::base::{Diagnostic, Result};
use crate::engine::catalog::Uniqueness;
use crate::engine::expr::Expr;
use crate::engine::statement::{ConflictAction, OnConflict};
use sqlparser::ast::{self, Assignment, ConflictTarget, DoUpdate, OnConflictAction};
use std::sync::Arc;

impl Binder<'_> {
    pub(super) fn on_conflict(
        &mut self,
        target: &Target,
        conflict: &ast::OnConflict,
    ) -> Result<OnConflict> {
        let ast::OnConflict {
            conflict_target,
            action,
        } = conflict;
        let table = &target.table;
        let columns = match conflict_target {
            None => None,
            Some(ConflictTarget::Columns(names)) => {
                let mut columns = Vec::with_capacity(names.len());
                for ident in names {
                    columns.push(self.target_column(target, ident)?);
                }
                let mut sorted = columns.clone();
                sorted.sort_unstable();
                sorted.dedup();
                let indexes = table
                    .indexes
                    .iter()
                    .filter(|index| index.uniqueness == Uniqueness::Unique)
                    .map(|index| &index.columns);
                let found = table
                    .unique_keys()
                    .map(|key| &key.columns)
                    .chain(indexes)
                    .find(|key| {
                        let mut key = (*key).clone();
                        key.sort_unstable();
                        key == sorted
                    });
                match found {
                    Some(found) => Some(found.clone()),
                    None => {
                        return Err(Diagnostic::error(
                            sqlstate::INVALID_COLUMN_REFERENCE,
                            "there is no unique or exclusion constraint matching the ON CONFLICT specification",
                        ));
                    }
                }
            }
            Some(ConflictTarget::OnConstraint(name)) => {
                let ident = single(name)?;
                let wanted = fold(ident);
                let found = table.unique_keys().find(|key| *key.name == *wanted);
                match found {
                    Some(key) => Some(key.columns.clone()),
                    None => {
                        return Err(Diagnostic::error(
                            sqlstate::UNDEFINED_OBJECT,
                            format!(
                                "constraint \"{wanted}\" for table \"{}\" does not exist",
                                table.plain_name()
                            ),
                        )
                        .at(ident_span(ident)));
                    }
                }
            }
        };
        let action = match action {
            OnConflictAction::DoNothing => ConflictAction::DoNothing,
            OnConflictAction::DoUpdate(DoUpdate {
                assignments,
                selection,
            }) => {
                if columns.is_none() {
                    return Err(Diagnostic::error(
                        sqlstate::SYNTAX_ERROR,
                        "ON CONFLICT DO UPDATE requires inference specification or constraint name",
                    )
                    .at(target.span)
                    .hint("For example, ON CONFLICT (column_name)."));
                }
                let (item, existing) = self.row_item(target, target.alias.clone());
                let (proposed, excluded) = self.row_item(target, Arc::from("excluded"));
                self.scopes.push(Scope {
                    clause: Clause::UpdateSet,
                    items: vec![item, proposed],
                    ..Scope::default()
                });
                let bound = self.conflict_update(target, assignments, selection.as_ref());
                self.scopes.pop();
                let (assignments, condition) = bound?;
                ConflictAction::DoUpdate {
                    assignments,
                    condition,
                    existing,
                    excluded,
                }
            }
        };
        Ok(OnConflict {
            target: columns,
            action,
        })
    }

    #[allow(clippy::type_complexity)]
    fn conflict_update(
        &mut self,
        target: &Target,
        assignments: &[Assignment],
        selection: Option<&ast::Expr>,
    ) -> Result<(Vec<(usize, Expr)>, Option<Expr>)> {
        let assignments = self.assignments(target, assignments)?;
        let condition = match selection {
            Some(condition) => {
                let condition = self.within(Clause::Where, |binder| binder.expr(condition))?;
                Some(self.boolean(condition, "WHERE")?)
            }
            None => None,
        };
        Ok((assignments, condition))
    }
}
