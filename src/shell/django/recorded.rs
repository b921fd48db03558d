//! The connection that keeps a record: of every statement what it was, how long it took, and which
//! line of the typed code caused it.

use crate::base::{Result, Span};
use crate::orm::connection::{Executed, TransactionState};
use crate::orm::transaction::{Outcome, leave};
use crate::orm::{Cause, Connection, Effect, Sql};
use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

/// How many statements `connection.queries` keeps, as Django's own limit has it.
const KEPT_QUERIES: usize = 9000;

/// A statement that ran.
#[derive(Clone, Debug)]
pub struct Recording {
    /// The statement.
    pub sql: Sql,
    /// When it began, in milliseconds of the connection's clock.
    pub start: f64,
    /// Milliseconds that it took.
    pub ms: f64,
    /// Rows given or changed; `None` when it failed.
    pub rows: Option<u64>,
    /// Whether it may have changed something.
    pub effect: Effect,
    /// The innermost place in the typed code that was running.
    pub place: Option<Span>,
    /// The place outside of any function: a part of the statement that was running.
    pub statement: Option<Span>,
    /// Why the ORM ran it, where no line asked for it in so many words.
    pub cause: Option<Cause>,
}

/// A connection that records, and knows the zone in force.
pub(super) struct Recorded {
    /// What runs the statements.
    inner: Rc<RefCell<dyn Connection>>,
    /// The zone of `timezone.override`.
    pub zone: Option<String>,
    /// The innermost place in the typed code that is running.
    pub place: Option<Span>,
    /// The place outside of any function.
    pub statement: Option<Span>,
    cause: Option<Cause>,
    state: TransactionState,
    /// What `connection.queries` shows.
    queries: VecDeque<Rc<Recording>>,
    /// What nobody has taken yet.
    recent: Vec<Rc<Recording>>,
}

impl Recorded {
    pub(super) fn new(inner: Rc<RefCell<dyn Connection>>) -> Self {
        let state = inner.borrow_mut().transaction().clone();
        Self {
            inner,
            zone: None,
            place: None,
            statement: None,
            cause: None,
            state,
            queries: VecDeque::new(),
            recent: Vec::new(),
        }
    }

    /// The statements since `reset_queries()`.
    pub(super) fn queries(&self) -> Vec<Rc<Recording>> {
        self.queries.iter().cloned().collect()
    }

    pub(super) fn reset_queries(&mut self) {
        self.queries.clear();
    }

    /// The statements since this was last called.
    pub(super) fn take_recent(&mut self) -> Vec<Rc<Recording>> {
        std::mem::take(&mut self.recent)
    }

    pub(super) fn recent_count(&self) -> usize {
        self.recent.len()
    }

    /// Stands outside of every `atomic()` block of the code; in the block that someone else has
    /// opened, if there is one.
    pub(super) fn begin(&mut self, outside: Outside) {
        self.state.blocks = match outside {
            Outside::Autocommit => Vec::new(),
            Outside::Transaction => vec![None],
        };
        self.state.needs_rollback = false;
        self.place = None;
        self.statement = None;
        self.cause = None;
    }

    /// Notes a statement that has run since `start`.
    fn record(&mut self, sql: &Sql, start: f64, rows: Option<u64>, effect: Effect) {
        let recording = Rc::new(Recording {
            sql: sql.clone(),
            start,
            ms: self.inner.borrow().clock() - start,
            rows,
            effect,
            place: self.place,
            statement: self.statement,
            cause: self.cause.clone(),
        });
        // In Django another process migrates.
        if recording.cause != Some(Cause::Migration) {
            if self.queries.len() == KEPT_QUERIES {
                self.queries.pop_front();
            }
            self.queries.push_back(recording.clone());
        }
        self.recent.push(recording);
    }

    /// Rolls back the blocks that the code has left open.
    pub(super) fn unwind(&mut self, outside: Outside) {
        let blocks = match outside {
            Outside::Autocommit => 0,
            Outside::Transaction => 1,
        };
        while self.state.blocks.len() > blocks {
            // A rollback that fails leaves nothing to be done: the block is off the list.
            leave(self, Outcome::Failure).ok();
        }
        self.state.needs_rollback = false;
    }
}

/// What code finds when it starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outside {
    /// Every statement is a transaction of its own.
    Autocommit,
    /// A transaction that was opened by SQL.
    Transaction,
}

impl Connection for Recorded {
    fn execute(&mut self, sql: &Sql) -> Result<Executed> {
        let start = self.inner.borrow().clock();
        let result = self.inner.borrow_mut().execute(sql);
        let rows = result.as_ref().ok().map(|executed| executed.row_count);
        let effect = match &result {
            Ok(executed) => executed.effect,
            // It may have advanced a sequence, or failed a transaction.
            Err(_) => Effect::Change,
        };
        self.record(sql, start, rows, effect);
        result
    }

    fn note_refused(&mut self, sql: &Sql) {
        let start = self.inner.borrow().clock();
        self.record(sql, start, None, Effect::Read);
    }

    fn now(&self) -> i64 {
        self.inner.borrow().now()
    }

    fn table_rows(&self, table: &str) -> Option<u64> {
        self.inner.borrow().table_rows(table)
    }

    fn time_zone(&self) -> String {
        match &self.zone {
            Some(zone) => zone.clone(),
            None => self.inner.borrow().time_zone(),
        }
    }

    fn transaction(&mut self) -> &mut TransactionState {
        &mut self.state
    }

    fn clock(&self) -> f64 {
        self.inner.borrow().clock()
    }

    fn note_cause(&mut self, cause: Option<Cause>) -> Option<Cause> {
        std::mem::replace(&mut self.cause, cause)
    }
}
