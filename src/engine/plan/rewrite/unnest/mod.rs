//! Every subquery becomes a join.
//!
//! A condition `EXISTS`, `IN` or `NOT IN` of a filter becomes a semi or anti join; any other
//! subquery becomes a join that adds a column, which takes the subquery's place. What a subquery
//! reads of its outer query is settled by [`dependent`](super::dependent).

mod condition;

use super::dependent::join_dependent;
use super::{Ids, Statistics};
use crate::base::diagnostic::sqlstate;
use crate::base::{Diagnostic, Result, Type, Value};
use crate::engine::expr::{Expr, ExprKind, Quantifier, Subquery, SubqueryForm};
use crate::engine::plan::{
    Aggregate, AggregateCall, AggregateFunction, Distinctness, Join, JoinKind, Plan, SetKind,
    SetOperation,
};
pub(super) use condition::split;
use condition::{Truth, as_join, comparisons, opposite};

/// Whether a plan holds subqueries or dependent joins.
pub fn is_needed(plan: &Plan) -> bool {
    let mut needed = false;
    plan.exprs(&mut |expr| needed |= expr.has_subquery());
    if let Plan::Join(join) = plan {
        needed |= is_dependent(join);
    }
    plan.inputs(&mut |input| needed = needed || is_needed(input));
    needed
}

/// Whether the right side reads columns of the left side.
fn is_dependent(join: &Join) -> bool {
    join.right.free_columns().meets(&join.left.column_set())
}

/// Replaces all subqueries of a plan.
pub fn unnest(plan: Plan, ids: &mut Ids, statistics: &dyn Statistics) -> Result<Plan> {
    Unnester { ids, statistics }.plan(plan)
}

struct Unnester<'u> {
    ids: &'u mut Ids,
    statistics: &'u dyn Statistics,
}

impl Unnester<'_> {
    fn plan(&mut self, plan: Plan) -> Result<Plan> {
        Ok(match plan {
            Plan::Scan(scan) => {
                let mut scan = scan;
                let predicates = std::mem::take(&mut scan.predicates);
                if predicates.iter().any(Expr::has_subquery) {
                    self.filter(Plan::Scan(scan), predicates)?
                } else {
                    scan.predicates = predicates;
                    Plan::Scan(scan)
                }
            }
            Plan::Filter { input, predicates } => {
                let input = self.plan(*input)?;
                self.filter(input, predicates)?
            }
            Plan::Project { input, mut columns } => {
                let mut input = self.plan(*input)?;
                for (_, expr) in &mut columns {
                    self.lift(expr, &mut input)?;
                }
                Plan::Project {
                    input: Box::new(input),
                    columns,
                }
            }
            Plan::Values { columns, rows } => self.values(columns, rows)?,
            Plan::TableFunction {
                function,
                arguments,
                columns,
                ordinality,
            } => {
                if arguments.iter().any(Expr::has_subquery) {
                    return Err(
                        refused("a subquery as argument of a function in FROM", None)
                            .hint("Compute the argument in a subquery of FROM before."),
                    );
                }
                Plan::TableFunction {
                    function,
                    arguments,
                    columns,
                    ordinality,
                }
            }
            Plan::Join(join) => self.join(*join)?,
            Plan::Aggregate(mut aggregate) => {
                aggregate.input = self.plan(aggregate.input)?;
                let Aggregate {
                    input,
                    groups,
                    sets: _,
                    calls,
                    grouping: _,
                } = &mut *aggregate;
                for (_, group) in groups {
                    self.lift(group, input)?;
                }
                for (_, call) in calls {
                    for argument in &mut call.arguments {
                        self.lift(argument, input)?;
                    }
                    if let Some(filter) = &mut call.filter {
                        self.lift(filter, input)?;
                    }
                    for key in &mut call.order_by {
                        self.lift(&mut key.expr, input)?;
                    }
                }
                Plan::Aggregate(aggregate)
            }
            Plan::Window(mut window) => {
                window.input = self.plan(window.input)?;
                let crate::engine::plan::Window {
                    input,
                    partition_by,
                    order_by,
                    frame: _,
                    calls,
                } = &mut *window;
                for expr in partition_by {
                    self.lift(expr, input)?;
                }
                for key in order_by {
                    self.lift(&mut key.expr, input)?;
                }
                for (_, call) in calls {
                    for argument in &mut call.arguments {
                        self.lift(argument, input)?;
                    }
                    if let Some(filter) = &mut call.filter {
                        self.lift(filter, input)?;
                    }
                }
                Plan::Window(window)
            }
            Plan::Distinct { input } => Plan::Distinct {
                input: Box::new(self.plan(*input)?),
            },
            Plan::DistinctOn { input, mut keys } => {
                let mut input = self.plan(*input)?;
                for key in &mut keys {
                    self.lift(key, &mut input)?;
                }
                Plan::DistinctOn {
                    input: Box::new(input),
                    keys,
                }
            }
            Plan::Sort { input, mut keys } => {
                let mut input = self.plan(*input)?;
                for key in &mut keys {
                    self.lift(&mut key.expr, &mut input)?;
                }
                Plan::Sort {
                    input: Box::new(input),
                    keys,
                }
            }
            Plan::Limit {
                input,
                limit,
                offset,
                ties,
            } => {
                for expr in limit.iter().chain(&offset) {
                    if expr.has_subquery() {
                        return Err(refused("a subquery in LIMIT or OFFSET", expr.span)
                            .hint("Write the number, or number the rows with row_number()."));
                    }
                }
                Plan::Limit {
                    input: Box::new(self.plan(*input)?),
                    limit,
                    offset,
                    ties,
                }
            }
            Plan::SetOperation(mut operation) => {
                operation.left = self.plan(operation.left)?;
                operation.right = self.plan(operation.right)?;
                Plan::SetOperation(operation)
            }
            Plan::With { mut ctes, body } => {
                for cte in &mut ctes {
                    cte.plan = self.plan(cte.plan.take())?;
                    if let Some(recursion) = &mut cte.recursion {
                        recursion.plan = self.plan(recursion.plan.take())?;
                    }
                }
                Plan::With {
                    ctes,
                    body: Box::new(self.plan(*body)?),
                }
            }
            Plan::CteScan { cte, columns } => Plan::CteScan { cte, columns },
        })
    }

    /// Conditions: `EXISTS` and `IN` at the top become joins of their own kind.
    fn filter(&mut self, mut input: Plan, predicates: Vec<Expr>) -> Result<Plan> {
        let mut conditions = Vec::new();
        for predicate in predicates {
            split(predicate, &mut conditions);
        }
        let mut rest = Vec::new();
        for condition in conditions {
            match as_join(condition) {
                Ok((subquery, negation)) => {
                    input = self.semi_join(input, *subquery, negation)?;
                }
                Err(mut condition) => {
                    self.lift(&mut condition, &mut input)?;
                    rest.push(*condition);
                }
            }
        }
        Ok(input.filter(rest))
    }

    /// A semi or anti join for a condition at the top of a filter.
    fn semi_join(&mut self, mut left: Plan, subquery: Subquery, negated: Truth) -> Result<Plan> {
        let Subquery {
            form,
            plan,
            columns,
        } = subquery;
        match form {
            SubqueryForm::Exists => {
                let right = self.plan(without_order(plan))?;
                let right = if right.free_columns().meets(&left.column_set()) {
                    right
                } else {
                    one_row_of(right)
                };
                let kind = match negated {
                    Truth::Asserted => JoinKind::Semi,
                    Truth::Denied => JoinKind::Anti,
                };
                join_dependent(kind, left, right, Vec::new(), self.ids, self.statistics)
            }
            SubqueryForm::Quantified {
                mut operands,
                comparison,
                quantifier: _,
            } => {
                let right = self.plan(plan)?;
                for operand in &mut operands {
                    self.lift(operand, &mut left)?;
                }
                let on = comparisons(operands, comparison, &columns, &right);
                let kind = match negated {
                    Truth::Asserted => JoinKind::Semi,
                    Truth::Denied => JoinKind::NullAwareAnti,
                };
                join_dependent(kind, left, right, on, self.ids, self.statistics)
            }
            SubqueryForm::Scalar | SubqueryForm::Array => {
                Err(refused("a subquery of this form as a condition", None))
            }
        }
    }

    /// Takes the subqueries out of an expression: `input` gets columns with their values.
    fn lift(&mut self, expr: &mut Expr, input: &mut Plan) -> Result<()> {
        if !expr.has_subquery() {
            return Ok(());
        }
        let mut result = Ok(());
        expr.children_mut(&mut |child| {
            if result.is_ok() {
                result = self.lift(child, input);
            }
        });
        result?;
        let kind = std::mem::replace(&mut expr.kind, ExprKind::Literal(Value::Null));
        let ExprKind::Subquery(subquery) = kind else {
            expr.kind = kind;
            return Ok(());
        };
        let Subquery {
            form,
            plan,
            columns,
        } = *subquery;
        let left = input.take();
        match form {
            SubqueryForm::Scalar => {
                let right = self.plan(plan)?;
                let column = first(&columns)?;
                let kind = if gives_one_row_at_most(&right) {
                    JoinKind::Left
                } else {
                    JoinKind::Single
                };
                *input = join_dependent(kind, left, right, Vec::new(), self.ids, self.statistics)?;
                expr.kind = ExprKind::Column(column);
            }
            SubqueryForm::Exists => {
                let right = self.plan(without_order(plan))?;
                let right = if right.free_columns().meets(&left.column_set()) {
                    right
                } else {
                    one_row_of(right)
                };
                let mark = self.ids.fresh();
                *input = join_dependent(
                    JoinKind::Mark(mark),
                    left,
                    right,
                    Vec::new(),
                    self.ids,
                    self.statistics,
                )?;
                expr.kind = ExprKind::Column(mark);
            }
            SubqueryForm::Quantified {
                operands,
                comparison,
                quantifier,
            } => {
                let right = self.plan(plan)?;
                let mark = self.ids.fresh();
                // `x op ALL (..)` is `NOT (x not-op ANY (..))`, in three-valued logic too.
                let comparison = match quantifier {
                    Quantifier::Any => comparison,
                    Quantifier::All => opposite(comparison),
                };
                let on = comparisons(operands, comparison, &columns, &right);
                *input = join_dependent(
                    JoinKind::Mark(mark),
                    left,
                    right,
                    on,
                    self.ids,
                    self.statistics,
                )?;
                let marked = Expr {
                    kind: ExprKind::Column(mark),
                    ty: Type::Boolean,
                    span: expr.span,
                };
                expr.kind = match quantifier {
                    Quantifier::Any => marked.kind,
                    Quantifier::All => ExprKind::Not(Box::new(marked)),
                };
            }
            SubqueryForm::Array => {
                let right = self.plan(plan)?;
                let column = first(&columns)?;
                let element = type_of(&right, column);
                let (collected, result) = (self.ids.fresh(), self.ids.fresh());
                let ty = Type::Array(Box::new(element.clone()));
                let aggregate = Plan::Aggregate(Box::new(Aggregate {
                    input: right,
                    groups: Vec::new(),
                    sets: None,
                    calls: vec![(
                        collected,
                        AggregateCall {
                            function: AggregateFunction::ArrayAgg,
                            arguments: vec![Expr::column(column, element)],
                            distinct: Distinctness::All,
                            filter: None,
                            order_by: Vec::new(),
                            ty: ty.clone(),
                            span: expr.span,
                        },
                    )],
                    grouping: Vec::new(),
                }));
                let empty = Expr::literal(Value::Array([].into()), ty.clone());
                let value = Expr::new(
                    ExprKind::Coalesce(vec![Expr::column(collected, ty.clone()), empty]),
                    ty,
                );
                let right = Plan::Project {
                    input: Box::new(aggregate),
                    columns: vec![(result, value)],
                };
                *input = join_dependent(
                    JoinKind::Left,
                    left,
                    right,
                    Vec::new(),
                    self.ids,
                    self.statistics,
                )?;
                expr.kind = ExprKind::Column(result);
            }
        }
        Ok(())
    }

    /// Rows that hold subqueries are computed one by one and put behind each other.
    fn values(
        &mut self,
        columns: Vec<(crate::engine::expr::ColumnId, Type)>,
        rows: Vec<Vec<Expr>>,
    ) -> Result<Plan> {
        if !rows.iter().flatten().any(Expr::has_subquery) {
            return Ok(Plan::Values { columns, rows });
        }
        let mut all: Option<Plan> = None;
        let last = rows.len().saturating_sub(1);
        let mut names: Vec<_> = columns.iter().map(|(id, _)| *id).collect();
        for (at, row) in rows.into_iter().enumerate() {
            let mut input = Plan::one_row();
            let mut own = Vec::with_capacity(row.len());
            for (mut expr, (id, _)) in row.into_iter().zip(&columns) {
                self.lift(&mut expr, &mut input)?;
                let name = if last == 0 { *id } else { self.ids.fresh() };
                own.push((name, expr));
            }
            let own_names: Vec<_> = own.iter().map(|(id, _)| *id).collect();
            let row = Plan::Project {
                input: Box::new(input),
                columns: own,
            };
            all = Some(match all {
                None => {
                    names = own_names;
                    row
                }
                Some(before) => {
                    let made = columns
                        .iter()
                        .zip(&names)
                        .zip(&own_names)
                        .map(|(((id, ty), left), right)| {
                            let id = if at == last { *id } else { self.ids.fresh() };
                            (id, *left, *right, ty.clone())
                        })
                        .collect::<Vec<_>>();
                    names = made.iter().map(|(id, _, _, _)| *id).collect();
                    Plan::SetOperation(Box::new(SetOperation {
                        kind: SetKind::Union,
                        distinct: Distinctness::All,
                        left: before,
                        right: row,
                        columns: made,
                    }))
                }
            });
        }
        Ok(all.unwrap_or(Plan::Values {
            columns,
            rows: Vec::new(),
        }))
    }

    fn join(&mut self, join: Join) -> Result<Plan> {
        let Join {
            kind,
            left,
            right,
            on,
        } = join;
        let mut left = self.plan(left)?;
        let mut right = self.plan(right)?;
        let (with, mut without): (Vec<Expr>, Vec<Expr>) =
            on.into_iter().partition(Expr::has_subquery);
        if with.is_empty() {
            return join_dependent(kind, left, right, without, self.ids, self.statistics);
        }
        if kind == JoinKind::Inner {
            let joined = join_dependent(kind, left, right, without, self.ids, self.statistics)?;
            return self.filter(joined, with);
        }
        // A subquery of an outer join's condition is computed on the side that it reads.
        for mut condition in with {
            let mut reads = crate::engine::plan::ColumnSet::default();
            outer_reads(&condition, &mut reads);
            if !reads.meets(&left.column_set()) {
                self.lift(&mut condition, &mut right)?;
            } else if !reads.meets(&right.column_set()) {
                self.lift(&mut condition, &mut left)?;
            } else {
                return Err(refused(
                    "a subquery in the condition of an outer join that reads both sides",
                    condition.span,
                )
                .hint("Move the condition into a subquery of one side."));
            }
            without.push(condition);
        }
        join_dependent(kind, left, right, without, self.ids, self.statistics)
    }
}

/// The columns that the subqueries of an expression read of their outer query.
fn outer_reads(expr: &Expr, reads: &mut crate::engine::plan::ColumnSet) {
    if let ExprKind::Subquery(subquery) = &expr.kind {
        subquery.plan.free_into(reads);
        if let SubqueryForm::Quantified { operands, .. } = &subquery.form {
            operands.iter().for_each(|operand| operand.read_into(reads));
        }
    }
    expr.children(&mut |child| outer_reads(child, reads));
}

fn first(columns: &[crate::engine::expr::ColumnId]) -> Result<crate::engine::expr::ColumnId> {
    columns.first().copied().ok_or_else(|| {
        Diagnostic::error(
            sqlstate::SYNTAX_ERROR,
            "subquery must return only one column",
        )
    })
}

fn type_of(plan: &Plan, column: crate::engine::expr::ColumnId) -> Type {
    plan.columns()
        .into_iter()
        .find(|(id, _)| *id == column)
        .map_or(Type::Unknown, |(_, ty)| ty)
}

/// Whether EXISTS holds depends on neither the order nor the number of rows, as long as one may
/// come.
fn without_order(plan: Plan) -> Plan {
    match plan {
        Plan::Sort { input, .. } | Plan::Distinct { input } => without_order(*input),
        Plan::Project { input, columns } if !columns.iter().any(|(_, e)| e.has_subquery()) => {
            without_order(*input)
        }
        Plan::Limit {
            input,
            limit,
            offset: None,
            ties,
        } => {
            let some = match &limit {
                None => true,
                Some(expr) => {
                    matches!(expr.kind, ExprKind::Literal(Value::Int(n)) if n > 0)
                        || matches!(expr.kind, ExprKind::Literal(Value::Null))
                }
            };
            if some {
                without_order(*input)
            } else {
                Plan::Limit {
                    input,
                    limit,
                    offset: None,
                    ties,
                }
            }
        }
        other => other,
    }
}

fn one_row_of(plan: Plan) -> Plan {
    Plan::Limit {
        input: Box::new(plan),
        limit: Some(Expr::literal(Value::Int(1), Type::BigInt)),
        offset: None,
        ties: None,
    }
}

/// Whether a plan gives one row at most, for each set of outer values.
fn gives_one_row_at_most(plan: &Plan) -> bool {
    match plan {
        Plan::Aggregate(aggregate) => aggregate.groups.is_empty() && aggregate.sets.is_none(),
        Plan::Project { input, .. } | Plan::Filter { input, .. } | Plan::Sort { input, .. } => {
            gives_one_row_at_most(input)
        }
        Plan::Limit { input, limit, .. } => {
            let one = limit.as_ref().is_some_and(
                |limit| matches!(limit.kind, ExprKind::Literal(Value::Int(n)) if n <= 1),
            );
            one || gives_one_row_at_most(input)
        }
        Plan::Values { rows, .. } => rows.len() <= 1,
        Plan::Scan(_)
        | Plan::TableFunction { .. }
        | Plan::Join(_)
        | Plan::Window(_)
        | Plan::Distinct { .. }
        | Plan::DistinctOn { .. }
        | Plan::SetOperation(_)
        | Plan::With { .. }
        | Plan::CteScan { .. } => false,
    }
}

/// A construct that is not supported.
pub(super) fn refused(what: &str, span: Option<crate::base::Span>) -> Box<Diagnostic> {
    Diagnostic::error(
        sqlstate::FEATURE_NOT_SUPPORTED,
        format!("{what} is not supported here"),
    )
    .at(span)
}
