//! Expressions: what may stand in a query besides a plain column or value.
//!
//! One type serves both before and after names are resolved, as in Django: [`Expr::F`],
//! [`Expr::OuterRef`], [`Expr::Q`] and [`Expr::QuerySet`] are only there before,
//! [`Expr::Col`], [`Expr::Ref`], [`Expr::Where`], [`Expr::Lookup`] and [`Expr::Query`] only
//! after `resolve`.

use super::functions::FunctionClass;
use super::instance::Instance;
use super::lookups::Lookup;
use super::q::Q;
use super::query::Query;
use super::queryset::QuerySet;
use super::where_tree::WhereNode;
use crate::base::Value;
use crate::market::catalogue::{Field, FieldKind};
use std::sync::Arc;

mod arithmetic;
mod build;
mod output;
mod repr;
mod resolve;
mod walk;

pub use build::*;
pub use output::{column_type, is_subclass, target_field, value_field};
pub use repr::{python_repr, value_repr};
pub use resolve::{Resolve, Reuse};
pub use walk::{ChangeMap, Refs};

/// A field, of a model or as the type of an expression.
pub type FieldRef = Arc<Field>;

/// An expression.
#[derive(Clone, Debug, PartialEq)]
pub enum Expr {
    /// `F("price")`
    F(String),
    /// `OuterRef("pk")`; an `OuterRef` of an `OuterRef` reaches one query further out.
    OuterRef(Box<OuterName>),
    /// What an `OuterRef` becomes in its own query, waiting for the query around it.
    ResolvedOuterRef(String),
    /// A condition.
    Q(Q),
    /// `Value(5)`
    Value(ValueExpr),
    /// `a + b`
    Combined(Box<Combined>),
    /// A function of the database.
    Func(Box<Func>),
    /// `Sum("price")`
    Aggregate(Box<Aggregate>),
    /// `Case(When(..), default=..)`
    Case(Box<Case>),
    /// `When(condition, then=result)`
    When(Box<When>),
    /// `ExpressionWrapper(expression, output_field)`
    Wrapper(Box<Expr>, FieldRef),
    /// `~expression`
    Negated(Box<Expr>),
    /// `Subquery(queryset)`
    Subquery(Box<Subquery>),
    /// `Exists(queryset)`, whose query is already reduced to `SELECT 1 .. LIMIT 1`.
    Exists(Box<Query>),
    /// `Window(expression, ..)`
    Window(Box<Window>),
    /// `expression.asc()`
    OrderBy(Box<OrderBy>),
    /// Text that stands as it is, with its parameters.
    RawSql(Box<RawSql>),
    /// `*` of `COUNT(*)`
    Star,
    /// A queryset as a value, before its query is resolved.
    QuerySet(Box<QuerySet>),
    /// A column of a table in the query.
    Col(Col),
    /// A column of the query's own result, by its label.
    Ref(String, Box<Expr>),
    /// A column of the query's own result, by its position.
    PositionRef(usize, String, Box<Expr>),
    /// Conditions that are resolved.
    Where(Box<WhereNode>),
    /// One comparison.
    Lookup(Box<Lookup>),
    /// A query in parentheses.
    Query(Box<Query>),
    /// Several expressions in a row.
    List(Vec<Expr>),
    /// Never true: no row can match.
    Nothing,
}

/// The name inside an `OuterRef`.
#[derive(Clone, Debug, PartialEq)]
pub enum OuterName {
    /// A field path of the query around.
    Path(String),
    /// An `OuterRef` for the query around that.
    Outer(Box<OuterName>),
}

/// `Value(value, output_field)`
#[derive(Clone, Debug)]
pub struct ValueExpr {
    /// The value.
    pub value: Value,
    /// Its type, when it was given.
    pub output_field: Option<FieldRef>,
}

/// Values are equal when they print the same, which is exact for every type.
impl PartialEq for ValueExpr {
    fn eq(&self, other: &Self) -> bool {
        self.output_field == other.output_field && same_value(&self.value, &other.value)
    }
}

/// Whether two values are the same value of the same type.
pub fn same_value(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Int(left), Value::Int(right)) => left == right,
        (Value::Text(left), Value::Text(right)) => left == right,
        (left, right) => format!("{left:?}") == format!("{right:?}"),
    }
}

/// Two expressions with an operator between them.
#[derive(Clone, Debug, PartialEq)]
pub struct Combined {
    /// Left.
    pub lhs: Expr,
    /// The operator.
    pub operator: Operator,
    /// Right.
    pub rhs: Expr,
    /// The type, when it was given.
    pub output_field: Option<FieldRef>,
    /// Whether it is arithmetic of times.
    pub temporal: Temporal,
}

/// Which arithmetic a [`Combined`] is; known once its sides are resolved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Temporal {
    /// Numbers.
    No,
    /// A duration on one side (`DurationExpression`).
    Duration,
    /// Two dates, times or timestamps subtracted (`TemporalSubtraction`).
    Subtraction,
}

/// An arithmetic operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// `+`
    Add,
    /// `-`
    Sub,
    /// `*`
    Mul,
    /// `/`
    Div,
    /// `%`
    Mod,
    /// `**`
    Pow,
    /// `bitand`
    BitAnd,
    /// `bitor`
    BitOr,
    /// `bitxor`
    BitXor,
    /// `bitleftshift`
    LeftShift,
    /// `bitrightshift`
    RightShift,
}

impl Operator {
    /// The operator in a SQL template, and in Django's messages.
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Sub => "-",
            Self::Mul => "*",
            Self::Div => "/",
            Self::Mod => "%%",
            Self::Pow => "^",
            Self::BitAnd => "&",
            Self::BitOr => "|",
            Self::BitXor => "#",
            Self::LeftShift => "<<",
            Self::RightShift => ">>",
        }
    }
}

/// A call of a function.
#[derive(Clone, Debug, PartialEq)]
pub struct Func {
    /// Which class of function.
    pub class: &'static FunctionClass,
    /// Its arguments.
    pub args: Vec<Expr>,
    /// Its type, when it was given.
    pub output_field: Option<FieldRef>,
    /// `function=`, instead of the class's own name.
    pub function: Option<String>,
    /// `template=`, instead of `%(function)s(%(expressions)s)`.
    pub template: Option<String>,
    /// `arg_joiner=`, instead of a comma.
    pub arg_joiner: Option<String>,
    /// The part that `Extract` and `Trunc` take: `month`.
    pub part: Option<String>,
    /// `tzinfo=`, or the time zone in force.
    pub timezone: Option<String>,
    /// Further keyword arguments, for the template.
    pub extra: Vec<(String, String)>,
    /// The name of a learner's own subclass.
    pub class_name: Option<String>,
}

/// A call of an aggregate function.
#[derive(Clone, Debug, PartialEq)]
pub struct Aggregate {
    /// Which aggregate.
    pub kind: AggregateKind,
    /// Its arguments.
    pub args: Vec<Expr>,
    /// `distinct=True`
    pub distinct: bool,
    /// `filter=`
    pub filter: Option<Expr>,
    /// `default=`, the value for no rows.
    pub default: Option<Operand>,
    /// `order_by=`
    pub order_by: Option<Vec<Expr>>,
    /// `sample=True` of `StdDev` and `Variance`.
    pub sample: bool,
    /// Its type, when it was given.
    pub output_field: Option<FieldRef>,
    /// Whether it belongs to `aggregate()`; set when it is resolved.
    pub is_summary: bool,
}

/// The aggregate functions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AggregateKind {
    /// `AnyValue`
    AnyValue,
    /// `Avg`
    Avg,
    /// `BitAnd`
    BitAnd,
    /// `BitOr`
    BitOr,
    /// `BitXor`
    BitXor,
    /// `Count`
    Count,
    /// `Max`
    Max,
    /// `Min`
    Min,
    /// `StdDev`
    StdDev,
    /// `StringAgg`
    StringAgg,
    /// `Sum`
    Sum,
    /// `Variance`
    Variance,
}

/// A choice among results.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// The branches.
    pub cases: Vec<When>,
    /// The result when no branch fits.
    pub default: Expr,
    /// The type, when it was given.
    pub output_field: Option<FieldRef>,
}

/// One branch of a [`Case`].
#[derive(Clone, Debug, PartialEq)]
pub struct When {
    /// The condition.
    pub condition: Expr,
    /// The result.
    pub result: Expr,
}

/// `Subquery(queryset, output_field)`
#[derive(Clone, Debug, PartialEq)]
pub struct Subquery {
    /// The query.
    pub query: Query,
    /// Its type, when it was given.
    pub output_field: Option<FieldRef>,
}

/// An expression over a window of rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Window {
    /// What is computed.
    pub source: Expr,
    /// `partition_by`
    pub partition_by: Option<Vec<Expr>>,
    /// `order_by`, each an [`Expr::OrderBy`] or a bare expression.
    pub order_by: Option<Vec<Expr>>,
    /// `frame`
    pub frame: Option<Frame>,
    /// Its type, when it was given.
    pub output_field: Option<FieldRef>,
}

/// The rows that a window function sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// Rows or values.
    pub unit: FrameUnit,
    /// Rows before (negative) or after; unbounded when absent.
    pub start: Option<i64>,
    /// Rows before (negative) or after; unbounded when absent.
    pub end: Option<i64>,
    /// What is left out.
    pub exclusion: Option<FrameExclusion>,
}

/// The unit of a [`Frame`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrameUnit {
    /// `RowRange`
    Rows,
    /// `ValueRange`
    Range,
}

/// `WindowFrameExclusion`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrameExclusion {
    /// `CURRENT_ROW`
    CurrentRow,
    /// `GROUP`
    Group,
    /// `TIES`
    Ties,
    /// `NO_OTHERS`
    NoOthers,
}

/// One key of an ordering.
#[derive(Clone, Debug, PartialEq)]
pub struct OrderBy {
    /// What is ordered by.
    pub expression: Expr,
    /// Largest first.
    pub descending: bool,
    /// Where NULL goes.
    pub nulls: Nulls,
}

/// Where NULL goes in an ordering.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nulls {
    /// Where the database puts it.
    Default,
    /// `nulls_first=True`
    First,
    /// `nulls_last=True`
    Last,
}

/// `RawSQL(sql, params, output_field)`
#[derive(Clone, Debug)]
pub struct RawSql {
    /// The text, with `%s` for each parameter.
    pub sql: String,
    /// The parameters.
    pub params: Vec<Value>,
    /// Its type.
    pub output_field: FieldRef,
}

impl PartialEq for RawSql {
    fn eq(&self, other: &Self) -> bool {
        self.sql == other.sql && format!("{:?}", self.params) == format!("{:?}", other.params)
    }
}

/// A column of a table in the query.
#[derive(Clone, Debug)]
pub struct Col {
    /// The table's alias.
    pub alias: String,
    /// The field whose column it is.
    pub target: FieldRef,
    /// The field that says its type: for a foreign key, the key it refers to.
    pub output_field: FieldRef,
    /// Whether that type was said apart from the column; Django tells such columns apart, which
    /// shows in GROUP BY.
    pub typed: bool,
    /// Whether it came from an `OuterRef` across a relation.
    pub possibly_multivalued: bool,
}

impl PartialEq for Col {
    fn eq(&self, other: &Self) -> bool {
        self.alias == other.alias
            && self.target == other.target
            && self.typed == other.typed
            && (!self.typed || self.output_field == other.output_field)
    }
}

/// An argument as Python code gives it: a plain value or something richer.
#[derive(Clone, Debug, PartialEq)]
pub enum Operand {
    /// A plain value.
    Value(PlainValue),
    /// An expression, a condition or a queryset.
    Expr(Expr),
    /// A list, tuple or set.
    List(Vec<Operand>),
    /// A model instance.
    Instance(Instance),
}

/// A plain value with equality.
#[derive(Clone, Debug)]
pub struct PlainValue(pub Value);

impl PartialEq for PlainValue {
    fn eq(&self, other: &Self) -> bool {
        same_value(&self.0, &other.0)
    }
}

impl Operand {
    /// A plain value.
    pub fn value(value: Value) -> Self {
        Self::Value(PlainValue(value))
    }

    /// `None`
    pub fn none() -> Self {
        Self::value(Value::Null)
    }
}

impl From<Value> for Operand {
    fn from(value: Value) -> Self {
        Self::value(value)
    }
}

impl From<Expr> for Operand {
    fn from(expr: Expr) -> Self {
        Self::Expr(expr)
    }
}

impl From<QuerySet> for Operand {
    fn from(queryset: QuerySet) -> Self {
        Self::Expr(Expr::QuerySet(Box::new(queryset)))
    }
}

impl From<Instance> for Operand {
    fn from(instance: Instance) -> Self {
        Self::Instance(instance)
    }
}

/// An output type, `IntegerField()`.
pub fn output(kind: FieldKind) -> FieldRef {
    Field::output(kind)
}
