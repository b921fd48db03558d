//! Telling whether anything has changed since a moment.

use super::super::catalog::Catalog;
use super::{Storage, TableData};
use std::collections::BTreeMap;
use std::sync::{Arc, Weak};

/// The state of definitions and rows at a moment. It holds nothing of them: a change finds them
/// unshared, and moves them away from here.
#[derive(Clone, Debug, Default)]
pub struct Version {
    catalog: Weak<Catalog>,
    tables: Weak<BTreeMap<Arc<str>, Arc<TableData>>>,
}

impl Storage {
    /// The state of definitions and rows now.
    pub fn version(&self) -> Version {
        Version {
            catalog: Arc::downgrade(&self.catalog),
            tables: Arc::downgrade(&self.tables),
        }
    }
}

impl Version {
    /// Whether a storage has the definitions and rows that it had then.
    pub fn is_of(&self, storage: &Storage) -> bool {
        let catalog = self.catalog.upgrade();
        let tables = self.tables.upgrade();
        catalog.is_some_and(|it| Arc::ptr_eq(&it, &storage.catalog))
            && tables.is_some_and(|it| Arc::ptr_eq(&it, &storage.tables))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_makes_another_version_and_going_back_the_same() {
        let mut storage = Storage::default();
        assert!(!Version::default().is_of(&storage));
        let version = storage.version();
        assert!(version.is_of(&storage) && version.is_of(&storage.clone()));
        let before = storage.clone();
        storage.remove_table("nothing");
        assert!(!version.is_of(&storage));
        assert!(version.is_of(&before));
        // Unshared, too, a change is one.
        let version = storage.version();
        storage.catalog_mut();
        assert!(!version.is_of(&storage));
    }
}
