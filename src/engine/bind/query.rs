//! Queries: bodies, set operations, VALUES, and what stands around them.

use super::Binder;
use super::refuse::{absent, empty, unsupported};
use super::scope::{Clause, Scope, fold, ident_span};
use crate::base::diagnostic::sqlstate;
use crate::base::{Diagnostic, Result, Span, Type};
use crate::engine::expr::{CastForm, ColumnId, Expr, ExprKind};
use crate::engine::plan::{Distinctness, Plan, SetKind, SetOperation, SortKey};
use crate::engine::types;
use crate::sql::span_of;
use sqlparser::ast::{
    self, Fetch, LimitClause, LockClause, OrderByExpr, Parens, SetExpr, SetOperator, SetQuantifier,
    Values,
};
use std::sync::Arc;

/// How many set operations or joins may follow each other: plans nest as deep.
pub(super) const MAX_CHAIN: usize = 250;

/// A bound query.
pub(super) struct Bound {
    pub plan: Plan,
    pub columns: Vec<Output>,
    pub span: Option<Span>,
}

/// An output column.
#[derive(Clone, Debug)]
pub(super) struct Output {
    pub name: Arc<str>,
    pub id: ColumnId,
    pub ty: Type,
}

/// What becomes of output columns whose type nothing has decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unknowns {
    /// They are texts.
    AsText,
    /// The context will decide.
    Keep,
}

/// What follows the body of a query.
#[derive(Clone, Copy, Default)]
pub(super) struct Tail<'q> {
    pub order_by: &'q [OrderByExpr],
    pub limit: Option<&'q LimitClause>,
    pub fetch: Option<&'q Fetch>,
    pub locks: &'q [LockClause],
}

impl Binder<'_> {
    /// Binds a query with everything around it.
    pub(super) fn query(&mut self, query: &ast::Query, unknowns: Unknowns) -> Result<Bound> {
        self.query_under(query, Tail::default(), unknowns)
    }

    /// Binds a query in parentheses and what follows them, which belongs to it as well.
    fn query_under(
        &mut self,
        query: &ast::Query,
        outer: Tail<'_>,
        unknowns: Unknowns,
    ) -> Result<Bound> {
        let ast::Query {
            with,
            body,
            order_by,
            limit_clause,
            fetch,
            locks,
            for_clause,
            settings,
            format_clause,
            pipe_operators,
        } = query;
        absent(for_clause.as_ref(), "FOR XML, FOR JSON or FOR BROWSE", None)?;
        absent(settings.as_ref(), "SETTINGS", None)?;
        absent(format_clause.as_ref(), "FORMAT", None)?;
        empty(pipe_operators, "a pipe operator", None)?;
        let keys = super::order::keys(order_by.as_ref())?;
        let multiple = |clause: &str| {
            Diagnostic::error(
                sqlstate::SYNTAX_ERROR,
                format!("multiple {clause} clauses not allowed"),
            )
        };
        if !keys.is_empty() && !outer.order_by.is_empty() {
            return Err(multiple("ORDER BY"));
        }
        if (limit_clause.is_some() || fetch.is_some())
            && (outer.limit.is_some() || outer.fetch.is_some())
        {
            return Err(multiple("LIMIT"));
        }
        let tail = Tail {
            order_by: if keys.is_empty() {
                outer.order_by
            } else {
                keys
            },
            limit: limit_clause.as_ref().or(outer.limit),
            fetch: fetch.as_ref().or(outer.fetch),
            locks: if locks.is_empty() { outer.locks } else { locks },
        };
        let Some(with) = with else {
            return self.body(body, tail, unknowns, 0);
        };
        let visible = self.ctes.len();
        let bound = self.with_clause(with).and_then(|ctes| {
            let mut bound = self.body(body, tail, unknowns, 0)?;
            bound.plan = Plan::With {
                ctes,
                body: Box::new(bound.plan),
            };
            Ok(bound)
        });
        self.ctes.truncate(visible);
        bound
    }

    pub(super) fn body(
        &mut self,
        body: &SetExpr,
        tail: Tail<'_>,
        unknowns: Unknowns,
        depth: usize,
    ) -> Result<Bound> {
        match body {
            SetExpr::Select(select) => self.select(select, tail, unknowns),
            SetExpr::Query(query) => self.query_under(query, tail, unknowns),
            SetExpr::Values(values) => {
                let bound = self.values(values, unknowns)?;
                self.finish(bound, tail)
            }
            SetExpr::SetOperation {
                left,
                op,
                set_quantifier,
                right,
            } => {
                super::locks::no_locks(tail.locks)?;
                if depth > MAX_CHAIN {
                    return Err(Diagnostic::error(
                        sqlstate::STATEMENT_TOO_COMPLEX,
                        "stack depth limit exceeded",
                    )
                    .hint(format!(
                        "A query may combine {MAX_CHAIN} others; VALUES or a table can hold more rows."
                    )));
                }
                let (kind, word) = match op {
                    SetOperator::Union => (SetKind::Union, "UNION"),
                    SetOperator::Intersect => (SetKind::Intersect, "INTERSECT"),
                    SetOperator::Except => (SetKind::Except, "EXCEPT"),
                    SetOperator::Minus => {
                        return Err(unsupported("MINUS", None).hint("Write EXCEPT."));
                    }
                };
                let distinct = match set_quantifier {
                    SetQuantifier::All => Distinctness::All,
                    SetQuantifier::None | SetQuantifier::Distinct => Distinctness::Distinct,
                    SetQuantifier::ByName
                    | SetQuantifier::AllByName
                    | SetQuantifier::DistinctByName => {
                        return Err(unsupported(format!("{word} BY NAME"), None));
                    }
                };
                let left = self.body(left, Tail::default(), Unknowns::Keep, depth + 1)?;
                let right = self.body(right, Tail::default(), Unknowns::Keep, depth + 1)?;
                let mut bound = self.set_operation(kind, word, distinct, left, right)?;
                if unknowns == Unknowns::AsText {
                    self.decide_outputs(&mut bound)?;
                }
                self.finish(bound, tail)
            }
            SetExpr::Table(table) => {
                let ast::Table {
                    table_name,
                    schema_name,
                } = &**table;
                let bound = self.whole_table(table_name.as_deref(), schema_name.as_deref())?;
                self.finish(bound, tail)
            }
            SetExpr::Insert(_) | SetExpr::Update(_) | SetExpr::Delete(_) | SetExpr::Merge(_) => {
                Err(unsupported("a data-modifying statement in WITH", None))
            }
        }
    }

    /// Sorts and limits rows whose columns alone can be named.
    fn finish(&mut self, mut bound: Bound, tail: Tail<'_>) -> Result<Bound> {
        let mut sort = Vec::with_capacity(tail.order_by.len());
        for key in tail.order_by {
            let (expr, direction, nulls) = super::order::parts(key)?;
            let place = output_place(expr, &bound.columns)?;
            let Some(column) = bound.columns.get(place) else {
                continue;
            };
            let expr = Expr::column(column.id, column.ty.clone());
            super::order::sortable(&expr)?;
            sort.push(SortKey {
                expr,
                direction,
                nulls,
            });
        }
        if !sort.is_empty() {
            bound.plan = Plan::Sort {
                input: Box::new(bound.plan),
                keys: sort.clone(),
            };
        }
        bound.plan = self.limit(bound.plan, tail.limit, tail.fetch, &sort)?;
        Ok(bound)
    }

    pub(super) fn set_operation(
        &mut self,
        kind: SetKind,
        word: &str,
        distinct: Distinctness,
        mut left: Bound,
        mut right: Bound,
    ) -> Result<Bound> {
        if left.columns.len() != right.columns.len() {
            return Err(Diagnostic::error(
                sqlstate::SYNTAX_ERROR,
                format!("each {word} query must have the same number of columns"),
            )
            .at(right.span));
        }
        let mut wanted = Vec::with_capacity(left.columns.len());
        for (l, r) in left.columns.iter().zip(&right.columns) {
            wanted.push(
                types::common_type(&[l.ty.clone(), r.ty.clone()], word)
                    .map_err(|error| error.at(right.span))?,
            );
        }
        self.bring_to(&mut left, &wanted, CastForm::Implicit)?;
        self.bring_to(&mut right, &wanted, CastForm::Implicit)?;
        let mut columns = Vec::with_capacity(wanted.len());
        let mut outputs = Vec::with_capacity(wanted.len());
        for ((l, r), ty) in left.columns.iter().zip(&right.columns).zip(wanted) {
            if distinct == Distinctness::Distinct || kind != SetKind::Union {
                super::order::sortable(&Expr::column(l.id, ty.clone()))?;
            }
            let id = self.fresh();
            columns.push((id, l.id, r.id, ty.clone()));
            outputs.push(Output {
                name: l.name.clone(),
                id,
                ty,
            });
        }
        Ok(Bound {
            plan: Plan::SetOperation(Box::new(SetOperation {
                kind,
                distinct,
                left: left.plan,
                right: right.plan,
                columns,
            })),
            columns: outputs,
            span: left.span,
        })
    }

    pub(super) fn values(&mut self, values: &Values, unknowns: Unknowns) -> Result<Bound> {
        let Values {
            explicit_row,
            value_keyword,
            rows,
        } = values;
        super::refuse::unset(*explicit_row, "VALUES ROW(...)", None)?;
        super::refuse::unset(*value_keyword, "VALUE", None)?;
        self.scopes.push(Scope {
            clause: Clause::Values,
            ..Scope::default()
        });
        let bound = self.value_rows(rows);
        self.scopes.pop();
        let mut rows = bound?;
        let width = rows.first().map_or(0, Vec::len);
        let mut columns = Vec::with_capacity(width);
        let mut outputs = Vec::with_capacity(width);
        for place in 0..width {
            let kinds: Vec<Type> = rows
                .iter()
                .filter_map(|row| row.get(place))
                .map(|expr| expr.ty.clone())
                .collect();
            let first = rows
                .first()
                .and_then(|row| row.get(place))
                .and_then(|e| e.span);
            let mut ty = match kinds.split_first() {
                Some((first, rest)) if rest.iter().all(|ty| ty == first) => first.clone(),
                _ => types::common_type(&kinds, "VALUES").map_err(|error| error.at(first))?,
            };
            if ty == Type::Unknown && unknowns == Unknowns::AsText {
                ty = Type::Text;
            }
            for row in &mut rows {
                if let Some(expr) = row.get_mut(place)
                    && expr.ty != ty
                {
                    let taken = std::mem::replace(
                        expr,
                        Expr::literal(crate::base::Value::Null, Type::Unknown),
                    );
                    *expr = self.convert(taken, &ty, CastForm::Implicit)?;
                }
            }
            let id = self.fresh();
            columns.push((id, ty.clone()));
            outputs.push(Output {
                name: Arc::from(format!("column{}", place + 1)),
                id,
                ty,
            });
        }
        let span = rows
            .first()
            .and_then(|row| row.first())
            .and_then(|e| e.span);
        Ok(Bound {
            plan: Plan::Values { columns, rows },
            columns: outputs,
            span,
        })
    }

    fn value_rows(&mut self, rows: &[Parens<Vec<ast::Expr>>]) -> Result<Vec<Vec<Expr>>> {
        let width = rows.first().map_or(0, |row| row.content.len());
        let mut bound = Vec::with_capacity(rows.len());
        for row in rows {
            let Parens {
                opening_token,
                content,
                closing_token: _,
            } = row;
            if content.len() != width {
                return Err(Diagnostic::error(
                    sqlstate::SYNTAX_ERROR,
                    "VALUES lists must all be the same length",
                )
                .at(span_of(opening_token.0.span)));
            }
            let mut exprs = Vec::with_capacity(width);
            for expr in content {
                exprs.push(self.expr(expr)?);
            }
            bound.push(exprs);
        }
        Ok(bound)
    }

    /// Makes texts of the output columns whose type nothing has decided.
    pub(super) fn decide_outputs(&mut self, bound: &mut Bound) -> Result<()> {
        if bound
            .columns
            .iter()
            .all(|column| column.ty != Type::Unknown)
        {
            return Ok(());
        }
        let wanted: Vec<Type> = bound
            .columns
            .iter()
            .map(|column| match &column.ty {
                Type::Unknown => Type::Text,
                ty => ty.clone(),
            })
            .collect();
        self.bring_to(bound, &wanted, CastForm::Implicit)
    }

    /// Converts output columns to the types wanted: literals in their place, other columns by a
    /// projection above.
    pub(super) fn bring_to(
        &mut self,
        bound: &mut Bound,
        wanted: &[Type],
        form: CastForm,
    ) -> Result<()> {
        let mut exprs = Vec::with_capacity(bound.columns.len());
        let mut changed = false;
        for (column, ty) in bound.columns.iter_mut().zip(wanted) {
            if column.ty == Type::Unknown
                && *ty != Type::Unknown
                && settle(self, &mut bound.plan, column.id, ty, form)?
            {
                column.ty = ty.clone();
            }
            let expr = Expr::column(column.id, column.ty.clone());
            if column.ty == *ty {
                exprs.push(expr);
                continue;
            }
            let expr = self.convert(expr, ty, form)?;
            if matches!(expr.kind, ExprKind::Column(_)) {
                column.ty = ty.clone();
            } else {
                changed = true;
            }
            exprs.push(expr);
        }
        if !changed {
            return Ok(());
        }
        let mut columns = Vec::with_capacity(exprs.len());
        for (column, expr) in bound.columns.iter_mut().zip(exprs) {
            if let ExprKind::Column(id) = expr.kind {
                if !columns.iter().any(|(known, _)| *known == id) {
                    columns.push((id, expr));
                }
                continue;
            }
            column.id = self.fresh();
            column.ty = expr.ty.clone();
            columns.push((column.id, expr));
        }
        bound.plan = Plan::Project {
            input: Box::new(bound.plan.take()),
            columns,
        };
        Ok(())
    }
}

/// Gives a type to the literal or parameter that makes an output column; tells whether it found
/// the place.
fn settle(
    binder: &Binder<'_>,
    plan: &mut Plan,
    id: ColumnId,
    ty: &Type,
    form: CastForm,
) -> Result<bool> {
    match plan {
        Plan::Project { input, columns } => {
            let Some((_, expr)) = columns.iter_mut().find(|(column, _)| *column == id) else {
                return Ok(false);
            };
            if let ExprKind::Column(inner) = expr.kind {
                if !settle(binder, input, inner, ty, form)? {
                    return Ok(false);
                }
                expr.ty = ty.clone();
                return Ok(true);
            }
            let taken =
                std::mem::replace(expr, Expr::literal(crate::base::Value::Null, Type::Unknown));
            *expr = binder.convert(taken, ty, form)?;
            Ok(true)
        }
        Plan::Values { columns, rows } => {
            let Some(place) = columns.iter().position(|(column, _)| *column == id) else {
                return Ok(false);
            };
            for row in rows {
                if let Some(expr) = row.get_mut(place) {
                    let taken = std::mem::replace(
                        expr,
                        Expr::literal(crate::base::Value::Null, Type::Unknown),
                    );
                    *expr = binder.convert(taken, ty, form)?;
                }
            }
            if let Some((_, column)) = columns.get_mut(place) {
                *column = ty.clone();
            }
            Ok(true)
        }
        Plan::Sort { input, keys } => {
            let found = settle(binder, input, id, ty, form)?;
            if found {
                for key in keys {
                    if matches!(key.expr.kind, ExprKind::Column(column) if column == id) {
                        key.expr.ty = ty.clone();
                    }
                }
            }
            Ok(found)
        }
        Plan::Limit { input, .. }
        | Plan::Filter { input, .. }
        | Plan::Distinct { input }
        | Plan::DistinctOn { input, .. } => settle(binder, input, id, ty, form),
        Plan::With { body, .. } => settle(binder, body, id, ty, form),
        Plan::SetOperation(operation) => {
            let Some(place) = operation
                .columns
                .iter()
                .position(|(column, ..)| *column == id)
            else {
                return Ok(false);
            };
            let Some((_, left, right, column)) = operation.columns.get_mut(place) else {
                return Ok(false);
            };
            let found = settle(binder, &mut operation.left, *left, ty, form)?
                && settle(binder, &mut operation.right, *right, ty, form)?;
            if found {
                *column = ty.clone();
            }
            Ok(found)
        }
        Plan::Scan(_)
        | Plan::TableFunction { .. }
        | Plan::Join(_)
        | Plan::Aggregate(_)
        | Plan::Window(_)
        | Plan::CteScan { .. } => Ok(false),
    }
}

/// The output column that a key of ORDER BY means when only output columns can be meant.
fn output_place(expr: &ast::Expr, columns: &[Output]) -> Result<usize> {
    if let Some((number, span)) = ordinal(expr, "ORDER BY")? {
        return position(number, columns.len(), "ORDER BY", span);
    }
    if let ast::Expr::Identifier(ident) = expr {
        let name = fold(ident);
        let span = ident_span(ident);
        let mut found = columns
            .iter()
            .enumerate()
            .filter(|(_, column)| *column.name == *name);
        return match (found.next(), found.next()) {
            (Some((place, _)), None) => Ok(place),
            (Some(_), Some(_)) => Err(Diagnostic::error(
                sqlstate::AMBIGUOUS_COLUMN,
                format!("ORDER BY \"{name}\" is ambiguous"),
            )
            .at(span)),
            (None, _) => Err(Diagnostic::error(
                sqlstate::UNDEFINED_COLUMN,
                format!("column \"{name}\" does not exist"),
            )
            .at(span)),
        };
    }
    if let ast::Expr::CompoundIdentifier(names) = expr
        && let [table, _] = names.as_slice()
    {
        return Err(Diagnostic::error(
            sqlstate::UNDEFINED_TABLE,
            format!("missing FROM-clause entry for table \"{}\"", fold(table)),
        )
        .at(ident_span(table))
        .hint("ORDER BY behind UNION, INTERSECT and EXCEPT sees the columns of the result only."));
    }
    Err(unsupported_order())
}

fn unsupported_order() -> Box<Diagnostic> {
    Diagnostic::error(
        sqlstate::FEATURE_NOT_SUPPORTED,
        "invalid UNION/INTERSECT/EXCEPT ORDER BY clause",
    )
    .hint("Only result column names can be used, not expressions or functions. Add the expression/function to every SELECT, or move the UNION into a FROM clause.")
}

/// The number of an ORDER BY or GROUP BY item that is a constant.
pub(super) fn ordinal(expr: &ast::Expr, clause: &str) -> Result<Option<(i64, Option<Span>)>> {
    // A sign in front of a constant belongs to it.
    let (value, sign) = match expr {
        ast::Expr::Value(value) => (value, 1),
        ast::Expr::UnaryOp {
            op: ast::UnaryOperator::Minus,
            expr,
        } => match &**expr {
            ast::Expr::Value(value) => (value, -1),
            _ => return Ok(None),
        },
        _ => return Ok(None),
    };
    let span = span_of(value.span);
    match &value.value {
        ast::Value::Number(digits, false) => match digits.parse::<i64>() {
            Ok(number) => Ok(Some((sign * number, span))),
            Err(_) => Err(non_integer(clause, span)),
        },
        ast::Value::Placeholder(_) => Ok(None),
        _ if sign < 0 => Ok(None),
        _ => Err(non_integer(clause, span)),
    }
}

fn non_integer(clause: &str, span: Option<Span>) -> Box<Diagnostic> {
    Diagnostic::error(
        sqlstate::SYNTAX_ERROR,
        format!("non-integer constant in {clause}"),
    )
    .at(span)
}

/// The place an ordinal means.
pub(super) fn position(
    number: i64,
    length: usize,
    clause: &str,
    span: Option<Span>,
) -> Result<usize> {
    usize::try_from(number)
        .ok()
        .and_then(|number| number.checked_sub(1))
        .filter(|place| *place < length)
        .ok_or_else(|| {
            Diagnostic::error(
                sqlstate::INVALID_COLUMN_REFERENCE,
                format!("{clause} position {number} is not in select list"),
            )
            .at(span)
        })
}
