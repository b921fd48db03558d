//! The shop's questions narrowed to a span of time and a category: what the dashboard asks.
//!
//! All of them start from the same lines, [`Services::sales`]: those of orders that are not
//! cancelled. Order and customer counts are therefore of orders with at least one such line.

use super::{
    AlsoBought, CANCELLED, Figures, MonthRevenue, ProductSales, Services, add, divide, integer,
    line_total, missing, money, named, nothing, text, to_cents,
};
use crate::base::{Numeric, Value};
use crate::orm::expressions::{coalesce, count, function, max, min, over, sum};
use crate::orm::{Q, QuerySet, Result, Row, f};
use crate::q;

/// Microseconds of a day.
const DAY: i64 = 86_400_000_000;

/// Which moments of sale count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Period {
    /// All of them.
    #[default]
    All,
    /// From so many days before the connection's now.
    Days(u32),
    /// Those of a year, in UTC.
    Year(i32),
}

/// Which sales count.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SalesFilter {
    /// When they were made.
    pub period: Period,
    /// The name of the products' category; any when absent.
    pub category: Option<String>,
}

/// The figures of a shop in one line.
#[derive(Clone, Debug)]
pub struct SalesFigures {
    /// Money taken.
    pub revenue: Numeric,
    /// Pieces sold.
    pub units: i64,
    /// Orders with a line that counts.
    pub orders: i64,
    /// Customers with such an order.
    pub customers: i64,
    /// `revenue / orders`, rounded half to even to cents; 0.00 without orders.
    pub average_order_value: Numeric,
}

/// What one category sold.
#[derive(Clone, Debug)]
pub struct CategorySales {
    /// Its name.
    pub name: String,
    /// Pieces sold.
    pub units: i64,
    /// Money taken.
    pub revenue: Numeric,
}

/// A customer's place by spending.
#[derive(Clone, Debug)]
pub struct SpenderRank {
    /// Primary key.
    pub customer_id: i64,
    /// Name.
    pub name: String,
    /// Money spent.
    pub total_spent: Numeric,
    /// Place, with gaps after ties.
    pub rank: i64,
}

/// What a customer bought.
#[derive(Clone, Debug)]
pub struct CustomerSales {
    /// Primary key.
    pub customer_id: i64,
    /// Name.
    pub name: String,
    /// Money spent.
    pub lifetime_value: Numeric,
    /// Pieces bought.
    pub units: i64,
    /// Orders placed.
    pub order_count: i64,
    /// Microseconds of UTC.
    pub first_order_at: i64,
    /// Microseconds of UTC.
    pub last_order_at: i64,
}

impl Services<'_> {
    /// Revenue, units, orders, customers and the average order.
    ///
    /// # Errors
    /// What the database says.
    pub fn get_sales_figures(&mut self, filter: &SalesFilter) -> Result<SalesFigures> {
        let figures = Figures(self.sales(filter)?.aggregate(
            self.connection,
            Vec::new(),
            vec![
                named("revenue", coalesce(sum(line_total()), nothing())),
                named("units", coalesce(sum("quantity"), 0)),
                named("orders", count("order").distinct()),
                named("customers", count("order__customer").distinct()),
            ],
        )?);
        let revenue = figures.money("revenue")?;
        let orders = figures.integer("orders")?;
        let average = match orders {
            0 => nothing(),
            orders => divide(revenue, orders)?,
        };
        Ok(SalesFigures {
            revenue,
            units: figures.integer("units")?,
            orders,
            customers: figures.integer("customers")?,
            average_order_value: to_cents(average)?,
        })
    }

    /// Revenue and orders of each month with sales, with the running total.
    ///
    /// # Errors
    /// What the database says.
    pub fn get_sales_by_month(&mut self, filter: &SalesFilter) -> Result<Vec<MonthRevenue>> {
        let lines = self.sales(filter)?;
        self.by_month(&lines)
    }

    /// The best-selling products by revenue.
    ///
    /// # Errors
    /// What the database says.
    pub fn get_sales_by_product(
        &mut self,
        filter: &SalesFilter,
        limit: u64,
    ) -> Result<Vec<ProductSales>> {
        let rows = self
            .sales(filter)?
            .values(&names(["product_id", "product__name"]), Vec::new())?
            .annotate(
                Vec::new(),
                vec![
                    named("revenue", sum(line_total())),
                    named("units_sold", sum("quantity")),
                ],
            )?
            .order_by(["-revenue", "product_id"])?
            .slice(None, Some(limit))
            .fetch(self.connection)?;
        rows.iter()
            .map(|row| {
                Ok(ProductSales {
                    id: integer(row, "product_id")?,
                    name: text(row, "product__name")?,
                    units_sold: integer(row, "units_sold")?,
                    revenue: money(row, "revenue")?,
                })
            })
            .collect()
    }

    /// Every category with sales in the period, best first.
    ///
    /// # Errors
    /// What the database says.
    pub fn get_sales_by_category(&mut self, period: Period) -> Result<Vec<CategorySales>> {
        let filter = SalesFilter {
            period,
            category: None,
        };
        let rows = self
            .sales(&filter)?
            .values(&names(["product__category__name"]), Vec::new())?
            .annotate(
                Vec::new(),
                vec![
                    named("revenue", sum(line_total())),
                    named("units", sum("quantity")),
                ],
            )?
            .order_by(["-revenue", "product__category__name"])?
            .fetch(self.connection)?;
        rows.iter()
            .map(|row| {
                Ok(CategorySales {
                    name: text(row, "product__category__name")?,
                    units: integer(row, "units")?,
                    revenue: money(row, "revenue")?,
                })
            })
            .collect()
    }

    /// Customers by spending, best first; those who tie share a place.
    ///
    /// # Errors
    /// What the database says.
    pub fn get_spender_ranks(
        &mut self,
        filter: &SalesFilter,
        limit: u64,
    ) -> Result<Vec<SpenderRank>> {
        let rows = self
            .sales(filter)?
            .values(
                &names(["order__customer_id", "order__customer__name"]),
                Vec::new(),
            )?
            .annotated_with("total_spent", sum(line_total()))?
            .annotated_with("rank", over("Rank", f("total_spent").desc())?)?
            .order_by(["rank", "order__customer_id"])?
            .slice(None, Some(limit))
            .fetch(self.connection)?;
        rows.iter()
            .map(|row| {
                Ok(SpenderRank {
                    customer_id: integer(row, "order__customer_id")?,
                    name: text(row, "order__customer__name")?,
                    total_spent: money(row, "total_spent")?,
                    rank: integer(row, "rank")?,
                })
            })
            .collect()
    }

    /// What the customers whose names hold `search` bought, best first.
    ///
    /// # Errors
    /// What the database says.
    pub fn get_customer_sales(
        &mut self,
        filter: &SalesFilter,
        search: &str,
        limit: u64,
    ) -> Result<Vec<CustomerSales>> {
        let mut lines = self.sales(filter)?;
        if !search.is_empty() {
            lines = lines.filter(q!(order__customer__name__icontains = search))?;
        }
        let rows = lines
            .values(
                &names(["order__customer_id", "order__customer__name"]),
                Vec::new(),
            )?
            .annotate(
                Vec::new(),
                vec![
                    named("lifetime_value", sum(line_total())),
                    named("units", sum("quantity")),
                    named("order_count", count("order").distinct()),
                    named("first_order_at", min("order__created_at")),
                    named("last_order_at", max("order__created_at")),
                ],
            )?
            .order_by(["-lifetime_value", "order__customer_id"])?
            .slice(None, Some(limit))
            .fetch(self.connection)?;
        rows.iter()
            .map(|row| {
                Ok(CustomerSales {
                    customer_id: integer(row, "order__customer_id")?,
                    name: text(row, "order__customer__name")?,
                    lifetime_value: money(row, "lifetime_value")?,
                    units: integer(row, "units")?,
                    order_count: integer(row, "order_count")?,
                    first_order_at: moment(row, "first_order_at")?,
                    last_order_at: moment(row, "last_order_at")?,
                })
            })
            .collect()
    }

    /// Other products that the buyers of a product bought, both within a period.
    ///
    /// # Errors
    /// What the database says.
    pub fn get_bought_along(
        &mut self,
        period: Period,
        product_id: i64,
        limit: u64,
    ) -> Result<Vec<AlsoBought>> {
        let lines = self.sales(&SalesFilter {
            period,
            category: None,
        })?;
        let buyers = lines
            .filter(q!(product_id = product_id))?
            .values(&names(["order__customer_id"]), Vec::new())?;
        let rows = lines
            .filter(Q::lookup("order__customer__in", buyers))?
            .exclude(q!(product_id = product_id))?
            .values(&names(["product_id", "product__name"]), Vec::new())?
            .annotated_with("buyers", count("order__customer").distinct())?
            .order_by(["-buyers", "product_id"])?
            .slice(None, Some(limit))
            .fetch(self.connection)?;
        rows.iter()
            .map(|row| {
                Ok(AlsoBought {
                    id: integer(row, "product_id")?,
                    name: text(row, "product__name")?,
                    buyers: integer(row, "buyers")?,
                })
            })
            .collect()
    }

    /// The moments of the first and the last sale, in microseconds of UTC; `None` without sales.
    ///
    /// # Errors
    /// What the database says.
    pub fn get_sales_span(&mut self) -> Result<Option<(i64, i64)>> {
        let figures = Figures(
            self.objects("Order")?
                .exclude(q!(status = CANCELLED))?
                .aggregate(
                    self.connection,
                    Vec::new(),
                    vec![
                        named("first", min("created_at")),
                        named("last", max("created_at")),
                    ],
                )?,
        );
        Ok(figures.moment("first").zip(figures.moment("last")))
    }

    /// The names of the categories that have products, in order.
    ///
    /// # Errors
    /// What the database says.
    pub fn get_categories_with_products(&mut self) -> Result<Vec<String>> {
        let rows = self
            .objects("Category")?
            .filter(q!(products__isnull = false))?
            .values(&names(["name"]), Vec::new())?
            .distinct(&[])?
            .order_by(["name"])?
            .fetch(self.connection)?;
        rows.iter().map(|row| text(row, "name")).collect()
    }

    /// The lines that count: of orders that are not cancelled, of a period and a category.
    fn sales(&self, filter: &SalesFilter) -> Result<QuerySet> {
        let mut lines = self
            .objects("OrderItem")?
            .exclude(q!(order__status = CANCELLED))?;
        match filter.period {
            Period::All => {}
            Period::Days(days) => {
                let since = self.connection.now() - i64::from(days) * DAY;
                lines = lines.filter(q!(order__created_at__gte = Value::Timestamp(since)))?;
            }
            Period::Year(year) => {
                lines = lines.filter(q!(order__created_at__year = i64::from(year)))?;
            }
        }
        if let Some(category) = &filter.category {
            lines = lines.filter(q!(product__category__name = category.as_str()))?;
        }
        Ok(lines)
    }

    /// Lines by month, with the running total.
    pub(super) fn by_month(&mut self, lines: &QuerySet) -> Result<Vec<MonthRevenue>> {
        let month = function("TruncMonth", "order__created_at")?;
        let rows = lines
            .annotate(Vec::new(), vec![named("month", month)])?
            .values(&names(["month"]), Vec::new())?
            .annotate(
                Vec::new(),
                vec![
                    named("revenue", sum(line_total())),
                    named("orders", count("order").distinct()),
                ],
            )?
            .order_by(["month"])?
            .fetch(self.connection)?;
        let mut so_far = nothing();
        let mut months = Vec::with_capacity(rows.len());
        for row in &rows {
            let revenue = money(row, "revenue")?;
            so_far = add(so_far, revenue)?;
            months.push(MonthRevenue {
                month: moment(row, "month")?,
                revenue,
                orders: integer(row, "orders")?,
                cumulative_revenue: so_far,
            });
        }
        Ok(months)
    }
}

fn names<const N: usize>(names: [&str; N]) -> Vec<String> {
    names.map(str::to_owned).to_vec()
}

fn moment(row: &Row, name: &str) -> Result<i64> {
    match row.get(name) {
        Some(Value::Timestamp(moment)) => Ok(moment),
        _ => Err(missing(name)),
    }
}
