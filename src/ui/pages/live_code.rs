use super::underlined;
use crate::app::Action;
use crate::app::state::{PanelRun, RunState, Source};
use crate::lessons::lesson::{self, Code, Data};
use crate::ui::client::Client;
use crate::ui::components::{Editor, EditorHandle, Icon, ResultView, SqlBeside, icon};
use crate::ui::hooks::use_results;
use crate::ui::shared::Shared;
use crate::wire::{Language, PanelId, TableInfo, World};
use std::rc::Rc;
use yew::prelude::*;

/// The wire's word for a lesson's language.
pub fn language_of(language: lesson::Language) -> Language {
    match language {
        lesson::Language::Django => Language::Django,
        lesson::Language::Sql => Language::Sql,
    }
}

/// Props of [`LiveCode`].
#[derive(Clone, PartialEq, Properties)]
pub struct LiveCodeProps {
    /// The code.
    pub code: Code,
    /// What it is, for screen readers.
    pub label: AttrValue,
    /// The panel whose results these are.
    pub id: PanelId,
    /// Its last run.
    pub run: Option<Shared<PanelRun>>,
    /// The time of the longest of the runs that this one stands beside, in milliseconds.
    #[prop_or_default]
    pub beside: Option<f64>,
    /// The way to the editor.
    pub handle: EditorHandle,
    /// Whether the worker takes a run now.
    pub free: bool,
    /// The tables, for completion.
    pub catalog: Option<Rc<[TableInfo]>>,
    /// What Ctrl/Cmd+Enter does; without it, it runs the code.
    #[prop_or_default]
    pub on_submit: Option<Callback<()>>,
    /// What stands beside Run.
    #[prop_or_default]
    pub tools: Html,
    /// What stands between the editor and the result.
    #[prop_or_default]
    pub children: Html,
    /// The way to the worker.
    pub client: Client,
    /// What a person did.
    pub dispatch: Callback<Action>,
}

/// Code of a lesson: to read, to change, to run, with its result below.
#[component]
pub fn LiveCode(props: &LiveCodeProps) -> Html {
    let results = use_results(&props.client, props.id);
    let problem = use_memo(props.run.clone(), |run| underlined(run.as_ref()));
    let line = use_state_eq(|| None::<u32>);
    let language = language_of(props.code.language);
    let world = match props.code.data {
        Data::Own => World::Main,
        Data::Medium => World::Medium,
    };
    let on_run = run_callback(
        &props.handle,
        props.id,
        language,
        world,
        &props.code.text,
        &props.dispatch,
    );
    let running = props
        .run
        .as_ref()
        .is_some_and(|run| run.state == RunState::Running);
    let offset = props.run.as_ref().map_or(0, |run| run.source.offset);
    let on_select = {
        let handle = props.handle.clone();
        Callback::from(move |place: crate::wire::Place| {
            handle.select(place.from + offset, place.to + offset)
        })
    };
    let on_cursor = {
        let line = line.clone();
        Callback::from(move |at| line.set(Some(at)))
    };
    let on_point = {
        let handle = props.handle.clone();
        Callback::from(move |line| handle.light(line))
    };
    html! {
        <div class="live">
            <div class={classes!("live-code", (language == Language::Django).then_some("has-sql"))}>
            <Editor text={props.code.text.clone()} label={props.label.clone()} {language} handle={props.handle.clone()}
                problem={(*problem).clone()} catalog={props.catalog.clone()} assist={(props.client.clone(), world)}
                on_run={props.on_submit.clone().unwrap_or_else(|| on_run.clone())} {on_cursor} />
            if language == Language::Django {
                <SqlBeside run={props.run.clone()} line={*line} on_point={on_point.clone()} on_select={on_select.clone()} />
            }
            </div>
            <div class="live-bar">
                if world == World::Medium {
                    <span class="tag" title="It runs on 10,000 orders of its own, whatever the bar says">{ "Medium data" }</span>
                }
                <span class="toolbar-space" />
                { run_button(running, props.free, props.on_submit.is_some(), &on_run, &props.dispatch) }
                { props.tools.clone() }
            </div>
            { props.children.clone() }
            if props.run.is_some() {
                <ResultView run={props.run.clone()} on_fetch={results.on_fetch} on_copy={results.on_copy}
                    on_save={results.on_save} on_plan={results.on_plan} on_chart={results.on_chart}
                    chart={props.code.chart.clone()} beside={props.beside} {on_select} {on_point} line={*line}>{ Html::default() }</ResultView>
            }
        </div>
    }
}

/// Runs what an editor holds; `text` stands in until the editor is there.
pub fn run_callback(
    handle: &EditorHandle,
    panel: PanelId,
    language: Language,
    world: World,
    text: &str,
    dispatch: &Callback<Action>,
) -> Callback<()> {
    let (handle, text, dispatch) = (handle.clone(), Rc::<str>::from(text), dispatch.clone());
    Callback::from(move |()| {
        let source = handle.source().unwrap_or_else(|| Source {
            text: text.clone(),
            ..Source::default()
        });
        let source = Source {
            language,
            world,
            ..source
        };
        dispatch.emit(Action::Run { panel, source });
    })
}

/// Run, or Cancel while it runs, in the same place; quiet where another button comes first.
pub fn run_button(
    running: bool,
    free: bool,
    quiet: bool,
    on_run: &Callback<()>,
    dispatch: &Callback<Action>,
) -> Html {
    let look = if quiet { "button" } else { "button button-run" };
    if running {
        html! {
            <button class="button button-run button-stop" onclick={dispatch.reform(|_| Action::Cancel)}>
                { icon(Icon::Stop) }<span>{ "Cancel" }</span>
            </button>
        }
    } else {
        html! {
            <button class={look} disabled={!free} onclick={on_run.reform(|_| ())} title="Run (Ctrl+Enter)">
                { icon(Icon::Play) }<span>{ "Run" }</span>
            </button>
        }
    }
}
