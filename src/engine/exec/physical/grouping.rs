//! Aggregates and windows: their keys, calls and frames, compiled.

use super::super::aggregate::{Aggregate, Call};
use super::super::window::{self, Window};
use super::super::{Schema, layout};
use super::{Builder, Built, Needed, columns_of};
use crate::base::{Result, Type};
use crate::engine::eval::Compiled;
use crate::engine::expr::Expr;
use crate::engine::plan::{self, AggregateFunction, FrameBound, SortKey};

impl Builder<'_, '_> {
    pub(super) fn aggregate(&self, aggregate: &plan::Aggregate, needed: &Needed) -> Result<Built> {
        let calls: Vec<_> = aggregate
            .calls
            .iter()
            .filter(|(id, _)| needed.contains(*id))
            .collect();
        let mut wanted = Needed::default();
        let mut want = |expr: &Expr| expr.read_into(&mut wanted);
        for (_, group) in &aggregate.groups {
            want(group);
        }
        for (_, call) in &calls {
            call.arguments.iter().for_each(&mut want);
            call.filter.iter().for_each(&mut want);
            call.order_by.iter().for_each(|key| want(&key.expr));
        }
        let input = self.plan(&aggregate.input, &wanted)?;
        let layout = layout(&input.schema);
        let compiled_calls = calls
            .iter()
            .map(|(_, call)| {
                let mut arguments: Vec<(Compiled, Type)> = call
                    .arguments
                    .iter()
                    .map(|argument| Ok((self.compile(argument, &layout)?, argument.ty.clone())))
                    .collect::<Result<_>>()?;
                if matches!(
                    call.function,
                    AggregateFunction::PercentileCont
                        | AggregateFunction::PercentileDisc
                        | AggregateFunction::Mode
                ) && let Some(key) = call.order_by.first()
                {
                    // The aggregated value of an ordered-set aggregate is its sort key.
                    arguments.insert(0, (self.compile(&key.expr, &layout)?, key.expr.ty.clone()));
                }
                Ok(Call {
                    function: call.function,
                    arguments,
                    distinct: call.distinct,
                    filter: call
                        .filter
                        .as_ref()
                        .map(|filter| self.compile(filter, &layout))
                        .transpose()?,
                    order_by: self.order_keys(&call.order_by, &layout)?,
                    ty: call.ty.clone(),
                })
            })
            .collect::<Result<_>>()?;
        let groups = aggregate
            .groups
            .iter()
            .map(|(_, group)| Ok((self.compile(group, &layout)?, group.ty.clone())))
            .collect::<Result<Vec<_>>>()?;
        let dependent = if aggregate.sets.is_some() {
            Vec::new()
        } else {
            self.dependent_groups(aggregate)
        };
        let schema: Schema = aggregate
            .groups
            .iter()
            .map(|(id, group)| (*id, group.ty.clone()))
            .chain(calls.iter().map(|(id, call)| (*id, call.ty.clone())))
            .chain(
                aggregate
                    .grouping
                    .iter()
                    .map(|(id, _)| (*id, Type::Integer)),
            )
            .collect();
        if let Some(recorder) = self.recorder {
            for (id, group) in &aggregate.groups {
                recorder.name(*id, group);
            }
            for (id, call) in &calls {
                recorder.name_call(*id, call);
            }
        }
        let rows = if aggregate.groups.is_empty() {
            1.0
        } else {
            (input.rows / 3.0).max(1.0)
        };
        let operator = Aggregate::new(
            input.operator,
            groups,
            dependent,
            compiled_calls,
            aggregate.sets.clone(),
            aggregate
                .grouping
                .iter()
                .map(|(_, asked)| asked.clone())
                .collect(),
        );
        Ok(
            self.built("Aggregate", operator, schema, rows, input.node, || {
                let groups: Vec<Expr> = aggregate.groups.iter().map(|(_, g)| g.clone()).collect();
                let mut details = Vec::new();
                if !groups.is_empty() {
                    details.push(("Group by".into(), self.texts(&groups)));
                }
                if let (Some(recorder), false) = (self.recorder, calls.is_empty()) {
                    let texts: Vec<String> =
                        calls.iter().map(|(_, call)| recorder.call(call)).collect();
                    details.push(("Aggregates".into(), texts.join(", ")));
                }
                details
            }),
        )
    }

    pub(super) fn window(&self, window: &plan::Window, needed: &Needed) -> Result<Built> {
        let mut wanted = needed.clone();
        for (id, call) in &window.calls {
            wanted.remove(*id);
            columns_of(&call.arguments, &mut wanted);
            columns_of(call.filter.as_slice(), &mut wanted);
        }
        columns_of(&window.partition_by, &mut wanted);
        for key in &window.order_by {
            key.expr.read_into(&mut wanted);
        }
        let input = self.plan(&window.input, &wanted)?;
        let layout_of_input = layout(&input.schema);
        let empty = layout(&Vec::new());
        let partition_keys: Vec<SortKey> = window
            .partition_by
            .iter()
            .map(|expr| SortKey {
                expr: expr.clone(),
                direction: plan::Direction::Ascending,
                nulls: plan::Nulls::Last,
            })
            .collect();
        let bound = |bound: &FrameBound| -> Result<window::Bound> {
            Ok(match bound {
                FrameBound::UnboundedPreceding => window::Bound::UnboundedPreceding,
                FrameBound::CurrentRow => window::Bound::CurrentRow,
                FrameBound::UnboundedFollowing => window::Bound::UnboundedFollowing,
                FrameBound::Preceding(offset) => {
                    window::Bound::Preceding(self.compile(offset, &empty)?, offset.ty.clone())
                }
                FrameBound::Following(offset) => {
                    window::Bound::Following(self.compile(offset, &empty)?, offset.ty.clone())
                }
            })
        };
        let operator = Window {
            partition_by: self.order_keys(&partition_keys, &layout_of_input)?,
            order_by: self.order_keys(&window.order_by, &layout_of_input)?,
            frame: window::Frame {
                unit: window.frame.unit,
                start: bound(&window.frame.start)?,
                end: bound(&window.frame.end)?,
                exclude: window.frame.exclude,
            },
            calls: window
                .calls
                .iter()
                .map(|(_, call)| {
                    Ok(window::Call {
                        function: call.function,
                        arguments: call
                            .arguments
                            .iter()
                            .map(|argument| {
                                Ok((
                                    self.compile(argument, &layout_of_input)?,
                                    argument.ty.clone(),
                                ))
                            })
                            .collect::<Result<_>>()?,
                        filter: call
                            .filter
                            .as_ref()
                            .map(|filter| self.compile(filter, &layout_of_input))
                            .transpose()?,
                        ty: call.ty.clone(),
                    })
                })
                .collect::<Result<_>>()?,
            input: Some(input.operator),
            schema: input.schema.clone(),
            done: None,
        };
        let mut schema = input.schema;
        schema.extend(window.calls.iter().map(|(id, call)| (*id, call.ty.clone())));
        if let Some(recorder) = self.recorder {
            for (id, call) in &window.calls {
                recorder.name_window(*id, call);
            }
        }
        Ok(
            self.built("Window", operator, schema, input.rows, input.node, || {
                let mut details = Vec::new();
                if !window.partition_by.is_empty() {
                    details.push(("Partition by".into(), self.texts(&window.partition_by)));
                }
                if !window.order_by.is_empty() {
                    details.push(("Order by".into(), self.order_text(&window.order_by)));
                }
                details
            }),
        )
    }
}
