//! The data of a case file, and a shell over a copy of it for each snippet.

use super::canonical;
use crate::base::{Diagnostic, Field, Severity, Value};
use crate::engine::Database;
use crate::market::catalogue::marketplace;
use crate::market::seed::Size;
use crate::orm::{Cause, Connection};
use crate::session::{Local, shown};
use crate::shell::interpret::{Failure, Interpreter, Program};
use crate::shell::value::{Namespace, Object};
use serde_json::Value as Json;
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

/// The rows that the snippets of a case file meet.
pub struct Data(Database);

impl Data {
    /// The Small data set.
    ///
    /// # Errors
    /// When it cannot be made, which is a fault of ours.
    pub fn sample() -> Result<Self, String> {
        let mut database = Database::new();
        database
            .load_market(Size::Small)
            .map_err(|error| error.to_string())?;
        Ok(Self(database))
    }

    /// The rows of a fixture: lists of objects under `customers`, `categories`, `products`,
    /// `orders` and `order_items`.
    ///
    /// # Errors
    /// What is wrong with the fixture.
    pub fn fixture(text: &str) -> Result<Self, String> {
        let fixture: Json = serde_json::from_str(text).map_err(|error| error.to_string())?;
        let mut data = Self::sample()?;
        data.load(&fixture)?;
        Ok(data)
    }

    /// Replaces the sample rows by those of a fixture.
    fn load(&mut self, fixture: &Json) -> Result<(), String> {
        let tables = [
            ("customers", "customer"),
            ("categories", "category"),
            ("products", "product"),
            ("orders", "orders"),
            ("order_items", "order_item"),
        ];
        for (_, table) in tables.iter().rev() {
            self.run(&format!("DELETE FROM {table}"))?;
        }
        for (key, table) in tables {
            let rows = fixture.get(key).and_then(Json::as_array);
            let rows = rows.ok_or_else(|| format!("the fixture has no list \"{key}\""))?;
            for chunk in rows.chunks(500) {
                self.insert(table, chunk)?;
            }
            self.run(&format!(
                "SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT MAX(id) FROM {table}))"
            ))?;
        }
        Ok(())
    }

    fn insert(&mut self, table: &str, rows: &[Json]) -> Result<(), String> {
        let Some(first) = rows.first().and_then(Json::as_object) else {
            return Err(format!("a row of {table} is no object"));
        };
        let columns: Vec<String> = first.keys().map(|name| quoted(name)).collect();
        let mut written = Vec::with_capacity(rows.len());
        for row in rows {
            let mut values = Vec::with_capacity(columns.len());
            for name in first.keys() {
                values.push(literal(row.get(name).unwrap_or(&Json::Null))?);
            }
            written.push(format!("({})", values.join(", ")));
        }
        let (columns, rows) = (columns.join(", "), written.join(", "));
        self.run(&format!("INSERT INTO {table} ({columns}) VALUES {rows}"))
    }

    fn run(&mut self, sql: &str) -> Result<(), String> {
        match self.0.run(sql, &[]) {
            Ok(_) => Ok(()),
            Err(error) => {
                let start: String = sql.chars().take(60).collect();
                Err(format!("{start}: {error}"))
            }
        }
    }
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn literal(value: &Json) -> Result<String, String> {
    Ok(match value {
        Json::Null => String::from("NULL"),
        Json::Bool(value) => value.to_string(),
        Json::Number(value) => value.to_string(),
        Json::String(text) => format!("'{}'", text.replace('\'', "''")),
        Json::Array(_) | Json::Object(_) => return Err(format!("{value} is no value of a column")),
    })
}

/// A snippet's outcome.
pub struct Found {
    /// Its value as the case files write it, or what it raised.
    pub result: Result<Json, Failure>,
    /// Statements but for transaction control and the tables of models.
    pub queries: usize,
    /// The text of every statement, in order.
    pub statements: Vec<String>,
}

/// What a statement gives.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// Rows of texts; `None` is NULL.
    Rows(Vec<Vec<Option<String>>>),
    /// How many rows it changed.
    Count(u64),
    /// An SQLSTATE.
    Error(String),
}

impl Data {
    /// Runs statements one after another on a copy, in a transaction: what each of them gives.
    pub fn answers(&self, statements: &[String], now: Option<i64>) -> Vec<Answer> {
        let mut database = self.0.clone();
        if let Some(now) = now {
            database.set_now(now);
        }
        let begun = database.run("BEGIN", &[]);
        let statements = statements.iter().take(match begun {
            Ok(_) => usize::MAX,
            Err(_) => 0,
        });
        let answer = |sql: &String| match database.run(sql, &[]) {
            Err(error) => Answer::Error(error.code.as_str().to_owned()),
            Ok(outcome) => match outcome.result {
                None => Answer::Count(outcome.row_count),
                Some(result) => Answer::Rows(
                    result
                        .rows(0)
                        .map(|row| {
                            let cells = row.iter().zip(&result.fields);
                            let text = |(value, field): (&Value, &Field)| {
                                (!value.is_null()).then(|| shown(value, &field.ty))
                            };
                            cells.map(text).collect()
                        })
                        .collect(),
                ),
            },
        };
        statements.map(answer).collect()
    }
}

/// A shell over a copy of the data.
pub struct World {
    vm: Interpreter,
    names: Rc<Namespace>,
}

impl World {
    /// A world at a moment, in microseconds since 1970. The snippet runs in a transaction, as
    /// Django's tests do.
    ///
    /// # Errors
    /// When there is no shell, which is a fault of ours.
    pub fn new(data: &Data, now: Option<i64>) -> Result<Self, String> {
        let mut database = data.0.clone();
        if let Some(now) = now {
            database.set_now(now);
        }
        let begun = database.run("BEGIN", &[]);
        begun.map_err(|error| error.to_string())?;
        // No clock: the budgets are those of steps and statements alone.
        let mut local = Local::new(Rc::new(RefCell::new(database)), || 0.0);
        local.transaction().blocks = vec![None];
        let mut vm = Interpreter::new();
        let added = vm.add_django(Rc::new(RefCell::new(local)), Arc::new(marketplace()));
        added.map_err(|raised| vm.failure(&raised).traceback)?;
        let found = vm.django_names();
        let found = found.map_err(|raised| vm.failure(&raised).traceback)?;
        let names: Rc<Namespace> = Rc::default();
        names.borrow_mut().extend(found);
        Ok(Self { vm, names })
    }

    /// Runs a snippet and writes its value.
    pub fn run(&mut self, code: &str) -> Found {
        let program = match Program::parse(code) {
            Ok(program) => program,
            Err(errors) => {
                return Found {
                    result: Err(unread(errors)),
                    queries: 0,
                    statements: Vec::new(),
                };
            }
        };
        if let Ok(django) = self.vm.django() {
            django.take_recordings();
        }
        let outcome = self.vm.run(&program, &self.names);
        let result = match outcome.value {
            Ok(value) => {
                let value = value.unwrap_or(Object::None);
                canonical::json(&mut self.vm, &value).map_err(|raised| self.vm.failure(&raised))
            }
            Err(failure) => Err(failure),
        };
        let recordings = match self.vm.django() {
            Ok(django) => django.take_recordings(),
            Err(_) => Vec::new(),
        };
        let queries = recordings
            .iter()
            .filter(|recording| {
                !matches!(recording.cause, Some(Cause::Transaction | Cause::Migration))
            })
            .count();
        let statements = recordings.iter().map(|it| it.sql.text()).collect();
        Found {
            result,
            queries,
            statements,
        }
    }
}

/// What Python raises for a text that it cannot read.
fn unread(errors: Vec<Diagnostic>) -> Failure {
    let diagnostic = errors.into_iter().next().unwrap_or_else(|| Diagnostic {
        code: crate::shell::syntax::SYNTAX_ERROR,
        severity: Severity::Error,
        message: String::from("invalid syntax"),
        span: None,
        hints: Vec::new(),
    });
    Failure {
        class: diagnostic.code.as_str().to_owned(),
        lineage: Vec::new(),
        traceback: diagnostic.message.clone(),
        reached: None,
        diagnostic,
    }
}
