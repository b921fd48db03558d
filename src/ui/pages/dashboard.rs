use crate::app::{Action, Place};
use yew::prelude::*;

/// Props of [`DashboardPage`].
#[derive(Clone, PartialEq, Properties)]
pub struct DashboardPageProps {
    /// What a person did.
    pub dispatch: Callback<Action>,
}

/// The services' figures, once the services are there.
#[component]
pub fn DashboardPage(props: &DashboardPageProps) -> Html {
    html! {
        <article class="page">
            <header class="page-head">
                <h1>{ "Dashboard" }</h1>
                <p class="page-lead">
                    { "Revenue, best sellers, ranked customers and lifetime values on one page, fed by the service functions. \
                       It comes with the analytics layer; phase 9 already runs the queries behind it." }
                </p>
                <p>
                    <a class="button" href={Place::Phase(9).fragment()} onclick={props.dispatch.reform(|event: MouseEvent| {
                        event.prevent_default();
                        Action::Navigate(Place::Phase(9))
                    })}>{ "Open phase 9" }</a>
                </p>
            </header>
        </article>
    }
}
