//! Expressions over rows that a write holds in its hands.

use super::Writer;
use crate::base::{Batch, Column, Result, Type, Value};
use crate::engine::eval::{Compiled, Layout};
use crate::engine::expr::{ColumnId, Expr};
use crate::engine::plan::{Direction, Nulls, Plan, SortKey, next_column};
use std::sync::Arc;

impl Writer<'_> {
    /// The values of expressions over rows, a column each. `columns` names the columns of the
    /// batch. Subqueries see the rows as they were before the statement.
    pub(super) fn evaluate(
        &self,
        exprs: &[Expr],
        columns: &[(ColumnId, Type)],
        rows: &Batch,
    ) -> Result<Vec<Arc<Column>>> {
        if !exprs.iter().any(Expr::has_subquery) {
            let layout = Layout::new(columns.iter().map(|(id, _)| *id));
            return exprs
                .iter()
                .map(|expr| Compiled::new(expr, &layout, &self.eval)?.evaluate(rows, &self.eval))
                .collect();
        }
        let draft = Plan::Project {
            input: Box::new(Plan::one_row()),
            columns: exprs
                .iter()
                .map(|expr| (ColumnId(0), expr.clone()))
                .collect(),
        };
        let taken = columns.iter().map(|(id, _)| id.0 + 1).max().unwrap_or(0);
        let free = next_column(&draft).max(taken);
        let (number, first) = (ColumnId(free), free + 1);
        let mut named = columns.to_vec();
        named.push((number, Type::BigInt));
        let cells = (0..rows.rows).map(|row| {
            let cells = columns.iter().zip(&rows.columns);
            let place = Expr::literal(Value::Int(row as i64), Type::BigInt);
            cells
                .map(|((_, ty), column)| Expr::literal(column.value(row, ty), ty.clone()))
                .chain([place])
                .collect()
        });
        let cells = cells.collect();
        let mut projected: Vec<(ColumnId, Expr)> = exprs
            .iter()
            .zip(first..)
            .map(|(expr, id)| (ColumnId(id), expr.clone()))
            .collect();
        let wanted: Vec<ColumnId> = projected.iter().map(|(id, _)| *id).collect();
        projected.push((number, Expr::column(number, Type::BigInt)));
        let plan = Plan::Sort {
            input: Box::new(Plan::Project {
                input: Box::new(Plan::Values {
                    columns: named,
                    rows: cells,
                }),
                columns: projected,
            }),
            keys: vec![SortKey {
                expr: Expr::column(number, Type::BigInt),
                direction: Direction::Ascending,
                nulls: Nulls::Last,
            }],
        };
        let batches = self.source(&plan, &wanted)?;
        let columns = exprs.iter().enumerate().map(|(place, expr)| {
            let parts: Vec<Arc<Column>> = batches
                .iter()
                .filter_map(|batch| batch.columns.get(place).cloned())
                .collect();
            match parts.as_slice() {
                [only] => only.clone(),
                parts => Arc::new(Column::concat(parts, &expr.ty)),
            }
        });
        Ok(columns.collect())
    }
}
