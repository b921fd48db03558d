//! INSERT.

use super::constraint::unique_violation;
use super::{Writer, Written};
use crate::base::{Batch, Result, Value};
use crate::engine::catalog::Table;
use crate::engine::glue;
use crate::engine::statement::Insert;
use crate::engine::storage::RowId;
use std::ops::Range;
use std::sync::Arc;

impl Writer<'_> {
    /// Executes INSERT.
    pub fn insert(&mut self, insert: &Insert) -> Result<Written> {
        let table = self.table(&insert.table)?;
        let mut batches = self.source(&insert.source, &insert.columns)?;
        for batch in &mut batches {
            *batch = self.complete(&table, std::mem::take(batch))?;
            self.check_rows(&table, batch)?;
        }
        let written = match &insert.on_conflict {
            Some(on_conflict) => self.upsert(&table, &batches, on_conflict)?,
            None => {
                let mut rows = Vec::new();
                for batch in &batches {
                    rows.extend(self.append(&table, batch)?);
                }
                rows
            }
        };
        self.check_written(&table)?;
        self.refer(&table, &written);
        let result = match &insert.returning {
            Some(returning) => Some(self.returning_stored(returning, &table, &written)?),
            None => None,
        };
        Ok(Written {
            rows: written.len() as u64,
            result,
        })
    }

    /// Appends checked rows; their keys must be new.
    pub(super) fn append(&mut self, table: &Table, rows: &Batch) -> Result<Range<RowId>> {
        let values = rows_of(table, rows);
        let (ids, duplicate) = glue::append_rows(self.storage, &table.name, &values)?;
        match (duplicate, self.storage.table(&table.name)) {
            (Some(duplicate), Some(data)) => Err(unique_violation(table, data, &duplicate)),
            (_, _) => Ok(ids),
        }
    }
}

/// The rows of a batch that holds all columns of the table.
pub(super) fn rows_of(table: &Table, batch: &Batch) -> Vec<Vec<Value>> {
    (0..batch.rows)
        .map(|row| row_of(table, batch, row))
        .collect()
}

/// One row of a batch that holds all columns of the table.
pub(super) fn row_of(table: &Table, batch: &Batch, row: usize) -> Vec<Value> {
    table
        .columns
        .iter()
        .zip(&batch.columns)
        .map(|(definition, column)| column.value(row, &definition.ty))
        .collect()
}

/// Rows that hold all columns of the table, as a batch.
pub(super) fn batch_of(table: &Table, rows: &[&[Value]]) -> Result<Batch> {
    let columns = table.columns.iter().enumerate().map(|(place, definition)| {
        let values: Vec<Value> = rows
            .iter()
            .map(|row| row.get(place).cloned().unwrap_or(Value::Null))
            .collect();
        Ok(Arc::new(crate::engine::storage::column_of(
            &definition.ty,
            &values,
        )?))
    });
    Ok(Batch {
        columns: columns.collect::<Result<_>>()?,
        rows: rows.len(),
    })
}
