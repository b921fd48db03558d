//! `+`, `-`, `*`, `/`, `%`, `^` and the bit operators on numbers.

use super::Parameter::{Float4, Float8, Int2, Int4, Int8, Numeric as N};
use super::{Row, ScalarFunction, batch, operator};
use crate::base::diagnostic::sqlstate;
use crate::base::numeric::division_by_zero;
use crate::base::{Diagnostic, Numeric, Result, Type, Value};

/// The operators of one integer type, whose results `$fit` checks.
macro_rules! integer {
    ($ty:ident, $fit:ident, $width:ident) => {
        &[
            operator(
                "+",
                &[$ty, $ty],
                $ty,
                |r| $fit(r.int(0)?.checked_add(r.int(1)?)),
                "Sum.",
            )
            .with_batch(batch::$width::add),
            operator(
                "-",
                &[$ty, $ty],
                $ty,
                |r| $fit(r.int(0)?.checked_sub(r.int(1)?)),
                "Difference.",
            )
            .with_batch(batch::$width::subtract),
            operator(
                "*",
                &[$ty, $ty],
                $ty,
                |r| $fit(r.int(0)?.checked_mul(r.int(1)?)),
                "Product.",
            )
            .with_batch(batch::$width::multiply),
            operator(
                "/",
                &[$ty, $ty],
                $ty,
                |r| $fit(quotient(r)?),
                "Quotient, cut towards zero.",
            ),
            operator(
                "%",
                &[$ty, $ty],
                $ty,
                |r| $fit(Some(remainder(r)?)),
                "Remainder, with the sign of the dividend.",
            ),
            operator(
                "-",
                &[$ty],
                $ty,
                |r| $fit(r.int(0)?.checked_neg()),
                "Negation.",
            ),
            operator(
                "+",
                &[$ty],
                $ty,
                |r| $fit(Some(r.int(0)?)),
                "The number itself.",
            ),
            operator(
                "@",
                &[$ty],
                $ty,
                |r| $fit(r.int(0)?.checked_abs()),
                "Absolute value.",
            ),
            operator(
                "&",
                &[$ty, $ty],
                $ty,
                |r| $fit(Some(r.int(0)? & r.int(1)?)),
                "Bitwise AND.",
            ),
            operator(
                "|",
                &[$ty, $ty],
                $ty,
                |r| $fit(Some(r.int(0)? | r.int(1)?)),
                "Bitwise OR.",
            ),
            operator(
                "#",
                &[$ty, $ty],
                $ty,
                |r| $fit(Some(r.int(0)? ^ r.int(1)?)),
                "Bitwise exclusive OR.",
            ),
            operator("~", &[$ty], $ty, |r| $fit(Some(!r.int(0)?)), "Bitwise NOT."),
            operator(
                "<<",
                &[$ty, Int4],
                $ty,
                |r| shift_left(r, &$ty),
                "Bitwise shift left.",
            ),
            operator(
                ">>",
                &[$ty, Int4],
                $ty,
                |r| shift_right(r, &$ty),
                "Bitwise shift right.",
            ),
        ]
    };
}

pub static SMALLINT: &[ScalarFunction] = integer!(Int2, smallint, smallint);
pub static INTEGER: &[ScalarFunction] = integer!(Int4, integer, integer);
pub static BIGINT: &[ScalarFunction] = integer!(Int8, bigint, bigint);

pub static NUMERIC: &[ScalarFunction] = &[
    operator(
        "+",
        &[N, N],
        N,
        |r| number(r.numeric(0)?.add(r.numeric(1)?)),
        "Sum.",
    )
    .with_batch(batch::numeric::add),
    operator(
        "-",
        &[N, N],
        N,
        |r| number(r.numeric(0)?.subtract(r.numeric(1)?)),
        "Difference.",
    )
    .with_batch(batch::numeric::subtract),
    operator(
        "*",
        &[N, N],
        N,
        |r| number(r.numeric(0)?.multiply(r.numeric(1)?)),
        "Product.",
    )
    .with_batch(batch::numeric::multiply),
    operator(
        "/",
        &[N, N],
        N,
        |r| number(r.numeric(0)?.divide(r.numeric(1)?)),
        "Quotient.",
    )
    .with_batch(batch::numeric::divide),
    operator(
        "%",
        &[N, N],
        N,
        |r| number(r.numeric(0)?.remainder(r.numeric(1)?)),
        "Remainder, with the sign of the dividend.",
    )
    .with_batch(batch::numeric::remainder),
    operator(
        "-",
        &[N],
        N,
        |r| Ok(Value::Numeric(r.numeric(0)?.negate())),
        "Negation.",
    ),
    operator(
        "+",
        &[N],
        N,
        |r| Ok(Value::Numeric(r.numeric(0)?)),
        "The number itself.",
    ),
    operator(
        "@",
        &[N],
        N,
        |r| Ok(Value::Numeric(r.numeric(0)?.abs())),
        "Absolute value.",
    ),
];

pub static FLOAT: &[ScalarFunction] = &[
    operator(
        "+",
        &[Float4, Float4],
        Float4,
        |r| real(r, |a, b| a + b, Underflow::Keeps),
        "Sum.",
    ),
    operator(
        "-",
        &[Float4, Float4],
        Float4,
        |r| real(r, |a, b| a - b, Underflow::Keeps),
        "Difference.",
    ),
    operator(
        "*",
        &[Float4, Float4],
        Float4,
        |r| real(r, |a, b| a * b, Underflow::Product),
        "Product.",
    ),
    operator(
        "/",
        &[Float4, Float4],
        Float4,
        |r| real(r, divide_floats(r)?, Underflow::Quotient),
        "Quotient.",
    ),
    operator(
        "-",
        &[Float4],
        Float4,
        |r| Ok(Value::Float(-r.float(0)?)),
        "Negation.",
    ),
    operator(
        "+",
        &[Float4],
        Float4,
        |r| Ok(Value::Float(r.float(0)?)),
        "The number itself.",
    ),
    operator(
        "@",
        &[Float4],
        Float4,
        |r| Ok(Value::Float(r.float(0)?.abs())),
        "Absolute value.",
    ),
    operator(
        "+",
        &[Float8, Float8],
        Float8,
        |r| double(r, |a, b| a + b, Underflow::Keeps),
        "Sum.",
    )
    .with_batch(batch::float::add),
    operator(
        "-",
        &[Float8, Float8],
        Float8,
        |r| double(r, |a, b| a - b, Underflow::Keeps),
        "Difference.",
    )
    .with_batch(batch::float::subtract),
    operator(
        "*",
        &[Float8, Float8],
        Float8,
        |r| double(r, |a, b| a * b, Underflow::Product),
        "Product.",
    )
    .with_batch(batch::float::multiply),
    operator(
        "/",
        &[Float8, Float8],
        Float8,
        |r| double(r, divide_floats(r)?, Underflow::Quotient),
        "Quotient.",
    ),
    operator(
        "-",
        &[Float8],
        Float8,
        |r| Ok(Value::Float(-r.float(0)?)),
        "Negation.",
    ),
    operator(
        "+",
        &[Float8],
        Float8,
        |r| Ok(Value::Float(r.float(0)?)),
        "The number itself.",
    ),
    operator(
        "@",
        &[Float8],
        Float8,
        |r| Ok(Value::Float(r.float(0)?.abs())),
        "Absolute value.",
    ),
    operator(
        "+",
        &[Float4, Float8],
        Float8,
        |r| double(r, |a, b| a + b, Underflow::Keeps),
        "Sum.",
    ),
    operator(
        "+",
        &[Float8, Float4],
        Float8,
        |r| double(r, |a, b| a + b, Underflow::Keeps),
        "Sum.",
    ),
    operator(
        "-",
        &[Float4, Float8],
        Float8,
        |r| double(r, |a, b| a - b, Underflow::Keeps),
        "Difference.",
    ),
    operator(
        "-",
        &[Float8, Float4],
        Float8,
        |r| double(r, |a, b| a - b, Underflow::Keeps),
        "Difference.",
    ),
    operator(
        "*",
        &[Float4, Float8],
        Float8,
        |r| double(r, |a, b| a * b, Underflow::Product),
        "Product.",
    ),
    operator(
        "*",
        &[Float8, Float4],
        Float8,
        |r| double(r, |a, b| a * b, Underflow::Product),
        "Product.",
    ),
    operator(
        "/",
        &[Float4, Float8],
        Float8,
        |r| double(r, divide_floats(r)?, Underflow::Quotient),
        "Quotient.",
    ),
    operator(
        "/",
        &[Float8, Float4],
        Float8,
        |r| double(r, divide_floats(r)?, Underflow::Quotient),
        "Quotient.",
    ),
];

/// `integer out of range`
pub fn out_of_range(ty: &Type) -> Box<Diagnostic> {
    Diagnostic::error(
        sqlstate::NUMERIC_VALUE_OUT_OF_RANGE,
        format!("{} out of range", ty.without_modifier()),
    )
}

fn fit(value: Option<i64>, low: i64, high: i64, ty: &Type) -> Result<Value> {
    value
        .filter(|value| (low..=high).contains(value))
        .map(Value::Int)
        .ok_or_else(|| out_of_range(ty))
}

/// A result of type smallint, if it is one.
pub fn smallint(value: Option<i64>) -> Result<Value> {
    fit(
        value,
        i64::from(i16::MIN),
        i64::from(i16::MAX),
        &Type::SmallInt,
    )
}

/// A result of type integer, if it is one.
pub fn integer(value: Option<i64>) -> Result<Value> {
    fit(
        value,
        i64::from(i32::MIN),
        i64::from(i32::MAX),
        &Type::Integer,
    )
}

/// A result of type bigint, if it is one.
pub fn bigint(value: Option<i64>) -> Result<Value> {
    fit(value, i64::MIN, i64::MAX, &Type::BigInt)
}

/// A numeric result.
pub fn number(value: Result<Numeric>) -> Result<Value> {
    value.map(Value::Numeric)
}

/// The quotient, cut towards zero; nothing when it overflows.
pub fn quotient(row: &Row<'_>) -> Result<Option<i64>> {
    match row.int(1)? {
        0 => Err(division_by_zero()),
        divisor => Ok(row.int(0)?.checked_div(divisor)),
    }
}

/// What the division leaves.
pub fn remainder(row: &Row<'_>) -> Result<i64> {
    match row.int(1)? {
        0 => Err(division_by_zero()),
        // The remainder by -1 is 0 even where the quotient overflows.
        divisor => Ok(row.int(0)?.checked_rem(divisor).unwrap_or(0)),
    }
}

/// The machine's shift: the distance counts modulo the width.
fn shift_left(row: &Row<'_>, ty: &super::Parameter) -> Result<Value> {
    let (value, by) = (row.int(0)?, row.int(1)?);
    Ok(Value::Int(match ty {
        Int2 => i64::from((value as i32).wrapping_shl(by as u32) as i16),
        Int4 => i64::from((value as i32).wrapping_shl(by as u32)),
        _ => value.wrapping_shl(by as u32),
    }))
}

fn shift_right(row: &Row<'_>, ty: &super::Parameter) -> Result<Value> {
    let (value, by) = (row.int(0)?, row.int(1)?);
    Ok(Value::Int(match ty {
        Int2 | Int4 => i64::from((value as i32).wrapping_shr(by as u32)),
        _ => value.wrapping_shr(by as u32),
    }))
}

/// When a zero of floats is an underflow.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Underflow {
    /// Never: sums.
    Keeps,
    /// When neither operand is zero.
    Product,
    /// When the dividend is not zero and the divisor is finite.
    Quotient,
}

/// Refuses infinities out of finite numbers and zeros out of others, as PostgreSQL does.
pub fn checked_float(a: f64, b: f64, result: f64, underflow: Underflow) -> Result<f64> {
    if result.is_infinite() && !a.is_infinite() && !b.is_infinite() {
        return Err(float_overflow());
    }
    let lost = result == 0.0
        && match underflow {
            Underflow::Keeps => false,
            Underflow::Product => a != 0.0 && b != 0.0,
            Underflow::Quotient => a != 0.0 && !b.is_infinite(),
        };
    if lost {
        Err(float_underflow())
    } else {
        Ok(result)
    }
}

/// `value out of range: overflow`
pub fn float_overflow() -> Box<Diagnostic> {
    Diagnostic::error(
        sqlstate::NUMERIC_VALUE_OUT_OF_RANGE,
        "value out of range: overflow",
    )
}

/// `value out of range: underflow`
pub fn float_underflow() -> Box<Diagnostic> {
    Diagnostic::error(
        sqlstate::NUMERIC_VALUE_OUT_OF_RANGE,
        "value out of range: underflow",
    )
}

fn divide_floats(row: &Row<'_>) -> Result<fn(f64, f64) -> f64> {
    if row.float(1)? == 0.0 && !row.float(0)?.is_nan() {
        return Err(division_by_zero());
    }
    Ok(|a, b| a / b)
}

fn double(row: &Row<'_>, operation: fn(f64, f64) -> f64, underflow: Underflow) -> Result<Value> {
    let (a, b) = (row.float(0)?, row.float(1)?);
    checked_float(a, b, operation(a, b), underflow).map(Value::Float)
}

/// In 32 bits: one rounding of the exact double result is the same as rounding once.
fn real(row: &Row<'_>, operation: fn(f64, f64) -> f64, underflow: Underflow) -> Result<Value> {
    let (a, b) = (row.float(0)?, row.float(1)?);
    let result = f64::from(operation(a, b) as f32);
    checked_float(a, b, result, underflow).map(Value::Float)
}
