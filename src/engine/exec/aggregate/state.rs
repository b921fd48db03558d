//! One aggregate's state over single values: every aggregate, one row at a time. Windows use it
//! too, and take rows out again where that is exact.

use super::accumulate::Accumulator;
use crate::base::diagnostic::sqlstate;
use crate::base::{Column, Diagnostic, Numeric, Result, Type, Value};
use crate::engine::plan::AggregateFunction;
use crate::engine::scalar::to_json;
use std::cmp::Ordering;
use std::sync::Arc;

/// A state a group.
pub struct States {
    function: AggregateFunction,
    arguments: Vec<Type>,
    ty: Type,
    states: Vec<State>,
    bytes: usize,
}

impl States {
    /// No groups yet; `ty` is the type of the result.
    pub fn new(function: AggregateFunction, arguments: Vec<Type>, ty: Type) -> Self {
        Self {
            function,
            arguments,
            ty,
            states: Vec::new(),
            bytes: 0,
        }
    }
}

impl Accumulator for States {
    fn grow(&mut self, groups: usize) {
        while self.states.len() < groups {
            self.states
                .push(State::new(self.function, &self.arguments, &self.ty));
        }
    }

    fn update(&mut self, groups: &[u32], arguments: &[Arc<Column>]) -> Result<()> {
        self.bytes += match self.function {
            AggregateFunction::StringAgg
            | AggregateFunction::ArrayAgg
            | AggregateFunction::JsonAgg
            | AggregateFunction::PercentileCont
            | AggregateFunction::PercentileDisc
            | AggregateFunction::Mode => arguments.iter().map(|column| column.bytes()).sum(),
            _ => 0,
        };
        let mut row_values = Vec::with_capacity(self.arguments.len());
        for (row, &group) in groups.iter().enumerate() {
            row_values.clear();
            row_values.extend(
                arguments
                    .iter()
                    .zip(&self.arguments)
                    .map(|(column, ty)| column.value(row, ty)),
            );
            if let Some(state) = self.states.get_mut(group as usize) {
                state.add(&row_values)?;
            }
        }
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<Column> {
        let values = self
            .states
            .iter()
            .map(State::result)
            .collect::<Result<Vec<_>>>()?;
        Ok(Column::from_values(&values, &self.ty))
    }

    fn bytes(&self) -> usize {
        self.states.len() * size_of::<State>() + self.bytes
    }
}

/// The state of one aggregate over the rows added so far.
#[derive(Clone, Debug)]
pub struct State {
    kind: Kind,
    ty: Type,
    argument: Type,
    /// The most decimals of a number added to a sum, and how many numbers have them: a sum has
    /// no more decimals than what is in it.
    widest: (u8, i64),
}

#[derive(Clone, Debug)]
enum Kind {
    CountRows(i64),
    Count(i64),
    /// Exact sum and number of rows.
    Sum(Numeric, i64),
    Average(Numeric, i64),
    FloatSum(f64, i64),
    FloatAverage(f64, i64),
    IntervalSum(crate::base::Interval, i64, Mean),
    Extreme(Ordering, Value),
    BoolAnd(Option<bool>),
    BoolOr(Option<bool>),
    BitAnd(Option<i64>),
    BitOr(Option<i64>),
    BitXor(Option<i64>),
    /// Exact count, sum and sum of squares.
    Spread(Spread, i64, Numeric, Numeric),
    /// Count, sum and sum of squared differences from the mean, by Youngs and Cramer as
    /// PostgreSQL does.
    FloatSpread(Spread, Moments),
    /// The same over pairs `(y, x)`.
    Pairs(PairStatistic, PairMoments),
    StringAgg(Option<String>),
    Array(Vec<Value>),
    Json(Vec<String>),
    /// The values in order, and the fraction.
    Percentile(Interpolation, Vec<Value>, Option<Value>),
    /// The best value so far with its count, and the run that goes on.
    Mode(Option<(Value, u64)>, Option<(Value, u64)>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mean {
    Sum,
    Average,
}

/// Which measure of spread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Spread {
    VarSamp,
    VarPop,
    StddevSamp,
    StddevPop,
}

impl Spread {
    fn is_sample(self) -> bool {
        matches!(self, Self::VarSamp | Self::StddevSamp)
    }

    fn is_root(self) -> bool {
        matches!(self, Self::StddevSamp | Self::StddevPop)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Interpolation {
    Continuous,
    Discrete,
}

#[derive(Clone, Copy, Debug, Default)]
struct Moments {
    n: f64,
    sum: f64,
    squares: f64,
}

#[derive(Clone, Copy, Debug, Default)]
struct PairMoments {
    n: f64,
    sx: f64,
    sxx: f64,
    sy: f64,
    syy: f64,
    sxy: f64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum PairStatistic {
    Corr,
    CovarSamp,
    CovarPop,
    Slope,
    Intercept,
    R2,
    Count,
    AvgX,
    AvgY,
    Sxx,
    Syy,
    Sxy,
}

fn overflow() -> Box<Diagnostic> {
    Diagnostic::error(
        sqlstate::NUMERIC_VALUE_OUT_OF_RANGE,
        "numeric overflow: more than 38 digits are not supported here",
    )
}

impl State {
    /// No rows yet; `arguments` are the types of the arguments, `ty` that of the result.
    pub fn new(function: AggregateFunction, arguments: &[Type], ty: &Type) -> Self {
        use AggregateFunction as F;
        let argument = arguments.first().cloned().unwrap_or(Type::Unknown);
        let float = matches!(argument, Type::Real | Type::Double);
        let spread = |spread| {
            if float {
                Kind::FloatSpread(spread, Moments::default())
            } else {
                Kind::Spread(spread, 0, Numeric::from(0), Numeric::from(0))
            }
        };
        let pairs = |statistic| Kind::Pairs(statistic, PairMoments::default());
        let kind = match function {
            F::CountRows => Kind::CountRows(0),
            F::Count => Kind::Count(0),
            F::Sum if float => Kind::FloatSum(0.0, 0),
            F::Sum if argument == Type::Interval => {
                Kind::IntervalSum(crate::base::Interval::default(), 0, Mean::Sum)
            }
            F::Sum => Kind::Sum(Numeric::from(0), 0),
            F::Avg if float => Kind::FloatAverage(0.0, 0),
            F::Avg if argument == Type::Interval => {
                Kind::IntervalSum(crate::base::Interval::default(), 0, Mean::Average)
            }
            F::Avg => Kind::Average(Numeric::from(0), 0),
            // All rows of a group have one value, so the least is any.
            F::Min | F::AnyValue => Kind::Extreme(Ordering::Less, Value::Null),
            F::Max => Kind::Extreme(Ordering::Greater, Value::Null),
            F::BoolAnd => Kind::BoolAnd(None),
            F::BoolOr => Kind::BoolOr(None),
            F::BitAnd => Kind::BitAnd(None),
            F::BitOr => Kind::BitOr(None),
            F::BitXor => Kind::BitXor(None),
            F::StddevSamp => spread(Spread::StddevSamp),
            F::StddevPop => spread(Spread::StddevPop),
            F::VarSamp => spread(Spread::VarSamp),
            F::VarPop => spread(Spread::VarPop),
            F::CovarSamp => pairs(PairStatistic::CovarSamp),
            F::CovarPop => pairs(PairStatistic::CovarPop),
            F::Corr => pairs(PairStatistic::Corr),
            F::RegrSlope => pairs(PairStatistic::Slope),
            F::RegrIntercept => pairs(PairStatistic::Intercept),
            F::RegrR2 => pairs(PairStatistic::R2),
            F::RegrCount => pairs(PairStatistic::Count),
            F::RegrAvgX => pairs(PairStatistic::AvgX),
            F::RegrAvgY => pairs(PairStatistic::AvgY),
            F::RegrSxx => pairs(PairStatistic::Sxx),
            F::RegrSyy => pairs(PairStatistic::Syy),
            F::RegrSxy => pairs(PairStatistic::Sxy),
            F::StringAgg => Kind::StringAgg(None),
            F::ArrayAgg => Kind::Array(Vec::new()),
            F::JsonAgg => Kind::Json(Vec::new()),
            F::PercentileCont => Kind::Percentile(Interpolation::Continuous, Vec::new(), None),
            F::PercentileDisc => Kind::Percentile(Interpolation::Discrete, Vec::new(), None),
            F::Mode => Kind::Mode(None, None),
        };
        Self {
            kind,
            ty: ty.clone(),
            argument,
            widest: (0, 0),
        }
    }

    /// Adds a row.
    pub fn add(&mut self, arguments: &[Value]) -> Result<()> {
        let value = arguments.first().unwrap_or(&Value::Null);
        match &mut self.kind {
            Kind::CountRows(count) => *count += 1,
            Kind::Count(count) => *count += i64::from(!value.is_null()),
            Kind::Sum(sum, count) | Kind::Average(sum, count) => {
                if let Some(number) = exact(value) {
                    *sum = sum.add(number)?;
                    *count += 1;
                    let scale = number.scale();
                    match scale.cmp(&self.widest.0) {
                        Ordering::Greater => self.widest = (scale, 1),
                        Ordering::Equal => self.widest.1 += 1,
                        Ordering::Less => {}
                    }
                }
            }
            Kind::FloatSum(sum, count) | Kind::FloatAverage(sum, count) => {
                if let Value::Float(number) = value {
                    *sum += number;
                    *count += 1;
                }
            }
            Kind::IntervalSum(sum, count, _) => {
                if let Value::Interval(interval) = value {
                    *sum = sum.checked_add(*interval).ok_or_else(interval_range)?;
                    *count += 1;
                }
            }
            Kind::Extreme(wanted, best) => {
                if !value.is_null() && (best.is_null() || value.cmp(best) == *wanted) {
                    *best = value.clone();
                }
            }
            Kind::BoolAnd(all) => {
                if let Value::Bool(value) = value {
                    *all = Some(all.unwrap_or(true) && *value);
                }
            }
            Kind::BoolOr(any) => {
                if let Value::Bool(value) = value {
                    *any = Some(any.unwrap_or(false) || *value);
                }
            }
            Kind::BitAnd(bits) => {
                if let Value::Int(value) = value {
                    *bits = Some(bits.unwrap_or(-1) & value);
                }
            }
            Kind::BitOr(bits) => {
                if let Value::Int(value) = value {
                    *bits = Some(bits.unwrap_or(0) | value);
                }
            }
            Kind::BitXor(bits) => {
                if let Value::Int(value) = value {
                    *bits = Some(bits.unwrap_or(0) ^ value);
                }
            }
            Kind::Spread(_, count, sum, squares) => {
                if let Some(number) = exact(value) {
                    *count += 1;
                    *sum = sum.add(number)?;
                    *squares = squares.add(number.multiply(number)?)?;
                }
            }
            Kind::FloatSpread(_, moments) => {
                if let Value::Float(number) = value {
                    moments.add(*number);
                }
            }
            Kind::Pairs(_, moments) => {
                if let (Value::Float(y), Some(Value::Float(x))) = (value, arguments.get(1)) {
                    moments.add(*y, *x);
                }
            }
            Kind::StringAgg(text) => {
                if let Value::Text(part) = value {
                    match text {
                        None => *text = Some(part.to_string()),
                        Some(text) => {
                            if let Some(Value::Text(delimiter)) = arguments.get(1) {
                                text.push_str(delimiter);
                            }
                            text.push_str(part);
                        }
                    }
                }
            }
            Kind::Array(values) => values.push(value.clone()),
            Kind::Json(parts) => parts.push(to_json(value, &self.argument)),
            Kind::Percentile(_, values, fraction) => {
                if fraction.is_none() {
                    *fraction = arguments.get(1).cloned();
                }
                if !value.is_null() {
                    values.push(value.clone());
                }
            }
            Kind::Mode(best, run) => {
                if value.is_null() {
                    return Ok(());
                }
                match run {
                    Some((current, count)) if current == value => *count += 1,
                    _ => *run = Some((value.clone(), 1)),
                }
                if let Some((current, count)) = run
                    && best.as_ref().is_none_or(|(_, most)| *count > *most)
                {
                    *best = Some((current.clone(), *count));
                }
            }
        }
        Ok(())
    }

    /// Takes out a row that was added before, where that leaves the exact state; `false` where it
    /// does not.
    pub fn remove(&mut self, arguments: &[Value]) -> Result<bool> {
        let value = arguments.first().unwrap_or(&Value::Null);
        match &mut self.kind {
            Kind::CountRows(count) => *count -= 1,
            Kind::Count(count) => *count -= i64::from(!value.is_null()),
            Kind::Sum(sum, count) | Kind::Average(sum, count) => {
                if let Some(number) = exact(value) {
                    if number.scale() == self.widest.0 {
                        self.widest.1 -= 1;
                        if self.widest == (number.scale(), 0) && number.scale() > 0 {
                            return Ok(false);
                        }
                    }
                    *count -= 1;
                    *sum = if *count == 0 {
                        Numeric::from(0)
                    } else {
                        sum.subtract(number)?
                    };
                }
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// The result over the rows added.
    pub fn result(&self) -> Result<Value> {
        Ok(match &self.kind {
            Kind::CountRows(count) | Kind::Count(count) => Value::Int(*count),
            Kind::Sum(_, 0) | Kind::Average(_, 0) => Value::Null,
            Kind::Sum(sum, _) if self.ty == Type::BigInt => {
                Value::Int(i64::try_from(sum.mantissa()).map_err(|_| {
                    Diagnostic::error(sqlstate::NUMERIC_VALUE_OUT_OF_RANGE, "bigint out of range")
                })?)
            }
            Kind::Sum(sum, _) => Value::Numeric(*sum),
            Kind::Average(sum, count) => Value::Numeric(sum.divide(Numeric::from(*count))?),
            Kind::FloatSum(_, 0) | Kind::FloatAverage(_, 0) => Value::Null,
            Kind::FloatSum(sum, _) => Value::Float(if self.ty == Type::Real {
                f64::from(*sum as f32)
            } else {
                *sum
            }),
            Kind::FloatAverage(sum, count) => Value::Float(sum / *count as f64),
            Kind::IntervalSum(_, 0, _) => Value::Null,
            Kind::IntervalSum(sum, _, Mean::Sum) => Value::Interval(*sum),
            Kind::IntervalSum(sum, count, Mean::Average) => {
                Value::Interval(sum.scale(1.0 / *count as f64).ok_or_else(interval_range)?)
            }
            Kind::Extreme(_, best) => best.clone(),
            Kind::BoolAnd(value) | Kind::BoolOr(value) => value.map_or(Value::Null, Value::Bool),
            Kind::BitAnd(bits) | Kind::BitOr(bits) | Kind::BitXor(bits) => {
                bits.map_or(Value::Null, Value::Int)
            }
            Kind::Spread(spread, count, sum, squares) => {
                exact_spread(*spread, *count, *sum, *squares)?
            }
            Kind::FloatSpread(spread, moments) => moments.result(*spread),
            Kind::Pairs(statistic, moments) => moments.result(*statistic),
            Kind::StringAgg(text) => text.as_deref().map_or(Value::Null, Value::text),
            Kind::Array(values) if values.is_empty() => Value::Null,
            Kind::Array(values) => Value::Array(values.as_slice().into()),
            Kind::Json(parts) if parts.is_empty() => Value::Null,
            Kind::Json(parts) => Value::text(format!("[{}]", parts.join(", "))),
            Kind::Percentile(interpolation, values, fraction) => match fraction {
                Some(Value::Array(fractions)) => Value::Array(
                    fractions
                        .iter()
                        .map(|fraction| percentile(*interpolation, values, fraction))
                        .collect::<Result<_>>()?,
                ),
                Some(fraction) => percentile(*interpolation, values, fraction)?,
                None => Value::Null,
            },
            Kind::Mode(best, _) => best
                .as_ref()
                .map_or(Value::Null, |(value, _)| value.clone()),
        })
    }
}

fn interval_range() -> Box<Diagnostic> {
    Diagnostic::error(sqlstate::DATETIME_FIELD_OVERFLOW, "interval out of range")
}

fn exact(value: &Value) -> Option<Numeric> {
    match value {
        Value::Int(value) => Some(Numeric::from(*value)),
        Value::Numeric(value) => Some(*value),
        _ => None,
    }
}

/// PostgreSQL's `numeric_stddev_internal`: `(n * squares - sum^2) / (n * (n - 1))`, and its root.
fn exact_spread(spread: Spread, count: i64, sum: Numeric, squares: Numeric) -> Result<Value> {
    if count == 0 || spread.is_sample() && count == 1 {
        return Ok(Value::Null);
    }
    let n = Numeric::from(count);
    let numerator = n.multiply(squares)?.subtract(sum.multiply(sum)?)?;
    if numerator.mantissa() <= 0 {
        return Ok(Value::Numeric(Numeric::from(0)));
    }
    let other = if spread.is_sample() { count - 1 } else { count };
    let denominator = n.multiply(Numeric::from(other))?;
    let variance = numerator.divide(denominator)?;
    Ok(Value::Numeric(if spread.is_root() {
        variance.sqrt_to(variance.scale())?
    } else {
        variance
    }))
}

fn percentile(interpolation: Interpolation, values: &[Value], fraction: &Value) -> Result<Value> {
    let Value::Float(fraction) = *fraction else {
        return Ok(Value::Null);
    };
    if !(0.0..=1.0).contains(&fraction) {
        return Err(Diagnostic::error(
            sqlstate::NUMERIC_VALUE_OUT_OF_RANGE,
            format!("percentile value {fraction} is not between 0 and 1"),
        ));
    }
    let n = values.len();
    let at = |index: usize| values.get(index).cloned().unwrap_or(Value::Null);
    if n == 0 {
        return Ok(Value::Null);
    }
    match interpolation {
        Interpolation::Discrete => {
            let row = (fraction * n as f64).ceil() as usize;
            Ok(at(row.max(1) - 1))
        }
        Interpolation::Continuous => {
            let place = fraction * (n - 1) as f64;
            let (low, high) = (at(place.floor() as usize), at(place.ceil() as usize));
            let share = place - place.floor();
            match (&low, &high) {
                (Value::Float(a), Value::Float(b)) => Ok(Value::Float(a + share * (b - a))),
                (Value::Interval(a), Value::Interval(b)) => {
                    let step = b
                        .checked_subtract(*a)
                        .and_then(|difference| difference.scale(share))
                        .and_then(|step| a.checked_add(step));
                    step.map(Value::Interval).ok_or_else(interval_range)
                }
                _ => Err(overflow()),
            }
        }
    }
}

impl Moments {
    fn add(&mut self, value: f64) {
        self.n += 1.0;
        self.sum += value;
        if self.n > 1.0 {
            let difference = value * self.n - self.sum;
            self.squares += difference * difference / (self.n * (self.n - 1.0));
        }
    }

    fn result(&self, spread: Spread) -> Value {
        if self.n == 0.0 || spread.is_sample() && self.n == 1.0 {
            return Value::Null;
        }
        let variance = if spread.is_sample() {
            self.squares / (self.n - 1.0)
        } else {
            self.squares / self.n
        };
        Value::Float(if spread.is_root() {
            variance.sqrt()
        } else {
            variance
        })
    }
}

impl PairMoments {
    fn add(&mut self, y: f64, x: f64) {
        self.n += 1.0;
        self.sx += x;
        self.sy += y;
        if self.n > 1.0 {
            let (dx, dy) = (x * self.n - self.sx, y * self.n - self.sy);
            let scale = 1.0 / (self.n * (self.n - 1.0));
            self.sxx += dx * dx * scale;
            self.syy += dy * dy * scale;
            self.sxy += dx * dy * scale;
        }
    }

    fn result(&self, statistic: PairStatistic) -> Value {
        let Self {
            n,
            sx,
            sxx,
            sy,
            syy,
            sxy,
        } = *self;
        let result = match statistic {
            PairStatistic::Count => return Value::Int(n as i64),
            PairStatistic::AvgX => (n >= 1.0).then(|| sx / n),
            PairStatistic::AvgY => (n >= 1.0).then(|| sy / n),
            PairStatistic::Sxx => (n >= 1.0).then_some(sxx),
            PairStatistic::Syy => (n >= 1.0).then_some(syy),
            PairStatistic::Sxy => (n >= 1.0).then_some(sxy),
            PairStatistic::CovarSamp => (n >= 2.0).then(|| sxy / (n - 1.0)),
            PairStatistic::CovarPop => (n >= 1.0).then(|| sxy / n),
            PairStatistic::Corr => {
                (n >= 1.0 && sxx != 0.0 && syy != 0.0).then(|| sxy / (sxx * syy).sqrt())
            }
            PairStatistic::Slope => (n >= 1.0 && sxx != 0.0).then(|| sxy / sxx),
            PairStatistic::Intercept => (n >= 1.0 && sxx != 0.0).then(|| (sy - sx * sxy / sxx) / n),
            PairStatistic::R2 => (n >= 1.0 && sxx != 0.0).then(|| {
                if syy == 0.0 {
                    1.0
                } else {
                    (sxy * sxy) / (sxx * syy)
                }
            }),
        };
        result.map_or(Value::Null, Value::Float)
    }
}
