//! Named relations: tables, views, common table expressions.

use super::super::Binder;
use super::super::query::{Bound, Output, Unknowns};
use super::super::scope::{Bare, Columns, Item, Named, Scope, fold, ident_span, not_reserved};
use super::super::suggest;
use super::name::{alias_parts, name_span, named, relation_name};
use crate::base::diagnostic::sqlstate;
use crate::base::{Diagnostic, Result, Span};
use crate::engine::catalog::{Catalog, TEMPORARY, Table, View};
use crate::engine::expr::{ColumnId, Expr, ExprKind};
use crate::engine::plan::{Plan, Scan, ScanColumn};
use sqlparser::ast::{Ident, ObjectName, ObjectNamePart, TableAlias};
use std::sync::Arc;

impl Binder<'_> {
    /// A table, a view or a common table expression.
    pub(super) fn named_relation(
        &mut self,
        name: &ObjectName,
        alias: Option<&TableAlias>,
    ) -> Result<Plan> {
        let (schema, ident) = relation_name(name)?;
        not_reserved(ident)?;
        let span = name_span(name);
        let table = fold(ident);
        if schema.is_none()
            && let Some(plan) = self.cte_scan(&table, alias, ident)?
        {
            return Ok(plan);
        }
        match schema.as_deref() {
            None | Some("public" | "pg_temp") => {}
            Some("information_schema") => {
                let Some(bound) = self.information_schema(&table) else {
                    return Err(self.unknown_table(&name.to_string(), &table, span));
                };
                return self.derived_as(bound, &table, ident, alias);
            }
            Some(_) => return Err(self.unknown_table(&name.to_string(), &table, span)),
        }
        let catalog = self.context.catalog;
        if let Some(found) = table_named(catalog, schema.as_deref(), &table) {
            let found = found.clone();
            return self.table_scan(found, alias, ident);
        }
        if let Some(view) = catalog.views.get(&*table) {
            let view = view.clone();
            let bound = self.view(&view, span)?;
            return self.derived_as(bound, &table, ident, alias);
        }
        Err(self.unknown_table(&table, &table, span))
    }

    pub(in crate::engine::bind) fn unknown_table(
        &self,
        shown: &str,
        name: &str,
        span: Option<Span>,
    ) -> Box<Diagnostic> {
        let error = Diagnostic::error(
            sqlstate::UNDEFINED_TABLE,
            format!("relation \"{shown}\" does not exist"),
        )
        .at(span);
        let catalog = self.context.catalog;
        let known = catalog
            .tables
            .keys()
            .chain(catalog.views.keys())
            .map(|name| &**name)
            .chain(self.ctes.iter().map(|cte| cte.name.as_str()));
        let near: Vec<String> = suggest::nearest(name, known)
            .into_iter()
            .map(String::from)
            .collect();
        match suggest::hint(&near) {
            Some(hint) => error.hint(hint),
            None => error,
        }
    }

    /// Reads a stored table under a name.
    pub(in crate::engine::bind) fn table_scan(
        &mut self,
        table: Arc<Table>,
        alias: Option<&TableAlias>,
        ident: &Ident,
    ) -> Result<Plan> {
        let first = ColumnId(self.next_column);
        self.next_column += table.columns.len() as u32;
        let columns = table
            .columns
            .iter()
            .enumerate()
            .map(|(place, column)| {
                (
                    ColumnId(first.0 + place as u32),
                    ScanColumn::Stored(place),
                    column.ty.clone(),
                )
            })
            .collect();
        let (name, span): (Arc<str>, _) = match alias {
            Some(alias) => (Arc::from(&*fold(&alias.name)), ident_span(&alias.name)),
            None => (Arc::from(table.plain_name()), ident_span(ident)),
        };
        let scan = Scan {
            table: table.name.clone(),
            alias: name.clone(),
            columns,
            predicates: Vec::new(),
        };
        match alias {
            Some(alias) if !alias.columns.is_empty() => {
                let named = table
                    .columns
                    .iter()
                    .enumerate()
                    .map(|(place, column)| Named {
                        name: column.name.clone(),
                        id: ColumnId(first.0 + place as u32),
                        ty: column.ty.clone(),
                    })
                    .collect();
                self.add_named(named, alias)?;
            }
            _ => {
                if let Some(alias) = alias {
                    alias_parts(alias)?;
                }
                self.add_item(
                    Item {
                        alias: Some(name),
                        bare: Bare::Found,
                        columns: Columns::Table(table, first),
                    },
                    span,
                )?;
            }
        }
        Ok(Plan::Scan(scan))
    }

    pub(super) fn derived(&mut self, bound: Bound, alias: &TableAlias) -> Result<Plan> {
        let columns = bound.columns.into_iter().map(named).collect();
        self.add_named(columns, alias)?;
        Ok(bound.plan)
    }

    /// A derived table that has a name even without alias.
    pub(in crate::engine::bind) fn derived_as(
        &mut self,
        bound: Bound,
        name: &str,
        ident: &Ident,
        alias: Option<&TableAlias>,
    ) -> Result<Plan> {
        match alias {
            Some(alias) => self.derived(bound, alias),
            None => {
                let columns = bound.columns.into_iter().map(named).collect();
                self.add_item(
                    Item {
                        alias: Some(Arc::from(name)),
                        bare: Bare::Found,
                        columns: Columns::Named(columns),
                    },
                    ident_span(ident),
                )?;
                Ok(bound.plan)
            }
        }
    }

    /// A view's query, bound where it sees nothing of this statement.
    pub(in crate::engine::bind) fn view(
        &mut self,
        view: &View,
        span: Option<Span>,
    ) -> Result<Bound> {
        if self.views >= MAX_VIEWS {
            return Err(Diagnostic::error(
                sqlstate::STATEMENT_TOO_COMPLEX,
                "stack depth limit exceeded",
            )
            .at(span)
            .hint(format!("Views may read views {MAX_VIEWS} levels deep.")));
        }
        let scopes = std::mem::take(&mut self.scopes);
        let ctes = std::mem::take(&mut self.ctes);
        self.views += 1;
        let bound = crate::sql::parse_query(&view.query)
            .and_then(|query| self.query(&query, Unknowns::AsText));
        self.views -= 1;
        self.scopes = scopes;
        self.ctes = ctes;
        let mut bound = bound.map_err(|mut error| {
            error.span = span;
            error.hint(format!("The error is inside the view \"{}\".", view.name))
        })?;
        // Positions inside the view's text mean nothing in the statement's.
        point(&mut bound.plan, span);
        for (column, name) in bound.columns.iter_mut().zip(&view.columns) {
            column.name = name.clone();
        }
        Ok(bound)
    }

    /// `TABLE name`
    pub(in crate::engine::bind) fn whole_table(
        &mut self,
        table: Option<&str>,
        schema: Option<&str>,
    ) -> Result<Bound> {
        let mut parts = Vec::new();
        for name in schema.iter().chain(&table) {
            parts.push(ObjectNamePart::Identifier(Ident::new(*name)));
        }
        self.scopes.push(Scope::default());
        let plan = self.named_relation(&ObjectName(parts), None);
        let scope = self.scopes.pop();
        let plan = plan?;
        let mut columns = Vec::new();
        for item in scope.iter().flat_map(|scope| &scope.items) {
            item.each(|name, id, ty| {
                columns.push(Output {
                    name: name.clone(),
                    id,
                    ty: ty.clone(),
                });
            });
        }
        Ok(Bound {
            plan,
            columns,
            span: None,
        })
    }
}

/// How deep views may read views.
pub(super) const MAX_VIEWS: usize = 32;

/// The table that a name means.
pub(in crate::engine::bind) fn table_named<'c>(
    catalog: &'c Catalog,
    schema: Option<&str>,
    name: &str,
) -> Option<&'c Arc<Table>> {
    match schema {
        None => catalog.table(name),
        Some("pg_temp") => catalog.tables.get(format!("{TEMPORARY}{name}").as_str()),
        Some(_) => catalog.tables.get(name),
    }
}

/// Points every expression of a plan to one place.
pub(super) fn point(plan: &mut Plan, span: Option<Span>) {
    fn expr(target: &mut Expr, span: Option<Span>) {
        target.span = span;
        if let ExprKind::Subquery(subquery) = &mut target.kind {
            point(&mut subquery.plan, span);
        }
        target.children_mut(&mut |child| expr(child, span));
    }
    plan.exprs_mut(&mut |target| expr(target, span));
    match plan {
        Plan::Aggregate(aggregate) => {
            for (_, call) in &mut aggregate.calls {
                call.span = span;
            }
        }
        Plan::Window(window) => {
            for (_, call) in &mut window.calls {
                call.span = span;
            }
        }
        _ => {}
    }
    plan.inputs_mut(&mut |input| point(input, span));
}
