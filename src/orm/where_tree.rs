//! The where tree: conditions that are resolved, joined by AND, OR and XOR.

use super::errors::{OrmError, Result};
use super::expressions::{ChangeMap, Expr, Resolve};
use super::lookups::Rhs;
use super::q::Connector;
use super::query::Query;

/// A node of the where tree. Its children are nodes ([`Expr::Where`]), comparisons and boolean
/// expressions.
#[derive(Clone, Debug, PartialEq)]
pub struct WhereNode {
    /// The conditions.
    pub children: Vec<Expr>,
    /// What stands between them.
    pub connector: Connector,
    /// Whether the whole is negated.
    pub negated: bool,
    /// Whether it was resolved a second time, as part of an expression; then it is written in
    /// parentheses.
    pub resolved: bool,
}

impl Default for WhereNode {
    fn default() -> Self {
        Self::new(Vec::new(), Connector::And, false)
    }
}

impl WhereNode {
    /// A node.
    pub fn new(children: Vec<Expr>, connector: Connector, negated: bool) -> Self {
        Self {
            children,
            connector,
            negated,
            resolved: false,
        }
    }

    /// A node of one condition.
    pub fn of(condition: Expr) -> Self {
        Self::new(vec![condition], Connector::And, false)
    }

    /// Whether it says nothing.
    pub fn is_empty(&self) -> bool {
        self.children.is_empty()
    }

    /// Adds a condition with a connector (Django's `Node.add`): a node that the connector does
    /// not keep apart is dissolved.
    pub fn add(&mut self, other: Expr, connector: Connector) {
        if self.connector != connector {
            let before = std::mem::take(self);
            self.negated = before.negated;
            self.connector = connector;
            self.children = vec![Expr::Where(Box::new(before)), other];
            return;
        }
        match other {
            Expr::Where(node)
                if !node.negated && (node.connector == connector || node.children.len() == 1) =>
            {
                self.children.extend(node.children);
            }
            other => self.children.push(other),
        }
    }

    /// Renames table aliases.
    pub fn relabel(&mut self, changes: &ChangeMap) {
        for child in &mut self.children {
            *child = child.relabeled(changes);
        }
    }

    /// Whether a condition can never hold.
    pub fn is_nothing(&self) -> bool {
        self.children
            .iter()
            .any(|child| matches!(child, Expr::Nothing))
    }

    /// A copy whose comparisons are resolved in a query; it is written in parentheses.
    pub(super) fn resolved(&self, query: &mut Query, context: &mut Resolve<'_>) -> Result<Self> {
        let mut copy = self.clone();
        copy.resolve_leaves(query, context)?;
        copy.resolved = true;
        Ok(copy)
    }

    /// Resolves both sides of each comparison, for a subquery that meets its outer query.
    pub(super) fn resolve_leaves(
        &mut self,
        query: &mut Query,
        context: &mut Resolve<'_>,
    ) -> Result<()> {
        for child in &mut self.children {
            match child {
                Expr::Where(node) => node.resolve_leaves(query, context)?,
                Expr::Lookup(lookup) => {
                    lookup.lhs = lookup.lhs.resolve(query, context)?;
                    if let Rhs::Expr(rhs) = &lookup.rhs {
                        lookup.rhs = Rhs::Expr(rhs.resolve(query, context)?);
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Splits into the parts for WHERE, HAVING and, for windows, the query around.
    ///
    /// # Errors
    /// `NotImplementedError` when an OR mixes windows with conditions that grouping needs.
    pub fn split(self, in_negated: bool, grouped: Grouped) -> Result<Split> {
        let aggregate = self.children.iter().any(Expr::contains_aggregate);
        let over = self.children.iter().any(Expr::contains_over_clause);
        if !aggregate && !over {
            return Ok(Split {
                filter: Some(self),
                ..Split::default()
            });
        }
        let negated = in_negated ^ self.negated;
        let together = match self.connector {
            Connector::And => negated,
            Connector::Or => !negated,
            Connector::Xor => true,
        };
        if together && aggregate && !over {
            return Ok(Split {
                having: Some(self),
                ..Split::default()
            });
        }
        let whole = self.clone();
        let (mut filters, mut havings, mut qualifies) = (Vec::new(), Vec::new(), Vec::new());
        for child in self.children {
            match child {
                Expr::Where(node) => {
                    let parts = node.split(negated, grouped)?;
                    filters.extend(parts.filter.map(|node| Expr::Where(Box::new(node))));
                    havings.extend(parts.having.map(|node| Expr::Where(Box::new(node))));
                    qualifies.extend(parts.qualify.map(|node| Expr::Where(Box::new(node))));
                }
                child if child.contains_over_clause() => qualifies.push(child),
                child if child.contains_aggregate() => havings.push(child),
                child => filters.push(child),
            }
        }
        if together && !qualifies.is_empty() {
            if filters.is_empty() || grouped == Grouped::No {
                return Ok(Split {
                    qualify: Some(whole),
                    ..Split::default()
                });
            }
            return Err(OrmError::not_implemented(
                "Heterogeneous disjunctive predicates against window functions are not implemented \
                 when performing conditional aggregation.",
            ));
        }
        let node = |children: Vec<Expr>| {
            (!children.is_empty()).then(|| Self::new(children, self.connector, self.negated))
        };
        Ok(Split {
            filter: node(filters),
            having: node(havings),
            qualify: node(qualifies),
        })
    }

    /// The conditions at the ends of the tree.
    pub fn leaves(&self) -> Vec<&Expr> {
        self.children
            .iter()
            .flat_map(|child| match child {
                Expr::Where(node) => node.leaves(),
                leaf => vec![leaf],
            })
            .collect()
    }
}

/// Whether the query groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grouped {
    /// It has a GROUP BY.
    Yes,
    /// It has none.
    No,
}

/// The parts of a where tree.
#[derive(Clone, Debug, Default)]
pub struct Split {
    /// For WHERE.
    pub filter: Option<WhereNode>,
    /// For HAVING.
    pub having: Option<WhereNode>,
    /// For the query around, since windows are computed after HAVING.
    pub qualify: Option<WhereNode>,
}
