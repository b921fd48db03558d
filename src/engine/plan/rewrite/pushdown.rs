//! Conditions move down to where their columns come from; outer joins whose missing rows a
//! condition rejects become inner joins.

use super::dependent::reads_neighbours;
use super::reject::rejects_nulls;
use super::unnest::split;
use crate::base::Type;
use crate::engine::expr::{Comparison, Expr, ExprKind};
use crate::engine::plan::{ColumnSet, Join, JoinKind, Plan};
use crate::engine::scalar::Volatility;

/// A plan whose rows satisfy the conditions, which stand as low as they can.
pub fn push_down(plan: Plan, conditions: Vec<Expr>) -> Plan {
    match plan {
        Plan::Filter { input, predicates } => {
            let mut all = conditions;
            for predicate in predicates {
                split(predicate, &mut all);
            }
            let mut common = Vec::new();
            for condition in &mut all {
                factor(condition, &mut common);
            }
            all.extend(common);
            push_down(*input, all)
        }
        Plan::Scan(mut scan) => {
            scan.predicates.extend(conditions);
            Plan::Scan(scan)
        }
        Plan::Project { input, columns } => {
            let (below, above) = partition(conditions, |condition| {
                condition.reads().iter().all(|id| {
                    columns
                        .iter()
                        .find(|(own, _)| *own == id)
                        .is_some_and(|(_, expr)| !is_volatile(expr))
                })
            });
            let below = below
                .into_iter()
                .map(|mut condition| {
                    condition.map_columns(&mut |id| {
                        columns
                            .iter()
                            .find(|(own, _)| *own == id)
                            .map(|(_, expr)| expr.clone())
                    });
                    condition
                })
                .collect();
            Plan::Project {
                input: Box::new(push_down(*input, below)),
                columns,
            }
            .filter(above)
        }
        Plan::Join(join) => push_join(*join, conditions),
        Plan::Aggregate(mut aggregate) => {
            let groups: ColumnSet = aggregate.groups.iter().map(|(id, _)| *id).collect();
            let (below, above) = if aggregate.sets.is_some() || groups.is_empty() {
                (Vec::new(), conditions)
            } else {
                partition(conditions, |condition| {
                    let reads = condition.reads();
                    !reads.is_empty() && reads.is_subset(&groups)
                })
            };
            let below = below
                .into_iter()
                .map(|mut condition| {
                    condition.map_columns(&mut |id| {
                        aggregate
                            .groups
                            .iter()
                            .find(|(own, _)| *own == id)
                            .map(|(_, expr)| expr.clone())
                    });
                    condition
                })
                .collect();
            aggregate.input = push_down(aggregate.input, below);
            Plan::Aggregate(aggregate).filter(above)
        }
        Plan::Window(mut window) => {
            // Whole partitions may go, but no row of one that stays.
            let partition_columns: ColumnSet = window
                .partition_by
                .iter()
                .filter_map(|expr| match expr.kind {
                    ExprKind::Column(id) => Some(id),
                    _ => None,
                })
                .collect();
            let (below, above) = partition(conditions, |condition| {
                let reads = condition.reads();
                !reads.is_empty() && reads.is_subset(&partition_columns)
            });
            window.input = push_down(window.input, below);
            Plan::Window(window).filter(above)
        }
        Plan::Distinct { input } => Plan::Distinct {
            input: Box::new(push_down(*input, conditions)),
        },
        Plan::Sort { input, keys } => Plan::Sort {
            input: Box::new(push_down(*input, conditions)),
            keys,
        },
        Plan::DistinctOn { input, keys } => Plan::DistinctOn {
            input: Box::new(push_down(*input, Vec::new())),
            keys,
        }
        .filter(conditions),
        Plan::Limit {
            input,
            limit,
            offset,
            ties,
        } => Plan::Limit {
            input: Box::new(push_down(*input, Vec::new())),
            limit,
            offset,
            ties,
        }
        .filter(conditions),
        Plan::SetOperation(mut operation) => {
            let side = |conditions: &[Expr], left: bool| -> Vec<Expr> {
                conditions
                    .iter()
                    .map(|condition| {
                        let mut condition = condition.clone();
                        condition.map_columns(&mut |id| {
                            operation
                                .columns
                                .iter()
                                .find(|(own, _, _, _)| *own == id)
                                .map(|(_, from_left, from_right, ty)| {
                                    let id = if left { *from_left } else { *from_right };
                                    Expr::column(id, ty.clone())
                                })
                        });
                        condition
                    })
                    .collect()
            };
            let (for_left, for_right) = (side(&conditions, true), side(&conditions, false));
            operation.left = push_down(operation.left, for_left);
            operation.right = push_down(operation.right, for_right);
            Plan::SetOperation(operation)
        }
        Plan::With { mut ctes, body } => {
            for cte in &mut ctes {
                cte.plan = push_down(cte.plan.take(), Vec::new());
                if let Some(recursion) = &mut cte.recursion {
                    recursion.plan = push_down(recursion.plan.take(), Vec::new());
                }
            }
            Plan::With {
                ctes,
                body: Box::new(push_down(*body, conditions)),
            }
        }
        other @ (Plan::Values { .. } | Plan::TableFunction { .. } | Plan::CteScan { .. }) => {
            other.filter(conditions)
        }
    }
}

fn partition(conditions: Vec<Expr>, test: impl Fn(&Expr) -> bool) -> (Vec<Expr>, Vec<Expr>) {
    conditions
        .into_iter()
        .partition(|condition| !is_volatile(condition) && test(condition))
}

fn is_volatile(expr: &Expr) -> bool {
    expr.any(&mut |part| {
        matches!(&part.kind, ExprKind::Call(function, _)
            if function.volatility == Volatility::Volatile)
    })
}

fn push_join(join: Join, conditions: Vec<Expr>) -> Plan {
    let Join {
        mut kind,
        left,
        right,
        on,
    } = join;
    let (left_columns, right_columns) = (left.column_set(), right.column_set());
    let rejects = |columns: &ColumnSet| {
        conditions
            .iter()
            .any(|condition| rejects_nulls(condition, columns))
    };
    kind = match kind {
        JoinKind::Left if rejects(&right_columns) => JoinKind::Inner,
        JoinKind::Right if rejects(&left_columns) => JoinKind::Inner,
        JoinKind::Full => match (rejects(&left_columns), rejects(&right_columns)) {
            (true, true) => JoinKind::Inner,
            (true, false) => JoinKind::Left,
            (false, true) => JoinKind::Right,
            (false, false) => JoinKind::Full,
        },
        other => other,
    };
    let only = |condition: &Expr, columns: &ColumnSet| {
        let reads = condition.reads();
        !reads.is_empty() && reads.is_subset(columns)
    };
    let mut to_left = Vec::new();
    let mut to_right = Vec::new();
    // A function of the left side's rows has to stay right below its join.
    let called = reads_neighbours(&left, &right);
    let mut above = Vec::new();
    let mut kept = Vec::new();
    let mut all_on = Vec::new();
    for condition in on {
        split(condition, &mut all_on);
    }
    if kind == JoinKind::Inner {
        all_on.extend(conditions);
        let mut common = Vec::new();
        for condition in &mut all_on {
            factor(condition, &mut common);
        }
        all_on.extend(common);
        let constants = carried_over(&all_on, &left_columns, &right_columns);
        all_on.extend(constants);
        for condition in all_on {
            if is_volatile(&condition) {
                above.push(condition);
            } else if only(&condition, &left_columns) {
                to_left.push(condition);
            } else if !called && only(&condition, &right_columns) {
                to_right.push(condition);
            } else {
                kept.push(condition);
            }
        }
    } else {
        for condition in all_on {
            let pushable = !is_volatile(&condition) && !called;
            match kind {
                JoinKind::Left | JoinKind::Semi | JoinKind::Anti | JoinKind::Single
                    if pushable && only(&condition, &right_columns) =>
                {
                    to_right.push(condition);
                }
                JoinKind::Right if pushable && only(&condition, &left_columns) => {
                    to_left.push(condition);
                }
                JoinKind::Semi if pushable && only(&condition, &left_columns) => {
                    to_left.push(condition);
                }
                _ => kept.push(condition),
            }
        }
        for condition in conditions {
            let pushable = !is_volatile(&condition);
            match kind {
                JoinKind::Left
                | JoinKind::Semi
                | JoinKind::Anti
                | JoinKind::NullAwareAnti
                | JoinKind::Mark(_)
                | JoinKind::Single
                    if pushable && only(&condition, &left_columns) =>
                {
                    to_left.push(condition);
                }
                JoinKind::Right if pushable && only(&condition, &right_columns) => {
                    to_right.push(condition);
                }
                _ => above.push(condition),
            }
        }
    }
    Plan::join(
        kind,
        push_down(left, to_left),
        push_down(right, to_right),
        kept,
    )
    .filter(above)
}

/// Where an inner join equates two columns and one of them is compared with constants, so is the
/// other: both sides can then read less.
fn carried_over(conditions: &[Expr], left: &ColumnSet, right: &ColumnSet) -> Vec<Expr> {
    let mut carried = Vec::new();
    for equality in conditions {
        let ExprKind::Compare(Comparison::Eq, a, b) = &equality.kind else {
            continue;
        };
        let (ExprKind::Column(a_id), ExprKind::Column(b_id)) = (&a.kind, &b.kind) else {
            continue;
        };
        let across = (left.contains(*a_id) && right.contains(*b_id))
            || (left.contains(*b_id) && right.contains(*a_id));
        if !across || a.ty != b.ty {
            continue;
        }
        for condition in conditions {
            let reads = condition.reads();
            let only = |id| reads.contains(id) && reads.iter().count() == 1;
            let is_comparison = matches!(
                &condition.kind,
                ExprKind::Compare(
                    Comparison::Eq
                        | Comparison::Lt
                        | Comparison::LtEq
                        | Comparison::Gt
                        | Comparison::GtEq,
                    _,
                    _
                ) | ExprKind::InList { .. }
            );
            if !is_comparison || is_volatile(condition) {
                continue;
            }
            let (from, to) = if only(*a_id) {
                (*a_id, b)
            } else if only(*b_id) {
                (*b_id, a)
            } else {
                continue;
            };
            let mut copy = condition.clone();
            copy.map_columns(&mut |id| (id == from).then(|| (**to).clone()));
            if !conditions
                .iter()
                .chain(&carried)
                .any(|known| known.same(&copy))
            {
                carried.push(copy);
            }
        }
    }
    carried
}

/// Takes conditions out of an OR that stand in each of its branches.
fn factor(condition: &mut Expr, common: &mut Vec<Expr>) {
    let ExprKind::Or(branches) = &condition.kind else {
        return;
    };
    let mut parts: Vec<Vec<Expr>> = Vec::with_capacity(branches.len());
    // A list of a hundred thousand branches shares nothing worth looking for.
    if branches.len() > 16 {
        return;
    }
    for branch in branches {
        let mut conjuncts = Vec::new();
        split(branch.clone(), &mut conjuncts);
        parts.push(conjuncts);
    }
    let Some((first, others)) = parts.split_first() else {
        return;
    };
    let shared: Vec<Expr> = first
        .iter()
        .filter(|conjunct| {
            others
                .iter()
                .all(|branch| branch.iter().any(|own| own.same(conjunct)))
        })
        .cloned()
        .collect();
    if shared.is_empty() {
        return;
    }
    let rest: Vec<Expr> = parts
        .into_iter()
        .map(|branch| {
            let mut rest: Vec<Expr> = branch
                .into_iter()
                .filter(|own| !shared.iter().any(|taken| taken.same(own)))
                .collect();
            match (rest.len(), rest.pop()) {
                (0, _) | (_, None) => Expr::literal(crate::base::Value::Bool(true), Type::Boolean),
                (1, Some(only)) => only,
                (_, Some(last)) => {
                    rest.push(last);
                    Expr::new(ExprKind::And(rest), Type::Boolean)
                }
            }
        })
        .collect();
    condition.kind = ExprKind::Or(rest);
    common.extend(shared);
}
