//! Result sets as the page shows them, and values as programs read them.

use serde::{Deserialize, Serialize};

/// A value for `$1`, `$2`, ...
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Param {
    /// NULL
    Null,
    /// boolean
    Bool(bool),
    /// bigint
    Int(i64),
    /// numeric, as its decimal digits
    Decimal(String),
    /// double precision, for what has no decimal digits (NaN, infinity)
    Float(f64),
    /// Text of a type that the context decides, as a quoted literal.
    Text(String),
}

/// A result set, of which the page holds the first rows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TableHead {
    /// Its number among the run's result sets, from 0.
    pub set: u32,
    /// Left to right.
    pub columns: Vec<ColumnHead>,
    /// How many rows there are.
    pub rows: u32,
    /// The first rows.
    pub first: RowPage,
}

/// A column's label, type and manner.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ColumnHead {
    /// The label.
    pub name: String,
    /// The type as PostgreSQL prints it.
    pub type_name: String,
    /// How the page shows it.
    pub kind: ColumnKind,
}

/// How the page shows a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ColumnKind {
    /// Whole numbers: to the right.
    Integer,
    /// Exact decimals: to the right, thousands separated.
    Decimal,
    /// Floating-point numbers: to the right.
    Float,
    /// true or false.
    Boolean,
    /// Dates and times.
    Time,
    /// Everything else: to the left.
    Text,
}

impl ColumnKind {
    /// Whether its values are numbers.
    pub const fn is_number(self) -> bool {
        matches!(self, Self::Integer | Self::Decimal | Self::Float)
    }
}

/// Some rows as PostgreSQL prints their values; NULL is `None`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RowPage {
    /// The number of the first row, from 0.
    pub start: u32,
    /// Row by row.
    pub rows: Vec<Vec<Option<String>>>,
}

/// A rectangle of cells; the ends are exclusive and may lie past the table's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Area {
    /// First row and the row after the last.
    pub rows: (u32, u32),
    /// First column and the column after the last.
    pub columns: (u32, u32),
}

impl Area {
    /// Every cell.
    pub const ALL: Self = Self {
        rows: (0, u32::MAX),
        columns: (0, u32::MAX),
    };
}

/// A form of text for results.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Format {
    /// Comma-separated, quoted as RFC 4180 has it, with a header.
    Csv,
    /// An array of objects; decimals are strings.
    Json,
    /// Tab-separated without a header, for the clipboard.
    Tsv,
}

/// What stands over a block of values.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ValuesHead {
    /// PostgreSQL's command tag without the count.
    pub command: String,
    /// Rows given or changed.
    pub row_count: u64,
    /// Labels and types; absent when the statement gives no rows.
    pub columns: Option<Vec<(String, String)>>,
    /// The engine's time in milliseconds.
    pub ms: f64,
}
