//! Tokens with byte offsets.

use super::budget;
use crate::base::diagnostic::sqlstate;
use crate::base::{Diagnostic, Result, Span};
use sqlparser::dialect::PostgreSqlDialect;
use sqlparser::keywords::Keyword;
use sqlparser::tokenizer::{
    Location, Span as TokenSpan, Token, TokenWithSpan, Tokenizer, Whitespace,
};

/// The tokens of a text without blanks and comments. Locations are byte offsets: line 1, column
/// offset + 1.
pub(super) fn tokenize(text: &str) -> Result<Vec<TokenWithSpan>> {
    if text.len() > budget::MAX_TEXT {
        return Err(Diagnostic::error(
            sqlstate::STATEMENT_TOO_COMPLEX,
            format!(
                "the text is {} bytes long, more than the {} that are parsed at once",
                text.len(),
                budget::MAX_TEXT
            ),
        )
        .hint("Split the script, or import the rows as CSV."));
    }
    if let Some(at) = text.find('\0') {
        return Err(Diagnostic::error(
            sqlstate::SYNTAX_ERROR,
            "the text holds a NUL character, which SQL does not allow",
        )
        .at(Span::new(at as u32, at as u32 + 1)));
    }
    let mut raw = Vec::with_capacity(text.len() / 4);
    let dialect = PostgreSqlDialect {};
    let outcome = Tokenizer::new(&dialect, text).tokenize_with_location_into_buf(&mut raw);
    let mut cursor = Cursor::new(text);
    let mut tokens: Vec<TokenWithSpan> = Vec::with_capacity(raw.len() / 2 + 1);
    // A newline between two quoted strings makes them one.
    let mut newline = false;
    let mut read = 0;
    for token in raw {
        let start = cursor.offset(token.span.start);
        read = cursor.offset(token.span.end);
        let span = location_span(start, read);
        match token.token {
            Token::Whitespace(Whitespace::Newline | Whitespace::SingleLineComment { .. }) => {
                newline = true;
            }
            Token::Whitespace(_) => {}
            Token::SingleQuotedString(part) => {
                match tokens.last_mut() {
                    Some(TokenWithSpan {
                        token: Token::SingleQuotedString(before),
                        span: whole,
                    }) if newline => {
                        before.push_str(&part);
                        whole.end = span.end;
                    }
                    Some(TokenWithSpan {
                        token: Token::SingleQuotedString(_),
                        span: _,
                    }) => return Err(misplaced(text, start, read)),
                    _ => tokens.push(TokenWithSpan::new(Token::SingleQuotedString(part), span)),
                }
                newline = false;
            }
            // sqlparser takes it for `=`; PostgreSQL has no such operator.
            Token::DoubleEq => {
                return Err(Diagnostic::error(
                    sqlstate::UNDEFINED_FUNCTION,
                    "operator does not exist: ==",
                )
                .at(Span::new(start as u32, read as u32))
                .hint("Equality is written with one sign: =."));
            }
            token => {
                newline = false;
                tokens.push(TokenWithSpan::new(token, span));
            }
        }
    }
    if let Err(error) = outcome {
        // What does not end began behind the last whole token.
        return Err(unterminated(text, read, &error.message));
    }
    Ok(plain_locks(tokens))
}

/// Locks as sqlparser reads them: without KEY, which only says how strong they are, and each of
/// one table, `FOR UPDATE OF a, b` being two of them.
fn plain_locks(tokens: Vec<TokenWithSpan>) -> Vec<TokenWithSpan> {
    let keyword = |at: usize| match tokens.get(at).map(|it| &it.token) {
        Some(Token::Word(word)) => word.keyword,
        _ => Keyword::NoKeyword,
    };
    let strength = |at: usize| match (keyword(at + 1), keyword(at + 2), keyword(at + 3)) {
        (Keyword::UPDATE | Keyword::SHARE, ..) => Some(at + 1),
        (Keyword::KEY, Keyword::SHARE, _) => Some(at + 2),
        (Keyword::NO, Keyword::KEY, Keyword::UPDATE) => Some(at + 3),
        _ => None,
    };
    if !(0..tokens.len()).any(|at| keyword(at) == Keyword::FOR && strength(at).is_some()) {
        return tokens;
    }
    let mut out = Vec::with_capacity(tokens.len() + 3);
    let mut at = 0;
    // The lock whose tables are being listed: FOR, its strength, OF.
    let mut lock: Option<[usize; 3]> = None;
    while let Some(token) = tokens.get(at) {
        let strength = strength(at).filter(|_| keyword(at) == Keyword::FOR);
        match (strength, lock) {
            (Some(strength), _) => {
                lock =
                    (keyword(strength + 1) == Keyword::OF).then_some([at, strength, strength + 1]);
                out.extend(
                    [at, strength]
                        .iter()
                        .filter_map(|at| tokens.get(*at))
                        .cloned(),
                );
                at = strength;
            }
            (None, Some(again)) if token.token == Token::Comma => {
                out.extend(again.iter().filter_map(|at| tokens.get(*at)).cloned());
            }
            (None, _) => {
                // The list ends with the query.
                lock = lock.filter(|_| matches!(token.token, Token::Word(_)));
                out.push(token.clone());
            }
        }
        at += 1;
    }
    out
}

/// A second string on the line of the first: only a newline makes them one.
fn misplaced(text: &str, start: usize, end: usize) -> Box<Diagnostic> {
    let near = text.get(start..end).unwrap_or_default();
    Diagnostic::error(
        sqlstate::SYNTAX_ERROR,
        format!("syntax error at or near \"{near}\""),
    )
    .at(Span::new(start as u32, end as u32))
}

/// The unquoted words of a text, keywords and names, and an empty one for every other token; none
/// where the text does not fall into tokens.
pub fn words(text: &str) -> Vec<String> {
    let tokens = tokenize(text).unwrap_or_default();
    let word = |token: TokenWithSpan| match token.token {
        Token::Word(word) if word.quote_style.is_none() => word.value,
        _ => String::new(),
    };
    tokens.into_iter().map(word).collect()
}

/// PostgreSQL's words for text that does not even fall into tokens.
fn unterminated(text: &str, start: usize, message: &str) -> Box<Diagnostic> {
    let near = text.get(start..).unwrap_or("");
    let lower = message.to_ascii_lowercase();
    let what = if lower.contains("comment") {
        "unterminated /* comment"
    } else if lower.contains("close delimiter") {
        "unterminated quoted identifier"
    } else if lower.contains("dollar") {
        "unterminated dollar-quoted string"
    } else if lower.contains("string literal") || lower.contains("unterminated") {
        "unterminated quoted string"
    } else {
        "syntax error"
    };
    let shown: String = near.chars().take(60).collect();
    Diagnostic::error(
        sqlstate::SYNTAX_ERROR,
        format!("{what} at or near \"{shown}\""),
    )
    .at(Span::new(start as u32, text.len() as u32))
}

/// The bytes of a span; `None` for the empty span of nodes that have none.
pub fn span_of(span: TokenSpan) -> Option<Span> {
    let start = span.start.column.checked_sub(1)?;
    let end = span.end.column.checked_sub(1)?;
    Some(Span::new(
        u32::try_from(start).ok()?,
        u32::try_from(end).ok()?,
    ))
}

/// A span in a text that starts so many bytes later.
pub(super) fn moved_back(span: TokenSpan, bytes: u32) -> TokenSpan {
    let moved = |location: Location| Location {
        line: location.line,
        column: location.column.saturating_sub(u64::from(bytes)),
    };
    TokenSpan {
        start: moved(span.start),
        end: moved(span.end),
    }
}

fn location_span(start: usize, end: usize) -> TokenSpan {
    let at = |offset: usize| Location {
        line: 1,
        column: offset as u64 + 1,
    };
    TokenSpan {
        start: at(start),
        end: at(end),
    }
}

/// Turns rising line and column numbers into byte offsets in one walk over the text.
struct Cursor<'a> {
    rest: std::str::Chars<'a>,
    length: usize,
    line: u64,
    column: u64,
}

impl<'a> Cursor<'a> {
    fn new(text: &'a str) -> Self {
        Self {
            rest: text.chars(),
            length: text.len(),
            line: 1,
            column: 1,
        }
    }

    fn offset(&mut self, target: Location) -> usize {
        while (self.line, self.column) < (target.line, target.column) {
            match self.rest.next() {
                Some('\n') => {
                    self.line += 1;
                    self.column = 1;
                }
                Some(_) => self.column += 1,
                None => break,
            }
        }
        self.length - self.rest.as_str().len()
    }
}
