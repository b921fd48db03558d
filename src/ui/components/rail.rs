use super::{Icon, icon};
use crate::app::{Action, Place};
use crate::lessons::presets::Phase;
use std::rc::Rc;
use yew::prelude::*;

/// Props of [`Rail`].
#[derive(Clone, PartialEq, Properties)]
pub struct RailProps {
    /// Where one is.
    pub place: Place,
    /// The course.
    pub phases: Rc<[Phase]>,
    /// What a person did.
    pub dispatch: Callback<Action>,
}

/// The way around: the playground, the phases, the dashboard, the schema.
#[component]
pub fn Rail(props: &RailProps) -> Html {
    let link = |place: Place, mark: Html, label: &str| {
        let current = (props.place == place).then_some("page");
        let onclick = props.dispatch.reform(move |event: MouseEvent| {
            event.prevent_default();
            Action::Navigate(place)
        });
        html! {
            <a class="rail-link" href={place.fragment()} aria-current={current} {onclick}>
                <span class="rail-mark" aria-hidden="true">{ mark }</span>
                <span>{ label.to_owned() }</span>
            </a>
        }
    };
    html! {
        <nav class="rail" aria-label="Pages">
            { link(Place::Playground, icon(Icon::Prompt), "Playground") }
            <h2 class="rail-title">{ "Course" }</h2>
            { for props.phases.iter().map(|phase| {
                link(Place::Phase(phase.number), html! { phase.number }, phase.title)
            }) }
            <h2 class="rail-title">{ "Marketplace" }</h2>
            { link(Place::Dashboard, icon(Icon::Chart), "Dashboard") }
            { link(Place::Schema, icon(Icon::Table), "Schema") }
        </nav>
    }
}
