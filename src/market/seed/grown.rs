//! The Medium and Large data sets: a shop over two years that grows, peaks before Christmas, has
//! loyal customers and others who never bought, best sellers and articles nobody wants.

use super::words::{BRANDS, COUNTRIES, Country, KINDS, SHELVES, Shelf};
use super::{Category, Customer, Lcg, Order, OrderItem, Product, Rows, epoch, sold_for, status};

/// How many rows.
pub(super) struct Plan {
    customers: u32,
    products: u32,
    orders: u32,
}

pub(super) const MEDIUM: Plan = Plan {
    customers: 1_000,
    products: 500,
    orders: 10_000,
};

pub(super) const LARGE: Plan = Plan {
    customers: 10_000,
    products: 2_000,
    orders: 100_000,
};

const DAY: u32 = 86_400;
const MONTHS: u32 = 24;
/// The first month with orders.
const FIRST_MONTH: (i64, i64) = (2024, 3);

/// Draws customers, products, order times, then the orders, each by id; ids follow time.
pub(super) fn rows(draws: &mut Lcg, plan: &Plan) -> Rows {
    let customers = customers(draws, plan.customers);
    let products = products(draws, plan.products);
    let times = order_times(draws, plan.orders);
    let mut buyers = Crowd::new(draws, customers.iter().map(|customer| customer.created_at));
    let mut goods = Crowd::new(draws, products.iter().map(|product| product.created_at));
    let mut orders: Vec<Order> = Vec::with_capacity(times.len());
    let mut order_items: Vec<OrderItem> = Vec::with_capacity(times.len() * 3 + times.len() / 8);
    let mut last_lines = 0..0;
    for (id, created_at) in (1..).zip(times) {
        buyers.let_in(created_at);
        goods.let_in(created_at);
        orders.push(Order {
            id,
            status: status(draws.below(100)),
            created_at,
            customer_id: buyers.one(draws),
        });
        let first_line = order_items.len();
        if id % 97 == 0 {
            // The same basket as the order before, so that totals tie.
            for at in last_lines {
                if let Some(line) = order_items.get(at).cloned() {
                    order_items.push(OrderItem {
                        id: order_items.len() as i64 + 1,
                        order_id: id,
                        ..line
                    });
                }
            }
        } else if id % 499 != 0 {
            for _ in 0..lines(draws) {
                let taken = order_items.get(first_line..).unwrap_or_default();
                let product_id = goods.next_free(goods.one(draws), |id| {
                    taken.iter().any(|l| l.product_id == id)
                });
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
        last_lines = first_line..order_items.len();
    }
    let last = orders.last().map_or(0, |order| order.created_at);
    Rows {
        customers,
        categories: categories(),
        products,
        now: (last / 3_600 + 1) * 3_600,
        orders,
        order_items,
    }
}

/// One to five lines, and up to eight in one order of twenty.
fn lines(draws: &mut Lcg) -> u32 {
    let lines = 1 + draws.below(5);
    if draws.below(20) == 0 {
        lines + draws.below(4)
    } else {
        lines
    }
}

/// Those who are there already, each with a weight: of three chosen at random the heaviest comes
/// forward, so that some come often and others hardly ever.
struct Crowd {
    arrivals: Vec<i64>,
    weights: Vec<u32>,
    present: u32,
}

impl Crowd {
    /// Arrivals rise with the id.
    fn new(draws: &mut Lcg, arrivals: impl Iterator<Item = i64>) -> Self {
        let arrivals: Vec<i64> = arrivals.collect();
        let weights = arrivals.iter().map(|_| draws.next()).collect();
        Self {
            arrivals,
            weights,
            present: 0,
        }
    }

    /// Lets in all who have arrived by then.
    fn let_in(&mut self, now: i64) {
        while self
            .arrivals
            .get(self.present as usize)
            .is_some_and(|&arrival| arrival <= now)
        {
            self.present += 1;
        }
    }

    /// The id of one who is there.
    fn one(&self, draws: &mut Lcg) -> i64 {
        let mut best = (0, 0);
        for _ in 0..3 {
            let at = draws.below(self.present);
            let weight = self.weights.get(at as usize).copied().unwrap_or(0);
            best = best.max((weight, at));
        }
        i64::from(best.1) + 1
    }

    /// The first id from there on, round and round, that is not taken.
    fn next_free(&self, id: i64, taken: impl Fn(i64) -> bool) -> i64 {
        let mut id = id;
        while taken(id) {
            id = id % i64::from(self.present) + 1;
        }
        id
    }
}

/// Times of all orders, rising. Every month has its share: more from month to month, half as much
/// again in November and December.
fn order_times(draws: &mut Lcg, orders: u32) -> Vec<i64> {
    let months: Vec<(i64, i64)> = (0..i64::from(MONTHS))
        .map(|n| FIRST_MONTH.1 - 1 + n)
        .map(|n| (FIRST_MONTH.0 + n / 12, n % 12 + 1))
        .collect();
    let weight = |at: usize, month: i64| {
        let growth = 40 + 3 * at as u32;
        if month >= 11 { growth * 3 / 2 } else { growth }
    };
    let whole: u32 = (0..).zip(&months).map(|(at, &(_, m))| weight(at, m)).sum();
    let mut times = Vec::with_capacity(orders as usize);
    let mut passed = 0;
    for (at, &(year, month)) in months.iter().enumerate() {
        passed += weight(at, month);
        let until = (u64::from(orders) * u64::from(passed) / u64::from(whole)) as usize;
        let start = epoch((year, month, 1), (0, 0, 0));
        let next = if month == 12 {
            (year + 1, 1, 1)
        } else {
            (year, month + 1, 1)
        };
        let length = (epoch(next, (0, 0, 0)) - start) as u32;
        let first = times.len();
        while times.len() < until {
            times.push(start + draws.offset(length));
        }
        if let Some(of_month) = times.get_mut(first..) {
            of_month.sort_unstable();
        }
    }
    // Every 61st order comes at the very second of the one before.
    for at in (60..times.len()).step_by(61) {
        if let Some(&before) = times.get(at - 1)
            && let Some(time) = times.get_mut(at)
        {
            *time = before;
        }
    }
    times
}

/// Customers by the time they signed up: a third before the first order, the others over the
/// two years. One in forty has no city.
fn customers(draws: &mut Lcg, count: u32) -> Vec<Customer> {
    let opening = epoch((FIRST_MONTH.0, FIRST_MONTH.1, 1), (0, 0, 0));
    (0..count)
        .map(|n| {
            let country: Country = pick_country(draws);
            let first = draws.pick(country.first_names);
            let last = draws.pick(country.last_names);
            let city = draws.pick(country.cities);
            let id = i64::from(n) + 1;
            Customer {
                id,
                name: format!("{first} {last}").into(),
                email: format!(
                    "{}.{}{id}@example.{}",
                    ascii(first),
                    ascii(last),
                    country.domain
                )
                .into(),
                city: if draws.below(40) == 0 { "" } else { city },
                country: country.name,
                is_premium: draws.below(4) == 0,
                created_at: opening + arrival(draws, n, count, 360),
            }
        })
        .collect()
}

/// The smaller of two draws: countries early in the list have more people.
fn pick_country(draws: &mut Lcg) -> Country {
    let n = COUNTRIES.len() as u32;
    let at = draws.below(n).min(draws.below(n));
    COUNTRIES.get(at as usize).copied().unwrap_or(COUNTRIES[0])
}

/// Seconds from the opening at which the n-th of `count` arrives: evenly from `before` days ahead
/// of it until half a month before the end, rising with n.
fn arrival(draws: &mut Lcg, n: u32, count: u32, before: u32) -> i64 {
    let span = u64::from((before + 715) * DAY);
    let step = span / u64::from(count);
    (u64::from(n) * step) as i64 + draws.offset(step as u32) - i64::from(before * DAY)
}

/// Small letters of ASCII alone, for addresses.
fn ascii(name: &str) -> String {
    name.chars()
        .flat_map(char::to_lowercase)
        .filter_map(|letter| match letter {
            'a'..='z' => Some(letter),
            'á' | 'à' | 'ä' | 'ã' | 'â' | 'ą' => Some('a'),
            'ç' | 'ć' => Some('c'),
            'é' | 'è' | 'ê' | 'ë' | 'ę' => Some('e'),
            'í' | 'ì' | 'î' | 'ï' => Some('i'),
            'ł' => Some('l'),
            'ñ' | 'ń' => Some('n'),
            'ó' | 'ò' | 'ô' | 'ö' | 'õ' => Some('o'),
            'ś' | 'ß' => Some('s'),
            'ú' | 'ù' | 'û' | 'ü' => Some('u'),
            'ź' | 'ż' => Some('z'),
            _ => None,
        })
        .collect()
}

fn categories() -> Vec<Category> {
    (1..)
        .zip(SHELVES)
        .map(|(id, shelf)| Category {
            id,
            name: shelf.name,
            parent_id: shelf.parent,
        })
        .collect()
}

/// Products by the time they came into the shop. One in ten has no rating, one in twelve is no
/// longer sold, one in fifteen is out of stock.
fn products(draws: &mut Lcg, count: u32) -> Vec<Product> {
    let opening = epoch((FIRST_MONTH.0, FIRST_MONTH.1, 1), (0, 0, 0));
    let selling: Vec<(i64, Shelf)> = (1..)
        .zip(SHELVES.iter().copied())
        .filter(|(_, shelf)| !shelf.articles.is_empty())
        .collect();
    (0..count)
        .map(|n| {
            let at = draws.below(selling.len() as u32) as usize;
            let (category_id, shelf) = selling.get(at).copied().unwrap_or((1, SHELVES[0]));
            let brand = draws.pick(BRANDS);
            let kind = draws.pick(KINDS);
            let article = draws.pick(shelf.articles);
            let name = match kind {
                "" => format!("{brand} {article}"),
                kind => format!("{brand} {kind} {article}"),
            };
            let price = price(draws, &shelf);
            let rated = draws.below(10) != 0;
            // The larger of two draws: most are liked.
            let rating = 200 + draws.offset(301).max(draws.offset(301));
            let in_stock = draws.below(15) != 0;
            let stock = draws.offset(250);
            Product {
                id: i64::from(n) + 1,
                name: name.into(),
                price,
                rating: rated.then_some(rating),
                stock: if in_stock { stock } else { 0 },
                is_active: draws.below(12) != 0,
                created_at: opening + arrival(draws, n, count, 700),
                category_id,
            }
        })
        .collect()
}

/// The smallest of three draws between the shelf's prices, with the endings shops like.
fn price(draws: &mut Lcg, shelf: &Shelf) -> i64 {
    let range = shelf.dearest - shelf.cheapest;
    let above = draws
        .below(range)
        .min(draws.below(range))
        .min(draws.below(range));
    let whole = i64::from(shelf.cheapest + above) * 100;
    whole + draws.pick(&[0, 0, 50, 90, 95, 99, 99, 99])
}
