//! The order of inner joins: begin with the input that gives the fewest rows, then always take
//! the one that keeps the result smallest, and only without choice one that no condition connects.

use super::Statistics;
use super::links::Links;
use crate::engine::expr::{ColumnId, Comparison, Expr, ExprKind};
use crate::engine::plan::{Join, JoinKind, Plan, Scan, ScanColumn};

/// Chooses the order of all inner joins of a plan.
pub fn order_joins(mut plan: Plan, statistics: &dyn Statistics) -> Plan {
    if let Plan::Join(join) = &plan
        && is_free(join)
        && (is_inner(&join.left) || is_inner(&join.right))
    {
        let mut inputs = Vec::new();
        let mut conditions = Vec::new();
        flatten(plan, &mut inputs, &mut conditions);
        let inputs = inputs
            .into_iter()
            .map(|input| order_joins(input, statistics))
            .collect();
        return arrange(inputs, conditions, None, statistics);
    }
    plan.inputs_mut(&mut |input| *input = order_joins(input.take(), statistics));
    plan
}

/// The scan that makes a column, and the column as the scan knows it, where each row of the plan
/// comes from one row of that scan and no other row of it has a say in it.
pub fn leading_scan(plan: &Plan, column: ColumnId) -> Option<(&Scan, ColumnId)> {
    match plan {
        Plan::Scan(scan) => {
            let made = scan.columns.iter().any(|(id, _, _)| *id == column);
            made.then_some((scan, column))
        }
        Plan::Filter { input, .. } => leading_scan(input, column),
        Plan::Project { input, columns } => {
            let (_, expr) = columns.iter().find(|(id, _)| *id == column)?;
            match expr.kind {
                ExprKind::Column(below) => leading_scan(input, below),
                _ => None,
            }
        }
        Plan::Join(join) => match join.kind {
            JoinKind::Inner => {
                leading_scan(&join.left, column).or_else(|| leading_scan(&join.right, column))
            }
            JoinKind::Left
            | JoinKind::Semi
            | JoinKind::Anti
            | JoinKind::NullAwareAnti
            | JoinKind::Mark(_)
            | JoinKind::Single => leading_scan(&join.left, column),
            JoinKind::Right | JoinKind::Full => None,
        },
        Plan::Values { .. }
        | Plan::TableFunction { .. }
        | Plan::CteScan { .. }
        | Plan::Aggregate(_)
        | Plan::Window(_)
        | Plan::Distinct { .. }
        | Plan::DistinctOn { .. }
        | Plan::Sort { .. }
        | Plan::Limit { .. }
        | Plan::SetOperation(_)
        | Plan::With { .. } => None,
    }
}

/// Restricts the scan that [`leading_scan`] finds by a condition that leaves few rows, and lets
/// the inner joins above begin with it.
pub fn begin_with(
    plan: Plan,
    column: ColumnId,
    condition: Expr,
    statistics: &dyn Statistics,
) -> Plan {
    let leads = |plan: &Plan| leading_scan(plan, column).is_some();
    match plan {
        Plan::Scan(mut scan) => {
            scan.predicates.push(condition);
            Plan::Scan(scan)
        }
        Plan::Filter { input, predicates } => {
            begin_with(*input, column, condition, statistics).filter(predicates)
        }
        Plan::Project { input, columns } => {
            let below = columns.iter().find(|(id, _)| *id == column);
            let below = match below.map(|(_, expr)| &expr.kind) {
                Some(ExprKind::Column(below)) => *below,
                _ => column,
            };
            Plan::Project {
                input: Box::new(begin_with(*input, below, condition, statistics)),
                columns,
            }
        }
        Plan::Join(join) if join.kind == JoinKind::Inner => {
            let (mut inputs, mut conditions) = (Vec::new(), Vec::new());
            flatten(Plan::Join(join), &mut inputs, &mut conditions);
            let Some(start) = inputs.iter().position(leads) else {
                return arrange(inputs, conditions, None, statistics);
            };
            if let Some(input) = inputs.get_mut(start) {
                *input = begin_with(input.take(), column, condition, statistics);
            }
            arrange(inputs, conditions, Some(start), statistics)
        }
        Plan::Join(mut join) => {
            join.left = begin_with(join.left, column, condition, statistics);
            Plan::Join(join)
        }
        other => other,
    }
}

fn is_inner(plan: &Plan) -> bool {
    matches!(plan, Plan::Join(join) if join.kind == JoinKind::Inner)
}

/// Whether the inputs of a join may come in any order: the right one does not read the left.
fn is_free(join: &Join) -> bool {
    join.kind == JoinKind::Inner && !join.right.free_columns().meets(&join.left.column_set())
}

/// The inputs of a tree of inner joins and all their conditions. A function that reads its
/// neighbours stays with them.
fn flatten(plan: Plan, inputs: &mut Vec<Plan>, conditions: &mut Vec<Expr>) {
    match plan {
        Plan::Join(join) if is_free(&join) => {
            flatten(join.left, inputs, conditions);
            flatten(join.right, inputs, conditions);
            conditions.extend(join.on);
        }
        other => inputs.push(other),
    }
}

/// An input that is still to be joined.
struct Part {
    /// Which of the inputs it is.
    number: usize,
    plan: Plan,
    rows: f64,
}

/// Joins the inputs, beginning with the one at `start` or else the smallest.
///
/// Each input's link to what is joined is kept up to date, so that a step looks once at each
/// input and each condition is looked at once: the work grows with the square of the inputs.
fn arrange(
    inputs: Vec<Plan>,
    conditions: Vec<Expr>,
    start: Option<usize>,
    statistics: &dyn Statistics,
) -> Plan {
    let mut links = Links::new(&inputs, conditions, statistics);
    let mut parts: Vec<Part> = inputs
        .into_iter()
        .enumerate()
        .map(|(number, plan)| Part {
            number,
            rows: estimate(&plan, statistics),
            plan,
        })
        .collect();
    let start = start.unwrap_or_else(|| smallest(parts.iter().map(|part| part.rows)));
    let first = parts.remove(start);
    let (mut plan, mut rows) = (first.plan, first.rows);
    links.join(first.number);
    while !parts.is_empty() {
        let link = |part: &Part| links.distinct(part.number);
        let connected = parts.iter().any(|part| link(part).is_some());
        let results = parts.iter().map(|part| match link(part) {
            Some(distinct) => rows * part.rows / distinct.max(1.0),
            None if connected => f64::INFINITY,
            None => rows * part.rows,
        });
        let results: Vec<f64> = results.collect();
        let next = smallest(results.iter().copied());
        rows = results.get(next).map_or(1.0, |rows| rows.max(1.0));
        let part = parts.remove(next);
        links.join(part.number);
        plan = Plan::join(JoinKind::Inner, plan, part.plan, links.take());
    }
    plan.filter(links.rest())
}

/// The place of the smallest number, the first among equals.
fn smallest(numbers: impl Iterator<Item = f64>) -> usize {
    let mut best = (0, f64::INFINITY);
    for (at, number) in numbers.enumerate() {
        if number < best.1 {
            best = (at, number);
        }
    }
    best.0
}

/// The two sides of an equation.
pub(super) fn equated(condition: &Expr) -> Option<(&Expr, &Expr)> {
    match &condition.kind {
        ExprKind::Compare(Comparison::Eq | Comparison::NotDistinct, a, b) => Some((a, b)),
        _ => None,
    }
}

/// About how many rows a plan gives.
pub fn estimate(plan: &Plan, statistics: &dyn Statistics) -> f64 {
    let rows = match plan {
        Plan::Scan(scan) => {
            let mut rows = statistics.rows(&scan.table);
            for predicate in &scan.predicates {
                rows *= share(predicate, &|id| {
                    scan.columns
                        .iter()
                        .find(|(own, _, _)| *own == id)
                        .and_then(|(_, column, _)| match column {
                            ScanColumn::Stored(place) => {
                                Some(statistics.distinct(&scan.table, *place))
                            }
                            ScanColumn::RowId => None,
                        })
                });
            }
            rows
        }
        Plan::Values { rows, .. } => rows.len() as f64,
        Plan::TableFunction { .. } | Plan::CteScan { .. } => 100.0,
        Plan::Filter { input, predicates } => {
            let mut rows = estimate(input, statistics);
            for predicate in predicates {
                rows *= share(predicate, &|_| None);
            }
            rows
        }
        Plan::Project { input, .. }
        | Plan::Sort { input, .. }
        | Plan::Distinct { input }
        | Plan::DistinctOn { input, .. } => estimate(input, statistics),
        Plan::Join(join) => {
            let left = estimate(&join.left, statistics);
            match join.kind {
                JoinKind::Semi | JoinKind::Anti | JoinKind::NullAwareAnti => left * 0.5,
                JoinKind::Mark(_) | JoinKind::Single => left,
                JoinKind::Inner | JoinKind::Left | JoinKind::Right | JoinKind::Full => {
                    let right = estimate(&join.right, statistics);
                    if join.on.is_empty() {
                        left * right
                    } else {
                        left.max(right)
                    }
                }
            }
        }
        Plan::Aggregate(aggregate) => {
            if aggregate.groups.is_empty() {
                1.0
            } else {
                estimate(&aggregate.input, statistics) * 0.3
            }
        }
        Plan::Window(window) => estimate(&window.input, statistics),
        Plan::Limit { input, limit, .. } => {
            let rows = estimate(input, statistics);
            match limit.as_ref().map(|limit| &limit.kind) {
                Some(ExprKind::Literal(crate::base::Value::Int(limit))) => rows.min(*limit as f64),
                _ => rows,
            }
        }
        Plan::SetOperation(operation) => {
            estimate(&operation.left, statistics) + estimate(&operation.right, statistics)
        }
        Plan::With { body, .. } => estimate(body, statistics),
    };
    rows.max(1.0)
}

/// About which share of the rows satisfies a condition.
fn share(condition: &Expr, distinct: &dyn Fn(ColumnId) -> Option<f64>) -> f64 {
    match &condition.kind {
        ExprKind::Compare(Comparison::Eq, a, b) => {
            let column = [a, b].into_iter().find_map(|side| match side.kind {
                ExprKind::Column(id) => distinct(id),
                _ => None,
            });
            1.0 / column.unwrap_or(10.0).max(1.0)
        }
        ExprKind::InList { operand, list, .. } => {
            let known = match operand.kind {
                ExprKind::Column(id) => distinct(id),
                _ => None,
            };
            (list.len() as f64 / known.unwrap_or(20.0).max(1.0)).min(1.0)
        }
        ExprKind::And(parts) => parts.iter().map(|part| share(part, distinct)).product(),
        ExprKind::Or(parts) => parts
            .iter()
            .map(|part| share(part, distinct))
            .sum::<f64>()
            .min(1.0),
        ExprKind::Compare(Comparison::NotEq, _, _) => 0.9,
        _ => 0.4,
    }
}
