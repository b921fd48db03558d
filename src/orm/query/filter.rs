//! Conditions: `filter()` and `exclude()` become joins and a where tree.

use super::joins::{JoinInfo, JoinType};
use super::names::NotFound;
use super::promote::JoinPromoter;
use super::{Query, check_alias, is_nullable};
use crate::base::Value;
use crate::market::catalogue::{FieldKind, Model};
use crate::orm::errors::{OrmError, Result};
use crate::orm::expressions::{Expr, Operand, PlainValue, Resolve, Reuse};
use crate::orm::lookups::{End, Lookup, LookupKind, Rhs};
use crate::orm::q::{Connector, Q, QChild};
use crate::orm::where_tree::WhereNode;
use std::collections::BTreeSet;
use std::sync::Arc;

/// `FilteredRelation(relation_name, condition)` under a name.
#[derive(Clone, Debug, PartialEq)]
pub struct FilteredRelation {
    /// The relation.
    pub relation_name: String,
    /// The condition of the join.
    pub condition: Q,
    /// The name it was given.
    pub alias: String,
}

impl FilteredRelation {
    /// A filtered relation that has no name yet.
    ///
    /// # Errors
    /// The relation's name is empty.
    pub fn new(relation_name: &str, condition: Q) -> Result<Self> {
        if relation_name.is_empty() {
            return Err(OrmError::value("relation_name cannot be empty."));
        }
        Ok(Self {
            relation_name: relation_name.to_owned(),
            condition,
            alias: String::new(),
        })
    }
}

/// How a condition is built.
pub(super) struct Build<'a> {
    pub(super) branch_negated: bool,
    pub(super) current_negated: bool,
    pub(super) reuse: Option<&'a mut Reuse>,
    pub(super) allow_joins: bool,
    pub(super) split_subq: bool,
    pub(super) summarize: bool,
    pub(super) update_join_types: bool,
}

impl Build<'_> {
    pub(super) fn reborrow(&mut self) -> Build<'_> {
        Build {
            reuse: self.reuse.as_deref_mut(),
            ..*self
        }
    }

    fn resolve(&mut self) -> Resolve<'_> {
        Resolve {
            allow_joins: self.allow_joins,
            reuse: self.reuse.as_deref_mut(),
            summarize: self.summarize,
            for_save: false,
        }
    }
}

impl Query {
    /// Adds a condition, as `filter()` does.
    ///
    /// # Errors
    /// `FieldError` and whatever a lookup says of its value.
    pub fn add_q(&mut self, q: &Q) -> Result<()> {
        let inner: Vec<String> = self
            .alias_map
            .iter()
            .filter(|(_, join)| join.join_type == Some(JoinType::Inner))
            .map(|(alias, _)| alias.to_owned())
            .collect();
        let mut reuse = std::mem::take(&mut self.used_aliases);
        let built = self.add_node(
            q,
            Build {
                branch_negated: false,
                current_negated: false,
                reuse: Some(&mut reuse),
                allow_joins: true,
                split_subq: true,
                summarize: false,
                update_join_types: true,
            },
        );
        self.used_aliases = reuse;
        let (clause, _) = built?;
        if !clause.is_empty() {
            self.where_tree
                .add(Expr::Where(Box::new(clause)), Connector::And);
        }
        self.demote_joins(inner);
        Ok(())
    }

    /// A condition inside an expression: `When(condition)`, `filter=condition`.
    pub(in crate::orm) fn resolve_condition(
        &mut self,
        q: &Q,
        context: &mut Resolve<'_>,
    ) -> Result<Expr> {
        let allow_joins = context.allow_joins;
        let summarize = context.summarize;
        let (clause, joins) = self.add_node(
            q,
            Build {
                branch_negated: false,
                current_negated: false,
                reuse: context.reuse.as_deref_mut(),
                allow_joins,
                split_subq: false,
                summarize,
                update_join_types: true,
            },
        )?;
        self.promote_joins(joins);
        Ok(Expr::Where(Box::new(clause)))
    }

    /// The condition of a filtered relation's join.
    pub(super) fn relation_condition(
        &mut self,
        relation: &FilteredRelation,
        reuse: Option<&mut Reuse>,
    ) -> Result<WhereNode> {
        let (clause, _) = self.add_node(
            &relation.condition,
            Build {
                branch_negated: false,
                current_negated: false,
                reuse,
                allow_joins: true,
                split_subq: false,
                summarize: false,
                update_join_types: false,
            },
        )?;
        Ok(clause)
    }

    fn add_node(&mut self, q: &Q, mut build: Build<'_>) -> Result<(WhereNode, Vec<String>)> {
        build.current_negated ^= q.negated;
        build.branch_negated |= q.negated;
        let mut target = WhereNode::new(Vec::new(), q.connector, q.negated);
        let mut promoter = JoinPromoter::new(q.connector, q.children.len(), build.current_negated);
        for child in &q.children {
            let (clause, needed) = match child {
                QChild::Q(inner) => self.add_node(inner, build.reborrow())?,
                QChild::Expr(Expr::Q(inner)) => self.add_node(inner, build.reborrow())?,
                QChild::Expr(expr) => (self.condition(expr, &mut build)?, Vec::new()),
                QChild::Lookup(path, value) => self.build_filter(path, value, &mut build)?,
                QChild::Plain(value) => return Err(no_pair(&value.0)),
            };
            promoter.add_votes(needed);
            if !clause.is_empty() {
                target.add(Expr::Where(Box::new(clause)), q.connector);
            }
        }
        let needed = if build.update_join_types {
            promoter.update(self)
        } else {
            Vec::new()
        };
        Ok((target, needed))
    }

    /// A boolean expression as a condition.
    pub(super) fn condition(&mut self, expr: &Expr, build: &mut Build<'_>) -> Result<WhereNode> {
        if !expr.is_conditional() {
            return Err(OrmError::kind(
                "Cannot filter against a non-conditional expression.",
            ));
        }
        let resolved = expr.resolve(self, &mut build.resolve())?;
        let condition = match resolved {
            lookup @ Expr::Lookup(_) => lookup,
            other => Expr::Lookup(Box::new(Lookup {
                kind: LookupKind::Exact,
                lhs: other,
                rhs: Rhs::Value(PlainValue(Value::Bool(true))),
            })),
        };
        Ok(WhereNode::of(condition))
    }

    pub(super) fn build_filter(
        &mut self,
        path: &str,
        value: &Operand,
        build: &mut Build<'_>,
    ) -> Result<(WhereNode, Vec<String>)> {
        if path.is_empty() {
            return Err(OrmError::field("Cannot parse keyword query ''"));
        }
        let (lookups, parts, annotation) = self.solve_lookup_type(path, build.summarize)?;
        if !build.allow_joins && parts.len() > 1 {
            return Err(OrmError::field(
                "Joined field references are not permitted in this query",
            ));
        }
        let before = self.alias_refcount.clone();
        let resolved = self.resolve_lookup_value(value, &mut build.resolve())?;
        let mut used: BTreeSet<String> = self
            .alias_refcount
            .iter()
            .filter(|(alias, count)| **count > before.get(alias).copied().unwrap_or(0))
            .map(|(alias, _)| alias.to_owned())
            .collect();
        if let Some(annotation) = annotation {
            let lookup = self.build_lookup(&lookups, annotation, resolved, None)?;
            return Ok((WhereNode::of(Expr::Lookup(Box::new(lookup))), Vec::new()));
        }
        let model = self.model.clone();
        let alias = self.initial_alias();
        let allow_many = !build.branch_negated || !build.split_subq;
        let info = match self.setup_joins(
            &parts,
            &model,
            &alias,
            build.reuse.as_deref_mut(),
            allow_many,
        ) {
            Ok(info) => info,
            Err(NotFound::Field(error)) => return Err(error),
            Err(NotFound::Many(named)) => return self.split_exclude(path, value, named, build),
        };
        self.check_related_objects(&info, &resolved)?;
        self.lookup_joins.clone_from(&info.joins);
        used.extend(info.joins.iter().cloned());
        let (target, alias, joins) = self.trim_joins(&info);
        if let Some(reuse) = build.reuse.as_deref_mut() {
            reuse.extend(joins.iter().cloned());
        }
        let col = self.filter_col(&info, &target, &alias);
        let value_column = match &resolved {
            Operand::Expr(Expr::Col(col)) if is_nullable(&col.target) => {
                Some(Expr::Col(col.clone()))
            }
            _ => None,
        };
        let lookup = self.build_lookup(&lookups, col.clone(), resolved, info.way_back())?;
        let kind = lookup.kind;
        let truth = match &lookup.rhs {
            Rhs::Value(PlainValue(Value::Bool(flag))) => Some(*flag),
            _ => None,
        };
        let has_null = match &lookup.rhs {
            Rhs::List(items) => items.iter().any(|item| item.0.is_null()),
            Rhs::Value(_) | Rhs::Expr(_) => false,
        };
        let no_value = matches!(&lookup.rhs, Rhs::Value(PlainValue(Value::Null)));
        let mut clause = WhereNode::of(Expr::Lookup(Box::new(lookup)));
        let is_null = kind == LookupKind::IsNull;
        let mut outer = is_null && truth == Some(true) && !build.current_negated;
        if build.current_negated && (!is_null || truth == Some(false)) && !no_value {
            outer = true;
            if !is_null {
                let last_is_left = joins
                    .last()
                    .and_then(|alias| self.alias_map.get(alias))
                    .is_some_and(|join| join.join_type == Some(JoinType::Left));
                if is_nullable(&target) || last_is_left {
                    let column = self.filter_col_of(&info, &target, &alias);
                    if kind == LookupKind::In && has_null {
                        clause.add(null_test(column, true), Connector::Or);
                    } else {
                        clause.add(null_test(column, false), Connector::And);
                    }
                }
                if let Some(column) = value_column {
                    clause.add(null_test(column, false), Connector::And);
                }
            }
        }
        let used = if outer {
            Vec::new()
        } else {
            used.into_iter().collect()
        };
        Ok((clause, used))
    }

    /// The column for the NULL guard of a negated condition.
    fn filter_col_of(
        &self,
        info: &JoinInfo,
        target: &crate::orm::expressions::FieldRef,
        alias: &str,
    ) -> Expr {
        match self.col(alias, target) {
            Expr::Col(mut col) => {
                col.typed = info.is_apart(&info.target, target, alias);
                col.output_field = info.target.clone();
                Expr::Col(col)
            }
            other => other,
        }
    }

    /// Splits a path into the lookup at its end, the fields before it, and the annotation that
    /// it starts with.
    fn solve_lookup_type(
        &self,
        path: &str,
        summarize: bool,
    ) -> Result<(Vec<String>, Vec<String>, Option<Expr>)> {
        let parts: Vec<String> = path.split("__").map(str::to_owned).collect();
        // The longest head that is an annotation's name.
        for end in (1..=parts.len()).rev() {
            let head = parts.get(..end).unwrap_or_default().join("__");
            if let Some(annotation) = self.annotations.get(&head) {
                let rest = parts.get(end..).unwrap_or_default().to_vec();
                let expr = if summarize {
                    Expr::Ref(head, Box::new(annotation.clone()))
                } else {
                    annotation.clone()
                };
                return Ok((rest, Vec::new(), Some(expr)));
            }
        }
        let found = self
            .names_to_path(&parts, &self.model, true, false)
            .map_err(super::names::into_field)?;
        let fields = parts
            .get(..parts.len() - found.rest.len())
            .unwrap_or_default()
            .to_vec();
        if found.rest.len() > 1 && fields.is_empty() {
            return Err(OrmError::field(format!(
                "Invalid lookup \"{path}\" for model {}\".",
                self.model.name
            )));
        }
        Ok((found.rest, fields, None))
    }

    /// Resolves the names in the value of a lookup.
    fn resolve_lookup_value(
        &mut self,
        value: &Operand,
        context: &mut Resolve<'_>,
    ) -> Result<Operand> {
        match value {
            Operand::Expr(expr) => Ok(Operand::Expr(expr.resolve(self, context)?)),
            Operand::List(items) => {
                let mut resolved = Vec::with_capacity(items.len());
                for item in items {
                    resolved.push(self.resolve_lookup_value(item, context)?);
                }
                Ok(Operand::List(resolved))
            }
            Operand::Value(_) | Operand::Instance(_) => Ok(value.clone()),
        }
    }

    /// Refuses instances and querysets of another model than the relation's.
    fn check_related_objects(&self, info: &JoinInfo, value: &Operand) -> Result<()> {
        if !info.is_relation {
            return Ok(());
        }
        let model = &info.model;
        match value {
            Operand::Expr(Expr::Query(query))
                if !query.has_select_fields() && !self.compatible(&query.model, info) =>
            {
                Err(OrmError::value(format!(
                    "Cannot use QuerySet for \"{}\": Use a QuerySet for \"{}\".",
                    query.model.name, model.name
                )))
            }
            Operand::Instance(instance) if !self.compatible(&instance.model(), info) => {
                Err(OrmError::value(format!(
                    "Cannot query \"{instance}\": Must be \"{}\" instance.",
                    model.name
                ))
                .naming(instance))
            }
            Operand::List(items) => items.iter().try_for_each(|item| match item {
                Operand::Instance(_) => self.check_related_objects(info, item),
                _ => Ok(()),
            }),
            _ => Ok(()),
        }
    }

    /// Whether rows of a model can be compared with a relation's end (Django's
    /// `check_rel_lookup_compatibility`): they share its table, or the relation is their own key.
    fn compatible(&self, model: &Arc<Model>, info: &JoinInfo) -> bool {
        let is_own_key =
            info.final_field.primary_key && *info.final_field.model == *model.concrete_name();
        model.concrete_name() == info.model.concrete_name() || is_own_key
    }

    /// The comparison of a column with a value. `way_back` is the class of the relation whose far
    /// end the column is: it knows the lookups of a relation, and not those of the column.
    fn build_lookup(
        &self,
        lookups: &[String],
        lhs: Expr,
        rhs: Operand,
        way_back: Option<&str>,
    ) -> Result<Lookup> {
        let (transforms, name) = match lookups.split_last() {
            Some((last, transforms)) => (transforms, last.as_str()),
            None => (&[][..], "exact"),
        };
        let mut lhs = lhs;
        let field = match way_back {
            Some(class) => {
                let unknown = match transforms.first() {
                    Some(transform) => Some((transform.as_str(), lookups.join("__"))),
                    None => LookupKind::on(Some(&FieldKind::ForeignKey), name)
                        .is_none()
                        .then(|| (name, name.to_owned())),
                };
                if let Some((name, lookup)) = unknown {
                    let known = crate::orm::lookups::lookup_names(&FieldKind::ForeignKey);
                    return Err(super::joins::unsupported_lookup(
                        name, &lookup, class, &known,
                    ));
                }
                None
            }
            None => {
                for transform in transforms {
                    lhs = self.try_transform(lhs, transform, Some(lookups))?;
                }
                lhs.output_field_or_none()?
            }
        };
        let kind = match LookupKind::on(field.as_deref().map(|field| &field.kind), name) {
            Some(kind) => kind,
            None => {
                lhs = self.try_transform(lhs, name, None)?;
                LookupKind::Exact
            }
        };
        let end = match way_back {
            Some(_) => End::Relation,
            None => End::Field,
        };
        let lookup = Lookup::build(kind, lhs, rhs, end, self)?;
        if let Rhs::Value(PlainValue(Value::Null)) = &lookup.rhs {
            match kind {
                LookupKind::Exact | LookupKind::IExact => {
                    return Ok(Lookup {
                        kind: LookupKind::IsNull,
                        lhs: lookup.lhs,
                        rhs: Rhs::Value(PlainValue(Value::Bool(true))),
                    });
                }
                _ => return Err(OrmError::value("Cannot use None as a query value")),
            }
        }
        Ok(lookup)
    }

    /// Adds a filtered relation under a name.
    ///
    /// # Errors
    /// `ValueError` when its condition reaches beyond the relation.
    pub fn add_filtered_relation(
        &mut self,
        mut relation: FilteredRelation,
        alias: &str,
    ) -> Result<()> {
        if alias.contains('.') {
            return Err(OrmError::value(format!(
                "FilteredRelation doesn't support aliases with periods (got '{alias}')."
            )));
        }
        check_alias(alias)?;
        let (lookups, relation_parts, _) =
            self.solve_lookup_type(&relation.relation_name, false)?;
        if !lookups.is_empty() {
            return Err(OrmError::value(format!(
                "FilteredRelation's relation_name cannot contain lookups (got '{}').",
                relation.relation_name
            )));
        }
        let mut paths = Vec::new();
        q_paths(&relation.condition, &mut paths);
        for path in paths {
            let (lookups, parts, _) = self.solve_lookup_type(&path, false)?;
            let shift = if lookups.is_empty() { 2 } else { 1 };
            let head = parts.len().saturating_sub(shift);
            for (at, part) in parts.iter().take(head).enumerate() {
                if relation_parts.get(at).is_some_and(|known| known != part) {
                    return Err(OrmError::value(format!(
                        "FilteredRelation's condition doesn't support relations outside the '{}' \
                         (got '{path}').",
                        relation.relation_name
                    )));
                }
            }
            if parts.len() > relation_parts.len() + 1 {
                return Err(OrmError::value(format!(
                    "FilteredRelation's condition doesn't support nested relations deeper than \
                     the relation_name (got '{path}' for '{}').",
                    relation.relation_name
                )));
            }
        }
        relation.condition = renamed(&relation.condition, &relation.relation_name, alias);
        relation.alias = alias.to_owned();
        self.filtered_relations.insert(alias, relation);
        Ok(())
    }
}

/// What Python says of a value that should be a name and a value. A text is a sequence of letters.
fn no_pair(value: &Value) -> OrmError {
    let count = match value {
        Value::Text(text) => text.chars().count(),
        other => {
            let name = crate::orm::lookups::type_name(other);
            return OrmError::kind(format!("cannot unpack non-iterable {name} object"));
        }
    };
    match count {
        0 | 1 => OrmError::value(format!(
            "not enough values to unpack (expected 2, got {count})"
        )),
        _ => OrmError::value("too many values to unpack (expected 2)"),
    }
}

/// `column IS NULL` or `column IS NOT NULL`.
fn null_test(column: Expr, is_null: bool) -> Expr {
    Expr::Lookup(Box::new(Lookup {
        kind: LookupKind::IsNull,
        lhs: column,
        rhs: Rhs::Value(PlainValue(Value::Bool(is_null))),
    }))
}

/// The paths of a condition.
fn q_paths(q: &Q, paths: &mut Vec<String>) {
    for child in &q.children {
        match child {
            QChild::Q(inner) | QChild::Expr(Expr::Q(inner)) => q_paths(inner, paths),
            QChild::Lookup(path, value) => {
                paths.push(path.clone());
                if let Operand::Expr(expr) = value {
                    f_paths(expr, paths);
                }
            }
            QChild::Expr(expr) => f_paths(expr, paths),
            QChild::Plain(_) => {}
        }
    }
}

fn f_paths(expr: &Expr, paths: &mut Vec<String>) {
    match expr {
        Expr::F(name) => paths.push(name.clone()),
        Expr::Q(q) => q_paths(q, paths),
        _ => {
            for source in expr.sources() {
                f_paths(source, paths);
            }
        }
    }
}

/// A condition with the relation's name replaced by the filtered relation's.
fn renamed(q: &Q, prefix: &str, alias: &str) -> Q {
    let rename = |path: &str| match path.strip_prefix(prefix) {
        Some(rest) if rest.starts_with("__") => format!("{alias}{rest}"),
        _ => path.to_owned(),
    };
    Q {
        children: q
            .children
            .iter()
            .map(|child| match child {
                QChild::Q(inner) => QChild::Q(renamed(inner, prefix, alias)),
                QChild::Lookup(path, value) => QChild::Lookup(
                    rename(path),
                    match value {
                        Operand::Expr(expr) => Operand::Expr(renamed_expr(expr, prefix, alias)),
                        other => other.clone(),
                    },
                ),
                QChild::Expr(expr) => QChild::Expr(renamed_expr(expr, prefix, alias)),
                QChild::Plain(value) => QChild::Plain(value.clone()),
            })
            .collect(),
        connector: q.connector,
        negated: q.negated,
    }
}

fn renamed_expr(expr: &Expr, prefix: &str, alias: &str) -> Expr {
    match expr {
        Expr::F(name) => match name.strip_prefix(prefix) {
            Some(rest) if rest.starts_with("__") => Expr::F(format!("{alias}{rest}")),
            _ => expr.clone(),
        },
        Expr::Q(q) => Expr::Q(renamed(q, prefix, alias)),
        _ => expr.map(&mut |source| renamed_expr(source, prefix, alias)),
    }
}

impl Query {
    /// Lets the next condition use every join that is there (`add_q(reuse_all=True)`).
    pub(in crate::orm) fn reuse_all_joins(&mut self) {
        self.used_aliases = self.alias_map.keys().map(str::to_owned).collect();
    }
}
