//! The frame of every row of a window, as the engine itself sees it: each row is numbered, and
//! the same window collects the numbers of the rows in its frame.

mod django;
mod query;
#[cfg(test)]
mod tests;

use crate::base::{Result, Value};
use crate::engine::database::Database;
use crate::export::text::shown;

/// Which rows the window runs over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Rows {
    /// Revenue by month, one row a month; a single partition.
    #[default]
    Months,
    /// The stock of products by price, each category a partition.
    Products,
    /// The lines that a customer bought, by quantity: lines of equal quantity are peers.
    Lines {
        /// The customer's primary key.
        customer: i64,
    },
}

/// What is computed over the frame.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Function {
    /// `SUM`
    #[default]
    Sum,
    /// `AVG`
    Avg,
    /// `COUNT`
    Count,
    /// `FIRST_VALUE`
    First,
    /// `LAST_VALUE`
    Last,
}

/// What an offset counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// Rows.
    #[default]
    Rows,
    /// The ordering value: months, or pieces.
    Range,
    /// Groups of peers.
    Groups,
}

/// Where a frame starts or ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    /// The partition's first row.
    UnboundedPreceding,
    /// So many before.
    Preceding(u8),
    /// The row itself, with its peers but for ROWS.
    CurrentRow,
    /// So many after.
    Following(u8),
    /// The partition's last row.
    UnboundedFollowing,
}

/// What is left out of a frame.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Exclude {
    /// Nothing.
    #[default]
    NoOthers,
    /// The row itself.
    CurrentRow,
    /// The row and its peers.
    Group,
    /// Its peers.
    Ties,
}

/// What a person chose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Choice {
    /// The rows.
    pub rows: Rows,
    /// The function.
    pub function: Function,
    /// What offsets count.
    pub mode: Mode,
    /// The start.
    pub start: Bound,
    /// The end.
    pub end: Bound,
    /// What is left out.
    pub exclude: Exclude,
}

/// A row of a window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrameRow {
    /// The partition that it is in; nothing when there is only one.
    pub part: Option<String>,
    /// What the row is.
    pub label: String,
    /// What it is ordered by.
    pub order: String,
    /// What the function computes with.
    pub amount: String,
    /// Its place in the partition by `RANK`: peers share one.
    pub rank: u32,
    /// Its place by `DENSE_RANK`.
    pub dense_rank: u32,
    /// What the function gives; `None` for NULL.
    pub value: Option<String>,
    /// The numbers of the rows in its frame, from 0, ascending.
    pub members: Vec<u32>,
    /// The numbers of the rows that EXCLUDE has taken out of it.
    pub left_out: Vec<u32>,
}

/// The rows of a window with their frames, and the code that asks for them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frames {
    /// Partition after partition, each in the window's order.
    pub rows: Vec<FrameRow>,
    /// The query, without what finds the members.
    pub sql: String,
    /// Django code for it, or why Django cannot say it.
    pub django: std::result::Result<String, &'static str>,
    /// Customers to choose from, with their names.
    pub customers: Vec<(i64, String)>,
}

/// Runs the window over the rows.
///
/// # Errors
/// What the database says: a start behind the end is refused.
pub fn frames(database: &mut Database, choice: &Choice) -> Result<Frames> {
    let result = database.run(&query::members(choice), &[])?.result;
    let result = result.unwrap_or_default();
    let types: Vec<_> = result.fields.iter().map(|field| field.ty.clone()).collect();
    let rows = result.rows(0).map(|values| {
        let text = |place: usize| match (values.get(place), types.get(place)) {
            (None | Some(Value::Null), _) | (_, None) => None,
            (Some(value), Some(ty)) => Some(shown(value, ty)),
        };
        let (members, reached) = (numbers(values.get(7)), numbers(values.get(8)));
        FrameRow {
            part: text(0),
            label: text(1).unwrap_or_default(),
            order: text(2).unwrap_or_default(),
            amount: text(3).unwrap_or_default(),
            rank: number(values.get(4)).unwrap_or_default(),
            dense_rank: number(values.get(5)).unwrap_or_default(),
            value: text(6),
            left_out: reached
                .into_iter()
                .filter(|row| !members.contains(row))
                .collect(),
            members,
        }
    });
    Ok(Frames {
        rows: rows.collect(),
        sql: query::shown(choice),
        django: django::code(choice),
        customers: customers(database)?,
    })
}

fn number(value: Option<&Value>) -> Option<u32> {
    match value {
        Some(Value::Int(number)) => u32::try_from(*number).ok(),
        _ => None,
    }
}

/// The numbers of an array, ascending; of NULL none.
fn numbers(value: Option<&Value>) -> Vec<u32> {
    let Some(Value::Array(items)) = value else {
        return Vec::new();
    };
    let mut numbers: Vec<u32> = items.iter().filter_map(|item| number(Some(item))).collect();
    numbers.sort_unstable();
    numbers
}

/// Customers with more than two lines, so that a frame has something to hold.
fn customers(database: &mut Database) -> Result<Vec<(i64, String)>> {
    let sql = "SELECT c.id, c.name FROM customer c JOIN orders o ON o.customer_id = c.id \
               JOIN order_item i ON i.order_id = o.id \
               GROUP BY c.id, c.name HAVING count(*) BETWEEN 3 AND 40 ORDER BY c.id LIMIT 20";
    let result = database.run(sql, &[])?.result.unwrap_or_default();
    Ok(result
        .rows(0)
        .filter_map(|row| match row.as_slice() {
            [Value::Int(id), Value::Text(name)] => Some((*id, name.to_string())),
            _ => None,
        })
        .collect())
}
