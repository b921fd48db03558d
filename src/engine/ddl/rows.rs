//! Bringing rows into the shape of a changed table.

use crate::base::{Batch, Column, Result};
use crate::engine::catalog::Table;
use crate::engine::storage::TableData;
use std::sync::Arc;

/// All rows of a table, without deleted ones.
pub(super) fn live(data: &TableData) -> Vec<Batch> {
    data.chunks()
        .iter()
        .map(|chunk| {
            if chunk.deleted.is_none() {
                return Batch {
                    columns: chunk.columns.clone(),
                    rows: chunk.rows,
                };
            }
            let live: Vec<u32> = (0..chunk.rows)
                .filter(|&row| chunk.is_live(row))
                .map(|row| row as u32)
                .collect();
            let columns = chunk.columns.iter();
            Batch {
                columns: columns.map(|column| Arc::new(column.take(&live))).collect(),
                rows: live.len(),
            }
        })
        .filter(|batch| batch.rows > 0)
        .collect()
}

/// The rows of a table after its new definition: `shape` gives the columns of each batch.
pub(super) fn reshape(
    data: &TableData,
    table: &Table,
    mut shape: impl FnMut(Batch) -> Result<Vec<Arc<Column>>>,
) -> Result<TableData> {
    let mut new = TableData::new(table);
    for batch in live(data) {
        let rows = batch.rows;
        let columns = shape(batch)?;
        new.append(&columns, rows)?;
    }
    Ok(new)
}
