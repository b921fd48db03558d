//! Which kinds fit the columns of a result, and which one says most about it.

use super::Kind;
use super::table::{Role, Table};

/// Series that are told apart at most: there are as many colours.
pub const MOST_SERIES: usize = 8;

/// What to draw: columns by their places.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// The kind.
    pub kind: Kind,
    /// Along x.
    pub x: usize,
    /// What is measured; several columns are several series.
    pub y: Vec<usize>,
    /// What tells series apart; a heat map's second category.
    pub series: Option<usize>,
}

/// The kinds that fit, each with its best columns; empty when there is nothing to draw.
pub fn fitting(table: &Table) -> Vec<Choice> {
    let of = |role: Role| -> Vec<usize> {
        let columns = table.columns.iter().enumerate();
        columns
            .filter(|(_, column)| column.role == role)
            .map(|(place, _)| place)
            .collect()
    };
    let (numbers, times, names) = (of(Role::Number), of(Role::Time), of(Role::Category));
    let distinct = |place: usize| table.columns.get(place).map_or(0, |column| column.distinct);
    let Some(&measure) = numbers
        .iter()
        .find(|&&place| table.columns.get(place).is_some_and(|c| c.decimals > 0))
        .or(numbers.first())
    else {
        return Vec::new();
    };
    if table.rows < 2 {
        return Vec::new();
    }
    // A name that differs from row to row says more than one that repeats.
    let name = names.iter().copied().max_by_key(|&place| {
        let label = table
            .columns
            .get(place)
            .is_some_and(|c| !c.name.ends_with("id"));
        (label, distinct(place), usize::MAX - place)
    });
    let along = times.first().copied();
    let across = along.or(name);
    let parts = |x: usize| {
        names
            .iter()
            .copied()
            .find(|&place| place != x && (2..=MOST_SERIES).contains(&distinct(place)))
            .filter(|_| distinct(x) < table.rows)
    };
    let choice = |kind, x, series| Choice {
        kind,
        x,
        y: vec![measure],
        series,
    };
    let mut found = Vec::new();
    for kind in Kind::ALL {
        found.extend(match kind {
            Kind::Bar => across.map(|x| choice(kind, x, None)),
            Kind::Line | Kind::Area => along
                .or_else(|| numbers.iter().copied().find(|&place| place != measure))
                .filter(|&x| distinct(x) > 1)
                .map(|x| choice(kind, x, parts(x))),
            Kind::Cumulative => across.map(|x| choice(kind, x, None)),
            Kind::Scatter => numbers
                .iter()
                .copied()
                .find(|&place| place != measure)
                .map(|x| choice(kind, x, None)),
            Kind::Histogram => (distinct(measure) > 2).then(|| choice(kind, measure, None)),
            Kind::Heatmap => across.and_then(|x| {
                let other = names.iter().copied().find(|&place| place != x)?;
                Some(choice(kind, x, Some(other)))
            }),
            Kind::Stacked => across.and_then(|x| Some(choice(kind, x, Some(parts(x)?)))),
        });
    }
    found
}

/// The chart that a result is shown as first.
pub fn default_choice(table: &Table) -> Option<Choice> {
    let found = fitting(table);
    let of = |kind: Kind| found.iter().find(|choice| choice.kind == kind);
    let column = |choice: &Choice| table.columns.get(choice.x);
    let has_time = table.columns.iter().any(|column| column.role == Role::Time);
    let line = of(Kind::Line).filter(|_| has_time);
    let bar = of(Kind::Bar).filter(|bar| column(bar).is_some_and(|c| c.distinct <= 60));
    let crowded = bar.is_some_and(|bar| column(bar).is_some_and(|c| c.distinct < table.rows));
    let parts = of(Kind::Stacked).or(of(Kind::Heatmap)).filter(|_| crowded);
    line.or(parts)
        .or(bar)
        .or(of(Kind::Scatter))
        .or(of(Kind::Histogram))
        .or(found.first())
        .cloned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{ColumnHead, ColumnKind};

    fn table(heads: &[(&str, ColumnKind)], rows: &[&[&str]]) -> Table {
        let heads: Vec<_> = heads
            .iter()
            .map(|&(name, kind)| ColumnHead {
                name: name.into(),
                type_name: String::new(),
                kind,
            })
            .collect();
        let rows: Vec<Vec<_>> = rows
            .iter()
            .map(|row| row.iter().map(|text| Some((*text).to_owned())).collect())
            .collect();
        Table::new(&heads, &rows, rows.len() as u64)
    }

    #[test]
    fn the_default_follows_the_columns() {
        use ColumnKind::{Decimal, Integer, Text, Time};
        type Case<'a> = (
            &'a [(&'a str, ColumnKind)],
            &'a [&'a [&'a str]],
            Option<Kind>,
        );
        let cases: &[Case] = &[
            (
                &[("name", Text), ("revenue", Decimal)],
                &[&["a", "1.00"], &["b", "2.00"]],
                Some(Kind::Bar),
            ),
            (
                &[("month", Time), ("revenue", Decimal)],
                &[&["2026-01-01", "1.00"], &["2026-02-01", "2.00"]],
                Some(Kind::Line),
            ),
            (
                &[("price", Decimal), ("units", Integer)],
                &[&["1.00", "3"], &["2.00", "4"]],
                Some(Kind::Scatter),
            ),
            (
                &[("price", Decimal)],
                &[&["1.00"], &["2.00"], &["3.00"]],
                Some(Kind::Histogram),
            ),
            (
                &[("city", Text), ("status", Text), ("n", Integer)],
                &[
                    &["Rome", "paid", "1"],
                    &["Rome", "new", "2"],
                    &["Oslo", "paid", "3"],
                ],
                Some(Kind::Stacked),
            ),
            (
                &[("id", Integer), ("name", Text)],
                &[&["1", "a"], &["2", "b"]],
                None,
            ),
            (
                &[("name", Text), ("revenue", Decimal)],
                &[&["a", "1.00"]],
                None,
            ),
        ];
        for (heads, rows, kind) in cases {
            let found = default_choice(&table(heads, rows)).map(|choice| choice.kind);
            assert_eq!(found, *kind, "{heads:?}");
        }
    }

    #[test]
    fn money_is_measured_before_counts() {
        use ColumnKind::{Decimal, Integer, Text};
        let table = table(
            &[("name", Text), ("orders", Integer), ("revenue", Decimal)],
            &[&["a", "1", "5.00"], &["b", "2", "6.00"]],
        );
        assert_eq!(default_choice(&table).map(|choice| choice.y), Some(vec![2]));
    }
}
