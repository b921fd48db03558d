//! LIMIT beneath a dependent join: so many rows for each set of outer values.

use super::super::unnest::refused;
use super::Pusher;
use crate::base::{Result, Type, Value};
use crate::engine::expr::{ColumnId, Comparison, Expr, ExprKind};
use crate::engine::plan::{
    Frame, FrameBound, FrameExclusion, FrameUnit, Plan, SortKey, Window, WindowCall, WindowFunction,
};

impl Pusher<'_> {
    /// A limit holds for every set of values: rows are numbered within it.
    pub(super) fn push_limit(
        &mut self,
        input: Plan,
        limit: Option<Expr>,
        offset: Option<Expr>,
        ties: Option<Vec<SortKey>>,
        columns: &[(ColumnId, Type)],
    ) -> Result<Plan> {
        let (below, order_by) = match input {
            Plan::Sort { input, keys } => (*input, keys),
            // The projection of the select list may stand between; the keys may read below it.
            Plan::Project {
                input,
                columns: projected,
            } => match *input {
                Plan::Sort { input, keys } => {
                    let mut kept = projected;
                    let mut sort_keys = Vec::new();
                    for key in keys {
                        let id = self.ids.fresh();
                        let ty = key.expr.ty.clone();
                        kept.push((id, key.expr));
                        sort_keys.push(SortKey {
                            expr: Expr::column(id, ty),
                            direction: key.direction,
                            nulls: key.nulls,
                        });
                    }
                    (
                        Plan::Project {
                            input,
                            columns: kept,
                        },
                        sort_keys,
                    )
                }
                other => (
                    Plan::Project {
                        input: Box::new(other),
                        columns: projected,
                    },
                    Vec::new(),
                ),
            },
            other => (other, Vec::new()),
        };
        let pushed = self.push(below, columns)?;
        let number = self.ids.fresh();
        let function = if ties.is_some() {
            WindowFunction::Rank
        } else {
            WindowFunction::RowNumber
        };
        let window = Plan::Window(Box::new(Window {
            input: pushed,
            partition_by: columns
                .iter()
                .map(|(id, ty)| Expr::column(*id, ty.clone()))
                .collect(),
            order_by,
            frame: Frame {
                unit: FrameUnit::Range,
                start: FrameBound::UnboundedPreceding,
                end: FrameBound::CurrentRow,
                exclude: FrameExclusion::NoOthers,
            },
            calls: vec![(
                number,
                WindowCall {
                    function,
                    arguments: Vec::new(),
                    filter: None,
                    ty: Type::BigInt,
                    span: None,
                },
            )],
        }));
        let row = || Expr::column(number, Type::BigInt);
        let compare = |comparison, right: Expr| {
            Expr::new(
                ExprKind::Compare(comparison, Box::new(row()), Box::new(right)),
                Type::Boolean,
            )
        };
        let offset_rows = match offset.as_ref().map(|offset| &offset.kind) {
            None | Some(ExprKind::Literal(Value::Null)) => 0,
            Some(ExprKind::Literal(Value::Int(rows))) if *rows >= 0 => *rows,
            Some(_) => {
                return Err(refused(
                    "OFFSET of this form in a subquery that reads an outer query",
                    offset.and_then(|offset| offset.span),
                ));
            }
        };
        let mut conditions = Vec::new();
        if offset_rows > 0 {
            conditions.push(compare(
                Comparison::Gt,
                Expr::literal(Value::Int(offset_rows), Type::BigInt),
            ));
        }
        match limit.as_ref().map(|limit| &limit.kind) {
            None | Some(ExprKind::Literal(Value::Null)) => {}
            Some(ExprKind::Literal(Value::Int(rows))) if *rows >= 0 => {
                conditions.push(compare(
                    Comparison::LtEq,
                    Expr::literal(Value::Int(rows.saturating_add(offset_rows)), Type::BigInt),
                ));
            }
            Some(_) => {
                return Err(refused(
                    "LIMIT of this form in a subquery that reads an outer query",
                    limit.and_then(|limit| limit.span),
                )
                .hint("Write the number of rows as a number."));
            }
        }
        Ok(window.filter(conditions))
    }
}
