//! The operators of a logical plan.

use crate::base::{Span, Type};
use crate::engine::expr::{ColumnId, Expr};
use std::sync::Arc;

/// A relational operator and its inputs.
#[derive(Clone, Debug)]
pub enum Plan {
    /// Reads a stored table.
    Scan(Scan),
    /// Rows of expressions without input columns. One row without columns is what a `SELECT`
    /// without `FROM` reads.
    Values {
        /// The columns, left to right.
        columns: Vec<(ColumnId, Type)>,
        /// The rows.
        rows: Vec<Vec<Expr>>,
    },
    /// Rows of a set-returning function: `generate_series`, `unnest`.
    TableFunction {
        /// Which one.
        function: TableFunction,
        /// Its arguments; they may hold outer columns (LATERAL).
        arguments: Vec<Expr>,
        /// Its columns; `WITH ORDINALITY` adds a last one of type bigint.
        columns: Vec<(ColumnId, Type)>,
        /// Whether the last column counts the rows.
        ordinality: Ordinality,
    },
    /// Keeps the rows for which all predicates are true.
    Filter {
        /// Where the rows come from.
        input: Box<Plan>,
        /// Conjuncts.
        predicates: Vec<Expr>,
    },
    /// Computes columns; columns that are not named are gone. `(id, Column(id))` passes one on.
    Project {
        /// Where the rows come from.
        input: Box<Plan>,
        /// The columns, left to right.
        columns: Vec<(ColumnId, Expr)>,
    },
    /// Joins two inputs; gives the columns of both (of the left only for semi and anti joins).
    Join(Box<Join>),
    /// Groups rows and aggregates each group.
    Aggregate(Box<Aggregate>),
    /// Adds the columns of window functions that share one window.
    Window(Box<Window>),
    /// One row for each distinct row of all columns.
    Distinct {
        /// Where the rows come from.
        input: Box<Plan>,
    },
    /// `DISTINCT ON`: the first row, in input order, for each distinct key.
    DistinctOn {
        /// Where the rows come from; sorted as the query says.
        input: Box<Plan>,
        /// The key.
        keys: Vec<Expr>,
    },
    /// Sorts; rows with equal keys keep their order.
    Sort {
        /// Where the rows come from.
        input: Box<Plan>,
        /// Most significant first.
        keys: Vec<SortKey>,
    },
    /// Skips and takes rows. NULL limits nothing.
    Limit {
        /// Where the rows come from.
        input: Box<Plan>,
        /// How many to take, of type bigint.
        limit: Option<Expr>,
        /// How many to skip, of type bigint.
        offset: Option<Expr>,
        /// With `WITH TIES`, the sort keys that tell ties of the last row.
        ties: Option<Vec<SortKey>>,
    },
    /// UNION, INTERSECT, EXCEPT.
    SetOperation(Box<SetOperation>),
    /// A query whose common table expressions are computed once each.
    With {
        /// In the order of their definition; later ones may read earlier ones.
        ctes: Vec<Cte>,
        /// The query.
        body: Box<Plan>,
    },
    /// Reads a common table expression, or inside its own recursive part the rows of the round
    /// before.
    CteScan {
        /// Which one.
        cte: CteId,
        /// New columns, and which output column of the expression each one reads.
        columns: Vec<(ColumnId, usize, Type)>,
    },
}

/// Reads a stored table.
#[derive(Clone, Debug)]
pub struct Scan {
    /// The table's name in the catalogue.
    pub table: Arc<str>,
    /// What the statement calls it.
    pub alias: Arc<str>,
    /// The columns that are read.
    pub columns: Vec<(ColumnId, ScanColumn, Type)>,
    /// Conjuncts over these columns, pushed here so that an index or a zone map may serve them.
    pub predicates: Vec<Expr>,
}

/// What a scan reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScanColumn {
    /// The column at this place in the table.
    Stored(usize),
    /// The row's own number, bigint: what UPDATE and DELETE find it by.
    RowId,
}

/// Set-returning functions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TableFunction {
    /// `generate_series(start, stop [, step])`
    GenerateSeries,
    /// `unnest(array)`
    Unnest,
}

/// `WITH ORDINALITY`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ordinality {
    /// Without.
    Without,
    /// With.
    With,
}

/// Joins two inputs.
#[derive(Clone, Debug)]
pub struct Join {
    /// Which rows it gives.
    pub kind: JoinKind,
    /// The left input.
    pub left: Plan,
    /// The right input. Free columns that the left input gives make the join dependent
    /// (LATERAL, subqueries); unnesting removes them.
    pub right: Plan,
    /// Conjuncts; none for a cross join.
    pub on: Vec<Expr>,
}

/// Which rows a join gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JoinKind {
    /// Pairs that match.
    Inner,
    /// Pairs, and left rows without partner.
    Left,
    /// Pairs, and right rows without partner.
    Right,
    /// Pairs, and rows of both sides without partner.
    Full,
    /// Left rows with a partner.
    Semi,
    /// Left rows without partner: a condition that is NULL is no partner.
    Anti,
    /// Left rows without partner where a condition that is NULL counts as a partner: NOT IN.
    NullAwareAnti,
    /// Every left row, with a new boolean column: whether the condition is true for a partner;
    /// false if it is false for all, NULL if it is NULL for one and true for none.
    Mark(ColumnId),
    /// Every left row with its partner or NULLs; a second partner is an error (scalar
    /// subqueries).
    Single,
}

/// Groups and aggregates.
#[derive(Clone, Debug)]
pub struct Aggregate {
    /// Where the rows come from.
    pub input: Plan,
    /// The grouping expressions. Without any (and without sets) there is one group, also for no
    /// rows.
    pub groups: Vec<(ColumnId, Expr)>,
    /// GROUPING SETS: for each set, which of `groups` it keeps; the others are NULL in its rows.
    /// Absent means one set of all.
    pub sets: Option<Vec<Vec<usize>>>,
    /// The aggregates.
    pub calls: Vec<(ColumnId, AggregateCall)>,
    /// `GROUPING(...)` calls: for each new integer column, which of `groups` its bits tell, most
    /// significant first.
    pub grouping: Vec<(ColumnId, Vec<usize>)>,
}

/// One aggregate over a group.
#[derive(Clone, Debug)]
pub struct AggregateCall {
    /// Which aggregate.
    pub function: AggregateFunction,
    /// Its arguments; none for `COUNT(*)`. For ordered-set aggregates the direct arguments.
    pub arguments: Vec<Expr>,
    /// Whether equal arguments count once.
    pub distinct: Distinctness,
    /// `FILTER (WHERE ..)`
    pub filter: Option<Expr>,
    /// `ORDER BY` inside the call, or `WITHIN GROUP (ORDER BY ..)`.
    pub order_by: Vec<SortKey>,
    /// The type of the result.
    pub ty: Type,
    /// Where it stands in the statement.
    pub span: Option<Span>,
}

/// The aggregates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AggregateFunction {
    /// `count(*)`
    CountRows,
    /// `count(x)`
    Count,
    /// `sum(x)`
    Sum,
    /// `avg(x)`
    Avg,
    /// `min(x)`
    Min,
    /// `max(x)`
    Max,
    /// `bool_and(x)`, `every(x)`
    BoolAnd,
    /// `bool_or(x)`
    BoolOr,
    /// `stddev(x)`, `stddev_samp(x)`
    StddevSamp,
    /// `stddev_pop(x)`
    StddevPop,
    /// `variance(x)`, `var_samp(x)`
    VarSamp,
    /// `var_pop(x)`
    VarPop,
    /// `covar_samp(y, x)`
    CovarSamp,
    /// `covar_pop(y, x)`
    CovarPop,
    /// `corr(y, x)`
    Corr,
    /// `regr_slope(y, x)`
    RegrSlope,
    /// `regr_intercept(y, x)`
    RegrIntercept,
    /// `regr_r2(y, x)`
    RegrR2,
    /// `regr_count(y, x)`
    RegrCount,
    /// `regr_avgx(y, x)`
    RegrAvgX,
    /// `regr_avgy(y, x)`
    RegrAvgY,
    /// `regr_sxx(y, x)`
    RegrSxx,
    /// `regr_syy(y, x)`
    RegrSyy,
    /// `regr_sxy(y, x)`
    RegrSxy,
    /// `string_agg(x, delimiter)`
    StringAgg,
    /// `array_agg(x)`
    ArrayAgg,
    /// `json_agg(x)`, `jsonb_agg(x)`
    JsonAgg,
    /// `percentile_cont(f) WITHIN GROUP (ORDER BY x)`
    PercentileCont,
    /// `percentile_disc(f) WITHIN GROUP (ORDER BY x)`
    PercentileDisc,
    /// `mode() WITHIN GROUP (ORDER BY x)`
    Mode,
    /// `bit_and(x)`
    BitAnd,
    /// `bit_or(x)`
    BitOr,
    /// `bit_xor(x)`
    BitXor,
    /// The value of any row: of columns that the grouping columns determine, which all rows of a
    /// group share.
    AnyValue,
}

/// `DISTINCT` or `ALL`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Distinctness {
    /// Equal rows all count.
    All,
    /// Equal rows count once.
    Distinct,
}

/// Window functions that share one window.
#[derive(Clone, Debug)]
pub struct Window {
    /// Where the rows come from.
    pub input: Plan,
    /// `PARTITION BY`
    pub partition_by: Vec<Expr>,
    /// `ORDER BY`
    pub order_by: Vec<SortKey>,
    /// The frame.
    pub frame: Frame,
    /// The functions.
    pub calls: Vec<(ColumnId, WindowCall)>,
}

/// One window function.
#[derive(Clone, Debug)]
pub struct WindowCall {
    /// Which one.
    pub function: WindowFunction,
    /// Its arguments.
    pub arguments: Vec<Expr>,
    /// `FILTER (WHERE ..)`, for aggregates.
    pub filter: Option<Expr>,
    /// The type of the result.
    pub ty: Type,
    /// Where it stands in the statement.
    pub span: Option<Span>,
}

/// The window functions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum WindowFunction {
    /// `row_number()`
    RowNumber,
    /// `rank()`
    Rank,
    /// `dense_rank()`
    DenseRank,
    /// `percent_rank()`
    PercentRank,
    /// `cume_dist()`
    CumeDist,
    /// `ntile(n)`
    Ntile,
    /// `lag(x [, offset [, default]])`
    Lag,
    /// `lead(x [, offset [, default]])`
    Lead,
    /// `first_value(x)`
    FirstValue,
    /// `last_value(x)`
    LastValue,
    /// `nth_value(x, n)`
    NthValue,
    /// An aggregate over the frame.
    Aggregate(AggregateFunction),
}

/// A window frame.
#[derive(Clone, Debug)]
pub struct Frame {
    /// What its bounds count.
    pub unit: FrameUnit,
    /// Where it starts.
    pub start: FrameBound,
    /// Where it ends.
    pub end: FrameBound,
    /// What it leaves out.
    pub exclude: FrameExclusion,
}

/// What the bounds of a frame count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrameUnit {
    /// Rows.
    Rows,
    /// Distances of the sort key.
    Range,
    /// Groups of peers.
    Groups,
}

/// One end of a frame. Offsets hold no columns; for `RANGE` they have the type that is added to
/// the sort key.
#[derive(Clone, Debug)]
pub enum FrameBound {
    /// `UNBOUNDED PRECEDING`
    UnboundedPreceding,
    /// `n PRECEDING`
    Preceding(Expr),
    /// `CURRENT ROW`
    CurrentRow,
    /// `n FOLLOWING`
    Following(Expr),
    /// `UNBOUNDED FOLLOWING`
    UnboundedFollowing,
}

/// `EXCLUDE ..`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrameExclusion {
    /// `NO OTHERS`
    NoOthers,
    /// `CURRENT ROW`
    CurrentRow,
    /// `GROUP`
    Group,
    /// `TIES`
    Ties,
}

/// One key of an order.
#[derive(Clone, Debug)]
pub struct SortKey {
    /// What to compare.
    pub expr: Expr,
    /// Up or down.
    pub direction: Direction,
    /// Where NULLs go; PostgreSQL puts them last going up, first going down.
    pub nulls: Nulls,
}

/// Sort direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Small to large.
    Ascending,
    /// Large to small.
    Descending,
}

/// Where NULLs go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nulls {
    /// Before all values.
    First,
    /// Behind all values.
    Last,
}

/// UNION, INTERSECT, EXCEPT.
#[derive(Clone, Debug)]
pub struct SetOperation {
    /// Which one.
    pub kind: SetKind,
    /// `ALL` keeps duplicates.
    pub distinct: Distinctness,
    /// The left input.
    pub left: Plan,
    /// The right input.
    pub right: Plan,
    /// For each output column: itself, the left and the right column it comes from (all of the
    /// same type), and the type.
    pub columns: Vec<(ColumnId, ColumnId, ColumnId, Type)>,
}

/// Which set operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetKind {
    /// Rows of either.
    Union,
    /// Rows of both.
    Intersect,
    /// Rows of the left only.
    Except,
}

/// A common table expression, unique within one statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CteId(pub u32);

/// A common table expression.
#[derive(Clone, Debug)]
pub struct Cte {
    /// Which one.
    pub id: CteId,
    /// Its name, for EXPLAIN.
    pub name: Arc<str>,
    /// The query, or the non-recursive part.
    pub plan: Plan,
    /// Output columns of `plan`, left to right.
    pub columns: Vec<ColumnId>,
    /// The recursive part, when there is one.
    pub recursion: Option<Recursion>,
}

/// The recursive part of a common table expression.
#[derive(Clone, Debug)]
pub struct Recursion {
    /// The query; it reads the round before by `CteScan`.
    pub plan: Plan,
    /// Output columns of `plan`, left to right.
    pub columns: Vec<ColumnId>,
    /// `UNION` drops rows seen before, `UNION ALL` keeps them.
    pub distinct: Distinctness,
}
