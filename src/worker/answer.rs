//! Requests into answers: the session's words into the wire's.

use super::{assist, chart, report, values};
use crate::base::{Diagnostic, Result, ResultSet, Severity, SourceText, Span, Type, Value};
use crate::lessons;
use crate::session::{self, Entry, Format, Session, Step, WorldRun};
use crate::wire::chart::Sums;
use crate::wire::{
    Area, Changes, ColumnHead, ColumnInfo, ColumnKind, JournalEntry, MarketInfo, PanelId, Place,
    Problem, Reply, Request, RowPage, RunReport, Size, StatementReport, TableHead, TableInfo,
    ValueReport, ValuesHead,
};
use std::rc::Rc;

/// Rows that come with a result; the grid fetches further ones by pages of the same length.
const FIRST_ROWS: usize = 200;

/// The most rows that one request gets.
const MOST_ROWS: usize = 5000;

/// Answers a request; blocks of values travel beside the reply.
pub fn answer(session: &mut Session, request: Request) -> (Reply, Vec<Vec<u8>>) {
    let reply = match request {
        Request::Run {
            panel,
            world,
            language,
            code,
        } => {
            let run = session.run(panel.0, to_world(world), to_language(language), &code);
            Reply::Ran(report(run, &SourceText::new(code)))
        }
        Request::Plan { panel, query, mode } => {
            let mode = match mode {
                crate::wire::PlanMode::Plan => session::PlanMode::Plan,
                crate::wire::PlanMode::Analyze => session::PlanMode::Analyze,
            };
            match session.plan(panel.0, query as usize, mode) {
                Ok(explained) => Reply::Plan(report::plan(&explained)),
                Err(error) => Reply::Failed(problem(&error, &SourceText::new(""))),
            }
        }
        Request::Assist {
            world,
            language,
            code,
            cursor,
            what,
        } => Reply::Assist(assist::assist(
            session, world, language, &code, cursor, what,
        )),
        Request::Django { code } => {
            let run = session.django(&code);
            Reply::Django(report::django(run, &SourceText::new(code)))
        }
        Request::Rows {
            panel,
            set,
            start,
            count,
        } => match session.result(panel.0, set) {
            Some(result) => Reply::Rows(rows(result, start as usize, count as usize)),
            None => Reply::Failed(gone()),
        },
        Request::Export {
            panel,
            set,
            format,
            area,
        } => export(session, panel, set, format, area),
        Request::Reset { size } => market(session.reset(seed_size(size))),
        Request::Restore { size, journal } => {
            let entries = journal.iter().map(|entry| match entry {
                JournalEntry::Script(sql) => Entry::Script(sql),
                JournalEntry::Statement(sql, runs) => Entry::Statement(
                    sql,
                    runs.iter().map(|params| values::params(params)).collect(),
                ),
                JournalEntry::Definition(code) => Entry::Step(Step::Code(code.clone())),
                JournalEntry::Caused(sql) => Entry::Step(Step::Sql(sql.clone())),
            });
            market(session.restore(seed_size(size), entries))
        }
        Request::Catalog => Reply::Catalog(session.tables().into_iter().map(table).collect()),
        Request::ReadLesson { text } => {
            let page = lessons::read(&text);
            let source = SourceText::new(text);
            let problems = page.problems.iter().map(|it| problem(it, &source));
            Reply::Lesson(Rc::new(page.lesson), problems.collect())
        }
        Request::CheckAnswer {
            check,
            language,
            solution,
            code,
        } => match session::exercise::check(&check, language, &solution, &code) {
            Ok(verdict) => Reply::Verdict(verdict),
            Err(error) => Reply::Failed(problem(&error, &SourceText::new(solution))),
        },
        Request::ChartRows {
            panel,
            set,
            most,
            sums,
        } => match session.result(panel.0, set) {
            Some(result) => chart_rows(result, most as usize, sums.as_ref()),
            None => Reply::Failed(gone()),
        },
        Request::LostUpdate { scenario, steps } => {
            match session.lost_update(scenario, steps as usize) {
                Ok(played) => Reply::LostUpdate(Rc::new(played)),
                Err(error) => Reply::Failed(problem(&error, &SourceText::new(""))),
            }
        }
        Request::Frames { choice } => match session.frames(&choice) {
            Ok(frames) => Reply::Frames(Rc::new(frames)),
            Err(error) => Reply::Failed(problem(&error, &SourceText::new(""))),
        },
        Request::Help { language } => {
            Reply::Help(Rc::new(session::help::help(to_language(language))))
        }
        Request::Dashboard { filter } => {
            match session.dashboard(&super::dashboard::filter(filter)) {
                Ok(tiles) => Reply::Dashboard(Rc::new(super::dashboard::dashboard(tiles))),
                Err(error) => Reply::Failed(problem(&error, &SourceText::new(""))),
            }
        }
        Request::Query { sql, runs } => {
            let runs: Vec<_> = runs.iter().map(|params| values::params(params)).collect();
            let (outcomes, error, changes) = session.query(&sql, &runs);
            let mut blocks = Vec::new();
            let heads = outcomes
                .iter()
                .map(|(outcome, ms)| {
                    head(
                        &outcome.command,
                        outcome.row_count,
                        outcome.result.as_ref(),
                        *ms,
                        &mut blocks,
                    )
                })
                .collect();
            let reply = Reply::Values {
                heads,
                error: error.map(|error| problem(&error, &SourceText::new(sql))),
                changes: wire_changes(changes),
            };
            return (reply, blocks);
        }
        Request::Execute { sql } => {
            let run = session.execute(&sql);
            let mut blocks = Vec::new();
            let heads = run
                .outcomes
                .iter()
                .map(|outcome| {
                    head(
                        &outcome.command,
                        outcome.row_count,
                        outcome.result.as_ref(),
                        run.ms,
                        &mut blocks,
                    )
                })
                .collect();
            let reply = Reply::Values {
                heads,
                error: run
                    .error
                    .map(|error| problem(&error, &SourceText::new(sql))),
                changes: wire_changes(run.changes),
            };
            return (reply, blocks);
        }
    };
    (reply, Vec::new())
}

fn report(run: WorldRun, source: &SourceText) -> RunReport {
    let mut sets = 0..;
    let outcomes = run
        .outcomes
        .iter()
        .map(|outcome| StatementReport {
            command: outcome.command.clone(),
            row_count: outcome.row_count,
            table: outcome
                .result
                .as_ref()
                .map(|result| Rc::new(table_head(result, sets.next().unwrap_or(u32::MAX)))),
            notices: outcome
                .notices
                .iter()
                .map(|notice| Rc::new(problem(notice, source)))
                .collect(),
        })
        .collect();
    let value = run.value.map(|value| ValueReport {
        repr: report::shortened(value.repr),
        table: value
            .table
            .map(|result| Rc::new(table_head(&result, sets.next().unwrap_or(u32::MAX)))),
    });
    RunReport {
        outcomes,
        output: run.output,
        value,
        error: report::failure(run.error, run.traceback, source),
        ms: run.ms,
        changes: wire_changes(run.changes),
        queries: Rc::new(report::queries(&run.log, &run.advice, source)),
        journal: report::journal(run.steps),
        variables: run.variables,
    }
}

fn table_head(result: &ResultSet, set: u32) -> TableHead {
    TableHead {
        set,
        columns: columns(result),
        rows: u32::try_from(result.len()).unwrap_or(u32::MAX),
        first: rows(result, 0, FIRST_ROWS),
    }
}

pub fn to_world(world: crate::wire::World) -> session::WorldId {
    match world {
        crate::wire::World::Main => session::WorldId::Main,
        crate::wire::World::Medium => session::WorldId::Medium,
    }
}

pub fn to_language(language: crate::wire::Language) -> session::Language {
    match language {
        crate::wire::Language::Sql => session::Language::Sql,
        crate::wire::Language::Django => session::Language::Django,
    }
}

fn head(
    command: &str,
    row_count: u64,
    result: Option<&ResultSet>,
    ms: f64,
    blocks: &mut Vec<Vec<u8>>,
) -> ValuesHead {
    let columns = result.map(|result| {
        blocks.push(values::block(result));
        result
            .fields
            .iter()
            .map(|field| (field.name.clone(), field.ty.to_string()))
            .collect()
    });
    ValuesHead {
        command: command.to_owned(),
        row_count,
        columns,
        ms,
    }
}

fn columns(result: &ResultSet) -> Vec<ColumnHead> {
    result
        .fields
        .iter()
        .map(|field| ColumnHead {
            name: field.name.clone(),
            type_name: field.ty.to_string(),
            kind: kind(&field.ty),
        })
        .collect()
}

fn kind(ty: &Type) -> ColumnKind {
    match ty {
        Type::SmallInt | Type::Integer | Type::BigInt => ColumnKind::Integer,
        Type::Numeric(_) => ColumnKind::Decimal,
        Type::Real | Type::Double => ColumnKind::Float,
        Type::Boolean => ColumnKind::Boolean,
        Type::Date | Type::Time | Type::Timestamp | Type::TimestampTz => ColumnKind::Time,
        Type::Text
        | Type::Varchar(_)
        | Type::Char(_)
        | Type::Interval
        | Type::Uuid
        | Type::Json
        | Type::Jsonb
        | Type::Array(_)
        | Type::Record(_)
        | Type::Unknown => ColumnKind::Text,
    }
}

fn rows(result: &ResultSet, start: usize, count: usize) -> RowPage {
    let rows = values::rows(result, start)
        .take(count.min(MOST_ROWS))
        .map(|row| {
            row.iter()
                .zip(&result.fields)
                .map(|(value, field)| match value {
                    Value::Null => None,
                    value => Some(session::shown(value, &field.ty)),
                })
                .collect()
        })
        .collect();
    RowPage {
        start: u32::try_from(start).unwrap_or(u32::MAX),
        rows,
    }
}

fn chart_rows(result: &ResultSet, most: usize, sums: Option<&Sums>) -> Reply {
    let most = most.clamp(1, MOST_ROWS);
    let rows = match sums {
        Some(sums) => chart::sums(result, sums, most),
        None => Ok(chart::sample(result, most)),
    };
    match rows {
        Ok(rows) => Reply::ChartRows(rows),
        Err(error) => Reply::Failed(problem(&error, &SourceText::new(""))),
    }
}

fn export(
    session: &Session,
    panel: PanelId,
    set: u32,
    format: crate::wire::Format,
    area: Area,
) -> Reply {
    let format = match format {
        crate::wire::Format::Csv => Format::Csv,
        crate::wire::Format::Json => Format::Json,
        crate::wire::Format::Tsv => Format::Tsv,
    };
    let range = |(start, end): (u32, u32)| start as usize..end as usize;
    match session.export(panel.0, set, format, range(area.rows), range(area.columns)) {
        Some(text) => Reply::Exported(text),
        None => Reply::Failed(gone()),
    }
}

fn market(market: Result<session::Market>) -> Reply {
    match market {
        Ok(market) => Reply::Market(MarketInfo {
            size: wire_size(market.size),
            now: market.now,
            orders: market.orders,
        }),
        Err(error) => Reply::Failed(problem(&error, &SourceText::new(""))),
    }
}

fn table(table: session::Table) -> TableInfo {
    TableInfo {
        name: table.name,
        rows: table.rows,
        columns: table
            .columns
            .into_iter()
            .map(|column| ColumnInfo {
                name: column.name,
                type_name: column.type_name,
                nullable: column.nullable,
                primary_key: column.primary_key,
                unique: column.unique,
                references: column.references,
            })
            .collect(),
        constraints: table.constraints,
    }
}

fn seed_size(size: Size) -> session::Size {
    match size {
        Size::Small => session::Size::Small,
        Size::Medium => session::Size::Medium,
        Size::Large => session::Size::Large,
    }
}

fn wire_size(size: session::Size) -> Size {
    match size {
        session::Size::Small => Size::Small,
        session::Size::Medium => Size::Medium,
        session::Size::Large => Size::Large,
    }
}

pub(super) fn wire_changes(changes: session::Changes) -> Changes {
    match changes {
        session::Changes::None => Changes::None,
        session::Changes::Possible => Changes::Possible,
    }
}

/// A diagnostic in the page's units; the one place where bytes become UTF-16.
pub(super) fn problem(diagnostic: &Diagnostic, source: &SourceText) -> Problem {
    Problem {
        code: diagnostic.code.as_str().to_owned(),
        severity: match diagnostic.severity {
            Severity::Error => crate::wire::Severity::Error,
            Severity::Warning => crate::wire::Severity::Warning,
        },
        message: diagnostic.message.clone(),
        place: diagnostic.span.map(|span| place(span, source)),
        hints: diagnostic.hints.clone(),
        traceback: None,
    }
}

/// A span in the page's units.
pub(super) fn place(span: Span, source: &SourceText) -> Place {
    let at = source.line_column(span.start);
    Place {
        from: utf16(source.as_str(), span.start),
        to: utf16(source.as_str(), span.end),
        line: at.line,
        column: at.column,
    }
}

/// UTF-16 units before a byte offset.
pub fn utf16(text: &str, offset: u32) -> u32 {
    let mut end = (offset as usize).min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end)
        .unwrap_or_default()
        .chars()
        .map(|character| character.len_utf16() as u32)
        .sum()
}

/// The byte of a UTF-16 unit.
pub fn from_utf16(text: &str, units: u32) -> u32 {
    let mut before = 0;
    let found = text.char_indices().find(|(_, character)| {
        let here = before;
        before += character.len_utf16() as u32;
        here >= units
    });
    found.map_or(text.len(), |(at, _)| at) as u32
}

fn gone() -> Problem {
    Problem {
        code: "34000".into(),
        severity: crate::wire::Severity::Error,
        message: "these rows are no longer there".into(),
        place: None,
        hints: vec!["Run the statement again.".into()],
        traceback: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::diagnostic::sqlstate;

    #[test]
    fn places_count_utf16_units() {
        let source = SourceText::new("é😀\nSELEC x");
        let error = Diagnostic::error(sqlstate::SYNTAX_ERROR, "syntax error").at(Span::new(7, 12));
        let place = problem(&error, &source).place;
        assert_eq!(
            place,
            Some(Place {
                from: 4,
                to: 9,
                line: 2,
                column: 1
            })
        );
    }

    #[test]
    fn places_past_the_end_are_the_end() {
        let source = SourceText::new("SELECT");
        let error = Diagnostic::error(sqlstate::SYNTAX_ERROR, "syntax error").at(Span::new(6, 60));
        let place = problem(&error, &source)
            .place
            .map(|place| (place.from, place.to));
        assert_eq!(place, Some((6, 6)));
    }
}
