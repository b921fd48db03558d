//! Values in PostgreSQL's own text form.

use marketplace_analytics::base::{Interval, Numeric, Type, Value};
use std::fmt::Write;

/// A value in PostgreSQL's own text form; empty for NULL.
pub fn plain(value: &Value, ty: &Type) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(v) => if *v { "t" } else { "f" }.to_owned(),
        Value::Int(v) => v.to_string(),
        Value::Numeric(v) => numeric(*v),
        Value::Float(v) => shortest(*v, ty),
        Value::Text(v) => v.to_string(),
        Value::Date(i32::MAX) | Value::Timestamp(i64::MAX) => "infinity".to_owned(),
        Value::Date(i32::MIN) | Value::Timestamp(i64::MIN) => "-infinity".to_owned(),
        Value::Date(days) => {
            let (date, era) = date(i64::from(*days));
            date + era
        }
        Value::Time(micros) => time(*micros),
        Value::Timestamp(micros) => {
            let (date, era) = date(micros.div_euclid(DAY));
            let zone = if *ty == Type::TimestampTz { "+00" } else { "" };
            format!("{date} {}{zone}{era}", time(micros.rem_euclid(DAY)))
        }
        Value::Interval(v) => interval(*v),
        Value::Uuid(v) => {
            let hex = format!("{v:032x}");
            [
                &hex[..8],
                &hex[8..12],
                &hex[12..16],
                &hex[16..20],
                &hex[20..],
            ]
            .join("-")
        }
        Value::Array(items) => {
            let element = match ty {
                Type::Array(element) => element,
                _ => ty,
            };
            let items: Vec<String> = items.iter().map(|item| array_item(item, element)).collect();
            format!("{{{}}}", items.join(","))
        }
        Value::Record(items) => {
            let types = match ty {
                Type::Record(types) => types.as_slice(),
                _ => &[],
            };
            let items: Vec<String> = items
                .iter()
                .enumerate()
                .map(|(at, item)| record_item(item, types.get(at).unwrap_or(&Type::Unknown)))
                .collect();
            format!("({})", items.join(","))
        }
    }
}

const DAY: i64 = 86_400_000_000;

fn array_item(item: &Value, ty: &Type) -> String {
    let text = plain(item, ty);
    if item.is_null() {
        "NULL".to_owned()
    } else if matches!(item, Value::Array(_)) {
        text
    } else if text.is_empty()
        || text.eq_ignore_ascii_case("null")
        || text.contains(|c: char| c.is_ascii_whitespace() || "{},\"\\".contains(c))
    {
        format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
    } else {
        text
    }
}

fn record_item(item: &Value, ty: &Type) -> String {
    let text = plain(item, ty);
    let quoted = !item.is_null()
        && (text.is_empty()
            || text.contains(|c: char| c.is_ascii_whitespace() || "(),\"\\".contains(c)));
    if quoted {
        format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\"\""))
    } else {
        text
    }
}

fn numeric(value: Numeric) -> String {
    let scale = usize::from(value.scale());
    let digits = format!(
        "{:0>width$}",
        value.mantissa().unsigned_abs(),
        width = scale + 1
    );
    let (whole, fraction) = digits.split_at(digits.len() - scale);
    let sign = if value.mantissa() < 0 { "-" } else { "" };
    if scale == 0 {
        format!("{sign}{whole}")
    } else {
        format!("{sign}{whole}.{fraction}")
    }
}

/// The fewest digits that read back as the same number, as PostgreSQL prints them.
fn shortest(value: f64, ty: &Type) -> String {
    if let Some(word) = no_number(value) {
        return word.to_owned();
    }
    let (scientific, plain, limit) = if *ty == Type::Real {
        (format!("{:e}", value as f32), (value as f32).to_string(), 6)
    } else {
        (format!("{value:e}"), value.to_string(), 15)
    };
    let (mantissa, exponent) = scientific.split_once('e').unwrap();
    let exponent: i32 = exponent.parse().unwrap();
    if exponent < -4 || exponent >= limit {
        let sign = if exponent < 0 { '-' } else { '+' };
        format!("{mantissa}e{sign}{:02}", exponent.abs())
    } else {
        plain
    }
}

/// PostgreSQL's word for what is no number.
pub fn no_number(value: f64) -> Option<&'static str> {
    if value.is_nan() {
        Some("NaN")
    } else if value == f64::INFINITY {
        Some("Infinity")
    } else if value == f64::NEG_INFINITY {
        Some("-Infinity")
    } else {
        None
    }
}

/// Year, month and day, and ` BC` where it belongs (Howard Hinnant's `civil_from_days`).
fn date(days: i64) -> (String, &'static str) {
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let day_of_era = z.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 {
        from_march + 3
    } else {
        from_march - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    if year > 0 {
        (format!("{year:04}-{month:02}-{day:02}"), "")
    } else {
        (format!("{:04}-{month:02}-{day:02}", 1 - year), " BC")
    }
}

fn time(micros: i64) -> String {
    let (seconds, fraction) = (micros / 1_000_000, micros % 1_000_000);
    let mut text = format!(
        "{:02}:{:02}:{:02}",
        seconds / 3_600,
        seconds / 60 % 60,
        seconds % 60
    );
    if fraction != 0 {
        let digits = format!("{fraction:06}");
        write!(text, ".{}", digits.trim_end_matches('0')).unwrap();
    }
    text
}

/// PostgreSQL's `intervalstyle = postgres`.
fn interval(value: Interval) -> String {
    let units = [
        (value.months / 12, "year"),
        (value.months % 12, "mon"),
        (value.days, "day"),
    ];
    let mut parts = Vec::new();
    let mut after_minus = false;
    for (count, unit) in units {
        if count != 0 {
            let plus = if after_minus && count > 0 { "+" } else { "" };
            let plural = if count == 1 { "" } else { "s" };
            parts.push(format!("{plus}{count} {unit}{plural}"));
            after_minus = count < 0;
        }
    }
    if value.micros != 0 || parts.is_empty() {
        let sign = if value.micros < 0 {
            "-"
        } else if after_minus {
            "+"
        } else {
            ""
        };
        let micros = value.micros.unsigned_abs() as i64;
        parts.push(format!("{sign}{}", time(micros)));
    }
    parts.join(" ")
}
