//! `market cases CASES.json...`: which answers to these Django snippets differ from real Django's?

use super::arguments::CasesOptions;
use super::{read, say};
use crate::cases::{CaseFile, Data, Report};
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
        report.run(&cases, &data, &options.only)?;
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
