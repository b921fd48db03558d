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
    let callbacks = use_memo((), |()| {
        let progress = progress.clone();
        let change = move |change: &dyn Fn(&mut Progress)| {
            // What another tab has solved counts as well.
            let mut next = kept();
            change(&mut next);
            browser::keep(KEPT, &next.to_kept());
            progress.set(Rc::new(next));
        };
        let (solving, joining) = (change.clone(), change.clone());
        let on_solved = Callback::from(move |(book, exercise): (String, String)| {
            solving(&|progress| {
                progress.solve(&book, &exercise);
            });
        });
        let on_join = Callback::from(move |more: Progress| {
            joining(&|progress| {
                progress.join(&more);
            });
        });
        let on_reset =
            Callback::from(move |()| change(&|progress| *progress = Progress::default()));
        (on_solved, on_join, on_reset)
    });
    let (on_solved, on_join, on_reset) = (*callbacks).clone();
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
