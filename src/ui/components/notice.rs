use super::{Icon, icon};
use crate::app::state::{Notice, Tone};
use crate::ui::shared::Shared;
use yew::prelude::*;

/// Props of [`NoticeBar`].
#[derive(Clone, PartialEq, Properties)]
pub struct NoticeBarProps {
    /// What to say.
    pub notice: Shared<Notice>,
    /// A person has read it.
    pub on_dismiss: Callback<()>,
}

/// Something a person must be told, above the work area.
#[component]
pub fn NoticeBar(props: &NoticeBarProps) -> Html {
    let (class, role) = match props.notice.tone {
        Tone::Plain => ("notice", "status"),
        Tone::Fault => ("notice notice-fault", "alert"),
    };
    html! {
        <div {class} {role}>
            <p><strong>{ &props.notice.title }</strong>{ " " }{ &props.notice.text }</p>
            <button class="button-quiet" aria-label="Dismiss" onclick={props.on_dismiss.reform(|_| ())}>
                { icon(Icon::Close) }
            </button>
        </div>
    }
}
