//! SQL text: from characters to sqlparser's tree, with every position a byte offset.
//!
//! Owns the budgets that keep hostile text from exhausting the stack, the splitting of scripts
//! into statements, and PostgreSQL's words for syntax errors. Must never know tables or types.

mod budget;
mod parse;
mod tokens;

pub use parse::{Parsed, parse, parse_expression, parse_query, split};
pub use tokens::{FRAME_MARK, span_of};
