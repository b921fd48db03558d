//! Functions that give rows: `generate_series`, `unnest`, and those that are one of them over a
//! scalar function.

use super::Binder;
use super::refuse::unsupported;
use super::scope::{Clause, Series};
use crate::base::diagnostic::sqlstate;
use crate::base::{Diagnostic, Result, Span, Type, Value};
use crate::engine::expr::{CastForm, ColumnId, Expr, ExprKind, Subquery, SubqueryForm};
use crate::engine::plan::{JoinKind, Ordinality, Plan, TableFunction};
use crate::engine::types;
use sqlparser::ast;

/// The functions that give rows, and what they do.
pub(in crate::engine) const SET_FUNCTIONS: [(&str, &str, &str); 16] = [
    (
        "generate_series",
        "generate_series(start, stop [, step])",
        "Numbers, or moments, from a start to a stop.",
    ),
    (
        "unnest",
        "unnest(array, ..)",
        "The elements of arrays, a row each.",
    ),
    (
        "regexp_matches",
        "regexp_matches(text, pattern [, flags])",
        "The groups of each match as arrays; of the first one without the flag g.",
    ),
    (
        "regexp_split_to_table",
        "regexp_split_to_table(text, pattern [, flags])",
        "The texts between the matches, a row each.",
    ),
    (
        "string_to_table",
        "string_to_table(text, delimiter [, null])",
        "The parts of a text, a row each.",
    ),
    (
        "generate_subscripts",
        "generate_subscripts(array, dimension)",
        "The subscripts of an array, a row each.",
    ),
    (
        "json_array_elements",
        "json_array_elements(array)",
        "The elements of a JSON array, a row each.",
    ),
    (
        "jsonb_array_elements",
        "jsonb_array_elements(array)",
        "The elements of a JSON array, a row each.",
    ),
    (
        "json_array_elements_text",
        "json_array_elements_text(array)",
        "The elements of a JSON array as texts, a row each.",
    ),
    (
        "jsonb_array_elements_text",
        "jsonb_array_elements_text(array)",
        "The elements of a JSON array as texts, a row each.",
    ),
    (
        "json_object_keys",
        "json_object_keys(object)",
        "The keys of a JSON object, a row each.",
    ),
    (
        "jsonb_object_keys",
        "jsonb_object_keys(object)",
        "The keys of a JSON object, a row each.",
    ),
    (
        "json_each",
        "json_each(object)",
        "The keys and values of a JSON object, a row each.",
    ),
    (
        "jsonb_each",
        "jsonb_each(object)",
        "The keys and values of a JSON object, a row each.",
    ),
    (
        "json_each_text",
        "json_each_text(object)",
        "The keys and values of a JSON object as texts, a row each.",
    ),
    (
        "jsonb_each_text",
        "jsonb_each_text(object)",
        "The keys and values of a JSON object as texts, a row each.",
    ),
];

/// Whether a function gives rows.
pub(super) fn gives_rows(name: &str) -> bool {
    SET_FUNCTIONS.iter().any(|(known, _, _)| *known == name)
}

impl Binder<'_> {
    /// A set-returning function: it becomes an input of the select list.
    pub(super) fn series(
        &mut self,
        name: &str,
        arguments: &[&ast::Expr],
        span: Option<Span>,
    ) -> Result<Expr> {
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
        let id = self.fresh();
        self.scope().series.push(Series {
            id,
            ty: ty.clone(),
            function,
            arguments,
            span,
        });
        Ok(Expr {
            kind: ExprKind::Column(id),
            ty,
            span,
        })
    }

    /// Refuses the set-returning functions that came after the first `before` of the select list:
    /// what is computed only sometimes cannot give rows.
    pub(super) fn refuse_series(&mut self, before: usize, construct: &str) -> Result<()> {
        match self.scope().series.get(before) {
            None => Ok(()),
            Some(series) => Err(Diagnostic::error(
                sqlstate::FEATURE_NOT_SUPPORTED,
                format!("set-returning functions are not allowed in {construct}"),
            )
            .at(series.span)
            .hint("Write the function into FROM, after LATERAL.")),
        }
    }

    /// Gives the rows of a plan once for each row of the select list's set-returning functions.
    /// They run side by side, shorter ones filled up with NULLs; one that reads another runs over
    /// its rows.
    pub(super) fn expand(&mut self, mut plan: Plan) -> Result<Plan> {
        let mut all = std::mem::take(&mut self.scope().series);
        while !all.is_empty() {
            let later: Vec<ColumnId> = all.iter().map(|series| series.id).collect();
            let waits = |series: &Series| {
                let mut arguments = series.arguments.iter();
                arguments.any(|expr| expr.reads().iter().any(|id| later.contains(&id)))
            };
            let (rest, now) = all.into_iter().partition(waits);
            all = rest;
            plan = self.side_by_side(plan, now)?;
        }
        Ok(plan)
    }

    fn side_by_side(&mut self, plan: Plan, mut all: Vec<Series>) -> Result<Plan> {
        if all.len() == 1
            && let Some(series) = all.pop()
        {
            let function = series.plan(series.id);
            return Ok(Plan::join(JoinKind::Inner, plan, function, Vec::new()));
        }
        // Each function's values as an array, and as many rows as the longest has elements.
        let through = |columns: Vec<(ColumnId, Type)>| {
            let columns = columns.into_iter();
            columns.map(|(id, ty)| (id, Expr::column(id, ty)))
        };
        let mut arrays = Vec::with_capacity(all.len());
        let mut lengths = Vec::with_capacity(all.len());
        for series in &all {
            let (column, id) = (self.fresh(), self.fresh());
            let ty = Type::Array(Box::new(series.ty.clone()));
            let subquery = Subquery {
                form: SubqueryForm::Array,
                plan: series.plan(column),
                columns: vec![column],
            };
            let values = Expr::new(ExprKind::Subquery(Box::new(subquery)), ty.clone());
            arrays.push((id, values));
            lengths.push(self.call("cardinality", vec![Expr::column(id, ty)], None)?);
        }
        let plan = Plan::Project {
            columns: through(plan.columns()).chain(arrays.clone()).collect(),
            input: Box::new(plan),
        };
        let kept = plan.columns();
        let longest = self.call("greatest", lengths, None)?;
        let place = self.fresh();
        let rows = Plan::TableFunction {
            function: TableFunction::GenerateSeries,
            arguments: vec![Expr::literal(Value::Int(1), Type::Integer), longest],
            columns: vec![(place, Type::Integer)],
            ordinality: Ordinality::Without,
        };
        let mut columns: Vec<(ColumnId, Expr)> = through(kept).collect();
        for (series, (array, values)) in all.iter().zip(arrays) {
            let operands = vec![
                Expr::column(array, values.ty),
                Expr::column(place, Type::Integer),
            ];
            let element = self.call("array_subscript", operands, None)?;
            columns.push((series.id, element));
        }
        Ok(Plan::Project {
            input: Box::new(Plan::join(JoinKind::Inner, plan, rows, Vec::new())),
            columns,
        })
    }

    /// The argument and result types of `generate_series` and `unnest`.
    pub(super) fn series_signature(
        &mut self,
        name: &str,
        arguments: Vec<Expr>,
        span: Option<Span>,
    ) -> Result<(TableFunction, Vec<Expr>, Type)> {
        let arguments = match self.over_scalar(name, arguments, span)? {
            Unnested::Array(array) => {
                let element = match &array.ty {
                    Type::Array(element) => (**element).clone(),
                    other => other.clone(),
                };
                return Ok((TableFunction::Unnest, vec![array], element));
            }
            Unnested::Series(arguments) | Unnested::Itself(arguments) => arguments,
        };
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

    /// The functions that are `unnest` or `generate_series` over a scalar function.
    fn over_scalar(
        &mut self,
        name: &str,
        mut arguments: Vec<Expr>,
        span: Option<Span>,
    ) -> Result<Unnested> {
        let scalar = match name {
            "regexp_matches" => "regexp_matches",
            "regexp_split_to_table" => "regexp_split_to_array",
            "string_to_table" => "string_to_array",
            "generate_subscripts" => {
                if arguments.len() != 2 {
                    return Ok(Unnested::Itself(arguments));
                }
                let dimension = arguments.pop();
                let array = arguments.pop();
                let both: Vec<Expr> = array.into_iter().chain(dimension).collect();
                let first = self.call("array_lower", both.clone(), span)?;
                let last = self.call("array_upper", both, span)?;
                return Ok(Unnested::Series(vec![first, last]));
            }
            "json_array_elements" | "jsonb_array_elements" => {
                let array = self.call(name, arguments, span)?;
                return Ok(Unnested::Array(as_json(array, name)));
            }
            "json_array_elements_text"
            | "jsonb_array_elements_text"
            | "json_object_keys"
            | "jsonb_object_keys" => name,
            name if pairs(name).is_some() => {
                return Err(unsupported("this function outside of FROM", span));
            }
            _ => return Ok(Unnested::Itself(arguments)),
        };
        Ok(Unnested::Array(self.call(scalar, arguments, span)?))
    }
}

/// The function that gives the keys beside the values of one that gives both.
pub(super) fn pairs(name: &str) -> Option<&'static str> {
    match name {
        "json_each" | "json_each_text" => Some("json_object_keys"),
        "jsonb_each" | "jsonb_each_text" => Some("jsonb_object_keys"),
        _ => None,
    }
}

/// An array whose texts are JSON, as `name` says of which kind; texts stay texts.
pub(super) fn as_json(mut array: Expr, name: &str) -> Expr {
    let element = match name {
        name if name.ends_with("_text") => Type::Text,
        name if name.starts_with("jsonb_") => Type::Jsonb,
        _ => Type::Json,
    };
    array.ty = Type::Array(Box::new(element));
    array
}

impl Series {
    /// Its rows, as one column.
    fn plan(&self, column: ColumnId) -> Plan {
        Plan::TableFunction {
            function: self.function,
            arguments: self.arguments.clone(),
            columns: vec![(column, self.ty.clone())],
            ordinality: Ordinality::Without,
        }
    }
}

/// What stands behind a function that gives rows.
enum Unnested {
    /// The elements of an array.
    Array(Expr),
    /// `generate_series` of these.
    Series(Vec<Expr>),
    /// Itself.
    Itself(Vec<Expr>),
}
