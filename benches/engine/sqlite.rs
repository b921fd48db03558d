//! The same rows in bundled SQLite, in memory, with the same keys and indexes.

use marketplace_analytics::market::seed::{Size, generate};
use rusqlite::types::Value;
use rusqlite::{Connection, params};

const TABLES: &str = "
    CREATE TABLE customer (id integer NOT NULL PRIMARY KEY, name varchar(120) NOT NULL, email varchar(254) NOT NULL UNIQUE, city varchar(80) NOT NULL, country varchar(80) NOT NULL, is_premium bool NOT NULL, created_at datetime NOT NULL);
    CREATE TABLE category (id integer NOT NULL PRIMARY KEY, name varchar(80) NOT NULL UNIQUE, parent_id bigint REFERENCES category (id) DEFERRABLE INITIALLY DEFERRED);
    CREATE TABLE product (id integer NOT NULL PRIMARY KEY, name varchar(160) NOT NULL, price decimal NOT NULL CHECK (price >= 0), rating decimal, stock integer NOT NULL CHECK (stock >= 0), is_active bool NOT NULL, created_at datetime NOT NULL, category_id bigint NOT NULL REFERENCES category (id) DEFERRABLE INITIALLY DEFERRED);
    CREATE TABLE orders (id integer NOT NULL PRIMARY KEY, status varchar(10) NOT NULL, created_at datetime NOT NULL, customer_id bigint NOT NULL REFERENCES customer (id) DEFERRABLE INITIALLY DEFERRED);
    CREATE TABLE order_item (id integer NOT NULL PRIMARY KEY, quantity integer NOT NULL CHECK (quantity >= 0), unit_price decimal NOT NULL, order_id bigint NOT NULL REFERENCES orders (id) DEFERRABLE INITIALLY DEFERRED, product_id bigint NOT NULL REFERENCES product (id) DEFERRABLE INITIALLY DEFERRED, UNIQUE (order_id, product_id));
    CREATE INDEX category_parent ON category (parent_id);
    CREATE INDEX product_price ON product (price);
    CREATE INDEX product_category ON product (category_id);
    CREATE INDEX orders_created ON orders (created_at);
    CREATE INDEX orders_customer ON orders (customer_id);
    CREATE INDEX item_order ON order_item (order_id);
    CREATE INDEX item_product ON order_item (product_id);
";

/// The data set in a connection of its own.
pub fn load(size: Size) -> Connection {
    let mut connection = Connection::open_in_memory().expect("SQLite opens");
    connection
        .execute_batch(TABLES)
        .expect("the tables are made");
    let rows = generate(size);
    let transaction = connection.transaction().expect("a block begins");
    let moment = |seconds: i64| {
        chrono::DateTime::from_timestamp(seconds, 0)
            .expect("a moment of the data set")
            .format("%Y-%m-%d %H:%M:%S")
            .to_string()
    };
    {
        let insert = |text: &str, values: &[&dyn rusqlite::ToSql]| {
            let mut statement = transaction.prepare_cached(text).expect(text);
            statement.execute(values).expect(text);
        };
        for row in &rows.customers {
            insert(
                "INSERT INTO customer VALUES (?, ?, ?, ?, ?, ?, ?)",
                params![
                    row.id,
                    row.name.to_string(),
                    row.email.to_string(),
                    row.city,
                    row.country,
                    row.is_premium,
                    moment(row.created_at)
                ],
            );
        }
        for row in &rows.categories {
            insert(
                "INSERT INTO category VALUES (?, ?, ?)",
                params![row.id, row.name, row.parent_id],
            );
        }
        for row in &rows.products {
            insert(
                "INSERT INTO product VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                params![
                    row.id,
                    row.name.to_string(),
                    row.price as f64 / 100.0,
                    row.rating.map(|rating| rating as f64 / 100.0),
                    row.stock,
                    row.is_active,
                    moment(row.created_at),
                    row.category_id
                ],
            );
        }
        for row in &rows.orders {
            insert(
                "INSERT INTO orders VALUES (?, ?, ?, ?)",
                params![row.id, row.status, moment(row.created_at), row.customer_id],
            );
        }
        for row in &rows.order_items {
            insert(
                "INSERT INTO order_item VALUES (?, ?, ?, ?, ?)",
                params![
                    row.id,
                    row.quantity,
                    row.unit_price as f64 / 100.0,
                    row.order_id,
                    row.product_id
                ],
            );
        }
    }
    transaction.commit().expect("the rows are there");
    connection.execute_batch("ANALYZE").expect("SQLite counts");
    connection
}

/// All rows of a query, every value fetched.
pub fn rows(connection: &Connection, text: &str) -> Vec<Vec<Value>> {
    let mut statement = connection.prepare(text).expect(text);
    let width = statement.column_count();
    let mut found = statement.query([]).expect(text);
    let mut rows = Vec::new();
    while let Some(row) = found.next().expect(text) {
        rows.push((0..width).map(|at| row.get_unwrap(at)).collect());
    }
    rows
}
