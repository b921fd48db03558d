//! The conditions of a tree of inner joins: which of its inputs they connect.

use super::Statistics;
use super::order::equated;
use crate::engine::expr::{ColumnId, Expr};
use crate::engine::plan::{Plan, ScanColumn};
use std::collections::BTreeMap;

/// The conditions between inputs, while one input after the other is joined.
pub(super) struct Links {
    /// In the order in which they were written.
    conditions: Vec<Condition>,
    /// The conditions that read each input, in order.
    readers: Vec<Vec<usize>>,
    /// Which inputs are joined.
    joined: Vec<bool>,
    /// For each input the most different values of an equation with what is joined.
    distinct: Vec<Option<f64>>,
    /// The conditions whose inputs have all been joined since they were last taken.
    ready: Vec<usize>,
}

struct Condition {
    /// Absent once it has been given to a join.
    expr: Option<Expr>,
    /// How many inputs that it reads are not joined; none if it also reads something else.
    missing: Option<usize>,
    /// What it equates.
    equation: Option<Equation>,
}

/// The inputs that both sides of an equation read, and how many different values it has.
struct Equation {
    sides: [Vec<usize>; 2],
    distinct: f64,
}

impl Links {
    /// The links between inputs none of which is joined.
    pub(super) fn new(inputs: &[Plan], conditions: Vec<Expr>, statistics: &dyn Statistics) -> Self {
        let mut owners = BTreeMap::new();
        let mut origins = Origins::default();
        for (number, plan) in inputs.iter().enumerate() {
            owners.extend(plan.column_set().iter().map(|id| (id, number)));
            origins.add(plan, statistics);
        }
        let mut links = Self {
            conditions: Vec::with_capacity(conditions.len()),
            readers: vec![Vec::new(); inputs.len()],
            joined: vec![false; inputs.len()],
            distinct: vec![None; inputs.len()],
            ready: Vec::new(),
        };
        for expr in conditions {
            let place = links.conditions.len();
            let read = inputs_of(&expr, &owners);
            match &read {
                Some(read) if read.is_empty() => links.ready.push(place),
                _ => {}
            }
            for number in read.iter().flatten() {
                if let Some(readers) = links.readers.get_mut(*number) {
                    readers.push(place);
                }
            }
            links.conditions.push(Condition {
                missing: read.map(|read| read.len()),
                equation: Equation::of(&expr, &owners, &origins),
                expr: Some(expr),
            });
        }
        links
    }

    /// Notes that an input is joined.
    pub(super) fn join(&mut self, number: usize) {
        if let Some(joined) = self.joined.get_mut(number) {
            *joined = true;
        }
        for &place in self.readers.get(number).into_iter().flatten() {
            let Some(condition) = self.conditions.get_mut(place) else {
                continue;
            };
            if let Some(missing) = &mut condition.missing {
                *missing = missing.saturating_sub(1);
                if *missing == 0 {
                    self.ready.push(place);
                }
            }
            let Some(equation) = &condition.equation else {
                continue;
            };
            let [left, right] = &equation.sides;
            for (there, other) in [(left, right), (right, left)] {
                let complete = there.iter().all(|&at| self.joined.get(at) == Some(&true));
                if let (true, [other]) = (complete, other.as_slice())
                    && let Some(distinct) = self.distinct.get_mut(*other)
                {
                    let before = distinct.unwrap_or(equation.distinct);
                    *distinct = Some(before.max(equation.distinct));
                }
            }
        }
    }

    /// The most different values of an equation between an input and what is joined; none if no
    /// equation connects them.
    pub(super) fn distinct(&self, number: usize) -> Option<f64> {
        self.distinct.get(number).copied().flatten()
    }

    /// The conditions that can be decided since the last call, as they were written.
    pub(super) fn take(&mut self) -> Vec<Expr> {
        let mut ready = std::mem::take(&mut self.ready);
        ready.sort_unstable();
        let taken = ready
            .into_iter()
            .filter_map(|place| self.conditions.get_mut(place)?.expr.take());
        taken.collect()
    }

    /// The conditions that no join can decide.
    pub(super) fn rest(self) -> Vec<Expr> {
        let rest = self.conditions.into_iter();
        rest.filter_map(|condition| condition.expr).collect()
    }
}

impl Equation {
    fn of(expr: &Expr, owners: &BTreeMap<ColumnId, usize>, origins: &Origins) -> Option<Self> {
        let (a, b) = equated(expr)?;
        let sides = [inputs_of(a, owners)?, inputs_of(b, owners)?];
        let distinct = |side: &Expr| side.reads().iter().next().map(|id| origins.distinct(id));
        let distinct = distinct(a)?.max(distinct(b)?);
        Some(Self { sides, distinct })
    }
}

/// The inputs that an expression reads, each once; none if it reads a column of none of them.
fn inputs_of(expr: &Expr, owners: &BTreeMap<ColumnId, usize>) -> Option<Vec<usize>> {
    let read = expr.reads();
    let mut inputs: Vec<usize> = read
        .iter()
        .map(|id| owners.get(&id).copied())
        .collect::<Option<_>>()?;
    inputs.sort_unstable();
    inputs.dedup();
    Some(inputs)
}

/// Which stored columns the columns of a plan come from.
#[derive(Default)]
struct Origins {
    distinct: BTreeMap<ColumnId, f64>,
}

impl Origins {
    fn add(&mut self, plan: &Plan, statistics: &dyn Statistics) {
        if let Plan::Scan(scan) = plan {
            for (id, column, _) in &scan.columns {
                let distinct = match column {
                    ScanColumn::Stored(place) => statistics.distinct(&scan.table, *place),
                    ScanColumn::RowId => statistics.rows(&scan.table),
                };
                self.distinct.insert(*id, distinct);
            }
        }
        plan.inputs(&mut |input| self.add(input, statistics));
    }

    fn distinct(&self, id: ColumnId) -> f64 {
        self.distinct.get(&id).copied().unwrap_or(10.0)
    }
}
