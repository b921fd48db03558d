//! What every layer speaks: text positions, diagnostics, types, values, columns, results.
//!
//! Knows nothing of SQL, of the ORM or of the DOM.

pub mod column;
pub mod datetime;
pub mod diagnostic;
mod gather;
pub mod interval;
pub mod json;
pub mod numeric;
pub mod result;
pub mod text;
pub mod types;
pub mod value;

pub use column::{Batch, Bitmap, Column, Vector};
pub use diagnostic::{Code, Diagnostic, Result, Severity};
pub use interval::Interval;
pub use numeric::Numeric;
pub use result::{Field, ResultSet};
pub use text::{LineColumn, SourceText, Span};
pub use types::Type;
pub use value::Value;
