//! The aggregates: their names, argument and result types (PostgreSQL 15 manual, 9.21).

use crate::base::{Result, Type};
use crate::engine::plan::AggregateFunction;
use AggregateFunction as A;

/// How an aggregate is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// `f(x)`
    Plain,
    /// `f(fraction) WITHIN GROUP (ORDER BY x)`
    OrderedSet,
}

/// The hypothetical-set aggregates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HypotheticalRank {
    Rank,
    DenseRank,
    PercentRank,
    CumeDist,
}

impl HypotheticalRank {
    pub(super) fn by_name(name: &str) -> Option<Self> {
        [
            Self::Rank,
            Self::DenseRank,
            Self::PercentRank,
            Self::CumeDist,
        ]
        .into_iter()
        .find(|rank| rank.name() == name)
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Rank => "rank",
            Self::DenseRank => "dense_rank",
            Self::PercentRank => "percent_rank",
            Self::CumeDist => "cume_dist",
        }
    }
}

/// An aggregate: its name, what it computes, how it is called, a signature, what it gives.
type Aggregate = (
    &'static str,
    AggregateFunction,
    Style,
    &'static str,
    &'static str,
);

/// All aggregates.
pub(super) const AGGREGATES: &[Aggregate] = &[
    (
        "count",
        A::Count,
        Style::Plain,
        "count(*), count(any)",
        "Number of rows, or of values that are not NULL.",
    ),
    (
        "sum",
        A::Sum,
        Style::Plain,
        "sum(number or interval)",
        "Sum.",
    ),
    (
        "avg",
        A::Avg,
        Style::Plain,
        "avg(number or interval)",
        "Mean.",
    ),
    (
        "min",
        A::Min,
        Style::Plain,
        "min(any ordered)",
        "Smallest value.",
    ),
    (
        "max",
        A::Max,
        Style::Plain,
        "max(any ordered)",
        "Largest value.",
    ),
    (
        "bool_and",
        A::BoolAnd,
        Style::Plain,
        "bool_and(boolean)",
        "Whether all are true.",
    ),
    (
        "every",
        A::BoolAnd,
        Style::Plain,
        "every(boolean)",
        "Whether all are true.",
    ),
    (
        "bool_or",
        A::BoolOr,
        Style::Plain,
        "bool_or(boolean)",
        "Whether one is true.",
    ),
    (
        "bit_and",
        A::BitAnd,
        Style::Plain,
        "bit_and(integer)",
        "Bits that all have.",
    ),
    (
        "bit_or",
        A::BitOr,
        Style::Plain,
        "bit_or(integer)",
        "Bits that one has.",
    ),
    (
        "bit_xor",
        A::BitXor,
        Style::Plain,
        "bit_xor(integer)",
        "Bits that an odd number have.",
    ),
    (
        "stddev",
        A::StddevSamp,
        Style::Plain,
        "stddev(number)",
        "Standard deviation of a sample.",
    ),
    (
        "stddev_samp",
        A::StddevSamp,
        Style::Plain,
        "stddev_samp(number)",
        "Standard deviation of a sample.",
    ),
    (
        "stddev_pop",
        A::StddevPop,
        Style::Plain,
        "stddev_pop(number)",
        "Standard deviation of a population.",
    ),
    (
        "variance",
        A::VarSamp,
        Style::Plain,
        "variance(number)",
        "Variance of a sample.",
    ),
    (
        "var_samp",
        A::VarSamp,
        Style::Plain,
        "var_samp(number)",
        "Variance of a sample.",
    ),
    (
        "var_pop",
        A::VarPop,
        Style::Plain,
        "var_pop(number)",
        "Variance of a population.",
    ),
    (
        "covar_samp",
        A::CovarSamp,
        Style::Plain,
        "covar_samp(y, x)",
        "Covariance of a sample.",
    ),
    (
        "covar_pop",
        A::CovarPop,
        Style::Plain,
        "covar_pop(y, x)",
        "Covariance of a population.",
    ),
    ("corr", A::Corr, Style::Plain, "corr(y, x)", "Correlation."),
    (
        "regr_slope",
        A::RegrSlope,
        Style::Plain,
        "regr_slope(y, x)",
        "Slope of the line of least squares.",
    ),
    (
        "regr_intercept",
        A::RegrIntercept,
        Style::Plain,
        "regr_intercept(y, x)",
        "Where that line crosses the y axis.",
    ),
    (
        "regr_r2",
        A::RegrR2,
        Style::Plain,
        "regr_r2(y, x)",
        "Square of the correlation.",
    ),
    (
        "regr_count",
        A::RegrCount,
        Style::Plain,
        "regr_count(y, x)",
        "Number of pairs without NULL.",
    ),
    (
        "regr_avgx",
        A::RegrAvgX,
        Style::Plain,
        "regr_avgx(y, x)",
        "Mean of x.",
    ),
    (
        "regr_avgy",
        A::RegrAvgY,
        Style::Plain,
        "regr_avgy(y, x)",
        "Mean of y.",
    ),
    (
        "regr_sxx",
        A::RegrSxx,
        Style::Plain,
        "regr_sxx(y, x)",
        "Sum of squared differences of x from its mean.",
    ),
    (
        "regr_syy",
        A::RegrSyy,
        Style::Plain,
        "regr_syy(y, x)",
        "Sum of squared differences of y from its mean.",
    ),
    (
        "regr_sxy",
        A::RegrSxy,
        Style::Plain,
        "regr_sxy(y, x)",
        "Sum of products of both differences.",
    ),
    (
        "string_agg",
        A::StringAgg,
        Style::Plain,
        "string_agg(text, delimiter)",
        "The texts with a delimiter between them.",
    ),
    (
        "array_agg",
        A::ArrayAgg,
        Style::Plain,
        "array_agg(any)",
        "The values as an array.",
    ),
    (
        "json_agg",
        A::JsonAgg,
        Style::Plain,
        "json_agg(any)",
        "The values as a JSON array.",
    ),
    (
        "jsonb_agg",
        A::JsonAgg,
        Style::Plain,
        "jsonb_agg(any)",
        "The values as a JSON array.",
    ),
    (
        "percentile_cont",
        A::PercentileCont,
        Style::OrderedSet,
        "percentile_cont(fraction) WITHIN GROUP (ORDER BY number or interval)",
        "The value at a fraction, between two values where it falls there.",
    ),
    (
        "percentile_disc",
        A::PercentileDisc,
        Style::OrderedSet,
        "percentile_disc(fraction) WITHIN GROUP (ORDER BY any)",
        "The first value at or behind a fraction.",
    ),
    (
        "mode",
        A::Mode,
        Style::OrderedSet,
        "mode() WITHIN GROUP (ORDER BY any)",
        "The most frequent value.",
    ),
];

/// The aggregate of a name.
pub(super) fn by_name(name: &str) -> Option<(AggregateFunction, Style)> {
    let mut all = AGGREGATES.iter();
    all.find(|(known, ..)| *known == name)
        .map(|(_, function, style, ..)| (*function, *style))
}

/// The types of an aggregate's arguments and of its result.
#[derive(Clone, Debug)]
pub(super) struct Signature {
    /// The arguments are converted to these.
    pub arguments: Vec<Type>,
    /// For ordered-set aggregates, the type of the sort key.
    pub key: Option<Type>,
    /// The type of the result.
    pub ty: Type,
}

/// Finds the signature of a plain aggregate; `None` when the arguments do not fit.
///
/// # Errors
/// Types that cannot be brought together.
pub(super) fn plain(function: AggregateFunction, types: &[Type]) -> Result<Option<Signature>> {
    let of = |arguments: Vec<Type>, ty: Type| {
        Ok(Some(Signature {
            arguments,
            key: None,
            ty,
        }))
    };
    match (function, types) {
        (A::CountRows, []) => of(vec![], Type::BigInt),
        (A::Count, [ty]) => of(vec![decided(ty)], Type::BigInt),
        (A::Sum, [ty]) => match ty {
            Type::SmallInt | Type::Integer => of(vec![ty.clone()], Type::BigInt),
            Type::BigInt => of(vec![ty.clone()], Type::Numeric(None)),
            Type::Numeric(_) => of(vec![ty.clone()], Type::Numeric(None)),
            Type::Real => of(vec![Type::Real], Type::Real),
            Type::Double => of(vec![Type::Double], Type::Double),
            Type::Interval | Type::Time => of(vec![Type::Interval], Type::Interval),
            _ => Ok(None),
        },
        (A::Avg, [ty]) => match ty {
            Type::SmallInt | Type::Integer | Type::BigInt | Type::Numeric(_) => {
                of(vec![ty.clone()], Type::Numeric(None))
            }
            Type::Real | Type::Double => of(vec![ty.clone()], Type::Double),
            Type::Interval | Type::Time => of(vec![Type::Interval], Type::Interval),
            _ => Ok(None),
        },
        (A::Min | A::Max, [ty]) => match ty {
            Type::Boolean | Type::Uuid | Type::Json | Type::Jsonb | Type::Record(_) => Ok(None),
            Type::Varchar(_) | Type::Unknown => of(vec![Type::Text], Type::Text),
            Type::Numeric(_) => of(vec![ty.clone()], Type::Numeric(None)),
            other => of(vec![other.clone()], other.clone()),
        },
        (A::BoolAnd | A::BoolOr, [Type::Boolean | Type::Unknown]) => {
            of(vec![Type::Boolean], Type::Boolean)
        }
        (A::StddevSamp | A::StddevPop | A::VarSamp | A::VarPop, [Type::Unknown]) => {
            of(vec![Type::Double], Type::Double)
        }
        (A::StddevSamp | A::StddevPop | A::VarSamp | A::VarPop, [ty]) => match ty {
            Type::SmallInt | Type::Integer | Type::BigInt | Type::Numeric(_) => {
                of(vec![Type::Numeric(None)], Type::Numeric(None))
            }
            Type::Real | Type::Double => of(vec![Type::Double], Type::Double),
            _ => Ok(None),
        },
        (
            A::CovarSamp
            | A::CovarPop
            | A::Corr
            | A::RegrSlope
            | A::RegrIntercept
            | A::RegrR2
            | A::RegrCount
            | A::RegrAvgX
            | A::RegrAvgY
            | A::RegrSxx
            | A::RegrSyy
            | A::RegrSxy,
            [y, x],
        ) if numeric(y) && numeric(x) => of(
            vec![Type::Double, Type::Double],
            if function == A::RegrCount {
                Type::BigInt
            } else {
                Type::Double
            },
        ),
        (A::StringAgg, [text, delimiter])
            if (text.is_text() || *text == Type::Unknown)
                && (delimiter.is_text() || *delimiter == Type::Unknown) =>
        {
            of(vec![Type::Text, Type::Text], Type::Text)
        }
        (A::ArrayAgg, [ty]) => match ty {
            Type::Array(_) => Ok(None),
            other => {
                let element = decided(other);
                of(vec![element.clone()], Type::Array(Box::new(element)))
            }
        },
        (A::JsonAgg, [ty]) => of(vec![decided(ty)], Type::Json),
        (A::BitAnd | A::BitOr | A::BitXor, [ty]) if ty.is_integer() => {
            of(vec![ty.clone()], ty.clone())
        }
        _ => Ok(None),
    }
}

/// Finds the signature of an ordered-set aggregate over one sort key.
pub(super) fn ordered_set(
    function: AggregateFunction,
    direct: &[Type],
    key: &Type,
) -> Option<Signature> {
    let fraction = match direct {
        [] => None,
        [Type::Array(element)] if numeric(element) => Some(Type::Array(Box::new(Type::Double))),
        [ty] if numeric(ty) => Some(Type::Double),
        _ => return None,
    };
    let spread = |ty: Type| match &fraction {
        Some(Type::Array(_)) => Type::Array(Box::new(ty)),
        _ => ty,
    };
    match (function, &fraction) {
        (A::PercentileCont, Some(fraction)) => {
            let key = match key {
                Type::Interval => Type::Interval,
                other if numeric(other) => Type::Double,
                _ => return None,
            };
            Some(Signature {
                arguments: vec![fraction.clone()],
                ty: spread(key.clone()),
                key: Some(key),
            })
        }
        (A::PercentileDisc, Some(fraction)) => {
            let key = decided(key);
            Some(Signature {
                arguments: vec![fraction.clone()],
                ty: spread(key.clone()),
                key: Some(key),
            })
        }
        (A::Mode, None) => {
            let key = decided(key);
            Some(Signature {
                arguments: vec![],
                ty: key.clone(),
                key: Some(key),
            })
        }
        _ => None,
    }
}

/// Whether a type becomes double precision without being asked.
fn numeric(ty: &Type) -> bool {
    ty.is_number() || *ty == Type::Unknown
}

fn decided(ty: &Type) -> Type {
    match ty {
        Type::Unknown => Type::Text,
        other => other.clone(),
    }
}
