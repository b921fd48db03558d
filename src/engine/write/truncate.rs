//! TRUNCATE.

use super::table;
use crate::base::diagnostic::sqlstate;
use crate::base::{Diagnostic, Result};
use crate::engine::storage::{SequenceState, Storage};
use std::collections::BTreeSet;
use std::sync::Arc;

/// What TRUNCATE does with the sequences of its tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Identities {
    /// `CONTINUE IDENTITY`
    Continue,
    /// `RESTART IDENTITY`
    Restart,
}

/// Empties tables. With `cascade` those that refer to them are emptied too; without, it is an
/// error when there are such. Gives the tables that were emptied besides, for the notice.
pub fn truncate(
    storage: &mut Storage,
    names: &[Arc<str>],
    identities: Identities,
    cascade: bool,
) -> Result<Vec<Arc<str>>> {
    let mut wanted: BTreeSet<Arc<str>> = BTreeSet::new();
    for name in names {
        wanted.insert(table(storage, name)?.name.clone());
    }
    let mut besides = Vec::new();
    let mut open: Vec<Arc<str>> = wanted.iter().cloned().collect();
    while let Some(target) = open.pop() {
        for other in storage.catalog().tables.values() {
            let refers = other.foreign_keys.iter().any(|key| key.target == target);
            if !refers || wanted.contains(&other.name) {
                continue;
            }
            if !cascade {
                return Err(Diagnostic::error(
                    sqlstate::FEATURE_NOT_SUPPORTED,
                    "cannot truncate a table referenced in a foreign key constraint",
                )
                .hint(format!("Table \"{}\" references \"{target}\".", other.name))
                .hint(format!(
                    "Truncate table \"{}\" at the same time, or use TRUNCATE ... CASCADE.",
                    other.name
                )));
            }
            wanted.insert(other.name.clone());
            besides.push(other.name.clone());
            open.push(other.name.clone());
        }
    }
    for name in &wanted {
        if let Some(data) = storage.table_mut(name) {
            data.truncate();
        }
    }
    if identities == Identities::Restart {
        let catalog = storage.shared_catalog();
        for sequence in catalog.sequences.values() {
            let owned = sequence.owner.as_ref();
            if owned.is_some_and(|(owner, _)| wanted.contains(owner)) {
                storage.put_sequence(sequence.name.clone(), SequenceState::new(sequence));
            }
        }
    }
    Ok(besides)
}
