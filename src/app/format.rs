//! How values, counts and times are shown.

use crate::wire::{ColumnHead, ColumnKind, RunReport};
use std::borrow::Cow;

/// A value's text as a cell shows it: decimals always get thousands separators, whole numbers
/// from 10,000 on unless the column's name says that they are keys or years.
pub fn cell<'a>(column: &ColumnHead, text: &'a str) -> Cow<'a, str> {
    match column.kind {
        ColumnKind::Decimal => grouped(text),
        ColumnKind::Integer
            if !is_label(&column.name) && text.trim_start_matches('-').len() > 4 =>
        {
            grouped(text)
        }
        ColumnKind::Boolean => Cow::Borrowed(match text {
            "t" => "true",
            "f" => "false",
            other => other,
        }),
        ColumnKind::Integer | ColumnKind::Float | ColumnKind::Time | ColumnKind::Text => {
            Cow::Borrowed(text)
        }
    }
}

/// Whether a column of this name holds numbers that nobody counts with.
pub fn is_label(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name == "id" || name == "year" || name.ends_with("_id") || name.ends_with("_year")
}

/// Thousands separators in the whole part of a number.
pub fn grouped(number: &str) -> Cow<'_, str> {
    let (sign, digits) = match number.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", number),
    };
    let (whole, fraction) = match digits.find('.') {
        Some(point) => digits.split_at(point),
        None => (digits, ""),
    };
    if whole.len() <= 3 || !whole.bytes().all(|byte| byte.is_ascii_digit()) {
        return Cow::Borrowed(number);
    }
    let mut text = String::with_capacity(number.len() + whole.len() / 3);
    text.push_str(sign);
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text.push_str(fraction);
    Cow::Owned(text)
}

/// A count with its noun: `1 row`, `12,345 rows`.
pub fn count(number: u64, noun: &str) -> String {
    let noun = match (number, noun.strip_suffix('y')) {
        (1, _) => noun.to_owned(),
        (_, Some(stem)) => format!("{stem}ies"),
        (_, None) => format!("{noun}s"),
    };
    format!("{} {noun}", grouped(&number.to_string()))
}

/// A time: `0.12 ms`, `12.3 ms`, `1.23 s`.
pub fn time(ms: f64) -> String {
    if ms >= 1000.0 {
        format!("{:.2} s", ms / 1000.0)
    } else if ms >= 10.0 {
        format!("{ms:.1} ms")
    } else {
        format!("{ms:.2} ms")
    }
}

/// Bytes: `1.3 MB`.
pub fn megabytes(bytes: f64) -> String {
    format!("{:.1} MB", bytes / 1_000_000.0)
}

/// A moment in ISO 8601 as people read it: `2026-03-01 12:00 UTC`.
pub fn moment(iso: &str) -> String {
    let short = iso.get(..16).unwrap_or(iso).replace('T', " ");
    format!("{short} UTC")
}

/// A command and its rows: `SELECT, 5 rows`, `INSERT 3`.
pub fn command(command: &str, row_count: u64, has_rows: HasRows) -> String {
    match (has_rows, command) {
        (HasRows::Yes, _) => format!("{command}, {}", count(row_count, "row")),
        (HasRows::No, "INSERT" | "UPDATE" | "DELETE" | "MERGE") => {
            format!("{command}, {}", count(row_count, "row"))
        }
        (HasRows::No, _) => command.to_owned(),
    }
}

/// Whether a statement gave a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HasRows {
    /// It did.
    Yes,
    /// It did not.
    No,
}

/// A run in a few words.
pub fn summary(report: &RunReport) -> String {
    let what = match report.outcomes.as_slice() {
        [] => match (&report.value, report.queries.count) {
            (Some(value), _) => match &value.table {
                Some(table) => count(u64::from(table.rows), "row"),
                None => value.repr.chars().take(60).collect(),
            },
            (None, 0) => "nothing to show".to_owned(),
            (None, 1) => "1 query".to_owned(),
            (None, queries) => format!("{} queries", grouped(&queries.to_string())),
        },
        [only] if only.table.is_some() => count(only.row_count, "row"),
        [only] => command(&only.command, only.row_count, HasRows::No),
        many => count(many.len() as u64, "statement"),
    };
    format!("{what}, {}", time(report.ms))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(name: &str, kind: ColumnKind) -> ColumnHead {
        ColumnHead {
            name: name.into(),
            type_name: String::new(),
            kind,
        }
    }

    #[test]
    fn decimals_are_grouped_and_keep_every_digit() {
        let price = column("price", ColumnKind::Decimal);
        for (text, shown) in [
            ("1299.00", "1,299.00"),
            ("-1234567.5", "-1,234,567.5"),
            ("999.99", "999.99"),
            ("NaN", "NaN"),
            ("123456", "123,456"),
        ] {
            assert_eq!(cell(&price, text), shown);
        }
    }

    #[test]
    fn keys_and_years_are_not_grouped() {
        assert_eq!(cell(&column("id", ColumnKind::Integer), "100000"), "100000");
        assert_eq!(
            cell(&column("customer_id", ColumnKind::Integer), "10000"),
            "10000"
        );
        assert_eq!(cell(&column("year", ColumnKind::Integer), "2026"), "2026");
        assert_eq!(
            cell(&column("anything", ColumnKind::Integer), "2026"),
            "2026"
        );
        assert_eq!(
            cell(&column("units", ColumnKind::Integer), "30000"),
            "30,000"
        );
    }

    #[test]
    fn counts_have_a_plural() {
        assert_eq!(count(1, "row"), "1 row");
        assert_eq!(count(0, "row"), "0 rows");
        assert_eq!(count(12345, "row"), "12,345 rows");
        assert_eq!(count(2, "query"), "2 queries");
    }

    #[test]
    fn times_have_three_digits() {
        assert_eq!(time(0.123), "0.12 ms");
        assert_eq!(time(45.67), "45.7 ms");
        assert_eq!(time(1234.0), "1.23 s");
    }
}
