use super::sql_text::{sql_block, sql_line};
use super::timeline::span_of;
use crate::app::format;
use crate::ui::shared::Shared;
use crate::wire::{Advice, Place, QueryInfo, QueryReport, QueryRole};
use yew::prelude::*;

/// Props of [`QueriesView`] and [`StatementsView`].
#[derive(Clone, PartialEq, Properties)]
pub struct QueriesViewProps {
    /// The log.
    pub report: Shared<QueryReport>,
    /// How long the whole run took, in milliseconds.
    #[prop_or_default]
    pub ms: f64,
    /// Where the code starts in its editor, in lines; line numbers are the editor's.
    pub lines_before: u32,
    /// The editor's line that has the cursor.
    #[prop_or_default]
    pub line: Option<u32>,
    /// A person wants to see the code of a statement.
    pub on_select: Callback<Place>,
    /// The editor's line of the statement under the pointer or the cursor.
    #[prop_or_default]
    pub on_point: Callback<Option<u32>>,
    /// How many statements are listed at most.
    #[prop_or(usize::MAX)]
    pub most: usize,
}

/// The query log as a table, with advice on top. A click on a statement selects its code.
#[component]
pub fn QueriesView(props: &QueriesViewProps) -> Html {
    let report = &*props.report;
    let hidden = (report.count as usize).saturating_sub(report.queries.len());
    html! {
        <div class="queries">
            { for report.advice.iter().map(|advice| draw_advice(advice, props)) }
            <table class="queries-table">
                <thead><tr>
                    <th scope="col" class="is-number">{ "#" }</th>
                    <th scope="col" class="is-number">{ "ms" }</th>
                    <th scope="col" class="query-when">{ "timeline" }</th>
                    <th scope="col" class="is-number">{ "rows" }</th>
                    <th scope="col" class="is-number">{ "line" }</th>
                    <th scope="col">{ "look-alikes" }</th>
                    <th scope="col">{ "SQL" }</th>
                </tr></thead>
                <tbody>{ for report.queries.iter().enumerate().map(|(at, query)| draw_query(at, query, props)) }</tbody>
            </table>
            if hidden > 0 {
                <p class="result-message">{ format!("and {} more", format::count(hidden as u64, "query")) }</p>
            }
        </div>
    }
}

/// The statements of Django code, one under the other.
#[component]
pub fn StatementsView(props: &QueriesViewProps) -> Html {
    let queries = &props.report.queries;
    let statements = queries.iter().take(props.most).enumerate();
    let hidden = (props.report.count as usize).saturating_sub(props.most.min(queries.len()));
    html! {
        <>
        <ol class="statements">
            { for statements.map(|(at, query)| html! {
                <li key={at} class={row_class(query, props)} onclick={select(query, props)}
                    onmouseenter={point(query, props)} onmouseleave={props.on_point.reform(|_| None)}>
                    <p class="statement-head">
                        <span>{ at + 1 }</span>
                        { line_button(query, props, "line ") }
                        <span>{ format::time(query.ms) }</span>
                        { loads(query) }
                    </p>
                    { sql_block(&query.sql) }
                </li>
            }) }
        </ol>
        if hidden > 0 {
            <p class="result-message">{ format!("and {} more, under Queries", format::count(hidden as u64, "statement")) }</p>
        }
        </>
    }
}

/// The line that a statement came from; shows the code when pressed.
fn line_button(query: &QueryInfo, props: &QueriesViewProps, word: &str) -> Html {
    let Some(line) = line(query, props) else {
        return Html::default();
    };
    html! {
        <button class="query-line" title="Show the code" onclick={select(query, props)}
            onfocus={props.on_point.reform(move |_| Some(line))} onblur={props.on_point.reform(|_| None)}>
            { format!("{word}{line}") }
        </button>
    }
}

fn point(query: &QueryInfo, props: &QueriesViewProps) -> Callback<MouseEvent> {
    let line = line(query, props);
    props.on_point.reform(move |_| line)
}

fn line(query: &QueryInfo, props: &QueriesViewProps) -> Option<u32> {
    query.place.map(|place| place.line + props.lines_before)
}

fn row_class(query: &QueryInfo, props: &QueriesViewProps) -> Classes {
    let lit = props.line.is_some() && line(query, props) == props.line;
    classes!(
        lit.then_some("is-lit"),
        (query.role == QueryRole::Control).then_some("is-control"),
        query.rows.is_none().then_some("is-failed"),
    )
}

fn select(query: &QueryInfo, props: &QueriesViewProps) -> Option<Callback<MouseEvent>> {
    let (place, on_select) = (query.place?, props.on_select.clone());
    Some(Callback::from(move |_: MouseEvent| on_select.emit(place)))
}

fn loads(query: &QueryInfo) -> Html {
    match &query.loads {
        None if query.role == QueryRole::Migration => {
            html! { <span class="query-loads">{ "migration" }</span> }
        }
        Some(what) => html! { <span class="query-loads">{ format!("loads {what}") }</span> },
        None => Html::default(),
    }
}

fn draw_query(at: usize, query: &QueryInfo, props: &QueriesViewProps) -> Html {
    let rows = query.rows.map_or_else(
        || "failed".to_owned(),
        |rows| format::grouped(&rows.to_string()).into_owned(),
    );
    let look_alikes = match (query.similar, query.duplicate) {
        (_, duplicate @ 2..) if duplicate == query.similar => format!("{duplicate} duplicate"),
        (similar @ 2.., duplicate @ 2..) => format!("{similar} similar, {duplicate} duplicate"),
        (similar @ 2.., _) => format!("{similar} similar"),
        (_, _) => String::new(),
    };
    html! {
        <tr key={at} class={row_class(query, props)} onclick={select(query, props)}
            onmouseenter={point(query, props)} onmouseleave={props.on_point.reform(|_| None)}>
            <td class="is-number">{ at + 1 }</td>
            <td class="is-number">{ format!("{:.2}", query.ms) }</td>
            <td class="query-when"><span style={span_of(query, props.ms)} /></td>
            <td class="is-number">{ rows }</td>
            <td class="is-number">
                { line_button(query, props, "") }
            </td>
            <td class="query-alike">{ look_alikes }</td>
            <td class="query-sql">{ loads(query) }{ sql_line(&query.sql) }</td>
        </tr>
    }
}

fn draw_advice(advice: &Advice, props: &QueriesViewProps) -> Html {
    let line = advice.place.map_or_else(String::new, |place| {
        format!(", line {}", place.line + props.lines_before)
    });
    let onclick = advice.place.map(|place| {
        let on_select = props.on_select.clone();
        Callback::from(move |_: MouseEvent| on_select.emit(place))
    });
    let mend = advice.mend.split('`').enumerate().map(|(number, part)| {
        let part = part.to_owned();
        match number % 2 {
            1 => html! { <code>{ part }</code> },
            _ => html! { part },
        }
    });
    html! {
        <p class="advice" role="status" {onclick}>
            <strong>{ format!("{} {}{line}", advice.count, advice.what) }</strong>
            <span>{ for mend }</span>
        </p>
    }
}
