//! What literals mean: the digits of numbers, the escapes of strings.

use super::{ast::IntLiteral, not_supported, syntax_error, token::TokenKind};
use crate::base::{Result, Span};

/// A number at the start of `text` (which starts with a digit, or a point and a digit), and its
/// length in bytes. `at` is where the text starts.
pub(super) fn number(text: &str, at: u32) -> Result<(TokenKind, usize)> {
    let prefix = text.get(..2).map(str::to_ascii_lowercase);
    let radix = match prefix.as_deref() {
        Some("0x") => Some((16, "hexadecimal")),
        Some("0o") => Some((8, "octal")),
        Some("0b") => Some((2, "binary")),
        _ => None,
    };
    match radix {
        Some((radix, name)) => prefixed(text, at, radix, name),
        None => decimal(text, at),
    }
}

fn prefixed(text: &str, at: u32, radix: u32, name: &str) -> Result<(TokenKind, usize)> {
    let body = text.get(2..).unwrap_or("");
    let (digits, length) = digits(body, radix, true);
    let end = 2 + length;
    let span = Span::new(at, at + end as u32);
    let next = text.get(end..).and_then(|rest| rest.chars().next());
    if digits.is_empty() || next == Some('_') {
        return Err(syntax_error(span, format!("invalid {name} literal")));
    }
    if let Some(digit) = next.filter(char::is_ascii_digit) {
        let message = format!("invalid digit '{digit}' in {name} literal");
        return Err(syntax_error(span, message));
    }
    ends_well(text, end, at, name)?;
    let literal = IntLiteral {
        radix,
        digits: digits.into(),
    };
    Ok((TokenKind::Int(literal), end))
}

fn decimal(text: &str, at: u32) -> Result<(TokenKind, usize)> {
    let invalid =
        |end: usize| syntax_error(Span::new(at, at + end as u32), "invalid decimal literal");
    let (mut all, mut end) = digits(text, 10, false);
    let rest = |end: usize| text.get(end..).unwrap_or("");
    if rest(end).starts_with('_') {
        return Err(invalid(end + 1));
    }
    let whole = all.clone();
    let mut float = false;
    if rest(end).starts_with('.') {
        float = true;
        end += 1;
        let (fraction, length) = digits(rest(end), 10, false);
        all = format!("{all}.{fraction}");
        end += length;
        if rest(end).starts_with('_') {
            return Err(invalid(end + 1));
        }
    }
    if rest(end).starts_with(['e', 'E']) {
        let mut ahead = end + 1;
        let mut sign = "";
        if let Some(found) = rest(ahead).chars().next().filter(|c| "+-".contains(*c)) {
            sign = if found == '-' { "-" } else { "" };
            ahead += 1;
        }
        let (exponent, length) = digits(rest(ahead), 10, false);
        if length > 0 {
            float = true;
            all = format!("{all}e{sign}{exponent}");
            end = ahead + length;
        }
    }
    if rest(end).starts_with(['j', 'J']) {
        return Ok((TokenKind::Foreign("complex numbers"), end + 1));
    }
    ends_well(text, end, at, "decimal")?;
    if float {
        let all = if all.starts_with('.') {
            format!("0{all}")
        } else {
            all
        };
        let value = all.parse().map_err(|_| invalid(end))?;
        return Ok((TokenKind::Float(value), end));
    }
    if whole.len() > 1 && whole.starts_with('0') && whole.bytes().any(|b| b != b'0') {
        return Err(syntax_error(
            Span::new(at, at + end as u32),
            "leading zeros in decimal integer literals are not permitted; use an 0o prefix for \
             octal integers",
        ));
    }
    let literal = IntLiteral {
        radix: 10,
        digits: whole.into(),
    };
    Ok((TokenKind::Int(literal), end))
}

/// The digits at the start of `text` without their underscores, and how many bytes they take. An
/// underscore stands between digits, or before the first where `leading` says so.
fn digits(text: &str, radix: u32, leading: bool) -> (String, usize) {
    let mut found = String::new();
    let mut length = 0;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c.is_digit(radix) {
            found.push(c);
        } else if !(c == '_'
            && (length > 0 || leading)
            && chars.peek().is_some_and(|next| next.is_digit(radix)))
        {
            break;
        }
        length += 1;
    }
    (found, length)
}

/// A number may be followed directly by these words, and by no other.
fn ends_well(text: &str, end: usize, at: u32, name: &str) -> Result<()> {
    let rest = text.get(end..).unwrap_or("");
    let word: String = rest
        .chars()
        .take_while(|c| c.is_alphanumeric() || *c == '_')
        .collect();
    let follows = ["and", "else", "for", "if", "in", "is", "not", "or"];
    if word.is_empty() || follows.contains(&word.as_str()) {
        return Ok(());
    }
    Err(syntax_error(
        Span::new(at, at + end as u32),
        format!("invalid {name} literal"),
    ))
}

/// Decodes the escape after a backslash. `rest` starts just past the backslash, which stands at
/// `at`. Gives the decoded text and how many bytes of `rest` it took; an escape that Python does
/// not know stays as it is written.
pub(super) fn escape(rest: &str, at: u32) -> Result<(String, usize)> {
    let Some(c) = rest.chars().next() else {
        return Ok((String::from("\\"), 0));
    };
    let one = |text: &str| Ok((String::from(text), c.len_utf8()));
    match c {
        '\n' => one(""),
        '\r' => Ok((String::new(), if rest.starts_with("\r\n") { 2 } else { 1 })),
        '\\' => one("\\"),
        '\'' => one("'"),
        '"' => one("\""),
        'a' => one("\u{7}"),
        'b' => one("\u{8}"),
        'f' => one("\u{c}"),
        'n' => one("\n"),
        'r' => one("\r"),
        't' => one("\t"),
        'v' => one("\u{b}"),
        '0'..='7' => {
            let digits: String = rest.chars().take(3).take_while(|c| c.is_digit(8)).collect();
            let code = u32::from_str_radix(&digits, 8).unwrap_or(0);
            let text = char::from_u32(code).map(String::from).unwrap_or_default();
            Ok((text, digits.len()))
        }
        'x' => hexadecimal(rest, at, 2),
        'u' => hexadecimal(rest, at, 4),
        'U' => hexadecimal(rest, at, 8),
        'N' => Err(not_supported(
            Span::new(at, at + 2),
            "characters by name (\\N{…}); write the character itself",
        )),
        other => Ok((format!("\\{other}"), other.len_utf8())),
    }
}

fn hexadecimal(rest: &str, at: u32, width: usize) -> Result<(String, usize)> {
    let digits: String = rest
        .chars()
        .skip(1)
        .take(width)
        .take_while(char::is_ascii_hexdigit)
        .collect();
    let span = Span::new(at, at + 2 + digits.len() as u32);
    let letter = rest.get(..1).unwrap_or("");
    if digits.len() < width {
        let message = format!(
            "(unicode error) 'unicodeescape' codec can't decode bytes in position 0-{}: truncated \
             \\{letter}{} escape",
            digits.len() + 1,
            "X".repeat(width)
        );
        return Err(syntax_error(span, message));
    }
    let code = u32::from_str_radix(&digits, 16).unwrap_or(u32::MAX);
    match char::from_u32(code) {
        Some(c) => Ok((c.to_string(), 1 + width)),
        None if (0xD800..0xE000).contains(&code) => {
            Err(not_supported(span, "half characters (surrogates)"))
        }
        None => Err(syntax_error(
            span,
            "(unicode error) 'unicodeescape' codec can't decode bytes in position 0-9: illegal \
             Unicode character",
        )),
    }
}
