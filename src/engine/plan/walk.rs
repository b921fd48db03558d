//! Walks over plans and expressions: children, columns read and made, equality.

use super::{
    Aggregate, Cte, FrameBound, Join, JoinKind, Plan, Scan, SetOperation, SortKey, Window,
};
use crate::base::{Type, Value};
use crate::engine::expr::{ColumnId, Expr, ExprKind, Subquery, SubqueryForm};

/// A set of columns of one statement, a bit each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ColumnSet {
    words: Vec<u64>,
}

impl ColumnSet {
    /// Adds a column; tells whether it was new.
    pub fn insert(&mut self, id: ColumnId) -> bool {
        let word = (id.0 / 64) as usize;
        if word >= self.words.len() {
            self.words.resize(word + 1, 0);
        }
        let bit = 1_u64 << (id.0 % 64);
        match self.words.get_mut(word) {
            Some(bits) => {
                let new = *bits & bit == 0;
                *bits |= bit;
                new
            }
            None => false,
        }
    }

    /// Takes a column out.
    pub fn remove(&mut self, id: ColumnId) {
        if let Some(bits) = self.words.get_mut((id.0 / 64) as usize) {
            *bits &= !(1_u64 << (id.0 % 64));
        }
    }

    /// Whether a column is in it.
    pub fn contains(&self, id: ColumnId) -> bool {
        self.words
            .get((id.0 / 64) as usize)
            .is_some_and(|bits| bits & (1_u64 << (id.0 % 64)) != 0)
    }

    /// Whether it has no column.
    pub fn is_empty(&self) -> bool {
        self.words.iter().all(|bits| *bits == 0)
    }

    /// Whether every column of it is in the other.
    pub fn is_subset(&self, other: &Self) -> bool {
        self.words
            .iter()
            .enumerate()
            .all(|(at, bits)| bits & !other.words.get(at).copied().unwrap_or(0) == 0)
    }

    /// Whether the two share a column.
    pub fn meets(&self, other: &Self) -> bool {
        self.words
            .iter()
            .zip(&other.words)
            .any(|(left, right)| left & right != 0)
    }

    /// Adds all columns of another set.
    pub fn extend(&mut self, other: &Self) {
        if other.words.len() > self.words.len() {
            self.words.resize(other.words.len(), 0);
        }
        for (bits, more) in self.words.iter_mut().zip(&other.words) {
            *bits |= more;
        }
    }

    /// Takes all columns of another set out.
    pub fn subtract(&mut self, other: &Self) {
        for (bits, less) in self.words.iter_mut().zip(&other.words) {
            *bits &= !less;
        }
    }

    /// The columns, rising.
    pub fn iter(&self) -> impl Iterator<Item = ColumnId> + '_ {
        self.words.iter().enumerate().flat_map(|(word, &bits)| {
            (0..64)
                .filter(move |bit| bits & (1_u64 << bit) != 0)
                .map(move |bit| ColumnId(word as u32 * 64 + bit))
        })
    }
}

impl FromIterator<ColumnId> for ColumnSet {
    fn from_iter<I: IntoIterator<Item = ColumnId>>(ids: I) -> Self {
        let mut set = Self::default();
        for id in ids {
            set.insert(id);
        }
        set
    }
}

impl Expr {
    /// Visits the direct operands; of a subquery its left side, not its plan.
    pub fn children<'a>(&'a self, visit: &mut dyn FnMut(&'a Expr)) {
        match &self.kind {
            ExprKind::Column(_) | ExprKind::Literal(_) | ExprKind::Parameter(_) => {}
            ExprKind::Call(_, operands)
            | ExprKind::And(operands)
            | ExprKind::Or(operands)
            | ExprKind::Coalesce(operands)
            | ExprKind::Array(operands)
            | ExprKind::Row(operands) => operands.iter().for_each(visit),
            ExprKind::Cast(operand, _) | ExprKind::Not(operand) | ExprKind::Test(operand, _) => {
                visit(operand);
            }
            ExprKind::Compare(_, left, right) => {
                visit(left);
                visit(right);
            }
            ExprKind::InList { operand, list, .. } => {
                visit(operand);
                list.iter().for_each(visit);
            }
            ExprKind::Quantified { operand, array, .. } => {
                visit(operand);
                visit(array);
            }
            ExprKind::Case {
                branches,
                otherwise,
            } => {
                for (condition, result) in branches {
                    visit(condition);
                    visit(result);
                }
                if let Some(otherwise) = otherwise {
                    visit(otherwise);
                }
            }
            ExprKind::Subquery(subquery) => {
                if let SubqueryForm::Quantified { operands, .. } = &subquery.form {
                    operands.iter().for_each(visit);
                }
            }
        }
    }

    /// Visits the direct operands; of a subquery its left side, not its plan.
    pub fn children_mut(&mut self, visit: &mut dyn FnMut(&mut Expr)) {
        match &mut self.kind {
            ExprKind::Column(_) | ExprKind::Literal(_) | ExprKind::Parameter(_) => {}
            ExprKind::Call(_, operands)
            | ExprKind::And(operands)
            | ExprKind::Or(operands)
            | ExprKind::Coalesce(operands)
            | ExprKind::Array(operands)
            | ExprKind::Row(operands) => operands.iter_mut().for_each(visit),
            ExprKind::Cast(operand, _) | ExprKind::Not(operand) | ExprKind::Test(operand, _) => {
                visit(operand);
            }
            ExprKind::Compare(_, left, right) => {
                visit(left);
                visit(right);
            }
            ExprKind::InList { operand, list, .. } => {
                visit(operand);
                list.iter_mut().for_each(visit);
            }
            ExprKind::Quantified { operand, array, .. } => {
                visit(operand);
                visit(array);
            }
            ExprKind::Case {
                branches,
                otherwise,
            } => {
                for (condition, result) in branches {
                    visit(condition);
                    visit(result);
                }
                if let Some(otherwise) = otherwise {
                    visit(otherwise);
                }
            }
            ExprKind::Subquery(subquery) => {
                if let SubqueryForm::Quantified { operands, .. } = &mut subquery.form {
                    operands.iter_mut().for_each(visit);
                }
            }
        }
    }

    /// Whether this or an operand, at any depth but not inside subqueries, satisfies the test.
    pub fn any(&self, test: &mut dyn FnMut(&Expr) -> bool) -> bool {
        if test(self) {
            return true;
        }
        let mut found = false;
        self.children(&mut |child| found = found || child.any(test));
        found
    }

    /// Whether a subquery stands in it.
    pub fn has_subquery(&self) -> bool {
        self.any(&mut |expr| matches!(expr.kind, ExprKind::Subquery(_)))
    }

    /// Adds every column it reads, also inside subqueries (where columns are read that the
    /// subquery itself makes).
    pub fn read_into(&self, set: &mut ColumnSet) {
        match &self.kind {
            ExprKind::Column(id) => {
                set.insert(*id);
            }
            ExprKind::Subquery(subquery) => subquery.plan.free_into(set),
            _ => {}
        }
        self.children(&mut |child| child.read_into(set));
    }

    /// The columns it reads.
    pub fn reads(&self) -> ColumnSet {
        let mut set = ColumnSet::default();
        self.read_into(&mut set);
        set
    }

    /// Replaces columns, also the outer columns inside subqueries.
    pub fn map_columns(&mut self, map: &mut dyn FnMut(ColumnId) -> Option<Expr>) {
        if let ExprKind::Column(id) = self.kind {
            if let Some(mut expr) = map(id) {
                expr.span = self.span.or(expr.span);
                *self = expr;
            }
            return;
        }
        if let ExprKind::Subquery(subquery) = &mut self.kind {
            subquery.plan.map_columns(map);
        }
        self.children_mut(&mut |child| child.map_columns(map));
    }

    /// Whether the two compute the same, told by their shape. Positions do not count; subqueries
    /// are the same only when one is a copy of the other.
    pub fn same(&self, other: &Self) -> bool {
        // A column is itself also where a text is read without its length.
        if let (ExprKind::Column(left), ExprKind::Column(right)) = (&self.kind, &other.kind) {
            return left == right;
        }
        if self.ty != other.ty {
            return false;
        }
        let all = |left: &[Expr], right: &[Expr]| {
            left.len() == right.len() && left.iter().zip(right).all(|(l, r)| l.same(r))
        };
        match (&self.kind, &other.kind) {
            (ExprKind::Literal(left), ExprKind::Literal(right)) => same_value(left, right),
            (ExprKind::Parameter(left), ExprKind::Parameter(right)) => left == right,
            (ExprKind::Call(left, ls), ExprKind::Call(right, rs)) => {
                std::ptr::eq(*left, *right) && all(ls, rs)
            }
            (ExprKind::Cast(left, lf), ExprKind::Cast(right, rf)) => lf == rf && left.same(right),
            (ExprKind::And(ls), ExprKind::And(rs))
            | (ExprKind::Or(ls), ExprKind::Or(rs))
            | (ExprKind::Coalesce(ls), ExprKind::Coalesce(rs))
            | (ExprKind::Array(ls), ExprKind::Array(rs))
            | (ExprKind::Row(ls), ExprKind::Row(rs)) => all(ls, rs),
            (ExprKind::Not(left), ExprKind::Not(right)) => left.same(right),
            (ExprKind::Test(left, lt), ExprKind::Test(right, rt)) => lt == rt && left.same(right),
            (ExprKind::Compare(lc, ll, lr), ExprKind::Compare(rc, rl, rr)) => {
                lc == rc && ll.same(rl) && lr.same(rr)
            }
            (
                ExprKind::InList {
                    operand: lo,
                    list: ll,
                    negated: ln,
                },
                ExprKind::InList {
                    operand: ro,
                    list: rl,
                    negated: rn,
                },
            ) => ln == rn && lo.same(ro) && all(ll, rl),
            (
                ExprKind::Quantified {
                    operand: lo,
                    comparison: lc,
                    quantifier: lq,
                    array: la,
                },
                ExprKind::Quantified {
                    operand: ro,
                    comparison: rc,
                    quantifier: rq,
                    array: ra,
                },
            ) => lc == rc && lq == rq && lo.same(ro) && la.same(ra),
            (
                ExprKind::Case {
                    branches: lb,
                    otherwise: lo,
                },
                ExprKind::Case {
                    branches: rb,
                    otherwise: ro,
                },
            ) => {
                lb.len() == rb.len()
                    && lb
                        .iter()
                        .zip(rb)
                        .all(|((lc, lr), (rc, rr))| lc.same(rc) && lr.same(rr))
                    && match (lo, ro) {
                        (None, None) => true,
                        (Some(left), Some(right)) => left.same(right),
                        (None, Some(_)) | (Some(_), None) => false,
                    }
            }
            // Copies of one subquery, such as a select list's entry that GROUP BY names.
            (ExprKind::Subquery(left), ExprKind::Subquery(right)) => {
                left.columns == right.columns
                    && match (&left.form, &right.form) {
                        (SubqueryForm::Scalar, SubqueryForm::Scalar)
                        | (SubqueryForm::Exists, SubqueryForm::Exists)
                        | (SubqueryForm::Array, SubqueryForm::Array) => true,
                        (
                            SubqueryForm::Quantified {
                                operands: lo,
                                comparison: lc,
                                quantifier: lq,
                            },
                            SubqueryForm::Quantified {
                                operands: ro,
                                comparison: rc,
                                quantifier: rq,
                            },
                        ) => lc == rc && lq == rq && all(lo, ro),
                        _ => false,
                    }
                    && left.plan.to_string() == right.plan.to_string()
            }
            _ => false,
        }
    }
}

/// Whether two constants are identical, display scale included.
fn same_value(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Null, Value::Null) => true,
        (Value::Bool(l), Value::Bool(r)) => l == r,
        (Value::Int(l), Value::Int(r)) => l == r,
        (Value::Text(l), Value::Text(r)) => l == r,
        (Value::Numeric(l), Value::Numeric(r)) => {
            (l.mantissa(), l.scale()) == (r.mantissa(), r.scale())
        }
        (Value::Float(l), Value::Float(r)) => l.to_bits() == r.to_bits(),
        (Value::Date(l), Value::Date(r)) => l == r,
        (Value::Time(l), Value::Time(r)) | (Value::Timestamp(l), Value::Timestamp(r)) => l == r,
        _ => format!("{left:?}") == format!("{right:?}"),
    }
}

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
