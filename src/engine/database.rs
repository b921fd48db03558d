//! The database: one session's SQL, from text to outcome.

mod control;

use super::bind::{self, BindContext};
use super::budget::Budget;
use super::catalog::Catalog;
use super::ddl::{self, Definer};
use super::exec;
use super::exec::explain::Mode;
use super::outcome::{Outcome, text_rows};
use super::plan::{Found, PlanCache, Situation};
use super::sequences::{LastNumbers, SequenceDesk};
use super::statement::{Bound, WithWrite, Writing};
use super::storage::Storage;
use super::transaction::Transaction;
use super::with::Returned;
use super::write::{CheckCache, Writer};
use super::{eval, marketplace, plan};
use crate::base::diagnostic::sqlstate;
use crate::base::{Diagnostic, Result, Span, Type, Value};
use crate::market::seed::{self, Rows, Size};
use crate::sql::{self, Piece};
use sqlparser::ast::{Statement, UtilityOption};
use std::sync::Arc;
use std::time::Duration;

/// Now, until a data set says otherwise: 2026-03-01 00:00:00 UTC.
const DEFAULT_NOW: i64 = 1_772_323_200_000_000;
/// How long a statement may run.
const TIME: Duration = Duration::from_secs(30);
/// How many bytes a statement may hold.
const MEMORY: usize = 1 << 30;

/// A database in memory and its one session. A clone is a world of its own; it shares what
/// neither changes.
#[derive(Clone)]
pub struct Database {
    storage: Storage,
    transaction: Transaction,
    checks: CheckCache,
    plans: PlanCache,
    last_numbers: LastNumbers,
    now: i64,
    limits: Limits,
}

/// What one statement may spend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How long it may run; without end if absent.
    pub time: Option<Duration>,
    /// How many bytes it may hold.
    pub memory: usize,
}

impl Default for Database {
    fn default() -> Self {
        Self::new()
    }
}

impl Database {
    /// An empty database.
    pub fn new() -> Self {
        Self {
            storage: Storage::default(),
            transaction: Transaction::default(),
            checks: CheckCache::default(),
            plans: PlanCache::default(),
            last_numbers: LastNumbers::default(),
            now: DEFAULT_NOW,
            limits: Limits {
                time: Some(TIME),
                memory: MEMORY,
            },
        }
    }

    /// Puts the marketplace's five tables and their rows in, and pins `now()` to the data set's
    /// present. Tables of these names are replaced; an open transaction is rolled back.
    pub fn load_market(&mut self, size: Size) -> Result<()> {
        self.load_rows(&seed::generate(size))
    }

    /// Puts the marketplace's five tables in place, with these rows.
    ///
    /// # Errors
    /// As [`load_market`](Self::load_market).
    pub fn load_rows(&mut self, rows: &Rows) -> Result<()> {
        self.transaction.rollback(&mut self.storage);
        self.now = marketplace::load(&mut self.storage, rows)?;
        Ok(())
    }

    /// The definitions.
    pub fn catalog(&self) -> &Catalog {
        self.storage.catalog()
    }

    /// The rows.
    pub fn storage(&self) -> &Storage {
        &self.storage
    }

    /// What `now()` gives, in microseconds since 1970-01-01 UTC.
    pub fn now(&self) -> i64 {
        self.now
    }

    /// Pins `now()`.
    pub fn set_now(&mut self, now: i64) {
        self.now = now;
    }

    /// What each statement may spend.
    pub fn set_limits(&mut self, limits: Limits) {
        self.limits = limits;
    }

    /// Whether a transaction block is open.
    pub fn in_transaction(&self) -> bool {
        self.transaction.is_open()
    }

    /// Runs one statement. `params` are the values of `$1`, `$2`, ...
    pub fn run(&mut self, text: &str, params: &[Value]) -> Result<Outcome> {
        let several_parts = [";", "--", "/*"].iter().any(|sign| text.contains(sign));
        let bare = text.trim();
        if !several_parts && !bare.is_empty() {
            let start = text.len() - text.trim_start().len();
            return self
                .run_one(bare, None, params)
                .map_err(|error| moved(error, start as u32));
        }
        let mut pieces = sql::split(text)?;
        match (pieces.pop(), pieces.is_empty()) {
            (None, _) => Ok(Outcome::default()),
            (Some(piece), true) => self.run_piece(text, piece, params),
            (Some(_), false) => Err(several()),
        }
    }

    /// Runs the statements of a script one after the other, up to the first that fails.
    pub fn run_script(&mut self, text: &str) -> (Vec<Outcome>, Option<Box<Diagnostic>>) {
        let mut outcomes = Vec::new();
        let pieces = match sql::split(text) {
            Ok(pieces) => pieces,
            Err(error) => return (outcomes, Some(error)),
        };
        for piece in pieces {
            match self.run_piece(text, piece, &[]) {
                Ok(outcome) => outcomes.push(outcome),
                Err(error) => return (outcomes, Some(error)),
            }
        }
        (outcomes, None)
    }

    /// Adds rows, given as columns of the table's types, without SQL: keys must be new and NOT
    /// NULL and CHECK must hold; foreign keys are checked behind the last row.
    pub fn bulk_load(&mut self, table: &str, columns: Vec<crate::base::Column>) -> Result<u64> {
        self.transaction.admit()?;
        let rows = columns.first().map_or(0, crate::base::Column::len);
        let batch = crate::base::Batch {
            columns: columns.into_iter().map(Arc::new).collect(),
            rows,
        };
        self.atomically(|database, desk, budget| {
            let eval = eval::Context {
                now: database.now,
                parameters: &[],
                sequences: Some(desk),
                budget: Some(budget),
            };
            let pending = &mut database.transaction.pending;
            let storage = &mut database.storage;
            let written = Writer::new(storage, eval, budget, &database.checks, pending)
                .load(table, &batch)?;
            Ok(Outcome::written("COPY", written))
        })
        .map(|outcome| outcome.row_count)
    }

    /// Runs a statement that `sql::split` has cut out of a text; places in errors count from the
    /// start of that text.
    pub fn run_piece(&mut self, text: &str, piece: Piece, params: &[Value]) -> Result<Outcome> {
        let span = piece.span;
        let own = text
            .get(span.start as usize..span.end as usize)
            .unwrap_or_default();
        self.run_one(own, Some(piece), params)
            .map_err(|error| moved(error, span.start))
    }

    /// Runs a statement, parsed from its piece or else its text.
    fn run_one(&mut self, text: &str, piece: Option<Piece>, params: &[Value]) -> Result<Outcome> {
        if let Some(outcome) = self.run_known(text, params) {
            return outcome;
        }
        if let Some(timings) = ddl::parse_set_constraints(text)? {
            return self.set_constraints(timings);
        }
        let statement = match piece {
            Some(piece) => piece.parse(text).map(Some),
            None => sql::parse(text).map(|all| all.into_iter().next().map(|it| it.statement)),
        };
        match statement.inspect_err(|_| self.transaction.fail())? {
            None => Ok(Outcome::default()),
            Some(statement) => self.execute(&statement, text, params),
        }
    }

    /// Runs a query whose plan is known; gives nothing for any other text.
    fn run_known(&mut self, text: &str, params: &[Value]) -> Option<Result<Outcome>> {
        let types: Vec<Type> = params.iter().map(natural_type).collect();
        let found = self.plans.find(
            text,
            &self.situation(&types, &self.storage.shared_catalog()),
        )?;
        if let Err(error) = self.transaction.admit() {
            return Some(Err(error));
        }
        Some(self.atomically(|database, desk, budget| {
            let eval = eval::Context {
                now: database.now,
                parameters: params,
                sequences: Some(desk),
                budget: Some(budget),
            };
            database.run_plan(&found, eval, budget).or_else(|error| {
                // The plan has the places of the text that it was made for.
                match sql::parse(text)?.first() {
                    Some(parsed) => {
                        database.dispatch(&parsed.statement, text, params, desk, budget)
                    }
                    None => Err(error),
                }
            })
        }))
    }

    /// Runs a query.
    fn run_plan(&self, found: &Found, eval: eval::Context<'_>, budget: &Budget) -> Result<Outcome> {
        let parameters: Vec<Value> = eval
            .parameters
            .iter()
            .chain(&found.numbers)
            .cloned()
            .collect();
        let eval = eval::Context {
            parameters: &parameters,
            ..eval
        };
        let context = exec::Context::new(&self.storage, eval, budget);
        Ok(Outcome::rows("SELECT", exec::run(found.query(), &context)?))
    }

    fn situation<'a>(&'a self, parameters: &'a [Type], catalog: &'a Arc<Catalog>) -> Situation<'a> {
        Situation {
            catalog,
            statistics: &self.storage,
            parameters,
            now: self.now,
        }
    }

    fn execute(&mut self, statement: &Statement, text: &str, params: &[Value]) -> Result<Outcome> {
        if let Some(outcome) = self.control(statement)? {
            return Ok(outcome);
        }
        self.transaction.admit()?;
        self.atomically(|database, desk, budget| {
            database.dispatch(statement, text, params, desk, budget)
        })
    }

    /// Runs something that changes everything it wants to or, when it fails, nothing but the
    /// numbers that sequences have given.
    fn atomically(
        &mut self,
        run: impl FnOnce(&mut Self, &SequenceDesk, &Budget) -> Result<Outcome>,
    ) -> Result<Outcome> {
        let before = self.storage.clone();
        let pending = self.transaction.pending.mark();
        let desk = SequenceDesk::new(&self.storage, std::mem::take(&mut self.last_numbers));
        let budget = Budget::new(self.limits.time, self.limits.memory);
        let result = run(self, &desk, &budget).and_then(|outcome| {
            let timings = &self.transaction.timings;
            let due = self.transaction.is_open().then_some(timings);
            self.transaction.pending.check(&self.storage, due)?;
            Ok(outcome)
        });
        let (states, last) = desk.close();
        self.last_numbers = last;
        for (name, state) in states {
            if self.storage.sequence(&name).is_some() {
                self.storage.put_sequence(name.clone(), state);
            }
            self.transaction.advance(name, state);
        }
        if result.is_err() {
            self.transaction.restore(&mut self.storage, before);
            self.transaction.pending.back_to(pending);
            self.transaction.fail();
        }
        if !self.transaction.is_open() {
            self.transaction = Transaction::default();
        }
        result
    }

    fn dispatch(
        &mut self,
        statement: &Statement,
        text: &str,
        params: &[Value],
        desk: &SequenceDesk,
        budget: &Budget,
    ) -> Result<Outcome> {
        let catalog = self.storage.shared_catalog();
        let types: Vec<Type> = params.iter().map(natural_type).collect();
        let binding = BindContext {
            catalog: &catalog,
            parameters: &types,
            now: self.now,
        };
        let eval = eval::Context {
            now: self.now,
            parameters: params,
            sequences: Some(desk),
            budget: Some(budget),
        };
        match bind::bind(statement, &binding)? {
            Some(Bound::Query(query)) => {
                let mut plans = std::mem::take(&mut self.plans);
                let optimize = |query| plan::rewrite::optimize(query, &self.storage);
                let found = plans.plan(text, query, &self.situation(&types, &catalog), optimize);
                self.plans = plans;
                return self.run_plan(&found?, eval, budget);
            }
            Some(Bound::Writing(writing)) => return self.run_writing(*writing, eval, budget),
            Some(write) => {
                let before = self.storage.clone();
                return self.run_write(&write, before, eval, budget);
            }
            None => {}
        }
        match statement {
            Statement::Explain {
                describe_alias: _,
                analyze,
                verbose,
                query_plan,
                estimate,
                statement,
                format,
                options,
            } => {
                refuse(*verbose, "EXPLAIN VERBOSE")?;
                refuse(*query_plan || *estimate, "this form of EXPLAIN")?;
                refuse(format.is_some(), "EXPLAIN FORMAT")?;
                let mut analyze = *analyze;
                for option in options.iter().flatten() {
                    analyze |= explain_option(option)?;
                }
                let query = self.explained(statement, &binding)?;
                let context = exec::Context::new(&self.storage, eval, budget);
                let mode = match analyze {
                    true => Mode::Analyze,
                    false => Mode::Plan,
                };
                let explained = exec::explain::explain(&query, mode, &context)?;
                Ok(Outcome {
                    explained: Some(explained.clone()),
                    ..Outcome::rows("EXPLAIN", text_rows("QUERY PLAN", &explained.lines())?)
                })
            }
            other => {
                let mut definer = Definer {
                    storage: &mut self.storage,
                    transaction: &mut self.transaction,
                    eval,
                    budget,
                    text,
                    notices: Vec::new(),
                };
                let done = definer.define(other)?;
                Ok(Outcome {
                    command: done.command.to_owned(),
                    row_count: done.rows,
                    result: done.result,
                    notices: definer.notices,
                    explained: None,
                })
            }
        }
    }

    /// Runs a statement and the writes in its WITH; all of them see the rows as they are now.
    fn run_writing(
        &mut self,
        writing: Writing,
        eval: eval::Context<'_>,
        budget: &Budget,
    ) -> Result<Outcome> {
        let before = self.storage.clone();
        let mut returned = Returned::default();
        for WithWrite { cte, mut write } in writing.writes {
            returned.fill(&mut write);
            let outcome = self.run_write(&write, before.clone(), eval, budget)?;
            returned.keep(cte, outcome.result.as_ref());
        }
        let mut body = writing.body;
        returned.fill(&mut body);
        self.run_write(&body, before, eval, budget)
    }

    /// Runs a write, or a query, over the rows as they were `before`.
    fn run_write(
        &mut self,
        bound: &Bound,
        before: Storage,
        eval: eval::Context<'_>,
        budget: &Budget,
    ) -> Result<Outcome> {
        let pending = &mut self.transaction.pending;
        let mut writer = Writer::new(&mut self.storage, eval, budget, &self.checks, pending);
        match bound {
            Bound::Query(query) => {
                let query = plan::rewrite::optimize(query.clone(), &before)?;
                let context = exec::Context::new(&before, eval, budget);
                Ok(Outcome::rows("SELECT", exec::run(&query, &context)?))
            }
            Bound::Insert(insert) => {
                let written = writer.over(before).insert(insert)?;
                Ok(Outcome::written("INSERT", written))
            }
            Bound::Update(update) => {
                let written = writer.over(before).update(update)?;
                Ok(Outcome::written("UPDATE", written))
            }
            Bound::Delete(delete) => {
                let written = writer.over(before).delete(delete)?;
                Ok(Outcome::written("DELETE", written))
            }
            Bound::Writing(writing) => self.run_writing((**writing).clone(), eval, budget),
        }
    }

    /// The query that EXPLAIN shows: for a write, its source.
    fn explained(
        &self,
        statement: &Statement,
        binding: &BindContext<'_>,
    ) -> Result<super::statement::Query> {
        use super::statement::Query;
        let source = |plan, columns| Query {
            plan,
            columns,
            fields: Vec::new(),
        };
        let bound = match bind::bind(statement, binding)? {
            Some(Bound::Writing(writing)) => Some(writing.body),
            bound => bound,
        };
        let query = match bound {
            Some(Bound::Query(query)) => query,
            Some(Bound::Insert(insert)) => source(insert.source, insert.columns),
            Some(Bound::Update(update)) => {
                let mut columns = vec![update.row_id];
                columns.extend(update.assignments.iter().map(|(_, column)| *column));
                source(update.source, columns)
            }
            Some(Bound::Delete(delete)) => source(delete.source, vec![delete.row_id]),
            Some(Bound::Writing(_)) | None => {
                return Err(Diagnostic::error(
                    sqlstate::FEATURE_NOT_SUPPORTED,
                    "EXPLAIN of this statement is not supported",
                )
                .hint("EXPLAIN shows SELECT, INSERT, UPDATE and DELETE."));
            }
        };
        plan::rewrite::optimize(query, &self.storage)
    }
}

/// An error of a statement that starts so many bytes into its text.
fn moved(mut error: Box<Diagnostic>, bytes: u32) -> Box<Diagnostic> {
    if let Some(at) = &mut error.span {
        *at = Span::new(at.start.saturating_add(bytes), at.end.saturating_add(bytes));
    }
    error
}

/// Reads an option of EXPLAIN in parentheses; tells whether it asks for ANALYZE. Those that say
/// what to show besides have no effect: the lines are always the same.
fn explain_option(option: &UtilityOption) -> Result<bool> {
    let UtilityOption { name, arg } = option;
    let value = arg.as_ref().map(|arg| arg.to_string().to_lowercase());
    let on = !matches!(value.as_deref(), Some("off" | "false" | "0" | "'off'"));
    let name = name.value.to_lowercase();
    match name.as_str() {
        "analyze" => Ok(on),
        "costs" | "timing" | "buffers" | "summary" | "settings" | "wal" => Ok(false),
        "format" => {
            refuse(value.as_deref() != Some("text"), "EXPLAIN FORMAT")?;
            Ok(false)
        }
        "verbose" => {
            refuse(on, "EXPLAIN VERBOSE")?;
            Ok(false)
        }
        _ => Err(Diagnostic::error(
            sqlstate::SYNTAX_ERROR,
            format!("unrecognized EXPLAIN option \"{name}\""),
        )),
    }
}

fn several() -> Box<Diagnostic> {
    Diagnostic::error(
        sqlstate::SYNTAX_ERROR,
        "cannot run several statements at once",
    )
    .hint("Run them as a script.")
}

fn refuse(there: bool, what: &str) -> Result<()> {
    if there {
        return Err(Diagnostic::error(
            sqlstate::FEATURE_NOT_SUPPORTED,
            format!("{what} is not supported"),
        ));
    }
    Ok(())
}

/// The type a parameter's value has by itself; texts and NULL take the context's.
fn natural_type(value: &Value) -> Type {
    match value {
        Value::Null | Value::Text(_) => Type::Unknown,
        Value::Bool(_) => Type::Boolean,
        Value::Int(v) if i32::try_from(*v).is_ok() => Type::Integer,
        Value::Int(_) => Type::BigInt,
        Value::Numeric(_) => Type::Numeric(None),
        Value::Float(_) => Type::Double,
        Value::Date(_) => Type::Date,
        Value::Time(_) => Type::Time,
        Value::Timestamp(_) => Type::TimestampTz,
        Value::Interval(_) => Type::Interval,
        Value::Uuid(_) => Type::Uuid,
        Value::Array(items) => {
            let element = items.iter().find(|item| !item.is_null());
            Type::Array(Box::new(match element {
                Some(Value::Text(_)) | None => Type::Text,
                Some(item) => natural_type(item),
            }))
        }
        Value::Record(items) => Type::Record(items.iter().map(natural_type).collect()),
    }
}
