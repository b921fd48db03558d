//! What a parameter accepts.

use crate::base::Type;
use std::fmt;

/// What a parameter accepts: a type without its modifier, or a pseudo-type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parameter {
    /// `boolean`
    Bool,
    /// `smallint`
    Int2,
    /// `integer`
    Int4,
    /// `bigint`
    Int8,
    /// `numeric`
    Numeric,
    /// `real`
    Float4,
    /// `double precision`
    Float8,
    /// `text`
    Text,
    /// `character`
    Char,
    /// `date`
    Date,
    /// `time`
    Time,
    /// `timestamp`
    Timestamp,
    /// `timestamptz`
    TimestampTz,
    /// `interval`
    Interval,
    /// `uuid`
    Uuid,
    /// `json`
    Json,
    /// `jsonb`
    Jsonb,
    /// `integer[]`
    IntArray,
    /// `text[]`
    TextArray,
    /// Arrays of texts, a row each.
    TextArrays,
    /// Every type.
    Any,
    /// One type, the same wherever a function names it, and the elements of `AnyArray`.
    AnyElement,
    /// The same, but no array.
    AnyNonArray,
    /// An array of `AnyElement`.
    AnyArray,
}

impl Parameter {
    /// The type it names; none for pseudo-types.
    pub fn concrete(self) -> Option<Type> {
        Some(match self {
            Self::Bool => Type::Boolean,
            Self::Int2 => Type::SmallInt,
            Self::Int4 => Type::Integer,
            Self::Int8 => Type::BigInt,
            Self::Numeric => Type::Numeric(None),
            Self::Float4 => Type::Real,
            Self::Float8 => Type::Double,
            Self::Text => Type::Text,
            Self::Char => Type::Char(0),
            Self::Date => Type::Date,
            Self::Time => Type::Time,
            Self::Timestamp => Type::Timestamp,
            Self::TimestampTz => Type::TimestampTz,
            Self::Interval => Type::Interval,
            Self::Uuid => Type::Uuid,
            Self::Json => Type::Json,
            Self::Jsonb => Type::Jsonb,
            Self::IntArray => Type::Array(Box::new(Type::Integer)),
            Self::TextArray => Type::Array(Box::new(Type::Text)),
            Self::TextArrays => Type::Array(Box::new(Type::Array(Box::new(Type::Text)))),
            Self::Any | Self::AnyElement | Self::AnyNonArray | Self::AnyArray => return None,
        })
    }
}

/// As the documentation prints it.
impl fmt::Display for Parameter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Time => f.write_str("time"),
            Self::Timestamp => f.write_str("timestamp"),
            Self::TimestampTz => f.write_str("timestamptz"),
            Self::TextArrays => f.write_str("setof text[]"),
            Self::Any => f.write_str("any"),
            Self::AnyElement => f.write_str("anyelement"),
            Self::AnyNonArray => f.write_str("anynonarray"),
            Self::AnyArray => f.write_str("anyarray"),
            other => match other.concrete() {
                Some(ty) => ty.fmt(f),
                None => f.write_str("any"),
            },
        }
    }
}
