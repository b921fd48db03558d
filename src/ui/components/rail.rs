use super::{Icon, icon};
use crate::app::{Action, Place};
use crate::lessons::PHASES;
use std::collections::BTreeMap;
use yew::prelude::*;

/// Props of [`Rail`].
#[derive(Clone, PartialEq, Properties)]
pub struct RailProps {
    /// Where one is.
    pub place: Place,
    /// For each phase that is known: how many exercises are solved, and how many there are.
    pub progress: BTreeMap<u8, (usize, usize)>,
    /// What a person did.
    pub dispatch: Callback<Action>,
}

/// The way around: the playground, the phases, the dashboard, the schema.
#[component]
pub fn Rail(props: &RailProps) -> Html {
    let link = |place: Place, mark: Html, label: &str, done: Html| {
        let current = (props.place == place).then_some("page");
        let onclick = props.dispatch.reform(move |event: MouseEvent| {
            event.prevent_default();
            Action::Navigate(place)
        });
        html! {
            <a class="rail-link" href={place.fragment()} aria-current={current} {onclick}>
                <span class="rail-mark" aria-hidden="true">{ mark }</span>
                <span>{ label.to_owned() }</span>
                { done }
            </a>
        }
    };
    html! {
        <nav class="rail" aria-label="Pages">
            { link(Place::Playground, icon(Icon::Prompt), "Playground", Html::default()) }
            <h2 class="rail-title">{ "Course" }</h2>
            { for PHASES.iter().map(|phase| {
                let done = props.progress.get(&phase.number).copied();
                link(Place::Phase(phase.number), html! { phase.number }, phase.title, solved(done))
            }) }
            <h2 class="rail-title">{ "Marketplace" }</h2>
            { link(Place::Dashboard, icon(Icon::Chart), "Dashboard", Html::default()) }
            { link(Place::Schema, icon(Icon::Table), "Schema", Html::default()) }
        </nav>
    }
}

/// `3/8`, once there is something solved.
fn solved(done: Option<(usize, usize)>) -> Html {
    match done {
        Some((done, all)) if done > 0 => html! {
            <span class="rail-done" title={format!("{done} of {all} exercises solved")}>{ format!("{done}/{all}") }</span>
        },
        Some(_) | None => Html::default(),
    }
}
