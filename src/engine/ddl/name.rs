//! Names of objects: folding, schemas, and the names PostgreSQL chooses itself.

use super::{relation_exists, unsupported};
use crate::base::diagnostic::sqlstate;
use crate::base::{Code, Diagnostic, Result, Span};
use crate::engine::bind::not_reserved;
use crate::engine::catalog::Catalog;
use crate::sql::span_of;
use sqlparser::ast::{Ident, ObjectName, ObjectNamePart};
use std::sync::Arc;

/// The longest name in bytes; longer ones are cut.
const LONGEST: usize = 63;

/// A name and where it stands.
pub(super) struct Named {
    /// As the catalogue has it.
    pub(super) name: Arc<str>,
    /// Where.
    pub(super) span: Option<Span>,
}

impl Named {
    /// `table "x" does not exist`
    pub(super) fn missing(&self, kind: &str) -> Box<Diagnostic> {
        let code = match kind {
            "index" => sqlstate::UNDEFINED_OBJECT,
            _ => sqlstate::UNDEFINED_TABLE,
        };
        Diagnostic::error(code, format!("{kind} \"{}\" does not exist", self.name)).at(self.span)
    }
}

/// A name as the catalogue has it: unquoted ones in lower case, long ones cut.
pub fn fold(ident: &Ident) -> Arc<str> {
    let name = match ident.quote_style {
        Some(_) => ident.value.clone(),
        None => ident.value.to_lowercase(),
    };
    cut(&name, LONGEST).into()
}

/// An identifier and its place.
pub(super) fn named(ident: &Ident) -> Named {
    Named {
        name: fold(ident),
        span: span_of(ident.span),
    }
}

/// The name of a table or another object; its schema can only be `public`.
pub(super) fn table_name(name: &ObjectName) -> Result<Named> {
    let mut parts = Vec::with_capacity(name.0.len());
    for part in &name.0 {
        match part {
            ObjectNamePart::Identifier(ident) => parts.push(ident),
            ObjectNamePart::Function(function) => {
                return Err(unsupported(
                    "a function as a name",
                    span_of(function.name.span),
                ));
            }
        }
    }
    if let Some(empty) = parts.iter().find(|part| part.value.is_empty()) {
        return Err(Diagnostic::error(
            sqlstate::SYNTAX_ERROR,
            "zero-length delimited identifier at or near \"\"\"\"",
        )
        .at(span_of(empty.span)));
    }
    if let Some(last) = parts.last() {
        not_reserved(last)?;
    }
    match parts.as_slice() {
        [name] => Ok(named(name)),
        [schema, name] if matches!(&*fold(schema), "public" | "pg_temp") => Ok(named(name)),
        [schema, _] => Err(Diagnostic::error(
            Code::new("3F000"),
            format!("schema \"{}\" does not exist", fold(schema)),
        )
        .at(span_of(schema.span))
        .hint("All tables are in the schema \"public\".")),
        _ => Err(Diagnostic::error(
            sqlstate::SYNTAX_ERROR,
            format!("improper qualified name (too many dotted names): {name}"),
        )),
    }
}

fn cut(name: &str, bytes: usize) -> &str {
    let mut end = bytes.min(name.len());
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    name.get(..end).unwrap_or_default()
}

/// A name that PostgreSQL makes of a table, columns and a label, with a number behind it when it
/// is taken (`makeObjectName`, `ChooseRelationName`): the longer of the two parts is cut first.
pub(super) fn choose(
    table: &str,
    columns: &str,
    label: &str,
    taken: impl Fn(&str) -> bool,
) -> Arc<str> {
    let mut number = 0u32;
    loop {
        let label = match number {
            0 => label.to_owned(),
            n => format!("{label}{n}"),
        };
        let overhead = label.len() + 1 + usize::from(!columns.is_empty());
        let room = LONGEST.saturating_sub(overhead);
        let (mut first, mut second) = (table.len(), columns.len());
        while first + second > room {
            if first > second {
                first -= 1;
            } else {
                second -= 1;
            }
        }
        let (table, columns) = (cut(table, first), cut(columns, second));
        let name = match columns.is_empty() {
            true => format!("{table}_{label}"),
            false => format!("{table}_{columns}_{label}"),
        };
        if !taken(&name) {
            return name.into();
        }
        number += 1;
    }
}

/// A name for a relation that is not taken in the catalogue nor in `more`.
pub(super) fn choose_relation(
    catalog: &Catalog,
    more: &[Arc<str>],
    table: &str,
    columns: &[Arc<str>],
    label: &str,
) -> Arc<str> {
    choose(table, &columns.join("_"), label, |name| {
        relation_exists(catalog, name) || more.iter().any(|known| &**known == name)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_names_are_cut_at_the_longer_part() {
        let table = "a_table_with_quite_a_long_name_for_a_table_and_more";
        let name = choose(table, "some_column_name", "fkey", |_| false);
        assert_eq!(name.len(), 63);
        assert!(name.ends_with("_some_column_name_fkey"));
    }

    #[test]
    fn taken_names_get_a_number() {
        let name = choose("t", "a", "key", |name| name == "t_a_key");
        assert_eq!(&*name, "t_a_key1");
        assert_eq!(&*choose("t", "", "pkey", |_| false), "t_pkey");
    }
}
