//! The engines that answers are compared between.

use super::schema::Ty;
use super::text_form;
use marketplace_analytics::engine::Database;
use marketplace_analytics::engine::database::Limits;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

/// Rows as texts; NULL is `None`.
pub type Rows = Vec<Vec<Option<String>>>;

pub struct Failure {
    pub code: String,
    pub message: String,
}

impl Failure {
    /// Whether it hangs on values (overflow, division by zero, too many rows, ..): whether and
    /// where such an error comes is the plan's matter.
    pub fn hangs_on_values(&self) -> bool {
        self.code.starts_with("22") || ["54000", "53200", "57014"].contains(&&*self.code)
    }
}

impl Failure {
    /// Whether a construct was refused by name, which is no wrong answer.
    pub fn is_refusal(&self) -> bool {
        self.code == "0A000"
    }
}

pub trait Engine {
    /// An empty database.
    fn reset(&mut self);

    fn run(&mut self, sql: &str, types: &[Ty]) -> Result<Rows, Failure>;
}

pub struct Ours {
    database: Database,
}

impl Ours {
    pub fn new() -> Self {
        let mut database = Database::new();
        database.set_limits(Limits {
            time: Some(Duration::from_secs(5)),
            memory: 1 << 30,
        });
        Self { database }
    }
}

impl Engine for Ours {
    fn reset(&mut self) {
        *self = Self::new();
    }

    fn run(&mut self, sql: &str, types: &[Ty]) -> Result<Rows, Failure> {
        // Plans that were made for other numbers have to hold for these.
        let other = renumbered(sql);
        if sql.starts_with("SELECT") && other != sql {
            drop(catch_unwind(AssertUnwindSafe(|| {
                self.database.run(&other, &[])
            })));
        }
        let outcome = catch_unwind(AssertUnwindSafe(|| self.database.run(sql, &[])))
            .map_err(|_| Failure {
                code: "XX000".to_owned(),
                message: "it panicked".to_owned(),
            })?
            .map_err(|diagnostic| Failure {
                code: diagnostic.code.as_str().to_owned(),
                message: diagnostic.message.clone(),
            })?;
        let Some(result) = outcome.result else {
            return Ok(Rows::new());
        };
        Ok(result
            .rows(0)
            .map(|row| {
                row.iter()
                    .zip(&result.fields)
                    .enumerate()
                    .map(|(at, (value, field))| {
                        (!value.is_null())
                            .then(|| shown(&text_form::plain(value, &field.ty), types.get(at)))
                    })
                    .collect()
            })
            .collect())
    }
}

pub struct Postgres {
    client: postgres::Client,
    /// A schema of one's own.
    pub schema: String,
}

impl Postgres {
    /// The server at `PG_URL`, when there is one.
    pub fn from_environment() -> Option<Self> {
        let url = std::env::var("PG_URL").ok()?;
        let client = postgres::Client::connect(&url, postgres::NoTls)
            .unwrap_or_else(|error| panic!("no server at PG_URL: {error}"));
        let schema = format!("fuzz_{}", std::process::id());
        Some(Self { client, schema })
    }
}

impl Engine for Postgres {
    fn reset(&mut self) {
        let schema = &self.schema;
        self.client
            .batch_execute("ROLLBACK")
            .expect("no transaction is open");
        self.client
            .batch_execute(&format!(
                "SET client_min_messages = error; SET statement_timeout = '10s'; \
                 SET timezone = 'UTC'; DROP SCHEMA IF EXISTS {schema} CASCADE; \
                 CREATE SCHEMA {schema}; SET search_path = {schema}"
            ))
            .expect("a schema of one's own");
    }

    fn run(&mut self, sql: &str, types: &[Ty]) -> Result<Rows, Failure> {
        let messages = self.client.simple_query(sql).map_err(|error| {
            let database = error.as_db_error();
            Failure {
                code: database.map_or(String::new(), |e| e.code().code().to_owned()),
                message: database.map_or_else(|| error.to_string(), |e| e.message().to_owned()),
            }
        })?;
        Ok(messages
            .iter()
            .filter_map(|message| match message {
                postgres::SimpleQueryMessage::Row(row) => Some(
                    (0..row.len())
                        .map(|at| row.get(at).map(|text| shown(text, types.get(at))))
                        .collect(),
                ),
                _ => None,
            })
            .collect())
    }
}

pub struct Sqlite {
    connection: rusqlite::Connection,
}

impl Sqlite {
    pub fn new() -> Self {
        let connection = rusqlite::Connection::open_in_memory().expect("memory");
        Self { connection }
    }
}

impl Engine for Sqlite {
    fn reset(&mut self) {
        *self = Self::new();
        self.connection
            .pragma_update(None, "case_sensitive_like", true)
            .expect("a pragma of SQLite");
    }

    fn run(&mut self, sql: &str, types: &[Ty]) -> Result<Rows, Failure> {
        let failure = |error: rusqlite::Error| Failure {
            code: String::new(),
            message: error.to_string(),
        };
        let mut statement = self.connection.prepare(sql).map_err(failure)?;
        let columns = statement.column_count();
        let mut found = statement.query([]).map_err(failure)?;
        let mut rows = Rows::new();
        while let Some(row) = found.next().map_err(failure)? {
            let values = (0..columns)
                .map(|at| {
                    use rusqlite::types::ValueRef;
                    Ok(match row.get_ref(at)? {
                        ValueRef::Null => None,
                        ValueRef::Integer(v) => Some(shown(&v.to_string(), types.get(at))),
                        ValueRef::Real(v) => Some(v.to_string()),
                        ValueRef::Text(v) | ValueRef::Blob(v) => {
                            Some(String::from_utf8_lossy(v).into_owned())
                        }
                    })
                })
                .collect::<Result<_, _>>()
                .map_err(failure)?;
            rows.push(values);
        }
        Ok(rows)
    }
}

/// One text for a boolean, whatever the engine prints.
fn shown(text: &str, ty: Option<&Ty>) -> String {
    match (ty, text) {
        (Some(Ty::Bool), "t" | "true" | "1") => "true".to_owned(),
        (Some(Ty::Bool), "f" | "false" | "0") => "false".to_owned(),
        _ => text.to_owned(),
    }
}

/// The text with every whole number behind a sign of comparison raised by one.
fn renumbered(sql: &str) -> String {
    let mut text = String::with_capacity(sql.len() + 8);
    let mut rest = sql;
    while let Some(at) = rest.find(['=', '<', '>']) {
        let (head, tail) = rest.split_at(at + 1);
        text.push_str(head);
        let number = tail.trim_start();
        let digits = number.bytes().take_while(u8::is_ascii_digit).count();
        let (digits, behind) = number.split_at(digits);
        match digits.parse::<u32>() {
            Ok(value) if value < 1_000_000 => {
                text.push_str(&format!(" {}", value + 1));
                rest = behind;
            }
            _ => rest = tail,
        }
    }
    text + rest
}
