//! Bringing rows into the shape of a changed table.

use crate::base::{Batch, Column, Result};
use crate::engine::catalog::Table;
use crate::engine::storage::TableData;
pub(super) use crate::engine::storage::live;
use std::sync::Arc;

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
