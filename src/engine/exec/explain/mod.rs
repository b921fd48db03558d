//! EXPLAIN: the operators of a plan as a tree, with what each gave when it ran.

mod text;

use super::{Context, Operator, batch_bytes, drain};
use crate::base::{Batch, Result};
use crate::engine::catalog::Catalog;
use crate::engine::expr::{ColumnId, Expr};
use crate::engine::plan::{AggregateCall, Scan, ScanColumn, SortKey, WindowCall};
use crate::engine::statement::Query;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use web_time::Instant;

/// Whether the statement is run for its figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// `EXPLAIN`
    Plan,
    /// `EXPLAIN ANALYZE`
    Analyze,
}

/// An operator in a drawn plan.
#[derive(Clone, Debug)]
pub struct Node {
    /// What the operator is called.
    pub name: &'static str,
    /// What it works with: a label and a text each.
    pub details: Vec<(String, String)>,
    /// About how many rows were expected.
    pub estimate: f64,
    /// What it gave, when it ran.
    pub measured: Option<Figures>,
    /// Where its rows come from.
    pub children: Vec<Node>,
    measure: Rc<Measure>,
}

/// What an operator gave.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Figures {
    /// Rows given.
    pub rows: u64,
    /// Batches given.
    pub batches: u64,
    /// Milliseconds, its inputs included.
    pub milliseconds: f64,
    /// The largest part of the statement's memory that was booked while it ran, its inputs
    /// included, in bytes.
    pub bytes: u64,
}

/// Counts while an operator runs.
#[derive(Debug, Default)]
pub struct Measure {
    rows: Cell<u64>,
    batches: Cell<u64>,
    seconds: Cell<f64>,
    bytes: Cell<u64>,
}

/// A plan and, after ANALYZE, how long it took.
#[derive(Clone, Debug)]
pub struct Explained {
    /// The topmost operator.
    pub root: Node,
    /// Milliseconds for all of it, after ANALYZE.
    pub milliseconds: Option<f64>,
    /// The most memory booked at any time, in bytes, after ANALYZE.
    pub peak: Option<u64>,
}

/// Draws the plan of a query, and runs it when asked to.
pub fn explain(query: &Query, mode: Mode, context: &Context<'_>) -> Result<Explained> {
    let recorder = Recorder::default();
    let start = Instant::now();
    let mut built =
        super::physical::build_recorded(&query.plan, &query.columns, context, &recorder)?;
    let mut milliseconds = None;
    let mut peak = None;
    if mode == Mode::Analyze {
        drain(built.operator.as_mut(), context)?;
        milliseconds = Some(start.elapsed().as_secs_f64() * 1000.0);
        peak = Some(context.budget.peak() as u64);
    }
    let mut root = built
        .node
        .take()
        .unwrap_or_else(|| Node::new("Result", Vec::new(), 0.0, Vec::new()));
    if mode == Mode::Analyze {
        root.read_measures();
    }
    Ok(Explained {
        root,
        milliseconds,
        peak,
    })
}

impl Node {
    /// An operator that has not run.
    pub fn new(
        name: &'static str,
        details: Vec<(String, String)>,
        estimate: f64,
        children: Vec<Self>,
    ) -> Self {
        Self {
            name,
            details,
            estimate,
            measured: None,
            children,
            measure: Rc::default(),
        }
    }

    /// Where its operator counts.
    pub fn measure(&self) -> Rc<Measure> {
        self.measure.clone()
    }

    fn read_measures(&mut self) {
        self.measured = Some(Figures {
            rows: self.measure.rows.get(),
            batches: self.measure.batches.get(),
            milliseconds: self.measure.seconds.get() * 1000.0,
            bytes: self.measure.bytes.get(),
        });
        for child in &mut self.children {
            child.read_measures();
        }
    }
}

impl Explained {
    /// The plan as indented lines.
    pub fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        self.root.write(0, &mut lines);
        if let Some(milliseconds) = self.milliseconds {
            lines.push(format!("Execution Time: {milliseconds:.3} ms"));
        }
        if let Some(peak) = self.peak {
            lines.push(format!("Peak Memory: {} kB", peak.div_ceil(1024)));
        }
        lines
    }
}

impl Node {
    fn write(&self, depth: usize, lines: &mut Vec<String>) {
        let indent = "  ".repeat(depth);
        let arrow = if depth == 0 { "" } else { "-> " };
        let mut line = format!("{indent}{arrow}{}", self.name);
        match self.measured {
            None => line.push_str(&format!("  (rows={:.0})", self.estimate)),
            Some(figures) => line.push_str(&format!(
                "  (rows={:.0}) (actual rows={} time={:.3} ms memory={} kB)",
                self.estimate,
                figures.rows,
                figures.milliseconds,
                figures.bytes.div_ceil(1024)
            )),
        }
        lines.push(line);
        for (label, text) in &self.details {
            lines.push(format!("{indent}     {label}: {text}"));
        }
        for child in &self.children {
            child.write(depth + 1, lines);
        }
    }
}

/// An operator whose rows, time and memory are counted.
pub struct Measured {
    inner: Box<dyn Operator>,
    measure: Rc<Measure>,
}

impl Measured {
    /// Counts what `inner` gives.
    pub fn new(inner: Box<dyn Operator>, measure: Rc<Measure>) -> Self {
        Self { inner, measure }
    }
}

impl Operator for Measured {
    fn next(&mut self, context: &Context<'_>) -> Result<Option<Batch>> {
        let start = Instant::now();
        let before = context.budget.used();
        let batch = self.inner.next(context);
        let measure = &self.measure;
        measure
            .seconds
            .set(measure.seconds.get() + start.elapsed().as_secs_f64());
        let booked = context.budget.used().saturating_sub(before) as u64;
        if let Ok(Some(batch)) = &batch {
            measure.rows.set(measure.rows.get() + batch.rows as u64);
            measure.batches.set(measure.batches.get() + 1);
            let bytes = booked.max(batch_bytes(batch) as u64);
            measure.bytes.set(measure.bytes.get().max(bytes));
        }
        measure.bytes.set(measure.bytes.get().max(booked));
        batch
    }
}

/// Names for the columns of a plan, gathered while it is built.
#[derive(Debug, Default)]
pub struct Recorder {
    names: RefCell<BTreeMap<ColumnId, String>>,
}

impl Recorder {
    /// The columns of a stored table are called by the table's alias and their own names.
    pub fn name_scan(&self, scan: &Scan, catalog: &Catalog) {
        let table = catalog.tables.get(&scan.table);
        for (id, column, _) in &scan.columns {
            let name = match column {
                ScanColumn::Stored(place) => table
                    .and_then(|table| table.columns.get(*place))
                    .map_or("?", |column| &*column.name),
                ScanColumn::RowId => "ctid",
            };
            self.put(*id, format!("{}.{name}", scan.alias));
        }
    }

    /// A computed column is called by its expression.
    pub fn name(&self, id: ColumnId, expr: &Expr) {
        let text = self.expression(expr);
        self.put(id, text);
    }

    /// An aggregate's column is called by its call.
    pub fn name_call(&self, id: ColumnId, call: &AggregateCall) {
        let text = self.call(call);
        self.put(id, text);
    }

    /// A window function's column is called by its call.
    pub fn name_window(&self, id: ColumnId, call: &WindowCall) {
        let text = self.window_call(call);
        self.put(id, text);
    }

    /// Expressions, with commas between them.
    pub fn expressions(&self, exprs: &[Expr]) -> String {
        let texts: Vec<String> = exprs.iter().map(|expr| self.expression(expr)).collect();
        texts.join(", ")
    }

    /// An order.
    pub fn order(&self, keys: &[SortKey]) -> String {
        let texts: Vec<String> = keys.iter().map(|key| self.sort_key(key)).collect();
        texts.join(", ")
    }

    fn put(&self, id: ColumnId, name: String) {
        self.names.borrow_mut().insert(id, name);
    }

    fn column(&self, id: ColumnId) -> String {
        self.names
            .borrow()
            .get(&id)
            .cloned()
            .unwrap_or_else(|| format!("column {}", id.0))
    }
}
