//! Results as text for other programs: CSV, JSON, and the text of single values.

pub mod delimited;
pub mod json;
pub mod text;
