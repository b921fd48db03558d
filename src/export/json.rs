//! JSON.

use super::text;
use crate::base::{Field, ResultSet, Type, Value};
use std::fmt::Write;
use std::ops::Range;

/// An array of objects, one a line. Decimals are strings, so that no reader rounds them; moments
/// are ISO 8601; a label that repeats gets a number.
pub fn objects(result: &ResultSet, rows: Range<usize>, columns: Range<usize>) -> String {
    let keys = keys(&result.fields);
    let mut out = String::from("[");
    let rows = result
        .rows(rows.start)
        .take(rows.end.saturating_sub(rows.start));
    for (number, row) in rows.enumerate() {
        out.push_str(if number == 0 { "\n  {" } else { ",\n  {" });
        let cells = row.iter().zip(&result.fields).zip(&keys);
        let cells = cells
            .skip(columns.start)
            .take(columns.end.saturating_sub(columns.start));
        for (place, ((value, field), key)) in cells.enumerate() {
            if place > 0 {
                out.push_str(", ");
            }
            string(&mut out, key);
            out.push_str(": ");
            json_value(&mut out, value, &field.ty);
        }
        out.push('}');
    }
    out.push_str("\n]\n");
    out
}

/// The labels, the second of a name with `_2` behind it and so on.
fn keys(fields: &[Field]) -> Vec<String> {
    let mut keys: Vec<String> = Vec::with_capacity(fields.len());
    for field in fields {
        let mut key = field.name.clone();
        let mut number = 2;
        while keys.contains(&key) {
            key = format!("{}_{number}", field.name);
            number += 1;
        }
        keys.push(key);
    }
    keys
}

fn json_value(out: &mut String, value: &Value, ty: &Type) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(_) | Value::Int(_) => out.push_str(&text::iso(value, ty)),
        Value::Float(number) if number.is_finite() => out.push_str(&text::iso(value, ty)),
        Value::Array(elements) => {
            let element_type = match ty {
                Type::Array(element) => element,
                other => other,
            };
            out.push('[');
            for (place, element) in elements.iter().enumerate() {
                if place > 0 {
                    out.push_str(", ");
                }
                json_value(out, element, element_type);
            }
            out.push(']');
        }
        Value::Numeric(_)
        | Value::Float(_)
        | Value::Text(_)
        | Value::Date(_)
        | Value::Time(_)
        | Value::Timestamp(_)
        | Value::Interval(_)
        | Value::Uuid(_)
        | Value::Record(_) => string(out, &text::iso(value, ty)),
    }
}

/// Appends a string with its quotes.
pub fn string(out: &mut String, text: &str) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            // Writing into a String does not fail.
            control if control < ' ' => drop(write!(out, "\\u{:04x}", control as u32)),
            other => out.push(other),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::super::delimited::tests::sample;
    use super::*;

    #[test]
    fn objects_keep_null_and_escape_texts() {
        assert_eq!(
            objects(&sample(), 0..2, 0..2),
            "[\n  {\"id\": 1, \"note\": \"a,\\\"b\\\"\"},\n  {\"id\": 2, \"note\": null}\n]\n"
        );
    }

    #[test]
    fn repeated_labels_are_numbered() {
        let field = |name: &str| Field {
            name: name.into(),
            ty: Type::Text,
        };
        assert_eq!(
            keys(&[field("a"), field("a"), field("a_2")]),
            ["a", "a_2", "a_2_2"]
        );
    }
}
