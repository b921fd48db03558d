//! `QuerySet`: an immutable value. Each method gives a new one; nothing runs before
//! [`fetch`](QuerySet::fetch) and its siblings in `rows.rs`.

use super::errors::{ExceptionClass, OrmError, Result};
use super::expressions::{Aggregate, Expr, Operand, PlainValue, python_repr};
use super::instance::{FetchMode, Instance};
use super::prefetch::Prefetch;
use super::q::Q;
use super::query::{
    Aliases, Clear, Deferred, FilteredRelation, ForUpdate, GroupBy, Ordering, Query, Select,
    SelectRelated,
};
use crate::base::Value;
use crate::market::catalogue::{Catalogue, Model};
use std::collections::BTreeSet;
use std::sync::Arc;

mod combine;
mod shape;

/// Rows of a model, described and not yet read.
#[derive(Clone, Debug)]
pub struct QuerySet {
    query: Query,
    /// What a row becomes.
    pub(super) shape: RowShape,
    /// The names given to `values()`; `Some` also when there were none.
    pub(super) fields: Option<Vec<String>>,
    /// What `prefetch_related()` asked for.
    pub(super) prefetch: Vec<Prefetch>,
    /// Instances that rows refer to and that are known without a query.
    pub(super) known_related: Vec<KnownRelated>,
    /// How what is not loaded will be fetched.
    pub(super) fetch_mode: FetchMode,
    class_name: Arc<str>,
}

/// Querysets are equal when their queries are.
impl PartialEq for QuerySet {
    fn eq(&self, other: &Self) -> bool {
        self.query == other.query
    }
}

/// The instances whose related rows are read.
#[derive(Clone, Debug)]
pub struct KnownRelated {
    /// The name of the foreign key that leads back to them; a row may have none.
    pub field: Option<String>,
    /// Its attribute name.
    pub attname: String,
    /// The attribute of the instances that leads here.
    pub accessor: String,
    /// The instances.
    pub instances: Vec<Instance>,
}

/// What a row becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowShape {
    /// A model instance.
    Instances,
    /// A dict (`values()`).
    Dicts,
    /// A tuple (`values_list()`).
    Tuples,
    /// A named tuple (`values_list(named=True)`).
    Named,
    /// The one value (`values_list(flat=True)`).
    Flat,
}

/// An argument of `annotate()`.
#[derive(Clone, Debug)]
pub enum Annotation {
    /// An expression; anything else is refused with Django's words.
    Operand(Operand),
    /// A relation with a condition.
    FilteredRelation(FilteredRelation),
}

impl<T: Into<Expr>> From<T> for Annotation {
    fn from(expr: T) -> Self {
        Self::Operand(Operand::Expr(expr.into()))
    }
}

impl QuerySet {
    /// All rows of a model.
    pub fn new(catalogue: &Arc<Catalogue>, model: &Arc<Model>) -> Self {
        Self {
            query: Query::new(catalogue.clone(), model.clone()),
            shape: RowShape::Instances,
            fields: None,
            prefetch: Vec::new(),
            known_related: Vec::new(),
            fetch_mode: FetchMode::One,
            class_name: "QuerySet".into(),
        }
    }

    /// The name of its class in Python, which messages show.
    pub fn class_name(&self) -> &str {
        &self.class_name
    }

    /// The same rows as a class of that name.
    #[must_use]
    pub fn named(&self, class_name: &str) -> Self {
        Self {
            class_name: class_name.into(),
            ..self.clone()
        }
    }

    /// All rows of the model of that name.
    ///
    /// # Errors
    /// `LookupError` in Django's words when there is no such model.
    pub fn of(catalogue: &Arc<Catalogue>, name: &str) -> Result<Self> {
        let model = catalogue.model(name).ok_or_else(|| {
            OrmError::new(
                ExceptionClass::AttributeError,
                format!("App 'marketplace' doesn't have a '{name}' model."),
            )
        })?;
        Ok(Self::new(catalogue, model))
    }

    /// The query.
    pub fn query(&self) -> &Query {
        &self.query
    }

    /// The model.
    pub fn model(&self) -> &Arc<Model> {
        &self.query.model
    }

    /// What a row becomes.
    pub fn shape(&self) -> RowShape {
        self.shape
    }

    /// What `prefetch_related()` asked for.
    pub fn prefetches(&self) -> &[Prefetch] {
        &self.prefetch
    }

    /// Another query with the same way of reading rows.
    pub(super) fn with_query(&self, query: Query) -> Self {
        Self {
            query,
            ..self.clone()
        }
    }

    fn chain(&self) -> Self {
        self.with_query(self.query.chain())
    }

    /// The same, whose next step may use the joins that are there (`_next_is_sticky()`).
    pub(super) fn sticky(mut self) -> Self {
        self.query.sticky = true;
        self
    }

    /// `all()`
    #[must_use]
    pub fn all(&self) -> Self {
        self.chain()
    }

    /// `none()`
    #[must_use]
    pub fn none(&self) -> Self {
        let mut copy = self.chain();
        copy.query.set_empty();
        copy
    }

    /// `filter(condition)`
    ///
    /// # Errors
    /// `FieldError` and the like for wrong names and values, `TypeError` after a slice.
    pub fn filter(&self, condition: impl Into<Q>) -> Result<Self> {
        self.uncombined("filter")?;
        self.filtered(condition.into())
    }

    /// `exclude(condition)`
    ///
    /// # Errors
    /// As [`filter`](Self::filter).
    pub fn exclude(&self, condition: impl Into<Q>) -> Result<Self> {
        self.uncombined("exclude")?;
        self.filtered(!condition.into())
    }

    fn filtered(&self, condition: Q) -> Result<Self> {
        if self.query.is_sliced() && !condition.is_empty() {
            return Err(OrmError::kind(
                "Cannot filter a query once a slice has been taken.",
            ));
        }
        let mut copy = self.chain();
        copy.query.add_q(&condition)?;
        Ok(copy)
    }

    /// `annotate(*args, **kwargs)`: unnamed aggregates have their default names.
    ///
    /// # Errors
    /// `TypeError` for what is no expression, `ValueError` for a name that is taken.
    pub fn annotate(
        &self,
        args: Vec<Annotation>,
        named: Vec<(String, Annotation)>,
    ) -> Result<Self> {
        self.uncombined("annotate")?;
        self.annotated(args, named, Select::Yes)
    }

    /// One named annotation.
    ///
    /// # Errors
    /// As [`annotate`](Self::annotate).
    pub fn annotated_with(&self, name: &str, expr: impl Into<Expr>) -> Result<Self> {
        self.annotate(
            Vec::new(),
            vec![(name.to_owned(), Annotation::from(expr.into()))],
        )
    }

    /// `alias(*args, **kwargs)`
    ///
    /// # Errors
    /// As [`annotate`](Self::annotate).
    pub fn alias(&self, args: Vec<Annotation>, named: Vec<(String, Annotation)>) -> Result<Self> {
        self.uncombined("alias")?;
        self.annotated(args, named, Select::No)
    }

    fn annotated(
        &self,
        args: Vec<Annotation>,
        named: Vec<(String, Annotation)>,
        select: Select,
    ) -> Result<Self> {
        refuse_values(
            args.iter().chain(named.iter().map(|(_, value)| value)),
            "annotate",
        )?;
        let mut annotations: Vec<(String, Annotation)> = Vec::new();
        for arg in args {
            let name = match &arg {
                Annotation::Operand(Operand::Expr(expr)) => default_alias(expr),
                _ => None,
            }
            .ok_or_else(|| OrmError::kind("Complex annotations require an alias"))?;
            if named.iter().any(|(known, _)| *known == name) {
                return Err(OrmError::value(format!(
                    "The named annotation '{name}' conflicts with the default name for another \
                     annotation."
                )));
            }
            annotations.push((name, arg));
        }
        annotations.extend(named);
        let mut copy = self.chain();
        let taken: BTreeSet<String> = match &self.fields {
            Some(fields) => fields.iter().cloned().collect(),
            None => {
                let mut names: BTreeSet<String> = BTreeSet::new();
                for field in &self.model().fields {
                    names.insert(field.name.clone());
                    names.insert(field.attname().to_owned());
                }
                for relation in self.query.catalogue.reverse_relations(&self.model().name) {
                    names.insert(relation.name);
                }
                let ends = self
                    .query
                    .catalogue
                    .visible_many_to_many(&self.model().name);
                names.extend(ends.into_iter().map(|end| end.name));
                names
            }
        };
        let mut names = Vec::with_capacity(annotations.len());
        for (name, annotation) in annotations {
            if taken.contains(&name) {
                return Err(OrmError::value(format!(
                    "The annotation '{name}' conflicts with a field on the model."
                )));
            }
            match annotation {
                Annotation::FilteredRelation(relation) => {
                    copy.query.add_filtered_relation(relation, &name)?;
                }
                Annotation::Operand(Operand::Expr(expr)) => {
                    copy.query.add_annotation(&expr, &name, select)?;
                }
                Annotation::Operand(_) => {}
            }
            names.push(name);
        }
        let aggregates = names.iter().any(|name| {
            copy.query
                .annotations
                .get(name)
                .is_some_and(Expr::contains_aggregate)
        });
        if aggregates {
            if copy.fields.is_none() {
                copy.query.group_by = GroupBy::Selection;
            } else {
                copy.query.set_group_by(Aliases::Yes);
            }
        }
        Ok(copy)
    }

    /// `order_by(*keys)`: names, `-` in front for descending, or expressions.
    ///
    /// # Errors
    /// `FieldError` for wrong names, `TypeError` after a slice.
    pub fn order_by<K: Into<Operand>>(&self, keys: impl IntoIterator<Item = K>) -> Result<Self> {
        if self.query.is_sliced() {
            return Err(OrmError::kind(
                "Cannot reorder a query once a slice has been taken.",
            ));
        }
        let mut copy = self.chain();
        copy.query.clear_ordering(Clear::Always, false);
        copy.query.add_ordering(orderings(keys)?)?;
        Ok(copy)
    }

    /// `reverse()`
    ///
    /// # Errors
    /// `TypeError` after a slice.
    pub fn reverse(&self) -> Result<Self> {
        if self.query.is_sliced() {
            return Err(OrmError::kind(
                "Cannot reverse a query once a slice has been taken.",
            ));
        }
        let mut copy = self.chain();
        copy.query.standard_ordering = !copy.query.standard_ordering;
        Ok(copy)
    }

    /// `distinct(*names)`
    ///
    /// # Errors
    /// `TypeError` after a slice.
    pub fn distinct(&self, names: &[String]) -> Result<Self> {
        self.uncombined("distinct")?;
        if self.query.is_sliced() {
            return Err(OrmError::kind(
                "Cannot create distinct fields once a slice has been taken.",
            ));
        }
        let mut copy = self.chain();
        copy.query.distinct = true;
        copy.query.distinct_fields = names.to_vec();
        Ok(copy)
    }

    /// `[start:stop]`, both counted from the slice that is there.
    #[must_use]
    pub fn slice(&self, start: Option<u64>, stop: Option<u64>) -> Self {
        let mut copy = self.chain();
        copy.query.set_limits(start, stop);
        copy
    }

    /// `select_related(*paths)`; no paths means every relation that is not nullable.
    ///
    /// # Errors
    /// `TypeError` after `values()`.
    pub fn select_related(&self, paths: &[String]) -> Result<Self> {
        self.uncombined("select_related")?;
        if self.fields.is_some() {
            return Err(OrmError::kind(
                "Cannot call select_related() after .values() or .values_list()",
            ));
        }
        let mut copy = self.chain();
        if paths.is_empty() {
            copy.query.select_related = SelectRelated::All;
        } else {
            copy.query.add_select_related(paths);
        }
        Ok(copy)
    }

    /// `select_related(None)`
    #[must_use]
    pub fn without_select_related(&self) -> Self {
        let mut copy = self.chain();
        copy.query.select_related = SelectRelated::No;
        copy
    }

    /// `prefetch_related(*lookups)`
    ///
    /// # Errors
    /// `ValueError` for a filtered relation.
    pub fn prefetch_related(&self, lookups: Vec<Prefetch>) -> Result<Self> {
        self.uncombined("prefetch_related")?;
        let mut copy = self.chain();
        for lookup in lookups {
            let first = lookup.to.split("__").next().unwrap_or_default();
            if self.query.filtered_relations.contains(first) {
                return Err(OrmError::value(
                    "prefetch_related() is not supported with FilteredRelation.",
                ));
            }
            copy.prefetch.push(lookup);
        }
        Ok(copy)
    }

    /// `prefetch_related(None)`
    #[must_use]
    pub fn without_prefetch(&self) -> Self {
        let mut copy = self.chain();
        copy.prefetch.clear();
        copy
    }

    /// `only(*names)`
    ///
    /// # Errors
    /// `TypeError` after `values()`.
    pub fn only(&self, names: &[String]) -> Result<Self> {
        self.uncombined("only")?;
        if self.fields.is_some() {
            return Err(OrmError::kind(
                "Cannot call only() after .values() or .values_list()",
            ));
        }
        let mut copy = self.chain();
        copy.query.add_immediate_loading(names);
        Ok(copy)
    }

    /// `defer(*names)`
    ///
    /// # Errors
    /// `TypeError` after `values()`.
    pub fn defer(&self, names: &[String]) -> Result<Self> {
        self.uncombined("defer")?;
        if self.fields.is_some() {
            return Err(OrmError::kind(
                "Cannot call defer() after .values() or .values_list()",
            ));
        }
        let mut copy = self.chain();
        copy.query.add_deferred_loading(names);
        Ok(copy)
    }

    /// `defer(None)`
    #[must_use]
    pub fn without_deferral(&self) -> Self {
        let mut copy = self.chain();
        copy.query.deferred = Deferred::Except(BTreeSet::new());
        copy
    }

    /// `select_for_update(..)`
    ///
    /// # Errors
    /// `ValueError` for `nowait` with `skip_locked`.
    pub fn select_for_update(&self, lock: ForUpdate) -> Result<Self> {
        if lock.nowait && lock.skip_locked {
            return Err(OrmError::value(
                "The nowait option cannot be used with skip_locked.",
            ));
        }
        let mut copy = self.chain();
        copy.query.select_for_update = Some(lock);
        Ok(copy)
    }

    /// `fetch_mode(mode)`
    #[must_use]
    pub fn with_fetch_mode(&self, mode: FetchMode) -> Self {
        let mut copy = self.chain();
        copy.fetch_mode = mode;
        copy
    }

    /// Whether rows come in a given order.
    pub fn is_ordered(&self) -> bool {
        self.query.is_empty()
            || !self.query.order_by.is_empty()
            || (self.query.default_ordering
                && !self.model().ordering.is_empty()
                && self.query.group_by == GroupBy::None)
    }

    /// The SQL as `str(queryset.query)` shows it.
    ///
    /// # Errors
    /// What compiling runs into; `EmptyResultSet` shows as an empty text.
    pub fn sql(&self) -> Result<String> {
        let statement = super::compiler::select(&self.query, "UTC", super::compiler::Elide::Yes)?;
        Ok(statement.map_or_else(String::new, |statement| statement.sql.text()))
    }

    /// `str(queryset.query)`: as [`sql`](Self::sql), with the values as Python prints them.
    ///
    /// # Errors
    /// As [`sql`](Self::sql).
    pub fn printed_query(&self) -> Result<String> {
        let statement = super::compiler::select(&self.query, "UTC", super::compiler::Elide::Yes)?;
        Ok(statement.map_or_else(String::new, |statement| statement.sql.printed()))
    }

    /// Refuses a method on the result of a set operation.
    pub(super) fn uncombined(&self, method: &str) -> Result<()> {
        match self.query.combinator {
            Some(combinator) => Err(OrmError::not_supported(format!(
                "Calling QuerySet.{method}() after {}() is not supported.",
                combinator.name()
            ))),
            None => Ok(()),
        }
    }
}

/// The keys of `order_by()`.
fn orderings<K: Into<Operand>>(keys: impl IntoIterator<Item = K>) -> Result<Vec<Ordering>> {
    let mut wrong = Vec::new();
    let mut orderings = Vec::new();
    for key in keys {
        match key.into() {
            Operand::Value(PlainValue(Value::Text(name))) => {
                orderings.push(Ordering::Name(name.to_string()));
            }
            Operand::Expr(expr) => orderings.push(Ordering::Expr(expr)),
            other => wrong.push(python_repr(&other)),
        }
    }
    if wrong.is_empty() {
        Ok(orderings)
    } else {
        Err(OrmError::field(format!(
            "Invalid order_by arguments: [{}]",
            wrong.join(", ")
        )))
    }
}

/// The name that an unnamed annotation has.
pub(super) fn default_alias(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Aggregate(aggregate) => Aggregate::default_alias(aggregate),
        _ => None,
    }
}

/// Refuses annotations that are no expressions.
pub(super) fn refuse_values<'a>(
    annotations: impl Iterator<Item = &'a Annotation>,
    method: &str,
) -> Result<()> {
    let mut wrong: Vec<String> = annotations
        .filter_map(|annotation| match annotation {
            Annotation::Operand(Operand::Value(PlainValue(value))) => {
                Some(super::sql::plain(value))
            }
            Annotation::Operand(other @ (Operand::List(_) | Operand::Instance(_))) => {
                Some(python_repr(other))
            }
            Annotation::Operand(Operand::Expr(_)) | Annotation::FilteredRelation(_) => None,
        })
        .collect();
    if wrong.is_empty() {
        return Ok(());
    }
    wrong.sort();
    Err(OrmError::kind(format!(
        "QuerySet.{method}() received non-expression(s): {}.",
        wrong.join(", ")
    )))
}
