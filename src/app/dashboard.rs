//! The dashboard's figures as the page shows them.

use super::chart::{Choice, Drawing, Table, draw};
use crate::lessons::chart::ChartKind;
use crate::wire::dashboard::{Month, Period};
use crate::wire::{ColumnHead, ColumnKind};

/// Monthly revenue as bars, and its running total as a line; `None` without sales.
pub fn months(months: &[Month]) -> Option<(Drawing, Drawing)> {
    let head = |name: &str, kind| ColumnHead {
        name: name.to_owned(),
        type_name: String::new(),
        kind,
    };
    let heads = [
        head("month", ColumnKind::Time),
        head("revenue", ColumnKind::Decimal),
    ];
    let rows: Vec<Vec<Option<String>>> = months
        .iter()
        .map(|month| {
            vec![
                Some(format!("{}-01", month.month)),
                Some(month.revenue.clone()),
            ]
        })
        .collect();
    let table = Table::new(&heads, &rows, rows.len() as u64);
    let choice = |kind| Choice {
        kind,
        x: 0,
        y: vec![1],
        series: None,
    };
    let bare = |mut drawing: Drawing| {
        drawing.x.label.clear();
        drawing
    };
    let months = bare(draw(&table, &choice(ChartKind::Bar))?);
    let mut total = bare(draw(&table, &choice(ChartKind::Cumulative))?);
    total.y.label = "Revenue so far".to_owned();
    Some((months, total))
}

/// A part of a whole, from 0 to 1, for the length of a bar.
pub fn share(part: &str, whole: &str) -> f64 {
    match (part.parse::<f64>(), whole.parse::<f64>()) {
        (Ok(part), Ok(whole)) if whole > 0.0 => (part / whole).clamp(0.0, 1.0),
        _ => 0.0,
    }
}

/// A period in the words of a tile.
pub fn period(period: Period) -> String {
    match period {
        Period::All => "all time".to_owned(),
        Period::Days(days) => format!("last {days} days"),
        Period::Year(year) => year.to_string(),
    }
}

/// A period's value in the filter's list, and back.
pub fn period_name(period: Period) -> String {
    match period {
        Period::All => "all".to_owned(),
        Period::Days(days) => format!("days-{days}"),
        Period::Year(year) => format!("year-{year}"),
    }
}

/// The period of a value in the filter's list.
pub fn period_named(name: &str) -> Option<Period> {
    match name.split_once('-') {
        Some(("days", days)) => days.parse().ok().map(Period::Days),
        Some(("year", year)) => year.parse().ok().map(Period::Year),
        _ => (name == "all").then_some(Period::All),
    }
}

/// A statement with a line for each clause; what stands in quotes is left alone.
pub fn by_clauses(sql: &str) -> String {
    const CLAUSES: [&str; 9] = [
        " FROM ",
        " INNER JOIN ",
        " LEFT OUTER JOIN ",
        " WHERE ",
        " GROUP BY ",
        " HAVING ",
        " ORDER BY ",
        " LIMIT ",
        " OFFSET ",
    ];
    let mut text = String::with_capacity(sql.len() + 64);
    let (mut quote, mut depth) = (None, 0u32);
    for (at, sign) in sql.char_indices() {
        match (quote, sign) {
            (None, '\'' | '"') => quote = Some(sign),
            (Some(open), sign) if open == sign => quote = None,
            (None, '(') => depth += 1,
            (None, ')') => depth = depth.saturating_sub(1),
            _ => {}
        }
        let rest = sql.get(at..).unwrap_or_default();
        let breaks = depth == 0 && CLAUSES.iter().any(|clause| rest.starts_with(clause));
        text.push(if breaks && quote.is_none() {
            '\n'
        } else {
            sign
        });
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clauses_stand_on_lines_of_their_own_but_not_inside_of_quotes_or_parentheses() {
        assert_eq!(
            by_clauses("SELECT ' FROM ' FROM \"a\" WHERE x IN (SELECT 1 FROM b) LIMIT 3"),
            "SELECT ' FROM '\nFROM \"a\"\nWHERE x IN (SELECT 1 FROM b)\nLIMIT 3"
        );
    }

    #[test]
    fn every_period_is_found_by_its_name() {
        for period in [Period::All, Period::Days(30), Period::Year(2025)] {
            assert_eq!(period_named(&period_name(period)), Some(period));
        }
        assert_eq!(period_named("days-x"), None);
    }

    #[test]
    fn the_running_total_ends_at_the_sum() {
        let month = |month: &str, revenue: &str| Month {
            month: month.into(),
            revenue: revenue.into(),
            cumulative: String::new(),
        };
        let drawings = months(&[month("2026-01", "0.10"), month("2026-02", "0.20")]);
        let last = drawings.and_then(|(_, total)| total.points.last().cloned());
        assert_eq!(last.map(|point| point.label).as_deref(), Some("0.30"));
        assert!(months(&[]).is_none());
    }
}
