use super::panel::{run_button, run_callback};
use super::underlined;
use crate::app::Action;
use crate::app::format;
use crate::app::state::{Ending, Engine, HistoryEntry, PanelRun, RunState, Source};
use crate::lessons::presets::Panel;
use crate::ui::browser;
use crate::ui::client::Client;
use crate::ui::components::{Editor, EditorHandle, Icon, ResultView, Splitter, icon};
use crate::ui::hooks::use_results;
use crate::ui::shared::Shared;
use crate::wire::{Language, PanelId, TableInfo};
use std::rc::Rc;
use yew::prelude::*;

/// What a first visitor finds in the editor.
const FIRST_TEXT: &str = "-- Which products bring the most? Press Ctrl+Enter to run.
SELECT p.name,
       c.name AS category,
       SUM(i.quantity) AS units,
       SUM(i.quantity * i.unit_price) AS revenue
FROM order_item i
JOIN product p ON p.id = i.product_id
JOIN category c ON c.id = p.category_id
GROUP BY p.name, c.name
ORDER BY revenue DESC, p.name
LIMIT 20;
";

/// Longer texts are not kept between visits.
const KEPT_BYTES: usize = 200_000;

/// Props of [`PlaygroundPage`].
#[derive(Clone, PartialEq, Properties)]
pub struct PlaygroundPageProps {
    /// How the worker is.
    pub engine: Engine,
    /// The last run.
    pub run: Option<Shared<PanelRun>>,
    /// Whether the worker takes a run now.
    pub free: bool,
    /// Past runs, latest first.
    pub history: Rc<[HistoryEntry]>,
    /// Panels of the course to start from.
    pub examples: Rc<[Panel]>,
    /// The tables, for completion.
    pub catalog: Option<Rc<[TableInfo]>>,
    /// The editor's share, in thousandths.
    pub split: u16,
    /// The way to the worker.
    pub client: Client,
    /// What a person did.
    pub dispatch: Callback<Action>,
}

/// Editor above, result below; beside each other on wide screens.
#[component]
pub fn PlaygroundPage(props: &PlaygroundPageProps) -> Html {
    let handle = use_memo((), |()| EditorHandle::default());
    let text = use_memo((), |()| {
        AttrValue::from(browser::kept("playground").unwrap_or_else(|| FIRST_TEXT.to_owned()))
    });
    let results = use_results(&props.client, PanelId::PLAYGROUND);
    let problem = use_memo(props.run.clone(), |run| underlined(run.as_ref()));
    let past = use_state_eq(|| false);
    let command_key = browser::command_key();

    let on_run = run_callback(
        &handle,
        PanelId::PLAYGROUND,
        Language::Sql,
        &text,
        &props.dispatch,
    );
    let on_change = Callback::from(|text: String| {
        if text.len() <= KEPT_BYTES {
            browser::keep("playground", &text);
        }
    });
    let running = props
        .run
        .as_ref()
        .is_some_and(|run| run.state == RunState::Running);
    let toggle_past = {
        let past = past.clone();
        Callback::from(move |_: MouseEvent| past.set(!*past))
    };
    html! {
        <div class="playground" style={format!("--split: {}", f64::from(props.split) / 1000.0)}>
            <section class="playground-editor" aria-label="Editor">
                <div class="toolbar">
                    <div class="segments" role="group" aria-label="Language">
                        <button class="segment" aria-pressed="true">{ "SQL" }</button>
                        <button class="segment" aria-pressed="false" disabled=true title="Django code comes with the ORM">
                            { "Django" }<span class="tag">{ "soon" }</span>
                        </button>
                    </div>
                    <span class="toolbar-space" />
                    <button class="button-quiet" onclick={toggle_past.clone()} aria-expanded={past.to_string()} disabled={props.history.is_empty()}>
                        { icon(Icon::Clock) }<span>{ "History" }</span>
                    </button>
                    <kbd class="toolbar-hint">{ format!("{command_key} Enter") }</kbd>
                    { run_button(running, props.free, &on_run, &props.dispatch) }
                </div>
                <Editor text={(*text).clone()} label="SQL" handle={(*handle).clone()} problem={(*problem).clone()}
                    catalog={props.catalog.clone()} {on_run} {on_change} />
            </section>
            <Splitter value={props.split} on_move={props.dispatch.reform(Action::MoveSplit)}
                on_settle={props.dispatch.reform(|()| Action::KeepSplit)} />
            <section class="playground-result" aria-label="Result">
                <ResultView run={props.run.clone()} doing={doing(&props.engine)} on_fetch={results.on_fetch} on_copy={results.on_copy}
                    on_save={results.on_save}>
                    <p>{ "Press " }<kbd>{ format!("{command_key} Enter") }</kbd>{ " to run the statement; with a selection, only the selection runs." }</p>
                    { examples(&props.examples, &handle, &props.dispatch) }
                </ResultView>
            </section>
            if *past {
                { draw_past(&props.history, &handle, &past) }
            }
        </div>
    }
}

/// Questions to start from: each fills the editor and runs.
fn examples(panels: &Rc<[Panel]>, handle: &EditorHandle, dispatch: &Callback<Action>) -> Html {
    let buttons = panels.iter().filter_map(|panel| {
        let sql = panel.sql?;
        let (handle, dispatch) = (handle.clone(), dispatch.clone());
        let onclick = Callback::from(move |_: MouseEvent| {
            handle.set_text(sql);
            let source = Source {
                text: sql.into(),
                ..Source::default()
            };
            dispatch.emit(Action::Run {
                panel: PanelId::PLAYGROUND,
                source,
            });
        });
        Some(html! { <button key={panel.id} class="button" {onclick}>{ panel.title }</button> })
    });
    html! { <div class="examples" role="group" aria-label="Examples">{ for buttons }</div> }
}

/// What a run is doing, or waits for when the worker is not there yet.
fn doing(engine: &Engine) -> &'static str {
    match engine {
        Engine::Loading { .. } | Engine::Seeding => "It runs as soon as the engine is ready…",
        Engine::Ready | Engine::Running(_) | Engine::Failed(_) => "Running…",
    }
}

fn draw_past(
    history: &Rc<[HistoryEntry]>,
    handle: &EditorHandle,
    past: &UseStateHandle<bool>,
) -> Html {
    let entries = history.iter().map(|entry| {
        let onclick = {
            let (handle, past, text) = (handle.clone(), past.clone(), entry.text.clone());
            Callback::from(move |_: MouseEvent| {
                handle.set_text(&text);
                past.set(false);
            })
        };
        let class = match entry.ending {
            Ending::Good => "past-outcome",
            Ending::Bad => "past-outcome is-bad",
        };
        html! {
            <li key={entry.id.0}>
                <button {onclick}>
                    <code>{ first_lines(&entry.text) }</code>
                    <span {class}>{ &*entry.outcome }</span>
                </button>
            </li>
        }
    });
    let close = {
        let past = past.clone();
        Callback::from(move |_: MouseEvent| past.set(false))
    };
    html! {
        <aside class="past" aria-label="History">
            <header><h2>{ "History" }</h2><span>{ format::count(history.len() as u64, "run") }</span>
                <button class="button-quiet" aria-label="Close" onclick={close}>{ icon(Icon::Close) }</button>
            </header>
            <ol>{ for entries }</ol>
        </aside>
    }
}

/// The beginning of a text, for a list.
fn first_lines(text: &str) -> String {
    text.lines()
        .filter(|line| !line.trim_start().starts_with("--") && !line.trim().is_empty())
        .take(3)
        .collect::<Vec<_>>()
        .join("\n")
        .chars()
        .take(160)
        .collect()
}
