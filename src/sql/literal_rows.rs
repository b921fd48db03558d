//! The rows of `INSERT INTO t VALUES (1, 'a'), (2, 'b'), ...`, read straight from the tokens.
//!
//! sqlparser tries a dozen readings of every literal before it takes it for one, which for many
//! rows is most of the time that loading them takes. Rows of plain literals behind the first are
//! taken out before it runs and put back into its tree, which is then the one it would have made.

use sqlparser::ast::helpers::attached_token::AttachedToken;
use sqlparser::ast::{Expr, Parens, SetExpr, Statement, UnaryOperator, Value};
use sqlparser::keywords::Keyword;
use sqlparser::tokenizer::{Token, TokenWithSpan};

/// A row of VALUES.
type Row = Parens<Vec<Expr>>;

/// Takes the rows behind the first one out of a statement's tokens; none when it is no such INSERT
/// or when one of them holds more than literals.
pub(super) fn take_rows(tokens: &mut Vec<TokenWithSpan>) -> Vec<Row> {
    let Some(start) = first_row(tokens).and_then(|first| end_of_row(tokens, first)) else {
        return Vec::new();
    };
    let mut rows = Vec::new();
    let mut at = start;
    while is(tokens, at, &Token::Comma) {
        let Some((row, next)) = literal_row(tokens, at + 1) else {
            return Vec::new();
        };
        rows.push(row);
        at = next;
    }
    tokens.drain(start..at);
    rows
}

/// Puts rows that were taken out behind the first one.
pub(super) fn put_back(statement: &mut Statement, rows: Vec<Row>) {
    if let Statement::Insert(insert) = statement
        && let Some(query) = &mut insert.source
        && let SetExpr::Values(values) = &mut *query.body
    {
        values.rows.extend(rows);
    }
}

/// Where the first row of `INSERT INTO a.b (c, d) VALUES` starts.
fn first_row(tokens: &[TokenWithSpan]) -> Option<usize> {
    let mut at = 2;
    if keyword(tokens, 0)? != Keyword::INSERT || keyword(tokens, 1)? != Keyword::INTO {
        return None;
    }
    at = name(tokens, at)?;
    while is(tokens, at, &Token::Period) {
        at = name(tokens, at + 1)?;
    }
    if is(tokens, at, &Token::LParen) {
        at = name(tokens, at + 1)?;
        while is(tokens, at, &Token::Comma) {
            at = name(tokens, at + 1)?;
        }
        if !is(tokens, at, &Token::RParen) {
            return None;
        }
        at += 1;
    }
    (keyword(tokens, at)? == Keyword::VALUES && is(tokens, at + 1, &Token::LParen))
        .then_some(at + 1)
}

/// Behind the parenthesis that closes the one at `open`.
fn end_of_row(tokens: &[TokenWithSpan], open: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate().skip(open) {
        match &token.token {
            Token::LParen => depth += 1,
            Token::RParen => depth = depth.checked_sub(1)?,
            _ => {}
        }
        if depth == 0 {
            return Some(at + 1);
        }
    }
    None
}

/// The row whose parenthesis opens at a place, and where it ends.
fn literal_row(tokens: &[TokenWithSpan], open: usize) -> Option<(Row, usize)> {
    let opening = tokens
        .get(open)
        .filter(|token| token.token == Token::LParen)?;
    let mut content = Vec::new();
    let mut at = open;
    loop {
        let (literal, next) = literal(tokens, at + 1)?;
        content.push(literal);
        at = next;
        let token = tokens.get(at)?;
        match &token.token {
            Token::Comma => {}
            Token::RParen => {
                let row = Parens {
                    opening_token: AttachedToken(opening.clone()),
                    content,
                    closing_token: AttachedToken(token.clone()),
                };
                return Some((row, at + 1));
            }
            _ => return None,
        }
    }
}

/// A number with or without a minus, a text, TRUE, FALSE or NULL, and where it ends.
fn literal(tokens: &[TokenWithSpan], at: usize) -> Option<(Expr, usize)> {
    let token = tokens.get(at)?;
    if token.token == Token::Minus {
        let number = tokens.get(at + 1)?;
        let Token::Number(digits, long) = &number.token else {
            return None;
        };
        let value = Value::Number(digits.clone(), *long).with_span(number.span);
        let negated = Expr::UnaryOp {
            op: UnaryOperator::Minus,
            expr: Box::new(Expr::Value(value)),
        };
        return Some((negated, at + 2));
    }
    let value = match &token.token {
        Token::Number(digits, long) => Value::Number(digits.clone(), *long),
        Token::SingleQuotedString(text) => Value::SingleQuotedString(text.clone()),
        Token::Word(word) if word.quote_style.is_none() => match word.keyword {
            Keyword::TRUE => Value::Boolean(true),
            Keyword::FALSE => Value::Boolean(false),
            Keyword::NULL => Value::Null,
            _ => return None,
        },
        _ => return None,
    };
    Some((Expr::Value(value.with_span(token.span)), at + 1))
}

fn name(tokens: &[TokenWithSpan], at: usize) -> Option<usize> {
    match &tokens.get(at)?.token {
        Token::Word(_) => Some(at + 1),
        _ => None,
    }
}

fn keyword(tokens: &[TokenWithSpan], at: usize) -> Option<Keyword> {
    match &tokens.get(at)?.token {
        Token::Word(word) if word.quote_style.is_none() => Some(word.keyword),
        _ => None,
    }
}

fn is(tokens: &[TokenWithSpan], at: usize, wanted: &Token) -> bool {
    tokens.get(at).is_some_and(|token| token.token == *wanted)
}

#[cfg(test)]
mod tests {
    use super::super::tokens::tokenize;
    use super::*;
    use sqlparser::dialect::PostgreSqlDialect;
    use sqlparser::parser::Parser;

    fn parsed(tokens: Vec<TokenWithSpan>) -> Statement {
        let dialect = PostgreSqlDialect {};
        let mut parser = Parser::new(&dialect).with_tokens_with_locations(tokens);
        parser.parse_statement().expect("parses")
    }

    /// How many rows are taken out; the tree must be the parser's own, places included.
    fn taken(text: &str) -> usize {
        let mut tokens = tokenize(text).expect("falls into tokens");
        let whole = parsed(tokens.clone());
        let rows = take_rows(&mut tokens);
        let count = rows.len();
        let mut statement = parsed(tokens);
        put_back(&mut statement, rows);
        assert_eq!(format!("{statement:?}"), format!("{whole:?}"), "{text}");
        count
    }

    #[test]
    fn literal_rows_make_the_tree_that_the_parser_makes() {
        assert_eq!(taken("INSERT INTO t VALUES (1), (2), (3)"), 2);
        assert_eq!(
            taken(
                "insert into s.t (a, \"B\") values (1 + 1, now()), (-2.5, 'it''s'), (1e3, NULL),
                 (TRUE, false) ON CONFLICT (a) DO NOTHING RETURNING a"
            ),
            3
        );
        assert_eq!(taken("INSERT INTO t (a) VALUES (1), ('x'), (2) LIMIT 2"), 2);
        assert_eq!(taken("INSERT INTO t DEFAULT VALUES"), 0);
    }

    #[test]
    fn rows_with_more_than_literals_are_left_to_the_parser() {
        for text in [
            "INSERT INTO t VALUES (1), (1 + 1)",
            "INSERT INTO t VALUES (1), (DEFAULT)",
            "INSERT INTO t VALUES (1), ('2024-01-01'::date)",
            "INSERT INTO t VALUES (1), (DATE '2024-01-01')",
            "INSERT INTO t VALUES (1), (- -1)",
            "INSERT INTO t SELECT 1 UNION ALL VALUES (2), (3)",
            "WITH x AS (SELECT 1) INSERT INTO t VALUES (1), (2)",
            "VALUES (1), (2)",
        ] {
            assert_eq!(taken(text), 0, "{text}");
        }
    }
}
