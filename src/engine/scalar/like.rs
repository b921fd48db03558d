//! LIKE patterns.

use super::pattern::Case;
use crate::base::diagnostic::sqlstate;
use crate::base::{Diagnostic, Result};

/// A LIKE pattern, prepared.
#[derive(Debug)]
pub struct Like {
    shape: Shape,
    case: Case,
}

#[derive(Debug)]
enum Shape {
    /// `abc`
    Equal(String),
    /// `abc%`
    Prefix(String),
    /// `%abc`
    Suffix(String),
    /// `%abc%`
    Infix(String),
    /// Everything else.
    Tokens(Vec<Token>),
    /// The pattern ends in the escape character: an error once a text reaches it.
    Unfinished(Vec<Token>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token {
    Literal(char),
    /// `_`
    One,
    /// `%`
    Any,
    /// An escape character without anything behind it.
    Broken,
}

impl Like {
    /// Prepares a pattern whose escape character is the backslash.
    pub fn new(pattern: &str, case: Case) -> Result<Self> {
        let folded = match case {
            Case::Sensitive => pattern.to_owned(),
            Case::Insensitive => pattern.to_lowercase(),
        };
        let mut tokens = Vec::new();
        let mut characters = folded.chars();
        let mut broken = false;
        while let Some(c) = characters.next() {
            tokens.push(match c {
                '%' if tokens.last() == Some(&Token::Any) => continue,
                '%' => Token::Any,
                '_' => Token::One,
                '\\' => match characters.next() {
                    Some(next) => Token::Literal(next),
                    None => {
                        broken = true;
                        Token::Broken
                    }
                },
                c => Token::Literal(c),
            });
        }
        let shape = if broken {
            Shape::Unfinished(tokens)
        } else {
            Shape::of(tokens)
        };
        Ok(Self { shape, case })
    }

    /// Whether a text matches. Fails when the match reaches an escape character that ends the
    /// pattern.
    pub fn matches(&self, text: &str) -> Result<bool> {
        let folded;
        let text = match self.case {
            Case::Sensitive => text,
            Case::Insensitive => {
                folded = text.to_lowercase();
                &folded
            }
        };
        Ok(match &self.shape {
            Shape::Equal(literal) => text == literal,
            Shape::Prefix(literal) => text.starts_with(literal),
            Shape::Suffix(literal) => text.ends_with(literal),
            Shape::Infix(literal) => text.contains(literal),
            Shape::Tokens(tokens) | Shape::Unfinished(tokens) => return walk(tokens, text),
        })
    }
}

impl Shape {
    fn of(tokens: Vec<Token>) -> Self {
        let literal = |tokens: &[Token]| {
            tokens
                .iter()
                .map(|token| match token {
                    Token::Literal(c) => Some(*c),
                    Token::One | Token::Any | Token::Broken => None,
                })
                .collect::<Option<String>>()
        };
        let shape = match tokens.as_slice() {
            [Token::Any, middle @ .., Token::Any] => literal(middle).map(Self::Infix),
            [Token::Any, rest @ ..] => literal(rest).map(Self::Suffix),
            [rest @ .., Token::Any] => literal(rest).map(Self::Prefix),
            all => literal(all).map(Self::Equal),
        };
        shape.unwrap_or(Self::Tokens(tokens))
    }
}

/// Greedy matching that returns to the last `%`: linear for usual patterns, never exponential.
fn walk(tokens: &[Token], text: &str) -> Result<bool> {
    let (mut at, mut rest) = (0, text);
    let mut retry: Option<(usize, &str)> = None;
    loop {
        let token = tokens.get(at).copied();
        let mut characters = rest.chars();
        let next = characters.next();
        match (token, next) {
            (None, None) => return Ok(true),
            (Some(Token::Any), _) => {
                at += 1;
                if at == tokens.len() {
                    return Ok(true);
                }
                retry = Some((at, rest));
                continue;
            }
            (Some(Token::Broken), Some(_)) => {
                return Err(Diagnostic::error(
                    sqlstate::INVALID_ESCAPE_SEQUENCE,
                    "LIKE pattern must not end with escape character",
                ));
            }
            (Some(Token::One), Some(_)) => {
                at += 1;
                rest = characters.as_str();
                continue;
            }
            (Some(Token::Literal(wanted)), Some(c)) if wanted == c => {
                at += 1;
                rest = characters.as_str();
                continue;
            }
            (Some(Token::Literal(_) | Token::One | Token::Broken), _) | (None, Some(_)) => {}
        }
        let Some((after, from)) = retry else {
            return Ok(false);
        };
        let mut characters = from.chars();
        if characters.next().is_none() {
            return Ok(false);
        }
        (at, rest) = (after, characters.as_str());
        retry = Some((after, rest));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(text: &str, pattern: &str, case: Case) -> bool {
        Like::new(pattern, case)
            .and_then(|like| like.matches(text))
            .unwrap_or(false)
    }

    /// Answers are PostgreSQL 15's.
    #[test]
    fn patterns_match_whole_texts() {
        for (text, pattern, expected) in [
            ("abc", "abc", true),
            ("abc", "ab", false),
            ("abc", "a%", true),
            ("abc", "%c", true),
            ("abc", "%b%", true),
            ("abc", "a_c", true),
            ("abc", "a%b%c", true),
            ("abcabd", "%ab_", true),
            ("", "%", true),
            ("", "_", false),
            ("a%c", "a\\%c", true),
            ("abc", "a\\%c", false),
            ("né", "n_", true),
            ("mississippi", "%is%ip%", true),
            ("mississippi", "m%is_ip%", true),
            ("mississippi", "%ss_s%p", false),
        ] {
            assert_eq!(
                matches(text, pattern, Case::Sensitive),
                expected,
                "{text} LIKE {pattern}"
            );
        }
        assert!(matches("ÀBC", "àb%", Case::Insensitive));
        assert!(
            Like::new("ab\\", Case::Sensitive)
                .and_then(|l| l.matches("abc"))
                .is_err()
        );
    }
}
