//! `market check LESSON.md...`: is everything right with these lesson pages?

use crate::base::{Diagnostic, Severity, SourceText};
use crate::lessons;
use crate::session::exercise::audit::audit;
use std::process::ExitCode;

/// Checks the pages of these files.
pub(super) fn check(files: &[String]) -> ExitCode {
    let mut faults = 0;
    for file in files {
        match super::read(file) {
            Ok(text) => faults += check_page(file, &text),
            Err(error) => {
                eprintln!("{error}");
                faults += 1;
            }
        }
    }
    match faults {
        0 => ExitCode::SUCCESS,
        1 => {
            eprintln!("1 fault");
            ExitCode::FAILURE
        }
        faults => {
            eprintln!("{faults} faults");
            ExitCode::FAILURE
        }
    }
}

/// Prints a line a section and one for each fault; gives the number of faults.
fn check_page(file: &str, text: &str) -> usize {
    let page = lessons::read(text);
    let source = SourceText::new(text);
    for problem in &page.problems {
        println!("{}", shown(file, &source, problem));
    }
    let errors = page
        .problems
        .iter()
        .filter(|it| it.severity == Severity::Error);
    let mut faults = errors.count();
    for report in audit(&page.lesson) {
        let mark = if report.faults.is_empty() {
            "ok   "
        } else {
            "FAULT"
        };
        println!("{mark} {} ({})", report.title, report.tried);
        for (line, message) in &report.faults {
            println!("      {file}:{line}: {message}");
        }
        faults += report.faults.len();
    }
    let lesson = &page.lesson;
    println!(
        "{file}: {} panels, {} exercises, {} wrong answers, {} questions",
        lesson.panels().count(),
        lesson.exercises().count(),
        lesson.exercises().map(|it| it.wrongs.len()).sum::<usize>(),
        lesson.questions.len(),
    );
    faults
}

fn shown(file: &str, source: &SourceText, problem: &Diagnostic) -> String {
    let line = problem
        .span
        .map_or(1, |span| source.line_column(span.start).line);
    let kind = match problem.severity {
        Severity::Error => "FAULT",
        Severity::Warning => "note ",
    };
    format!(
        "{kind} {file}:{line}: {}. {}",
        problem.message,
        problem.hints.join(" ")
    )
}
