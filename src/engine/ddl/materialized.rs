//! Materialized views: tables that remember the query they were filled by.

use super::depend::{Dependent, still_needed};
use super::name::Named;
use super::{Behavior, Definer, Done, Existence, already_exists, binding, relation_exists, unset};
use crate::base::diagnostic::sqlstate;
use crate::base::{Diagnostic, Result, ResultSet, Type};
use crate::engine::catalog::{Catalog, Column, Table};
use crate::engine::glue::{self, Prepared};
use crate::engine::storage::TableData;
use crate::engine::{bind, exec, plan};
use sqlparser::ast;
use std::sync::Arc;

impl Definer<'_> {
    pub(super) fn create_materialized(
        &mut self,
        named: &Named,
        columns: &[ast::ViewColumnDef],
        query: &ast::Query,
        lenient: bool,
    ) -> Result<Done> {
        if relation_exists(self.storage.catalog(), &named.name) {
            if lenient {
                self.notice(format!(
                    "relation \"{}\" already exists, skipping",
                    named.name
                ));
                return Ok(Done::command("CREATE MATERIALIZED VIEW"));
            }
            return Err(already_exists(named));
        }
        let ResultSet { fields, batches } = self.rows_of(query)?;
        if columns.len() > fields.len() {
            return Err(Diagnostic::error(
                sqlstate::SYNTAX_ERROR,
                "too many column names were specified",
            )
            .at(named.span));
        }
        let mut table = Table {
            materialized: Some(query.to_string().into()),
            ..Table::empty(named.name.clone())
        };
        for (place, field) in fields.into_iter().enumerate() {
            let name: Arc<str> = match columns.get(place) {
                None => field.name.into(),
                Some(ast::ViewColumnDef {
                    name,
                    data_type,
                    options,
                }) => {
                    let more = data_type.is_some() || options.is_some();
                    unset(more, "a type in CREATE MATERIALIZED VIEW", named.span)?;
                    super::fold(name)
                }
            };
            if table.position(&name).is_some() {
                return Err(Diagnostic::error(
                    sqlstate::DUPLICATE_COLUMN,
                    format!("column \"{name}\" specified more than once"),
                )
                .at(named.span));
            }
            let ty = match field.ty {
                Type::Unknown => Type::Text,
                ty => ty,
            };
            table.columns.push(Column::plain(name, ty));
        }
        let mut data = TableData::new(&table);
        let mut rows = 0;
        for batch in &batches {
            data.append(&batch.columns, batch.rows)?;
            rows += batch.rows as u64;
        }
        glue::create_table(self.storage, Prepared { table, data })?;
        Ok(Done {
            command: "SELECT",
            rows,
            result: None,
        })
    }

    fn rows_of(&self, query: &ast::Query) -> Result<ResultSet> {
        let snapshot = self.storage.clone();
        let bound = bind::bind_query(query, &binding(snapshot.catalog(), self.eval.now))?;
        let query = plan::rewrite::optimize(bound, &snapshot)?;
        exec::run(
            &query,
            &exec::Context::new(&snapshot, self.eval, self.budget),
        )
    }

    /// `REFRESH MATERIALIZED VIEW`
    pub fn refresh(&mut self, name: &ast::ObjectName) -> Result<Done> {
        let named = super::table_name(name)?;
        let table = match self.storage.catalog().tables.get(&named.name) {
            Some(table) => table.clone(),
            None if relation_exists(self.storage.catalog(), &named.name) => {
                return Err(not_materialized(&named));
            }
            None => return Err(named.missing("relation")),
        };
        let Some(text) = &table.materialized else {
            return Err(not_materialized(&named));
        };
        let result = self.rows_of(&*crate::sql::parse_query(text)?)?;
        let mut data = TableData::new(&table);
        for batch in &result.batches {
            let (_, duplicate) = data.append(&batch.columns, batch.rows)?;
            if let Some(duplicate) = duplicate {
                return Err(super::index::cannot_be_unique(&table, &data, &duplicate));
            }
        }
        self.storage.put_table(table.name.clone(), data);
        Ok(Done::command("REFRESH MATERIALIZED VIEW"))
    }

    pub(super) fn drop_materialized(
        &mut self,
        named: &Named,
        existence: Existence,
        behavior: Behavior,
    ) -> Result<()> {
        let before = self.storage.shared_catalog();
        match before.tables.get(&named.name) {
            Some(table) if table.materialized.is_some() => {}
            Some(_) => return Err(not_materialized(named)),
            None if relation_exists(&before, &named.name) => return Err(not_materialized(named)),
            None if existence == Existence::Optional => {
                self.notice(format!(
                    "materialized view \"{}\" does not exist, skipping",
                    named.name
                ));
                return Ok(());
            }
            None => return Err(named.missing("materialized view")),
        }
        glue::drop_table(self.storage, &named.name)?;
        let object = format!("materialized view {}", named.name);
        self.settle_views(&before, &object, behavior)
    }

    /// The definitions have changed: materialized views whose query no longer holds are an error,
    /// or go too.
    pub(super) fn settle_materialized(
        &mut self,
        before: &Catalog,
        object: &str,
        behavior: Behavior,
    ) -> Result<()> {
        let after = self.storage.shared_catalog();
        for table in after.tables.values() {
            let Some(text) = &table.materialized else {
                continue;
            };
            if !holds(before, text) || holds(&after, text) {
                continue;
            }
            let what = format!("materialized view {}", table.name);
            if behavior == Behavior::Restrict {
                let on = object.to_owned();
                return Err(still_needed(object, &[Dependent { what, on }]));
            }
            glue::drop_table(self.storage, &table.name)?;
            self.notice(format!("drop cascades to {what}"));
        }
        Ok(())
    }
}

fn holds(catalog: &Catalog, query: &str) -> bool {
    crate::sql::parse_query(query)
        .and_then(|query| bind::bind_query(&query, &binding(catalog, 0)))
        .is_ok()
}

fn not_materialized(named: &Named) -> Box<Diagnostic> {
    Diagnostic::error(
        sqlstate::WRONG_OBJECT_TYPE,
        format!("\"{}\" is not a materialized view", named.name),
    )
    .at(named.span)
}
