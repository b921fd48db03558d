//! WITH: common table expressions, also recursive ones.

use super::Binder;
use super::from::rename;
use super::query::{Bound, Output, Tail, Unknowns};
use super::refuse::{absent, unsupported};
use super::scope::{Bare, Columns, Item, Named, fold, ident_span};
use crate::base::diagnostic::sqlstate;
use crate::base::{Diagnostic, Result, Span, Type};
use crate::engine::expr::CastForm;
use crate::engine::plan::{Cte, CteId, Distinctness, Plan, Recursion, SetKind};
use crate::engine::statement::{Bound as Write, WithWrite};
use crate::engine::types;
use sqlparser::ast::{
    self, CteAsMaterialized, Ident, SetExpr, SetOperator, SetQuantifier, TableAlias, With,
};
use std::sync::Arc;

/// A common table expression that can be named.
pub(super) struct Visible {
    pub name: String,
    id: CteId,
    columns: Vec<(Arc<str>, Type)>,
    state: State,
}

/// Where the binder stands with a common table expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// It is bound.
    Ready,
    /// It is a write without RETURNING.
    Silent,
    /// The part before UNION is being bound, which may not read it.
    Start,
    /// It has not the form a recursion needs.
    Formless,
    /// The recursive part is being bound; so often it was read.
    Recursive(usize),
}

impl Binder<'_> {
    /// Binds the expressions of WITH and makes them visible.
    pub(super) fn with_clause(&mut self, with: &With) -> Result<Vec<Cte>> {
        let With {
            with_token: _,
            recursive,
            cte_tables,
        } = with;
        let mut ctes = Vec::with_capacity(cte_tables.len());
        let first = self.ctes.len();
        for cte in cte_tables {
            let ast::Cte {
                alias,
                query,
                from,
                materialized,
                closing_paren_token: _,
            } = cte;
            let span = ident_span(&alias.name);
            absent(from.as_ref(), "FROM behind a common table expression", span)?;
            match materialized {
                // Both give the same rows; the planner decides.
                None
                | Some(CteAsMaterialized::Materialized | CteAsMaterialized::NotMaterialized) => {}
            }
            let name = fold(&alias.name).into_owned();
            if self.ctes.iter().skip(first).any(|known| known.name == name) {
                return Err(Diagnostic::error(
                    sqlstate::DUPLICATE_ALIAS,
                    format!("WITH query name \"{name}\" specified more than once"),
                )
                .at(span));
            }
            let id = self.fresh_cte()?;
            let mut state = State::Ready;
            self.cte_depth += 1;
            let bound = match written(query) {
                Some(statement) => {
                    let with = query.with.as_ref();
                    let bound = self.write_cte(id, statement, with, &ctes, span);
                    bound.map(|(bound, silent)| {
                        state = silent;
                        (bound, None)
                    })
                }
                None if *recursive => self.recursive_cte(id, &name, alias, query, span),
                None => self
                    .query(query, Unknowns::AsText)
                    .map(|bound| (bound, None)),
            };
            self.cte_depth -= 1;
            let (bound, recursion) = bound?;
            let columns = renamed(&bound, &name, alias)?;
            self.ctes.push(Visible {
                name: name.clone(),
                id,
                columns,
                state,
            });
            ctes.push(Cte {
                id,
                name: Arc::from(name),
                columns: bound.columns.iter().map(|column| column.id).collect(),
                plan: bound.plan,
                recursion,
            });
        }
        Ok(ctes)
    }

    /// A write that WITH names: it is kept for later, and an empty table stands in its place
    /// until it has run.
    fn write_cte(
        &mut self,
        id: CteId,
        statement: &ast::Statement,
        with: Option<&With>,
        before: &[Cte],
        span: Option<Span>,
    ) -> Result<(Bound, State)> {
        if !self.scopes.is_empty() || self.cte_depth > 1 {
            return Err(Diagnostic::error(
                sqlstate::FEATURE_NOT_SUPPORTED,
                "WITH clause containing a data-modifying statement must be at the top level",
            )
            .at(span));
        }
        let visible = self.ctes.len();
        let write = self.write(statement, with);
        self.ctes.truncate(visible);
        let Some(mut write) = write? else {
            return Err(unsupported("this statement in WITH", span));
        };
        let (source, returning) = match &mut write {
            Write::Insert(insert) => (&mut insert.source, &insert.returning),
            Write::Update(update) => (&mut update.source, &update.returning),
            Write::Delete(delete) => (&mut delete.source, &delete.returning),
            Write::Query(_) | Write::Writing(_) => {
                return Err(unsupported("this statement in WITH", span));
            }
        };
        if !before.is_empty() {
            *source = Plan::With {
                ctes: before.to_vec(),
                body: Box::new(source.take()),
            };
        }
        let state = match returning {
            Some(_) => State::Ready,
            None => State::Silent,
        };
        let fields = returning.iter().flat_map(|returning| &returning.fields);
        let columns: Vec<Output> = fields
            .map(|field| Output {
                name: Arc::from(field.name.as_str()),
                id: self.fresh(),
                ty: field.ty.clone(),
            })
            .collect();
        let plan = Plan::Values {
            columns: columns
                .iter()
                .map(|column| (column.id, column.ty.clone()))
                .collect(),
            rows: Vec::new(),
        };
        self.writes.push(WithWrite { cte: id, write });
        Ok((
            Bound {
                plan,
                columns,
                span,
            },
            state,
        ))
    }

    fn recursive_cte(
        &mut self,
        id: CteId,
        name: &str,
        alias: &TableAlias,
        query: &ast::Query,
        span: Option<Span>,
    ) -> Result<(Bound, Option<Recursion>)> {
        let union = match (&*query.body, &query.with) {
            (
                SetExpr::SetOperation {
                    left,
                    op: SetOperator::Union,
                    set_quantifier,
                    right,
                },
                None,
            ) => match set_quantifier {
                SetQuantifier::All => Some((left, right, Distinctness::All)),
                SetQuantifier::None | SetQuantifier::Distinct => {
                    Some((left, right, Distinctness::Distinct))
                }
                SetQuantifier::ByName
                | SetQuantifier::AllByName
                | SetQuantifier::DistinctByName => None,
            },
            _ => None,
        };
        let sentinel = self.ctes.len();
        let mut visible = Visible {
            name: name.to_string(),
            id,
            columns: Vec::new(),
            state: State::Formless,
        };
        let Some((left, right, distinct)) = union else {
            self.ctes.push(visible);
            let bound = self.query(query, Unknowns::AsText);
            self.ctes.truncate(sentinel);
            return Ok((bound?, None));
        };
        visible.state = State::Start;
        self.ctes.push(visible);
        let start = self.body(left, Tail::default(), Unknowns::AsText, 0);
        self.ctes.truncate(sentinel);
        let mut start = start?;
        self.ctes.push(Visible {
            name: name.to_string(),
            id,
            columns: renamed(&start, name, alias)?,
            state: State::Recursive(0),
        });
        let step = self.body(right, Tail::default(), Unknowns::Keep, 0);
        let reads = match self.ctes.get(sentinel).map(|cte| cte.state) {
            Some(State::Recursive(reads)) => reads,
            _ => 0,
        };
        self.ctes.truncate(sentinel);
        let mut step = step?;
        if reads == 0 {
            // It is no recursion after all.
            drop((start, step));
            return Ok((self.query(query, Unknowns::AsText)?, None));
        }
        if reads > 1 {
            return Err(recursion_error(
                format!("recursive reference to query \"{name}\" must not appear more than once"),
                span,
            ));
        }
        let tail = [
            (query.order_by.is_some(), "ORDER BY"),
            (
                query.limit_clause.is_some() || query.fetch.is_some(),
                "LIMIT",
            ),
            (!query.locks.is_empty(), "FOR UPDATE/SHARE"),
        ];
        if let Some((_, word)) = tail.iter().find(|(there, _)| *there) {
            return Err(Diagnostic::error(
                sqlstate::FEATURE_NOT_SUPPORTED,
                format!("{word} in a recursive query is not implemented"),
            )
            .at(span));
        }
        check_place(&step.plan, id, name, span)?;
        if start.columns.len() != step.columns.len() {
            return Err(Diagnostic::error(
                sqlstate::SYNTAX_ERROR,
                "each UNION query must have the same number of columns",
            )
            .at(step.span));
        }
        let mut wanted = Vec::with_capacity(start.columns.len());
        for (place, (l, r)) in start.columns.iter().zip(&step.columns).enumerate() {
            let ty = types::common_type(&[l.ty.clone(), r.ty.clone()], "UNION")
                .map_err(|error| error.at(step.span))?;
            if ty.without_modifier() != l.ty.without_modifier() {
                return Err(Diagnostic::error(
                    sqlstate::DATATYPE_MISMATCH,
                    format!(
                        "recursive query \"{name}\" column {} has type {} in non-recursive term but type {ty} overall",
                        place + 1,
                        l.ty
                    ),
                )
                .at(span)
                .hint("Cast the output of the non-recursive term to the correct type."));
            }
            // Scales and lengths that differ are given up, as a set operation gives them up.
            wanted.push(ty);
        }
        self.bring_to(&mut start, &wanted, CastForm::Implicit)?;
        self.bring_to(&mut step, &wanted, CastForm::Implicit)?;
        let recursion = Recursion {
            columns: step.columns.iter().map(|column| column.id).collect(),
            plan: step.plan,
            distinct,
        };
        Ok((start, Some(recursion)))
    }

    /// Reads a common table expression, if one of that name is visible.
    pub(super) fn cte_scan(
        &mut self,
        name: &str,
        alias: Option<&TableAlias>,
        ident: &Ident,
    ) -> Result<Option<Plan>> {
        let span = ident_span(ident);
        let Some(place) = self.ctes.iter().rposition(|cte| cte.name == name) else {
            return Ok(None);
        };
        let Some(cte) = self.ctes.get_mut(place) else {
            return Ok(None);
        };
        match &mut cte.state {
            State::Ready => {}
            State::Recursive(reads) => *reads += 1,
            State::Silent => {
                return Err(Diagnostic::error(
                    sqlstate::FEATURE_NOT_SUPPORTED,
                    format!("WITH query \"{name}\" does not have a RETURNING clause"),
                )
                .at(span));
            }
            State::Start => {
                return Err(recursion_error(
                    format!(
                        "recursive reference to query \"{name}\" must not appear within its non-recursive term"
                    ),
                    span,
                ));
            }
            State::Formless => {
                return Err(recursion_error(
                    format!(
                        "recursive query \"{name}\" does not have the form non-recursive-term UNION [ALL] recursive-term"
                    ),
                    span,
                ));
            }
        }
        let id = cte.id;
        let columns = cte.columns.clone();
        let mut read = Vec::with_capacity(columns.len());
        let mut named = Vec::with_capacity(columns.len());
        for (place, (name, ty)) in columns.into_iter().enumerate() {
            let column = self.fresh();
            read.push((column, place, ty.clone()));
            named.push(Named {
                name,
                id: column,
                ty,
            });
        }
        match alias {
            Some(alias) => self.add_named(named, alias)?,
            None => self.add_item(
                Item {
                    alias: Some(Arc::from(name)),
                    bare: Bare::Found,
                    columns: Columns::Named(named),
                },
                span,
            )?,
        }
        Ok(Some(Plan::CteScan {
            cte: id,
            columns: read,
        }))
    }
}

/// The write that a common table expression is.
fn written(query: &ast::Query) -> Option<&ast::Statement> {
    match &*query.body {
        SetExpr::Insert(statement)
        | SetExpr::Update(statement)
        | SetExpr::Delete(statement)
        | SetExpr::Merge(statement) => Some(statement),
        SetExpr::Select(_)
        | SetExpr::Query(_)
        | SetExpr::SetOperation { .. }
        | SetExpr::Values(_)
        | SetExpr::Table(_) => None,
    }
}

fn renamed(bound: &Bound, name: &str, alias: &TableAlias) -> Result<Vec<(Arc<str>, Type)>> {
    let mut columns: Vec<Named> = bound
        .columns
        .iter()
        .map(|Output { name, id, ty }| Named {
            name: name.clone(),
            id: *id,
            ty: ty.clone(),
        })
        .collect();
    if alias.columns.len() > columns.len() {
        return Err(Diagnostic::error(
            sqlstate::INVALID_COLUMN_REFERENCE,
            format!(
                "WITH query \"{name}\" has {} columns available but {} columns specified",
                columns.len(),
                alias.columns.len()
            ),
        )
        .at(ident_span(&alias.name)));
    }
    rename(&mut columns, name, alias)?;
    Ok(columns
        .into_iter()
        .map(|column| (column.name, column.ty))
        .collect())
}

/// A recursive part may read the round before only where each row counts once.
fn check_place(plan: &Plan, id: CteId, name: &str, span: Option<Span>) -> Result<()> {
    use crate::engine::plan::JoinKind;
    let reads = |plan: &Plan| {
        let mut found = false;
        plan.every(&mut |part| {
            found |= matches!(part, Plan::CteScan { cte, .. } if *cte == id);
        });
        found
    };
    let refused = |place: &str| {
        Err(recursion_error(
            format!("recursive reference to query \"{name}\" must not appear within {place}"),
            span,
        ))
    };
    match plan {
        Plan::CteScan { .. } => return Ok(()),
        Plan::Aggregate(aggregate) if reads(&aggregate.input) => {
            return Err(recursion_error(
                String::from(
                    "aggregate functions are not allowed in a recursive query's recursive term",
                ),
                span,
            ));
        }
        Plan::Join(join) => {
            let (left, right) = match join.kind {
                JoinKind::Left => (false, true),
                JoinKind::Right => (true, false),
                JoinKind::Full => (true, true),
                _ => (false, false),
            };
            if (left && reads(&join.left)) || (right && reads(&join.right)) {
                return refused("an outer join");
            }
        }
        Plan::SetOperation(operation) => match operation.kind {
            SetKind::Except if reads(&operation.right) => return refused("EXCEPT"),
            SetKind::Intersect if reads(&operation.left) || reads(&operation.right) => {
                return refused("INTERSECT");
            }
            SetKind::Except | SetKind::Intersect | SetKind::Union => {}
        },
        _ => {}
    }
    let mut outcome = Ok(());
    plan.exprs(&mut |expr| {
        let inside = expr.any(&mut |part| match &part.kind {
            crate::engine::expr::ExprKind::Subquery(subquery) => reads(&subquery.plan),
            _ => false,
        });
        if inside {
            outcome = refused("a subquery");
        }
    });
    outcome?;
    let mut outcome = Ok(());
    plan.inputs(&mut |input| {
        if outcome.is_ok() {
            outcome = check_place(input, id, name, span);
        }
    });
    outcome
}

fn recursion_error(message: String, span: Option<Span>) -> Box<Diagnostic> {
    Diagnostic::error(sqlstate::INVALID_RECURSION, message).at(span)
}
