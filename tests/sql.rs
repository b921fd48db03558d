//! Runs the recorded answers of `tests/sql/**.slt` through the engine.
//!
//! `SLT_DIR=DIR` takes another folder, `SLT_FILTER=TEXT` the files whose path holds the text,
//! `SLT_SHOW=N` shows that many failures of a file (default 12).
//!
//! `tests/sql/open.txt` lists the records that do not have PostgreSQL's answer yet. A record that
//! is not listed has to pass and one that is listed has to fail, so that the list can only
//! shrink; `UPDATE=1` writes it anew.

mod support;

use marketplace_analytics::base::Diagnostic;
use marketplace_analytics::engine::{Database, Outcome};
use marketplace_analytics::market::seed::Size;
use md5::{Digest, Md5};
use sqllogictest::{
    Condition, Control, DefaultColumnType, QueryExpect, Record, SortMode, StatementExpect,
};
use std::collections::HashSet;
use std::fmt::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;
use support::answer;

fn main() -> ExitCode {
    let home = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sql");
    let folder = std::env::var_os("SLT_DIR").map_or(home.clone(), PathBuf::from);
    let filter = std::env::var("SLT_FILTER").unwrap_or_default();
    let show = std::env::var("SLT_SHOW")
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(12);
    let mut files = Vec::new();
    collect(&folder, &mut files);
    files.sort();
    files.retain(|file| file.to_string_lossy().contains(&filter));
    let list = home.join("open.txt");
    let open = if folder == home {
        Open::read(&list)
    } else {
        Open::default()
    };
    let mut still_open = String::new();
    let (mut passed, mut failed, mut known) = (0, 0, 0);
    for file in &files {
        let start = Instant::now();
        let run = run_file(file);
        let name = file
            .strip_prefix(&folder)
            .unwrap_or(file)
            .display()
            .to_string();
        let mut failures: Vec<String> = run.mended(&open, &name);
        let mut open_here = 0;
        for failure in &run.failures {
            let text = format!(
                "  line {}: {}\n{}",
                failure.line, failure.sql, failure.fault
            );
            if open.lists(&name, failure.line) {
                open_here += 1;
            } else {
                failures.push(text);
            }
            let sql = shortened(&failure.sql, 100);
            still_open.push_str(&format!("{name}:{} {sql}\n", failure.line));
        }
        println!(
            "{name}: {} passed, {} failed, {open_here} open ({} ms)",
            run.passed.len(),
            failures.len(),
            start.elapsed().as_millis()
        );
        for failure in failures.iter().take(show) {
            println!("{failure}");
        }
        passed += run.passed.len();
        failed += failures.len();
        known += open_here;
    }
    if std::env::var_os("UPDATE").is_some() && folder == home && filter.is_empty() {
        std::fs::write(&list, still_open).expect("open.txt can be written");
    }
    let verdict = if failed == 0 { "ok" } else { "FAILED" };
    println!(
        "test result: {verdict}. {passed} passed; {failed} failed; {known} open; {} files",
        files.len()
    );
    println!("{passed} passed, {failed} failed");
    if failed == 0 && passed > 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// The records that are known to differ, as `FILE:LINE SQL`.
#[derive(Default)]
struct Open(HashSet<String>);

impl Open {
    fn read(list: &Path) -> Self {
        let text = std::fs::read_to_string(list).unwrap_or_default();
        let places = text
            .lines()
            .filter_map(|line| line.split_whitespace().next());
        Self(places.map(str::to_owned).collect())
    }

    fn lists(&self, name: &str, line: u32) -> bool {
        self.0.contains(&format!("{name}:{line}"))
    }
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "slt") {
            files.push(path);
        }
    }
}

/// One file, on a database of its own.
#[derive(Default)]
struct Run {
    /// The lines of the records that have PostgreSQL's answer.
    passed: Vec<u32>,
    failures: Vec<Fault>,
    sort: Option<SortMode>,
    hash_threshold: u64,
}

/// A record with another answer.
struct Fault {
    line: u32,
    sql: String,
    fault: String,
}

fn run_file(file: &Path) -> Run {
    let mut run = Run::default();
    let source = match std::fs::read_to_string(file) {
        Ok(source) => source,
        Err(error) => {
            run.note(1, "", Some(format!("    cannot be read: {error}")));
            return run;
        }
    };
    let records =
        match sqllogictest::parse_with_name::<DefaultColumnType>(&source, file.to_string_lossy()) {
            Ok(records) => records,
            Err(error) => {
                run.note(1, "", Some(format!("    cannot be parsed: {error}")));
                return run;
            }
        };
    let mut database = Database::new();
    if let Some(size) = data(&source)
        && let Err(error) = database.load_market(size)
    {
        run.note(1, "", Some(format!("    cannot load the data: {error}")));
        return run;
    }
    for record in records {
        if !run.record(&mut database, record) {
            break;
        }
    }
    run
}

/// What the file's `# data: SIZE` line asks for.
fn data(source: &str) -> Option<Size> {
    let size = source
        .lines()
        .find_map(|line| line.strip_prefix('#')?.trim().strip_prefix("data:"))?;
    match size.trim() {
        "small" => Some(Size::Small),
        "medium" => Some(Size::Medium),
        "large" => Some(Size::Large),
        _ => None,
    }
}

impl Run {
    /// Runs a record; false when the file ends here.
    fn record(&mut self, database: &mut Database, record: Record<DefaultColumnType>) -> bool {
        match record {
            Record::Statement {
                loc,
                conditions,
                sql,
                expected,
                ..
            } if applies(&conditions) => {
                let outcome = execute(database, &sql);
                let fault = statement_fault(&expected, outcome);
                self.note(loc.line(), &sql, fault);
            }
            Record::Query {
                loc,
                conditions,
                sql,
                expected,
                ..
            } if applies(&conditions) => {
                let outcome = execute(database, &sql);
                let fault = self.query_fault(&expected, outcome);
                self.note(loc.line(), &sql, fault);
            }
            Record::Control(Control::SortMode(sort)) => self.sort = Some(sort),
            Record::HashThreshold { threshold, .. } => self.hash_threshold = threshold,
            Record::Halt { .. } => return false,
            Record::Include { loc, .. } | Record::System { loc, .. } | Record::Let { loc, .. } => {
                self.note(
                    loc.line(),
                    "",
                    Some("this kind of record is not run here".to_owned()),
                );
            }
            _ => {}
        }
        true
    }

    fn note(&mut self, line: u32, sql: &str, fault: Option<String>) {
        match fault {
            None => self.passed.push(line),
            Some(fault) => {
                let sql = sql.split_whitespace().collect::<Vec<_>>().join(" ");
                let sql = shortened(&sql, 400);
                self.failures.push(Fault { line, sql, fault });
            }
        }
    }

    /// The records that are listed as open and pass.
    fn mended(&self, open: &Open, name: &str) -> Vec<String> {
        let listed = self.passed.iter().filter(|line| open.lists(name, **line));
        listed
            .map(|line| format!("  line {line} has PostgreSQL's answer: take it off open.txt"))
            .collect()
    }

    fn query_fault(
        &self,
        expected: &QueryExpect<DefaultColumnType>,
        outcome: Result<Outcome, Failure>,
    ) -> Option<String> {
        match expected {
            QueryExpect::Error(expected) => error_fault(expected, outcome),
            QueryExpect::Results {
                sort_mode, results, ..
            } => {
                let outcome = match outcome {
                    Ok(outcome) => outcome,
                    Err(failure) => return Some(format!("    failed: {}", failure.text())),
                };
                let rows = rows(&outcome);
                let got = self.lines(rows, sort_mode.or(self.sort));
                let expected: Vec<String> = results.iter().map(|line| normal(line)).collect();
                (got != expected).then(|| difference(&expected, &got))
            }
        }
    }

    /// The rows as an answer has them: sorted, hashed where they are many, one space between
    /// columns.
    fn lines(&self, mut rows: Vec<Vec<String>>, sort: Option<SortMode>) -> Vec<String> {
        let values: usize = rows.iter().map(Vec::len).sum();
        match sort {
            None | Some(SortMode::NoSort) => {}
            Some(SortMode::RowSort) => rows.sort_unstable(),
            Some(SortMode::ValueSort) => {
                rows = rows
                    .into_iter()
                    .flatten()
                    .map(|value| vec![value])
                    .collect();
                rows.sort_unstable();
            }
        }
        if self.hash_threshold > 0 && values as u64 > self.hash_threshold {
            let mut hash = Md5::new();
            for value in rows.iter().flatten() {
                hash.update(value);
                hash.update("\n");
            }
            let hex: String = hash
                .finalize()
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect();
            return vec![format!("{values} values hashing to {hex}")];
        }
        rows.iter().map(|row| normal(&row.join(" "))).collect()
    }
}

/// Why a statement did not give rows.
enum Failure {
    Refused(Box<Diagnostic>),
    Panicked(String),
}

impl Failure {
    fn text(&self) -> String {
        match self {
            Self::Refused(diagnostic) => diagnostic.to_string(),
            Self::Panicked(message) => format!("PANICKED: {message}"),
        }
    }
}

fn execute(database: &mut Database, sql: &str) -> Result<Outcome, Failure> {
    match catch_unwind(AssertUnwindSafe(|| database.run(sql, &[]))) {
        Ok(outcome) => outcome.map_err(Failure::Refused),
        Err(payload) => {
            let message = payload
                .downcast_ref::<String>()
                .cloned()
                .or_else(|| payload.downcast_ref::<&str>().map(|&text| text.to_owned()))
                .unwrap_or_default();
            Err(Failure::Panicked(message))
        }
    }
}

/// Records for other engines are left out; this one answers to PostgreSQL's name.
fn applies(conditions: &[Condition]) -> bool {
    conditions.iter().all(|condition| match condition {
        Condition::OnlyIf { label } => label == "postgresql" || label == "postgres",
        Condition::SkipIf { label } => label != "postgresql" && label != "postgres",
    })
}

fn statement_fault(
    expected: &StatementExpect,
    outcome: Result<Outcome, Failure>,
) -> Option<String> {
    match (expected, outcome) {
        (StatementExpect::Error(expected), outcome) => error_fault(expected, outcome),
        (_, Err(failure)) => Some(format!("    failed: {}", failure.text())),
        (StatementExpect::Count(count), Ok(outcome)) => (outcome.row_count != *count)
            .then(|| format!("    expected {count} rows, got {}", outcome.row_count)),
        (StatementExpect::Ok, Ok(_)) => None,
    }
}

fn error_fault(
    expected: &sqllogictest::ExpectedError,
    outcome: Result<Outcome, Failure>,
) -> Option<String> {
    match outcome {
        Ok(outcome) => Some(format!(
            "    expected an error {expected}, got {}",
            shortened(&self_lines(&outcome).join(" | "), 300)
        )),
        Err(Failure::Refused(diagnostic)) => {
            let code = diagnostic.code.as_str();
            (!expected.is_match(&diagnostic.message, Some(code)))
                .then(|| format!("    expected an error {expected}, got {diagnostic}"))
        }
        Err(failure @ Failure::Panicked(_)) => Some(format!("    {}", failure.text())),
    }
}

fn rows(outcome: &Outcome) -> Vec<Vec<String>> {
    let Some(result) = &outcome.result else {
        return Vec::new();
    };
    result
        .rows(0)
        .map(|row| {
            row.iter()
                .zip(&result.fields)
                .map(|(value, field)| answer::print(value, &field.ty))
                .collect()
        })
        .collect()
}

fn self_lines(outcome: &Outcome) -> Vec<String> {
    rows(outcome).iter().map(|row| row.join(" ")).collect()
}

/// One space between words, and no zeros at the end of a fraction of a second, so that
/// `10:00:00.5` and `10:00:00.500000` are one.
fn normal(line: &str) -> String {
    line.split_ascii_whitespace()
        .map(without_zeros)
        .collect::<Vec<_>>()
        .join(" ")
}

fn without_zeros(word: &str) -> String {
    let (time, zone) = match word.strip_suffix("+00") {
        Some(time) => (time, "+00"),
        None => (word, ""),
    };
    match time.split_once('.') {
        Some((whole, fraction))
            if whole.len() >= 8
                && whole.matches(':').count() == 2
                && whole
                    .bytes()
                    .all(|b| b.is_ascii_digit() || b == b':' || b == b'-')
                && !fraction.is_empty()
                && fraction.bytes().all(|b| b.is_ascii_digit()) =>
        {
            let fraction = fraction.trim_end_matches('0');
            let point = if fraction.is_empty() { "" } else { "." };
            format!("{whole}{point}{fraction}{zone}")
        }
        _ => word.to_owned(),
    }
}

/// The lines of both answers from the first that differs on.
fn difference(expected: &[String], got: &[String]) -> String {
    let same = expected.iter().zip(got).take_while(|(a, b)| a == b).count();
    let mut text = format!("    {} rows expected, {} came", expected.len(), got.len());
    for (sign, lines) in [('-', expected), ('+', got)] {
        for line in lines.iter().skip(same).take(4) {
            write!(text, "\n      {sign} {}", shortened(line, 160)).expect("a String takes all");
        }
    }
    text
}

fn shortened(text: &str, length: usize) -> String {
    match text.char_indices().nth(length) {
        Some((end, _)) => format!("{}..", &text[..end]),
        None => text.to_owned(),
    }
}
