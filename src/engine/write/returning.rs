//! RETURNING.

use super::Writer;
use crate::base::{Batch, Column, Result, ResultSet, Type, Value};
use crate::engine::catalog::Table;
use crate::engine::expr::ColumnId;
use crate::engine::plan::{ColumnSet, Plan};
use crate::engine::statement::Returning;
use crate::engine::storage::RowId;
use std::sync::Arc;

/// The columns that RETURNING reads besides those of the table's row.
pub(super) fn extra_columns(returning: Option<&Returning>, source: &Plan) -> Vec<(ColumnId, Type)> {
    let Some(returning) = returning else {
        return Vec::new();
    };
    let mut read = ColumnSet::default();
    for expr in &returning.exprs {
        expr.read_into(&mut read);
    }
    let mut given = source.columns();
    given.retain(|(id, _)| read.contains(*id) && !returning.row.contains(id));
    given
}

/// The columns behind the first `skip`, of the rows at `places` (batch and row).
pub(super) fn gather(batches: &[Batch], skip: usize, places: &[(usize, u32)]) -> Vec<Arc<Column>> {
    let Some(width) = batches.first().map(|batch| batch.columns.len()) else {
        return Vec::new();
    };
    (skip..width)
        .map(|column| {
            let mut parts: Vec<Arc<Column>> = Vec::new();
            for (number, batch) in batches.iter().enumerate() {
                let rows: Vec<u32> = places
                    .iter()
                    .filter(|(of, _)| *of == number)
                    .map(|(_, row)| *row)
                    .collect();
                if let Some(column) = batch.columns.get(column) {
                    parts.push(Arc::new(column.take(&rows)));
                }
            }
            match parts.as_slice() {
                [only] => only.clone(),
                // Concatenation asks for a type only when there is no part to take it from.
                parts => Arc::new(Column::concat(parts, &crate::base::Type::BigInt)),
            }
        })
        .collect()
}

impl Writer<'_> {
    /// Whole rows as they are stored now.
    pub(super) fn stored(&self, table: &Table, rows: &[RowId]) -> Result<Batch> {
        let rows: Vec<Vec<Value>> = match self.storage.table(&table.name) {
            Some(data) => rows.iter().map(|&row| data.row(row)).collect(),
            None => Vec::new(),
        };
        let rows: Vec<&[Value]> = rows.iter().map(Vec::as_slice).collect();
        super::insert::batch_of(table, &rows)
    }

    /// RETURNING over rows as they are stored now.
    pub(super) fn returning_stored(
        &self,
        returning: &Returning,
        table: &Table,
        rows: &[RowId],
    ) -> Result<ResultSet> {
        let rows = self.stored(table, rows)?;
        self.returning(returning, table, rows, &[], Vec::new())
    }

    /// RETURNING over whole rows and further columns of the source beside them.
    pub(super) fn returning(
        &self,
        returning: &Returning,
        table: &Table,
        mut rows: Batch,
        extra: &[(ColumnId, Type)],
        sources: Vec<Arc<Column>>,
    ) -> Result<ResultSet> {
        let own = returning.row.iter().zip(&table.columns);
        let columns: Vec<(ColumnId, Type)> = own
            .map(|(id, column)| (*id, column.ty.clone()))
            .chain(extra.iter().cloned())
            .collect();
        let mut batches = Vec::new();
        if rows.rows > 0 {
            rows.columns.extend(sources);
            batches.push(Batch {
                columns: self.evaluate(&returning.exprs, &columns, &rows)?,
                rows: rows.rows,
            });
        }
        Ok(ResultSet {
            fields: returning.fields.clone(),
            batches,
        })
    }
}
