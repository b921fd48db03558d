//! A database with the rows of the fixture, and a shell over it.

use super::canonical;
use marketplace_analytics::base::{Diagnostic, Result};
use marketplace_analytics::engine::Database;
use marketplace_analytics::market::catalogue::marketplace;
use marketplace_analytics::market::seed::Size;
use marketplace_analytics::orm::connection::{Executed, TransactionState};
use marketplace_analytics::orm::{Cause, Connection, Sql};
use marketplace_analytics::shell::interpret::{Failure, Interpreter, Program};
use marketplace_analytics::shell::value::Namespace;
use serde_json::Value as Json;
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

/// A snippet's outcome.
pub struct Found {
    pub result: std::result::Result<Json, Failure>,
    /// Statements but for transaction control.
    pub queries: usize,
}

pub struct World {
    vm: Interpreter,
    names: Rc<Namespace>,
}

struct Local {
    database: Database,
    transaction: TransactionState,
}

impl Connection for Local {
    fn execute(&mut self, sql: &Sql) -> Result<Executed> {
        let outcome = self.database.run(&sql.text(), &[])?;
        Ok(Executed {
            row_count: outcome.row_count,
            rows: outcome.result,
            ..Executed::default()
        })
    }

    fn now(&self) -> i64 {
        self.database.now()
    }

    fn transaction(&mut self) -> &mut TransactionState {
        &mut self.transaction
    }
}

impl World {
    /// The snippet runs in a transaction, as Django's tests do.
    pub fn new(fixture: Option<&Json>, now: Option<&str>) -> Self {
        let mut database = Database::new();
        database.load_market(Size::Small).expect("the sample data");
        if let Some(fixture) = fixture {
            load(&mut database, fixture);
        }
        if let Some(now) = now.and_then(|it| chrono::DateTime::parse_from_rfc3339(it).ok()) {
            database.set_now(now.timestamp_micros());
        }
        database.run("BEGIN", &[]).expect("a transaction");
        let local = Local {
            database,
            transaction: TransactionState {
                blocks: vec![None],
                ..TransactionState::default()
            },
        };
        let mut vm = Interpreter::new();
        let added = vm.add_django(Rc::new(RefCell::new(local)), Arc::new(marketplace()));
        if let Err(raised) = added {
            panic!("{}", vm.failure(&raised).traceback);
        }
        let names: Rc<Namespace> = Rc::default();
        match vm.django_names() {
            Ok(found) => names.borrow_mut().extend(found),
            Err(raised) => panic!("{}", vm.failure(&raised).traceback),
        }
        Self { vm, names }
    }

    pub fn run(&mut self, code: &str) -> Found {
        let program = match Program::parse(code) {
            Ok(program) => program,
            Err(errors) => {
                return Found {
                    result: Err(unread(errors)),
                    queries: 0,
                };
            }
        };
        if let Ok(django) = self.vm.django() {
            django.take_recordings();
        }
        let outcome = self.vm.run(&program, &self.names);
        let result = match outcome.value {
            Ok(value) => {
                let value = value.unwrap_or(marketplace_analytics::shell::value::Object::None);
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
            .filter(|recording| recording.cause != Some(Cause::Transaction))
            .count();
        Found { result, queries }
    }
}

/// What Python raises for a text that it cannot read.
fn unread(errors: Vec<Diagnostic>) -> Failure {
    let diagnostic = errors.into_iter().next().expect("what is wrong with it");
    Failure {
        class: diagnostic.code.as_str().to_owned(),
        lineage: Vec::new(),
        traceback: diagnostic.message.clone(),
        reached: None,
        diagnostic,
    }
}

/// Replaces the sample rows by those of a fixture.
fn load(database: &mut Database, fixture: &Json) {
    let tables = [
        ("customers", "customer"),
        ("categories", "category"),
        ("products", "product"),
        ("orders", "orders"),
        ("order_items", "order_item"),
    ];
    for (_, table) in tables.iter().rev() {
        let sql = format!("DELETE FROM {table}");
        database
            .run(&sql, &[])
            .unwrap_or_else(|error| panic!("{sql}: {error}"));
    }
    for (key, table) in tables {
        let rows = fixture[key].as_array().expect("rows");
        for chunk in rows.chunks(500) {
            let Some(first) = chunk.first().and_then(Json::as_object) else {
                continue;
            };
            let columns: Vec<&String> = first.keys().collect();
            let written: Vec<String> = columns.iter().map(|it| format!("\"{it}\"")).collect();
            let values: Vec<String> = chunk
                .iter()
                .map(|row| {
                    let values: Vec<String> = columns.iter().map(|it| literal(&row[*it])).collect();
                    format!("({})", values.join(", "))
                })
                .collect();
            let sql = format!(
                "INSERT INTO {table} ({}) VALUES {}",
                written.join(", "),
                values.join(", ")
            );
            database
                .run(&sql, &[])
                .unwrap_or_else(|error| panic!("{table}: {error}"));
        }
        let sql = format!(
            "SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT MAX(id) FROM {table}))"
        );
        if let Err(error) = database.run(&sql, &[]) {
            println!("{sql}: {error}");
        }
    }
}

fn literal(value: &Json) -> String {
    match value {
        Json::Null => String::from("NULL"),
        Json::Bool(value) => value.to_string(),
        Json::Number(value) => value.to_string(),
        Json::String(text) => format!("'{}'", text.replace('\'', "''")),
        other => panic!("{other} in a fixture"),
    }
}

/// Our names for what Django's project calls otherwise: the tables, and with them constraints.
pub fn renamed(text: &str) -> String {
    text.replace("marketplace_orderitem", "order_item")
        .replace("marketplace_order", "orders")
        .replace("marketplace_customer", "customer")
        .replace("marketplace_category", "category")
        .replace("marketplace_product", "product")
}
