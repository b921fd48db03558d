//! The frame of every row of a window, as the engine itself sees it: each row is numbered, and
//! the same window collects the numbers of the rows in its frame.

mod django;
mod query;
#[cfg(test)]
mod tests;

use crate::base::{Result, Value};
use crate::engine::database::Database;
use crate::export::text::shown;
use crate::report::frames::{Choice, FrameRow, Frames};

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
        choice: *choice,
        rows: rows.collect(),
        sql: query::shown(choice),
        django: django::code(choice).map_err(str::to_owned),
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
