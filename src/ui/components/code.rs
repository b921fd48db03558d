use crate::lessons::lesson::Language;
use crate::ui::browser::{self, Paint};
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;
use web_sys::Element;
use yew::prelude::*;

/// Props of [`Code`].
#[derive(Clone, PartialEq, Properties)]
pub struct CodeProps {
    /// What it is written in.
    pub language: Language,
    /// The code.
    pub text: AttrValue,
}

/// Code to read: plain text at once, in colours when the editor's module is there.
#[component]
pub fn Code(props: &CodeProps) -> Html {
    let place = use_node_ref();
    {
        let place = place.clone();
        use_effect_with(props.clone(), move |props| {
            let painted = Rc::new(RefCell::new(None::<Paint>));
            if let Some(element) = place.cast::<Element>() {
                let (painted, language) = (Rc::downgrade(&painted), name(props.language));
                spawn_local(async move {
                    let made = browser::paint_code(&element, language).await;
                    let Ok(paint) = made.map(JsCast::unchecked_into::<Paint>) else {
                        return;
                    };
                    match painted.upgrade() {
                        Some(painted) => *painted.borrow_mut() = Some(paint),
                        // The text has gone meanwhile.
                        None => paint.wipe(),
                    }
                });
            }
            move || {
                if let Some(paint) = painted.take() {
                    paint.wipe();
                }
            }
        });
    }
    html! { <code ref={place}>{ &props.text }</code> }
}

/// The editor's name of a language.
fn name(language: Language) -> &'static str {
    match language {
        Language::Django => "python",
        Language::Sql => "sql",
    }
}
