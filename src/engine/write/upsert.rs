//! INSERT .. ON CONFLICT: row by row, because a row may conflict with the one before it.

use super::Writer;
use super::insert::{batch_of, row_of};
use crate::base::diagnostic::sqlstate;
use crate::base::{Batch, Diagnostic, Result, Type, Value};
use crate::engine::catalog::{Table, Uniqueness};
use crate::engine::expr::{ColumnId, Expr};
use crate::engine::statement::{ConflictAction, OnConflict};
use crate::engine::storage::{RowId, TableData};
use std::collections::BTreeSet;
use std::sync::Arc;

/// `DO UPDATE`.
struct DoUpdate<'a> {
    assignments: &'a [(usize, Expr)],
    condition: Option<&'a Expr>,
    /// The columns of the row that is there and of the one that was to be inserted.
    columns: Vec<(ColumnId, Type)>,
}

impl Writer<'_> {
    /// Inserts the rows whose keys are new and does for the others what ON CONFLICT says. Gives
    /// the rows that were written.
    pub(super) fn upsert(
        &mut self,
        table: &Arc<Table>,
        batches: &[Batch],
        on_conflict: &OnConflict,
    ) -> Result<Vec<RowId>> {
        let arbiters = self.arbiters(table, on_conflict.target.as_deref())?;
        let update = do_update(table, &on_conflict.action);
        let mut written = Vec::new();
        let mut touched = BTreeSet::new();
        for batch in batches {
            for row in 0..batch.rows {
                self.budget.check()?;
                let values = row_of(table, batch, row);
                let existing = self
                    .storage
                    .table(&table.name)
                    .and_then(|data| conflicting(data, &arbiters, &values));
                match (existing, &update) {
                    (None, _) => {
                        let one = batch_of(table, &[&values])?;
                        for id in self.append(table, &one)? {
                            touched.insert(id);
                            written.push(id);
                        }
                    }
                    (Some(_), None) => {}
                    (Some(id), Some(update)) => {
                        if touched.contains(&id) {
                            return Err(Diagnostic::error(
                                sqlstate::CARDINALITY_VIOLATION,
                                "ON CONFLICT DO UPDATE command cannot affect row a second time",
                            )
                            .hint(
                                "Ensure that no rows proposed for insertion within the same command have duplicate constrained values.",
                            ));
                        }
                        // A row that the condition leaves alone may be met again.
                        if self.update_conflicting(table, id, &values, update)? {
                            touched.insert(id);
                            written.push(id);
                        }
                    }
                }
            }
        }
        Ok(written)
    }

    /// The unique indexes that decide: those over the target's columns, or all.
    fn arbiters(&self, table: &Table, target: Option<&[usize]>) -> Result<Vec<usize>> {
        let Some(data) = self.storage.table(&table.name) else {
            return Ok(Vec::new());
        };
        let wanted: Option<BTreeSet<usize>> =
            target.map(|columns| columns.iter().copied().collect());
        let indexes = data.indexes().iter().enumerate();
        let arbiters: Vec<usize> = indexes
            .filter(|(_, index)| index.uniqueness == Uniqueness::Unique)
            .filter(|(_, index)| {
                wanted
                    .as_ref()
                    .is_none_or(|wanted| *wanted == index.columns.iter().copied().collect())
            })
            .map(|(place, _)| place)
            .collect();
        if arbiters.is_empty() && wanted.is_some() {
            return Err(Diagnostic::error(
                sqlstate::INVALID_COLUMN_REFERENCE,
                "there is no unique or exclusion constraint matching the ON CONFLICT specification",
            ));
        }
        Ok(arbiters)
    }

    /// Changes the row that is there already; false when the condition is not true.
    fn update_conflicting(
        &mut self,
        table: &Arc<Table>,
        id: RowId,
        excluded: &[Value],
        update: &DoUpdate<'_>,
    ) -> Result<bool> {
        let mut row = match self.storage.table(&table.name) {
            Some(data) => data.row(id),
            None => return Ok(false),
        };
        let mut both = batch_of(table, &[&row])?;
        both.columns.extend(batch_of(table, &[excluded])?.columns);
        if let Some(condition) = update.condition {
            let holds = self.evaluate(std::slice::from_ref(condition), &update.columns, &both)?;
            let holds = holds.first().map(|column| column.value(0, &Type::Boolean));
            if holds != Some(Value::Bool(true)) {
                return Ok(false);
            }
        }
        for (column, expr) in update.assignments {
            let values = self.evaluate(std::slice::from_ref(expr), &update.columns, &both)?;
            if let (Some(slot), Some(value)) = (row.get_mut(*column), values.first()) {
                *slot = value.value(0, &expr.ty);
            }
        }
        let changed = self.complete(table, batch_of(table, &[&row])?)?;
        self.check_rows(table, &changed)?;
        self.overwrite(table, vec![(id, row_of(table, &changed, 0))])?;
        Ok(true)
    }
}

/// What DO UPDATE does, if that is the action.
fn do_update<'a>(table: &Table, action: &'a ConflictAction) -> Option<DoUpdate<'a>> {
    match action {
        ConflictAction::DoNothing => None,
        ConflictAction::DoUpdate {
            assignments,
            condition,
            existing,
            excluded,
        } => {
            let types = || table.columns.iter().map(|column| column.ty.clone());
            let columns = existing.iter().copied().zip(types());
            let columns = columns.chain(excluded.iter().copied().zip(types()));
            Some(DoUpdate {
                assignments,
                condition: condition.as_ref(),
                columns: columns.collect(),
            })
        }
    }
}

/// A row whose key one of the indexes holds already.
fn conflicting(data: &TableData, arbiters: &[usize], values: &[Value]) -> Option<RowId> {
    arbiters.iter().find_map(|&place| {
        let index = data.indexes().get(place)?;
        let key: Vec<Value> = index
            .columns
            .iter()
            .map(|&column| values.get(column).cloned().unwrap_or(Value::Null))
            .collect();
        if key.iter().any(Value::is_null) {
            return None;
        }
        index.lookup(data, &key).next()
    })
}
