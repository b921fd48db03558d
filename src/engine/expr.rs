//! Bound expressions: every name resolved, every type known, every implicit cast explicit.

use super::plan::Plan;
use super::scalar::ScalarFunction;
use crate::base::{Span, Type, Value};

/// A column of some plan node, unique within one statement. A column that no input of a node
/// produces comes from an outer query: that is what makes a subquery correlated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ColumnId(pub u32);

/// An expression and its type.
#[derive(Clone, Debug)]
pub struct Expr {
    /// What it computes.
    pub kind: ExprKind,
    /// The type of its value.
    pub ty: Type,
    /// Where it stands in the statement; errors while running point here.
    pub span: Option<Span>,
}

/// The kinds of expressions. Boxes keep an `Expr` small.
#[derive(Clone, Debug)]
pub enum ExprKind {
    /// A column of the input, or of an outer query until subqueries are unnested.
    Column(ColumnId),
    /// A constant.
    Literal(Value),
    /// `$n`, counted from 0; its value comes when the statement runs.
    Parameter(u32),
    /// A function or an operator; the arguments have the types the function wants.
    Call(&'static ScalarFunction, Vec<Expr>),
    /// Conversion to the type of this expression.
    Cast(Box<Expr>, CastForm),
    /// Three-valued AND of two or more.
    And(Vec<Expr>),
    /// Three-valued OR of two or more.
    Or(Vec<Expr>),
    /// Three-valued NOT.
    Not(Box<Expr>),
    /// `IS NULL`, `IS TRUE` and their like: never NULL themselves.
    Test(Box<Expr>, Test),
    /// The two operands have one type; for rows, the comparison is field by field.
    Compare(Comparison, Box<Expr>, Box<Expr>),
    /// `IN (list)`; operand and list have one type.
    InList {
        /// The left side.
        operand: Box<Expr>,
        /// The members.
        list: Vec<Expr>,
        /// `NOT IN`
        negated: Negation,
    },
    /// `operand op ANY/ALL (array)`
    Quantified {
        /// The left side.
        operand: Box<Expr>,
        /// How to compare.
        comparison: Comparison,
        /// ANY or ALL.
        quantifier: Quantifier,
        /// The array.
        array: Box<Expr>,
    },
    /// `CASE`: the first condition that is true decides, nothing behind it is evaluated. The
    /// simple form is bound as comparisons.
    Case {
        /// Conditions and results.
        branches: Vec<(Expr, Expr)>,
        /// The result when none is true; NULL when absent.
        otherwise: Option<Box<Expr>>,
    },
    /// `COALESCE`: the first that is not NULL, nothing behind it is evaluated.
    Coalesce(Vec<Expr>),
    /// `ARRAY[...]`
    Array(Vec<Expr>),
    /// `ROW(...)`
    Row(Vec<Expr>),
    /// A subquery. Unnesting turns every one of them into a join.
    Subquery(Box<Subquery>),
}

/// Who asked for a cast: texts that are too long are cut by an explicit cast and refused by an
/// assignment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CastForm {
    /// The types made it necessary.
    Implicit,
    /// A value goes into a column.
    Assignment,
    /// `CAST` or `::`
    Explicit,
}

/// Tests that give true or false for every operand, NULL too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Test {
    /// `IS NULL`
    Null,
    /// `IS NOT NULL`
    NotNull,
    /// `IS TRUE`
    True,
    /// `IS NOT TRUE`
    NotTrue,
    /// `IS FALSE`
    False,
    /// `IS NOT FALSE`
    NotFalse,
    /// `IS UNKNOWN`
    Unknown,
    /// `IS NOT UNKNOWN`
    NotUnknown,
}

/// Comparisons.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Comparison {
    /// `=`
    Eq,
    /// `<>`
    NotEq,
    /// `<`
    Lt,
    /// `<=`
    LtEq,
    /// `>`
    Gt,
    /// `>=`
    GtEq,
    /// `IS DISTINCT FROM`
    Distinct,
    /// `IS NOT DISTINCT FROM`
    NotDistinct,
}

/// Whether a `NOT` stands inside an operator such as `NOT IN`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Negation {
    /// As it stands.
    Plain,
    /// With `NOT`.
    Negated,
}

/// `ANY` (or `SOME`) and `ALL`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantifier {
    /// True when it holds for one.
    Any,
    /// True when it holds for all.
    All,
}

/// A query inside an expression.
#[derive(Clone, Debug)]
pub struct Subquery {
    /// How its rows become a value.
    pub form: SubqueryForm,
    /// The query. Its free columns are the outer query's.
    pub plan: Plan,
    /// Its output columns, left to right.
    pub columns: Vec<ColumnId>,
}

/// How the rows of a subquery become a value.
#[derive(Clone, Debug)]
pub enum SubqueryForm {
    /// The value of the only column of the only row; NULL without rows, an error with several.
    Scalar,
    /// Whether there is a row.
    Exists,
    /// `(operands) op ANY/ALL (subquery)`; `IN` is `= ANY`, `NOT IN` is `<> ALL`. One operand for
    /// each output column.
    Quantified {
        /// The left side, one for each column.
        operands: Vec<Expr>,
        /// How to compare.
        comparison: Comparison,
        /// ANY or ALL.
        quantifier: Quantifier,
    },
    /// `ARRAY(subquery)`
    Array,
}

impl Expr {
    /// An expression without a place in the text.
    pub fn new(kind: ExprKind, ty: Type) -> Self {
        Self {
            kind,
            ty,
            span: None,
        }
    }

    /// A column.
    pub fn column(id: ColumnId, ty: Type) -> Self {
        Self::new(ExprKind::Column(id), ty)
    }

    /// A constant.
    pub fn literal(value: Value, ty: Type) -> Self {
        Self::new(ExprKind::Literal(value), ty)
    }
}
