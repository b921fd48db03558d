//! NOT NULL, CHECK and unique keys, and how PostgreSQL words their violations.

use super::Writer;
use crate::base::diagnostic::sqlstate;
use crate::base::{Batch, Diagnostic, Result, Value};
use crate::engine::bind::{self, BindContext};
use crate::engine::budget::Budget;
use crate::engine::catalog::{Catalog, Nullability, Table, Uniqueness};
use crate::engine::eval::{Compiled, Context, Layout, Selection};
use crate::engine::storage::{Chunk, Duplicate, TableData, live_in};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;

/// A value in an error message is cut behind this many bytes, as PostgreSQL cuts it.
const SHOWN_BYTES: usize = 64;

/// What a definition says of its rows, compiled.
struct Rules {
    /// The checks, in the order in which they are checked.
    checks: Vec<(Arc<str>, Compiled)>,
    /// The generated columns.
    generated: Vec<(usize, Compiled)>,
    /// The unique indexes over expressions or over a part of the rows.
    unique: Vec<ComputedKey>,
}

/// A unique index over expressions or over a part of the rows, compiled.
struct ComputedKey {
    name: Arc<str>,
    keys: Vec<Compiled>,
    condition: Option<Compiled>,
    known: RefCell<Option<KnownKeys>>,
}

/// The keys of a table as it was. Chunks are copied when they change, so the next state is
/// compared chunk by chunk, whatever has been written or rolled back in between.
#[derive(Default)]
struct KnownKeys {
    table: Arc<TableData>,
    keys: BTreeSet<Vec<Value>>,
}

impl ComputedKey {
    /// The keys of a chunk's rows; a row with a NULL in its key has none.
    fn of(&self, chunk: &Chunk, context: &Context<'_>) -> Result<Vec<Vec<Value>>> {
        let batch = live_in(chunk);
        let rows: Vec<usize> = match &self.condition {
            None => (0..batch.rows).collect(),
            Some(condition) => match condition.select(&batch, context)? {
                Selection::All => (0..batch.rows).collect(),
                Selection::Rows(rows) => rows.into_iter().map(|row| row as usize).collect(),
            },
        };
        let columns = self
            .keys
            .iter()
            .map(|key| Ok((key.evaluate(&batch, context)?, key.ty())))
            .collect::<Result<Vec<_>>>()?;
        let key = |row: usize| -> Vec<Value> {
            let columns = columns.iter();
            columns.map(|(column, ty)| column.value(row, ty)).collect()
        };
        let keys = rows.into_iter().map(key);
        Ok(keys.filter(|key| !key.iter().any(Value::is_null)).collect())
    }

    /// The first key that two rows of the table have.
    fn doubled(
        &self,
        table: &Arc<TableData>,
        context: &Context<'_>,
        budget: &Budget,
    ) -> Result<Option<Vec<Value>>> {
        // What fails below leaves nothing known, and all keys are found anew.
        let mut known = self.known.take().unwrap_or_default();
        let count = known.table.chunks().len().max(table.chunks().len());
        let changed: Vec<_> = (0..count)
            .map(|at| (known.table.chunks().get(at), table.chunks().get(at)))
            .filter(|pair| match pair {
                (Some(old), Some(new)) => !Arc::ptr_eq(old, new),
                (_, _) => true,
            })
            .collect();
        for old in changed.iter().filter_map(|(old, _)| *old) {
            budget.check()?;
            for key in self.of(old, context)? {
                known.keys.remove(&key);
            }
        }
        for new in changed.iter().filter_map(|(_, new)| *new) {
            budget.check()?;
            for key in self.of(new, context)? {
                if let Some(key) = known.keys.replace(key) {
                    return Ok(Some(key));
                }
            }
        }
        known.table = table.clone();
        self.known.replace(Some(known));
        Ok(None)
    }
}

/// The state of a definition and the rules compiled for it.
type CheckedTable = (Arc<Table>, Rc<Rules>);

/// The rules of tables, compiled once for each state of a definition.
#[derive(Clone, Default)]
pub struct CheckCache {
    tables: RefCell<BTreeMap<Arc<str>, CheckedTable>>,
}

impl CheckCache {
    fn of(
        &self,
        table: &Arc<Table>,
        catalog: &Catalog,
        context: &Context<'_>,
    ) -> Result<Rc<Rules>> {
        if let Some((known, checks)) = self.tables.borrow().get(&table.name)
            && Arc::ptr_eq(known, table)
        {
            return Ok(checks.clone());
        }
        let binding = BindContext {
            catalog,
            parameters: &[],
            now: context.now,
        };
        let mut checks = Vec::with_capacity(table.checks.len());
        for check in &table.checks {
            let (condition, columns) = bind::bind_check(&check.condition, table, &binding)?;
            let compiled = Compiled::new(&condition, &Layout::new(columns), context)?;
            checks.push((check.name.clone(), compiled));
        }
        // PostgreSQL checks them in the order of their names.
        checks.sort_by(|(a, _), (b, _)| a.cmp(b));
        let mut generated = Vec::new();
        for (place, column) in table.columns.iter().enumerate() {
            if let Some(text) = &column.generated {
                let (expr, columns) = bind::bind_generated(text, table, &column.ty, &binding)?;
                generated.push((place, Compiled::new(&expr, &Layout::new(columns), context)?));
            }
        }
        let mut unique = Vec::new();
        for index in &table.computed_indexes {
            let compile = |text: &Arc<str>| {
                let (expr, columns) = bind::bind_index_key(text, table, &binding)?;
                Compiled::new(&expr, &Layout::new(columns), context)
            };
            let keys = index.keys.iter().map(compile).collect::<Result<_>>()?;
            let condition = match &index.condition {
                Some(text) => {
                    let (expr, columns) = bind::bind_check(text, table, &binding)?;
                    Some(Compiled::new(&expr, &Layout::new(columns), context)?)
                }
                None => None,
            };
            if index.uniqueness == Uniqueness::Unique {
                unique.push(ComputedKey {
                    name: index.name.clone(),
                    keys,
                    condition,
                    known: RefCell::default(),
                });
            }
        }
        let checks = Rc::new(Rules {
            checks,
            generated,
            unique,
        });
        self.tables
            .borrow_mut()
            .insert(table.name.clone(), (table.clone(), checks.clone()));
        Ok(checks)
    }
}

impl Writer<'_> {
    /// Computes the generated columns of rows that hold all columns of the table.
    pub(super) fn complete(&self, table: &Arc<Table>, mut rows: Batch) -> Result<Batch> {
        if table
            .columns
            .iter()
            .all(|column| column.generated.is_none())
        {
            return Ok(rows);
        }
        let rules = self.checks.of(table, &self.catalog(), &self.eval)?;
        for (place, expr) in &rules.generated {
            let column = expr.evaluate(&rows, &self.eval)?;
            if let Some(slot) = rows.columns.get_mut(*place) {
                *slot = column;
            }
        }
        Ok(rows)
    }

    /// No two rows have one key in a unique index over expressions or over a part of the rows.
    /// `message` and `verb` word the error.
    pub fn check_computed(&self, table: &Arc<Table>, message: &str, verb: &str) -> Result<()> {
        if table.computed_indexes.is_empty() {
            return Ok(());
        }
        let rules = self.checks.of(table, &self.catalog(), &self.eval)?;
        let Some(data) = self.storage.table(&table.name) else {
            return Ok(());
        };
        for index in &rules.unique {
            if let Some(key) = index.doubled(data, &self.eval, self.budget)? {
                let values = key.iter().zip(&index.keys);
                let shown: Vec<String> =
                    values.map(|(value, key)| value.to_text(key.ty())).collect();
                return Err(Diagnostic::error(
                    sqlstate::UNIQUE_VIOLATION,
                    format!("{message} \"{}\"", index.name),
                )
                .hint(format!(
                    "Key ({})=({}) {verb}.",
                    key_texts(table, &index.name),
                    shown.join(", ")
                )));
            }
        }
        Ok(())
    }

    /// As [`check_computed`](Self::check_computed), in the words of a write.
    pub(super) fn check_written(&self, table: &Arc<Table>) -> Result<()> {
        self.check_computed(
            table,
            "duplicate key value violates unique constraint",
            "already exists",
        )
    }

    /// Checks NOT NULL and CHECK for rows that hold all columns of the table.
    pub(super) fn check_rows(&self, table: &Arc<Table>, rows: &Batch) -> Result<()> {
        let mut first: Option<(usize, usize)> = None;
        for (place, (definition, column)) in table.columns.iter().zip(&rows.columns).enumerate() {
            if definition.nullability == Nullability::Nullable || column.validity.is_none() {
                continue;
            }
            if let Some(row) = (0..rows.rows).find(|&row| column.is_null(row))
                && first.is_none_or(|(earliest, _)| row < earliest)
            {
                first = Some((row, place));
            }
        }
        if let Some((row, place)) = first {
            let column = table.columns.get(place).map_or("", |column| &column.name);
            return Err(Diagnostic::error(
                sqlstate::NOT_NULL_VIOLATION,
                format!(
                    "null value in column \"{column}\" of relation \"{}\" violates not-null constraint",
                    table.plain_name()
                ),
            )
            .hint(failing_row(table, rows, row)));
        }
        if table.checks.is_empty() {
            return Ok(());
        }
        let catalog = self.catalog();
        let checks = self.checks.of(table, &catalog, &self.eval)?;
        let mut first: Option<(usize, Arc<str>)> = None;
        for (name, condition) in &checks.checks {
            let held = condition.evaluate(rows, &self.eval)?;
            // A condition that is NULL is kept.
            let broken = (0..rows.rows)
                .find(|&row| matches!(held.value(row, condition.ty()), Value::Bool(false)));
            if let Some(row) = broken
                && first.as_ref().is_none_or(|(earliest, _)| row < *earliest)
            {
                first = Some((row, name.clone()));
            }
        }
        match first {
            None => Ok(()),
            Some((row, name)) => Err(Diagnostic::error(
                sqlstate::CHECK_VIOLATION,
                format!(
                    "new row for relation \"{}\" violates check constraint \"{name}\"",
                    table.plain_name()
                ),
            )
            .hint(failing_row(table, rows, row))),
        }
    }
}

/// What a computed index keeps, as PostgreSQL writes it: `lower(name), price`.
fn key_texts(table: &Table, index: &str) -> String {
    let mut indexes = table.computed_indexes.iter();
    let Some(index) = indexes.find(|known| *known.name == *index) else {
        return String::new();
    };
    let keys = index.keys.iter().map(|key| {
        let bare = key.strip_prefix('"').and_then(|key| key.strip_suffix('"'));
        bare.filter(|name| !name.contains('"')).unwrap_or(key)
    });
    keys.collect::<Vec<_>>().join(", ")
}

/// `Failing row contains (1, null, ..).`
fn failing_row(table: &Table, rows: &Batch, row: usize) -> String {
    let values: Vec<String> = table
        .columns
        .iter()
        .zip(&rows.columns)
        .map(
            |(definition, column)| match column.value(row, &definition.ty) {
                Value::Null => "null".to_owned(),
                Value::Bool(true) => "t".to_owned(),
                Value::Bool(false) => "f".to_owned(),
                value => cut(value.to_text(&definition.ty)),
            },
        )
        .collect();
    format!("Failing row contains ({}).", values.join(", "))
}

fn cut(text: String) -> String {
    if text.len() <= SHOWN_BYTES {
        return text;
    }
    let mut end = SHOWN_BYTES;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}...", text.get(..end).unwrap_or_default())
}

/// The error for two rows with one key.
pub fn unique_violation(table: &Table, data: &TableData, duplicate: &Duplicate) -> Box<Diagnostic> {
    let Some(index) = data.indexes().get(duplicate.index) else {
        return Diagnostic::error(sqlstate::UNIQUE_VIOLATION, "duplicate key value");
    };
    let key: Vec<Value> = index
        .columns
        .iter()
        .map(|&column| data.value(duplicate.row, column))
        .collect();
    Diagnostic::error(
        sqlstate::UNIQUE_VIOLATION,
        format!(
            "duplicate key value violates unique constraint \"{}\"",
            index.name
        ),
    )
    .hint(format!(
        "{} already exists.",
        describe_key(table, &index.columns, &key)
    ))
}

/// `Key (order_id, product_id)=(1, 2)`
pub fn describe_key(table: &Table, columns: &[usize], key: &[Value]) -> String {
    let definitions = columns.iter().filter_map(|&at| table.columns.get(at));
    let (names, values): (Vec<&str>, Vec<String>) = definitions
        .zip(key)
        .map(|(column, value)| {
            let text = match value {
                Value::Null => "null".to_owned(),
                value => value.to_text(&column.ty),
            };
            (&*column.name, text)
        })
        .unzip();
    format!("Key ({})=({})", names.join(", "), values.join(", "))
}

#[cfg(test)]
mod tests {
    use crate::engine::Database;

    #[test]
    fn computed_keys_stay_unique_through_writes_and_rollbacks() {
        let mut database = Database::new();
        let script = "
            CREATE TABLE t (id bigint PRIMARY KEY, name text, live boolean NOT NULL);
            CREATE UNIQUE INDEX one_name ON t (lower(name)) WHERE live;
            INSERT INTO t SELECT i, 'n' || i, true FROM generate_series(1, 9000) AS g(i)";
        assert!(database.run_script(script).1.is_none());
        for (statement, holds) in [
            ("INSERT INTO t VALUES (9001, 'N17', true)", false),
            ("INSERT INTO t VALUES (9001, 'N17', false)", true),
            ("UPDATE t SET live = true WHERE id = 9001", false),
            ("DELETE FROM t WHERE id = 17", true),
            ("UPDATE t SET live = true WHERE id = 9001", true),
            ("INSERT INTO t VALUES (17, 'n17', true)", false),
            ("BEGIN", true),
            ("UPDATE t SET name = 'other' WHERE id = 9001", true),
            ("INSERT INTO t VALUES (17, 'n17', true)", true),
            ("ROLLBACK", true),
            ("INSERT INTO t VALUES (17, 'n17', true)", false),
            (
                "INSERT INTO t VALUES (9002, NULL, true), (9003, NULL, true)",
                true,
            ),
            (
                "INSERT INTO t VALUES (9004, 'x', true), (9005, 'X', true)",
                false,
            ),
            ("TRUNCATE t", true),
            (
                "INSERT INTO t VALUES (1, 'N17', true), (2, 'n18', true)",
                true,
            ),
            ("UPDATE t SET name = 'N17' WHERE id = 2", false),
        ] {
            assert_eq!(database.run(statement, &[]).is_ok(), holds, "{statement}");
        }
    }
}
