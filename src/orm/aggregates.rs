//! `Sum`, `Count` and the other aggregate functions.

use super::errors::{OrmError, Result};
use super::expressions::{
    Aggregate, AggregateKind, Expr, FieldRef, Operand, PlainValue, Resolve, ValueExpr, order_list,
    output,
};
use super::functions::{Call, argument, known};
use super::query::Query;
use crate::base::Value;
use crate::market::catalogue::FieldKind;

/// The aggregate class of that name.
pub fn kind(name: &str) -> Option<AggregateKind> {
    Some(match name {
        "AnyValue" => AggregateKind::AnyValue,
        "Avg" => AggregateKind::Avg,
        "BitAnd" => AggregateKind::BitAnd,
        "BitOr" => AggregateKind::BitOr,
        "BitXor" => AggregateKind::BitXor,
        "Count" => AggregateKind::Count,
        "Max" => AggregateKind::Max,
        "Min" => AggregateKind::Min,
        "StdDev" => AggregateKind::StdDev,
        "StringAgg" => AggregateKind::StringAgg,
        "Sum" => AggregateKind::Sum,
        "Variance" => AggregateKind::Variance,
        _ => return None,
    })
}

impl AggregateKind {
    /// The class name.
    pub fn name(self) -> &'static str {
        match self {
            Self::AnyValue => "AnyValue",
            Self::Avg => "Avg",
            Self::BitAnd => "BitAnd",
            Self::BitOr => "BitOr",
            Self::BitXor => "BitXor",
            Self::Count => "Count",
            Self::Max => "Max",
            Self::Min => "Min",
            Self::StdDev => "StdDev",
            Self::StringAgg => "StringAgg",
            Self::Sum => "Sum",
            Self::Variance => "Variance",
        }
    }

    /// Whether `distinct=True` is allowed.
    fn allows_distinct(self) -> bool {
        matches!(self, Self::Avg | Self::Count | Self::StringAgg | Self::Sum)
    }

    /// Whether it may stand before `OVER`.
    pub fn is_window_compatible(self) -> bool {
        self != Self::AnyValue
    }
}

/// Calls an aggregate class.
///
/// # Errors
/// Django's `TypeError` and `ValueError` for wrong arguments.
pub fn call(kind: AggregateKind, mut call: Call) -> Result<Expr> {
    let name = kind.name();
    let distinct = call.take_truth("distinct");
    let sample = call.take_truth("sample");
    let filter = match call.take("filter") {
        None | Some(Operand::Value(PlainValue(Value::Null))) => None,
        Some(given) => Some(argument(given)?),
    };
    let default = match call.take("default") {
        Some(Operand::Value(PlainValue(Value::Null))) => None,
        given => given,
    };
    let order_by = match call.take("order_by") {
        None => None,
        Some(given) => order_list(&format!("{name}.order_by"), given)?,
    };
    if let Some(expression) = call.take("expression") {
        call.args.insert(0, expression);
    }
    if let Some(delimiter) = call.take("delimiter") {
        call.args.push(delimiter);
    }
    if let Some((keyword, _)) = call.keywords.first() {
        return Err(OrmError::kind(format!(
            "{name}.__init__() got an unexpected keyword argument '{keyword}'"
        )));
    }
    if distinct && !kind.allows_distinct() {
        return Err(OrmError::kind(format!("{name} does not allow distinct.")));
    }
    if order_by.is_some() && kind != AggregateKind::StringAgg {
        return Err(OrmError::kind(format!("{name} does not allow order_by.")));
    }
    if default.is_some() && kind == AggregateKind::Count {
        return Err(OrmError::kind("Count does not allow default."));
    }
    let wanted = if kind == AggregateKind::StringAgg {
        2
    } else {
        1
    };
    let given = call.args.len();
    if given != wanted {
        return Err(match (kind, given) {
            (AggregateKind::Count, 0) => OrmError::kind(
                "Count.__init__() missing 1 required positional argument: 'expression'",
            ),
            (AggregateKind::StringAgg, 1) => OrmError::kind(
                "StringAgg.__init__() missing 1 required positional argument: 'delimiter'",
            ),
            _ => {
                let noun = if wanted == 1 { "argument" } else { "arguments" };
                OrmError::kind(format!(
                    "'{name}' takes exactly {wanted} {noun} ({given} given)"
                ))
            }
        });
    }
    let mut args = Vec::with_capacity(wanted);
    for (at, given) in call.args.into_iter().enumerate() {
        args.push(match &given {
            Operand::Value(PlainValue(Value::Text(text)))
                if at == 0 && kind == AggregateKind::Count && text.as_ref() == "*" =>
            {
                Expr::Star
            }
            _ => argument(given)?,
        });
    }
    if matches!(args.first(), Some(Expr::Star)) && filter.is_some() {
        return Err(OrmError::value(
            "Star cannot be used with filter. Please specify a field.",
        ));
    }
    Ok(Expr::Aggregate(Box::new(Aggregate {
        kind,
        args,
        distinct,
        filter,
        default,
        order_by,
        sample,
        output_field: call.output_field,
        is_summary: false,
    })))
}

impl Aggregate {
    /// An aggregate of one expression.
    pub fn of(kind: AggregateKind, expr: Expr) -> Self {
        Self {
            kind,
            args: vec![expr],
            distinct: false,
            filter: None,
            default: None,
            order_by: None,
            sample: false,
            output_field: None,
            is_summary: false,
        }
    }

    /// The name in SQL.
    pub fn function(&self) -> &'static str {
        match self.kind {
            AggregateKind::AnyValue => "ANY_VALUE",
            AggregateKind::Avg => "AVG",
            AggregateKind::BitAnd => "BIT_AND",
            AggregateKind::BitOr => "BIT_OR",
            AggregateKind::BitXor => "BIT_XOR",
            AggregateKind::Count => "COUNT",
            AggregateKind::Max => "MAX",
            AggregateKind::Min => "MIN",
            AggregateKind::StdDev if self.sample => "STDDEV_SAMP",
            AggregateKind::StdDev => "STDDEV_POP",
            AggregateKind::StringAgg => "STRING_AGG",
            AggregateKind::Sum => "SUM",
            AggregateKind::Variance if self.sample => "VAR_SAMP",
            AggregateKind::Variance => "VAR_POP",
        }
    }

    /// The type that needs no look at the arguments.
    pub fn fixed_output(&self) -> Option<FieldRef> {
        if self.output_field.is_some() {
            return self.output_field.clone();
        }
        match self.kind {
            AggregateKind::Count => Some(output(FieldKind::Integer)),
            AggregateKind::StringAgg => Some(output(FieldKind::Text)),
            _ => None,
        }
    }

    /// The name that an aggregate has when nobody names it: `price__sum`.
    pub fn default_alias(&self) -> Option<String> {
        match (self.args.as_slice(), &self.filter, &self.order_by) {
            ([Expr::F(name)], None, None) => {
                Some(format!("{name}__{}", self.kind.name().to_lowercase()))
            }
            // An aggregate inside has a name too.
            ([Expr::Aggregate(inner)], None, None) => Some(format!(
                "{}__{}",
                inner.kind.name(),
                self.kind.name().to_lowercase()
            )),
            _ => None,
        }
    }

    /// Resolves the names inside, and refuses an aggregate of an aggregate.
    pub(super) fn resolve(&self, query: &mut Query, context: &mut Resolve<'_>) -> Result<Expr> {
        let mut resolved = self.clone();
        let summarize = context.summarize;
        // An aggregate is never told that it is for an UPDATE.
        let mut inner = Resolve {
            for_save: false,
            ..context.reborrow()
        };
        resolved.args = self
            .args
            .iter()
            .map(|arg| arg.resolve(query, &mut inner))
            .collect::<Result<Vec<_>>>()?;
        resolved.filter = match &self.filter {
            Some(filter) => Some(filter.resolve(query, &mut inner)?),
            None => None,
        };
        resolved.order_by = match &self.order_by {
            Some(keys) => Some(
                keys.iter()
                    .map(|key| key.resolve(query, &mut inner))
                    .collect::<Result<Vec<_>>>()?,
            ),
            None => None,
        };
        resolved.is_summary = summarize;
        if summarize {
            let bare = Expr::Aggregate(Box::new(resolved.clone()));
            for name in bare.refs() {
                if query.summaries.contains(&name) {
                    return Err(OrmError::field(format!(
                        "Cannot compute {}('{name}'): '{name}' is an aggregate",
                        self.kind.name()
                    )));
                }
            }
        } else if !self.is_summary {
            for (arg, before) in resolved.args.iter().zip(&self.args) {
                if arg.contains_aggregate() {
                    let name = match before {
                        Expr::F(name) => name.clone(),
                        Expr::Aggregate(inner) => inner.kind.name().to_owned(),
                        other => other.repr(),
                    };
                    return Err(OrmError::field(format!(
                        "Cannot compute {}('{name}'): '{name}' is an aggregate",
                        self.kind.name()
                    )));
                }
            }
        }
        let Some(default) = resolved.default.take() else {
            return Ok(Expr::Aggregate(Box::new(resolved)));
        };
        let aggregate = Expr::Aggregate(Box::new(resolved));
        let own = aggregate.output_field_or_none()?;
        let default = match default {
            Operand::Expr(expr) => match expr.resolve(query, &mut inner)? {
                Expr::Value(value) if value.output_field.is_none() && value.value.is_null() => {
                    Expr::Value(ValueExpr {
                        output_field: own.clone(),
                        ..value
                    })
                }
                other => other,
            },
            Operand::Value(PlainValue(value)) => Expr::Value(ValueExpr {
                value,
                output_field: own.clone(),
            }),
            other => argument(other)?,
        };
        match known("Coalesce", vec![aggregate, default])? {
            Expr::Func(mut coalesce) => {
                coalesce.output_field = own;
                Ok(Expr::Func(coalesce))
            }
            other => Ok(other),
        }
    }
}
