//! Writing through views: a view that shows columns of one table as they are, perhaps of some of
//! its rows only, is written to as that table (PostgreSQL 15 manual, CREATE VIEW, "Updatable
//! Views").

use super::super::Binder;
use super::super::from::relation_name;
use super::super::scope::{Clause, Named, Scope, fold};
use super::super::select::conjuncts;
use super::Target;
use crate::base::diagnostic::sqlstate;
use crate::base::{Diagnostic, Result, Span};
use crate::engine::catalog::{Table, View};
use crate::engine::expr::{ColumnId, Expr};
use sqlparser::ast::{self, GroupByExpr, Ident, SelectItem, SetExpr, TableFactor};
use std::sync::Arc;

/// What a view shows of the table that it reads.
pub(super) struct Shown {
    /// The view's name.
    pub name: Arc<str>,
    /// Its columns, and where they stand in the table.
    columns: Vec<(Arc<str>, usize)>,
    /// The conditions of the view and of those that it reads.
    conditions: Vec<Condition>,
}

/// A condition, and what it calls the table's columns.
struct Condition {
    expr: ast::Expr,
    alias: Arc<str>,
    columns: Vec<(Arc<str>, usize)>,
}

impl Shown {
    /// Where a column of the view stands in the table.
    pub fn place(&self, name: &str) -> Option<usize> {
        self.columns
            .iter()
            .find(|(known, _)| **known == *name)
            .map(|(_, place)| *place)
    }

    /// The names of its columns.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(|(name, _)| &**name)
    }

    /// The places of its columns in the table.
    pub fn places(&self) -> Vec<usize> {
        self.columns.iter().map(|(_, place)| *place).collect()
    }

    /// Its columns over the ids that the table's columns have.
    pub fn named(&self, table: &Table, ids: &[ColumnId]) -> Vec<Named> {
        named(&self.columns, table, ids)
    }
}

fn named(columns: &[(Arc<str>, usize)], table: &Table, ids: &[ColumnId]) -> Vec<Named> {
    columns
        .iter()
        .filter_map(|(name, place)| {
            Some(Named {
                name: name.clone(),
                id: *ids.get(*place)?,
                ty: table.columns.get(*place)?.ty.clone(),
            })
        })
        .collect()
}

impl Binder<'_> {
    /// The table behind a view, and what the view shows of it.
    pub(super) fn writable(&self, view: &View, span: Option<Span>) -> Result<(Arc<Table>, Shown)> {
        let refused = || {
            Diagnostic::error(
                sqlstate::OBJECT_NOT_IN_PREREQUISITE_STATE,
                format!("cannot write through the view \"{}\"", view.name),
            )
            .at(span)
            .hint("Only a view that shows columns of one table as they are can be written to; write into the tables that it reads.")
        };
        let query = crate::sql::parse_query(&view.query)?;
        let simple = Simple::of(&query).ok_or_else(refused)?;
        let (schema, ident) = relation_name(simple.relation)?;
        let name = fold(ident);
        let table = super::super::from::table_named(self.context.catalog, schema.as_deref(), &name);
        let (table, below, mut conditions) = match (table, self.context.catalog.views.get(&*name)) {
            (Some(table), _) if table.materialized.is_none() => {
                let columns = table.columns.iter().zip(0..);
                let columns: Vec<(Arc<str>, usize)> = columns
                    .map(|(column, place)| (column.name.clone(), place))
                    .collect();
                (table.clone(), columns, Vec::new())
            }
            // Views were made before the views that read them, so this ends.
            (None, Some(below)) => {
                let (table, shown) = self.writable(below, span)?;
                (table, shown.columns, shown.conditions)
            }
            _ => return Err(refused()),
        };
        let mut columns: Vec<usize> = Vec::new();
        for item in simple.items {
            match item {
                Item::All => columns.extend(below.iter().map(|(_, place)| *place)),
                Item::Column(ident) => {
                    let name = fold(ident);
                    let found = below.iter().find(|(known, _)| **known == *name);
                    columns.push(found.ok_or_else(refused)?.1);
                }
            }
        }
        let mut once = columns.clone();
        once.sort_unstable();
        once.dedup();
        if columns.len() != view.columns.len() || once.len() != columns.len() {
            return Err(refused());
        }
        if let Some(condition) = simple.condition {
            conditions.push(Condition {
                expr: condition.clone(),
                alias: Arc::from(&*simple.alias.map_or(name, fold)),
                columns: below,
            });
        }
        let shown = Shown {
            name: view.name.clone(),
            columns: view.columns.iter().cloned().zip(columns).collect(),
            conditions,
        };
        Ok((table, shown))
    }

    /// The conditions of the view that a target is written through, over the table's columns.
    pub(super) fn view_conditions(
        &mut self,
        target: &Target,
        ids: &[ColumnId],
    ) -> Result<Vec<Expr>> {
        let Some(view) = &target.view else {
            return Ok(Vec::new());
        };
        let scopes = std::mem::take(&mut self.scopes);
        let mut all = Vec::new();
        let mut result = Ok(());
        for condition in &view.conditions {
            let (mut item, _) = self.table_item(&target.table, condition.alias.clone());
            item.columns = super::Columns::Named(named(&condition.columns, &target.table, ids));
            self.scopes.push(Scope {
                clause: Clause::Where,
                items: vec![item],
                ..Scope::default()
            });
            let bound = self
                .expr(&condition.expr)
                .and_then(|expr| self.boolean(expr, "WHERE"));
            self.scopes.pop();
            match bound {
                Ok(expr) => all.extend(conjuncts(expr)),
                Err(mut error) => {
                    error.span = target.span;
                    result = Err(error);
                }
            }
        }
        self.scopes = scopes;
        result.map(|()| all)
    }
}

/// The query of a view that can be written through.
struct Simple<'q> {
    items: Vec<Item<'q>>,
    relation: &'q ast::ObjectName,
    alias: Option<&'q Ident>,
    condition: Option<&'q ast::Expr>,
}

/// What such a query selects.
enum Item<'q> {
    All,
    Column(&'q Ident),
}

impl<'q> Simple<'q> {
    /// Reads a query; none when it does more than showing columns of one table.
    fn of(query: &'q ast::Query) -> Option<Self> {
        let ast::Query {
            with: None,
            body,
            order_by: _, // The order of rows is nothing that is written.
            limit_clause: None,
            fetch: None,
            locks,
            for_clause: None,
            settings: None,
            format_clause: None,
            pipe_operators,
        } = query
        else {
            return None;
        };
        let SetExpr::Select(select) = &**body else {
            return None;
        };
        let ast::Select {
            select_token: _,
            optimizer_hints: _,
            distinct: None,
            select_modifiers: None,
            top: None,
            top_before_distinct: _,
            projection,
            exclude: None,
            into: None,
            from,
            lateral_views,
            prewhere: None,
            selection,
            connect_by,
            group_by: GroupByExpr::Expressions(groups, modifiers),
            cluster_by,
            distribute_by,
            sort_by,
            having: None,
            named_window,
            qualify: None,
            window_before_qualify: _,
            value_table_mode: None,
            flavor: _,
        } = &**select
        else {
            return None;
        };
        let plain = locks.is_empty()
            && pipe_operators.is_empty()
            && lateral_views.is_empty()
            && connect_by.is_empty()
            && groups.is_empty()
            && modifiers.is_empty()
            && cluster_by.is_empty()
            && distribute_by.is_empty()
            && sort_by.is_empty()
            && named_window.is_empty();
        let [ast::TableWithJoins { relation, joins }] = from.as_slice() else {
            return None;
        };
        let TableFactor::Table {
            name,
            alias,
            args: None,
            with_hints: _,
            version: None,
            with_ordinality: false,
            partitions: _,
            json_path: None,
            sample: None,
            index_hints: _,
        } = relation
        else {
            return None;
        };
        let alias = match alias {
            None => None,
            Some(alias) if alias.columns.is_empty() => Some(&alias.name),
            Some(_) => return None,
        };
        if !plain || !joins.is_empty() {
            return None;
        }
        let items = projection
            .iter()
            .map(|item| match item {
                SelectItem::Wildcard(_) | SelectItem::QualifiedWildcard(..) => Some(Item::All),
                SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, alias: _ } => {
                    match expr {
                        ast::Expr::Identifier(ident) => Some(Item::Column(ident)),
                        ast::Expr::CompoundIdentifier(names) => names.last().map(Item::Column),
                        _ => None,
                    }
                }
                SelectItem::ExprWithAliases { .. } => None,
            })
            .collect::<Option<Vec<_>>>()?;
        Some(Self {
            items,
            relation: name,
            alias,
            condition: selection.as_ref(),
        })
    }
}
