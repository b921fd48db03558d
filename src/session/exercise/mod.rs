//! Checks answers of exercises: runs them and the solution in fresh worlds, on the data that the
//! learner sees and on other data, and says what differs.

mod answer;
pub mod audit;
mod compare;
#[cfg(test)]
mod tests;
mod words;
mod world;

pub use answer::{Answer, Cell, Form};
pub use world::{Fresh, Ran};

use crate::base::{Diagnostic, Result, SourceText};
use crate::lessons::lesson::{Check, Language};
use crate::lessons::verdict::{DataSet, Fault, Finding, Verdict};

/// Checks an answer against the solution.
///
/// # Errors
/// The solution itself does not run, which is the lesson's fault.
pub fn check(check: &Check, language: Language, solution: &str, code: &str) -> Result<Verdict> {
    for data in [DataSet::Shown, DataSet::Hidden] {
        if let Some(fault) = fault(check, language, solution, code, data)? {
            return Ok(Verdict::Wrong(Finding { data, fault }));
        }
    }
    Ok(Verdict::Right)
}

/// What is wrong with an answer on a data set.
fn fault(
    check: &Check,
    language: Language,
    solution: &str,
    code: &str,
    data: DataSet,
) -> Result<Option<Fault>> {
    let expected = run(check, language, solution, data)?;
    let expected = expected.answer.map_err(|message| {
        Diagnostic::error(crate::base::diagnostic::sqlstate::INTERNAL_ERROR, message)
            .hint("End the solution with the answer.")
    })?;
    let found = match run(check, language, code, data) {
        Ok(found) => found,
        Err(error) => return Ok(Some(failed(&error, code))),
    };
    let answer = match found.answer {
        Ok(answer) => answer,
        Err(what) => return Ok(Some(Fault::NoAnswer(what))),
    };
    if let Some(fault) = compare::compare(&expected, &answer, check) {
        return Ok(Some(fault));
    }
    if let Some(most) = check.most_queries
        && language == Language::Django
        && found.queries > most
    {
        let made = found.queries;
        return Ok(Some(Fault::Queries { most, made }));
    }
    Ok(words::unmet(&check.demands, language, code))
}

/// Runs code in a world of its own; of an exercise that writes, the rows that it left are the
/// answer.
fn run(check: &Check, language: Language, code: &str, data: DataSet) -> Result<Ran> {
    let mut world = Fresh::of(data)?;
    let mut ran = world.run(language, code)?;
    if let Some(then) = &check.then {
        ran.answer = world.run(Language::Sql, then)?.answer;
    }
    Ok(ran)
}

fn failed(error: &Diagnostic, code: &str) -> Fault {
    let source = SourceText::new(code);
    Fault::Error {
        code: error.code.to_string(),
        message: error.message.clone(),
        line: error.span.map(|span| source.line_column(span.start).line),
        hints: error.hints.clone(),
    }
}
