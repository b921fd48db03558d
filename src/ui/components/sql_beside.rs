use super::sql_text::sql_block;
use crate::app::format;
use crate::app::state::{PanelRun, RunState};
use crate::ui::shared::Shared;
use crate::wire::{Place, QueryInfo};
use yew::prelude::*;

/// Statements that are shown; the query log has them all.
const SHOWN: usize = 30;

/// Props of [`SqlBeside`].
#[derive(Clone, PartialEq, Properties)]
pub struct SqlBesideProps {
    /// The last run of the code.
    pub run: Option<Shared<PanelRun>>,
    /// The editor's line that has the cursor.
    pub line: Option<u32>,
    /// The editor's line of the statement under the pointer.
    pub on_point: Callback<Option<u32>>,
    /// A person wants to see the code of a statement; its place counts from the text that ran.
    pub on_select: Callback<Place>,
}

/// The SQL that Django code made, beside it; line and statement light up together.
#[component]
pub fn SqlBeside(props: &SqlBesideProps) -> Html {
    let Some(run) = &props.run else {
        return hint("The SQL that it makes appears here when it runs.");
    };
    let RunState::Done(report) = &run.state else {
        return hint("");
    };
    let queries = &report.queries.queries;
    if queries.is_empty() {
        return hint("It made no query.");
    }
    let before = run.source.lines;
    let hidden = (report.queries.count as usize).saturating_sub(SHOWN.min(queries.len()));
    html! {
        <aside class="live-sql" aria-label="SQL that the code made" tabindex="0">
            <ol class="statements">
                { for queries.iter().take(SHOWN).enumerate().map(|(at, query)| statement(at, query, before, props)) }
            </ol>
            if hidden > 0 {
                <p class="live-sql-hint">{ format!("and {} more, under Queries", format::count(hidden as u64, "statement")) }</p>
            }
        </aside>
    }
}

fn hint(text: &'static str) -> Html {
    html! { <aside class="live-sql"><p class="live-sql-hint">{ text }</p></aside> }
}

fn statement(at: usize, query: &QueryInfo, before: u32, props: &SqlBesideProps) -> Html {
    let line = query.place.map(|place| place.line + before);
    let lit = line.is_some() && line == props.line;
    let point = |line: Option<u32>| props.on_point.reform(move |_: MouseEvent| line);
    let onclick = query.place.map(|place| {
        let on_select = props.on_select.clone();
        Callback::from(move |_: MouseEvent| on_select.emit(place))
    });
    html! {
        <li key={at} class={classes!(lit.then_some("is-lit"))} onclick={onclick.clone()}
            onmouseenter={point(line)} onmouseleave={point(None)}>
            <p class="statement-head">
                if let Some(line) = line {
                    <button class="query-line" title="Show the code" {onclick}
                        onfocus={props.on_point.reform(move |_| Some(line))} onblur={props.on_point.reform(|_| None)}>{ format!("line {line}") }</button>
                }
                <span>{ format::time(query.ms) }</span>
            </p>
            { sql_block(&query.sql) }
        </li>
    }
}
