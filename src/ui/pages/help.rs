use crate::app::state::Origin;
use crate::app::{Action, Place, format, help};
use crate::ui::client::Client;
use crate::ui::components::{Icon, icon};
use crate::ui::shared::Shared;
use crate::wire::help::{Entry, Help, Section};
use crate::wire::{Language, Reply, Request};
use wasm_bindgen_futures::spawn_local;
use web_sys::HtmlInputElement;
use yew::prelude::*;

/// Props of [`HelpPage`].
#[derive(Clone, PartialEq, Properties)]
pub struct HelpPageProps {
    /// Of which language.
    pub language: Language,
    /// The way to the worker.
    pub client: Client,
    /// What a person did.
    pub dispatch: Callback<Action>,
}

/// What is supported of a language, to search. The worker has it all; it is asked when the page
/// is opened.
#[component]
pub fn HelpPage(props: &HelpPageProps) -> Html {
    let found = use_state(|| None::<Result<Shared<Help>, String>>);
    let sought = use_state_eq(String::new);
    {
        let (found, client) = (found.clone(), props.client.clone());
        use_effect_with(props.language, move |&language| {
            spawn_local(async move {
                found.set(match client.call(Request::Help { language }).await {
                    Ok((Reply::Help(help), _)) => Some(Ok(Shared(help))),
                    Ok((Reply::Failed(problem), _)) | Err(problem) => Some(Err(problem.message)),
                    // No other reply answers it.
                    Ok(_) => None,
                });
            });
        });
    }
    let oninput = {
        let sought = sought.clone();
        Callback::from(move |event: InputEvent| {
            if let Some(field) = event.target_dyn_into::<HtmlInputElement>() {
                sought.set(field.value());
            }
        })
    };
    let body = match &*found {
        None => {
            html! { <p class="result-empty" role="status">{ "It appears when the engine is ready." }</p> }
        }
        Some(Err(message)) => html! { <p class="result-empty" role="alert">{ message }</p> },
        Some(Ok(all)) => draw(all, &sought, props),
    };
    let lead = match props.language {
        Language::Sql => {
            "SQL means what PostgreSQL 15 means by it. What is not listed is refused by name and place, never dropped."
        }
        Language::Django => {
            "Django 6.1's ORM and the part of Python that a Django shell is used with. What is not there raises NotImplementedError and says so."
        }
    };
    html! {
        <article class="page help">
            <header class="page-head">
                <div class="help-head">
                    <h1>{ format!("What {} is supported", props.language.title()) }</h1>
                    <div class="segments" role="group" aria-label="Language">
                        { for Language::ALL.into_iter().map(|each| html! {
                            <button class="segment" aria-pressed={(each == props.language).to_string()}
                                onclick={props.dispatch.reform(move |_| Action::Navigate(Place::Help(each)))}>{ each.title() }</button>
                        }) }
                    </div>
                </div>
                <p class="page-lead">{ lead }</p>
                <input class="field help-field" type="search" placeholder="Search: a name, a word, an operator"
                    aria-label={format!("Search {}", props.language.title())} value={(*sought).clone()} {oninput} />
            </header>
            { body }
        </article>
    }
}

fn draw(all: &Help, sought: &str, props: &HelpPageProps) -> Html {
    let sections: Vec<(&Section, Vec<&Entry>)> = help::found(all, sought);
    let count: usize = sections.iter().map(|(_, entries)| entries.len()).sum();
    let status = match count {
        0 => "Nothing of that name.".to_owned(),
        count => format::count(count as u64, "entry"),
    };
    html! {
        <>
            <p class="help-count" role="status">{ status }</p>
            { for sections.into_iter().map(|(section, entries)| html! {
                <section key={section.title.clone()} class="help-section" aria-label={section.title.clone()}>
                    <h2>{ &section.title }</h2>
                    if !section.note.is_empty() { <p class="help-note">{ &section.note }</p> }
                    <dl>{ for entries.into_iter().enumerate().map(|(at, entry)| draw_entry(at, entry, props)) }</dl>
                </section>
            }) }
        </>
    }
}

fn draw_entry(at: usize, entry: &Entry, props: &HelpPageProps) -> Html {
    let example = entry.example.as_ref().map(|example| {
        let (language, text) = (props.language, example.clone());
        let onclick = props.dispatch.reform(move |_: MouseEvent| Action::OpenText {
            language,
            text: text.as_str().into(),
            origin: Origin::Page,
        });
        html! {
            <dd class="help-example">
                <code>{ example }</code>
                <button class="button-quiet" title="Open it in the playground" aria-label={format!("Try {}", entry.name)} {onclick}>
                    { icon(Icon::Next) }<span>{ "Try it" }</span>
                </button>
            </dd>
        }
    });
    let forms = match entry.forms.as_slice() {
        [] => html! { <span class="help-name">{ &entry.name }</span> },
        forms => forms
            .iter()
            .map(|form| html! { <code>{ form_parts(form) }</code> })
            .collect(),
    };
    html! {
        <div key={at} class="help-entry">
            <dt>{ forms }</dt>
            if !entry.text.is_empty() { <dd>{ &entry.text }</dd> }
            { example.unwrap_or_default() }
        </div>
    }
}

/// A form, whose `-> type` stays in one piece when its line is full.
fn form_parts(form: &str) -> Html {
    match form.rsplit_once(" -> ") {
        Some((call, ty)) => {
            html! { <>{ call }{ " " }<span class="help-gives">{ format!("-> {ty}") }</span></> }
        }
        None => html! { form },
    }
}
