//! Calls: scalar functions, aggregates, window functions and what only looks like them.

use super::Binder;
use super::aggregates::{self, Style};
use super::refuse::{unset, unsupported};
use super::scope::{Clause, Series, fold, ident_span};
use crate::base::diagnostic::sqlstate;
use crate::base::{Diagnostic, Result, Span, Type, Value};
use crate::engine::expr::{CastForm, Comparison, Expr, ExprKind, SubqueryForm};
use crate::engine::plan::{
    AggregateCall, AggregateFunction, ColumnSet, Distinctness, SortKey, TableFunction,
};
use crate::engine::types;
use sqlparser::ast::{
    self, DuplicateTreatment, Function, FunctionArg, FunctionArgExpr, FunctionArgumentClause,
    FunctionArgumentList, FunctionArguments, NullTreatment, ObjectName, ObjectNamePart,
    OrderByExpr,
};

/// The parts of a call's parentheses.
#[derive(Default)]
struct Parts<'a> {
    arguments: Vec<&'a ast::Expr>,
    /// `(*)`
    star: bool,
    distinct: bool,
    /// `ORDER BY` inside the parentheses.
    order_by: &'a [OrderByExpr],
}

impl Binder<'_> {
    pub(super) fn function(&mut self, function: &Function) -> Result<Expr> {
        let Function {
            name,
            uses_odbc_syntax,
            parameters,
            args,
            within_group,
            filter,
            null_treatment,
            over,
        } = function;
        let (name, span) = function_name(name)?;
        unset(*uses_odbc_syntax, "the ODBC call", span)?;
        match parameters {
            FunctionArguments::None => {}
            FunctionArguments::Subquery(_) | FunctionArguments::List(_) => {
                return Err(unsupported("a call with two lists of arguments", span));
            }
        }
        match null_treatment {
            None | Some(NullTreatment::RespectNulls) => {}
            Some(NullTreatment::IgnoreNulls) => {
                return Err(unsupported("IGNORE NULLS", span));
            }
        }
        let parts = match args {
            FunctionArguments::None => Parts::default(),
            FunctionArguments::Subquery(query) if name == "array" => {
                return self.scalar_subquery(query, SubqueryForm::Array);
            }
            FunctionArguments::Subquery(query) => {
                // `f((SELECT ..))` written with one pair of parentheses is an error in PostgreSQL.
                let _ = query;
                return Err(Diagnostic::error(
                    sqlstate::SYNTAX_ERROR,
                    "a subquery as an argument needs parentheses of its own",
                )
                .at(span));
            }
            FunctionArguments::List(list) => parts(list, span)?,
        };
        let aggregate = aggregates::by_name(&name);
        if let Some(over) = over {
            super::refuse::empty(within_group, "OVER with WITHIN GROUP", span)?;
            if !parts.order_by.is_empty() {
                return Err(unsupported("aggregate ORDER BY for window functions", span));
            }
            if parts.distinct {
                return Err(unsupported("DISTINCT for window functions", span));
            }
            if let Some((_, Style::OrderedSet)) = aggregate {
                return Err(unsupported(
                    format!("OVER for ordered-set aggregate {name}"),
                    span,
                ));
            }
            return self.window_call(
                &name,
                aggregate.map(|(function, _)| function),
                &parts.arguments,
                parts.star,
                filter.as_deref(),
                over,
                span,
            );
        }
        if let Some((function, style)) = aggregate {
            return self.aggregate(
                &name,
                function,
                style,
                &parts,
                within_group,
                filter.as_deref(),
                span,
            );
        }
        if super::windows::by_name(&name).is_some() {
            return Err(Diagnostic::error(
                sqlstate::WRONG_OBJECT_TYPE,
                format!("window function {name} requires an OVER clause"),
            )
            .at(span));
        }
        let not_aggregate = |what: &str| {
            Diagnostic::error(
                sqlstate::WRONG_OBJECT_TYPE,
                format!("{what} specified, but {name} is not an aggregate function"),
            )
            .at(span)
        };
        if parts.star {
            return Err(Diagnostic::error(
                sqlstate::WRONG_OBJECT_TYPE,
                format!("{name}(*) specified, but {name} is not an aggregate function"),
            )
            .at(span));
        }
        if parts.distinct {
            return Err(not_aggregate("DISTINCT"));
        }
        if !parts.order_by.is_empty() {
            return Err(not_aggregate("ORDER BY"));
        }
        if !within_group.is_empty() {
            return Err(not_aggregate("WITHIN GROUP"));
        }
        if filter.is_some() {
            return Err(not_aggregate("FILTER"));
        }
        self.scalar(&name, &parts.arguments, span)
    }

    fn arguments(&mut self, arguments: &[&ast::Expr]) -> Result<Vec<Expr>> {
        arguments
            .iter()
            .map(|argument| self.expr(argument))
            .collect()
    }

    fn scalar(&mut self, name: &str, arguments: &[&ast::Expr], span: Option<Span>) -> Result<Expr> {
        match name {
            "grouping" => return self.grouping(arguments, span),
            "row" => {
                let fields = self.arguments(arguments)?;
                let mut row = super::operators::row_of(fields);
                row.span = span;
                return Ok(row);
            }
            "generate_series" | "unnest" => return self.series(name, arguments, span),
            _ => {}
        }
        let arguments = self.arguments(arguments)?;
        match (name, arguments.as_slice()) {
            ("pg_typeof", [only]) if only.ty == Type::Unknown => {
                return Ok(Expr {
                    span,
                    ..Expr::literal(Value::text("unknown"), Type::Text)
                });
            }
            _ => {}
        }
        match name {
            "coalesce" if !arguments.is_empty() => {
                let (arguments, ty) = self.unify(arguments, "COALESCE")?;
                Ok(Expr {
                    kind: ExprKind::Coalesce(arguments),
                    ty,
                    span,
                })
            }
            "greatest" | "least" if !arguments.is_empty() => {
                let context = if name == "greatest" {
                    "GREATEST"
                } else {
                    "LEAST"
                };
                let (arguments, ty) = self.unify(arguments, context)?;
                let mut call = self.call(name, arguments, span)?;
                call.ty = ty;
                Ok(call)
            }
            "nullif" => match <[Expr; 2]>::try_from(arguments) {
                Ok([left, right]) => {
                    let left = self.nullif_operand(left, &right)?;
                    let equal = self.compare(Comparison::Eq, left.clone(), right)?;
                    let ty = left.ty.clone();
                    Ok(Expr {
                        kind: ExprKind::Case {
                            branches: vec![(equal, Expr::literal(Value::Null, ty.clone()))],
                            otherwise: Some(Box::new(left)),
                        },
                        ty,
                        span,
                    })
                }
                Err(_) => Err(Diagnostic::error(
                    sqlstate::SYNTAX_ERROR,
                    "NULLIF takes two arguments",
                )
                .at(span)),
            },
            _ => self.call(name, arguments, span),
        }
    }

    /// NULLIF has the type of its first operand; a literal there takes the other's.
    fn nullif_operand(&mut self, left: Expr, right: &Expr) -> Result<Expr> {
        match (&left.ty, &right.ty) {
            (Type::Unknown, Type::Unknown) => self.decided(left),
            (Type::Unknown, ty) => {
                let ty = ty.clone();
                self.convert(left, &ty, CastForm::Implicit)
            }
            _ => Ok(left),
        }
    }

    /// A set-returning function: it becomes an input of the select list.
    fn series(&mut self, name: &str, arguments: &[&ast::Expr], span: Option<Span>) -> Result<Expr> {
        if self.clause() != Clause::Select {
            let clause = self.clause().name();
            return Err(Diagnostic::error(
                sqlstate::FEATURE_NOT_SUPPORTED,
                format!("set-returning functions are not allowed in {clause}"),
            )
            .at(span));
        }
        let arguments = self.arguments(arguments)?;
        let (function, arguments, ty) = self.series_signature(name, arguments, span)?;
        if self.scope().series.len() == 1 {
            return Err(unsupported(
                "more than one set-returning function in a select list",
                span,
            )
            .hint("Put them into FROM."));
        }
        let id = self.fresh();
        self.scope().series.push(Series {
            id,
            ty: ty.clone(),
            function,
            arguments,
        });
        Ok(Expr {
            kind: ExprKind::Column(id),
            ty,
            span,
        })
    }

    /// The argument and result types of `generate_series` and `unnest`.
    pub(super) fn series_signature(
        &mut self,
        name: &str,
        arguments: Vec<Expr>,
        span: Option<Span>,
    ) -> Result<(TableFunction, Vec<Expr>, Type)> {
        let missing = |arguments: &[Expr]| {
            let types: Vec<String> = arguments.iter().map(|expr| expr.ty.to_string()).collect();
            Diagnostic::error(
                sqlstate::UNDEFINED_FUNCTION,
                format!("function {name}({}) does not exist", types.join(", ")),
            )
            .at(span)
            .hint("No function matches the given name and argument types. You might need to add explicit type casts.")
        };
        if name == "unnest" {
            return match <[Expr; 1]>::try_from(arguments) {
                Ok([array]) => match array.ty.clone() {
                    Type::Array(element) if *element != Type::Unknown => {
                        Ok((TableFunction::Unnest, vec![array], *element))
                    }
                    _ => Err(missing(&[array])),
                },
                Err(arguments) => Err(missing(&arguments)),
            };
        }
        if !(2..=3).contains(&arguments.len()) {
            return Err(missing(&arguments));
        }
        if arguments.iter().all(|expr| expr.ty == Type::Unknown) {
            let types = vec!["unknown"; arguments.len()].join(", ");
            return Err(Diagnostic::error(
                sqlstate::AMBIGUOUS_FUNCTION,
                format!("function generate_series({types}) is not unique"),
            )
            .at(span)
            .hint("Could not choose a best candidate function. You might need to add explicit type casts."));
        }
        let bounds: Vec<Type> = arguments
            .iter()
            .take(2)
            .map(|expr| expr.ty.clone())
            .collect();
        let step = arguments.get(2).map(|expr| expr.ty.clone());
        let ty = match types::common_type(&bounds, "generate_series") {
            Ok(ty) => ty,
            Err(_) => return Err(missing(&arguments)),
        };
        let numeric = |ty: &Type| matches!(ty, Type::Unknown) || ty.is_number();
        let wanted = match &ty {
            Type::SmallInt | Type::Integer | Type::BigInt | Type::Numeric(_) | Type::Unknown
                if step.as_ref().is_none_or(numeric) =>
            {
                let mut all = bounds;
                all.extend(step.clone());
                let ty =
                    types::common_type(&all, "generate_series").map_err(|_| missing(&arguments))?;
                match ty {
                    Type::SmallInt | Type::Integer | Type::Unknown => Type::Integer,
                    Type::BigInt => Type::BigInt,
                    Type::Numeric(_) => Type::Numeric(None),
                    _ => return Err(missing(&arguments)),
                }
            }
            Type::Date | Type::TimestampTz
                if matches!(step, Some(Type::Interval | Type::Unknown)) =>
            {
                Type::TimestampTz
            }
            Type::Timestamp if matches!(step, Some(Type::Interval | Type::Unknown)) => {
                Type::Timestamp
            }
            _ => return Err(missing(&arguments)),
        };
        let is_time = matches!(wanted, Type::Timestamp | Type::TimestampTz);
        let arguments = arguments
            .into_iter()
            .enumerate()
            .map(|(place, expr)| {
                let to = if place == 2 && is_time {
                    &Type::Interval
                } else {
                    &wanted
                };
                self.convert(expr, to, CastForm::Implicit)
            })
            .collect::<Result<Vec<_>>>()?;
        Ok((TableFunction::GenerateSeries, arguments, wanted))
    }

    fn grouping(&mut self, arguments: &[&ast::Expr], span: Option<Span>) -> Result<Expr> {
        let clause = self.clause();
        if !clause.allows_aggregates() {
            return Err(Diagnostic::error(
                sqlstate::GROUPING_ERROR,
                format!("grouping operations are not allowed in {}", clause.name()),
            )
            .at(span));
        }
        if arguments.len() > 31 {
            return Err(Diagnostic::error(
                sqlstate::SYNTAX_ERROR,
                "GROUPING must have fewer than 32 arguments",
            )
            .at(span));
        }
        let arguments = self.arguments(arguments)?;
        let id = self.fresh();
        self.scope().groupings.push((id, arguments, span));
        Ok(Expr {
            kind: ExprKind::Column(id),
            ty: Type::Integer,
            span,
        })
    }

    #[allow(clippy::too_many_arguments)]
    fn aggregate(
        &mut self,
        name: &str,
        function: AggregateFunction,
        style: Style,
        parts: &Parts<'_>,
        within_group: &[OrderByExpr],
        filter: Option<&ast::Expr>,
        span: Option<Span>,
    ) -> Result<Expr> {
        let clause = self.clause();
        let distinct = if parts.distinct {
            Distinctness::Distinct
        } else {
            Distinctness::All
        };
        if style == Style::OrderedSet && within_group.is_empty() {
            return Err(Diagnostic::error(
                sqlstate::WRONG_OBJECT_TYPE,
                format!("WITHIN GROUP is required for ordered-set aggregate {name}"),
            )
            .at(span));
        }
        if style == Style::Plain && !within_group.is_empty() {
            return Err(Diagnostic::error(
                sqlstate::WRONG_OBJECT_TYPE,
                format!("{name} is not an ordered-set aggregate, so it cannot have WITHIN GROUP"),
            )
            .at(span));
        }
        // Arguments may name outer aggregates only; what level the call has they decide.
        let (arguments, order_by, filter) = self.within(Clause::AggregateArgument, |binder| {
            let arguments = binder.arguments(&parts.arguments)?;
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
        let (function, arguments, order_by, ty) =
            self.typed_aggregate(name, function, style, arguments, order_by, parts.star, span)?;
        if distinct == Distinctness::Distinct {
            if arguments.is_empty() {
                return Err(Diagnostic::error(
                    sqlstate::UNDEFINED_FUNCTION,
                    "DISTINCT specified, but the aggregate has no argument",
                )
                .at(span));
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
        let mut reads = ColumnSet::default();
        for expr in arguments
            .iter()
            .chain(&filter)
            .chain(order_by.iter().map(|key| &key.expr))
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
        let call = AggregateCall {
            function,
            arguments,
            distinct,
            filter,
            order_by,
            ty: ty.clone(),
            span,
        };
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
            let shown: Vec<String> = types
                .iter()
                .cloned()
                .chain(
                    order_by
                        .iter()
                        .filter(|_| style == Style::OrderedSet)
                        .map(|key| key.expr.ty.clone()),
                )
                .map(|ty| ty.without_modifier().to_string())
                .collect();
            return Err(Diagnostic::error(
                sqlstate::UNDEFINED_FUNCTION,
                format!("function {name}({}) does not exist", shown.join(", ")),
            )
            .at(span)
            .hint("No function matches the given name and argument types. You might need to add explicit type casts."));
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

/// A function's name without its schema.
pub(super) fn function_name(
    name: &ObjectName,
) -> Result<(std::borrow::Cow<'_, str>, Option<Span>)> {
    let ObjectName(parts) = name;
    match parts.as_slice() {
        [ObjectNamePart::Identifier(name)] => Ok((fold(name), ident_span(name))),
        [
            ObjectNamePart::Identifier(schema),
            ObjectNamePart::Identifier(name),
        ] if matches!(&*fold(schema), "pg_catalog" | "public") => {
            Ok((fold(name), ident_span(name)))
        }
        [ObjectNamePart::Identifier(schema), ..] => Err(Diagnostic::error(
            sqlstate::UNDEFINED_FUNCTION,
            format!("function {name} does not exist"),
        )
        .at(ident_span(schema))),
        _ => Err(unsupported(format!("the function name {name}"), None)),
    }
}

fn parts(list: &FunctionArgumentList, span: Option<Span>) -> Result<Parts<'_>> {
    let FunctionArgumentList {
        duplicate_treatment,
        args,
        clauses,
    } = list;
    let mut parts = Parts {
        distinct: match duplicate_treatment {
            None | Some(DuplicateTreatment::All) => false,
            Some(DuplicateTreatment::Distinct) => true,
        },
        ..Parts::default()
    };
    for argument in args {
        match argument {
            FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => parts.arguments.push(expr),
            FunctionArg::Unnamed(FunctionArgExpr::Wildcard) => parts.star = true,
            FunctionArg::Unnamed(FunctionArgExpr::QualifiedWildcard(name)) => {
                return Err(unsupported(format!("the argument {name}.*"), span));
            }
            FunctionArg::Unnamed(FunctionArgExpr::WildcardWithOptions(_)) => {
                return Err(unsupported("a wildcard with options", span));
            }
            FunctionArg::Named {
                name,
                arg: _,
                operator: _,
            } => {
                return Err(unsupported("a named argument", ident_span(name).or(span)));
            }
            FunctionArg::ExprNamed {
                name: _,
                arg: _,
                operator: _,
            } => return Err(unsupported("a named argument", span)),
        }
    }
    if parts.star && !parts.arguments.is_empty() {
        return Err(
            Diagnostic::error(sqlstate::SYNTAX_ERROR, "syntax error at or near \"*\"").at(span),
        );
    }
    for clause in clauses {
        match clause {
            FunctionArgumentClause::OrderBy(keys) => parts.order_by = keys,
            FunctionArgumentClause::IgnoreOrRespectNulls(NullTreatment::RespectNulls) => {}
            FunctionArgumentClause::IgnoreOrRespectNulls(NullTreatment::IgnoreNulls) => {
                return Err(unsupported("IGNORE NULLS", span));
            }
            FunctionArgumentClause::Where(_) => {
                return Err(
                    unsupported("WHERE inside a call", span).hint("Write FILTER (WHERE ...).")
                );
            }
            FunctionArgumentClause::Limit(_) => {
                return Err(unsupported("LIMIT inside a call", span));
            }
            FunctionArgumentClause::OnOverflow(_) => {
                return Err(unsupported("ON OVERFLOW", span));
            }
            FunctionArgumentClause::Having(_) => {
                return Err(unsupported("HAVING inside a call", span));
            }
            FunctionArgumentClause::Separator(_) => {
                return Err(unsupported("SEPARATOR", span));
            }
            FunctionArgumentClause::JsonNullClause(_)
            | FunctionArgumentClause::JsonReturningClause(_) => {
                return Err(unsupported("a JSON clause", span));
            }
        }
    }
    Ok(parts)
}
