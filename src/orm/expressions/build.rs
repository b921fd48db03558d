//! Constructors, for Rust code and for the shell.

use super::{
    Aggregate, AggregateKind, Case, Expr, FieldRef, Frame, Nulls, Operand, OrderBy, OuterName,
    PlainValue, RawSql, Subquery, ValueExpr, When, Window, python_repr,
};
use crate::base::Value;
use crate::orm::errors::{OrmError, Result};
use crate::orm::functions::argument;
use crate::orm::q::Q;
use crate::orm::queryset::QuerySet;

/// `F(name)`: a column, by its path.
pub fn f(name: impl Into<String>) -> Expr {
    Expr::F(name.into())
}

/// `OuterRef(name)`: a column of the query around.
pub fn outer_ref(name: impl Into<String>) -> Expr {
    Expr::OuterRef(Box::new(OuterName::Path(name.into())))
}

/// `OuterRef(OuterRef(..))`
pub fn outer_outer_ref(inner: OuterName) -> Expr {
    Expr::OuterRef(Box::new(OuterName::Outer(Box::new(inner))))
}

/// `Value(value)`
pub fn value(value: impl IntoValue) -> Expr {
    Expr::Value(ValueExpr {
        value: value.into_value(),
        output_field: None,
    })
}

/// `Value(value, output_field)`
pub fn typed_value(value: Value, output_field: FieldRef) -> Expr {
    Expr::Value(ValueExpr {
        value,
        output_field: Some(output_field),
    })
}

/// What [`value`] takes.
pub trait IntoValue {
    /// The value.
    fn into_value(self) -> Value;
}

impl IntoValue for Value {
    fn into_value(self) -> Value {
        self
    }
}

impl IntoValue for &str {
    fn into_value(self) -> Value {
        Value::text(self)
    }
}

impl IntoValue for i64 {
    fn into_value(self) -> Value {
        Value::Int(self)
    }
}

impl IntoValue for bool {
    fn into_value(self) -> Value {
        Value::Bool(self)
    }
}

/// An aggregate under construction, which reads as in Python:
/// `sum("price").filter(q!(..)).into()`.
macro_rules! aggregate_constructors {
    ($($(#[doc = $doc:literal])* $function:ident => $kind:ident;)*) => {$(
        $(#[doc = $doc])*
        pub fn $function(expr: impl IntoExpr) -> Aggregate {
            Aggregate::of(AggregateKind::$kind, expr.into_expr())
        }
    )*};
}

aggregate_constructors! {
    /// `Sum(expression)`
    sum => Sum;
    /// `Count(expression)`
    count => Count;
    /// `Avg(expression)`
    avg => Avg;
    /// `Max(expression)`
    max => Max;
    /// `Min(expression)`
    min => Min;
}

impl Aggregate {
    /// `filter=`
    #[must_use]
    pub fn filter(mut self, condition: impl Into<Q>) -> Self {
        self.filter = Some(Expr::Q(condition.into()));
        self
    }

    /// `distinct=True`
    #[must_use]
    pub fn distinct(mut self) -> Self {
        self.distinct = true;
        self
    }
}

impl From<Aggregate> for Expr {
    fn from(aggregate: Aggregate) -> Self {
        Self::Aggregate(Box::new(aggregate))
    }
}

/// A field path or an expression.
pub trait IntoExpr {
    /// The expression.
    fn into_expr(self) -> Expr;
}

impl IntoExpr for Expr {
    fn into_expr(self) -> Expr {
        self
    }
}

impl IntoExpr for Aggregate {
    fn into_expr(self) -> Expr {
        self.into()
    }
}

impl IntoExpr for &str {
    fn into_expr(self) -> Expr {
        f(self)
    }
}

/// `Coalesce(first, second)`
pub fn coalesce(first: impl IntoExpr, second: impl Into<Expr>) -> Expr {
    match crate::orm::functions::known("Coalesce", vec![first.into_expr(), second.into()]) {
        Ok(expr) => expr,
        // The class is in the table; a test there says so.
        Err(_) => Expr::Nothing,
    }
}

/// A function of the table without keywords: `function("TruncMonth", "created_at")`.
///
/// # Errors
/// There is no such class.
pub fn function(name: &str, expr: impl IntoExpr) -> Result<Expr> {
    crate::orm::functions::known(name, vec![expr.into_expr()])
}

impl Expr {
    /// `expression.asc()`
    #[must_use]
    pub fn asc(self) -> Self {
        self.ordered(false, Nulls::Default)
    }

    /// `expression.desc()`
    #[must_use]
    pub fn desc(self) -> Self {
        self.ordered(true, Nulls::Default)
    }

    /// `OrderBy(expression, descending, nulls_first / nulls_last)`
    #[must_use]
    pub fn ordered(self, descending: bool, nulls: Nulls) -> Self {
        Self::OrderBy(Box::new(OrderBy {
            expression: self,
            descending,
            nulls,
        }))
    }

    /// `ExpressionWrapper(expression, output_field)`
    #[must_use]
    pub fn wrapped(self, output_field: FieldRef) -> Self {
        Self::Wrapper(Box::new(self), output_field)
    }

    /// `RawSQL(sql, params)`
    pub fn raw(sql: impl Into<String>, params: Vec<Value>, output_field: FieldRef) -> Self {
        Self::RawSql(Box::new(RawSql {
            sql: sql.into(),
            params,
            output_field,
        }))
    }
}

/// `Subquery(queryset)`
pub fn subquery(queryset: &QuerySet, output_field: Option<FieldRef>) -> Expr {
    let mut query = queryset.query().clone();
    query.subquery = true;
    Expr::Subquery(Box::new(Subquery {
        query,
        output_field,
    }))
}

/// `Exists(queryset)`
///
/// # Errors
/// What reducing the query to `SELECT 1` runs into.
pub fn exists(queryset: &QuerySet) -> Result<Expr> {
    let mut query = queryset.query().clone();
    query.subquery = true;
    Ok(Expr::Exists(Box::new(query.exists(true)?)))
}

/// `When(condition, then=result, **lookups)`
///
/// # Errors
/// The condition is no condition, or an empty one.
pub fn when(
    condition: Option<Operand>,
    then: Option<Operand>,
    lookups: Vec<(String, Operand)>,
) -> Result<When> {
    const WRONG: &str =
        "When() supports a Q object, a boolean expression, or lookups as a condition.";
    let condition = match (condition, lookups.is_empty()) {
        (None, true) => return Err(OrmError::kind(WRONG)),
        (None, false) => Expr::Q(Q::of(Vec::new(), lookups)),
        (Some(Operand::Expr(condition)), empty) if condition.is_conditional() => {
            if empty {
                condition
            } else {
                let first = match condition {
                    Expr::Q(q) => crate::orm::q::QChild::Q(q),
                    other => crate::orm::q::QChild::Expr(other),
                };
                Expr::Q(Q::of(vec![first], lookups))
            }
        }
        (Some(_), _) => return Err(OrmError::kind(WRONG)),
    };
    if matches!(&condition, Expr::Q(q) if q.is_empty()) {
        return Err(OrmError::value(
            "An empty Q() can't be used as a When() condition.",
        ));
    }
    let result = argument(then.unwrap_or_else(Operand::none))?;
    Ok(When { condition, result })
}

/// `Case(*cases, default=.., output_field=..)`
///
/// # Errors
/// A positional argument is no `When`.
pub fn case(
    cases: Vec<Operand>,
    default: Option<Operand>,
    output_field: Option<FieldRef>,
) -> Result<Expr> {
    let cases = cases
        .into_iter()
        .map(|case| match case {
            Operand::Expr(Expr::When(when)) => Ok(*when),
            _ => Err(OrmError::kind(
                "Positional arguments must all be When objects.",
            )),
        })
        .collect::<Result<Vec<_>>>()?;
    Ok(Expr::Case(Box::new(Case {
        cases,
        default: argument(default.unwrap_or_else(Operand::none))?,
        output_field,
    })))
}

/// `Window(expression, partition_by, order_by, frame, output_field)`
///
/// # Errors
/// The expression may not stand before `OVER`, or the ordering is no ordering.
pub fn window(
    source: Operand,
    partition_by: Option<Operand>,
    order_by: Option<Operand>,
    frame: Option<Frame>,
    output_field: Option<FieldRef>,
) -> Result<Expr> {
    let compatible = match &source {
        Operand::Expr(Expr::Func(func)) => func.is_window_compatible(),
        Operand::Expr(Expr::Aggregate(aggregate)) => aggregate.kind.is_window_compatible(),
        _ => false,
    };
    if !compatible {
        let name = match &source {
            Operand::Expr(expr) => expr.class_name().to_owned(),
            Operand::Value(PlainValue(value)) => crate::orm::lookups::type_name(value).to_owned(),
            Operand::List(_) => "list".to_owned(),
            Operand::Instance(instance) => instance.model().name.clone(),
        };
        return Err(OrmError::value(format!(
            "Expression '{name}' isn't compatible with OVER clauses."
        )));
    }
    let partition_by = match partition_by {
        None | Some(Operand::Value(PlainValue(Value::Null))) => None,
        Some(Operand::List(items)) => Some(
            items
                .into_iter()
                .map(argument)
                .collect::<Result<Vec<_>>>()?,
        ),
        Some(one) => Some(vec![argument(one)?]),
    };
    let order_by = match order_by {
        None => None,
        Some(given) => order_list("Window.order_by", given)?,
    };
    Ok(Expr::Window(Box::new(Window {
        source: argument(source)?,
        partition_by,
        order_by,
        frame,
        output_field,
    })))
}

/// An `order_by=` argument: a field path with or without `-`, an expression, or a list of them.
///
/// # Errors
/// It is something else.
pub fn order_list(context: &str, given: Operand) -> Result<Option<Vec<Expr>>> {
    let items = match given {
        Operand::Value(PlainValue(Value::Null)) => return Ok(None),
        Operand::List(items) if items.is_empty() => return Ok(None),
        Operand::List(items) => items,
        one @ (Operand::Expr(_) | Operand::Value(PlainValue(Value::Text(_)))) => vec![one],
        other => {
            return Err(OrmError::value(format!(
                "{context} must be either a string reference to a field, an expression, or a list \
                 or tuple of them not {}.",
                python_repr(&other)
            )));
        }
    };
    items
        .into_iter()
        .map(|item| match item {
            Operand::Value(PlainValue(Value::Text(name))) => Ok(match name.strip_prefix('-') {
                Some(name) => f(name).desc(),
                None => f(name.as_ref()),
            }),
            other => argument(other),
        })
        .collect::<Result<Vec<_>>>()
        .map(Some)
}

/// `Window(function, order_by=keys)` for Rust code.
///
/// # Errors
/// There is no such window function.
pub fn over(name: &str, order_by: Expr) -> Result<Expr> {
    Ok(Expr::Window(Box::new(Window {
        source: crate::orm::functions::known(name, Vec::new())?,
        partition_by: None,
        order_by: Some(vec![order_by]),
        frame: None,
        output_field: None,
    })))
}
