//! Ordered indexes: row ids in key order, four bytes a row, compared through the table's columns.
//!
//! Two levels: leaves of at most [`LEAF_ROWS`] row ids, and the list of leaves. A change copies
//! one leaf and the list, so a snapshot shares all the rest. Rows with equal keys stand in the
//! order of their ids; NULLs come last.

use super::chunk::Chunk;
use super::order::{compare_entries, compare_entry_value};
use super::{CHUNK_ROWS, RowId, TableData};
use crate::base::column::Vector;
use crate::base::{Column, Value};
use crate::engine::catalog::Uniqueness;
use std::cmp::Ordering;
use std::ops::Bound;
use std::sync::Arc;

/// Row ids a leaf holds before it is split.
const LEAF_ROWS: usize = 1024;

/// An index over columns of a table.
#[derive(Clone, Debug)]
pub struct IndexData {
    /// Its name, or that of the constraint it serves.
    pub name: Arc<str>,
    /// The columns, most significant first.
    pub columns: Vec<usize>,
    /// Whether equal keys are refused.
    pub uniqueness: Uniqueness,
    leaves: Arc<Vec<Arc<Vec<RowId>>>>,
    rows: usize,
}

/// A place in an index: before the row `at` of a leaf.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Place {
    leaf: usize,
    at: usize,
}

impl IndexData {
    /// An empty index.
    pub fn new(name: Arc<str>, columns: Vec<usize>, uniqueness: Uniqueness) -> Self {
        Self {
            name,
            columns,
            uniqueness,
            leaves: Arc::default(),
            rows: 0,
        }
    }

    /// Number of rows in it.
    pub fn len(&self) -> usize {
        self.rows
    }

    /// Whether it holds no row.
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// Bytes held.
    pub fn bytes(&self) -> usize {
        self.leaves
            .iter()
            .map(|leaf| leaf.capacity() * size_of::<RowId>() + 40)
            .sum()
    }

    /// The rows whose leading columns equal `key`, which holds at most as many values as the index
    /// has columns. A NULL in the key equals the NULLs of its column.
    pub fn lookup<'a>(&'a self, table: &TableData, key: &[Value]) -> Rows<'a> {
        if let Some(row) = self.guess(table, key) {
            return Rows::one(row);
        }
        let chunks = table.chunks();
        let from = self.place(|row| compare_key(chunks, &self.columns, row, key).is_lt());
        let to = self.place(|row| compare_key(chunks, &self.columns, row, key).is_le());
        self.between(from, to)
    }

    /// Keys that were given out in order stand at a fixed distance from their row ids.
    fn guess(&self, table: &TableData, key: &[Value]) -> Option<RowId> {
        let ([column], [Value::Int(key)], Uniqueness::Unique) =
            (self.columns.as_slice(), key, self.uniqueness)
        else {
            return None;
        };
        let entry = |row: RowId| -> Option<i64> {
            let (chunk, at) = locate(row);
            let chunk = table.chunks().get(chunk)?;
            match &chunk.columns.get(*column)?.vector {
                Vector::Int(values) if chunk.is_live(at) => values.get(at).copied(),
                _ => None,
            }
        };
        let first = match &table.chunks().first()?.columns.get(*column)?.vector {
            Vector::Int(values) => *values.first()?,
            _ => return None,
        };
        let row = RowId::try_from(key.checked_sub(first)?).ok()?;
        let (chunk, at) = locate(row);
        let null = table.chunks().get(chunk)?.columns.get(*column)?.is_null(at);
        (entry(row)? == *key && !null).then_some(row)
    }

    /// The rows whose leading columns equal `prefix` and whose next column lies within the
    /// bounds, in key order. With a bound, rows that are NULL there are left out.
    pub fn range<'a>(
        &'a self,
        table: &TableData,
        prefix: &[Value],
        low: Bound<&Value>,
        high: Bound<&Value>,
    ) -> Rows<'a> {
        let chunks = table.chunks();
        let next = self.columns.get(prefix.len()).copied();
        let against = |row: RowId, bound: &Value| {
            compare_key(chunks, &self.columns, row, prefix).then_with(|| {
                next.and_then(|column| stored(chunks, column, row))
                    .map_or(Ordering::Equal, |(column, at)| {
                        compare_entry_value(column, at, bound)
                    })
            })
        };
        let from = self.place(|row| match low {
            Bound::Unbounded => compare_key(chunks, &self.columns, row, prefix).is_lt(),
            Bound::Included(value) => against(row, value).is_lt(),
            Bound::Excluded(value) => against(row, value).is_le(),
        });
        let to = self.place(|row| match (high, low) {
            (Bound::Unbounded, Bound::Unbounded) => {
                compare_key(chunks, &self.columns, row, prefix).is_le()
            }
            (Bound::Unbounded, _) => against(row, &Value::Null).is_lt(),
            (Bound::Included(value), _) => against(row, value).is_le(),
            (Bound::Excluded(value), _) => against(row, value).is_lt(),
        });
        self.between(from, to)
    }

    /// All rows in key order; reversible.
    pub fn rows(&self) -> Rows<'_> {
        self.between(
            Place { leaf: 0, at: 0 },
            Place {
                leaf: self.leaves.len(),
                at: 0,
            },
        )
    }

    /// The first place where `before` no longer holds; it holds for a head of the index.
    fn place(&self, before: impl Fn(RowId) -> bool) -> Place {
        let leaf = self
            .leaves
            .partition_point(|leaf| leaf.first().is_some_and(|&row| before(row)))
            .saturating_sub(1);
        match self.leaves.get(leaf) {
            Some(rows) => Place {
                leaf,
                at: rows.partition_point(|&row| before(row)),
            },
            None => Place { leaf: 0, at: 0 },
        }
    }

    fn between(&self, from: Place, to: Place) -> Rows<'_> {
        Rows {
            leaves: &self.leaves,
            one: None,
            from,
            to,
        }
    }

    /// Sorts all live rows of the table anew.
    pub(super) fn rebuild(&mut self, chunks: &[Arc<Chunk>]) {
        let mut rows: Vec<RowId> = live_rows(chunks).collect();
        self.sort(chunks, &mut rows);
        self.rows = rows.len();
        self.leaves = Arc::new(
            rows.chunks(LEAF_ROWS)
                .map(|leaf| Arc::new(leaf.to_vec()))
                .collect(),
        );
    }

    fn sort(&self, chunks: &[Arc<Chunk>], rows: &mut Vec<RowId>) {
        let order = |a: &RowId, b: &RowId| compare_rows(chunks, &self.columns, *a, *b);
        if rows.is_sorted_by(|a, b| order(a, b).is_lt()) {
            return;
        }
        match self.columns.as_slice() {
            [a] => {
                if let Some(keys) = integer_keys(chunks, *a, rows) {
                    let mut keyed: Vec<_> = keys.into_iter().zip(rows.iter().copied()).collect();
                    keyed.sort_unstable();
                    *rows = keyed.into_iter().map(|(_, row)| row).collect();
                    return;
                }
            }
            [a, b] => {
                if let (Some(first), Some(second)) = (
                    integer_keys(chunks, *a, rows),
                    integer_keys(chunks, *b, rows),
                ) {
                    let mut keyed: Vec<_> = first
                        .into_iter()
                        .zip(second)
                        .zip(rows.iter().copied())
                        .collect();
                    keyed.sort_unstable();
                    *rows = keyed.into_iter().map(|(_, row)| row).collect();
                    return;
                }
            }
            _ => {}
        }
        rows.sort_unstable_by(order);
    }

    /// Adds a row that is stored already. Gives a row with the same key when the index is unique
    /// and no part of the key is NULL.
    pub(super) fn insert(&mut self, chunks: &[Arc<Chunk>], row: RowId) -> Option<RowId> {
        let columns = &self.columns;
        let before = |other: RowId| compare_rows(chunks, columns, other, row).is_lt();
        let last = self.leaves.last().and_then(|leaf| leaf.last()).copied();
        let place = match last {
            // Keys mostly come in order.
            Some(last) if before(last) => Place {
                leaf: self.leaves.len() - 1,
                at: self.leaves.last().map_or(0, |leaf| leaf.len()),
            },
            _ => self.place(before),
        };
        let conflict = self.neighbour(chunks, place, row);
        let leaves = Arc::make_mut(&mut self.leaves);
        self.rows += 1;
        let count = leaves.len();
        match leaves.get_mut(place.leaf) {
            None => leaves.push(Arc::new(vec![row])),
            Some(leaf) if leaf.len() < LEAF_ROWS => Arc::make_mut(leaf).insert(place.at, row),
            Some(leaf) if place.leaf + 1 == count && place.at == leaf.len() => {
                leaves.push(Arc::new(vec![row]));
            }
            Some(leaf) => {
                let leaf = Arc::make_mut(leaf);
                let mut upper = leaf.split_off(LEAF_ROWS / 2);
                if place.at <= leaf.len() {
                    leaf.insert(place.at, row);
                } else {
                    upper.insert(place.at - leaf.len(), row);
                }
                leaves.insert(place.leaf + 1, Arc::new(upper));
            }
        }
        conflict
    }

    /// A row beside the place with the key of `row`, if the index is unique.
    fn neighbour(&self, chunks: &[Arc<Chunk>], place: Place, row: RowId) -> Option<RowId> {
        if self.uniqueness == Uniqueness::Plain || self.has_null(chunks, row) {
            return None;
        }
        let same = |other: RowId| compare_keys(chunks, &self.columns, other, row).is_eq();
        let all = Place { leaf: 0, at: 0 };
        let end = Place {
            leaf: self.leaves.len(),
            at: 0,
        };
        let previous = self.between(all, place).next_back();
        let next = self.between(place, end).next();
        previous
            .filter(|&other| same(other))
            .or(next.filter(|&other| same(other)))
    }

    /// Whether a part of the row's key is NULL: then it equals no other.
    pub(super) fn has_null(&self, chunks: &[Arc<Chunk>], row: RowId) -> bool {
        self.columns.iter().any(|&column| {
            stored(chunks, column, row).is_none_or(|(column, at)| column.is_null(at))
        })
    }

    /// Takes a row out; its key must still be stored.
    pub(super) fn remove(&mut self, chunks: &[Arc<Chunk>], row: RowId) {
        let columns = &self.columns;
        let place = self.place(|other| compare_rows(chunks, columns, other, row).is_lt());
        // The place may be the end of a leaf whose successor starts with the row.
        let place = match self.leaves.get(place.leaf) {
            Some(leaf) if place.at >= leaf.len() => Place {
                leaf: place.leaf + 1,
                at: 0,
            },
            _ => place,
        };
        let there = self
            .leaves
            .get(place.leaf)
            .and_then(|leaf| leaf.get(place.at));
        if there != Some(&row) {
            return;
        }
        let leaves = Arc::make_mut(&mut self.leaves);
        if let Some(leaf) = leaves.get_mut(place.leaf) {
            let leaf = Arc::make_mut(leaf);
            leaf.remove(place.at);
            self.rows -= 1;
            if leaf.is_empty() {
                leaves.remove(place.leaf);
            }
        }
    }

    /// The first row, in the order of ids, whose key an older row has too, and that older row.
    pub(super) fn first_duplicate(&self, chunks: &[Arc<Chunk>]) -> Option<(RowId, RowId)> {
        if self.uniqueness == Uniqueness::Plain {
            return None;
        }
        let mut found: Option<(RowId, RowId)> = None;
        let mut previous: Option<RowId> = None;
        for row in self.rows() {
            if let Some(older) = previous
                && compare_keys(chunks, &self.columns, older, row).is_eq()
                && !self.has_null(chunks, row)
                && found.is_none_or(|(earliest, _)| row < earliest)
            {
                found = Some((row, older));
            }
            previous = Some(row);
        }
        found
    }
}

/// Row ids in key order, from both ends.
#[derive(Clone, Debug)]
pub struct Rows<'a> {
    leaves: &'a [Arc<Vec<RowId>>],
    one: Option<RowId>,
    from: Place,
    to: Place,
}

impl Rows<'_> {
    fn one(row: RowId) -> Self {
        Self {
            leaves: &[],
            one: Some(row),
            from: Place { leaf: 0, at: 0 },
            to: Place { leaf: 0, at: 0 },
        }
    }

    /// How many rows are left.
    pub fn count_left(&self) -> usize {
        let Place { leaf: first, at } = self.from;
        if (first, at) >= (self.to.leaf, self.to.at) {
            return usize::from(self.one.is_some());
        }
        let whole: usize = self
            .leaves
            .iter()
            .take(self.to.leaf)
            .skip(first)
            .map(|leaf| leaf.len())
            .sum();
        whole + self.to.at - at + usize::from(self.one.is_some())
    }
}

impl Iterator for Rows<'_> {
    type Item = RowId;

    fn next(&mut self) -> Option<RowId> {
        if let Some(row) = self.one.take() {
            return Some(row);
        }
        loop {
            if (self.from.leaf, self.from.at) >= (self.to.leaf, self.to.at) {
                return None;
            }
            match self.leaves.get(self.from.leaf)?.get(self.from.at) {
                Some(&row) => {
                    self.from.at += 1;
                    return Some(row);
                }
                None => {
                    self.from = Place {
                        leaf: self.from.leaf + 1,
                        at: 0,
                    }
                }
            }
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.count_left();
        (left, Some(left))
    }
}

impl DoubleEndedIterator for Rows<'_> {
    fn next_back(&mut self) -> Option<RowId> {
        if let Some(row) = self.one.take() {
            return Some(row);
        }
        loop {
            if (self.from.leaf, self.from.at) >= (self.to.leaf, self.to.at) {
                return None;
            }
            match self.to.at.checked_sub(1) {
                Some(at) => {
                    self.to.at = at;
                    return self.leaves.get(self.to.leaf)?.get(at).copied();
                }
                None => {
                    let leaf = self.to.leaf - 1;
                    self.to = Place {
                        leaf,
                        at: self.leaves.get(leaf)?.len(),
                    }
                }
            }
        }
    }
}

/// Chunk and offset of a row.
#[inline]
pub(super) fn locate(row: RowId) -> (usize, usize) {
    (row as usize / CHUNK_ROWS, row as usize % CHUNK_ROWS)
}

#[inline]
fn stored(chunks: &[Arc<Chunk>], column: usize, row: RowId) -> Option<(&Column, usize)> {
    let (chunk, at) = locate(row);
    Some((chunks.get(chunk)?.columns.get(column)?, at))
}

/// All rows that are not deleted, in the order of their ids.
pub(super) fn live_rows(chunks: &[Arc<Chunk>]) -> impl Iterator<Item = RowId> + '_ {
    chunks.iter().enumerate().flat_map(|(number, chunk)| {
        (0..chunk.rows)
            .filter(|&at| chunk.is_live(at))
            .map(move |at| (number * CHUNK_ROWS + at) as RowId)
    })
}

fn compare_keys(chunks: &[Arc<Chunk>], columns: &[usize], a: RowId, b: RowId) -> Ordering {
    for &column in columns {
        if let (Some((left, at)), Some((right, bt))) =
            (stored(chunks, column, a), stored(chunks, column, b))
        {
            let order = compare_entries(left, at, right, bt);
            if order.is_ne() {
                return order;
            }
        }
    }
    Ordering::Equal
}

/// Equal keys stand in the order of their row ids.
fn compare_rows(chunks: &[Arc<Chunk>], columns: &[usize], a: RowId, b: RowId) -> Ordering {
    compare_keys(chunks, columns, a, b).then(a.cmp(&b))
}

/// Compares the leading columns of a row with a key.
#[inline]
fn compare_key(chunks: &[Arc<Chunk>], columns: &[usize], row: RowId, key: &[Value]) -> Ordering {
    for (&column, value) in columns.iter().zip(key) {
        if let Some((column, at)) = stored(chunks, column, row) {
            let order = compare_entry_value(column, at, value);
            if order.is_ne() {
                return order;
            }
        }
    }
    Ordering::Equal
}

/// The keys of one column where it holds integers: NULLs as something larger than all.
fn integer_keys(chunks: &[Arc<Chunk>], column: usize, rows: &[RowId]) -> Option<Vec<(bool, i64)>> {
    let mut keys = Vec::with_capacity(rows.len());
    for &row in rows {
        let (column, at) = stored(chunks, column, row)?;
        match &column.vector {
            Vector::Int(values) | Vector::Decimal(values, _) => {
                let null = column.is_null(at);
                let value = if null { 0 } else { *values.get(at)? };
                keys.push((null, value));
            }
            _ => return None,
        }
    }
    Some(keys)
}
