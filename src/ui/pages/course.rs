use crate::app::{Action, BadFile, Place, Progress, format};
use crate::lessons::{Lesson, PHASES};
use crate::ui::browser;
use crate::ui::components::{FileButton, Icon, Question, icon, problem_list};
use crate::ui::hooks::{OwnPages, Refused, Solved};
use std::collections::BTreeMap;
use std::rc::Rc;
use wasm_bindgen_futures::spawn_local;
use web_sys::File;
use yew::prelude::*;

/// Files that are offered first when a page is asked for.
pub const PAGE_FILES: &str = ".md,.markdown,text/markdown";

/// Props of [`CoursePage`].
#[derive(Clone, PartialEq, Properties)]
pub struct CoursePageProps {
    /// For each page that is there: how many exercises are solved, and how many there are.
    pub counts: BTreeMap<Place, (usize, usize)>,
    /// The pages of a person's own.
    pub own: OwnPages,
    /// Which exercises are solved.
    pub solved: Solved,
    /// What a person did.
    pub dispatch: Callback<Action>,
}

/// The course as a whole: its phases, the progress, pages of one's own.
#[component]
pub fn CoursePage(props: &CoursePageProps) -> Html {
    let phases = PHASES.iter().map(|phase| {
        let place = Place::Phase(phase.number);
        entry(
            place,
            html! { phase.number },
            phase.title,
            props.counts.get(&place),
            &props.dispatch,
        )
    });
    html! {
        <article class="page">
            <header class="page-head">
                <h1>{ "Course" }</h1>
                <p class="page-lead">{ "Nine phases from models to an analytics layer. Every panel runs where it stands; every exercise is checked on two data sets." }</p>
            </header>
            <ol class="course-list" aria-label="Phases">{ for phases }</ol>
            <ProgressSection solved={props.solved.clone()} />
            { own_section(props) }
        </article>
    }
}

/// A page of the course in a list: its title, and how far one is.
fn entry(
    place: Place,
    mark: Html,
    title: &str,
    count: Option<&(usize, usize)>,
    dispatch: &Callback<Action>,
) -> Html {
    let onclick = dispatch.reform(move |event: MouseEvent| {
        event.prevent_default();
        Action::Navigate(place)
    });
    let (share, words) = match count {
        Some((done, all)) if *all > 0 => (
            *done as f64 / *all as f64,
            format!("{done} of {}", format::count(*all as u64, "exercise")),
        ),
        Some(_) => (0.0, "no exercises".to_owned()),
        None => (0.0, String::new()),
    };
    html! {
        <li key={place.fragment()}>
            <a class="course-entry" href={place.fragment()} {onclick}>
                <span class="course-mark" aria-hidden="true">{ mark }</span>
                <span class="course-title">{ title.to_owned() }</span>
                <span class="course-bar" aria-hidden="true"><span style={format!("width: {:.1}%", share * 100.0)} /></span>
                <span class="course-count">{ words }</span>
            </a>
        </li>
    }
}

/// Props of [`ProgressSection`].
#[derive(Clone, PartialEq, Properties)]
struct ProgressSectionProps {
    solved: Solved,
}

/// What the last command on the progress came to.
#[derive(Clone, PartialEq)]
enum Outcome {
    None,
    Good(String),
    Bad(String),
}

/// The progress: saved to a file, loaded from one, forgotten.
#[component]
fn ProgressSection(props: &ProgressSectionProps) -> Html {
    let outcome = use_state_eq(|| Outcome::None);
    let asking = use_state_eq(|| false);
    let progress = props.solved.progress.clone();
    let on_save = {
        let (progress, outcome) = (progress.clone(), outcome.clone());
        Callback::from(move |_: MouseEvent| {
            browser::save_text(
                "marketplace-progress.txt",
                "text/plain",
                &progress.to_file(),
            );
            outcome.set(Outcome::Good("Saved as marketplace-progress.txt.".into()));
        })
    };
    let on_file = {
        let (progress, on_join) = (progress.clone(), props.solved.on_join.clone());
        let outcome = outcome.clone();
        Callback::from(move |file: File| {
            let (progress, on_join) = (progress.clone(), on_join.clone());
            let outcome = outcome.clone();
            spawn_local(async move {
                outcome.set(match loaded(&file).await {
                    Ok(more) => {
                        let added = (*progress).clone().join(&more);
                        let known = more.len() - added;
                        on_join.emit(more);
                        Outcome::Good(format!(
                            "Added {}; {known} you had already.",
                            format::count(added as u64, "exercise")
                        ))
                    }
                    Err(fault) => Outcome::Bad(format!("{fault} Nothing was changed.")),
                });
            });
        })
    };
    let ask = {
        let (asking, outcome) = (asking.clone(), outcome.clone());
        Callback::from(move |_: MouseEvent| {
            outcome.set(Outcome::None);
            asking.set(true);
        })
    };
    let on_answer = {
        let (asking, outcome) = (asking.clone(), outcome.clone());
        let on_reset = props.solved.on_reset.clone();
        Callback::from(move |forget: bool| {
            asking.set(false);
            if forget {
                on_reset.emit(());
                outcome.set(Outcome::Good("Every exercise is unsolved again.".into()));
            }
        })
    };
    let none = progress.is_empty();
    html! {
        <section class="course-part" aria-labelledby="progress">
            <h2 id="progress">{ "Your progress" }</h2>
            <p>
                { match progress.len() {
                    0 => "No exercise is solved yet. What you solve is kept in this browser.".to_owned(),
                    solved => format!("{} solved, kept in this browser.", format::count(solved as u64, "exercise")),
                } }
                { " A file takes it to another one; loading a file adds to what is here." }
            </p>
            <div class="course-tools">
                <button class="button" disabled={none} onclick={on_save}>{ icon(Icon::Save) }<span>{ "Save to a file" }</span></button>
                <FileButton label="Load from a file" accept=".txt,text/plain" {on_file} />
                <button class="button" disabled={none} onclick={ask}>{ icon(Icon::Reset) }<span>{ "Forget all" }</span></button>
            </div>
            if *asking {
                <Question text={format!("Forget {}? Save them first if you may want them back.", format::count(progress.len() as u64, "solved exercise"))}
                    yes="Forget all" no="Keep them" {on_answer} />
            }
            <div role="status">
                if let Outcome::Good(text) = &*outcome { <p class="course-outcome">{ text }</p> }
            </div>
            if let Outcome::Bad(text) = &*outcome { <p class="course-outcome is-bad" role="alert">{ text }</p> }
        </section>
    }
}

/// What a file says of solved exercises.
async fn loaded(file: &File) -> Result<Progress, String> {
    /// More than any progress takes.
    const MOST_BYTES: f64 = 1_000_000.0;
    if file.size() > MOST_BYTES {
        return Err(BadFile::NoTitle.to_string());
    }
    let text = browser::read_file(file).await;
    let text = text.ok_or("The browser could not read this file.")?;
    Progress::from_file(&text).map_err(|fault| fault.to_string())
}

fn own_section(props: &CoursePageProps) -> Html {
    let pages = props.own.shelf.iter().map(|(&number, page)| {
        let place = Place::Own(number);
        let title = match &page.read {
            Some((lesson, _)) => title(lesson),
            None => &page.page.file,
        };
        entry(
            place,
            icon(Icon::Page),
            title,
            props.counts.get(&place),
            &props.dispatch,
        )
    });
    html! {
        <section class="course-part" aria-labelledby="own">
            <h2 id="own">{ "Pages of your own" }</h2>
            <p>{ "A Markdown file in the format of the course becomes a page beside it, with panels that run and exercises that are checked. It is kept in this browser; HTML, scripts and links elsewhere do nothing." }</p>
            if !props.own.shelf.is_empty() {
                <ul class="course-list" aria-label="Pages of your own">{ for pages }</ul>
            }
            <div class="course-tools">
                <FileButton label="Load a page" accept={PAGE_FILES} on_file={props.own.on_file.clone()} />
                <a class="button" href="lessons/example.md" download="example.md">{ icon(Icon::Save) }<span>{ "Save an example" }</span></a>
                <span class="course-drop">{ "or drop a file anywhere on the page" }</span>
            </div>
            if let Some(refused) = &props.own.refused {
                { draw_refused(refused) }
            }
        </section>
    }
}

/// A page's title, for a list.
pub fn title(lesson: &Lesson) -> &str {
    match lesson.title.as_str() {
        "" => "Without a title",
        title => title,
    }
}

fn draw_refused(refused: &Rc<Refused>) -> Html {
    let (what, mend) = refused.why.words();
    html! {
        <div class="own-refused" role="alert">
            <p><strong>{ format!("{} was not taken. ", refused.file) }</strong>{ what }{ " " }{ mend }</p>
            { problem_list(&refused.problems, &refused.text) }
        </div>
    }
}
