use super::course::PAGE_FILES;
use super::phase::PhasePage;
use crate::app::state::PanelRun;
use crate::app::{Action, Place, Progress, format};
use crate::ui::client::Client;
use crate::ui::components::{FileButton, Icon, Question, icon, problem_list};
use crate::ui::hooks::{OwnPages, ReadPage, Solved};
use crate::ui::shared::Shared;
use crate::wire::{PanelId, TableInfo};
use std::collections::BTreeMap;
use std::rc::Rc;
use yew::prelude::*;

/// Props of [`OwnPageView`].
#[derive(Clone, PartialEq, Properties)]
pub struct OwnPageViewProps {
    /// Its number on the shelf.
    pub number: u8,
    /// The shelf.
    pub own: OwnPages,
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

/// A page of a teacher's own: drawn as the course's are, with what is wrong with it on top.
#[component]
pub fn OwnPageView(props: &OwnPageViewProps) -> Html {
    let asking = use_state_eq(|| false);
    let Some(page) = props.own.shelf.get(&props.number) else {
        return html! {
            <article class="page">
                <header class="page-head">
                    <h1>{ "There is no page here" }</h1>
                    <p class="page-lead">{ "Pages of your own are kept in the browser that loaded them." }</p>
                </header>
                <FileButton label="Load a page" accept={PAGE_FILES} on_file={props.own.on_file.clone()} />
            </article>
        };
    };
    let ask = {
        let asking = asking.clone();
        Callback::from(move |_: MouseEvent| asking.set(true))
    };
    let on_answer = {
        let (asking, on_remove, number) =
            (asking.clone(), props.own.on_remove.clone(), props.number);
        Callback::from(move |remove: bool| {
            asking.set(false);
            if remove {
                on_remove.emit(number);
            }
        })
    };
    let lesson = page.read.as_ref().map(|(lesson, _)| lesson.clone());
    html! {
        <PhasePage place={Place::Own(props.number)} book={Progress::own(&page.page.slug())} {lesson} runs={props.runs.clone()}
            free={props.free} catalog={props.catalog.clone()} solved={props.solved.clone()} client={props.client.clone()}
            dispatch={props.dispatch.clone()}>
            <div class="own-tools">
                <span class="own-file">{ icon(Icon::Page) }{ &page.page.file }</span>
                <FileButton label="Load it again" accept={PAGE_FILES} on_file={props.own.on_file.clone()} />
                <button class="button" onclick={ask}>{ icon(Icon::Close) }<span>{ "Remove" }</span></button>
            </div>
            if *asking {
                <Question text="Remove this page from the browser? The file on your disk stays; so does what you solved."
                    yes="Remove" no="Keep it" {on_answer} />
            }
            { faults(page) }
        </PhasePage>
    }
}

/// What is wrong with the page, each with its line and its mend.
fn faults(page: &ReadPage) -> Html {
    match &page.read {
        Some((_, problems)) if !problems.is_empty() => html! {
            <details class="own-faults" open=true>
                <summary>{ format!("{} on this page; what is wrong is left out", format::count(problems.len() as u64, "fault")) }</summary>
                { problem_list(problems, &page.page.text) }
            </details>
        },
        Some(_) | None => Html::default(),
    }
}
