//! Charts of a result: which kinds fit its columns, what each draws, and the same in words.
//!
//! Pure: `static/chart/chart.js` draws a [`Drawing`] and decides nothing. Sums are of scaled
//! integers, so that money stays exact.

mod choose;
mod draw;
mod histogram;
mod mark;
mod number;
mod summary;
mod table;

pub use choose::{Choice, asked, default_choice, fitting, is_drawable};
pub use draw::draw;
pub use number::{rounded, scaled_text};
pub use table::{Column, Extent, Role, Table};

use crate::lessons::chart::ChartKind;
use serde::Serialize;

/// Points that are drawn at most; a larger result is sampled.
pub const MOST_POINTS: u32 = 4000;

/// Everything that is to be drawn.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Drawing {
    /// What it is called where it is saved.
    pub title: String,
    /// What it looks like.
    pub kind: ChartKind,
    /// Whether bars lie, so that long names can be read.
    pub sideways: bool,
    /// Whether series are parts of a whole and lie upon each other.
    pub parts: bool,
    /// What is measured.
    pub measure: String,
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

impl Drawing {
    /// The height that it needs to be read, in pixels: names that stand below each other need
    /// room each.
    pub fn height(&self) -> u32 {
        /// Of axis, title and keys.
        const AROUND: usize = 84;
        let series = self.series.len().max(1);
        let lines = match (self.kind, self.sideways) {
            (ChartKind::Heatmap, _) => self.y.domain.len() * 26,
            (ChartKind::Stacked, true) => self.x.domain.len() * 22,
            (_, true) => self.x.domain.len() * (series * 12 + 10),
            (_, false) => 0,
        };
        u32::try_from(lines + AROUND).map_or(320, |height| height.clamp(320, 1200))
    }
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
