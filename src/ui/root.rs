use super::browser;
use super::client::Client;
use super::components::{Bar, NoticeBar, Palette, Rail};
use super::hooks::{use_address, use_effects, use_shortcut};
use super::pages::{DashboardPage, PhasePage, PlaygroundPage, SchemaPage};
use super::shared::Shared;
use crate::app::state::{Engine, Kept, Theme};
use crate::app::{Action, AppState, Place, format, reduce};
use crate::lessons::presets::{self as lessons, Panel, Phase};
use crate::wire::{Language, PanelId};
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
    let phases = use_memo((), |()| Rc::<[Phase]>::from(lessons::phases()));
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
            <Rail place={state.place} phases={(*phases).clone()} dispatch={dispatch.clone()} />
            <div class="rail-cover" onclick={dispatch.reform(|_| Action::ToggleMenu)} />
            <main class="work" id="work" tabindex="-1">
                { progress(&state.engine) }
                if let Some(notice) = &state.notice {
                    <NoticeBar notice={Shared(notice.clone())} on_dismiss={dispatch.reform(|()| Action::DismissNotice)} />
                }
                { page(state, &phases, &props.client, &dispatch) }
            </main>
            if state.palette.is_shown() {
                <Palette phases={(*phases).clone()} dispatch={dispatch.clone()} />
            }
        </div>
    }
}

fn page(
    state: &AppState,
    phases: &Rc<[Phase]>,
    client: &Client,
    dispatch: &Callback<Action>,
) -> Html {
    let free = state.takes_runs();
    match state.place {
        Place::Playground => html! {
            <PlaygroundPage engine={state.engine.clone()} run={state.run(PanelId::PLAYGROUND).cloned().map(Shared)} {free}
                history={state.history.clone()} language={state.language} examples={examples(phases)} catalog={state.catalog.clone()} split={state.split}
                client={client.clone()} dispatch={dispatch.clone()} />
        },
        Place::Phase(number) => match phases.iter().find(|phase| phase.number == number) {
            Some(phase) => {
                let runs = state
                    .panels
                    .iter()
                    .map(|(&panel, run)| (panel, Shared(run.clone())))
                    .collect::<std::collections::BTreeMap<_, _>>();
                html! {
                    <PhasePage key={number} phase={phase.clone()} {runs} {free} catalog={state.catalog.clone()}
                        client={client.clone()} dispatch={dispatch.clone()} />
                }
            }
            None => Html::default(),
        },
        Place::Dashboard => {
            html! { <DashboardPage market={state.market.clone().map(Shared)} ready={state.engine == Engine::Ready} client={client.clone()} /> }
        }
        Place::Schema => html! { <SchemaPage catalog={state.catalog.clone()} /> },
    }
}

/// Panels that make good first questions, one of each kind.
fn examples(phases: &[Phase]) -> Rc<[Panel]> {
    const TITLES: [&str; 4] = [
        "Products by price",
        "Spending per customer",
        "Orders by status",
        "Last order date per customer",
    ];
    phases
        .iter()
        .flat_map(|phase| &phase.panels)
        .filter(|panel| TITLES.contains(&panel.title))
        .cloned()
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
