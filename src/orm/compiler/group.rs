//! GROUP BY.

use super::order::OrderKey;
use super::{Column, Compiler, Stop};
use crate::orm::expressions::Expr;
use crate::orm::query::GroupBy;
use crate::orm::sql::Sql;
use std::collections::BTreeSet;

impl Compiler<'_> {
    /// What to group by: the grouping that was asked for, and every selected, ordered or filtered
    /// column that is no aggregate. A primary key stands for all columns of its table.
    pub(super) fn group_by(
        &mut self,
        extra: &[Column],
        order_by: &[OrderKey],
    ) -> std::result::Result<Vec<Sql>, Stop> {
        let mut exprs: Vec<Expr> = Vec::new();
        let mut refs: BTreeSet<String> = BTreeSet::new();
        match &self.query.group_by {
            GroupBy::None => return Ok(Vec::new()),
            GroupBy::Selection => {}
            GroupBy::By(group) => {
                for expr in group {
                    match expr {
                        Expr::Ref(name, source) => {
                            if refs.insert(name.clone()) {
                                exprs.push(source.as_ref().clone());
                            }
                        }
                        other => exprs.push(other.clone()),
                    }
                }
            }
        }
        let mut positions: Vec<(Expr, usize)> = Vec::new();
        for (at, column) in self.select.iter().chain(extra).enumerate() {
            if let Some(alias) = &column.alias {
                positions.push((column.expr.clone(), at + 1));
                if refs.contains(alias) {
                    continue;
                }
            }
            exprs.extend(column.expr.group_by_cols());
        }
        if !self.meta_ordering {
            for key in order_by {
                if !key.is_ref {
                    exprs.extend(key.expr.group_by_cols());
                }
            }
        }
        let having: Vec<Expr> = match &self.having {
            Some(node) => node.children.iter().flat_map(Expr::group_by_cols).collect(),
            None => Vec::new(),
        };
        exprs.extend(having.iter().cloned());
        let exprs = collapse(exprs, &having);
        let mut out: Vec<Sql> = Vec::new();
        for expr in exprs {
            let sql = match self.compile(&expr) {
                Ok(sql) => sql,
                Err(Stop::Empty | Stop::Full) => continue,
                Err(stop) => return Err(stop),
            };
            let sql = match positions.iter().rev().find(|(known, _)| *known == expr) {
                Some((_, at)) => Sql::raw(at.to_string()),
                None => {
                    expr.check_selectable()?;
                    sql
                }
            };
            if !out.contains(&sql) {
                out.push(sql);
            }
        }
        Ok(out)
    }
}

/// Leaves out the columns of tables whose primary key is there.
fn collapse(exprs: Vec<Expr>, having: &[Expr]) -> Vec<Expr> {
    let keys: BTreeSet<String> = exprs
        .iter()
        .filter_map(|expr| match expr {
            Expr::Col(col) if col.target.primary_key => Some(col.alias.clone()),
            _ => None,
        })
        .collect();
    exprs
        .into_iter()
        .filter(|expr| match expr {
            Expr::Col(col) => {
                col.target.primary_key || !keys.contains(&col.alias) || having.contains(expr)
            }
            _ => true,
        })
        .collect()
}
