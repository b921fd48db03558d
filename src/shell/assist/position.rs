//! Where in the code the cursor is: after a dot, in a text, in a call.

use super::chain::{self, Link};
use crate::shell::syntax::ast::Name;
use crate::shell::syntax::token::{Token, TokenKind};
use crate::shell::syntax::tokenize;

/// The surroundings of a cursor.
#[derive(Debug)]
pub(super) struct Place {
    /// What may stand here.
    pub position: Position,
    /// The beginning of a name that stands before the cursor.
    pub prefix: String,
    /// The tokens before the name or text at the cursor.
    pub tokens: Vec<Token>,
    /// The calls around the cursor, innermost first.
    pub calls: Vec<OpenCall>,
}

/// What may stand at a cursor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Position {
    /// Any name.
    Name,
    /// An attribute of what the chain gives.
    Attribute {
        /// What stands before the dot.
        chain: Vec<Link>,
    },
    /// The inside of a text; what is written of it.
    Text {
        /// From the quote to the cursor.
        written: String,
    },
    /// A module, or a name of the module.
    Import {
        /// The module, in `from MODULE import ..`.
        module: Option<String>,
    },
    /// Nothing.
    Comment,
}

/// A call whose parenthesis is still open at the cursor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct OpenCall {
    /// What is called.
    pub callee: Vec<Link>,
    /// The byte of its parenthesis.
    pub at: u32,
    /// How many commas stand before the cursor.
    pub argument: u32,
}

/// The surroundings of a byte of a text.
pub(super) fn at(code: &str, cursor: u32) -> Place {
    let mut end = (cursor as usize).min(code.len());
    while !code.is_char_boundary(end) {
        end -= 1;
    }
    let before = code.get(..end).unwrap_or_default();
    match scan(before) {
        Inside::Comment => Place {
            position: Position::Comment,
            prefix: String::new(),
            tokens: Vec::new(),
            calls: Vec::new(),
        },
        Inside::Text { quote, from } => {
            let tokens = tokens_of(before.get(..quote).unwrap_or_default());
            Place {
                position: Position::Text {
                    written: before.get(from..).unwrap_or_default().to_owned(),
                },
                prefix: String::new(),
                calls: open_calls(&tokens),
                tokens,
            }
        }
        Inside::Code => in_code(before),
    }
}

/// The name that a byte of a text is in or behind.
pub(super) fn word(code: &str, at: u32) -> Option<(u32, u32)> {
    let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    let bytes = code.as_bytes();
    let at = (at as usize).min(bytes.len());
    let from = at
        - bytes
            .get(..at)?
            .iter()
            .rev()
            .take_while(|it| is_word(it))
            .count();
    let to = at + bytes.get(at..)?.iter().take_while(|it| is_word(it)).count();
    (from < to).then_some((from as u32, to as u32))
}

fn in_code(before: &str) -> Place {
    let name = before.len()
        - before
            .bytes()
            .rev()
            .take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
            .count();
    let (rest, prefix) = before.split_at_checked(name).unwrap_or((before, ""));
    let tokens = tokens_of(rest);
    let calls = open_calls(&tokens);
    let position = match tokens.split_last() {
        Some((last, chain)) if matches!(last.kind, TokenKind::Operator(".")) => {
            match import(&tokens) {
                Some(position) => position,
                None => Position::Attribute {
                    chain: chain::ending(chain),
                },
            }
        }
        _ => import(&tokens).unwrap_or(Position::Name),
    };
    Place {
        position,
        prefix: prefix.to_owned(),
        tokens,
        calls,
    }
}

/// Whether the tokens end in an import statement.
fn import(tokens: &[Token]) -> Option<Position> {
    let start = tokens
        .iter()
        .rposition(|token| matches!(token.kind, TokenKind::Newline | TokenKind::Indent))
        .map_or(0, |it| it + 1);
    let line = tokens.get(start..)?;
    let (first, rest) = line.split_first()?;
    match first.kind {
        TokenKind::Keyword("import") => Some(Position::Import { module: None }),
        TokenKind::Keyword("from") => {
            let dotted: Vec<Name> = rest
                .iter()
                .map_while(|token| match &token.kind {
                    TokenKind::Name(name) => Some(name.clone()),
                    TokenKind::Operator(".") => Some(".".into()),
                    _ => None,
                })
                .collect();
            let imports = rest
                .iter()
                .any(|token| matches!(token.kind, TokenKind::Keyword("import")));
            Some(Position::Import {
                module: imports.then(|| dotted.concat()),
            })
        }
        _ => None,
    }
}

fn tokens_of(text: &str) -> Vec<Token> {
    let mut tokens = tokenize(text);
    // What the lexer adds at the end, and its complaint about what is not finished yet.
    while tokens.last().is_some_and(|token| {
        matches!(
            token.kind,
            TokenKind::End | TokenKind::Dedent | TokenKind::Error(_)
        )
    }) {
        tokens.pop();
    }
    // A line end that the text does not have.
    if !text.trim_end_matches([' ', '\t']).ends_with('\n')
        && tokens
            .last()
            .is_some_and(|token| matches!(token.kind, TokenKind::Newline))
    {
        tokens.pop();
    }
    tokens
}

/// The calls that are open at the end of the tokens, innermost first.
fn open_calls(tokens: &[Token]) -> Vec<OpenCall> {
    let mut calls = Vec::new();
    let (mut depth, mut argument) = (0usize, 0);
    for (place, token) in tokens.iter().enumerate().rev() {
        match token.kind {
            TokenKind::Operator(")" | "]" | "}") => depth += 1,
            TokenKind::Operator("(" | "[" | "{") if depth > 0 => depth -= 1,
            TokenKind::Operator("(") => {
                let callee = chain::ending(tokens.get(..place).unwrap_or_default());
                if !callee.is_empty() {
                    calls.push(OpenCall {
                        callee,
                        at: token.span.start,
                        argument,
                    });
                }
                argument = 0;
            }
            TokenKind::Operator("[" | "{") => argument = 0,
            TokenKind::Operator(",") if depth == 0 => argument += 1,
            _ => {}
        }
    }
    calls
}

/// What the end of a text lies in.
enum Inside {
    Code,
    Comment,
    /// A text: the byte of its opening quote, and the byte after the quotes.
    Text {
        quote: usize,
        from: usize,
    },
}

fn scan(text: &str) -> Inside {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'#' => match bytes
                .get(at..)
                .and_then(|it| it.iter().position(|&b| b == b'\n'))
            {
                Some(length) => at += length,
                None => return Inside::Comment,
            },
            b'"' | b'\'' => {
                let triple = [byte; 3];
                let is_triple = bytes.get(at..at + 3) == Some(triple.as_slice());
                let marks = if is_triple { 3 } else { 1 };
                match closing(bytes, at + marks, byte, marks) {
                    Some(end) => at = end,
                    None => {
                        return Inside::Text {
                            quote: at,
                            from: at + marks,
                        };
                    }
                }
            }
            _ => at += 1,
        }
    }
    Inside::Code
}

/// The byte after the quotes that end a text; `None` when it does not end. A text in single
/// quotes that its line does not end is taken for one that has yet to be closed.
fn closing(bytes: &[u8], from: usize, quote: u8, marks: usize) -> Option<usize> {
    let mut at = from;
    while let Some(&byte) = bytes.get(at) {
        if byte == b'\\' {
            at += 2;
        } else if byte == b'\n' && marks == 1 {
            return Some(at);
        } else if bytes
            .get(at..at + marks)
            .is_some_and(|it| it.iter().all(|&b| b == quote))
        {
            return Some(at + marks);
        } else {
            at += 1;
        }
    }
    None
}
