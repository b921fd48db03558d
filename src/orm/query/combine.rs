//! `a & b` and `a | b`: two queries on one model merged into one.

use super::joins::JoinType;
use super::promote::JoinPromoter;
use super::{GroupBy, Query};
use crate::orm::errors::{OrmError, Result};
use crate::orm::expressions::{ChangeMap, Expr, Reuse};
use crate::orm::q::Connector;

impl Query {
    /// Merges another query's conditions into this one.
    ///
    /// # Errors
    /// `TypeError` when the two cannot be one.
    pub(in crate::orm) fn combine(&mut self, rhs: &Query, connector: Connector) -> Result<()> {
        if self.model.name != rhs.model.name {
            return Err(OrmError::kind(
                "Cannot combine queries on two different base models.",
            ));
        }
        if self.is_sliced() {
            return Err(OrmError::kind(
                "Cannot combine queries once a slice has been taken.",
            ));
        }
        if self.distinct != rhs.distinct {
            return Err(OrmError::kind(
                "Cannot combine a unique query with a non-unique query.",
            ));
        }
        if self.distinct_fields != rhs.distinct_fields {
            return Err(OrmError::kind(
                "Cannot combine queries with different distinct fields.",
            ));
        }
        let initial = self.initial_alias();
        let mut rhs = rhs.clone();
        rhs.bump_prefix(self, Some(&initial))?;
        let mut changes = ChangeMap::new();
        let mut reuse: Reuse = match connector {
            Connector::And => Reuse::new(),
            Connector::Or | Connector::Xor => self.alias_map.keys().map(str::to_owned).collect(),
        };
        let mut promoter = JoinPromoter::new(connector, 2, false);
        promoter.add_votes(
            self.alias_map
                .iter()
                .filter(|(_, join)| join.join_type == Some(JoinType::Inner))
                .map(|(alias, _)| alias.to_owned())
                .collect::<Vec<_>>(),
        );
        let mut votes = std::collections::BTreeSet::new();
        let tables: Vec<String> = rhs.alias_map.keys().skip(1).map(str::to_owned).collect();
        for alias in tables {
            let Some(join) = rhs.alias_map.get(&alias) else {
                continue;
            };
            let join = join.relabeled(&changes);
            let mut kind = join.join_type;
            let before = self.alias_map.len();
            let new = self.join(join, Some(&reuse))?;
            // A join that is made anew has a type of its own here.
            if before < self.alias_map.len() {
                kind = self.alias_map.get(&new).and_then(|join| join.join_type);
            }
            if kind == Some(JoinType::Inner) {
                votes.insert(new.clone());
            }
            reuse.remove(&new);
            if alias != new {
                changes.insert(alias.clone(), new.clone());
            }
            if rhs.alias_refcount.get(&alias).copied().unwrap_or(0) == 0 {
                self.unref_alias(&new);
            }
        }
        promoter.add_votes(votes);
        promoter.update(self);
        self.subq_aliases.extend(rhs.subq_aliases.iter().cloned());
        let mut conditions = rhs.where_tree.clone();
        conditions.relabel(&changes);
        self.where_tree
            .add(Expr::Where(Box::new(conditions)), connector);
        if rhs.select.is_empty() {
            self.select.clear();
        } else {
            let cols = rhs
                .select
                .iter()
                .map(|col| col.relabeled(&changes))
                .collect();
            self.set_select(cols);
        }
        if !rhs.order_by.is_empty() {
            self.order_by = rhs.order_by;
        }
        if let GroupBy::By(exprs) = &mut self.group_by {
            for expr in exprs {
                *expr = expr.relabeled(&changes);
            }
        }
        Ok(())
    }
}
