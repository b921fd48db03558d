//! `FOR UPDATE` and its kin: which queries may lock rows (PostgreSQL 15, `CheckSelectLocking` and
//! `transformLockingClause`). One session owns the database, so no lock makes anyone wait.

use super::Binder;
use super::scope::fold;
use crate::base::diagnostic::sqlstate;
use crate::base::{Diagnostic, Result};
use crate::engine::plan::{ColumnSet, JoinKind, Plan};
use crate::sql::span_of;
use sqlparser::ast::{LockClause, LockType};

impl Binder<'_> {
    /// Refuses locks where rows cannot be told apart, and on tables that are not there or whose
    /// rows may be missing. `folded` names the clause that makes other rows of the stored ones;
    /// `optional` holds the columns that an outer join may fill with NULL.
    pub(super) fn lockable(
        &mut self,
        locks: &[LockClause],
        folded: Option<&str>,
        optional: &ColumnSet,
    ) -> Result<()> {
        for lock in locks {
            let LockClause {
                lock_type,
                of,
                nonblock: _,
            } = lock;
            let word = name(lock_type);
            if let Some(folded) = folded {
                return Err(refused(format!("{word} is not allowed with {folded}")));
            }
            let table = of.as_ref().and_then(|of| of.0.last()?.as_ident());
            let wanted = table.map(fold);
            let mut found = false;
            for item in &self.scope().items {
                let named = |wanted: &str| item.alias.as_deref() == Some(wanted);
                if !wanted.as_deref().is_none_or(named) {
                    continue;
                }
                found = true;
                let mut missing = false;
                item.each(|_, id, _| missing |= optional.contains(id));
                if missing {
                    return Err(refused(format!(
                        "{word} cannot be applied to the nullable side of an outer join"
                    )));
                }
            }
            if let (Some(wanted), false) = (wanted, found) {
                return Err(Diagnostic::error(
                    sqlstate::UNDEFINED_TABLE,
                    format!("relation \"{wanted}\" in {word} clause not found in FROM clause"),
                )
                .at(table.and_then(|table| span_of(table.span))));
            }
        }
        Ok(())
    }
}

/// A set operation gives rows of no one table.
pub(super) fn no_locks(locks: &[LockClause]) -> Result<()> {
    match locks.first() {
        Some(lock) => Err(refused(format!(
            "{} is not allowed with UNION/INTERSECT/EXCEPT",
            name(&lock.lock_type)
        ))),
        None => Ok(()),
    }
}

/// The columns that outer joins of FROM may fill with NULL.
pub(super) fn optional(from: &Plan) -> ColumnSet {
    let mut found = ColumnSet::default();
    collect(from, &mut found);
    found
}

fn collect(plan: &Plan, found: &mut ColumnSet) {
    let Plan::Join(join) = plan else {
        return;
    };
    let (left, right) = match join.kind {
        JoinKind::Left => (false, true),
        JoinKind::Right => (true, false),
        JoinKind::Full => (true, true),
        JoinKind::Inner
        | JoinKind::Semi
        | JoinKind::Anti
        | JoinKind::NullAwareAnti
        | JoinKind::Mark(_)
        | JoinKind::Single => (false, false),
    };
    for (side, optional) in [(&join.left, left), (&join.right, right)] {
        match optional {
            true => side.columns_into(found),
            false => collect(side, found),
        }
    }
}

fn name(lock: &LockType) -> &'static str {
    match lock {
        LockType::Update => "FOR UPDATE",
        LockType::Share => "FOR SHARE",
    }
}

fn refused(message: String) -> Box<Diagnostic> {
    Diagnostic::error(sqlstate::FEATURE_NOT_SUPPORTED, message)
}
