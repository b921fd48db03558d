use super::{Fetch, Grid, Icon, ProblemView, icon};
use crate::app::format::{self, HasRows};
use crate::app::state::{PanelRun, RunState};
use crate::ui::shared::Shared;
use crate::wire::{Area, Format, RunReport, StatementReport, TableHead};
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
}

/// What came of a run: a table, several, a message or a problem.
#[component]
pub fn ResultView(props: &ResultViewProps) -> Html {
    let chosen = use_state_eq(|| None::<usize>);
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
                    .rposition(|part| matches!(part, Part::Table(..)))
                    .unwrap_or(parts.len().saturating_sub(1)),
            };
            let shown = chosen
                .unwrap_or(first_shown)
                .min(parts.len().saturating_sub(1));
            let part = parts.get(shown);
            let tabs = (parts.len() > 1).then(|| draw_tabs(&parts, shown, &chosen));
            html! {
                <div class="result">
                    <div class="result-bar">
                        { tabs.unwrap_or_default() }
                        <span class="result-status" role="status">{ status(report, part) }</span>
                        <span class="result-time" title="The engine's own time for the whole run">{ format::time(report.ms) }</span>
                        { part.map(|part| draw_tools(props, part)).unwrap_or_default() }
                    </div>
                    <div class="result-body">
                        { part.map(|part| draw_part(props, run, report, part)).unwrap_or_else(|| html! {
                            <p class="result-message">{ "There was nothing to run." }</p>
                        }) }
                    </div>
                </div>
            }
        }
    }
}

/// One thing to show.
#[derive(Clone, Copy)]
enum Part<'a> {
    Table(&'a StatementReport, &'a Rc<TableHead>),
    Done(&'a StatementReport),
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
        .collect();
    if report.error.is_some() {
        parts.push(Part::Problem);
    }
    parts
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
        Some(Part::Problem) => {
            let ran = report.outcomes.len() as u64;
            let before = match ran {
                0 => String::new(),
                _ => format!(" after {}", format::count(ran, "statement")),
            };
            html! { <span class="is-bad">{ "Error" }{ before }</span> }
        }
        None => html! { "Nothing to run" },
    }
}

fn draw_tabs(parts: &[Part<'_>], shown: usize, chosen: &UseStateHandle<Option<usize>>) -> Html {
    let tabs = parts.iter().enumerate().map(|(place, part)| {
        let label = match part {
            Part::Table(outcome, _) | Part::Done(outcome) => {
                format!("{} {}", place + 1, outcome.command)
            }
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
    let Part::Table(_, table) = part else {
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
        Part::Table(outcome, table) => {
            let set = table.set;
            html! {
                <>
                { draw_notices(run, outcome) }
                <Grid key={format!("{}-{set}", run.id.0)} table={Shared((*table).clone())}
                    label={format!("Result, {}", format::count(outcome.row_count, "row"))}
                    on_fetch={props.on_fetch.reform(move |fetch| (set, fetch))}
                    on_copy={props.on_copy.reform(move |area| (set, area))} />
                </>
            }
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
