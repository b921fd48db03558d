use super::super::default_choice;
use super::*;
use crate::wire::chart::ChartRows;
use crate::wire::{ColumnHead, ColumnKind};

fn table(heads: &[(&str, ColumnKind)], rows: &[&[Option<&str>]]) -> Table {
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
        .map(|row| row.iter().map(|text| text.map(str::to_owned)).collect())
        .collect();
    Table::new(&heads, &rows, rows.len() as u64)
}

fn sales() -> Table {
    table(
        &[
            ("month", ColumnKind::Time),
            ("total_revenue", ColumnKind::Decimal),
        ],
        &[
            &[Some("2026-02-01 00:00:00+00"), Some("1200.50")],
            &[Some("2026-01-01 00:00:00+00"), Some("1000.25")],
            &[Some("2026-03-01 00:00:00+00"), None],
        ],
    )
}

#[test]
fn a_line_runs_through_time_and_says_what_it_left_out() {
    let table = sales();
    let drawing = default_choice(&table).and_then(|choice| draw(&table, &choice));
    let drawing = drawing.expect("a drawing");
    let ys: Vec<f64> = drawing.points.iter().map(|point| point.y).collect();
    assert_eq!(ys, [1000.25, 1200.5]);
    assert_eq!(drawing.title, "Total revenue by month");
    assert_eq!(drawing.notes, ["1 value left out, being NULL."]);
    assert_eq!(
        drawing.summary,
        "Total revenue by month. Line chart of 2 values. Highest: 2026-02, 1,200.50. \
         Lowest: 2026-01, 1,000.25. Total: 2,200.75. It rises from 1,000.25 to 1,200.50."
    );
}

#[test]
fn a_cumulative_line_ends_at_the_exact_total() {
    let table = sales();
    let choice = Choice {
        kind: ChartKind::Cumulative,
        x: 0,
        y: vec![1],
        series: None,
    };
    let drawing = draw(&table, &choice).expect("a drawing");
    assert_eq!(
        drawing.points.last().map(|point| point.label.as_str()),
        Some("2,200.75")
    );
}

#[test]
fn rows_of_one_place_are_added_up_and_it_is_said() {
    let table = table(
        &[("city", ColumnKind::Text), ("total", ColumnKind::Decimal)],
        &[
            &[Some("Rome"), Some("0.10")],
            &[Some("Rome"), Some("0.20")],
            &[Some("Oslo"), Some("1.00")],
            &[Some("Oslo"), Some("0.00")],
        ],
    );
    let choice = Choice {
        kind: ChartKind::Bar,
        x: 0,
        y: vec![1],
        series: None,
    };
    let drawing = draw(&table, &choice).expect("a drawing");
    let labels: Vec<&str> = drawing
        .points
        .iter()
        .map(|point| point.label.as_str())
        .collect();
    assert_eq!(labels, ["0.30", "1.00"]);
    assert_eq!(
        drawing.notes,
        ["Rows of the same place are added up: the sum of total."]
    );
}

#[test]
fn long_names_lie_beside_their_bars() {
    let table = table(
        &[("name", ColumnKind::Text), ("n", ColumnKind::Integer)],
        &[
            &[Some("Wireless Headphones"), Some("1")],
            &[Some("b"), Some("2")],
        ],
    );
    let choice = default_choice(&table).expect("a choice");
    assert!(draw(&table, &choice).is_some_and(|drawing| drawing.sideways));
}

#[test]
fn a_histogram_counts_every_value_once() {
    let texts: Vec<String> = (0..100).map(|n| n.to_string()).collect();
    let rows: Vec<Vec<Option<&str>>> = texts.iter().map(|text| vec![Some(text.as_str())]).collect();
    let rows: Vec<&[Option<&str>]> = rows.iter().map(Vec::as_slice).collect();
    let table = table(&[("n", ColumnKind::Integer)], &rows);
    let choice = default_choice(&table).expect("a choice");
    let drawing = draw(&table, &choice).expect("a drawing");
    assert_eq!(
        drawing.points.iter().map(|point| point.y).sum::<f64>(),
        100.0
    );
    assert_eq!(drawing.points.len(), 20);
}

#[test]
fn only_as_many_series_as_there_are_colours() {
    let texts: Vec<(String, String)> = (0..20).map(|n| (format!("s{n}"), n.to_string())).collect();
    let rows: Vec<Vec<Option<&str>>> = texts
        .iter()
        .map(|(name, n)| vec![Some("2026-01-01"), Some(name.as_str()), Some(n.as_str())])
        .collect();
    let rows: Vec<&[Option<&str>]> = rows.iter().map(Vec::as_slice).collect();
    let heads = [
        ("day", ColumnKind::Time),
        ("shop", ColumnKind::Text),
        ("n", ColumnKind::Integer),
    ];
    let choice = Choice {
        kind: ChartKind::Line,
        x: 0,
        y: vec![2],
        series: Some(1),
    };
    let drawing = draw(&table(&heads, &rows), &choice).expect("a drawing");
    assert_eq!(
        drawing.series,
        ["s12", "s13", "s14", "s15", "s16", "s17", "s18", "s19"]
    );
    assert_eq!(drawing.notes, ["The 8 largest of 20 series are shown."]);
}

#[test]
fn a_sample_says_what_it_is_a_sample_of_and_sums_say_what_they_add_up() {
    let heads = [
        ColumnHead {
            name: "city".into(),
            type_name: String::new(),
            kind: ColumnKind::Text,
        },
        ColumnHead {
            name: "amount".into(),
            type_name: String::new(),
            kind: ColumnKind::Decimal,
        },
    ];
    let rows = vec![
        vec![Some("Rome".to_owned()), Some("1.00".to_owned())],
        vec![Some("Oslo".to_owned()), Some("2.00".to_owned())],
    ];
    let choice = Choice {
        kind: ChartKind::Bar,
        x: 0,
        y: vec![1],
        series: None,
    };
    let notes = |table: &Table| draw(table, &choice).expect("a drawing").notes;
    assert_eq!(
        notes(&Table::new(&heads, &rows, 30_000)),
        ["A sample of 2 of 30,000 rows, evenly spaced."]
    );
    let sums = |of, left_out| {
        let rows = rows.clone();
        Table::of_sums(&heads, &ChartRows { rows, of, left_out }, 30_000)
    };
    assert_eq!(
        notes(&sums(2, 7)),
        [
            "All 30,000 rows are added up by place: the sum of amount.",
            "7 values left out, being NULL."
        ]
    );
    assert_eq!(
        notes(&sums(30_000, 0)),
        ["A sample of 2 of 30,000 values, evenly spaced."]
    );
}

#[test]
fn bars_with_names_below_each_other_get_the_room_that_they_need() {
    let texts: Vec<String> = (0..30).map(|n| format!("Customer number {n}")).collect();
    let rows: Vec<Vec<Option<&str>>> = texts
        .iter()
        .map(|text| vec![Some(text.as_str()), Some("1"), Some("2")])
        .collect();
    let rows: Vec<&[Option<&str>]> = rows.iter().map(Vec::as_slice).collect();
    let heads = [
        ("name", ColumnKind::Text),
        ("orders", ColumnKind::Integer),
        ("items", ColumnKind::Integer),
    ];
    let height = |y: Vec<usize>| {
        let choice = Choice {
            kind: ChartKind::Bar,
            x: 0,
            y,
            series: None,
        };
        draw(&table(&heads, &rows), &choice).map(|drawing| drawing.height())
    };
    assert_eq!(height(vec![1]), Some(30 * 22 + 84));
    assert_eq!(height(vec![1, 2]), Some(30 * 34 + 84));
}

#[test]
fn two_of_the_same_name_among_many_are_not_one() {
    let table = table(
        &[("name", ColumnKind::Text), ("price", ColumnKind::Decimal)],
        &[
            &[Some("Desk Lamp"), Some("59.00")],
            &[Some("Earbuds"), Some("49.99")],
            &[Some("Desk Lamp"), Some("34.99")],
        ],
    );
    let choice = default_choice(&table).expect("a choice");
    let drawing = draw(&table, &choice).expect("a drawing");
    assert_eq!(drawing.x.domain, ["Desk Lamp", "Earbuds", "Desk Lamp (2)"]);
    assert_eq!(drawing.notes, ["Rows that share a name are numbered."]);
}

#[test]
fn parts_of_an_area_have_a_value_at_every_place() {
    let heads = [
        ("month", ColumnKind::Time),
        ("city", ColumnKind::Text),
        ("n", ColumnKind::Integer),
    ];
    let rows: &[&[Option<&str>]] = &[
        &[Some("2026-01-01"), Some("Rome"), Some("1")],
        &[Some("2026-01-01"), Some("Oslo"), Some("2")],
        &[Some("2026-02-01"), Some("Rome"), Some("3")],
    ];
    let choice = Choice {
        kind: ChartKind::Area,
        x: 0,
        y: vec![2],
        series: Some(1),
    };
    let drawing = draw(&table(&heads, rows), &choice).expect("a drawing");
    let points: Vec<(u32, f64)> = drawing.points.iter().map(|it| (it.series, it.y)).collect();
    assert_eq!(points, [(0, 1.0), (1, 2.0), (0, 3.0), (1, 0.0)]);
}
