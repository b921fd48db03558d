//! DELETE.

use super::{Writer, Written};
use crate::base::{Result, Type, Value};
use crate::engine::catalog::Table;
use crate::engine::glue;
use crate::engine::statement::Delete;
use crate::engine::storage::RowId;
use std::collections::BTreeSet;
use std::sync::Arc;

impl Writer<'_> {
    /// Executes DELETE.
    pub fn delete(&mut self, delete: &Delete) -> Result<Written> {
        let table = self.table(&delete.table)?;
        let mut columns = vec![delete.row_id];
        let extra = super::returning::extra_columns(delete.returning.as_ref(), &delete.source);
        columns.extend(extra.iter().map(|(id, _)| *id));
        let batches = self.source(&delete.source, &columns)?;
        let mut seen = BTreeSet::new();
        let mut ids = Vec::new();
        let mut places = Vec::new();
        // Another write of the same WITH may have deleted a row.
        let data = self.storage.table(&table.name);
        let live = |id| data.is_some_and(|data| data.is_live(id));
        for (number, batch) in batches.iter().enumerate() {
            let Some(column) = batch.columns.first() else {
                continue;
            };
            for row in 0..batch.rows {
                if let Value::Int(id) = column.value(row, &Type::BigInt)
                    && let Ok(id) = RowId::try_from(id)
                    && live(id)
                    && seen.insert(id)
                {
                    ids.push(id);
                    places.push((number, row as u32));
                }
            }
        }
        let result = match &delete.returning {
            Some(returning) => {
                let sources = super::returning::gather(&batches, 1, &places);
                let rows = self.stored(&table, &ids)?;
                Some(self.returning(returning, &table, rows, &extra, sources)?)
            }
            None => None,
        };
        self.remove(&table, &ids)?;
        Ok(Written {
            rows: ids.len() as u64,
            result,
        })
    }

    /// Deletes rows; what refers to them follows its action. Cascades are worked off one after
    /// the other, so that a long chain of rows takes no stack.
    fn remove(&mut self, table: &Arc<Table>, rows: &[RowId]) -> Result<()> {
        let mut work = vec![(table.clone(), rows.to_vec())];
        while let Some((table, mut rows)) = work.pop() {
            // Another cascade may have been there before.
            let data = self.storage.table(&table.name);
            rows.retain(|&row| data.is_some_and(|data| data.is_live(row)));
            if rows.is_empty() {
                continue;
            }
            let keys = self.referenced_keys(&table, &rows);
            glue::delete_rows(self.storage, &table.name, &rows)?;
            work.extend(self.follow_deletes(keys)?);
        }
        Ok(())
    }
}
