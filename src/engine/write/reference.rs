//! Foreign keys: their checks and their actions.

use super::Writer;
use super::constraint::describe_key;
use super::update::{key_of, same_key};
use crate::base::diagnostic::sqlstate;
use crate::base::{Diagnostic, Result, Value};
use crate::engine::bind::{self, BindContext};
use crate::engine::catalog::{ForeignKey, Matching, ReferentialAction, Table, plain_name};
use crate::engine::eval::evaluate_constant;
use crate::engine::storage::{RowId, Storage, TableData};
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// How deep actions that change keys may nest.
const MAX_NESTING: usize = 64;

/// Checks a foreign key for all rows of its table.
pub fn check_all(storage: &Storage, table: &Table, key: &ForeignKey) -> Result<()> {
    let rows: Vec<RowId> = match storage.table(&table.name) {
        Some(data) => data.row_ids().collect(),
        None => Vec::new(),
    };
    check_rows(storage, table, key, &rows)
}

/// Every row has a partner, or a NULL in its key.
pub(super) fn check_rows(
    storage: &Storage,
    table: &Table,
    key: &ForeignKey,
    rows: &[RowId],
) -> Result<()> {
    let (Some(data), Some(target)) = (storage.table(&table.name), storage.table(&key.target))
    else {
        return Ok(());
    };
    for &row in rows {
        if !data.is_live(row) {
            continue;
        }
        let value: Vec<Value> = key.columns.iter().map(|&c| data.value(row, c)).collect();
        if value.iter().any(Value::is_null) {
            if key.matching == Matching::Full && !value.iter().all(Value::is_null) {
                return Err(without_partner(table, key)
                    .hint("MATCH FULL does not allow mixing of null and nonnull key values."));
            }
            continue;
        }
        if find_rows(target, &key.target_columns, &value).is_empty() {
            return Err(without_partner(table, key).hint(format!(
                "{} is not present in table \"{}\".",
                describe_key(table, &key.columns, &value),
                plain_name(&key.target)
            )));
        }
    }
    Ok(())
}

fn without_partner(table: &Table, key: &ForeignKey) -> Box<Diagnostic> {
    Diagnostic::error(
        sqlstate::FOREIGN_KEY_VIOLATION,
        format!(
            "insert or update on table \"{}\" violates foreign key constraint \"{}\"",
            table.plain_name(),
            key.name
        ),
    )
}

/// No row refers to a key that is gone, unless it has come back.
pub(super) fn check_gone(
    storage: &Storage,
    table: &Table,
    key: &ForeignKey,
    gone: &[Vec<Value>],
) -> Result<()> {
    let (Some(data), Some(target)) = (storage.table(&table.name), storage.table(&key.target))
    else {
        return Ok(());
    };
    let missing: Vec<&Vec<Value>> = gone
        .iter()
        .filter(|value| find_rows(target, &key.target_columns, value).is_empty())
        .collect();
    for (value, rows) in missing.iter().zip(find_many(data, &key.columns, &missing)) {
        if !rows.is_empty() {
            return Err(still_referenced(storage, table, key, value));
        }
    }
    Ok(())
}

fn still_referenced(
    storage: &Storage,
    table: &Table,
    key: &ForeignKey,
    value: &[Value],
) -> Box<Diagnostic> {
    let shown = match storage.catalog().tables.get(&key.target) {
        Some(target) => describe_key(target, &key.target_columns, value),
        None => "Key".to_owned(),
    };
    Diagnostic::error(
        sqlstate::FOREIGN_KEY_VIOLATION,
        format!(
            "update or delete on table \"{}\" violates foreign key constraint \"{}\" on table \"{}\"",
            plain_name(&key.target),
            key.name,
            table.plain_name()
        ),
    )
    .hint(format!(
        "{shown} is still referenced from table \"{}\".",
        table.plain_name()
    ))
}

/// The rows whose `columns` equal `key`, by an index if one starts with these columns.
pub fn find_rows(data: &TableData, columns: &[usize], key: &[Value]) -> Vec<RowId> {
    match indexed(data, columns) {
        Some((index, order)) => {
            let key: Vec<Value> = order
                .iter()
                .filter_map(|&at| key.get(at).cloned())
                .collect();
            index.lookup(data, &key).collect()
        }
        None => find_many(data, columns, &[&key.to_vec()])
            .pop()
            .unwrap_or_default(),
    }
}

/// An index whose leading columns are `columns` in any order, and for each of these its place in
/// `columns`.
fn indexed<'a>(
    data: &'a TableData,
    columns: &[usize],
) -> Option<(&'a crate::engine::storage::IndexData, Vec<usize>)> {
    data.indexes().iter().find_map(|index| {
        let leading = index.columns.get(..columns.len())?;
        let order: Option<Vec<usize>> = leading
            .iter()
            .map(|column| columns.iter().position(|wanted| wanted == column))
            .collect();
        order.map(|order| (index, order))
    })
}

/// For each key the rows whose `columns` equal it: by an index, or in one pass over the table.
fn find_many(data: &TableData, columns: &[usize], keys: &[&Vec<Value>]) -> Vec<Vec<RowId>> {
    if keys.is_empty() {
        return Vec::new();
    }
    if indexed(data, columns).is_some() {
        return keys
            .iter()
            .map(|key| find_rows(data, columns, key))
            .collect();
    }
    let mut order: Vec<usize> = (0..keys.len()).collect();
    let compare = |a: &[Value], b: &[Value]| -> Ordering {
        a.iter()
            .zip(b)
            .map(|(a, b)| a.cmp(b))
            .find(|order| order.is_ne())
            .unwrap_or(Ordering::Equal)
    };
    let key = |at: usize| keys.get(at).map_or(&[][..], |key| key.as_slice());
    order.sort_by(|&a, &b| compare(key(a), key(b)));
    let mut found = vec![Vec::new(); keys.len()];
    for row in data.row_ids() {
        let value: Vec<Value> = columns.iter().map(|&c| data.value(row, c)).collect();
        let from = order.partition_point(|&at| compare(key(at), &value).is_lt());
        for &at in order.get(from..).unwrap_or_default() {
            if compare(key(at), &value).is_ne() {
                break;
            }
            if let Some(rows) = found.get_mut(at) {
                rows.push(row);
            }
        }
    }
    found
}

/// The foreign keys that refer to a table, with the tables they belong to.
fn referring(storage: &Storage, target: &str) -> Vec<(Arc<Table>, ForeignKey)> {
    let tables = storage.catalog().tables.values();
    tables
        .flat_map(|table| {
            let keys = table.foreign_keys.iter();
            keys.filter(|key| &*key.target == target)
                .map(|key| (table.clone(), key.clone()))
        })
        .collect()
}

/// A foreign key, the table it belongs to, and the keys of its target that go or change.
pub(super) struct Referred {
    table: Arc<Table>,
    key: ForeignKey,
    values: Vec<Vec<Value>>,
}

impl Writer<'_> {
    /// Rows were written: their own foreign keys are to be checked.
    pub(super) fn refer(&mut self, table: &Table, rows: &[RowId]) {
        for key in &table.foreign_keys {
            self.pending.entry(table, key).rows.extend(rows);
        }
        self.pending.note_keys(table);
    }

    /// The keys of rows that are about to be deleted, for each foreign key that refers to them.
    pub(super) fn referenced_keys(&self, table: &Table, rows: &[RowId]) -> Vec<Referred> {
        let Some(data) = self.storage.table(&table.name) else {
            return Vec::new();
        };
        referring(self.storage, &table.name)
            .into_iter()
            .map(|(table, key)| {
                let values = rows
                    .iter()
                    .map(|&row| {
                        let columns = key.target_columns.iter();
                        columns.map(|&column| data.value(row, column)).collect()
                    })
                    .filter(|value: &Vec<Value>| !value.iter().any(Value::is_null))
                    .collect();
                Referred { table, key, values }
            })
            .collect()
    }

    /// The keys of rows that are about to change, for each foreign key that refers to them.
    pub(super) fn keys_before(
        &self,
        table: &Table,
        changes: &[(RowId, Vec<Value>)],
    ) -> Vec<Referred> {
        let Some(data) = self.storage.table(&table.name) else {
            return Vec::new();
        };
        referring(self.storage, &table.name)
            .into_iter()
            .map(|(table, key)| {
                let values = changes
                    .iter()
                    .map(|(row, _)| {
                        let columns = key.target_columns.iter();
                        columns.map(|&column| data.value(*row, column)).collect()
                    })
                    .collect();
                Referred { table, key, values }
            })
            .collect()
    }

    /// Rows are deleted: what refers to them follows. Gives the rows that have to be deleted
    /// with them.
    pub(super) fn follow_deletes(
        &mut self,
        referred: Vec<Referred>,
    ) -> Result<Vec<(Arc<Table>, Vec<RowId>)>> {
        let mut cascades = Vec::new();
        for Referred { table, key, values } in referred {
            self.budget.check()?;
            if key.on_delete == ReferentialAction::NoAction {
                self.pending.entry(&table, &key).gone.extend(values);
                continue;
            }
            let Some(table) = self.definition(&table.name) else {
                continue;
            };
            let rows = self.referring_rows(&table, &key, &values);
            match key.on_delete {
                ReferentialAction::NoAction => {}
                ReferentialAction::Restrict => {
                    if let Some((value, _)) = rows.first() {
                        return Err(still_referenced(self.storage, &table, &key, value));
                    }
                }
                ReferentialAction::Cascade => {
                    let rows: BTreeSet<RowId> = rows.into_iter().map(|(_, row)| row).collect();
                    if !rows.is_empty() {
                        cascades.push((table, rows.into_iter().collect()));
                    }
                }
                ReferentialAction::SetNull => {
                    let new = vec![Value::Null; key.columns.len()];
                    self.assign(
                        &table,
                        &key,
                        rows.into_iter().map(|(_, row)| (row, new.clone())),
                    )?;
                }
                ReferentialAction::SetDefault => {
                    let new = self.defaults(&table, &key)?;
                    self.assign(
                        &table,
                        &key,
                        rows.into_iter().map(|(_, row)| (row, new.clone())),
                    )?;
                }
            }
        }
        Ok(cascades)
    }

    /// Rows have changed: what refers to a key that changed follows.
    pub(super) fn follow_updates(
        &mut self,
        before: Vec<Referred>,
        changes: &[(RowId, Vec<Value>)],
    ) -> Result<()> {
        for Referred { table, key, values } in before {
            self.budget.check()?;
            let moved: Vec<(Vec<Value>, Vec<Value>)> = values
                .into_iter()
                .zip(changes)
                .map(|(old, (_, row))| (old, key_of(row, &key.target_columns)))
                .filter(|(old, new)| !old.iter().any(Value::is_null) && !same_key(old, new))
                .collect();
            if moved.is_empty() {
                continue;
            }
            if key.on_update == ReferentialAction::NoAction {
                let gone = moved.into_iter().map(|(old, _)| old);
                self.pending.entry(&table, &key).gone.extend(gone);
                continue;
            }
            let Some(table) = self.definition(&table.name) else {
                continue;
            };
            let old: Vec<Vec<Value>> = moved.iter().map(|(old, _)| old.clone()).collect();
            let rows = self.referring_rows(&table, &key, &old);
            match key.on_update {
                ReferentialAction::NoAction => {}
                ReferentialAction::Restrict => {
                    if let Some((value, _)) = rows.first() {
                        return Err(still_referenced(self.storage, &table, &key, value));
                    }
                }
                ReferentialAction::Cascade => {
                    // A key that changes may be referred to in turn, so actions nest.
                    let rows = rows.into_iter().filter_map(|(value, row)| {
                        let (_, new) = moved.iter().find(|(old, _)| same_key(old, &value))?;
                        Some((row, new.clone()))
                    });
                    let rows: Vec<_> = rows.collect();
                    self.assign(&table, &key, rows.into_iter())?;
                }
                ReferentialAction::SetNull => {
                    let new = vec![Value::Null; key.columns.len()];
                    self.assign(
                        &table,
                        &key,
                        rows.into_iter().map(|(_, row)| (row, new.clone())),
                    )?;
                }
                ReferentialAction::SetDefault => {
                    let new = self.defaults(&table, &key)?;
                    self.assign(
                        &table,
                        &key,
                        rows.into_iter().map(|(_, row)| (row, new.clone())),
                    )?;
                }
            }
        }
        Ok(())
    }

    /// The rows that refer to one of the keys, each with the key.
    fn referring_rows(
        &self,
        table: &Table,
        key: &ForeignKey,
        values: &[Vec<Value>],
    ) -> Vec<(Vec<Value>, RowId)> {
        let Some(data) = self.storage.table(&table.name) else {
            return Vec::new();
        };
        let keys: Vec<&Vec<Value>> = values.iter().collect();
        let found = find_many(data, &key.columns, &keys);
        keys.into_iter()
            .zip(found)
            .flat_map(|(value, rows)| rows.into_iter().map(|row| (value.clone(), row)))
            .collect()
    }

    /// Gives the columns of a foreign key new values.
    fn assign(
        &mut self,
        table: &Arc<Table>,
        key: &ForeignKey,
        rows: impl Iterator<Item = (RowId, Vec<Value>)>,
    ) -> Result<()> {
        let Some(data) = self.storage.table(&table.name) else {
            return Ok(());
        };
        let mut changes = BTreeMap::new();
        for (id, new) in rows {
            let mut row = data.row(id);
            for (&column, value) in key.columns.iter().zip(new) {
                if let Some(slot) = row.get_mut(column) {
                    *slot = value;
                }
            }
            changes.insert(id, row);
        }
        if changes.is_empty() {
            return Ok(());
        }
        if self.nesting >= MAX_NESTING {
            return Err(Diagnostic::error(
                sqlstate::STATEMENT_TOO_COMPLEX,
                "the actions of foreign keys nest too deeply",
            )
            .hint("Look for foreign keys that refer to each other in a circle."));
        }
        self.nesting += 1;
        self.rewrite(table, changes.into_iter().collect())?;
        self.nesting -= 1;
        Ok(())
    }

    /// The defaults of a foreign key's columns.
    fn defaults(&self, table: &Table, key: &ForeignKey) -> Result<Vec<Value>> {
        let catalog = self.catalog();
        let binding = BindContext {
            catalog: &catalog,
            parameters: &[],
            now: self.eval.now,
        };
        key.columns
            .iter()
            .map(|&column| {
                let column = table.columns.get(column);
                match column.and_then(|c| Some((c.default.as_ref()?, &c.ty))) {
                    Some((default, ty)) => {
                        let bound = bind::bind_default(default, ty, &binding)?;
                        evaluate_constant(&bound, &self.eval)
                    }
                    None => Ok(Value::Null),
                }
            })
            .collect()
    }
}
