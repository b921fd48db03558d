//! Django code that asks what a tile shows, as a person would write it in the shell.

use super::{CHOICES, Filter, ROWS, Tile};
use crate::services::{Period, SalesFilter};

/// The code of a tile other than the also-bought one, which needs a product.
pub fn code(tile: Tile, filter: &Filter) -> String {
    let sales = &filter.sales;
    match tile {
        Tile::Figures => format!(
            r#"{}
totals = sales.aggregate(
    revenue=Coalesce(Sum(F("quantity") * F("unit_price")), Decimal("0.00")),
    units=Coalesce(Sum("quantity"), 0),
    orders=Count("order", distinct=True),
    customers=Count("order__customer", distinct=True),
)
average = totals["revenue"] / totals["orders"] if totals["orders"] else Decimal("0.00")
{{**totals, "average_order_value": average.quantize(Decimal("0.01"))}}"#,
            lines(sales)
        ),
        Tile::Months => format!(
            r#"{}
months = (
    sales.annotate(month=TruncMonth("order__created_at"))
    .values("month")
    .annotate(
        revenue=Sum(F("quantity") * F("unit_price")),
        orders=Count("order", distinct=True),
    )
    .order_by("month")
)
running, rows = Decimal("0.00"), []
for month in months:
    running += month["revenue"]
    rows.append({{**month, "cumulative_revenue": running}})
rows"#,
            lines(sales)
        ),
        Tile::Products => format!(
            r#"{}
(
    sales.values("product_id", "product__name")
    .annotate(
        revenue=Sum(F("quantity") * F("unit_price")),
        units_sold=Sum("quantity"),
    )
    .order_by("-revenue", "product_id")[:{CHOICES}]
)"#,
            lines(sales)
        ),
        Tile::Categories => format!(
            r#"{}
(
    sales.values("product__category__name")
    .annotate(
        revenue=Sum(F("quantity") * F("unit_price")),
        units=Sum("quantity"),
    )
    .order_by("-revenue", "product__category__name")
)"#,
            lines(&SalesFilter {
                period: sales.period,
                category: None
            })
        ),
        Tile::Ranks => format!(
            r#"{}
(
    sales.values("order__customer_id", "order__customer__name")
    .annotate(total_spent=Sum(F("quantity") * F("unit_price")))
    .annotate(rank=Window(Rank(), order_by=F("total_spent").desc()))
    .order_by("rank", "order__customer_id")[:{ROWS}]
)"#,
            lines(sales)
        ),
        Tile::Customers => {
            let search = match filter.search.as_str() {
                "" => String::new(),
                search => format!(
                    "sales = sales.filter(order__customer__name__icontains={})\n",
                    python_text(search)
                ),
            };
            format!(
                r#"{}
{search}(
    sales.values("order__customer_id", "order__customer__name")
    .annotate(
        lifetime_value=Sum(F("quantity") * F("unit_price")),
        units=Sum("quantity"),
        order_count=Count("order", distinct=True),
        first_order_at=Min("order__created_at"),
        last_order_at=Max("order__created_at"),
    )
    .order_by("-lifetime_value", "order__customer_id")[:{ROWS}]
)"#,
                lines(sales)
            )
        }
        Tile::AlsoBought => also_bought(sales.period, filter.product.unwrap_or_default()),
    }
}

/// The code of the also-bought tile.
pub fn also_bought(period: Period, product: i64) -> String {
    format!(
        r#"{}
buyers = sales.filter(product_id={product}).values("order__customer_id")
(
    sales.filter(order__customer__in=buyers)
    .exclude(product_id={product})
    .values("product_id", "product__name")
    .annotate(buyers=Count("order__customer", distinct=True))
    .order_by("-buyers", "product_id")[:{ROWS}]
)"#,
        lines(&SalesFilter {
            period,
            category: None
        })
    )
}

/// The lines that count: `placed()` leaves cancelled orders out.
fn lines(filter: &SalesFilter) -> String {
    let mut code = "sales = OrderItem.objects.placed()".to_owned();
    match filter.period {
        Period::All => {}
        Period::Days(days) => {
            code += &format!(
                "\nsales = sales.filter(order__created_at__gte=timezone.now() - timedelta(days={days}))"
            );
        }
        Period::Year(year) => {
            code += &format!("\nsales = sales.filter(order__created_at__year={year})");
        }
    }
    if let Some(category) = &filter.category {
        code += &format!(
            "\nsales = sales.filter(product__category__name={})",
            python_text(category)
        );
    }
    code
}

/// A Python string literal.
fn python_text(text: &str) -> String {
    let mut literal = String::with_capacity(text.len() + 2);
    literal.push('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => {
                literal.push('\\');
                literal.push(character);
            }
            '\n' => literal.push_str("\\n"),
            '\r' => literal.push_str("\\r"),
            other if (other as u32) < 0x20 => {
                literal.push_str(&format!("\\x{:02x}", other as u32));
            }
            other => literal.push(other),
        }
    }
    literal.push('"');
    literal
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_with_quotes_stay_one_literal() {
        assert_eq!(python_text("O\"Hara\\\n"), r#""O\"Hara\\\n""#);
    }

    #[test]
    fn a_filter_is_said_before_the_question() {
        let filter = SalesFilter {
            period: Period::Days(30),
            category: Some("Books".into()),
        };
        assert_eq!(
            lines(&filter),
            "sales = OrderItem.objects.placed()\n\
             sales = sales.filter(order__created_at__gte=timezone.now() - timedelta(days=30))\n\
             sales = sales.filter(product__category__name=\"Books\")"
        );
    }
}
