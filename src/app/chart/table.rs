//! The columns of a result as a chart sees them.

use super::number::scaled;
use crate::app::format::is_label;
use crate::base::datetime::Civil;
use crate::wire::chart::ChartRows;
use crate::wire::{ColumnHead, ColumnKind};
use std::collections::BTreeSet;

/// Decimals that are shown of floating-point numbers and of averages.
const FEW: u8 = 2;

/// What a column can be in a chart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Something to measure.
    Number,
    /// Dates or moments.
    Time,
    /// Names, keys, years, truths.
    Category,
}

/// A column.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// Its label.
    pub name: String,
    /// What it can be.
    pub role: Role,
    /// Its values as text; NULL is `None`.
    pub texts: Vec<Option<String>>,
    /// Scaled integers of a number, milliseconds of a time.
    pub numbers: Vec<Option<i128>>,
    /// Decimals of its numbers.
    pub decimals: u8,
    /// How many different values it has.
    pub distinct: usize,
}

/// Some rows of a result.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    /// Left to right.
    pub columns: Vec<Column>,
    /// How many rows are here.
    pub rows: usize,
    /// How they stand for the rows of the result.
    pub extent: Extent,
}

/// How the rows of a [`Table`] stand for those of the result.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Extent {
    /// They are all of them.
    #[default]
    All,
    /// They are evenly spaced over it.
    Sample {
        /// How many rows the result has.
        of: u64,
    },
    /// Each is the sum of all rows of its place along x and its series.
    Sums {
        /// How many rows were added up.
        rows: u64,
        /// How many sums there are; more than are here when these are evenly spaced over them.
        of: u64,
        /// Values that have no place, no series or no number.
        left_out: u64,
    },
}

impl Table {
    /// Rows of a result of `of` rows under its heads.
    pub fn new(heads: &[ColumnHead], rows: &[Vec<Option<String>>], of: u64) -> Self {
        let extent = match of > rows.len() as u64 {
            true => Extent::Sample { of },
            false => Extent::All,
        };
        Self::with_extent(heads, rows, extent)
    }

    /// The sums of a result of so many rows, as [`ChartRows`] has them.
    pub fn of_sums(heads: &[ColumnHead], sums: &ChartRows, rows: u64) -> Self {
        let extent = Extent::Sums {
            rows,
            of: sums.of,
            left_out: sums.left_out,
        };
        Self::with_extent(heads, &sums.rows, extent)
    }

    fn with_extent(heads: &[ColumnHead], rows: &[Vec<Option<String>>], extent: Extent) -> Self {
        let columns = heads
            .iter()
            .enumerate()
            .map(|(place, head)| {
                let texts = rows
                    .iter()
                    .map(|row| row.get(place).cloned().flatten())
                    .collect();
                Column::new(head, texts)
            })
            .collect();
        Self {
            columns,
            rows: rows.len(),
            extent,
        }
    }
}

impl Column {
    /// A column of texts.
    pub fn new(head: &ColumnHead, texts: Vec<Option<String>>) -> Self {
        let decimals = match head.kind {
            ColumnKind::Decimal => {
                let longest = texts
                    .iter()
                    .flatten()
                    .map(|text| text.split_once('.').map_or(0, |(_, part)| part.len()))
                    .max()
                    .unwrap_or(0);
                // Quotients have sixteen decimals and more.
                u8::try_from(longest)
                    .ok()
                    .filter(|&longest| longest <= 4)
                    .unwrap_or(FEW)
            }
            ColumnKind::Float => FEW,
            ColumnKind::Integer | ColumnKind::Boolean | ColumnKind::Time | ColumnKind::Text => 0,
        };
        let (role, numbers) = match head.kind {
            ColumnKind::Integer if is_label(&head.name) => (Role::Category, Vec::new()),
            ColumnKind::Integer | ColumnKind::Decimal | ColumnKind::Float => {
                let numbers = texts
                    .iter()
                    .map(|text| text.as_deref().and_then(|text| scaled(text, decimals)));
                (Role::Number, numbers.collect())
            }
            ColumnKind::Time => {
                let moments: Vec<_> = texts
                    .iter()
                    .map(|text| text.as_deref().and_then(milliseconds))
                    .collect();
                // Times of day, BC and infinity have no place on a time axis.
                let readable = moments
                    .iter()
                    .zip(&texts)
                    .all(|(m, t)| m.is_some() || t.is_none());
                match readable {
                    true => (Role::Time, moments),
                    false => (Role::Category, Vec::new()),
                }
            }
            ColumnKind::Boolean | ColumnKind::Text => (Role::Category, Vec::new()),
        };
        let distinct = texts.iter().flatten().collect::<BTreeSet<_>>().len();
        Self {
            name: head.name.clone(),
            role,
            texts,
            numbers,
            decimals,
            distinct,
        }
    }

    /// The number of a row.
    pub fn number(&self, row: usize) -> Option<i128> {
        self.numbers.get(row).copied().flatten()
    }

    /// The text of a row.
    pub fn text(&self, row: usize) -> Option<&str> {
        self.texts.get(row)?.as_deref()
    }
}

/// Milliseconds since 1970 of `2026-03-01` or `2026-03-01 12:00:00+00`.
fn milliseconds(text: &str) -> Option<i128> {
    let number = |from: usize, to: usize| text.get(from..to)?.parse::<i32>().ok();
    if text.get(4..5)? != "-" || text.get(7..8)? != "-" {
        return None;
    }
    let days = Civil::new(number(0, 4)?, number(5, 7)?, number(8, 10)?)?.to_days();
    let mut seconds = i128::from(days) * 86_400;
    if text.len() > 10 {
        let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
        seconds += i128::from(hour * 3600 + minute * 60 + second);
    }
    Some(seconds * 1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(name: &str, kind: ColumnKind, texts: &[&str]) -> Column {
        let head = ColumnHead {
            name: name.into(),
            type_name: String::new(),
            kind,
        };
        Column::new(
            &head,
            texts.iter().map(|text| Some((*text).to_owned())).collect(),
        )
    }

    #[test]
    fn keys_and_years_are_names_and_not_amounts() {
        for name in ["id", "customer_id", "year"] {
            assert_eq!(
                column(name, ColumnKind::Integer, &["1"]).role,
                Role::Category
            );
        }
        assert_eq!(
            column("units", ColumnKind::Integer, &["1"]).role,
            Role::Number
        );
    }

    #[test]
    fn moments_are_milliseconds_and_times_of_day_are_names() {
        let days = column(
            "d",
            ColumnKind::Time,
            &["1970-01-02", "1970-01-01 00:00:01+00"],
        );
        assert_eq!(days.numbers, [Some(86_400_000), Some(1000)]);
        assert_eq!(
            column("t", ColumnKind::Time, &["12:00:00"]).role,
            Role::Category
        );
    }

    #[test]
    fn an_average_is_shown_with_two_decimals() {
        let mean = column("mean", ColumnKind::Decimal, &["2.3333333333333333"]);
        assert_eq!((mean.decimals, mean.number(0)), (2, Some(233)));
    }
}
