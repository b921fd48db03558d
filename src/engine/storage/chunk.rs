//! Chunks: a fixed number of rows of one table, column by column.

use super::CHUNK_ROWS;
use super::vector;
use crate::base::column::{Dictionary, Vector};
use crate::base::{Bitmap, Column, Result, Type, Value};
use std::sync::Arc;

/// Up to [`CHUNK_ROWS`] rows of a table.
#[derive(Clone, Debug, Default)]
pub struct Chunk {
    /// A column for each column of the table, all of `rows` rows.
    pub columns: Vec<Arc<Column>>,
    /// Number of rows, deleted ones included.
    pub rows: usize,
    /// Set for rows that are deleted; absent when none is.
    pub deleted: Option<Bitmap>,
    /// For each column the smallest and the largest value, where the column holds integers or
    /// scaled decimals. They may be wider than the values that are there now.
    pub zones: Vec<Option<Zone>>,
}

/// The smallest and the largest value of a column within a chunk, NULLs left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Zone {
    /// No value is smaller.
    pub min: i64,
    /// No value is larger.
    pub max: i64,
}

impl Zone {
    fn widen(zone: Option<Self>, value: i64) -> Option<Self> {
        Some(match zone {
            None => Self {
                min: value,
                max: value,
            },
            Some(zone) => Self {
                min: zone.min.min(value),
                max: zone.max.max(value),
            },
        })
    }
}

impl Chunk {
    /// An empty chunk for columns of these types.
    pub(super) fn new(types: &[Type], dictionaries: &[Option<Arc<Dictionary>>]) -> Self {
        let columns = types
            .iter()
            .zip(dictionaries)
            .map(|(ty, dictionary)| Arc::new(Column::new(vector::empty(ty, dictionary.as_ref()))))
            .collect::<Vec<_>>();
        Self {
            zones: vec![None; columns.len()],
            columns,
            rows: 0,
            deleted: None,
        }
    }

    /// Whether the row is there and not deleted.
    #[inline]
    pub fn is_live(&self, offset: usize) -> bool {
        offset < self.rows && !self.deleted.as_ref().is_some_and(|gone| gone.get(offset))
    }

    /// Number of rows that are not deleted.
    pub fn live_rows(&self) -> usize {
        self.rows - self.deleted.as_ref().map_or(0, Bitmap::count_ones)
    }

    /// How many rows still fit.
    pub(super) fn room(&self) -> usize {
        CHUNK_ROWS.saturating_sub(self.rows)
    }

    /// Adds rows `from..from + rows` of the sources behind the last; the caller saw to it that
    /// they fit.
    pub(super) fn append(
        &mut self,
        sources: &[Arc<Column>],
        from: usize,
        rows: usize,
        dictionaries: &mut [Option<Arc<Dictionary>>],
    ) -> Result<()> {
        let targets = self.columns.iter_mut().zip(&mut self.zones);
        for (((target, zone), source), dictionary) in
            targets.zip(sources).zip(dictionaries.iter_mut())
        {
            let target = Arc::make_mut(target);
            vector::append(target, source, from, rows, dictionary)?;
            for row in self.rows..self.rows + rows {
                if let Some(value) = whole(target, row) {
                    *zone = Zone::widen(*zone, value);
                }
            }
        }
        self.rows += rows;
        if let Some(deleted) = &mut self.deleted {
            for _ in 0..rows {
                deleted.push(false);
            }
        }
        Ok(())
    }

    /// Overwrites values of a column: offsets and new values, by rising offset.
    pub(super) fn set(
        &mut self,
        column: usize,
        changes: &[(usize, &Value)],
        dictionary: &mut Option<Arc<Dictionary>>,
    ) -> Result<()> {
        if let (Some(target), Some(zone)) =
            (self.columns.get_mut(column), self.zones.get_mut(column))
        {
            let target = Arc::make_mut(target);
            vector::set(target, changes, dictionary)?;
            for &(offset, _) in changes {
                if let Some(value) = whole(target, offset) {
                    *zone = Zone::widen(*zone, value);
                }
            }
        }
        Ok(())
    }

    /// Marks a row as deleted; false if it was not there.
    pub(super) fn delete(&mut self, offset: usize) -> bool {
        if !self.is_live(offset) {
            return false;
        }
        let rows = self.rows;
        self.deleted
            .get_or_insert_with(|| Bitmap::filled(rows, false))
            .set(offset, true);
        true
    }

    /// Bytes held, dictionaries left out.
    pub fn bytes(&self) -> usize {
        let columns: usize = self.columns.iter().map(|column| column.bytes()).sum();
        columns + self.deleted.as_ref().map_or(0, Bitmap::bytes)
    }
}

/// The integer a zone counts, if the row has one.
#[inline]
fn whole(column: &Column, row: usize) -> Option<i64> {
    match &column.vector {
        Vector::Int(values) | Vector::Decimal(values, _) if !column.is_null(row) => {
            values.get(row).copied()
        }
        _ => None,
    }
}
