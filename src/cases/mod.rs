//! Case files: snippets of Django code with real Django's answers, and how ours compare.
//!
//! `market cases` and `tests/django.rs` are this one harness. A case agrees when its result, or
//! the type of its exception, and its number of queries are Django's on PostgreSQL; the texts of
//! exceptions are counted besides. The only thing forgiven is the names of tables and constraints
//! that our `db_table` makes others ([`renamed`]).
//!
//! Must never know which cases there are, nor print anything.

mod canonical;
mod report;
mod world;

pub use canonical::{Numbers, Order, equal};
pub use report::{Failed, PROMPT, Report};
pub use world::{Answer, Data, Found, World};

use serde_json::{Value as Json, json};
use std::time::{Duration, Instant};

/// The cases of a file, and the moment that they are asked at.
pub struct CaseFile {
    /// In the order of the file.
    pub cases: Vec<Case>,
    /// What `timezone.now()` answers, in microseconds since 1970; the data's own moment without.
    pub now: Option<i64>,
}

/// A snippet and real Django's answer.
pub struct Case {
    /// Its name.
    pub id: String,
    /// The phase of the course that it belongs to; 0 for none.
    pub phase: i64,
    /// The snippet.
    pub code: String,
    expected: Expected,
    /// How many queries Django makes, transaction control not counted.
    queries: u64,
    order: Order,
    numbers: Numbers,
}

enum Expected {
    Result(Json),
    Raised { class: String, message: String },
}

/// How a case went.
pub struct Verdict {
    /// What differs, a sentence each; empty when nothing does.
    pub differences: Vec<String>,
    /// For an exception that Django raises too: how its texts compare.
    pub text: Option<Text>,
    /// How long the snippet took, its answer written included.
    pub time: Duration,
}

/// The text of an exception.
pub enum Text {
    /// Django's.
    Equal,
    /// Another.
    Other {
        /// Django's text.
        expected: String,
        /// Ours.
        found: String,
    },
}

impl CaseFile {
    /// Reads a case file.
    ///
    /// # Errors
    /// What is wrong with the file.
    pub fn read(text: &str) -> Result<Self, String> {
        let file: Json = serde_json::from_str(text).map_err(|error| error.to_string())?;
        let now = match file.get("now").and_then(Json::as_str) {
            None => None,
            Some(now) => match chrono::DateTime::parse_from_rfc3339(now) {
                Ok(moment) => Some(moment.timestamp_micros()),
                Err(error) => return Err(format!("\"now\" is {now}: {error}")),
            },
        };
        let cases = file.get("cases").and_then(Json::as_array);
        let cases = cases.ok_or("there is no list \"cases\"")?;
        let cases: Result<Vec<Case>, String> = cases.iter().map(Case::read).collect();
        Ok(Self { cases: cases?, now })
    }
}

impl Case {
    fn read(case: &Json) -> Result<Self, String> {
        let text = |key: &str| case.get(key).and_then(Json::as_str).map(str::to_owned);
        let id = text("id").ok_or("a case has no \"id\"")?;
        let missing = |what: &str| format!("case {id} has no {what}");
        let expected = case
            .get("expected")
            .ok_or_else(|| missing("\"expected\""))?;
        // Where the engines differ, PostgreSQL's answer stands beside SQLite's.
        let of = |key: &str| {
            let postgresql = case.get("postgresql").and_then(|it| it.get(key));
            postgresql.filter(|it| !it.is_null())
        };
        let error = match (of("error"), of("result")) {
            (Some(error), _) => Some(error),
            (None, Some(_)) => None,
            (None, None) => expected.get("error"),
        };
        let queries = of("num_queries").or_else(|| expected.get("num_queries"));
        let compare = |key: &str| case.get("compare")?.get(key)?.as_str();
        Ok(Self {
            phase: case.get("phase").and_then(Json::as_i64).unwrap_or(0),
            code: text("code").ok_or_else(|| missing("\"code\""))?,
            expected: match error {
                Some(error) => {
                    let text = |key: &str| error.get(key)?.as_str();
                    Expected::Raised {
                        class: text("type").unwrap_or_default().to_owned(),
                        message: renamed(text("message").unwrap_or_default()),
                    }
                }
                None => {
                    let result = of("result").or_else(|| expected.get("result"));
                    Expected::Result(result.cloned().unwrap_or(Json::Null))
                }
            },
            queries: queries
                .and_then(Json::as_u64)
                .ok_or_else(|| missing("number of queries"))?,
            order: match compare("order") {
                Some("multiset") => Order::Multiset,
                _ => Order::List,
            },
            numbers: match compare("numbers") {
                Some("approx") => Numbers::Approximate,
                _ => Numbers::Exact,
            },
            id,
        })
    }

    /// The statements that the snippet runs, and what each of them gives: a JSON object on a line.
    ///
    /// # Errors
    /// As [`check`](Self::check).
    pub fn statements(&self, data: &Data, now: Option<i64>) -> Result<String, String> {
        let found = World::new(data, now)?.run(&self.code);
        let answers = data.answers(&found.statements, now);
        let pairs = found.statements.iter().zip(answers);
        let statements = pairs.map(|(sql, answer)| match answer {
            Answer::Rows(rows) => json!({"sql": sql, "rows": rows}),
            Answer::Count(count) => json!({"sql": sql, "count": count}),
            Answer::Error(code) => json!({"sql": sql, "error": code}),
        });
        let statements: Vec<Json> = statements.collect();
        Ok(json!({"id": self.id, "statements": statements}).to_string())
    }

    /// Runs the snippet on a copy of the data and compares.
    ///
    /// # Errors
    /// When there is no shell to run it in, which is a fault of ours.
    pub fn check(&self, data: &Data, now: Option<i64>) -> Result<Verdict, String> {
        let mut world = World::new(data, now)?;
        let start = Instant::now();
        let found = world.run(&self.code);
        let mut verdict = Verdict {
            differences: Vec::new(),
            text: None,
            time: start.elapsed(),
        };
        match (&found.result, &self.expected) {
            (Err(failure), Expected::Raised { class, message }) => {
                let found_class = failure.class.rsplit('.').next().unwrap_or_default();
                let found = &failure.diagnostic.message;
                if class != found_class {
                    verdict.differences.push(format!(
                        "expected {class}: {message}, found {}: {found}",
                        failure.class
                    ));
                }
                verdict.text = Some(match message == found {
                    true => Text::Equal,
                    false => Text::Other {
                        expected: message.clone(),
                        found: found.clone(),
                    },
                });
            }
            (Err(failure), Expected::Result(_)) => verdict.differences.push(format!(
                "found {}: {}",
                failure.class, failure.diagnostic.message
            )),
            (Ok(found), Expected::Raised { class, message }) => verdict
                .differences
                .push(format!("expected {class}: {message}, found {found}")),
            (Ok(found), Expected::Result(wanted)) => {
                if !equal(wanted, found, self.order, self.numbers) {
                    verdict.differences.push(format!("expected {wanted}"));
                    verdict.differences.push(format!("found    {found}"));
                }
            }
        }
        if self.queries != found.queries as u64 {
            verdict.differences.push(format!(
                "expected {} queries, found {}",
                self.queries, found.queries
            ));
        }
        Ok(verdict)
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
