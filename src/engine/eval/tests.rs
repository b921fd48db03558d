//! Runs the cases of `cases.txt`: as constants, and again with literals moved into columns, so
//! that the loops over batches must give what the folding of constants gives.

use super::{Compiled, Context, Layout, evaluate_constant};
use crate::base::{Batch, Column, Result, Type, Value};
use crate::engine::bind::{BindContext, bind_query};
use crate::engine::catalog::Catalog;
use crate::engine::expr::{ColumnId, Expr, ExprKind};
use crate::engine::plan::Plan;
use std::sync::Arc;

const CASES: &str = include_str!("cases.txt");

/// 2026-03-01 12:00:00.
const NOW: i64 = 1_772_366_400_000_000;

fn bound(expression: &str) -> Result<Expr> {
    let query = crate::sql::parse_query(&format!("SELECT ({expression})::text"))?;
    let catalog = Catalog::default();
    let context = BindContext {
        catalog: &catalog,
        parameters: &[],
        now: NOW,
    };
    let query = bind_query(&query, &context)?;
    match query.plan {
        Plan::Project { columns, .. } => {
            let mut columns = columns.into_iter();
            match columns.next() {
                Some((_, expr)) => Ok(expr),
                None => Ok(Expr::literal(Value::text("no column"), Type::Text)),
            }
        }
        plan => Ok(Expr::literal(Value::text(format!("{plan:?}")), Type::Text)),
    }
}

fn shown(value: Result<Value>) -> String {
    match value {
        Ok(Value::Null) => "NULL".to_owned(),
        Ok(value) => value.to_text(&Type::Text),
        Err(error) => error.to_string(),
    }
}

fn context() -> Context<'static> {
    Context {
        now: NOW,
        ..Context::default()
    }
}

/// Moves literals out of an expression into columns.
struct Mover {
    columns: Vec<(Value, Type)>,
    seen: usize,
    wanted: fn(usize) -> bool,
}

impl Mover {
    fn all(&mut self, exprs: &mut [Expr]) {
        for expr in exprs {
            self.one(expr);
        }
    }

    fn one(&mut self, expr: &mut Expr) {
        match &mut expr.kind {
            ExprKind::Literal(value) => {
                self.seen += 1;
                if !value.is_null() && (self.wanted)(self.seen) {
                    let id = ColumnId(self.columns.len() as u32);
                    self.columns.push((value.clone(), expr.ty.clone()));
                    expr.kind = ExprKind::Column(id);
                }
            }
            ExprKind::Column(_) | ExprKind::Parameter(_) | ExprKind::Subquery(_) => {}
            ExprKind::Call(_, arguments) => self.all(arguments),
            ExprKind::And(parts)
            | ExprKind::Or(parts)
            | ExprKind::Coalesce(parts)
            | ExprKind::Array(parts)
            | ExprKind::Row(parts) => self.all(parts),
            ExprKind::Cast(inner, _) | ExprKind::Not(inner) | ExprKind::Test(inner, _) => {
                self.one(inner);
            }
            ExprKind::Compare(_, left, right) => {
                self.one(left);
                self.one(right);
            }
            ExprKind::InList { operand, list, .. } => {
                self.one(operand);
                self.all(list);
            }
            ExprKind::Quantified { operand, array, .. } => {
                self.one(operand);
                self.one(array);
            }
            ExprKind::Case {
                branches,
                otherwise,
            } => {
                for (condition, result) in branches {
                    self.one(condition);
                    self.one(result);
                }
                if let Some(expr) = otherwise {
                    self.one(expr);
                }
            }
        }
    }
}

/// The value in the first and the last of three rows, between which all columns are NULL.
fn over_columns(mut expr: Expr, wanted: fn(usize) -> bool) -> Option<Result<(Value, Value)>> {
    let mut mover = Mover {
        columns: Vec::new(),
        seen: 0,
        wanted,
    };
    mover.one(&mut expr);
    if mover.columns.is_empty() {
        return None;
    }
    let columns = mover
        .columns
        .iter()
        .map(|(value, ty)| {
            let values = [value.clone(), Value::Null, value.clone()];
            Arc::new(Column::from_values(&values, ty))
        })
        .collect();
    let batch = Batch { columns, rows: 3 };
    let layout = Layout::new((0..mover.columns.len() as u32).map(ColumnId));
    let run = || {
        let compiled = Compiled::new(&expr, &layout, &context())?;
        let column = compiled.evaluate(&batch, &context())?;
        Ok((column.value(0, &Type::Text), column.value(2, &Type::Text)))
    };
    Some(run())
}

#[test]
fn expressions_give_what_postgresql_gives() {
    let mut wrong = Vec::new();
    let mut count = 0;
    for line in CASES.lines() {
        let Some((expression, expected)) = line.split_once(" => ") else {
            assert!(line.is_empty() || line.starts_with('#'), "no case: {line}");
            continue;
        };
        count += 1;
        let expr = match bound(expression) {
            Ok(expr) => expr,
            Err(error) => {
                if error.to_string() != expected {
                    wrong.push(format!("{expression}\n  is   {expected}\n  here {error}"));
                }
                continue;
            }
        };
        let answer = shown(evaluate_constant(&expr, &context()));
        if answer != expected {
            wrong.push(format!("{expression}\n  is   {expected}\n  here {answer}"));
            continue;
        }
        type Choice = fn(usize) -> bool;
        let modes: [(&str, Choice); 3] = [
            ("all literals", |_| true),
            ("even literals", |n| n % 2 == 0),
            ("odd literals", |n| n % 2 == 1),
        ];
        for (mode, wanted) in modes {
            let Some(result) = over_columns(expr.clone(), wanted) else {
                continue;
            };
            let (first, last) = match result {
                Ok((first, last)) => (shown(Ok(first)), shown(Ok(last))),
                Err(error) => (error.to_string(), error.to_string()),
            };
            if first != expected || last != expected {
                wrong.push(format!(
                    "{expression} with {mode} in columns\n  is   {expected}\n  here {first} and {last}"
                ));
            }
        }
    }
    assert!(count > 400, "only {count} cases were read");
    assert!(
        wrong.is_empty(),
        "{} of {count} are wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}
