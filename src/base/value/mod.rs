//! One value of any type.

mod order;
mod parse;
mod text;

pub use order::compare_floats;
pub use parse::{invalid_input, json_error};
pub use text::{double_text, real_text};

use super::{Interval, Numeric};
use std::sync::Arc;

/// A single value. Its logical type stands beside it (in a `Field`, an expression or a catalogue
/// column): integers of all widths share one variant, and so do the text types.
#[derive(Clone, Debug)]
pub enum Value {
    /// SQL's NULL.
    Null,
    /// boolean
    Bool(bool),
    /// smallint, integer, bigint
    Int(i64),
    /// numeric
    Numeric(Numeric),
    /// real (rounded to 32 bits) and double precision
    Float(f64),
    /// text, varchar, char, json
    Text(Arc<str>),
    /// Days since 1970-01-01.
    Date(i32),
    /// Microseconds since midnight.
    Time(i64),
    /// Microseconds since 1970-01-01 00:00:00, without zone for `timestamp`, in UTC for
    /// `timestamptz`.
    Timestamp(i64),
    /// interval
    Interval(Interval),
    /// uuid, as one big-endian number
    Uuid(u128),
    /// An array of one dimension.
    Array(Arc<[Value]>),
    /// A row value.
    Record(Arc<[Value]>),
}

impl Value {
    /// A text value.
    pub fn text(text: impl Into<Arc<str>>) -> Self {
        Self::Text(text.into())
    }

    /// Whether it is NULL.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }
}
