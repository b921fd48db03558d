use super::{
    ChartView, ChartWish, Fetch, Grid, Icon, PlanRequest, PlanView, ProblemView, QueriesView,
    ResultTab, StatementsView, Timeline, icon,
};
use crate::app::chart::{Choice, is_drawable};
use crate::app::format::{self, HasRows};
use crate::app::state::{PanelRun, RunState};
use crate::lessons::chart::Chart;
use crate::ui::shared::Shared;
use crate::wire::{
    Area, ColumnHead, Format, Place, RunReport, StatementReport, TableHead, ValueReport,
};
use std::rc::Rc;
use yew::prelude::*;

/// Props of [`ResultView`].
#[derive(Clone, PartialEq, Properties)]
pub struct ResultViewProps {
    /// The last run; nothing has run when absent.
    pub run: Option<Shared<PanelRun>>,
    /// What stands there before anything has run.
    pub children: Html,
    /// What a run that has no answer yet is doing.
    #[prop_or(AttrValue::Static("Running…"))]
    pub doing: AttrValue,
    /// More rows of a result set are wanted.
    pub on_fetch: Callback<(u32, Fetch)>,
    /// Cells of a result set are wanted on the clipboard.
    pub on_copy: Callback<(u32, Area)>,
    /// A result set is wanted as a file.
    pub on_save: Callback<(u32, Format)>,
    /// The plan of a statement is wanted.
    pub on_plan: Callback<PlanRequest>,
    /// Rows for a chart are wanted.
    pub on_chart: Callback<ChartWish>,
    /// The chart that a table is shown as at first.
    #[prop_or_default]
    pub chart: Option<Chart>,
    /// The time of the longest of the runs that this one stands beside, in milliseconds.
    #[prop_or_default]
    pub beside: Option<f64>,
    /// A person wants to see the code of a statement; its place counts from the text that ran.
    #[prop_or_default]
    pub on_select: Callback<Place>,
    /// The editor's line of the statement under the pointer.
    #[prop_or_default]
    pub on_point: Callback<Option<u32>>,
    /// The editor's line that has the cursor.
    #[prop_or_default]
    pub line: Option<u32>,
}

/// What came of a run: a table, several, a message or a problem.
#[component]
pub fn ResultView(props: &ResultViewProps) -> Html {
    let chosen = use_state_eq(|| None::<usize>);
    let tab = use_state_eq(|| None::<ResultTab>);
    let drawn = use_state_eq(|| None::<Drawn>);
    let run_id = props.run.as_ref().map(|run| run.id);
    {
        let chosen = chosen.clone();
        use_effect_with(run_id, move |_| chosen.set(None));
    }
    let Some(run) = &props.run else {
        return html! { <div class="result"><div class="result-empty">{ props.children.clone() }</div></div> };
    };
    match &run.state {
        RunState::Running => html! {
            <div class="result" aria-busy="true">
                <div class="result-bar" role="status"><span class="result-progress" aria-hidden="true" />{ &props.doing }</div>
            </div>
        },
        RunState::Cancelled => note("Stopped before it was done. Run it again to see its result."),
        RunState::Stale => {
            note("The data has been replaced since this ran. Run it again to see its result.")
        }
        RunState::Refused(problem) => html! {
            <div class="result">
                <div class="result-bar" role="status"><span class="result-status is-bad">{ "Error" }</span></div>
                <div class="result-body">
                    <ProblemView problem={Shared(problem.clone())} source={run.source.text.to_string()}
                        lines_before={run.source.lines} />
                </div>
            </div>
        },
        RunState::Done(report) => {
            let parts = parts(report);
            // An error is what one wants to see first, else the last table that a script gave.
            let first_shown = match &report.error {
                Some(_) => parts.len().saturating_sub(1),
                None => parts
                    .iter()
                    .rposition(|part| matches!(part, Part::Table(..) | Part::Value(_)))
                    .unwrap_or(parts.len().saturating_sub(1)),
            };
            let shown = chosen
                .unwrap_or(first_shown)
                .min(parts.len().saturating_sub(1));
            let part = parts.get(shown);
            let statements = (parts.len() > 1).then(|| draw_statements(&parts, shown, &chosen));
            let table = part.and_then(table_of);
            let tabs = ResultTab::of(run.source.language, report, table.map(|table| &**table));
            let first = match (&props.chart, table) {
                (Some(_), Some(table)) if is_drawable(&table.columns, table.rows) => {
                    ResultTab::Chart
                }
                _ => ResultTab::Result,
            };
            // The tab stays from run to run where the run has it; an error is shown first.
            let open = match report.error {
                None => tab.filter(|tab| tabs.contains(tab)).unwrap_or(first),
                Some(_) => ResultTab::Result,
            };
            let body = match open {
                ResultTab::Result => html! {
                    <>
                    if !report.output.is_empty() { <pre class="result-output">{ &report.output }</pre> }
                    { part.map(|part| draw_part(props, run, report, part)).unwrap_or_else(|| nothing(report)) }
                    </>
                },
                ResultTab::Chart => {
                    table.map_or_else(Html::default, |table| draw_chart(props, run, table, &drawn))
                }
                ResultTab::Sql => html! {
                    <StatementsView report={Shared(report.queries.clone())} lines_before={run.source.lines}
                        line={props.line} on_select={props.on_select.clone()} on_point={props.on_point.clone()} />
                },
                ResultTab::Plan => html! {
                    <PlanView key={run.id.0} report={Shared(report.queries.clone())} on_plan={props.on_plan.clone()} />
                },
                ResultTab::Queries => html! {
                    <QueriesView report={Shared(report.queries.clone())} ms={report.ms} lines_before={run.source.lines}
                        line={props.line} on_select={props.on_select.clone()} on_point={props.on_point.clone()} />
                },
            };
            html! {
                <div class="result">
                    <div class="result-bar">
                        { draw_tabs(&tabs, open, report, &tab) }
                        if matches!(open, ResultTab::Result | ResultTab::Chart) { { statements.unwrap_or_default() } }
                        <span class="result-status" role="status">{ status(report, part) }</span>
                        <span class="result-time" title="The engine's own time for the whole run">{ format::time(report.ms) }</span>
                        { part.filter(|_| open == ResultTab::Result).map(|part| draw_tools(props, part)).unwrap_or_default() }
                    </div>
                    { advice_line(report, open, &tab) }
                    if report.queries.count > 0 && (props.beside.is_some() || open == ResultTab::Queries) {
                        <Timeline report={Shared(report.queries.clone())} ms={report.ms} scale={props.beside.unwrap_or_default()} />
                    }
                    <div class="result-body">{ body }</div>
                </div>
            }
        }
    }
}

/// A chart that a person has chosen, for results of these columns.
#[derive(Clone, PartialEq)]
struct Drawn {
    columns: Vec<ColumnHead>,
    choice: Choice,
}

/// One thing to show.
#[derive(Clone, Copy)]
enum Part<'a> {
    Table(&'a StatementReport, &'a Rc<TableHead>),
    Done(&'a StatementReport),
    Value(&'a ValueReport),
    Problem,
}

fn parts(report: &RunReport) -> Vec<Part<'_>> {
    let mut parts: Vec<_> = report
        .outcomes
        .iter()
        .map(|outcome| match &outcome.table {
            Some(table) => Part::Table(outcome, table),
            None => Part::Done(outcome),
        })
        .chain(report.value.iter().map(Part::Value))
        .collect();
    if report.error.is_some() {
        parts.push(Part::Problem);
    }
    parts
}

/// The table of a part that has one.
fn table_of<'a>(part: &Part<'a>) -> Option<&'a Rc<TableHead>> {
    match part {
        Part::Table(_, table) => Some(table),
        Part::Value(value) => value.table.as_ref(),
        Part::Done(_) | Part::Problem => None,
    }
}

fn note(text: &str) -> Html {
    html! { <div class="result"><p class="result-empty">{ text }</p></div> }
}

fn status(report: &RunReport, part: Option<&Part<'_>>) -> Html {
    match part {
        Some(Part::Table(outcome, _)) => html! { format::count(outcome.row_count, "row") },
        Some(Part::Done(outcome)) => {
            html! { format::command(&outcome.command, outcome.row_count, HasRows::No) }
        }
        Some(Part::Value(ValueReport {
            table: Some(table), ..
        })) => html! { format::count(u64::from(table.rows), "row") },
        Some(Part::Value(ValueReport { table: None, .. })) => html! { "Value" },
        Some(Part::Problem) => {
            let ran = report.outcomes.len() as u64;
            let before = match ran {
                0 => String::new(),
                _ => format!(" after {}", format::count(ran, "statement")),
            };
            html! { <span class="is-bad">{ "Error" }{ before }</span> }
        }
        None if report.queries.count > 0 || !report.output.is_empty() => html! { "Done" },
        None => html! { "Nothing to show" },
    }
}

/// A run without a value and without rows.
fn nothing(report: &RunReport) -> Html {
    let text = match (report.queries.count, report.output.is_empty()) {
        (_, false) => return Html::default(),
        (0, true) => {
            "It ran, and has nothing to show. The value of the last line appears here.".to_owned()
        }
        (count, true) => format!(
            "It ran {}. The value of the last line appears here.",
            format::count(u64::from(count), "query")
        ),
    };
    html! { <p class="result-message">{ text }</p> }
}

/// The first advice of a run, as long as its own tab is closed.
fn advice_line(
    report: &RunReport,
    open: ResultTab,
    tab: &UseStateHandle<Option<ResultTab>>,
) -> Html {
    let Some(advice) = report
        .queries
        .advice
        .first()
        .filter(|_| open != ResultTab::Queries)
    else {
        return Html::default();
    };
    let onclick = {
        let tab = tab.clone();
        Callback::from(move |_: MouseEvent| tab.set(Some(ResultTab::Queries)))
    };
    html! {
        <button class="advice-line" {onclick}>
            <strong>{ format!("{} {}", advice.count, advice.what) }</strong>
            <span>{ advice.mend.replace('`', "") }</span>
        </button>
    }
}

fn draw_tabs(
    tabs: &[ResultTab],
    open: ResultTab,
    report: &RunReport,
    tab: &UseStateHandle<Option<ResultTab>>,
) -> Html {
    if tabs.len() < 2 {
        return Html::default();
    }
    let buttons = tabs.iter().map(|&each| {
        let onclick = {
            let tab = tab.clone();
            Callback::from(move |_: MouseEvent| tab.set(Some(each)))
        };
        html! {
            <button class="tab" role="tab" aria-selected={(each == open).to_string()} {onclick}>
                { each.label(report) }
            </button>
        }
    });
    html! { <div class="tabs result-tabs" role="tablist" aria-label="Views of the result">{ for buttons }</div> }
}

fn draw_statements(
    parts: &[Part<'_>],
    shown: usize,
    chosen: &UseStateHandle<Option<usize>>,
) -> Html {
    let tabs = parts.iter().enumerate().map(|(place, part)| {
        let label = match part {
            Part::Table(outcome, _) | Part::Done(outcome) => {
                format!("{} {}", place + 1, outcome.command)
            }
            Part::Value(_) => "Value".to_owned(),
            Part::Problem => "Error".to_owned(),
        };
        let onclick = {
            let chosen = chosen.clone();
            Callback::from(move |_: MouseEvent| chosen.set(Some(place)))
        };
        html! {
            <button key={place} class="tab" role="tab" aria-selected={(place == shown).to_string()} {onclick}>
                { label }
            </button>
        }
    });
    html! { <div class="tabs" role="tablist" aria-label="Statements">{ for tabs }</div> }
}

fn draw_tools(props: &ResultViewProps, part: &Part<'_>) -> Html {
    let Some(table) = table_of(part) else {
        return Html::default();
    };
    let set = table.set;
    let save = |format: Format| {
        let on_save = props.on_save.clone();
        Callback::from(move |_: MouseEvent| on_save.emit((set, format)))
    };
    let copy = {
        let on_copy = props.on_copy.clone();
        Callback::from(move |_: MouseEvent| on_copy.emit((set, Area::ALL)))
    };
    html! {
        <span class="result-tools">
            <button class="button-quiet" onclick={copy} title="Copy all rows">{ icon(Icon::Copy) }<span>{ "Copy" }</span></button>
            <button class="button-quiet" onclick={save(Format::Csv)} title="Save as CSV">{ icon(Icon::Save) }<span>{ "CSV" }</span></button>
            <button class="button-quiet" onclick={save(Format::Json)} title="Save as JSON">{ icon(Icon::Save) }<span>{ "JSON" }</span></button>
        </span>
    }
}

fn draw_part(
    props: &ResultViewProps,
    run: &PanelRun,
    report: &Rc<RunReport>,
    part: &Part<'_>,
) -> Html {
    match part {
        Part::Table(outcome, table) => html! {
            <>
            { draw_notices(run, outcome) }
            { draw_table(props, run, table) }
            </>
        },
        Part::Value(ValueReport {
            table: Some(table), ..
        }) => draw_table(props, run, table),
        Part::Value(ValueReport { repr, table: None }) => {
            html! { <pre class="result-value">{ repr }</pre> }
        }
        Part::Done(outcome) => html! {
            <>
                { draw_notices(run, outcome) }
                <p class="result-message">{ format::command(&outcome.command, outcome.row_count, HasRows::No) }</p>
            </>
        },
        Part::Problem => match &report.error {
            Some(problem) => html! {
                <ProblemView problem={Shared(Rc::new(problem.clone()))} source={run.source.text.to_string()}
                    lines_before={run.source.lines} />
            },
            None => Html::default(),
        },
    }
}

fn draw_table(props: &ResultViewProps, run: &PanelRun, table: &Rc<TableHead>) -> Html {
    let set = table.set;
    html! {
        <Grid key={format!("{}-{set}", run.id.0)} table={Shared(table.clone())}
            label={format!("Result, {}", format::count(u64::from(table.rows), "row"))}
            on_fetch={props.on_fetch.reform(move |fetch| (set, fetch))}
            on_copy={props.on_copy.reform(move |area| (set, area))} />
    }
}

fn draw_chart(
    props: &ResultViewProps,
    run: &PanelRun,
    table: &Rc<TableHead>,
    drawn: &UseStateHandle<Option<Drawn>>,
) -> Html {
    // What was chosen stays from run to run as long as there are the same columns.
    let chosen = (**drawn).as_ref();
    let chosen = chosen.filter(|drawn| drawn.columns == table.columns);
    let on_choose = {
        let (drawn, columns) = (drawn.clone(), table.columns.clone());
        Callback::from(move |choice| {
            drawn.set(Some(Drawn {
                columns: columns.clone(),
                choice,
            }));
        })
    };
    html! {
        <ChartView key={format!("{}-{}", run.id.0, table.set)} table={Shared(table.clone())} wanted={props.chart.clone()}
            chosen={chosen.map(|drawn| drawn.choice.clone())} {on_choose} on_chart={props.on_chart.clone()} />
    }
}

fn draw_notices(run: &PanelRun, outcome: &StatementReport) -> Html {
    outcome
        .notices
        .iter()
        .map(|notice| {
            html! {
                <ProblemView problem={Shared(notice.clone())} source={run.source.text.to_string()}
                    lines_before={run.source.lines} />
            }
        })
        .collect()
}
