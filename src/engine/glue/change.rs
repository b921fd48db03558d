//! Changes that run through GlueSQL, in our terms.

use super::border::to_glue;
use super::schema::{column_def, key_of};
use super::{GlueStore, Prepared};
use crate::base::diagnostic::sqlstate;
use crate::base::{self, Diagnostic, Result};
use crate::engine::storage::{Duplicate, RowId, Storage};
use gluesql_core::ast::{Expr, OrderByExpr};
use gluesql_core::data::{Key, Value};
use gluesql_core::error::Error;
use gluesql_core::executor::{Payload, execute};
use gluesql_core::plan::{AlterTableOperationPlan, ExprPlan, QueryPlan, StatementPlan, ValuesPlan};
use gluesql_core::store::StoreMut;
use std::ops::Range;

/// Runs a GlueSQL plan on a storage. A plan that fails leaves the storage as it was.
fn run(storage: &mut Storage, plan: &StatementPlan, prepared: Option<Prepared>) -> Result<Payload> {
    let mut store = GlueStore::new(std::mem::take(storage));
    store.prepared = prepared;
    let result = execute(&mut store, plan);
    *storage = store.storage;
    result.map_err(inward)
}

/// Everything a person can do wrong has been checked before GlueSQL runs, so what it refuses is
/// a fault of ours.
fn inward(error: Error) -> Box<Diagnostic> {
    Diagnostic::error(sqlstate::INTERNAL_ERROR, error.to_string())
}

/// CREATE TABLE.
pub fn create_table(storage: &mut Storage, prepared: Prepared) -> Result<()> {
    let key = key_of(&prepared.table);
    let columns = prepared.table.columns.iter().enumerate();
    let plan = StatementPlan::CreateTable {
        if_not_exists: false,
        name: prepared.table.name.to_string(),
        columns: Some(
            columns
                .map(|(place, column)| column_def(column, key == Some(place)))
                .collect(),
        ),
        source: None,
        engine: None,
        foreign_keys: Vec::new(),
        comment: None,
    };
    run(storage, &plan, Some(prepared)).map(drop)
}

/// DROP TABLE.
pub fn drop_table(storage: &mut Storage, name: &str) -> Result<()> {
    let plan = StatementPlan::DropTable {
        if_exists: false,
        names: vec![name.to_owned()],
        cascade: true,
    };
    run(storage, &plan, None).map(drop)
}

fn alter(
    storage: &mut Storage,
    name: &str,
    operation: AlterTableOperationPlan,
    prepared: Prepared,
) -> Result<()> {
    let plan = StatementPlan::AlterTable {
        name: name.to_owned(),
        operation,
    };
    run(storage, &plan, Some(prepared)).map(drop)
}

/// ALTER TABLE .. RENAME TO; the prepared table has the new name.
pub fn rename_table(storage: &mut Storage, name: &str, prepared: Prepared) -> Result<()> {
    let operation = AlterTableOperationPlan::RenameTable {
        table_name: prepared.table.name.to_string(),
    };
    alter(storage, name, operation, prepared)
}

/// ALTER TABLE .. RENAME COLUMN.
pub fn rename_column(
    storage: &mut Storage,
    old_name: &str,
    new_name: &str,
    prepared: Prepared,
) -> Result<()> {
    let operation = AlterTableOperationPlan::RenameColumn {
        old_column_name: old_name.to_owned(),
        new_column_name: new_name.to_owned(),
    };
    let name = prepared.table.name.clone();
    alter(storage, &name, operation, prepared)
}

/// ALTER TABLE .. ADD COLUMN; the new column is the last of the prepared table.
pub fn add_column(storage: &mut Storage, prepared: Prepared) -> Result<()> {
    let Some(column) = prepared.table.columns.last() else {
        return Ok(());
    };
    let operation = AlterTableOperationPlan::AddColumn {
        column_def: column_def(column, false),
    };
    let name = prepared.table.name.clone();
    alter(storage, &name, operation, prepared)
}

/// ALTER TABLE .. DROP COLUMN.
pub fn drop_column(storage: &mut Storage, column: &str, prepared: Prepared) -> Result<()> {
    let name = prepared.table.name.clone();
    // GlueSQL first drops the column's indexes one by one, each of which would take the prepared
    // table; so they are gone before it looks.
    if let Some(table) = storage.catalog_mut().tables.get_mut(&name) {
        let table = std::sync::Arc::make_mut(table);
        table.indexes.clear();
    }
    let operation = AlterTableOperationPlan::DropColumn {
        column_name: column.to_owned(),
        if_exists: false,
    };
    alter(storage, &name, operation, prepared)
}

/// CREATE INDEX on the leading column; the prepared table has the index in full.
pub fn create_index(
    storage: &mut Storage,
    index: &str,
    column: &str,
    prepared: Prepared,
) -> Result<()> {
    let plan = StatementPlan::CreateIndex {
        name: index.to_owned(),
        table_name: prepared.table.name.to_string(),
        column: OrderByExpr {
            expr: Expr::Identifier(column.to_owned()),
            asc: None,
        },
    };
    run(storage, &plan, Some(prepared)).map(drop)
}

/// DROP INDEX; the prepared table is without it.
pub fn drop_index(storage: &mut Storage, index: &str, prepared: Prepared) -> Result<()> {
    let plan = StatementPlan::DropIndex {
        name: index.to_owned(),
        table_name: prepared.table.name.to_string(),
    };
    run(storage, &plan, Some(prepared)).map(drop)
}

/// Runs `f` on GlueSQL's view of a storage.
fn through<T>(
    storage: &mut Storage,
    f: impl FnOnce(&mut GlueStore) -> gluesql_core::error::Result<T>,
) -> Result<T> {
    let mut store = GlueStore::new(std::mem::take(storage));
    let result = f(&mut store);
    *storage = store.storage;
    result.map_err(inward)
}

/// INSERT as a GlueSQL plan, one `VALUES` row a row.
pub fn insert_plan(storage: &mut Storage, table: &str, rows: &[Vec<base::Value>]) -> Result<()> {
    let rows = encode(storage, table, rows)?;
    let plan = StatementPlan::Insert {
        table_name: table.to_owned(),
        columns: Vec::new(),
        source: QueryPlan::Values(ValuesPlan(
            rows.into_iter()
                .map(|row| row.into_iter().map(ExprPlan::Value).collect())
                .collect(),
        )),
    };
    run(storage, &plan, None).map(drop)
}

/// Adds rows behind the last by `StoreMut::append_data`. Gives their numbers and the first key
/// that was there already.
pub fn append_rows(
    storage: &mut Storage,
    table: &str,
    rows: &[Vec<base::Value>],
) -> Result<(Range<RowId>, Option<Duplicate>)> {
    let first = storage.table(table).map_or(0, |data| data.next_row());
    let end = first + rows.len();
    let rows = encode(storage, table, rows)?;
    let duplicate = through(storage, |store| {
        store.append_data(table, rows)?;
        Ok(store.duplicate.take())
    })?;
    Ok((first as RowId..end as RowId, duplicate))
}

/// Puts whole rows in place of those of these numbers by `StoreMut::insert_data`. Gives the first
/// key that two rows have afterwards.
pub fn overwrite_rows(
    storage: &mut Storage,
    table: &str,
    rows: &[(RowId, Vec<base::Value>)],
) -> Result<Option<Duplicate>> {
    let types = types(storage, table);
    let rows = rows
        .iter()
        .map(|(id, row)| Ok((Key::U64(u64::from(*id)), encode_row(row, &types)?)))
        .collect::<Result<Vec<_>>>()?;
    through(storage, |store| {
        store.insert_data(table, rows)?;
        Ok(store.duplicate.take())
    })
}

/// Deletes the rows of these numbers by `StoreMut::delete_data`.
pub fn delete_rows(storage: &mut Storage, table: &str, rows: &[RowId]) -> Result<()> {
    let keys = rows.iter().map(|&row| Key::U64(u64::from(row))).collect();
    through(storage, |store| store.delete_data(table, keys))
}

fn types(storage: &Storage, table: &str) -> Vec<base::Type> {
    storage
        .table(table)
        .map(|data| data.types().to_vec())
        .unwrap_or_default()
}

fn encode(storage: &Storage, table: &str, rows: &[Vec<base::Value>]) -> Result<Vec<Vec<Value>>> {
    let types = types(storage, table);
    rows.iter().map(|row| encode_row(row, &types)).collect()
}

fn encode_row(row: &[base::Value], types: &[base::Type]) -> Result<Vec<Value>> {
    row.iter()
        .zip(types)
        .map(|(value, ty)| to_glue(value, ty, &super::border::data_type(ty)))
        .collect()
}
