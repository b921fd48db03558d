//! Evaluation for some rows only: CASE, COALESCE, and predicates that narrow a batch step by step.

use super::node::{Kind, Node};
use super::{Context, Operand, Selection, true_rows};
use crate::base::{Batch, Column, Result, Type, Value};
use std::sync::Arc;

/// The rows of a batch, with the columns that a node reads; the others stay empty.
pub fn restricted(batch: &Batch, node: &Node, rows: &[u32]) -> Batch {
    let empty = Arc::new(Column::nulls(0, &Type::Unknown));
    let mut columns = vec![empty; batch.columns.len()];
    for &place in &node.places {
        if let (Some(slot), Some(column)) = (columns.get_mut(place), batch.columns.get(place)) {
            *slot = Arc::new(column.take(rows));
        }
    }
    Batch {
        columns,
        rows: rows.len(),
    }
}

/// A result for some rows.
pub enum Partial {
    /// It was computed for all rows of the batch, in vain for the others.
    Whole(Operand),
    /// One value for each of the rows.
    Chosen(Operand),
}

/// Evaluates for the given rows. When most rows are wanted all of them are computed, since that
/// copies nothing; should one of the others fail, the wanted ones are computed alone.
pub fn evaluate_rows(
    node: &Node,
    batch: &Batch,
    rows: &[u32],
    context: &Context<'_>,
) -> Result<Partial> {
    if node.constant().is_some() || rows.len() == batch.rows {
        return node.evaluate(batch, context).map(Partial::Whole);
    }
    if !node.is_effectful()
        && rows.len() * 4 >= batch.rows
        && let Ok(operand) = node.evaluate(batch, context)
    {
        return Ok(Partial::Whole(operand));
    }
    node.evaluate(&restricted(batch, node, rows), context)
        .map(Partial::Chosen)
}

/// The rows for which a predicate is true. The parts of an AND narrow the batch one by one.
pub fn select(node: &Node, batch: &Batch, context: &Context<'_>) -> Result<Selection> {
    let Kind::And(parts) = &node.kind else {
        return Ok(true_rows(&node.evaluate(batch, context)?, batch.rows));
    };
    let mut kept = Selection::All;
    for part in parts {
        kept = match kept {
            Selection::All => select(part, batch, context)?,
            Selection::Rows(rows) if rows.is_empty() => return Ok(Selection::Rows(rows)),
            Selection::Rows(rows) => match evaluate_rows(part, batch, &rows, context)? {
                Partial::Whole(operand) => match true_rows(&operand, batch.rows) {
                    Selection::All => Selection::Rows(rows),
                    Selection::Rows(also) => Selection::Rows(common(&rows, &also)),
                },
                Partial::Chosen(operand) => match true_rows(&operand, rows.len()) {
                    Selection::All => Selection::Rows(rows),
                    Selection::Rows(places) => Selection::Rows(
                        places
                            .iter()
                            .filter_map(|&at| rows.get(at as usize).copied())
                            .collect(),
                    ),
                },
            },
        };
    }
    Ok(kept)
}

/// What two ascending lists share.
fn common(a: &[u32], b: &[u32]) -> Vec<u32> {
    let mut shared = Vec::with_capacity(a.len().min(b.len()));
    let mut others = b.iter().peekable();
    for &row in a {
        while others.next_if(|&&other| other < row).is_some() {}
        if others.next_if_eq(&&row).is_some() {
            shared.push(row);
        }
    }
    shared
}

/// A column put together from results for different rows.
struct Mosaic {
    pieces: Vec<Arc<Column>>,
    /// For each row of the batch, its place in the pieces one behind the other.
    places: Vec<u32>,
    filled: u32,
}

impl Mosaic {
    fn new(rows: usize) -> Self {
        Self {
            pieces: Vec::new(),
            places: vec![u32::MAX; rows],
            filled: 0,
        }
    }

    fn add(&mut self, rows: &[u32], partial: Partial, ty: &Type) {
        if rows.is_empty() {
            return;
        }
        let (column, whole) = match partial {
            Partial::Whole(Operand::Constant(value))
            | Partial::Chosen(Operand::Constant(value)) => {
                if value.is_null() {
                    return;
                }
                for &row in rows {
                    self.set(row, self.filled);
                }
                self.push(Arc::new(Column::constant(&value, 1, ty)));
                return;
            }
            Partial::Whole(Operand::Column(column)) => (column, true),
            Partial::Chosen(Operand::Column(column)) => (column, false),
        };
        for (&row, nth) in rows.iter().zip(0_u32..) {
            self.set(row, self.filled + if whole { row } else { nth });
        }
        self.push(column);
    }

    fn set(&mut self, row: u32, place: u32) {
        if let Some(slot) = self.places.get_mut(row as usize) {
            *slot = place;
        }
    }

    fn push(&mut self, piece: Arc<Column>) {
        self.filled += piece.len() as u32;
        self.pieces.push(piece);
    }

    fn finish(self, ty: &Type) -> Operand {
        if self.pieces.is_empty() {
            return Operand::Constant(Value::Null);
        }
        let all = match self.pieces.as_slice() {
            [only] => only.clone(),
            pieces => Arc::new(Column::concat(pieces, ty)),
        };
        Operand::Column(Arc::new(all.take_or_null(&self.places)))
    }
}

/// Splits rows into those in `chosen` (places in `rows`, or rows of the batch) and the others.
fn split(rows: Vec<u32>, partial: &Partial, batch_rows: usize) -> (Vec<u32>, Vec<u32>) {
    match partial {
        Partial::Whole(operand) => match true_rows(operand, batch_rows) {
            Selection::All => (rows, Vec::new()),
            Selection::Rows(chosen) => {
                let mut others = chosen.iter().peekable();
                rows.into_iter().partition(|row| {
                    while others.next_if(|&other| other < row).is_some() {}
                    others.next_if_eq(&row).is_some()
                })
            }
        },
        Partial::Chosen(operand) => match true_rows(operand, rows.len()) {
            Selection::All => (rows, Vec::new()),
            Selection::Rows(places) => {
                let mut chosen = places.iter().peekable();
                let mut at = 0_u32;
                rows.into_iter().partition(|_| {
                    let found = chosen.next_if_eq(&&at).is_some();
                    at += 1;
                    found
                })
            }
        },
    }
}

/// `CASE`: each branch for the rows that reach it.
pub fn case(
    branches: &[(Node, Node)],
    otherwise: Option<&Node>,
    ty: &Type,
    batch: &Batch,
    context: &Context<'_>,
) -> Result<Operand> {
    let mut open: Vec<u32> = (0..batch.rows as u32).collect();
    let mut mosaic = Mosaic::new(batch.rows);
    for (condition, result) in branches {
        if open.is_empty() {
            break;
        }
        match condition.constant() {
            Some(Value::Bool(true)) if open.len() == batch.rows => {
                return result.evaluate(batch, context);
            }
            Some(Value::Bool(true)) => {
                let rows = std::mem::take(&mut open);
                let partial = evaluate_rows(result, batch, &rows, context)?;
                mosaic.add(&rows, partial, ty);
                continue;
            }
            Some(_) => continue,
            None => {}
        }
        let truth = evaluate_rows(condition, batch, &open, context)?;
        let (taken, rest) = split(open, &truth, batch.rows);
        open = rest;
        if !taken.is_empty() {
            let partial = evaluate_rows(result, batch, &taken, context)?;
            mosaic.add(&taken, partial, ty);
        }
    }
    if let Some(node) = otherwise
        && !open.is_empty()
    {
        if open.len() == batch.rows {
            return node.evaluate(batch, context);
        }
        let partial = evaluate_rows(node, batch, &open, context)?;
        mosaic.add(&open, partial, ty);
    }
    Ok(mosaic.finish(ty))
}

/// `COALESCE`: each part for the rows in which all before it are NULL.
pub fn coalesce(
    parts: &[Node],
    ty: &Type,
    batch: &Batch,
    context: &Context<'_>,
) -> Result<Operand> {
    let mut open: Vec<u32> = (0..batch.rows as u32).collect();
    let mut mosaic = Mosaic::new(batch.rows);
    for part in parts {
        if open.is_empty() {
            break;
        }
        let all = open.len() == batch.rows;
        let partial = evaluate_rows(part, batch, &open, context)?;
        let (filled, rest): (Vec<u32>, Vec<u32>) = match &partial {
            Partial::Whole(Operand::Constant(value))
            | Partial::Chosen(Operand::Constant(value)) => {
                if value.is_null() {
                    continue;
                }
                if all {
                    return Ok(Operand::Constant(value.clone()));
                }
                (std::mem::take(&mut open), Vec::new())
            }
            Partial::Whole(Operand::Column(column)) => {
                if all && column.validity.is_none() {
                    return Ok(Operand::Column(column.clone()));
                }
                open.into_iter()
                    .partition(|&row| !column.is_null(row as usize))
            }
            Partial::Chosen(Operand::Column(column)) => {
                let mut at = 0;
                open.into_iter().partition(|_| {
                    at += 1;
                    !column.is_null(at - 1)
                })
            }
        };
        // A part computed for the open rows alone has places for the rows that stay open too.
        match partial {
            Partial::Chosen(Operand::Column(column)) => {
                let rows: Vec<u32> = (0..column.len() as u32)
                    .filter(|&at| !column.is_null(at as usize))
                    .collect();
                let values = Arc::new(column.take(&rows));
                mosaic.add(&filled, Partial::Chosen(Operand::Column(values)), ty);
            }
            partial => mosaic.add(&filled, partial, ty),
        }
        open = rest;
    }
    Ok(mosaic.finish(ty))
}
