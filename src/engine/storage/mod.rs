//! The rows: chunks of columns, indexes, sequences, and snapshots of them all.
//!
//! A [`Storage`] is a snapshot: cloning it copies two handles, and a change copies what it
//! touches. Stores what it is given: types, constraints and their messages are the business of
//! the layers above, but for equal keys, which it reports.

mod chunk;
mod index;
mod order;
mod sequence;
mod statistics;
mod table;
mod vector;
mod version;

pub use chunk::{Chunk, Zone};
pub use index::{IndexData, Rows};
pub use sequence::{Position, SequenceState};
pub use table::{Duplicate, TableData, column_of, live, live_in};
pub use version::Version;

use super::catalog::Catalog;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Rows of a chunk.
pub const CHUNK_ROWS: usize = 4096;

/// A row's number within its table: `chunk * CHUNK_ROWS + offset`. It stays while the row is
/// there, whatever is written into it.
pub type RowId = u32;

/// Everything the database holds. A clone is a snapshot.
#[derive(Clone, Debug, Default)]
pub struct Storage {
    catalog: Arc<Catalog>,
    tables: Arc<BTreeMap<Arc<str>, Arc<TableData>>>,
    sequences: Arc<BTreeMap<Arc<str>, SequenceState>>,
}

impl Storage {
    /// The definitions.
    pub fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    /// The definitions, shared.
    pub fn shared_catalog(&self) -> Arc<Catalog> {
        self.catalog.clone()
    }

    /// The definitions, to change them; rows and indexes must follow.
    pub fn catalog_mut(&mut self) -> &mut Catalog {
        Arc::make_mut(&mut self.catalog)
    }

    /// The rows of a table.
    pub fn table(&self, name: &str) -> Option<&Arc<TableData>> {
        self.tables.get(name)
    }

    /// The rows of a table, to change them.
    pub fn table_mut(&mut self, name: &str) -> Option<&mut TableData> {
        Arc::make_mut(&mut self.tables)
            .get_mut(name)
            .map(Arc::make_mut)
    }

    /// Puts the rows of a table, in place of those it had.
    pub fn put_table(&mut self, name: Arc<str>, data: TableData) {
        Arc::make_mut(&mut self.tables).insert(name, Arc::new(data));
    }

    /// Takes the rows of a table away.
    pub fn remove_table(&mut self, name: &str) -> Option<Arc<TableData>> {
        Arc::make_mut(&mut self.tables).remove(name)
    }

    /// The state of a sequence.
    pub fn sequence(&self, name: &str) -> Option<SequenceState> {
        self.sequences.get(name).copied()
    }

    /// Puts the state of a sequence.
    pub fn put_sequence(&mut self, name: Arc<str>, state: SequenceState) {
        Arc::make_mut(&mut self.sequences).insert(name, state);
    }

    /// Takes the state of a sequence away.
    pub fn remove_sequence(&mut self, name: &str) -> Option<SequenceState> {
        Arc::make_mut(&mut self.sequences).remove(name)
    }

    /// Bytes held by all tables.
    pub fn bytes(&self) -> usize {
        self.tables.values().map(|table| table.bytes()).sum()
    }
}
