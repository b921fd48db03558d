//! Walks over plans: inputs, columns read and made.

mod expr;

use super::{
    Aggregate, ColumnSet, Cte, FrameBound, Join, JoinKind, Plan, Scan, SetOperation, SortKey,
    Window,
};
use crate::base::Type;
use crate::engine::expr::{ColumnId, Expr, ExprKind, Subquery};

impl Plan {
    /// The one row without columns that a `SELECT` without `FROM` reads.
    pub fn one_row() -> Self {
        Self::Values {
            columns: Vec::new(),
            rows: vec![Vec::new()],
        }
    }

    /// Visits the inputs, and the plans of common table expressions.
    pub fn inputs<'a>(&'a self, visit: &mut dyn FnMut(&'a Plan)) {
        match self {
            Self::Scan(_)
            | Self::Values { .. }
            | Self::TableFunction { .. }
            | Self::CteScan { .. } => {}
            Self::Filter { input, .. }
            | Self::Project { input, .. }
            | Self::Distinct { input }
            | Self::DistinctOn { input, .. }
            | Self::Sort { input, .. }
            | Self::Limit { input, .. } => visit(input),
            Self::Join(join) => {
                visit(&join.left);
                visit(&join.right);
            }
            Self::Aggregate(aggregate) => visit(&aggregate.input),
            Self::Window(window) => visit(&window.input),
            Self::SetOperation(operation) => {
                visit(&operation.left);
                visit(&operation.right);
            }
            Self::With { ctes, body } => {
                for cte in ctes {
                    visit(&cte.plan);
                    if let Some(recursion) = &cte.recursion {
                        visit(&recursion.plan);
                    }
                }
                visit(body);
            }
        }
    }

    /// Visits the inputs, and the plans of common table expressions.
    pub fn inputs_mut(&mut self, visit: &mut dyn FnMut(&mut Plan)) {
        match self {
            Self::Scan(_)
            | Self::Values { .. }
            | Self::TableFunction { .. }
            | Self::CteScan { .. } => {}
            Self::Filter { input, .. }
            | Self::Project { input, .. }
            | Self::Distinct { input }
            | Self::DistinctOn { input, .. }
            | Self::Sort { input, .. }
            | Self::Limit { input, .. } => visit(input),
            Self::Join(join) => {
                visit(&mut join.left);
                visit(&mut join.right);
            }
            Self::Aggregate(aggregate) => visit(&mut aggregate.input),
            Self::Window(window) => visit(&mut window.input),
            Self::SetOperation(operation) => {
                visit(&mut operation.left);
                visit(&mut operation.right);
            }
            Self::With { ctes, body } => {
                for cte in ctes {
                    visit(&mut cte.plan);
                    if let Some(recursion) = &mut cte.recursion {
                        visit(&mut recursion.plan);
                    }
                }
                visit(body);
            }
        }
    }

    /// Visits the expressions of this operator itself, not those of its inputs.
    pub fn exprs<'a>(&'a self, visit: &mut dyn FnMut(&'a Expr)) {
        fn keys<'a>(keys: &'a [SortKey], visit: &mut dyn FnMut(&'a Expr)) {
            keys.iter().for_each(|key| visit(&key.expr));
        }
        match self {
            Self::Scan(Scan { predicates, .. }) | Self::Filter { predicates, .. } => {
                predicates.iter().for_each(visit);
            }
            Self::Values { rows, .. } => rows.iter().flatten().for_each(visit),
            Self::TableFunction { arguments, .. } => arguments.iter().for_each(visit),
            Self::Project { columns, .. } => columns.iter().for_each(|(_, expr)| visit(expr)),
            Self::Join(join) => join.on.iter().for_each(visit),
            Self::Aggregate(aggregate) => {
                aggregate.groups.iter().for_each(|(_, expr)| visit(expr));
                for (_, call) in &aggregate.calls {
                    call.arguments.iter().for_each(&mut *visit);
                    call.filter.iter().for_each(&mut *visit);
                    keys(&call.order_by, visit);
                }
            }
            Self::Window(window) => {
                window.partition_by.iter().for_each(&mut *visit);
                keys(&window.order_by, visit);
                for bound in [&window.frame.start, &window.frame.end] {
                    if let FrameBound::Preceding(expr) | FrameBound::Following(expr) = bound {
                        visit(expr);
                    }
                }
                for (_, call) in &window.calls {
                    call.arguments.iter().for_each(&mut *visit);
                    call.filter.iter().for_each(&mut *visit);
                }
            }
            Self::DistinctOn { keys, .. } => keys.iter().for_each(visit),
            Self::Sort { keys: sort, .. } => keys(sort, visit),
            Self::Limit {
                limit,
                offset,
                ties,
                ..
            } => {
                limit.iter().chain(offset).for_each(&mut *visit);
                if let Some(ties) = ties {
                    keys(ties, visit);
                }
            }
            Self::Distinct { .. }
            | Self::SetOperation(_)
            | Self::With { .. }
            | Self::CteScan { .. } => {}
        }
    }

    /// Visits the expressions of this operator itself, not those of its inputs.
    pub fn exprs_mut(&mut self, visit: &mut dyn FnMut(&mut Expr)) {
        fn keys(keys: &mut [SortKey], visit: &mut dyn FnMut(&mut Expr)) {
            keys.iter_mut().for_each(|key| visit(&mut key.expr));
        }
        match self {
            Self::Scan(Scan { predicates, .. }) | Self::Filter { predicates, .. } => {
                predicates.iter_mut().for_each(visit);
            }
            Self::Values { rows, .. } => rows.iter_mut().flatten().for_each(visit),
            Self::TableFunction { arguments, .. } => arguments.iter_mut().for_each(visit),
            Self::Project { columns, .. } => columns.iter_mut().for_each(|(_, expr)| visit(expr)),
            Self::Join(join) => join.on.iter_mut().for_each(visit),
            Self::Aggregate(aggregate) => {
                aggregate
                    .groups
                    .iter_mut()
                    .for_each(|(_, expr)| visit(expr));
                for (_, call) in &mut aggregate.calls {
                    call.arguments.iter_mut().for_each(&mut *visit);
                    call.filter.iter_mut().for_each(&mut *visit);
                    keys(&mut call.order_by, visit);
                }
            }
            Self::Window(window) => {
                window.partition_by.iter_mut().for_each(&mut *visit);
                keys(&mut window.order_by, visit);
                for bound in [&mut window.frame.start, &mut window.frame.end] {
                    if let FrameBound::Preceding(expr) | FrameBound::Following(expr) = bound {
                        visit(expr);
                    }
                }
                for (_, call) in &mut window.calls {
                    call.arguments.iter_mut().for_each(&mut *visit);
                    call.filter.iter_mut().for_each(&mut *visit);
                }
            }
            Self::DistinctOn { keys, .. } => keys.iter_mut().for_each(visit),
            Self::Sort { keys: sort, .. } => keys(sort, visit),
            Self::Limit {
                limit,
                offset,
                ties,
                ..
            } => {
                limit.iter_mut().chain(offset).for_each(&mut *visit);
                if let Some(ties) = ties {
                    keys(ties, visit);
                }
            }
            Self::Distinct { .. }
            | Self::SetOperation(_)
            | Self::With { .. }
            | Self::CteScan { .. } => {}
        }
    }

    /// The columns it gives, left to right.
    pub fn columns(&self) -> Vec<(ColumnId, Type)> {
        match self {
            Self::Scan(scan) => scan
                .columns
                .iter()
                .map(|(id, _, ty)| (*id, ty.clone()))
                .collect(),
            Self::Values { columns, .. } | Self::TableFunction { columns, .. } => columns.clone(),
            Self::Project { columns, .. } => columns
                .iter()
                .map(|(id, expr)| (*id, expr.ty.clone()))
                .collect(),
            Self::Filter { input, .. }
            | Self::Distinct { input }
            | Self::DistinctOn { input, .. }
            | Self::Sort { input, .. }
            | Self::Limit { input, .. } => input.columns(),
            Self::Join(join) => {
                let mut columns = join.left.columns();
                match join.kind {
                    JoinKind::Inner
                    | JoinKind::Left
                    | JoinKind::Right
                    | JoinKind::Full
                    | JoinKind::Single => columns.extend(join.right.columns()),
                    JoinKind::Semi | JoinKind::Anti | JoinKind::NullAwareAnti => {}
                    JoinKind::Mark(id) => columns.push((id, Type::Boolean)),
                }
                columns
            }
            Self::Aggregate(aggregate) => {
                let groups = aggregate
                    .groups
                    .iter()
                    .map(|(id, expr)| (*id, expr.ty.clone()));
                let calls = aggregate
                    .calls
                    .iter()
                    .map(|(id, call)| (*id, call.ty.clone()));
                let grouping = aggregate
                    .grouping
                    .iter()
                    .map(|(id, _)| (*id, Type::Integer));
                groups.chain(calls).chain(grouping).collect()
            }
            Self::Window(window) => {
                let mut columns = window.input.columns();
                columns.extend(window.calls.iter().map(|(id, call)| (*id, call.ty.clone())));
                columns
            }
            Self::SetOperation(operation) => operation
                .columns
                .iter()
                .map(|(id, _, _, ty)| (*id, ty.clone()))
                .collect(),
            Self::With { body, .. } => body.columns(),
            Self::CteScan { columns, .. } => columns
                .iter()
                .map(|(id, _, ty)| (*id, ty.clone()))
                .collect(),
        }
    }

    /// Adds the columns it gives.
    pub fn columns_into(&self, set: &mut ColumnSet) {
        match self {
            Self::Scan(scan) => scan.columns.iter().for_each(|(id, _, _)| {
                set.insert(*id);
            }),
            Self::Values { columns, .. } | Self::TableFunction { columns, .. } => {
                columns.iter().for_each(|(id, _)| {
                    set.insert(*id);
                });
            }
            Self::Project { columns, .. } => columns.iter().for_each(|(id, _)| {
                set.insert(*id);
            }),
            Self::Filter { input, .. }
            | Self::Distinct { input }
            | Self::DistinctOn { input, .. }
            | Self::Sort { input, .. }
            | Self::Limit { input, .. } => input.columns_into(set),
            Self::With { body, .. } => body.columns_into(set),
            Self::Join(join) => {
                join.left.columns_into(set);
                match join.kind {
                    JoinKind::Inner
                    | JoinKind::Left
                    | JoinKind::Right
                    | JoinKind::Full
                    | JoinKind::Single => join.right.columns_into(set),
                    JoinKind::Semi | JoinKind::Anti | JoinKind::NullAwareAnti => {}
                    JoinKind::Mark(id) => {
                        set.insert(id);
                    }
                }
            }
            Self::Window(window) => {
                window.input.columns_into(set);
                window.calls.iter().for_each(|(id, _)| {
                    set.insert(*id);
                });
            }
            Self::Aggregate(_) | Self::SetOperation(_) | Self::CteScan { .. } => {
                for (id, _) in self.columns() {
                    set.insert(id);
                }
            }
        }
    }

    /// The set of the columns it gives.
    pub fn column_set(&self) -> ColumnSet {
        let mut set = ColumnSet::default();
        self.columns_into(&mut set);
        set
    }

    /// Adds the columns that this operator itself, not its inputs, makes.
    fn made_into(&self, set: &mut ColumnSet) {
        match self {
            Self::Scan(_)
            | Self::Values { .. }
            | Self::TableFunction { .. }
            | Self::CteScan { .. }
            | Self::SetOperation(_)
            | Self::Aggregate(_)
            | Self::Project { .. } => self.columns_into(set),
            Self::Join(join) => {
                if let JoinKind::Mark(id) = join.kind {
                    set.insert(id);
                }
            }
            Self::Window(window) => window.calls.iter().for_each(|(id, _)| {
                set.insert(*id);
            }),
            Self::Filter { .. }
            | Self::Distinct { .. }
            | Self::DistinctOn { .. }
            | Self::Sort { .. }
            | Self::Limit { .. }
            | Self::With { .. } => {}
        }
    }

    /// Adds every column that is read or made anywhere in it.
    fn survey(&self, read: &mut ColumnSet, made: &mut ColumnSet) {
        self.made_into(made);
        self.exprs(&mut |expr| expr.read_into(read));
        self.inputs(&mut |input| input.survey(read, made));
    }

    /// Adds the columns of outer queries that it reads.
    pub fn free_into(&self, set: &mut ColumnSet) {
        let mut read = ColumnSet::default();
        let mut made = ColumnSet::default();
        self.survey(&mut read, &mut made);
        read.subtract(&made);
        set.extend(&read);
    }

    /// The columns of outer queries that it reads.
    pub fn free_columns(&self) -> ColumnSet {
        let mut set = ColumnSet::default();
        self.free_into(&mut set);
        set
    }

    /// Replaces columns in every expression of it. Columns that an operator lists by id without
    /// an expression (set operations) stay: they are never outer columns.
    pub fn map_columns(&mut self, map: &mut dyn FnMut(ColumnId) -> Option<Expr>) {
        self.exprs_mut(&mut |expr| expr.map_columns(map));
        self.inputs_mut(&mut |input| input.map_columns(map));
    }

    /// Visits every plan in it, itself first; plans of subqueries too.
    pub fn every<'a>(&'a self, visit: &mut dyn FnMut(&'a Plan)) {
        fn subplans<'a>(expr: &'a Expr, visit: &mut dyn FnMut(&'a Plan)) {
            if let ExprKind::Subquery(subquery) = &expr.kind {
                subquery.plan.every(visit);
            }
            expr.children(&mut |child| subplans(child, visit));
        }
        visit(self);
        self.exprs(&mut |expr| subplans(expr, visit));
        self.inputs(&mut |input| input.every(visit));
    }

    /// Takes the plan out and leaves an empty one.
    #[must_use]
    pub fn take(&mut self) -> Self {
        std::mem::replace(
            self,
            Self::Values {
                columns: Vec::new(),
                rows: Vec::new(),
            },
        )
    }

    /// Keeps the rows for which the predicates are true; the plan itself when there are none.
    #[must_use]
    pub fn filter(self, mut predicates: Vec<Expr>) -> Self {
        if predicates.is_empty() {
            return self;
        }
        match self {
            Self::Filter {
                input,
                predicates: mut before,
            } => {
                before.append(&mut predicates);
                Self::Filter {
                    input,
                    predicates: before,
                }
            }
            input => Self::Filter {
                input: Box::new(input),
                predicates,
            },
        }
    }

    /// Joins two plans.
    #[must_use]
    pub fn join(kind: JoinKind, left: Self, right: Self, on: Vec<Expr>) -> Self {
        Self::Join(Box::new(Join {
            kind,
            left,
            right,
            on,
        }))
    }
}

/// The largest column number in a plan and the next free one behind it.
pub fn next_column(plan: &Plan) -> u32 {
    let mut read = ColumnSet::default();
    let mut next = 0;
    plan.every(&mut |part| {
        part.made_into(&mut read);
    });
    if let Some(last) = read.iter().last() {
        next = last.0 + 1;
    }
    next
}

/// The parts whose fields are visited above; a new field makes these patterns fail to compile,
/// so that no walk forgets it.
#[allow(dead_code)]
fn fields(
    Join {
        kind: _,
        left: _,
        right: _,
        on: _,
    }: &Join,
    Aggregate {
        input: _,
        groups: _,
        sets: _,
        calls: _,
        grouping: _,
    }: &Aggregate,
    Window {
        input: _,
        partition_by: _,
        order_by: _,
        frame: _,
        calls: _,
    }: &Window,
    SetOperation {
        kind: _,
        distinct: _,
        left: _,
        right: _,
        columns: _,
    }: &SetOperation,
    Cte {
        id: _,
        name: _,
        plan: _,
        columns: _,
        recursion: _,
    }: &Cte,
    Subquery {
        form: _,
        plan: _,
        columns: _,
    }: &Subquery,
) {
}
