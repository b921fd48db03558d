//! Common table expressions that are read once go into their place, where conditions reach them
//! and where they may read the outer query. Those that several places read stay computed once.

use crate::engine::expr::{Expr, ExprKind};
use crate::engine::plan::{Cte, CteId, Plan};
use crate::engine::scalar::Volatility;
use std::collections::BTreeMap;

/// Whether a plan has a WITH.
pub fn is_needed(plan: &Plan) -> bool {
    let mut found = false;
    plan.every(&mut |part| found |= matches!(part, Plan::With { .. }));
    found
}

/// Inlines what is read once.
pub fn inline(mut plan: Plan) -> Plan {
    let mut reads: BTreeMap<CteId, usize> = BTreeMap::new();
    plan.every(&mut |part| {
        if let Plan::CteScan { cte, .. } = part {
            *reads.entry(*cte).or_default() += 1;
        }
        // What a recursion reads would be computed again in every round.
        if let Plan::With { ctes, .. } = part {
            for recursion in ctes.iter().filter_map(|cte| cte.recursion.as_ref()) {
                recursion.plan.every(&mut |inner| {
                    if let Plan::CteScan { cte, .. } = inner {
                        *reads.entry(*cte).or_default() += 1;
                    }
                });
            }
        }
    });
    Inliner {
        reads,
        ready: BTreeMap::new(),
    }
    .plan(&mut plan);
    plan
}

struct Inliner {
    reads: BTreeMap<CteId, usize>,
    /// Expressions on the way to the one place that reads them.
    ready: BTreeMap<CteId, Cte>,
}

impl Inliner {
    fn plan(&mut self, plan: &mut Plan) {
        if let Plan::With { ctes, body } = plan {
            let mut kept = Vec::with_capacity(ctes.len());
            for mut cte in std::mem::take(ctes) {
                self.plan(&mut cte.plan);
                if let Some(recursion) = &mut cte.recursion {
                    self.plan(&mut recursion.plan);
                }
                match self.reads.get(&cte.id) {
                    None => {}
                    Some(1) if cte.recursion.is_none() && !is_volatile(&cte.plan) => {
                        self.ready.insert(cte.id, cte);
                    }
                    Some(_) => kept.push(cte),
                }
            }
            self.plan(body);
            if kept.is_empty() {
                *plan = body.take();
            } else {
                *ctes = kept;
            }
            return;
        }
        if let Plan::CteScan { cte, columns } = plan {
            if let Some(found) = self.ready.remove(cte) {
                let columns = columns
                    .iter()
                    .filter_map(|(id, place, ty)| {
                        let from = found.columns.get(*place)?;
                        Some((*id, Expr::column(*from, ty.clone())))
                    })
                    .collect();
                *plan = Plan::Project {
                    input: Box::new(found.plan),
                    columns,
                };
            }
            return;
        }
        plan.exprs_mut(&mut |expr| self.expr(expr));
        plan.inputs_mut(&mut |input| self.plan(input));
    }

    fn expr(&mut self, expr: &mut Expr) {
        if let ExprKind::Subquery(subquery) = &mut expr.kind {
            self.plan(&mut subquery.plan);
        }
        expr.children_mut(&mut |child| self.expr(child));
    }
}

/// Whether a plan gives other rows each time it runs.
fn is_volatile(plan: &Plan) -> bool {
    let mut found = false;
    plan.every(&mut |part| {
        part.exprs(&mut |expr| {
            found |= expr.any(&mut |inner| {
                matches!(&inner.kind, ExprKind::Call(function, _)
                    if function.volatility == Volatility::Volatile)
            });
        });
    });
    found
}
