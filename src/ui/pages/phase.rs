use super::exercise::ExerciseSection;
use super::panel::PanelSection;
use crate::app::reduce::next_place;
use crate::app::state::PanelRun;
use crate::app::{Action, Place};
use crate::lessons::lesson::{Question, Section};
use crate::lessons::{Lesson, PHASES};
use crate::ui::client::Client;
use crate::ui::components::{Icon, blocks, icon, inlines};
use crate::ui::hooks::Solved;
use crate::ui::shared::Shared;
use crate::wire::{PanelId, TableInfo};
use std::collections::BTreeMap;
use std::rc::Rc;
use yew::prelude::*;

/// Props of [`PhasePage`].
#[derive(Clone, PartialEq, Properties)]
pub struct PhasePageProps {
    /// The phase, or the number of a teacher's own page.
    pub place: Place,
    /// The book of its exercises.
    pub book: AttrValue,
    /// What stands under its title.
    #[prop_or_default]
    pub children: Html,
    /// Its page; absent until it has arrived.
    pub lesson: Option<Shared<Lesson>>,
    /// The last runs.
    pub runs: BTreeMap<PanelId, Shared<PanelRun>>,
    /// Whether the worker takes a run now.
    pub free: bool,
    /// The tables, for completion.
    pub catalog: Option<Rc<[TableInfo]>>,
    /// Which exercises are solved.
    pub solved: Solved,
    /// The way to the worker.
    pub client: Client,
    /// What a person did.
    pub dispatch: Callback<Action>,
}

/// A phase of the course: prose, panels, exercises, questions.
#[component]
pub fn PhasePage(props: &PhasePageProps) -> Html {
    let Some(lesson) = &props.lesson else {
        return html! {
            <article class="page"><p class="page-lead" role="status">{ "The page is on its way…" }</p></article>
        };
    };
    let mut exercises = 0;
    let sections = lesson.sections.iter().enumerate().map(|(place, section)| {
        let id = panel_id(props.place, place);
        match section {
            Section::Panel(_) => html! {
                <PanelSection key={place} lesson={lesson.clone()} {place} {id} runs={runs_of(&props.runs, id)} free={props.free}
                    catalog={props.catalog.clone()} client={props.client.clone()} dispatch={props.dispatch.clone()} />
            },
            Section::Exercise(exercise) => {
                exercises += 1;
                let solved = props.solved.progress.is_solved(&props.book, &exercise.id);
                html! {
                    <ExerciseSection key={place} lesson={lesson.clone()} {place} {id} number={exercises} runs={runs_of(&props.runs, id)}
                        free={props.free} {solved} book={props.book.clone()} on_solved={props.solved.on_solved.clone()}
                        catalog={props.catalog.clone()} client={props.client.clone()} dispatch={props.dispatch.clone()} />
                }
            }
        }
    });
    let kicker = match props.place {
        Place::Phase(number) => format!("Phase {number}"),
        Place::Own(_)
        | Place::Playground
        | Place::Course
        | Place::Dashboard
        | Place::Schema
        | Place::Help(_) => "A page of your own".to_owned(),
    };
    html! {
        <article class="page page-lesson">
            <header class="page-head">
                <p class="page-kicker">{ kicker }</p>
                <h1>{ &lesson.title }</h1>
                { props.children.clone() }
                <div class="prose">{ blocks(&lesson.introduction) }</div>
            </header>
            { for sections }
            { questions(&lesson.questions) }
            { onwards(props.place, &props.dispatch) }
        </article>
    }
}

/// The first panel number of a section; its codes follow.
fn panel_id(page: Place, section: usize) -> PanelId {
    PanelId(page.panels().start.0 + 100 * u32::try_from(section).unwrap_or(0))
}

/// The runs of a section's codes.
fn runs_of(
    runs: &BTreeMap<PanelId, Shared<PanelRun>>,
    first: PanelId,
) -> BTreeMap<PanelId, Shared<PanelRun>> {
    let own = runs.range(first..PanelId(first.0 + 100));
    own.map(|(id, run)| (*id, run.clone())).collect()
}

fn questions(questions: &[Question]) -> Html {
    if questions.is_empty() {
        return Html::default();
    }
    html! {
        <section class="questions" aria-labelledby="questions">
            <h2 id="questions">{ "Interview questions" }</h2>
            { for questions.iter().map(|question| html! {
                <details class="fold">
                    <summary>{ inlines(&question.question) }</summary>
                    <div class="prose">{ blocks(&question.answer) }</div>
                </details>
            }) }
        </section>
    }
}

fn onwards(page: Place, dispatch: &Callback<Action>) -> Html {
    let Some(next) = next_place(page) else {
        return Html::default();
    };
    let label = match next {
        Place::Phase(next) => {
            let mut phases = PHASES.iter();
            let title = phases.find(|phase| phase.number == next);
            format!("Phase {next}: {}", title.map_or("", |phase| phase.title))
        }
        Place::Course | Place::Own(_) => "Course".to_owned(),
        Place::Playground | Place::Dashboard | Place::Schema | Place::Help(_) => {
            "Dashboard".to_owned()
        }
    };
    html! {
        <p class="page-next">
            <a class="button" href={next.fragment()} onclick={dispatch.reform(move |event: MouseEvent| {
                event.prevent_default();
                Action::Navigate(next)
            })}><span>{ label }</span>{ icon(Icon::Next) }</a>
        </p>
    }
}
