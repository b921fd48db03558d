use crate::ui::browser;
use web_sys::{HtmlElement, KeyboardEvent};
use yew::prelude::*;

/// Props of [`Question`].
#[derive(Clone, PartialEq, Properties)]
pub struct QuestionProps {
    /// What is asked.
    pub text: AttrValue,
    /// The answer that does it.
    pub yes: AttrValue,
    /// The answer that does nothing.
    pub no: AttrValue,
    /// The answer.
    pub on_answer: Callback<bool>,
}

/// A question before something that cannot be undone. The cursor stands on the answer that does
/// nothing, and so does Escape.
#[component]
pub fn Question(props: &QuestionProps) -> Html {
    let safe = use_node_ref();
    {
        let safe = safe.clone();
        use_effect_with((), move |()| {
            let before = browser::focused();
            if let Some(button) = safe.cast::<HtmlElement>() {
                button.focus().ok();
            }
            // The cursor goes back to where it was.
            move || {
                if let Some(before) = before {
                    before.focus().ok();
                }
            }
        });
    }
    let onkeydown = {
        let on_answer = props.on_answer.clone();
        Callback::from(move |event: KeyboardEvent| {
            if event.key() == "Escape" {
                on_answer.emit(false);
            }
        })
    };
    html! {
        <div class="question" role="alertdialog" aria-label={props.text.clone()} {onkeydown}>
            <p>{ &props.text }</p>
            <button ref={safe} class="button" onclick={props.on_answer.reform(|_| false)}>{ &props.no }</button>
            <button class="button button-danger" onclick={props.on_answer.reform(|_| true)}>{ &props.yes }</button>
        </div>
    }
}
