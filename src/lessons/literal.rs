//! Parameters: literals of a code that carry a name, and their rewriting.
//!
//! In Django code `name = literal` on a line of its own; in SQL `literal /* name */` anywhere.
//! A literal is a number, a quoted text, or in Python `Decimal("..")`.

use super::lesson::Language;
use std::ops::Range;

/// The value of a parameter; `None` when the code has no such literal.
pub fn value(language: Language, code: &str, name: &str) -> Option<String> {
    let place = places(language, code, name).into_iter().next()?;
    Some(unquoted(language, code.get(place)?))
}

/// The code with another value in every literal of that name.
pub fn rewritten(language: Language, code: &str, name: &str, value: &str) -> String {
    let mut text = code.to_owned();
    for place in places(language, code, name).into_iter().rev() {
        let literal = quoted(language, code.get(place.clone()).unwrap_or(""), value);
        text.replace_range(place, &literal);
    }
    text
}

/// Where the literals of a name stand, in order.
fn places(language: Language, code: &str, name: &str) -> Vec<Range<usize>> {
    match language {
        Language::Django => assignment(code, name).into_iter().collect(),
        Language::Sql => marked(code, name),
    }
}

/// The literal of the first line `name = literal`.
fn assignment(code: &str, name: &str) -> Option<Range<usize>> {
    let mut start = 0;
    for line in code.split_inclusive('\n') {
        let behind = line
            .strip_prefix(name)
            .map(str::trim_start)
            .and_then(|rest| rest.strip_prefix('='))
            .filter(|rest| !rest.starts_with('='))
            .map(str::trim_start);
        if let Some(rest) = behind {
            let at = start + line.len() - rest.len();
            let inner = rest.strip_prefix("Decimal(");
            let at = at + inner.map_or(0, |inner| rest.len() - inner.len());
            let length = literal(inner.unwrap_or(rest), Language::Django)?;
            return Some(at..at + length);
        }
        start += line.len();
    }
    None
}

/// The literals before each `/* name */`.
fn marked(code: &str, name: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = 0;
    let mut last = None;
    while let Some(rest) = code.get(at..).filter(|rest| !rest.is_empty()) {
        if let Some(comment) = rest.strip_prefix("/*") {
            let inner = comment.split("*/").next().unwrap_or(comment);
            if inner.trim() == name {
                found.extend(last.take());
            }
            at += (inner.len() + 4).min(rest.len());
        } else if rest.starts_with("--") {
            at += rest.find('\n').unwrap_or(rest.len());
        } else if let Some(length) = literal(rest, Language::Sql) {
            last = Some(at..at + length);
            at += length;
        } else if let Some(word) = word(rest) {
            last = None;
            at += word;
        } else {
            let next = rest.chars().next().unwrap_or(' ');
            if !next.is_whitespace() {
                last = None;
            }
            at += next.len_utf8();
        }
    }
    found
}

/// The length of a name at the beginning of a text.
fn word(text: &str) -> Option<usize> {
    let first = text.chars().next()?;
    if !(first.is_alphabetic() || first == '_' || first == '"') {
        return None;
    }
    if first == '"' {
        let rest = text.strip_prefix('"').unwrap_or(text);
        return Some(rest.find('"').map_or(text.len(), |end| end + 2));
    }
    Some(
        text.find(|it: char| !(it.is_alphanumeric() || it == '_'))
            .unwrap_or(text.len()),
    )
}

/// The length of the literal that a text begins with.
fn literal(text: &str, language: Language) -> Option<usize> {
    let first = text.chars().next()?;
    let quote = match language {
        Language::Django => first == '\'' || first == '"',
        Language::Sql => first == '\'',
    };
    if quote {
        let mut letters = text.char_indices().skip(1).peekable();
        while let Some((at, letter)) = letters.next() {
            if letter == '\\' && language == Language::Django {
                letters.next();
            } else if letter == first {
                let doubled = letters.peek().is_some_and(|&(_, next)| next == first);
                if language == Language::Sql && doubled {
                    letters.next();
                } else {
                    return Some(at + 1);
                }
            }
        }
        return None;
    }
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    if !unsigned.starts_with(|it: char| it.is_ascii_digit()) {
        return None;
    }
    let digits = unsigned
        .find(|it: char| !(it.is_ascii_digit() || it == '.' || it == '_'))
        .unwrap_or(unsigned.len());
    Some(text.len() - unsigned.len() + digits)
}

fn unquoted(language: Language, literal: &str) -> String {
    let Some(quote) = literal
        .chars()
        .next()
        .filter(|it| *it == '\'' || *it == '"')
    else {
        return literal.to_owned();
    };
    let inner = literal
        .strip_prefix(quote)
        .and_then(|rest| rest.strip_suffix(quote))
        .unwrap_or(literal);
    match language {
        Language::Sql => inner.replace("''", "'"),
        Language::Django => {
            let mut text = String::new();
            let mut letters = inner.chars();
            while let Some(letter) = letters.next() {
                match letter {
                    '\\' => text.extend(letters.next()),
                    letter => text.push(letter),
                }
            }
            text
        }
    }
}

/// A value in the form of the literal before it; what is no number is quoted.
fn quoted(language: Language, before: &str, value: &str) -> String {
    let is_number =
        literal(value, language) == Some(value.len()) && !value.starts_with(['\'', '"']);
    let quote = before.chars().next().filter(|it| *it == '\'' || *it == '"');
    let quote = match (quote, is_number) {
        (None, true) => return value.to_owned(),
        (Some(quote), _) => quote,
        (None, false) => match language {
            Language::Django => '"',
            Language::Sql => '\'',
        },
    };
    let mut text = String::from(quote);
    for letter in value.chars() {
        match language {
            Language::Django if letter == quote || letter == '\\' => text.push('\\'),
            Language::Sql if letter == quote => text.push(quote),
            Language::Django | Language::Sql => {}
        }
        // A line end would leave the literal.
        text.push(if letter == '\n' { ' ' } else { letter });
    }
    text.push(quote);
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use Language::{Django, Sql};

    #[test]
    fn the_literal_of_a_name_is_read_and_rewritten() {
        for (language, code, value_before, after) in [
            (
                Django,
                "limit = 10\nlimit * 2",
                "10",
                "limit = 3\nlimit * 2",
            ),
            (
                Django,
                "limit == 1\nlimit=10 # ten",
                "10",
                "limit == 1\nlimit=3 # ten",
            ),
            (Django, "limit = \"a\\\"b\"", "a\"b", "limit = \"3\""),
            (
                Django,
                "limit = Decimal(\"9.50\")",
                "9.50",
                "limit = Decimal(\"3\")",
            ),
            (
                Sql,
                "SELECT 10 /* limit */ + 1, '/*', 5 /*limit*/",
                "10",
                "SELECT 3 /* limit */ + 1, '/*', 3 /*limit*/",
            ),
            (
                Sql,
                "WHERE name = 'O''Brien' /* limit */",
                "O'Brien",
                "WHERE name = '3' /* limit */",
            ),
            (
                Sql,
                "-- 1 /* limit */\nx2 -1.5 /* limit */",
                "-1.5",
                "-- 1 /* limit */\nx2 3 /* limit */",
            ),
        ] {
            assert_eq!(
                value(language, code, "limit").as_deref(),
                Some(value_before),
                "{code}"
            );
            assert_eq!(rewritten(language, code, "limit", "3"), after);
        }
    }

    #[test]
    fn a_text_stays_one_literal_whatever_it_holds() {
        let text = "it's \"so\" \\ --\n";
        for (language, code) in [
            (Django, "limit = 1"),
            (Django, "limit = ''"),
            (Sql, "1 /* limit */"),
        ] {
            let after = rewritten(language, code, "limit", text);
            let expected = text.replace('\n', " ");
            assert_eq!(value(language, &after, "limit"), Some(expected), "{after}");
        }
    }

    #[test]
    fn a_code_without_the_name_has_no_value() {
        assert_eq!(value(Django, "limits = 1\n  limit = 2", "limit"), None);
        assert_eq!(value(Sql, "SELECT a /* limit */, 'x", "limit"), None);
    }
}
