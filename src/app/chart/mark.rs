//! Marks: the values that a chart shows, what they stand for, and the points that show them.

use super::number::{as_double, scaled_text};
use super::table::{Column, Extent, Table};
use super::{Point, Scale};
use crate::app::format;
use crate::lessons::chart::ChartKind;
use std::collections::BTreeMap;

/// A day in milliseconds.
pub(super) const DAY: i128 = 86_400_000;

/// One value that is to be drawn.
#[derive(Clone, Debug)]
pub struct Mark {
    /// Its place along x: a name's, a moment or a number.
    pub x: i128,
    /// Its series.
    pub series: usize,
    /// The value.
    pub y: i128,
}

/// What points are made from.
pub struct Context<'a> {
    /// What lies along x.
    pub scale: Scale,
    /// The categories along x.
    pub names: &'a Names,
    /// The series.
    pub series: &'a Names,
    /// The column along x.
    pub x: &'a Column,
    /// Decimals of the values.
    pub decimals: u8,
}

impl Context<'_> {
    /// A mark's place along x in words.
    pub fn place(&self, mark: &Mark) -> String {
        match self.scale {
            Scale::Band => self.names.text(mark.x as usize).to_owned(),
            Scale::Time => day(mark.x),
            Scale::Number => scaled_text(mark.x, self.x.decimals),
        }
    }

    /// A value in words.
    pub fn value(&self, value: i128) -> String {
        scaled_text(value, self.decimals)
    }
}

/// A moment's day, or its month when it starts one.
fn day(milliseconds: i128) -> String {
    let days = i32::try_from(milliseconds.div_euclid(DAY)).unwrap_or_default();
    let text = crate::base::datetime::date_text(days);
    match milliseconds.rem_euclid(DAY) {
        0 if text.ends_with("-01") => text.get(..7).unwrap_or(&text).to_owned(),
        _ => text,
    }
}

/// The point of a mark that reaches `step` along x.
pub(super) fn point(kind: ChartKind, mark: &Mark, step: i128, context: &Context<'_>) -> Point {
    let number = |x: i128| match context.scale {
        Scale::Number => as_double(x, context.x.decimals),
        Scale::Band | Scale::Time => x as f64,
    };
    let value = context.value(mark.y);
    let series = context.series.text(mark.series);
    let heat = kind == ChartKind::Heatmap;
    Point {
        x: number(mark.x),
        x2: number(mark.x + step),
        y: if heat {
            mark.series as f64
        } else {
            as_double(mark.y, context.decimals)
        },
        value: as_double(mark.y, context.decimals),
        series: if heat { 0 } else { mark.series as u32 },
        tip: match context.series.texts.len() {
            1 => format!("{}\n{value}", context.place(mark)),
            _ => format!("{}\n{series}: {value}", context.place(mark)),
        },
        label: value,
    }
}

/// Distinct texts in order of arrival.
#[derive(Clone, Debug, Default)]
pub struct Names {
    /// The texts.
    pub texts: Vec<String>,
    places: BTreeMap<String, usize>,
}

impl Names {
    /// Distinct texts.
    pub(super) fn of(texts: Vec<String>) -> Self {
        let places = texts.iter().cloned().zip(0..).collect();
        Self { texts, places }
    }

    /// The place of a text, which is given one if it is new.
    pub(super) fn place(&mut self, text: &str) -> usize {
        if let Some(&place) = self.places.get(text) {
            return place;
        }
        let place = self.texts.len();
        self.texts.push(text.to_owned());
        self.places.insert(text.to_owned(), place);
        place
    }

    /// The text of a place.
    pub fn text(&self, place: usize) -> &str {
        self.texts.get(place).map_or("", String::as_str)
    }
}

/// Says what the rows that are drawn stand for; gives how many values were left out before.
pub(super) fn note_extent(table: &Table, measure: &Column, notes: &mut Vec<String>) -> u64 {
    let here = format::grouped(&table.rows.to_string()).into_owned();
    match table.extent {
        Extent::All => 0,
        Extent::Sample { of } => {
            notes.push(format!(
                "A sample of {here} of {}, evenly spaced.",
                format::count(of, "row")
            ));
            0
        }
        Extent::Sums { rows, of, left_out } => {
            if of < rows - left_out.min(rows) {
                notes.push(format!(
                    "All {} are added up by place: the sum of {}.",
                    format::count(rows, "row"),
                    words(&measure.name)
                ));
            }
            if of > table.rows as u64 {
                notes.push(format!(
                    "A sample of {here} of {}, evenly spaced.",
                    format::count(of, "value")
                ));
            }
            left_out
        }
    }
}

/// A column's name as words: `units_sold` is "units sold".
pub(super) fn words(name: &str) -> String {
    name.replace("__", " ").replace('_', " ")
}

/// With a capital letter.
pub(super) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().collect::<String>() + letters.as_str(),
        None => String::new(),
    }
}
