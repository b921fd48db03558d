use super::live_code::LiveCode;
use crate::app::Action;
use crate::app::state::{PanelRun, RunState};
use crate::lessons::Lesson;
use crate::lessons::lesson::{Code, Language, Panel, Section};
use crate::ui::client::Client;
use crate::ui::components::{EditorHandle, blocks, fold, widget};
use crate::ui::pages::params::Params;
use crate::ui::shared::Shared;
use crate::wire::{PanelId, TableInfo};
use std::collections::BTreeMap;
use std::rc::Rc;
use yew::prelude::*;

/// Props of [`PanelSection`].
#[derive(Clone, PartialEq, Properties)]
pub struct PanelSectionProps {
    /// The page.
    pub lesson: Shared<Lesson>,
    /// Which of its sections.
    pub place: usize,
    /// The panel number of its first code; the others follow.
    pub id: PanelId,
    /// The last runs of its codes.
    pub runs: BTreeMap<PanelId, Shared<PanelRun>>,
    /// Whether the worker takes a run now.
    pub free: bool,
    /// The tables, for completion.
    pub catalog: Option<Rc<[TableInfo]>>,
    /// The way to the worker.
    pub client: Client,
    /// What a person did.
    pub dispatch: Callback<Action>,
}

/// A panel of a lesson: its task, controls, code in both languages, results, what is underneath.
#[component]
pub fn PanelSection(props: &PanelSectionProps) -> Html {
    let Some(Section::Panel(panel)) = props.lesson.sections.get(props.place) else {
        return Html::default();
    };
    let handles = use_memo(panel.codes.len(), |count| {
        (0..*count)
            .map(|_| EditorHandle::default())
            .collect::<Vec<_>>()
    });
    let first = panel
        .codes
        .first()
        .map_or(Language::Django, |code| code.language);
    let language = use_state_eq(|| first);
    let languages: Vec<Language> = Language::ALL
        .into_iter()
        .filter(|language| panel.codes.iter().any(|code| code.language == *language))
        .collect();
    let heading = format!("panel-{}", props.id.0);
    let aside = panel
        .codes
        .iter()
        .filter(|code| code.label.is_some())
        .count()
        > 1;
    let beside = aside.then(|| longest(&props.runs));
    let live = |place: usize, code: &Code| {
        let id = PanelId(props.id.0 + place as u32);
        let handle = handles.get(place).cloned().unwrap_or_default();
        let label = match &code.label {
            Some(label) => format!("{}, {label}: {}", panel.title, code.language.name()),
            None => format!("{}: {}", panel.title, code.language.name()),
        };
        html! {
            <LiveCode code={code.clone()} {label} {id} run={props.runs.get(&id).cloned()} {beside} {handle} free={props.free}
                catalog={props.catalog.clone()} client={props.client.clone()} dispatch={props.dispatch.clone()} />
        }
    };
    let codes = panel.codes.iter().enumerate().map(|(place, code)| {
        // What is behind another tab stays as it is, out of sight.
        html! {
            <div key={place} class="panel-code" hidden={code.language != *language}>
                if let Some(label) = &code.label {
                    <h3 class="panel-label">{ label }</h3>
                }
                { live(place, code) }
            </div>
        }
    });
    html! {
        <section class="panel" aria-labelledby={heading.clone()}>
            <header class="panel-head">
                <h2 id={heading}>{ &panel.title }</h2>
                if languages.len() > 1 {
                    { tabs(&languages, &language) }
                }
            </header>
            <div class="prose panel-task">{ blocks(&panel.task) }</div>
            if let Some(special) = panel.widget {
                { widget(special, props.catalog.as_ref(), &props.client) }
            }
            <Params params={panel.params.clone()} codes={panel.codes.clone()} handles={(*handles).clone()} first={props.id}
                shown={*language} client={props.client.clone()} dispatch={props.dispatch.clone()} />
            <div class={classes!("panel-codes", aside.then_some("is-beside"))}>{ for codes }</div>
            { notes(panel) }
        </section>
    }
}

/// The time of the longest run that is done, in milliseconds.
fn longest(runs: &BTreeMap<PanelId, Shared<PanelRun>>) -> f64 {
    runs.values()
        .map(|run| match &run.state {
            RunState::Done(report) => report.ms,
            RunState::Running | RunState::Cancelled | RunState::Stale | RunState::Refused(_) => 0.0,
        })
        .fold(0.0, f64::max)
}

/// SQL or Django, for a panel that has both.
pub fn tabs(languages: &[Language], chosen: &UseStateHandle<Language>) -> Html {
    let tab = |each: Language| {
        let onclick = {
            let chosen = chosen.clone();
            Callback::from(move |_: MouseEvent| chosen.set(each))
        };
        html! {
            <button class="segment" aria-pressed={(each == **chosen).to_string()} {onclick}>{ each.name() }</button>
        }
    };
    html! {
        <div class="segments" role="group" aria-label="Language">{ for languages.iter().map(|each| tab(*each)) }</div>
    }
}

fn notes(panel: &Panel) -> Html {
    if panel.notes.is_empty() && panel.folds.is_empty() {
        return Html::default();
    }
    html! {
        <div class="panel-foot">
            if !panel.notes.is_empty() {
                <div class="prose">{ blocks(&panel.notes) }</div>
            }
            { for panel.folds.iter().map(|it| fold(html! { &it.title }, &it.body)) }
        </div>
    }
}
