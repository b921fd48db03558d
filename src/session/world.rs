//! A world: a database, the Python shell over it, and what a run of either gives.

use super::Changes;
use super::connection::{Local, effect};
use super::journal::{Step, steps};
use super::plain;
use super::query_log::{Advice, Query, QueryLog, Role};
use super::rehearsal::rehearse;
use super::table;
use crate::base::{Diagnostic, ResultSet, SourceText};
use crate::engine::Database;
use crate::engine::exec::explain::Explained;
use crate::engine::outcome::Outcome;
use crate::market::catalogue::marketplace;
use crate::orm::Effect;
use crate::report::plain::Plain;
use crate::shell::django::{self, Outside};
use crate::shell::interpret::{Interpreter, Program};
use crate::shell::value::{Namespace, Object, PyResult, Raised};
use crate::sql;
use std::cell::{Ref, RefCell};
use std::rc::Rc;
use std::sync::Arc;

/// What code is written in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// A script of SQL statements.
    #[default]
    Sql,
    /// Python for the Django shell.
    Django,
}

/// A database, and a Django shell that sees the same data.
///
/// The shell is like a terminal's: variables, functions and classes stay from run to run.
pub struct World {
    database: Rc<RefCell<Database>>,
    /// Made when Django code first runs.
    shell: Option<Shell>,
    /// Milliseconds since some moment; the outside's, for there is no clock in here.
    clock: fn() -> f64,
}

struct Shell {
    vm: Interpreter,
    names: Rc<Namespace>,
    /// The names that were there before anything ran, with what they stood for.
    given: Vec<(Rc<str>, Object)>,
    connection: Rc<RefCell<Local>>,
}

/// What came of a run.
#[derive(Debug)]
pub struct WorldRun<V = Shown> {
    /// What Django code printed.
    pub output: String,
    /// The value of the last line of Django code.
    pub value: Option<V>,
    /// Of SQL: one for each statement that ran.
    pub outcomes: Vec<Outcome>,
    /// The statements that ran.
    pub log: QueryLog,
    /// What to do about look-alikes among them.
    pub advice: Vec<Advice>,
    /// What stopped it; its span is in the code, its code an SQLSTATE or an exception's class.
    pub error: Option<Box<Diagnostic>>,
    /// Of Django code that failed: the traceback, as CPython prints it.
    pub traceback: Option<String>,
    /// Milliseconds for all of it.
    pub ms: f64,
    /// Whether it may have changed the data.
    pub changes: Changes,
    /// Of Django code: what brings a new world to where this one is.
    pub steps: Vec<Step>,
    /// Of Django code: the variables that are there now, which no replay brings back.
    pub variables: Vec<String>,
}

impl<V> Default for WorldRun<V> {
    fn default() -> Self {
        Self {
            output: String::new(),
            value: None,
            outcomes: Vec::new(),
            log: QueryLog::default(),
            advice: Vec::new(),
            error: None,
            traceback: None,
            ms: 0.0,
            changes: Changes::None,
            steps: Vec::new(),
            variables: Vec::new(),
        }
    }
}

/// The value of a last line.
#[derive(Clone, Debug)]
pub struct Shown {
    /// As the Django shell prints it.
    pub repr: String,
    /// As a table, where it is one.
    pub table: Option<ResultSet>,
}

/// The value of a last line, for programs.
#[derive(Clone, Debug)]
pub struct PlainValue {
    /// As the Django shell prints it.
    pub repr: String,
    /// As plain data.
    pub plain: Plain,
}

impl World {
    /// A world with this database; `clock` gives milliseconds since some moment.
    pub fn new(database: Database, clock: fn() -> f64) -> Self {
        Self {
            database: Rc::new(RefCell::new(database)),
            shell: None,
            clock,
        }
    }

    /// Another session at the same database, with a shell of its own.
    #[must_use]
    pub fn beside(&self) -> Self {
        Self {
            database: self.database.clone(),
            shell: None,
            clock: self.clock,
        }
    }

    /// The database.
    pub fn database(&self) -> Ref<'_, Database> {
        self.database.borrow()
    }

    /// Makes the shell and rehearses queries, so that the first code need not wait.
    pub fn prepare(&mut self) {
        // What goes wrong is told when code runs.
        self.shell().ok();
        rehearse();
    }

    /// Whether the shell is there.
    pub const fn is_prepared(&self) -> bool {
        self.shell.is_some()
    }

    /// The database, to change it.
    pub fn database_mut(&mut self) -> std::cell::RefMut<'_, Database> {
        self.database.borrow_mut()
    }

    /// Runs code.
    pub fn run(&mut self, language: Language, code: &str) -> WorldRun {
        match language {
            Language::Sql => self.run_sql(code),
            Language::Django => self.run_django(code, |vm, value| {
                let repr = repr(vm, &value)?;
                let table = table::table(vm, &value)?;
                Ok(Shown { repr, table })
            }),
        }
    }

    /// Runs Django code for a program.
    pub fn run_for_program(&mut self, code: &str) -> WorldRun<PlainValue> {
        self.run_django(code, |vm, value| {
            let repr = repr(vm, &value)?;
            let plain = plain::plain(vm, &value)?;
            Ok(PlainValue { repr, plain })
        })
    }

    /// What EXPLAIN shows of a statement; `analyze` runs its query, though never its changes.
    ///
    /// # Errors
    /// The statement has no plan, or does not run any more.
    pub fn explain(&self, sql: &str, prefix: &str) -> crate::base::Result<Option<Explained>> {
        let text = format!("{prefix} {sql}");
        let outcome = self.database.borrow().clone().run(&text, &[])?;
        Ok(outcome.explained)
    }

    /// Goes again through what a run did.
    pub fn replay(&mut self, step: &Step) {
        match step {
            Step::Code(code) => drop(self.run(Language::Django, code)),
            // What failed then fails again, and as then leaves its mark on sequences.
            Step::Sql(sql) => drop(self.database.borrow_mut().run(sql, &[])),
        }
    }

    fn run_sql(&mut self, script: &str) -> WorldRun {
        let start = (self.clock)();
        let mut database = self.database.borrow_mut();
        let inside = database.in_transaction();
        let mut run = WorldRun::default();
        let pieces = sql::split(script).unwrap_or_else(|error| {
            run.error = Some(error);
            Vec::new()
        });
        let mut queries = Vec::with_capacity(pieces.len());
        for piece in pieces {
            let begun = (self.clock)();
            let span = piece.span;
            let result = database.run_piece(script, piece, &[]);
            let text = script.get(span.start as usize..span.end as usize);
            let text = text.unwrap_or_default().to_owned();
            let command = result.as_ref().map_or("", |outcome| &outcome.command);
            queries.push(Query {
                template: text.clone(),
                sql: text,
                params: Vec::new(),
                start: begun - start,
                ms: (self.clock)() - begun,
                rows: result.as_ref().ok().map(|outcome| outcome.row_count),
                place: Some(span),
                effect: effect(command),
                role: match command {
                    "BEGIN" | "START TRANSACTION" | "COMMIT" | "ROLLBACK" | "SAVEPOINT"
                    | "RELEASE" => Role::Control,
                    _ => Role::Statement,
                },
                similar: 1,
                duplicate: 1,
                cause: None,
            });
            match result {
                Ok(outcome) => run.outcomes.push(outcome),
                Err(error) => {
                    run.error = Some(error);
                    break;
                }
            }
        }
        run.ms = (self.clock)() - start;
        // Inside of a transaction errors count too, for they make the rest of it fail.
        let failed_inside = run.error.is_some() && inside;
        let changed = |query: &Query| query.effect == Effect::Change;
        if failed_inside || queries.iter().any(changed) {
            run.changes = Changes::Possible;
        }
        run.log = QueryLog::new(queries);
        run
    }

    /// Runs Django code; `show` makes of its last value what is wanted.
    pub(super) fn run_django<V>(
        &mut self,
        code: &str,
        show: impl FnOnce(&mut Interpreter, Object) -> PyResult<V>,
    ) -> WorldRun<V> {
        let clock = self.clock;
        let start = clock();
        let mut run = WorldRun::default();
        let source = SourceText::new(code);
        let program = match Program::parse(code) {
            Ok(program) => program,
            Err(errors) => {
                let first = errors.into_iter().next();
                run.traceback = first.as_ref().map(|error| syntax_traceback(error, &source));
                run.error = first.map(Box::new);
                run.ms = clock() - start;
                return run;
            }
        };
        let outside = match self.database.borrow().in_transaction() {
            true => Outside::Transaction,
            false => Outside::Autocommit,
        };
        let shell = match self.shell() {
            Ok(shell) => shell,
            Err(error) => {
                run.error = Some(error);
                return run;
            }
        };
        // The first run of a world does not pay for making the shell.
        let start = clock();
        shell.connection.borrow_mut().begin();
        if let Ok(django) = shell.vm.django() {
            django.begin(outside);
        }
        let outcome = shell.vm.run_and(&program, &shell.names, show);
        let mut recordings = Vec::new();
        if let Ok(django) = shell.vm.django() {
            django.unwind(outside);
            recordings = django.take_recordings();
        }
        run.output = outcome.output;
        run.variables = shell.variables();
        let mut end = u32::MAX;
        match outcome.value {
            Ok(value) => run.value = value,
            Err(failure) => {
                end = failure.reached.map_or(0, |span| span.start);
                run.traceback = Some(failure.traceback);
                run.error = Some(Box::new(failure.diagnostic));
            }
        }
        let definitions = program.definitions();
        let done = definitions.into_iter().filter(|span| span.end <= end);
        run.steps = steps(code, done, &recordings);
        if recordings
            .iter()
            .any(|recording| recording.effect == Effect::Change)
        {
            run.changes = Changes::Possible;
        }
        let queries = recordings
            .iter()
            .map(|recording| Query::of(recording, start));
        run.log = QueryLog::new(queries.collect());
        run.advice = run.log.advice(&source);
        run.ms = clock() - start;
        run
    }

    /// The interpreter and the names of the shell, to look at.
    pub(super) fn with_shell<T>(
        &mut self,
        look: impl FnOnce(&Interpreter, &Namespace) -> T,
    ) -> Option<T> {
        let shell = self.shell().ok()?;
        Some(look(&shell.vm, &shell.names))
    }

    fn shell(&mut self) -> crate::base::Result<&mut Shell> {
        if self.shell.is_none() {
            self.shell = Some(Shell::new(self.database.clone(), self.clock)?);
        }
        self.shell.as_mut().ok_or_else(|| {
            Diagnostic::error(
                crate::base::diagnostic::sqlstate::INTERNAL_ERROR,
                "the Django shell is not there",
            )
        })
    }
}

impl Shell {
    fn new(database: Rc<RefCell<Database>>, clock: fn() -> f64) -> crate::base::Result<Self> {
        let connection = Rc::new(RefCell::new(Local::new(database, clock)));
        let mut vm = Interpreter::new();
        let broken =
            |vm: &mut Interpreter, raised: Box<Raised>| Box::new(vm.failure(&raised).diagnostic);
        vm.add_django(connection.clone(), Arc::new(marketplace()))
            .map_err(|raised| broken(&mut vm, raised))?;
        let given = vm
            .django_names()
            .map_err(|raised| broken(&mut vm, raised))?;
        let names: Rc<Namespace> = Rc::default();
        names.borrow_mut().extend(given.iter().cloned());
        if let Ok(django) = vm.django() {
            django.take_recordings();
        }
        Ok(Self {
            vm,
            names,
            given,
            connection,
        })
    }

    /// The names that code has bound to values: functions, classes and modules are not among
    /// them, since a replay defines them again.
    fn variables(&self) -> Vec<String> {
        let names = self.names.borrow();
        let own = names.iter().filter(|(name, value)| {
            let mut given = self.given.iter().rev();
            let known = given.find(|(known, _)| known == *name);
            !name.starts_with("__")
                && known.is_none_or(|(_, before)| !before.is(value))
                && !matches!(
                    value,
                    Object::Function(_) | Object::Class(_) | Object::Module(_) | Object::Native(_)
                )
        });
        own.map(|(name, _)| name.to_string()).collect()
    }
}

/// What the shell prints. A queryset is read as a whole before, so that its rows are there for
/// the table as well.
fn repr(vm: &mut Interpreter, value: &Object) -> PyResult<String> {
    django::rows(vm, value)?;
    vm.repr(value)
}

/// A syntax error as CPython prints it.
fn syntax_traceback(error: &Diagnostic, source: &SourceText) -> String {
    let mut text = String::new();
    if let Some(span) = error.span {
        let at = source.line_column(span.start);
        let line = source.as_str().lines().nth(at.line as usize - 1);
        let line = line.unwrap_or_default();
        let trimmed = line.trim_start();
        let lead = line.chars().count() - trimmed.chars().count();
        let from = (at.column as usize - 1).saturating_sub(lead);
        let end = source.line_column(span.end);
        let to = match end.line == at.line {
            true => (end.column as usize - 1).saturating_sub(lead),
            false => trimmed.trim_end().chars().count(),
        };
        text = format!(
            "  File \"<shell>\", line {}\n    {}\n    {}{}\n",
            at.line,
            trimmed.trim_end(),
            " ".repeat(from),
            "^".repeat(to.saturating_sub(from).max(1)),
        );
    }
    format!("{text}{}: {}", error.code, error.message)
}
