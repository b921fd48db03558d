//! Two querysets as one: `&`, `|`, `^`, `union()`, `intersection()`, `difference()`.

use super::QuerySet;
use crate::orm::errors::{OrmError, Result};
use crate::orm::q::{Connector, Q};
use crate::orm::query::{Clear, Combinator};
use std::collections::BTreeSet;

impl QuerySet {
    /// `self & other`, `self | other`, `self ^ other`
    ///
    /// # Errors
    /// `TypeError` when the two cannot be one.
    pub fn combine(&self, other: &Self, connector: Connector) -> Result<Self> {
        let symbol = match connector {
            Connector::And => "&",
            Connector::Or => "|",
            Connector::Xor => "^",
        };
        if self.query.combinator.is_some() || other.query.combinator.is_some() {
            return Err(OrmError::kind(format!(
                "Cannot use {symbol} operator with combined queryset."
            )));
        }
        let set = |names: &[String]| names.iter().cloned().collect::<BTreeSet<_>>();
        if self.fields.is_some()
            && set(&self.query.values_select) != set(&other.query.values_select)
        {
            return Err(OrmError::kind(format!(
                "Merging '{}' classes must involve the same values in each case.",
                self.class_name
            )));
        }
        match connector {
            Connector::And if other.query.is_empty() => return Ok(other.clone()),
            Connector::And if self.query.is_empty() => return Ok(self.clone()),
            Connector::Or | Connector::Xor if self.query.is_empty() => return Ok(other.clone()),
            Connector::Or | Connector::Xor if other.query.is_empty() => return Ok(self.clone()),
            _ => {}
        }
        let unsliced = |queryset: &Self| -> Result<Self> {
            if connector == Connector::And || !queryset.query.is_sliced() {
                return Ok(queryset.clone());
            }
            let keys = queryset.values(&["pk".to_owned()], Vec::new())?;
            Self::new(&queryset.query.catalogue, queryset.model()).filter(Q::lookup("pk__in", keys))
        };
        let mut combined = unsliced(self)?.chain();
        let other = unsliced(other)?;
        combined
            .known_related
            .extend(other.known_related.iter().cloned());
        combined.query.combine(&other.query, connector)?;
        Ok(combined)
    }

    /// `union(*others, all=..)`
    ///
    /// # Errors
    /// None of its own.
    pub fn union(&self, others: &[Self], all: bool) -> Result<Self> {
        if self.query.is_empty() {
            let mut left = others.iter().filter(|other| !other.query.is_empty());
            let Some(first) = left.next() else {
                return Ok(self.clone());
            };
            let rest: Vec<Self> = left.cloned().collect();
            if rest.is_empty() {
                return Ok(first.clone());
            }
            return Ok(first.combined(Combinator::Union, &rest, all));
        }
        if others.is_empty() {
            return Ok(self.clone());
        }
        Ok(self.combined(Combinator::Union, others, all))
    }

    /// `intersection(*others)`
    #[must_use]
    pub fn intersection(&self, others: &[Self]) -> Self {
        if self.query.is_empty() {
            return self.clone();
        }
        match others.iter().find(|other| other.query.is_empty()) {
            Some(empty) => empty.clone(),
            None => self.combined(Combinator::Intersection, others, false),
        }
    }

    /// `difference(*others)`
    #[must_use]
    pub fn difference(&self, others: &[Self]) -> Self {
        if self.query.is_empty() {
            return self.clone();
        }
        self.combined(Combinator::Difference, others, false)
    }

    pub(super) fn combined(&self, combinator: Combinator, others: &[Self], all: bool) -> Self {
        let mut copy = self.chain();
        let mut queries = vec![self.query.clone()];
        queries.extend(others.iter().map(|other| other.query.clone()));
        for query in queries.iter_mut().skip(1) {
            query.clear_ordering(Clear::Unless, false);
        }
        copy.query.clear_ordering(Clear::Always, true);
        copy.query.default_ordering = true;
        copy.query.clear_limits();
        copy.query.combined_queries = queries;
        copy.query.combinator = Some(combinator);
        copy.query.combinator_all = all;
        copy
    }
}
