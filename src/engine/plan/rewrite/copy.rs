//! Copies of plans: the same rows, under columns of their own.

use super::Ids;
use crate::engine::expr::{ColumnId, Expr, ExprKind};
use crate::engine::plan::{JoinKind, Plan};
use std::collections::BTreeMap;

/// Old columns and what they are called in the copy.
pub type Renaming = BTreeMap<ColumnId, ColumnId>;

/// A copy of a plan in which every column that it makes has a new id. Columns of outer queries
/// stay what they are.
pub fn copy(plan: &Plan, ids: &mut Ids) -> (Plan, Renaming) {
    let mut plan = plan.clone();
    let mut renaming = Renaming::new();
    rename_made(&mut plan, ids, &mut renaming);
    rename_read(&mut plan, &renaming);
    (plan, renaming)
}

fn rename_made(plan: &mut Plan, ids: &mut Ids, renaming: &mut Renaming) {
    let mut rename = |id: &mut ColumnId| {
        let new = *renaming.entry(*id).or_insert_with(|| ids.fresh());
        *id = new;
    };
    match plan {
        Plan::Scan(scan) => scan.columns.iter_mut().for_each(|(id, _, _)| rename(id)),
        Plan::Values { columns, .. } | Plan::TableFunction { columns, .. } => {
            columns.iter_mut().for_each(|(id, _)| rename(id));
        }
        Plan::Project { columns, .. } => columns.iter_mut().for_each(|(id, _)| rename(id)),
        Plan::Aggregate(aggregate) => {
            aggregate.groups.iter_mut().for_each(|(id, _)| rename(id));
            aggregate.calls.iter_mut().for_each(|(id, _)| rename(id));
            aggregate.grouping.iter_mut().for_each(|(id, _)| rename(id));
        }
        Plan::Window(window) => window.calls.iter_mut().for_each(|(id, _)| rename(id)),
        Plan::SetOperation(operation) => {
            operation
                .columns
                .iter_mut()
                .for_each(|(id, _, _, _)| rename(id));
        }
        Plan::CteScan { columns, .. } => columns.iter_mut().for_each(|(id, _, _)| rename(id)),
        Plan::Join(join) => {
            if let JoinKind::Mark(id) = &mut join.kind {
                rename(id);
            }
        }
        Plan::Filter { .. }
        | Plan::Distinct { .. }
        | Plan::DistinctOn { .. }
        | Plan::Sort { .. }
        | Plan::Limit { .. }
        | Plan::With { .. } => {}
    }
    plan.inputs_mut(&mut |input| rename_made(input, ids, renaming));
}

fn rename_read(plan: &mut Plan, renaming: &Renaming) {
    plan.exprs_mut(&mut |expr| rename(expr, renaming));
    match plan {
        Plan::SetOperation(operation) => {
            for (_, left, right, _) in &mut operation.columns {
                *left = renaming.get(left).copied().unwrap_or(*left);
                *right = renaming.get(right).copied().unwrap_or(*right);
            }
        }
        Plan::With { ctes, .. } => {
            for cte in ctes {
                for id in &mut cte.columns {
                    *id = renaming.get(id).copied().unwrap_or(*id);
                }
                if let Some(recursion) = &mut cte.recursion {
                    for id in &mut recursion.columns {
                        *id = renaming.get(id).copied().unwrap_or(*id);
                    }
                }
            }
        }
        _ => {}
    }
    plan.inputs_mut(&mut |input| rename_read(input, renaming));
}

/// Renames the columns that an expression reads. Copies are made of plans without subqueries.
fn rename(expr: &mut Expr, renaming: &Renaming) {
    if let ExprKind::Column(id) = &mut expr.kind {
        *id = renaming.get(id).copied().unwrap_or(*id);
    }
    expr.children_mut(&mut |child| rename(child, renaming));
}
