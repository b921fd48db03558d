//! `to_char` and what reads its patterns back (manual, 9.8).

use super::Parameter::{
    Date, Float4, Float8, Int4, Int8, Interval as Span, Numeric as N, Text, Timestamp, TimestampTz,
};
use super::to_char_number::number_to_char;
use super::to_char_time::{interval_to_char, parse_by_pattern, timestamp_to_char};
use super::{Row, ScalarFunction, function};
use crate::base::datetime::split;
use crate::base::value::invalid_input;
use crate::base::{Numeric, Result, Type, Value};

pub static FUNCTIONS: &[ScalarFunction] = &[
    function(
        "to_char",
        &[Timestamp, Text],
        Text,
        |r| Ok(Value::text(timestamp_to_char(r.timestamp(0)?, r.text(1)?))),
        "A moment as a pattern writes it.",
    ),
    function(
        "to_char",
        &[TimestampTz, Text],
        Text,
        |r| Ok(Value::text(timestamp_to_char(r.timestamp(0)?, r.text(1)?))),
        "A moment as a pattern writes it.",
    )
    .stable(),
    function(
        "to_char",
        &[Span, Text],
        Text,
        |r| interval_to_char(r.interval(0)?, r.text(1)?).map(Value::text),
        "An interval as a pattern writes it.",
    ),
    function(
        "to_char",
        &[N, Text],
        Text,
        |r| number_to_char(r.numeric(0)?, r.text(1)?).map(Value::text),
        "A number as a pattern writes it.",
    ),
    function(
        "to_char",
        &[Int4, Text],
        Text,
        |r| number_to_char(Numeric::from(r.int(0)?), r.text(1)?).map(Value::text),
        "A number as a pattern writes it.",
    ),
    function(
        "to_char",
        &[Int8, Text],
        Text,
        |r| number_to_char(Numeric::from(r.int(0)?), r.text(1)?).map(Value::text),
        "A number as a pattern writes it.",
    ),
    function(
        "to_char",
        &[Float4, Text],
        Text,
        |r| number_to_char(Numeric::from_f64(r.float(0)?, 6)?, r.text(1)?).map(Value::text),
        "A number as a pattern writes it.",
    ),
    function(
        "to_char",
        &[Float8, Text],
        Text,
        |r| number_to_char(Numeric::from_f64(r.float(0)?, 15)?, r.text(1)?).map(Value::text),
        "A number as a pattern writes it.",
    ),
    function(
        "to_date",
        &[Text, Text],
        Date,
        |r| {
            Ok(Value::Date(
                split(parse_by_pattern(r.text(0)?, r.text(1)?)?).0,
            ))
        },
        "The date in a text that a pattern describes.",
    ),
    function(
        "to_timestamp",
        &[Text, Text],
        TimestampTz,
        |r| parse_by_pattern(r.text(0)?, r.text(1)?).map(Value::Timestamp),
        "The moment in a text that a pattern describes.",
    ),
    function(
        "to_number",
        &[Text, Text],
        N,
        to_number,
        "The number in a text that a pattern describes.",
    ),
];

/// Digits, sign and point of the text; everything else is decoration. The pattern tells how many
/// decimals count.
fn to_number(row: &Row<'_>) -> Result<Value> {
    let (text, pattern) = (row.text(0)?, row.text(1)?.to_ascii_uppercase());
    let decimals = pattern.split_once(['.', 'D']).map_or(0, |(_, behind)| {
        behind.chars().filter(|c| "90".contains(*c)).count()
    });
    let bracketed = pattern.contains("PR") && text.contains('<');
    let negative = bracketed || text.contains('-');
    let mut digits = String::new();
    let mut point = false;
    for c in text.chars() {
        match c {
            c if c.is_ascii_digit() => digits.push(c),
            '.' if !point => {
                point = true;
                digits.push('.');
            }
            _ => {}
        }
    }
    let number: Numeric = digits
        .parse()
        .map_err(|_| invalid_input(text, &Type::Numeric(None)))?;
    let scale = i32::try_from(decimals)
        .unwrap_or(0)
        .min(i32::from(number.scale()));
    let number = number.trunc(scale)?;
    Ok(Value::Numeric(if negative {
        number.negate()
    } else {
        number
    }))
}
