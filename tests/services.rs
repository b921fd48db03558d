//! The services on the Small data set give what Django gives for the same questions.

#![cfg(feature = "engine")]

use marketplace_analytics::base::{Numeric, Result, Value};
use marketplace_analytics::engine::database::Database;
use marketplace_analytics::market::catalogue::{Catalogue, marketplace};
use marketplace_analytics::market::seed::Size;
use marketplace_analytics::orm::sql::plain;
use marketplace_analytics::orm::{Connection, Executed, Sql, TransactionState};
use marketplace_analytics::services::{Premium, SellingBy, Services};
use serde_json::{Value as Json, json};
use std::sync::Arc;

/// A connection to a database of its own.
struct Shop {
    database: Database,
    transaction: TransactionState,
}

impl Connection for Shop {
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

    fn table_rows(&self, table: &str) -> Option<u64> {
        let table = self.database.storage().table(table)?;
        u64::try_from(table.row_count()).ok()
    }

    fn transaction(&mut self) -> &mut TransactionState {
        &mut self.transaction
    }
}

fn shop() -> (Arc<Catalogue>, Shop) {
    let mut database = Database::new();
    database
        .load_market(Size::Small)
        .expect("the data set is made");
    let shop = Shop {
        database,
        transaction: TransactionState::default(),
    };
    (Arc::new(marketplace()), shop)
}

/// What Django answered to a recorded case on PostgreSQL.
fn recorded(id: &str) -> Json {
    let cases: Json = serde_json::from_str(include_str!("django/cases.json")).expect("JSON");
    let case = cases["cases"]
        .as_array()
        .and_then(|cases| cases.iter().find(|case| case["id"] == id))
        .unwrap_or_else(|| panic!("there is no case {id}"));
    match &case["postgresql"]["result"] {
        Json::Null => case["expected"]["result"].clone(),
        result => result.clone(),
    }
}

fn money(amount: Numeric) -> Json {
    json!(plain(&Value::Numeric(amount)))
}

fn moment(micros: Option<i64>) -> Json {
    match micros {
        Some(micros) => json!(plain(&Value::Timestamp(micros)).replace(' ', "T")),
        None => Json::Null,
    }
}

#[test]
fn best_selling_products() {
    let (catalogue, mut shop) = shop();
    let mut services = Services {
        catalogue: &catalogue,
        connection: &mut shop,
    };
    let rows: Vec<Json> = services
        .get_top_selling_products(3, SellingBy::Units, None, None)
        .expect("rows")
        .iter()
        .map(|row| json!([row.name, row.units_sold, money(row.revenue)]))
        .collect();
    assert_eq!(Json::from(rows), recorded("p9-002"));
    let none = services
        .get_top_selling_products(5, SellingBy::Revenue, Some("Gift Cards"), None)
        .expect("rows");
    assert!(none.is_empty(), "{none:?}");
}

#[test]
fn a_customer_s_lifetime_value() {
    let (catalogue, mut shop) = shop();
    let mut services = Services {
        catalogue: &catalogue,
        connection: &mut shop,
    };
    let value = services.get_customer_lifetime_value(9).expect("a customer");
    let given = json!({
        "customer_id": value.customer_id,
        "name": value.name,
        "lifetime_value": money(value.lifetime_value),
        "units": value.units,
        "order_count": value.order_count,
        "first_order_at": moment(value.first_order_at),
        "last_order_at": moment(value.last_order_at),
        "average_order_value": money(value.average_order_value),
    });
    assert_eq!(given, recorded("p9-009"));
    let unknown = services
        .get_customer_lifetime_value(404)
        .expect_err("no customer");
    assert_eq!(
        (unknown.qualified_name(), unknown.message),
        (
            "marketplace.models.Customer.DoesNotExist".to_owned(),
            "Customer matching query does not exist.".to_owned()
        )
    );
}

#[test]
fn revenue_by_month() {
    let (catalogue, mut shop) = shop();
    let mut services = Services {
        catalogue: &catalogue,
        connection: &mut shop,
    };
    let rows: Vec<Json> = services
        .get_monthly_revenue(None)
        .expect("rows")
        .iter()
        .map(|row| {
            json!({
                "month": moment(Some(row.month)),
                "revenue": money(row.revenue),
                "orders": row.orders,
                "cumulative_revenue": money(row.cumulative_revenue),
            })
        })
        .collect();
    assert_eq!(Json::from(rows), recorded("p9-012"));
}

#[test]
fn products_bought_as_well() {
    let (catalogue, mut shop) = shop();
    let mut services = Services {
        catalogue: &catalogue,
        connection: &mut shop,
    };
    let rows: Vec<Json> = services
        .get_also_bought_products(21, 5)
        .expect("rows")
        .iter()
        .map(|row| json!([row.name, row.buyers]))
        .collect();
    assert_eq!(Json::from(rows), recorded("p9-017"));
}

#[test]
fn customers_by_spending() {
    let (catalogue, mut shop) = shop();
    let mut services = Services {
        catalogue: &catalogue,
        connection: &mut shop,
    };
    let rows: Vec<Json> = services
        .get_ranked_customers(None, Premium::Any)
        .expect("rows")
        .iter()
        .map(|row| json!([row.name, money(row.total_spent), row.rank, row.dense_rank]))
        .collect();
    assert_eq!(Json::from(rows), recorded("p9-020"));
}

#[test]
fn the_mean_order() {
    let (catalogue, mut shop) = shop();
    let mut services = Services {
        catalogue: &catalogue,
        connection: &mut shop,
    };
    let mean = services
        .get_average_order_value()
        .expect("a mean")
        .map_or(Json::Null, money);
    assert_eq!(mean, recorded("p9-025"));
}
