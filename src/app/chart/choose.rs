//! Which kinds fit the columns of a result, and which one says most about it.

use super::table::{Role, Table};
use crate::app::format::is_label;
use crate::lessons::chart::{Chart, ChartKind};
use crate::wire::{ColumnHead, ColumnKind};

/// Series that are told apart at most: there are as many colours.
pub const MOST_SERIES: usize = 8;

/// What to draw: columns by their places.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// The kind.
    pub kind: ChartKind,
    /// Along x.
    pub x: usize,
    /// What is measured; several columns are several series.
    pub y: Vec<usize>,
    /// What tells series apart; a heat map's second category.
    pub series: Option<usize>,
}

/// Whether there may be something to draw, as far as the heads can tell.
pub fn is_drawable(heads: &[ColumnHead], rows: u32) -> bool {
    let is_number = |head: &ColumnHead| match head.kind {
        ColumnKind::Integer => !is_label(&head.name),
        ColumnKind::Decimal | ColumnKind::Float => true,
        ColumnKind::Boolean | ColumnKind::Time | ColumnKind::Text => false,
    };
    rows > 1 && heads.iter().any(is_number)
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
    for kind in ChartKind::ALL {
        found.extend(match kind {
            ChartKind::Bar => across.map(|x| choice(kind, x, None)),
            ChartKind::Line | ChartKind::Area => along
                .or_else(|| numbers.iter().copied().find(|&place| place != measure))
                .filter(|&x| distinct(x) > 1)
                .map(|x| choice(kind, x, parts(x))),
            ChartKind::Cumulative => across.map(|x| choice(kind, x, None)),
            ChartKind::Scatter => numbers
                .iter()
                .copied()
                .find(|&place| place != measure)
                .map(|x| choice(kind, x, None)),
            ChartKind::Histogram => (distinct(measure) > 2).then(|| choice(kind, measure, None)),
            ChartKind::Heatmap => across.and_then(|x| {
                let other = names.iter().copied().find(|&place| place != x)?;
                Some(choice(kind, x, Some(other)))
            }),
            ChartKind::Stacked => across.and_then(|x| Some(choice(kind, x, Some(parts(x)?)))),
        });
    }
    found
}

/// The chart that a result is shown as first.
pub fn default_choice(table: &Table) -> Option<Choice> {
    let found = fitting(table);
    let of = |kind: ChartKind| found.iter().find(|choice| choice.kind == kind);
    let column = |choice: &Choice| table.columns.get(choice.x);
    let has_time = table.columns.iter().any(|column| column.role == Role::Time);
    let line = of(ChartKind::Line).filter(|_| has_time);
    let bar = of(ChartKind::Bar).filter(|bar| column(bar).is_some_and(|c| c.distinct <= 60));
    let crowded = bar.is_some_and(|bar| column(bar).is_some_and(|c| c.distinct < table.rows));
    let parts = of(ChartKind::Stacked)
        .or(of(ChartKind::Heatmap))
        .filter(|_| crowded);
    line.or(parts)
        .or(bar)
        .or(of(ChartKind::Scatter))
        .or(of(ChartKind::Histogram))
        .or(found.first())
        .cloned()
}

/// The chart that a lesson asks for by names of columns; what it leaves out is chosen as if
/// nobody had asked. `None` when a name is no column, or no number is measured.
pub fn asked(table: &Table, chart: &Chart) -> Option<Choice> {
    let place = |name: &str| table.columns.iter().position(|column| column.name == name);
    let own = of_kind(table, chart.kind);
    let y: Vec<usize> = match chart.y.as_slice() {
        [] => own.as_ref()?.y.clone(),
        names => names
            .iter()
            .map(|name| place(name))
            .collect::<Option<_>>()?,
    };
    let numbers = y.iter().all(|&place| {
        let column = table.columns.get(place);
        column.is_some_and(|column| column.role == Role::Number)
    });
    let choice = Choice {
        kind: chart.kind,
        x: match &chart.x {
            Some(name) => place(name)?,
            None => own.as_ref()?.x,
        },
        y,
        series: match &chart.series {
            Some(name) => Some(place(name)?),
            None => own
                .filter(|_| chart.x.is_none() && chart.y.is_empty())
                .and_then(|own| own.series),
        },
    };
    (numbers && table.rows > 0).then(|| choice.settled())
}

fn of_kind(table: &Table, kind: ChartKind) -> Option<Choice> {
    fitting(table)
        .into_iter()
        .find(|choice| choice.kind == kind)
}

impl Choice {
    /// Whether several columns can be measured beside each other.
    pub fn takes_several(&self) -> bool {
        !matches!(
            self.kind,
            ChartKind::Scatter | ChartKind::Histogram | ChartKind::Heatmap
        )
    }

    /// Whether rows of one place and series become one value, their sum.
    pub fn adds_up(&self) -> bool {
        !matches!(self.kind, ChartKind::Scatter | ChartKind::Histogram)
    }

    /// The same columns as another kind, but for those that it cannot take.
    #[must_use]
    pub fn with_kind(&self, table: &Table, kind: ChartKind) -> Self {
        let mut next = of_kind(table, kind).unwrap_or_else(|| Self {
            kind,
            ..self.clone()
        });
        // Scatter plots and histograms have numbers along x, the others need not.
        if self.adds_up() && next.adds_up() {
            next.x = self.x;
            next.series = self.series.or(next.series);
        }
        if let Some(&first) = self.y.first()
            && (first != next.x || kind == ChartKind::Histogram)
        {
            next.y = self.y.clone();
        }
        next.series = next.series.filter(|&series| series != next.x);
        next.settled()
    }

    /// Measured along another column.
    #[must_use]
    pub fn with_x(&self, x: usize) -> Self {
        Self { x, ..self.clone() }.settled()
    }

    /// With a column measured as well, or no longer; one always is.
    #[must_use]
    pub fn with_measure(&self, place: usize) -> Self {
        let mut next = self.clone();
        match next.y.iter().position(|&column| column == place) {
            Some(at) if next.y.len() > 1 => drop(next.y.remove(at)),
            Some(_) => {}
            None if next.takes_several() && next.y.len() < MOST_SERIES => {
                next.y.push(place);
                next.y.sort_unstable();
                // Several columns are the series.
                next.series = None;
            }
            None => next.y = vec![place],
        }
        next.settled()
    }

    /// Split by another column, or by none.
    #[must_use]
    pub fn with_series(&self, series: Option<usize>) -> Self {
        let mut next = Self {
            series,
            ..self.clone()
        };
        if series.is_some() {
            next.y.truncate(1);
        }
        next.settled()
    }

    /// As the kind has it.
    fn settled(mut self) -> Self {
        if !self.takes_several() {
            self.y.truncate(1);
        }
        if self.y.len() > 1 {
            self.series = None;
        }
        if let (ChartKind::Histogram, Some(&y)) = (self.kind, self.y.first()) {
            (self.x, self.series) = (y, None);
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
            Option<ChartKind>,
        );
        let cases: &[Case] = &[
            (
                &[("name", Text), ("revenue", Decimal)],
                &[&["a", "1.00"], &["b", "2.00"]],
                Some(ChartKind::Bar),
            ),
            (
                &[("month", Time), ("revenue", Decimal)],
                &[&["2026-01-01", "1.00"], &["2026-02-01", "2.00"]],
                Some(ChartKind::Line),
            ),
            (
                &[("price", Decimal), ("units", Integer)],
                &[&["1.00", "3"], &["2.00", "4"]],
                Some(ChartKind::Scatter),
            ),
            (
                &[("price", Decimal)],
                &[&["1.00"], &["2.00"], &["3.00"]],
                Some(ChartKind::Histogram),
            ),
            (
                &[("city", Text), ("status", Text), ("n", Integer)],
                &[
                    &["Rome", "paid", "1"],
                    &["Rome", "new", "2"],
                    &["Oslo", "paid", "3"],
                ],
                Some(ChartKind::Stacked),
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

    fn sales() -> Table {
        use ColumnKind::{Decimal, Integer, Text, Time};
        table(
            &[
                ("month", Time),
                ("city", Text),
                ("units", Integer),
                ("revenue", Decimal),
            ],
            &[
                &["2026-01-01", "Rome", "1", "5.00"],
                &["2026-01-01", "Oslo", "2", "6.00"],
                &["2026-02-01", "Rome", "3", "7.00"],
            ],
        )
    }

    fn chart(kind: ChartKind, x: Option<&str>, y: &[&str], series: Option<&str>) -> Chart {
        Chart {
            kind,
            x: x.map(str::to_owned),
            y: y.iter().map(|&name| name.to_owned()).collect(),
            series: series.map(str::to_owned),
        }
    }

    #[test]
    fn a_lesson_gets_the_columns_that_it_names_and_the_best_of_the_others() {
        use ChartKind::{Bar, Histogram, Line};
        let cases = [
            (
                chart(Bar, Some("city"), &["units", "revenue"], None),
                Some((1, vec![2, 3], None)),
            ),
            (chart(Line, None, &[], None), Some((0, vec![3], Some(1)))),
            (
                chart(Line, Some("month"), &["units"], Some("city")),
                Some((0, vec![2], Some(1))),
            ),
            (
                chart(Histogram, Some("city"), &["units"], None),
                Some((2, vec![2], None)),
            ),
            (chart(Bar, Some("nobody"), &["units"], None), None),
            (chart(Bar, Some("month"), &["city"], None), None),
        ];
        for (wanted, columns) in cases {
            let found = asked(&sales(), &wanted);
            let found = found.map(|choice| (choice.x, choice.y, choice.series));
            assert_eq!(found, columns, "{wanted:?}");
        }
    }

    #[test]
    fn another_kind_keeps_the_columns_that_it_can_take() {
        let bars = Choice {
            kind: ChartKind::Bar,
            x: 1,
            y: vec![2, 3],
            series: None,
        };
        let table = sales();
        let line = bars.with_kind(&table, ChartKind::Line);
        assert_eq!((line.x, line.y.as_slice()), (1, &[2, 3][..]));
        let heat = bars.with_kind(&table, ChartKind::Heatmap);
        assert_eq!((heat.x, heat.y.as_slice()), (1, &[2][..]));
        let spread = bars.with_kind(&table, ChartKind::Histogram);
        assert_eq!((spread.x, spread.y.as_slice()), (2, &[2][..]));
        let back = spread.with_kind(&table, ChartKind::Bar);
        assert_eq!((back.x, back.y.as_slice()), (0, &[2][..]));
    }

    #[test]
    fn several_measures_are_series_of_their_own() {
        let line = Choice {
            kind: ChartKind::Line,
            x: 0,
            y: vec![3],
            series: Some(1),
        };
        let both = line.with_measure(2);
        assert_eq!((both.y.as_slice(), both.series), (&[2, 3][..], None));
        assert_eq!(both.with_measure(3).y, [2]);
        assert_eq!(
            both.with_measure(3).with_measure(2).y,
            [2],
            "one is always measured"
        );
        assert_eq!(both.with_series(Some(1)).y, [2]);
        let dots = line.with_kind(&sales(), ChartKind::Scatter).with_measure(2);
        assert_eq!(dots.y, [2]);
    }
}
