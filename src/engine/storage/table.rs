//! The rows of one table and its indexes.

use super::chunk::Chunk;
use super::index::{IndexData, live_rows, locate};
use super::vector;
use super::{CHUNK_ROWS, RowId};
use crate::base::column::Dictionary;
use crate::base::diagnostic::sqlstate;
use crate::base::{Batch, Column, Diagnostic, Result, Type, Value};
use crate::engine::catalog::{Table, Uniqueness};
use std::ops::Range;
use std::sync::Arc;

/// Below this share of the table's rows, indexes are changed row by row; above, they are sorted
/// anew.
const REBUILD_SHARE: usize = 4;

/// The rows of a table, and its indexes. A clone shares everything; a change copies what it
/// touches.
#[derive(Clone, Debug, Default)]
pub struct TableData {
    types: Arc<[Type]>,
    /// For text columns that are kept by code, the newest state of their dictionary. Chunks may
    /// hold older states; codes are the same in all.
    dictionaries: Vec<Option<Arc<Dictionary>>>,
    chunks: Vec<Arc<Chunk>>,
    rows: usize,
    indexes: Vec<IndexData>,
}

/// A key that two rows have, though an index refuses that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Duplicate {
    /// The place of the index in [`TableData::indexes`].
    pub index: usize,
    /// The newer row.
    pub row: RowId,
}

impl TableData {
    /// An empty table after its definition, with an index for each of its keys and indexes.
    pub fn new(table: &Table) -> Self {
        let types: Arc<[Type]> = table.columns.iter().map(|c| c.ty.clone()).collect();
        let dictionaries = (0..types.len())
            .map(|at| keeps_codes(table, at).then(Arc::default))
            .collect();
        let mut data = Self {
            types,
            dictionaries,
            chunks: Vec::new(),
            rows: 0,
            indexes: Vec::new(),
        };
        for key in table.unique_keys() {
            data.add_index(key.name.clone(), key.columns.clone(), Uniqueness::Unique);
        }
        for index in &table.indexes {
            data.add_index(index.name.clone(), index.columns.clone(), index.uniqueness);
        }
        data
    }

    /// The types of the columns.
    pub fn types(&self) -> &[Type] {
        &self.types
    }

    /// The rows, deleted ones included. The chunk at place `n` holds the rows from id
    /// `n * CHUNK_ROWS` on.
    pub fn chunks(&self) -> &[Arc<Chunk>] {
        &self.chunks
    }

    /// Number of rows.
    pub fn row_count(&self) -> usize {
        self.rows
    }

    /// The indexes: the primary key first, then unique constraints, then the others.
    pub fn indexes(&self) -> &[IndexData] {
        &self.indexes
    }

    /// The newest dictionary of a column that is kept by code; it knows the codes of all chunks.
    pub fn dictionary(&self, column: usize) -> Option<&Arc<Dictionary>> {
        self.dictionaries.get(column)?.as_ref()
    }

    /// The ids of all rows, in order.
    pub fn row_ids(&self) -> impl Iterator<Item = RowId> + '_ {
        live_rows(&self.chunks)
    }

    /// Whether there is such a row.
    pub fn is_live(&self, row: RowId) -> bool {
        let (chunk, at) = locate(row);
        self.chunks
            .get(chunk)
            .is_some_and(|chunk| chunk.is_live(at))
    }

    /// One value; NULL where there is none.
    pub fn value(&self, row: RowId, column: usize) -> Value {
        let (chunk, at) = locate(row);
        let stored = self.chunks.get(chunk).and_then(|c| c.columns.get(column));
        match (stored, self.types.get(column)) {
            (Some(stored), Some(ty)) => stored.value(at, ty),
            (_, _) => Value::Null,
        }
    }

    /// The values of a row.
    pub fn row(&self, row: RowId) -> Vec<Value> {
        (0..self.types.len())
            .map(|column| self.value(row, column))
            .collect()
    }

    /// Bytes held by columns, dictionaries and indexes.
    pub fn bytes(&self) -> usize {
        let chunks: usize = self.chunks.iter().map(|chunk| chunk.bytes()).sum();
        let texts: usize = self.dictionaries.iter().flatten().map(|d| d.bytes()).sum();
        let indexes: usize = self.indexes.iter().map(IndexData::bytes).sum();
        chunks + texts + indexes
    }

    /// Adds rows, given as columns of the table's types, and puts them into the indexes. Gives
    /// the ids of the new rows and the first key that was there already; the caller decides
    /// whether that undoes the change.
    pub fn append(
        &mut self,
        columns: &[Arc<Column>],
        rows: usize,
    ) -> Result<(Range<RowId>, Option<Duplicate>)> {
        let first = self.next_row();
        if first + rows > RowId::MAX as usize {
            return Err(Diagnostic::error(
                sqlstate::OUT_OF_MEMORY,
                "the table holds more rows than can be numbered",
            ));
        }
        let mut done = 0;
        while done < rows {
            if self.chunks.last().is_none_or(|chunk| chunk.room() == 0) {
                let chunk = Chunk::new(&self.types, &self.dictionaries);
                self.chunks.push(Arc::new(chunk));
            }
            let Some(chunk) = self.chunks.last_mut() else {
                break;
            };
            let chunk = Arc::make_mut(chunk);
            let part = chunk.room().min(rows - done);
            chunk.append(columns, done, part, &mut self.dictionaries)?;
            done += part;
        }
        self.rows += rows;
        let ids = first as RowId..(first + rows) as RowId;
        let duplicate = self.enter(&ids.clone().collect::<Vec<_>>(), &|_| true);
        Ok((ids, duplicate))
    }

    /// The id that the next row gets.
    pub fn next_row(&self) -> usize {
        match (self.chunks.last(), self.chunks.len().checked_sub(1)) {
            (Some(chunk), Some(place)) => place * CHUNK_ROWS + chunk.rows,
            (_, _) => 0,
        }
    }

    /// Puts rows into the indexes that `touched` names, and finds the first doubled key.
    fn enter(&mut self, rows: &[RowId], touched: &dyn Fn(&IndexData) -> bool) -> Option<Duplicate> {
        let rebuild = rows.len() > CHUNK_ROWS / 8 && rows.len() > self.rows / REBUILD_SHARE;
        let mut first: Option<Duplicate> = None;
        for (place, index) in self.indexes.iter_mut().enumerate() {
            if !touched(index) {
                continue;
            }
            let row = if rebuild {
                index.rebuild(&self.chunks);
                index.first_duplicate(&self.chunks).map(|(row, _)| row)
            } else {
                let mut doubled = None;
                for &row in rows {
                    if index.insert(&self.chunks, row).is_some() {
                        doubled = doubled.or(Some(row));
                    }
                }
                doubled
            };
            if let Some(row) = row
                && first.as_ref().is_none_or(|found| row < found.row)
            {
                first = Some(Duplicate { index: place, row });
            }
        }
        first
    }

    /// Overwrites values: for each row the new values of `columns`, in their order. A row may
    /// come only once. Gives the first key that is doubled afterwards.
    pub fn update(
        &mut self,
        columns: &[usize],
        changes: &[(RowId, Vec<Value>)],
    ) -> Result<Option<Duplicate>> {
        // Whole rows are given where one column changes: the others, and their indexes, stay.
        let changed: Vec<(usize, usize)> = columns
            .iter()
            .copied()
            .enumerate()
            .filter(|&(place, column)| {
                let mut changes = changes.iter();
                changes.any(|(row, values)| match values.get(place) {
                    Some(value) => !is_same(value, &self.value(*row, column)),
                    None => false,
                })
            })
            .collect();
        let touched = |index: &IndexData| {
            let mut changed = changed.iter();
            changed.any(|(_, column)| index.columns.contains(column))
        };
        let rebuild = changes.len() > CHUNK_ROWS / 8 && changes.len() > self.rows / REBUILD_SHARE;
        if !rebuild {
            for index in self.indexes.iter_mut().filter(|index| touched(index)) {
                for (row, _) in changes {
                    index.remove(&self.chunks, *row);
                }
            }
        }
        let mut sorted: Vec<&(RowId, Vec<Value>)> = changes.iter().collect();
        sorted.sort_by_key(|(row, _)| *row);
        for part in sorted.chunk_by(|a, b| locate(a.0).0 == locate(b.0).0) {
            let Some(chunk) = part
                .first()
                .and_then(|first| self.chunks.get_mut(locate(first.0).0))
            else {
                continue;
            };
            let chunk = Arc::make_mut(chunk);
            for &(place, column) in &changed {
                let values: Vec<(usize, &Value)> = part
                    .iter()
                    .filter_map(|(row, values)| Some((locate(*row).1, values.get(place)?)))
                    .collect();
                if let Some(dictionary) = self.dictionaries.get_mut(column) {
                    chunk.set(column, &values, dictionary)?;
                }
            }
        }
        let rows: Vec<RowId> = changes.iter().map(|(row, _)| *row).collect();
        Ok(self.enter(&rows, &touched))
    }

    /// Deletes rows; those that are not there are passed over. Gives how many went.
    pub fn delete(&mut self, rows: &[RowId]) -> usize {
        let rebuild = rows.len() > CHUNK_ROWS / 8 && rows.len() > self.rows / REBUILD_SHARE;
        let mut gone = 0;
        for &row in rows {
            if !self.is_live(row) {
                continue;
            }
            if !rebuild {
                for index in &mut self.indexes {
                    index.remove(&self.chunks, row);
                }
            }
            let (chunk, at) = locate(row);
            if let Some(chunk) = self.chunks.get_mut(chunk)
                && Arc::make_mut(chunk).delete(at)
            {
                gone += 1;
            }
        }
        self.rows -= gone;
        if self.rows == 0 {
            self.truncate();
        } else if rebuild {
            for index in &mut self.indexes {
                index.rebuild(&self.chunks);
            }
        }
        gone
    }

    /// Deletes all rows.
    pub fn truncate(&mut self) {
        self.chunks.clear();
        self.rows = 0;
        for dictionary in self.dictionaries.iter_mut().flatten() {
            *dictionary = Arc::default();
        }
        for index in &mut self.indexes {
            index.rebuild(&[]);
        }
    }

    /// Adds an index over the rows that are there. Gives the first doubled key if it is unique.
    pub fn add_index(
        &mut self,
        name: Arc<str>,
        columns: Vec<usize>,
        uniqueness: Uniqueness,
    ) -> Option<Duplicate> {
        let mut index = IndexData::new(name, columns, uniqueness);
        index.rebuild(&self.chunks);
        let duplicate = index
            .first_duplicate(&self.chunks)
            .map(|(row, _)| Duplicate {
                index: self.indexes.len(),
                row,
            });
        self.indexes.push(index);
        duplicate
    }

    /// Takes an index away.
    pub fn drop_index(&mut self, name: &str) {
        self.indexes.retain(|index| &*index.name != name);
    }

    /// Gives an index another name.
    pub fn rename_index(&mut self, name: &str, new_name: &Arc<str>) {
        for index in &mut self.indexes {
            if &*index.name == name {
                index.name = new_name.clone();
            }
        }
    }
}

/// Whether two values are the same to the last digit; false where that is not told in a moment.
fn is_same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Null, Value::Null) => true,
        (Value::Bool(a), Value::Bool(b)) => a == b,
        (Value::Int(a), Value::Int(b))
        | (Value::Time(a), Value::Time(b))
        | (Value::Timestamp(a), Value::Timestamp(b)) => a == b,
        (Value::Date(a), Value::Date(b)) => a == b,
        (Value::Numeric(a), Value::Numeric(b)) => {
            (a.mantissa(), a.scale()) == (b.mantissa(), b.scale())
        }
        (Value::Text(a), Value::Text(b)) => a == b,
        (_, _) => false,
    }
}

/// Texts that repeat are kept by code; those of a unique column never do.
fn keeps_codes(table: &Table, column: usize) -> bool {
    let text = table
        .columns
        .get(column)
        .is_some_and(|c| c.ty.is_text() || matches!(c.ty, Type::Json | Type::Unknown));
    text && !table.unique_keys().any(|key| key.columns == [column])
}

/// All rows of a table, without deleted ones.
pub fn live(data: &TableData) -> Vec<Batch> {
    let chunks = data.chunks().iter();
    let batches = chunks.map(|chunk| live_in(chunk));
    batches.filter(|batch| batch.rows > 0).collect()
}

/// The rows of a chunk, without deleted ones.
pub fn live_in(chunk: &Chunk) -> Batch {
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
}

/// A column of a type from single values.
pub fn column_of(ty: &Type, values: &[Value]) -> Result<Column> {
    vector::from_values(ty, values)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::column::Vector;
    use crate::engine::catalog::{self, Unique};
    use std::ops::Bound;

    fn definition() -> Table {
        let column = |name: &str, ty| catalog::Column::plain(name.into(), ty);
        Table {
            columns: vec![column("id", Type::BigInt), column("kind", Type::Text)],
            primary_key: Some(Unique {
                name: "t_pkey".into(),
                columns: vec![0],
            }),
            indexes: vec![catalog::Index {
                name: "t_kind".into(),
                columns: vec![1, 0],
                uniqueness: Uniqueness::Plain,
            }],
            ..Table::empty("t".into())
        }
    }

    /// `rows` rows `(n, kind n % 7)`, in an order that is not the key's.
    fn filled(rows: i64) -> TableData {
        let mut table = TableData::new(&definition());
        for part in 0..10 {
            let ids: Vec<i64> = (0..rows).filter(|n| n * 7 % 10 == part).collect();
            let kinds = ids.iter().map(|n| Value::text(format!("k{}", n % 7)));
            let kinds: Vec<Value> = kinds.collect();
            let count = ids.len();
            let columns = [
                Arc::new(Column::new(Vector::Int(ids))),
                Arc::new(column_of(&Type::Text, &kinds).unwrap()),
            ];
            assert_eq!(table.append(&columns, count).unwrap().1, None);
        }
        table
    }

    fn ids(table: &TableData, rows: impl Iterator<Item = RowId>) -> Vec<i64> {
        rows.map(|row| match table.value(row, 0) {
            Value::Int(id) => id,
            other => panic!("{other:?}"),
        })
        .collect()
    }

    fn check(table: &TableData) {
        for index in table.indexes() {
            assert_eq!(index.len(), table.row_count(), "{}", index.name);
            assert_eq!(index.rows().count(), table.row_count(), "{}", index.name);
            assert_eq!(index.first_duplicate(table.chunks()), None);
        }
        let primary = ids(table, table.indexes()[0].rows());
        assert!(primary.is_sorted());
        let kinds = table.indexes()[1]
            .rows()
            .map(|row| match table.value(row, 1) {
                Value::Text(kind) => kind,
                other => panic!("{other:?}"),
            });
        assert!(kinds.is_sorted());
    }

    #[test]
    fn indexes_give_rows_in_order_and_by_key() {
        let table = filled(20_000);
        check(&table);
        let [primary, kind] = table.indexes() else {
            panic!("two indexes")
        };
        let one = primary.lookup(&table, &[Value::Int(12_345)]);
        assert_eq!(ids(&table, one), [12_345]);
        assert_eq!(primary.lookup(&table, &[Value::Int(20_000)]).count(), 0);
        assert_eq!(kind.lookup(&table, &[Value::text("k3")]).count(), 2857);
        let (low, high) = (Value::Int(100), Value::Int(120));
        let range = kind.range(
            &table,
            &[Value::text("k3")],
            Bound::Included(&low),
            Bound::Excluded(&high),
        );
        assert_eq!(range.count_left(), 3);
        assert_eq!(ids(&table, range.rev()), [115, 108, 101]);
    }

    #[test]
    fn changes_keep_indexes_and_leave_snapshots_alone() {
        let mut table = filled(20_000);
        let before = table.clone();
        let rows: Vec<RowId> = table.row_ids().step_by(3).take(400).collect();
        assert_eq!(table.delete(&rows), 400);
        check(&table);
        let rows: Vec<_> = table.row_ids().step_by(5).take(300).collect();
        let changes: Vec<_> = rows
            .iter()
            .map(|&row| (row, vec![Value::text("changed")]))
            .collect();
        assert_eq!(table.update(&[1], &changes).unwrap(), None);
        check(&table);
        let changed = table.indexes()[1].lookup(&table, &[Value::text("changed")]);
        assert_eq!(changed.count(), 300);
        check(&before);
        assert_eq!(before.row_count(), 20_000);
        let all: Vec<RowId> = table.row_ids().collect();
        assert_eq!(table.delete(&all), 19_600);
        check(&table);
    }

    #[test]
    fn equal_keys_are_reported_for_the_newer_row() {
        let mut table = filled(100);
        let columns = [
            Arc::new(Column::new(Vector::Int(vec![500, 7]))),
            Arc::new(column_of(&Type::Text, &[Value::Null, Value::Null]).unwrap()),
        ];
        let (ids, duplicate) = table.append(&columns, 2).unwrap();
        assert_eq!(ids, 100..102);
        assert_eq!(duplicate, Some(Duplicate { index: 0, row: 101 }));
    }
}
