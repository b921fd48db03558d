//! Calls: what kind of function they mean, and scalar functions.

use super::Binder;
use super::aggregates::{self, HypotheticalRank, Style};
use super::refuse::{unset, unsupported};
use super::scope::{fold, ident_span};
use crate::base::diagnostic::sqlstate;
use crate::base::{Diagnostic, Result, Span, Type, Value};
use crate::engine::expr::{CastForm, Comparison, Expr, ExprKind, SubqueryForm};
use crate::engine::scalar;
use sqlparser::ast::{
    self, DuplicateTreatment, Function, FunctionArg, FunctionArgExpr, FunctionArgOperator,
    FunctionArgumentClause, FunctionArgumentList, FunctionArguments, Ident, NullTreatment,
    ObjectName, ObjectNamePart, OrderByExpr,
};

/// The parts of a call's parentheses.
#[derive(Default)]
pub(super) struct Parts<'a> {
    pub(super) arguments: Vec<&'a ast::Expr>,
    /// Arguments by name: `name => value`.
    named: Vec<(&'a Ident, &'a ast::Expr)>,
    /// `(*)`
    pub(super) star: bool,
    pub(super) distinct: bool,
    /// `ORDER BY` inside the parentheses.
    pub(super) order_by: &'a [OrderByExpr],
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
        if let Some((argument, _)) = parts.named.first()
            && scalar::parameter_names(&name).is_none()
        {
            return Err(unsupported(
                format!("an argument of {name} by name"),
                ident_span(argument).or(span),
            ));
        }
        let aggregate = aggregates::by_name(&name);
        if over.is_none()
            && !within_group.is_empty()
            && let Some(rank) = HypotheticalRank::by_name(&name)
        {
            return self.hypothetical(rank, &parts, within_group, filter.as_deref(), span);
        }
        if let Some(over) = over {
            super::refuse::empty(within_group, "OVER with WITHIN GROUP", span)?;
            if !parts.order_by.is_empty() {
                return Err(unsupported("aggregate ORDER BY for window functions", span));
            }
            if parts.distinct {
                return Err(Diagnostic::error(
                    sqlstate::FEATURE_NOT_SUPPORTED,
                    "DISTINCT is not implemented for window functions",
                )
                .at(span));
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
        if !parts.named.is_empty() {
            return self.call_by_names(&name, &parts, span);
        }
        self.scalar(&name, &parts.arguments, span)
    }

    /// A call with arguments by name; those that are not given have their defaults.
    fn call_by_names(&mut self, name: &str, parts: &Parts<'_>, span: Option<Span>) -> Result<Expr> {
        let (names, default) = scalar::parameter_names(name).unwrap_or((&[], None));
        let mut given: Vec<Option<Expr>> = Vec::with_capacity(names.len());
        for argument in &parts.arguments {
            given.push(Some(self.expr(argument)?));
        }
        given.resize_with(names.len().max(given.len()), || None);
        for (ident, value) in &parts.named {
            let wanted = fold(ident);
            let place = names.iter().position(|known| *known == &*wanted);
            let value = self.expr(value)?;
            match place.and_then(|place| given.get_mut(place)) {
                Some(slot) if slot.is_none() => *slot = Some(value),
                _ => {
                    return Err(Diagnostic::error(
                        sqlstate::UNDEFINED_FUNCTION,
                        format!("function {name}({wanted} => {}) does not exist", value.ty),
                    )
                    .at(span)
                    .hint(format!("Its arguments are {}.", names.join(", "))));
                }
            }
        }
        let mut arguments = Vec::with_capacity(given.len());
        for (place, argument) in given.into_iter().enumerate() {
            arguments.push(match (argument, default) {
                (Some(argument), _) => argument,
                (None, Some(value)) => Expr::literal(Value::Int(value), Type::Integer),
                (None, None) => {
                    return Err(Diagnostic::error(
                        sqlstate::UNDEFINED_FUNCTION,
                        format!(
                            "{name} needs its argument {}",
                            names.get(place).copied().unwrap_or_default()
                        ),
                    )
                    .at(span));
                }
            });
        }
        self.call(name, arguments, span)
    }

    pub(super) fn arguments(&mut self, arguments: &[&ast::Expr]) -> Result<Vec<Expr>> {
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
            name if super::series::gives_rows(name) => return self.series(name, arguments, span),
            "current_timestamp" | "localtimestamp" | "localtime" if arguments.len() == 1 => {
                let moment = self.call(name, Vec::new(), span)?;
                let round = match name {
                    "current_timestamp" => "timestamptz",
                    "localtimestamp" => "timestamp",
                    _ => "time",
                };
                let mut arguments = self.arguments(arguments)?;
                arguments.insert(0, moment);
                return self.call(round, arguments, span);
            }
            _ => {}
        }
        let series = self.scope().series.len();
        let arguments = self.arguments(arguments)?;
        match (name, arguments.as_slice()) {
            ("coalesce" | "greatest" | "least", []) => {
                return Err(Diagnostic::error(
                    sqlstate::SYNTAX_ERROR,
                    format!("{} needs an argument", name.to_uppercase()),
                )
                .at(span));
            }
            // Bytes are written as quoted literals only: there is no type bytea.
            ("encode", [bytes, _]) if bytes.ty != Type::Unknown => {
                return Err(Diagnostic::error(
                    sqlstate::UNDEFINED_FUNCTION,
                    format!("function encode({}, unknown) does not exist", bytes.ty),
                )
                .at(span));
            }
            ("pg_typeof", [only]) if only.ty == Type::Unknown => {
                return Ok(Expr {
                    span,
                    ..Expr::literal(Value::text("unknown"), Type::Text)
                });
            }
            _ => {}
        }
        match name {
            "coalesce" => {
                self.refuse_series(series, "COALESCE")?;
                let (arguments, ty) = self.unify(arguments, "COALESCE")?;
                Ok(Expr {
                    kind: ExprKind::Coalesce(arguments),
                    ty,
                    span,
                })
            }
            "greatest" | "least" => {
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
                return Err(unsupported(format!("the argument {name}.*"), span)
                    .hint(format!("Write {name}, which is the whole row.")));
            }
            FunctionArg::Unnamed(FunctionArgExpr::WildcardWithOptions(_)) => {
                return Err(unsupported("a wildcard with options", span));
            }
            FunctionArg::Named {
                name,
                arg: FunctionArgExpr::Expr(value),
                operator: FunctionArgOperator::RightArrow | FunctionArgOperator::Assignment,
            } => parts.named.push((name, value)),
            FunctionArg::ExprNamed {
                name: ast::Expr::Identifier(name),
                arg: FunctionArgExpr::Expr(value),
                operator: FunctionArgOperator::RightArrow | FunctionArgOperator::Assignment,
            } => parts.named.push((name, value)),
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
