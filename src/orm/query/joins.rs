//! Paths to joins: `order__customer__name` becomes tables, aliases and a column.

use super::filter::FilteredRelation;
use super::names::{NotFound, into_field};
use super::{Query, is_nullable};
use crate::market::catalogue::{Field, FieldKind, Model};
use crate::orm::errors::{OrmError, Result};
use crate::orm::expressions::{ChangeMap, Expr, FieldRef, Refs, Resolve, Reuse};
use crate::orm::lookups;
use crate::orm::where_tree::WhereNode;
use std::sync::Arc;

/// A table in FROM.
#[derive(Clone, Debug)]
pub struct Join {
    /// The table.
    pub table_name: String,
    /// Its name in the query.
    pub table_alias: String,
    /// The table it is joined to; none for the first.
    pub parent_alias: Option<String>,
    /// How it is joined; none for the first.
    pub join_type: Option<JoinType>,
    /// Along which foreign key; none for the first.
    pub join_field: Option<JoinField>,
    /// Whether a row of the parent may have no row here.
    pub nullable: bool,
    /// Its further condition.
    pub filtered_relation: Option<FilteredRelation>,
    /// That condition, resolved.
    pub condition: Option<WhereNode>,
}

/// The same table along the same relation from the same parent.
impl PartialEq for Join {
    fn eq(&self, other: &Self) -> bool {
        self.table_name == other.table_name
            && self.parent_alias == other.parent_alias
            && self.join_field == other.join_field
            && self.filtered_relation == other.filtered_relation
            && (self.join_field.is_some() || self.table_alias == other.table_alias)
    }
}

impl Join {
    /// The first table.
    pub fn base(table_name: &str, table_alias: &str) -> Self {
        Self {
            table_name: table_name.to_owned(),
            table_alias: table_alias.to_owned(),
            parent_alias: None,
            join_type: None,
            join_field: None,
            nullable: false,
            filtered_relation: None,
            condition: None,
        }
    }

    /// A copy with aliases renamed.
    pub(super) fn relabeled(&self, changes: &ChangeMap) -> Self {
        let new = |alias: &String| changes.get(alias).unwrap_or(alias).clone();
        let mut copy = self.clone();
        copy.table_alias = new(&self.table_alias);
        copy.parent_alias = self.parent_alias.as_ref().map(new);
        if let Some(condition) = &mut copy.condition {
            condition.relabel(changes);
        }
        copy
    }
}

/// How a table is joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JoinType {
    /// `INNER JOIN`
    Inner,
    /// `LEFT OUTER JOIN`
    Left,
}

/// A foreign key, walked forwards or back.
#[derive(Clone, Debug, PartialEq)]
pub struct JoinField {
    /// The foreign key.
    pub field: FieldRef,
    /// The key it refers to.
    pub target: FieldRef,
    /// Which way.
    pub direction: Direction,
}

impl JoinField {
    /// The column on the parent's side and the column on the joined side.
    pub fn columns(&self) -> (&Field, &Field) {
        match self.direction {
            Direction::Forward => (&self.field, &self.target),
            Direction::Reverse => (&self.target, &self.field),
        }
    }
}

/// Which way a foreign key is walked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// From the row with the key to the one row it refers to.
    Forward,
    /// From a row to those that refer to it.
    Reverse,
}

/// One step of a path.
#[derive(Clone, Debug, PartialEq)]
pub struct PathInfo {
    /// The model it leads to.
    pub to: Arc<Model>,
    /// The field there that stands for the row.
    pub target: FieldRef,
    /// The foreign key.
    pub join_field: JoinField,
    /// Whether it may lead to many rows.
    pub to_many: bool,
    /// The filtered relation that it is, by its alias.
    pub filtered_relation: Option<String>,
}

impl PathInfo {
    /// Whether the key is on this side.
    pub fn is_direct(&self) -> bool {
        self.join_field.direction == Direction::Forward
    }
}

/// The joins that a path made.
pub(super) struct JoinInfo {
    pub final_field: FieldRef,
    pub target: FieldRef,
    pub model: Arc<Model>,
    pub joins: Vec<String>,
    pub path: Vec<PathInfo>,
    pub transforms: Vec<String>,
    pub is_relation: bool,
    field_error: Option<OrmError>,
}

impl JoinInfo {
    /// The class of the relation that was followed against its direction, when the path ends with
    /// one.
    pub(super) fn way_back(&self) -> Option<&'static str> {
        let last = self.path.last().filter(|step| !step.is_direct())?;
        let single = last.join_field.field.kind == FieldKind::OneToOne;
        self.is_relation.then_some(match single {
            true => "OneToOneRel",
            false => "ManyToOneRel",
        })
    }

    /// Whether a column's type is said apart from the column, which Django does whenever the
    /// table has another name than its own.
    pub(super) fn is_apart(&self, output: &FieldRef, target: &FieldRef, alias: &str) -> bool {
        output != target || alias != self.own_table(target)
    }

    /// The table of a field at the end of the path: of the model there, or of the one before
    /// when the last join was trimmed.
    fn own_table(&self, target: &FieldRef) -> String {
        if *target.model == *self.model.name {
            self.model.db_table.clone()
        } else {
            String::new()
        }
    }
}

impl Query {
    /// The alias of the model's own table, joined if need be.
    pub(in crate::orm) fn initial_alias(&mut self) -> String {
        let first = self.alias_map.keys().next().map(str::to_owned);
        match first {
            Some(alias) => {
                self.ref_alias(&alias);
                alias
            }
            None => {
                let table = self.model.db_table.clone();
                let alias = self.new_alias(&table, None);
                self.alias_map
                    .insert(alias.as_str(), Join::base(&table, &alias));
                alias
            }
        }
    }

    /// The first table's alias.
    pub(in crate::orm) fn base_table(&self) -> Option<&str> {
        self.alias_map.keys().next()
    }

    pub(super) fn ref_alias(&mut self, alias: &str) {
        *self.alias_refcount.entry(alias) += 1;
    }

    pub(super) fn unref_alias(&mut self, alias: &str) {
        *self.alias_refcount.entry(alias) -= 1;
    }

    /// How many tables are in use.
    pub(in crate::orm) fn active_tables(&self) -> usize {
        self.alias_refcount
            .values()
            .filter(|count| **count > 0)
            .count()
    }

    fn new_alias(&mut self, table: &str, filtered: Option<&str>) -> String {
        let number = self.alias_map.len() + 1;
        let prefix = self.alias_prefix.clone();
        let alias = match self.table_map.get_mut(table) {
            Some(aliases) if !aliases.is_empty() => {
                let alias = format!("{prefix}{number}");
                aliases.push(alias.clone());
                alias
            }
            _ => {
                let alias = filtered.unwrap_or(table).to_owned();
                self.table_map.insert(table, vec![alias.clone()]);
                alias
            }
        };
        self.alias_refcount.insert(alias.as_str(), 1);
        alias
    }

    /// Joins a table, or finds it joined already.
    pub(super) fn join(&mut self, mut join: Join, reuse: Option<&Reuse>) -> Result<String> {
        let known: Vec<String> = self
            .alias_map
            .iter()
            .filter(|(alias, known)| {
                reuse.is_none_or(|reuse| reuse.contains(*alias)) && **known == join
            })
            .map(|(alias, _)| alias.to_owned())
            .collect();
        if let Some(last) = known.last() {
            let alias = known
                .iter()
                .find(|alias| **alias == join.table_alias)
                .unwrap_or(last)
                .clone();
            self.ref_alias(&alias);
            return Ok(alias);
        }
        let filtered = join
            .filtered_relation
            .as_ref()
            .map(|relation| relation.alias.clone());
        let alias = self.new_alias(&join.table_name.clone(), filtered.as_deref());
        if join.join_type.is_some() {
            let parent_is_left = join
                .parent_alias
                .as_ref()
                .and_then(|parent| self.alias_map.get(parent))
                .is_some_and(|parent| parent.join_type == Some(JoinType::Left));
            join.join_type = Some(if parent_is_left || join.nullable {
                JoinType::Left
            } else {
                JoinType::Inner
            });
        }
        join.table_alias.clone_from(&alias);
        let relation = join.filtered_relation.clone();
        self.alias_map.insert(alias.as_str(), join);
        if let Some(relation) = relation {
            let mut reuse: Option<Reuse> = reuse.cloned();
            if let Some(reuse) = &mut reuse {
                reuse.insert(alias.clone());
            }
            let before = self.alias_map.len();
            let condition = self.relation_condition(&relation, reuse.as_mut())?;
            if let Some(join) = self.alias_map.get_mut(&alias) {
                join.condition = Some(condition);
            }
            // The condition's own joins come first.
            if before < self.alias_map.len()
                && let Some(join) = self.alias_map.remove(&alias)
            {
                self.alias_map.insert(alias.as_str(), join);
            }
        }
        Ok(alias)
    }

    /// Joins whatever a path needs.
    pub(super) fn setup_joins(
        &mut self,
        names: &[String],
        model: &Arc<Model>,
        alias: &str,
        reuse: Option<&mut Reuse>,
        allow_many: bool,
    ) -> std::result::Result<JoinInfo, NotFound> {
        let mut field_error = None;
        let mut pivot = names.len();
        let found = loop {
            let head = names.get(..pivot).unwrap_or_default();
            match self.names_to_path(head, model, allow_many, true) {
                Ok(found) => break found,
                Err(NotFound::Field(error)) if pivot > 1 => field_error = Some(error),
                Err(error) => return Err(error),
            }
            pivot -= 1;
        };
        let mut reuse = reuse;
        let mut model = model.clone();
        let mut alias = alias.to_owned();
        let mut joins = vec![alias.clone()];
        for info in &found.path {
            model = info.to.clone();
            let relation = info
                .filtered_relation
                .as_ref()
                .and_then(|name| self.filtered_relations.get(name))
                .cloned();
            let join = Join {
                table_name: info.to.db_table.clone(),
                table_alias: relation
                    .as_ref()
                    .map(|relation| relation.alias.clone())
                    .unwrap_or_default(),
                parent_alias: Some(alias),
                join_type: Some(JoinType::Inner),
                join_field: Some(info.join_field.clone()),
                nullable: !info.is_direct() || is_nullable(&info.join_field.field),
                filtered_relation: relation,
                condition: None,
            };
            let again = if info.to_many { reuse.as_deref() } else { None };
            alias = self.join(join, again)?;
            joins.push(alias.clone());
            if info.filtered_relation.is_some()
                && let Some(reuse) = reuse.as_deref_mut()
            {
                reuse.insert(alias.clone());
            }
        }
        // Behind a way back there is no field whose name could be wrong: a lookup is.
        let back = found.is_relation && found.path.last().is_some_and(|it| !it.is_direct());
        Ok(JoinInfo {
            final_field: found.final_field,
            target: found.target,
            model,
            joins,
            path: found.path,
            transforms: names.get(pivot..).unwrap_or_default().to_vec(),
            is_relation: found.is_relation,
            field_error: field_error.filter(|_| !back),
        })
    }

    /// Drops joins at the end that only lead to the key which is on this side anyway.
    pub(super) fn trim_joins(&mut self, info: &JoinInfo) -> (FieldRef, String, Vec<String>) {
        let mut joins = info.joins.clone();
        let mut target = info.target.clone();
        for step in info.path.iter().rev() {
            if joins.len() == 1 || !step.is_direct() || step.filtered_relation.is_some() {
                break;
            }
            if target.column != step.join_field.target.column {
                break;
            }
            target = step.join_field.field.clone();
            if let Some(alias) = joins.pop() {
                self.unref_alias(&alias);
            }
        }
        let last = joins.last().cloned().unwrap_or_default();
        (target, last, joins)
    }

    /// The column at the end of a path, with the path's transforms around it.
    pub(super) fn transformed(
        &self,
        info: &JoinInfo,
        target: &FieldRef,
        alias: &str,
    ) -> Result<Expr> {
        let mut expr = self.col(alias, target);
        for name in &info.transforms {
            expr = match self.try_transform(expr, name, None) {
                Ok(expr) => expr,
                Err(error) => return Err(info.field_error.clone().unwrap_or(error)),
            };
        }
        Ok(expr)
    }

    /// A transform around an expression.
    pub(in crate::orm) fn try_transform(
        &self,
        lhs: Expr,
        name: &str,
        lookups: Option<&[String]>,
    ) -> Result<Expr> {
        let field = lhs.output_field()?;
        if let Some(class) = lookups::transform(&field.kind, name) {
            return Ok(lookups::apply(class, lhs));
        }
        let unsupported = match lookups {
            Some(lookups) => {
                let at = lookups.iter().position(|known| known == name).unwrap_or(0);
                lookups.get(at..).unwrap_or_default().join("__")
            }
            None => name.to_owned(),
        };
        let known = lookups::lookup_names(&field.kind);
        let class = field.kind.class_name();
        Err(unsupported_lookup(name, &unsupported, class, &known))
    }

    /// What `F(name)` is in this query.
    pub(in crate::orm) fn resolve_ref(
        &mut self,
        name: &str,
        context: &mut Resolve<'_>,
    ) -> Result<Expr> {
        if let Some(annotation) = self.annotations.get(name).cloned() {
            if !context.allow_joins {
                let cols = Self::gen_cols(std::slice::from_ref(&annotation), Refs::Follow);
                for col in cols {
                    if self
                        .alias_map
                        .get(&col.alias)
                        .is_some_and(|join| join.join_field.is_some())
                    {
                        return Err(joined_reference());
                    }
                }
            }
            if context.summarize {
                if !self.selects_annotation(name) {
                    return Err(OrmError::field(format!(
                        "Cannot aggregate over the '{name}' alias. Use annotate() to promote it."
                    )));
                }
                return Ok(Expr::Ref(name.to_owned(), Box::new(annotation)));
            }
            return Ok(annotation);
        }
        let names: Vec<String> = name.split("__").map(str::to_owned).collect();
        if let Some((first, transforms)) = names.split_first()
            && let Some(annotation) = self.annotations.get(first).cloned()
        {
            let mut expr = annotation;
            for transform in transforms {
                expr = self.try_transform(expr, transform, None)?;
            }
            return Ok(expr);
        }
        let model = self.model.clone();
        let alias = self.initial_alias();
        let info = self
            .setup_joins(&names, &model, &alias, context.reuse.as_deref_mut(), true)
            .map_err(into_field)?;
        let (target, last, joins) = self.trim_joins(&info);
        if !context.allow_joins && joins.len() > 1 {
            return Err(joined_reference());
        }
        let transformed = self.transformed(&info, &target, &last)?;
        if let Some(reuse) = context.reuse.as_deref_mut() {
            reuse.extend(joins);
        }
        Ok(transformed)
    }

    /// The column of a field for a filter: its type is the field at the end of the path.
    pub(super) fn filter_col(&self, info: &JoinInfo, target: &FieldRef, alias: &str) -> Expr {
        match self.col(alias, target) {
            Expr::Col(mut col) => {
                // The way back is a type of its own, the relation's.
                col.typed =
                    info.way_back().is_some() || info.is_apart(&info.final_field, target, alias);
                col.output_field = info.final_field.clone();
                Expr::Col(col)
            }
            other => other,
        }
    }
}

/// `lookup` is no lookup of a field; `name` is the part of it that is not known.
pub(super) fn unsupported_lookup(
    name: &str,
    lookup: &str,
    class: &str,
    known: &[&'static str],
) -> OrmError {
    let close = crate::orm::suggest::close_matches(name, known);
    let suggestion = if close.is_empty() {
        ".".to_owned()
    } else {
        format!(", perhaps you meant {}?", close.join(" or "))
    };
    OrmError::field(format!(
        "Unsupported lookup '{lookup}' for {class} or join on the field not permitted{suggestion}"
    ))
}

fn joined_reference() -> OrmError {
    OrmError::field("Joined field references are not permitted in this query")
}

/// What ordering by a path means.
pub(in crate::orm) enum OrderPath {
    /// The column.
    Column(Expr),
    /// The ordering of a related model, whose table has that alias.
    Related(Arc<Model>, String),
}

impl Query {
    /// Joins what ordering by a path needs, starting at a table. A relation is ordered as its
    /// own model is.
    pub(in crate::orm) fn order_path(
        &mut self,
        path: &str,
        model: &Arc<Model>,
        alias: &str,
    ) -> Result<OrderPath> {
        let names: Vec<String> = path.split("__").map(str::to_owned).collect();
        let info = self
            .setup_joins(&names, model, alias, None, true)
            .map_err(into_field)?;
        let attname = match info.path.last() {
            Some(step) if step.is_direct() => step.join_field.field.attname(),
            _ => "",
        };
        if info.is_relation
            && info.transforms.is_empty()
            && !info.model.ordering.is_empty()
            && names.last().is_some_and(|last| last != attname)
            && path != "pk"
        {
            let last = info.joins.last().cloned().unwrap_or_default();
            return Ok(OrderPath::Related(info.model, last));
        }
        let (target, last, _) = self.trim_joins(&info);
        Ok(OrderPath::Column(self.transformed(&info, &target, &last)?))
    }
}

impl Query {
    /// Joins one relation of a table for `select_related`; the related model and its alias.
    pub(in crate::orm) fn join_relation(
        &mut self,
        name: &str,
        model: &Arc<Model>,
        alias: &str,
    ) -> Result<(Arc<Model>, String)> {
        let info = self
            .setup_joins(&[name.to_owned()], model, alias, None, true)
            .map_err(into_field)?;
        let last = info.joins.last().cloned().unwrap_or_default();
        Ok((info.model, last))
    }
}
