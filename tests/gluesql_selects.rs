//! GlueSQL's own SELECT executor beside ours, on the same rows.
//!
//! Only tests run it: one executor ships. A query that both can run gives the same rows, or it is
//! a case of [`DIFFERENT`] that says why PostgreSQL agrees with us; `tests/sql/fault/silent.slt`
//! has PostgreSQL's own answers to the same faults. A case whose rows have become equal fails the
//! test: GlueSQL has been mended there.

#![cfg(not(target_family = "wasm"))]

use gluesql_core::data::Value;
use gluesql_core::executor::Payload;
use gluesql_core::prelude::Glue;
use marketplace_analytics::engine::Database;
use marketplace_analytics::engine::glue::GlueStore;

/// The rows as text, each cell in a form that both have.
type Rows = Vec<Vec<String>>;

/// The same tables in GlueSQL's types and in PostgreSQL's.
const TABLES: [(&str, &str); 2] = [
    (
        "CREATE TABLE line (id INTEGER PRIMARY KEY, quantity INTEGER, unit_price DECIMAL, stock INTEGER, f FLOAT)",
        "CREATE TABLE line (id integer PRIMARY KEY, quantity integer, unit_price numeric(10,2), stock integer, f double precision)",
    ),
    (
        "CREATE TABLE town (id INTEGER PRIMARY KEY, city TEXT NULL, rating DECIMAL NULL)",
        "CREATE TABLE town (id integer PRIMARY KEY, city text, rating numeric(3,2))",
    ),
];

const ROWS: [&str; 2] = [
    "INSERT INTO line VALUES (1, 2, 10.50, 10, 0.5), (2, 3, 0.99, 7, 2.75), (3, 1, 49.99, 0, 8.0), (4, 5, 100.00, 3, -1.5)",
    "INSERT INTO town VALUES (1, 'Rome', 4.50), (2, 'Oslo', 3.00), (7, NULL, NULL), (8, NULL, 4.80)",
];

/// Both give the same rows.
const SAME: [&str; 16] = [
    "SELECT id, city FROM town ORDER BY id",
    "SELECT id FROM town WHERE city IS NULL ORDER BY id DESC",
    "SELECT COUNT(*), COUNT(city) FROM town",
    "SELECT SUM(quantity), MIN(stock), MAX(stock) FROM line",
    "SELECT id, unit_price FROM line WHERE unit_price > 10 ORDER BY unit_price DESC",
    "SELECT line.id, town.city FROM line INNER JOIN town ON town.id = line.id ORDER BY line.id",
    "SELECT line.id, town.city FROM line LEFT JOIN town ON town.id = line.id ORDER BY line.id",
    "SELECT city, COUNT(*) FROM town WHERE city IS NOT NULL GROUP BY city HAVING COUNT(*) > 0 ORDER BY city",
    "SELECT id FROM line WHERE id IN (SELECT id FROM town) ORDER BY id",
    "SELECT id FROM line WHERE id BETWEEN 2 AND 3 ORDER BY id",
    "SELECT DISTINCT quantity > 2 AS many FROM line ORDER BY many",
    "SELECT id, CASE WHEN stock = 0 THEN 'out' ELSE 'in' END FROM line ORDER BY id",
    "SELECT id FROM line WHERE 'Rome' LIKE 'R%' AND id = 1",
    "SELECT UPPER(city), LOWER(city) FROM town WHERE id = 1",
    "SELECT id FROM line ORDER BY id LIMIT 2 OFFSET 1",
    "SELECT id FROM line WHERE EXISTS (SELECT id FROM town WHERE town.id = line.id) ORDER BY id",
];

/// A query to which the executors give different rows.
struct Difference {
    sql: &'static str,
    /// PostgreSQL's rows, and ours.
    right: &'static [&'static [&'static str]],
    /// Why they are right.
    why: &'static str,
}

const DIFFERENT: [Difference; 11] = [
    Difference {
        sql: "SELECT SUM(quantity * unit_price) FROM line",
        right: &[&["573.96"]],
        why: "an integer times a numeric is a numeric; cutting the price to an integer loses cents",
    },
    Difference {
        sql: "SELECT id, stock * 0.9 FROM line WHERE id = 1",
        right: &[&["1", "9"]],
        why: "0.9 is numeric, and stays 0.9 beside an integer",
    },
    Difference {
        sql: "SELECT id FROM town WHERE city = 'Rome' OR id = 7 ORDER BY id",
        right: &[&["1"], &["7"]],
        why: "NULL OR TRUE is TRUE in three-valued logic",
    },
    Difference {
        sql: "SELECT id FROM town WHERE NOT (city = 'Rome' AND id = 8) ORDER BY id",
        right: &[&["1"], &["2"], &["7"]],
        why: "NULL AND FALSE is FALSE in three-valued logic",
    },
    Difference {
        sql: "SELECT id FROM line WHERE unit_price > (SELECT AVG(quantity) FROM line) ORDER BY id",
        right: &[&["1"], &["3"], &["4"]],
        why: "numbers compare by value, whatever their types",
    },
    Difference {
        sql: "SELECT id FROM line WHERE quantity >= 2.5 ORDER BY id",
        right: &[&["2"], &["4"]],
        why: "an integer column compares with a fraction by value",
    },
    Difference {
        sql: "SELECT SUM(quantity) OVER () FROM line",
        right: &[&["11"], &["11"], &["11"], &["11"]],
        why: "a window function gives a value to each row; it does not group them",
    },
    Difference {
        sql: "SELECT COUNT(*) FILTER (WHERE quantity > 2) FROM line",
        right: &[&["2"]],
        why: "FILTER leaves rows out of its aggregate",
    },
    Difference {
        sql: "SELECT quantity > 2 AS many, COUNT(*) FROM line GROUP BY 1 ORDER BY many",
        right: &[&["false", "2"], &["true", "2"]],
        why: "GROUP BY 1 groups by the first column of the select list",
    },
    Difference {
        sql: "SELECT id FROM line WHERE id NOT IN (SELECT rating FROM town)",
        right: &[],
        why: "NOT IN over a list with NULL is never TRUE",
    },
    Difference {
        sql: "SELECT id FROM line WHERE id IN (1.0, 2.0) ORDER BY id",
        right: &[&["1"], &["2"]],
        why: "1 equals 1.0",
    },
];

fn glue() -> Glue<GlueStore> {
    let mut glue = Glue::new(GlueStore::default());
    for (sql, _) in TABLES {
        glue.execute(sql).expect(sql);
    }
    for sql in ROWS {
        glue.execute(sql).expect(sql);
    }
    glue
}

fn ours() -> Database {
    let mut database = Database::new();
    for (_, sql) in TABLES {
        database.run(sql, &[]).expect(sql);
    }
    for sql in ROWS {
        database.run(sql, &[]).expect(sql);
    }
    database
}

/// A number without the zeros that only a type's scale gives it.
fn plain(text: String) -> String {
    match text.parse::<f64>() {
        Ok(_) if text.contains('.') => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        _ => text,
    }
}

fn rows_of_glue(glue: &mut Glue<GlueStore>, sql: &str) -> Result<Rows, String> {
    let payloads = glue.execute(sql).map_err(|error| error.to_string())?;
    match payloads.into_iter().next() {
        Some(Payload::Select { rows, .. }) => {
            let cell = |value: Value| match value {
                Value::Null => "NULL".to_owned(),
                Value::Bool(truth) => truth.to_string(),
                other => plain(String::from(other)),
            };
            let row = |row: Vec<Value>| row.into_iter().map(cell).collect();
            Ok(rows.into_iter().map(row).collect())
        }
        other => Err(format!("no rows: {other:?}")),
    }
}

fn rows_of_ours(database: &mut Database, sql: &str) -> Rows {
    let result = database.run(sql, &[]).expect(sql).result.expect(sql);
    let row = |row: Vec<marketplace_analytics::base::Value>| {
        let cells = row.iter().zip(&result.fields);
        cells
            .map(|(value, field)| match value.is_null() {
                true => "NULL".to_owned(),
                false => plain(value.to_text(&field.ty)),
            })
            .collect()
    };
    result.rows(0).map(row).collect()
}

#[test]
fn what_both_run_alike_gives_the_same_rows() {
    let (mut glue, mut ours) = (glue(), ours());
    for sql in SAME {
        assert_eq!(
            Ok(rows_of_ours(&mut ours, sql)),
            rows_of_glue(&mut glue, sql),
            "{sql}"
        );
    }
}

#[test]
fn where_they_differ_postgresql_agrees_with_us() {
    let (mut glue, mut ours) = (glue(), ours());
    for Difference { sql, right, why } in DIFFERENT {
        assert_eq!(rows_of_ours(&mut ours, sql), right, "{sql}: {why}");
        let theirs = rows_of_glue(&mut glue, sql);
        assert_ne!(
            theirs.as_deref(),
            Ok(&*rows_of_ours(&mut ours, sql)),
            "mended in GlueSQL: {sql}"
        );
        assert!(theirs.is_ok(), "refused by GlueSQL: {sql}: {theirs:?}");
    }
}
