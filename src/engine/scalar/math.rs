//! Functions of numbers.

use super::Parameter::{Float8, Int2, Int4, Int8, Numeric as N, Uuid};
use super::arithmetic::{bigint, integer, number, remainder, smallint};
use super::{Row, ScalarFunction, function};
use crate::base::diagnostic::sqlstate;
use crate::base::numeric::too_many_digits;
use crate::base::{Diagnostic, Numeric, Result, Value};
use std::cmp::Ordering;
use std::sync::atomic::{AtomicU64, Ordering as AtomicOrdering};

pub static FUNCTIONS: &[ScalarFunction] = &[
    function(
        "abs",
        &[Int2],
        Int2,
        |r| smallint(r.int(0)?.checked_abs()),
        "Absolute value.",
    ),
    function(
        "abs",
        &[Int4],
        Int4,
        |r| integer(r.int(0)?.checked_abs()),
        "Absolute value.",
    ),
    function(
        "abs",
        &[Int8],
        Int8,
        |r| bigint(r.int(0)?.checked_abs()),
        "Absolute value.",
    ),
    function(
        "abs",
        &[N],
        N,
        |r| Ok(Value::Numeric(r.numeric(0)?.abs())),
        "Absolute value.",
    ),
    function(
        "abs",
        &[Float8],
        Float8,
        |r| Ok(Value::Float(r.float(0)?.abs())),
        "Absolute value.",
    ),
    function(
        "sign",
        &[N],
        N,
        |r| Ok(Value::Numeric(Numeric::new(r.numeric(0)?.signum(), 0))),
        "-1, 0 or 1.",
    ),
    function(
        "sign",
        &[Float8],
        Float8,
        |r| Ok(Value::Float(sign(r.float(0)?))),
        "-1, 0 or 1.",
    ),
    function(
        "round",
        &[N],
        N,
        |r| number(r.numeric(0)?.round(0)),
        "Rounds half away from zero.",
    ),
    function(
        "round",
        &[N, Int4],
        N,
        |r| number(r.numeric(0)?.round(places(r.int(1)?))),
        "Rounds half away from zero, to so many decimals.",
    ),
    function(
        "round",
        &[Float8],
        Float8,
        |r| Ok(Value::Float(r.float(0)?.round_ties_even())),
        "Rounds half to even.",
    ),
    function(
        "trunc",
        &[N],
        N,
        |r| number(r.numeric(0)?.trunc(0)),
        "Cuts the decimals.",
    ),
    function(
        "trunc",
        &[N, Int4],
        N,
        |r| number(r.numeric(0)?.trunc(places(r.int(1)?))),
        "Cuts all but so many decimals.",
    ),
    function(
        "trunc",
        &[Float8],
        Float8,
        |r| Ok(Value::Float(r.float(0)?.trunc())),
        "Cuts the decimals.",
    ),
    function(
        "floor",
        &[N],
        N,
        |r| number(r.numeric(0)?.floor()),
        "The largest whole number that is not greater.",
    ),
    function(
        "floor",
        &[Float8],
        Float8,
        |r| Ok(Value::Float(r.float(0)?.floor())),
        "The largest whole number that is not greater.",
    ),
    function(
        "ceil",
        &[N],
        N,
        |r| number(r.numeric(0)?.ceil()),
        "The smallest whole number that is not less.",
    ),
    function(
        "ceil",
        &[Float8],
        Float8,
        |r| Ok(Value::Float(r.float(0)?.ceil())),
        "The smallest whole number that is not less.",
    ),
    function(
        "ceiling",
        &[N],
        N,
        |r| number(r.numeric(0)?.ceil()),
        "The smallest whole number that is not less.",
    ),
    function(
        "ceiling",
        &[Float8],
        Float8,
        |r| Ok(Value::Float(r.float(0)?.ceil())),
        "The smallest whole number that is not less.",
    ),
    function(
        "mod",
        &[Int2, Int2],
        Int2,
        |r| Ok(Value::Int(remainder(r)?)),
        "Remainder, with the sign of the dividend.",
    ),
    function(
        "mod",
        &[Int4, Int4],
        Int4,
        |r| Ok(Value::Int(remainder(r)?)),
        "Remainder, with the sign of the dividend.",
    ),
    function(
        "mod",
        &[Int8, Int8],
        Int8,
        |r| Ok(Value::Int(remainder(r)?)),
        "Remainder, with the sign of the dividend.",
    ),
    function(
        "mod",
        &[N, N],
        N,
        |r| number(r.numeric(0)?.remainder(r.numeric(1)?)),
        "Remainder, with the sign of the dividend.",
    ),
    function(
        "div",
        &[N, N],
        N,
        |r| number(r.numeric(0)?.whole_quotient(r.numeric(1)?)),
        "The whole part of the quotient.",
    ),
    function(
        "gcd",
        &[Int4, Int4],
        Int4,
        |r| integer(i64::try_from(divisor(r.int(0)?, r.int(1)?)).ok()),
        "Greatest common divisor.",
    ),
    function(
        "gcd",
        &[Int8, Int8],
        Int8,
        |r| bigint(i64::try_from(divisor(r.int(0)?, r.int(1)?)).ok()),
        "Greatest common divisor.",
    ),
    function(
        "lcm",
        &[Int4, Int4],
        Int4,
        |r| integer(multiple(r.int(0)?, r.int(1)?)),
        "Least common multiple.",
    ),
    function(
        "lcm",
        &[Int8, Int8],
        Int8,
        |r| bigint(multiple(r.int(0)?, r.int(1)?)),
        "Least common multiple.",
    ),
    function(
        "factorial",
        &[Int8],
        N,
        |r| number(factorial(r.int(0)?)),
        "The product of all whole numbers up to one.",
    ),
    function(
        "scale",
        &[N],
        Int4,
        |r| Ok(Value::Int(i64::from(r.numeric(0)?.scale()))),
        "Number of decimals shown.",
    ),
    function(
        "min_scale",
        &[N],
        Int4,
        |r| {
            Ok(Value::Int(i64::from(
                r.numeric(0)?.without_trailing_zeros().scale(),
            )))
        },
        "Number of decimals needed.",
    ),
    function(
        "trim_scale",
        &[N],
        N,
        |r| Ok(Value::Numeric(r.numeric(0)?.without_trailing_zeros())),
        "Without zeros at the end of the decimals.",
    ),
    function(
        "width_bucket",
        &[N, N, N, Int4],
        Int4,
        numeric_bucket,
        "The number of the bucket, of equally wide ones between two bounds.",
    ),
    function(
        "width_bucket",
        &[Float8, Float8, Float8, Int4],
        Int4,
        float_bucket,
        "The number of the bucket, of equally wide ones between two bounds.",
    ),
    function(
        "random",
        &[],
        Float8,
        |_| Ok(Value::Float(random())),
        "A number from 0 up to 1; the same series in every session.",
    )
    .volatile(),
    function(
        "gen_random_uuid",
        &[],
        Uuid,
        |_| Ok(Value::Uuid(random_uuid())),
        "A uuid of version 4; the same series in every session.",
    )
    .volatile(),
];

/// Decimals as PostgreSQL limits them.
fn places(count: i64) -> i32 {
    count.clamp(-2000, 2000) as i32
}

fn sign(value: f64) -> f64 {
    match value.partial_cmp(&0.0) {
        Some(Ordering::Greater) => 1.0,
        Some(Ordering::Less) => -1.0,
        Some(Ordering::Equal) => 0.0,
        None => value,
    }
}

fn divisor(a: i64, b: i64) -> u64 {
    let (mut a, mut b) = (a.unsigned_abs(), b.unsigned_abs());
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

fn multiple(a: i64, b: i64) -> Option<i64> {
    match divisor(a, b) {
        0 => Some(0),
        divisor => {
            let product = (a.unsigned_abs() / divisor).checked_mul(b.unsigned_abs())?;
            i64::try_from(product).ok()
        }
    }
}

fn factorial(n: i64) -> Result<Numeric> {
    if n < 0 {
        return Err(Diagnostic::error(
            sqlstate::NUMERIC_VALUE_OUT_OF_RANGE,
            "factorial of a negative number is undefined",
        ));
    }
    let mut product = 1_i128;
    for factor in 2..=i128::from(n) {
        product = product.checked_mul(factor).ok_or_else(too_many_digits)?;
    }
    Ok(Numeric::new(product, 0))
}

fn invalid_bucket(message: &str) -> Box<Diagnostic> {
    Diagnostic::error(crate::base::Code::new("2201G"), message)
}

fn buckets(row: &Row<'_>) -> Result<i64> {
    match row.int(3)? {
        count if count <= 0 => Err(invalid_bucket("count must be greater than zero")),
        count => Ok(count),
    }
}

/// Bounds may go up or down; what lies outside is in bucket 0 or behind the last.
fn numeric_bucket(row: &Row<'_>) -> Result<Value> {
    let count = buckets(row)?;
    let (operand, low, high) = (row.numeric(0)?, row.numeric(1)?, row.numeric(2)?);
    let (below, above) = match low.cmp(&high) {
        Ordering::Less => (operand < low, operand >= high),
        Ordering::Greater => (operand > low, operand <= high),
        Ordering::Equal => {
            return Err(invalid_bucket("lower bound cannot equal upper bound"));
        }
    };
    if below {
        return Ok(Value::Int(0));
    }
    if above {
        return integer(count.checked_add(1));
    }
    let part = operand.subtract(low)?.multiply(Numeric::from(count))?;
    let bucket = part.whole_quotient(high.subtract(low)?)?;
    integer(bucket.to_i64().and_then(|bucket| bucket.checked_add(1)))
}

fn float_bucket(row: &Row<'_>) -> Result<Value> {
    let count = buckets(row)?;
    let (operand, low, high) = (row.float(0)?, row.float(1)?, row.float(2)?);
    if operand.is_nan() || low.is_nan() || high.is_nan() {
        return Err(invalid_bucket(
            "operand, lower bound, and upper bound cannot be NaN",
        ));
    }
    if low.is_infinite() || high.is_infinite() {
        return Err(invalid_bucket("lower and upper bounds must be finite"));
    }
    if low == high {
        return Err(invalid_bucket("lower bound cannot equal upper bound"));
    }
    let (below, above) = if low < high {
        (operand < low, operand >= high)
    } else {
        (operand > low, operand <= high)
    };
    if below {
        return Ok(Value::Int(0));
    }
    if above {
        return integer(count.checked_add(1));
    }
    let bucket = (count as f64 * ((operand - low) / (high - low))) as i64;
    integer(bucket.min(count - 1).checked_add(1))
}

/// SplitMix64 from a fixed start, so that every session gives the same series.
fn random_bits() -> u64 {
    const STEP: u64 = 0x9e37_79b9_7f4a_7c15;
    static STATE: AtomicU64 = AtomicU64::new(0);
    let state = STATE
        .fetch_add(STEP, AtomicOrdering::Relaxed)
        .wrapping_add(STEP);
    let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

fn random() -> f64 {
    (random_bits() >> 11) as f64 / (1_u64 << 53) as f64
}

/// Random bits, but for the version and the variant.
fn random_uuid() -> u128 {
    let bits = u128::from(random_bits()) << 64 | u128::from(random_bits());
    bits & !(0xf << 76 | 0x3 << 62) | 0x4 << 76 | 0x2 << 62
}
