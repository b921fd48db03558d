//! CSV and its sister for the clipboard.

use super::text;
use crate::base::{ResultSet, Value};
use std::ops::Range;

/// Comma-separated with a header, as RFC 4180 has it: lines end in CR LF; what holds a comma, a
/// quote or a line end is quoted. NULL is empty, an empty text is `""`.
pub fn csv(result: &ResultSet, rows: Range<usize>, columns: Range<usize>) -> String {
    let mut out = String::new();
    let names = result.fields.get(clipped(&columns, result.fields.len()));
    let names: Vec<_> = names
        .unwrap_or_default()
        .iter()
        .map(|field| csv_field(&field.name))
        .collect();
    out.push_str(&names.join(","));
    out.push_str("\r\n");
    for row in cells(result, rows, columns) {
        let fields: Vec<_> = row
            .into_iter()
            .map(|cell| match cell {
                None => String::new(),
                Some(text) if text.is_empty() => "\"\"".into(),
                Some(text) => csv_field(&text),
            })
            .collect();
        out.push_str(&fields.join(","));
        out.push_str("\r\n");
    }
    out
}

fn csv_field(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

/// Tab-separated without a header, as spreadsheets paste it: what holds a tab, a quote or a line
/// end is quoted, a single cell is bare. NULL is empty.
pub fn tsv(result: &ResultSet, rows: Range<usize>, columns: Range<usize>) -> String {
    let lines: Vec<Vec<String>> = cells(result, rows, columns)
        .map(|row| row.into_iter().map(Option::unwrap_or_default).collect())
        .collect();
    if let [line] = lines.as_slice()
        && let [cell] = line.as_slice()
    {
        return cell.clone();
    }
    lines
        .iter()
        .map(|line| {
            line.iter()
                .map(|text| {
                    if text.contains(['\t', '\n', '\r', '"']) {
                        format!("\"{}\"", text.replace('"', "\"\""))
                    } else {
                        text.clone()
                    }
                })
                .collect::<Vec<_>>()
                .join("\t")
        })
        .collect::<Vec<_>>()
        .join("\n")
}

/// The cells of a rectangle as text, row by row; NULL is `None`.
fn cells(
    result: &ResultSet,
    rows: Range<usize>,
    columns: Range<usize>,
) -> impl Iterator<Item = Vec<Option<String>>> {
    let columns = clipped(&columns, result.fields.len());
    result
        .rows(rows.start)
        .take(rows.end.saturating_sub(rows.start))
        .map(move |row| {
            row.iter()
                .zip(&result.fields)
                .skip(columns.start)
                .take(columns.len())
                .map(|(value, field)| match value {
                    Value::Null => None,
                    value => Some(text::shown(value, &field.ty)),
                })
                .collect()
        })
}

fn clipped(range: &Range<usize>, len: usize) -> Range<usize> {
    let end = range.end.min(len);
    range.start.min(end)..end
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::base::{Batch, Column, Field, Type, Vector};
    use std::sync::Arc;

    /// Two columns: numbers, and texts of which one is NULL.
    pub fn sample() -> ResultSet {
        let texts = vec![Value::text("a,\"b\""), Value::Null, Value::text("")];
        let columns = vec![
            Arc::new(Column::new(Vector::Int(vec![1, 2, 3]))),
            Arc::new(Column::new(Vector::Value(texts))),
        ];
        let field = |name: &str, ty| Field {
            name: name.into(),
            ty,
        };
        ResultSet {
            fields: vec![field("id", Type::BigInt), field("note", Type::Text)],
            batches: vec![Batch { columns, rows: 3 }],
        }
    }

    #[test]
    fn csv_tells_null_from_empty_and_quotes_the_rest() {
        assert_eq!(
            csv(&sample(), 0..usize::MAX, 0..usize::MAX),
            "id,note\r\n1,\"a,\"\"b\"\"\"\r\n2,\r\n3,\"\"\r\n"
        );
    }

    #[test]
    fn the_clipboard_gets_a_rectangle_and_a_single_cell_bare() {
        assert_eq!(tsv(&sample(), 0..2, 0..2), "1\t\"a,\"\"b\"\"\"\n2\t");
        assert_eq!(tsv(&sample(), 0..1, 1..2), "a,\"b\"");
        assert_eq!(tsv(&sample(), 5..9, 7..9), "");
    }
}
