//! Charts of a result: which kinds fit its columns, what each draws, and the same in words.
//!
//! Pure: `static/chart/chart.js` draws a [`Drawing`] and decides nothing. Sums are of scaled
//! integers, so that money stays exact.

mod choose;
mod draw;
mod number;
mod summary;
mod table;

pub use choose::{Choice, default_choice, fitting};
pub use draw::draw;
pub use number::scaled_text;
pub use table::{Column, Role, Table};

use serde::Serialize;

/// Points that are drawn at most; a larger result is sampled.
pub const MOST_POINTS: u32 = 4000;

/// What a chart looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A bar for each value.
    Bar,
    /// Values joined in order.
    Line,
    /// A line with the space beneath filled.
    Area,
    /// A dot for each pair of numbers.
    Scatter,
    /// How often a number falls into each of equal spans.
    Histogram,
    /// Two categories crossed, values as shades.
    Heatmap,
    /// Bars of parts.
    Stacked,
    /// The running total.
    Cumulative,
}

impl Kind {
    /// All kinds, in the order of the toolbar.
    pub const ALL: [Self; 8] = [
        Self::Bar,
        Self::Line,
        Self::Area,
        Self::Scatter,
        Self::Histogram,
        Self::Heatmap,
        Self::Stacked,
        Self::Cumulative,
    ];

    /// The name in a lesson's fence.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Bar => "bar",
            Self::Line => "line",
            Self::Area => "area",
            Self::Scatter => "scatter",
            Self::Histogram => "histogram",
            Self::Heatmap => "heatmap",
            Self::Stacked => "stacked",
            Self::Cumulative => "cumulative",
        }
    }

    /// The name that people read.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Bar => "Bar",
            Self::Line => "Line",
            Self::Area => "Area",
            Self::Scatter => "Scatter",
            Self::Histogram => "Histogram",
            Self::Heatmap => "Heat map",
            Self::Stacked => "Stacked",
            Self::Cumulative => "Cumulative",
        }
    }

    /// The kind of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// Everything that is to be drawn.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Drawing {
    /// What it is called where it is saved.
    pub title: String,
    /// What it looks like.
    pub kind: Kind,
    /// Whether bars lie, so that long names can be read.
    pub sideways: bool,
    /// Along x: the categories, the time or the numbers.
    pub x: Axis,
    /// Along y: the values; a heat map's second category.
    pub y: Axis,
    /// The series' names; a single one has none to tell apart.
    pub series: Vec<String>,
    /// The points, in order.
    pub points: Vec<Point>,
    /// The same in words.
    pub summary: String,
    /// What the chart leaves out or adds up.
    pub notes: Vec<String>,
}

/// An axis.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Axis {
    /// Its title.
    pub label: String,
    /// What lies along it.
    pub scale: Scale,
    /// Its categories, in order.
    pub domain: Vec<String>,
    /// Decimals of its numbers.
    pub decimals: u8,
}

/// What lies along an axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Scale {
    /// Categories.
    Band,
    /// Milliseconds since 1970 in UTC.
    Time,
    /// Numbers.
    Number,
}

/// A point of a drawing.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Point {
    /// A number, milliseconds, or the place in the axis's domain.
    pub x: f64,
    /// The end of a bar's span along x.
    pub x2: f64,
    /// A number; for a heat map the place in the axis's domain.
    pub y: f64,
    /// A heat map's value.
    pub value: f64,
    /// The place among the series.
    pub series: u32,
    /// The value as a label.
    pub label: String,
    /// What is shown of it under the pointer.
    pub tip: String,
}
