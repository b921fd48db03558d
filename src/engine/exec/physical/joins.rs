//! Joins: which conditions are keys, which side is kept, whether an index serves.

use super::super::build::RightSide;
use super::super::join::{Emit, Join, Key, KeyEquality, pair_layout};
use super::super::layout;
use super::super::scan::{IndexReader, keys_worth_looking_up};
use super::super::table_function::{Expand, Lonely};
use super::{Builder, Built, Needed, broken, columns_of, gives_right};
use crate::base::{Result, Type};
use crate::engine::expr::{ColumnId, Comparison, Expr, ExprKind, Test};
use crate::engine::plan::{self, Aggregate, JoinKind, Plan, Scan};
use std::sync::Arc;

/// Keeping the smaller side is worth swapping an inner join only if it is smaller by this.
const SWAP_GAIN: f64 = 1.2;

impl Builder<'_, '_> {
    pub(super) fn join(&self, join: &plan::Join, needed: &Needed) -> Result<Built> {
        let mut wanted = needed.clone();
        columns_of(&join.on, &mut wanted);
        if let JoinKind::Mark(id) = join.kind {
            wanted.remove(id);
        }
        if let Plan::TableFunction { arguments, .. } = &join.right {
            columns_of(arguments, &mut wanted);
            if join.right.free_columns().meets(&join.left.column_set()) {
                return self.expand(join, &wanted);
            }
        }
        let left = self.plan(&join.left, &wanted)?;
        let right = self.plan(&join.right, &wanted)?;
        if join.kind == JoinKind::Inner && self.is_better_kept(join, &left, &right) {
            return self.join_sides(join, right, left, &join.left, needed);
        }
        self.join_sides(join, left, right, &join.right, needed)
    }

    /// A function of each row of the left side.
    fn expand(&self, join: &plan::Join, wanted: &Needed) -> Result<Built> {
        let lonely = match join.kind {
            JoinKind::Inner => Lonely::Dropped,
            JoinKind::Left => Lonely::Kept,
            _ => return Err(broken("a function of another join's rows")),
        };
        let Plan::TableFunction {
            function,
            arguments,
            columns,
            ordinality,
        } = &join.right
        else {
            return Err(broken("a dependent join without a function"));
        };
        let left = self.plan(&join.left, wanted)?;
        let of_left = layout(&left.schema);
        let mut schema = left.schema.clone();
        schema.extend(columns.iter().cloned());
        let operator = Expand {
            input: left.operator,
            function: *function,
            arguments: arguments
                .iter()
                .map(|expr| Ok((self.compile(expr, &of_left)?, expr.ty.clone())))
                .collect::<Result<_>>()?,
            ty: columns.first().map_or(Type::Unknown, |(_, ty)| ty.clone()),
            ordinality: *ordinality,
            on: self.compile_all(&join.on, &layout(&schema))?,
            lonely,
        };
        let rows = left.rows * 10.0;
        Ok(self.built("Expand", operator, schema, rows, left.node, || {
            vec![("Arguments".into(), self.texts(arguments))]
        }))
    }

    /// Whether an inner join had better keep its left side.
    fn is_better_kept(&self, join: &plan::Join, left: &Built, right: &Built) -> bool {
        let by_index = |plan: &Plan, rows: f64| -> bool {
            stored(plan).is_some_and(|(scan, _)| {
                let table = self.context.storage.table(&scan.table);
                let index = self.fitting_index(scan, &join.on);
                table.zip(index).is_some_and(|(table, index)| {
                    rows < keys_worth_looking_up(table, index, 1) as f64
                })
            })
        };
        if by_index(&join.right, left.rows) {
            return false;
        }
        if by_index(&join.left, right.rows) {
            return true;
        }
        left.rows * SWAP_GAIN < right.rows
    }

    /// Joins with `right` as the kept side, which `right_plan` describes.
    fn join_sides(
        &self,
        join: &plan::Join,
        left: Built,
        right: Built,
        right_plan: &Plan,
        needed: &Needed,
    ) -> Result<Built> {
        let (left_layout, right_layout) = (layout(&left.schema), layout(&right.schema));
        let has = |schema: &super::Schema, expr: &Expr| {
            let reads = expr.reads();
            !reads.is_empty()
                && reads
                    .iter()
                    .all(|id| schema.iter().any(|(known, _)| *known == id))
        };
        let mut keys = Vec::new();
        let mut key_exprs = Vec::new();
        let mut residual = Vec::new();
        for condition in &join.on {
            let equality = equality_of(condition);
            let sides = equality.and_then(|(a, b, equality)| {
                if has(&left.schema, a) && has(&right.schema, b) {
                    Some((a, b, equality))
                } else if has(&left.schema, b) && has(&right.schema, a) {
                    Some((b, a, equality))
                } else {
                    None
                }
            });
            match sides {
                Some((left_key, right_key, equality)) if !is_row(&left_key.ty) => {
                    keys.push(Key {
                        left: self.compile(left_key, &left_layout)?,
                        right: self.compile(right_key, &right_layout)?,
                        ty: left_key.ty.clone(),
                        equality,
                    });
                    key_exprs.push((left_key, right_key, condition));
                }
                _ => residual.push(condition.clone()),
            }
        }
        let null_aware = matches!(join.kind, JoinKind::NullAwareAnti | JoinKind::Mark(_));
        if null_aware && !residual.is_empty() {
            // With further conditions, whether the comparison is NULL has to be asked pair by
            // pair: only conditions that are never NULL may choose the pairs.
            let mut at = 0;
            while let Some(key) = keys.get(at) {
                if key.equality == KeyEquality::Equal {
                    keys.remove(at);
                    let (_, _, condition) = key_exprs.remove(at);
                    residual.push(condition.clone());
                } else {
                    at += 1;
                }
            }
        }
        let mut emit = Vec::new();
        let mut schema = Vec::new();
        for (place, (id, ty)) in left.schema.iter().enumerate() {
            if needed.contains(*id) {
                emit.push(Emit::Left(place));
                schema.push((*id, ty.clone()));
            }
        }
        if gives_right(join.kind) {
            for (place, (id, ty)) in right.schema.iter().enumerate() {
                if needed.contains(*id) {
                    emit.push(Emit::Right(place));
                    schema.push((*id, ty.clone()));
                }
            }
        }
        if let JoinKind::Mark(id) = join.kind {
            emit.push(Emit::Mark);
            schema.push((id, Type::Boolean));
        }
        let pairs = pair_layout(&left.schema, &right.schema);
        let compiled_residual = self.compile_all(&residual, &pairs)?;
        let by_index = match join.kind {
            JoinKind::Inner
            | JoinKind::Left
            | JoinKind::Semi
            | JoinKind::Anti
            | JoinKind::Single => self.index_reader(right_plan, &right.schema, &key_exprs)?,
            JoinKind::Right | JoinKind::Full | JoinKind::NullAwareAnti | JoinKind::Mark(_) => None,
        };
        let rows = estimate(join.kind, left.rows, right.rows, !keys.is_empty());
        let indexed = by_index.is_some();
        let operator = Join::new(
            join.kind,
            (left.operator, super::super::types(&left.schema)),
            RightSide {
                operator: right.operator,
                schema: right.schema,
                by_index,
                null_aware,
            },
            keys,
            compiled_residual,
            emit,
        );
        let name = match (join.kind, key_exprs.is_empty()) {
            (JoinKind::Inner, true) => "Nested Loop",
            (JoinKind::Inner, false) => "Hash Join",
            (JoinKind::Left, _) => "Left Join",
            (JoinKind::Right, _) => "Right Join",
            (JoinKind::Full, _) => "Full Join",
            (JoinKind::Semi, _) => "Semi Join",
            (JoinKind::Anti | JoinKind::NullAwareAnti, _) => "Anti Join",
            (JoinKind::Mark(_), _) => "Mark Join",
            (JoinKind::Single, _) => "Single Join",
        };
        let nodes = left.node.into_iter().chain(right.node);
        Ok(self.built(name, operator, schema, rows, nodes, || {
            let mut details = Vec::new();
            let conditions: Vec<Expr> = key_exprs
                .iter()
                .map(|(_, _, condition)| (*condition).clone())
                .collect();
            if !conditions.is_empty() {
                details.push(("Keys".into(), self.texts(&conditions)));
            }
            if !residual.is_empty() {
                details.push(("Condition".into(), self.texts(&residual)));
            }
            if indexed {
                details.push(("Index".into(), "used when the other side is small".into()));
            }
            details
        }))
    }

    /// A reader for the kept side, if it is a stored table with an index on join keys.
    fn index_reader(
        &self,
        plan: &Plan,
        schema: &super::Schema,
        keys: &[(&Expr, &Expr, &Expr)],
    ) -> Result<Option<IndexReader>> {
        let Some((scan, predicates)) = stored(plan) else {
            return Ok(None);
        };
        let Some(table) = self.context.storage.table(&scan.table) else {
            return Ok(None);
        };
        let mut best: Option<(usize, Vec<usize>)> = None;
        for (at, index) in table.indexes().iter().enumerate() {
            let mut used = Vec::new();
            for column in &index.columns {
                let key = keys
                    .iter()
                    .position(|(_, right, _)| stored_column(scan, right) == Some(*column));
                match key {
                    Some(key) => used.push(key),
                    None => break,
                }
            }
            if !used.is_empty() && best.as_ref().is_none_or(|(_, b)| b.len() < used.len()) {
                best = Some((at, used));
            }
        }
        let Some((index, keys)) = best else {
            return Ok(None);
        };
        let predicates: Vec<Expr> = predicates.iter().chain(&scan.predicates).cloned().collect();
        Ok(Some(IndexReader {
            table: table.clone(),
            index,
            keys,
            output: self.scan_output(scan, schema, &predicates)?,
        }))
    }

    /// An index of a scanned table whose first column takes part in an equality.
    fn fitting_index(&self, scan: &Scan, on: &[Expr]) -> Option<usize> {
        let table = self.context.storage.table(&scan.table)?;
        table.indexes().iter().position(|index| {
            on.iter().filter_map(equality_of).any(|(a, b, _)| {
                let first = index.columns.first().copied();
                first.is_some()
                    && (stored_column(scan, a) == first || stored_column(scan, b) == first)
            })
        })
    }

    /// Which groups depend on others: columns of a table all of whose primary key is grouped by.
    pub(super) fn dependent_groups(&self, aggregate: &Aggregate) -> Vec<usize> {
        if aggregate.groups.len() < 2 {
            return Vec::new();
        }
        let grouped = |wanted: ColumnId| {
            aggregate
                .groups
                .iter()
                .position(|(_, expr)| matches!(expr.kind, ExprKind::Column(id) if id == wanted))
        };
        let mut dependent = Vec::new();
        for_each_scan(&aggregate.input, &mut |scan| {
            let key = self
                .context
                .storage
                .catalog()
                .tables
                .get(&scan.table)
                .and_then(|table| table.primary_key.as_ref());
            let Some(key) = key else { return };
            let places: Option<Vec<usize>> = key
                .columns
                .iter()
                .map(|&column| {
                    scan.columns
                        .iter()
                        .find(|(_, stored, _)| *stored == plan::ScanColumn::Stored(column))
                        .and_then(|(id, _, _)| grouped(*id))
                })
                .collect();
            let Some(places) = places else { return };
            for (id, _, _) in &scan.columns {
                if let Some(place) = grouped(*id)
                    && !places.contains(&place)
                {
                    dependent.push(place);
                }
            }
        });
        dependent
    }
}

fn for_each_scan(plan: &Plan, visit: &mut impl FnMut(&Scan)) {
    match plan {
        Plan::Scan(scan) => visit(scan),
        Plan::Filter { input, .. } => for_each_scan(input, visit),
        Plan::Join(join) => {
            for_each_scan(&join.left, visit);
            if gives_right(join.kind) {
                for_each_scan(&join.right, visit);
            }
        }
        // Columns get new names behind these, or rows no longer stand for rows of a table.
        Plan::Project { .. }
        | Plan::Values { .. }
        | Plan::TableFunction { .. }
        | Plan::Aggregate(_)
        | Plan::Window(_)
        | Plan::Distinct { .. }
        | Plan::DistinctOn { .. }
        | Plan::Sort { .. }
        | Plan::Limit { .. }
        | Plan::SetOperation(_)
        | Plan::With { .. }
        | Plan::CteScan { .. } => {}
    }
}

/// A stored table, with the filter right above it.
fn stored(plan: &Plan) -> Option<(&Scan, &[Expr])> {
    match plan {
        Plan::Scan(scan) => Some((scan, &[])),
        Plan::Filter { input, predicates } => match input.as_ref() {
            Plan::Scan(scan) => Some((scan, predicates)),
            _ => None,
        },
        _ => None,
    }
}

/// The stored column that an expression reads, looked at through casts that change nothing.
pub(super) fn stored_column(scan: &Scan, expr: &Expr) -> Option<usize> {
    match &expr.kind {
        ExprKind::Column(id) => scan
            .columns
            .iter()
            .find_map(|(own, column, _)| match column {
                plan::ScanColumn::Stored(place) if own == id => Some(*place),
                _ => None,
            }),
        ExprKind::Cast(inner, _) if keeps_values(&inner.ty, &expr.ty) => stored_column(scan, inner),
        _ => None,
    }
}

/// Whether a cast changes no value and no order.
fn keeps_values(from: &Type, to: &Type) -> bool {
    match (from, to) {
        (Type::SmallInt, Type::Integer | Type::BigInt)
        | (Type::Integer, Type::BigInt)
        | (Type::Varchar(_), Type::Text | Type::Varchar(None))
        | (Type::Text, Type::Varchar(None))
        | (Type::Numeric(_), Type::Numeric(None)) => true,
        _ => from == to,
    }
}

/// The two sides of an equality and how alike they have to be.
fn equality_of(condition: &Expr) -> Option<(&Expr, &Expr, KeyEquality)> {
    match &condition.kind {
        ExprKind::Compare(Comparison::Eq, a, b) => Some((a, b, KeyEquality::Equal)),
        ExprKind::Compare(Comparison::NotDistinct, a, b) => Some((a, b, KeyEquality::NullSafe)),
        ExprKind::Test(inner, Test::True) => match &inner.kind {
            ExprKind::Compare(Comparison::Eq, a, b) => Some((a, b, KeyEquality::Strict)),
            _ => None,
        },
        _ => None,
    }
}

/// Row values are compared field by field and make no key.
fn is_row(ty: &Type) -> bool {
    matches!(ty, Type::Record(_))
}

/// About how many rows a join gives.
fn estimate(kind: JoinKind, left: f64, right: f64, keyed: bool) -> f64 {
    let pairs = if keyed { left.max(right) } else { left * right };
    match kind {
        JoinKind::Inner => pairs,
        JoinKind::Left | JoinKind::Single => pairs.max(left),
        JoinKind::Right => pairs.max(right),
        JoinKind::Full => pairs.max(left + right),
        JoinKind::Semi | JoinKind::Anti | JoinKind::NullAwareAnti => left * 0.5,
        JoinKind::Mark(_) => left,
    }
}

/// A table that is in the plan but not in the storage.
pub(super) fn no_table(name: &Arc<str>) -> Box<crate::base::Diagnostic> {
    broken(&format!("there is no table \"{name}\""))
}
