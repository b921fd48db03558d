//! The dashboard: what a person chose, and the figures of every tile. Money is exact decimal text.

use serde::{Deserialize, Serialize};

/// Which moments of sale count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Period {
    /// All of them.
    #[default]
    All,
    /// The last so many days before the data set's now.
    Days(u32),
    /// A year.
    Year(i32),
}

/// What a person chose.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DashboardFilter {
    /// When the sales were made.
    pub period: Period,
    /// The name of the products' category.
    pub category: Option<String>,
    /// The product of the also-bought tile.
    pub product: Option<i64>,
    /// A part of customers' names.
    pub search: String,
}

/// A part of the dashboard that asks the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Tile {
    /// The five figures, which one query gives.
    Figures,
    /// Revenue by month.
    Months,
    /// Top selling products.
    Products,
    /// Revenue by category.
    Categories,
    /// Ranked customers.
    Ranks,
    /// Lifetime value by customer.
    Customers,
    /// What buyers of a product bought as well.
    AlsoBought,
}

/// What is behind a tile.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TileSource {
    /// The tile.
    pub tile: Tile,
    /// Django code that gives the same.
    pub code: String,
    /// The statements that ran.
    pub sql: Vec<String>,
    /// How long it took, in milliseconds.
    pub ms: f64,
}

/// All tiles.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Dashboard {
    /// The years with sales, latest first.
    pub years: Vec<i32>,
    /// The categories to choose from.
    pub categories: Vec<String>,
    /// The five figures.
    pub figures: Figures,
    /// Month by month; months without sales are absent.
    pub months: Vec<Month>,
    /// Best sellers by revenue.
    pub products: Vec<Product>,
    /// Every category with sales in the period, best first.
    pub by_category: Vec<CategorySales>,
    /// Best customers.
    pub ranks: Vec<Rank>,
    /// The customers that were searched for, best first.
    pub customers: Vec<CustomerSales>,
    /// The product of the also-bought tile; `None` without sales.
    pub product: Option<i64>,
    /// Name and number of buyers.
    pub also_bought: Vec<(String, i64)>,
    /// What is behind the tiles.
    pub sources: Vec<TileSource>,
}

/// The five figures.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Figures {
    /// Money taken.
    pub revenue: String,
    /// Pieces sold.
    pub units: i64,
    /// Orders.
    pub orders: i64,
    /// Customers.
    pub customers: i64,
    /// Revenue by order.
    pub average_order_value: String,
}

/// A month with sales.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Month {
    /// `2026-01`
    pub month: String,
    /// Money taken in it.
    pub revenue: String,
    /// Money taken up to its end.
    pub cumulative: String,
}

/// A product's sales.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Product {
    /// Primary key.
    pub id: i64,
    /// Name.
    pub name: String,
    /// Money taken.
    pub revenue: String,
    /// Pieces sold.
    pub units: i64,
}

/// A category's sales.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CategorySales {
    /// Name.
    pub name: String,
    /// Money taken.
    pub revenue: String,
    /// Pieces sold.
    pub units: i64,
}

/// A customer's place.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rank {
    /// Place, with gaps after ties.
    pub rank: i64,
    /// Name.
    pub name: String,
    /// Money spent.
    pub total_spent: String,
}

/// What a customer bought.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CustomerSales {
    /// Name.
    pub name: String,
    /// Money spent.
    pub lifetime_value: String,
    /// Pieces bought.
    pub units: i64,
    /// Orders placed.
    pub orders: i64,
    /// Day of the first order.
    pub first: String,
    /// Day of the last order.
    pub last: String,
}
