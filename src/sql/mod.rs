//! SQL text: from characters to sqlparser's tree, with every position a byte offset.
//!
//! Owns the budgets that keep hostile text from exhausting the stack, the splitting of scripts
//! into statements, and PostgreSQL's words for syntax errors. Must never know tables or types.

mod adapt;
mod budget;
mod literal_rows;
mod parse;
mod tokens;

pub use adapt::{
    ALTER_MARK, FRAME_MARK, GROUPING_SETS_MARK, OVERRIDING_SYSTEM_MARK, OVERRIDING_USER_MARK,
    REFRESH_MARK, RESTART_MARK, SYMMETRIC_MARK, UNTYPED_MARK,
};
pub use parse::{Parsed, Piece, parse, parse_expression, parse_query, split};
pub use tokens::{span_of, words};
