//! `market cases CASES.json...`: which answers to these Django snippets differ from real Django's?

use super::arguments::{CasesOptions, Printed};
use super::{read, say};
use crate::cases::{Case, CaseFile, Data, Report};
use std::process::ExitCode;

/// Runs the case files; prints the cases that differ, the exceptions with another text, and how
/// many passed by phase.
pub(super) fn cases(options: &CasesOptions) -> Result<ExitCode, String> {
    let data = match &options.fixture {
        Some(file) => Data::fixture(&read(file)?).map_err(|error| format!("{file}: {error}"))?,
        None => Data::sample()?,
    };
    let mut report = Report::default();
    for file in &options.files {
        let cases = CaseFile::read(&read(file)?).map_err(|error| format!("{file}: {error}"))?;
        match options.print {
            Printed::Differences => report.run(&cases, &data, &options.only)?,
            Printed::Statements => {
                let named = |case: &&Case| case.id.contains(&options.only);
                for case in cases.cases.iter().filter(named) {
                    say(&format!("{}\n", case.statements(&data, cases.now)?));
                }
            }
        }
    }
    if options.print == Printed::Statements {
        return Ok(ExitCode::SUCCESS);
    }
    for failed in &report.failed {
        say(&format!("{failed}\n"));
    }
    for (id, expected, found) in &report.texts {
        say(&format!(
            "{id}: another text\n    expected {expected}\n    found    {found}\n"
        ));
    }
    say(&format!("{report}\n"));
    Ok(match report.failed.is_empty() {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}
