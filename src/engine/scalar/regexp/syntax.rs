//! From PostgreSQL's regular expressions to the crate's.

use crate::base::diagnostic::sqlstate;
use crate::base::{Diagnostic, Result};
use regex::{Regex, RegexBuilder};

/// What the letters of a flags argument ask for.
#[derive(Default)]
pub(super) struct Flags {
    all: bool,
    insensitive: bool,
    newline_ends: bool,
    newline_lines: bool,
    expanded: bool,
    literal: bool,
}

impl Flags {
    fn read(letters: &str) -> Result<Self> {
        let mut flags = Self::default();
        for letter in letters.chars() {
            match letter {
                'g' => flags.all = true,
                'i' => flags.insensitive = true,
                'c' => flags.insensitive = false,
                'n' | 'm' => (flags.newline_ends, flags.newline_lines) = (true, true),
                'p' => (flags.newline_ends, flags.newline_lines) = (true, false),
                's' => (flags.newline_ends, flags.newline_lines) = (false, false),
                'w' => (flags.newline_ends, flags.newline_lines) = (false, true),
                'x' => flags.expanded = true,
                't' => flags.expanded = false,
                'q' => flags.literal = true,
                'e' | 'b' => {}
                other => {
                    return Err(Diagnostic::error(
                        sqlstate::INVALID_PARAMETER_VALUE,
                        format!("invalid regular expression option: \"{other}\""),
                    ));
                }
            }
        }
        Ok(flags)
    }
}

pub(super) fn compile(pattern: &str, letters: &str) -> Result<Regex> {
    let mut flags = Flags::read(letters)?;
    let mut pattern = pattern;
    let embedded;
    if let Some((options, behind)) = pattern
        .strip_prefix("(?")
        .and_then(|rest| rest.split_once(')'))
        && !options.is_empty()
        && options.chars().all(|c| c.is_ascii_alphabetic())
    {
        embedded = format!("{letters}{options}");
        flags = Flags::read(&embedded)?;
        pattern = behind;
    }
    if let Some(literal) = pattern.strip_prefix("***=") {
        flags.literal = true;
        pattern = literal;
    }
    let translated = if flags.literal {
        regex::escape(pattern)
    } else {
        translate(pattern)?
    };
    RegexBuilder::new(&translated)
        .case_insensitive(flags.insensitive)
        .dot_matches_new_line(!flags.newline_ends)
        .multi_line(flags.newline_lines)
        .ignore_whitespace(flags.expanded)
        .size_limit(1 << 20)
        .build()
        .map_err(|error| invalid(&reason(&error)))
}

pub(super) fn invalid(reason: &str) -> Box<Diagnostic> {
    Diagnostic::error(
        sqlstate::INVALID_REGULAR_EXPRESSION,
        format!("invalid regular expression: {reason}"),
    )
}

/// PostgreSQL's words for the common faults.
pub(super) fn reason(error: &regex::Error) -> String {
    let text = error.to_string();
    let last = text.lines().last().unwrap_or_default();
    let last = last.strip_prefix("error: ").unwrap_or(last);
    match last {
        "unclosed group" | "unopened group" => "parentheses () not balanced".to_owned(),
        "unclosed character class" => "brackets [] not balanced".to_owned(),
        "repetition operator missing expression" => "quantifier operand invalid".to_owned(),
        "unclosed counted repetition" => "braces {} not balanced".to_owned(),
        _ => last.to_owned(),
    }
}

pub(super) fn unsupported(what: &str) -> Box<Diagnostic> {
    Diagnostic::error(
        sqlstate::FEATURE_NOT_SUPPORTED,
        format!("{what} are not supported in regular expressions"),
    )
}

/// From PostgreSQL's syntax to the crate's.
pub(super) fn translate(pattern: &str) -> Result<String> {
    let mut out = String::with_capacity(pattern.len() + 8);
    let mut characters = pattern.chars().peekable();
    while let Some(c) = characters.next() {
        match c {
            '\\' => match characters.next() {
                None => return Err(invalid("invalid escape \\ sequence")),
                Some('y') => out.push_str(r"\b"),
                Some('Y') => out.push_str(r"\B"),
                Some('m') => out.push_str(r"\b{start}"),
                Some('M') => out.push_str(r"\b{end}"),
                Some('Z') => out.push_str(r"\z"),
                Some('1'..='9') => return Err(unsupported("back references")),
                Some(
                    letter @ ('A' | 'd' | 'D' | 's' | 'S' | 'w' | 'W' | 'n' | 't' | 'r' | 'f' | 'v'
                    | 'a' | 'x' | 'u' | 'U'),
                ) => {
                    out.push('\\');
                    out.push(letter);
                }
                Some('e') => out.push_str(r"\x1B"),
                Some(letter) if letter.is_ascii_alphanumeric() => {
                    return Err(invalid("invalid escape \\ sequence"));
                }
                Some(other) => push_literal(&mut out, other),
            },
            '(' => {
                out.push('(');
                if characters.next_if_eq(&'?').is_some() {
                    out.push('?');
                    match characters.peek() {
                        Some(':') => {}
                        Some('=' | '!') => return Err(unsupported("look-ahead constraints")),
                        Some('<') => return Err(unsupported("look-behind constraints")),
                        _ => return Err(invalid("quantifier operand invalid")),
                    }
                }
            }
            '[' => class(&mut characters, &mut out)?,
            '{' => {
                // A brace that begins no repetition stands for itself.
                if characters.peek().is_some_and(char::is_ascii_digit) {
                    out.push('{');
                } else {
                    out.push_str(r"\{");
                }
            }
            c => out.push(c),
        }
    }
    Ok(out)
}

pub(super) fn push_literal(out: &mut String, c: char) {
    let mut buffer = [0; 4];
    out.push_str(&regex::escape(c.encode_utf8(&mut buffer)));
}

/// A bracket expression, behind its `[`.
pub(super) fn class(
    characters: &mut std::iter::Peekable<std::str::Chars<'_>>,
    out: &mut String,
) -> Result<()> {
    out.push('[');
    if characters.next_if_eq(&'^').is_some() {
        out.push('^');
    }
    let mut first = true;
    loop {
        let c = characters
            .next()
            .ok_or_else(|| invalid("brackets [] not balanced"))?;
        match c {
            ']' if !first => {
                out.push(']');
                return Ok(());
            }
            '[' if characters.peek() == Some(&':') => {
                out.push('[');
                let mut before = ' ';
                loop {
                    let c = characters
                        .next()
                        .ok_or_else(|| invalid("brackets [] not balanced"))?;
                    out.push(c);
                    if c == ']' && before == ':' {
                        break;
                    }
                    before = c;
                }
            }
            '[' if matches!(characters.peek(), Some('.' | '=')) => {
                return Err(unsupported("collating elements"));
            }
            '\\' => match characters.next() {
                None => return Err(invalid("brackets [] not balanced")),
                Some(c) if c.is_ascii_alphanumeric() => {
                    out.push('\\');
                    out.push(c);
                }
                Some(c) => push_in_class(out, c),
            },
            // A minus sign between two characters makes a range; elsewhere it is itself.
            '-' if !first && characters.peek().is_some_and(|next| *next != ']') => out.push('-'),
            c => push_in_class(out, c),
        }
        first = false;
    }
}

pub(super) fn push_in_class(out: &mut String, c: char) {
    if "[]^-&~\\".contains(c) {
        out.push('\\');
    }
    out.push(c);
}

/// A SIMILAR TO pattern: `%` and `_` as in LIKE, the operators of regular expressions, and the
/// whole text must match (manual, 9.7.2).
pub(super) fn similar_regex(pattern: &str, escape: Option<&str>) -> Result<String> {
    let mut characters = escape.unwrap_or("\\").chars();
    let escape = characters.next();
    if characters.next().is_some() {
        return Err(
            Diagnostic::error(sqlstate::INVALID_ESCAPE_SEQUENCE, "invalid escape string")
                .hint("Escape string must be empty or one character."),
        );
    }
    let mut out = String::from("^(?:");
    let mut in_class = false;
    let mut separators = 0;
    let mut characters = pattern.chars();
    while let Some(c) = characters.next() {
        if Some(c) == escape {
            match characters.next() {
                Some('"') if !in_class => {
                    separators += 1;
                    out.push_str(match separators {
                        1 => "){1,1}?(",
                        2 => "){1,1}(?:",
                        _ => {
                            return Err(Diagnostic::error(
                                crate::base::Code::new("2200C"),
                                "SQL regular expression may not contain more than two \
                                 escape-double-quote separators",
                            ));
                        }
                    });
                }
                Some(next) => {
                    out.push('\\');
                    out.push(next);
                }
                None => return Err(invalid("invalid escape \\ sequence")),
            }
            continue;
        }
        match c {
            ']' if in_class => {
                in_class = false;
                out.push(c);
            }
            '\\' => out.push_str("\\\\"),
            c if in_class => out.push(c),
            '[' => {
                in_class = true;
                out.push(c);
            }
            '%' => out.push_str(".*"),
            '_' => out.push('.'),
            '(' => out.push_str("(?:"),
            '.' | '^' | '$' => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out.push_str(")$");
    Ok(out)
}
