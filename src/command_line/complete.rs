//! Whether what was typed can run, or goes on in the next line.

use crate::session::Language;
use crate::{shell, sql};

/// Statements that go on until an empty line.
const COMPOUND: [&str; 9] = [
    "if", "for", "while", "try", "with", "def", "class", "match", "async",
];

/// What the parser says of a text that ends too early.
const UNFINISHED: [&str; 3] = [
    "was never closed",
    "unterminated triple-quoted",
    "unexpected EOF while parsing",
];

/// Whether a text is whole: an SQL script ends with a semicolon; Python has closed its brackets
/// and texts, and a block has an empty line behind it, as in CPython's shell.
pub(super) fn is_complete(language: Language, text: &str) -> bool {
    match language {
        Language::Sql => {
            // Whatever is written behind a closed statement is a statement of its own.
            let longer = format!("{text}\nX");
            let last = sql::split(&longer).ok().and_then(|mut pieces| pieces.pop());
            text.trim().is_empty() || last.is_some_and(|it| it.span.start as usize > text.len())
        }
        Language::Django => {
            let mut errors = shell::parse(text).diagnostics.into_iter();
            let unfinished = errors.any(|error| {
                let mut signs = UNFINISHED.iter();
                signs.any(|sign| error.message.contains(sign))
            });
            let word = text
                .split(|c: char| !c.is_alphanumeric() && c != '_' && c != '@')
                .find(|word| !word.is_empty())
                .unwrap_or_default();
            let block = word.starts_with('@') || COMPOUND.contains(&word);
            let ended = text
                .rsplit_once('\n')
                .is_some_and(|(_, last)| last.trim().is_empty());
            !unfinished && (!block || ended)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(language: Language, complete: &[&str], unfinished: &[&str]) {
        for text in complete {
            assert!(is_complete(language, text), "{text:?} can run");
        }
        for text in unfinished {
            assert!(!is_complete(language, text), "{text:?} goes on");
        }
    }

    #[test]
    fn a_block_of_python_ends_with_an_empty_line() {
        check(
            Language::Django,
            &[
                "",
                "1 + 1",
                "x = (1,\n2)",
                "1 +",
                "format(1)",
                "for x in y:\n    print(x)\n",
                "try:\n    x\nexcept E:\n    y\n",
                "@f\ndef g(): pass\n",
            ],
            &[
                "f(",
                "'''a",
                "x = \\\n",
                "for x in y:",
                "for x in y:\n    print(x)",
                "class A(models.Model):",
                "@f",
                "if a:\n    f(\n\n",
            ],
        );
    }

    #[test]
    fn a_statement_of_sql_ends_with_a_semicolon() {
        check(
            Language::Sql,
            &[
                "",
                " \n",
                "SELECT 1;",
                "SELECT 1; -- done",
                "SELECT ';';",
                "SELECT 1; SELECT 2;",
            ],
            &[
                "SELECT 1",
                "SELECT 1\nFROM product",
                "SELECT ';",
                "SELECT 1 -- ;",
                "SELECT 1; SELECT 2",
                "/* ;",
            ],
        );
    }
}
