//! Calls of aggregates: their types, the query they belong to, and what PostgreSQL refuses.

use super::Binder;
use super::aggregates::{self, HypotheticalRank, Style};
use super::calls::Parts;
use super::expr::{conjunction, disjunction};
use super::scope::Clause;
use crate::base::diagnostic::sqlstate;
use crate::base::{Diagnostic, Result, Span, Type, Value};
use crate::engine::expr::{CastForm, Comparison, Expr, ExprKind, Test};
use crate::engine::plan::{
    AggregateCall, AggregateFunction, ColumnSet, Direction, Distinctness, Nulls, SortKey,
};
use sqlparser::ast::{self, OrderByExpr};

impl Binder<'_> {
    #[allow(clippy::too_many_arguments)]
    pub(super) fn aggregate(
        &mut self,
        name: &str,
        function: AggregateFunction,
        style: Style,
        parts: &Parts<'_>,
        within_group: &[OrderByExpr],
        filter: Option<&ast::Expr>,
        span: Option<Span>,
    ) -> Result<Expr> {
        if parts.distinct && parts.star {
            return Err(
                Diagnostic::error(sqlstate::SYNTAX_ERROR, "syntax error at or near \"*\"").at(span),
            );
        }
        let distinct = if parts.distinct {
            Distinctness::Distinct
        } else {
            Distinctness::All
        };
        // PostgreSQL looks for a function of all arguments before it asks for its kind.
        let all = parts.arguments.len() + within_group.len();
        if style == Style::OrderedSet && within_group.is_empty() {
            let wanted = if function == AggregateFunction::Mode {
                1
            } else {
                2
            };
            return Err(match all == wanted {
                true => Diagnostic::error(
                    sqlstate::WRONG_OBJECT_TYPE,
                    format!("WITHIN GROUP is required for ordered-set aggregate {name}"),
                )
                .at(span),
                false => self.no_aggregate(name, &parts.arguments, span)?,
            });
        }
        if style == Style::Plain && !within_group.is_empty() {
            let keys = within_group.iter().map(|key| &key.expr);
            let all: Vec<&ast::Expr> = parts.arguments.iter().copied().chain(keys).collect();
            let types = self.within(Clause::AggregateArgument, |binder| binder.types(&all))?;
            return Err(match aggregates::plain(function, &types)? {
                Some(_) => Diagnostic::error(
                    sqlstate::WRONG_OBJECT_TYPE,
                    format!(
                        "{name} is not an ordered-set aggregate, so it cannot have WITHIN GROUP"
                    ),
                )
                .at(span),
                None => self.no_aggregate(name, &all, span)?,
            });
        }
        // Arguments may name outer aggregates only; what level the call has they decide.
        let (arguments, order_by, filter) = self.within(Clause::AggregateArgument, |binder| {
            let mut arguments = binder.arguments(&parts.arguments)?;
            for (argument, written) in arguments.iter_mut().zip(&parts.arguments) {
                if matches!(written, ast::Expr::Identifier(_)) {
                    binder.missing_is_null(argument);
                }
            }
            let order = if within_group.is_empty() {
                parts.order_by
            } else {
                within_group
            };
            let order_by = binder.inner_order(order)?;
            let filter = match filter {
                Some(filter) => {
                    let condition = binder.expr(filter)?;
                    Some(binder.boolean(condition, "FILTER")?)
                }
                None => None,
            };
            Ok((arguments, order_by, filter))
        })?;
        let (function, arguments, mut order_by, ty) =
            self.typed_aggregate(name, function, style, arguments, order_by, parts.star, span)?;
        if distinct == Distinctness::Distinct {
            if arguments.is_empty() {
                return Err(Diagnostic::error(
                    sqlstate::UNDEFINED_FUNCTION,
                    "DISTINCT specified, but the aggregate has no argument",
                )
                .at(span));
            }
            // A key is the argument also where that was brought to another type, as a varchar to
            // text.
            for key in &mut order_by {
                let converted = arguments.iter().find(|argument| {
                    matches!(&argument.kind, ExprKind::Cast(inner, CastForm::Implicit)
                        if inner.same(&key.expr))
                });
                if let Some(argument) = converted {
                    key.expr = argument.clone();
                }
            }
            if order_by
                .iter()
                .any(|key| !arguments.iter().any(|argument| argument.same(&key.expr)))
            {
                return Err(Diagnostic::error(
                    sqlstate::INVALID_COLUMN_REFERENCE,
                    "in an aggregate with DISTINCT, ORDER BY expressions must appear in argument list",
                )
                .at(span));
            }
        }
        let call = AggregateCall {
            function,
            arguments,
            distinct,
            filter,
            order_by,
            ty,
            span,
        };
        self.place_aggregate(call)
    }

    /// Gives a call to the query it belongs to.
    fn place_aggregate(&mut self, call: AggregateCall) -> Result<Expr> {
        let (clause, span, ty) = (self.clause(), call.span, call.ty.clone());
        let mut reads = ColumnSet::default();
        for expr in call
            .arguments
            .iter()
            .chain(&call.filter)
            .chain(call.order_by.iter().map(|key| &key.expr))
        {
            expr.read_into(&mut reads);
        }
        let level = self.aggregate_level(&reads);
        let Some(scope) = self.scopes.get(level) else {
            return Err(Diagnostic::error(
                sqlstate::GROUPING_ERROR,
                format!("aggregate functions are not allowed in {}", clause.name()),
            )
            .at(span));
        };
        if scope.windows.iter().any(|window| reads.contains(window.id)) {
            return Err(Diagnostic::error(
                sqlstate::GROUPING_ERROR,
                "aggregate function calls cannot contain window function calls",
            )
            .at(span));
        }
        let home = if level + 1 == self.scopes.len() {
            clause
        } else {
            scope.clause
        };
        if home == Clause::AggregateArgument
            || scope.aggregates.iter().any(|(id, _)| reads.contains(*id))
        {
            return Err(Diagnostic::error(
                sqlstate::GROUPING_ERROR,
                "aggregate function calls cannot be nested",
            )
            .at(span));
        }
        if !home.allows_aggregates() {
            return Err(Diagnostic::error(
                sqlstate::GROUPING_ERROR,
                format!("aggregate functions are not allowed in {}", home.name()),
            )
            .at(span)
            .hint(match home {
                Clause::Where => "Conditions on aggregates stand in HAVING.",
                _ => "Compute the aggregate in a subquery.",
            }));
        }
        // The same aggregate written twice is computed once.
        let known = scope
            .aggregates
            .iter()
            .find(|(_, known)| same_call(known, &call))
            .map(|(id, _)| *id);
        let id = match known {
            Some(id) => id,
            None => {
                let id = self.fresh();
                if let Some(scope) = self.scopes.get_mut(level) {
                    scope.aggregates.push((id, call));
                }
                id
            }
        };
        Ok(Expr {
            kind: ExprKind::Column(id),
            ty,
            span,
        })
    }

    /// The query an aggregate belongs to: the innermost whose columns it reads, its own when it
    /// reads none.
    fn aggregate_level(&self, reads: &ColumnSet) -> usize {
        let own = self.scopes.len().saturating_sub(1);
        let holds = |level: usize, id| {
            self.scopes.get(level).is_some_and(|scope| {
                scope.items.iter().any(|item| item.holds(id))
                    || scope.aggregates.iter().any(|(known, _)| *known == id)
                    || scope.windows.iter().any(|window| window.id == id)
            })
        };
        reads
            .iter()
            .filter_map(|id| (0..self.scopes.len()).rev().find(|level| holds(*level, id)))
            .max()
            .unwrap_or(own)
    }

    #[allow(clippy::too_many_arguments)]
    fn typed_aggregate(
        &mut self,
        name: &str,
        function: AggregateFunction,
        style: Style,
        arguments: Vec<Expr>,
        mut order_by: Vec<SortKey>,
        star: bool,
        span: Option<Span>,
    ) -> Result<(AggregateFunction, Vec<Expr>, Vec<SortKey>, Type)> {
        if star && function != AggregateFunction::Count {
            return Err(Diagnostic::error(
                sqlstate::UNDEFINED_FUNCTION,
                format!("function {name}() does not exist"),
            )
            .at(span));
        }
        if function == AggregateFunction::Count && arguments.is_empty() && !star {
            return Err(Diagnostic::error(
                sqlstate::WRONG_OBJECT_TYPE,
                "count(*) must be used to call a parameterless aggregate function",
            )
            .at(span));
        }
        let function = if star {
            AggregateFunction::CountRows
        } else {
            function
        };
        let types: Vec<Type> = arguments.iter().map(|expr| expr.ty.clone()).collect();
        let signature = match style {
            Style::Plain => aggregates::plain(function, &types)?,
            Style::OrderedSet => match order_by.as_slice() {
                [key] => aggregates::ordered_set(function, &types, &key.expr.ty),
                _ => None,
            },
        };
        let Some(signature) = signature else {
            let keys = order_by.iter().filter(|_| style == Style::OrderedSet);
            let all: Vec<Type> = types
                .iter()
                .cloned()
                .chain(keys.map(|key| key.expr.ty.clone()))
                .collect();
            return Err(missing(name, &all, span));
        };
        let arguments = arguments
            .into_iter()
            .zip(&signature.arguments)
            .map(|(expr, ty)| self.convert(expr, ty, CastForm::Implicit))
            .collect::<Result<Vec<_>>>()?;
        if let Some(ty) = &signature.key {
            let mut keys = Vec::with_capacity(1);
            for key in order_by {
                keys.push(SortKey {
                    expr: self.convert(key.expr, ty, CastForm::Implicit)?,
                    ..key
                });
            }
            order_by = keys;
        }
        Ok((function, arguments, order_by, signature.ty))
    }

    /// An aggregate as a window function: its function, arguments and type.
    pub(super) fn window_aggregate(
        &mut self,
        name: &str,
        function: AggregateFunction,
        arguments: Vec<Expr>,
        star: bool,
        span: Option<Span>,
    ) -> Result<(AggregateFunction, Vec<Expr>, Type)> {
        let (function, arguments, _, ty) = self.typed_aggregate(
            name,
            function,
            Style::Plain,
            arguments,
            Vec::new(),
            star,
            span,
        )?;
        Ok((function, arguments, ty))
    }

    fn types(&mut self, exprs: &[&ast::Expr]) -> Result<Vec<Type>> {
        exprs.iter().map(|expr| Ok(self.expr(expr)?.ty)).collect()
    }

    /// `function f(a, b) does not exist`
    fn no_aggregate(
        &mut self,
        name: &str,
        arguments: &[&ast::Expr],
        span: Option<Span>,
    ) -> Result<Box<Diagnostic>> {
        let types = self.within(Clause::AggregateArgument, |binder| binder.types(arguments))?;
        Ok(missing(name, &types, span))
    }

    /// A hypothetical-set aggregate: the rank a row of the direct arguments would have among the
    /// rows of the group (manual, 9.21). It is made of counts of the rows that come before.
    pub(super) fn hypothetical(
        &mut self,
        rank: HypotheticalRank,
        parts: &Parts<'_>,
        within_group: &[OrderByExpr],
        filter: Option<&ast::Expr>,
        span: Option<Span>,
    ) -> Result<Expr> {
        if parts.arguments.len() != within_group.len() {
            return Err(Diagnostic::error(
                sqlstate::UNDEFINED_FUNCTION,
                format!(
                    "function {}() does not exist with these arguments",
                    rank.name()
                ),
            )
            .at(span)
            .hint(format!(
                "To use the hypothetical-set aggregate {}, the number of hypothetical direct arguments (here {}) must match the number of ordering columns (here {}).",
                rank.name(),
                parts.arguments.len(),
                within_group.len()
            )));
        }
        let (arguments, keys, filter) = self.within(Clause::AggregateArgument, |binder| {
            let arguments = binder.arguments(&parts.arguments)?;
            let keys = binder.inner_order(within_group)?;
            let filter = match filter {
                Some(filter) => {
                    let condition = binder.expr(filter)?;
                    Some(binder.boolean(condition, "FILTER")?)
                }
                None => None,
            };
            Ok((arguments, keys, filter))
        })?;
        // For each key: whether a row comes before by it, given that all keys in front are equal.
        let mut branches = Vec::with_capacity(keys.len());
        let mut equal: Vec<Expr> = Vec::with_capacity(keys.len());
        let mut values = Vec::with_capacity(keys.len());
        for (key, argument) in keys.into_iter().zip(arguments) {
            let SortKey {
                expr,
                direction,
                nulls,
            } = key;
            let (expr, argument) = self.comparable(expr, argument, Comparison::Lt, span)?;
            let comparison = match direction {
                Direction::Ascending => Comparison::Lt,
                Direction::Descending => Comparison::Gt,
            };
            let smaller = self.compare(comparison, expr.clone(), argument.clone())?;
            let (first, second) = match nulls {
                Nulls::First => (&expr, &argument),
                Nulls::Last => (&argument, &expr),
            };
            let by_null = conjunction(vec![is(first, Test::Null), is(second, Test::NotNull)], span);
            let before = disjunction(vec![smaller, by_null], span);
            let mut all = equal.clone();
            all.push(before);
            branches.push(conjunction(all, span));
            equal.push(self.compare(Comparison::NotDistinct, expr.clone(), argument)?);
            values.push(expr);
        }
        let before = disjunction(branches, span);
        let counted = |binder: &mut Self, condition: Option<Expr>, distinct: Vec<Expr>| {
            let filter: Vec<Expr> = filter.iter().cloned().chain(condition).collect();
            let filter = match filter.is_empty() {
                true => None,
                false => Some(conjunction(filter, span)),
            };
            let (function, arguments, distinct) = match distinct.is_empty() {
                true => (AggregateFunction::CountRows, Vec::new(), Distinctness::All),
                false => (
                    AggregateFunction::Count,
                    vec![super::operators::row_of(distinct)],
                    Distinctness::Distinct,
                ),
            };
            binder.place_aggregate(AggregateCall {
                function,
                arguments,
                distinct,
                filter,
                order_by: Vec::new(),
                ty: Type::BigInt,
                span,
            })
        };
        let one = || Expr::literal(Value::Int(1), Type::BigInt);
        match rank {
            HypotheticalRank::Rank | HypotheticalRank::DenseRank => {
                let distinct = match rank {
                    HypotheticalRank::DenseRank => values,
                    _ => Vec::new(),
                };
                let count = counted(self, Some(before), distinct)?;
                self.operator("+", vec![count, one()], span)
            }
            HypotheticalRank::PercentRank => {
                let count = counted(self, Some(before), Vec::new())?;
                let rows = counted(self, None, Vec::new())?;
                let rows = self.call(
                    "nullif",
                    vec![rows, Expr::literal(Value::Int(0), Type::BigInt)],
                    span,
                )?;
                let count = self.convert(count, &Type::Double, CastForm::Implicit)?;
                let rows = self.convert(rows, &Type::Double, CastForm::Implicit)?;
                let share = self.operator("/", vec![count, rows], span)?;
                let zero = Expr::literal(Value::Float(0.0), Type::Double);
                Ok(Expr {
                    kind: ExprKind::Coalesce(vec![share, zero]),
                    ty: Type::Double,
                    span,
                })
            }
            HypotheticalRank::CumeDist => {
                let up_to = disjunction(vec![before, conjunction(equal, span)], span);
                let count = counted(self, Some(up_to), Vec::new())?;
                let rows = counted(self, None, Vec::new())?;
                let count = self.operator("+", vec![count, one()], span)?;
                let rows = self.operator("+", vec![rows, one()], span)?;
                let count = self.convert(count, &Type::Double, CastForm::Implicit)?;
                let rows = self.convert(rows, &Type::Double, CastForm::Implicit)?;
                self.operator("/", vec![count, rows], span)
            }
        }
    }
}

fn is(operand: &Expr, test: Test) -> Expr {
    Expr {
        kind: ExprKind::Test(Box::new(operand.clone()), test),
        ty: Type::Boolean,
        span: operand.span,
    }
}

/// `function f(a, b) does not exist`
fn missing(name: &str, types: &[Type], span: Option<Span>) -> Box<Diagnostic> {
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

fn same_call(left: &AggregateCall, right: &AggregateCall) -> bool {
    left.function == right.function
        && left.distinct == right.distinct
        && left.arguments.len() == right.arguments.len()
        && left
            .arguments
            .iter()
            .zip(&right.arguments)
            .all(|(l, r)| l.same(r))
        && left.order_by.len() == right.order_by.len()
        && left
            .order_by
            .iter()
            .zip(&right.order_by)
            .all(|(l, r)| l.expr.same(&r.expr) && l.direction == r.direction && l.nulls == r.nulls)
        && match (&left.filter, &right.filter) {
            (None, None) => true,
            (Some(l), Some(r)) => l.same(r),
            (None, Some(_)) | (Some(_), None) => false,
        }
}
