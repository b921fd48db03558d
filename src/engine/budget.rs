//! What a statement may spend: time and memory.

use crate::base::diagnostic::sqlstate;
use crate::base::{Diagnostic, Result, Value};
use std::cell::Cell;
use std::time::Duration;
use web_time::Instant;

/// The limits of one statement and what it has used. Operators ask it at every batch, and in
/// loops that run longer than a batch; what computes row by row has a [`Meter`].
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

/// Watches a loop over the rows of one batch, whose values may be long: it looks at the clock
/// now and then, and books what was made until it is dropped. From then on the column that holds
/// the values is booked by whoever keeps it.
#[derive(Debug)]
pub struct Meter<'a> {
    budget: Option<&'a Budget>,
    /// Bytes read and made since the budget was asked; a row counts as some.
    work: usize,
    /// Bytes made and not booked yet.
    made: usize,
    booked: usize,
}

/// After how much work the budget is asked.
const WORK: usize = 1 << 20;
/// What a row counts at least.
const ROW: usize = 1 << 11;

impl<'a> Meter<'a> {
    /// A meter that has counted nothing.
    pub fn new(budget: Option<&'a Budget>) -> Self {
        Self {
            budget,
            work: 0,
            made: 0,
            booked: 0,
        }
    }

    /// Counts a row: what was read for it, and what it became.
    ///
    /// # Errors
    /// Behind the deadline, or beyond the memory.
    pub fn row(&mut self, read: &[Value], made: &Value) -> Result<()> {
        let made = weight(made);
        self.made += made;
        self.work += ROW + made + read.iter().map(weight).sum::<usize>();
        if self.work < WORK {
            return Ok(());
        }
        self.work = 0;
        let Some(budget) = self.budget else {
            return Ok(());
        };
        budget.check()?;
        let more = std::mem::take(&mut self.made);
        self.booked += more;
        budget.take(more)
    }
}

impl Drop for Meter<'_> {
    fn drop(&mut self) {
        if let Some(budget) = self.budget {
            budget.give(self.booked);
        }
    }
}

/// Bytes of a value beside itself: nothing for what is small in any case.
fn weight(value: &Value) -> usize {
    match value {
        Value::Text(text) => text.len(),
        Value::Array(items) | Value::Record(items) => {
            items.len() * size_of::<Value>() + items.iter().map(weight).sum::<usize>()
        }
        Value::Null
        | Value::Bool(_)
        | Value::Int(_)
        | Value::Numeric(_)
        | Value::Float(_)
        | Value::Date(_)
        | Value::Time(_)
        | Value::Timestamp(_)
        | Value::Interval(_)
        | Value::Uuid(_) => 0,
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

    #[test]
    fn long_values_of_one_batch_are_booked_until_the_batch_is_done() {
        let budget = Budget::new(None, 4 << 20);
        let text = Value::text("x".repeat(1 << 20));
        {
            let mut meter = Meter::new(Some(&budget));
            let fine = (0..4).filter(|_| meter.row(&[], &text).is_ok()).count();
            assert_eq!(fine, 4);
            let error = meter.row(&[], &text).map_err(|e| e.code);
            assert_eq!(error, Err(sqlstate::OUT_OF_MEMORY));
        }
        assert_eq!(budget.used(), 0);
    }
}
