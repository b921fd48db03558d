//! What a run gave, as text.

use super::arguments::Format;
use super::json::json;
use crate::base::{Diagnostic, ResultSet, SourceText, Value};
use crate::export::delimited::csv;
use crate::export::json::objects;
use crate::session::{Language, Shown, World, WorldRun, shown};

/// The answer to a piece of code.
pub(super) struct Answer {
    /// What was asked for.
    pub output: String,
    /// How long it took and what to do about many queries, a line each.
    pub notes: Vec<String>,
    /// What stopped it, with the place.
    pub error: Option<String>,
}

impl Answer {
    /// Runs code.
    pub fn of(world: &mut World, language: Language, code: &str, format: Format) -> Self {
        match (language, format) {
            (Language::Django, Format::Json) => {
                let run = world.run_for_program(code);
                Self::from(&run, language, code, format, |it| json(&it.plain))
            }
            (Language::Django | Language::Sql, _) => {
                let run = world.run(language, code);
                Self::from(&run, language, code, format, |it| value(it, format))
            }
        }
    }

    fn from<V>(
        run: &WorldRun<V>,
        language: Language,
        code: &str,
        format: Format,
        show: impl Fn(&V) -> String,
    ) -> Self {
        let mut output = run.output.clone();
        let mut notes = Vec::new();
        for outcome in &run.outcomes {
            match &outcome.result {
                Some(result) => output.push_str(&rows(result, format)),
                None => {
                    let line = format!("{} {}", outcome.command, outcome.row_count);
                    match format {
                        Format::Table => output.push_str(&format!("{line}\n")),
                        // Whoever reads the rows as data wants nothing between them.
                        Format::Json | Format::Csv => notes.push(line),
                    }
                }
            }
        }
        if let Some(value) = &run.value {
            output.push_str(&show(value));
        }
        let source = SourceText::new(code);
        let advice = run.advice.iter().map(|it| it.sentence(&source));
        notes.extend(advice);
        notes.push(match (language, run.log.count()) {
            (Language::Sql, _) => format!("{:.1} ms", run.ms),
            (Language::Django, 1) => format!("1 query, {:.1} ms", run.ms),
            (Language::Django, count) => format!("{count} queries, {:.1} ms", run.ms),
        });
        let error = run.error.as_ref().map(|error| match &run.traceback {
            Some(traceback) => with_hints(traceback.clone(), error),
            None => pointed(&source, error),
        });
        Self {
            output,
            notes,
            error,
        }
    }
}

/// The value of a last line.
fn value(value: &Shown, format: Format) -> String {
    match (&value.table, format) {
        (Some(table), _) => rows(table, format),
        (None, Format::Table | Format::Json) => format!("{}\n", value.repr),
        (None, Format::Csv) => csv_of_one(&value.repr),
    }
}

/// A single value as a table of one cell.
fn csv_of_one(text: &str) -> String {
    let field = crate::base::Field {
        name: "value".into(),
        ty: crate::base::Type::Text,
    };
    let column = crate::base::Column::from_values(&[Value::text(text)], &field.ty);
    let result = ResultSet {
        fields: vec![field],
        batches: vec![crate::base::Batch {
            columns: vec![std::sync::Arc::new(column)],
            rows: 1,
        }],
    };
    csv(&result, 0..1, 0..1)
}

fn rows(result: &ResultSet, format: Format) -> String {
    let (rows, columns) = (0..result.len(), 0..result.fields.len());
    match format {
        Format::Csv => csv(result, rows, columns),
        Format::Json => objects(result, rows, columns),
        Format::Table => table(result),
    }
}

/// An error of SQL with the line it is about, and a caret beneath, as psql prints it.
fn pointed(source: &SourceText, error: &Diagnostic) -> String {
    let mut message = format!("ERROR {}: {}", error.code, error.message);
    if let Some(span) = error.span {
        let at = source.line_column(span.start);
        let line = source.as_str().lines().nth(at.line as usize - 1);
        let head = format!("LINE {}: ", at.line);
        let line = line.unwrap_or_default();
        let blank = " ".repeat(head.len() + at.column as usize - 1);
        message.push_str(&format!("\n{head}{line}\n{blank}^"));
    }
    with_hints(message, error)
}

fn with_hints(mut message: String, error: &Diagnostic) -> String {
    for hint in &error.hints {
        // A traceback ends with the first hint already when it names what was meant.
        if !message.ends_with(hint.as_str()) {
            message.push_str(&format!("\nHINT: {hint}"));
        }
    }
    message
}

/// Columns as wide as their widest cell, numbers to the right.
fn table(result: &ResultSet) -> String {
    let rows: Vec<Vec<String>> = result
        .rows(0)
        .map(|row| {
            row.iter()
                .zip(&result.fields)
                .map(|(value, field)| match value {
                    Value::Null => "NULL".into(),
                    value => shown(value, &field.ty),
                })
                .collect()
        })
        .collect();
    let header: Vec<String> = result.fields.iter().map(|it| it.name.clone()).collect();
    let width = |at: usize| {
        let cells = rows.iter().chain([&header]).filter_map(|row| row.get(at));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..header.len()).map(width).collect();
    let mut out = String::new();
    for row in std::iter::once(&header).chain(&rows) {
        let cells = row.iter().zip(&widths).zip(&result.fields);
        let cells = cells.map(|((cell, &width), field)| match field.ty.is_number() {
            true => format!("{cell:>width$}"),
            false => format!("{cell:<width$}"),
        });
        let line = cells.collect::<Vec<_>>().join("  ");
        out.push_str(line.trim_end());
        out.push('\n');
    }
    let noun = if rows.len() == 1 { "row" } else { "rows" };
    out.push_str(&format!("({} {noun})\n", rows.len()));
    out
}
