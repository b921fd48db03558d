//! The services on the Small data set give what Django gives for the same questions.

#![cfg(feature = "engine")]

use marketplace_analytics::base::{Numeric, Result, Value};
use marketplace_analytics::cases::{Data, Numbers, Order, World, equal};
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

/// What the Python service answers, and what the Rust one does.
fn agree(python: &str, rust: Json) {
    let code = python.to_owned();
    // Unoptimised code needs more stack than a test's thread has.
    let thread = std::thread::Builder::new()
        .stack_size(64 << 20)
        .spawn(move || {
            let data = Data::sample().expect("the data set");
            let found = World::new(&data, None).expect("a shell").run(&code);
            found.result.map_err(|failure| failure.traceback)
        });
    let answer = thread.expect("a thread").join().expect("an answer");
    let answer = answer.unwrap_or_else(|traceback| panic!("{python}\n{traceback}"));
    assert!(
        equal(&answer, &rust, Order::List, Numbers::Exact),
        "{python}\nPython: {answer}\nRust:   {rust}"
    );
}

#[test]
fn the_python_services_say_the_same() {
    let (catalogue, mut shop) = shop();
    let mut services = Services {
        catalogue: &catalogue,
        connection: &mut shop,
    };
    let since = 1_735_689_600_000_000; // 2025-01-01
    let mut best = Vec::new();
    for by in [SellingBy::Units, SellingBy::Revenue] {
        for (category, since) in [(None, None), (Some("Audio"), None), (None, Some(since))] {
            let rows = services.get_top_selling_products(7, by, category, since);
            let rows = rows.expect("rows");
            let row = |it: &marketplace_analytics::services::ProductSales| {
                json!([it.id, it.name, it.units_sold, money(it.revenue)])
            };
            best.push(Json::from(rows.iter().map(row).collect::<Vec<_>>()));
        }
    }
    agree(
        "[[[p.pk, p.name, p.units_sold, p.revenue] for p in get_top_selling_products(7, by, category, since)]\n \
         for by in ('units', 'revenue')\n \
         for category, since in ((None, None), ('Audio', None), (None, datetime(2025, 1, 1, tzinfo=UTC)))]",
        Json::from(best),
    );
    let values = (1..=12).map(|customer| {
        let value = services.get_customer_lifetime_value(customer);
        let value = value.expect("a customer");
        json!([
            money(value.lifetime_value),
            value.units,
            value.order_count,
            moment(value.first_order_at),
            moment(value.last_order_at),
            money(value.average_order_value),
        ])
    });
    let values = Json::from(values.collect::<Vec<_>>());
    agree(
        "keys = ('lifetime_value', 'units', 'order_count', 'first_order_at', 'last_order_at', 'average_order_value')\n\
         [[get_customer_lifetime_value(pk)[key] for key in keys] for pk in range(1, 13)]",
        values,
    );
    let months = [None, Some(2025), Some(2026), Some(1999)].map(|year| {
        let rows = services.get_monthly_revenue(year).expect("rows");
        let row = |it: &marketplace_analytics::services::MonthRevenue| {
            let (revenue, sum) = (money(it.revenue), money(it.cumulative_revenue));
            json!([moment(Some(it.month)), revenue, it.orders, sum])
        };
        Json::from(rows.iter().map(row).collect::<Vec<_>>())
    });
    agree(
        "[[list(month.values()) for month in get_monthly_revenue(year)] for year in (None, 2025, 2026, 1999)]",
        Json::from(months.to_vec()),
    );
    let bought = (1..=24).map(|product| {
        let rows = services.get_also_bought_products(product, 4).expect("rows");
        let row = |it: &marketplace_analytics::services::AlsoBought| json!([it.id, it.buyers]);
        Json::from(rows.iter().map(row).collect::<Vec<_>>())
    });
    let bought = Json::from(bought.collect::<Vec<_>>());
    agree(
        "[[[p.pk, p.buyers] for p in get_also_bought_products(pk, 4)] for pk in range(1, 25)]",
        bought,
    );
    let ranked = [(None, Premium::Any), (Some(3), Premium::Only)].map(|(limit, premium)| {
        let rows = services.get_ranked_customers(limit, premium).expect("rows");
        let row = |it: &marketplace_analytics::services::RankedCustomer| {
            json!([
                it.id,
                money(it.total_spent),
                it.rank,
                it.dense_rank,
                it.percent_rank
            ])
        };
        Json::from(rows.iter().map(row).collect::<Vec<_>>())
    });
    agree(
        "[[[c.pk, c.total_spent, c.rank, c.dense_rank, c.percent_rank] for c in get_ranked_customers(limit, premium)]\n \
         for limit, premium in ((None, False), (3, True))]",
        Json::from(ranked.to_vec()),
    );
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
