//! Which joins have to keep rows without a partner (Django's `JoinPromoter`).

use super::Query;
use super::joins::JoinType;
use crate::orm::q::Connector;
use std::collections::BTreeMap;

/// Counts, for one node of a condition, which joins each child needs to be INNER.
pub(super) struct JoinPromoter {
    effective: Connector,
    children: usize,
    votes: BTreeMap<String, usize>,
}

impl JoinPromoter {
    /// For a node of so many children; a negated AND works as an OR, and the other way round.
    pub fn new(connector: Connector, children: usize, negated: bool) -> Self {
        let effective = match (negated, connector) {
            (false, connector) => connector,
            (true, Connector::And) => Connector::Or,
            (true, Connector::Or | Connector::Xor) => Connector::And,
        };
        Self {
            effective,
            children,
            votes: BTreeMap::new(),
        }
    }

    /// One child's needs.
    pub fn add_votes(&mut self, aliases: impl IntoIterator<Item = String>) {
        for alias in aliases {
            *self.votes.entry(alias).or_default() += 1;
        }
    }

    /// Promotes joins that only some branches of an OR need, demotes those that all need.
    /// Returns the demoted ones.
    pub fn update(self, query: &mut Query) -> Vec<String> {
        let mut promote = Vec::new();
        let mut demote = Vec::new();
        for (alias, votes) in self.votes {
            match self.effective {
                Connector::Or if votes < self.children => promote.push(alias),
                Connector::Or if votes == self.children => demote.push(alias),
                Connector::And => demote.push(alias),
                Connector::Or | Connector::Xor => {}
            }
        }
        query.promote_joins(promote);
        query.demote_joins(demote.clone());
        demote
    }
}

impl Query {
    /// Makes joins LEFT where their rows may be missing, and those that hang on them.
    pub(in crate::orm) fn promote_joins(&mut self, aliases: Vec<String>) {
        let mut queue = std::collections::VecDeque::from(aliases);
        while let Some(alias) = queue.pop_front() {
            let Some(join) = self.alias_map.get(&alias) else {
                continue;
            };
            let Some(kind) = join.join_type else {
                continue;
            };
            let parent_is_left = join
                .parent_alias
                .as_ref()
                .and_then(|parent| self.alias_map.get(parent))
                .is_some_and(|parent| parent.join_type == Some(JoinType::Left));
            if (join.nullable || parent_is_left) && kind != JoinType::Left {
                if let Some(join) = self.alias_map.get_mut(&alias) {
                    join.join_type = Some(JoinType::Left);
                }
                let hanging: Vec<String> = self
                    .alias_map
                    .iter()
                    .filter(|(other, join)| {
                        join.parent_alias.as_deref() == Some(&alias)
                            && !queue.iter().any(|known| known == other)
                    })
                    .map(|(other, _)| other.to_owned())
                    .collect();
                queue.extend(hanging);
            }
        }
    }

    /// Makes joins INNER, and the joins between them and an INNER parent.
    pub(super) fn demote_joins(&mut self, aliases: Vec<String>) {
        let mut queue = std::collections::VecDeque::from(aliases);
        while let Some(alias) = queue.pop_front() {
            let Some(join) = self.alias_map.get_mut(&alias) else {
                continue;
            };
            if join.join_type != Some(JoinType::Left) {
                continue;
            }
            join.join_type = Some(JoinType::Inner);
            let parent = join.parent_alias.clone();
            if let Some(parent) = parent
                && self
                    .alias_map
                    .get(&parent)
                    .is_some_and(|join| join.join_type == Some(JoinType::Inner))
            {
                queue.push_back(parent);
            }
        }
    }
}
