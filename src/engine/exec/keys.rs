//! Keys for joins, groups and sets: rows of values as rows of 64-bit words.
//!
//! Every key column becomes one word a row, such that words are equal exactly when PostgreSQL
//! takes the values for equal: integers, dates and times are their own word, texts and everything
//! wider are numbered as they come. The two sides of a join share one encoder.

use crate::base::column::Dictionary;
use crate::base::{Column, Numeric, Type, Value, Vector};
use std::collections::HashMap;
use std::sync::Arc;

/// The word of NULL. NULLs are equal to each other here: right for groups and sets; joins look for
/// it and leave such rows out.
pub const NULL: i64 = i64::MIN;

/// Integers below this are numbered instead, which keeps [`NULL`] free.
const NUMBERED: i64 = i64::MIN + (1 << 32);

/// Turns key columns into words.
#[derive(Debug, Default)]
pub struct KeyEncoder {
    columns: Vec<ColumnEncoder>,
}

#[derive(Debug, Default)]
struct ColumnEncoder {
    texts: HashMap<Arc<str>, i64>,
    /// For each dictionary seen, the word of each of its codes; `NULL` where it has none yet.
    dictionaries: Vec<(Arc<Dictionary>, Vec<i64>)>,
    others: HashMap<Value, i64>,
    numbers: HashMap<i64, i64>,
}

impl KeyEncoder {
    /// An encoder for keys of `width` columns.
    pub fn new(width: usize) -> Self {
        Self {
            columns: (0..width).map(|_| ColumnEncoder::default()).collect(),
        }
    }

    /// Words a row.
    pub fn width(&self) -> usize {
        self.columns.len()
    }

    /// The words of all rows, row by row. `types` are the logical types of the columns, and are
    /// the same at every call.
    pub fn encode(&mut self, columns: &[Arc<Column>], types: &[Type], rows: usize) -> Vec<i64> {
        let width = self.columns.len();
        let mut words = vec![NULL; rows * width];
        for (at, encoder) in self.columns.iter_mut().enumerate() {
            if let (Some(column), Some(ty)) = (columns.get(at), types.get(at)) {
                encoder.encode(column, ty, words.iter_mut().skip(at).step_by(width.max(1)));
            }
        }
        words
    }

    /// Bytes held, estimated.
    pub fn bytes(&self) -> usize {
        self.columns
            .iter()
            .map(|c| {
                c.texts.len() * 48
                    + c.others.len() * 64
                    + c.dictionaries
                        .iter()
                        .map(|(_, w)| w.len() * 8)
                        .sum::<usize>()
            })
            .sum()
    }
}

impl ColumnEncoder {
    fn encode<'w>(&mut self, column: &Column, ty: &Type, words: impl Iterator<Item = &'w mut i64>) {
        match (&column.vector, ty) {
            (Vector::Bool(values), _) => {
                fill(column, words, values, |&value| i64::from(value));
            }
            (Vector::Int(values), _) => {
                let numbers = &mut self.numbers;
                fill(column, words, values, |&value| {
                    if value < NUMBERED {
                        let next = NULL + 1 + numbers.len() as i64;
                        *numbers.entry(value).or_insert(next)
                    } else {
                        value
                    }
                });
            }
            (Vector::Float(values), _) => {
                fill(column, words, values, |&value| {
                    // The pattern of -0.0, which equals 0.0 and is brought to it, is the one
                    // that would be NULL's word.
                    if value == 0.0 {
                        0
                    } else if value.is_nan() {
                        f64::NAN.to_bits() as i64
                    } else {
                        value.to_bits() as i64
                    }
                });
            }
            (Vector::Dict(codes, dictionary), Type::Char(_)) => {
                let words_of: Vec<i64> = dictionary
                    .texts()
                    .iter()
                    .map(|text| self.text(text.trim_end_matches(' ')))
                    .collect();
                fill(column, words, codes, |&code| {
                    words_of.get(code as usize).copied().unwrap_or(NULL)
                });
            }
            (Vector::Dict(codes, dictionary), _) => {
                self.dictionary(column, codes, dictionary, words)
            }
            (Vector::Text(texts), _) => {
                let trim = matches!(ty, Type::Char(_));
                for (row, word) in words.enumerate() {
                    if !column.is_null(row) {
                        let text = texts.get(row);
                        *word = self.text(if trim {
                            text.trim_end_matches(' ')
                        } else {
                            text
                        });
                    }
                }
            }
            (Vector::Decimal(values, scale), _) => {
                let scale = *scale;
                let others = &mut self.others;
                fill(column, words, values, |&value| {
                    numeric_word(Numeric::new(i128::from(value), scale), others)
                });
            }
            (Vector::Numeric(values), _) => {
                let others = &mut self.others;
                fill(column, words, values, |&value| numeric_word(value, others));
            }
            (Vector::Interval(_) | Vector::Uuid(_) | Vector::Value(_), _) => {
                for (row, word) in words.enumerate() {
                    let value = column.value(row, ty);
                    if !value.is_null() {
                        *word = number(&mut self.others, value);
                    }
                }
            }
        }
    }

    fn text(&mut self, text: &str) -> i64 {
        if let Some(&word) = self.texts.get(text) {
            return word;
        }
        let word = self.texts.len() as i64;
        self.texts.insert(text.into(), word);
        word
    }

    fn dictionary<'w>(
        &mut self,
        column: &Column,
        codes: &[u32],
        dictionary: &Arc<Dictionary>,
        words: impl Iterator<Item = &'w mut i64>,
    ) {
        let known = self
            .dictionaries
            .iter()
            .position(|(seen, _)| Arc::ptr_eq(seen, dictionary));
        let (_, mut words_of) = match known {
            Some(at) => self.dictionaries.swap_remove(at),
            None => (dictionary.clone(), vec![NULL; dictionary.len()]),
        };
        fill(column, words, codes, |&code| {
            match words_of.get(code as usize).copied() {
                Some(NULL) | None => {
                    let word = self.text(dictionary.text(code));
                    if let Some(slot) = words_of.get_mut(code as usize) {
                        *slot = word;
                    }
                    word
                }
                Some(word) => word,
            }
        });
        self.dictionaries.push((dictionary.clone(), words_of));
    }
}

fn fill<'w, T>(
    column: &Column,
    words: impl Iterator<Item = &'w mut i64>,
    values: &[T],
    mut word_of: impl FnMut(&T) -> i64,
) {
    match &column.validity {
        None => {
            for (word, value) in words.zip(values) {
                *word = word_of(value);
            }
        }
        Some(valid) => {
            for (row, (word, value)) in words.zip(values).enumerate() {
                if valid.get(row) {
                    *word = word_of(value);
                }
            }
        }
    }
}

/// Equal numerics have equal words whatever their scale: small ones, brought to eight decimals,
/// are their own word and everything else is numbered.
fn numeric_word(value: Numeric, others: &mut HashMap<Value, i64>) -> i64 {
    const DECIMALS: u8 = 8;
    let (mantissa, scale) = (value.mantissa(), value.scale());
    if scale <= DECIMALS {
        let factor = 10_i128.pow(u32::from(DECIMALS - scale));
        if let Some(scaled) = mantissa.checked_mul(factor)
            && let Ok(word) = i64::try_from(scaled)
            && word >= 0
        {
            return word;
        }
    }
    // Negative words are the numbered ones.
    let next = -1 - others.len() as i64;
    *others.entry(Value::Numeric(value)).or_insert(next)
}

fn number(others: &mut HashMap<Value, i64>, value: Value) -> i64 {
    let next = others.len() as i64;
    *others.entry(value).or_insert(next)
}

/// Gives each distinct key a number, in order of arrival.
#[derive(Debug)]
pub struct KeyTable {
    width: usize,
    /// The keys by number, `width` words each.
    keys: Vec<i64>,
    len: usize,
    index: KeyIndex,
}

#[derive(Debug)]
enum KeyIndex {
    /// For keys of one word that lie close together: number + 1 at `key - base`, 0 for none.
    Dense { base: i64, slots: Vec<u32> },
    /// Open addressing: number + 1, 0 for an empty slot. The length is a power of two.
    Hashed { slots: Vec<u32> },
}

/// A dense index may be this many times larger than the number of keys, and always this large.
const DENSE_FACTOR: usize = 8;
const DENSE_MINIMUM: usize = 1 << 12;

impl KeyTable {
    /// A table for keys of `width` words.
    pub fn new(width: usize) -> Self {
        let index = if width == 1 {
            KeyIndex::Dense {
                base: 0,
                slots: Vec::new(),
            }
        } else {
            KeyIndex::Hashed { slots: vec![0; 64] }
        };
        Self {
            width,
            keys: Vec::new(),
            len: 0,
            index,
        }
    }

    /// Number of distinct keys.
    #[expect(clippy::len_without_is_empty, reason = "nobody asks")]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Bytes held.
    pub fn bytes(&self) -> usize {
        let slots = match &self.index {
            KeyIndex::Dense { slots, .. } | KeyIndex::Hashed { slots } => slots.len(),
        };
        self.keys.len() * 8 + slots * 4
    }

    /// The numbers of all keys in `words`, new keys added.
    pub fn insert_all(&mut self, words: &[i64], rows: usize) -> Vec<u32> {
        if self.width == 0 {
            self.len = self.len.max(usize::from(rows > 0));
            return vec![0; rows];
        }
        words
            .chunks_exact(self.width)
            .map(|key| self.insert(key).0)
            .collect()
    }

    /// The number of a key, and whether it is new.
    #[inline]
    pub fn insert(&mut self, key: &[i64]) -> (u32, bool) {
        if let (KeyIndex::Dense { base, slots }, [word]) = (&mut self.index, key) {
            let at = word.wrapping_sub(*base) as u64;
            if *word >= *base
                && let Some(slot) = slots.get_mut(at as usize)
                && at < usize::MAX as u64
            {
                if *slot != 0 {
                    return (*slot - 1, false);
                }
                self.len += 1;
                *slot = self.len as u32;
                self.keys.push(*word);
                return (*slot - 1, true);
            }
            self.widen(*word);
            return self.insert(key);
        }
        if self.width == 0 {
            let new = self.len == 0;
            self.len = 1;
            return (0, new);
        }
        if let KeyIndex::Hashed { slots } = &mut self.index {
            if (self.len + 1) * 2 > slots.len() {
                *slots = rehash(&self.keys, self.width, slots.len() * 2);
            }
            let mask = slots.len() - 1;
            let mut at = hash(key) as usize & mask;
            while let Some(slot) = slots.get_mut(at) {
                if *slot == 0 {
                    self.len += 1;
                    *slot = self.len as u32;
                    self.keys.extend_from_slice(key);
                    return (*slot - 1, true);
                }
                if key_at(&self.keys, self.width, *slot - 1) == key {
                    return (*slot - 1, false);
                }
                at = (at + 1) & mask;
            }
        }
        (0, false)
    }

    /// The number of a key that is there.
    #[inline]
    pub fn find(&self, key: &[i64]) -> Option<u32> {
        match (&self.index, key) {
            (KeyIndex::Dense { base, slots }, [word]) => {
                let at = usize::try_from(word.checked_sub(*base)?).ok()?;
                slots.get(at)?.checked_sub(1)
            }
            (KeyIndex::Hashed { slots }, _) => {
                if self.width == 0 {
                    return (self.len > 0).then_some(0);
                }
                let mask = slots.len() - 1;
                let mut at = hash(key) as usize & mask;
                loop {
                    let number = slots.get(at)?.checked_sub(1)?;
                    if key_at(&self.keys, self.width, number) == key {
                        return Some(number);
                    }
                    at = (at + 1) & mask;
                }
            }
            (KeyIndex::Dense { .. }, _) => None,
        }
    }

    /// Makes room for a word outside the dense range, or goes over to hashing.
    fn widen(&mut self, word: i64) {
        let KeyIndex::Dense { base, slots } = &mut self.index else {
            return;
        };
        let allowed = (self.len * DENSE_FACTOR).max(DENSE_MINIMUM);
        let (low, high) = if slots.is_empty() {
            (word, word)
        } else {
            let last = base.saturating_add(slots.len() as i64 - 1);
            (word.min(*base), word.max(last))
        };
        let needed = high.checked_sub(low).and_then(|d| usize::try_from(d).ok());
        match needed {
            Some(range) if range < allowed => {
                // Room on the side that grows, so that keys in order widen the table rarely.
                let size = (range + 1).next_power_of_two().max(256);
                let new_base = if word < *base && !slots.is_empty() {
                    high.saturating_sub(size as i64 - 1)
                } else {
                    low
                };
                let mut wider = vec![0; size];
                for (number, &key) in self.keys.iter().enumerate() {
                    if let Some(slot) = key
                        .checked_sub(new_base)
                        .and_then(|at| usize::try_from(at).ok())
                        .and_then(|at| wider.get_mut(at))
                    {
                        *slot = number as u32 + 1;
                    }
                }
                *base = new_base;
                *slots = wider;
            }
            _ => {
                let size = (self.len * 4).next_power_of_two().max(64);
                self.index = KeyIndex::Hashed {
                    slots: rehash(&self.keys, 1, size),
                };
            }
        }
    }
}

#[inline]
fn key_at(keys: &[i64], width: usize, number: u32) -> &[i64] {
    let start = number as usize * width;
    keys.get(start..start + width).unwrap_or(&[])
}

fn rehash(keys: &[i64], width: usize, size: usize) -> Vec<u32> {
    let mut slots = vec![0_u32; size];
    let mask = size - 1;
    for (number, key) in keys.chunks_exact(width).enumerate() {
        let mut at = hash(key) as usize & mask;
        while let Some(slot) = slots.get_mut(at) {
            if *slot == 0 {
                *slot = number as u32 + 1;
                break;
            }
            at = (at + 1) & mask;
        }
    }
    slots
}

/// Multiplicative mixing; the high bits, which are the good ones, come down at the end.
#[inline]
fn hash(key: &[i64]) -> u64 {
    const MULTIPLIER: u64 = 0x9E37_79B9_7F4A_7C15;
    let mut state = 0_u64;
    for &word in key {
        state = (state.rotate_left(5) ^ word as u64).wrapping_mul(MULTIPLIER);
    }
    state ^ (state >> 32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Bitmap;

    #[test]
    fn numbers_follow_arrival_and_repeat_for_equal_keys() {
        for spread in [1, 1_000_003] {
            let mut table = KeyTable::new(1);
            for round in 0..2 {
                for n in 0..5000_i64 {
                    let (number, new) = table.insert(&[(n - 2500) * spread]);
                    assert_eq!((number, new), (n as u32, round == 0));
                }
            }
            assert_eq!(table.find(&[0]), Some(2500));
            assert_eq!(table.find(&[i64::MAX]), None);
            assert_eq!(table.find(&[i64::MIN]), None);
        }
    }

    #[test]
    fn extreme_words_share_a_table() {
        let mut table = KeyTable::new(1);
        for (n, word) in [0, i64::MIN, i64::MAX, -1, 1].into_iter().enumerate() {
            assert_eq!(table.insert(&[word]), (n as u32, true));
        }
        assert_eq!(table.find(&[i64::MIN]), Some(1));
    }

    #[test]
    fn wide_keys_are_told_apart() {
        let mut table = KeyTable::new(2);
        for a in 0..100 {
            for b in 0..100 {
                assert!(table.insert(&[a, b]).1);
            }
        }
        assert_eq!(table.len(), 10_000);
        assert_eq!(table.find(&[3, 7]), Some(307));
        assert_eq!(table.find(&[100, 0]), None);
    }

    #[test]
    fn nulls_meet_and_the_smallest_integer_is_no_null() {
        let mut encoder = KeyEncoder::new(1);
        let column = Arc::new(Column {
            vector: Vector::Int(vec![i64::MIN, 5, 0, i64::MIN]),
            validity: Some([true, true, false, true].into_iter().collect::<Bitmap>()),
        });
        let words = encoder.encode(&[column], &[Type::BigInt], 4);
        assert_eq!(words.first(), words.last());
        assert_ne!(words.first(), words.get(2));
        assert_eq!(words.get(2), Some(&NULL));
    }
}
