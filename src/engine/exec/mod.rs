//! Runs a plan: physical operators that hand batches of columns to each other.
//!
//! [`physical`] turns a logical plan into operators; each file below holds one operator. Every
//! operator gives its columns in the order of its schema, asks the budget at every batch, and
//! books what it keeps. Knows plans, storage and compiled expressions; never text and never
//! GlueSQL.

pub mod aggregate;
pub mod build;
pub mod cte;
pub mod distinct;
pub mod enough;
pub mod explain;
pub mod filter;
pub mod join;
pub mod keys;
pub mod limit;
pub mod order;
pub mod physical;
pub mod scan;
pub mod set_operation;
pub mod sort;
pub mod table_function;
pub mod values;
pub mod window;

use crate::base::{Batch, Column, Field, Result, ResultSet, Type};
use crate::engine::budget::Budget;
use crate::engine::eval;
use crate::engine::expr::ColumnId;
use crate::engine::plan::CteId;
use crate::engine::statement::Query;
use crate::engine::storage::Storage;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

/// What a running statement reads.
pub struct Context<'a> {
    /// The rows, as they are for this statement.
    pub storage: &'a Storage,
    /// What expressions need: now, parameters, sequences.
    pub eval: eval::Context<'a>,
    /// Time and memory.
    pub budget: &'a Budget,
    /// The common table expressions and the rows they have given so far.
    ctes: RefCell<BTreeMap<CteId, Rc<cte::CteRows>>>,
}

impl<'a> Context<'a> {
    /// A context for one statement.
    pub fn new(storage: &'a Storage, eval: eval::Context<'a>, budget: &'a Budget) -> Self {
        Self {
            storage,
            eval,
            budget,
            ctes: RefCell::default(),
        }
    }
}

/// A physical operator. `next` gives batches until there are no more; none of them is empty.
pub trait Operator {
    /// The next rows, or none.
    fn next(&mut self, context: &Context<'_>) -> Result<Option<Batch>>;
}

/// The columns an operator gives, left to right.
pub type Schema = Vec<(ColumnId, Type)>;

/// About how many rows operators put into one batch.
pub const BATCH_ROWS: usize = 4096;

/// Runs a query to its end.
pub fn run(query: &Query, context: &Context<'_>) -> Result<ResultSet> {
    let mut root = physical::build(&query.plan, &query.columns, context)?;
    let batches = drain(root.operator.as_mut(), context)?;
    Ok(ResultSet {
        fields: query.fields.clone(),
        batches: arrange(batches, &root.schema, &query.columns),
    })
}

/// All batches of an operator; their memory stays booked.
fn drain(operator: &mut dyn Operator, context: &Context<'_>) -> Result<Vec<Batch>> {
    let mut batches = Vec::new();
    while let Some(batch) = operator.next(context)? {
        context.budget.check()?;
        context.budget.take(batch_bytes(&batch))?;
        batches.push(batch);
    }
    Ok(batches)
}

/// Brings columns into the wanted order; a column may be wanted twice.
fn arrange(batches: Vec<Batch>, schema: &Schema, wanted: &[ColumnId]) -> Vec<Batch> {
    if schema.len() == wanted.len() && schema.iter().zip(wanted).all(|((id, _), w)| id == w) {
        return batches;
    }
    let places: Vec<usize> = wanted
        .iter()
        .filter_map(|id| schema.iter().position(|(known, _)| known == id))
        .collect();
    batches
        .into_iter()
        .map(|batch| Batch {
            columns: pick(&batch.columns, &places),
            rows: batch.rows,
        })
        .collect()
}

/// The columns at `places`.
fn pick(columns: &[Arc<Column>], places: &[usize]) -> Vec<Arc<Column>> {
    places
        .iter()
        .filter_map(|&at| columns.get(at).cloned())
        .collect()
}

/// The rows at `rows` of every column, in that order.
fn take(batch: &Batch, rows: &[u32]) -> Batch {
    Batch {
        columns: batch
            .columns
            .iter()
            .map(|column| Arc::new(column.take(rows)))
            .collect(),
        rows: rows.len(),
    }
}

/// All rows of several batches as one batch of `schema`.
fn concat(batches: &[Batch], schema: &Schema) -> Batch {
    if let [batch] = batches {
        return batch.clone();
    }
    let rows = batches.iter().map(|batch| batch.rows).sum();
    let columns = schema
        .iter()
        .enumerate()
        .map(|(at, (_, ty))| {
            let parts: Vec<Arc<Column>> = batches
                .iter()
                .filter_map(|batch| batch.columns.get(at).cloned())
                .collect();
            Arc::new(Column::concat(&parts, ty))
        })
        .collect();
    Batch { columns, rows }
}

/// Rows `start..end` of a batch.
fn slice(batch: &Batch, start: usize, end: usize) -> Batch {
    let end = end.min(batch.rows);
    let start = start.min(end);
    if start == 0 && end == batch.rows {
        return batch.clone();
    }
    Batch {
        columns: batch
            .columns
            .iter()
            .map(|column| Arc::new(column.slice(start, end)))
            .collect(),
        rows: end - start,
    }
}

/// Bytes of a batch, columns that are shared counted in full.
fn batch_bytes(batch: &Batch) -> usize {
    batch.columns.iter().map(|column| column.bytes()).sum()
}

/// The layout of a schema, for compiling expressions over it.
fn layout(schema: &Schema) -> eval::Layout {
    eval::Layout::new(schema.iter().map(|(id, _)| *id))
}

/// Fields of a schema without names, where only types matter.
fn types(schema: &Schema) -> Vec<Type> {
    schema.iter().map(|(_, ty)| ty.clone()).collect()
}

/// A result without rows.
pub fn empty_result(fields: Vec<Field>) -> ResultSet {
    ResultSet {
        fields,
        batches: Vec::new(),
    }
}
