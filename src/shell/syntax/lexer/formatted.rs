//! Formatted strings: their text, and the code inside their braces.

use super::{Lexer, is_name_part};
use crate::base::{Result, Span};
use crate::shell::syntax::ast::Conversion;
use crate::shell::syntax::token::{FormattedPart, Token, TokenKind};
use crate::shell::syntax::{not_supported, syntax_error};
use std::rc::Rc;

impl Lexer<'_> {
    pub(super) fn formatted_string(
        &mut self,
        start: u32,
        quote: &str,
        raw: bool,
    ) -> Result<Vec<FormattedPart>> {
        let mut parts = Vec::new();
        let mut value = String::new();
        loop {
            if self.rest().starts_with(quote) {
                self.at += quote.len();
                break;
            }
            let Some(c) = self.character(start, quote, "f-string")? else {
                continue;
            };
            match c {
                '{' if self.rest().starts_with("{{") => {
                    value.push('{');
                    self.at += 2;
                }
                '}' if self.rest().starts_with("}}") => {
                    value.push('}');
                    self.at += 2;
                }
                '{' => {
                    flush(&mut value, &mut parts);
                    parts.push(self.replacement(start, quote, raw, 0)?);
                }
                '}' => {
                    let message = "f-string: single '}' is not allowed";
                    return Err(syntax_error(self.here(), message));
                }
                '\\' => self.formatted_escape(&mut value, raw)?,
                c => {
                    value.push(c);
                    self.at += c.len_utf8();
                }
            }
        }
        flush(&mut value, &mut parts);
        Ok(parts)
    }

    /// A backslash in an f-string: it never hides a brace.
    pub(super) fn formatted_escape(&mut self, value: &mut String, raw: bool) -> Result<()> {
        self.at += 1;
        if raw || self.rest().starts_with(['{', '}']) {
            value.push('\\');
            if raw && !self.rest().starts_with(['{', '}']) {
                self.raw_escape(value);
            }
            return Ok(());
        }
        self.escape(value)
    }

    /// From `{` to its `}`.
    pub(super) fn replacement(
        &mut self,
        start: u32,
        quote: &str,
        raw: bool,
        depth: usize,
    ) -> Result<FormattedPart> {
        let open = self.position();
        self.at += 1;
        let outer = std::mem::take(&mut self.tokens);
        let brackets = std::mem::take(&mut self.brackets);
        let stop = self.replacement_tokens(start, quote);
        let mut tokens = std::mem::replace(&mut self.tokens, outer);
        self.brackets = brackets;
        let mut stop = stop?;
        let mut label = None;
        let equals = matches!(
            tokens.last().map(|token| &token.kind),
            Some(TokenKind::Operator("="))
        );
        if equals {
            tokens.pop();
            let written = self.text.get(open as usize + 1..self.at - 1).unwrap_or("");
            label = Some(Rc::from(written));
        }
        if tokens.is_empty() {
            let found = match stop {
                Stop::Brace => "}",
                Stop::Conversion => "!",
                Stop::Format => ":",
            };
            let message = format!("f-string: valid expression required before '{found}'");
            return Err(syntax_error(self.since(open), message));
        }
        let end = Span::new(self.position() - 1, self.position());
        tokens.push(Token {
            kind: TokenKind::End,
            span: end,
        });
        let mut conversion = None;
        if matches!(stop, Stop::Conversion) {
            conversion = Some(self.conversion()?);
            stop = match self.peek() {
                Some('}') => Stop::Brace,
                Some(':') => Stop::Format,
                _ => {
                    let message = "f-string: expecting ':' or '}'";
                    return Err(syntax_error(self.here(), message));
                }
            };
            self.at += 1;
        }
        let format = match stop {
            Stop::Format => Some(self.format_specification(start, quote, raw, depth)?),
            Stop::Brace | Stop::Conversion => None,
        };
        Ok(FormattedPart::Replacement {
            span: self.since(open),
            tokens,
            label,
            conversion,
            format,
        })
    }

    /// The tokens up to `}`, `!` or `:` outside of inner brackets, which is read as well.
    fn replacement_tokens(&mut self, start: u32, quote: &str) -> Result<Stop> {
        loop {
            self.spaces()?;
            let Some(c) = self.peek() else {
                let single = quote.len() == 1;
                return Err(match self.brackets.last() {
                    Some((open, at)) => {
                        syntax_error(Span::new(*at, at + 1), format!("'{open}' was never closed"))
                    }
                    None => self.unterminated(start, single, "f-string"),
                });
            };
            let top = self.brackets.is_empty();
            match c {
                '#' => self.skip_comment(),
                '\n' | '\r' => {
                    self.line_end();
                }
                '}' if top => {
                    self.at += 1;
                    return Ok(Stop::Brace);
                }
                ':' if top => {
                    self.at += 1;
                    return Ok(Stop::Format);
                }
                '!' if top && !self.rest().starts_with("!=") => {
                    self.at += 1;
                    return Ok(Stop::Conversion);
                }
                // Either a string inside, or the end of this one where `}` is missing.
                _ if top && quote.len() == 1 && self.rest().starts_with(quote) => {
                    let span = self.here();
                    if self.token(c).is_err() {
                        return Err(syntax_error(span, "f-string: expecting '}'"));
                    }
                }
                _ => self.token(c)?,
            }
        }
    }

    pub(super) fn conversion(&mut self) -> Result<Conversion> {
        let rest = self.rest();
        let length = rest.find(|c| !is_name_part(c)).unwrap_or(rest.len());
        let word = rest.get(..length).unwrap_or("");
        let conversion = match word {
            "s" => Conversion::Str,
            "r" => Conversion::Repr,
            "a" => Conversion::Ascii,
            "" => {
                return Err(syntax_error(
                    self.here(),
                    "f-string: missing conversion character",
                ));
            }
            other => {
                let message = format!(
                    "f-string: invalid conversion character '{other}': expected 's', 'r', or 'a'"
                );
                return Err(syntax_error(self.here(), message));
            }
        };
        self.at += length;
        let gap = self.rest().len() - self.rest().trim_start_matches([' ', '\t']).len();
        self.at += gap;
        Ok(conversion)
    }

    /// From just past `:` to the replacement's `}`, which is read as well.
    pub(super) fn format_specification(
        &mut self,
        start: u32,
        quote: &str,
        raw: bool,
        depth: usize,
    ) -> Result<Vec<FormattedPart>> {
        if depth >= 2 {
            let message = "f-string: expressions nested too deeply";
            return Err(syntax_error(self.here(), message));
        }
        let mut parts = Vec::new();
        let mut value = String::new();
        loop {
            if quote.len() == 1 && self.rest().starts_with(quote) {
                return Err(syntax_error(self.here(), "f-string: expecting '}'"));
            }
            if self.rest().starts_with("'''") || self.rest().starts_with("\"\"\"") {
                return Err(not_supported(
                    self.here(),
                    "quotes in a format specification",
                ));
            }
            let Some(c) = self.character(start, quote, "f-string")? else {
                continue;
            };
            match c {
                '{' => {
                    flush(&mut value, &mut parts);
                    parts.push(self.replacement(start, quote, raw, depth + 1)?);
                }
                '}' => {
                    self.at += 1;
                    flush(&mut value, &mut parts);
                    return Ok(parts);
                }
                '\\' => self.formatted_escape(&mut value, raw)?,
                c => {
                    value.push(c);
                    self.at += c.len_utf8();
                }
            }
        }
    }
}

fn flush(value: &mut String, parts: &mut Vec<FormattedPart>) {
    if !value.is_empty() {
        parts.push(FormattedPart::Text(std::mem::take(value).into()));
    }
}

/// What ends a run of tokens inside an f-string's braces.
enum Stop {
    Brace,
    Conversion,
    Format,
}
