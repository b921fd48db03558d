//! The page: Yew components and hooks over `app`'s state.
//!
//! Must never build SQL nor name the engine. `pages` know the state, `components` get props and
//! give callbacks, `hooks` reach into the browser.

pub mod api;
pub mod assist;
mod browser;
pub mod client;
pub mod components;
pub mod hooks;
pub mod pages;
mod rehearsal;
mod root;
pub mod shared;

use client::Client;
use root::{Root, RootProps};

/// Starts the worker, opens the page to programs, and shows it.
pub fn start() {
    let client = Client::start();
    api::install(&client);
    let place = browser::window()
        .and_then(|window| window.document())
        .and_then(|document| document.get_element_by_id("app"));
    if let Some(place) = place {
        yew::Renderer::<Root>::with_root_and_props(place, RootProps { client }).render();
    }
}
