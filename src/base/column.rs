//! Columns: typed vectors with a validity bitmap. The engine works on them, results are made of
//! them.
//!
//! A vector knows its physical form only; the logical [`Type`] stands beside it in a field, an
//! expression or a catalogue column. Integers of all widths, dates, times and timestamps share
//! [`Vector::Int`].

use super::{Interval, Numeric, Type, Value};
use std::collections::HashMap;
use std::sync::Arc;

/// One bit a row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bitmap {
    words: Vec<u64>,
    len: usize,
}

impl Bitmap {
    /// `len` bits, all of them `bit`.
    pub fn filled(len: usize, bit: bool) -> Self {
        let word = if bit { u64::MAX } else { 0 };
        Self {
            words: vec![word; len.div_ceil(64)],
            len,
        }
    }

    /// Number of bits.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are no bits.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The bit of a row; false past the end.
    #[inline]
    pub fn get(&self, row: usize) -> bool {
        row < self.len
            && self
                .words
                .get(row >> 6)
                .is_some_and(|word| word >> (row & 63) & 1 == 1)
    }

    /// Sets the bit of a row; nothing happens past the end.
    #[inline]
    pub fn set(&mut self, row: usize, bit: bool) {
        if row >= self.len {
            return;
        }
        if let Some(word) = self.words.get_mut(row >> 6) {
            let mask = 1 << (row & 63);
            if bit {
                *word |= mask;
            } else {
                *word &= !mask;
            }
        }
    }

    /// Adds a bit behind the last.
    pub fn push(&mut self, bit: bool) {
        if self.len & 63 == 0 {
            self.words.push(0);
        }
        self.len += 1;
        self.set(self.len - 1, bit);
    }

    /// How many bits are set.
    pub fn count_ones(&self) -> usize {
        let whole = self.len >> 6;
        let mut ones: usize = self
            .words
            .iter()
            .take(whole)
            .map(|word| word.count_ones() as usize)
            .sum();
        if self.len & 63 != 0
            && let Some(last) = self.words.get(whole)
        {
            ones += (last & ((1 << (self.len & 63)) - 1)).count_ones() as usize;
        }
        ones
    }

    /// The bits that are set in both; as long as the shorter.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        Self {
            words: self
                .words
                .iter()
                .zip(&other.words)
                .map(|(a, b)| a & b)
                .collect(),
            len: self.len.min(other.len),
        }
    }

    /// Bytes held.
    pub fn bytes(&self) -> usize {
        self.words.len() * 8
    }
}

impl FromIterator<bool> for Bitmap {
    fn from_iter<I: IntoIterator<Item = bool>>(bits: I) -> Self {
        let bits = bits.into_iter();
        let mut words = Vec::with_capacity(bits.size_hint().0.div_ceil(64));
        let (mut word, mut len) = (0_u64, 0_usize);
        for bit in bits {
            word |= u64::from(bit) << (len & 63);
            len += 1;
            if len & 63 == 0 {
                words.push(word);
                word = 0;
            }
        }
        if len & 63 != 0 {
            words.push(word);
        }
        Self { words, len }
    }
}

/// The distinct texts of one stored column. Codes are given in order of arrival and never change.
#[derive(Clone, Debug, Default)]
pub struct Dictionary {
    texts: Vec<Arc<str>>,
    codes: HashMap<Arc<str>, u32>,
    bytes: usize,
}

impl Dictionary {
    /// The code of a text, given now if it is new.
    pub fn intern(&mut self, text: &str) -> u32 {
        if let Some(&code) = self.codes.get(text) {
            return code;
        }
        let code = self.texts.len() as u32;
        let text: Arc<str> = text.into();
        self.bytes += text.len();
        self.texts.push(text.clone());
        self.codes.insert(text, code);
        code
    }

    /// The code of a text that is there.
    pub fn code(&self, text: &str) -> Option<u32> {
        self.codes.get(text).copied()
    }

    /// The text of a code; codes come from this dictionary, so an unknown one is empty.
    #[inline]
    pub fn text(&self, code: u32) -> &str {
        self.texts.get(code as usize).map_or("", |text| text)
    }

    /// The text of a code, shared.
    pub fn shared(&self, code: u32) -> Arc<str> {
        self.texts
            .get(code as usize)
            .cloned()
            .unwrap_or_else(|| "".into())
    }

    /// Number of distinct texts.
    pub fn len(&self) -> usize {
        self.texts.len()
    }

    /// Whether it holds no text.
    pub fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }

    /// All texts by code.
    pub fn texts(&self) -> &[Arc<str>] {
        &self.texts
    }

    /// Bytes held, estimated: text, two handles and a code each.
    pub fn bytes(&self) -> usize {
        self.bytes + self.texts.len() * 64
    }
}

/// Texts one behind the other in one buffer.
#[derive(Clone, Debug)]
pub struct TextVec {
    offsets: Vec<u32>,
    bytes: String,
}

impl Default for TextVec {
    fn default() -> Self {
        Self {
            offsets: vec![0],
            bytes: String::new(),
        }
    }
}

impl TextVec {
    /// Room for `rows` texts.
    pub fn with_capacity(rows: usize) -> Self {
        let mut offsets = Vec::with_capacity(rows + 1);
        offsets.push(0);
        Self {
            offsets,
            bytes: String::new(),
        }
    }

    /// Adds a text behind the last.
    pub fn push(&mut self, text: &str) {
        self.bytes.push_str(text);
        self.offsets.push(self.bytes.len() as u32);
    }

    /// Number of texts.
    pub fn len(&self) -> usize {
        self.offsets.len() - 1
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The text of a row; empty past the end.
    #[inline]
    pub fn get(&self, row: usize) -> &str {
        match (self.offsets.get(row), self.offsets.get(row + 1)) {
            (Some(&start), Some(&end)) => self
                .bytes
                .get(start as usize..end as usize)
                .unwrap_or_default(),
            _ => "",
        }
    }

    /// Bytes held.
    pub fn bytes(&self) -> usize {
        self.bytes.len() + self.offsets.len() * 4
    }
}

impl<'a> FromIterator<&'a str> for TextVec {
    fn from_iter<I: IntoIterator<Item = &'a str>>(texts: I) -> Self {
        let mut vec = Self::default();
        for text in texts {
            vec.push(text);
        }
        vec
    }
}

/// The values of a column in their physical form. Rows that are NULL hold any value.
#[derive(Clone, Debug)]
pub enum Vector {
    /// boolean
    Bool(Vec<bool>),
    /// smallint, integer, bigint; date in days; time, timestamp and timestamptz in microseconds
    Int(Vec<i64>),
    /// numeric, every value with this scale: `value / 10^scale`
    Decimal(Vec<i64>, u8),
    /// numeric, each value with its own scale
    Numeric(Vec<Numeric>),
    /// real and double precision
    Float(Vec<f64>),
    /// text, varchar, char, json by code
    Dict(Vec<u32>, Arc<Dictionary>),
    /// text, varchar, char, json
    Text(TextVec),
    /// interval
    Interval(Vec<Interval>),
    /// uuid
    Uuid(Vec<u128>),
    /// arrays and row values
    Value(Vec<Value>),
}

impl Vector {
    /// Number of rows.
    pub fn len(&self) -> usize {
        match self {
            Self::Bool(values) => values.len(),
            Self::Int(values) | Self::Decimal(values, _) => values.len(),
            Self::Numeric(values) => values.len(),
            Self::Float(values) => values.len(),
            Self::Dict(codes, _) => codes.len(),
            Self::Text(texts) => texts.len(),
            Self::Interval(values) => values.len(),
            Self::Uuid(values) => values.len(),
            Self::Value(values) => values.len(),
        }
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes held, shared dictionaries left out.
    pub fn bytes(&self) -> usize {
        match self {
            Self::Bool(values) => values.len(),
            Self::Int(values) | Self::Decimal(values, _) => values.len() * 8,
            Self::Numeric(values) => values.len() * size_of::<Numeric>(),
            Self::Float(values) => values.len() * 8,
            Self::Dict(codes, _) => codes.len() * 4,
            Self::Text(texts) => texts.bytes(),
            Self::Interval(values) => values.len() * size_of::<Interval>(),
            Self::Uuid(values) => values.len() * 16,
            Self::Value(values) => values.len() * size_of::<Value>() * 2,
        }
    }
}

/// A vector and which of its rows are not NULL.
#[derive(Clone, Debug)]
pub struct Column {
    /// The values.
    pub vector: Vector,
    /// Set for rows that have a value; absent when all have one.
    pub validity: Option<Bitmap>,
}

impl Column {
    /// A column without NULLs.
    pub fn new(vector: Vector) -> Self {
        Self {
            vector,
            validity: None,
        }
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.vector.len()
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether the row is NULL.
    #[inline]
    pub fn is_null(&self, row: usize) -> bool {
        self.validity.as_ref().is_some_and(|valid| !valid.get(row))
    }

    /// The value of a row as the logical type reads it; NULL past the end.
    pub fn value(&self, row: usize, ty: &Type) -> Value {
        if self.is_null(row) {
            return Value::Null;
        }
        match &self.vector {
            Vector::Bool(values) => values.get(row).map(|&v| Value::Bool(v)),
            Vector::Int(values) => values.get(row).map(|&v| match ty {
                Type::Date => Value::Date(v as i32),
                Type::Time => Value::Time(v),
                Type::Timestamp | Type::TimestampTz => Value::Timestamp(v),
                _ => Value::Int(v),
            }),
            Vector::Decimal(values, scale) => values
                .get(row)
                .map(|&v| Value::Numeric(Numeric::new(i128::from(v), *scale))),
            Vector::Numeric(values) => values.get(row).map(|&v| Value::Numeric(v)),
            Vector::Float(values) => values.get(row).map(|&v| Value::Float(v)),
            Vector::Dict(codes, dictionary) => codes
                .get(row)
                .map(|&code| Value::Text(dictionary.shared(code))),
            Vector::Text(texts) => (row < texts.len()).then(|| Value::text(texts.get(row))),
            Vector::Interval(values) => values.get(row).map(|&v| Value::Interval(v)),
            Vector::Uuid(values) => values.get(row).map(|&v| Value::Uuid(v)),
            Vector::Value(values) => values.get(row).cloned(),
        }
        .unwrap_or(Value::Null)
    }

    /// Bytes held, shared dictionaries left out.
    pub fn bytes(&self) -> usize {
        self.vector.bytes() + self.validity.as_ref().map_or(0, Bitmap::bytes)
    }
}

/// Some rows of a relation: columns of one length.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    /// The columns; shared, so that a scan or a projection copies nothing.
    pub columns: Vec<Arc<Column>>,
    /// Number of rows, which a relation without columns has too.
    pub rows: usize,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bitmap_counts_only_its_own_bits() {
        let mut bitmap = Bitmap::filled(70, true);
        bitmap.set(69, false);
        bitmap.set(1000, true);
        assert_eq!(bitmap.count_ones(), 69);
        bitmap.push(true);
        assert_eq!((bitmap.len(), bitmap.count_ones()), (71, 70));
        assert!(!bitmap.get(71));
    }

    #[test]
    fn dictionary_gives_each_text_one_code() {
        let mut dictionary = Dictionary::default();
        assert_eq!(dictionary.intern("a"), 0);
        assert_eq!(dictionary.intern("b"), 1);
        assert_eq!(dictionary.intern("a"), 0);
        assert_eq!(dictionary.text(1), "b");
        assert_eq!(dictionary.code("c"), None);
    }

    #[test]
    fn texts_keep_their_borders() {
        let texts: TextVec = ["", "né", "x"].into_iter().collect();
        assert_eq!(texts.len(), 3);
        assert_eq!(
            (texts.get(0), texts.get(1), texts.get(2), texts.get(3)),
            ("", "né", "x", "")
        );
    }
}
