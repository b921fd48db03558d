//! The dashboard's tiles: figures of the services, each with the statements that gave it and the
//! Django code that asks the same.

mod answers;
mod code;

use crate::base::datetime::Moment;
use crate::base::{Diagnostic, Result, diagnostic::Code};
use crate::engine::database::Database;
use crate::market::catalogue::{Catalogue, marketplace};
use crate::orm::{Connection, Executed, OrmError, Sql, TransactionState};
use crate::services::{
    AlsoBought, CategorySales, CustomerSales, MonthRevenue, ProductSales, SalesFigures, Services,
    SpenderRank,
};
use std::sync::Arc;

pub use answers::Answers;

pub use crate::report::dashboard::{Tile, TileSource};
pub use crate::services::{Period, SalesFilter};

/// Rows of a list; the page shows no more.
const ROWS: u64 = 8;
/// Best sellers to choose from in the also-bought tile.
const CHOICES: u64 = 50;

/// What a person chose.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// The sales that count.
    pub sales: SalesFilter,
    /// The product of the also-bought tile; the best seller when absent or not among the choices.
    pub product: Option<i64>,
    /// A part of the names of the customers whose lifetime values are listed.
    pub search: String,
}

/// What the services answered for the dashboard, exact; the page draws [`crate::report::dashboard`].
#[derive(Clone, Debug)]
pub struct Tiles {
    /// The years with sales, latest first.
    pub years: Vec<i32>,
    /// The categories to choose from.
    pub categories: Vec<String>,
    /// Revenue, units, orders, customers, average order.
    pub figures: SalesFigures,
    /// Month by month.
    pub months: Vec<MonthRevenue>,
    /// Best sellers by revenue, of which the first are the tile and all are the choices of the
    /// also-bought tile.
    pub products: Vec<ProductSales>,
    /// Every category of the period.
    pub by_category: Vec<CategorySales>,
    /// Best customers.
    pub ranks: Vec<SpenderRank>,
    /// Customers that were searched for.
    pub customers: Vec<CustomerSales>,
    /// The product of the also-bought tile; `None` without sales.
    pub product: Option<i64>,
    /// What its buyers bought as well.
    pub also_bought: Vec<AlsoBought>,
    /// Tile by tile, in the order of [`Tile`].
    pub sources: Vec<TileSource>,
}

/// Asks for every tile; `clock` gives milliseconds, `answers` what is known already.
///
/// # Errors
/// What the database says, when a person has changed the tables for instance.
pub fn dashboard(
    database: &mut Database,
    answers: &mut Answers,
    clock: fn() -> f64,
    filter: &Filter,
) -> Result<Tiles> {
    ask(database, answers, clock, filter).map_err(diagnostic)
}

fn ask(
    database: &mut Database,
    answers: &mut Answers,
    clock: fn() -> f64,
    filter: &Filter,
) -> crate::orm::Result<Tiles> {
    let mut desk = Desk {
        catalogue: Arc::new(marketplace()),
        recorder: Recorder {
            database,
            answers,
            clock,
            transaction: TransactionState::default(),
            statements: Vec::new(),
            ms: 0.0,
        },
        sources: Vec::new(),
    };
    let sales = &filter.sales;
    let years = match desk.services().get_sales_span()? {
        Some((first, last)) => (year(first)..=year(last)).rev().collect(),
        None => Vec::new(),
    };
    let categories = desk.services().get_categories_with_products()?;
    let code = |tile| code::code(tile, filter);
    let figures = desk.tile(Tile::Figures, code(Tile::Figures), |services| {
        services.get_sales_figures(sales)
    })?;
    let months = desk.tile(Tile::Months, code(Tile::Months), |services| {
        services.get_sales_by_month(sales)
    })?;
    let products = desk.tile(Tile::Products, code(Tile::Products), |services| {
        services.get_sales_by_product(sales, CHOICES)
    })?;
    let by_category = desk.tile(Tile::Categories, code(Tile::Categories), |services| {
        services.get_sales_by_category(sales.period)
    })?;
    let ranks = desk.tile(Tile::Ranks, code(Tile::Ranks), |services| {
        services.get_spender_ranks(sales, ROWS)
    })?;
    let customers = desk.tile(Tile::Customers, code(Tile::Customers), |services| {
        services.get_customer_sales(sales, &filter.search, ROWS)
    })?;
    let product = filter
        .product
        .filter(|wanted| products.iter().any(|product| product.id == *wanted))
        .or_else(|| products.first().map(|product| product.id));
    let also_bought = match product {
        Some(product) => desk.tile(
            Tile::AlsoBought,
            code::also_bought(sales.period, product),
            |services| services.get_bought_along(sales.period, product, ROWS),
        )?,
        None => Vec::new(),
    };
    Ok(Tiles {
        years,
        categories,
        figures,
        months,
        products,
        by_category,
        ranks,
        customers,
        product,
        also_bought,
        sources: desk.sources,
    })
}

/// Where the services are asked, and what they did is written down.
struct Desk<'a> {
    catalogue: Arc<Catalogue>,
    recorder: Recorder<'a>,
    sources: Vec<TileSource>,
}

impl Desk<'_> {
    fn services(&mut self) -> Services<'_> {
        Services {
            catalogue: &self.catalogue,
            connection: &mut self.recorder,
        }
    }

    fn tile<T>(
        &mut self,
        tile: Tile,
        code: String,
        ask: impl FnOnce(&mut Services<'_>) -> crate::orm::Result<T>,
    ) -> crate::orm::Result<T> {
        self.recorder.statements.clear();
        self.recorder.ms = 0.0;
        let answer = ask(&mut self.services())?;
        self.sources.push(TileSource {
            tile,
            code,
            sql: std::mem::take(&mut self.recorder.statements),
            ms: self.recorder.ms,
        });
        Ok(answer)
    }
}

/// A connection that keeps what ran.
struct Recorder<'a> {
    database: &'a mut Database,
    answers: &'a mut Answers,
    clock: fn() -> f64,
    transaction: TransactionState,
    statements: Vec<String>,
    /// Milliseconds of these statements, when they ran.
    ms: f64,
}

impl Connection for Recorder<'_> {
    fn execute(&mut self, sql: &Sql) -> Result<Executed> {
        let text = sql.text();
        let answer = self.answers.ask(self.database, self.clock, &text)?;
        self.statements.push(text);
        self.ms += answer.ms;
        Ok(Executed {
            row_count: answer.row_count,
            rows: answer.rows,
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

fn year(moment: i64) -> i32 {
    Moment::from_micros(moment).date.year
}

/// What the database said, or the exception as a diagnostic of its class.
fn diagnostic(error: OrmError) -> Box<Diagnostic> {
    let qualified = error.qualified_name();
    error.cause.unwrap_or_else(|| {
        let mut diagnostic = Diagnostic::error(Code(qualified.into()), error.message);
        diagnostic.hints = error.hints.into_vec();
        diagnostic
    })
}
