//! The marketplace: its models as data, and the rows that fill them.
//!
//! Uses `base` only, and never writes SQL text.

pub mod catalogue;
pub mod seed;
