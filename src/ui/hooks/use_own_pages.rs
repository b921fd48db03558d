use crate::app::own_page::{MOST_BYTES, OwnPage, Refusal, number_for};
use crate::app::{Action, Place};
use crate::lessons::Lesson;
use crate::ui::browser;
use crate::ui::client::Client;
use crate::ui::shared::Shared;
use crate::wire::{Problem, Reply, Request};
use std::collections::BTreeMap;
use std::rc::Rc;
use wasm_bindgen_futures::spawn_local;
use web_sys::File;
use yew::prelude::*;

/// The pages of a person's own, and how they come and go.
#[derive(Clone, PartialEq)]
pub struct OwnPages {
    /// The pages by their number.
    pub shelf: Rc<BTreeMap<u8, ReadPage>>,
    /// The file that was not taken last, and why; until another one is.
    pub refused: Option<Rc<Refused>>,
    /// A person brings a file.
    pub on_file: Callback<File>,
    /// A person wants a page no more.
    pub on_remove: Callback<u8>,
}

/// A page that the browser keeps, and what was read from it.
#[derive(Clone, PartialEq)]
pub struct ReadPage {
    /// The file.
    pub page: Shared<OwnPage>,
    /// What it says, and what is wrong with it; absent until the engine has read it.
    pub read: Option<(Shared<Lesson>, Rc<[Problem]>)>,
}

/// A file that was not taken.
#[derive(Clone, PartialEq)]
pub struct Refused {
    /// Its name.
    pub file: String,
    /// Why.
    pub why: Refusal,
    /// What is wrong with it as a page, and its text.
    pub problems: Vec<Problem>,
    /// What it holds.
    pub text: String,
}

/// What becomes of the shelf.
enum Change {
    Put(u8, ReadPage),
    /// A kept page was read, if it is still there.
    Read(u8, Option<(Shared<Lesson>, Rc<[Problem]>)>),
    Remove(u8),
    Refuse(Rc<Refused>),
}

#[derive(Clone, Default, PartialEq)]
struct Shelf {
    pages: Rc<BTreeMap<u8, ReadPage>>,
    refused: Option<Rc<Refused>>,
}

impl Reducible for Shelf {
    type Action = Change;

    fn reduce(self: Rc<Self>, change: Change) -> Rc<Self> {
        let mut next = (*self).clone();
        let pages = Rc::make_mut(&mut next.pages);
        match change {
            Change::Put(number, page) => {
                pages.insert(number, page);
                next.refused = None;
            }
            Change::Read(number, read) => {
                if let Some(page) = pages.get_mut(&number) {
                    page.read = read;
                }
            }
            Change::Remove(number) => drop(pages.remove(&number)),
            Change::Refuse(refused) => next.refused = Some(refused),
        }
        Rc::new(next)
    }
}

/// The pages of a person's own; those that the browser kept are read as soon as the engine is
/// `up`. A page that was brought is shown at once.
#[hook]
pub fn use_own_pages(client: &Client, up: bool, dispatch: &Callback<Action>) -> OwnPages {
    let shelf = use_reducer(|| Shelf {
        pages: Rc::new(kept_pages()),
        refused: None,
    });
    {
        let (client, dispatcher) = (client.clone(), shelf.dispatcher());
        use_effect_with(up, move |up| {
            if *up {
                spawn_local(async move {
                    for (number, kept) in kept_pages() {
                        let read = read(&client, &kept.page.text).await;
                        dispatcher.dispatch(Change::Read(number, read));
                    }
                });
            }
        });
    }
    let callbacks = use_memo((client.clone(), dispatch.clone()), |(client, dispatch)| {
        let (client, dispatch) = (client.clone(), dispatch.clone());
        let dispatcher = shelf.dispatcher();
        let on_remove = {
            let (dispatch, dispatcher) = (dispatch.clone(), dispatcher.clone());
            Callback::from(move |number| {
                browser::forget(&kept_under(number));
                dispatcher.dispatch(Change::Remove(number));
                dispatch.emit(Action::Navigate(Place::Course));
            })
        };
        let on_file = Callback::from(move |file: File| {
            let (client, dispatch) = (client.clone(), dispatch.clone());
            let dispatcher = dispatcher.clone();
            spawn_local(async move {
                match take(&client, &file).await {
                    Ok((number, page)) => {
                        dispatcher.dispatch(Change::Put(number, page));
                        dispatch.emit(Action::OwnPageLoaded(number));
                    }
                    Err(refused) => {
                        dispatcher.dispatch(Change::Refuse(Rc::new(*refused)));
                        dispatch.emit(Action::Navigate(Place::Course));
                    }
                }
            });
        });
        (on_file, on_remove)
    });
    let (on_file, on_remove) = (*callbacks).clone();
    OwnPages {
        shelf: shelf.pages.clone(),
        refused: shelf.refused.clone(),
        on_file,
        on_remove,
    }
}

/// Where the browser keeps a page.
fn kept_under(number: u8) -> String {
    format!("own-page-{number}")
}

fn kept_pages() -> BTreeMap<u8, ReadPage> {
    let numbers = 1..=Place::OWN_PAGES;
    let kept = numbers.filter_map(|number| {
        let page = OwnPage::from_kept(&browser::kept(&kept_under(number))?)?;
        let page = Shared(Rc::new(page));
        Some((number, ReadPage { page, read: None }))
    });
    kept.collect()
}

async fn read(client: &Client, text: &str) -> Option<(Shared<Lesson>, Rc<[Problem]>)> {
    let text = text.to_owned();
    match client.call(Request::ReadLesson { text }).await {
        Ok((Reply::Lesson(lesson, problems), _)) => Some((Shared(lesson), problems.into())),
        Ok(_) | Err(_) => None,
    }
}

/// Reads a file and puts it on the shelf, or says why not.
async fn take(client: &Client, file: &File) -> Result<(u8, ReadPage), Box<Refused>> {
    let name = file.name();
    let refuse = |why, text, problems| {
        let file = name.clone();
        Box::new(Refused {
            file,
            why,
            problems,
            text,
        })
    };
    let bare = |why| refuse(why, String::new(), Vec::new());
    // A file of many gigabytes is not even read.
    if file.size() > f64::from(MOST_BYTES) {
        return Err(bare(Refusal::TooLong));
    }
    let text = browser::read_file(file).await;
    let text = text.ok_or_else(|| bare(Refusal::Unreadable))?;
    let page = OwnPage::new(name.clone(), text).map_err(bare)?;
    let Some((lesson, problems)) = read(client, &page.text).await else {
        return Err(bare(Refusal::NoEngine));
    };
    if lesson.sections.is_empty() {
        return Err(refuse(Refusal::NoLesson, page.text, problems.to_vec()));
    }
    let shelf = kept_pages();
    let shelf = shelf
        .iter()
        .map(|(&number, it)| (number, (*it.page).clone()));
    let number = number_for(&page, &shelf.collect()).ok_or_else(|| bare(Refusal::Full))?;
    if !browser::try_keep(&kept_under(number), &page.to_kept()) {
        return Err(bare(Refusal::NotKept));
    }
    let page = ReadPage {
        page: Shared(Rc::new(page)),
        read: Some((lesson, problems)),
    };
    Ok((number, page))
}
