//! The Small data set: fixed customers, products and special orders, and random orders between.

use super::{Category, Customer, Lcg, Order, OrderItem, Product, Rows, epoch, sold_for, status};

type Date = (i64, i64, i64);
type Time = (i64, i64, i64);

/// What the data set holds beside its special orders.
pub(super) struct Plan {
    random_orders: i64,
    /// How many customers, the first, buy at random.
    buyers: u32,
    customers: &'static [&'static [CustomerRow]],
    categories: &'static [&'static [CategoryRow]],
    products: &'static [&'static [ProductRow]],
    prices: Prices,
}

/// Whether prices and ratings are those of the list.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Prices {
    Listed,
    /// Moved by up to a fifth, but for those that stand on an edge.
    Moved,
}

/// What the page shows.
pub(super) const SHOWN: Plan = Plan {
    random_orders: 51,
    buyers: 8,
    customers: &[CUSTOMERS],
    categories: &[CATEGORIES],
    products: &[PRODUCTS],
    prices: Prices::Listed,
};

/// What exercises are checked against in secret.
pub(super) const HIDDEN: Plan = Plan {
    random_orders: 83,
    buyers: 15,
    customers: &[CUSTOMERS, OTHER_CUSTOMERS],
    categories: &[CATEGORIES, OTHER_CATEGORIES],
    products: &[PRODUCTS, OTHER_PRODUCTS],
    prices: Prices::Moved,
};

/// Draws stock and age of each product, then the random orders; the special orders are fixed.
pub(super) fn rows(draws: &mut Lcg, plan: &Plan) -> Rows {
    let products = products(draws, plan);
    let mut orders = Vec::new();
    let mut order_items = Vec::new();
    for id in 1..=plan.random_orders {
        random_order(draws, id, plan, &products, &mut orders, &mut order_items);
    }
    for (id, &(customer_id, status, (date, time), lines)) in
        (plan.random_orders + 1..).zip(SPECIAL_ORDERS)
    {
        orders.push(Order {
            id,
            status,
            created_at: epoch(date, time),
            customer_id,
        });
        for &(product_id, quantity, unit_price) in lines {
            order_items.push(OrderItem {
                id: order_items.len() as i64 + 1,
                quantity,
                unit_price,
                order_id: id,
                product_id,
            });
        }
    }
    Rows {
        customers: customers(plan),
        categories: categories(plan),
        products,
        orders,
        order_items,
        now: epoch((2026, 3, 1), (12, 0, 0)),
    }
}

fn customers(plan: &Plan) -> Vec<Customer> {
    (1..)
        .zip(plan.customers.iter().copied().flatten())
        .map(
            |(id, &(name, email, city, country, is_premium, (date, time)))| Customer {
                id,
                name: name.into(),
                email: email.into(),
                city,
                country,
                is_premium,
                created_at: epoch(date, time),
            },
        )
        .collect()
}

fn categories(plan: &Plan) -> Vec<Category> {
    (1..)
        .zip(plan.categories.iter().copied().flatten())
        .map(|(id, &(name, parent_id))| Category {
            id,
            name,
            parent_id,
        })
        .collect()
}

fn products(draws: &mut Lcg, plan: &Plan) -> Vec<Product> {
    let first_day = epoch((2024, 6, 1), (8, 0, 0));
    (1..)
        .zip(plan.products.iter().copied().flatten())
        .map(|(id, &(name, category_id, price, rating, is_active))| {
            let (price, rating) = match plan.prices {
                Prices::Listed => (price, rating),
                Prices::Moved => (
                    moved(draws, price, 50_000),
                    rating.map(|rating| moved(draws, rating, 400).min(500)),
                ),
            };
            let stock = draws.offset(121);
            let created_at = first_day + draws.offset(200) * 86_400 + id * 60;
            Product {
                id,
                name: name.into(),
                price,
                rating,
                stock: if id == OUT_OF_STOCK { 0 } else { stock },
                is_active,
                created_at,
                category_id,
            }
        })
        .collect()
}

/// A number a little higher or lower; one that stands on the edge stays there.
fn moved(draws: &mut Lcg, number: i64, edge: i64) -> i64 {
    let percent = 80 + draws.offset(41);
    if number == edge {
        number
    } else {
        number * percent / 100
    }
}

/// Draws customer, time, status and lines of one order, in this order.
fn random_order(
    draws: &mut Lcg,
    id: i64,
    plan: &Plan,
    products: &[Product],
    orders: &mut Vec<Order>,
    order_items: &mut Vec<OrderItem>,
) {
    // The smaller of two draws: customers with low ids buy more.
    let customer_id = 1 + draws.offset(plan.buyers).min(draws.offset(plan.buyers));
    let month = draws.offset(14);
    // August 2025 has no orders.
    let month = if month == 7 { 8 } else { month };
    let (year, month) = (2025 + month / 12, 1 + month % 12);
    let day = 1 + draws.offset(28);
    let time = (draws.offset(24), draws.offset(60), draws.offset(60));
    orders.push(Order {
        id,
        status: status(draws.below(100)),
        created_at: epoch((year, month, day), time),
        customer_id,
    });
    let first_line = order_items.len();
    for _ in 0..1 + draws.below(4) {
        let start = draws.below(SOLD_AT_RANDOM.len() as u32) as usize;
        // The first product from there on that the order does not have yet.
        let taken = order_items.get(first_line..).unwrap_or_default();
        let product_id = SOLD_AT_RANDOM
            .iter()
            .cycle()
            .skip(start)
            .take(SOLD_AT_RANDOM.len())
            .copied()
            .find(|&product| taken.iter().all(|line| line.product_id != product))
            .unwrap_or_default();
        let quantity = 1 + draws.offset(5);
        let kind = draws.below(4);
        let price = products
            .get(product_id as usize - 1)
            .map_or(0, |product| product.price);
        order_items.push(OrderItem {
            id: order_items.len() as i64 + 1,
            quantity,
            unit_price: sold_for(price, kind),
            order_id: id,
            product_id,
        });
    }
}

const OUT_OF_STOCK: i64 = 7;

/// Name, email, city, country, premium, created; ids count from 1.
type CustomerRow = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    bool,
    (Date, Time),
);

#[rustfmt::skip]
const CUSTOMERS: &[CustomerRow] = &[
    ("Alice Johnson", "alice@example.com", "London", "United Kingdom", true, ((2024, 3, 5), (9, 0, 0))),
    ("Bob Smith", "bob@example.com", "London", "United Kingdom", false, ((2024, 4, 17), (14, 30, 0))),
    ("Siobhán O'Brien", "siobhan.obrien@example.ie", "Dublin", "Ireland", true, ((2024, 6, 1), (0, 0, 0))),
    ("José Álvarez", "jose@example.es", "Madrid", "Spain", false, ((2024, 6, 30), (23, 59, 59))),
    ("Zoë D'Angelo", "zoe@example.com", "New York", "United States", true, ((2024, 9, 12), (8, 15, 30))),
    ("Nguyễn Thị Hoa", "hoa@example.vn", "Hanoi", "Vietnam", false, ((2024, 11, 23), (4, 45, 0))),
    ("山田 太郎", "taro@example.jp", "Tokyo", "Japan", true, ((2024, 12, 31), (15, 30, 0))),
    ("Alex Kim", "alex.kim@example.kr", "Seoul", "South Korea", false, ((2025, 1, 2), (3, 4, 5))),
    ("Alex Kim", "alexk@example.com", "New York", "United States", false, ((2025, 2, 14), (20, 0, 0))),
    ("Grace Müller", "Grace.Muller@Example.com", "Berlin", "Germany", true, ((2025, 3, 8), (10, 10, 10))),
    ("Омар Каримов", "omar@example.uz", "Tashkent", "Uzbekistan", false, ((2025, 3, 21), (6, 0, 0))),
    ("Émile Zola", "emile@example.fr", "", "France", true, ((2025, 7, 14), (12, 0, 0))),
];

/// Customers of the hidden data set: names that are there already, no city, and some who buy
/// nothing.
#[rustfmt::skip]
const OTHER_CUSTOMERS: &[CustomerRow] = &[
    ("Alice Johnson", "alice.johnson@example.org", "Leeds", "United Kingdom", false, ((2024, 5, 5), (5, 5, 5))),
    ("Ivan Petrov", "ivan@example.bg", "", "Bulgaria", true, ((2025, 1, 20), (16, 0, 0))),
    ("Mei Lin", "mei@example.tw", "Taipei", "Taiwan", false, ((2025, 5, 9), (11, 11, 11))),
    ("Bob Smith", "bob.smith@example.ie", "Dublin", "Ireland", true, ((2025, 6, 2), (9, 30, 0))),
    ("Noor Haddad", "noor@example.jo", "Amman", "Jordan", false, ((2025, 9, 17), (7, 20, 0))),
    ("Lars Lund", "lars@example.dk", "Aarhus", "Denmark", true, ((2026, 1, 11), (22, 0, 0))),
];

/// Name and parent.
type CategoryRow = (&'static str, Option<i64>);

/// Categories of the hidden data set; Cameras lies beneath Electronics, Toys has no products.
#[rustfmt::skip]
const OTHER_CATEGORIES: &[CategoryRow] = &[("Cameras", Some(1)), ("Toys", None)];

/// Products of the hidden data set; none of them was ever sold.
#[rustfmt::skip]
const OTHER_PRODUCTS: &[ProductRow] = &[
    ("Action Camera", 6, 27900, Some(430), true),
    ("Tripod", 6, 4999, None, false),
    ("Desk Lamp", 3, 2600, Some(400), true),
    ("Clean Queries", 4, 3450, Some(500), true),
    ("Monitor Arm", 1, 50000, Some(310), true),
];

/// Gift Cards has no products.
#[rustfmt::skip]
const CATEGORIES: &[CategoryRow] = &[
    ("Electronics", None),
    ("Audio", Some(1)),
    ("Home & Kitchen", None),
    ("Books", None),
    ("Gift Cards", None),
];

/// Name, category, price in cents, rating in hundredths, active.
type ProductRow = (&'static str, i64, i64, Option<i64>, bool);

/// Full of edges: a price of exactly 500, a rating of exactly 4, two products of one name, names
/// that differ in case or hold `%` and `_`, inactive ones that were sold, one never sold.
#[rustfmt::skip]
const PRODUCTS: &[ProductRow] = &[
    ("Laptop Pro 14", 1, 129900, Some(470), true),
    ("Smartphone X", 1, 89999, Some(450), true),
    ("USB-C Cable", 1, 999, Some(410), true),
    ("usb-c hub", 1, 4999, Some(390), true),
    ("4K Monitor", 1, 50000, None, true),
    ("Mechanical Keyboard", 1, 12950, Some(400), true),
    ("Wireless Mouse", 1, 4999, Some(400), true),
    ("Noise-Cancelling Headphones", 2, 34900, Some(480), true),
    ("Bluetooth Speaker", 2, 7995, Some(360), true),
    ("Studio Microphone", 2, 21900, Some(430), true),
    ("Vinyl Record Cleaner", 2, 2450, Some(290), false),
    ("Earbuds Lite", 2, 4999, Some(390), true),
    ("Desk Lamp", 3, 3499, Some(420), true),
    ("Café Press", 3, 2700, None, true),
    ("CAFÉ Tumbler", 3, 1875, Some(440), true),
    ("Chef's Knife", 3, 8900, Some(490), true),
    ("Cast-Iron Pan", 3, 4525, Some(460), true),
    ("100% Cotton Towel", 3, 1230, Some(350), true),
    ("Robot Vacuum", 3, 64900, Some(320), false),
    ("Two Scoops of Django", 4, 3995, Some(480), true),
    ("The ORM Cookbook", 4, 2995, Some(410), true),
    ("SQL for Mortals", 4, 2995, Some(370), true),
    ("Desk Lamp", 1, 5900, Some(380), true),
    ("snake_case Poster", 3, 1500, None, true),
];

/// 21 and 22 are in special orders only, 24 in none.
#[rustfmt::skip]
const SOLD_AT_RANDOM: [i64; 21] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 23];

/// Product, quantity, unit price in cents.
type Line = (i64, i64, i64);
/// Customer, status, created, lines.
type SpecialOrder = (i64, &'static str, (Date, Time), &'static [Line]);

/// One of six lines in the last thirty days; pairs that mirror each other, so that customers 10
/// and 11 tie in spending and products 21 and 22 in units and revenue; one without lines; the only
/// order of customer 9, cancelled; two at one instant just before the end of a month.
#[rustfmt::skip]
const SPECIAL_ORDERS: &[SpecialOrder] = &[
    (3, "delivered", ((2026, 2, 20), (18, 5, 0)), &[(1, 1, 129900), (3, 4, 999), (7, 2, 4999), (12, 1, 4999), (16, 1, 8900), (20, 2, 3995)]),
    (10, "delivered", ((2025, 4, 10), (11, 0, 0)), &[(21, 3, 2995), (7, 2, 4999)]),
    (10, "paid", ((2025, 9, 1), (0, 0, 0)), &[(3, 1, 999), (12, 4, 4999)]),
    (11, "delivered", ((2025, 5, 10), (11, 0, 0)), &[(22, 3, 2995), (7, 2, 4999)]),
    (11, "paid", ((2025, 10, 1), (0, 0, 0)), &[(3, 1, 999), (12, 4, 4999)]),
    (8, "pending", ((2026, 2, 25), (7, 45, 0)), &[]),
    (9, "cancelled", ((2025, 6, 15), (12, 0, 0)), &[(2, 1, 89999), (13, 2, 3499)]),
    (1, "shipped", ((2025, 3, 31), (23, 30, 0)), &[(8, 1, 34900), (10, 1, 21900)]),
    (2, "paid", ((2025, 3, 31), (23, 30, 0)), &[(19, 1, 64900), (11, 3, 2450)]),
];
