use super::panel::{PanelView, prose};
use crate::app::reduce::next_place;
use crate::app::state::PanelRun;
use crate::app::{Action, Place};
use crate::lessons::presets::Phase;
use crate::ui::client::Client;
use crate::ui::components::{Icon, icon};
use crate::ui::shared::Shared;
use crate::wire::{PanelId, TableInfo};
use std::collections::BTreeMap;
use std::rc::Rc;
use yew::prelude::*;

/// Props of [`PhasePage`].
#[derive(Clone, PartialEq, Properties)]
pub struct PhasePageProps {
    /// The phase.
    pub phase: Phase,
    /// The last runs.
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

/// A phase of the course: prose and panels.
#[component]
pub fn PhasePage(props: &PhasePageProps) -> Html {
    let phase = &props.phase;
    let panels = phase.panels.iter().map(|panel| {
        html! {
            <PanelView key={panel.id} panel={panel.clone()} run={props.runs.get(&PanelId(panel.id)).cloned()}
                free={props.free} catalog={props.catalog.clone()} client={props.client.clone()}
                dispatch={props.dispatch.clone()} />
        }
    });
    html! {
        <article class="page">
            <header class="page-head">
                <p class="page-kicker">{ format!("Phase {}", phase.number) }</p>
                <h1>{ phase.title }</h1>
                <p class="page-lead">{ prose(&phase.introduction) }</p>
            </header>
            { for panels }
            { onwards(phase.number, &props.dispatch) }
        </article>
    }
}

fn onwards(number: u8, dispatch: &Callback<Action>) -> Html {
    let Some(next) = next_place(Place::Phase(number)) else {
        return Html::default();
    };
    let label = match next {
        Place::Phase(next) => format!("Phase {next}"),
        Place::Playground | Place::Dashboard | Place::Schema => "Dashboard".to_owned(),
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
