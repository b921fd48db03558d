//! From text to tree: lexer, parser and the tree itself.
//!
//! Parsing never fails and never panics: it gives a tree and diagnostics. A diagnostic with the
//! code [`SYNTAX_ERROR`] says that the text is no Python, in CPython's words where it has simple
//! ones; one with [`NOT_SUPPORTED`] says that it is Python, but not of the subset that runs here.

pub mod ast;
mod lexer;
mod literal;
mod parser;
pub mod scope;
pub mod token;

pub use lexer::tokenize;
pub use parser::{Parsed, parse};

use crate::base::{Code, Diagnostic, Span};

/// Text that is no Python.
pub const SYNTAX_ERROR: Code = Code::new("SyntaxError");
/// Lines that do not stand under each other as they should.
pub const INDENTATION_ERROR: Code = Code::new("IndentationError");
/// Python outside the subset.
pub const NOT_SUPPORTED: Code = Code::new("NotImplementedError");

fn syntax_error(span: Span, message: impl Into<String>) -> Box<Diagnostic> {
    Diagnostic::error(SYNTAX_ERROR, message).at(span)
}

fn indentation_error(span: Span, message: impl Into<String>) -> Box<Diagnostic> {
    Diagnostic::error(INDENTATION_ERROR, message).at(span)
}

fn not_supported(span: Span, what: &str) -> Box<Diagnostic> {
    Diagnostic::error(NOT_SUPPORTED, format!("not supported here: {what}")).at(span)
}
