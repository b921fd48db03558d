//! The way out: the ORM builds statements and hands them to a [`Connection`].

use super::sql::Sql;
use crate::base::{ResultSet, Value};

/// What runs statements. `session` implements it over the engine and writes the query log.
pub trait Connection {
    /// Runs one statement. [`Sql::text`] is what runs and what is shown; [`Sql::template`] and
    /// [`Sql::params`] tell statements that differ only in their values.
    fn execute(&mut self, sql: &Sql) -> crate::base::Result<Executed>;

    /// Notes a statement that the driver refuses before the database sees it: to Django it is a
    /// query all the same.
    fn note_refused(&mut self, sql: &Sql) {
        let _ = sql;
    }

    /// `timezone.now()`, in microseconds of UTC.
    fn now(&self) -> i64;

    /// The time zone in force (`timezone.get_current_timezone_name()`).
    fn time_zone(&self) -> String {
        "UTC".to_owned()
    }

    /// How many rows a table has; `None` when there is no such table. Nothing is run for it.
    fn table_rows(&self, table: &str) -> Option<u64>;

    /// How deep the open `atomic()` blocks are nested, and which savepoint comes next.
    fn transaction(&mut self) -> &mut TransactionState;

    /// Milliseconds since some moment, by which statements are timed.
    fn clock(&self) -> f64 {
        0.0
    }

    /// Notes why the ORM runs the statements to come; gives what was noted before.
    fn note_cause(&mut self, cause: Option<Cause>) -> Option<Cause> {
        drop(cause);
        None
    }
}

/// Why a statement runs that no line of code asked for in so many words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// `BEGIN`, `COMMIT`, `SAVEPOINT` and their like, for `atomic()`.
    Transaction,
    /// A table of a model is made or dropped.
    Migration,
    /// A relation of one instance is loaded.
    Relation(RelationLoad),
    /// A value that `only()` or `defer()` left out is loaded.
    Deferred {
        /// The model.
        model: String,
        /// The field.
        field: String,
    },
}

/// A relation of one instance, loaded when it was touched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RelationLoad {
    /// The model of the instance.
    pub model: String,
    /// The attribute that was touched.
    pub attribute: String,
    /// The way from the queryset that the instance came from; for `select_related()` and
    /// `prefetch_related()` there.
    pub way: Way,
    /// Which of the related rows are wanted.
    pub part: Part,
}

/// Which of an instance's related rows a statement reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// All of them: `order.items.all()`.
    All,
    /// Some of them, or something computed of them: `order.items.filter(..)`.
    Some,
}

/// How an instance was reached from the queryset that a person wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Way {
    /// The queryset's model.
    pub root: String,
    /// The relations followed since, joined by `__`; empty for the queryset's own rows.
    pub path: String,
    /// How many rows the path leads to.
    pub reach: Reach,
}

/// How many rows a path leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// One: what `select_related()` can follow.
    One,
    /// Many: what takes `prefetch_related()`.
    Many,
}

impl Way {
    /// The way to a queryset's own rows.
    pub fn start(model: &str) -> Self {
        Self {
            root: model.to_owned(),
            path: String::new(),
            reach: Reach::One,
        }
    }

    /// The way one relation further.
    #[must_use]
    pub fn then(&self, attribute: &str, reach: Reach) -> Self {
        let path = match self.path.as_str() {
            "" => attribute.to_owned(),
            path => format!("{path}__{attribute}"),
        };
        let reach = match self.reach {
            Reach::One => reach,
            Reach::Many => Reach::Many,
        };
        Self {
            root: self.root.clone(),
            path,
            reach,
        }
    }
}

/// Runs something whose statements have a cause, if there is one to note.
pub(super) fn because<T>(
    connection: &mut dyn Connection,
    cause: Option<Cause>,
    run: impl FnOnce(&mut dyn Connection) -> T,
) -> T {
    let Some(cause) = cause else {
        return run(connection);
    };
    let before = connection.note_cause(Some(cause));
    let result = run(connection);
    connection.note_cause(before);
    result
}

/// What a statement gave.
#[derive(Clone, Debug, Default)]
pub struct Executed {
    /// Rows that were returned, changed or deleted.
    pub row_count: u64,
    /// The rows of a query or of `RETURNING`.
    pub rows: Option<ResultSet>,
    /// Whether it may have changed something.
    pub effect: Effect,
}

/// What a statement does to the database.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Effect {
    /// It only reads.
    #[default]
    Read,
    /// It may change data, definitions or the transaction.
    Change,
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
