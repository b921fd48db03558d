//! The data set at hand.

use serde::{Deserialize, Serialize};

/// How much data the marketplace holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Size {
    /// 60 orders; the data set of the lessons.
    #[default]
    Small,
    /// 10,000 orders.
    Medium,
    /// 100,000 orders.
    Large,
}

impl Size {
    /// All sizes, small to large.
    pub const ALL: [Self; 3] = [Self::Small, Self::Medium, Self::Large];

    /// The name that people and programs use.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Small => "small",
            Self::Medium => "medium",
            Self::Large => "large",
        }
    }

    /// The size of a name, whatever its case.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|size| size.name().eq_ignore_ascii_case(name))
    }
}

/// The data set at hand.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MarketInfo {
    /// Its size.
    pub size: Size,
    /// What `now()` answers, as ISO 8601 text.
    pub now: String,
    /// How many orders the seed holds.
    pub orders: u64,
}

/// A table for the schema page and for completion.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TableInfo {
    /// Its name.
    pub name: String,
    /// How many rows it has.
    pub rows: u64,
    /// Left to right.
    pub columns: Vec<ColumnInfo>,
    /// Everything else that holds for its rows, as SQL would state it.
    pub constraints: Vec<String>,
}

/// A column of a table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ColumnInfo {
    /// Its name.
    pub name: String,
    /// The type as PostgreSQL prints it.
    pub type_name: String,
    /// Whether it may be NULL.
    pub nullable: bool,
    /// Whether it is (part of) the primary key.
    pub primary_key: bool,
    /// Whether no two rows may share a value.
    pub unique: bool,
    /// The table and column that it refers to.
    pub references: Option<(String, String)>,
}
