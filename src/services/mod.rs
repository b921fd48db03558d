//! The questions a shop asks, as typed functions over the ORM.
//!
//! They mean what `market/python/services.py` means, which a learner reads and runs in the
//! shell: a cancelled order counts for nothing, a line is worth what it cost on its day
//! (`OrderItem.unit_price`), rows that tie come by primary key. There is no SQL here.

use crate::base::{Numeric, Value};
use crate::market::catalogue::Catalogue;
use crate::orm::expressions::{avg, coalesce, count, max, min, over, sum};
use crate::orm::{
    Annotation, Connection, ExceptionClass, Expr, OrmError, Q, QuerySet, Result, Row, f,
};
use crate::q;
use std::sync::Arc;

mod decimal;
mod sales;

pub use decimal::{add, divide, to_cents};
pub use sales::{CategorySales, CustomerSales, Period, SalesFigures, SalesFilter, SpenderRank};

/// The status that counts for nothing.
const CANCELLED: &str = "cancelled";

/// The statuses that count.
const PLACED: [&str; 4] = ["pending", "paid", "shipped", "delivered"];

/// The shop's services over one connection.
pub struct Services<'a> {
    /// The models.
    pub catalogue: &'a Arc<Catalogue>,
    /// The database.
    pub connection: &'a mut dyn Connection,
}

/// What best-selling products are ordered by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SellingBy {
    /// Pieces sold.
    #[default]
    Units,
    /// Money taken.
    Revenue,
}

impl SellingBy {
    /// The order that a name asks for.
    ///
    /// # Errors
    /// `ValueError`, with the two names that there are.
    pub fn named(name: &str) -> Result<Self> {
        match name {
            "units" => Ok(Self::Units),
            "revenue" => Ok(Self::Revenue),
            other => Err(OrmError::new(
                ExceptionClass::ValueError,
                format!("by must be one of ['revenue', 'units'], not '{other}'"),
            )),
        }
    }
}

/// One product of [`Services::get_top_selling_products`].
#[derive(Clone, Debug)]
pub struct ProductSales {
    /// Primary key.
    pub id: i64,
    /// Name.
    pub name: String,
    /// Pieces sold.
    pub units_sold: i64,
    /// Money taken.
    pub revenue: Numeric,
}

/// What one customer brought so far.
#[derive(Clone, Debug)]
pub struct LifetimeValue {
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
    pub first_order_at: Option<i64>,
    /// Microseconds of UTC.
    pub last_order_at: Option<i64>,
    /// `lifetime_value / order_count`, rounded half to even to cents; 0.00 without orders.
    pub average_order_value: Numeric,
}

/// One month of [`Services::get_monthly_revenue`].
#[derive(Clone, Debug)]
pub struct MonthRevenue {
    /// The month's first moment, microseconds of UTC.
    pub month: i64,
    /// Money taken in it.
    pub revenue: Numeric,
    /// Orders with a line in it.
    pub orders: i64,
    /// Money taken up to its end.
    pub cumulative_revenue: Numeric,
}

/// One product of [`Services::get_also_bought_products`].
#[derive(Clone, Debug)]
pub struct AlsoBought {
    /// Primary key.
    pub id: i64,
    /// Name.
    pub name: String,
    /// How many buyers of the other product bought it.
    pub buyers: i64,
}

/// One customer of [`Services::get_ranked_customers`].
#[derive(Clone, Debug)]
pub struct RankedCustomer {
    /// Primary key.
    pub id: i64,
    /// Name.
    pub name: String,
    /// Money spent.
    pub total_spent: Numeric,
    /// Place, with gaps after ties.
    pub rank: i64,
    /// Place, without gaps.
    pub dense_rank: i64,
    /// From 0 (best) to 1.
    pub percent_rank: f64,
}

impl Services<'_> {
    /// The best products, each with pieces sold and revenue; `category` by name, `since` in
    /// microseconds of UTC.
    ///
    /// # Errors
    /// What the database says.
    pub fn get_top_selling_products(
        &mut self,
        limit: u64,
        by: SellingBy,
        category: Option<&str>,
        since: Option<i64>,
    ) -> Result<Vec<ProductSales>> {
        let mut counted = !q!(order_items__order__status = CANCELLED);
        if let Some(since) = since {
            counted = counted & q!(order_items__order__created_at__gte = Value::Timestamp(since));
        }
        let mut products = self.objects("Product")?;
        if let Some(category) = category {
            products = products.filter(q!(category__name = category))?;
        }
        let line_total = f("order_items__quantity") * f("order_items__unit_price");
        let best = match by {
            SellingBy::Units => "-units_sold",
            SellingBy::Revenue => "-revenue",
        };
        let rows = products
            .annotate(
                Vec::new(),
                vec![
                    named(
                        "units_sold",
                        coalesce(sum("order_items__quantity").filter(counted.clone()), 0),
                    ),
                    named(
                        "revenue",
                        coalesce(sum(line_total).filter(counted), nothing()),
                    ),
                ],
            )?
            .filter(q!(units_sold__gt = 0))?
            .order_by([best, "pk"])?
            .slice(None, Some(limit))
            .fetch(self.connection)?;
        rows.iter()
            .map(|row| {
                Ok(ProductSales {
                    id: integer(row, "id")?,
                    name: text(row, "name")?,
                    units_sold: integer(row, "units_sold")?,
                    revenue: money(row, "revenue")?,
                })
            })
            .collect()
    }

    /// One customer's lifetime figures.
    ///
    /// # Errors
    /// `Customer.DoesNotExist` for an unknown id.
    pub fn get_customer_lifetime_value(&mut self, customer_id: i64) -> Result<LifetimeValue> {
        let customer = self
            .objects("Customer")?
            .get(self.connection, q!(pk = customer_id))?;
        let placed = self
            .objects("Order")?
            .filter(q!(customer = customer_id))?
            .exclude(q!(status = CANCELLED))?;
        let totals = Figures(
            self.objects("OrderItem")?
                .filter(Q::lookup("order__in", placed.clone()))?
                .aggregate(
                    self.connection,
                    Vec::new(),
                    vec![
                        named("lifetime_value", coalesce(sum(line_total()), nothing())),
                        named("units", coalesce(sum("quantity"), 0)),
                    ],
                )?,
        );
        let dates = Figures(placed.aggregate(
            self.connection,
            Vec::new(),
            vec![
                named("order_count", count("pk")),
                named("first_order_at", min("created_at")),
                named("last_order_at", max("created_at")),
            ],
        )?);
        let lifetime_value = totals.money("lifetime_value")?;
        let order_count = dates.integer("order_count")?;
        let average = if order_count == 0 {
            nothing()
        } else {
            divide(lifetime_value, order_count)?
        };
        Ok(LifetimeValue {
            customer_id: integer(&customer, "id")?,
            name: text(&customer, "name")?,
            lifetime_value,
            units: totals.integer("units")?,
            order_count,
            first_order_at: dates.moment("first_order_at"),
            last_order_at: dates.moment("last_order_at"),
            average_order_value: to_cents(average)?,
        })
    }

    /// Revenue and orders of each month with sales, with the running total.
    ///
    /// # Errors
    /// What the database says.
    pub fn get_monthly_revenue(&mut self, year: Option<i64>) -> Result<Vec<MonthRevenue>> {
        let mut lines = self
            .objects("OrderItem")?
            .exclude(q!(order__status = CANCELLED))?;
        if let Some(year) = year {
            lines = lines.filter(q!(order__created_at__year = year))?;
        }
        self.by_month(&lines)
    }

    /// Other products that the buyers of a product bought.
    ///
    /// # Errors
    /// What the database says.
    pub fn get_also_bought_products(
        &mut self,
        product_id: i64,
        limit: u64,
    ) -> Result<Vec<AlsoBought>> {
        let orders = self
            .objects("Order")?
            .exclude(q!(status = CANCELLED))?
            .filter(q!(items__product_id = product_id))?
            .values(&["customer".to_owned()], Vec::new())?;
        let buyers = self
            .objects("Customer")?
            .filter(Q::lookup("pk__in", orders))?;
        let placed = crate::orm::Operand::List(PLACED.into_iter().map(Into::into).collect());
        // One filter asks both things of the same order, and the count goes along its joins.
        let rows = self
            .objects("Product")?
            .filter(Q::of(
                Vec::new(),
                vec![
                    ("order_items__order__customer__in".to_owned(), buyers.into()),
                    ("order_items__order__status__in".to_owned(), placed),
                ],
            ))?
            .exclude(q!(pk = product_id))?
            .annotated_with("buyers", count("order_items__order__customer").distinct())?
            .order_by(["-buyers", "pk"])?
            .slice(None, Some(limit))
            .fetch(self.connection)?;
        rows.iter()
            .map(|row| {
                Ok(AlsoBought {
                    id: integer(row, "id")?,
                    name: text(row, "name")?,
                    buyers: integer(row, "buyers")?,
                })
            })
            .collect()
    }

    /// Customers who spent something, best first.
    ///
    /// # Errors
    /// What the database says.
    pub fn get_ranked_customers(
        &mut self,
        limit: Option<u64>,
        premium_only: Premium,
    ) -> Result<Vec<RankedCustomer>> {
        let counted = !q!(orders__status = CANCELLED);
        let spent = f("orders__items__quantity") * f("orders__items__unit_price");
        let mut customers = self
            .objects("Customer")?
            .annotate(
                Vec::new(),
                vec![
                    named(
                        "total_spent",
                        coalesce(sum(spent).filter(counted.clone()), nothing()),
                    ),
                    named("order_count", count("orders").filter(counted).distinct()),
                ],
            )?
            .filter(q!(total_spent__gt = 0))?;
        if premium_only == Premium::Only {
            customers = customers.filter(q!(is_premium = true))?;
        }
        let best_first = || f("total_spent").desc();
        customers = customers
            .annotate(
                Vec::new(),
                vec![
                    named("rank", over("Rank", best_first())?),
                    named("dense_rank", over("DenseRank", best_first())?),
                    named("percent_rank", over("PercentRank", best_first())?),
                ],
            )?
            .order_by(["rank", "pk"])?;
        if let Some(limit) = limit {
            customers = customers.slice(None, Some(limit));
        }
        customers
            .fetch(self.connection)?
            .iter()
            .map(|row| {
                Ok(RankedCustomer {
                    id: integer(row, "id")?,
                    name: text(row, "name")?,
                    total_spent: money(row, "total_spent")?,
                    rank: integer(row, "rank")?,
                    dense_rank: integer(row, "dense_rank")?,
                    percent_rank: match row.get("percent_rank") {
                        Some(Value::Float(share)) => share,
                        _ => return Err(missing("percent_rank")),
                    },
                })
            })
            .collect()
    }

    /// The mean total of an order; `None` without orders.
    ///
    /// # Errors
    /// What the database says.
    pub fn get_average_order_value(&mut self) -> Result<Option<Numeric>> {
        let total = f("items__quantity") * f("items__unit_price");
        let value = self
            .objects("Order")?
            .exclude(q!(status = CANCELLED))?
            .annotate(
                Vec::new(),
                vec![
                    named("total", coalesce(sum(total), nothing())),
                    named("item_count", count("items")),
                ],
            )?
            .aggregate_of(self.connection, avg("total"))?;
        Ok(match value {
            Value::Numeric(mean) => Some(mean),
            _ => None,
        })
    }

    fn objects(&self, model: &str) -> Result<QuerySet> {
        QuerySet::of(self.catalogue, model)
    }
}

/// Which customers are ranked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Premium {
    /// All of them.
    Any,
    /// Premium ones.
    Only,
}

/// `quantity * unit_price` of a line.
fn line_total() -> Expr {
    f("quantity") * f("unit_price")
}

/// `Decimal("0.00")`
fn nothing() -> Numeric {
    Numeric::new(0, 2)
}

fn named(name: &str, expr: impl Into<Expr>) -> (String, Annotation) {
    (name.to_owned(), Annotation::from(expr.into()))
}

fn missing(name: &str) -> OrmError {
    OrmError::internal(format!("the column {name} is missing or of another type"))
}

fn integer(row: &Row, name: &str) -> Result<i64> {
    match row.get(name) {
        Some(Value::Int(number)) => Ok(number),
        _ => Err(missing(name)),
    }
}

fn text(row: &Row, name: &str) -> Result<String> {
    match row.get(name) {
        Some(Value::Text(text)) => Ok(text.to_string()),
        _ => Err(missing(name)),
    }
}

fn money(row: &Row, name: &str) -> Result<Numeric> {
    match row.get(name) {
        Some(Value::Numeric(money)) => Ok(money),
        _ => Err(missing(name)),
    }
}

/// What `aggregate()` gave.
struct Figures(Vec<(String, Value)>);

impl Figures {
    fn get(&self, name: &str) -> Option<&Value> {
        self.0
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value)
    }

    fn integer(&self, name: &str) -> Result<i64> {
        match self.get(name) {
            Some(Value::Int(number)) => Ok(*number),
            _ => Err(missing(name)),
        }
    }

    fn money(&self, name: &str) -> Result<Numeric> {
        match self.get(name) {
            Some(Value::Numeric(money)) => Ok(*money),
            _ => Err(missing(name)),
        }
    }

    fn moment(&self, name: &str) -> Option<i64> {
        match self.get(name) {
            Some(Value::Timestamp(moment)) => Some(*moment),
            _ => None,
        }
    }
}
