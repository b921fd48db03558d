//! CREATE VIEW and DROP VIEW.

use super::name::{Named, table_name};
use super::{Behavior, Definer, Done, Existence, already_exists, binding, relation_exists, unset};
use crate::base::diagnostic::sqlstate;
use crate::base::{Diagnostic, Result};
use crate::engine::bind;
use crate::engine::catalog::View;
use sqlparser::ast;
use std::sync::Arc;

impl Definer<'_> {
    pub(super) fn create_view(&mut self, create: &ast::CreateView) -> Result<Done> {
        let ast::CreateView {
            or_alter,
            or_replace,
            materialized,
            secure,
            name,
            name_before_not_exists: _,
            columns,
            query,
            options,
            cluster_by,
            comment,
            with_no_schema_binding,
            if_not_exists,
            // A temporary view lives as long as its session, and so does the whole database.
            temporary: _,
            copy_grants,
            to,
            params,
        } = create;
        let named = table_name(name)?;
        let span = named.span;
        unset(*or_alter, "CREATE OR ALTER VIEW", span)?;
        unset(*secure, "SECURE", span)?;
        let plain = matches!(options, ast::CreateTableOptions::None);
        unset(!plain, "an option of CREATE VIEW", span)?;
        unset(!cluster_by.is_empty(), "CLUSTER BY", span)?;
        unset(comment.is_some(), "COMMENT in CREATE VIEW", span)?;
        unset(*with_no_schema_binding, "WITH NO SCHEMA BINDING", span)?;
        unset(*copy_grants, "COPY GRANTS", span)?;
        unset(to.is_some(), "CREATE VIEW .. TO", span)?;
        unset(params.is_some(), "a parameter of CREATE VIEW", span)?;
        if *materialized {
            unset(*or_replace, "CREATE OR REPLACE MATERIALIZED VIEW", span)?;
            return self.create_materialized(&named, columns, query, *if_not_exists);
        }
        unset(*if_not_exists, "CREATE VIEW IF NOT EXISTS", span)?;
        let catalog = self.storage.shared_catalog();
        let old = catalog.views.get(&named.name);
        if relation_exists(&catalog, &named.name) && !(*or_replace && old.is_some()) {
            if *or_replace {
                return Err(Diagnostic::error(
                    sqlstate::WRONG_OBJECT_TYPE,
                    format!("\"{}\" is not a view", named.name),
                )
                .at(span));
            }
            return Err(already_exists(&named));
        }
        // A view cannot read itself: it is bound as if it were not there.
        let mut without = (*catalog).clone();
        without.views.remove(&named.name);
        let bound = bind::bind_view(query, &binding(&without, self.eval.now))?;
        if columns.len() > bound.fields.len() {
            return Err(Diagnostic::error(
                sqlstate::SYNTAX_ERROR,
                "CREATE VIEW specifies more column names than columns",
            )
            .at(span));
        }
        let mut names: Vec<Arc<str>> = Vec::with_capacity(bound.fields.len());
        for (place, field) in bound.fields.iter().enumerate() {
            let name: Arc<str> = match columns.get(place) {
                None => field.name.as_str().into(),
                Some(ast::ViewColumnDef {
                    name,
                    data_type,
                    options,
                }) => {
                    let more = data_type.is_some() || options.is_some();
                    unset(more, "a type in CREATE VIEW", span)?;
                    super::fold(name)
                }
            };
            if names.contains(&name) {
                return Err(Diagnostic::error(
                    sqlstate::DUPLICATE_COLUMN,
                    format!("column \"{name}\" specified more than once"),
                )
                .at(span));
            }
            names.push(name);
        }
        if let Some(old) = old {
            for (place, before) in old.columns.iter().enumerate() {
                match names.get(place) {
                    None => {
                        return Err(Diagnostic::error(
                            sqlstate::INVALID_TABLE_DEFINITION,
                            "cannot drop columns from view",
                        )
                        .at(span));
                    }
                    Some(after) if after != before => {
                        return Err(Diagnostic::error(
                            sqlstate::INVALID_TABLE_DEFINITION,
                            format!(
                                "cannot change name of view column \"{before}\" to \"{after}\""
                            ),
                        )
                        .at(span)
                        .hint(
                            "Use ALTER VIEW ... RENAME COLUMN ... to change name of view column instead.",
                        ));
                    }
                    Some(_) => {}
                }
            }
        }
        let view = View {
            name: named.name.clone(),
            columns: names,
            query: query.to_string().into(),
        };
        let views = &mut self.storage.catalog_mut().views;
        views.insert(named.name, Arc::new(view));
        Ok(Done::command("CREATE VIEW"))
    }

    pub(super) fn drop_view(
        &mut self,
        named: &Named,
        existence: Existence,
        behavior: Behavior,
    ) -> Result<()> {
        let before = self.storage.shared_catalog();
        if !before.views.contains_key(&named.name) {
            if relation_exists(&before, &named.name) {
                return Err(Diagnostic::error(
                    sqlstate::WRONG_OBJECT_TYPE,
                    format!("\"{}\" is not a view", named.name),
                )
                .at(named.span));
            }
            if existence == Existence::Optional {
                self.notice(format!("view \"{}\" does not exist, skipping", named.name));
                return Ok(());
            }
            return Err(named.missing("view"));
        }
        self.storage.catalog_mut().views.remove(&named.name);
        self.settle_views(&before, &format!("view {}", named.name), behavior)
    }
}
