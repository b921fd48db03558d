//! Goes through a lesson as a suspicious reader would: does everything run, does every check hold?

use super::world::{Fresh, Ran};
use super::{Answer, check};
use crate::base::{Diagnostic, Result, SourceText};
use crate::lessons::lesson::{
    Code, Data, Exercise, Language, Lesson, Panel, Param, ParamKind, Section,
};
use crate::lessons::literal;
use crate::lessons::verdict::{DataSet, Verdict};

/// What came of a section.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The section's title.
    pub title: String,
    /// What was tried, in a few words.
    pub tried: String,
    /// What is wrong, each with its line on the page.
    pub faults: Vec<(u32, String)>,
}

/// Goes through all sections of a lesson.
pub fn audit(lesson: &Lesson) -> Vec<Report> {
    let sections = lesson.sections.iter();
    sections
        .map(|section| match section {
            Section::Panel(panel) => audit_panel(panel),
            Section::Exercise(exercise) => audit_exercise(exercise),
        })
        .collect()
}

fn audit_panel(panel: &Panel) -> Report {
    let mut faults = Vec::new();
    for code in &panel.codes {
        match run(code, &code.text) {
            Ok(ran) => faults.extend(faults_of(code, &ran).into_iter().map(|it| (code.line, it))),
            Err(error) => faults.push(error),
        }
    }
    for param in &panel.params {
        for code in &panel.codes {
            let Some(value) = literal::value(code.language, &code.text, &param.name) else {
                continue;
            };
            match values(param) {
                Ok(values) => {
                    if !values.contains(&value) && !within(param, &value) {
                        let message =
                            format!("the value {value} of {} is none of its control", param.name);
                        faults.push((code.line, message));
                    }
                    for other in values.iter().filter(|it| **it != value) {
                        let text =
                            literal::rewritten(code.language, &code.text, &param.name, other);
                        if let Err((line, message)) = run(code, &text) {
                            faults
                                .push((line, format!("with {} = {other}: {message}", param.name)));
                        }
                    }
                }
                Err(message) => {
                    faults.push((panel.line, format!("parameter {}: {message}", param.name)))
                }
            }
        }
    }
    let codes = panel.codes.len();
    let widget = panel
        .widget
        .map(|widget| format!("widget {}", widget.word()));
    let codes = (codes > 0).then(|| format!("{codes} run"));
    let tried: Vec<String> = codes.into_iter().chain(widget).collect();
    Report {
        title: panel.title.clone(),
        tried: tried.join(", "),
        faults,
    }
}

/// Runs a panel's code, or a text in its place; what stopped it with its line on the page.
fn run(code: &Code, text: &str) -> std::result::Result<Ran, (u32, String)> {
    let world = match code.data {
        Data::Own => Fresh::of(DataSet::Shown),
        Data::Medium => Fresh::medium(),
    };
    world
        .and_then(|mut world| world.run(code.language, text))
        .map_err(|error| {
            let line = error
                .span
                .map(|span| SourceText::new(text).line_column(span.start).line);
            (code.line + line.unwrap_or(1) - 1, error.to_string())
        })
}

fn faults_of(code: &Code, ran: &Ran) -> Vec<String> {
    let mut faults = Vec::new();
    match &ran.answer {
        Ok(answer) if answer.rows.is_empty() => faults.push("it gives no rows".into()),
        Ok(answer) => faults.extend(chart_faults(code, answer)),
        Err(message) => faults.push(message.clone()),
    }
    if let Some(queries) = code.queries
        && queries != ran.queries
    {
        faults.push(format!("it makes {} queries, not {queries}", ran.queries));
    }
    faults
}

/// Columns of a chart that the answer does not have.
fn chart_faults(code: &Code, answer: &Answer) -> Vec<String> {
    let Some(chart) = &code.chart else {
        return Vec::new();
    };
    let named = chart.x.iter().chain(&chart.y).chain(&chart.series);
    let missing = named.filter(|name| !answer.columns.contains(name));
    // The columns of instances are fields as well, which an answer does not list.
    match answer.form {
        super::Form::Instances => Vec::new(),
        super::Form::Named | super::Form::Positional => missing
            .map(|name| format!("the chart names a column {name}, which the rows do not have"))
            .collect(),
    }
}

/// The values that a control offers; of a range its ends.
fn values(param: &Param) -> std::result::Result<Vec<String>, String> {
    match &param.kind {
        ParamKind::Number { min, max, step: _ } => Ok(vec![min.clone(), max.clone()]),
        ParamKind::Choice(choices) => Ok(choices.clone()),
        ParamKind::Rows(sql) => {
            let rows = choices(sql).map_err(|error| error.to_string())?;
            match rows.first() {
                None => Err("its query gives no rows".into()),
                Some(_) => Ok(rows),
            }
        }
    }
}

fn choices(sql: &str) -> Result<Vec<String>> {
    let ran = Fresh::of(DataSet::Shown)?.run(Language::Sql, sql)?;
    let rows = ran.answer.map(|answer| answer.rows).unwrap_or_default();
    let value = |row: &Vec<super::Cell>| row.first().and_then(super::Cell::text);
    Ok(rows
        .iter()
        .filter(|row| row.len() == 2)
        .filter_map(value)
        .collect())
}

fn within(param: &Param, value: &str) -> bool {
    match &param.kind {
        ParamKind::Number { min, max, step: _ } => {
            let number = |text: &str| text.parse::<f64>().unwrap_or(f64::NAN);
            (number(min)..=number(max)).contains(&number(value))
        }
        ParamKind::Choice(_) | ParamKind::Rows(_) => false,
    }
}

fn audit_exercise(exercise: &Exercise) -> Report {
    let mut faults = Vec::new();
    for solution in &exercise.solutions {
        let verdict = check(
            &exercise.check,
            solution.language,
            &solution.text,
            &solution.text,
        );
        match verdict {
            Ok(Verdict::Right) => faults.extend(empty_answers(exercise, solution)),
            Ok(verdict) => faults.push((solution.line, format!("the solution fails: {verdict}"))),
            Err(error) => faults.push((
                broken_line(solution, &error),
                format!("the solution: {error}"),
            )),
        }
    }
    for starter in &exercise.starters {
        if verdict_of(exercise, starter) == Some(Verdict::Right) {
            faults.push((starter.line, "the starter is right already".into()));
        }
    }
    for wrong in &exercise.wrongs {
        match verdict_of(exercise, &wrong.code) {
            Some(Verdict::Wrong(finding)) if finding.fault.names().contains(&wrong.verdict) => {}
            Some(Verdict::Wrong(finding)) => {
                let message = format!("\"{}\" was expected: {}", wrong.verdict, finding.fault);
                faults.push((wrong.code.line, message));
            }
            Some(Verdict::Right) => {
                let message = format!("\"{}\" was expected, but it is right", wrong.verdict);
                faults.push((wrong.code.line, message));
            }
            // The solution fails, which is told above.
            None => {}
        }
    }
    let languages: Vec<&str> = exercise
        .solutions
        .iter()
        .map(|it| it.language.name())
        .collect();
    Report {
        title: exercise.title.clone(),
        tried: format!(
            "exercise in {}, {} wrong",
            languages.join(" and "),
            exercise.wrongs.len()
        ),
        faults,
    }
}

fn verdict_of(exercise: &Exercise, code: &Code) -> Option<Verdict> {
    let solution = exercise.solution(code.language)?;
    check(&exercise.check, code.language, &solution.text, &code.text).ok()
}

/// A solution whose answer has no rows proves nothing.
fn empty_answers(exercise: &Exercise, solution: &Code) -> Vec<(u32, String)> {
    let sets = [
        (DataSet::Shown, "the Small"),
        (DataSet::Hidden, "the hidden"),
    ];
    let empty = |data| {
        let ran = super::run(&exercise.check, solution.language, &solution.text, data);
        ran.is_ok_and(|ran| ran.answer.is_ok_and(|answer| answer.rows.is_empty()))
    };
    sets.into_iter()
        .filter(|(data, _)| empty(*data))
        .map(|(_, name)| {
            (
                solution.line,
                format!("the solution gives no rows on {name} data set"),
            )
        })
        .collect()
}

fn broken_line(solution: &Code, error: &Diagnostic) -> u32 {
    let source = SourceText::new(solution.text.as_str());
    let line = error.span.map(|span| source.line_column(span.start).line);
    solution.line + line.unwrap_or(1) - 1
}
