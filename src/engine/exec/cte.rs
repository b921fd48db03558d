//! Common table expressions: computed once and no further than they are read, read as often as
//! the query says.

use super::keys::{KeyEncoder, KeyTable};
use super::physical::build;
use super::{Context, Operator, Schema, arrange, batch_bytes, drain, pick, take};
use crate::base::diagnostic::sqlstate;
use crate::base::{Batch, Diagnostic, Result, Type};
use crate::engine::expr::ColumnId;
use crate::engine::plan::{Cte, CteId, Distinctness};
use std::cell::RefCell;
use std::rc::Rc;

/// A common table expression and the rows it has given so far: rows are computed when they are
/// read, so what nobody reads costs nothing and an endless recursion ends where its reader does.
pub struct CteRows {
    state: RefCell<State>,
}

struct State {
    rows: Vec<Batch>,
    source: Source,
}

/// Where more rows come from.
enum Source {
    /// Nothing was read yet.
    Start(Box<(Cte, Vec<Type>)>),
    /// The operator of a query that is no recursion.
    Plain(Box<dyn Operator>, Schema, Vec<ColumnId>),
    /// The rounds of a recursion: the rows of the last one.
    Rounds(Box<(Cte, Seen, Vec<Batch>)>),
    /// There are no more.
    End,
}

impl CteRows {
    fn new(cte: Cte, types: Vec<Type>) -> Self {
        Self {
            state: RefCell::new(State {
                rows: Vec::new(),
                source: Source::Start(Box::new((cte, types))),
            }),
        }
    }

    /// Rows that are there already: a round of a recursion.
    fn ready(rows: Vec<Batch>) -> Self {
        Self {
            state: RefCell::new(State {
                rows,
                source: Source::End,
            }),
        }
    }

    /// The batch of a number, computed if it was not read before.
    fn batch(&self, number: usize, context: &Context<'_>) -> Result<Option<Batch>> {
        let mut state = self.state.try_borrow_mut().map_err(|_| reads_itself())?;
        loop {
            if let Some(batch) = state.rows.get(number) {
                return Ok(Some(batch.clone()));
            }
            if !state.more(context)? {
                return Ok(None);
            }
        }
    }
}

/// The binder refuses what would come here.
fn reads_itself() -> Box<Diagnostic> {
    Diagnostic::error(
        sqlstate::INTERNAL_ERROR,
        "a common table expression reads itself outside of its recursion",
    )
}

impl State {
    /// Computes some more rows; false when there are none.
    fn more(&mut self, context: &Context<'_>) -> Result<bool> {
        context.budget.check()?;
        match std::mem::replace(&mut self.source, Source::End) {
            Source::End => Ok(false),
            Source::Start(start) => {
                let (cte, types) = *start;
                match &cte.recursion {
                    None => {
                        let built = build(&cte.plan, &cte.columns, context)?;
                        self.source = Source::Plain(built.operator, built.schema, cte.columns);
                    }
                    Some(recursion) => {
                        let mut seen = Seen::new(types);
                        let first = rows_of(&cte.plan, &cte.columns, context)?;
                        let round = seen.new_rows(first, recursion.distinct);
                        self.rows.extend(round.iter().cloned());
                        self.source = Source::Rounds(Box::new((cte, seen, round)));
                    }
                }
                Ok(true)
            }
            Source::Plain(mut operator, schema, columns) => {
                let Some(batch) = operator.next(context)? else {
                    return Ok(false);
                };
                context.budget.take(batch_bytes(&batch))?;
                let batches = arrange(vec![batch], &schema, &columns);
                self.rows
                    .extend(batches.into_iter().filter(|batch| batch.rows > 0));
                self.source = Source::Plain(operator, schema, columns);
                Ok(true)
            }
            Source::Rounds(rounds) => {
                let (cte, mut seen, round) = *rounds;
                let Some(recursion) = cte.recursion.as_ref().filter(|_| !round.is_empty()) else {
                    return Ok(false);
                };
                // Inside the recursive part the name means the round before.
                let before = context
                    .ctes
                    .borrow_mut()
                    .insert(cte.id, Rc::new(CteRows::ready(round)));
                let next = rows_of(&recursion.plan, &recursion.columns, context);
                if let Some(before) = before {
                    context.ctes.borrow_mut().insert(cte.id, before);
                }
                let round = seen.new_rows(next?, recursion.distinct);
                self.rows.extend(round.iter().cloned());
                self.source = Source::Rounds(Box::new((cte, seen, round)));
                Ok(true)
            }
        }
    }
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

    /// The rows that count: all of them, or those that were not seen before.
    fn new_rows(&mut self, batches: Vec<Batch>, distinct: Distinctness) -> Vec<Batch> {
        match distinct {
            Distinctness::All => batches,
            Distinctness::Distinct => self.keep_new(batches),
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
    /// The expression, once opened, and the number of the next batch.
    pub rows: Option<Rc<CteRows>>,
    /// The number of the next batch.
    pub next: usize,
}

impl Operator for CteScan {
    fn next(&mut self, context: &Context<'_>) -> Result<Option<Batch>> {
        if self.rows.is_none() {
            self.rows = context.ctes.borrow().get(&self.cte).cloned();
        }
        let Some(rows) = &self.rows else {
            return Ok(None);
        };
        let batch = rows.batch(self.next, context)?;
        self.next += 1;
        Ok(batch.map(|batch| Batch {
            columns: pick(&batch.columns, &self.places),
            rows: batch.rows,
        }))
    }
}

/// Puts common table expressions where the query that reads them finds them.
pub struct With {
    /// Still to put there, in order, with the types of their columns.
    pub ctes: Vec<(Cte, Vec<Type>)>,
    /// The query.
    pub body: Box<dyn Operator>,
}

impl Operator for With {
    fn next(&mut self, context: &Context<'_>) -> Result<Option<Batch>> {
        for (cte, types) in std::mem::take(&mut self.ctes) {
            let id = cte.id;
            let rows = Rc::new(CteRows::new(cte, types));
            context.ctes.borrow_mut().insert(id, rows);
        }
        self.body.next(context)
    }
}
