//! One user's world: the database, the result sets that are shown, and what belongs into the
//! journal.
//!
//! Must never know the DOM, nor how messages cross to the page.

mod schema;

pub use schema::{Column, Table};

use crate::base::{Diagnostic, Result, ResultSet, Type, Value};
use crate::engine::database::{Database, Outcome};
use crate::export;
use std::collections::BTreeMap;
use std::ops::Range;

pub use crate::export::text::{iso, shown, write_iso};
pub use crate::market::seed::Size;

/// A part of the page that keeps results.
pub type Panel = u32;

/// One user's world.
pub struct Session {
    database: Database,
    size: Size,
    /// The result sets of each panel's last run.
    results: BTreeMap<Panel, Vec<ResultSet>>,
    /// Milliseconds since some moment; the outside's, for there is no clock in here.
    clock: fn() -> f64,
}

/// Whether a request may have changed the data, so that a replay needs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Changes {
    /// It only read.
    None,
    /// It may have.
    Possible,
}

/// A request to replay.
pub enum Entry<'a> {
    /// A script.
    Script(&'a str),
    /// A statement with the parameters of each of its runs.
    Statement(&'a str, Vec<Vec<Value>>),
}

/// What came of a script.
#[derive(Debug)]
pub struct Run {
    /// One for each statement that ran.
    pub outcomes: Vec<Outcome>,
    /// What stopped it.
    pub error: Option<Box<Diagnostic>>,
    /// The engine's time in milliseconds.
    pub ms: f64,
    /// Whether a replay needs it.
    pub changes: Changes,
}

/// The data set at hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Market {
    /// Its size.
    pub size: Size,
    /// What `now()` answers, in ISO 8601.
    pub now: String,
    /// How many orders there are.
    pub orders: u64,
}

/// A form of text for results.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Comma-separated with a header.
    Csv,
    /// An array of objects.
    Json,
    /// Tab-separated without a header.
    Tsv,
}

impl Session {
    /// A world without tables; `clock` gives milliseconds since some moment.
    pub fn new(clock: fn() -> f64) -> Self {
        Self {
            database: Database::new(),
            size: Size::Small,
            results: BTreeMap::new(),
            clock,
        }
    }

    /// Throws everything away and makes the data set of a size.
    ///
    /// # Errors
    ///
    /// When the data set cannot be made, which is a fault of ours.
    pub fn reset(&mut self, size: Size) -> Result<Market> {
        let mut database = Database::new();
        database.load_market(size)?;
        self.database = database;
        self.size = size;
        self.results.clear();
        Ok(self.market())
    }

    /// Makes the data set of a size and replays what changed it since. A transaction that is
    /// open at the end is rolled back: whoever had it open is gone.
    ///
    /// # Errors
    ///
    /// As [`Session::reset`]. Statements of the journal that fail have failed before.
    pub fn restore<'a>(
        &mut self,
        size: Size,
        journal: impl IntoIterator<Item = Entry<'a>>,
    ) -> Result<Market> {
        self.reset(size)?;
        for entry in journal {
            match entry {
                Entry::Script(sql) => drop(self.execute(sql)),
                Entry::Statement(sql, runs) => drop(self.query(sql, &runs)),
            }
        }
        if self.database.in_transaction() {
            self.execute("ROLLBACK");
        }
        Ok(self.market())
    }

    /// Runs a script and keeps its result sets for a panel; those of its last run are dropped.
    pub fn run(&mut self, panel: Panel, sql: &str) -> Run {
        self.results.remove(&panel);
        let run = self.execute(sql);
        // Columns are shared, so this copies no values.
        let results = run
            .outcomes
            .iter()
            .filter_map(|outcome| outcome.result.clone())
            .collect();
        self.results.insert(panel, results);
        run
    }

    /// Runs a script.
    pub fn execute(&mut self, sql: &str) -> Run {
        let transaction = self.transaction();
        let start = (self.clock)();
        let (outcomes, error) = self.database.run_script(sql);
        let ms = (self.clock)() - start;
        let ending = match error {
            Some(_) => Ending::Failed,
            None => Ending::Done,
        };
        let changes = changes(&outcomes, ending, transaction);
        Run {
            outcomes,
            error,
            ms,
            changes,
        }
    }

    /// Runs a statement once for each set of parameters; stops at the first error. Each outcome
    /// has its time in milliseconds.
    pub fn query(
        &mut self,
        sql: &str,
        runs: &[Vec<Value>],
    ) -> (Vec<(Outcome, f64)>, Option<Box<Diagnostic>>, Changes) {
        let transaction = self.transaction();
        let mut outcomes = Vec::with_capacity(runs.len());
        let mut times = Vec::with_capacity(runs.len());
        let mut error = None;
        for params in runs {
            let start = (self.clock)();
            match self.database.run(sql, params) {
                Ok(outcome) => {
                    times.push((self.clock)() - start);
                    outcomes.push(outcome);
                }
                Err(stopped) => {
                    error = Some(stopped);
                    break;
                }
            }
        }
        let ending = match error {
            Some(_) => Ending::Failed,
            None => Ending::Done,
        };
        let changes = changes(&outcomes, ending, transaction);
        (outcomes.into_iter().zip(times).collect(), error, changes)
    }

    fn transaction(&self) -> Transaction {
        if self.database.in_transaction() {
            Transaction::Open
        } else {
            Transaction::None
        }
    }

    /// A kept result set.
    pub fn result(&self, panel: Panel, set: u32) -> Option<&ResultSet> {
        self.results.get(&panel)?.get(set as usize)
    }

    /// A part of a kept result set as text.
    pub fn export(
        &self,
        panel: Panel,
        set: u32,
        format: Format,
        rows: Range<usize>,
        columns: Range<usize>,
    ) -> Option<String> {
        let result = self.result(panel, set)?;
        Some(match format {
            Format::Csv => export::delimited::csv(result, rows, columns),
            Format::Tsv => export::delimited::tsv(result, rows, columns),
            Format::Json => export::json::objects(result, rows, columns),
        })
    }

    /// The data set at hand.
    pub fn market(&self) -> Market {
        let now = Value::Timestamp(self.database.now());
        Market {
            size: self.size,
            now: iso(&now, &Type::TimestampTz),
            orders: self.count("orders"),
        }
    }

    /// The tables as they are now, by name.
    pub fn tables(&self) -> Vec<Table> {
        let catalog = self.database.catalog();
        let tables = catalog.tables.values();
        tables
            .map(|table| schema::table(table, catalog, self.count(&table.name)))
            .collect()
    }

    fn count(&self, table: &str) -> u64 {
        let table = self.database.storage().table(table);
        table.map_or(0, |table| table.row_count() as u64)
    }
}

/// Whether a replay needs what ran. Inside of a transaction errors count too, for they make the
/// rest of it fail, and so does everything that begins or ends one.
fn changes(outcomes: &[Outcome], ending: Ending, transaction: Transaction) -> Changes {
    let reads = |outcome: &Outcome| {
        matches!(
            outcome.command.as_str(),
            "" | "SELECT" | "VALUES" | "TABLE" | "EXPLAIN" | "SHOW"
        )
    };
    let failed_inside = ending == Ending::Failed && transaction == Transaction::Open;
    // A query may call nextval, which no transaction takes back; a replay then gives other
    // numbers than before, as after a crash of PostgreSQL.
    if failed_inside || !outcomes.iter().all(reads) {
        Changes::Possible
    } else {
        Changes::None
    }
}

/// How a script or statement ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ending {
    Done,
    Failed,
}

/// Whether a transaction was open before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Transaction {
    None,
    Open,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session() -> Session {
        let mut session = Session::new(|| 0.0);
        assert!(session.reset(Size::Small).is_ok());
        session
    }

    fn rows_of(session: &mut Session, sql: &str) -> Vec<String> {
        let run = session.execute(sql);
        assert!(run.error.is_none(), "{sql}: {:?}", run.error);
        let result = run.outcomes.into_iter().find_map(|outcome| outcome.result);
        let result = result.unwrap_or_default();
        result
            .rows(0)
            .flatten()
            .zip(result.fields.iter().cycle())
            .map(|(value, field)| shown(&value, &field.ty))
            .collect()
    }

    #[test]
    fn a_fresh_data_set_says_what_it_is() {
        let market = session().market();
        assert_eq!(
            market,
            Market {
                size: Size::Small,
                now: "2026-03-01T12:00:00Z".into(),
                orders: 60
            }
        );
    }

    #[test]
    fn a_panel_keeps_the_result_sets_of_its_last_run() {
        let mut session = session();
        session.run(1, "SELECT 1; SELECT 2, 3");
        session.run(2, "SELECT 4");
        assert_eq!(
            session.result(1, 1).map(|result| result.fields.len()),
            Some(2)
        );
        session.run(1, "SELECT 5");
        assert!(session.result(1, 1).is_none());
        assert!(session.result(2, 0).is_some());
        let text = session.export(1, 0, Format::Tsv, 0..9, 0..9);
        assert_eq!(text.as_deref(), Some("5"));
    }

    #[test]
    fn reading_needs_no_replay_and_writing_does() {
        let mut session = session();
        assert_eq!(session.execute("SELECT 1; SELECT 2").changes, Changes::None);
        assert_eq!(session.execute("SELEC").changes, Changes::None);
        assert_eq!(
            session.execute("DELETE FROM order_item").changes,
            Changes::Possible
        );
        assert_eq!(session.execute("BEGIN").changes, Changes::Possible);
        assert_eq!(session.execute("SELEC").changes, Changes::Possible);
    }

    #[test]
    fn a_script_that_fails_keeps_what_ran_before() {
        let mut session = session();
        let run = session.execute("UPDATE product SET stock = 1 WHERE id = 1; SELECT nothing");
        assert_eq!(run.changes, Changes::Possible);
        let place = run
            .error
            .and_then(|error| error.span)
            .map(|span| span.start);
        assert_eq!(place, Some(50));
        assert_eq!(
            rows_of(&mut session, "SELECT stock FROM product WHERE id = 1"),
            ["1"]
        );
    }

    #[test]
    fn a_restored_session_has_what_was_committed() {
        let mut session = session();
        let journal = [
            Entry::Script("UPDATE product SET stock = 7 WHERE id = 1"),
            Entry::Statement(
                "UPDATE product SET stock = $1 WHERE id = $2",
                vec![
                    vec![Value::Int(8), Value::Int(2)],
                    vec![Value::Int(9), Value::Int(3)],
                ],
            ),
            Entry::Script("BEGIN"),
            Entry::Script("DELETE FROM order_item"),
        ];
        assert!(session.restore(Size::Small, journal).is_ok());
        let stock = "SELECT stock FROM product WHERE id <= 3 ORDER BY id";
        assert_eq!(rows_of(&mut session, stock), ["7", "8", "9"]);
        assert_eq!(
            rows_of(&mut session, "SELECT COUNT(*) FROM order_item"),
            ["144"]
        );
    }

    #[test]
    fn the_schema_knows_keys_and_rows() {
        let tables = session().tables();
        let names: Vec<_> = tables
            .iter()
            .map(|table| (table.name.as_str(), table.rows))
            .collect();
        assert_eq!(
            names,
            [
                ("category", 5),
                ("customer", 12),
                ("order_item", 144),
                ("orders", 60),
                ("product", 24)
            ]
        );
        let references = tables
            .iter()
            .flat_map(|table| &table.columns)
            .filter(|column| column.references.is_some())
            .count();
        assert_eq!(references, 5);
        assert!(
            tables
                .iter()
                .all(|table| table.columns.iter().any(|column| column.primary_key))
        );
    }
}
