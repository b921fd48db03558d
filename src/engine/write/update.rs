//! UPDATE.

use super::constraint::unique_violation;
use super::insert::batch_of;
use super::{Writer, Written};
use crate::base::{Result, Type, Value};
use crate::engine::catalog::Table;
use crate::engine::glue;
use crate::engine::statement::Update;
use crate::engine::storage::RowId;
use std::collections::BTreeSet;
use std::sync::Arc;

impl Writer<'_> {
    /// Executes UPDATE.
    pub fn update(&mut self, update: &Update) -> Result<Written> {
        let table = self.table(&update.table)?;
        let mut columns = vec![update.row_id];
        columns.extend(update.assignments.iter().map(|(_, source)| *source));
        let extra = super::returning::extra_columns(update.returning.as_ref(), &update.source);
        columns.extend(extra.iter().map(|(id, _)| *id));
        let batches = self.source(&update.source, &columns)?;
        let mut seen = BTreeSet::new();
        let mut changes: Vec<(RowId, Vec<Value>)> = Vec::new();
        let mut places = Vec::new();
        if let Some(data) = self.storage.table(&table.name) {
            for (number, batch) in batches.iter().enumerate() {
                let Some((ids, values)) = batch.columns.split_first() else {
                    continue;
                };
                for row in 0..batch.rows {
                    let Value::Int(id) = ids.value(row, &Type::BigInt) else {
                        continue;
                    };
                    let Ok(id) = RowId::try_from(id) else {
                        continue;
                    };
                    // Another write of the same WITH may have deleted it.
                    if !data.is_live(id) || !seen.insert(id) {
                        continue;
                    }
                    let mut new = data.row(id);
                    for ((column, _), source) in update.assignments.iter().zip(values) {
                        if let (Some(slot), Some(definition)) =
                            (new.get_mut(*column), table.columns.get(*column))
                        {
                            *slot = source.value(row, &definition.ty);
                        }
                    }
                    changes.push((id, new));
                    places.push((number, row as u32));
                }
            }
        }
        let rows: Vec<&[Value]> = changes.iter().map(|(_, row)| row.as_slice()).collect();
        let new = self.complete(&table, batch_of(&table, &rows)?)?;
        self.check_rows(&table, &new)?;
        for (place, column) in table.columns.iter().enumerate() {
            if column.generated.is_none() {
                continue;
            }
            for (row, (_, values)) in changes.iter_mut().enumerate() {
                if let (Some(slot), Some(source)) = (values.get_mut(place), new.columns.get(place))
                {
                    *slot = source.value(row, &column.ty);
                }
            }
        }
        let ids: Vec<RowId> = changes.iter().map(|(id, _)| *id).collect();
        self.overwrite(&table, changes)?;
        self.check_written(&table)?;
        self.refer(&table, &ids);
        let result = match &update.returning {
            Some(returning) => {
                let skip = 1 + update.assignments.len();
                let sources = super::returning::gather(&batches, skip, &places);
                let rows = self.stored(&table, &ids)?;
                Some(self.returning(returning, &table, rows, &extra, sources)?)
            }
            None => None,
        };
        Ok(Written {
            rows: ids.len() as u64,
            result,
        })
    }

    /// Puts whole rows in place of those that are there: unique keys must hold afterwards, and
    /// what refers to a changed key follows its action.
    pub(super) fn overwrite(
        &mut self,
        table: &Arc<Table>,
        changes: Vec<(RowId, Vec<Value>)>,
    ) -> Result<()> {
        if changes.is_empty() {
            return Ok(());
        }
        let before = self.keys_before(table, &changes);
        let duplicate = glue::overwrite_rows(self.storage, &table.name, &changes)?;
        if let (Some(duplicate), Some(data)) = (duplicate, self.storage.table(&table.name)) {
            return Err(unique_violation(table, data, &duplicate));
        }
        self.follow_updates(before, &changes)
    }
}

/// Whether two keys are the same.
pub(super) fn same_key(a: &[Value], b: &[Value]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.cmp(b).is_eq())
}

/// The values of `columns` in a row.
pub(super) fn key_of(row: &[Value], columns: &[usize]) -> Vec<Value> {
    columns
        .iter()
        .map(|&column| row.get(column).cloned().unwrap_or(Value::Null))
        .collect()
}

impl Writer<'_> {
    /// Changes rows on behalf of a foreign key's action.
    pub(super) fn rewrite(
        &mut self,
        table: &Arc<Table>,
        changes: Vec<(RowId, Vec<Value>)>,
    ) -> Result<()> {
        let rows: Vec<&[Value]> = changes.iter().map(|(_, row)| row.as_slice()).collect();
        self.check_rows(table, &batch_of(table, &rows)?)?;
        let ids: Vec<RowId> = changes.iter().map(|(id, _)| *id).collect();
        self.overwrite(table, changes)?;
        self.refer(table, &ids);
        Ok(())
    }

    /// A definition that is there because the catalogue names it.
    pub(super) fn definition(&self, name: &str) -> Option<Arc<Table>> {
        self.storage.catalog().tables.get(name).cloned()
    }
}
