//! What a run did, in the wire's words: its query log, plans, plain values, journal.

use super::answer::{place, problem, wire_changes};
use crate::base::{Diagnostic, SourceText};
use crate::session::query_log::{self, QueryLog, Role};
use crate::session::{Explained, PlainValue, PlanNode as Node, Step, WorldRun};
use crate::wire::{
    Advice, DjangoReport, JournalEntry, MOST_QUERIES, Plain, PlanInfo, PlanNode, Problem,
    QueryInfo, QueryReport, QueryRole,
};

/// The longest value that is printed, in characters.
const MOST_TEXT: usize = 100_000;

/// A text of a length that a page can show.
pub fn shortened(mut text: String) -> String {
    if let Some((end, _)) = text.char_indices().nth(MOST_TEXT) {
        text.truncate(end);
        text.push('…');
    }
    text
}

/// What stopped a run.
pub fn failure(
    error: Option<Box<Diagnostic>>,
    traceback: Option<String>,
    source: &SourceText,
) -> Option<Problem> {
    error.map(|error| Problem {
        traceback,
        ..problem(&error, source)
    })
}

/// A query log.
pub fn queries(log: &QueryLog, advice: &[query_log::Advice], source: &SourceText) -> QueryReport {
    let queries = log.queries.iter().take(MOST_QUERIES);
    let advice = advice.iter().map(|advice| Advice {
        count: u32::try_from(advice.count).unwrap_or(u32::MAX),
        what: advice.what.clone(),
        place: advice.place.map(|span| place(span, source)),
        mend: advice.mend.clone(),
    });
    QueryReport {
        count: u32::try_from(log.count()).unwrap_or(u32::MAX),
        ms: log.queries.iter().map(|query| query.ms).sum(),
        queries: queries.map(|query| info(query, source)).collect(),
        advice: advice.collect(),
    }
}

fn info(query: &query_log::Query, source: &SourceText) -> QueryInfo {
    QueryInfo {
        sql: query.sql.clone(),
        start: query.start,
        ms: query.ms,
        rows: query.rows,
        place: query.place.map(|span| place(span, source)),
        role: match query.role {
            Role::Statement => QueryRole::Statement,
            Role::Control => QueryRole::Control,
            Role::Migration => QueryRole::Migration,
        },
        similar: query.similar,
        duplicate: query.duplicate,
        loads: query.loads(),
    }
}

/// What a replay needs of Django code.
pub fn journal(steps: Vec<Step>) -> Vec<JournalEntry> {
    let entry = |step| match step {
        Step::Code(code) => JournalEntry::Definition(code),
        Step::Sql(sql) => JournalEntry::Caused(sql),
    };
    steps.into_iter().map(entry).collect()
}

/// What a program gets of Django code.
pub fn django(run: WorldRun<PlainValue>, source: &SourceText) -> DjangoReport {
    let queries = queries(&run.log, &run.advice, source);
    let (repr, value) = match run.value {
        Some(value) => (Some(value.repr), value.plain),
        None => (None, Plain::Null),
    };
    DjangoReport {
        output: run.output,
        repr,
        value,
        queries,
        error: failure(run.error, run.traceback, source),
        changes: wire_changes(run.changes),
        journal: journal(run.steps),
    }
}

/// A plan.
pub fn plan(explained: &Explained) -> PlanInfo {
    PlanInfo {
        root: node(&explained.root),
        ms: explained.milliseconds,
        peak: explained.peak,
    }
}

fn node(node: &Node) -> PlanNode {
    PlanNode {
        name: node.name.to_owned(),
        details: node.details.clone(),
        estimate: node.estimate,
        measured: node
            .measured
            .map(|figures| (figures.rows, figures.milliseconds, figures.bytes)),
        children: node.children.iter().map(self::node).collect(),
    }
}
