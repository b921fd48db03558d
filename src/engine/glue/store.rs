//! GlueSQL's `Store`, `StoreMut`, `AlterTable`, `CustomFunction` and `Metadata`.
//!
//! A row's key is its primary key where GlueSQL knows one, else its number as `Key::U64`. Tables
//! of ours never have keys of that type, so the number is a key to their rows too.

use super::border::{from_glue, to_glue};
use super::schema::table_of;
use super::{GlueStore, Prepared, outward};
use crate::base;
use crate::engine::storage::{RowId, TableData, column_of};
use gluesql_core::ast::{ColumnDef, DataType};
use gluesql_core::data::{CustomFunction as Function, Key, Schema, Value};
use gluesql_core::error::{AlterTableError, Error, Result};
use gluesql_core::store::{
    AlterTable, CustomFunction, CustomFunctionMut, MetaIter, Metadata, RowIter, Store, StoreMut,
};
use std::collections::BTreeMap;
use std::sync::Arc;

impl Store for GlueStore {
    fn fetch_schema(&self, table_name: &str) -> Result<Option<Schema>> {
        Ok(self.schema(table_name))
    }

    fn fetch_all_schemas(&self) -> Result<Vec<Schema>> {
        let tables = &self.storage.catalog().tables;
        Ok(tables.keys().filter_map(|name| self.schema(name)).collect())
    }

    fn fetch_data(&self, table_name: &str, key: &Key) -> Result<Option<Vec<Value>>> {
        let Some(table) = self.storage.table(table_name) else {
            return Ok(None);
        };
        let types = self.data_types(table_name);
        self.find(table_name, table, key)?
            .map(|row| values(table, row, &types))
            .transpose()
    }

    fn scan_data<'a>(&'a self, table_name: &str) -> Result<RowIter<'a>> {
        let Some(table) = self.storage.table(table_name) else {
            return Ok(Box::new(std::iter::empty()));
        };
        let types = self.data_types(table_name);
        let key = self.key_column(table_name);
        // GlueSQL's own storages give rows in the order of their keys.
        let rows: Box<dyn Iterator<Item = RowId> + 'a> = match (key, table.indexes().first()) {
            (Some(column), Some(index)) if index.columns == [column] => Box::new(index.rows()),
            (_, _) => Box::new(table.row_ids()),
        };
        Ok(Box::new(
            rows.map(move |row| keyed(table, row, &types, key)),
        ))
    }
}

/// A row and its key.
pub(super) fn keyed(
    table: &TableData,
    row: RowId,
    types: &[DataType],
    key: Option<usize>,
) -> Result<(Key, Vec<Value>)> {
    let values = values(table, row, types)?;
    let key = match key.and_then(|column| values.get(column)) {
        Some(value) => Key::try_from(value)?,
        None => Key::U64(u64::from(row)),
    };
    Ok((key, values))
}

fn values(table: &TableData, row: RowId, types: &[DataType]) -> Result<Vec<Value>> {
    let columns = table.types().iter().zip(types).enumerate();
    columns
        .map(|(column, (ty, data_type))| {
            to_glue(&table.value(row, column), ty, data_type).map_err(outward)
        })
        .collect()
}

impl GlueStore {
    /// The row of a key.
    fn find(&self, name: &str, table: &TableData, key: &Key) -> Result<Option<RowId>> {
        let column = self.key_column(name);
        let by_key = column.and_then(|column| {
            let ty = table.types().get(column)?;
            let value = from_glue(Value::from(key.clone()), ty).ok()?;
            let index = table.indexes().first()?;
            (index.columns == [column]).then(|| index.lookup(table, &[value]).next())
        });
        match (by_key, key) {
            (Some(found @ Some(_)), _) => Ok(found),
            (_, Key::U64(row)) => {
                let row = RowId::try_from(*row).ok();
                Ok(row.filter(|&row| table.is_live(row)))
            }
            (_, _) => Ok(None),
        }
    }

    /// Appends rows behind the last.
    fn append(&mut self, table_name: &str, rows: &[Vec<base::Value>]) -> Result<()> {
        let Some(table) = self.storage.table_mut(table_name) else {
            return Err(missing(table_name));
        };
        let columns = transpose(table, rows).map_err(outward)?;
        let (_, duplicate) = table.append(&columns, rows.len()).map_err(outward)?;
        self.duplicate = duplicate;
        Ok(())
    }

    fn take_prepared(&mut self) -> Option<Prepared> {
        self.prepared.take()
    }

    /// Puts a prepared table in place of the one called `name`.
    pub(super) fn install(&mut self, name: &str, Prepared { table, data }: Prepared) {
        let tables = &mut self.storage.catalog_mut().tables;
        tables.remove(name);
        tables.insert(table.name.clone(), Arc::new(table.clone()));
        self.storage.remove_table(name);
        self.storage.put_table(table.name, data);
    }

    fn decode(&self, table_name: &str, row: Vec<Value>) -> Result<Vec<base::Value>> {
        let table = self
            .storage
            .table(table_name)
            .ok_or_else(|| missing(table_name))?;
        row.into_iter()
            .zip(table.types())
            .map(|(value, ty)| from_glue(value, ty).map_err(outward))
            .collect()
    }
}

/// The columns in which rows differ from what is stored, and their new values.
fn differences(
    table: &TableData,
    rows: BTreeMap<RowId, Vec<base::Value>>,
) -> (Vec<usize>, Vec<(RowId, Vec<base::Value>)>) {
    let differs = |column: usize, row: RowId, value: &base::Value| {
        let stored = table.value(row, column);
        // Equal numbers may still print differently.
        let numeric = matches!(value, base::Value::Numeric(_) | base::Value::Float(_));
        numeric || stored.cmp(value).is_ne()
    };
    let columns: Vec<usize> = (0..table.types().len())
        .filter(|&column| {
            rows.iter().any(|(&row, values)| {
                let value = values.get(column);
                value.is_some_and(|value| differs(column, row, value))
            })
        })
        .collect();
    let changes = rows.into_iter().map(|(row, values)| {
        let kept = columns.iter().filter_map(|&column| values.get(column));
        (row, kept.cloned().collect())
    });
    let changes = changes.collect();
    (columns, changes)
}

/// Rows as columns of the table's types.
fn transpose(table: &TableData, rows: &[Vec<base::Value>]) -> base::Result<Vec<Arc<base::Column>>> {
    table
        .types()
        .iter()
        .enumerate()
        .map(|(at, ty)| {
            let values: Vec<base::Value> = rows
                .iter()
                .map(|row| row.get(at).cloned().unwrap_or(base::Value::Null))
                .collect();
            Ok(Arc::new(column_of(ty, &values)?))
        })
        .collect()
}

impl StoreMut for GlueStore {
    fn insert_schema(&mut self, schema: &Schema) -> Result<()> {
        if let Some(prepared) = self.take_prepared() {
            self.install(&schema.table_name, prepared);
            return Ok(());
        }
        let table = table_of(schema);
        let name = table.name.clone();
        let kept = self.storage.table(&name).is_some_and(|data| {
            let types = table.columns.iter().map(|column| &column.ty);
            data.types().iter().eq(types)
        });
        if !kept {
            self.storage.put_table(name.clone(), TableData::new(&table));
        }
        self.storage
            .catalog_mut()
            .tables
            .insert(name, Arc::new(table));
        self.schemas
            .insert(schema.table_name.clone(), schema.clone());
        Ok(())
    }

    fn delete_schema(&mut self, table_name: &str) -> Result<()> {
        self.schemas.remove(table_name);
        self.storage.catalog_mut().tables.remove(table_name);
        self.storage.remove_table(table_name);
        Ok(())
    }

    fn append_data(&mut self, table_name: &str, rows: Vec<Vec<Value>>) -> Result<()> {
        let rows = rows
            .into_iter()
            .map(|row| self.decode(table_name, row))
            .collect::<Result<Vec<_>>>()?;
        self.append(table_name, &rows)
    }

    fn insert_data(&mut self, table_name: &str, rows: Vec<(Key, Vec<Value>)>) -> Result<()> {
        let mut new = Vec::new();
        let mut changed = BTreeMap::new();
        for (key, row) in rows {
            let row = self.decode(table_name, row)?;
            let table = self
                .storage
                .table(table_name)
                .ok_or_else(|| missing(table_name))?;
            match self.find(table_name, table, &key)? {
                // Of two rows with one key the last wins.
                Some(id) => {
                    changed.insert(id, row);
                }
                None => new.push(row),
            }
        }
        if !changed.is_empty()
            && let Some(table) = self.storage.table_mut(table_name)
        {
            let (columns, changes) = differences(table, changed);
            let duplicate = table.update(&columns, &changes).map_err(outward)?;
            self.duplicate = duplicate;
        }
        if new.is_empty() {
            return Ok(());
        }
        self.append(table_name, &new)
    }

    fn delete_data(&mut self, table_name: &str, keys: Vec<Key>) -> Result<()> {
        let table = self
            .storage
            .table(table_name)
            .ok_or_else(|| missing(table_name))?;
        let mut rows = Vec::with_capacity(keys.len());
        for key in &keys {
            rows.extend(self.find(table_name, table, key)?);
        }
        if let Some(table) = self.storage.table_mut(table_name) {
            table.delete(&rows);
        }
        Ok(())
    }
}

fn missing(table_name: &str) -> Error {
    AlterTableError::TableNotFound(table_name.to_owned()).into()
}

/// With a prepared table the change is in it; without one GlueSQL's own way is taken: read the
/// rows, change the schema, write the rows.
impl AlterTable for GlueStore {
    fn rename_schema(&mut self, table_name: &str, new_table_name: &str) -> Result<()> {
        if let Some(prepared) = self.take_prepared() {
            self.install(table_name, prepared);
            return Ok(());
        }
        let mut schema = self.known(table_name)?;
        schema.table_name = new_table_name.to_owned();
        let table = table_of(&schema);
        if let Some(data) = self.storage.table(table_name).cloned() {
            self.delete_schema(table_name)?;
            let tables = &mut self.storage.catalog_mut().tables;
            tables.insert(table.name.clone(), Arc::new(table.clone()));
            self.storage.put_table(table.name, (*data).clone());
            self.schemas.insert(new_table_name.to_owned(), schema);
        }
        Ok(())
    }

    fn rename_column(
        &mut self,
        table_name: &str,
        old_column_name: &str,
        new_column_name: &str,
    ) -> Result<()> {
        if let Some(prepared) = self.take_prepared() {
            self.install(table_name, prepared);
            return Ok(());
        }
        let mut schema = self.known(table_name)?;
        let columns = schema
            .column_defs
            .as_mut()
            .ok_or_else(|| AlterTableError::SchemalessTableFound(table_name.to_owned()))?;
        if columns.iter().any(|column| column.name == new_column_name) {
            let name = new_column_name.to_owned();
            return Err(AlterTableError::AlreadyExistingColumn(name).into());
        }
        let column = columns
            .iter_mut()
            .find(|column| column.name == old_column_name)
            .ok_or(AlterTableError::RenamingColumnNotFound)?;
        column.name = new_column_name.to_owned();
        self.insert_schema(&schema)
    }

    fn add_column(&mut self, table_name: &str, column_def: &ColumnDef) -> Result<()> {
        if let Some(prepared) = self.take_prepared() {
            self.install(table_name, prepared);
            return Ok(());
        }
        let mut schema = self.known(table_name)?;
        let columns = schema
            .column_defs
            .as_mut()
            .ok_or_else(|| AlterTableError::SchemalessTableFound(table_name.to_owned()))?;
        if columns.iter().any(|column| column.name == column_def.name) {
            let name = column_def.name.clone();
            return Err(AlterTableError::AlreadyExistingColumn(name).into());
        }
        let value = match (&column_def.default, column_def.nullable) {
            (Some(default), _) => {
                let default = gluesql_core::plan::plan_scalar_expr(default.clone());
                gluesql_core::executor::evaluate_stateless(None, &default)?.try_into()?
            }
            (None, true) => Value::Null,
            (None, false) => {
                return Err(AlterTableError::DefaultValueRequired(column_def.clone()).into());
            }
        };
        columns.push(column_def.clone());
        let rows = self.rows(table_name, |row| row.push(value.clone()))?;
        self.insert_schema(&schema)?;
        self.append_data(table_name, rows)
    }

    fn drop_column(&mut self, table_name: &str, column_name: &str, if_exists: bool) -> Result<()> {
        if let Some(prepared) = self.take_prepared() {
            self.install(table_name, prepared);
            return Ok(());
        }
        let mut schema = self.known(table_name)?;
        let columns = schema
            .column_defs
            .as_mut()
            .ok_or_else(|| AlterTableError::SchemalessTableFound(table_name.to_owned()))?;
        let Some(place) = columns.iter().position(|column| column.name == column_name) else {
            return match if_exists {
                true => Ok(()),
                false => {
                    let name = column_name.to_owned();
                    Err(AlterTableError::DroppingColumnNotFound(name).into())
                }
            };
        };
        columns.remove(place);
        let rows = self.rows(table_name, |row| {
            row.remove(place);
        })?;
        self.delete_schema(table_name)?;
        self.insert_schema(&schema)?;
        self.append_data(table_name, rows)
    }
}

impl GlueStore {
    fn known(&self, table_name: &str) -> Result<Schema> {
        self.schema(table_name).ok_or_else(|| missing(table_name))
    }

    /// All rows, each changed.
    fn rows(&self, table_name: &str, change: impl Fn(&mut Vec<Value>)) -> Result<Vec<Vec<Value>>> {
        self.scan_data(table_name)?
            .map(|row| {
                let (_, mut row) = row?;
                change(&mut row);
                Ok(row)
            })
            .collect()
    }
}

impl CustomFunction for GlueStore {
    fn fetch_function<'a>(&'a self, func_name: &str) -> Result<Option<&'a Function>> {
        Ok(self.functions.get(&func_name.to_uppercase()))
    }

    fn fetch_all_functions(&self) -> Result<Vec<&Function>> {
        Ok(self.functions.values().collect())
    }
}

impl CustomFunctionMut for GlueStore {
    fn insert_function(&mut self, func: Function) -> Result<()> {
        self.functions.insert(func.func_name.to_uppercase(), func);
        Ok(())
    }

    fn delete_function(&mut self, func_name: &str) -> Result<()> {
        self.functions.remove(&func_name.to_uppercase());
        Ok(())
    }
}

/// GlueSQL's own storages know when a table was made; here no clock is read.
impl Metadata for GlueStore {
    fn scan_table_meta(&self) -> Result<MetaIter> {
        Ok(Box::new(std::iter::empty()))
    }
}
