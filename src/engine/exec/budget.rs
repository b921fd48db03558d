//! What a statement may spend: time and memory.

use crate::base::diagnostic::sqlstate;
use crate::base::{Diagnostic, Result};
use std::cell::Cell;
use std::time::Duration;
use web_time::Instant;

/// The limits of one statement and what it has used. Operators ask it at every batch, and in
/// loops that run longer than a batch.
#[derive(Debug)]
pub struct Budget {
    deadline: Option<(Instant, Duration)>,
    memory: usize,
    used: Cell<usize>,
    peak: Cell<usize>,
}

impl Budget {
    /// A statement may run for `time` (without end if absent) and hold `memory` bytes.
    pub fn new(time: Option<Duration>, memory: usize) -> Self {
        Self {
            deadline: time.map(|time| (Instant::now() + time, time)),
            memory,
            used: Cell::new(0),
            peak: Cell::new(0),
        }
    }

    /// Fails behind the deadline.
    pub fn check(&self) -> Result<()> {
        match self.deadline {
            Some((deadline, time)) if Instant::now() > deadline => Err(Diagnostic::error(
                sqlstate::QUERY_CANCELED,
                format!(
                    "canceling statement due to statement timeout: it ran for more than {} s",
                    time.as_secs()
                ),
            )
            .hint("Look for a join without a condition, or reduce the rows before joining.")),
            _ => Ok(()),
        }
    }

    /// Books `bytes`, and fails when the statement then holds more than it may.
    pub fn take(&self, bytes: usize) -> Result<()> {
        let used = self.used.get().saturating_add(bytes);
        self.used.set(used);
        self.peak.set(self.peak.get().max(used));
        if used > self.memory {
            return Err(Diagnostic::error(
                sqlstate::OUT_OF_MEMORY,
                format!(
                    "out of memory: the statement needs more than {} MB",
                    self.memory >> 20
                ),
            )
            .hint("Add a join condition, a WHERE or a LIMIT that keeps fewer rows."));
        }
        Ok(())
    }

    /// Gives `bytes` back.
    pub fn give(&self, bytes: usize) {
        self.used.set(self.used.get().saturating_sub(bytes));
    }

    /// Bytes held now.
    pub fn used(&self) -> usize {
        self.used.get()
    }

    /// The most bytes held so far.
    pub fn peak(&self) -> usize {
        self.peak.get()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_that_is_given_back_can_be_taken_again() {
        let budget = Budget::new(None, 100);
        assert!(budget.take(80).is_ok());
        budget.give(80);
        assert!(budget.take(90).is_ok());
        assert_eq!(budget.peak(), 90);
        let error = budget.take(20).map_err(|e| e.code);
        assert_eq!(error, Err(sqlstate::OUT_OF_MEMORY));
    }

    #[test]
    fn a_deadline_that_has_passed_fails() {
        let budget = Budget::new(Some(Duration::ZERO), 100);
        std::thread::sleep(Duration::from_millis(1));
        assert_eq!(
            budget.check().map_err(|e| e.code),
            Err(sqlstate::QUERY_CANCELED)
        );
    }
}
