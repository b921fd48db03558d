//! From a [`Query`] to SQL: Django's `SQLCompiler`, in PostgreSQL's form.
//!
//! The compiler works on a copy of the query, because ordering and grouping may still join
//! tables.

use super::errors::{OrmError, Result};
use super::expressions::Expr;
use super::query::{Combinator, GroupBy, Query};
use super::sql::{Sql, quote};
use super::where_tree::{Grouped, WhereNode};
use crate::market::catalogue::Model;
use std::sync::Arc;

mod combinator;
mod functions;
mod group;
mod lookup;
mod mask;
mod node;
mod order;
mod qualify;
mod select;
mod write;

pub use functions::db_type;
pub use mask::no_field;
pub use order::ordering;
pub use select::{RelatedKlass, Setter};
pub use write::{InsertRow, OnConflict, delete_sql, insert_sql, update_sql};

/// Why a piece has no SQL.
#[derive(Debug)]
pub enum Stop {
    /// No row can match, so the database need not be asked.
    Empty,
    /// Every row matches, so the condition can be left out.
    Full,
    /// It is wrong.
    Error(OrmError),
}

impl From<OrmError> for Stop {
    fn from(error: OrmError) -> Self {
        Self::Error(error)
    }
}

/// A piece of SQL, or why there is none.
pub type Compiled = std::result::Result<Sql, Stop>;

/// One column of a SELECT.
#[derive(Clone, Debug)]
pub struct Column {
    /// What it computes.
    pub expr: Expr,
    /// Its SQL.
    pub sql: Sql,
    /// Its label.
    pub alias: Option<String>,
}

/// How the columns of a row make a model instance.
#[derive(Clone, Debug)]
pub struct KlassInfo {
    /// The model.
    pub model: Arc<Model>,
    /// Which columns are its fields.
    pub select_fields: Vec<usize>,
    /// The instances that come along.
    pub related: Vec<RelatedKlass>,
}

/// A SELECT and how to read its rows.
#[derive(Clone, Debug)]
pub struct Statement {
    /// The statement.
    pub sql: Sql,
    /// The columns; further ones, which only ordering needs, are not among them.
    pub columns: Vec<Column>,
    /// How to make instances, when instances are selected.
    pub klass: Option<KlassInfo>,
    /// The annotations, each with its column.
    pub annotations: Vec<(String, usize)>,
}

/// The SELECT of a query; none when no row can match.
///
/// # Errors
/// What Django raises while compiling.
pub fn select(query: &Query, timezone: &str, elide: Elide) -> Result<Option<Statement>> {
    let mut compiler = Compiler::new(query, timezone, elide);
    match compiler.as_sql(Limits::Keep, Labels::Given) {
        Ok(sql) => Ok(Some(Statement {
            sql,
            columns: compiler.select,
            klass: compiler.klass,
            annotations: compiler.annotations,
        })),
        Err(Stop::Empty) => Ok(None),
        Err(Stop::Full) => Err(OrmError::internal("a query without a condition")),
        Err(Stop::Error(error)) => Err(error),
    }
}

/// The condition of a query alone, without its SELECT.
///
/// # Errors
/// The condition always or never holds, or what compiling runs into.
pub fn condition_sql(query: &Query) -> Result<Sql> {
    let mut compiler = Compiler::new(query, "UTC", Elide::Yes);
    match compiler.compile_where(&query.where_tree) {
        Ok(sql) => Ok(sql),
        Err(Stop::Error(error)) => Err(error),
        Err(Stop::Empty | Stop::Full) => Err(OrmError::value("the condition decides nothing")),
    }
}

/// Asks whether a condition holds for values that stand in place of the columns:
/// `SELECT 1 AS "_check" WHERE COALESCE((0 >= 1), true)`. None when it holds in any case.
///
/// # Errors
/// What resolving and compiling the condition runs into.
pub fn check_sql(
    catalogue: &Arc<crate::market::catalogue::Catalogue>,
    model: &Arc<Model>,
    values: &[(super::expressions::FieldRef, crate::base::Value)],
    condition: &super::q::Q,
) -> Result<Option<Sql>> {
    let mut query = Query::new(catalogue.clone(), model.clone());
    for (field, value) in values {
        let expr = super::expressions::typed_value(value.clone(), field.clone());
        query.place_annotation(expr, &field.name, super::query::Select::No);
    }
    let resolved = Expr::Q(condition.clone())
        .resolve(&mut query, &mut super::expressions::Resolve::joins())?;
    let mut compiler = Compiler::new(&query, "UTC", Elide::Yes);
    match compiler.compile(&resolved.again()) {
        Ok(sql) => Ok(Some(
            sql.wrap("SELECT 1 AS \"_check\" WHERE COALESCE(", ", true)"),
        )),
        Err(Stop::Full) => Ok(None),
        Err(Stop::Empty) => Ok(Some(Sql::raw("SELECT 1 AS \"_check\" WHERE false"))),
        Err(Stop::Error(error)) => Err(error),
    }
}

/// Whether a query that can match nothing still becomes SQL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Elide {
    /// It stops with [`Stop::Empty`].
    Yes,
    /// It becomes `WHERE 0 = 1`.
    No,
}

/// Whether LIMIT and OFFSET are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Limits {
    Keep,
    Leave,
}

/// Whether unlabelled columns get labels, as set operations need.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Labels {
    Given,
    All,
}

/// One compilation of one query.
pub(super) struct Compiler<'a> {
    pub(super) query: Query,
    timezone: &'a str,
    elide: Elide,
    select: Vec<Column>,
    klass: Option<KlassInfo>,
    annotations: Vec<(String, usize)>,
    meta_ordering: bool,
    filter: Option<WhereNode>,
    having: Option<WhereNode>,
    qualify: Option<WhereNode>,
}

impl<'a> Compiler<'a> {
    pub(super) fn new(query: &Query, timezone: &'a str, elide: Elide) -> Self {
        Self {
            query: query.clone(),
            timezone,
            elide,
            select: Vec::new(),
            klass: None,
            annotations: Vec::new(),
            meta_ordering: false,
            filter: None,
            having: None,
            qualify: None,
        }
    }

    /// A compiler for another query in the same circumstances.
    fn sibling(&self, query: &Query) -> Compiler<'a> {
        Compiler::new(query, self.timezone, self.elide)
    }

    fn setup(&mut self, labels: Labels) -> std::result::Result<(), Stop> {
        if self.query.active_tables() == 0 {
            self.query.initial_alias();
        }
        self.build_select(labels)
    }

    pub(super) fn as_sql(&mut self, limits: Limits, labels: Labels) -> Compiled {
        if self.query.inner_query.is_some() {
            return self.aggregate_sql();
        }
        let combinator = self.query.combinator;
        let labels = if combinator.is_some() {
            Labels::All
        } else {
            labels
        };
        self.setup(labels)?;
        let order_by = self.order_by()?;
        let grouped = match self.query.group_by {
            GroupBy::None => Grouped::No,
            GroupBy::Selection | GroupBy::By(_) => Grouped::Yes,
        };
        let parts = self.query.where_tree.clone().split(false, grouped)?;
        self.filter = parts.filter;
        self.having = parts.having;
        self.qualify = parts.qualify;
        let extra = self.extra_select(&order_by);
        let group_by = self.group_by(&extra, &order_by)?;
        let mut order_by: Vec<Sql> = order_by.into_iter().map(|key| key.sql).collect();
        let mut out = if let Some(combinator) = combinator {
            self.combinator_sql(combinator)?
        } else if self.qualify.is_some() {
            order_by.clear();
            self.qualify_sql()?
        } else {
            let (body, keeps_order) = self.select_sql(&extra, group_by)?;
            if !keeps_order {
                order_by.clear();
            }
            body
        };
        if let Some(explain) = &self.query.explain {
            out = out.wrap(&explain_prefix(explain), "");
        }
        if !order_by.is_empty() {
            out.push(" ORDER BY ");
            out.append(Sql::join(order_by, ", "));
        }
        if limits == Limits::Keep && self.query.is_sliced() {
            if let Some(high) = self.query.high_mark {
                let rows = high.saturating_sub(self.query.low_mark);
                out.push(&format!(" LIMIT {rows}"));
            }
            if self.query.low_mark > 0 {
                out.push(&format!(" OFFSET {}", self.query.low_mark));
            }
        }
        if let Some(lock) = self.for_update()? {
            out.push(&lock);
        }
        if self.query.subquery && !extra.is_empty() {
            return self.hide_extra(out);
        }
        Ok(out)
    }

    /// `SELECT .. FROM .. WHERE .. GROUP BY .. HAVING ..`, and whether an ordering may follow.
    fn select_sql(
        &mut self,
        extra: &[Column],
        group_by: Vec<Sql>,
    ) -> std::result::Result<(Sql, bool), Stop> {
        let distinct_on = self.distinct_on()?;
        let from = self.from_clause()?;
        let filter = match self.filter.clone() {
            None => None,
            Some(node) => match self.compile_where(&node) {
                Ok(sql) => Some(sql),
                Err(Stop::Empty) if self.elide == Elide::No => Some(Sql::raw("0 = 1")),
                Err(Stop::Full) => None,
                Err(stop) => return Err(stop),
            },
        };
        let having = match self.having.clone() {
            None => None,
            Some(node) => match self.compile_where(&node) {
                Ok(sql) => Some(sql),
                Err(Stop::Full) => None,
                Err(stop) => return Err(stop),
            },
        };
        let mut out = Sql::raw("SELECT ");
        if self.query.distinct {
            if distinct_on.is_empty() {
                out.push("DISTINCT ");
            } else {
                if !group_by.is_empty() {
                    return Err(OrmError::not_implemented(
                        "annotate() + distinct(fields) is not implemented.",
                    )
                    .into());
                }
                out.append(Sql::join(distinct_on, ", ").wrap("DISTINCT ON (", ") "));
            }
        }
        let columns = self
            .select
            .iter()
            .chain(extra)
            .map(|column| {
                let mut sql = column.sql.clone();
                if let Some(alias) = &column.alias {
                    sql.push(" AS ");
                    sql.push(&quote(alias));
                }
                sql
            })
            .collect();
        out.append(Sql::join(columns, ", "));
        if !from.is_empty() {
            out.push(" FROM ");
            out.append(Sql::join(from, " "));
        }
        if let Some(filter) = filter {
            out.push(" WHERE ");
            out.append(filter);
        }
        let grouped = !group_by.is_empty();
        if grouped {
            out.push(" GROUP BY ");
            out.append(Sql::join(group_by, ", "));
        }
        if let Some(having) = having {
            out.push(" HAVING ");
            out.append(having);
        }
        // An ordering of the model itself means nothing to groups.
        Ok((out, !(grouped && self.meta_ordering)))
    }

    /// The tables.
    fn from_clause(&mut self) -> std::result::Result<Vec<Sql>, Stop> {
        let joins: Vec<_> = self
            .query
            .alias_map
            .iter()
            .filter(|(alias, _)| {
                self.query
                    .alias_refcount
                    .get(alias)
                    .is_some_and(|count| *count > 0)
            })
            .map(|(_, join)| join.clone())
            .collect();
        let mut tables = Vec::with_capacity(joins.len());
        for join in joins {
            tables.push(self.join_sql(&join)?);
        }
        Ok(tables)
    }

    fn join_sql(&mut self, join: &super::query::Join) -> Compiled {
        let mut table = quote(&join.table_name);
        if join.table_alias != join.table_name {
            table.push(' ');
            table.push_str(&quote(&join.table_alias));
        }
        let (Some(kind), Some(field), Some(parent)) =
            (join.join_type, &join.join_field, &join.parent_alias)
        else {
            return Ok(Sql::raw(table));
        };
        let word = match kind {
            super::query::JoinType::Inner => "INNER JOIN",
            super::query::JoinType::Left => "LEFT OUTER JOIN",
        };
        let (ours, theirs) = field.columns();
        let mut out = Sql::raw(format!(
            "{word} {table} ON ({}.{} = {}.{}",
            quote(parent),
            quote(&ours.column),
            quote(&join.table_alias),
            quote(&theirs.column),
        ));
        if let Some(condition) = &join.condition {
            match self.compile_where(condition) {
                Ok(sql) => out.append(sql.wrap(" AND (", ")")),
                Err(Stop::Full) => {}
                Err(stop) => return Err(stop),
            }
        }
        out.push(")");
        Ok(out)
    }

    /// `SELECT SUM(..) FROM (..) subquery`
    fn aggregate_sql(&mut self) -> Compiled {
        let inner = match &self.query.inner_query {
            Some(inner) => inner.as_ref().clone(),
            None => return Err(OrmError::internal("an aggregate without a query").into()),
        };
        let annotations = self.query.annotation_select();
        let mut parts = Vec::with_capacity(annotations.len());
        for (at, (alias, expr)) in annotations.into_iter().enumerate() {
            let sql = self.compile(&expr)?;
            expr.check_selectable()?;
            parts.push(sql.clone());
            self.annotations.push((alias.clone(), at));
            self.select.push(Column {
                expr,
                sql,
                alias: Some(alias),
            });
        }
        let mut out = Sql::join(parts, ", ").wrap("SELECT ", " FROM (");
        out.append(self.sibling(&inner).as_sql(Limits::Keep, Labels::All)?);
        out.push(") subquery");
        Ok(out)
    }

    /// A DISTINCT subquery that orders by what it does not select hides those columns again.
    fn hide_extra(&mut self, inner: Sql) -> Compiled {
        let mut names = Vec::new();
        for column in &self.select {
            match (&column.alias, &column.expr) {
                (Some(alias), _) => names.push(format!("\"subquery\".{}", quote(alias))),
                (None, Expr::Col(col)) => {
                    names.push(format!("\"subquery\".{}", quote(&col.target.column)));
                }
                (None, _) => {
                    return Err(
                        OrmError::internal("an unnamed column in a DISTINCT subquery").into(),
                    );
                }
            }
        }
        Ok(inner.wrap(&format!("SELECT {} FROM (", names.join(", ")), ") subquery"))
    }

    /// `FOR UPDATE ..`
    fn for_update(&mut self) -> Result<Option<String>> {
        let Some(lock) = self.query.select_for_update.clone() else {
            return Ok(None);
        };
        let mut out = format!(" FOR{} UPDATE", if lock.no_key { " NO KEY" } else { "" });
        if !lock.of.is_empty() {
            let mut tables = Vec::new();
            for name in &lock.of {
                let alias = self.lock_alias(name)?;
                tables.push(quote(&alias));
            }
            out.push_str(" OF ");
            out.push_str(&tables.join(", "));
        }
        if lock.nowait {
            out.push_str(" NOWAIT");
        } else if lock.skip_locked {
            out.push_str(" SKIP LOCKED");
        }
        Ok(Some(out))
    }

    /// The alias of the table that `of=` names: `self` or a relation that is loaded.
    fn lock_alias(&self, name: &str) -> Result<String> {
        let mut choices = vec!["self".to_owned()];
        let mut found = None;
        let mut columns: Vec<usize> = Vec::new();
        if let Some(klass) = &self.klass {
            columns.clone_from(&klass.select_fields);
            let mut queue: Vec<(String, &RelatedKlass)> = klass
                .related
                .iter()
                .map(|related| (related.name.clone(), related))
                .collect();
            while let Some((path, related)) = queue.pop() {
                if path == name {
                    found = Some(related.klass.select_fields.clone());
                }
                for deeper in &related.klass.related {
                    queue.push((format!("{path}__{}", deeper.name), deeper));
                }
                choices.push(path);
            }
        }
        let columns = if name == "self" { Some(columns) } else { found };
        columns
            .and_then(|columns| columns.first().copied())
            .and_then(|at| self.select.get(at))
            .and_then(|column| match &column.expr {
                Expr::Col(col) => Some(col.alias.clone()),
                _ => None,
            })
            .ok_or_else(|| {
                OrmError::field(format!(
                    "Invalid field name(s) given in select_for_update(of=(...)): {name}. Only \
                     relational fields followed in the query are allowed. Choices are: {}.",
                    choices.join(", ")
                ))
            })
    }

    /// The columns of `DISTINCT ON`.
    fn distinct_on(&mut self) -> std::result::Result<Vec<Sql>, Stop> {
        let mut out = Vec::new();
        for name in self.query.distinct_fields.clone() {
            if self.query.selects_annotation(&name) {
                out.push(Sql::raw(quote(&name)));
                continue;
            }
            // An annotation that is not selected is no column to choose by.
            if self.query.annotations.get(&name).is_some() {
                let model = self.query.model.clone();
                return Err(self.query.unknown_name(&name, &model).into());
            }
            let expr = self
                .query
                .resolve_ref(&name, &mut super::expressions::Resolve::joins())?;
            out.push(self.compile(&expr)?);
        }
        Ok(out)
    }

    fn combinator_sql(&mut self, combinator: Combinator) -> Compiled {
        combinator::sql(self, combinator)
    }
}

/// `EXPLAIN (ANALYZE true, FORMAT json) `
fn explain_prefix(explain: &super::query::Explain) -> String {
    let mut options: Vec<String> = explain
        .options
        .iter()
        .map(|(name, on)| format!("{} {on}", name.to_uppercase()))
        .collect();
    if let Some(format) = &explain.format {
        options.push(format!("FORMAT {}", format.to_uppercase()));
    }
    if options.is_empty() {
        "EXPLAIN ".to_owned()
    } else {
        format!("EXPLAIN ({}) ", options.join(", "))
    }
}
