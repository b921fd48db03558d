//! The histogram: it counts rows, where all other kinds draw values.

use super::choose::Choice;
use super::mark::{Context, Mark, Names, capital, note_extent, point, words};
use super::number::scaled_text;
use super::table::{Extent, Table};
use super::{Axis, Drawing, Point, Scale};
use crate::app::format;
use crate::lessons::chart::ChartKind;
use std::collections::BTreeMap;

/// Spans of a histogram.
const SPANS: i128 = 20;

/// How often the values of a column fall into spans of one width; `None` without values.
pub(super) fn histogram(table: &Table, choice: &Choice) -> Option<Drawing> {
    let column = table.columns.get(*choice.y.first()?)?;
    let values: Vec<i128> = column.numbers.iter().copied().flatten().collect();
    let (low, high) = (*values.iter().min()?, *values.iter().max()?);
    let width = round_width((high - low) / SPANS + 1);
    let start = low.div_euclid(width) * width;
    let mut counts: BTreeMap<i128, i128> = BTreeMap::new();
    let mut place = start;
    while place <= high {
        counts.insert(place, 0);
        place += width;
    }
    for value in &values {
        *counts.entry(value.div_euclid(width) * width).or_default() += 1;
    }
    let marks: Vec<Mark> = counts
        .iter()
        .map(|(&x, &y)| Mark { x, y, series: 0 })
        .collect();
    let mut series = Names::default();
    series.place("Rows");
    let names = Names::default();
    let context = Context {
        scale: Scale::Number,
        names: &names,
        series: &series,
        x: column,
        decimals: 0,
    };
    let mut notes = Vec::new();
    note_extent(table, column, &mut notes);
    if values.len() < table.rows {
        let empty = (table.rows - values.len()) as u64;
        notes.push(format!(
            "{} left out, being NULL.",
            format::count(empty, "value")
        ));
    }
    let title = format!("How often each {} occurs", words(&column.name));
    let summary = format!(
        "{title}. {}, from {} to {}, in spans of {}.",
        format::count(values.len() as u64, "value"),
        scaled_text(low, column.decimals),
        scaled_text(high, column.decimals),
        scaled_text(width, column.decimals)
    );
    let points = marks
        .iter()
        .map(|mark| Point {
            tip: format!(
                "{} to {}\n{}",
                scaled_text(mark.x, column.decimals),
                scaled_text(mark.x + width, column.decimals),
                format::count(mark.y as u64, "row")
            ),
            ..point(ChartKind::Histogram, mark, width, &context)
        })
        .collect();
    Some(Drawing {
        title,
        kind: ChartKind::Histogram,
        sideways: false,
        parts: false,
        measure: "Rows".into(),
        x: Axis {
            label: capital(&words(&column.name)),
            scale: Scale::Number,
            domain: Vec::new(),
            decimals: if width >= 10i128.pow(u32::from(column.decimals)) {
                0
            } else {
                column.decimals
            },
        },
        y: Axis {
            label: match table.extent {
                Extent::All | Extent::Sums { .. } => "Rows".into(),
                Extent::Sample { .. } => "Rows of the sample".into(),
            },
            scale: Scale::Number,
            domain: Vec::new(),
            decimals: 0,
        },
        series: series.texts.clone(),
        points,
        summary,
        notes,
    })
}

/// The next of 1, 2, 5, 10, 20, 50, ..
fn round_width(width: i128) -> i128 {
    let mut unit = 1i128;
    loop {
        for step in [1, 2, 5] {
            if unit.saturating_mul(step) >= width {
                return unit.saturating_mul(step).max(1);
            }
        }
        unit = unit.saturating_mul(10);
    }
}
