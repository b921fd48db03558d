//! From text to tokens: lines, indentation, brackets, numbers and strings.

use super::ast::Name;
use super::token::{KEYWORDS, OPERATORS, Token, TokenKind};
use super::{indentation_error, literal, syntax_error};
use crate::base::{Result, Span};
use std::collections::HashSet;

mod formatted;

/// How deep blocks may nest.
const MAX_INDENTS: usize = 100;
/// How deep brackets may nest.
const MAX_BRACKETS: usize = 200;
/// How deep f-strings may nest in each other.
const MAX_FORMATTED: usize = 20;

/// The tokens of a text, an `End` last. Where the text is no Python, the last but one is an
/// `Error`.
pub fn tokenize(text: &str) -> Vec<Token> {
    let mut lexer = Lexer {
        text,
        at: 0,
        tokens: Vec::new(),
        brackets: Vec::new(),
        indents: vec![Indent::default()],
        formatted: 0,
        names: HashSet::new(),
    };
    if let Err(error) = lexer.module() {
        let span = error.span.unwrap_or_default();
        lexer.push(TokenKind::Error(error), span);
    }
    let end = Span::new(text.len() as u32, text.len() as u32);
    lexer.push(TokenKind::End, end);
    lexer.tokens
}

struct Lexer<'t> {
    text: &'t str,
    at: usize,
    tokens: Vec<Token>,
    brackets: Vec<(char, u32)>,
    indents: Vec<Indent>,
    /// How many f-strings the lexer is inside of.
    formatted: usize,
    names: HashSet<Name>,
}

/// The width of a line's white space with tabs to every eighth column, and with tabs as one
/// column: a text where the two disagree is ambiguous.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
struct Indent {
    wide: usize,
    narrow: usize,
}

impl Lexer<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn position(&self) -> u32 {
        self.at as u32
    }

    /// From `start` to here.
    fn since(&self, start: u32) -> Span {
        Span::new(start, self.position())
    }

    /// The next character.
    fn here(&self) -> Span {
        let width = self.peek().map_or(0, char::len_utf8) as u32;
        Span::new(self.position(), self.position() + width)
    }

    fn push(&mut self, kind: TokenKind, span: Span) {
        self.tokens.push(Token { kind, span });
    }

    fn module(&mut self) -> Result<()> {
        if self.rest().starts_with('\u{feff}') {
            self.at += '\u{feff}'.len_utf8();
        }
        while self.at < self.text.len() {
            if !self.blank_line() {
                self.indentation()?;
                self.logical_line()?;
            }
        }
        let end = self.here();
        for _ in 1..self.indents.len() {
            self.push(TokenKind::Dedent, end);
        }
        Ok(())
    }

    /// Skips a line with nothing but white space and a comment.
    fn blank_line(&mut self) -> bool {
        let rest = self.rest();
        let body = rest.trim_start_matches([' ', '\t', '\u{c}']);
        if !(body.is_empty() || body.starts_with(['#', '\n', '\r'])) {
            return false;
        }
        self.at += rest.len() - body.len();
        self.skip_comment();
        self.line_end();
        true
    }

    fn skip_comment(&mut self) {
        if self.rest().starts_with('#') {
            let rest = self.rest();
            self.at += rest.find(['\n', '\r']).unwrap_or(rest.len());
        }
    }

    /// Skips one line end, if there is one here.
    fn line_end(&mut self) -> bool {
        let width = match self.rest() {
            rest if rest.starts_with("\r\n") => 2,
            rest if rest.starts_with(['\n', '\r']) => 1,
            _ => 0,
        };
        self.at += width;
        width > 0
    }

    fn indentation(&mut self) -> Result<()> {
        let start = self.position();
        let mut indent = Indent::default();
        while let Some(c) = self.peek() {
            match c {
                ' ' => {
                    indent.wide += 1;
                    indent.narrow += 1;
                }
                '\t' => {
                    indent.wide = (indent.wide / 8 + 1) * 8;
                    indent.narrow += 1;
                }
                '\u{c}' => indent = Indent::default(),
                _ => break,
            }
            self.at += 1;
        }
        let span = self.since(start);
        let current = self.indents.last().copied().unwrap_or_default();
        let ambiguous =
            || indentation_error(span, "inconsistent use of tabs and spaces in indentation");
        if indent.wide > current.wide {
            if indent.narrow <= current.narrow {
                return Err(ambiguous());
            }
            if self.indents.len() >= MAX_INDENTS {
                return Err(indentation_error(span, "too many levels of indentation"));
            }
            self.indents.push(indent);
            self.push(TokenKind::Indent, span);
            return Ok(());
        }
        while let Some(open) = self.indents.last().copied() {
            if indent == open {
                return Ok(());
            }
            if indent.wide == open.wide {
                return Err(ambiguous());
            }
            if indent.wide > open.wide {
                break;
            }
            self.indents.pop();
            self.push(TokenKind::Dedent, Span::new(span.end, span.end));
        }
        Err(indentation_error(
            span,
            "unindent does not match any outer indentation level",
        ))
    }

    /// Tokens up to the end of the logical line, which brackets and backslashes extend.
    fn logical_line(&mut self) -> Result<()> {
        loop {
            self.spaces()?;
            let Some(c) = self.peek() else {
                break;
            };
            match c {
                '#' => self.skip_comment(),
                '\n' | '\r' => {
                    let span = self.here();
                    self.line_end();
                    if self.brackets.is_empty() {
                        self.push(TokenKind::Newline, span);
                        return Ok(());
                    }
                }
                _ => self.token(c)?,
            }
        }
        if let Some((open, at)) = self.brackets.last().copied() {
            let span = Span::new(at, at + 1);
            return Err(syntax_error(span, format!("'{open}' was never closed")));
        }
        self.push(TokenKind::Newline, self.here());
        Ok(())
    }

    /// Skips white space and joined lines.
    fn spaces(&mut self) -> Result<()> {
        loop {
            match self.peek() {
                Some(' ' | '\t' | '\u{c}') => self.at += 1,
                Some('\\') => {
                    let span = self.here();
                    self.at += 1;
                    if !self.line_end() {
                        return Err(syntax_error(
                            span,
                            "unexpected character after line continuation character",
                        ));
                    }
                    if self.at >= self.text.len() {
                        return Err(syntax_error(span, "unexpected EOF while parsing"));
                    }
                }
                _ => return Ok(()),
            }
        }
    }

    fn token(&mut self, c: char) -> Result<()> {
        let start = self.position();
        let second = self.rest().chars().nth(1);
        if c.is_ascii_digit() || (c == '.' && second.is_some_and(|c| c.is_ascii_digit())) {
            let (kind, length) = literal::number(self.rest(), start)?;
            self.at += length;
            self.push(kind, self.since(start));
            return Ok(());
        }
        if c == '"' || c == '\'' {
            return self.string(start, "");
        }
        if is_name_start(c) {
            return self.word(start);
        }
        self.operator(start, c)
    }

    fn word(&mut self, start: u32) -> Result<()> {
        let rest = self.rest();
        let length = rest.find(|c| !is_name_part(c)).unwrap_or(rest.len());
        let word = rest.get(..length).unwrap_or("").to_owned();
        self.at += length;
        if length <= 2 && self.rest().starts_with(['"', '\'']) {
            let prefix = word.to_ascii_lowercase();
            let known = ["r", "u", "b", "br", "rb", "f", "fr", "rf", "t", "tr", "rt"];
            if known.contains(&prefix.as_str()) {
                return self.string(start, &prefix);
            }
        }
        let kind = match KEYWORDS.iter().find(|keyword| **keyword == word) {
            Some(keyword) => TokenKind::Keyword(keyword),
            None => TokenKind::Name(self.intern(&word)),
        };
        self.push(kind, self.since(start));
        Ok(())
    }

    fn intern(&mut self, word: &str) -> Name {
        if let Some(name) = self.names.get(word) {
            return name.clone();
        }
        let name: Name = word.into();
        self.names.insert(name.clone());
        name
    }

    fn operator(&mut self, start: u32, c: char) -> Result<()> {
        let rest = self.rest();
        let Some(operator) = OPERATORS
            .iter()
            .find(|operator| rest.starts_with(**operator))
        else {
            let message = match c {
                '$' | '?' | '`' => String::from("invalid syntax"),
                c if c.is_ascii_graphic() => String::from("invalid syntax"),
                c if c.is_control() || c.is_whitespace() => {
                    format!("invalid non-printable character U+{:04X}", c as u32)
                }
                c => format!("invalid character '{c}' (U+{:04X})", c as u32),
            };
            return Err(syntax_error(self.here(), message));
        };
        self.at += operator.len();
        let span = self.since(start);
        match *operator {
            "(" | "[" | "{" => {
                if self.brackets.len() >= MAX_BRACKETS {
                    return Err(syntax_error(span, "too many nested parentheses"));
                }
                self.brackets.push((c, start));
            }
            ")" | "]" | "}" => self.close(c, span)?,
            "!" => return Err(syntax_error(span, "invalid syntax")),
            _ => {}
        }
        self.push(TokenKind::Operator(operator), span);
        Ok(())
    }

    fn close(&mut self, c: char, span: Span) -> Result<()> {
        let Some((open, at)) = self.brackets.pop() else {
            return Err(syntax_error(span, format!("unmatched '{c}'")));
        };
        if matches!((open, c), ('(', ')') | ('[', ']') | ('{', '}')) {
            return Ok(());
        }
        let before = self
            .text
            .get(at as usize..span.start as usize)
            .unwrap_or("");
        let lines = self.text.get(..at as usize).unwrap_or("");
        let place = if before.contains('\n') {
            format!(" on line {}", lines.matches('\n').count() + 1)
        } else {
            String::new()
        };
        Err(syntax_error(
            span,
            format!("closing parenthesis '{c}' does not match opening parenthesis '{open}'{place}"),
        ))
    }

    /// A string whose prefix was just read.
    fn string(&mut self, start: u32, prefix: &str) -> Result<()> {
        let raw = prefix.contains('r');
        let quote = match self.rest() {
            rest if rest.starts_with("\"\"\"") => "\"\"\"",
            rest if rest.starts_with("'''") => "'''",
            rest if rest.starts_with('"') => "\"",
            _ => "'",
        };
        self.at += quote.len();
        if prefix.contains('f') || prefix.contains('t') {
            if self.formatted >= MAX_FORMATTED {
                let message = "f-string: expressions nested too deeply";
                return Err(syntax_error(self.since(start), message));
            }
            self.formatted += 1;
            let parts = self.formatted_string(start, quote, raw)?;
            self.formatted -= 1;
            let kind = if prefix.contains('t') {
                TokenKind::Foreign("template strings")
            } else {
                TokenKind::FormattedString(parts)
            };
            self.push(kind, self.since(start));
            return Ok(());
        }
        let bytes = prefix.contains('b');
        let mut value = String::new();
        loop {
            if self.rest().starts_with(quote) {
                self.at += quote.len();
                break;
            }
            let Some(c) = self.character(start, quote, "string")? else {
                continue;
            };
            if bytes && !c.is_ascii() {
                let message = "bytes can only contain ASCII literal characters";
                return Err(syntax_error(self.since(start), message));
            }
            self.at += c.len_utf8();
            if c != '\\' {
                value.push(c);
            } else if raw {
                value.push('\\');
                self.raw_escape(&mut value);
            } else if bytes {
                // Its meaning is not needed, only where it ends.
                self.at += self.peek().map_or(0, char::len_utf8);
            } else {
                self.escape(&mut value)?;
            }
        }
        let kind = if bytes {
            TokenKind::Foreign("bytes literals")
        } else {
            TokenKind::Str(value.into())
        };
        self.push(kind, self.since(start));
        Ok(())
    }

    /// The next character of a string's text. A line end counts as `\n`; it is read already when
    /// it was written otherwise, and then `None` comes back.
    fn character(&mut self, start: u32, quote: &str, what: &str) -> Result<Option<char>> {
        let single = quote.len() == 1;
        match self.peek() {
            Some('\n' | '\r') if single => Err(self.unterminated(start, single, what)),
            Some('\r') => {
                // Universal newlines: the text behaves as if it were written with \n.
                self.at += 1;
                Ok(if self.rest().starts_with('\n') {
                    None
                } else {
                    self.at -= 1;
                    Some('\r')
                })
            }
            Some(c) => Ok(Some(c)),
            None => Err(self.unterminated(start, single, what)),
        }
    }

    fn unterminated(&self, start: u32, single: bool, what: &str) -> Box<crate::base::Diagnostic> {
        let until = self.text.get(..self.at).unwrap_or("");
        let line = until.matches('\n').count() + 1;
        let triple = if single { "" } else { "triple-quoted " };
        let message = format!("unterminated {triple}{what} literal (detected at line {line})");
        syntax_error(Span::new(start, start + 1), message)
    }

    /// After the backslash of a raw string: the next character stays, even a quote.
    fn raw_escape(&mut self, value: &mut String) {
        if let Some(c) = self.peek() {
            value.push(c);
            self.at += c.len_utf8();
        }
    }

    fn escape(&mut self, value: &mut String) -> Result<()> {
        let at = self.position().saturating_sub(1);
        let (text, length) = literal::escape(self.rest(), at)?;
        value.push_str(&text);
        self.at += length;
        Ok(())
    }
}

fn is_name_start(c: char) -> bool {
    c == '_' || c.is_alphabetic()
}

fn is_name_part(c: char) -> bool {
    c == '_' || c.is_alphanumeric()
}
