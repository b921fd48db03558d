//! Window functions: their windows, frames and types.

use super::Binder;
use super::refuse::unsupported;
use super::scope::{Clause, fold, ident_span};
use crate::base::diagnostic::sqlstate;
use crate::base::{Diagnostic, Result, Span, Type};
use crate::engine::expr::{CastForm, ColumnId, Expr, ExprKind};
use crate::engine::plan::{
    AggregateFunction, ColumnSet, Frame, FrameBound, FrameExclusion, FrameUnit, Plan, SortKey,
    Window, WindowCall, WindowFunction,
};
use crate::engine::types;
use crate::sql::FRAME_MARK;
use sqlparser::ast::{
    self, Ident, NamedWindowDefinition, NamedWindowExpr, OrderByExpr, WindowFrame,
    WindowFrameBound, WindowFrameUnits, WindowSpec, WindowType,
};

/// A window function that was found and has no place in the plan yet.
pub(super) struct Pending {
    pub id: ColumnId,
    pub call: WindowCall,
    pub window: Specification,
}

/// An entry of the WINDOW clause.
pub(super) struct Named {
    pub name: String,
    pub window: Specification,
}

/// A window with everything it inherited.
#[derive(Clone, Debug)]
pub(super) struct Specification {
    pub partition_by: Vec<Expr>,
    pub order_by: Vec<SortKey>,
    pub frame: Frame,
    /// Whether the text said a frame, for what may inherit from it.
    pub framed: bool,
}

/// The window functions, aggregates aside: name, function, signature, what it gives.
pub(super) const WINDOW_FUNCTIONS: [(&str, WindowFunction, &str, &str); 11] = [
    (
        "row_number",
        WindowFunction::RowNumber,
        "row_number()",
        "Number of the row in its partition.",
    ),
    (
        "rank",
        WindowFunction::Rank,
        "rank()",
        "Rank with gaps behind ties.",
    ),
    (
        "dense_rank",
        WindowFunction::DenseRank,
        "dense_rank()",
        "Rank without gaps.",
    ),
    (
        "percent_rank",
        WindowFunction::PercentRank,
        "percent_rank()",
        "Rank as a share from 0 to 1.",
    ),
    (
        "cume_dist",
        WindowFunction::CumeDist,
        "cume_dist()",
        "Share of rows up to this one and its peers.",
    ),
    (
        "ntile",
        WindowFunction::Ntile,
        "ntile(buckets)",
        "Number of the bucket, of so many of equal size.",
    ),
    (
        "lag",
        WindowFunction::Lag,
        "lag(value [, offset [, default]])",
        "Value of a row before.",
    ),
    (
        "lead",
        WindowFunction::Lead,
        "lead(value [, offset [, default]])",
        "Value of a row behind.",
    ),
    (
        "first_value",
        WindowFunction::FirstValue,
        "first_value(value)",
        "Value of the frame's first row.",
    ),
    (
        "last_value",
        WindowFunction::LastValue,
        "last_value(value)",
        "Value of the frame's last row.",
    ),
    (
        "nth_value",
        WindowFunction::NthValue,
        "nth_value(value, n)",
        "Value of the frame's nth row.",
    ),
];

/// The window function of a name, aggregates aside.
pub(super) fn by_name(name: &str) -> Option<WindowFunction> {
    let mut all = WINDOW_FUNCTIONS.iter();
    all.find(|(known, ..)| *known == name)
        .map(|(_, function, ..)| *function)
}

/// The frame when none is written: from the first row to the last peer of the current one.
pub(super) fn default_frame() -> Frame {
    Frame {
        unit: FrameUnit::Range,
        start: FrameBound::UnboundedPreceding,
        end: FrameBound::CurrentRow,
        exclude: FrameExclusion::NoOthers,
    }
}

impl Binder<'_> {
    #[allow(clippy::too_many_arguments)]
    pub(super) fn window_call(
        &mut self,
        name: &str,
        aggregate: Option<AggregateFunction>,
        arguments: &[&ast::Expr],
        star: bool,
        filter: Option<&ast::Expr>,
        over: &WindowType,
        span: Option<Span>,
    ) -> Result<Expr> {
        let clause = self.clause();
        if !clause.allows_windows() {
            let (code, message) = match clause {
                Clause::AggregateArgument => (
                    sqlstate::GROUPING_ERROR,
                    String::from("aggregate function calls cannot contain window function calls"),
                ),
                Clause::WindowPartition | Clause::WindowOrder | Clause::WindowFrame => (
                    sqlstate::WINDOWING_ERROR,
                    String::from("window functions are not allowed in window definitions"),
                ),
                other => (
                    sqlstate::WINDOWING_ERROR,
                    format!("window functions are not allowed in {}", other.name()),
                ),
            };
            return Err(Diagnostic::error(code, message).at(span).hint(
                "Compute the window function in a derived table or a CTE, and use its column outside.",
            ));
        }
        let arguments = arguments
            .iter()
            .map(|argument| self.expr(argument))
            .collect::<Result<Vec<_>>>()?;
        let filter = match filter {
            Some(condition) => {
                let condition = self.within(Clause::Filter, |binder| binder.expr(condition))?;
                Some(self.boolean(condition, "FILTER")?)
            }
            None => None,
        };
        let mut reads = ColumnSet::default();
        for expr in arguments.iter().chain(&filter) {
            expr.read_into(&mut reads);
        }
        if self
            .scope()
            .windows
            .iter()
            .any(|window| reads.contains(window.id))
        {
            return Err(Diagnostic::error(
                sqlstate::WINDOWING_ERROR,
                "window function calls cannot be nested",
            )
            .at(span));
        }
        let window = match over {
            WindowType::NamedWindow(name) => self.named_window(name)?.window.clone(),
            WindowType::WindowSpec(spec) => self.window_spec(spec, span)?,
        };
        let (function, arguments, ty) = match (by_name(name), aggregate) {
            (Some(function), _) => {
                if filter.is_some() {
                    return Err(unsupported(
                        "FILTER for non-aggregate window functions",
                        span,
                    ));
                }
                if star {
                    return Err(no_function(name, &[], span));
                }
                let (arguments, ty) = self.typed_window(name, function, arguments, span)?;
                (function, arguments, ty)
            }
            (None, Some(function)) => {
                let (function, arguments, ty) =
                    self.window_aggregate(name, function, arguments, star, span)?;
                (WindowFunction::Aggregate(function), arguments, ty)
            }
            (None, None) => {
                // An unknown function first, then one that is no window function.
                self.call(name, arguments, span)?;
                return Err(Diagnostic::error(
                    sqlstate::WRONG_OBJECT_TYPE,
                    format!("OVER specified, but {name} is not a window function nor an aggregate function"),
                )
                .at(span));
            }
        };
        let id = self.fresh();
        let call = WindowCall {
            function,
            arguments,
            filter,
            ty: ty.clone(),
            span,
        };
        self.scope().windows.push(Pending { id, call, window });
        Ok(Expr {
            kind: ExprKind::Column(id),
            ty,
            span,
        })
    }

    fn typed_window(
        &mut self,
        name: &str,
        function: WindowFunction,
        mut arguments: Vec<Expr>,
        span: Option<Span>,
    ) -> Result<(Vec<Expr>, Type)> {
        let types: Vec<Type> = arguments.iter().map(|expr| expr.ty.clone()).collect();
        let wrong = || no_function(name, &types, span);
        let integer = |ty: &Type| {
            *ty == Type::Unknown || types::can_cast(ty, &Type::Integer, CastForm::Implicit)
        };
        match (function, types.as_slice()) {
            (WindowFunction::RowNumber | WindowFunction::Rank | WindowFunction::DenseRank, []) => {
                Ok((arguments, Type::BigInt))
            }
            (WindowFunction::PercentRank | WindowFunction::CumeDist, []) => {
                Ok((arguments, Type::Double))
            }
            (WindowFunction::Ntile, [ty]) if integer(ty) => {
                let count = arguments.remove(0);
                let count = self.convert(count, &Type::Integer, CastForm::Implicit)?;
                Ok((vec![count], Type::Integer))
            }
            (WindowFunction::FirstValue | WindowFunction::LastValue, [_]) => {
                let value = arguments.remove(0);
                let value = self.decided(value)?;
                let ty = value.ty.clone();
                Ok((vec![value], ty))
            }
            (WindowFunction::NthValue, [_, ty]) if integer(ty) => {
                let place = arguments.remove(1);
                let value = arguments.remove(0);
                let value = self.decided(value)?;
                let place = self.convert(place, &Type::Integer, CastForm::Implicit)?;
                let ty = value.ty.clone();
                Ok((vec![value, place], ty))
            }
            (WindowFunction::Lag | WindowFunction::Lead, [_] | [_, _] | [_, _, _]) => {
                if types.get(1).is_some_and(|ty| !integer(ty)) {
                    return Err(wrong());
                }
                let mut given = arguments.into_iter();
                let (value, offset, default) = (given.next(), given.next(), given.next());
                let Some(value) = value else {
                    return Err(wrong());
                };
                let mut all = Vec::with_capacity(3);
                let ty = match default {
                    Some(default) => {
                        // Value and default share a type.
                        let (mut both, ty) = self
                            .unify(vec![value, default], name)
                            .map_err(|error| if error.code == sqlstate::DATATYPE_MISMATCH
                                || error.code == sqlstate::CANNOT_COERCE
                            {
                                wrong()
                            } else {
                                error
                            })?;
                        let default = both.pop();
                        all.extend(both);
                        if let Some(offset) = offset {
                            all.push(self.convert(offset, &Type::Integer, CastForm::Implicit)?);
                        }
                        all.extend(default);
                        ty
                    }
                    None => {
                        let value = self.decided(value)?;
                        let ty = value.ty.clone();
                        all.push(value);
                        if let Some(offset) = offset {
                            all.push(self.convert(offset, &Type::Integer, CastForm::Implicit)?);
                        }
                        ty
                    }
                };
                Ok((all, ty))
            }
            (
                WindowFunction::Rank
                | WindowFunction::DenseRank
                | WindowFunction::PercentRank
                | WindowFunction::CumeDist,
                _,
            ) => Err(Diagnostic::error(
                sqlstate::WRONG_OBJECT_TYPE,
                format!("WITHIN GROUP is required for ordered-set aggregate {name}"),
            )
            .at(span)
            .hint(format!("As a window function {name} takes no argument; what it ranks stands in OVER (ORDER BY ...)."))),
            _ => Err(wrong()),
        }
    }

    /// Reads the WINDOW clause.
    pub(super) fn window_clause(&mut self, definitions: &[NamedWindowDefinition]) -> Result<()> {
        for NamedWindowDefinition(ident, definition) in definitions {
            let name = fold(ident).into_owned();
            let span = ident_span(ident);
            if self
                .scope()
                .named_windows
                .iter()
                .any(|known| known.name == name)
            {
                return Err(Diagnostic::error(
                    sqlstate::WINDOWING_ERROR,
                    format!("window \"{name}\" is already defined"),
                )
                .at(span));
            }
            let window = match definition {
                NamedWindowExpr::NamedWindow(other) => {
                    return Err(unsupported(
                        "a window that is only another's name",
                        ident_span(other),
                    ));
                }
                NamedWindowExpr::WindowSpec(spec) => self.window_spec(spec, span)?,
            };
            self.scope().named_windows.push(Named { name, window });
        }
        Ok(())
    }

    fn named_window(&self, ident: &Ident) -> Result<&Named> {
        let name = fold(ident);
        self.scopes
            .last()
            .and_then(|scope| scope.named_windows.iter().find(|known| known.name == *name))
            .ok_or_else(|| {
                Diagnostic::error(
                    sqlstate::UNDEFINED_OBJECT,
                    format!("window \"{name}\" does not exist"),
                )
                .at(ident_span(ident))
            })
    }

    fn window_spec(&mut self, spec: &WindowSpec, span: Option<Span>) -> Result<Specification> {
        let WindowSpec {
            window_name,
            partition_by,
            order_by,
            window_frame,
        } = spec;
        // A frame's EXCLUDE travels inside the name: see `sql::FRAME_MARK`.
        let mut exclude = FrameExclusion::NoOthers;
        let mut base = window_name.clone();
        if let Some(ident) = window_name
            && let Some(marked) = ident.value.strip_prefix(FRAME_MARK)
            && let Some((kind, name)) = marked.split_once(FRAME_MARK)
        {
            exclude = match kind {
                "current row" => FrameExclusion::CurrentRow,
                "group" => FrameExclusion::Group,
                "ties" => FrameExclusion::Ties,
                _ => FrameExclusion::NoOthers,
            };
            base = (!name.is_empty()).then(|| Ident {
                value: name.to_string(),
                quote_style: Some('"'),
                span: ident.span,
            });
        }
        let mut result = Specification {
            partition_by: Vec::new(),
            order_by: Vec::new(),
            frame: default_frame(),
            framed: false,
        };
        if let Some(ident) = &base {
            let (name, span) = (fold(ident), ident_span(ident));
            let inherited = self.named_window(ident)?.window.clone();
            let refused = |what: &str| {
                Err(Diagnostic::error(
                    sqlstate::WINDOWING_ERROR,
                    format!("cannot {what} of window \"{name}\""),
                )
                .at(span))
            };
            if !partition_by.is_empty() {
                return refused("override PARTITION BY clause");
            }
            if !order_by.is_empty() && !inherited.order_by.is_empty() {
                return refused("override ORDER BY clause");
            }
            if inherited.framed {
                return Err(Diagnostic::error(
                    sqlstate::WINDOWING_ERROR,
                    format!("cannot copy window \"{name}\" because it has a frame clause"),
                )
                .at(span));
            }
            result.partition_by = inherited.partition_by;
            result.order_by = inherited.order_by;
        }
        if !partition_by.is_empty() {
            result.partition_by = self.within(Clause::WindowPartition, |binder| {
                partition_by
                    .iter()
                    .map(|expr| {
                        let expr = binder.expr(expr)?;
                        binder.decided(expr)
                    })
                    .collect::<Result<Vec<_>>>()
            })?;
        }
        if !order_by.is_empty() {
            result.order_by =
                self.within(Clause::WindowOrder, |binder| binder.inner_order(order_by))?;
        }
        if let Some(frame) = window_frame {
            result.frame = self.frame(frame, exclude, &result.order_by, span)?;
            result.framed = true;
        }
        Ok(result)
    }

    fn frame(
        &mut self,
        frame: &WindowFrame,
        exclude: FrameExclusion,
        order_by: &[SortKey],
        span: Option<Span>,
    ) -> Result<Frame> {
        let WindowFrame {
            units,
            start_bound,
            end_bound,
        } = frame;
        let unit = match units {
            WindowFrameUnits::Rows => FrameUnit::Rows,
            WindowFrameUnits::Range => FrameUnit::Range,
            WindowFrameUnits::Groups => FrameUnit::Groups,
        };
        if unit == FrameUnit::Groups && order_by.is_empty() {
            return Err(windowing("GROUPS mode requires an ORDER BY clause", span));
        }
        let start = match start_bound {
            WindowFrameBound::CurrentRow => FrameBound::CurrentRow,
            WindowFrameBound::Preceding(None) => FrameBound::UnboundedPreceding,
            WindowFrameBound::Following(None) => {
                return Err(windowing("frame start cannot be UNBOUNDED FOLLOWING", span));
            }
            WindowFrameBound::Preceding(Some(offset)) => {
                FrameBound::Preceding(self.frame_offset(offset, unit, order_by, span)?)
            }
            WindowFrameBound::Following(Some(offset)) => {
                FrameBound::Following(self.frame_offset(offset, unit, order_by, span)?)
            }
        };
        let end = match end_bound {
            None | Some(WindowFrameBound::CurrentRow) => FrameBound::CurrentRow,
            Some(WindowFrameBound::Preceding(None)) => {
                return Err(windowing("frame end cannot be UNBOUNDED PRECEDING", span));
            }
            Some(WindowFrameBound::Following(None)) => FrameBound::UnboundedFollowing,
            Some(WindowFrameBound::Preceding(Some(offset))) => {
                FrameBound::Preceding(self.frame_offset(offset, unit, order_by, span)?)
            }
            Some(WindowFrameBound::Following(Some(offset))) => {
                FrameBound::Following(self.frame_offset(offset, unit, order_by, span)?)
            }
        };
        match (&start, &end) {
            (FrameBound::CurrentRow, FrameBound::Preceding(_)) => {
                return Err(windowing(
                    "frame starting from current row cannot have preceding rows",
                    span,
                ));
            }
            (FrameBound::Following(_), FrameBound::Preceding(_) | FrameBound::CurrentRow) => {
                return Err(windowing(
                    if end_bound.is_none() {
                        "frame starting from following row cannot end with current row"
                    } else {
                        "frame starting from following row cannot have preceding rows"
                    },
                    span,
                ));
            }
            _ => {}
        }
        Ok(Frame {
            unit,
            start,
            end,
            exclude,
        })
    }

    fn frame_offset(
        &mut self,
        offset: &ast::Expr,
        unit: FrameUnit,
        order_by: &[SortKey],
        span: Option<Span>,
    ) -> Result<Expr> {
        let name = match unit {
            FrameUnit::Rows => "ROWS",
            FrameUnit::Range => "RANGE",
            FrameUnit::Groups => "GROUPS",
        };
        let offset = self.within(Clause::WindowFrame, |binder| binder.expr(offset))?;
        let place = offset.span.or(span);
        if offset
            .reads()
            .iter()
            .any(|id| self.level_of(id) == Some(self.scopes.len() - 1))
        {
            return Err(Diagnostic::error(
                sqlstate::INVALID_COLUMN_REFERENCE,
                format!("argument of {name} must not contain variables"),
            )
            .at(place));
        }
        if unit != FrameUnit::Range {
            return self.count(offset, name);
        }
        let [key] = order_by else {
            return Err(windowing(
                "RANGE with offset PRECEDING/FOLLOWING requires exactly one ORDER BY column",
                place,
            ));
        };
        let wanted = match &key.expr.ty {
            Type::SmallInt | Type::Integer | Type::BigInt => Type::BigInt,
            Type::Numeric(_) => Type::Numeric(None),
            Type::Real | Type::Double => Type::Double,
            Type::Date | Type::Time | Type::Timestamp | Type::TimestampTz | Type::Interval => {
                Type::Interval
            }
            other => {
                return Err(Diagnostic::error(
                    sqlstate::FEATURE_NOT_SUPPORTED,
                    format!(
                        "RANGE with offset PRECEDING/FOLLOWING is not supported for column type {other}"
                    ),
                )
                .at(place));
            }
        };
        let fits = offset.ty == Type::Unknown
            || offset.ty == wanted
            || types::can_cast(&offset.ty, &wanted, CastForm::Implicit);
        if !fits {
            return Err(Diagnostic::error(
                sqlstate::FEATURE_NOT_SUPPORTED,
                format!(
                    "RANGE with offset PRECEDING/FOLLOWING is not supported for column type {} and offset type {}",
                    key.expr.ty, offset.ty
                ),
            )
            .at(place)
            .hint("Cast the offset value to an appropriate type."));
        }
        self.convert(offset, &wanted, CastForm::Implicit)
    }

    /// ORDER BY inside a call or a window: expressions only, numbers are constants there.
    pub(super) fn inner_order(&mut self, keys: &[OrderByExpr]) -> Result<Vec<SortKey>> {
        keys.iter()
            .map(|key| {
                let (expr, direction, nulls) = super::order::parts(key)?;
                let expr = self.expr(expr)?;
                let expr = self.decided(expr)?;
                super::order::sortable(&expr)?;
                Ok(SortKey {
                    expr,
                    direction,
                    nulls,
                })
            })
            .collect()
    }
}

/// Stacks the window functions over a plan, one operator for each window.
pub(super) fn plan_windows(mut plan: Plan, pending: Vec<Pending>) -> Plan {
    let mut windows: Vec<(Specification, Vec<(ColumnId, WindowCall)>)> = Vec::new();
    for Pending { id, call, window } in pending {
        match windows.iter_mut().find(|(known, _)| same(known, &window)) {
            Some((_, calls)) => calls.push((id, call)),
            None => windows.push((window, vec![(id, call)])),
        }
    }
    for (specification, calls) in windows {
        plan = Plan::Window(Box::new(Window {
            input: plan,
            partition_by: specification.partition_by,
            order_by: specification.order_by,
            frame: specification.frame,
            calls,
        }));
    }
    plan
}

fn same(left: &Specification, right: &Specification) -> bool {
    let bound = |left: &FrameBound, right: &FrameBound| match (left, right) {
        (FrameBound::UnboundedPreceding, FrameBound::UnboundedPreceding)
        | (FrameBound::CurrentRow, FrameBound::CurrentRow)
        | (FrameBound::UnboundedFollowing, FrameBound::UnboundedFollowing) => true,
        (FrameBound::Preceding(l), FrameBound::Preceding(r))
        | (FrameBound::Following(l), FrameBound::Following(r)) => l.same(r),
        _ => false,
    };
    left.partition_by.len() == right.partition_by.len()
        && left
            .partition_by
            .iter()
            .zip(&right.partition_by)
            .all(|(l, r)| l.same(r))
        && left.order_by.len() == right.order_by.len()
        && left
            .order_by
            .iter()
            .zip(&right.order_by)
            .all(|(l, r)| l.expr.same(&r.expr) && l.direction == r.direction && l.nulls == r.nulls)
        && left.frame.unit == right.frame.unit
        && left.frame.exclude == right.frame.exclude
        && bound(&left.frame.start, &right.frame.start)
        && bound(&left.frame.end, &right.frame.end)
}

fn no_function(name: &str, types: &[Type], span: Option<Span>) -> Box<Diagnostic> {
    let shown: Vec<String> = types
        .iter()
        .map(|ty| ty.without_modifier().to_string())
        .collect();
    Diagnostic::error(
        sqlstate::UNDEFINED_FUNCTION,
        format!("function {name}({}) does not exist", shown.join(", ")),
    )
    .at(span)
    .hint("No function matches the given name and argument types. You might need to add explicit type casts.")
}

fn windowing(message: &str, span: Option<Span>) -> Box<Diagnostic> {
    Diagnostic::error(sqlstate::WINDOWING_ERROR, message).at(span)
}
