use super::underlined;
use crate::app::Action;
use crate::app::state::{PanelRun, RunState, Source};
use crate::lessons::presets::Panel;
use crate::ui::client::Client;
use crate::ui::components::{Editor, EditorHandle, Icon, ResultView, icon};
use crate::ui::hooks::use_results;
use crate::ui::shared::Shared;
use crate::wire::{Language, PanelId, TableInfo, World};
use std::rc::Rc;
use yew::prelude::*;

/// Props of [`PanelView`].
#[derive(Clone, PartialEq, Properties)]
pub struct PanelViewProps {
    /// The preset.
    pub panel: Panel,
    /// Its last run.
    pub run: Option<Shared<PanelRun>>,
    /// Whether the worker takes a run now.
    pub free: bool,
    /// The tables, for completion.
    pub catalog: Option<Rc<[TableInfo]>>,
    /// The way to the worker.
    pub client: Client,
    /// What a person did.
    pub dispatch: Callback<Action>,
}

/// A preset of a lesson: its task, its text to change and run, its result.
#[component]
pub fn PanelView(props: &PanelViewProps) -> Html {
    let handle = use_memo((), |()| EditorHandle::default());
    let results = use_results(&props.client, PanelId(props.panel.id));
    let problem = use_memo(props.run.clone(), |run| underlined(run.as_ref()));
    let Some(sql) = props.panel.sql else {
        return html! {
            <section class="panel panel-coming" aria-labelledby={heading_id(props.panel.id)}>
                <h2 id={heading_id(props.panel.id)}>{ props.panel.title }<span class="tag">{ "Coming" }</span></h2>
                <p class="panel-task">{ prose(&props.panel.task) }</p>
            </section>
        };
    };
    let on_run = run_callback(
        &handle,
        PanelId(props.panel.id),
        Language::Sql,
        sql,
        &props.dispatch,
    );
    let running = props
        .run
        .as_ref()
        .is_some_and(|run| run.state == RunState::Running);
    html! {
        <section class="panel" aria-labelledby={heading_id(props.panel.id)}>
            <header class="panel-head">
                <h2 id={heading_id(props.panel.id)}>{ props.panel.title }</h2>
                { run_button(running, props.free, &on_run, &props.dispatch) }
            </header>
            <p class="panel-task">{ prose(&props.panel.task) }</p>
            <Editor text={sql} label={format!("SQL of {}", props.panel.title)} handle={(*handle).clone()}
                problem={(*problem).clone()} catalog={props.catalog.clone()} assist={(props.client.clone(), World::Main)} {on_run} />
            <ResultView run={props.run.clone()} on_fetch={results.on_fetch} on_copy={results.on_copy}
                on_save={results.on_save} on_plan={results.on_plan}>{ "Run it to see the rows." }</ResultView>
        </section>
    }
}

/// Runs what an editor holds; `text` stands in until the editor is there.
pub fn run_callback(
    handle: &EditorHandle,
    panel: PanelId,
    language: Language,
    text: &str,
    dispatch: &Callback<Action>,
) -> Callback<()> {
    let (handle, text, dispatch) = (handle.clone(), Rc::<str>::from(text), dispatch.clone());
    Callback::from(move |()| {
        let source = handle.source().unwrap_or_else(|| Source {
            text: text.clone(),
            ..Source::default()
        });
        let source = Source { language, ..source };
        dispatch.emit(Action::Run { panel, source });
    })
}

/// Run, or Cancel while it runs, in the same place.
pub fn run_button(
    running: bool,
    free: bool,
    on_run: &Callback<()>,
    dispatch: &Callback<Action>,
) -> Html {
    if running {
        html! {
            <button class="button button-run button-stop" onclick={dispatch.reform(|_| Action::Cancel)}>
                { icon(Icon::Stop) }<span>{ "Cancel" }</span>
            </button>
        }
    } else {
        html! {
            <button class="button button-run" disabled={!free} onclick={on_run.reform(|_| ())} title="Run (Ctrl+Enter)">
                { icon(Icon::Play) }<span>{ "Run" }</span>
            </button>
        }
    }
}

/// Prose with `code` in it.
pub fn prose(text: &str) -> Html {
    text.split('`')
        .enumerate()
        .map(|(number, part)| {
            let part = part.to_owned();
            if number % 2 == 1 {
                html! { <code>{ part }</code> }
            } else {
                html! { part }
            }
        })
        .collect()
}

fn heading_id(panel: u32) -> String {
    format!("panel-{panel}")
}
