//! What statements answered, kept as long as the data stays as it is: a letter more in the
//! search asks one question of seven anew, and a choice made before asks none.

use crate::base::{Result, ResultSet};
use crate::engine::Database;
use crate::engine::storage::Version;
use std::collections::BTreeMap;

/// The most answers that are kept; then all are forgotten.
const MOST: usize = 200;

/// Answers to statements on one state of the data.
#[derive(Debug, Default)]
pub struct Answers {
    version: Version,
    by_sql: BTreeMap<String, Answer>,
}

/// What a statement answered.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Rows given.
    pub row_count: u64,
    /// The rows; their columns are shared.
    pub rows: Option<ResultSet>,
    /// How long the statement took when it ran, in milliseconds.
    pub ms: f64,
}

impl Answers {
    /// The answer to a query, which runs only when the data has changed since it last did.
    ///
    /// # Errors
    /// What the database says.
    pub fn ask(
        &mut self,
        database: &mut Database,
        clock: fn() -> f64,
        sql: &str,
    ) -> Result<Answer> {
        // Within a transaction the database has more to say than its rows.
        if !self.version.is_of(database.storage()) || database.in_transaction() {
            self.by_sql.clear();
            self.version = database.storage().version();
        }
        if let Some(answer) = self.by_sql.get(sql) {
            return Ok(answer.clone());
        }
        let start = clock();
        let outcome = database.run(sql, &[])?;
        let answer = Answer {
            row_count: outcome.row_count,
            rows: outcome.result,
            ms: clock() - start,
        };
        if self.by_sql.len() >= MOST {
            self.by_sql.clear();
        }
        self.by_sql.insert(sql.to_owned(), answer.clone());
        Ok(answer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::market::seed::Size;
    use std::cell::Cell;

    thread_local!(static TICKS: Cell<f64> = const { Cell::new(0.0) });

    /// Every look at it is a millisecond later.
    fn clock() -> f64 {
        TICKS.with(|ticks| {
            ticks.set(ticks.get() + 1.0);
            ticks.get()
        })
    }

    #[test]
    fn a_question_is_asked_again_only_after_a_change() {
        let mut database = Database::new();
        assert!(database.load_market(Size::Small).is_ok());
        let mut answers = Answers::default();
        let mut count = |database: &mut Database| {
            let before = TICKS.with(Cell::get);
            let sql = "SELECT count(*) FROM order_item";
            let answer = answers.ask(database, clock, sql).ok();
            let rows = answer.and_then(|answer| answer.rows);
            let ran = TICKS.with(Cell::get) > before;
            let value = rows.and_then(|rows| rows.rows(0).next()?.into_iter().next());
            (format!("{value:?}"), ran)
        };
        let (first, ran) = count(&mut database);
        assert!(ran);
        assert_eq!(count(&mut database), (first.clone(), false));
        assert!(
            database
                .run("DELETE FROM order_item WHERE id = 1", &[])
                .is_ok()
        );
        let (fewer, ran) = count(&mut database);
        assert!(ran && fewer != first);
        assert!(database.run("BEGIN", &[]).is_ok());
        assert!(count(&mut database).1 && count(&mut database).1);
    }
}
