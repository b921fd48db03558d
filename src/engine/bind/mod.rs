//! The binder: from sqlparser's tree to typed plans.
//!
//! Owns PostgreSQL's rules of names, scopes and types, and is the allow-list of the language:
//! every struct and enum of the tree is taken apart in full, so what is not known here is refused
//! by name and place. Must never look at stored rows.

mod aggregate_calls;
mod aggregates;
mod arrays;
mod calls;
mod coerce;
mod cte;
mod expr;
mod from;
mod group;
mod label;
mod literal;
mod locks;
mod operators;
mod order;
mod query;
mod refuse;
mod schema;
mod scope;
mod select;
mod series;
mod subquery;
mod suggest;
mod syntax;
mod types;
mod windows;
mod write;

use super::catalog::{Catalog, Table};
use super::expr::{ColumnId, Expr};
use super::plan::{CteId, Plan};
use super::statement::{Bound, Insert, Query, WithWrite, Writing};
use crate::base::diagnostic::sqlstate;
use crate::base::{Diagnostic, Field, Result, Type};
use sqlparser::ast;
use std::sync::Arc;

pub use schema::show_tables;
pub(in crate::engine) use scope::not_reserved;
pub use types::{column_type, time_precision};

/// What binding depends on besides the statement.
#[derive(Clone, Copy, Debug)]
pub struct BindContext<'a> {
    /// The tables and views.
    pub catalog: &'a Catalog,
    /// The natural types of the values of `$1`, `$2`, ...; `Unknown` for texts and NULL, whose
    /// type the context decides.
    pub parameters: &'a [Type],
    /// What literals such as `'now'` mean: microseconds since 1970.
    pub now: i64,
}

/// A function that is no scalar one: its kind, its signature, what it gives.
pub struct Special {
    /// Which kind.
    pub kind: SpecialKind,
    /// How it is written.
    pub signature: &'static str,
    /// What it gives.
    pub documentation: &'static str,
}

/// The kinds of functions beside the scalar ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpecialKind {
    /// Over a group of rows, or as a window function.
    Aggregate,
    /// With OVER.
    Window,
    /// Gives rows.
    Set,
}

/// The functions that are no scalar ones.
pub fn special_functions() -> Vec<Special> {
    let aggregates = aggregates::AGGREGATES.iter();
    let aggregates = aggregates.map(|(.., signature, documentation)| Special {
        kind: SpecialKind::Aggregate,
        signature,
        documentation,
    });
    let windows = windows::WINDOW_FUNCTIONS.iter();
    let windows = windows.map(|(.., signature, documentation)| Special {
        kind: SpecialKind::Window,
        signature,
        documentation,
    });
    let sets = series::SET_FUNCTIONS.iter();
    let sets = sets.map(|(_, signature, documentation)| Special {
        kind: SpecialKind::Set,
        signature,
        documentation,
    });
    aggregates.chain(windows).chain(sets).collect()
}

/// Binds a query.
///
/// # Errors
/// Whatever PostgreSQL refuses when it analyses a query, and constructs that are not supported.
pub fn bind_query(query: &ast::Query, context: &BindContext<'_>) -> Result<Query> {
    let mut binder = Binder::new(context);
    let bound = binder.query(query, query::Unknowns::AsText)?;
    binder.only_reads("a data-modifying statement in WITH here")?;
    Ok(bound.into_query())
}

/// Binds the query of a new view; queries of the view will be one level above it.
///
/// # Errors
/// As [`bind_query`].
pub fn bind_view(query: &ast::Query, context: &BindContext<'_>) -> Result<Query> {
    let mut binder = Binder::new(context);
    binder.views = 1;
    let bound = binder.query(query, query::Unknowns::AsText)?;
    binder.only_reads("a data-modifying statement in WITH of a view")?;
    Ok(bound.into_query())
}

/// Binds a statement that reads or changes rows; gives nothing for any other.
///
/// # Errors
/// As [`bind_query`].
pub fn bind(statement: &ast::Statement, context: &BindContext<'_>) -> Result<Option<Bound>> {
    let mut binder = Binder::new(context);
    let ast::Statement::Query(query) = statement else {
        let bound = binder.write(statement, None)?;
        return Ok(bound.map(|bound| binder.under_writes(bound)));
    };
    // A write with WITH before it is the body of a query.
    let write = match &*query.body {
        ast::SetExpr::Insert(write) | ast::SetExpr::Update(write) | ast::SetExpr::Delete(write) => {
            write
        }
        ast::SetExpr::Select(_)
        | ast::SetExpr::Query(_)
        | ast::SetExpr::SetOperation { .. }
        | ast::SetExpr::Values(_)
        | ast::SetExpr::Merge(_)
        | ast::SetExpr::Table(_) => {
            let bound = binder.query(query, query::Unknowns::AsText)?;
            let bound = Bound::Query(bound.into_query());
            return Ok(Some(binder.under_writes(bound)));
        }
    };
    let bound = binder.write(write, query.with.as_ref())?;
    Ok(bound.map(|bound| binder.under_writes(bound)))
}

/// Binds `INSERT`.
///
/// # Errors
/// As [`bind_query`].
pub fn bind_insert(insert: &ast::Insert, context: &BindContext<'_>) -> Result<Insert> {
    Binder::new(context).insert(insert)
}

/// Binds the condition of a CHECK constraint. The columns that come with it stand for the columns
/// of the table, in its order.
///
/// # Errors
/// As [`bind_query`]; subqueries and aggregates are refused.
pub fn bind_check(
    condition: &str,
    table: &Arc<Table>,
    context: &BindContext<'_>,
) -> Result<(Expr, Vec<ColumnId>)> {
    Binder::new(context).check(condition, table)
}

/// Binds the expression of a generated column to one of the column's type.
///
/// # Errors
/// As [`bind_check`].
pub fn bind_generated(
    expression: &str,
    table: &Arc<Table>,
    ty: &Type,
    context: &BindContext<'_>,
) -> Result<(Expr, Vec<ColumnId>)> {
    Binder::new(context).computed(expression, table, Some(ty), "column generation expression")
}

/// Binds a key of an index.
///
/// # Errors
/// As [`bind_check`].
pub fn bind_index_key(
    expression: &str,
    table: &Arc<Table>,
    context: &BindContext<'_>,
) -> Result<(Expr, Vec<ColumnId>)> {
    Binder::new(context).computed(expression, table, None, "index expression")
}

/// Binds the default of a column to an expression of the column's type.
///
/// # Errors
/// As [`bind_query`]; columns, subqueries and aggregates are refused.
pub fn bind_default(default: &str, ty: &Type, context: &BindContext<'_>) -> Result<Expr> {
    Binder::new(context).default_value(default, ty)
}

/// The state of binding one statement.
struct Binder<'a> {
    context: &'a BindContext<'a>,
    /// The next free column.
    next_column: u32,
    /// The next free common table expression.
    next_cte: u32,
    /// The queries that are being bound, innermost last.
    scopes: Vec<scope::Scope>,
    /// The common table expressions that can be seen, innermost last.
    ctes: Vec<cte::Visible>,
    /// How many common table expressions are being bound in each other.
    cte_depth: usize,
    /// The writes in the statement's WITH.
    writes: Vec<WithWrite>,
    /// How many views are being expanded.
    views: usize,
    /// How many relations were read, those of views too.
    relations: usize,
}

/// How many relations a statement may read, those that its views read too: its plan may become
/// as deep as there are.
const MAX_RELATIONS: usize = 2_000;
/// How many common table expressions a statement may have: each may read the one before.
const MAX_CTES: usize = 500;

/// The error for a statement whose tree would be deeper than the stack is.
fn too_complex() -> Box<Diagnostic> {
    Diagnostic::error(
        sqlstate::STATEMENT_TOO_COMPLEX,
        "stack depth limit exceeded",
    )
}

impl<'a> Binder<'a> {
    fn new(context: &'a BindContext<'a>) -> Self {
        Self {
            context,
            next_column: 0,
            next_cte: 0,
            scopes: Vec::new(),
            ctes: Vec::new(),
            cte_depth: 0,
            writes: Vec::new(),
            views: 0,
            relations: 0,
        }
    }

    /// A statement together with the writes of its WITH.
    fn under_writes(&mut self, body: Bound) -> Bound {
        match std::mem::take(&mut self.writes) {
            writes if writes.is_empty() => body,
            writes => Bound::Writing(Box::new(Writing { writes, body })),
        }
    }

    /// Refuses writes in WITH.
    fn only_reads(&self, what: &str) -> Result<()> {
        refuse::unset(!self.writes.is_empty(), what, None)
    }

    /// A write, and the common table expressions in front of it.
    fn write(
        &mut self,
        statement: &ast::Statement,
        with: Option<&ast::With>,
    ) -> Result<Option<Bound>> {
        let ctes = match with {
            Some(with) => self.with_clause(with)?,
            None => Vec::new(),
        };
        let under = |source: &mut Plan| {
            if !ctes.is_empty() {
                *source = Plan::With {
                    ctes,
                    body: Box::new(source.take()),
                };
            }
        };
        Ok(match statement {
            ast::Statement::Insert(insert) => {
                let mut insert = self.insert(insert)?;
                under(&mut insert.source);
                Some(Bound::Insert(insert))
            }
            ast::Statement::Update(update) => {
                let mut update = self.update(update)?;
                under(&mut update.source);
                Some(Bound::Update(update))
            }
            ast::Statement::Delete(delete) => {
                let mut delete = self.delete(delete)?;
                under(&mut delete.source);
                Some(Bound::Delete(delete))
            }
            _ => None,
        })
    }

    fn fresh(&mut self) -> ColumnId {
        let id = ColumnId(self.next_column);
        self.next_column += 1;
        id
    }

    fn fresh_cte(&mut self) -> Result<CteId> {
        let id = CteId(self.next_cte);
        self.next_cte += 1;
        if self.next_cte as usize > MAX_CTES {
            return Err(too_complex().hint(format!(
                "A statement may have {MAX_CTES} common table expressions."
            )));
        }
        Ok(id)
    }

    fn count_relation(&mut self) -> Result<()> {
        self.relations += 1;
        if self.relations > MAX_RELATIONS {
            return Err(too_complex().hint(format!(
                "A statement may read {MAX_RELATIONS} relations, those of its views too."
            )));
        }
        Ok(())
    }
}

impl query::Bound {
    fn into_query(self) -> Query {
        let mut columns = Vec::with_capacity(self.columns.len());
        let mut fields = Vec::with_capacity(self.columns.len());
        for column in self.columns {
            columns.push(column.id);
            fields.push(Field {
                name: column.name.to_string(),
                ty: column.ty,
            });
        }
        Query {
            plan: self.plan,
            columns,
            fields,
        }
    }
}
