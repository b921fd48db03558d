//! Transactions: snapshots, savepoints, deferred foreign keys, and PostgreSQL's rules of when
//! which statement may run.
//!
//! A snapshot costs next to nothing, so a transaction keeps the storage as it was at its start
//! and at each savepoint. The numbers that sequences have given are not taken back.

use super::catalog::Timing;
use super::storage::{SequenceState, Storage};
use super::write::{Pending, TimingOverrides};
use crate::base::diagnostic::sqlstate;
use crate::base::{Code, Diagnostic, Result, Severity};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Where the session stands.
#[derive(Clone, Default)]
pub struct Transaction {
    open: Option<Open>,
    /// Foreign keys that are still to be checked.
    pub pending: Pending,
    /// What SET CONSTRAINTS said.
    pub timings: TimingOverrides,
    /// Sequences that have given numbers, as they stand.
    advanced: BTreeMap<Arc<str>, SequenceState>,
}

/// A transaction that is open.
#[derive(Clone)]
struct Open {
    start: Storage,
    savepoints: Vec<Savepoint>,
    health: Health,
}

/// Whether an error has happened inside a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Health {
    Sound,
    Failed,
}

#[derive(Clone)]
struct Savepoint {
    name: Arc<str>,
    storage: Storage,
    pending: Pending,
    timings: TimingOverrides,
}

/// How a transaction block ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Its changes stay.
    Committed,
    /// Its changes are gone: asked for, or because of an error inside.
    RolledBack,
}

impl Transaction {
    /// Whether a transaction block is open.
    pub fn is_open(&self) -> bool {
        self.open.is_some()
    }

    /// Whether an error has happened in the open transaction block.
    pub fn is_failed(&self) -> bool {
        let open = self.open.as_ref();
        open.is_some_and(|open| open.health == Health::Failed)
    }

    /// Refuses statements behind an error.
    pub fn admit(&self) -> Result<()> {
        if self.is_failed() {
            return Err(Diagnostic::error(
                sqlstate::IN_FAILED_SQL_TRANSACTION,
                "current transaction is aborted, commands ignored until end of transaction block",
            )
            .hint("ROLLBACK ends the transaction; ROLLBACK TO goes back to a savepoint."));
        }
        Ok(())
    }

    /// A statement failed inside the block.
    pub fn fail(&mut self) {
        if let Some(open) = &mut self.open {
            open.health = Health::Failed;
        }
    }

    /// A sequence has given a number, which stays given whatever happens.
    pub fn advance(&mut self, sequence: Arc<str>, state: SequenceState) {
        self.advanced.insert(sequence, state);
    }

    /// A sequence was made or set anew by a definition, which a rollback takes back.
    pub fn forget(&mut self, sequence: &str) {
        self.advanced.remove(sequence);
    }

    /// Puts an older state back, but for the numbers that sequences have given.
    pub fn restore(&self, storage: &mut Storage, older: Storage) {
        *storage = older;
        for (name, state) in &self.advanced {
            if storage.sequence(name).is_some() {
                storage.put_sequence(name.clone(), *state);
            }
        }
    }

    /// BEGIN. Gives a warning when a transaction is open already.
    pub fn begin(&mut self, storage: &Storage) -> Option<Diagnostic> {
        if self.is_open() {
            return Some(warning(
                sqlstate::ACTIVE_SQL_TRANSACTION,
                "there is already a transaction in progress",
            ));
        }
        self.advanced.clear();
        self.open = Some(Open {
            start: storage.clone(),
            savepoints: Vec::new(),
            health: Health::Sound,
        });
        None
    }

    /// COMMIT: deferred foreign keys are checked now. A transaction with an error inside, or
    /// whose foreign keys do not hold, is rolled back.
    pub fn commit(&mut self, storage: &mut Storage) -> Result<(Ended, Option<Diagnostic>)> {
        if !self.is_open() {
            return Ok((Ended::Committed, Some(none_open())));
        }
        if self.is_failed() {
            return Ok(self.rollback(storage));
        }
        if let Err(error) = self.pending.check(storage, None) {
            self.rollback(storage);
            return Err(error);
        }
        self.close();
        Ok((Ended::Committed, None))
    }

    /// ROLLBACK.
    pub fn rollback(&mut self, storage: &mut Storage) -> (Ended, Option<Diagnostic>) {
        match self.open.take() {
            None => (Ended::RolledBack, Some(none_open())),
            Some(open) => {
                self.restore(storage, open.start);
                self.close();
                (Ended::RolledBack, None)
            }
        }
    }

    fn close(&mut self) {
        *self = Self::default();
    }

    /// SAVEPOINT.
    pub fn savepoint(&mut self, name: Arc<str>, storage: &Storage) -> Result<()> {
        self.admit()?;
        let (pending, timings) = (self.pending.clone(), self.timings.clone());
        let open = self.block("SAVEPOINT")?;
        open.savepoints.push(Savepoint {
            name,
            storage: storage.clone(),
            pending,
            timings,
        });
        Ok(())
    }

    /// RELEASE SAVEPOINT: it and those behind it are gone, what was done stays.
    pub fn release(&mut self, name: &str) -> Result<()> {
        self.block("RELEASE SAVEPOINT")?;
        self.admit()?;
        let open = self.block("RELEASE SAVEPOINT")?;
        let at = find(&open.savepoints, name)?;
        open.savepoints.truncate(at);
        Ok(())
    }

    /// ROLLBACK TO SAVEPOINT: what was done behind it is undone; it stays.
    pub fn rollback_to(&mut self, name: &str, storage: &mut Storage) -> Result<()> {
        let open = self.block("ROLLBACK TO SAVEPOINT")?;
        let at = find(&open.savepoints, name)?;
        open.savepoints.truncate(at + 1);
        open.health = Health::Sound;
        let Some(savepoint) = open.savepoints.last() else {
            return Ok(());
        };
        let older = savepoint.storage.clone();
        let (pending, timings) = (savepoint.pending.clone(), savepoint.timings.clone());
        self.pending = pending;
        self.timings = timings;
        self.restore(storage, older);
        Ok(())
    }

    /// SET CONSTRAINTS: what becomes immediate is checked at once.
    pub fn set_timing(
        &mut self,
        names: Option<&[Arc<str>]>,
        timing: Timing,
        storage: &Storage,
    ) -> Result<()> {
        match names {
            None => {
                self.timings.all = Some(timing);
                self.timings.named.clear();
            }
            Some(names) => {
                for name in names {
                    self.timings.named.insert(name.clone(), timing);
                }
            }
        }
        self.pending.check(storage, Some(&self.timings))
    }

    fn block(&mut self, command: &str) -> Result<&mut Open> {
        self.open.as_mut().ok_or_else(|| {
            Diagnostic::error(
                sqlstate::NO_ACTIVE_SQL_TRANSACTION,
                format!("{command} can only be used in transaction blocks"),
            )
            .hint("BEGIN starts a transaction block.")
        })
    }
}

fn find(savepoints: &[Savepoint], name: &str) -> Result<usize> {
    savepoints
        .iter()
        .rposition(|savepoint| &*savepoint.name == name)
        .ok_or_else(|| {
            Diagnostic::error(
                sqlstate::INVALID_SAVEPOINT,
                format!("savepoint \"{name}\" does not exist"),
            )
        })
}

fn none_open() -> Diagnostic {
    warning(
        sqlstate::NO_ACTIVE_SQL_TRANSACTION,
        "there is no transaction in progress",
    )
}

fn warning(code: Code, message: &str) -> Diagnostic {
    Diagnostic {
        severity: Severity::Warning,
        ..*Diagnostic::error(code, message)
    }
}
