//! From text to statements.

use super::adapt::adapt;
use super::budget;
use super::literal_rows::{put_back, take_rows};
use super::tokens::{moved_back, span_of, tokenize};
use crate::base::diagnostic::sqlstate;
use crate::base::{Diagnostic, Result, Span};
use sqlparser::ast::{Expr, Query, Statement};
use sqlparser::dialect::PostgreSqlDialect;
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::{Token, TokenWithSpan};

/// A statement and the text it was read from.
#[derive(Clone, Debug)]
pub struct Parsed {
    /// The tree; its positions are byte offsets into the whole text (see [`super::span_of`]).
    pub statement: Statement,
    /// From its first token to its last, without the semicolon.
    pub span: Span,
}

/// A statement of a script that is cut out and not parsed yet.
#[derive(Clone, Debug)]
pub struct Piece {
    /// From its first token to its last in the script, without the semicolon.
    pub span: Span,
    /// Their positions count from the statement's start.
    tokens: Vec<TokenWithSpan>,
}

impl Piece {
    /// Parses the statement, whose own text is given.
    ///
    /// # Errors
    /// As [`parse`], with places in that text.
    pub fn parse(self, text: &str) -> Result<Statement> {
        statement(text, self.tokens)
    }
}

/// Parses a script: statements with semicolons between them. Empty statements are passed over;
/// a text without any gives an empty list.
///
/// # Errors
/// The first syntax error, in PostgreSQL's words and at the offending token, or a text beyond
/// the budgets.
pub fn parse(text: &str) -> Result<Vec<Parsed>> {
    let mut parsed = Vec::new();
    for tokens in statements(tokenize(text)?) {
        let span = whole(&tokens);
        let statement = statement(text, tokens)?;
        parsed.push(Parsed { statement, span });
    }
    Ok(parsed)
}

/// Cuts a script into its statements, also when some of them do not parse.
///
/// # Errors
/// A text that does not fall into tokens, or is beyond the budgets.
pub fn split(text: &str) -> Result<Vec<Piece>> {
    let pieces = statements(tokenize(text)?).into_iter().map(|mut tokens| {
        let span = whole(&tokens);
        for token in &mut tokens {
            token.span = moved_back(token.span, span.start);
        }
        Piece { span, tokens }
    });
    Ok(pieces.collect())
}

fn statement(text: &str, mut tokens: Vec<TokenWithSpan>) -> Result<Statement> {
    let rows = take_rows(&mut tokens);
    let mut statement = run(text, tokens, |parser| parser.parse_statement())?;
    put_back(&mut statement, rows);
    Ok(statement)
}

/// Parses one query, as it is kept for a view.
///
/// # Errors
/// As [`parse`].
pub fn parse_query(text: &str) -> Result<Box<Query>> {
    run(text, tokenize(text)?, |parser| parser.parse_query())
}

/// Parses one expression, as it is kept for a default or a check.
///
/// # Errors
/// As [`parse`].
pub fn parse_expression(text: &str) -> Result<Expr> {
    run(text, tokenize(text)?, |parser| parser.parse_expr())
}

/// Cuts tokens at semicolons; parts without tokens are dropped.
fn statements(mut tokens: Vec<TokenWithSpan>) -> Vec<Vec<TokenWithSpan>> {
    while tokens
        .pop_if(|last| last.token == Token::SemiColon)
        .is_some()
    {}
    let several = tokens.iter().any(|token| token.token == Token::SemiColon);
    if !several && !tokens.is_empty() {
        return vec![tokens];
    }
    let mut parts = Vec::new();
    let mut part = Vec::new();
    for token in tokens {
        if token.token == Token::SemiColon {
            if !part.is_empty() {
                parts.push(std::mem::take(&mut part));
            }
        } else {
            part.push(token);
        }
    }
    if !part.is_empty() {
        parts.push(part);
    }
    parts
}

fn whole(tokens: &[TokenWithSpan]) -> Span {
    let first = tokens.first().and_then(|token| span_of(token.span));
    let last = tokens.last().and_then(|token| span_of(token.span));
    match (first, last) {
        (Some(first), Some(last)) => first.to(last),
        _ => Span::default(),
    }
}

/// Runs the parser over one statement's tokens and expects their end behind it.
fn run<T>(
    text: &str,
    mut tokens: Vec<TokenWithSpan>,
    parse: impl FnOnce(&mut Parser<'_>) -> std::result::Result<T, ParserError>,
) -> Result<T> {
    budget::check(&tokens, |token| span_of(token.span))?;
    if let Some(token) = tokens.iter().find(|token| token.token == Token::DoubleEq) {
        // The parser takes it for `=`; PostgreSQL takes it for an operator that is not there.
        return Err(
            Diagnostic::error(sqlstate::UNDEFINED_FUNCTION, "operator does not exist: ==")
                .at(span_of(token.span))
                .hint("Write = to compare."),
        );
    }
    adapt(&mut tokens);
    let dialect = PostgreSqlDialect {};
    let mut parser = Parser::new(&dialect)
        .with_recursion_limit(budget::MAX_RECURSION)
        .with_tokens_with_locations(tokens);
    let outcome = parse(&mut parser);
    let next = parser.peek_token();
    match outcome {
        Ok(tree) if next.token == Token::EOF => Ok(tree),
        Ok(_) => Err(syntax_error(text, span_of(next.span))),
        Err(ParserError::RecursionLimitExceeded) => Err(budget::too_complex(span_of(next.span))),
        Err(ParserError::ParserError(message) | ParserError::TokenizerError(message)) => {
            Err(match located(&message) {
                Some(offset) => syntax_error(text, token_at(text, offset)),
                None if message.contains("found: EOF") => syntax_error(text, None),
                None => syntax_error(text, span_of(next.span)),
            })
        }
    }
}

/// The byte offset that sqlparser's message ends with.
fn located(message: &str) -> Option<u32> {
    let (_, column) = message.rsplit_once("Line: 1, Column: ")?;
    column.trim().parse::<u32>().ok()?.checked_sub(1)
}

/// The token of the text that starts at an offset.
fn token_at(text: &str, offset: u32) -> Option<Span> {
    tokenize(text)
        .ok()?
        .iter()
        .filter_map(|token| span_of(token.span))
        .find(|span| span.start == offset)
}

fn syntax_error(text: &str, span: Option<Span>) -> Box<Diagnostic> {
    let near = span.and_then(|span| text.get(span.start as usize..span.end as usize));
    match near {
        Some(near) if !near.is_empty() => Diagnostic::error(
            sqlstate::SYNTAX_ERROR,
            format!("syntax error at or near \"{near}\""),
        )
        .at(span),
        _ => {
            let end = text.trim_end().len() as u32;
            Diagnostic::error(sqlstate::SYNTAX_ERROR, "syntax error at end of input")
                .at(Span::new(end, text.len().max(end as usize) as u32))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> (String, String) {
        match parse(text) {
            Ok(_) => (String::from("parsed"), String::new()),
            Err(diagnostic) => {
                let near = diagnostic
                    .span
                    .and_then(|span| text.get(span.start as usize..span.end as usize))
                    .unwrap_or("")
                    .to_string();
                (diagnostic.message, near)
            }
        }
    }

    #[test]
    fn syntax_errors_name_the_offending_token() {
        assert_eq!(
            error("SELECT 'é' AS x FRM y"),
            ("syntax error at or near \"FRM\"".into(), "FRM".into())
        );
        assert_eq!(error("SELECT (1").0, "syntax error at end of input");
        assert_eq!(
            error("SELECT 1;\n SELEC 2"),
            ("syntax error at or near \"SELEC\"".into(), "SELEC".into())
        );
        assert_eq!(error("SELECT 1 WHERE )").0, "syntax error at or near \")\"");
    }

    #[test]
    fn unbalanced_quotes_are_named() {
        assert_eq!(
            error("SELECT 'abc").0,
            "unterminated quoted string at or near \"'abc\""
        );
        assert_eq!(
            error("SELECT \"abc").0,
            "unterminated quoted identifier at or near \"\"abc\""
        );
        assert_eq!(
            error("SELECT 1 /* abc").0,
            "unterminated /* comment at or near \"/* abc\""
        );
    }

    #[test]
    fn hostile_text_gets_a_message() {
        assert_eq!(parse("").map(|all| all.len()).ok(), Some(0));
        assert_eq!(parse(" ; ;; -- x\n").map(|all| all.len()).ok(), Some(0));
        assert!(error("SELECT \0").0.contains("NUL"));
        let deep = format!("SELECT {}1{}", "(".repeat(100_000), ")".repeat(100_000));
        assert_eq!(error(&deep).0, "stack depth limit exceeded");
        let long = format!("SELECT 1 WHERE {}", vec!["1 = 1"; 100_000].join(" OR "));
        assert_eq!(error(&long).0, "stack depth limit exceeded");
        let minus = format!("SELECT {}1", "- ".repeat(100_000));
        assert_eq!(error(&minus).0, "stack depth limit exceeded");
        let not = format!("SELECT {}true", "NOT ".repeat(1_500));
        assert_eq!(error(&not).0, "stack depth limit exceeded");
        let list = format!("SELECT 1 WHERE 1 IN ({})", vec!["1"; 100_000].join(","));
        assert!(parse(&list).is_ok());
        let nested = format!("SELECT {}1{}", "(".repeat(90), ")".repeat(90));
        assert!(parse(&nested).is_ok());
        assert!(
            error("SELECT * FROM ((((((((((((((((((((((((((((((((a")
                .0
                .contains("syntax error")
        );
    }

    #[test]
    fn statements_have_their_own_spans() {
        let text = "SELECT 1 ;; SELECT ';' -- ;\n; SELECT 3";
        let pieces = split(text).expect("falls into tokens");
        let own = |piece: &Piece| text.get(piece.span.start as usize..piece.span.end as usize);
        let texts: Vec<&str> = pieces.iter().filter_map(own).collect();
        assert_eq!(texts, ["SELECT 1", "SELECT ';'", "SELECT 3"]);
        for (piece, text) in pieces.into_iter().zip(texts) {
            let alone = parse(text).expect("parses").remove(0).statement;
            let cut = piece.parse(text).expect("parses");
            assert_eq!(format!("{cut:?}"), format!("{alone:?}"));
        }
    }

    #[test]
    fn strings_on_two_lines_are_one() {
        let parsed = parse("SELECT 'a'\n 'b'").expect("parses");
        assert!(format!("{}", parsed[0].statement).contains("'ab'"));
    }

    #[test]
    fn frame_exclusion_parses() {
        assert!(
            parse("SELECT sum(x) OVER (w ROWS CURRENT ROW EXCLUDE TIES) FROM t WINDOW w AS (ORDER BY x)")
                .is_ok()
        );
    }
}
