use crate::lessons::{Lesson, PHASES};
use crate::ui::browser;
use crate::ui::client::Client;
use crate::ui::shared::Shared;
use crate::wire::{Reply, Request};
use std::collections::BTreeMap;
use std::rc::Rc;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

/// The pages of the course by phase, as far as they are there.
pub type Lessons = Rc<BTreeMap<u8, Shared<Lesson>>>;

/// One more page.
struct Arrived(u8, Rc<Lesson>);

/// The pages that have arrived.
#[derive(Default, PartialEq)]
struct Shelf(Lessons);

impl Reducible for Shelf {
    type Action = Arrived;

    fn reduce(self: Rc<Self>, Arrived(number, lesson): Arrived) -> Rc<Self> {
        let mut lessons = (*self.0).clone();
        lessons.insert(number, Shared(lesson));
        Rc::new(Self(Rc::new(lessons)))
    }
}

/// Reads all pages of the course as soon as the engine is `up`, the `wanted` one first, so that
/// a click on any of them shows it at once.
#[hook]
pub fn use_lessons(client: &Client, up: bool, wanted: Option<u8>) -> Lessons {
    let shelf = use_reducer(Shelf::default);
    let (client, dispatcher) = (client.clone(), shelf.dispatcher());
    // A page does not change while the worker comes and goes.
    let missing = shelf.0.len() < PHASES.len();
    use_effect_with(up, move |up| {
        if *up && missing {
            spawn_local(async move {
                let first = PHASES.iter().filter(|phase| Some(phase.number) == wanted);
                let rest = PHASES.iter().filter(|phase| Some(phase.number) != wanted);
                for phase in first.chain(rest) {
                    if let Some(lesson) = read(&client, phase.file).await {
                        dispatcher.dispatch(Arrived(phase.number, lesson));
                    }
                }
            });
        }
    });
    shelf.0.clone()
}

/// A page of the course, fetched and read. A page that cannot be fetched stays away.
async fn read(client: &Client, file: &str) -> Option<Rc<Lesson>> {
    let text = browser::fetch_text(&format!("lessons/{file}")).await.ok()?;
    let request = Request::ReadLesson {
        text: text.as_string()?,
    };
    match client.call(request).await {
        Ok((Reply::Lesson(lesson, _), _)) => Some(lesson),
        Ok(_) | Err(_) => None,
    }
}
