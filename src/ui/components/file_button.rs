use super::{Icon, icon};
use web_sys::{File, HtmlInputElement};
use yew::prelude::*;

/// Props of [`FileButton`].
#[derive(Clone, PartialEq, Properties)]
pub struct FileButtonProps {
    /// What it does.
    pub label: AttrValue,
    /// Which files are offered first: `.md,text/markdown`.
    pub accept: AttrValue,
    /// A person chose a file.
    pub on_file: Callback<File>,
}

/// A button that asks for a file of the disk.
#[component]
pub fn FileButton(props: &FileButtonProps) -> Html {
    let onchange = {
        let on_file = props.on_file.clone();
        Callback::from(move |event: Event| {
            let Some(field) = event.target_dyn_into::<HtmlInputElement>() else {
                return;
            };
            let file = field.files().and_then(|files| files.get(0));
            // The same file may be chosen again, after a change of it.
            field.set_value("");
            if let Some(file) = file {
                on_file.emit(file);
            }
        })
    };
    html! {
        <label class="button file-button">
            { icon(Icon::Open) }<span>{ &props.label }</span>
            <input type="file" class="sr-only" accept={props.accept.clone()} {onchange} />
        </label>
    }
}
