//! Arithmetic and the other operators.

use super::Interpreter;
use crate::shell::syntax::ast::{BinaryOperator, UnaryOperator};
use crate::shell::value::date::in_range;
use crate::shell::value::decimal::DecimalError;
use crate::shell::value::int::IntError;
use crate::shell::value::{DateTime, Decimal, Dict, Int, Object, PyResult, Raised};
use chrono::{NaiveTime, TimeDelta};
use std::cell::RefCell;
use std::rc::Rc;

/// Items that a repeated or joined sequence may have.
const MAX_SEQUENCE: usize = 2_000_000;

/// Why an operation on numbers has no result.
pub(super) enum NumberError {
    Int(IntError, BinaryOperator),
    Float(BinaryOperator),
    Decimal(DecimalError),
    FloatOverflow,
}

impl NumberError {
    pub(super) fn class(&self) -> &'static str {
        match self {
            Self::Int(IntError::Division, _) | Self::Float(_) => "ZeroDivisionError",
            Self::Int(IntError::TooLarge, _) | Self::FloatOverflow => "OverflowError",
            Self::Int(IntError::NegativeShift, _) => "ValueError",
            Self::Decimal(DecimalError::DivisionByZero) => "DivisionByZero",
            Self::Decimal(DecimalError::Overflow) => "Overflow",
            Self::Decimal(DecimalError::Invalid | DecimalError::DivisionUndefined) => {
                "InvalidOperation"
            }
        }
    }

    pub(super) fn message(&self) -> &'static str {
        match self {
            Self::Int(IntError::Division, operator) => match operator {
                BinaryOperator::FloorDivide => "integer division or modulo by zero",
                BinaryOperator::Modulo => "integer modulo by zero",
                BinaryOperator::Power => "0.0 cannot be raised to a negative power",
                _ => "division by zero",
            },
            Self::Float(operator) => match operator {
                BinaryOperator::FloorDivide => "float floor division by zero",
                BinaryOperator::Modulo => "float modulo",
                BinaryOperator::Power => "0.0 cannot be raised to a negative power",
                _ => "float division by zero",
            },
            Self::Int(IntError::TooLarge, _) => "the number is too large here",
            Self::Int(IntError::NegativeShift, _) => "negative shift count",
            Self::FloatOverflow => "(34, 'Numerical result out of range')",
            Self::Decimal(DecimalError::DivisionByZero) => "[<class 'decimal.DivisionByZero'>]",
            Self::Decimal(DecimalError::DivisionUndefined) => {
                "[<class 'decimal.DivisionUndefined'>]"
            }
            Self::Decimal(DecimalError::Invalid) => "[<class 'decimal.InvalidOperation'>]",
            Self::Decimal(DecimalError::Overflow) => "[<class 'decimal.Overflow'>]",
        }
    }
}

/// The method of an operator, the one of the right side, and the one that works in place.
pub(super) fn method_names(operator: BinaryOperator) -> (&'static str, &'static str, &'static str) {
    match operator {
        BinaryOperator::Add => ("__add__", "__radd__", "__iadd__"),
        BinaryOperator::Subtract => ("__sub__", "__rsub__", "__isub__"),
        BinaryOperator::Multiply => ("__mul__", "__rmul__", "__imul__"),
        BinaryOperator::MatrixMultiply => ("__matmul__", "__rmatmul__", "__imatmul__"),
        BinaryOperator::Divide => ("__truediv__", "__rtruediv__", "__itruediv__"),
        BinaryOperator::FloorDivide => ("__floordiv__", "__rfloordiv__", "__ifloordiv__"),
        BinaryOperator::Modulo => ("__mod__", "__rmod__", "__imod__"),
        BinaryOperator::Power => ("__pow__", "__rpow__", "__ipow__"),
        BinaryOperator::ShiftLeft => ("__lshift__", "__rlshift__", "__ilshift__"),
        BinaryOperator::ShiftRight => ("__rshift__", "__rrshift__", "__irshift__"),
        BinaryOperator::And => ("__and__", "__rand__", "__iand__"),
        BinaryOperator::Xor => ("__xor__", "__rxor__", "__ixor__"),
        BinaryOperator::Or => ("__or__", "__ror__", "__ior__"),
    }
}

impl Interpreter {
    /// `left operator right`
    ///
    /// # Errors
    /// `TypeError` where the types do not fit, and what the operation raises.
    pub fn binary(&mut self, operator: BinaryOperator, left: &Object, right: &Object) -> PyResult {
        if let (Object::Int(a), Object::Int(b)) = (left, right)
            && let Some(result) = int_operation(operator, a, b)
        {
            return result.map_err(|error| self.number_error(error));
        }
        if let Some(value) = self.operator_methods(operator, left, right)? {
            return Ok(value);
        }
        let (a, b) = (left.plain(), right.plain());
        if let Some(result) = number_operation(operator, a, b) {
            return result.map_err(|error| self.number_error(error));
        }
        if let Some(value) = self.sequence_operation(operator, a, b)? {
            return Ok(value);
        }
        if let Some(value) = self.date_operation(operator, a, b)? {
            return Ok(value);
        }
        Err(self.unsupported(operator, left, right, ""))
    }

    fn operator_methods(
        &mut self,
        operator: BinaryOperator,
        left: &Object,
        right: &Object,
    ) -> PyResult<Option<Object>> {
        let (forward, reflected, _) = method_names(operator);
        let mut attempts = [(left, forward, right), (right, reflected, left)];
        let (a, b) = (self.class_of(left), self.class_of(right));
        // A subclass on the right may know better.
        if !Rc::ptr_eq(&a, &b) && b.is_subclass(&a) {
            attempts.reverse();
        }
        for (one, name, other) in attempts {
            if let Object::Instance(instance) = one
                && let Some(method) = instance.class.lookup(name)
            {
                let value = self.call(&method, [one.clone(), other.clone()].into())?;
                if !matches!(value, Object::NotImplemented) {
                    return Ok(Some(value));
                }
            }
        }
        Ok(None)
    }

    fn unsupported(
        &self,
        operator: BinaryOperator,
        left: &Object,
        right: &Object,
        equals: &str,
    ) -> Box<Raised> {
        let (a, b) = (self.type_name(left), self.type_name(right));
        if operator == BinaryOperator::Add && equals.is_empty() {
            let what = match left.plain() {
                Object::Str(_) => Some("str"),
                Object::List(_) => Some("list"),
                Object::Tuple(_) => Some("tuple"),
                _ => None,
            };
            if let Some(what) = what {
                let message = format!("can only concatenate {what} (not \"{b}\") to {what}");
                return self.type_error(message);
            }
        }
        if operator == BinaryOperator::Multiply
            && matches!(
                left.plain(),
                Object::Str(_) | Object::List(_) | Object::Tuple(_)
            )
        {
            let message = format!("can't multiply sequence by non-int of type '{b}'");
            return self.type_error(message);
        }
        let symbol = match operator {
            BinaryOperator::Power if equals.is_empty() => "** or pow()",
            _ => operator.symbol(),
        };
        self.type_error(format!(
            "unsupported operand type(s) for {symbol}{equals}: '{a}' and '{b}'"
        ))
    }

    /// The error of `a op= b`: with the sign as written.
    pub(super) fn augmented_error(
        &mut self,
        error: Box<Raised>,
        operator: BinaryOperator,
    ) -> Box<Raised> {
        if !error.is("TypeError") {
            return error;
        }
        let text = self.exception_text(&error.exception);
        let symbol = if operator == BinaryOperator::Power {
            "** or pow()"
        } else {
            operator.symbol()
        };
        let plain = format!("unsupported operand type(s) for {symbol}: ");
        match text.strip_prefix(&plain) {
            Some(types) => {
                let symbol = operator.symbol();
                let message = format!("unsupported operand type(s) for {symbol}=: {types}");
                let mut changed = self.type_error(message);
                changed.trace = error.trace;
                changed.depth = error.depth;
                changed
            }
            None => error,
        }
    }

    fn sequence_operation(
        &mut self,
        operator: BinaryOperator,
        a: &Object,
        b: &Object,
    ) -> PyResult<Option<Object>> {
        use BinaryOperator as Op;
        Ok(Some(match (operator, a, b) {
            (Op::Add, Object::Str(a), Object::Str(b)) => {
                self.check_size(a.len() + b.len())?;
                Object::from(format!("{a}{b}"))
            }
            (Op::Add, Object::List(a), Object::List(b)) => {
                let mut items = a.borrow().clone();
                items.extend(b.borrow().iter().cloned());
                self.check_size(items.len())?;
                Object::list(items)
            }
            (Op::Add, Object::Tuple(a), Object::Tuple(b)) => {
                let items: Vec<Object> = a.iter().chain(b.iter()).cloned().collect();
                self.check_size(items.len())?;
                Object::tuple(items)
            }
            (Op::Multiply, sequence, Object::Int(_) | Object::Bool(_)) if is_sequence(sequence) => {
                self.repeated(sequence, b)?
            }
            (Op::Multiply, Object::Int(_) | Object::Bool(_), sequence) if is_sequence(sequence) => {
                self.repeated(sequence, a)?
            }
            (Op::Modulo, Object::Str(text), values) => {
                Object::from(self.percent_format(text, values)?)
            }
            (Op::Or, Object::Dict(a), Object::Dict(b)) => {
                let merged = Rc::new(RefCell::new(a.borrow().clone()));
                let items = b.borrow().items();
                for (key, value) in items {
                    self.dict_set(&merged, key, value)?;
                }
                Object::Dict(merged)
            }
            (
                Op::And | Op::Or | Op::Xor | Op::Subtract,
                Object::Set(x) | Object::FrozenSet(x),
                Object::Set(y) | Object::FrozenSet(y),
            ) => {
                let result = self.set_operation(operator, x, y)?;
                match a {
                    Object::FrozenSet(_) => Object::FrozenSet(result),
                    _ => Object::Set(result),
                }
            }
            _ => return Ok(None),
        }))
    }

    pub(crate) fn check_size(&self, items: usize) -> PyResult<()> {
        if items > MAX_SEQUENCE {
            return Err(self.error("MemoryError", "the result would be too large here"));
        }
        Ok(())
    }

    fn repeated(&mut self, sequence: &Object, count: &Object) -> PyResult {
        let count =
            usize::try_from(count.as_i64().unwrap_or(i64::MAX).max(0)).unwrap_or(usize::MAX);
        Ok(match sequence {
            Object::Str(text) => {
                self.check_size(text.len().saturating_mul(count))?;
                Object::from(text.repeat(count))
            }
            Object::List(items) => {
                let items = items.borrow().clone();
                self.check_size(items.len().saturating_mul(count))?;
                Object::list(
                    items
                        .iter()
                        .cloned()
                        .cycle()
                        .take(items.len() * count)
                        .collect(),
                )
            }
            Object::Tuple(items) => {
                self.check_size(items.len().saturating_mul(count))?;
                let all: Vec<Object> = items
                    .iter()
                    .cloned()
                    .cycle()
                    .take(items.len() * count)
                    .collect();
                Object::tuple(all)
            }
            other => other.clone(),
        })
    }

    /// `a & b` and its siblings on sets.
    pub(crate) fn set_operation(
        &mut self,
        operator: BinaryOperator,
        a: &Rc<RefCell<Dict>>,
        b: &Rc<RefCell<Dict>>,
    ) -> PyResult<Rc<RefCell<Dict>>> {
        let (left, right) = (a.borrow().keys(), b.borrow().keys());
        let result = Rc::new(RefCell::new(Dict::default()));
        for key in left {
            let common = self.dict_get(b, &key)?.is_some();
            let kept = match operator {
                BinaryOperator::And => common,
                BinaryOperator::Subtract | BinaryOperator::Xor => !common,
                _ => true,
            };
            if kept {
                self.dict_set(&result, key, Object::None)?;
            }
        }
        if matches!(operator, BinaryOperator::Or | BinaryOperator::Xor) {
            for key in right {
                if self.dict_get(a, &key)?.is_none() {
                    self.dict_set(&result, key, Object::None)?;
                }
            }
        }
        Ok(result)
    }

    fn date_operation(
        &mut self,
        operator: BinaryOperator,
        a: &Object,
        b: &Object,
    ) -> PyResult<Option<Object>> {
        use BinaryOperator as Op;
        let day = 86_400_000_000;
        Ok(Some(match (operator, a, b) {
            (Op::Add, Object::TimeDelta(a), Object::TimeDelta(b)) => {
                self.timedelta(a.checked_add(*b))?
            }
            (Op::Subtract, Object::TimeDelta(a), Object::TimeDelta(b)) => {
                self.timedelta(a.checked_sub(*b))?
            }
            (Op::Add, Object::DateTime(moment), Object::TimeDelta(by))
            | (Op::Add, Object::TimeDelta(by), Object::DateTime(moment)) => {
                self.moved(moment, Some(*by))?
            }
            (Op::Subtract, Object::DateTime(moment), Object::TimeDelta(by)) => {
                self.moved(moment, by.checked_neg())?
            }
            (Op::Add, Object::Date(date), Object::TimeDelta(by))
            | (Op::Add, Object::TimeDelta(by), Object::Date(date)) => {
                self.moved_date(*date, by.div_euclid(day))?
            }
            (Op::Subtract, Object::Date(date), Object::TimeDelta(by)) => {
                self.moved_date(*date, -by.div_euclid(day))?
            }
            (Op::Subtract, Object::Date(a), Object::Date(b)) => {
                self.timedelta((*a - *b).num_microseconds())?
            }
            (Op::Subtract, Object::DateTime(a), Object::DateTime(b)) => match (&a.zone, &b.zone) {
                (None, None) => self.timedelta(Some(a.wall_micros() - b.wall_micros()))?,
                (Some(x), Some(y)) if x == y => {
                    self.timedelta(Some(a.wall_micros() - b.wall_micros()))?
                }
                (Some(_), Some(_)) => self.timedelta(Some(a.micros() - b.micros()))?,
                _ => {
                    let message = "can't subtract offset-naive and offset-aware datetimes";
                    return Err(self.type_error(message));
                }
            },
            (Op::Multiply, Object::TimeDelta(a), Object::Int(n))
            | (Op::Multiply, Object::Int(n), Object::TimeDelta(a)) => {
                self.timedelta(n.to_i64().and_then(|n| a.checked_mul(n)))?
            }
            (Op::Multiply, Object::TimeDelta(a), Object::Float(n))
            | (Op::Multiply, Object::Float(n), Object::TimeDelta(a)) => {
                self.timedelta(whole_micros(*a as f64 * n))?
            }
            (
                Op::Divide | Op::FloorDivide | Op::Modulo,
                Object::TimeDelta(_),
                Object::TimeDelta(0) | Object::Int(Int::Small(0)),
            ) => {
                let message = match operator {
                    Op::Divide => "division by zero",
                    _ => "integer division or modulo by zero",
                };
                return Err(self.error("ZeroDivisionError", message));
            }
            (Op::Divide, Object::TimeDelta(a), Object::TimeDelta(b)) => {
                Object::Float(*a as f64 / *b as f64)
            }
            (Op::FloorDivide, Object::TimeDelta(a), Object::TimeDelta(b)) => {
                Object::from(floor_div(*a, *b))
            }
            (Op::Modulo, Object::TimeDelta(a), Object::TimeDelta(b)) => {
                Object::TimeDelta(a - floor_div(*a, *b) * b)
            }
            (Op::Divide, Object::TimeDelta(a), Object::Int(n)) => {
                self.timedelta(whole_micros(*a as f64 / n.to_f64()))?
            }
            (Op::FloorDivide, Object::TimeDelta(a), Object::Int(n)) => {
                self.timedelta(n.to_i64().map(|n| floor_div(*a, n)))?
            }
            (Op::Divide, Object::TimeDelta(a), Object::Float(n)) => {
                self.timedelta(whole_micros(*a as f64 / n))?
            }
            _ => return Ok(None),
        }))
    }

    /// A timedelta of microseconds.
    pub(crate) fn timedelta(&self, micros: Option<i64>) -> PyResult {
        let limit = 86_400_000_000i64.saturating_mul(36_500_000);
        match micros.filter(|it| it.abs() <= limit) {
            Some(micros) => Ok(Object::TimeDelta(micros)),
            None => Err(self.error(
                "OverflowError",
                "days=36500001; must have magnitude <= 999999999",
            )),
        }
    }

    fn moved(&self, moment: &DateTime, by: Option<i64>) -> PyResult {
        let wall = by
            .and_then(|by| moment.wall.checked_add_signed(TimeDelta::microseconds(by)))
            .and_then(in_range);
        match wall {
            Some(wall) => Ok(Object::DateTime(Rc::new(DateTime {
                wall,
                zone: moment.zone.clone(),
            }))),
            None => Err(self.error("OverflowError", "date value out of range")),
        }
    }

    fn moved_date(&self, date: chrono::NaiveDate, days: i64) -> PyResult {
        let moved = TimeDelta::try_days(days)
            .and_then(|by| date.and_time(NaiveTime::MIN).checked_add_signed(by))
            .and_then(in_range);
        match moved {
            Some(moved) => Ok(Object::Date(moved.date())),
            None => Err(self.error("OverflowError", "date value out of range")),
        }
    }

    /// `-value`, `+value`, `~value`
    pub(super) fn unary_value(&mut self, operator: UnaryOperator, value: &Object) -> PyResult {
        let (name, symbol) = match operator {
            UnaryOperator::Minus => ("__neg__", "-"),
            UnaryOperator::Plus => ("__pos__", "+"),
            UnaryOperator::Invert => ("__invert__", "~"),
            UnaryOperator::Not => return Ok(Object::Bool(!self.is_true(value)?)),
        };
        if let Object::Instance(instance) = value
            && let Some(method) = instance.class.lookup(name)
        {
            return self.call(&method, [value.clone()].into());
        }
        let as_int = match value.plain() {
            Object::Bool(value) => Object::int(i64::from(*value)),
            other => other.clone(),
        };
        Ok(match (operator, &as_int) {
            (UnaryOperator::Minus, Object::Int(value)) => Object::Int(value.negate()),
            (UnaryOperator::Minus, Object::Float(value)) => Object::Float(-value),
            (UnaryOperator::Minus, Object::Decimal(value)) => Object::decimal(value.negate()),
            (UnaryOperator::Minus, Object::TimeDelta(value)) => {
                self.timedelta(value.checked_neg())?
            }
            (
                UnaryOperator::Plus,
                Object::Int(_) | Object::Float(_) | Object::Decimal(_) | Object::TimeDelta(_),
            ) => as_int,
            (UnaryOperator::Invert, Object::Int(value)) => {
                let minus_one = value.negate().subtract(&Int::from(1i64));
                Object::Int(minus_one.unwrap_or(Int::from(0i64)))
            }
            _ => {
                let name = self.type_name(value);
                let message = format!("bad operand type for unary {symbol}: '{name}'");
                return Err(self.type_error(message));
            }
        })
    }
}

fn is_sequence(value: &Object) -> bool {
    matches!(value, Object::Str(_) | Object::List(_) | Object::Tuple(_))
}

/// Rounded to the nearest whole number, ties to even.
fn whole_micros(value: f64) -> Option<i64> {
    let rounded = value.round_ties_even();
    (rounded.abs() < 9.0e18).then_some(rounded as i64)
}

fn floor_div(a: i64, b: i64) -> i64 {
    let quotient = a.checked_div(b).unwrap_or(0);
    let rest = a.checked_rem(b).unwrap_or(0);
    if rest != 0 && (rest < 0) != (b < 0) {
        quotient - 1
    } else {
        quotient
    }
}

fn int_operation(
    operator: BinaryOperator,
    a: &Int,
    b: &Int,
) -> Option<Result<Object, NumberError>> {
    use BinaryOperator as Op;
    let result = match operator {
        Op::Add => a.add(b),
        Op::Subtract => a.subtract(b),
        Op::Multiply => a.multiply(b),
        Op::FloorDivide => a.divide(b).map(|(quotient, _)| quotient),
        Op::Modulo => a.divide(b).map(|(_, rest)| rest),
        Op::Divide => {
            if b.is_zero() {
                return Some(Err(NumberError::Int(IntError::Division, operator)));
            }
            return Some(Ok(Object::Float(a.to_f64() / b.to_f64())));
        }
        Op::Power => {
            if b.is_negative() {
                if a.is_zero() {
                    return Some(Err(NumberError::Int(IntError::Division, operator)));
                }
                return Some(Ok(Object::Float(a.to_f64().powf(b.to_f64()))));
            }
            match b.to_i64().and_then(|it| u32::try_from(it).ok()) {
                Some(exponent) => a.power(exponent),
                None => Err(IntError::TooLarge),
            }
        }
        Op::ShiftLeft | Op::ShiftRight => match b.to_i64() {
            Some(count) if count < 0 => Err(IntError::NegativeShift),
            Some(count) if operator == Op::ShiftLeft => a.shift(count),
            Some(count) => a.shift(-count),
            None => Err(IntError::TooLarge),
        },
        Op::And => a.and(b),
        Op::Or => a.or(b),
        Op::Xor => a.xor(b),
        Op::MatrixMultiply => return None,
    };
    Some(
        result
            .map(Object::Int)
            .map_err(|error| NumberError::Int(error, operator)),
    )
}

fn number_operation(
    operator: BinaryOperator,
    a: &Object,
    b: &Object,
) -> Option<Result<Object, NumberError>> {
    use BinaryOperator as Op;
    let int = |value: &Object| match value {
        Object::Bool(value) => Some(Int::from(i64::from(*value))),
        Object::Int(value) => Some(value.clone()),
        _ => None,
    };
    if let (Object::Bool(x), Object::Bool(y)) = (a, b) {
        match operator {
            Op::And => return Some(Ok(Object::Bool(x & y))),
            Op::Or => return Some(Ok(Object::Bool(x | y))),
            Op::Xor => return Some(Ok(Object::Bool(x ^ y))),
            _ => {}
        }
    }
    if let (Some(a), Some(b)) = (int(a), int(b)) {
        return int_operation(operator, &a, &b);
    }
    let decimal = |value: &Object| match value {
        Object::Decimal(value) => Some((**value).clone()),
        other => int(other).map(|it| Decimal::from_int(&it)),
    };
    if let (Object::Decimal(_), _) | (_, Object::Decimal(_)) = (a, b) {
        let (x, y) = (decimal(a)?, decimal(b)?);
        let result = match operator {
            Op::Add => x.add(&y),
            Op::Subtract => x.subtract(&y),
            Op::Multiply => x.multiply(&y),
            Op::Divide => x.divide(&y),
            Op::FloorDivide => x.divide_whole(&y).map(|(quotient, _)| quotient),
            Op::Modulo => x.divide_whole(&y).map(|(_, rest)| rest),
            Op::Power => match y.normalize().ok().and_then(|it| it.to_parts()) {
                Some((whole, 0)) => match i64::try_from(whole) {
                    Ok(whole) => x.power(whole),
                    Err(_) => Err(DecimalError::Overflow),
                },
                Some((5, 1)) => x.sqrt(),
                _ => Err(DecimalError::Invalid),
            },
            _ => return None,
        };
        return Some(result.map(Object::decimal).map_err(NumberError::Decimal));
    }
    let float = |value: &Object| match value {
        Object::Float(value) => Some(*value),
        other => int(other).map(|it| it.to_f64()),
    };
    let (x, y) = (float(a)?, float(b)?);
    let zero = y == 0.0;
    let result = match operator {
        Op::Add => x + y,
        Op::Subtract => x - y,
        Op::Multiply => x * y,
        Op::Divide | Op::FloorDivide | Op::Modulo if zero => {
            return Some(Err(NumberError::Float(operator)));
        }
        Op::Divide => x / y,
        Op::FloorDivide => (x - float_modulo(x, y)) / y,
        Op::Modulo => float_modulo(x, y),
        Op::Power => {
            if x == 0.0 && y < 0.0 {
                return Some(Err(NumberError::Float(operator)));
            }
            let power = x.powf(y);
            if power.is_infinite() && x.is_finite() && y.is_finite() {
                return Some(Err(NumberError::FloatOverflow));
            }
            power
        }
        _ => return None,
    };
    let result = if operator == Op::FloorDivide {
        result.round()
    } else {
        result
    };
    Some(Ok(Object::Float(result)))
}

fn float_modulo(x: f64, y: f64) -> f64 {
    let rest = x % y;
    if rest != 0.0 && (rest < 0.0) != (y < 0.0) {
        rest + y
    } else if rest == 0.0 {
        0.0f64.copysign(y)
    } else {
        rest
    }
}
