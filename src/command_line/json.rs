//! Plain data as JSON text.

use crate::base::{Type, Value};
use crate::export::json::string;
use crate::export::text::iso;
use crate::report::plain::Plain;

/// As JSON with a line end; the items of a list a line each. A float that JSON does not know
/// is a string.
pub fn json(value: &Plain) -> String {
    let mut out = String::new();
    match value {
        Plain::List(items) if !items.is_empty() => {
            for (place, item) in items.iter().enumerate() {
                out.push_str(if place == 0 { "[\n  " } else { ",\n  " });
                write(item, &mut out);
            }
            out.push_str("\n]");
        }
        _ => write(value, &mut out),
    }
    out.push('\n');
    out
}

fn write(value: &Plain, out: &mut String) {
    match value {
        Plain::Null => out.push_str("null"),
        Plain::Bool(value) => out.push_str(&value.to_string()),
        Plain::Int(value) => out.push_str(&value.to_string()),
        Plain::Float(value) => {
            let text = iso(&Value::Float(*value), &Type::Double);
            match value.is_finite() {
                true => out.push_str(&text),
                false => string(out, &text),
            }
        }
        Plain::Text(text) => string(out, text),
        Plain::List(items) => {
            out.push('[');
            for (place, item) in items.iter().enumerate() {
                out.push_str(if place == 0 { "" } else { ", " });
                write(item, out);
            }
            out.push(']');
        }
        Plain::Object(entries) => {
            out.push('{');
            for (place, (key, value)) in entries.iter().enumerate() {
                out.push_str(if place == 0 { "" } else { ", " });
                string(out, key);
                out.push_str(": ");
                write(value, out);
            }
            out.push('}');
        }
    }
}
