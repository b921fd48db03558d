//! Names, attributes, calls and subscripts in a row, as `Order.objects.filter(..)[0].customer`.

use crate::shell::syntax::ast::Name;
use crate::shell::syntax::token::{Token, TokenKind};

/// A part of a chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Link {
    /// The name that it begins with.
    Name(Name),
    /// A text that it begins with.
    Text,
    /// `.name`
    Attribute(Name),
    /// `(..)`: the names of its keyword arguments.
    Call(Vec<Name>),
    /// `[..]`: whether it is a slice.
    Index(Subscript),
}

/// What stands in brackets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Subscript {
    /// One place.
    Item,
    /// A range of places.
    Slice,
}

/// The chain that ends with the last of the tokens; empty when they end otherwise.
pub(super) fn ending(tokens: &[Token]) -> Vec<Link> {
    let mut links = Vec::new();
    let mut end = tokens.len();
    while let Some(token) = end.checked_sub(1).and_then(|last| tokens.get(last)) {
        match &token.kind {
            TokenKind::Operator(")") | TokenKind::Operator("]") => {
                let Some(open) = opening(tokens, end - 1) else {
                    return Vec::new();
                };
                let inside = tokens.get(open + 1..end - 1).unwrap_or_default();
                let before = open.checked_sub(1).and_then(|it| tokens.get(it));
                // A bracket behind nothing callable is a group or a list.
                let follows = before.is_some_and(|it| {
                    matches!(
                        it.kind,
                        TokenKind::Name(_) | TokenKind::Operator(")") | TokenKind::Operator("]")
                    )
                });
                if !follows {
                    // `(Product.objects.filter(..))`: the group is what it holds.
                    if matches!(token.kind, TokenKind::Operator(")")) {
                        let mut inner = ending(inside);
                        links.reverse();
                        inner.append(&mut links);
                        return inner;
                    }
                    return Vec::new();
                }
                links.push(match token.kind {
                    TokenKind::Operator(")") => Link::Call(keywords(inside)),
                    _ => Link::Index(subscript(inside)),
                });
                end = open;
            }
            TokenKind::Name(name) => {
                let dotted = end
                    .checked_sub(2)
                    .and_then(|it| tokens.get(it))
                    .is_some_and(|it| matches!(it.kind, TokenKind::Operator(".")));
                if dotted {
                    links.push(Link::Attribute(name.clone()));
                    end -= 2;
                } else {
                    links.push(Link::Name(name.clone()));
                    links.reverse();
                    return links;
                }
            }
            TokenKind::Str(_) | TokenKind::FormattedString(_) => {
                links.push(Link::Text);
                links.reverse();
                return links;
            }
            TokenKind::Keyword(_)
            | TokenKind::Operator(_)
            | TokenKind::Int(_)
            | TokenKind::Float(_)
            | TokenKind::Foreign(_)
            | TokenKind::Newline
            | TokenKind::Indent
            | TokenKind::Dedent
            | TokenKind::End
            | TokenKind::Error(_) => return Vec::new(),
        }
    }
    Vec::new()
}

/// The chain that the tokens begin with.
pub(super) fn beginning(tokens: &[Token]) -> Vec<Link> {
    let mut end = 0;
    let mut depth = 0usize;
    for token in tokens {
        match token.kind {
            TokenKind::Operator("(" | "[" | "{") => depth += 1,
            TokenKind::Operator(")" | "]" | "}") => {
                if depth == 0 {
                    break;
                }
                depth -= 1;
            }
            TokenKind::Name(_) | TokenKind::Operator(".") | TokenKind::Str(_) => {}
            _ if depth > 0 => {}
            _ => break,
        }
        end += 1;
    }
    ending(tokens.get(..end).unwrap_or_default())
}

/// Where the bracket that closes at `close` was opened.
fn opening(tokens: &[Token], close: usize) -> Option<usize> {
    let mut depth = 0usize;
    for (place, token) in tokens.get(..=close)?.iter().enumerate().rev() {
        match token.kind {
            TokenKind::Operator(")" | "]" | "}") => depth += 1,
            TokenKind::Operator("(" | "[" | "{") => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(place);
                }
            }
            _ => {}
        }
    }
    None
}

/// The keyword arguments among a call's tokens.
fn keywords(tokens: &[Token]) -> Vec<Name> {
    let mut found = Vec::new();
    let mut depth = 0usize;
    let mut fresh = true;
    for pair in tokens.windows(2) {
        let [first, second] = pair else { continue };
        match &first.kind {
            TokenKind::Operator("(" | "[" | "{") => depth += 1,
            TokenKind::Operator(")" | "]" | "}") => depth = depth.saturating_sub(1),
            TokenKind::Name(name)
                if depth == 0 && fresh && matches!(second.kind, TokenKind::Operator("=")) =>
            {
                found.push(name.clone());
            }
            _ => {}
        }
        fresh = matches!(first.kind, TokenKind::Operator(",")) && depth == 0;
    }
    found
}

fn subscript(tokens: &[Token]) -> Subscript {
    let sliced = tokens
        .iter()
        .any(|token| matches!(token.kind, TokenKind::Operator(":")));
    if sliced {
        Subscript::Slice
    } else {
        Subscript::Item
    }
}
