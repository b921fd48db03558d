//! Constraints that are checked behind the statement or the transaction: foreign keys, and unique
//! keys that are DEFERRABLE.

use super::constraint::describe_key;
use super::reference::{check_gone, check_rows};
use crate::base::diagnostic::sqlstate;
use crate::base::{Diagnostic, Result, Value};
use crate::engine::catalog::{Catalog, DeferrableKey, ForeignKey, Table, Timing};
use crate::engine::storage::{RowId, Storage};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What is still to be checked: by table and name of the constraint.
#[derive(Clone, Debug, Default)]
pub struct Pending {
    checks: BTreeMap<(Arc<str>, Arc<str>), PendingKey>,
    keys: BTreeSet<(Arc<str>, Arc<str>)>,
}

/// A moment of [`Pending`].
#[derive(Debug)]
pub struct Mark {
    /// How many rows and keys each foreign key had.
    checks: BTreeMap<(Arc<str>, Arc<str>), (usize, usize)>,
    keys: BTreeSet<(Arc<str>, Arc<str>)>,
}

/// What is to be checked of one foreign key.
#[derive(Clone, Debug, Default)]
pub(super) struct PendingKey {
    /// Rows that must have a partner.
    pub(super) rows: Vec<RowId>,
    /// Keys that are gone, so that no row may refer to them.
    pub(super) gone: Vec<Vec<Value>>,
}

/// What SET CONSTRAINTS said in this transaction.
#[derive(Clone, Debug, Default)]
pub struct TimingOverrides {
    /// For constraints that are not named.
    pub all: Option<Timing>,
    /// For constraints by name.
    pub named: BTreeMap<Arc<str>, Timing>,
}

impl TimingOverrides {
    /// When a constraint of this name and timing is checked in this transaction.
    pub fn timing(&self, name: &Arc<str>, timing: Timing) -> Timing {
        match timing {
            Timing::Immediate => Timing::Immediate,
            Timing::Deferrable | Timing::Deferred => {
                self.named.get(name).copied().or(self.all).unwrap_or(timing)
            }
        }
    }
}

impl Pending {
    /// Checks what is due: with `overrides` the constraints that are not deferred, without them
    /// all. What holds is forgotten; when something does not, everything is kept.
    pub fn check(&mut self, storage: &Storage, overrides: Option<&TimingOverrides>) -> Result<()> {
        let waits = |name: &Arc<str>, timing| {
            overrides.is_some_and(|overrides| overrides.timing(name, timing) == Timing::Deferred)
        };
        let mut kept = BTreeSet::new();
        for place in &self.keys {
            let (table, name) = place;
            let Some(definition) = storage.catalog().tables.get(table) else {
                continue;
            };
            let mut keys = definition.deferrable_keys.iter();
            match keys.find(|key| key.name == *name) {
                Some(key) if waits(name, key.timing) => drop(kept.insert(place.clone())),
                Some(key) => check_key(storage, definition, key)?,
                None => {}
            }
        }
        for (place, pending) in &self.checks {
            let (table, name) = place;
            let Some(definition) = storage.catalog().tables.get(table) else {
                continue;
            };
            let mut keys = definition.foreign_keys.iter();
            match keys.find(|key| key.name == *name) {
                Some(key) if waits(name, key.timing) => drop(kept.insert(place.clone())),
                Some(key) => {
                    check_rows(storage, definition, key, &pending.rows)?;
                    check_gone(storage, definition, key, &pending.gone)?;
                }
                None => {}
            }
        }
        self.keys.retain(|place| kept.contains(place));
        self.checks.retain(|place, _| kept.contains(place));
        Ok(())
    }

    /// How much there is to be checked, for [`Pending::back_to`].
    pub fn mark(&self) -> Mark {
        let lengths = |key: &PendingKey| (key.rows.len(), key.gone.len());
        let checks = self.checks.iter();
        Mark {
            checks: checks
                .map(|(place, key)| (place.clone(), lengths(key)))
                .collect(),
            keys: self.keys.clone(),
        }
    }

    /// Forgets what has come since the mark, which nothing that was there then has left.
    pub fn back_to(&mut self, mark: Mark) {
        self.keys = mark.keys;
        self.checks.retain(|place, key| {
            let Some((rows, gone)) = mark.checks.get(place) else {
                return false;
            };
            key.rows.truncate(*rows);
            key.gone.truncate(*gone);
            true
        });
    }

    /// Whether something is to be checked because of rows of a table: of those that were written,
    /// or of those whose keys are gone.
    pub fn concerns(&self, catalog: &Catalog, table: &str) -> bool {
        let points_there = |owner: &Arc<str>, name: &Arc<str>| {
            let keys = catalog.tables.get(owner).map(|it| it.foreign_keys.iter());
            let mut keys = keys.into_iter().flatten();
            keys.any(|key| key.name == *name && *key.target == *table)
        };
        let written = |((owner, name), key): (&(Arc<str>, Arc<str>), &PendingKey)| {
            !key.rows.is_empty() && **owner == *table
                || !key.gone.is_empty() && points_there(owner, name)
        };
        self.keys.iter().any(|(owner, _)| **owner == *table) || self.checks.iter().any(written)
    }

    pub(super) fn entry(&mut self, table: &Table, key: &ForeignKey) -> &mut PendingKey {
        self.checks
            .entry((table.name.clone(), key.name.clone()))
            .or_default()
    }

    /// Rows of a table were written: its deferrable keys are to be checked.
    pub(super) fn note_keys(&mut self, table: &Table) {
        for key in &table.deferrable_keys {
            self.keys.insert((table.name.clone(), key.name.clone()));
        }
    }
}

/// Checks that no two rows of a table have one key; a key with a NULL equals no other.
///
/// # Errors
/// `23505` for the first row whose key another one has.
pub fn check_key(storage: &Storage, table: &Table, key: &DeferrableKey) -> Result<()> {
    let Some(data) = storage.table(&table.name) else {
        return Ok(());
    };
    let mut seen = BTreeSet::new();
    for row in data.row_ids() {
        let value: Vec<Value> = key.columns.iter().map(|&c| data.value(row, c)).collect();
        if value.iter().any(Value::is_null) {
            continue;
        }
        if let Some(value) = seen.replace(value) {
            return Err(Diagnostic::error(
                sqlstate::UNIQUE_VIOLATION,
                format!(
                    "duplicate key value violates unique constraint \"{}\"",
                    key.name
                ),
            )
            .hint(format!(
                "{} already exists.",
                describe_key(table, &key.columns, &value)
            )));
        }
    }
    Ok(())
}
