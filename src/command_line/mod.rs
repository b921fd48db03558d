//! The native command line: runs SQL against the sample data, checks lesson pages.
//!
//! `market run FILE.sql [--size small|medium|large] [--format table|json|csv]`; `-` reads standard
//! input. `market check LESSON.md...` tells what is wrong with lesson pages.

mod check;

use crate::base::{Diagnostic, ResultSet, SourceText, Value};
use crate::engine::Database;
use crate::export::delimited::csv;
use crate::export::json::objects;
use crate::market::seed::Size;
use std::io::{Read, Write};
use std::process::ExitCode;
use std::time::Instant;

/// How results are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Table,
    Json,
    Csv,
}

/// What the command line asks for.
struct Options {
    file: String,
    size: Size,
    format: Format,
}

const USAGE: &str = "\
usage: market run FILE.sql [--size small|medium|large] [--format table|json|csv]
       market check LESSON.md...";

/// Runs the command line.
pub fn main(arguments: impl Iterator<Item = String>) -> ExitCode {
    let arguments: Vec<String> = arguments.collect();
    if let Some(("check", files)) = arguments
        .split_first()
        .map(|(command, files)| (command.as_str(), files))
        && !files.is_empty()
    {
        return check::check(files);
    }
    let options = match parse(arguments.into_iter()) {
        Ok(options) => options,
        Err(message) => {
            eprintln!("{message}\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    match run(&options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Options, String> {
    match arguments.next().as_deref() {
        Some("run") => {}
        Some("check") => return Err("a lesson page is missing".into()),
        Some(other) => return Err(format!("there is no command \"{other}\"")),
        None => return Err("a command is missing".into()),
    }
    let mut file = None;
    let (mut size, mut format) = (Size::Small, Format::Table);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--size" => {
                size = match arguments.next().as_deref() {
                    Some("small") => Size::Small,
                    Some("medium") => Size::Medium,
                    Some("large") => Size::Large,
                    _ => return Err("--size takes small, medium or large".into()),
                }
            }
            "--format" => {
                format = match arguments.next().as_deref() {
                    Some("table") => Format::Table,
                    Some("json") => Format::Json,
                    Some("csv") => Format::Csv,
                    _ => return Err("--format takes table, json or csv".into()),
                }
            }
            _ if file.is_none() => file = Some(argument),
            other => return Err(format!("\"{other}\" is one argument too many")),
        }
    }
    Ok(Options {
        file: file.ok_or("a file is missing")?,
        size,
        format,
    })
}

fn run(options: &Options) -> Result<(), String> {
    let mut text = String::new();
    if options.file == "-" {
        std::io::stdin()
            .read_to_string(&mut text)
            .map_err(|error| format!("standard input: {error}"))?;
    } else {
        text = std::fs::read_to_string(&options.file)
            .map_err(|error| format!("{}: {error}", options.file))?;
    }
    let mut database = Database::new();
    database
        .load_market(options.size)
        .map_err(|error| error.to_string())?;
    let start = Instant::now();
    let (outcomes, error) = database.run_script(&text);
    let elapsed = start.elapsed();
    let mut out = String::new();
    for outcome in &outcomes {
        match &outcome.result {
            Some(result) => print(&mut out, result, options.format),
            None => out.push_str(&format!("{} {}\n", outcome.command, outcome.row_count)),
        }
    }
    // A reader that closes early, such as `head`, is no fault.
    let _ = std::io::stdout().write_all(out.as_bytes());
    eprintln!("{:.1} ms", elapsed.as_secs_f64() * 1000.0);
    match error {
        None => Ok(()),
        Some(error) => Err(pointed(&text, &error)),
    }
}

/// An error with the line it is about, and a caret beneath.
fn pointed(text: &str, error: &Diagnostic) -> String {
    let mut message = format!("ERROR {}: {}", error.code, error.message);
    if let Some(span) = error.span {
        let source = SourceText::new(text);
        let at = source.line_column(span.start);
        let line = text.lines().nth(at.line as usize - 1).unwrap_or("");
        message.push_str(&format!(
            "\nLINE {}: {line}\n{}^",
            at.line,
            " ".repeat(format!("LINE {}: ", at.line).len() + at.column as usize - 1)
        ));
    }
    for hint in &error.hints {
        message.push_str(&format!("\nHINT: {hint}"));
    }
    message
}

fn print(out: &mut String, result: &ResultSet, format: Format) {
    match format {
        Format::Csv => out.push_str(&csv(result, 0..result.len(), 0..result.fields.len())),
        Format::Json => out.push_str(&objects(result, 0..result.len(), 0..result.fields.len())),
        Format::Table => table(out, result),
    }
}

/// Columns as wide as their widest cell, numbers to the right.
fn table(out: &mut String, result: &ResultSet) {
    let rows: Vec<Vec<String>> = result
        .rows(0)
        .map(|row| {
            row.iter()
                .zip(&result.fields)
                .map(|(value, field)| match value {
                    Value::Null => "NULL".into(),
                    value => value.to_text(&field.ty),
                })
                .collect()
        })
        .collect();
    let widths: Vec<usize> = result
        .fields
        .iter()
        .enumerate()
        .map(|(at, field)| {
            rows.iter()
                .filter_map(|row| row.get(at))
                .map(|cell| cell.chars().count())
                .chain([field.name.chars().count()])
                .max()
                .unwrap_or(0)
        })
        .collect();
    let mut line = |cells: &mut dyn Iterator<Item = (&str, bool)>| {
        let padded: Vec<String> = cells
            .zip(&widths)
            .map(|((cell, right), width)| {
                if right {
                    format!("{cell:>width$}")
                } else {
                    format!("{cell:<width$}")
                }
            })
            .collect();
        out.push_str(padded.join("  ").trim_end());
        out.push('\n');
    };
    line(
        &mut result
            .fields
            .iter()
            .map(|field| (field.name.as_str(), field.ty.is_number())),
    );
    for row in &rows {
        line(
            &mut row
                .iter()
                .zip(&result.fields)
                .map(|(cell, field)| (cell.as_str(), field.ty.is_number())),
        );
    }
    out.push_str(&format!("({} rows)\n", rows.len()));
}
