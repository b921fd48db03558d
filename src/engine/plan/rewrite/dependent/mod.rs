//! Dependent joins: the right side reads columns of the left side.
//!
//! After Neumann and Kemper, "Unnesting Arbitrary Queries" (BTW 2015): the right side is computed
//! once for the set of all values that it reads of the left side (the domain), which is pushed
//! down through it until nothing is dependent any more; then the two sides are joined on these
//! values. Where a condition equates a value of the domain with something of the right side, that
//! something takes its place, and no domain is needed.

mod limit;

use super::copy::copy;
use super::unnest::{refused, split};
use super::{Ids, Statistics};
use crate::base::{Result, Type, Value};
use crate::engine::expr::{ColumnId, Comparison, Expr, ExprKind, Test};
use crate::engine::plan::{
    Aggregate, AggregateFunction, ColumnSet, Distinctness, Join, JoinKind, Plan, SetKind,
    SetOperation,
};

/// A left side with fewer rows than one in so many of a table is worth keeping as a domain: the
/// table is then read by index only where the domain says.
const DOMAIN_GAIN: f64 = 24.0;

/// Joins two plans, of which the right one may read columns of the left one.
pub fn join_dependent(
    kind: JoinKind,
    left: Plan,
    right: Plan,
    on: Vec<Expr>,
    ids: &mut Ids,
    statistics: &dyn Statistics,
) -> Result<Plan> {
    let given = left.column_set();
    let mut outer = right.free_columns();
    let mut foreign = outer.clone();
    foreign.subtract(&given);
    outer.subtract(&foreign);
    if outer.is_empty() {
        return Ok(Plan::join(kind, left, right, on));
    }
    let is_function = matches!(right, Plan::TableFunction { .. });
    if is_function && matches!(kind, JoinKind::Inner | JoinKind::Left) {
        // The executor calls a function for each row.
        return Ok(Plan::join(kind, left, right, on));
    }
    if matches!(kind, JoinKind::Right | JoinKind::Full) {
        return Err(refused(
            "LATERAL on the optional side of a RIGHT or FULL JOIN",
            None,
        ));
    }
    let types = left.columns();
    // The domain's own columns, for each outer column that the right side reads.
    let domain: Vec<(ColumnId, ColumnId, Type)> = outer
        .iter()
        .filter_map(|id| {
            types
                .iter()
                .find(|(own, _)| *own == id)
                .map(|(_, ty)| (id, ids.fresh(), ty.clone()))
        })
        .collect();
    let mut right = right;
    right.map_columns(&mut |id| {
        domain
            .iter()
            .find(|(outer, _, _)| *outer == id)
            .map(|(_, own, ty)| Expr::column(*own, ty.clone()))
    });
    let mut pusher = Pusher {
        domain: Domain {
            source: &left,
            columns: domain.clone(),
        },
        substitute: Substitute::Always,
        statistics,
        ids,
    };
    pusher.substitute = if pusher.is_small() {
        Substitute::Never
    } else {
        Substitute::Always
    };
    let columns: Vec<(ColumnId, Type)> = domain
        .iter()
        .map(|(_, own, ty)| (*own, ty.clone()))
        .collect();
    let right = pusher.push(right, &columns)?;
    let mut on = on;
    for (outer, own, ty) in domain {
        on.push(equal_null_safe(
            Expr::column(outer, ty.clone()),
            Expr::column(own, ty),
        ));
    }
    Ok(Plan::join(kind, left, right, on))
}

/// Whether the right side of a join is a function of the rows on the left, which the executor
/// calls for each of them.
pub(super) fn reads_neighbours(left: &Plan, right: &Plan) -> bool {
    matches!(right, Plan::TableFunction { .. }) && right.free_columns().meets(&left.column_set())
}

fn equal_null_safe(left: Expr, right: Expr) -> Expr {
    Expr::new(
        ExprKind::Compare(Comparison::NotDistinct, Box::new(left), Box::new(right)),
        Type::Boolean,
    )
}

/// Where the values of the domain come from.
struct Domain<'d> {
    source: &'d Plan,
    /// The source's column, the domain's column, the type.
    columns: Vec<(ColumnId, ColumnId, Type)>,
}

/// Whether something of the right side may take the place of a domain's column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Substitute {
    Always,
    Never,
}

struct Pusher<'p> {
    domain: Domain<'p>,
    substitute: Substitute,
    statistics: &'p dyn Statistics,
    ids: &'p mut Ids,
}

impl Pusher<'_> {
    /// Whether the left side has few rows against the tables of the right side.
    fn is_small(&self) -> bool {
        let rows = super::order::estimate(self.domain.source, self.statistics);
        rows * DOMAIN_GAIN < 2000.0
    }

    /// The domain, under the given columns.
    fn domain_plan(&mut self, columns: &[(ColumnId, Type)]) -> Plan {
        let (source, renaming) = copy(self.domain.source, self.ids);
        let projected = columns
            .iter()
            .zip(&self.domain.columns)
            .map(|((id, ty), (outer, _, _))| {
                let read = renaming.get(outer).copied().unwrap_or(*outer);
                (*id, Expr::column(read, ty.clone()))
            })
            .collect();
        Plan::Distinct {
            input: Box::new(Plan::Project {
                input: Box::new(source),
                columns: projected,
            }),
        }
    }

    /// New columns for another copy of the domain.
    fn renamed(&mut self, columns: &[(ColumnId, Type)]) -> Vec<(ColumnId, Type)> {
        columns
            .iter()
            .map(|(_, ty)| (self.ids.fresh(), ty.clone()))
            .collect()
    }

    fn depends(plan: &Plan, columns: &[(ColumnId, Type)]) -> bool {
        let wanted: ColumnSet = columns.iter().map(|(id, _)| *id).collect();
        plan.free_columns().meets(&wanted)
    }

    /// A plan with the domain's columns among its own, for every set of values of the domain (and
    /// perhaps for further ones, where a column has been substituted).
    fn push(&mut self, plan: Plan, columns: &[(ColumnId, Type)]) -> Result<Plan> {
        if !Self::depends(&plan, columns) {
            let domain = self.domain_plan(columns);
            return Ok(Plan::join(JoinKind::Inner, domain, plan, Vec::new()));
        }
        match plan {
            Plan::Filter { input, predicates } => self.push_filter(*input, predicates, columns),
            Plan::Scan(mut scan) => {
                let predicates = std::mem::take(&mut scan.predicates);
                self.push_filter(Plan::Scan(scan), predicates, columns)
            }
            Plan::Project {
                input,
                columns: mut projected,
            } => {
                let input = self.push(*input, columns)?;
                projected.extend(passed_on(columns));
                Ok(Plan::Project {
                    input: Box::new(input),
                    columns: projected,
                })
            }
            Plan::Values {
                columns: made,
                rows,
            } => {
                // Rows that read the domain: one projection of the domain a row.
                let mut rows = rows.into_iter();
                match (rows.next(), rows.next()) {
                    (Some(row), None) => {
                        let domain = self.domain_plan(columns);
                        let mut projected: Vec<(ColumnId, Expr)> =
                            made.iter().map(|(id, _)| *id).zip(row).collect();
                        projected.extend(passed_on(columns));
                        Ok(Plan::Project {
                            input: Box::new(domain),
                            columns: projected,
                        })
                    }
                    (first, second) => {
                        let rows = first.into_iter().chain(second).chain(rows).collect();
                        let union = self.union_of_rows(made, rows);
                        self.push(union, columns)
                    }
                }
            }
            Plan::TableFunction {
                function,
                arguments,
                columns: made,
                ordinality,
            } => {
                let domain = self.domain_plan(columns);
                Ok(Plan::join(
                    JoinKind::Inner,
                    domain,
                    Plan::TableFunction {
                        function,
                        arguments,
                        columns: made,
                        ordinality,
                    },
                    Vec::new(),
                ))
            }
            Plan::Join(join) => self.push_join(*join, columns),
            Plan::Aggregate(aggregate) => self.push_aggregate(*aggregate, columns),
            Plan::Window(window) => {
                let mut window = window;
                window.input = self.push(window.input, columns)?;
                window
                    .partition_by
                    .extend(columns.iter().map(|(id, ty)| Expr::column(*id, ty.clone())));
                Ok(Plan::Window(window))
            }
            Plan::Distinct { input } => Ok(Plan::Distinct {
                input: Box::new(self.push(*input, columns)?),
            }),
            Plan::DistinctOn { input, mut keys } => {
                let input = self.push(*input, columns)?;
                keys.extend(columns.iter().map(|(id, ty)| Expr::column(*id, ty.clone())));
                Ok(Plan::DistinctOn {
                    input: Box::new(input),
                    keys,
                })
            }
            Plan::Sort { input, keys } => Ok(Plan::Sort {
                input: Box::new(self.push(*input, columns)?),
                keys,
            }),
            Plan::Limit {
                input,
                limit,
                offset,
                ties,
            } => self.push_limit(*input, limit, offset, ties, columns),
            Plan::SetOperation(operation) => {
                let SetOperation {
                    kind,
                    distinct,
                    left,
                    right,
                    columns: mut made,
                } = *operation;
                let left_columns = self.renamed(columns);
                let right_columns = self.renamed(columns);
                let mut left = left;
                let mut right = right;
                rename_domain(&mut left, columns, &left_columns);
                rename_domain(&mut right, columns, &right_columns);
                let left = self.push(left, &left_columns)?;
                let right = self.push(right, &right_columns)?;
                for (((id, ty), (left, _)), (right, _)) in
                    columns.iter().zip(&left_columns).zip(&right_columns)
                {
                    made.push((*id, *left, *right, ty.clone()));
                }
                Ok(Plan::SetOperation(Box::new(SetOperation {
                    kind,
                    distinct,
                    left,
                    right,
                    columns: made,
                })))
            }
            Plan::With { ctes, body } => {
                if ctes.iter().any(|cte| Self::depends(&cte.plan, columns)) {
                    return Err(refused(
                        "a common table expression that reads an outer query",
                        None,
                    )
                    .hint("Write it as a subquery of FROM."));
                }
                Ok(Plan::With {
                    ctes,
                    body: Box::new(self.push(*body, columns)?),
                })
            }
            Plan::CteScan { cte, columns: made } => {
                let domain = self.domain_plan(columns);
                Ok(Plan::join(
                    JoinKind::Inner,
                    domain,
                    Plan::CteScan { cte, columns: made },
                    Vec::new(),
                ))
            }
        }
    }

    /// Rows as a UNION ALL of single ones, halved so that the tree stays low.
    fn union_of_rows(&mut self, columns: Vec<(ColumnId, Type)>, mut rows: Vec<Vec<Expr>>) -> Plan {
        if rows.len() < 2 {
            return Plan::Values { columns, rows };
        }
        let second = rows.split_off(rows.len() / 2);
        let (left, right) = (self.renamed(&columns), self.renamed(&columns));
        let made = columns
            .into_iter()
            .zip(&left)
            .zip(&right)
            .map(|(((id, ty), (left, _)), (right, _))| (id, *left, *right, ty))
            .collect();
        Plan::SetOperation(Box::new(SetOperation {
            kind: SetKind::Union,
            distinct: Distinctness::All,
            left: self.union_of_rows(left, rows),
            right: self.union_of_rows(right, second),
            columns: made,
        }))
    }

    /// A filter is where the right side compares with the domain. If it equates every column of
    /// the domain with something of its input, that takes the domain's place.
    fn push_filter(
        &mut self,
        input: Plan,
        predicates: Vec<Expr>,
        columns: &[(ColumnId, Type)],
    ) -> Result<Plan> {
        let mut conditions = Vec::new();
        for predicate in predicates {
            split(predicate, &mut conditions);
        }
        if self.substitute == Substitute::Always && !Self::depends(&input, columns) {
            let found: Option<Vec<(ColumnId, Expr)>> = columns
                .iter()
                .map(|(id, _)| {
                    conditions
                        .iter()
                        .find_map(|condition| equated(condition, *id, columns))
                        .map(|expr| (*id, expr))
                })
                .collect();
            if let Some(found) = found {
                for condition in &mut conditions {
                    condition.map_columns(&mut |id| {
                        found
                            .iter()
                            .find(|(own, _)| *own == id)
                            .map(|(_, expr)| expr.clone())
                    });
                }
                conditions.retain(|condition| !is_reflexive(condition));
                conditions.extend(found.iter().map(|(_, expr)| {
                    Expr::new(
                        ExprKind::Test(Box::new(expr.clone()), Test::NotNull),
                        Type::Boolean,
                    )
                }));
                let mut projected: Vec<(ColumnId, Expr)> = input
                    .columns()
                    .into_iter()
                    .map(|(id, ty)| (id, Expr::column(id, ty)))
                    .collect();
                projected.extend(found);
                return Ok(Plan::Project {
                    input: Box::new(input.filter(conditions)),
                    columns: projected,
                });
            }
        }
        Ok(self.push(input, columns)?.filter(conditions))
    }

    fn push_join(&mut self, join: Join, columns: &[(ColumnId, Type)]) -> Result<Plan> {
        let Join {
            kind,
            left,
            right,
            mut on,
        } = join;
        if reads_neighbours(&left, &right) {
            // The function is called for each row of the left side: it finds the domain there.
            let left = self.push(left, columns)?;
            return Ok(Plan::join(kind, left, right, on));
        }
        let wanted: ColumnSet = columns.iter().map(|(id, _)| *id).collect();
        let left_depends = Self::depends(&left, columns);
        let right_depends = Self::depends(&right, columns);
        let on_depends = on.iter().any(|expr| expr.reads().meets(&wanted));
        match kind {
            JoinKind::Inner => {
                if !right_depends {
                    let left = if left_depends || on_depends {
                        self.push_or_filter(left, &mut on, columns)?
                    } else {
                        left
                    };
                    return Ok(Plan::join(kind, left, right, on));
                }
                if !left_depends {
                    let right = self.push_or_filter(right, &mut on, columns)?;
                    return Ok(Plan::join(kind, left, right, on));
                }
            }
            JoinKind::Left
            | JoinKind::Single
            | JoinKind::Semi
            | JoinKind::Anti
            | JoinKind::NullAwareAnti
            | JoinKind::Mark(_) => {
                if !right_depends {
                    let left = self.push(left, columns)?;
                    return Ok(Plan::join(kind, left, right, on));
                }
            }
            JoinKind::Right | JoinKind::Full => {
                return Err(refused(
                    "a subquery with a RIGHT or FULL JOIN that reads an outer query",
                    None,
                )
                .hint("Write it with LEFT JOIN."));
            }
        }
        // Both sides depend, or the side whose rows may be missing: each side gets a domain of its
        // own, and they meet on it.
        let own = self.renamed(columns);
        let mut right = right;
        rename_domain(&mut right, columns, &own);
        let left = self.push(left, columns)?;
        let right = self.push(right, &own)?;
        for ((id, ty), (other, _)) in columns.iter().zip(&own) {
            on.push(equal_null_safe(
                Expr::column(*id, ty.clone()),
                Expr::column(*other, ty.clone()),
            ));
        }
        Ok(Plan::join(kind, left, right, on))
    }

    /// Pushes into one side of an inner join; conditions of the join that read only this side and
    /// the domain go with it.
    fn push_or_filter(
        &mut self,
        plan: Plan,
        on: &mut Vec<Expr>,
        columns: &[(ColumnId, Type)],
    ) -> Result<Plan> {
        let mut visible = plan.column_set();
        for (id, _) in columns {
            visible.insert(*id);
        }
        let wanted: ColumnSet = columns.iter().map(|(id, _)| *id).collect();
        let (own, others): (Vec<Expr>, Vec<Expr>) =
            std::mem::take(on).into_iter().partition(|expr| {
                let reads = expr.reads();
                reads.meets(&wanted) && reads.is_subset(&visible)
            });
        *on = others;
        if own.is_empty() {
            self.push(plan, columns)
        } else {
            self.push(plan.filter(own), columns)
        }
    }

    fn push_aggregate(
        &mut self,
        aggregate: Aggregate,
        columns: &[(ColumnId, Type)],
    ) -> Result<Plan> {
        let Aggregate {
            input,
            mut groups,
            sets,
            calls,
            grouping,
        } = aggregate;
        let mut calls = calls;
        let without_groups = groups.is_empty() && sets.is_none();
        let first = groups.len();
        if !without_groups {
            let input = self.push(input, columns)?;
            let own = self.renamed(columns);
            groups.extend(
                own.iter()
                    .zip(columns)
                    .map(|((id, _), (read, ty))| (*id, Expr::column(*read, ty.clone()))),
            );
            let sets = sets.map(|sets| {
                sets.into_iter()
                    .map(|mut set| {
                        set.extend(first..first + columns.len());
                        set
                    })
                    .collect()
            });
            return Ok(self.under_domain_names(
                Plan::Aggregate(Box::new(Aggregate {
                    input,
                    groups,
                    sets,
                    calls,
                    grouping,
                })),
                &own,
                columns,
            ));
        }
        // Without groups there is a row also where nothing matches: every set of values of the
        // domain gets its row, with the aggregates of no rows where it has no group.
        let own = self.renamed(columns);
        let mut input = input;
        rename_domain(&mut input, columns, &own);
        for (_, call) in &mut calls {
            let keys = call.order_by.iter_mut().map(|key| &mut key.expr);
            for expr in call
                .arguments
                .iter_mut()
                .chain(&mut call.filter)
                .chain(keys)
            {
                expr.map_columns(&mut |id| renamed_column(id, columns, &own));
            }
        }
        let pushed = self.push(input, &own)?;
        let keys = self.renamed(columns);
        let groups = keys
            .iter()
            .zip(&own)
            .map(|((id, _), (read, ty))| (*id, Expr::column(*read, ty.clone())))
            .collect();
        let mut made = Vec::new();
        for (id, call) in &mut calls {
            let raw = self.ids.fresh();
            let counted = Expr::column(raw, call.ty.clone());
            let value = match call.function {
                AggregateFunction::CountRows
                | AggregateFunction::Count
                | AggregateFunction::RegrCount => Expr::new(
                    ExprKind::Coalesce(vec![
                        counted,
                        Expr::literal(Value::Int(0), call.ty.clone()),
                    ]),
                    call.ty.clone(),
                ),
                _ => counted,
            };
            made.push((*id, value));
            *id = raw;
        }
        let grouped = Plan::Aggregate(Box::new(Aggregate {
            input: pushed,
            groups,
            sets: None,
            calls,
            grouping: Vec::new(),
        }));
        let domain = self.domain_plan(columns);
        let on = columns
            .iter()
            .zip(&keys)
            .map(|((id, ty), (key, _))| {
                equal_null_safe(
                    Expr::column(*id, ty.clone()),
                    Expr::column(*key, ty.clone()),
                )
            })
            .collect();
        made.extend(passed_on(columns));
        Ok(Plan::Project {
            input: Box::new(Plan::join(JoinKind::Left, domain, grouped, on)),
            columns: made,
        })
    }

    /// A plan's columns `own` under the names of the domain.
    fn under_domain_names(
        &self,
        plan: Plan,
        own: &[(ColumnId, Type)],
        columns: &[(ColumnId, Type)],
    ) -> Plan {
        let own_set: ColumnSet = own.iter().map(|(id, _)| *id).collect();
        let mut projected: Vec<(ColumnId, Expr)> = plan
            .columns()
            .into_iter()
            .filter(|(id, _)| !own_set.contains(*id))
            .map(|(id, ty)| (id, Expr::column(id, ty)))
            .collect();
        projected.extend(
            columns
                .iter()
                .zip(own)
                .map(|((id, ty), (read, _))| (*id, Expr::column(*read, ty.clone()))),
        );
        Plan::Project {
            input: Box::new(plan),
            columns: projected,
        }
    }
}

fn passed_on(columns: &[(ColumnId, Type)]) -> impl Iterator<Item = (ColumnId, Expr)> + '_ {
    columns
        .iter()
        .map(|(id, ty)| (*id, Expr::column(*id, ty.clone())))
}

/// Lets a plan read another copy of the domain.
fn rename_domain(plan: &mut Plan, from: &[(ColumnId, Type)], to: &[(ColumnId, Type)]) {
    plan.map_columns(&mut |id| renamed_column(id, from, to));
}

/// A domain's column as another copy of the domain has it.
fn renamed_column(
    id: ColumnId,
    from: &[(ColumnId, Type)],
    to: &[(ColumnId, Type)],
) -> Option<Expr> {
    let mut pairs = from.iter().zip(to);
    let (_, (new, ty)) = pairs.find(|((old, _), _)| *old == id)?;
    Some(Expr::column(*new, ty.clone()))
}

/// What a condition equates with a column of the domain, if it reads nothing of the domain.
fn equated(condition: &Expr, id: ColumnId, domain: &[(ColumnId, Type)]) -> Option<Expr> {
    let ExprKind::Compare(Comparison::Eq, left, right) = &condition.kind else {
        return None;
    };
    let is_it = |expr: &Expr| matches!(expr.kind, ExprKind::Column(own) if own == id);
    let wanted: ColumnSet = domain.iter().map(|(id, _)| *id).collect();
    let other = if is_it(left) {
        right
    } else if is_it(right) {
        left
    } else {
        return None;
    };
    let reads = other.reads();
    (!reads.meets(&wanted) && !reads.is_empty()).then(|| (**other).clone())
}

/// `x = x`, which the condition that x is not NULL replaces.
fn is_reflexive(condition: &Expr) -> bool {
    match &condition.kind {
        ExprKind::Compare(Comparison::Eq, left, right) => left.same(right),
        _ => false,
    }
}
