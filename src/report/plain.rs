//! Values for programs, as plain data.

use serde::{Deserialize, Serialize};

/// A value as plain data.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Plain {
    /// `None`, and what has no plain form.
    Null,
    /// A truth value.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A float.
    Float(f64),
    /// A text; decimals exactly, moments in ISO 8601.
    Text(String),
    /// A list, tuple or queryset.
    List(Vec<Plain>),
    /// A dict or a model instance.
    Object(Vec<(String, Plain)>),
}
