//! INSERT, UPDATE and DELETE: which table they name and what they may put into it.

mod assign;
mod change;
mod conflict;
mod insert;
mod returning;
mod stored;
mod view;

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
    /// When it is written through a view: what the view shows of it.
    view: Option<view::Shown>,
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
                    view: None,
                });
            }
            if let Some(view) = catalog.views.get(&*found) {
                let (table, shown) = self.writable(view, span)?;
                return Ok(Target {
                    table,
                    alias: Arc::from(&*alias.map_or(found, fold)),
                    span,
                    view: Some(shown),
                });
            }
        }
        Err(self.unknown_table(&name.to_string(), &found, span))
    }

    /// Stand-ins for a target's row, as the statement sees it.
    fn row_item(&mut self, target: &Target, alias: Arc<str>) -> (Item, Vec<ColumnId>) {
        let (mut item, ids) = self.table_item(&target.table, alias);
        if let Some(view) = &target.view {
            item.columns = Columns::Named(view.named(&target.table, &ids));
        }
        (item, ids)
    }

    /// Stand-ins for a table's row.
    fn table_item(&mut self, table: &Arc<Table>, alias: Arc<str>) -> (Item, Vec<ColumnId>) {
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
    fn target_column(&self, target: &Target, ident: &Ident) -> Result<usize> {
        let name = fold(ident);
        let table = &target.table;
        let place = match &target.view {
            Some(view) => view.place(&name),
            None => table.position(&name),
        };
        if let Some(place) = place {
            return Ok(place);
        }
        let (relation, names): (&str, Vec<&str>) = match &target.view {
            Some(view) => (&view.name, view.names().collect()),
            None => {
                let names = table.columns.iter().map(|column| &*column.name);
                (table.plain_name(), names.collect())
            }
        };
        let error = Diagnostic::error(
            sqlstate::UNDEFINED_COLUMN,
            format!("column \"{name}\" of relation \"{relation}\" does not exist"),
        )
        .at(ident_span(ident));
        let near: Vec<String> = super::suggest::nearest(&name, names)
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
