//! Limits that hold before the recursive parser starts.
//!
//! sqlparser builds `a OR b OR c ...` as a tree that is as deep as the chain is long, and walks
//! and drops it by recursion; so both nesting and chains are bounded while they are still a flat
//! list of tokens.

use crate::base::diagnostic::sqlstate;
use crate::base::{Diagnostic, Result, Span};
use sqlparser::keywords::Keyword;
use sqlparser::tokenizer::{Token, TokenWithSpan};

/// The longest text that is parsed, in bytes.
pub(super) const MAX_TEXT: usize = 8 << 20;
/// How deep parentheses, brackets and CASE may nest.
pub(super) const MAX_NESTING: usize = 96;
/// How many operators may follow each other within one list item.
pub(super) const MAX_CHAIN: usize = 2_000;
/// The parser's own count of recursive calls; a little more than nesting needs.
pub(super) const MAX_RECURSION: usize = 320;

/// The error for statements beyond the limits.
pub(super) fn too_complex(span: Option<Span>) -> Box<Diagnostic> {
    Diagnostic::error(sqlstate::STATEMENT_TOO_COMPLEX, "stack depth limit exceeded")
        .at(span)
        .hint(format!(
            "A statement may nest {MAX_NESTING} levels deep and chain {MAX_CHAIN} operators; a long OR of comparisons can be written as IN (...)."
        ))
}

/// Checks nesting and chains of one statement's tokens.
pub(super) fn check(
    tokens: &[TokenWithSpan],
    span: impl Fn(&TokenWithSpan) -> Option<Span>,
) -> Result<()> {
    // One count of operators for each open parenthesis.
    let mut levels: Vec<usize> = vec![0];
    // Signs and NOTs in a row, and joins whose condition has not come yet: the parser descends
    // for each of them.
    let (mut prefixes, mut joins) = (0_usize, 0_usize);
    for token in tokens {
        match &token.token {
            Token::Plus | Token::Minus | Token::Tilde | Token::AtSign => prefixes += 1,
            Token::Word(word) if word.keyword == Keyword::NOT => prefixes += 1,
            _ => prefixes = 0,
        }
        match &token.token {
            Token::Word(word) if word.keyword == Keyword::JOIN => joins += 1,
            Token::Word(word) if matches!(word.keyword, Keyword::ON | Keyword::USING) => {
                joins = joins.saturating_sub(1);
            }
            Token::Word(word) if matches!(word.keyword, Keyword::CROSS | Keyword::NATURAL) => {
                joins = joins.saturating_sub(1);
            }
            _ => {}
        }
        if prefixes > MAX_NESTING || joins > MAX_NESTING {
            return Err(too_complex(span(token)));
        }
        match &token.token {
            Token::LParen | Token::LBracket | Token::LBrace => levels.push(0),
            Token::RParen | Token::RBracket | Token::RBrace => {
                levels.pop();
                if levels.is_empty() {
                    levels.push(0);
                }
            }
            Token::Comma | Token::SemiColon => {
                if let Some(chain) = levels.last_mut() {
                    *chain = 0;
                }
            }
            Token::Word(word) if word.keyword == Keyword::CASE => levels.push(0),
            Token::Word(word) if word.keyword == Keyword::END && levels.len() > 1 => {
                levels.pop();
            }
            other if extends_chain(other) => {
                if let Some(chain) = levels.last_mut() {
                    *chain += 1;
                    if *chain > MAX_CHAIN {
                        return Err(too_complex(span(token)));
                    }
                }
            }
            _ => {}
        }
        if levels.len() > MAX_NESTING {
            return Err(too_complex(span(token)));
        }
    }
    Ok(())
}

/// Whether a token makes the tree one level deeper where it stands.
fn extends_chain(token: &Token) -> bool {
    match token {
        Token::Word(word) => matches!(
            word.keyword,
            Keyword::AND
                | Keyword::OR
                | Keyword::NOT
                | Keyword::IS
                | Keyword::NOTNULL
                | Keyword::IN
                | Keyword::LIKE
                | Keyword::ILIKE
                | Keyword::SIMILAR
                | Keyword::BETWEEN
                | Keyword::COLLATE
                | Keyword::AT
                | Keyword::UNION
                | Keyword::INTERSECT
                | Keyword::EXCEPT
                | Keyword::JOIN
                | Keyword::OPERATOR
        ),
        Token::Number(..)
        | Token::SingleQuotedString(_)
        | Token::Period
        | Token::Placeholder(_)
        | Token::Whitespace(_)
        | Token::EOF => false,
        _ => true,
    }
}
