//! A chosen window as SQL.

use crate::report::frames::{Bound, Choice, Exclude, Function, Mode, Rows};

/// The rows that a window runs over.
struct Source {
    /// The query that gives them.
    select: String,
    /// The column that tells partitions apart.
    part: Option<&'static str>,
    /// What a row is called, as an expression.
    label: &'static str,
    /// The column that the window is ordered by.
    position: &'static str,
    /// The column that the function computes with.
    amount: &'static str,
    /// What is unique about a row: where rows have equal positions it orders them.
    key: &'static str,
    /// The columns that are shown.
    columns: &'static str,
}

impl Source {
    fn of(rows: Rows) -> Self {
        match rows {
            Rows::Months => Self {
                select: "    SELECT date_trunc('month', o.created_at) AS month,
           SUM(i.quantity * i.unit_price) AS revenue
    FROM order_item i
    JOIN orders o ON o.id = i.order_id
    GROUP BY 1"
                    .to_owned(),
                part: None,
                label: "to_char(month, 'YYYY-MM')",
                position: "month",
                amount: "revenue",
                key: "month",
                columns: "month, revenue",
            },
            Rows::Products => Self {
                select: "    SELECT c.name AS category, p.name AS product, p.price, p.stock, p.id
    FROM product p
    JOIN category c ON c.id = p.category_id"
                    .to_owned(),
                part: Some("category"),
                label: "product",
                position: "price",
                amount: "stock",
                key: "id",
                columns: "category, product, price, stock",
            },
            Rows::Lines { customer } => Self {
                select: format!(
                    "    SELECT p.name || ', order ' || o.id AS item, i.quantity,
           i.quantity * i.unit_price AS amount, i.id
    FROM order_item i
    JOIN orders o ON o.id = i.order_id
    JOIN product p ON p.id = i.product_id
    WHERE o.customer_id = {customer}"
                ),
                part: None,
                label: "item",
                position: "quantity",
                amount: "amount",
                key: "id",
                columns: "item, quantity, amount",
            },
        }
    }

    /// PARTITION BY and ORDER BY; peers are told apart by the key where the order must be total.
    fn window(&self, ties: Ties) -> String {
        let part = self.part.map(|part| format!("PARTITION BY {part} "));
        let key = match ties {
            Ties::Broken if self.key != self.position => format!(", {}", self.key),
            Ties::Broken | Ties::Kept => String::new(),
        };
        format!(
            "{}ORDER BY {}{key}",
            part.unwrap_or_default(),
            self.position
        )
    }

    /// The order in which rows are shown.
    fn order(&self) -> String {
        let part = self.part.map(|part| format!("{part}, "));
        let key = match self.key == self.position {
            true => String::new(),
            false => format!(", {}", self.key),
        };
        format!("{}{}{key}", part.unwrap_or_default(), self.position)
    }
}

/// Whether rows of equal position are peers.
#[derive(Clone, Copy)]
enum Ties {
    Kept,
    Broken,
}

/// ROWS needs a total order for its answer to be one; RANGE and GROUPS are about peers.
fn ties(mode: Mode) -> Ties {
    match mode {
        Mode::Rows => Ties::Broken,
        Mode::Range | Mode::Groups => Ties::Kept,
    }
}

/// The query as a person would write it.
pub fn shown(choice: &Choice) -> String {
    let source = Source::of(choice.rows);
    format!(
        "WITH source AS (
{}
)
SELECT {},
       RANK() OVER places AS rank,
       DENSE_RANK() OVER places AS dense_rank,
       {} OVER (
           {}
           {}
       ) AS value
FROM source
WINDOW places AS ({})
ORDER BY {}",
        source.select,
        source.columns,
        call(choice.function, source.amount),
        source.window(ties(choice.mode)),
        frame(choice, choice.exclude),
        source.window(Ties::Kept),
        source.order(),
    )
}

/// The same window with the numbers of the rows in each frame, and of those that EXCLUDE leaves
/// out: partition, label, position, amount, two ranks, value, members, members without EXCLUDE.
pub fn members(choice: &Choice) -> String {
    let source = Source::of(choice.rows);
    let window = source.window(ties(choice.mode));
    format!(
        "WITH source AS (\n{}\n),
numbered AS (SELECT source.*, row_number() OVER (ORDER BY {}) - 1 AS number FROM source)
SELECT {}, {}, {}, {},
       rank() OVER places, dense_rank() OVER places,
       {} OVER chosen, array_agg(number) OVER chosen, array_agg(number) OVER reached
FROM numbered
WINDOW places AS ({}), chosen AS ({window} {}), reached AS ({window} {})
ORDER BY number",
        source.select,
        source.order(),
        source.part.unwrap_or("NULL"),
        source.label,
        source.position,
        source.amount,
        call(choice.function, source.amount),
        source.window(Ties::Kept),
        frame(choice, choice.exclude),
        frame(choice, Exclude::NoOthers),
    )
}

fn call(function: Function, amount: &str) -> String {
    match function {
        Function::Sum => format!("SUM({amount})"),
        Function::Avg => format!("AVG({amount})"),
        Function::Count => "COUNT(*)".to_owned(),
        Function::First => format!("FIRST_VALUE({amount})"),
        Function::Last => format!("LAST_VALUE({amount})"),
    }
}

fn frame(choice: &Choice, exclude: Exclude) -> String {
    let mode = match choice.mode {
        Mode::Rows => "ROWS",
        Mode::Range => "RANGE",
        Mode::Groups => "GROUPS",
    };
    let exclude = match exclude {
        Exclude::NoOthers => "",
        Exclude::CurrentRow => " EXCLUDE CURRENT ROW",
        Exclude::Group => " EXCLUDE GROUP",
        Exclude::Ties => " EXCLUDE TIES",
    };
    format!(
        "{mode} BETWEEN {} AND {}{exclude}",
        bound(choice, choice.start),
        bound(choice, choice.end)
    )
}

fn bound(choice: &Choice, bound: Bound) -> String {
    // A distance of RANGE is one of the ordering values: months, money, pieces.
    let offset = |count: u8| match (choice.mode, choice.rows) {
        (Mode::Range, Rows::Months) => format!("INTERVAL '{count} months'"),
        (Mode::Range, Rows::Products) => (u32::from(count) * 10).to_string(),
        (Mode::Range, Rows::Lines { .. }) | (Mode::Rows | Mode::Groups, _) => count.to_string(),
    };
    match bound {
        Bound::UnboundedPreceding => "UNBOUNDED PRECEDING".to_owned(),
        Bound::Preceding(count) => format!("{} PRECEDING", offset(count)),
        Bound::CurrentRow => "CURRENT ROW".to_owned(),
        Bound::Following(count) => format!("{} FOLLOWING", offset(count)),
        Bound::UnboundedFollowing => "UNBOUNDED FOLLOWING".to_owned(),
    }
}
