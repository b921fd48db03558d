//! The way out: the ORM builds statements and hands them to a [`Connection`].

use super::sql::Sql;
use crate::base::{ResultSet, Value};

/// What runs statements. `session` implements it over the engine and writes the query log.
pub trait Connection {
    /// Runs one statement. [`Sql::text`] is what runs and what is shown; [`Sql::template`] and
    /// [`Sql::params`] tell statements that differ only in their values.
    fn execute(&mut self, sql: &Sql) -> crate::base::Result<Executed>;

    /// `timezone.now()`, in microseconds of UTC.
    fn now(&self) -> i64;

    /// The time zone in force (`timezone.get_current_timezone_name()`).
    fn time_zone(&self) -> String {
        "UTC".to_owned()
    }

    /// How deep the open `atomic()` blocks are nested, and which savepoint comes next.
    fn transaction(&mut self) -> &mut TransactionState;
}

/// What a statement gave.
#[derive(Clone, Debug, Default)]
pub struct Executed {
    /// Rows that were returned, changed or deleted.
    pub row_count: u64,
    /// The rows of a query or of `RETURNING`.
    pub rows: Option<ResultSet>,
}

impl Executed {
    /// The rows as values.
    pub fn into_rows(self) -> Vec<Vec<Value>> {
        self.rows
            .map(|rows| rows.rows(0).collect())
            .unwrap_or_default()
    }
}

/// Where a connection stands among its `atomic()` blocks.
#[derive(Clone, Debug, Default)]
pub struct TransactionState {
    /// One entry for each open block: the savepoint it made, if it made one.
    pub blocks: Vec<Option<String>>,
    /// How many savepoints were made.
    pub savepoints: u64,
    /// Whether the innermost block has to be rolled back (`set_rollback(True)`).
    pub needs_rollback: bool,
}
