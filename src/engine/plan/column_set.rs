//! Sets of columns.

use crate::engine::expr::ColumnId;

/// A set of columns of one statement, a bit each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ColumnSet {
    words: Vec<u64>,
}

impl ColumnSet {
    /// Adds a column; tells whether it was new.
    pub fn insert(&mut self, id: ColumnId) -> bool {
        let word = (id.0 / 64) as usize;
        if word >= self.words.len() {
            self.words.resize(word + 1, 0);
        }
        let bit = 1_u64 << (id.0 % 64);
        match self.words.get_mut(word) {
            Some(bits) => {
                let new = *bits & bit == 0;
                *bits |= bit;
                new
            }
            None => false,
        }
    }

    /// Takes a column out.
    pub fn remove(&mut self, id: ColumnId) {
        if let Some(bits) = self.words.get_mut((id.0 / 64) as usize) {
            *bits &= !(1_u64 << (id.0 % 64));
        }
    }

    /// Whether a column is in it.
    pub fn contains(&self, id: ColumnId) -> bool {
        self.words
            .get((id.0 / 64) as usize)
            .is_some_and(|bits| bits & (1_u64 << (id.0 % 64)) != 0)
    }

    /// Whether it has no column.
    pub fn is_empty(&self) -> bool {
        self.words.iter().all(|bits| *bits == 0)
    }

    /// Whether every column of it is in the other.
    pub fn is_subset(&self, other: &Self) -> bool {
        self.words
            .iter()
            .enumerate()
            .all(|(at, bits)| bits & !other.words.get(at).copied().unwrap_or(0) == 0)
    }

    /// Whether the two share a column.
    pub fn meets(&self, other: &Self) -> bool {
        self.words
            .iter()
            .zip(&other.words)
            .any(|(left, right)| left & right != 0)
    }

    /// Adds all columns of another set.
    pub fn extend(&mut self, other: &Self) {
        if other.words.len() > self.words.len() {
            self.words.resize(other.words.len(), 0);
        }
        for (bits, more) in self.words.iter_mut().zip(&other.words) {
            *bits |= more;
        }
    }

    /// Takes all columns of another set out.
    pub fn subtract(&mut self, other: &Self) {
        for (bits, less) in self.words.iter_mut().zip(&other.words) {
            *bits &= !less;
        }
    }

    /// The columns, rising.
    pub fn iter(&self) -> impl Iterator<Item = ColumnId> + '_ {
        self.words.iter().enumerate().flat_map(|(word, &bits)| {
            (0..64)
                .filter(move |bit| bits & (1_u64 << bit) != 0)
                .map(move |bit| ColumnId(word as u32 * 64 + bit))
        })
    }
}

impl FromIterator<ColumnId> for ColumnSet {
    fn from_iter<I: IntoIterator<Item = ColumnId>>(ids: I) -> Self {
        let mut set = Self::default();
        for id in ids {
            set.insert(id);
        }
        set
    }
}
