use crate::lessons::lesson::Language;
use crate::ui::components::Code;
use yew::prelude::*;

/// Props of [`PythonFile`].
#[derive(Clone, PartialEq, Properties)]
pub struct PythonFileProps {
    /// The file's name.
    pub name: AttrValue,
    /// What it holds.
    pub text: AttrValue,
}

/// A Python file of the marketplace, to read.
#[component]
pub fn PythonFile(props: &PythonFileProps) -> Html {
    html! {
        <figure class="python-file">
            <figcaption>{ "marketplace/" }{ &props.name }</figcaption>
            <pre tabindex="0" aria-label={format!("The file {}", props.name)}><Code language={Language::Django} text={props.text.clone()} /></pre>
        </figure>
    }
}
