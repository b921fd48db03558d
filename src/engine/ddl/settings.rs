//! SET, SHOW and SET CONSTRAINTS.
//!
//! There is nothing to set but what PostgreSQL's clients set out of habit: a setting may be given
//! the value it has.

use super::{Done, named_constraint, unset, unsupported};
use crate::base::diagnostic::sqlstate;
use crate::base::{Code, Diagnostic, Result};
use crate::engine::catalog::{Catalog, Timing};
use crate::engine::outcome::text_rows;
use sqlparser::ast::{self, Ident, Set};
use sqlparser::dialect::PostgreSqlDialect;
use sqlparser::tokenizer::{Token, Tokenizer, Word};
use std::sync::Arc;

/// The settings that can be shown, and the values they have.
const SETTINGS: [(&str, &str); 12] = [
    ("client_encoding", "UTF8"),
    ("client_min_messages", "notice"),
    ("datestyle", "ISO, MDY"),
    ("default_transaction_isolation", "read committed"),
    ("extra_float_digits", "1"),
    ("intervalstyle", "postgres"),
    ("search_path", "public"),
    ("server_encoding", "UTF8"),
    ("server_version", "15.0"),
    ("standard_conforming_strings", "on"),
    ("timezone", "UTC"),
    ("transaction_isolation", "read committed"),
];

/// The settings that change how a statement is run or what a client is told, and nothing of what
/// it gives: they take any value and have no effect.
const WITHOUT_EFFECT: [&str; 22] = [
    "application_name",
    "client_min_messages",
    "effective_cache_size",
    "enable_bitmapscan",
    "enable_hashagg",
    "enable_hashjoin",
    "enable_indexonlyscan",
    "enable_indexscan",
    "enable_material",
    "enable_mergejoin",
    "enable_nestloop",
    "enable_seqscan",
    "enable_sort",
    "from_collapse_limit",
    "idle_in_transaction_session_timeout",
    "jit",
    "join_collapse_limit",
    "lock_timeout",
    "random_page_cost",
    "statement_timeout",
    "synchronous_commit",
    "work_mem",
];

/// SET: a setting may only get the value it has.
pub(super) fn set(set: &Set) -> Result<Done> {
    let (name, value) = match set {
        Set::SingleAssignment {
            scope: _,
            hivevar,
            variable,
            values,
        } => {
            unset(*hivevar, "HIVEVAR", None)?;
            let values: Vec<String> = values.iter().map(ToString::to_string).collect();
            (variable.to_string().to_lowercase(), values.join(", "))
        }
        Set::SetTimeZone { local: _, value } => ("timezone".to_owned(), value.to_string()),
        Set::SetNames {
            charset_name,
            collation_name,
        } => {
            unset(collation_name.is_some(), "COLLATE in SET NAMES", None)?;
            ("client_encoding".to_owned(), charset_name.value.clone())
        }
        Set::SetTransaction {
            modes,
            snapshot,
            session: _,
        } => {
            unset(snapshot.is_some(), "SET TRANSACTION SNAPSHOT", None)?;
            for mode in modes {
                match mode {
                    // One session alone sees no difference between the levels.
                    ast::TransactionMode::IsolationLevel(_) => {}
                    ast::TransactionMode::AccessMode(ast::TransactionAccessMode::ReadWrite) => {}
                    ast::TransactionMode::AccessMode(ast::TransactionAccessMode::ReadOnly) => {
                        return Err(unsupported("a read-only transaction", None));
                    }
                }
            }
            return Ok(Done::command("SET"));
        }
        Set::ParenthesizedAssignments { .. }
        | Set::MultipleAssignments { .. }
        | Set::SetSessionAuthorization(_)
        | Set::SetSessionParam(_)
        | Set::SetRole { .. }
        | Set::SetNamesDefault {} => return Err(unsupported("this form of SET", None)),
    };
    if WITHOUT_EFFECT.contains(&name.as_str()) {
        return Ok(Done::command("SET"));
    }
    let Some((_, known)) = SETTINGS.iter().find(|(known, _)| *known == name) else {
        return Err(unrecognized(&name));
    };
    let plain = |text: &str| -> String {
        let text = text.to_lowercase();
        text.chars().filter(|c| c.is_ascii_alphanumeric()).collect()
    };
    let same = plain(&value) == plain(known)
        || value.to_lowercase() == "default"
        || (name == "client_encoding" && plain(&value) == "utf8")
        || (name == "timezone" && ["utc", "etcutc", "0", "gmt"].contains(&plain(&value).as_str()));
    match same {
        true => Ok(Done::command("SET")),
        false => Err(unsupported(&format!("SET {name} to {value}"), None)
            .hint(format!("It is always {known}."))),
    }
}

/// RESET: every setting has its value already.
pub(super) fn reset(statement: &ast::ResetStatement) -> Result<Done> {
    let ast::ResetStatement { reset } = statement;
    match reset {
        ast::Reset::ALL => {}
        ast::Reset::SessionAuthorization => {
            return Err(unsupported("RESET SESSION AUTHORIZATION", None));
        }
        ast::Reset::ConfigurationParameter(name) => {
            let name = name.to_string().to_lowercase();
            let known = SETTINGS.iter().any(|(known, _)| *known == name);
            if !known && !WITHOUT_EFFECT.contains(&name.as_str()) {
                return Err(unrecognized(&name));
            }
        }
    }
    Ok(Done::command("RESET"))
}

/// SHOW of one setting.
pub(super) fn show(variable: &[Ident]) -> Result<Done> {
    let words: Vec<String> = variable.iter().map(|w| w.value.to_lowercase()).collect();
    let name = match words.join(" ").as_str() {
        "time zone" => "timezone".to_owned(),
        "transaction isolation level" => "transaction_isolation".to_owned(),
        _ => words.join("."),
    };
    let Some((known, value)) = SETTINGS.iter().find(|(known, _)| *known == name) else {
        return Err(unrecognized(&name));
    };
    Ok(Done {
        command: "SHOW",
        rows: 1,
        result: Some(text_rows(known, &[(*value).to_owned()])?),
    })
}

fn unrecognized(name: &str) -> Box<Diagnostic> {
    Diagnostic::error(
        sqlstate::UNDEFINED_OBJECT,
        format!("unrecognized configuration parameter \"{name}\""),
    )
}

/// SHOW TABLES: the tables and views by name.
pub(super) fn show_tables(catalog: &Catalog, options: &ast::ShowStatementOptions) -> Result<Done> {
    let ast::ShowStatementOptions {
        show_in,
        starts_with,
        limit,
        limit_from,
        filter_position,
    } = options;
    let more = show_in.is_some()
        || starts_with.is_some()
        || limit.is_some()
        || limit_from.is_some()
        || filter_position.is_some();
    unset(more, "a clause of SHOW TABLES", None)?;
    let mut names: Vec<String> = catalog
        .tables
        .keys()
        .chain(catalog.views.keys())
        .map(|name| name.to_string())
        .collect();
    names.sort();
    Ok(Done {
        command: "SHOW",
        rows: names.len() as u64,
        result: Some(text_rows("table_name", &names)?),
    })
}

/// `SET CONSTRAINTS`, which sqlparser does not know.
pub struct SetConstraints {
    /// The constraints; all when absent.
    pub names: Option<Vec<Arc<str>>>,
    /// What they become.
    pub timing: Timing,
}

/// Reads `SET CONSTRAINTS { ALL | name, .. } { DEFERRED | IMMEDIATE }`; gives nothing for any
/// other statement.
///
/// # Errors
/// A syntax error when the words behind `SET CONSTRAINTS` are others.
pub fn parse_set_constraints(text: &str) -> Result<Option<SetConstraints>> {
    let start = text.trim_start();
    if !start
        .get(..3)
        .is_some_and(|word| word.eq_ignore_ascii_case("set"))
    {
        return Ok(None);
    }
    let dialect = PostgreSqlDialect {};
    let Ok(tokens) = Tokenizer::new(&dialect, text).tokenize() else {
        return Ok(None);
    };
    let mut tokens = tokens
        .into_iter()
        .filter(|token| !matches!(token, Token::Whitespace(_) | Token::SemiColon));
    if !is_word(tokens.next().as_ref(), "set") || !is_word(tokens.next().as_ref(), "constraints") {
        return Ok(None);
    }
    let mut rest: Vec<Token> = tokens.collect();
    let last = rest.pop();
    let timing = match last {
        last if is_word(last.as_ref(), "deferred") => Timing::Deferred,
        last if is_word(last.as_ref(), "immediate") => Timing::Immediate,
        Some(other) => return Err(syntax_error(&other.to_string())),
        None => return Err(syntax_error("CONSTRAINTS")),
    };
    if rest.len() == 1 && is_word(rest.first(), "all") {
        return Ok(Some(SetConstraints {
            names: None,
            timing,
        }));
    }
    let mut names = Vec::new();
    for part in rest.split(|token| *token == Token::Comma) {
        match part {
            [Token::Word(word)] => names.push(fold_word(word)),
            [Token::Word(_), Token::Period, Token::Word(word)] => names.push(fold_word(word)),
            [other, ..] => return Err(syntax_error(&other.to_string())),
            [] => return Err(syntax_error(",")),
        }
    }
    Ok(Some(SetConstraints {
        names: Some(names),
        timing,
    }))
}

fn is_word(token: Option<&Token>, wanted: &str) -> bool {
    matches!(token, Some(Token::Word(word)) if word.quote_style.is_none() && word.value.eq_ignore_ascii_case(wanted))
}

fn fold_word(word: &Word) -> Arc<str> {
    match word.quote_style {
        Some(_) => word.value.as_str().into(),
        None => word.value.to_lowercase().into(),
    }
}

fn syntax_error(near: &str) -> Box<Diagnostic> {
    Diagnostic::error(
        sqlstate::SYNTAX_ERROR,
        format!("syntax error at or near \"{near}\""),
    )
    .hint("SET CONSTRAINTS ALL DEFERRED, or IMMEDIATE, or with names in place of ALL.")
}

/// Whether the constraints that SET CONSTRAINTS names are there and deferrable.
///
/// # Errors
/// PostgreSQL's, for the first that is not.
pub fn deferrable(catalog: &Catalog, names: &[Arc<str>]) -> Result<()> {
    for name in names {
        let tables = || catalog.tables.values();
        let foreign = tables().flat_map(|t| t.foreign_keys.iter().map(|k| (&k.name, k.timing)));
        let unique = tables().flat_map(|t| t.deferrable_keys.iter().map(|k| (&k.name, k.timing)));
        let keys = foreign.chain(unique);
        let mut found = keys.filter(|(key, _)| *key == name).peekable();
        if found.peek().is_none() && !named_constraint(catalog, name) {
            return Err(Diagnostic::error(
                sqlstate::UNDEFINED_OBJECT,
                format!("constraint \"{name}\" does not exist"),
            ));
        }
        if !found.any(|(_, timing)| timing != Timing::Immediate) {
            return Err(Diagnostic::error(
                Code::new("42809"),
                format!("constraint \"{name}\" is not deferrable"),
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn set_constraints_is_told_from_other_settings() {
        let parse = |text| parse_set_constraints(text).unwrap();
        assert!(parse("SET timezone = 'UTC'").is_none());
        assert!(parse("SELECT 1").is_none());
        let all = parse("set constraints all deferred").unwrap();
        assert!(all.names.is_none() && all.timing == Timing::Deferred);
        let two = parse("SET CONSTRAINTS a, \"B\" IMMEDIATE").unwrap();
        assert_eq!(two.names.unwrap(), ["a".into(), "B".into()]);
        assert!(parse_set_constraints("SET CONSTRAINTS ALL").is_err());
    }
}
