//! The chart that a page asks for, and the kinds of chart that there are.

use serde::{Deserialize, Serialize};

/// A chart of a result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chart {
    /// Its kind.
    pub kind: ChartKind,
    /// The column along the foot.
    pub x: Option<String>,
    /// The columns that are drawn.
    pub y: Vec<String>,
    /// The column that tells series apart.
    pub series: Option<String>,
}

/// What a chart looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ChartKind {
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

impl ChartKind {
    /// All kinds, in the order in which they are offered.
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

    /// As fences write it.
    pub const fn word(self) -> &'static str {
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

    /// As people read it.
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

    /// The kind of a fence's word.
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }
}
