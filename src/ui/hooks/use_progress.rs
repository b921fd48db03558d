use crate::app::Progress;
use crate::ui::browser;
use std::rc::Rc;
use yew::prelude::*;

/// The name under which the browser keeps the progress.
const KEPT: &str = "progress";

/// Which exercises are solved, and how that changes.
#[derive(Clone, PartialEq)]
pub struct Solved {
    /// The exercises.
    pub progress: Rc<Progress>,
    /// One more is solved: its book and its slug.
    pub on_solved: Callback<(String, String)>,
    /// These are solved as well.
    pub on_join: Callback<Progress>,
    /// Nothing is solved any more.
    pub on_reset: Callback<()>,
}

/// The progress, kept in the browser.
#[hook]
pub fn use_progress() -> Solved {
    let progress = use_state_eq(|| Rc::new(kept()));
    let change = {
        let progress = progress.clone();
        move |change: &dyn Fn(&mut Progress)| {
            // What another tab has solved counts as well.
            let mut next = kept();
            change(&mut next);
            browser::keep(KEPT, &next.to_kept());
            progress.set(Rc::new(next));
        }
    };
    let on_solved = {
        let change = change.clone();
        Callback::from(move |(book, exercise): (String, String)| {
            change(&|progress| {
                progress.solve(&book, &exercise);
            });
        })
    };
    let on_join = {
        let change = change.clone();
        Callback::from(move |more: Progress| {
            change(&|progress| {
                progress.join(&more);
            });
        })
    };
    let on_reset = Callback::from(move |()| change(&|progress| *progress = Progress::default()));
    Solved {
        progress: (*progress).clone(),
        on_solved,
        on_join,
        on_reset,
    }
}

fn kept() -> Progress {
    Progress::from_kept(&browser::kept(KEPT).unwrap_or_default())
}
