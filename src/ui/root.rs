use super::browser;
use super::client::Client;
use super::components::{Bar, NoticeBar, Palette, Rail};
use super::hooks::{
    Lessons, OwnPages, Solved, use_address, use_effects, use_lessons, use_own_pages, use_progress,
    use_shortcut,
};
use super::pages::{
    CoursePage, DashboardPage, HelpPage, OwnPageView, PhasePage, PlaygroundPage, SchemaPage, title,
};
use super::rehearsal::use_rehearsal;
use super::shared::Shared;
use crate::app::state::{Engine, Kept, PanelRun, Theme};
use crate::app::{Action, Address, AppState, Place, Progress, format, reduce};
use crate::lessons::Lesson;
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
        let kept = Kept {
            language: browser::kept("language")
                .and_then(|name| Language::from_name(&name))
                .unwrap_or_default(),
            theme: browser::kept("theme").map_or(Theme::System, |name| Theme::from_name(&name)),
            split: browser::kept("split").and_then(|split| split.parse().ok()),
        };
        Store(AppState::new(
            Address::from_fragment(&browser::fragment()),
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
        Place::Playground
        | Place::Course
        | Place::Own(_)
        | Place::Dashboard
        | Place::Schema
        | Place::Help(_) => None,
    };
    let lessons = use_lessons(&props.client, up, wanted);
    let own = use_own_pages(&props.client, up, &dispatch);
    let solved = use_progress();
    use_rehearsal(&lessons, &solved, &props.client);
    {
        let (client, dispatch) = (props.client.clone(), dispatch.clone());
        use_effect_with((), move |()| client.listen(dispatch));
    }
    use_address(&dispatch);
    use_effects(store.0.outbox().to_vec(), &props.client, &dispatch);
    use_shortcut("k", dispatch.reform(|()| Action::TogglePalette));
    let work = use_node_ref();
    {
        // A page begins at its top, wherever the last one was left.
        let work = work.clone();
        use_effect_with(store.0.place, move |_| {
            if let Some(work) = work.cast::<web_sys::Element>() {
                work.set_scroll_top(0);
            }
        });
    }

    let state = &store.0;
    let counts = counts(&lessons, &own, &solved);
    let titles: Vec<(u8, String)> = own
        .shelf
        .iter()
        .map(|(&number, page)| match &page.read {
            Some((lesson, _)) => (number, title(lesson).to_owned()),
            None => (number, page.page.file.clone()),
        })
        .collect();
    let ondrop = {
        let on_file = own.on_file.clone();
        Callback::from(move |event: DragEvent| {
            // An editor takes a file that is dropped on it as text.
            if let Some(file) = browser::dropped_file(&event)
                && !event.default_prevented()
            {
                event.prevent_default();
                on_file.emit(file);
            }
        })
    };
    let ondragover = Callback::from(|event: DragEvent| {
        if browser::drags_file(&event) {
            event.prevent_default();
        }
    });
    html! {
        <div class={classes!("frame", state.menu.is_shown().then_some("is-menu-open"))} {ondrop} {ondragover}>
            <a class="skip" href="#work">{ "Skip to the work area" }</a>
            <Bar engine={state.engine.clone()} market={state.market.clone().map(Shared)} size={state.size}
                theme={state.theme} dispatch={dispatch.clone()} />
            <Rail place={state.place} progress={counts.clone()} own={titles} dispatch={dispatch.clone()} />
            <div class="rail-cover" onclick={dispatch.reform(|_| Action::ToggleMenu)} />
            <main class="work" id="work" tabindex="-1" ref={work}>
                { progress(&state.engine) }
                if let Some(notice) = &state.notice {
                    <NoticeBar notice={Shared(notice.clone())} on_dismiss={dispatch.reform(|()| Action::DismissNotice)} />
                }
                { page(state, counts, &lessons, &own, &solved, &props.client, &dispatch) }
            </main>
            if state.palette.is_shown() {
                <Palette dispatch={dispatch.clone()} />
            }
        </div>
    }
}

fn page(
    state: &AppState,
    counts: Counts,
    lessons: &Lessons,
    own: &OwnPages,
    solved: &Solved,
    client: &Client,
    dispatch: &Callback<Action>,
) -> Html {
    let free = state.takes_runs();
    let place = state.place;
    match place {
        Place::Playground => html! {
            <PlaygroundPage engine={state.engine.clone()} run={state.run(PanelId::PLAYGROUND).cloned().map(Shared)} {free}
                history={state.history.clone()} language={state.language} opened={state.opened.clone().map(Shared)} catalog={state.catalog.clone()} split={state.split}
                client={client.clone()} dispatch={dispatch.clone()} />
        },
        Place::Course => html! {
            <CoursePage {counts} own={own.clone()} solved={solved.clone()} dispatch={dispatch.clone()} />
        },
        Place::Phase(number) => html! {
            <PhasePage key={number} {place} book={Progress::phase(number)} lesson={lessons.get(&number).cloned()} runs={runs(state)} {free}
                catalog={state.catalog.clone()} solved={solved.clone()} client={client.clone()} dispatch={dispatch.clone()} />
        },
        Place::Own(number) => html! {
            <OwnPageView key={own_key(number, own)} {number} own={own.clone()} runs={runs(state)} {free}
                catalog={state.catalog.clone()} solved={solved.clone()} client={client.clone()} dispatch={dispatch.clone()} />
        },
        Place::Dashboard => {
            html! { <DashboardPage market={state.market.clone().map(Shared)} ready={state.engine == Engine::Ready} client={client.clone()} /> }
        }
        Place::Help(language) => html! {
            <HelpPage key={language.name()} {language} client={client.clone()} dispatch={dispatch.clone()} />
        },
        Place::Schema => html! { <SchemaPage catalog={state.catalog.clone()} /> },
    }
}

/// A page that was loaded again is drawn anew.
fn own_key(number: u8, own: &OwnPages) -> String {
    let page = own.shelf.get(&number);
    let page = page.map_or(std::ptr::null(), |page| Rc::as_ptr(&page.page.0));
    format!("own-{number}-{page:p}")
}

fn runs(state: &AppState) -> BTreeMap<PanelId, Shared<PanelRun>> {
    let runs = state.panels.iter();
    runs.map(|(&panel, run)| (panel, Shared(run.clone())))
        .collect()
}

/// For each page that is there: how many exercises are solved, and how many there are.
type Counts = BTreeMap<Place, (usize, usize)>;

fn counts(lessons: &Lessons, own: &OwnPages, solved: &Solved) -> Counts {
    let count = |book: &str, lesson: &Lesson| {
        let exercises = lesson.exercises();
        let is_solved = |id: &str| solved.progress.is_solved(book, id);
        exercises.fold((0, 0), |(done, all), exercise| {
            (done + usize::from(is_solved(&exercise.id)), all + 1)
        })
    };
    let phases = lessons.iter().map(|(&number, lesson)| {
        let place = Place::Phase(number);
        (place, count(&Progress::phase(number), lesson))
    });
    let own = own.shelf.iter().filter_map(|(&number, page)| {
        let (lesson, _) = page.read.as_ref()?;
        let book = Progress::own(&page.page.slug());
        Some((Place::Own(number), count(&book, lesson)))
    });
    phases.chain(own).collect()
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
