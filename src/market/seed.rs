//! The sample data: deterministic, made of integers only, without clock and without chance.
//!
//! Draws come from one linear congruential generator, always in the same order, so that every
//! build on every machine has the same rows. Small is the fixture that the recorded answers rest
//! on; Medium and Large are grown by the same generator from word lists.

mod grown;
mod small;
mod words;

use std::borrow::Cow;

/// How much data.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Size {
    /// 12 customers, 24 products, 60 orders.
    #[default]
    Small,
    /// 1,000 customers, 500 products, 10,000 orders, about 30,000 items.
    Medium,
    /// 10,000 customers, 2,000 products, 100,000 orders, about 300,000 items.
    Large,
}

/// The seed behind the data that the page shows.
pub const SEED: u64 = 20_260_301;
/// The seed behind the data that exercises are checked against in secret.
pub const ALT_SEED: u64 = 987_654_321;

/// A row of `customer`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Customer {
    /// Primary key, from 1 without gaps, as in every table.
    pub id: i64,
    /// Full name; not unique.
    pub name: Cow<'static, str>,
    /// Unique address.
    pub email: Cow<'static, str>,
    /// City; empty where it is not known.
    pub city: &'static str,
    /// Country.
    pub country: &'static str,
    /// Whether the customer pays for premium.
    pub is_premium: bool,
    /// Unix seconds.
    pub created_at: i64,
}

/// A row of `category`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Category {
    /// Primary key.
    pub id: i64,
    /// Unique name.
    pub name: &'static str,
    /// The category above it.
    pub parent_id: Option<i64>,
}

/// A row of `product`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Product {
    /// Primary key.
    pub id: i64,
    /// Name; not unique.
    pub name: Cow<'static, str>,
    /// Today's price in cents.
    pub price: i64,
    /// Rating in hundredths, 0 to 500; absent where nobody has rated.
    pub rating: Option<i64>,
    /// Pieces in stock.
    pub stock: i64,
    /// Whether it is on sale.
    pub is_active: bool,
    /// Unix seconds.
    pub created_at: i64,
    /// Its category.
    pub category_id: i64,
}

/// A row of `orders`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// Primary key.
    pub id: i64,
    /// `pending`, `paid`, `shipped`, `delivered` or `cancelled`.
    pub status: &'static str,
    /// Unix seconds.
    pub created_at: i64,
    /// Its customer.
    pub customer_id: i64,
}

/// A row of `order_item`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderItem {
    /// Primary key.
    pub id: i64,
    /// Pieces, at least 1.
    pub quantity: i64,
    /// Price of one piece at the time of sale, in cents.
    pub unit_price: i64,
    /// Its order.
    pub order_id: i64,
    /// Its product; at most once in an order.
    pub product_id: i64,
}

/// A whole data set, each table by id. Fields stand in the order of the tables' columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rows {
    /// Rows of `customer`.
    pub customers: Vec<Customer>,
    /// Rows of `category`.
    pub categories: Vec<Category>,
    /// Rows of `product`.
    pub products: Vec<Product>,
    /// Rows of `orders`.
    pub orders: Vec<Order>,
    /// Rows of `order_item`.
    pub order_items: Vec<OrderItem>,
    /// The moment the data set takes for the present, in Unix seconds: a whole hour after its
    /// last order.
    pub now: i64,
}

/// The data set of a size.
pub fn generate(size: Size) -> Rows {
    generate_from(size, SEED)
}

/// The data set of a size from another seed: the same shape, other orders.
pub fn generate_from(size: Size, seed: u64) -> Rows {
    let mut draws = Lcg::new(seed);
    match size {
        Size::Small => small::rows(&mut draws, &small::SHOWN),
        Size::Medium => grown::rows(&mut draws, &grown::MEDIUM),
        Size::Large => grown::rows(&mut draws, &grown::LARGE),
    }
}

/// The data set that exercises are checked against in secret: the Small one's customers, products
/// and special orders, and besides them others; prices, ratings and random orders differ, and so
/// do the ids of orders and items.
pub fn hidden() -> Rows {
    small::rows(&mut Lcg::new(ALT_SEED), &small::HIDDEN)
}

/// Knuth's 64-bit linear congruential generator, of which the upper half is used.
struct Lcg {
    state: u64,
}

impl Lcg {
    /// Seeds it and throws the first draw away.
    fn new(seed: u64) -> Self {
        let mut draws = Self {
            state: seed ^ 0x9E37_79B9_7F4A_7C15,
        };
        draws.next();
        draws
    }

    fn next(&mut self) -> u32 {
        self.state = self
            .state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.state >> 32) as u32
    }

    /// A number from 0 to `n - 1`; 0 when `n` is 0.
    fn below(&mut self, n: u32) -> u32 {
        ((u64::from(self.next()) * u64::from(n)) >> 32) as u32
    }

    /// The same as a signed number.
    fn offset(&mut self, n: u32) -> i64 {
        i64::from(self.below(n))
    }

    /// One item of a list, each as likely as the next.
    fn pick<T: Copy + Default>(&mut self, list: &[T]) -> T {
        let at = self.below(list.len() as u32) as usize;
        list.get(at).copied().unwrap_or_default()
    }
}

/// Unix seconds of a civil time in UTC (Howard Hinnant's `days_from_civil`).
const fn epoch(date: (i64, i64, i64), time: (i64, i64, i64)) -> i64 {
    let (year, month, day) = date;
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year - era * 400;
    let from_march = if month > 2 { month - 3 } else { month + 9 };
    let day_of_year = (153 * from_march + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    let days = era * 146_097 + day_of_era - 719_468;
    days * 86_400 + time.0 * 3_600 + time.1 * 60 + time.2
}

/// The status of an order by a draw of 0 to 99.
fn status(draw: u32) -> &'static str {
    match draw {
        0..8 => "cancelled",
        8..20 => "pending",
        20..38 => "paid",
        38..62 => "shipped",
        _ => "delivered",
    }
}

/// What a line was sold for, by a draw of 0 to 3: at a discount, before a price rise, or at
/// today's price.
fn sold_for(price: i64, draw: u32) -> i64 {
    match draw {
        0 => price * 90 / 100,
        1 => price * 95 / 100,
        _ => price,
    }
}

#[cfg(test)]
mod tests;
