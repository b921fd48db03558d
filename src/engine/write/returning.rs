//! RETURNING.

use super::Writer;
use crate::base::{Batch, Column, Result, ResultSet, Value};
use crate::engine::catalog::Table;
use crate::engine::eval::{Compiled, Layout};
use crate::engine::expr::ColumnId;
use crate::engine::plan::ColumnSet;
use crate::engine::statement::Returning;
use crate::engine::storage::RowId;
use std::sync::Arc;

/// The columns that RETURNING reads besides those of the table's row.
pub(super) fn extra_columns(returning: Option<&Returning>) -> Vec<ColumnId> {
    let Some(returning) = returning else {
        return Vec::new();
    };
    let mut read = ColumnSet::default();
    for expr in &returning.exprs {
        expr.read_into(&mut read);
    }
    read.iter()
        .filter(|id| !returning.row.contains(id))
        .collect()
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
        self.returning(returning, rows, &[], Vec::new())
    }

    /// RETURNING over whole rows and further columns of the source beside them.
    pub(super) fn returning(
        &self,
        returning: &Returning,
        mut rows: Batch,
        extra: &[ColumnId],
        sources: Vec<Arc<Column>>,
    ) -> Result<ResultSet> {
        let layout = Layout::new(returning.row.iter().chain(extra).copied());
        let mut batches = Vec::new();
        if rows.rows > 0 {
            rows.columns.extend(sources);
            let columns = returning
                .exprs
                .iter()
                .map(|expr| Compiled::new(expr, &layout, &self.eval)?.evaluate(&rows, &self.eval))
                .collect::<Result<_>>()?;
            batches.push(Batch {
                columns,
                rows: rows.rows,
            });
        }
        Ok(ResultSet {
            fields: returning.fields.clone(),
            batches,
        })
    }
}
