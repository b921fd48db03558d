use super::{Icon, icon};
use crate::app::{Action, Place};
use crate::lessons::PHASES;
use crate::wire::Language;
use std::collections::BTreeMap;
use yew::prelude::*;

/// Props of [`Rail`].
#[derive(Clone, PartialEq, Properties)]
pub struct RailProps {
    /// Where one is.
    pub place: Place,
    /// For each page that is there: how many exercises are solved, and how many there are.
    pub progress: BTreeMap<Place, (usize, usize)>,
    /// The titles of pages of one's own, by their number.
    pub own: Vec<(u8, String)>,
    /// What a person did.
    pub dispatch: Callback<Action>,
}

/// The way around: the playground, the course, the marketplace, help.
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
            { link(Place::Course, icon(Icon::List), "Overview", Html::default()) }
            { for PHASES.iter().map(|phase| {
                let place = Place::Phase(phase.number);
                link(place, html! { phase.number }, phase.title, solved(props.progress.get(&place)))
            }) }
            { for props.own.iter().map(|(number, title)| {
                let place = Place::Own(*number);
                link(place, icon(Icon::Page), title, solved(props.progress.get(&place)))
            }) }
            <h2 class="rail-title">{ "Marketplace" }</h2>
            { link(Place::Dashboard, icon(Icon::Chart), "Dashboard", Html::default()) }
            { link(Place::Schema, icon(Icon::Table), "Schema", Html::default()) }
            <h2 class="rail-title">{ "Help" }</h2>
            { for Language::ALL.into_iter().map(|language| {
                link(Place::Help(language), icon(Icon::Help), &format!("{} here", language.title()), Html::default())
            }) }
        </nav>
    }
}

/// `3/8`, once there is something solved.
fn solved(done: Option<&(usize, usize)>) -> Html {
    match done {
        Some((done, all)) if *done > 0 => html! {
            <span class="rail-done" title={format!("{done} of {all} exercises solved")}>{ format!("{done}/{all}") }</span>
        },
        Some(_) | None => Html::default(),
    }
}
