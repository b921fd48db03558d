//! What the lexer gives.

use super::ast::{Conversion, IntLiteral, Name};
use crate::base::{Diagnostic, Span};
use std::rc::Rc;

/// A token and its place.
#[derive(Clone, Debug)]
pub struct Token {
    /// Which token.
    pub kind: TokenKind,
    /// Where it stands.
    pub span: Span,
}

/// The kinds of token. Comments and blank lines are left out.
#[derive(Clone, Debug)]
pub enum TokenKind {
    /// An identifier, soft keywords among them.
    Name(Name),
    /// One of [`KEYWORDS`].
    Keyword(&'static str),
    /// One of [`OPERATORS`].
    Operator(&'static str),
    /// An integer.
    Int(IntLiteral),
    /// A float.
    Float(f64),
    /// A text, decoded.
    Str(Rc<str>),
    /// An f-string.
    FormattedString(Vec<FormattedPart>),
    /// A literal outside the subset: bytes, complex numbers, template strings.
    Foreign(&'static str),
    /// The end of a logical line.
    Newline,
    /// The first line of a deeper block.
    Indent,
    /// The end of a block.
    Dedent,
    /// The end of the text.
    End,
    /// Text that is no token; the lexer stops here.
    Error(Box<Diagnostic>),
}

/// A piece of an f-string.
#[derive(Clone, Debug)]
pub enum FormattedPart {
    /// Text, decoded.
    Text(Rc<str>),
    /// `{tokens=!r:format}`
    Replacement {
        /// From the opening to the closing brace.
        span: Span,
        /// The expression's tokens, with an `End` after them.
        tokens: Vec<Token>,
        /// The text up to and with `=`, for `{value=}`.
        label: Option<Rc<str>>,
        /// `!r` and its siblings.
        conversion: Option<Conversion>,
        /// The format specification; `None` without a colon.
        format: Option<Vec<FormattedPart>>,
    },
}

/// Python's reserved words.
pub const KEYWORDS: [&str; 35] = [
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue",
    "def", "del", "elif", "else", "except", "finally", "for", "from", "global", "if", "import",
    "in", "is", "lambda", "nonlocal", "not", "or", "pass", "raise", "return", "try", "while",
    "with", "yield",
];

/// Operators and delimiters, the longer before their beginnings.
pub const OPERATORS: [&str; 48] = [
    "**=", "//=", ">>=", "<<=", "...", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "@=", "==",
    "!=", "<=", ">=", "->", ":=", "**", "//", "<<", ">>", "+", "-", "*", "/", "%", "@", "&", "|",
    "^", "~", "<", ">", "(", ")", "[", "]", "{", "}", ",", ":", ".", ";", "=", "!",
];
