//! Orders: every sort key as rows of 64-bit words whose plain order is the wanted one.
//!
//! Direction and the place of NULLs are part of the words, so that comparing rows is comparing
//! integers. Texts, and everything wider than a word, are ranked once.

use crate::base::{Column, Result, Type, Value, Vector};
use crate::engine::eval::Compiled;
use crate::engine::plan::{Direction, Nulls};
use std::cmp::Ordering;
use std::sync::Arc;

use super::Context;
use crate::base::Batch;

/// A compiled sort key.
pub struct Key {
    /// What to compare.
    pub expr: Compiled,
    /// Its type.
    pub ty: Type,
    /// Up or down.
    pub direction: Direction,
    /// Where NULLs go.
    pub nulls: Nulls,
}

/// The words of some rows, most significant column first.
#[derive(Debug, Default)]
pub struct Words {
    columns: Vec<Vec<u64>>,
}

impl Words {
    /// The words of all rows of a batch.
    pub fn of(keys: &[Key], batch: &Batch, context: &Context<'_>) -> Result<Self> {
        let mut words = Self::default();
        for key in keys {
            let column = key.expr.evaluate(batch, &context.eval)?;
            words.add(&column, &key.ty, key.direction, key.nulls);
        }
        Ok(words)
    }

    /// Adds a less significant key.
    pub fn add(&mut self, column: &Arc<Column>, ty: &Type, direction: Direction, nulls: Nulls) {
        let rows = column.len();
        if let Some(valid) = &column.validity
            && valid.count_ones() < rows
        {
            let first = nulls == Nulls::First;
            self.columns.push(
                (0..rows)
                    .map(|row| u64::from(valid.get(row) == first))
                    .collect(),
            );
        }
        let mut words = ascending(column, ty);
        if direction == Direction::Descending {
            for word in &mut words {
                *word = !*word;
            }
        }
        if column.validity.is_some() {
            for (row, word) in words.iter_mut().enumerate() {
                if column.is_null(row) {
                    *word = 0;
                }
            }
        }
        self.columns.push(words);
    }

    /// Adds less significant keys.
    pub fn append(&mut self, mut other: Self) {
        self.columns.append(&mut other.columns);
    }

    /// How two rows compare.
    #[inline]
    pub fn compare(&self, a: u32, b: u32) -> Ordering {
        self.compare_from(0, a, b)
    }

    #[inline]
    fn compare_from(&self, skip: usize, a: u32, b: u32) -> Ordering {
        for words in self.columns.iter().skip(skip) {
            match words.get(a as usize).cmp(&words.get(b as usize)) {
                Ordering::Equal => {}
                other => return other,
            }
        }
        Ordering::Equal
    }

    /// The first `limit` of `rows` rows in order; equal rows keep the order they have.
    pub fn sorted(&self, rows: usize, limit: Option<usize>) -> Vec<u32> {
        let limit = limit.unwrap_or(rows).min(rows);
        let Some(first) = self.columns.first() else {
            return (0..limit as u32).collect();
        };
        let mut pairs: Vec<(u64, u32)> = first
            .iter()
            .take(rows)
            .enumerate()
            .map(|(row, &word)| (word, row as u32))
            .collect();
        let single = self.columns.len() == 1;
        let by = |a: &(u64, u32), b: &(u64, u32)| {
            a.0.cmp(&b.0)
                .then_with(|| {
                    if single {
                        Ordering::Equal
                    } else {
                        self.compare_from(1, a.1, b.1)
                    }
                })
                .then(a.1.cmp(&b.1))
        };
        if limit < rows {
            if limit == 0 {
                return Vec::new();
            }
            pairs.select_nth_unstable_by(limit - 1, by);
            pairs.truncate(limit);
        }
        if pairs.is_sorted_by(|a, b| by(a, b) != Ordering::Greater) {
            // Rows often come in order already.
        } else {
            pairs.sort_unstable_by(by);
        }
        pairs.into_iter().map(|(_, row)| row).collect()
    }

    /// Bytes held.
    pub fn bytes(&self) -> usize {
        self.columns.iter().map(|words| words.len() * 8).sum()
    }
}

/// Words in ascending order of the values; any word for NULLs.
fn ascending(column: &Column, ty: &Type) -> Vec<u64> {
    const SIGN: u64 = 1 << 63;
    match &column.vector {
        Vector::Bool(values) => values.iter().map(|&value| u64::from(value)).collect(),
        Vector::Int(values) | Vector::Decimal(values, _) => {
            values.iter().map(|&value| value as u64 ^ SIGN).collect()
        }
        Vector::Float(values) => values
            .iter()
            .map(|&value| {
                let value = if value == 0.0 {
                    0.0
                } else if value.is_nan() {
                    f64::NAN.abs()
                } else {
                    value
                };
                let bits = value.to_bits();
                if bits & SIGN == 0 { bits | SIGN } else { !bits }
            })
            .collect(),
        Vector::Dict(codes, dictionary) => {
            let mut used = vec![false; dictionary.len()];
            for &code in codes {
                if let Some(used) = used.get_mut(code as usize) {
                    *used = true;
                }
            }
            let mut order: Vec<u32> = (0..dictionary.len() as u32)
                .filter(|&code| used.get(code as usize) == Some(&true))
                .collect();
            let text = |code: u32| comparable(dictionary.text(code), ty);
            order.sort_unstable_by_key(|&code| text(code));
            let ranks = ranked(&order, dictionary.len(), |a, b| text(a) == text(b));
            codes
                .iter()
                .map(|&code| ranks.get(code as usize).copied().unwrap_or(0))
                .collect()
        }
        Vector::Text(texts) => {
            let text = |row: u32| comparable(texts.get(row as usize), ty);
            let mut order: Vec<u32> = (0..texts.len() as u32).collect();
            order.sort_unstable_by_key(|&row| text(row));
            ranked(&order, texts.len(), |a, b| text(a) == text(b))
        }
        Vector::Uuid(values) => {
            let mut order: Vec<u32> = (0..values.len() as u32).collect();
            let value = |row: u32| values.get(row as usize);
            order.sort_unstable_by_key(|&row| value(row));
            ranked(&order, values.len(), |a, b| value(a) == value(b))
        }
        Vector::Numeric(_) | Vector::Interval(_) | Vector::Value(_) => {
            let values: Vec<Value> = (0..column.len()).map(|row| column.value(row, ty)).collect();
            let value = |row: u32| values.get(row as usize);
            let mut order: Vec<u32> = (0..values.len() as u32).collect();
            order.sort_by(|&a, &b| value(a).cmp(&value(b)));
            ranked(&order, values.len(), |a, b| value(a) == value(b))
        }
    }
}

/// Trailing spaces do not count in `character(n)`.
fn comparable<'t>(text: &'t str, ty: &Type) -> &'t str {
    if matches!(ty, Type::Char(_)) {
        text.trim_end_matches(' ')
    } else {
        text
    }
}

/// The rank of each of `len` items, given their order; equal items share a rank.
fn ranked(order: &[u32], len: usize, same: impl Fn(u32, u32) -> bool) -> Vec<u64> {
    let mut ranks = vec![0; len];
    let mut rank = 0;
    let mut before = None;
    for &item in order {
        if let Some(before) = before
            && !same(before, item)
        {
            rank += 1;
        }
        if let Some(slot) = ranks.get_mut(item as usize) {
            *slot = rank;
        }
        before = Some(item);
    }
    ranks
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Bitmap, column::TextVec};

    fn sorted(column: Column, ty: &Type, direction: Direction, nulls: Nulls) -> Vec<u32> {
        let rows = column.len();
        let mut words = Words::default();
        words.add(&Arc::new(column), ty, direction, nulls);
        words.sorted(rows, None)
    }

    #[test]
    fn nulls_stand_where_they_are_wanted_in_both_directions() {
        let column = || Column {
            vector: Vector::Int(vec![i64::MAX, 0, i64::MIN, 7]),
            validity: Some([true, false, true, true].into_iter().collect::<Bitmap>()),
        };
        use {Direction::*, Nulls::*};
        assert_eq!(
            sorted(column(), &Type::BigInt, Ascending, Last),
            [2, 3, 0, 1]
        );
        assert_eq!(
            sorted(column(), &Type::BigInt, Ascending, First),
            [1, 2, 3, 0]
        );
        assert_eq!(
            sorted(column(), &Type::BigInt, Descending, First),
            [1, 0, 3, 2]
        );
        assert_eq!(
            sorted(column(), &Type::BigInt, Descending, Last),
            [0, 3, 2, 1]
        );
    }

    #[test]
    fn floats_put_nan_last_and_zeros_together() {
        let column = Column::new(Vector::Float(vec![
            f64::NAN,
            0.0,
            -1.5,
            -0.0,
            f64::INFINITY,
            f64::NEG_INFINITY,
        ]));
        assert_eq!(
            sorted(column, &Type::Double, Direction::Ascending, Nulls::Last),
            [5, 2, 1, 3, 4, 0]
        );
    }

    #[test]
    fn equal_texts_keep_their_order() {
        let texts: TextVec = ["b", "a", "b", "é", "Z"].into_iter().collect();
        let column = Column::new(Vector::Text(texts));
        assert_eq!(
            sorted(column, &Type::Text, Direction::Ascending, Nulls::Last),
            [4, 1, 0, 2, 3]
        );
    }

    #[test]
    fn a_limit_gives_the_start_of_the_whole_order() {
        let values: Vec<i64> = (0..1000).map(|n| n * 7919 % 503).collect();
        let mut words = Words::default();
        let column = Arc::new(Column::new(Vector::Int(values)));
        words.add(&column, &Type::BigInt, Direction::Descending, Nulls::First);
        let all = words.sorted(1000, None);
        assert_eq!(words.sorted(1000, Some(10)), all.get(..10).unwrap_or(&[]));
        assert_eq!(words.sorted(1000, Some(0)), Vec::<u32>::new());
    }
}
