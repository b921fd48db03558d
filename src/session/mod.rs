//! One user's world: the database, the result sets that are shown, and what belongs into the
//! journal.
//!
//! Must never know the DOM, nor how messages cross to the page.

mod assist;
mod connection;
pub mod dashboard;
pub mod exercise;
mod frames;
pub mod help;
mod journal;
mod lost_update;
mod plain;
pub mod query_log;
mod rehearsal;
mod schema;
mod table;
mod world;

pub use crate::shell::assist::SuggestionKind;
pub use assist::problems;
pub use connection::Local;
pub use journal::Step;
pub use schema::{Column, Table};
pub use world::{Language, PlainValue, Shown, World, WorldRun};

use crate::base::diagnostic::sqlstate;
use crate::base::{Code, Diagnostic, Result, ResultSet, Type, Value};
use crate::engine::database::Database;
use crate::engine::outcome::Outcome;
use crate::export;
use crate::orm::Effect;
use crate::report::frames::{Choice, Frames};
use crate::report::lost_update::{Played, Scenario};
use query_log::QueryLog;
use std::collections::BTreeMap;
use std::ops::Range;

pub use crate::engine::exec::explain::{Explained, Node as PlanNode};
pub use crate::export::text::{iso, shown, write_iso};
pub use crate::market::seed::Size;

/// A part of the page that keeps results.
pub type Panel = u32;

/// One user's worlds, and the results that are shown.
pub struct Session {
    main: World,
    size: Size,
    /// The world of the panels that want more data than the main one may have.
    medium: Option<World>,
    /// What each panel's last run gave.
    kept: BTreeMap<Panel, Kept>,
    /// The data sets as they were made; a copy costs next to nothing.
    seeds: BTreeMap<&'static str, Database>,
    /// What the dashboard has asked already.
    answers: dashboard::Answers,
    /// Milliseconds since some moment; the outside's, for there is no clock in here.
    clock: fn() -> f64,
}

/// What a panel shows.
#[derive(Default)]
struct Kept {
    world: WorldId,
    results: Vec<ResultSet>,
    log: QueryLog,
    /// The plans that an EXPLAIN of the panel's own has given, by the place of its statement.
    explained: BTreeMap<usize, Explained>,
}

/// Which of a session's worlds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WorldId {
    /// The one whose size the page's bar shows.
    #[default]
    Main,
    /// One with the Medium data set, made when it is first asked for.
    Medium,
}

/// Whether a request may have changed the data, so that a replay needs it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Changes {
    /// It only read.
    #[default]
    None,
    /// It may have.
    Possible,
}

/// How a plan is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlanMode {
    /// `EXPLAIN`
    Plan,
    /// `EXPLAIN ANALYZE`
    Analyze,
}

/// A request to replay.
pub enum Entry<'a> {
    /// A script.
    Script(&'a str),
    /// A statement with the parameters of each of its runs.
    Statement(&'a str, Vec<Vec<Value>>),
    /// What Django code did.
    Step(Step),
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
    /// Worlds without tables; `clock` gives milliseconds since some moment.
    pub fn new(clock: fn() -> f64) -> Self {
        Self {
            main: World::new(Database::new(), clock),
            size: Size::Small,
            medium: None,
            kept: BTreeMap::new(),
            seeds: BTreeMap::new(),
            answers: dashboard::Answers::default(),
            clock,
        }
    }

    /// Throws everything away and makes the data set of a size.
    ///
    /// # Errors
    ///
    /// When the data set cannot be made, which is a fault of ours.
    pub fn reset(&mut self, size: Size) -> Result<Market> {
        self.main = self.fresh(size)?;
        self.medium = None;
        self.size = size;
        self.kept.clear();
        Ok(self.market())
    }

    /// A new world with the data set of a size, for a check of an exercise. Cheap but for the
    /// first of each size.
    ///
    /// # Errors
    ///
    /// When the data set cannot be made, which is a fault of ours.
    pub fn fresh(&mut self, size: Size) -> Result<World> {
        let name = match size {
            Size::Small => "small",
            Size::Medium => "medium",
            Size::Large => "large",
        };
        let database = match self.seeds.get(name) {
            Some(database) => database.clone(),
            None => {
                let mut database = Database::new();
                database.load_market(size)?;
                self.seeds.insert(name, database.clone());
                database
            }
        };
        Ok(World::new(database, self.clock))
    }

    /// One of the worlds.
    ///
    /// # Errors
    ///
    /// As [`Session::reset`].
    pub fn world(&mut self, world: WorldId) -> Result<&mut World> {
        match world {
            WorldId::Main => Ok(&mut self.main),
            WorldId::Medium => {
                if self.medium.is_none() {
                    self.medium = Some(self.fresh(Size::Medium)?);
                }
                let missing = || Diagnostic::error(sqlstate::INTERNAL_ERROR, "no such world");
                self.medium.as_mut().ok_or_else(missing)
            }
        }
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
                Entry::Step(step) => self.main.replay(&step),
            }
        }
        if self.main.database().in_transaction() {
            self.execute("ROLLBACK");
        }
        Ok(self.market())
    }

    /// Runs code in a world and keeps its result sets for a panel; those of its last run are
    /// dropped.
    pub fn run(
        &mut self,
        panel: Panel,
        world: WorldId,
        language: Language,
        code: &str,
    ) -> WorldRun {
        self.kept.remove(&panel);
        let run = match self.world(world) {
            Ok(world) => world.run(language, code),
            Err(error) => WorldRun {
                error: Some(error),
                ..WorldRun::default()
            },
        };
        let mut run = run;
        if world != WorldId::Main {
            // Side worlds are made anew after a restart.
            run.changes = Changes::None;
            run.steps.clear();
            run.variables.clear();
        }
        // Columns are shared, so this copies no values.
        let tables = run.value.iter().filter_map(|value| value.table.clone());
        let results = run.outcomes.iter().filter_map(|it| it.result.clone());
        let explained = run.outcomes.iter().enumerate();
        let explained = explained.filter_map(|(at, it)| Some((at, it.explained.clone()?)));
        let kept = Kept {
            world,
            results: results.chain(tables).collect(),
            log: run.log.clone(),
            explained: explained.collect(),
        };
        self.kept.insert(panel, kept);
        run
    }

    /// Runs a script of SQL.
    pub fn execute(&mut self, sql: &str) -> WorldRun {
        self.main.run(Language::Sql, sql)
    }

    /// Runs Django code for a program.
    pub fn django(&mut self, code: &str) -> WorldRun<PlainValue> {
        self.main.run_for_program(code)
    }

    /// Runs a statement once for each set of parameters; stops at the first error. Each outcome
    /// has its time in milliseconds.
    pub fn query(
        &mut self,
        sql: &str,
        runs: &[Vec<Value>],
    ) -> (Vec<(Outcome, f64)>, Option<Box<Diagnostic>>, Changes) {
        let clock = self.clock;
        let mut database = self.main.database_mut();
        let inside = database.in_transaction();
        let mut outcomes = Vec::with_capacity(runs.len());
        let mut error = None;
        for params in runs {
            let start = clock();
            match database.run(sql, params) {
                Ok(outcome) => outcomes.push((outcome, clock() - start)),
                Err(stopped) => {
                    error = Some(stopped);
                    break;
                }
            }
        }
        // Inside of a transaction errors count too, for they make the rest of it fail.
        let failed_inside = error.is_some() && inside;
        let changed = outcomes
            .iter()
            .any(|(outcome, _)| connection::effect(&outcome.command) == Effect::Change);
        let changes = match failed_inside || changed {
            true => Changes::Possible,
            false => Changes::None,
        };
        (outcomes, error, changes)
    }

    /// A kept result set.
    pub fn result(&self, panel: Panel, set: u32) -> Option<&ResultSet> {
        self.kept.get(&panel)?.results.get(set as usize)
    }

    /// The plan of a statement of a panel's last run. Its query runs for the figures of
    /// [`PlanMode::Analyze`], on a copy of the data; a change is never made.
    ///
    /// # Errors
    ///
    /// The statement has no plan, or is no longer known.
    pub fn plan(&mut self, panel: Panel, query: usize, mode: PlanMode) -> Result<Explained> {
        let gone = || Diagnostic::error(Code::new("34000"), "this run is no longer there");
        let none = || {
            Diagnostic::error(
                sqlstate::FEATURE_NOT_SUPPORTED,
                "this statement has no plan",
            )
        };
        let kept = self.kept.get(&panel).ok_or_else(gone)?;
        if let Some(explained) = kept.explained.get(&query) {
            return Ok(explained.clone());
        }
        let sql = kept.log.queries.get(query).ok_or_else(gone)?.sql.clone();
        let prefix = match mode {
            PlanMode::Plan => "EXPLAIN",
            PlanMode::Analyze => "EXPLAIN ANALYZE",
        };
        let world = kept.world;
        self.world(world)?.explain(&sql, prefix)?.ok_or_else(none)
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

    /// The dashboard's tiles.
    ///
    /// # Errors
    ///
    /// What the database says, when its tables were changed for instance.
    pub fn dashboard(&mut self, filter: &dashboard::Filter) -> Result<dashboard::Tiles> {
        let mut database = self.main.database_mut();
        dashboard::dashboard(&mut database, &mut self.answers, self.clock, filter)
    }

    /// The rows of a partition and the frame of each.
    ///
    /// # Errors
    ///
    /// What the database says, of a frame that ends before it starts for instance.
    pub fn frames(&mut self, choice: &Choice) -> Result<Frames> {
        frames::frames(&mut self.main.database_mut(), choice)
    }

    /// The lost update after so many steps, on a database of its own.
    ///
    /// # Errors
    ///
    /// As [`Session::reset`].
    pub fn lost_update(&mut self, scenario: Scenario, steps: usize) -> Result<Played> {
        lost_update::play(self.fresh(Size::Small)?, scenario, steps)
    }

    /// Makes what is else made when it is first needed; the outside calls it in a quiet moment.
    pub fn prepare(&mut self) {
        self.main.prepare();
    }

    /// Whether there is nothing to [`Session::prepare`].
    pub const fn is_prepared(&self) -> bool {
        self.main.is_prepared()
    }

    /// The data set at hand.
    pub fn market(&self) -> Market {
        let database = self.main.database();
        let now = Value::Timestamp(database.now());
        Market {
            size: self.size,
            now: iso(&now, &Type::TimestampTz),
            orders: count(&database, "orders"),
        }
    }

    /// The tables as they are now, by name.
    pub fn tables(&self) -> Vec<Table> {
        let database = self.main.database();
        let catalog = database.catalog();
        let tables = catalog.tables.values();
        tables
            .map(|table| schema::table(table, catalog, count(&database, &table.name)))
            .collect()
    }
}

fn count(database: &Database, table: &str) -> u64 {
    let table = database.storage().table(table);
    table.map_or(0, |table| table.row_count() as u64)
}

#[cfg(test)]
mod django_tests;
#[cfg(test)]
mod many_tests;
#[cfg(test)]
mod model_tests;

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
    fn a_prepared_session_answers_the_same_and_a_reset_one_is_to_prepare_again() {
        let mut session = session();
        assert!(!session.is_prepared());
        session.prepare();
        assert!(session.is_prepared());
        let run = session.django("Order.objects.count()");
        assert_eq!(run.value.map(|value| value.repr).as_deref(), Some("60"));
        assert!(session.reset(Size::Small).is_ok());
        assert!(!session.is_prepared());
    }

    #[test]
    fn a_panel_keeps_the_result_sets_of_its_last_run() {
        let mut session = session();
        let mut run = |panel, sql: &str| {
            session.run(panel, WorldId::Main, Language::Sql, sql);
        };
        run(1, "SELECT 1; SELECT 2, 3");
        run(2, "SELECT 4");
        assert_eq!(
            session.result(1, 1).map(|result| result.fields.len()),
            Some(2)
        );
        session.run(1, WorldId::Main, Language::Sql, "SELECT 5");
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
