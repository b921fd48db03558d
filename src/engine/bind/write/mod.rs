//! INSERT, UPDATE and DELETE: which table they name and what they may put into it.

mod assign;
mod change;
mod conflict;
mod insert;
mod returning;
mod stored;

use super::Binder;
use super::from::{name_span, relation_name, table_named};
use super::refuse::unsupported;
use super::scope::{Bare, Columns, Item, fold, ident_span};
use crate::base::diagnostic::sqlstate;
use crate::base::{Diagnostic, Result, Span};
use crate::engine::catalog::Table;
use crate::engine::expr::ColumnId;
use sqlparser::ast::{Ident, ObjectName, ObjectNamePart};
use std::sync::Arc;

/// A table that is written to, and what the statement calls it.
struct Target {
    table: Arc<Table>,
    alias: Arc<str>,
    span: Option<Span>,
}

impl Binder<'_> {
    fn write_target(&mut self, name: &ObjectName, alias: Option<&Ident>) -> Result<Target> {
        let (schema, ident) = relation_name(name)?;
        let span = name_span(name);
        let found = fold(ident);
        let catalog = self.context.catalog;
        if matches!(schema.as_deref(), None | Some("public" | "pg_temp")) {
            if let Some(table) = table_named(catalog, schema.as_deref(), &found) {
                if table.materialized.is_some() {
                    return Err(Diagnostic::error(
                        sqlstate::WRONG_OBJECT_TYPE,
                        format!("cannot change materialized view \"{found}\""),
                    )
                    .at(span));
                }
                return Ok(Target {
                    table: table.clone(),
                    alias: match alias {
                        Some(alias) => Arc::from(&*fold(alias)),
                        None => Arc::from(table.plain_name()),
                    },
                    span,
                });
            }
            if catalog.views.contains_key(&*found) {
                return Err(Diagnostic::error(
                    sqlstate::OBJECT_NOT_IN_PREREQUISITE_STATE,
                    format!("cannot write through the view \"{found}\""),
                )
                .at(span)
                .hint("Write into the tables that the view reads."));
            }
        }
        Err(self.unknown_table(&name.to_string(), &found, span))
    }

    /// Stand-ins for a table's row.
    fn row_item(&mut self, table: &Arc<Table>, alias: Arc<str>) -> (Item, Vec<ColumnId>) {
        let first = ColumnId(self.next_column);
        self.next_column += table.columns.len() as u32;
        let ids = (0..table.columns.len())
            .map(|place| ColumnId(first.0 + place as u32))
            .collect();
        let item = Item {
            alias: Some(alias),
            bare: Bare::Found,
            columns: Columns::Table(table.clone(), first),
        };
        (item, ids)
    }

    /// The place of a column that is written to.
    fn target_column(&self, table: &Table, ident: &Ident) -> Result<usize> {
        let name = fold(ident);
        if let Some(place) = table.position(&name) {
            return Ok(place);
        }
        let error = Diagnostic::error(
            sqlstate::UNDEFINED_COLUMN,
            format!(
                "column \"{name}\" of relation \"{}\" does not exist",
                table.name
            ),
        )
        .at(ident_span(ident));
        let near: Vec<String> =
            super::suggest::nearest(&name, table.columns.iter().map(|column| &*column.name))
                .into_iter()
                .map(String::from)
                .collect();
        Err(match super::suggest::hint(&near) {
            Some(hint) => error.hint(hint),
            None => error,
        })
    }
}

fn single(name: &ObjectName) -> Result<&Ident> {
    match name.0.as_slice() {
        [ObjectNamePart::Identifier(ident)] => Ok(ident),
        _ => Err(unsupported(format!("the name {name}"), name_span(name))),
    }
}
