//! The dashboard in the wire's words.

use crate::base::{Numeric, Type, Value};
use crate::session::dashboard::{self as session, Filter};
use crate::session::shown;
use crate::wire::dashboard as wire;

/// What a person chose, for the session.
pub fn filter(filter: wire::DashboardFilter) -> Filter {
    use crate::session::dashboard::{Period, SalesFilter};
    Filter {
        sales: SalesFilter {
            period: match filter.period {
                wire::Period::All => Period::All,
                wire::Period::Days(days) => Period::Days(days),
                wire::Period::Year(year) => Period::Year(year),
            },
            category: filter.category,
        },
        product: filter.product,
        search: filter.search,
    }
}

/// The tiles, for the page.
pub fn dashboard(tiles: session::Tiles) -> wire::Dashboard {
    wire::Dashboard {
        years: tiles.years,
        categories: tiles.categories,
        figures: wire::Figures {
            revenue: money(tiles.figures.revenue),
            units: tiles.figures.units,
            orders: tiles.figures.orders,
            customers: tiles.figures.customers,
            average_order_value: money(tiles.figures.average_order_value),
        },
        months: tiles
            .months
            .into_iter()
            .map(|month| wire::Month {
                month: first(&moment(month.month), 7),
                revenue: money(month.revenue),
                cumulative: money(month.cumulative_revenue),
            })
            .collect(),
        products: tiles
            .products
            .into_iter()
            .map(|product| wire::Product {
                id: product.id,
                name: product.name,
                revenue: money(product.revenue),
                units: product.units_sold,
            })
            .collect(),
        by_category: tiles
            .by_category
            .into_iter()
            .map(|category| wire::CategorySales {
                name: category.name,
                revenue: money(category.revenue),
                units: category.units,
            })
            .collect(),
        ranks: tiles
            .ranks
            .into_iter()
            .map(|rank| wire::Rank {
                rank: rank.rank,
                name: rank.name,
                total_spent: money(rank.total_spent),
            })
            .collect(),
        customers: tiles
            .customers
            .into_iter()
            .map(|customer| wire::CustomerSales {
                name: customer.name,
                lifetime_value: money(customer.lifetime_value),
                units: customer.units,
                orders: customer.order_count,
                first: first(&moment(customer.first_order_at), 10),
                last: first(&moment(customer.last_order_at), 10),
            })
            .collect(),
        product: tiles.product,
        also_bought: tiles
            .also_bought
            .into_iter()
            .map(|product| (product.name, product.buyers))
            .collect(),
        sources: tiles.sources,
    }
}

fn money(money: Numeric) -> String {
    shown(&Value::Numeric(money), &Type::Numeric(None))
}

fn moment(moment: i64) -> String {
    shown(&Value::Timestamp(moment), &Type::Timestamp)
}

fn first(text: &str, characters: usize) -> String {
    text.chars().take(characters).collect()
}
