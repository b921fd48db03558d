//! The database as a whole: what no recorded answer can show, because it concerns the session,
//! the words of errors, or the loader.

#![cfg(not(target_family = "wasm"))]

use marketplace_analytics::base::{Column, Value, Vector};
use marketplace_analytics::engine::database::Database;
use marketplace_analytics::engine::glue;
use marketplace_analytics::market::seed::Size;

fn market() -> Database {
    let mut database = Database::new();
    database.load_market(Size::Small).unwrap();
    database
}

/// The rows of a query as text.
fn rows(database: &mut Database, sql: &str) -> Vec<String> {
    let result = database.run(sql, &[]).unwrap().result.unwrap();
    result
        .rows(0)
        .map(|row| {
            let cells = row.iter().zip(&result.fields);
            let texts: Vec<String> = cells.map(|(v, f)| v.to_text(&f.ty)).collect();
            texts.join("|")
        })
        .collect()
}

#[test]
fn errors_speak_postgresql_and_show_the_key() {
    let mut database = market();
    let cases = [
        (
            "INSERT INTO category (name) SELECT name FROM category LIMIT 1",
            "23505: duplicate key value violates unique constraint \"category_name_key\"",
            " already exists.",
        ),
        (
            "DELETE FROM customer WHERE id = 1",
            "23503: update or delete on table \"customer\" violates foreign key constraint \
             \"orders_customer_id_b7016332_fk_customer_id\" on table \"orders\"",
            "Key (id)=(1) is still referenced from table \"orders\".",
        ),
        (
            "UPDATE orders SET customer_id = 999 WHERE id = 1",
            "23503: insert or update on table \"orders\" violates foreign key constraint \
             \"orders_customer_id_b7016332_fk_customer_id\"",
            "Key (customer_id)=(999) is not present in table \"customer\".",
        ),
        (
            "UPDATE order_item SET quantity = 0 WHERE id = 1",
            "23514: new row for relation \"order_item\" violates check constraint \
             \"orderitem_quantity_positive\"",
            "Failing row contains (1, 0, ",
        ),
    ];
    for (sql, message, detail) in cases {
        let error = database.run(sql, &[]).unwrap_err();
        assert_eq!(error.to_string(), message);
        assert!(error.hints[0].contains(detail), "{:?}", error.hints);
    }
}

#[test]
fn deferred_keys_are_checked_at_commit() {
    let mut database = market();
    let before = rows(&mut database, "SELECT count(*) FROM orders");
    let script = "BEGIN; UPDATE orders SET customer_id = 999 WHERE id = 1; COMMIT;";
    let (outcomes, error) = database.run_script(script);
    assert_eq!(outcomes.len(), 2);
    assert_eq!(error.unwrap().code.as_str(), "23503");
    assert!(!database.in_transaction());
    let script = "BEGIN; DELETE FROM customer WHERE id = 1; \
                  DELETE FROM order_item WHERE order_id IN (SELECT id FROM orders WHERE customer_id = 1); \
                  DELETE FROM orders WHERE customer_id = 1; COMMIT;";
    let (outcomes, error) = database.run_script(script);
    assert_eq!(error, None);
    assert_eq!(outcomes.len(), 5);
    assert_ne!(rows(&mut database, "SELECT count(*) FROM orders"), before);
}

#[test]
fn positions_in_a_script_count_from_its_start() {
    let mut database = market();
    let script = "SELECT 1;\nSELECT nothing FROM customer;";
    let (_, error) = database.run_script(script);
    let span = error.unwrap().span.unwrap();
    assert_eq!(&script[span.start as usize..span.end as usize], "nothing");
}

#[test]
fn numbers_of_a_sequence_are_not_taken_back() {
    let mut database = market();
    let script = "BEGIN; INSERT INTO category (name) VALUES ('one'); ROLLBACK;";
    assert_eq!(database.run_script(script).1, None);
    let expected = rows(&mut database, "SELECT max(id) + 2 FROM category");
    let insert = "INSERT INTO category (name) VALUES ('two') RETURNING id";
    assert_eq!(rows(&mut database, insert), expected);
}

#[test]
fn a_bulk_load_keeps_the_constraints() {
    let mut database = Database::new();
    let create = "CREATE TABLE t (id bigint PRIMARY KEY, n integer CHECK (n > 0))";
    database.run(create, &[]).unwrap();
    let columns = |ids: Vec<i64>, numbers: Vec<i64>| {
        vec![
            Column::new(Vector::Int(ids)),
            Column::new(Vector::Int(numbers)),
        ]
    };
    assert_eq!(
        database
            .bulk_load("t", columns(vec![1, 2], vec![5, 6]))
            .unwrap(),
        2
    );
    let code = |result: marketplace_analytics::base::Result<u64>| {
        result.map_err(|error| error.code.to_string()).unwrap_err()
    };
    assert_eq!(
        code(database.bulk_load("t", columns(vec![3, 2], vec![1, 1]))),
        "23505"
    );
    assert_eq!(
        code(database.bulk_load("t", columns(vec![3], vec![0]))),
        "23514"
    );
    assert_eq!(
        rows(&mut database, "SELECT count(*), sum(n) FROM t"),
        ["2|11"]
    );
}

#[test]
fn a_long_chain_of_cascades_takes_no_stack() {
    let mut database = Database::new();
    let script = "CREATE TABLE node (id integer PRIMARY KEY, above integer REFERENCES node ON DELETE CASCADE);
                  INSERT INTO node SELECT i, NULLIF(i - 1, 0) FROM generate_series(1, 20000) AS i;
                  CREATE INDEX ON node (above);
                  DELETE FROM node WHERE id = 1;";
    assert_eq!(database.run_script(script).1, None);
    assert_eq!(rows(&mut database, "SELECT count(*) FROM node"), ["0"]);
}

#[test]
fn an_insert_plan_and_the_store_write_the_same_rows() {
    let database = market();
    let source = database.storage().table("product").unwrap().clone();
    let given: Vec<Vec<Value>> = source.row_ids().map(|row| source.row(row)).collect();
    let mut by_plan = database.storage().clone();
    by_plan.table_mut("product").unwrap().truncate();
    let mut by_row = by_plan.clone();
    glue::insert_plan(&mut by_plan, "product", &given).unwrap();
    glue::append_rows(&mut by_row, "product", &given).unwrap();
    for storage in [by_plan, by_row] {
        let table = storage.table("product").unwrap();
        let found: Vec<Vec<Value>> = table.row_ids().map(|row| table.row(row)).collect();
        assert_eq!(found, given);
    }
}
