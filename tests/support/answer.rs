//! Values as the recorded answers print them: PostgreSQL's text, with `NULL`, `(empty)`,
//! `true`/`false`, `%.15g` for double precision and `%.6g` for real.

use super::text_form::{no_number, plain};
use marketplace_analytics::base::{Type, Value};

/// A value in a column of an answer.
pub fn print(value: &Value, ty: &Type) -> String {
    let text = match (value, ty) {
        (Value::Float(v), Type::Real) => general(*v, 6),
        (Value::Float(v), _) => general(*v, 15),
        (Value::Bool(v), _) => v.to_string(),
        (Value::Null, _) => "NULL".to_owned(),
        (value, ty) => plain(value, ty),
    };
    let text = text.split_ascii_whitespace().collect::<Vec<_>>().join(" ");
    if text.is_empty() {
        "(empty)".to_owned()
    } else {
        text
    }
}

/// C's `%.{digits}g`, with PostgreSQL's words for what is no number.
fn general(value: f64, digits: usize) -> String {
    if let Some(word) = no_number(value) {
        return word.to_owned();
    }
    let scientific = format!("{value:.*e}", digits - 1);
    let (mantissa, exponent) = scientific.split_once('e').unwrap();
    let exponent: i32 = exponent.parse().unwrap();
    let trim = |text: &str| {
        if text.contains('.') {
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        } else {
            text.to_owned()
        }
    };
    if exponent < -4 || exponent >= digits as i32 {
        let sign = if exponent < 0 { '-' } else { '+' };
        format!("{}e{sign}{:02}", trim(mantissa), exponent.abs())
    } else {
        let decimals = (digits as i32 - 1 - exponent) as usize;
        trim(&format!("{value:.decimals$}"))
    }
}
