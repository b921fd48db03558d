//! From logical plans to operators: which columns each operator has to give, which index serves a
//! scan, which conditions are join keys, which side of a join is kept.

mod access;
mod first_rows;
mod grouping;
mod joins;

use super::cte::{CteScan, With};
use super::distinct::{Distinct, Keys};
use super::explain::{Measured, Node, Recorder};
use super::filter::{Filter, Project};
use super::limit::{Clause, Limit, row_count};
use super::order::Key;
use super::set_operation::{Append, Compare};
use super::sort::Sort;
use super::table_function::TableFunctionScan;
use super::values::{Progress, Values};
use super::{Context, Operator, Schema, layout, pick};
use crate::base::diagnostic::sqlstate;
use crate::base::{Batch, Diagnostic, Result, Type};
use crate::engine::eval::{Compiled, evaluate_constant};
use crate::engine::expr::{ColumnId, Expr};
use crate::engine::plan::{ColumnSet, Distinctness, JoinKind, Plan, SetKind, SortKey};

/// An operator, what it gives, and about how many rows.
pub struct Built {
    /// The operator.
    pub operator: Box<dyn Operator>,
    /// Its columns.
    pub schema: Schema,
    /// About how many rows it gives.
    pub rows: f64,
    /// Its place in the drawn plan, when one is wanted.
    pub node: Option<Node>,
}

/// The operators for a plan whose columns `wanted` are used.
pub fn build(plan: &Plan, wanted: &[ColumnId], context: &Context<'_>) -> Result<Built> {
    let needed: Needed = wanted.iter().copied().collect();
    Builder {
        context,
        recorder: None,
    }
    .plan(plan, &needed)
}

/// The operators for a plan, with a drawing of it.
pub fn build_recorded(
    plan: &Plan,
    wanted: &[ColumnId],
    context: &Context<'_>,
    recorder: &Recorder,
) -> Result<Built> {
    let needed: Needed = wanted.iter().copied().collect();
    Builder {
        context,
        recorder: Some(recorder),
    }
    .plan(plan, &needed)
}

type Needed = ColumnSet;

struct Builder<'b, 'c> {
    context: &'b Context<'c>,
    recorder: Option<&'b Recorder>,
}

impl Builder<'_, '_> {
    fn plan(&self, plan: &Plan, needed: &Needed) -> Result<Built> {
        match plan {
            Plan::Scan(scan) => self.scan(scan, &[], needed),
            Plan::Values { columns, rows } => self.values(columns, rows),
            Plan::TableFunction {
                function,
                arguments,
                columns,
                ordinality,
            } => {
                let empty = layout(&Vec::new());
                let operator = TableFunctionScan {
                    function: *function,
                    arguments: arguments
                        .iter()
                        .map(|expr| Ok((self.compile(expr, &empty)?, expr.ty.clone())))
                        .collect::<Result<_>>()?,
                    ty: columns.first().map_or(Type::Unknown, |(_, ty)| ty.clone()),
                    ordinality: *ordinality,
                    series: None,
                    given: 0,
                };
                Ok(self.built(
                    "Function Scan",
                    operator,
                    columns.clone(),
                    1000.0,
                    [],
                    || vec![("Function".into(), format!("{function:?}"))],
                ))
            }
            Plan::Filter { input, predicates } => self.filter(input, predicates, needed),
            Plan::Project { input, columns } => self.project(input, columns, needed),
            Plan::Join(join) => self.join(join, needed),
            Plan::Aggregate(aggregate) => self.aggregate(aggregate, needed),
            Plan::Window(window) => self.window(window, needed),
            Plan::Distinct { input } => {
                let all: Needed = input.column_set();
                let input = self.plan(input, &all)?;
                let types = super::types(&input.schema);
                let rows = input.rows * 0.5;
                let schema = input.schema;
                let operator = Distinct::new(input.operator, Keys::Row, types);
                Ok(self.built("Distinct", operator, schema, rows, input.node, Vec::new))
            }
            Plan::DistinctOn { input, keys } => {
                let mut wanted = needed.clone();
                columns_of(keys, &mut wanted);
                let input = self.plan(input, &wanted)?;
                let layout = layout(&input.schema);
                let compiled = keys
                    .iter()
                    .map(|key| self.compile(key, &layout))
                    .collect::<Result<_>>()?;
                let types = keys.iter().map(|key| key.ty.clone()).collect();
                let operator = Distinct::new(input.operator, Keys::Exprs(compiled), types);
                let rows = input.rows * 0.5;
                Ok(self.built(
                    "Distinct On",
                    operator,
                    input.schema,
                    rows,
                    input.node,
                    || vec![("Key".into(), self.texts(keys))],
                ))
            }
            Plan::Sort { input, keys } => self.sort(input, keys, None, needed),
            Plan::Limit {
                input,
                limit,
                offset,
                ties,
            } => self.limit(
                input,
                limit.as_ref(),
                offset.as_ref(),
                ties.as_deref(),
                needed,
            ),
            Plan::SetOperation(operation) => self.set_operation(operation),
            Plan::With { ctes, body } => {
                let mut nodes = Vec::new();
                let ctes = ctes
                    .iter()
                    .map(|cte| {
                        let schema = cte.plan.columns();
                        let types = cte
                            .columns
                            .iter()
                            .map(|id| type_in(&schema, *id))
                            .collect::<Vec<_>>();
                        if self.recorder.is_some() {
                            let wanted: Needed = cte.columns.iter().copied().collect();
                            nodes.extend(self.plan(&cte.plan, &wanted)?.node);
                        }
                        Ok((cte.clone(), types))
                    })
                    .collect::<Result<Vec<_>>>()?;
                let body = self.plan(body, needed)?;
                let rows = body.rows;
                nodes.extend(body.node);
                let operator = With {
                    ctes,
                    body: body.operator,
                };
                Ok(self.built("With", operator, body.schema, rows, nodes, Vec::new))
            }
            Plan::CteScan { cte, columns } => {
                let columns: Vec<_> = columns
                    .iter()
                    .filter(|(id, _, _)| needed.contains(*id))
                    .collect();
                let operator = CteScan {
                    cte: *cte,
                    places: columns.iter().map(|(_, place, _)| *place).collect(),
                    rows: None,
                    next: 0,
                };
                let schema = columns
                    .iter()
                    .map(|(id, _, ty)| (*id, ty.clone()))
                    .collect();
                Ok(self.built("CTE Scan", operator, schema, 1000.0, [], Vec::new))
            }
        }
    }

    /// Wraps an operator: measured and drawn when a drawing is wanted.
    fn built(
        &self,
        name: &'static str,
        operator: impl Operator + 'static,
        schema: Schema,
        rows: f64,
        children: impl IntoIterator<Item = Node>,
        details: impl FnOnce() -> Vec<(String, String)>,
    ) -> Built {
        match self.recorder {
            None => Built {
                operator: Box::new(operator),
                schema,
                rows,
                node: None,
            },
            Some(_) => {
                let node = Node::new(name, details(), rows, children.into_iter().collect());
                Built {
                    operator: Box::new(Measured::new(Box::new(operator), node.measure())),
                    schema,
                    rows,
                    node: Some(node),
                }
            }
        }
    }

    fn compile(&self, expr: &Expr, layout: &crate::engine::eval::Layout) -> Result<Compiled> {
        Compiled::new(expr, layout, &self.context.eval)
    }

    fn compile_all(
        &self,
        exprs: &[Expr],
        layout: &crate::engine::eval::Layout,
    ) -> Result<Vec<Compiled>> {
        exprs
            .iter()
            .map(|expr| self.compile(expr, layout))
            .collect()
    }

    fn texts(&self, exprs: &[Expr]) -> String {
        self.recorder
            .map(|recorder| recorder.expressions(exprs))
            .unwrap_or_default()
    }

    fn order_text(&self, keys: &[SortKey]) -> String {
        self.recorder
            .map(|recorder| recorder.order(keys))
            .unwrap_or_default()
    }

    fn order_keys(
        &self,
        keys: &[SortKey],
        layout: &crate::engine::eval::Layout,
    ) -> Result<Vec<Key>> {
        keys.iter()
            .map(|key| {
                Ok(Key {
                    expr: self.compile(&key.expr, layout)?,
                    ty: key.expr.ty.clone(),
                    direction: key.direction,
                    nulls: key.nulls,
                })
            })
            .collect()
    }

    fn values(&self, columns: &[(ColumnId, Type)], rows: &[Vec<Expr>]) -> Result<Built> {
        let empty = layout(&Vec::new());
        let operator = Values {
            rows: rows
                .iter()
                .map(|row| self.compile_all(row, &empty))
                .collect::<Result<_>>()?,
            schema: columns.to_vec(),
            done: Progress::Ready,
        };
        let name = if columns.is_empty() {
            "Result"
        } else {
            "Values"
        };
        let count = rows.len() as f64;
        Ok(self.built(name, operator, columns.to_vec(), count, [], Vec::new))
    }

    fn filter(&self, input: &Plan, predicates: &[Expr], needed: &Needed) -> Result<Built> {
        if let Plan::Scan(scan) = input {
            return self.scan(scan, predicates, needed);
        }
        let mut wanted = needed.clone();
        columns_of(predicates, &mut wanted);
        let input = self.plan(input, &wanted)?;
        let layout = layout(&input.schema);
        let operator = Filter {
            predicates: self.compile_all(predicates, &layout)?,
            input: input.operator,
        };
        let rows = input.rows * 0.3_f64.powi(predicates.len().min(3) as i32);
        Ok(
            self.built("Filter", operator, input.schema, rows, input.node, || {
                vec![("Condition".into(), self.texts(predicates))]
            }),
        )
    }

    fn project(
        &self,
        input: &Plan,
        columns: &[(ColumnId, Expr)],
        needed: &Needed,
    ) -> Result<Built> {
        let used: Vec<&(ColumnId, Expr)> = columns
            .iter()
            .filter(|(id, _)| needed.contains(*id))
            .collect();
        let mut wanted = Needed::default();
        for (_, expr) in &used {
            expr.read_into(&mut wanted);
        }
        let input = self.plan(input, &wanted)?;
        self.project_over(input, &used)
    }

    fn project_over(&self, input: Built, columns: &[&(ColumnId, Expr)]) -> Result<Built> {
        let layout = layout(&input.schema);
        let operator = Project {
            columns: columns
                .iter()
                .map(|(_, expr)| self.compile(expr, &layout))
                .collect::<Result<_>>()?,
            input: input.operator,
        };
        let schema: Schema = columns
            .iter()
            .map(|(id, expr)| (*id, expr.ty.clone()))
            .collect();
        if let Some(recorder) = self.recorder {
            for (id, expr) in columns {
                recorder.name(*id, expr);
            }
        }
        Ok(
            self.built("Project", operator, schema, input.rows, input.node, || {
                let exprs: Vec<Expr> = columns.iter().map(|(_, expr)| expr.clone()).collect();
                vec![("Columns".into(), self.texts(&exprs))]
            }),
        )
    }

    fn sort(
        &self,
        input: &Plan,
        keys: &[SortKey],
        limit: Option<usize>,
        needed: &Needed,
    ) -> Result<Built> {
        let mut wanted = needed.clone();
        for key in keys {
            key.expr.read_into(&mut wanted);
        }
        if let Some(limit) = limit
            && let Some(built) = self.ordered_scan(input, keys, limit, &wanted)?
        {
            return Ok(built);
        }
        let first = match limit {
            Some(limit) => self.first_rows(input, keys, limit, &wanted)?,
            None => None,
        };
        let input = match first {
            Some(built) => built,
            None => self.plan(input, &wanted)?,
        };
        let keys_compiled = self.order_keys(keys, &layout(&input.schema))?;
        let rows = limit.map_or(input.rows, |limit| input.rows.min(limit as f64));
        let operator = Sort {
            input: Some(input.operator),
            schema: input.schema.clone(),
            keys: keys_compiled,
            limit,
            sorted: None,
        };
        let name = if limit.is_some() {
            "Top-N Sort"
        } else {
            "Sort"
        };
        Ok(
            self.built(name, operator, input.schema, rows, input.node, || {
                vec![("Key".into(), self.order_text(keys))]
            }),
        )
    }

    fn limit(
        &self,
        input: &Plan,
        limit: Option<&Expr>,
        offset: Option<&Expr>,
        ties: Option<&[SortKey]>,
        needed: &Needed,
    ) -> Result<Built> {
        let constant = |expr: Option<&Expr>, clause| match expr {
            Some(expr) => row_count(&evaluate_constant(expr, &self.context.eval)?, clause),
            None => Ok(None),
        };
        let limit = constant(limit, Clause::Limit)?;
        let offset = constant(offset, Clause::Offset)?.unwrap_or(0);
        let mut wanted = needed.clone();
        if let Some(ties) = ties {
            for key in ties {
                key.expr.read_into(&mut wanted);
            }
        }
        let most = match (limit, ties) {
            (Some(limit), None) => limit
                .checked_add(offset)
                .and_then(|rows| usize::try_from(rows).ok()),
            _ => None,
        };
        let input = self.limited(input, most, &wanted)?;
        let rows = limit.map_or(input.rows, |limit| input.rows.min(limit as f64));
        let compiled_ties = match ties {
            Some(keys) => {
                let layout = layout(&input.schema);
                let compiled = keys
                    .iter()
                    .map(|key| self.compile(&key.expr, &layout))
                    .collect::<Result<_>>()?;
                Some((
                    compiled,
                    keys.iter().map(|key| key.expr.ty.clone()).collect(),
                ))
            }
            None => None,
        };
        let operator = Limit::new(input.operator, offset, limit, compiled_ties);
        Ok(
            self.built("Limit", operator, input.schema, rows, input.node, || {
                vec![(
                    "Rows".into(),
                    match limit {
                        Some(limit) if offset > 0 => format!("{limit} from {}", offset + 1),
                        Some(limit) => limit.to_string(),
                        None => format!("all from {}", offset + 1),
                    },
                )]
            }),
        )
    }

    /// A plan of which only the first `most` rows are read: a sort below may then stop early.
    fn limited(&self, plan: &Plan, most: Option<usize>, needed: &Needed) -> Result<Built> {
        match plan {
            Plan::Sort { input, keys } => self.sort(input, keys, most, needed),
            Plan::Project { input, columns } if matches!(**input, Plan::Sort { .. }) => {
                let used: Vec<&(ColumnId, Expr)> = columns
                    .iter()
                    .filter(|(id, _)| needed.contains(*id))
                    .collect();
                let mut wanted = Needed::default();
                for (_, expr) in &used {
                    expr.read_into(&mut wanted);
                }
                let input = self.limited(input, most, &wanted)?;
                self.project_over(input, &used)
            }
            other => self.plan(other, needed),
        }
    }

    fn set_operation(&self, operation: &crate::engine::plan::SetOperation) -> Result<Built> {
        let side = |plan: &Plan, columns: Vec<ColumnId>| -> Result<Built> {
            let needed: Needed = columns.iter().copied().collect();
            let built = self.plan(plan, &needed)?;
            Ok(arranged(built, &columns))
        };
        let left = side(
            &operation.left,
            operation
                .columns
                .iter()
                .map(|(_, left, _, _)| *left)
                .collect(),
        )?;
        let right = side(
            &operation.right,
            operation
                .columns
                .iter()
                .map(|(_, _, right, _)| *right)
                .collect(),
        )?;
        let schema: Schema = operation
            .columns
            .iter()
            .map(|(id, _, _, ty)| (*id, ty.clone()))
            .collect();
        let types = super::types(&schema);
        let nodes: Vec<Node> = left.node.into_iter().chain(right.node).collect();
        let rows = left.rows + right.rows;
        Ok(match (operation.kind, operation.distinct) {
            (SetKind::Union, distinct) => {
                let append = Append {
                    inputs: [left.operator, right.operator].into_iter().collect(),
                };
                if distinct == Distinctness::All {
                    self.built("Append", append, schema, rows, nodes, Vec::new)
                } else {
                    let operator = Distinct::new(Box::new(append), Keys::Row, types);
                    self.built("Union", operator, schema, rows, nodes, Vec::new)
                }
            }
            (kind, distinct) => {
                let name = if kind == SetKind::Intersect {
                    "Intersect"
                } else {
                    "Except"
                };
                let operator = Compare::new(left.operator, right.operator, kind, distinct, types);
                self.built(name, operator, schema, left.rows, nodes, Vec::new)
            }
        })
    }
}

/// Brings an operator's columns into the wanted order; a column may be wanted twice.
fn arranged(built: Built, wanted: &[ColumnId]) -> Built {
    let in_order = built.schema.len() == wanted.len()
        && built.schema.iter().zip(wanted).all(|((id, _), w)| id == w);
    if in_order {
        return built;
    }
    let places: Vec<usize> = wanted
        .iter()
        .filter_map(|id| built.schema.iter().position(|(known, _)| known == id))
        .collect();
    let schema = places
        .iter()
        .filter_map(|&at| built.schema.get(at).cloned())
        .collect();
    Built {
        operator: Box::new(Arrange {
            input: built.operator,
            places,
        }),
        schema,
        ..built
    }
}

/// Picks columns by place.
struct Arrange {
    input: Box<dyn Operator>,
    places: Vec<usize>,
}

impl Operator for Arrange {
    fn next(&mut self, context: &Context<'_>) -> Result<Option<Batch>> {
        Ok(self.input.next(context)?.map(|batch| Batch {
            columns: pick(&batch.columns, &self.places),
            rows: batch.rows,
        }))
    }
}

/// Adds the columns that expressions read.
fn columns_of(exprs: &[Expr], needed: &mut Needed) {
    for expr in exprs {
        expr.read_into(needed);
    }
}

fn type_in(schema: &Schema, id: ColumnId) -> Type {
    schema
        .iter()
        .find(|(known, _)| *known == id)
        .map_or(Type::Unknown, |(_, ty)| ty.clone())
}

/// A fault of ours: the plan is not what the stages before promise.
fn broken(what: &str) -> Box<Diagnostic> {
    Diagnostic::error(
        sqlstate::INTERNAL_ERROR,
        format!("the plan is broken: {what}"),
    )
    .hint("This is a fault of the playground; please report the statement.")
}

/// The kinds of joins whose rows hold columns of the right side.
fn gives_right(kind: JoinKind) -> bool {
    match kind {
        JoinKind::Inner | JoinKind::Left | JoinKind::Right | JoinKind::Full | JoinKind::Single => {
            true
        }
        JoinKind::Semi | JoinKind::Anti | JoinKind::NullAwareAnti | JoinKind::Mark(_) => false,
    }
}
