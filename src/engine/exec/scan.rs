//! Reads stored tables: chunk by chunk, or only the rows that an index finds.

use super::build::evaluate;
use super::filter::keep;
use super::join::{Key, KeyEquality};
use super::keys::{KeyEncoder, KeyTable};
use super::{BATCH_ROWS, Context, Operator};
use crate::base::{Batch, Bitmap, Column, Result, Type, Value, Vector};
use crate::engine::eval::Compiled;
use crate::engine::plan::ScanColumn;
use crate::engine::storage::{CHUNK_ROWS, Chunk, RowId, TableData};
use std::ops::Bound;
use std::sync::Arc;

/// Which columns a scan gives, and which of the rows it reads it lets through.
pub struct ScanOutput {
    /// The columns and their types.
    pub columns: Vec<(ScanColumn, Type)>,
    /// Conjuncts over these columns.
    pub predicates: Vec<Compiled>,
}

/// Reads every chunk of a table.
pub struct TableScan {
    /// The table.
    pub table: Arc<TableData>,
    /// What it gives.
    pub output: ScanOutput,
    /// Ranges that integer-like columns must lie in: chunks outside are left out unread.
    pub zones: Vec<(usize, Bound<i64>, Bound<i64>)>,
    /// The next chunk.
    pub chunk: usize,
}

impl Operator for TableScan {
    fn next(&mut self, context: &Context<'_>) -> Result<Option<Batch>> {
        while let Some(chunk) = self.table.chunks().get(self.chunk) {
            let first = (self.chunk * CHUNK_ROWS) as RowId;
            self.chunk += 1;
            if chunk.live_rows() == 0 || self.lies_outside(chunk) {
                continue;
            }
            context.budget.check()?;
            let mut batch = Batch {
                columns: self
                    .output
                    .columns
                    .iter()
                    .map(|(column, _)| chunk_column(&self.table, chunk, *column, first))
                    .collect(),
                rows: chunk.rows,
            };
            if chunk.deleted.is_some() {
                let live: Vec<u32> = (0..chunk.rows)
                    .filter(|&row| chunk.is_live(row))
                    .map(|row| row as u32)
                    .collect();
                batch = super::take(&batch, &live);
            }
            let batch = keep(&self.output.predicates, batch, context)?;
            if batch.rows > 0 {
                return Ok(Some(batch));
            }
        }
        Ok(None)
    }
}

impl TableScan {
    fn lies_outside(&self, chunk: &Chunk) -> bool {
        self.zones.iter().any(|(column, low, high)| {
            let Some(Some(zone)) = chunk.zones.get(*column) else {
                return false;
            };
            let below = match high {
                Bound::Included(high) => zone.min > *high,
                Bound::Excluded(high) => zone.min >= *high,
                Bound::Unbounded => false,
            };
            let above = match low {
                Bound::Included(low) => zone.max < *low,
                Bound::Excluded(low) => zone.max <= *low,
                Bound::Unbounded => false,
            };
            below || above
        })
    }
}

/// One column of a chunk. Texts are given with the table's newest dictionary, which knows all
/// codes, so that all batches share it.
fn chunk_column(table: &TableData, chunk: &Chunk, column: ScanColumn, first: RowId) -> Arc<Column> {
    let place = match column {
        ScanColumn::RowId => {
            let ids = (0..chunk.rows)
                .map(|row| i64::from(first) + row as i64)
                .collect();
            return Arc::new(Column::new(Vector::Int(ids)));
        }
        ScanColumn::Stored(place) => place,
    };
    let Some(column) = chunk.columns.get(place) else {
        return Arc::new(Column::nulls(chunk.rows, &Type::Unknown));
    };
    if let (Vector::Dict(codes, own), Some(newest)) = (&column.vector, table.dictionary(place))
        && !Arc::ptr_eq(own, newest)
    {
        return Arc::new(Column {
            vector: Vector::Dict(codes.clone(), newest.clone()),
            validity: column.validity.clone(),
        });
    }
    column.clone()
}

/// How an index finds rows.
#[derive(Clone, Debug)]
pub enum Access {
    /// Rows whose leading columns equal one of these keys.
    Keys(Vec<Vec<Value>>),
    /// Rows whose leading columns equal the prefix and whose next column lies in the bounds.
    Range(Vec<Value>, Bound<Value>, Bound<Value>),
    /// All rows in key order.
    Ordered,
    /// All rows in reverse key order.
    Reversed,
}

/// Reads the rows that an index finds, in the index's order.
pub struct IndexScan {
    /// The table.
    pub table: Arc<TableData>,
    /// Which of its indexes.
    pub index: usize,
    /// Which rows.
    pub access: Access,
    /// What it gives.
    pub output: ScanOutput,
    /// The rows found, once looked up, and how many have been read.
    pub found: Option<(Vec<RowId>, usize)>,
    /// How many rows the first batch holds; later ones hold more. Small where a limit may stop
    /// the scan early.
    pub first_batch: usize,
}

impl IndexScan {
    fn find(&self) -> Vec<RowId> {
        let Some(index) = self.table.indexes().get(self.index) else {
            return Vec::new();
        };
        match &self.access {
            Access::Keys(keys) => {
                let mut rows: Vec<RowId> = keys
                    .iter()
                    .filter(|key| !key.iter().any(Value::is_null))
                    .flat_map(|key| index.lookup(&self.table, key))
                    .collect();
                if keys.len() > 1 {
                    rows.sort_unstable();
                    rows.dedup();
                }
                rows
            }
            Access::Range(prefix, low, high) => index
                .range(&self.table, prefix, low.as_ref(), high.as_ref())
                .collect(),
            Access::Ordered => index.rows().collect(),
            Access::Reversed => index.rows().rev().collect(),
        }
    }
}

impl Operator for IndexScan {
    fn next(&mut self, context: &Context<'_>) -> Result<Option<Batch>> {
        if self.found.is_none() {
            self.found = Some((self.find(), 0));
        }
        let mut size = self.first_batch;
        loop {
            let Some((rows, read)) = &mut self.found else {
                return Ok(None);
            };
            let end = (*read + size).min(rows.len());
            let part = rows.get(*read..end).unwrap_or(&[]);
            if part.is_empty() {
                return Ok(None);
            }
            *read = end;
            size = BATCH_ROWS;
            self.first_batch = BATCH_ROWS;
            context.budget.check()?;
            let batch = gather(&self.table, &self.output.columns, part);
            let batch = keep(&self.output.predicates, batch, context)?;
            if batch.rows > 0 {
                return Ok(Some(batch));
            }
        }
    }
}

/// Looks rows of a table up by the keys of a join.
pub struct IndexReader {
    /// The table.
    pub table: Arc<TableData>,
    /// Which of its indexes.
    pub index: usize,
    /// Which join keys its leading columns are, in the index's order.
    pub keys: Vec<usize>,
    /// What it gives.
    pub output: ScanOutput,
}

impl IndexReader {
    /// The rows whose keys occur in the left batches.
    pub fn read(&self, left: &[Batch], keys: &[Key], context: &Context<'_>) -> Result<Vec<Batch>> {
        let Some(index) = self.table.indexes().get(self.index) else {
            return Ok(Vec::new());
        };
        let used: Vec<&Key> = self.keys.iter().filter_map(|&at| keys.get(at)).collect();
        let types: Vec<Type> = used.iter().map(|key| key.ty.clone()).collect();
        let mut encoder = KeyEncoder::new(used.len());
        let mut seen = KeyTable::new(used.len());
        let mut rows = Vec::new();
        for batch in left {
            let columns = evaluate(used.iter().map(|key| &key.left), batch, context)?;
            let words = encoder.encode(&columns, &types, batch.rows);
            let mut known = seen.len() as u32;
            for (row, number) in seen.insert_all(&words, batch.rows).into_iter().enumerate() {
                if number < known {
                    continue;
                }
                known = number + 1;
                let key: Vec<Value> = columns
                    .iter()
                    .zip(&types)
                    .map(|(column, ty)| column.value(row, ty))
                    .collect();
                let unmatched = key
                    .iter()
                    .zip(&used)
                    .any(|(value, key)| value.is_null() && key.equality != KeyEquality::NullSafe);
                if !unmatched {
                    rows.extend(index.lookup(&self.table, &key));
                }
            }
            context.budget.check()?;
        }
        rows.sort_unstable();
        let mut batches = Vec::new();
        for part in rows.chunks(BATCH_ROWS * 4) {
            let batch = gather(&self.table, &self.output.columns, part);
            let batch = keep(&self.output.predicates, batch, context)?;
            if batch.rows > 0 {
                context.budget.take(super::batch_bytes(&batch))?;
                batches.push(batch);
            }
        }
        Ok(batches)
    }
}

/// Looking a key up in an index costs about this many times reading a row of a table,
const LOOK_UP_COST: u64 = 12;
/// and each row that it finds beside the first this many times: it is read out of its order.
const FOUND_COST: u64 = 4;

/// Up to how many keys are better looked up in an index, by so many of its leading columns, than
/// found while the whole table is read.
pub fn keys_worth_looking_up(table: &TableData, index: usize, leading: usize) -> usize {
    let rows = table.row_count() as u64;
    let columns = table
        .indexes()
        .get(index)
        .map_or(&[][..], |index| &index.columns);
    let keys = columns
        .iter()
        .take(leading)
        .map(|&column| table.distinct(column))
        .max();
    let found = rows / keys.unwrap_or(rows).max(1);
    (rows / (LOOK_UP_COST + FOUND_COST * found.saturating_sub(1))) as usize
}

/// The rows with these ids.
pub fn gather(table: &TableData, columns: &[(ScanColumn, Type)], rows: &[RowId]) -> Batch {
    Batch {
        columns: columns
            .iter()
            .map(|(column, ty)| Arc::new(gather_column(table, *column, ty, rows)))
            .collect(),
        rows: rows.len(),
    }
}

fn gather_column(table: &TableData, column: ScanColumn, ty: &Type, rows: &[RowId]) -> Column {
    let place = match column {
        ScanColumn::RowId => {
            return Column::new(Vector::Int(
                rows.iter().map(|&row| i64::from(row)).collect(),
            ));
        }
        ScanColumn::Stored(place) => place,
    };
    let stored = |row: RowId| {
        let (chunk, at) = (row as usize / CHUNK_ROWS, row as usize % CHUNK_ROWS);
        table
            .chunks()
            .get(chunk)
            .and_then(|chunk| chunk.columns.get(place))
            .map(|column| (column, at))
    };
    let validity = || {
        let nulls = rows
            .iter()
            .any(|&row| stored(row).is_none_or(|(column, at)| column.is_null(at)));
        nulls.then(|| {
            rows.iter()
                .map(|&row| stored(row).is_some_and(|(column, at)| !column.is_null(at)))
                .collect::<Bitmap>()
        })
    };
    // Every chunk holds the column in one form, but for numerics that are decimals where they
    // can be.
    let form = rows.first().and_then(|&row| stored(row));
    let vector = match form.map(|(column, _)| &column.vector) {
        Some(Vector::Int(_)) => integers(rows, stored, |vector| match vector {
            Vector::Int(values) => Some(values),
            _ => None,
        })
        .map(Vector::Int),
        Some(Vector::Decimal(_, scale)) => integers(rows, stored, |vector| match vector {
            Vector::Decimal(values, own) if own == scale => Some(values),
            _ => None,
        })
        .map(|values| Vector::Decimal(values, *scale)),
        Some(Vector::Dict(_, _)) => {
            let codes: Option<Vec<u32>> = rows
                .iter()
                .map(|&row| match stored(row) {
                    Some((column, at)) => match &column.vector {
                        Vector::Dict(codes, _) => codes.get(at).copied(),
                        _ => None,
                    },
                    None => None,
                })
                .collect();
            codes
                .zip(table.dictionary(place))
                .map(|(codes, dictionary)| Vector::Dict(codes, dictionary.clone()))
        }
        _ => None,
    };
    match vector {
        Some(vector) => Column {
            vector,
            validity: validity(),
        },
        None => {
            let values: Vec<Value> = rows.iter().map(|&row| table.value(row, place)).collect();
            Column::from_values(&values, ty)
        }
    }
}

fn integers<'t>(
    rows: &[RowId],
    stored: impl Fn(RowId) -> Option<(&'t Arc<Column>, usize)>,
    values: impl Fn(&'t Vector) -> Option<&'t Vec<i64>>,
) -> Option<Vec<i64>> {
    rows.iter()
        .map(|&row| {
            let (column, at) = stored(row)?;
            values(&column.vector)?.get(at).copied()
        })
        .collect()
}
