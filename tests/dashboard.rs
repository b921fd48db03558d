//! Every tile of the dashboard against its own Django code, run in the shell on the same data.

#![cfg(feature = "engine")]

use marketplace_analytics::base::{Numeric, Value};
use marketplace_analytics::cases::{Data, Numbers, Order, World, equal};
use marketplace_analytics::orm::sql::plain;
use marketplace_analytics::session::Session;
use marketplace_analytics::session::Size;
use marketplace_analytics::session::dashboard::{Filter, Period, SalesFilter, Tile, Tiles};
use serde_json::{Value as Json, json};

fn filters() -> Vec<Filter> {
    let sales = |period, category: Option<&str>| SalesFilter {
        period,
        category: category.map(str::to_owned),
    };
    let filter = |sales| Filter {
        sales,
        ..Filter::default()
    };
    let category = session()
        .dashboard(&Filter::default())
        .expect("the tiles")
        .by_category
        .first()
        .map(|best| best.name.clone());
    vec![
        filter(sales(Period::All, None)),
        filter(sales(Period::Days(30), None)),
        filter(sales(Period::Days(90), None)),
        filter(sales(Period::Year(2025), category.as_deref())),
        Filter {
            product: Some(21),
            search: "a".into(),
            ..filter(sales(Period::All, None))
        },
    ]
}

fn session() -> Session {
    let mut session = Session::new(|| 0.0);
    session.reset(Size::Small).expect("the data set");
    session
}

fn money(amount: Numeric) -> Json {
    json!(plain(&Value::Numeric(amount)))
}

fn moment(micros: i64) -> Json {
    json!(plain(&Value::Timestamp(micros)).replace(' ', "T"))
}

/// A tile as its Django code gives it.
fn tile(found: &Tiles, tile: Tile) -> Json {
    match tile {
        Tile::Figures => json!({
            "revenue": money(found.figures.revenue),
            "units": found.figures.units,
            "orders": found.figures.orders,
            "customers": found.figures.customers,
            "average_order_value": money(found.figures.average_order_value),
        }),
        Tile::Months => found
            .months
            .iter()
            .map(|month| {
                json!({
                    "month": moment(month.month),
                    "revenue": money(month.revenue),
                    "orders": month.orders,
                    "cumulative_revenue": money(month.cumulative_revenue),
                })
            })
            .collect(),
        Tile::Products => found
            .products
            .iter()
            .map(|product| {
                json!({
                    "product_id": product.id,
                    "product__name": product.name,
                    "revenue": money(product.revenue),
                    "units_sold": product.units_sold,
                })
            })
            .collect(),
        Tile::Categories => found
            .by_category
            .iter()
            .map(|category| {
                json!({
                    "product__category__name": category.name,
                    "revenue": money(category.revenue),
                    "units": category.units,
                })
            })
            .collect(),
        Tile::Ranks => found
            .ranks
            .iter()
            .map(|rank| {
                json!({
                    "order__customer_id": rank.customer_id,
                    "order__customer__name": rank.name,
                    "total_spent": money(rank.total_spent),
                    "rank": rank.rank,
                })
            })
            .collect(),
        Tile::Customers => found
            .customers
            .iter()
            .map(|customer| {
                json!({
                    "order__customer_id": customer.customer_id,
                    "order__customer__name": customer.name,
                    "lifetime_value": money(customer.lifetime_value),
                    "units": customer.units,
                    "order_count": customer.order_count,
                    "first_order_at": moment(customer.first_order_at),
                    "last_order_at": moment(customer.last_order_at),
                })
            })
            .collect(),
        Tile::AlsoBought => found
            .also_bought
            .iter()
            .map(|product| {
                json!({
                    "product_id": product.id,
                    "product__name": product.name,
                    "buyers": product.buyers,
                })
            })
            .collect(),
    }
}

#[test]
fn the_code_behind_a_tile_gives_the_tile() {
    let mut session = session();
    let data = Data::sample().expect("the data set");
    for filter in filters() {
        let found = session.dashboard(&filter).expect("the tiles");
        for source in &found.sources {
            let mut world = World::new(&data, None).expect("a shell");
            let answer = world.run(&source.code);
            let answer = answer
                .result
                .unwrap_or_else(|failure| panic!("{}\n{}", source.code, failure.traceback));
            assert!(
                equal(
                    &tile(&found, source.tile),
                    &answer,
                    Order::List,
                    Numbers::Exact
                ),
                "{filter:?}\n{}\nthe tile: {}\nthe code: {answer}",
                source.code,
                tile(&found, source.tile)
            );
        }
    }
}

#[test]
fn the_statements_behind_a_tile_run_by_themselves() {
    let mut session = session();
    for filter in filters() {
        let found = session.dashboard(&filter).expect("the tiles");
        for source in &found.sources {
            assert!(!source.sql.is_empty(), "{:?}", source.tile);
            for sql in &source.sql {
                let run = session.execute(sql);
                assert!(run.error.is_none(), "{sql}: {:?}", run.error);
            }
        }
    }
}

#[test]
fn the_parts_of_a_period_make_its_revenue() {
    let mut session = session();
    let found = session.dashboard(&Filter::default()).expect("the tiles");
    let sum = |parts: Vec<Numeric>| parts.iter().map(|part| part.mantissa()).sum::<i128>();
    let revenue = found.figures.revenue.mantissa();
    assert!(revenue > 0);
    assert_eq!(
        sum(found.months.iter().map(|month| month.revenue).collect()),
        revenue
    );
    assert_eq!(
        sum(found.by_category.iter().map(|part| part.revenue).collect()),
        revenue
    );
    assert_eq!(
        found
            .months
            .last()
            .map(|month| month.cumulative_revenue.mantissa()),
        Some(revenue)
    );
}

#[test]
fn a_dropped_table_is_an_error_and_no_crash() {
    let mut session = session();
    assert!(session.execute("DROP TABLE order_item").error.is_none());
    let error = session
        .dashboard(&Filter::default())
        .expect_err("no table, no figures");
    assert_eq!(error.code.as_str(), "42P01");
}
