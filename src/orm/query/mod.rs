//! The description of a query while it is being built (Django's `sql.Query`): tables and joins,
//! conditions, annotations, selection, grouping, ordering, limits.
//!
//! A [`QuerySet`](super::queryset::QuerySet) owns one and clones it for each step, so nothing
//! here is shared. The compiler turns it into SQL.

use super::errors::{OrmError, Result};
use super::expressions::{ChangeMap, Col, Expr, FieldRef, Refs, Resolve, Reuse, column_type};
use super::ordered::OrderedMap;
use super::where_tree::WhereNode;
use crate::market::catalogue::{Catalogue, Model};
use std::collections::BTreeSet;
use std::sync::Arc;

mod aggregation;
mod combine;
mod exclude;
mod filter;
mod joins;
mod names;
mod parts;
mod promote;
mod select;

pub use filter::FilteredRelation;
pub(super) use joins::OrderPath;
pub use joins::{Join, JoinField, JoinType, PathInfo};
pub use parts::{
    Aliases, Clear, Combinator, Deferred, Explain, ForUpdate, GroupBy, Ordering, Paths, Select,
    SelectRelated, Selected,
};

/// A query under construction.
#[derive(Clone, Debug)]
pub struct Query {
    /// The models that paths may reach.
    pub catalogue: Arc<Catalogue>,
    /// The model whose rows it selects.
    pub model: Arc<Model>,
    pub(super) alias_prefix: String,
    pub(super) subq_aliases: BTreeSet<String>,
    pub(super) alias_refcount: OrderedMap<i64>,
    pub(super) alias_map: OrderedMap<Join>,
    pub(super) table_map: OrderedMap<Vec<String>>,
    /// Aliases of the query around, each with whether it is written as an alias there.
    pub(super) external_aliases: OrderedMap<()>,
    pub(super) used_aliases: Reuse,
    /// Whether the next step's conditions may use those aliases as well.
    pub(super) sticky: bool,
    pub(super) where_tree: WhereNode,
    pub(super) annotations: OrderedMap<Expr>,
    pub(super) annotation_mask: Option<BTreeSet<String>>,
    /// Annotations that belong to `aggregate()`.
    pub(super) summaries: BTreeSet<String>,
    pub(super) filtered_relations: OrderedMap<FilteredRelation>,
    pub(super) default_cols: bool,
    pub(super) default_ordering: bool,
    pub(super) standard_ordering: bool,
    /// Whether it stands inside another query.
    pub subquery: bool,
    /// Columns in front of those of the instances, each under its name.
    pub(super) leading: Vec<(String, Expr)>,
    pub(super) select: Vec<Expr>,
    pub(super) values_select: Vec<String>,
    pub(super) selected: Option<OrderedMap<Selected>>,
    pub(super) group_by: GroupBy,
    pub(super) order_by: Vec<Ordering>,
    pub(super) low_mark: u64,
    pub(super) high_mark: Option<u64>,
    pub(super) distinct: bool,
    pub(super) distinct_fields: Vec<String>,
    pub(super) select_for_update: Option<ForUpdate>,
    pub(super) select_related: SelectRelated,
    pub(super) deferred: Deferred,
    pub(super) combinator: Option<Combinator>,
    pub(super) combinator_all: bool,
    pub(super) combined_queries: Vec<Query>,
    pub(super) explain: Option<Explain>,
    /// The query that `SELECT .. FROM (..) subquery` wraps, for `aggregate()`.
    pub(super) inner_query: Option<Box<Query>>,
    /// The joins of the last lookup, for `trim_start`.
    pub(super) lookup_joins: Vec<String>,
}

/// Queries are equal when they were built alike.
impl PartialEq for Query {
    fn eq(&self, other: &Self) -> bool {
        self.model.name == other.model.name
            && self.alias_map == other.alias_map
            && self.where_tree == other.where_tree
            && self.annotations == other.annotations
            && self.annotation_mask == other.annotation_mask
            && self.select == other.select
            && self.group_by == other.group_by
            && self.order_by == other.order_by
            && (self.low_mark, self.high_mark) == (other.low_mark, other.high_mark)
            && self.distinct == other.distinct
            && self.combined_queries == other.combined_queries
    }
}

impl Query {
    /// All rows of a model.
    pub fn new(catalogue: Arc<Catalogue>, model: Arc<Model>) -> Self {
        Self {
            catalogue,
            model,
            alias_prefix: "T".to_owned(),
            subq_aliases: BTreeSet::from(["T".to_owned()]),
            alias_refcount: OrderedMap::new(),
            alias_map: OrderedMap::new(),
            table_map: OrderedMap::new(),
            external_aliases: OrderedMap::new(),
            used_aliases: Reuse::new(),
            sticky: false,
            where_tree: WhereNode::default(),
            annotations: OrderedMap::new(),
            annotation_mask: None,
            summaries: BTreeSet::new(),
            filtered_relations: OrderedMap::new(),
            default_cols: true,
            default_ordering: true,
            standard_ordering: true,
            subquery: false,
            leading: Vec::new(),
            select: Vec::new(),
            values_select: Vec::new(),
            selected: None,
            group_by: GroupBy::None,
            order_by: Vec::new(),
            low_mark: 0,
            high_mark: None,
            distinct: false,
            distinct_fields: Vec::new(),
            select_for_update: None,
            select_related: SelectRelated::No,
            deferred: Deferred::Except(BTreeSet::new()),
            combinator: None,
            combinator_all: false,
            combined_queries: Vec::new(),
            explain: None,
            inner_query: None,
            lookup_joins: Vec::new(),
        }
    }

    /// A copy for the next step; its joins across many rows are its own, unless this one is
    /// sticky.
    #[must_use]
    pub fn chain(&self) -> Self {
        let mut copy = self.clone();
        if !copy.sticky {
            copy.used_aliases = Reuse::new();
        }
        copy.sticky = false;
        copy
    }

    /// The primary key of the model.
    ///
    /// # Errors
    /// The model has none, which `Model::new` prevents.
    pub fn key(&self) -> Result<FieldRef> {
        key_of(&self.model)
    }

    /// A column of one of the query's tables.
    pub(super) fn col(&self, alias: &str, target: &FieldRef) -> Expr {
        Expr::Col(Col {
            alias: alias.to_owned(),
            target: target.clone(),
            output_field: column_type(target, &self.catalogue),
            typed: target.is_relation(),
            possibly_multivalued: false,
        })
    }

    /// The type of the one column that the query selects.
    ///
    /// # Errors
    /// The column is an expression whose parts do not agree.
    pub fn output_field(&self) -> Result<Option<FieldRef>> {
        match self.select.as_slice() {
            [Expr::Col(col)] => Ok(Some(col.target.clone())),
            [one] => one.output_field_or_none(),
            _ => {
                let mut annotations = self.annotation_select().into_iter();
                match (annotations.next(), annotations.next()) {
                    (Some((_, only)), None) => only.output_field_or_none(),
                    _ => Ok(None),
                }
            }
        }
    }

    /// The annotations that are selected.
    pub(super) fn annotation_select(&self) -> Vec<(String, Expr)> {
        self.annotations
            .iter()
            .filter(|(name, _)| {
                self.annotation_mask
                    .as_ref()
                    .is_none_or(|mask| mask.contains(*name))
            })
            .map(|(name, expr)| (name.to_owned(), expr.clone()))
            .collect()
    }

    /// Whether an annotation is there and selected.
    pub(super) fn selects_annotation(&self, name: &str) -> bool {
        self.annotations.contains(name)
            && self
                .annotation_mask
                .as_ref()
                .is_none_or(|mask| mask.contains(name))
    }

    /// Adds an annotation.
    ///
    /// # Errors
    /// The alias is no label, or the expression does not resolve.
    pub fn add_annotation(&mut self, annotation: &Expr, alias: &str, select: Select) -> Result<()> {
        check_alias(alias)?;
        let resolved = annotation.resolve(self, &mut Resolve::joins())?;
        self.place_annotation(resolved, alias, select);
        Ok(())
    }

    /// Adds an annotation that is resolved already.
    pub(super) fn place_annotation(&mut self, resolved: Expr, alias: &str, select: Select) {
        match select {
            Select::Yes => self.append_annotation_mask(std::iter::once(alias.to_owned())),
            Select::No => {
                let others = self
                    .annotation_select()
                    .into_iter()
                    .map(|(name, _)| name)
                    .filter(|name| name != alias)
                    .collect();
                self.set_annotation_mask(Some(others));
            }
        }
        self.annotations.insert(alias, resolved);
        if select == Select::Yes
            && let Some(selected) = &mut self.selected
            && !selected.is_empty()
        {
            selected.insert(alias, Selected::Annotation(alias.to_owned()));
        }
    }

    /// Selects these annotations only, or all of them.
    pub(super) fn set_annotation_mask(&mut self, names: Option<BTreeSet<String>>) {
        if let (Some(names), Some(selected)) = (&names, &self.selected)
            && !selected.is_empty()
        {
            let mut kept: OrderedMap<Selected> = selected
                .iter()
                .filter(|(_, value)| match value {
                    Selected::Annotation(name) => names.contains(name),
                    Selected::Column(_) => true,
                })
                .map(|(name, value)| (name.to_owned(), value.clone()))
                .collect();
            // Python iterates the names as they were given; the annotations' order is ours.
            for name in self.annotations.keys() {
                if names.contains(name) {
                    kept.insert(name, Selected::Annotation(name.to_owned()));
                }
            }
            for name in names {
                if !kept.contains(name) {
                    kept.insert(name.as_str(), Selected::Annotation(name.clone()));
                }
            }
            self.selected = Some(kept);
        }
        self.annotation_mask = names;
    }

    /// Selects these annotations too.
    pub(super) fn append_annotation_mask(&mut self, names: impl IntoIterator<Item = String>) {
        if let Some(mask) = &self.annotation_mask {
            let mut mask = mask.clone();
            mask.extend(names);
            self.set_annotation_mask(Some(mask));
        }
    }

    /// The labels of the columns that `values()` chose.
    pub(super) fn labels(&self) -> Vec<String> {
        match &self.selected {
            Some(selected) if !selected.is_empty() => selected.keys().map(str::to_owned).collect(),
            _ => self
                .values_select
                .iter()
                .cloned()
                .chain(self.annotation_select().into_iter().map(|(name, _)| name))
                .collect(),
        }
    }

    /// Whether `values()` chose columns.
    pub(super) fn has_select_fields(&self) -> bool {
        self.selected.is_some()
    }

    /// How many columns it has as a subquery.
    pub(super) fn subquery_fields(&self) -> usize {
        if !self.has_select_fields() || self.select.is_empty() {
            1
        } else {
            self.select.len()
        }
    }

    /// Whether rows are skipped or limited.
    pub fn is_sliced(&self) -> bool {
        self.low_mark != 0 || self.high_mark.is_some()
    }

    /// Whether there are conditions.
    pub fn has_filters(&self) -> bool {
        !self.where_tree.is_empty()
    }

    /// Whether it asks for more, or for less, than the rows that one condition leaves.
    pub(super) fn is_narrowed(&self) -> bool {
        self.where_tree.children.len() > 1
            || self.is_sliced()
            || self.distinct
            || self.combinator.is_some()
            || !self.order_by.is_empty()
            || !self.annotation_select().is_empty()
    }

    /// Whether at most one row can come.
    pub(super) fn has_limit_one(&self) -> bool {
        self.high_mark
            .is_some_and(|high| high.checked_sub(self.low_mark) == Some(1))
    }

    /// Narrows the slice.
    pub fn set_limits(&mut self, low: Option<u64>, high: Option<u64>) {
        if let Some(high) = high {
            let wanted = self.low_mark.saturating_add(high);
            self.high_mark = Some(self.high_mark.map_or(wanted, |known| known.min(wanted)));
        }
        if let Some(low) = low {
            let wanted = self.low_mark.saturating_add(low);
            self.low_mark = self.high_mark.map_or(wanted, |high| high.min(wanted));
        }
        if Some(self.low_mark) == self.high_mark {
            self.set_empty();
        }
    }

    /// Removes the slice.
    pub(super) fn clear_limits(&mut self) {
        self.low_mark = 0;
        self.high_mark = None;
    }

    /// Makes it match nothing.
    pub fn set_empty(&mut self) {
        self.where_tree.add(Expr::Nothing, super::q::Connector::And);
        for query in &mut self.combined_queries {
            query.set_empty();
        }
    }

    /// Whether it can match nothing.
    pub fn is_empty(&self) -> bool {
        self.where_tree.is_nothing()
    }

    /// Removes the ordering.
    pub(super) fn clear_ordering(&mut self, clear: Clear, clear_default: bool) {
        if clear == Clear::Unless
            && (self.is_sliced()
                || !self.distinct_fields.is_empty()
                || self.select_for_update.is_some())
        {
            return;
        }
        self.order_by.clear();
        if clear_default {
            self.default_ordering = false;
        }
        for query in &mut self.combined_queries {
            query.clear_ordering(Clear::Unless, clear_default);
        }
    }

    /// Removes the selection.
    pub(super) fn clear_select_clause(&mut self) {
        self.leading.clear();
        self.select.clear();
        self.default_cols = false;
        self.select_related = SelectRelated::No;
        self.set_annotation_mask(Some(BTreeSet::new()));
        self.selected = None;
    }

    /// The query reduced to whether there are rows: `SELECT 1 AS "a" .. LIMIT 1`.
    ///
    /// # Errors
    /// What resolving the model's own columns runs into.
    pub fn exists(&self, limit: bool) -> Result<Query> {
        let mut query = self.clone();
        if !(query.distinct && query.is_sliced()) {
            if query.group_by == GroupBy::Selection {
                let names = query.model_attnames();
                query.add_fields(&names, false)?;
                query.set_group_by(Aliases::No);
            }
            query.clear_select_clause();
        }
        if query.combinator == Some(Combinator::Union) {
            query.combined_queries = query
                .combined_queries
                .iter()
                .map(|combined| combined.exists(false))
                .collect::<Result<Vec<_>>>()?;
        }
        query.clear_ordering(Clear::Always, true);
        if limit {
            query.set_limits(None, Some(1));
        }
        query.add_annotation(&Expr::from(1), "a", Select::Yes)?;
        Ok(query)
    }

    /// The attribute names of the model's columns.
    pub(super) fn model_attnames(&self) -> Vec<String> {
        self.model
            .fields
            .iter()
            .map(|field| field.attname().to_owned())
            .collect()
    }

    /// The query as part of another one: its tables are renamed, and its `OuterRef`s become
    /// columns of the other.
    pub(super) fn resolve(&self, outer: &mut Query, context: &mut Resolve<'_>) -> Result<Query> {
        let mut query = self.clone();
        query.bump_prefix(outer, None)?;
        query.subquery = true;
        let mut conditions = std::mem::take(&mut query.where_tree);
        conditions.resolve_leaves(outer, context)?;
        query.where_tree = conditions;
        let mut combined = Vec::with_capacity(query.combined_queries.len());
        for part in &query.combined_queries {
            combined.push(part.resolve(outer, context)?);
        }
        query.combined_queries = combined;
        let names: Vec<String> = query.annotations.keys().map(str::to_owned).collect();
        for name in names {
            let Some(annotation) = query.annotations.get(&name).cloned() else {
                continue;
            };
            let mut resolved = annotation.resolve(outer, context)?;
            if let Expr::Query(inner) | Expr::Exists(inner) = &mut resolved {
                for alias in query.external_aliases.keys() {
                    inner.external_aliases.insert(alias, ());
                }
            }
            query.annotations.insert(name, resolved);
        }
        for alias in outer.alias_map.keys() {
            query.external_aliases.insert(alias, ());
        }
        Ok(query)
    }

    /// The columns of queries around that it uses.
    pub(super) fn external_cols(&self) -> Vec<Col> {
        let mut cols = Vec::new();
        for expr in self.annotations.values() {
            expr.external_cols(&mut cols);
        }
        for child in &self.where_tree.children {
            child.external_cols(&mut cols);
        }
        cols.retain(|col| self.external_aliases.contains(&col.alias));
        cols
    }

    /// What has to be grouped by when it is selected beside aggregates.
    pub(super) fn group_by_cols(&self, wrapper: &Expr) -> Vec<Expr> {
        let cols = self.external_cols();
        if cols.iter().any(|col| col.possibly_multivalued) {
            return vec![wrapper.clone()];
        }
        cols.into_iter().map(Expr::Col).collect()
    }

    /// The columns inside expressions.
    pub(super) fn gen_cols(exprs: &[Expr], refs: Refs) -> Vec<Col> {
        let mut cols = Vec::new();
        for expr in exprs {
            expr.cols(refs, &mut cols);
        }
        cols
    }

    /// Renames table aliases.
    pub(super) fn change_aliases(&mut self, changes: &ChangeMap) {
        if changes.is_empty() {
            return;
        }
        self.where_tree.relabel(changes);
        if let GroupBy::By(exprs) = &mut self.group_by {
            for expr in exprs {
                *expr = expr.relabeled(changes);
            }
        }
        let leading = self.leading.iter_mut().map(|(_, expr)| expr);
        for expr in self.select.iter_mut().chain(leading) {
            *expr = expr.relabeled(changes);
        }
        for (_, expr) in self.annotations.iter_mut() {
            *expr = expr.relabeled(changes);
        }
        let old: Vec<String> = self.alias_map.keys().map(str::to_owned).collect();
        for alias in old {
            let Some(new) = changes.get(&alias) else {
                continue;
            };
            if let Some(join) = self.alias_map.remove(&alias) {
                if let Some(aliases) = self.table_map.get_mut(&join.table_name)
                    && let Some(known) = aliases.iter_mut().find(|known| **known == alias)
                {
                    known.clone_from(new);
                }
                self.alias_map.insert(new.as_str(), join.relabeled(changes));
            }
            if let Some(count) = self.alias_refcount.remove(&alias) {
                self.alias_refcount.insert(new.as_str(), count);
            }
        }
        // Joins that kept their alias may have a parent that did not.
        for (_, join) in self.alias_map.iter_mut() {
            if let Some(parent) = &join.parent_alias
                && let Some(new) = changes.get(parent)
            {
                join.parent_alias = Some(new.clone());
            }
        }
        self.external_aliases = self
            .external_aliases
            .keys()
            .map(|alias| {
                let alias = changes.get(alias).map_or(alias, String::as_str);
                (alias.to_owned(), ())
            })
            .collect();
        for combined in &mut self.combined_queries {
            let external: ChangeMap = changes
                .iter()
                .filter(|(alias, _)| combined.external_aliases.contains(alias))
                .map(|(alias, new)| (alias.clone(), new.clone()))
                .collect();
            combined.change_aliases(&external);
        }
    }

    /// Gives the tables names that no query around has: U0, U1, then V0.
    pub(super) fn bump_prefix(&mut self, other: &mut Query, keep: Option<&str>) -> Result<()> {
        if self.alias_prefix != other.alias_prefix {
            return Ok(());
        }
        let first = self.alias_prefix.bytes().next().unwrap_or(b'T');
        let prefix = (first.saturating_add(1)..=b'Z')
            .map(|letter| char::from(letter).to_string())
            .chain((b'A'..=b'Z').flat_map(|one| {
                (b'A'..=b'Z').map(move |two| format!("{}{}", char::from(one), char::from(two)))
            }))
            .take(62)
            .find(|prefix| !self.subq_aliases.contains(prefix))
            .ok_or_else(|| {
                OrmError::new(
                    super::errors::ExceptionClass::RecursionError,
                    "Maximum recursion depth exceeded: too many subqueries.",
                )
            })?;
        self.alias_prefix.clone_from(&prefix);
        self.subq_aliases.insert(prefix.clone());
        other.subq_aliases.extend(self.subq_aliases.iter().cloned());
        let changes: ChangeMap = self
            .alias_map
            .keys()
            .enumerate()
            .filter(|(_, alias)| keep != Some(*alias))
            .map(|(at, alias)| (alias.to_owned(), format!("{prefix}{at}")))
            .collect();
        self.change_aliases(&changes);
        Ok(())
    }
}

/// The primary key of a model.
pub(super) fn key_of(model: &Model) -> Result<FieldRef> {
    model
        .primary_key()
        .cloned()
        .ok_or_else(|| OrmError::internal(format!("{} has no primary key", model.name)))
}

/// Refuses labels that could break out of their quotes.
pub(super) fn check_alias(alias: &str) -> Result<()> {
    let forbidden = alias.chars().any(|letter| {
        letter.is_whitespace()
            || letter.is_control()
            || matches!(letter, '\'' | '`' | '"' | ']' | '[' | ';' | '#')
    });
    if forbidden || ["--", "/*", "*/"].iter().any(|mark| alias.contains(mark)) {
        return Err(OrmError::value(
            "Column aliases cannot contain whitespace characters, hashes, control characters, \
             quotation marks, semicolons, or SQL comments.",
        ));
    }
    Ok(())
}

/// Whether a column may hold NULL.
pub(super) fn is_nullable(field: &FieldRef) -> bool {
    field.null
}
