//! The fences that are lists of lines: `params`, `widget`, `check`.

use super::Problems;
use super::fence::Fault;
use crate::lessons::lesson::{
    Check, Demand, DemandKind, Language, Names, Order, Param, ParamKind, Widget,
};

/// Every line that says something, and where it begins.
fn lines(text: &str, start: usize) -> impl Iterator<Item = (&str, std::ops::Range<usize>)> {
    let mut at = start;
    text.split_inclusive('\n')
        .map(move |line| {
            let span = at..at + line.trim_end().len();
            at += line.len();
            (line.trim(), span)
        })
        .filter(|(line, _)| !line.is_empty())
}

/// A line each: `name | Label | kind`.
pub(super) fn params(text: &str, start: usize, problems: &mut Problems) -> Vec<Param> {
    let mut params: Vec<Param> = Vec::new();
    for (line, span) in lines(text, start) {
        match param(line) {
            Ok(param) if params.iter().any(|it| it.name == param.name) => problems.error(
                span,
                format!("there are two parameters \"{}\"", param.name),
                "Give each a name of its own.",
            ),
            Ok(param) => params.push(param),
            Err((message, hint)) => problems.error(span, message, hint),
        }
    }
    params
}

fn param(line: &str) -> Result<Param, Fault> {
    const FORM: &str = "Write name | Label | number 1..50 step 1, or choice a, b, or rows SELECT \
                        value, label FROM ..";
    let mut parts = line.splitn(3, '|').map(str::trim);
    let (Some(name), Some(label), Some(kind)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(("this parameter has no three parts".into(), FORM));
    };
    let is_name = name.starts_with(|it: char| it.is_ascii_alphabetic() || it == '_')
        && name
            .chars()
            .all(|it| it.is_ascii_alphanumeric() || it == '_');
    if !is_name || label.is_empty() {
        return Err((format!("\"{name}\" does not name a parameter"), FORM));
    }
    let (word, rest) = kind.split_once(' ').unwrap_or((kind, ""));
    let kind = match word {
        "number" => number(rest.trim()).ok_or_else(|| {
            (
                format!("\"{rest}\" is no range of numbers"),
                "Write number 1..50 step 1.",
            )
        })?,
        "choice" => {
            let choices: Vec<String> = rest.split(',').map(|it| it.trim().to_owned()).collect();
            if choices.len() < 2 || choices.iter().any(String::is_empty) {
                return Err((
                    "a choice needs two texts or more".into(),
                    "Write choice paid, shipped.",
                ));
            }
            ParamKind::Choice(choices)
        }
        // A page that is opened changes nothing, and this runs when it is opened.
        "rows" if !reads(rest) => {
            return Err((
                "the rows of a parameter come from a SELECT".into(),
                "Write rows SELECT value, label FROM ..",
            ));
        }
        "rows" => ParamKind::Rows(rest.trim().to_owned()),
        other => return Err((format!("there is no kind of parameter \"{other}\""), FORM)),
    };
    Ok(Param {
        name: name.to_owned(),
        label: label.to_owned(),
        kind,
    })
}

/// Whether a text is one statement that reads.
fn reads(sql: &str) -> bool {
    let mut words = sql.split_whitespace();
    let is_select = words
        .next()
        .is_some_and(|word| word.eq_ignore_ascii_case("select"));
    is_select && !words.any(|word| word.eq_ignore_ascii_case("into"))
}

/// `MIN..MAX step STEP`
fn number(text: &str) -> Option<ParamKind> {
    let (range, step) = text.split_once("step").unwrap_or((text, "1"));
    let (min, max) = range.split_once("..")?;
    let [min, max, step] = [min, max, step].map(str::trim);
    let value = |text: &str| text.parse::<f64>().ok().filter(|it| it.is_finite());
    if value(min)? >= value(max)? || value(step)? <= 0.0 {
        return None;
    }
    Some(ParamKind::Number {
        min: min.to_owned(),
        max: max.to_owned(),
        step: step.to_owned(),
    })
}

/// One line, the name of a special part.
pub(super) fn widget(text: &str, start: usize, problems: &mut Problems) -> Option<Widget> {
    let name = text.trim();
    let found = Widget::ALL.into_iter().find(|it| it.word() == name);
    if found.is_none() {
        problems.error(
            start..start + text.len(),
            format!("there is no widget \"{name}\""),
            "Widgets are models, lost-update, frames, querysets and services.",
        );
    }
    found
}

/// What an exercise compares.
pub(super) fn check(text: &str, start: usize, problems: &mut Problems) -> Check {
    let mut check = Check::default();
    for (line, span) in lines(text, start) {
        if let Err((message, hint)) = demand(line, &mut check) {
            problems.error(span, message, hint);
        }
    }
    check
}

fn demand(line: &str, check: &mut Check) -> Result<(), Fault> {
    match line {
        "rows in order" => check.order = Order::AsGiven,
        "rows in any order" => check.order = Order::Any,
        "names matter" => check.names = Names::Matter,
        "names are free" => check.names = Names::Free,
        _ => {
            if let Some(rest) = line.strip_prefix("at most ") {
                let (count, noun) = rest.split_once(' ').unwrap_or((rest, ""));
                match (count.parse(), noun) {
                    (Ok(count), "queries" | "query") => check.most_queries = Some(count),
                    _ => {
                        let message = format!("\"{line}\" does not say how many queries");
                        return Err((message, "Write at most 2 queries."));
                    }
                }
            } else if let Some(sql) = line.strip_prefix("then ") {
                check.then = Some(sql.trim().to_owned());
            } else if let Some(rest) = line.strip_prefix("uses ") {
                check.demands.push(named(DemandKind::Uses, rest));
            } else if let Some(rest) = line.strip_prefix("avoids ") {
                check.demands.push(named(DemandKind::Avoids, rest));
            } else {
                return Err((
                    format!("a check knows no \"{line}\""),
                    "It knows rows in order, at most N queries, uses NAME, avoids NAME, then \
                     SELECT .., names matter and names are free.",
                ));
            }
        }
    }
    Ok(())
}

/// `NAME`, `NAME in django` or `NAME in sql`.
fn named(kind: DemandKind, rest: &str) -> Demand {
    let parts = Language::ALL.into_iter().find_map(|language| {
        let name = rest.strip_suffix(language.word())?.trim_end();
        Some((name.strip_suffix(" in")?, Some(language)))
    });
    let (name, language) = parts.unwrap_or((rest, None));
    Demand {
        kind,
        name: name.trim().to_owned(),
        language,
    }
}
