//! The names and keywords of a code, without comments and texts.

use crate::lessons::lesson::{Demand, DemandKind, Language};
use crate::lessons::verdict::Fault;
use crate::shell::syntax::token::{FormattedPart, Token, TokenKind};
use crate::shell::syntax::tokenize;
use crate::sql;

/// The first demand that a code does not meet.
pub fn unmet(demands: &[Demand], language: Language, code: &str) -> Option<Fault> {
    let words = words(language, code);
    let mut demands = demands.iter();
    demands.find_map(|demand| {
        if demand.language.is_some_and(|only| only != language) {
            return None;
        }
        match (demand.kind, has(&words, language, &demand.name)) {
            (DemandKind::Uses, false) => Some(Fault::MustUse(demand.name.clone())),
            (DemandKind::Avoids, true) => Some(Fault::MustNotUse(demand.name.clone())),
            (DemandKind::Uses, true) | (DemandKind::Avoids, false) => None,
        }
    })
}

/// Whether the words of a name follow each other; those of SQL in any case.
fn has(words: &[String], language: Language, name: &str) -> bool {
    let mut wanted = self::words(language, name);
    wanted.retain(|word| !word.is_empty());
    let same = |a: &String, b: &String| match language {
        Language::Django => a == b,
        Language::Sql => a.eq_ignore_ascii_case(b),
    };
    !wanted.is_empty()
        && words
            .windows(wanted.len())
            .any(|part| part.iter().zip(&wanted).all(|(a, b)| same(a, b)))
}

fn words(language: Language, code: &str) -> Vec<String> {
    match language {
        Language::Sql => sql::words(code),
        Language::Django => {
            let mut words = Vec::new();
            collect(&tokenize(code), &mut words);
            words
        }
    }
}

/// Names and keywords; operators other than the dot break a name of several words.
fn collect(tokens: &[Token], words: &mut Vec<String>) {
    for token in tokens {
        match &token.kind {
            TokenKind::Name(name) => words.push(name.to_string()),
            TokenKind::Keyword(word) => words.push((*word).to_owned()),
            TokenKind::Operator(".") => {}
            TokenKind::FormattedString(parts) => {
                for part in parts {
                    match part {
                        FormattedPart::Text(_) => {}
                        FormattedPart::Replacement { tokens, .. } => collect(tokens, words),
                    }
                }
            }
            TokenKind::Operator(sign) => words.push((*sign).to_owned()),
            TokenKind::Int(_)
            | TokenKind::Float(_)
            | TokenKind::Str(_)
            | TokenKind::Foreign(_)
            | TokenKind::Newline
            | TokenKind::Indent
            | TokenKind::Dedent
            | TokenKind::End
            | TokenKind::Error(_) => words.push(String::new()),
        }
    }
    // An `End` closes every list of tokens, so that no name reaches over it.
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_count_where_they_are_code() {
        for (language, code, name, expected) in [
            (
                Language::Django,
                "x.annotate(n=Count(\"id\"))",
                "Count",
                true,
            ),
            (Language::Django, "# Count\n\"Count\"", "Count", false),
            (Language::Django, "[o for o in x]", "for", true),
            (
                Language::Django,
                "with transaction.atomic():\n    pass",
                "transaction.atomic",
                true,
            ),
            (
                Language::Django,
                "transaction\natomic",
                "transaction.atomic",
                false,
            ),
            (Language::Django, "f\"{Count}\"", "Count", true),
            (
                Language::Sql,
                "SELECT rank() over (ORDER BY a)",
                "OVER",
                true,
            ),
            (Language::Sql, "SELECT 'over' -- OVER", "OVER", false),
            (
                Language::Sql,
                "select a from b group by a",
                "GROUP BY",
                true,
            ),
            (
                Language::Sql,
                "select \"group\", by from b",
                "GROUP BY",
                false,
            ),
        ] {
            assert_eq!(
                has(&words(language, code), language, name),
                expected,
                "{code}: {name}"
            );
        }
    }
}
