//! Conditions on many related rows that are negated: they become a subquery of their own.

use super::Query;
use super::filter::Build;
use super::joins::JoinType;
use super::names::NamedPath;
use crate::base::Value;
use crate::orm::errors::{OrmError, Result};
use crate::orm::expressions::{Expr, Operand, OuterName};
use crate::orm::lookups::{Lookup, LookupKind, Rhs};
use crate::orm::q::{Connector, Q};
use crate::orm::query::Clear;
use crate::orm::where_tree::WhereNode;

impl Query {
    /// A negated condition across a relation to many rows: no row may match, so it becomes
    /// `NOT EXISTS`.
    pub(super) fn split_exclude(
        &mut self,
        path: &str,
        value: &Operand,
        named: NamedPath,
        build: &mut Build<'_>,
    ) -> Result<(WhereNode, Vec<String>)> {
        let mut query = Query::new(self.catalogue.clone(), self.model.clone());
        query.filtered_relations = self.filtered_relations.clone();
        let value = match value {
            Operand::Expr(Expr::OuterRef(name)) => {
                Operand::Expr(Expr::OuterRef(Box::new(OuterName::Outer(name.clone()))))
            }
            Operand::Expr(Expr::F(name)) => {
                Operand::Expr(Expr::OuterRef(Box::new(OuterName::Path(name.clone()))))
            }
            other => other.clone(),
        };
        query.add_q(&Q::lookup(path, value))?;
        query.clear_ordering(Clear::Always, true);
        let (prefix, contains_louter) = query.trim_start(&named)?;
        let Some(Expr::Col(col)) = query.select.first().cloned() else {
            return Err(OrmError::internal("a split exclude selects no column"));
        };
        let joined_already = build
            .reuse
            .as_deref()
            .is_some_and(|reuse| reuse.contains(&col.alias));
        let rhs = if joined_already {
            let model = self
                .catalogue
                .model(&col.target.model)
                .cloned()
                .ok_or_else(|| OrmError::internal("a column without a model"))?;
            let key = super::key_of(&model)?;
            query.bump_prefix(self, None)?;
            let inner = match query.select.first() {
                Some(Expr::Col(inner)) => inner.alias.clone(),
                _ => col.alias.clone(),
            };
            let outer = self.col(&col.alias, &key);
            let lhs = query.col(&inner, &key);
            query.external_aliases.insert(col.alias.as_str(), ());
            (lhs, outer)
        } else {
            (
                Expr::Col(col.clone()),
                Expr::ResolvedOuterRef(prefix.clone()),
            )
        };
        query.where_tree.add(
            Expr::Lookup(Box::new(Lookup {
                kind: LookupKind::Exact,
                lhs: rhs.0,
                rhs: Rhs::Expr(rhs.1),
            })),
            Connector::And,
        );
        let exists = Expr::Exists(Box::new(query.as_subquery().exists(true)?));
        let mut plain = Build {
            branch_negated: false,
            current_negated: false,
            reuse: None,
            allow_joins: true,
            split_subq: true,
            summarize: false,
            update_join_types: true,
        };
        let mut condition = self.condition(&exists, &mut plain)?;
        if contains_louter {
            let mut negated = Build {
                branch_negated: true,
                current_negated: true,
                reuse: build.reuse.as_deref_mut(),
                ..plain
            };
            let (or_null, _) = self.build_filter(
                &format!("{prefix}__isnull"),
                &Operand::value(Value::Bool(true)),
                &mut negated,
            )?;
            condition.add(Expr::Where(Box::new(or_null)), Connector::Or);
        }
        Ok((condition, Vec::new()))
    }

    /// The query marked as standing inside another.
    pub(super) fn as_subquery(mut self) -> Self {
        self.subquery = true;
        self
    }

    /// Cuts the joins before the relation to many rows, so that the query starts there. Returns
    /// the path that was cut and whether one of its joins was LEFT.
    pub(super) fn trim_start(&mut self, named: &NamedPath) -> Result<(String, bool)> {
        let steps: Vec<_> = named.iter().flat_map(|(_, steps)| steps.clone()).collect();
        let base = self.base_table().unwrap_or_default().to_owned();
        let tables: Vec<String> = self
            .alias_map
            .keys()
            .filter(|alias| *alias == base || self.lookup_joins.iter().any(|join| join == alias))
            .map(str::to_owned)
            .collect();
        let table = |at: usize| {
            tables
                .get(at)
                .cloned()
                .ok_or_else(|| OrmError::internal("a path is longer than its joins"))
        };
        let mut contains_louter = false;
        let mut trimmed = 0;
        for (at, step) in steps.iter().enumerate() {
            trimmed = at;
            if step.to_many {
                break;
            }
            if self
                .alias_map
                .get(&table(at + 1)?)
                .is_some_and(|join| join.join_type == Some(JoinType::Left))
            {
                contains_louter = true;
            }
            let alias = table(at)?;
            self.unref_alias(&alias);
        }
        let step = steps
            .get(trimmed)
            .ok_or_else(|| OrmError::internal("a path without steps"))?
            .clone();
        let mut prefix: Vec<String> = Vec::new();
        let mut left = trimmed;
        for (name, steps) in named {
            if left < steps.len() {
                break;
            }
            prefix.push(name.clone());
            left -= steps.len();
        }
        prefix.push(step.join_field.target.name.clone());
        let first = table(trimmed + 1)?;
        let (joined_inner, filtered) = match self.alias_map.get(&first) {
            Some(join) => (
                join.join_type != Some(JoinType::Left),
                join.filtered_relation.is_some(),
            ),
            None => (true, false),
        };
        let (field, alias) = if joined_inner && !filtered {
            let parent = table(trimmed)?;
            self.unref_alias(&parent);
            (step.join_field.field.clone(), first)
        } else {
            (step.join_field.target.clone(), table(trimmed)?)
        };
        let start: Option<String> = self
            .alias_map
            .keys()
            .find(|alias| {
                self.alias_refcount
                    .get(alias)
                    .is_some_and(|count| *count > 0)
            })
            .map(str::to_owned);
        if let Some(start) = start
            && let Some(join) = self.alias_map.get_mut(&start)
        {
            *join = super::Join::base(&join.table_name.clone(), &start);
        }
        let col = self.col(&alias, &field);
        self.set_select(vec![col]);
        Ok((prefix.join("__"), contains_louter))
    }
}
