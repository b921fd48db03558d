//! The aggregates: their names, argument and result types (PostgreSQL 15 manual, 9.21).

use crate::base::{Result, Type};
use crate::engine::plan::AggregateFunction;

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

/// The aggregate of a name.
pub(super) fn by_name(name: &str) -> Option<(AggregateFunction, Style)> {
    use AggregateFunction as A;
    let plain = |function| Some((function, Style::Plain));
    match name {
        "count" => plain(A::Count),
        "sum" => plain(A::Sum),
        "avg" => plain(A::Avg),
        "min" => plain(A::Min),
        "max" => plain(A::Max),
        "bool_and" | "every" => plain(A::BoolAnd),
        "bool_or" => plain(A::BoolOr),
        "stddev" | "stddev_samp" => plain(A::StddevSamp),
        "stddev_pop" => plain(A::StddevPop),
        "variance" | "var_samp" => plain(A::VarSamp),
        "var_pop" => plain(A::VarPop),
        "covar_samp" => plain(A::CovarSamp),
        "covar_pop" => plain(A::CovarPop),
        "corr" => plain(A::Corr),
        "regr_slope" => plain(A::RegrSlope),
        "regr_intercept" => plain(A::RegrIntercept),
        "regr_r2" => plain(A::RegrR2),
        "regr_count" => plain(A::RegrCount),
        "regr_avgx" => plain(A::RegrAvgX),
        "regr_avgy" => plain(A::RegrAvgY),
        "regr_sxx" => plain(A::RegrSxx),
        "regr_syy" => plain(A::RegrSyy),
        "regr_sxy" => plain(A::RegrSxy),
        "string_agg" => plain(A::StringAgg),
        "array_agg" => plain(A::ArrayAgg),
        "json_agg" | "jsonb_agg" => plain(A::JsonAgg),
        "bit_and" => plain(A::BitAnd),
        "bit_or" => plain(A::BitOr),
        "bit_xor" => plain(A::BitXor),
        "percentile_cont" => Some((A::PercentileCont, Style::OrderedSet)),
        "percentile_disc" => Some((A::PercentileDisc, Style::OrderedSet)),
        "mode" => Some((A::Mode, Style::OrderedSet)),
        _ => None,
    }
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
    use AggregateFunction as A;
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
            Type::Boolean | Type::Uuid | Type::Json | Type::Record(_) => Ok(None),
            Type::Varchar(_) | Type::Unknown => of(vec![Type::Text], Type::Text),
            Type::Numeric(_) => of(vec![ty.clone()], Type::Numeric(None)),
            other => of(vec![other.clone()], other.clone()),
        },
        (A::BoolAnd | A::BoolOr, [Type::Boolean | Type::Unknown]) => {
            of(vec![Type::Boolean], Type::Boolean)
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
    use AggregateFunction as A;
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
