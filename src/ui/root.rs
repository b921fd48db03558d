use super::browser;
use super::client::Client;
use super::components::{Bar, NoticeBar, Palette, Rail};
use super::hooks::{
    Lessons, Progress, use_address, use_effects, use_lessons, use_progress, use_shortcut,
};
use super::pages::{DashboardPage, PhasePage, PlaygroundPage, SchemaPage};
use super::shared::Shared;
use crate::app::state::{Engine, Kept, Theme};
use crate::app::{Action, AppState, Place, format, reduce};
use crate::wire::{Language, PanelId};
use std::collections::BTreeMap;
use std::rc::Rc;
use yew::prelude::*;

/// The state behind Yew's reducer hook.
struct Store(AppState);

impl Reducible for Store {
    type Action = Action;

    fn reduce(self: Rc<Self>, action: Action) -> Rc<Self> {
        match reduce::reduce(&self.0, action) {
            Some(next) => Rc::new(Self(next)),
            None => self,
        }
    }
}

/// Props of [`Root`].
#[derive(Clone, PartialEq, Properties)]
pub struct RootProps {
    /// The way to the worker.
    pub client: Client,
}

/// The whole page.
#[component]
pub fn Root(props: &RootProps) -> Html {
    let store = use_reducer(|| {
        let fragment = browser::fragment();
        let asked = fragment.strip_prefix("#/playground/");
        let kept = Kept {
            language: asked
                .and_then(Language::from_name)
                .or_else(|| Language::from_name(&browser::kept("language")?))
                .unwrap_or_default(),
            theme: browser::kept("theme").map_or(Theme::System, |name| Theme::from_name(&name)),
            split: browser::kept("split").and_then(|split| split.parse().ok()),
        };
        Store(AppState::new(
            Place::from_fragment(&browser::fragment()),
            &kept,
        ))
    });
    let dispatch = {
        let dispatcher = store.dispatcher();
        (*use_memo((), |()| {
            Callback::from(move |action| dispatcher.dispatch(action))
        }))
        .clone()
    };
    let up = matches!(store.0.engine, Engine::Ready | Engine::Running(_));
    let wanted = match store.0.place {
        Place::Phase(number) => Some(number),
        Place::Playground | Place::Dashboard | Place::Schema => None,
    };
    let lessons = use_lessons(&props.client, up, wanted);
    let solved = use_progress();
    {
        let (client, dispatch) = (props.client.clone(), dispatch.clone());
        use_effect_with((), move |()| client.listen(dispatch));
    }
    use_address(&dispatch);
    use_effects(store.0.outbox().to_vec(), &props.client, &dispatch);
    use_shortcut("k", dispatch.reform(|()| Action::TogglePalette));

    let state = &store.0;
    html! {
        <div class={classes!("frame", state.menu.is_shown().then_some("is-menu-open"))}>
            <a class="skip" href="#work">{ "Skip to the work area" }</a>
            <Bar engine={state.engine.clone()} market={state.market.clone().map(Shared)} size={state.size}
                theme={state.theme} dispatch={dispatch.clone()} />
            <Rail place={state.place} progress={counts(&lessons, &solved)} dispatch={dispatch.clone()} />
            <div class="rail-cover" onclick={dispatch.reform(|_| Action::ToggleMenu)} />
            <main class="work" id="work" tabindex="-1">
                { progress(&state.engine) }
                if let Some(notice) = &state.notice {
                    <NoticeBar notice={Shared(notice.clone())} on_dismiss={dispatch.reform(|()| Action::DismissNotice)} />
                }
                { page(state, &lessons, &solved, &props.client, &dispatch) }
            </main>
            if state.palette.is_shown() {
                <Palette dispatch={dispatch.clone()} />
            }
        </div>
    }
}

fn page(
    state: &AppState,
    lessons: &Lessons,
    solved: &Progress,
    client: &Client,
    dispatch: &Callback<Action>,
) -> Html {
    let free = state.takes_runs();
    match state.place {
        Place::Playground => html! {
            <PlaygroundPage engine={state.engine.clone()} run={state.run(PanelId::PLAYGROUND).cloned().map(Shared)} {free}
                history={state.history.clone()} language={state.language} catalog={state.catalog.clone()} split={state.split}
                client={client.clone()} dispatch={dispatch.clone()} />
        },
        Place::Phase(number) => {
            let runs = state
                .panels
                .iter()
                .map(|(&panel, run)| (panel, Shared(run.clone())))
                .collect::<BTreeMap<_, _>>();
            html! {
                <PhasePage key={number} {number} lesson={lessons.get(&number).cloned()} {runs} {free}
                    catalog={state.catalog.clone()} progress={solved.clone()} client={client.clone()}
                    dispatch={dispatch.clone()} />
            }
        }
        Place::Dashboard => {
            html! { <DashboardPage market={state.market.clone().map(Shared)} ready={state.engine == Engine::Ready} client={client.clone()} /> }
        }
        Place::Schema => html! { <SchemaPage catalog={state.catalog.clone()} /> },
    }
}

/// For each page that is there: how many exercises are solved, and how many there are.
fn counts(lessons: &Lessons, solved: &Progress) -> BTreeMap<u8, (usize, usize)> {
    let lessons = lessons.iter();
    lessons
        .map(|(&number, lesson)| (number, (solved.count(number), lesson.exercises().count())))
        .collect()
}

/// How far the worker is, until it is ready.
fn progress(engine: &Engine) -> Html {
    let (text, share) = match engine {
        Engine::Ready | Engine::Running(_) => return Html::default(),
        Engine::Failed(message) => {
            return html! {
                <div class="notice notice-fault" role="alert">
                    <p><strong>{ "The engine could not be started. " }</strong>{ &**message }</p>
                    <button class="button" onclick={Callback::from(|_: MouseEvent| {
                        if let Some(window) = browser::window() {
                            window.location().reload().ok();
                        }
                    })}>{ "Reload the page" }</button>
                </div>
            };
        }
        Engine::Loading { received, total } => {
            let text = match total {
                Some(total) => format!(
                    "Loading the engine, {} of {}",
                    format::megabytes(*received),
                    format::megabytes(*total)
                ),
                None if *received > 0.0 => {
                    format!("Loading the engine, {}", format::megabytes(*received))
                }
                None => "Loading the engine".to_owned(),
            };
            (text, total.map(|total| received / total))
        }
        Engine::Seeding => ("Making the marketplace".to_owned(), None),
    };
    let bar = match share {
        Some(share) => {
            html! { <span class="loading-bar" style={format!("--share: {share:.3}")} /> }
        }
        None => html! { <span class="loading-bar is-unknown" /> },
    };
    html! { <div class="loading" role="status">{ bar }<span>{ text }</span></div> }
}
