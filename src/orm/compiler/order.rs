//! ORDER BY: from the query, or from the model.

use super::{Column, Compiler, Stop};
use crate::market::catalogue::Model;
use crate::orm::errors::{ExceptionClass, OrmError, Result};
use crate::orm::expressions::{Expr, Nulls, OrderBy, Resolve};
use crate::orm::functions::{cast, known};
use crate::orm::query::{OrderPath, Ordering, Select};
use crate::orm::sql::Sql;
use std::sync::Arc;

/// The keys of a query's ordering, resolved, for a window that numbers its rows.
///
/// # Errors
/// What resolving them runs into.
pub fn ordering(query: &crate::orm::query::Query) -> Result<Vec<Expr>> {
    let mut compiler = Compiler::new(query, "UTC", super::Elide::Yes);
    match compiler.order_by() {
        Ok(keys) => Ok(keys.into_iter().map(|key| key.expr).collect()),
        Err(Stop::Error(error)) => Err(error),
        Err(Stop::Empty | Stop::Full) => Ok(Vec::new()),
    }
}

/// One key of an ordering.
pub(super) struct OrderKey {
    /// The [`Expr::OrderBy`].
    pub expr: Expr,
    /// Its SQL.
    pub sql: Sql,
    /// Whether it refers to a selected column.
    pub is_ref: bool,
    /// What is ordered by, without direction.
    bare: Sql,
}

impl Compiler<'_> {
    /// The keys, compiled, each once.
    pub(super) fn order_by(&mut self) -> std::result::Result<Vec<OrderKey>, Stop> {
        let mut keys: Vec<OrderKey> = Vec::new();
        for (expr, is_ref) in self.order_pairs()? {
            let before = expr.clone();
            let mut resolved = expr.resolve(&mut self.query, &mut Resolve::joins())?;
            if !is_ref && self.query.combinator.is_some() && !self.select.is_empty() {
                match self.combined_key(&before, &resolved)? {
                    Some(key) => resolved = key,
                    None => continue,
                }
            }
            let Expr::OrderBy(order) = &resolved else {
                return Err(OrmError::internal("an ordering key without direction").into());
            };
            let bare = self.compile(&order.expression)?;
            if keys.iter().any(|key| key.bare == bare) {
                continue;
            }
            let sql = self.compile(&resolved)?;
            keys.push(OrderKey {
                expr: resolved,
                sql,
                is_ref,
                bare,
            });
        }
        Ok(keys)
    }

    /// The keys before resolution, each with whether it is a reference already.
    fn order_pairs(&mut self) -> std::result::Result<Vec<(Expr, bool)>, Stop> {
        let ordering: Vec<Ordering> =
            if !self.query.default_ordering || !self.query.order_by.is_empty() {
                self.query.order_by.clone()
            } else {
                let model = &self.query.model.ordering;
                self.meta_ordering = !model.is_empty();
                model.iter().cloned().map(Ordering::Name).collect()
            };
        let mut labels: Vec<(String, Expr)> = Vec::new();
        let mut selected: Vec<(Expr, Expr)> = Vec::new();
        if !ordering.is_empty() {
            let mut first: Vec<(Expr, Expr)> = Vec::new();
            for (at, column) in self.select.iter().enumerate() {
                let position = Expr::PositionRef(
                    at + 1,
                    column.alias.clone().unwrap_or_default(),
                    Box::new(column.expr.clone()),
                );
                let first_position = if self.query.distinct_fields.is_empty() {
                    position.clone()
                } else {
                    match first.iter().find(|(known, _)| *known == column.expr) {
                        Some((_, known)) => known.clone(),
                        None => {
                            first.push((column.expr.clone(), position.clone()));
                            position.clone()
                        }
                    }
                };
                if let Some(alias) = &column.alias {
                    let chosen = if self.query.selects_annotation(alias) {
                        position
                    } else {
                        first_position.clone()
                    };
                    labels.push((alias.clone(), chosen));
                }
                selected.push((column.expr.clone(), first_position));
            }
        }
        let label = |name: &str| {
            labels
                .iter()
                .rev()
                .find(|(known, _)| known == name)
                .map(|(_, position)| position.clone())
        };
        let reversed = !self.query.standard_ordering;
        let mut pairs = Vec::new();
        for key in ordering {
            let name = match key {
                Ordering::Expr(expr) => {
                    let expr = match expr {
                        Expr::Value(_) => {
                            let field = expr.output_field()?;
                            cast(expr, field)?
                        }
                        Expr::Q(_) => {
                            let message = "'Q' object has no attribute 'asc'";
                            return Err(
                                OrmError::new(ExceptionClass::AttributeError, message).into()
                            );
                        }
                        other => other,
                    };
                    let mut order = match expr {
                        Expr::OrderBy(order) => *order,
                        other => OrderBy {
                            expression: other,
                            descending: false,
                            nulls: Nulls::Default,
                        },
                    };
                    if reversed {
                        order.reverse();
                    }
                    let found = selected
                        .iter()
                        .rev()
                        .find(|(known, _)| *known == order.expression)
                        .map(|(_, position)| position.clone())
                        .or_else(|| match &order.expression {
                            Expr::F(name) => label(name),
                            _ => None,
                        });
                    let is_ref = found.is_some();
                    if let Some(position) = found {
                        order.expression = position;
                    }
                    pairs.push((Expr::OrderBy(Box::new(order)), is_ref));
                    continue;
                }
                Ordering::Name(name) => name,
            };
            if name == "?" {
                pairs.push((known("Random", Vec::new())?.asc(), false));
                continue;
            }
            let (column, minus) = match name.strip_prefix('-') {
                Some(column) => (column, true),
                None => (name.as_str(), false),
            };
            let descending = minus != reversed;
            if let Some(position) = label(column) {
                pairs.push((position.ordered(descending, Nulls::Default), true));
                continue;
            }
            let mut parts = column.split("__");
            let first = parts.next().unwrap_or_default().to_owned();
            let (reference, transforms, annotation) =
                match self.query.annotations.get(column).cloned() {
                    Some(annotation) => (column.to_owned(), Vec::new(), Some(annotation)),
                    None => (
                        first.clone(),
                        parts.map(str::to_owned).collect(),
                        self.query.annotations.get(&first).cloned(),
                    ),
                };
            if let Some(annotation) = annotation {
                let mut expr = annotation;
                if self.query.combinator.is_some() && !self.select.is_empty() {
                    if !transforms.is_empty() {
                        return Err(OrmError::not_implemented(
                            "Ordering combined queries by transforms is not implemented.",
                        )
                        .into());
                    }
                    expr = Expr::F(reference);
                }
                for transform in &transforms {
                    expr = self.query.try_transform(expr, transform, None)?;
                }
                if let Expr::Value(_) = expr {
                    let field = expr.output_field()?;
                    expr = cast(expr, field)?;
                }
                pairs.push((expr.ordered(descending, Nulls::Default), false));
                continue;
            }
            if self.query.combinator.is_some() && !self.select.is_empty() {
                pairs.push((
                    Expr::F(column.to_owned()).ordered(descending, Nulls::Default),
                    false,
                ));
                continue;
            }
            let model = self.query.model.clone();
            let alias = self.query.initial_alias();
            let mut seen = Vec::new();
            for expr in self.ordering_name(&name, &alias, &model, reversed, &mut seen)? {
                pairs.push((expr, false));
            }
        }
        Ok(pairs)
    }

    /// The keys of a name: a relation is ordered as its own model is.
    fn ordering_name(
        &mut self,
        name: &str,
        alias: &str,
        model: &Arc<Model>,
        reversed: bool,
        seen: &mut Vec<String>,
    ) -> Result<Vec<Expr>> {
        let (path, minus) = match name.strip_prefix('-') {
            Some(path) => (path, true),
            None => (name, false),
        };
        let descending = minus != reversed;
        let (related, alias) = match self.query.order_path(path, model, alias)? {
            OrderPath::Column(expr) => {
                return Ok(vec![expr.ordered(descending, Nulls::Default)]);
            }
            OrderPath::Related(related, alias) => (related, alias),
        };
        if seen.contains(&alias) {
            return Err(OrmError::field("Infinite loop caused by ordering."));
        }
        seen.push(alias.clone());
        if seen.len() > self.query.catalogue.models().len() {
            return Err(OrmError::field("Infinite loop caused by ordering."));
        }
        let mut keys = Vec::new();
        for item in related.ordering.clone() {
            keys.extend(self.ordering_name(&item, &alias, &related, descending, seen)?);
        }
        Ok(keys)
    }

    /// A key of a set operation: it must be one of the columns, by its label.
    fn combined_key(&mut self, before: &Expr, resolved: &Expr) -> Result<Option<Expr>> {
        let (Expr::OrderBy(order), Expr::OrderBy(given)) = (resolved, before) else {
            return Ok(Some(resolved.clone()));
        };
        let source = &order.expression;
        for column in &self.select {
            if column.expr != *source {
                continue;
            }
            let named = match (&given.expression, &column.alias) {
                (Expr::F(name), Some(alias)) => name == alias,
                _ => false,
            };
            if let Some(alias) = &column.alias
                && self.query.has_select_fields()
                && self.query.selects_annotation(alias)
                && !named
            {
                continue;
            }
            let label = match (&column.alias, source) {
                (Some(alias), _) => alias.clone(),
                (None, Expr::Col(col)) => col.target.column.clone(),
                (None, _) => String::new(),
            };
            return Ok(Some(
                Expr::Ref(label, Box::new(source.clone())).ordered(order.descending, order.nulls),
            ));
        }
        let label = format!("__orderbycol{}", self.query.select.len() + 1);
        for query in &mut self.query.combined_queries {
            if query.has_select_fields() {
                return Err(OrmError::new(
                    ExceptionClass::DatabaseError,
                    "ORDER BY term does not match any column in the result set.",
                ));
            }
            query.add_annotation(&given.expression, &label, Select::Yes)?;
        }
        if self.query.selected.is_none() {
            // Django itself stumbles here; its words are kept.
            return Err(OrmError::kind(
                "'NoneType' object does not support item assignment",
            ));
        }
        self.query.select.push(source.clone());
        self.query.values_select.push(label.clone());
        Ok(Some(
            Expr::Ref(label, Box::new(source.clone())).ordered(order.descending, order.nulls),
        ))
    }

    /// What DISTINCT makes it select as well: the keys that are not selected.
    pub(super) fn extra_select(&self, order_by: &[OrderKey]) -> Vec<Column> {
        if !self.query.distinct || !self.query.distinct_fields.is_empty() {
            return Vec::new();
        }
        order_by
            .iter()
            .filter(|key| !key.is_ref && !self.select.iter().any(|column| column.sql == key.bare))
            .map(|key| Column {
                expr: key.expr.clone(),
                sql: key.bare.clone(),
                alias: None,
            })
            .collect()
    }
}

impl OrderBy {
    /// The other way round, NULLs included.
    pub(in crate::orm) fn reverse(&mut self) {
        self.descending = !self.descending;
        self.nulls = match self.nulls {
            Nulls::Default => Nulls::Default,
            Nulls::First => Nulls::Last,
            Nulls::Last => Nulls::First,
        };
    }
}
