//! The Django shell: a subset of Python, from text to values.
//!
//! Text -> `syntax` (tokens, tree, diagnostics) -> `interpret` (values, output, exceptions).
//!
//! The syntax part is linked into the page as well, so it depends on `base` alone; the rest runs
//! in the worker. The shell knows neither the DOM nor SQL text, and never panics on any input:
//! a construct of Python that is not here is refused by name, at its place.

pub mod syntax;

#[cfg(feature = "engine")]
pub mod assist;
#[cfg(feature = "engine")]
mod builtins;
#[cfg(feature = "engine")]
pub mod django;
#[cfg(feature = "engine")]
pub mod interpret;
#[cfg(feature = "engine")]
mod modules;
#[cfg(feature = "engine")]
pub mod supported;
#[cfg(feature = "engine")]
pub mod value;

pub use syntax::{Parsed, parse};

#[cfg(feature = "engine")]
pub use interpret::{Failure, Interpreter, Outcome, Program};
