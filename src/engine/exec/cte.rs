//! Common table expressions: computed once, read as often as the query says.

use super::keys::{KeyEncoder, KeyTable};
use super::physical::build;
use super::values::Batches;
use super::{Context, Operator, arrange, batch_bytes, drain, pick, take};
use crate::base::{Batch, Result, Type};
use crate::engine::expr::ColumnId;
use crate::engine::plan::{Cte, CteId, Distinctness};
use std::rc::Rc;

/// Computes a common table expression and keeps its rows in the context.
pub fn compute(cte: &Cte, types: &[Type], context: &Context<'_>) -> Result<()> {
    let first = rows_of(&cte.plan, &cte.columns, context)?;
    let Some(recursion) = &cte.recursion else {
        context.ctes.borrow_mut().insert(cte.id, Rc::new(first));
        return Ok(());
    };
    let mut seen = Seen::new(types.to_vec());
    let keep_new = |seen: &mut Seen, batches: Vec<Batch>| match recursion.distinct {
        Distinctness::All => batches,
        Distinctness::Distinct => seen.keep_new(batches),
    };
    let mut round = keep_new(&mut seen, first);
    let mut all = round.clone();
    while !round.is_empty() {
        context.budget.check()?;
        context.ctes.borrow_mut().insert(cte.id, Rc::new(round));
        let next = rows_of(&recursion.plan, &recursion.columns, context)?;
        round = keep_new(&mut seen, next);
        all.extend(round.iter().cloned());
    }
    context.ctes.borrow_mut().insert(cte.id, Rc::new(all));
    Ok(())
}

fn rows_of(
    plan: &crate::engine::plan::Plan,
    columns: &[ColumnId],
    context: &Context<'_>,
) -> Result<Vec<Batch>> {
    let mut built = build(plan, columns, context)?;
    let batches = drain(built.operator.as_mut(), context)?;
    let batches = arrange(batches, &built.schema, columns);
    Ok(batches.into_iter().filter(|batch| batch.rows > 0).collect())
}

/// The rows that a recursion has given so far.
struct Seen {
    types: Vec<Type>,
    encoder: KeyEncoder,
    table: KeyTable,
}

impl Seen {
    fn new(types: Vec<Type>) -> Self {
        Self {
            encoder: KeyEncoder::new(types.len()),
            table: KeyTable::new(types.len()),
            types,
        }
    }

    fn keep_new(&mut self, batches: Vec<Batch>) -> Vec<Batch> {
        let mut kept = Vec::new();
        for batch in batches {
            let words = self.encoder.encode(&batch.columns, &self.types, batch.rows);
            let mut known = self.table.len() as u32;
            let mut new = Vec::new();
            for (row, number) in self
                .table
                .insert_all(&words, batch.rows)
                .into_iter()
                .enumerate()
            {
                if number >= known {
                    known = number + 1;
                    new.push(row as u32);
                }
            }
            if !new.is_empty() {
                kept.push(take(&batch, &new));
            }
        }
        kept
    }
}

/// Reads the rows of a common table expression.
pub struct CteScan {
    /// Which one.
    pub cte: CteId,
    /// Which of its columns.
    pub places: Vec<usize>,
    /// The rows, once opened.
    pub rows: Option<Batches>,
}

impl Operator for CteScan {
    fn next(&mut self, context: &Context<'_>) -> Result<Option<Batch>> {
        if self.rows.is_none() {
            let rows = context.ctes.borrow().get(&self.cte).cloned();
            let batches: Vec<Batch> = rows
                .iter()
                .flat_map(|rows| rows.iter())
                .map(|batch| Batch {
                    columns: pick(&batch.columns, &self.places),
                    rows: batch.rows,
                })
                .collect();
            context
                .budget
                .take(batches.iter().map(|_| 64).sum::<usize>())?;
            self.rows = Some(Batches::new(batches));
        }
        match &mut self.rows {
            Some(rows) => rows.next(context),
            None => Ok(None),
        }
    }
}

/// Computes common table expressions before the query that reads them.
pub struct With {
    /// Still to compute, in order, with the types of their columns.
    pub ctes: Vec<(Cte, Vec<Type>)>,
    /// The query.
    pub body: Box<dyn Operator>,
}

impl Operator for With {
    fn next(&mut self, context: &Context<'_>) -> Result<Option<Batch>> {
        for (cte, types) in std::mem::take(&mut self.ctes) {
            compute(&cte, &types, context)?;
        }
        self.body.next(context)
    }
}

/// Bytes of some batches.
pub fn bytes(batches: &[Batch]) -> usize {
    batches.iter().map(batch_bytes).sum()
}
