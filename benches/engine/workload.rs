//! The fourteen queries of the comparison with other engines, and the correlated last order.

use marketplace_analytics::base::Value;
use marketplace_analytics::base::datetime::timestamp_text;
use marketplace_analytics::engine::Database;
use rusqlite::Connection;
use rusqlite::types::Value as SqliteValue;

/// How a query is run.
#[derive(Clone, Copy)]
pub enum Kind {
    /// All its rows are read.
    Read,
    /// It is rolled back.
    Write,
    /// A thousand statements, each with another key.
    LookUps,
}

/// One query in both dialects.
pub struct Query {
    /// Its name.
    pub name: &'static str,
    /// How it is run.
    pub kind: Kind,
    /// Whether its ratio counts in the mean.
    pub counts: bool,
    /// PostgreSQL's dialect.
    pub ours: &'static str,
    /// SQLite's. Its money is floating point: sums are rounded, so that ties stay ties.
    pub sqlite: &'static str,
}

impl Query {
    /// The statements that one run takes.
    pub fn texts(&self, text: &str) -> Vec<String> {
        match self.kind {
            Kind::Read | Kind::Write => vec![text.to_owned()],
            Kind::LookUps => keys().map(|id| text.replace("{id}", &id)).collect(),
        }
    }
}

const fn read(name: &'static str, ours: &'static str, sqlite: &'static str) -> Query {
    Query {
        name,
        kind: Kind::Read,
        counts: true,
        ours,
        sqlite,
    }
}

const fn beside(name: &'static str, ours: &'static str, sqlite: &'static str) -> Query {
    Query {
        counts: false,
        ..read(name, ours, sqlite)
    }
}

/// How many orders there are at least.
const ORDERS: u64 = 10_000;
const LOOK_UP: &str = "SELECT id, customer_id, status, created_at FROM orders WHERE id = {id}";

/// A thousand keys of orders, the same in every run.
fn keys() -> impl Iterator<Item = String> {
    let draw = |state: &u64| {
        let next = state.wrapping_mul(6_364_136_223_846_793_005);
        Some(next.wrapping_add(1_442_695_040_888_963_407))
    };
    std::iter::successors(draw(&777), draw)
        .take(1000)
        .map(|state| (1 + (state >> 33) % ORDERS).to_string())
}

/// Holds both engines to the same rows, money to the cent.
///
/// # Panics
/// They differ, or there are none.
pub fn compare(query: &Query, ours: &mut Database, sqlite: &Connection) {
    let changed = "SELECT id, price FROM product WHERE category_id = 3 ORDER BY id";
    let write = matches!(query.kind, Kind::Write);
    let mut both = [Vec::new(), Vec::new()];
    let [mine, theirs] = &mut both;
    let mut ask_ours = |text: &str| {
        let outcome = ours.run(text, &[]).expect(text);
        let rows = outcome.result.iter().flat_map(|result| result.rows(0));
        mine.extend(rows.map(|row| row.iter().map(Cell::ours).collect::<Vec<_>>()));
    };
    let mut ask_sqlite = |text: &str| {
        let rows = super::sqlite::rows(sqlite, text);
        theirs.extend(
            rows.iter()
                .map(|row| row.iter().map(Cell::sqlite).collect::<Vec<_>>()),
        );
    };
    if write {
        ask_ours("BEGIN");
        ask_sqlite("BEGIN");
    }
    query
        .texts(query.ours)
        .iter()
        .for_each(|text| ask_ours(text));
    query
        .texts(query.sqlite)
        .iter()
        .for_each(|text| ask_sqlite(text));
    if write {
        ask_ours(changed);
        ask_sqlite(changed);
        ask_ours("ROLLBACK");
        ask_sqlite("ROLLBACK");
    }
    assert!(!mine.is_empty(), "{}: no rows", query.name);
    assert_eq!(mine.len(), theirs.len(), "{}: numbers of rows", query.name);
    for (mine, theirs) in mine.iter().zip(theirs.iter()) {
        assert_eq!(mine, theirs, "{}: rows differ", query.name);
    }
}

/// A value as both engines give it.
#[derive(Debug)]
enum Cell {
    Null,
    Number(f64),
    Text(String),
}

impl Cell {
    fn ours(value: &Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(bit) => Self::Number(f64::from(u8::from(*bit))),
            Value::Int(number) => Self::Number(*number as f64),
            Value::Numeric(number) => Self::Number(number.to_f64()),
            Value::Text(text) => Self::Text(text.to_string()),
            Value::Timestamp(micros) => Self::Text(timestamp_text(*micros)),
            other => panic!("no query of the workload gives {other:?}"),
        }
    }

    fn sqlite(value: &SqliteValue) -> Self {
        match value {
            SqliteValue::Null => Self::Null,
            SqliteValue::Integer(number) => Self::Number(*number as f64),
            SqliteValue::Real(number) => Self::Number(*number),
            SqliteValue::Text(text) => Self::Text(text.clone()),
            other @ SqliteValue::Blob(_) => panic!("no query of the workload gives {other:?}"),
        }
    }
}

impl PartialEq for Cell {
    fn eq(&self, other: &Self) -> bool {
        /// Months are moments to us and days to SQLite.
        fn day(text: &str) -> &str {
            text.trim_end_matches(" 00:00:00")
        }
        match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::Number(left), Self::Number(right)) => (left - right).abs() < 0.011,
            (Self::Text(left), Self::Text(right)) => day(left) == day(right),
            _ => false,
        }
    }
}

/// The fourteen queries, and the last order of every customer.
pub const QUERIES: &[Query] = &[
    read(
        "Q1 products by OR",
        "SELECT id, name, price, rating, stock FROM product WHERE is_active AND (price < 40 OR rating >= 4.5) AND stock > 0 ORDER BY id",
        "SELECT id, name, price, rating, stock FROM product WHERE is_active = 1 AND (price < 40 OR rating >= 4.5) AND stock > 0 ORDER BY id",
    ),
    read(
        "Q2 total revenue",
        "SELECT SUM(quantity * unit_price) AS revenue FROM order_item",
        "SELECT ROUND(SUM(quantity * unit_price), 2) AS revenue FROM order_item",
    ),
    read(
        "Q3 spending per customer",
        "SELECT c.id, c.name, COUNT(DISTINCT o.id) AS orders, SUM(i.quantity * i.unit_price) AS spending FROM customer c JOIN orders o ON o.customer_id = c.id JOIN order_item i ON i.order_id = o.id GROUP BY c.id, c.name ORDER BY spending DESC, c.id LIMIT 20",
        "SELECT c.id, c.name, COUNT(DISTINCT o.id) AS orders, ROUND(SUM(i.quantity * i.unit_price), 2) AS spending FROM customer c JOIN orders o ON o.customer_id = c.id JOIN order_item i ON i.order_id = o.id GROUP BY c.id, c.name ORDER BY spending DESC, c.id LIMIT 20",
    ),
    read(
        "Q4 monthly revenue",
        "SELECT date_trunc('month', o.created_at) AS month, COUNT(DISTINCT o.id) AS orders, SUM(i.quantity * i.unit_price) AS revenue FROM orders o JOIN order_item i ON i.order_id = o.id GROUP BY date_trunc('month', o.created_at) ORDER BY 1",
        "SELECT strftime('%Y-%m-01', o.created_at) AS month, COUNT(DISTINCT o.id) AS orders, ROUND(SUM(i.quantity * i.unit_price), 2) AS revenue FROM orders o JOIN order_item i ON i.order_id = o.id GROUP BY strftime('%Y-%m-01', o.created_at) ORDER BY 1",
    ),
    read(
        "Q5 last order date",
        "SELECT c.id, c.name, (SELECT MAX(o.created_at) FROM orders o WHERE o.customer_id = c.id) AS last_order FROM customer c ORDER BY c.id",
        "SELECT c.id, c.name, (SELECT MAX(o.created_at) FROM orders o WHERE o.customer_id = c.id) AS last_order FROM customer c ORDER BY c.id",
    ),
    read(
        "Q6 EXISTS with HAVING",
        "SELECT c.id, c.name FROM customer c WHERE EXISTS (SELECT 1 FROM orders o JOIN order_item i ON i.order_id = o.id WHERE o.customer_id = c.id GROUP BY o.id HAVING COUNT(*) > 5) ORDER BY c.id",
        "SELECT c.id, c.name FROM customer c WHERE EXISTS (SELECT 1 FROM orders o JOIN order_item i ON i.order_id = o.id WHERE o.customer_id = c.id GROUP BY o.id HAVING COUNT(*) > 5) ORDER BY c.id",
    ),
    read(
        "Q7 also bought",
        "SELECT p.id, p.name, COUNT(DISTINCT b.order_id) AS together FROM order_item a JOIN order_item b ON b.order_id = a.order_id AND b.product_id <> a.product_id JOIN product p ON p.id = b.product_id WHERE a.product_id = 12 GROUP BY p.id, p.name ORDER BY together DESC, p.id LIMIT 20",
        "SELECT p.id, p.name, COUNT(DISTINCT b.order_id) AS together FROM order_item a JOIN order_item b ON b.order_id = a.order_id AND b.product_id <> a.product_id JOIN product p ON p.id = b.product_id WHERE a.product_id = 12 GROUP BY p.id, p.name ORDER BY together DESC, p.id LIMIT 20",
    ),
    read(
        "Q8 rank by spending",
        "SELECT c.id, c.name, SUM(i.quantity * i.unit_price) AS spent, DENSE_RANK() OVER (ORDER BY SUM(i.quantity * i.unit_price) DESC) AS rnk FROM customer c JOIN orders o ON o.customer_id = c.id JOIN order_item i ON i.order_id = o.id GROUP BY c.id, c.name ORDER BY rnk, c.id",
        "SELECT c.id, c.name, ROUND(SUM(i.quantity * i.unit_price), 2) AS spent, DENSE_RANK() OVER (ORDER BY ROUND(SUM(i.quantity * i.unit_price), 2) DESC) AS rnk FROM customer c JOIN orders o ON o.customer_id = c.id JOIN order_item i ON i.order_id = o.id GROUP BY c.id, c.name ORDER BY rnk, c.id",
    ),
    read(
        "Q9 top three per category",
        "SELECT category_id, id, name, revenue, rn FROM (SELECT p.category_id, p.id, p.name, SUM(i.quantity * i.unit_price) AS revenue, ROW_NUMBER() OVER (PARTITION BY p.category_id ORDER BY SUM(i.quantity * i.unit_price) DESC, p.id) AS rn FROM product p JOIN order_item i ON i.product_id = p.id GROUP BY p.category_id, p.id, p.name) t WHERE rn <= 3 ORDER BY category_id, rn",
        "SELECT category_id, id, name, revenue, rn FROM (SELECT p.category_id, p.id, p.name, ROUND(SUM(i.quantity * i.unit_price), 2) AS revenue, ROW_NUMBER() OVER (PARTITION BY p.category_id ORDER BY ROUND(SUM(i.quantity * i.unit_price), 2) DESC, p.id) AS rn FROM product p JOIN order_item i ON i.product_id = p.id GROUP BY p.category_id, p.id, p.name) t WHERE rn <= 3 ORDER BY category_id, rn",
    ),
    read(
        "Q10 cumulative revenue",
        "SELECT month, revenue, SUM(revenue) OVER (ORDER BY month) AS running FROM (SELECT date_trunc('month', o.created_at) AS month, SUM(i.quantity * i.unit_price) AS revenue FROM orders o JOIN order_item i ON i.order_id = o.id GROUP BY date_trunc('month', o.created_at)) m ORDER BY month",
        "SELECT month, revenue, SUM(revenue) OVER (ORDER BY month) AS running FROM (SELECT strftime('%Y-%m-01', o.created_at) AS month, ROUND(SUM(i.quantity * i.unit_price), 2) AS revenue FROM orders o JOIN order_item i ON i.order_id = o.id GROUP BY strftime('%Y-%m-01', o.created_at)) m ORDER BY month",
    ),
    Query {
        name: "Q11 1000 look-ups",
        kind: Kind::LookUps,
        counts: true,
        ours: LOOK_UP,
        sqlite: LOOK_UP,
    },
    Query {
        name: "Q12 update a category",
        kind: Kind::Write,
        counts: true,
        ours: "UPDATE product SET price = price * 0.9 WHERE category_id = 3",
        sqlite: "UPDATE product SET price = ROUND(price * 0.9, 2) WHERE category_id = 3",
    },
    read(
        "Q13 four tables, first 1000",
        "SELECT o.id, o.created_at, o.status, c.name AS customer, c.city, p.name AS product, i.quantity, i.unit_price FROM orders o JOIN customer c ON c.id = o.customer_id JOIN order_item i ON i.order_id = o.id JOIN product p ON p.id = i.product_id ORDER BY o.created_at, i.id LIMIT 1000",
        "SELECT o.id, o.created_at, o.status, c.name AS customer, c.city, p.name AS product, i.quantity, i.unit_price FROM orders o JOIN customer c ON c.id = o.customer_id JOIN order_item i ON i.order_id = o.id JOIN product p ON p.id = i.product_id ORDER BY o.created_at, i.id LIMIT 1000",
    ),
    read(
        "Q14 HAVING of 90 days",
        "SELECT c.id, c.name, COUNT(*) AS orders FROM customer c JOIN orders o ON o.customer_id = c.id WHERE o.created_at >= '2025-12-01' GROUP BY c.id, c.name HAVING COUNT(*) > 5 ORDER BY orders DESC, c.id",
        "SELECT c.id, c.name, COUNT(*) AS orders FROM customer c JOIN orders o ON o.customer_id = c.id WHERE o.created_at >= '2025-12-01' GROUP BY c.id, c.name HAVING COUNT(*) > 5 ORDER BY orders DESC, c.id",
    ),
    beside(
        "last order per customer",
        "SELECT c.id, (SELECT o.id FROM orders o WHERE o.customer_id = c.id ORDER BY o.created_at DESC, o.id DESC LIMIT 1) AS last_order FROM customer c ORDER BY c.id",
        "SELECT c.id, (SELECT o.id FROM orders o WHERE o.customer_id = c.id ORDER BY o.created_at DESC, o.id DESC LIMIT 1) AS last_order FROM customer c ORDER BY c.id",
    ),
];
