//! `aggregate()`: one row of aggregates, over the query itself or over it as a subquery.

use super::{Clear, GroupBy, Query, Select, SelectRelated, check_alias};
use crate::orm::errors::{OrmError, Result};
use crate::orm::expressions::{Expr, Refs, Resolve};
use crate::orm::ordered::OrderedMap;
use crate::orm::where_tree::Grouped;
use std::collections::BTreeSet;

impl Query {
    /// The query that computes aggregates, each under its name.
    ///
    /// # Errors
    /// `TypeError` for an expression that is no aggregate, `FieldError` for names.
    pub(in crate::orm) fn aggregation(mut self, aggregates: &[(String, Expr)]) -> Result<Query> {
        let mut refs_subquery = false;
        let mut refs_window = false;
        let mut replacements: Vec<(Expr, Expr)> = Vec::new();
        let mask = self.annotation_mask.clone();
        for (alias, aggregate) in aggregates {
            check_alias(alias)?;
            let resolved = aggregate.resolve(&mut self, &mut Resolve::summary())?;
            if !resolved.contains_aggregate() {
                return Err(OrmError::kind(format!(
                    "{alias} is not an aggregate expression"
                )));
            }
            self.append_annotation_mask(std::iter::once(alias.clone()));
            for name in resolved.refs() {
                if let Some(annotation) = self.annotations.get(&name) {
                    refs_subquery |= annotation.contains_subquery();
                    refs_window |= annotation.contains_over_clause();
                }
            }
            let resolved = resolved.replaced(&replacements);
            self.annotations.insert(alias.as_str(), resolved.clone());
            self.summaries.insert(alias.clone());
            replacements.push((
                Expr::Ref(alias.clone(), Box::new(resolved.clone())),
                resolved,
            ));
        }
        let mut computed: OrderedMap<Expr> = OrderedMap::new();
        for (alias, _) in aggregates {
            if let Some(expr) = self.annotations.remove(alias) {
                computed.insert(alias.as_str(), expr);
            }
        }
        self.set_annotation_mask(mask);
        let parts = self.where_tree.clone().split(false, Grouped::No)?;
        let existing =
            self.annotations.values().any(Expr::contains_aggregate) || parts.having.is_some();
        let grouped = matches!(self.group_by, GroupBy::By(_));
        let mut outer = if grouped
            || self.is_sliced()
            || existing
            || refs_subquery
            || refs_window
            || parts.qualify.is_some()
            || self.distinct
            || self.combinator.is_some()
        {
            self.around_subquery(computed, existing, parts.qualify.is_some())?
        } else {
            self.select.clear();
            self.selected = None;
            self.default_cols = false;
            let known: Vec<(Expr, Expr)> = self
                .annotations
                .iter()
                .map(|(alias, annotation)| {
                    (
                        Expr::Ref(alias.to_owned(), Box::new(annotation.clone())),
                        annotation.clone(),
                    )
                })
                .collect();
            self.annotations = computed
                .into_iter()
                .map(|(alias, aggregate)| {
                    let aggregate = aggregate.replaced(&known);
                    (alias, aggregate)
                })
                .collect();
            self.annotation_mask = None;
            self
        };
        outer.clear_ordering(Clear::Always, true);
        outer.clear_limits();
        outer.select_for_update = None;
        outer.select_related = SelectRelated::No;
        Ok(outer)
    }

    /// Aggregates over the query as `SELECT .. FROM (..) subquery`.
    fn around_subquery(
        self,
        computed: OrderedMap<Expr>,
        existing: bool,
        qualify: bool,
    ) -> Result<Query> {
        let mut inner = self.clone();
        inner.subquery = true;
        inner.select_for_update = None;
        inner.select_related = SelectRelated::No;
        let selected: BTreeSet<String> = self
            .annotation_select()
            .into_iter()
            .map(|(name, _)| name)
            .collect();
        inner.set_annotation_mask(Some(selected));
        if inner.ordering_is_grouped()? {
            inner.clear_ordering(Clear::Unless, true);
        }
        let key = self.key()?;
        if !inner.distinct {
            if inner.default_cols && existing {
                let alias = inner.initial_alias();
                inner.group_by = GroupBy::By(vec![inner.col(&alias, &key)]);
            }
            inner.default_cols = false;
            if !qualify && self.combinator.is_none() {
                let mut mask: BTreeSet<String> = BTreeSet::new();
                if let GroupBy::By(exprs) = &self.group_by {
                    mask.extend(exprs.iter().flat_map(Expr::refs));
                }
                for aggregate in computed.values() {
                    mask.extend(aggregate.refs());
                }
                for (name, annotation) in self.annotation_select() {
                    if !annotation.group_by_cols().is_empty() {
                        mask.insert(name);
                    }
                }
                inner.set_annotation_mask(Some(mask));
            }
        }
        let mut outer = Query::new(self.catalogue.clone(), self.model.clone());
        let mut known: Vec<(Expr, Expr)> = Vec::new();
        for (alias, aggregate) in computed {
            let mut replacements: Vec<(Expr, Expr)> = Vec::new();
            for col in Self::gen_cols(std::slice::from_ref(&aggregate), Refs::Skip) {
                let col = Expr::Col(col);
                let reference = match known.iter().find(|(seen, _)| *seen == col) {
                    Some((_, reference)) => reference.clone(),
                    None => {
                        let label = format!("__col{}", known.len() + 1);
                        inner.place_annotation(col.clone(), &label, Select::Yes);
                        let reference = Expr::Ref(label, Box::new(col.clone()));
                        known.push((col.clone(), reference.clone()));
                        reference
                    }
                };
                replacements.push((col, reference));
            }
            outer
                .annotations
                .insert(alias, aggregate.replaced(&replacements));
        }
        let masked = inner
            .annotation_mask
            .as_ref()
            .is_none_or(BTreeSet::is_empty);
        if inner.select.is_empty() && !inner.default_cols && masked {
            let alias = inner.initial_alias();
            inner.select = vec![inner.col(&alias, &key)];
        }
        outer.inner_query = Some(Box::new(inner));
        Ok(outer)
    }
}
