//! A hash table that keeps the order of insertion.
//!
//! Hashing and comparing may run Python code, so the table itself does neither: callers give the
//! hash, and choose among the candidates of that hash.

use super::Object;
use std::collections::HashMap;

/// Keys and values in the order of insertion; a set uses `None` as values.
#[derive(Clone, Default)]
pub struct Dict {
    entries: Vec<Option<Entry>>,
    /// Where the entries of a hash are.
    index: HashMap<u64, Vec<usize>>,
    len: usize,
}

/// A key with its value.
#[derive(Clone)]
pub struct Entry {
    hash: u64,
    /// The key.
    pub key: Object,
    /// The value.
    pub value: Object,
}

/// Where an entry is, until entries are removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot(usize);

impl Dict {
    /// Number of entries.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The keys with this hash.
    pub fn candidates(&self, hash: u64) -> Vec<(Slot, Object)> {
        let Some(slots) = self.index.get(&hash) else {
            return Vec::new();
        };
        slots
            .iter()
            .filter_map(|slot| Some((Slot(*slot), self.entries.get(*slot)?.as_ref()?.key.clone())))
            .collect()
    }

    /// The value in a slot.
    pub fn get(&self, slot: Slot) -> Option<Object> {
        Some(self.entries.get(slot.0)?.as_ref()?.value.clone())
    }

    /// Replaces the value in a slot.
    pub fn set(&mut self, slot: Slot, value: Object) {
        if let Some(Some(entry)) = self.entries.get_mut(slot.0) {
            entry.value = value;
        }
    }

    /// Adds a key that is not there.
    pub fn push(&mut self, hash: u64, key: Object, value: Object) {
        self.index.entry(hash).or_default().push(self.entries.len());
        self.entries.push(Some(Entry { hash, key, value }));
        self.len += 1;
    }

    /// Takes an entry out.
    pub fn remove(&mut self, slot: Slot) -> Option<Entry> {
        let entry = self.entries.get_mut(slot.0)?.take()?;
        if let Some(slots) = self.index.get_mut(&entry.hash) {
            slots.retain(|it| *it != slot.0);
            if slots.is_empty() {
                self.index.remove(&entry.hash);
            }
        }
        self.len -= 1;
        if self.entries.len() > 32 && self.len * 2 < self.entries.len() {
            self.compact();
        } else {
            while matches!(self.entries.last(), Some(None)) {
                self.entries.pop();
            }
        }
        Some(entry)
    }

    fn compact(&mut self) {
        self.entries.retain(Option::is_some);
        self.index.clear();
        for (at, entry) in self.entries.iter().enumerate() {
            if let Some(entry) = entry {
                self.index.entry(entry.hash).or_default().push(at);
            }
        }
    }

    /// The last entry's place.
    pub fn last(&self) -> Option<Slot> {
        let at = self.entries.iter().rposition(Option::is_some)?;
        Some(Slot(at))
    }

    /// The first entry's place.
    pub fn first(&self) -> Option<Slot> {
        let at = self.entries.iter().position(Option::is_some)?;
        Some(Slot(at))
    }

    /// Takes everything out.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// The entries, in order.
    pub fn entries(&self) -> impl DoubleEndedIterator<Item = &Entry> {
        self.entries.iter().flatten()
    }

    /// The keys, in order.
    pub fn keys(&self) -> Vec<Object> {
        self.entries().map(|entry| entry.key.clone()).collect()
    }

    /// The values, in order.
    pub fn values(&self) -> Vec<Object> {
        self.entries().map(|entry| entry.value.clone()).collect()
    }

    /// Keys and values, in order.
    pub fn items(&self) -> Vec<(Object, Object)> {
        self.entries()
            .map(|entry| (entry.key.clone(), entry.value.clone()))
            .collect()
    }
}
