use super::browser;
use super::client::Client;
use super::hooks::{Lessons, Solved};
use super::pages::{PhasePage, PhasePageProps};
use crate::app::Place;
use crate::lessons::PHASES;
use std::collections::BTreeMap;
use yew::prelude::*;

/// Draws the first page of the course out of sight when all have arrived and nothing goes on. The
/// browser compiles code when it first runs, and the first click on a phase would wait for it.
#[hook]
pub fn use_rehearsal(lessons: &Lessons, solved: &Solved, client: &Client) {
    let all = lessons.len() == PHASES.len();
    let (lessons, solved, client) = (lessons.clone(), solved.clone(), client.clone());
    use_effect_with(all, move |&all| {
        if let Some((&number, lesson)) = lessons.first_key_value().filter(|_| all) {
            let props = PhasePageProps {
                place: Place::Phase(number),
                book: AttrValue::default(),
                children: Html::default(),
                lesson: Some(lesson.clone()),
                runs: BTreeMap::new(),
                free: true,
                catalog: None,
                solved,
                client,
                dispatch: Callback::noop(),
            };
            browser::when_idle(move || draw(props));
        }
    });
}

/// Draws a page on an element that belongs to no document, and lets go of it.
fn draw(props: PhasePageProps) {
    if let Some(stage) = browser::loose_element() {
        let page = yew::Renderer::<PhasePage>::with_root_and_props(stage, props).render();
        browser::later(0, move || page.destroy());
    }
}
