//! The panels of the lessons on the Small data set: all of them run, and their figures are what
//! plain arithmetic over the rows gives.

use marketplace_analytics::base::Value;
use marketplace_analytics::lessons::presets::{self as lessons, Panel};
use marketplace_analytics::market::seed::{self, Order, Rows, Size};
use marketplace_analytics::session::{self, Session};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

fn session() -> Session {
    let mut session = Session::new(|| 0.0);
    session.reset(Size::Small).expect("the data set is made");
    session
}

fn panel(title: &str) -> Panel {
    lessons::phases()
        .into_iter()
        .flat_map(|phase| phase.panels)
        .find(|panel| panel.title == title)
        .unwrap_or_else(|| panic!("there is no panel {title}"))
}

/// The last result set of a panel, as text.
fn rows(title: &str) -> Vec<Vec<String>> {
    let panel = panel(title);
    let run = session().execute(panel.sql.expect("a panel that runs"));
    assert!(run.error.is_none(), "{title}: {:?}", run.error);
    let result = run
        .outcomes
        .into_iter()
        .rev()
        .find_map(|outcome| outcome.result)
        .expect("a result set");
    result
        .rows(0)
        .map(|row| {
            row.iter()
                .zip(&result.fields)
                .map(|(value, field)| match value {
                    Value::Null => "NULL".to_owned(),
                    value => session::shown(value, &field.ty),
                })
                .collect()
        })
        .collect()
}

fn check<const N: usize>(title: &str, expected: impl IntoIterator<Item = [String; N]>) {
    let expected: Vec<Vec<String>> = expected.into_iter().map(Vec::from).collect();
    assert!(!expected.is_empty(), "{title} would prove nothing");
    assert_eq!(rows(title), expected, "{title}");
}

fn money(cents: i64) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}

fn data() -> Rows {
    seed::generate(Size::Small)
}

/// Units and cents of each product over the orders that `counts` lets through.
fn sales(data: &Rows, counts: impl Fn(&Order) -> bool) -> BTreeMap<i64, (i64, i64)> {
    let orders: BTreeMap<i64, &Order> = data.orders.iter().map(|order| (order.id, order)).collect();
    let mut sales = BTreeMap::new();
    for item in &data.order_items {
        if counts(orders[&item.order_id]) {
            let entry: &mut (i64, i64) = sales.entry(item.product_id).or_default();
            entry.0 += item.quantity;
            entry.1 += item.quantity * item.unit_price;
        }
    }
    sales
}

/// Cents that each customer spent in the orders that `counts` lets through.
fn spending(data: &Rows, counts: impl Fn(&Order) -> bool) -> BTreeMap<i64, i64> {
    let orders: BTreeMap<i64, &Order> = data.orders.iter().map(|order| (order.id, order)).collect();
    let mut spending = BTreeMap::new();
    for item in &data.order_items {
        let order = orders[&item.order_id];
        if counts(order) {
            *spending.entry(order.customer_id).or_default() += item.quantity * item.unit_price;
        }
    }
    spending
}

fn placed(order: &Order) -> bool {
    order.status != "cancelled"
}

#[test]
fn every_panel_runs_and_gives_rows() {
    for phase in lessons::phases() {
        for panel in phase.panels {
            let Some(sql) = panel.sql else { continue };
            let run = session().execute(sql);
            let title = panel.title;
            assert!(
                run.error.is_none(),
                "phase {}, {title}: {:?}",
                phase.number,
                run.error
            );
            let mut rows = run
                .outcomes
                .iter()
                .filter_map(|outcome| outcome.result.as_ref());
            assert!(
                rows.next_back().is_some_and(|rows| !rows.is_empty()),
                "phase {}, {title}",
                phase.number
            );
        }
    }
}

#[test]
fn revenue_and_units_are_the_sums_of_the_items() {
    let data = data();
    let cents = data
        .order_items
        .iter()
        .map(|item| item.quantity * item.unit_price)
        .sum();
    check("Total revenue", [[money(cents)]]);
    let units: i64 = data.order_items.iter().map(|item| item.quantity).sum();
    let products: BTreeSet<i64> = data
        .order_items
        .iter()
        .map(|item| item.product_id)
        .collect();
    check(
        "Total products sold",
        [[
            units.to_string(),
            data.order_items.len().to_string(),
            products.len().to_string(),
        ]],
    );
}

#[test]
fn customers_without_orders_are_kept() {
    let data = data();
    let mut expected: Vec<_> = data
        .customers
        .iter()
        .map(|customer| {
            let orders = data
                .orders
                .iter()
                .filter(|order| order.customer_id == customer.id)
                .count();
            (Reverse(orders), customer.id, customer.name.to_string())
        })
        .collect();
    expected.sort();
    check(
        "Orders per customer",
        expected
            .into_iter()
            .map(|(Reverse(orders), id, name)| [id.to_string(), name, orders.to_string()]),
    );
}

#[test]
fn spending_counts_every_order() {
    let data = data();
    let spent = spending(&data, |_| true);
    let mut expected: Vec<_> = data
        .customers
        .iter()
        .map(|customer| {
            let cents = spent.get(&customer.id).copied();
            (
                Reverse(cents.unwrap_or(0)),
                customer.id,
                customer.name.to_string(),
                cents,
            )
        })
        .collect();
    expected.sort();
    check(
        "Spending per customer",
        expected.into_iter().map(|(_, id, name, cents)| {
            [id.to_string(), name, cents.map_or("0".to_owned(), money)]
        }),
    );
}

#[test]
fn unrated_products_stay_only_when_they_are_cheap() {
    let data = data();
    let rating = |rating: Option<i64>| rating.map_or("NULL".to_owned(), money);
    check(
        "Cheap or well rated",
        data.products
            .iter()
            .filter(|product| {
                product.price < 50_000 || product.rating.is_some_and(|rating| rating > 400)
            })
            .map(|product| {
                [
                    product.id.to_string(),
                    product.name.to_string(),
                    money(product.price),
                    rating(product.rating),
                ]
            }),
    );
    check(
        "Negation and NULL",
        data.products
            .iter()
            .filter(|product| product.rating.is_some_and(|rating| rating <= 400))
            .map(|product| {
                [
                    product.id.to_string(),
                    product.name.to_string(),
                    rating(product.rating),
                ]
            }),
    );
}

#[test]
fn premium_customers_are_compared_by_what_they_spent() {
    let data = data();
    let spent = spending(&data, |_| true);
    let mut expected: Vec<_> = data
        .customers
        .iter()
        .filter(|customer| customer.is_premium)
        .filter_map(|customer| {
            let cents = spent
                .get(&customer.id)
                .copied()
                .filter(|&cents| cents > 100_000)?;
            Some((Reverse(cents), customer.id, customer.name.to_string()))
        })
        .collect();
    expected.sort();
    check(
        "Premium customers who spent more than X",
        expected
            .into_iter()
            .map(|(Reverse(cents), id, name)| [id.to_string(), name, money(cents)]),
    );
}

#[test]
fn recent_orders_are_counted_back_from_the_pinned_now() {
    let data = data();
    let mut expected: Vec<_> = data
        .orders
        .iter()
        .filter(|order| order.created_at >= data.now - 30 * 86_400)
        .filter_map(|order| {
            let items = data
                .order_items
                .iter()
                .filter(|item| item.order_id == order.id);
            let units: i64 = items.map(|item| item.quantity).sum();
            (units > 3).then_some((Reverse(order.created_at), Reverse(order.id), units))
        })
        .collect();
    expected.sort();
    let seen: Vec<_> = rows("Orders of the last 30 days and more than N items")
        .into_iter()
        .map(|row| (row[0].clone(), row[3].clone()))
        .collect();
    let expected: Vec<_> = expected
        .into_iter()
        .map(|(_, Reverse(id), units)| (id.to_string(), units.to_string()))
        .collect();
    assert!(!expected.is_empty());
    assert_eq!(seen, expected);
}

#[test]
fn bought_together_counts_customers_once() {
    let data = data();
    let customer_of: BTreeMap<i64, &Order> =
        data.orders.iter().map(|order| (order.id, order)).collect();
    let bought = |product: i64, counts: &dyn Fn(&Order) -> bool| -> BTreeSet<i64> {
        data.order_items
            .iter()
            .filter(|item| item.product_id == product && counts(customer_of[&item.order_id]))
            .map(|item| customer_of[&item.order_id].customer_id)
            .collect()
    };
    let shared = |counts: &dyn Fn(&Order) -> bool| {
        let first = bought(1, counts);
        let mut shared: Vec<_> = data
            .products
            .iter()
            .filter(|product| product.id != 1)
            .map(|product| {
                (
                    Reverse(bought(product.id, counts).intersection(&first).count()),
                    product.id,
                    product.name.to_string(),
                )
            })
            .filter(|(Reverse(customers), ..)| *customers > 0)
            .collect();
        shared.sort();
        shared
            .into_iter()
            .map(|(Reverse(customers), id, name)| [id.to_string(), name, customers.to_string()])
    };
    check("Customers who bought X also bought Y", shared(&|_| true));
    check("get_also_bought_products()", shared(&placed).take(5));
}

#[test]
fn best_sellers_leave_cancelled_orders_out() {
    let data = data();
    let sold = sales(&data, placed);
    let mut expected: Vec<_> = data
        .products
        .iter()
        .filter_map(|product| {
            let &(units, cents) = sold.get(&product.id)?;
            Some((Reverse(units), product.id, product.name.to_string(), cents))
        })
        .collect();
    expected.sort();
    check(
        "get_top_selling_products()",
        expected
            .into_iter()
            .take(10)
            .map(|(Reverse(units), id, name, cents)| {
                [id.to_string(), name, units.to_string(), money(cents)]
            }),
    );
}

#[test]
fn ranks_leave_a_gap_after_a_tie() {
    let data = data();
    let spent = spending(&data, |_| true);
    let all: Vec<i64> = data
        .customers
        .iter()
        .map(|customer| spent.get(&customer.id).copied().unwrap_or(0))
        .collect();
    for row in rows("Rank customers by spending") {
        let customer = data.customers.iter().position(|customer| {
            customer.name == row[0] && {
                let cents = spent.get(&customer.id).copied();
                cents.map_or("0".to_owned(), money) == row[1]
            }
        });
        let own = all[customer.expect("a customer of that name and spending")];
        let above = all.iter().filter(|&&cents| cents > own).count();
        let distinct: BTreeSet<_> = all.iter().filter(|&&cents| cents > own).collect();
        assert_eq!(row[2], (above + 1).to_string(), "{row:?}");
        assert_eq!(row[3], (distinct.len() + 1).to_string(), "{row:?}");
    }
}

#[test]
fn cumulative_revenue_ends_with_the_total() {
    let data = data();
    let total: i64 = data
        .order_items
        .iter()
        .map(|item| item.quantity * item.unit_price)
        .sum();
    let months = rows("Monthly cumulative revenue");
    assert!(months.len() > 3);
    assert_eq!(months.last().map(|row| row[2].clone()), Some(money(total)));
}

#[test]
fn five_per_cent_more_is_rounded_to_cents() {
    let data = data();
    let audio = data.categories.iter().find(|it| it.name == "Audio");
    let audio = audio.expect("the panel's category").id;
    let mut expected: Vec<_> = data
        .products
        .iter()
        .filter(|product| product.category_id == audio)
        .map(|product| {
            // Half a cent goes up, as PostgreSQL rounds numerics away from zero.
            [
                product.name.to_string(),
                money((product.price * 105 + 50) / 100),
            ]
        })
        .collect();
    expected.sort();
    check("Raise prices in a category", expected);
}
