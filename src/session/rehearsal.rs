//! Queries that run once for nobody.
//!
//! A browser compiles a function of a wasm module when it is first called, and a first query calls
//! thousands: it took some hundred milliseconds where the second took less than one. So the usual
//! kinds of queries are rehearsed in a quiet moment, on a database of their own, which no open
//! transaction and no data of the person can disturb.

use crate::engine::Database;
use crate::market::seed::Size;

/// What most queries are made of: joins, groups, subqueries, windows, orders, dates, texts.
const QUERIES: [&str; 3] = [
    "SELECT c.name, count(*), sum(i.quantity * i.unit_price) AS revenue, avg(p.rating) \
     FROM order_item i JOIN product p ON p.id = i.product_id LEFT JOIN category c ON c.id = p.category_id \
     WHERE p.price > 5 AND (p.rating IS NULL OR p.rating > 1.5) \
     GROUP BY c.name HAVING count(*) > 1 ORDER BY revenue DESC LIMIT 3",
    "WITH spent AS (SELECT o.customer_id, date_trunc('month', o.created_at) AS month, \
     sum(i.quantity * i.unit_price) AS spent FROM orders o JOIN order_item i ON i.order_id = o.id \
     WHERE o.status <> 'cancelled' GROUP BY 1, 2) \
     SELECT customer_id, month, spent, rank() OVER (PARTITION BY month ORDER BY spent DESC), \
     sum(spent) OVER (PARTITION BY customer_id ORDER BY month) FROM spent ORDER BY month, spent DESC",
    "SELECT upper(c.name), (SELECT max(o.created_at) FROM orders o WHERE o.customer_id = c.id) \
     FROM customer c WHERE c.name LIKE '%a%' AND EXISTS (SELECT 1 FROM orders o WHERE o.customer_id = c.id) \
     AND c.id NOT IN (1, 2) ORDER BY c.id",
];

/// Runs them.
pub(super) fn rehearse() {
    let mut database = Database::new();
    if database.load_market(Size::Small).is_ok() {
        for sql in QUERIES {
            // Nobody waits for the rows; a query that fails is told to whoever asks it.
            database.run(sql, &[]).ok();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_query_that_is_rehearsed_gives_rows() {
        let mut database = Database::new();
        database.load_market(Size::Small).unwrap();
        for sql in QUERIES {
            let result = database.run(sql, &[]).unwrap().result.unwrap();
            assert!(result.rows(0).next().is_some(), "{sql}");
        }
    }
}
