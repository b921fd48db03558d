//! The ORM's way to the database.

use crate::base::diagnostic::sqlstate;
use crate::base::{Diagnostic, Result};
use crate::engine::Database;
use crate::orm::connection::{Executed, TransactionState};
use crate::orm::{Connection, Effect, Sql};
use std::cell::RefCell;
use std::rc::Rc;

/// The most statements of one run: beyond them a loop has run away.
const MOST_STATEMENTS: u32 = 50_000;

/// The longest that a run may go on asking, in milliseconds.
const MOST_TIME: f64 = 60_000.0;

/// A connection to a database that others use too.
pub struct Local {
    database: Rc<RefCell<Database>>,
    clock: fn() -> f64,
    transaction: TransactionState,
    /// When the run began, and how many statements it has run.
    start: f64,
    statements: u32,
}

impl Local {
    /// A connection.
    pub fn new(database: Rc<RefCell<Database>>, clock: fn() -> f64) -> Self {
        Self {
            database,
            clock,
            transaction: TransactionState::default(),
            start: clock(),
            statements: 0,
        }
    }

    /// A run begins, which has a budget of its own.
    pub fn begin(&mut self) {
        self.start = (self.clock)();
        self.statements = 0;
    }

    fn spend(&mut self) -> Result<()> {
        self.statements = self.statements.saturating_add(1);
        let late = (self.clock)() - self.start > MOST_TIME;
        if self.statements > MOST_STATEMENTS || late {
            let message = match late {
                true => "the code asked the database for longer than a minute and was stopped",
                false => "the code asked the database 50,000 times and was stopped",
            };
            return Err(Diagnostic::error(sqlstate::QUERY_CANCELED, message).hint(
                "Look for a loop that asks row by row; one query can often answer for all.",
            ));
        }
        Ok(())
    }
}

impl Connection for Local {
    fn execute(&mut self, sql: &Sql) -> Result<Executed> {
        self.spend()?;
        let outcome = self.database.borrow_mut().run(&sql.text(), &[])?;
        Ok(Executed {
            row_count: outcome.row_count,
            effect: effect(&outcome.command),
            rows: outcome.result,
        })
    }

    fn now(&self) -> i64 {
        self.database.borrow().now()
    }

    fn table_rows(&self, table: &str) -> Option<u64> {
        let database = self.database.borrow();
        let table = database.storage().table(table)?;
        u64::try_from(table.row_count()).ok()
    }

    fn transaction(&mut self) -> &mut TransactionState {
        &mut self.transaction
    }

    fn clock(&self) -> f64 {
        (self.clock)()
    }
}

/// What a command does, by its tag.
pub fn effect(command: &str) -> Effect {
    match command {
        // A query may call nextval, which no transaction takes back; a replay then gives other
        // numbers than before, as after a crash of PostgreSQL.
        "" | "SELECT" | "VALUES" | "TABLE" | "EXPLAIN" | "SHOW" => Effect::Read,
        _ => Effect::Change,
    }
}
