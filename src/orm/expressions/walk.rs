//! Walking through resolved expressions: what they contain, and copies with parts replaced.

use super::{Case, Col, Combined, Expr, OrderBy, When, Window};
use crate::market::catalogue::FieldKind;
use crate::orm::lookups::{Lookup, Rhs};
use crate::orm::where_tree::WhereNode;
use std::collections::{BTreeMap, BTreeSet};

/// New names of table aliases.
pub type ChangeMap = BTreeMap<String, String>;

impl Expr {
    /// The expressions directly inside.
    pub fn sources(&self) -> Vec<&Expr> {
        match self {
            Self::Combined(combined) => vec![&combined.lhs, &combined.rhs],
            Self::Func(func) => func.args.iter().collect(),
            Self::Aggregate(aggregate) => aggregate
                .args
                .iter()
                .chain(&aggregate.filter)
                .chain(aggregate.order_by.iter().flatten())
                .collect(),
            Self::Case(case) => case
                .cases
                .iter()
                .flat_map(|when| [&when.condition, &when.result])
                .chain([&case.default])
                .collect(),
            Self::When(when) => vec![&when.condition, &when.result],
            Self::Wrapper(inner, _) | Self::Negated(inner) => vec![inner],
            Self::Window(window) => std::iter::once(&window.source)
                .chain(window.partition_by.iter().flatten())
                .chain(window.order_by.iter().flatten())
                .collect(),
            Self::OrderBy(order) => vec![&order.expression],
            Self::Ref(_, source) | Self::PositionRef(_, _, source) => vec![source],
            Self::Where(node) => node.children.iter().collect(),
            Self::Lookup(lookup) => lookup.sources(),
            Self::List(items) => items.iter().collect(),
            Self::F(_)
            | Self::OuterRef(_)
            | Self::ResolvedOuterRef(_)
            | Self::Q(_)
            | Self::Value(_)
            | Self::Subquery(_)
            | Self::Exists(_)
            | Self::RawSql(_)
            | Self::Star
            | Self::QuerySet(_)
            | Self::Col(_)
            | Self::Query(_)
            | Self::Nothing => Vec::new(),
        }
    }

    /// A copy with each expression directly inside replaced.
    pub fn map(&self, change: &mut dyn FnMut(&Expr) -> Expr) -> Expr {
        match self {
            Self::Combined(combined) => Self::Combined(Box::new(Combined {
                lhs: change(&combined.lhs),
                rhs: change(&combined.rhs),
                output_field: combined.output_field.clone(),
                operator: combined.operator,
                temporal: combined.temporal,
            })),
            Self::Func(func) => {
                let mut copy = func.clone();
                copy.args = func.args.iter().map(change).collect();
                Self::Func(copy)
            }
            Self::Aggregate(aggregate) => {
                let mut copy = aggregate.clone();
                copy.args = aggregate.args.iter().map(&mut *change).collect();
                copy.filter = aggregate.filter.as_ref().map(&mut *change);
                copy.order_by = aggregate
                    .order_by
                    .as_ref()
                    .map(|keys| keys.iter().map(&mut *change).collect());
                Self::Aggregate(copy)
            }
            Self::Case(case) => Self::Case(Box::new(Case {
                cases: case
                    .cases
                    .iter()
                    .map(|when| When {
                        condition: change(&when.condition),
                        result: change(&when.result),
                    })
                    .collect(),
                default: change(&case.default),
                output_field: case.output_field.clone(),
            })),
            Self::When(when) => Self::When(Box::new(When {
                condition: change(&when.condition),
                result: change(&when.result),
            })),
            Self::Wrapper(inner, field) => Self::Wrapper(Box::new(change(inner)), field.clone()),
            Self::Negated(inner) => Self::Negated(Box::new(change(inner))),
            Self::Window(window) => Self::Window(Box::new(Window {
                source: change(&window.source),
                partition_by: window
                    .partition_by
                    .as_ref()
                    .map(|items| items.iter().map(&mut *change).collect()),
                order_by: window
                    .order_by
                    .as_ref()
                    .map(|items| items.iter().map(&mut *change).collect()),
                frame: window.frame.clone(),
                output_field: window.output_field.clone(),
            })),
            Self::OrderBy(order) => Self::OrderBy(Box::new(OrderBy {
                expression: change(&order.expression),
                descending: order.descending,
                nulls: order.nulls,
            })),
            Self::Ref(name, source) => Self::Ref(name.clone(), Box::new(change(source))),
            Self::PositionRef(at, name, source) => {
                Self::PositionRef(*at, name.clone(), Box::new(change(source)))
            }
            Self::Where(node) => Self::Where(Box::new(WhereNode {
                children: node.children.iter().map(change).collect(),
                connector: node.connector,
                negated: node.negated,
                resolved: node.resolved,
            })),
            Self::Lookup(lookup) => Self::Lookup(Box::new(Lookup {
                kind: lookup.kind,
                lhs: change(&lookup.lhs),
                rhs: match &lookup.rhs {
                    Rhs::Expr(rhs) => Rhs::Expr(change(rhs)),
                    direct => direct.clone(),
                },
            })),
            Self::List(items) => Self::List(items.iter().map(change).collect()),
            Self::F(_)
            | Self::OuterRef(_)
            | Self::ResolvedOuterRef(_)
            | Self::Q(_)
            | Self::Value(_)
            | Self::Subquery(_)
            | Self::Exists(_)
            | Self::RawSql(_)
            | Self::Star
            | Self::QuerySet(_)
            | Self::Col(_)
            | Self::Query(_)
            | Self::Nothing => self.clone(),
        }
    }

    /// Whether an aggregate is inside.
    pub fn contains_aggregate(&self) -> bool {
        match self {
            Self::Aggregate(_) => true,
            Self::Window(_) => false,
            _ => self.sources().into_iter().any(Self::contains_aggregate),
        }
    }

    /// Whether a window expression is inside.
    pub fn contains_over_clause(&self) -> bool {
        matches!(self, Self::Window(_))
            || self.sources().into_iter().any(Self::contains_over_clause)
    }

    /// Whether a subquery is inside.
    pub fn contains_subquery(&self) -> bool {
        matches!(self, Self::Query(_) | Self::Exists(_) | Self::Subquery(_))
            || self.sources().into_iter().any(Self::contains_subquery)
    }

    /// Whether a column is inside.
    pub fn contains_column_references(&self) -> bool {
        matches!(self, Self::Col(_))
            || self
                .sources()
                .into_iter()
                .any(Self::contains_column_references)
    }

    /// A copy with table aliases renamed.
    pub fn relabeled(&self, changes: &ChangeMap) -> Expr {
        if changes.is_empty() {
            return self.clone();
        }
        match self {
            Self::Col(col) => Self::Col(Col {
                alias: changes
                    .get(&col.alias)
                    .cloned()
                    .unwrap_or_else(|| col.alias.clone()),
                typed: true,
                ..col.clone()
            }),
            Self::Query(query) => {
                let mut query = query.clone();
                query.change_aliases(changes);
                Self::Query(query)
            }
            Self::Exists(query) => {
                let mut query = query.clone();
                query.change_aliases(changes);
                Self::Exists(query)
            }
            _ => self.map(&mut |source| source.relabeled(changes)),
        }
    }

    /// A copy with some expressions replaced by others.
    pub fn replaced(&self, replacements: &[(Expr, Expr)]) -> Expr {
        if let Some((_, replacement)) = replacements.iter().find(|(known, _)| known == self) {
            return replacement.clone();
        }
        self.map(&mut |source| source.replaced(replacements))
    }

    /// The labels of result columns that it refers to.
    pub fn refs(&self) -> BTreeSet<String> {
        match self {
            Self::Ref(name, _) | Self::PositionRef(_, name, _) => BTreeSet::from([name.clone()]),
            _ => self.sources().into_iter().flat_map(Self::refs).collect(),
        }
    }

    /// What has to be grouped by when this is selected beside aggregates.
    pub fn group_by_cols(&self) -> Vec<Expr> {
        match self {
            Self::Value(_) | Self::Aggregate(_) | Self::ResolvedOuterRef(_) | Self::OuterRef(_) => {
                Vec::new()
            }
            Self::Func(func) if func.class.name == "Random" => Vec::new(),
            Self::RawSql(_) | Self::Col(_) | Self::Ref(..) | Self::PositionRef(..) => {
                vec![self.clone()]
            }
            Self::When(_) | Self::OrderBy(_) | Self::Lookup(_) | Self::Where(_) | Self::List(_) => {
                self.sources_group_by()
            }
            Self::Window(window) => window
                .partition_by
                .iter()
                .flatten()
                .chain(window.order_by.iter().flatten())
                .flat_map(Self::group_by_cols)
                .collect(),
            Self::Case(case) if case.cases.is_empty() => case.default.group_by_cols(),
            Self::Wrapper(inner, _) | Self::Negated(inner)
                if !matches!(**inner, Self::Where(_) | Self::Query(_) | Self::Exists(_)) =>
            {
                let field = match self {
                    Self::Wrapper(_, field) => field.clone(),
                    _ => super::output(FieldKind::Boolean),
                };
                inner.with_output(field).group_by_cols()
            }
            Self::Query(query) => query.group_by_cols(self),
            Self::Exists(query) => query.group_by_cols(self),
            Self::Combined(_)
            | Self::Func(_)
            | Self::Case(_)
            | Self::Wrapper(..)
            | Self::Negated(_)
            | Self::F(_)
            | Self::Q(_)
            | Self::Subquery(_)
            | Self::Star
            | Self::QuerySet(_)
            | Self::Nothing => {
                if self.contains_aggregate() {
                    self.sources_group_by()
                } else {
                    vec![self.clone()]
                }
            }
        }
    }

    /// The expression with a type that it did not have itself.
    fn with_output(&self, field: super::FieldRef) -> Expr {
        let mut copy = self.clone();
        match &mut copy {
            Self::Combined(combined) => combined.output_field = Some(field),
            Self::Func(func) => func.output_field = Some(field),
            Self::Case(case) => case.output_field = Some(field),
            _ => {}
        }
        copy
    }

    fn sources_group_by(&self) -> Vec<Expr> {
        self.sources()
            .into_iter()
            .flat_map(Self::group_by_cols)
            .collect()
    }

    /// The expression as it is when it is resolved once more: the conditions inside are then
    /// written in parentheses.
    pub(in crate::orm) fn again(&self) -> Expr {
        match self {
            Self::Where(node) => {
                let mut node = node.clone();
                node.resolved = true;
                node.children = node.children.iter().map(Self::leaf_again).collect();
                Self::Where(node)
            }
            _ => self.map(&mut Self::again),
        }
    }

    /// A child of a condition, resolved once more.
    fn leaf_again(&self) -> Expr {
        match self {
            Self::Where(_) => self.map(&mut Self::leaf_again),
            Self::Lookup(_) => self.map(&mut Self::again),
            _ => self.clone(),
        }
    }

    /// The columns inside; those behind a reference by label only when asked for.
    pub fn cols(&self, refs: Refs, found: &mut Vec<Col>) {
        match self {
            Self::Col(col) => found.push(col.clone()),
            Self::Ref(..) | Self::PositionRef(..) if refs == Refs::Skip => {}
            _ => {
                for source in self.sources() {
                    source.cols(refs, found);
                }
            }
        }
    }

    /// The columns inside, with those of queries around a subquery.
    pub fn external_cols(&self, found: &mut Vec<Col>) {
        match self {
            Self::Col(col) => found.push(col.clone()),
            Self::Query(query) | Self::Exists(query) => found.extend(query.external_cols()),
            _ => {
                for source in self.sources() {
                    source.external_cols(found);
                }
            }
        }
    }

    /// The same expression with every `F` prefixed, for an ordering that is inherited along a
    /// relation.
    pub fn prefixed(&self, prefix: &str) -> Expr {
        match self {
            Self::F(name) => Self::F(format!("{prefix}{name}")),
            _ => self.map(&mut |source| source.prefixed(prefix)),
        }
    }
}

/// Whether columns behind a reference by label count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refs {
    /// They count.
    Follow,
    /// They do not.
    Skip,
}
