//! Functions of numbers.

use super::Parameter::{Float8, Int2, Int4, Int8, Numeric as N};
use super::arithmetic::{bigint, integer, number, quotient, remainder, smallint};
use super::{ScalarFunction, function};
use crate::base::{Numeric, Value};
use std::cmp::Ordering;

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
        "div",
        &[Int8, Int8],
        Int8,
        |r| bigint(quotient(r)?),
        "The whole part of the quotient.",
    ),
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
