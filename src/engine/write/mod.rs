//! Writes: executes bound INSERT, UPDATE and DELETE.
//!
//! The statement's source is run as a query over a snapshot; what it gives is checked and then
//! written through `glue`. NOT NULL and CHECK hold before a row is written, unique keys when all
//! rows of the statement are, foreign keys at the end of the statement or of the transaction. A
//! writer that fails leaves the storage half changed: the caller puts its snapshot back.

mod constraint;
mod deferred;
mod delete;
mod evaluate;
mod insert;
mod reference;
mod returning;
mod truncate;
mod update;
mod upsert;

pub use constraint::{CheckCache, describe_key, unique_violation};
pub use deferred::{Pending, TimingOverrides, check_key};
pub use reference::check_all;
pub use truncate::{Identities, truncate};

use super::budget::Budget;
use super::catalog::{Catalog, Table};
use super::eval;
use super::exec;
use super::expr::ColumnId;
use super::plan::{self, Plan};
use super::statement::Query;
use super::storage::Storage;
use crate::base::diagnostic::sqlstate;
use crate::base::{Batch, Diagnostic, Result, ResultSet};
use std::sync::Arc;

/// What a write did.
#[derive(Debug)]
pub struct Written {
    /// How many rows it wrote.
    pub rows: u64,
    /// The rows of RETURNING.
    pub result: Option<ResultSet>,
}

/// Executes writes within one statement.
pub struct Writer<'a> {
    /// What is changed.
    storage: &'a mut Storage,
    /// Now, parameters and sequences.
    eval: eval::Context<'a>,
    /// Time and memory.
    budget: &'a Budget,
    /// Bound checks and defaults of tables.
    checks: &'a CheckCache,
    /// Foreign keys that are still to be checked.
    pending: &'a mut Pending,
    /// How deep actions of foreign keys nest now.
    nesting: usize,
    /// The rows as the statement sees them.
    before: Storage,
}

impl<'a> Writer<'a> {
    /// A writer for one statement.
    pub fn new(
        storage: &'a mut Storage,
        eval: eval::Context<'a>,
        budget: &'a Budget,
        checks: &'a CheckCache,
        pending: &'a mut Pending,
    ) -> Self {
        let before = storage.clone();
        Self {
            storage,
            eval,
            budget,
            checks,
            pending,
            nesting: 0,
            before,
        }
    }

    /// Lets the statement see other rows than those that it changes.
    pub fn over(&mut self, before: Storage) -> &mut Self {
        self.before = before;
        self
    }

    /// Runs the source of a write over the rows as the statement sees them.
    fn source(&self, plan: &Plan, columns: &[ColumnId]) -> Result<Vec<Batch>> {
        let snapshot = &self.before;
        let query = Query {
            plan: plan.clone(),
            columns: columns.to_vec(),
            fields: Vec::new(),
        };
        let query = plan::rewrite::optimize(query, snapshot)?;
        let context = exec::Context::new(snapshot, self.eval, self.budget);
        Ok(exec::run(&query, &context)?.batches)
    }

    /// Adds rows that are given as a batch, without a statement.
    pub fn load(&mut self, table: &str, rows: &Batch) -> Result<Written> {
        let table = self.table(table)?;
        let fits = rows.columns.len() == table.columns.len()
            && rows.columns.iter().all(|column| column.len() == rows.rows);
        if !fits {
            return Err(Diagnostic::error(
                sqlstate::SYNTAX_ERROR,
                format!(
                    "the rows do not have the {} columns of \"{}\"",
                    table.columns.len(),
                    table.name
                ),
            ));
        }
        self.check_rows(&table, rows)?;
        let Some(data) = self.storage.table_mut(&table.name) else {
            return Ok(Written {
                rows: 0,
                result: None,
            });
        };
        let (ids, duplicate) = data.append(&rows.columns, rows.rows)?;
        if let Some(duplicate) = duplicate {
            return Err(unique_violation(&table, data, &duplicate));
        }
        self.refer(&table, &ids.collect::<Vec<_>>());
        Ok(Written {
            rows: rows.rows as u64,
            result: None,
        })
    }

    fn catalog(&self) -> Arc<Catalog> {
        self.storage.shared_catalog()
    }

    fn table(&self, name: &str) -> Result<Arc<Table>> {
        table(self.storage, name)
    }
}

/// A table's definition.
fn table(storage: &Storage, name: &str) -> Result<Arc<Table>> {
    storage.catalog().tables.get(name).cloned().ok_or_else(|| {
        Diagnostic::error(
            sqlstate::UNDEFINED_TABLE,
            format!("relation \"{name}\" does not exist"),
        )
    })
}
