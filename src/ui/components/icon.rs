use yew::prelude::*;

/// The page's icons, drawn on a grid of 16.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Icon {
    /// Run.
    Play,
    /// Stop.
    Stop,
    /// Back to the first state.
    Reset,
    /// Follow the system's theme.
    System,
    /// Light theme.
    Sun,
    /// Dark theme.
    Moon,
    /// Open the menu.
    Menu,
    /// Close.
    Close,
    /// Copy.
    Copy,
    /// Save to a file.
    Save,
    /// Take from a file.
    Open,
    /// A page.
    Page,
    /// A link.
    Link,
    /// Help.
    Help,
    /// A table.
    Table,
    /// Figures.
    Chart,
    /// A prompt.
    Prompt,
    /// A key.
    Key,
    /// Onwards.
    Next,
    /// A moment.
    Clock,
    /// Right.
    Check,
    /// Many things, one below the other.
    List,
}

/// An icon as decoration; what it means must be said beside it.
pub fn icon(icon: Icon) -> Html {
    let path = match icon {
        Icon::Play => "M5 3.2v9.6l7.6-4.8z",
        Icon::Stop => "M4.5 4.5h7v7h-7z",
        Icon::Reset => "M3.2 8a4.8 4.8 0 1 0 1.5-3.5M3 2.8v2.6h2.6",
        Icon::System => "M2.5 3.5h11v7.5h-11zM6 13.5h4M8 11v2.5",
        Icon::Sun => {
            "M8 5.2a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6M8 1.5v1.3M8 13.2v1.3M1.5 8h1.3M13.2 8h1.3M3.4 3.4l.9.9M11.7 11.7l.9.9M3.4 12.6l.9-.9M11.7 4.3l.9-.9"
        }
        Icon::Moon => "M13.2 9.6A5.6 5.6 0 0 1 6.4 2.8a5.6 5.6 0 1 0 6.8 6.8z",
        Icon::Menu => "M2.5 4.5h11M2.5 8h11M2.5 11.5h11",
        Icon::Close => "M4 4l8 8M12 4l-8 8",
        Icon::Copy => "M5.5 5.5h7v8h-7zM3.5 10.5v-8h7",
        Icon::Save => "M8 2.5v7M5 7l3 3 3-3M3 13h10",
        Icon::Open => "M8 10V3M5 6l3-3 3 3M3 13h10",
        Icon::Page => "M4 2.5h5l3 3v8H4zM9 2.5v3h3M6 8.5h4M6 11h4",
        Icon::Link => {
            "M6.7 9.3a2.6 2.6 0 0 0 3.7 0l2-2a2.6 2.6 0 0 0-3.7-3.7l-.8.8M9.3 6.7a2.6 2.6 0 0 0-3.7 0l-2 2a2.6 2.6 0 0 0 3.7 3.7l.8-.8"
        }
        Icon::Help => {
            "M8 2.2a5.8 5.8 0 1 0 0 11.6A5.8 5.8 0 0 0 8 2.2M6.2 6.3a1.8 1.8 0 1 1 2.6 1.6c-.6.3-.8.6-.8 1.2M8 11.2v.1"
        }
        Icon::Table => "M2.5 3.5h11v9h-11zM2.5 6.5h11M6.5 6.5v6",
        Icon::Chart => "M3 13V8.5M6.5 13V4M10 13V6.5M13.5 13v-3",
        Icon::Prompt => "M3 4.5l3.5 3.5L3 11.5M8.5 12h5",
        Icon::Key => {
            "M10 2.8a3.2 3.2 0 1 0 0 6.4 3.2 3.2 0 0 0 0-6.4M7.6 8.2L3 12.8M4.6 11.2l1.6 1.6"
        }
        Icon::Next => "M3 8h9.5M9 4.5L12.5 8 9 11.5",
        Icon::Check => "M3 8.5l3.5 3.5L13 4.5",
        Icon::List => "M6 4h7.5M6 8h7.5M6 12h7.5M2.8 4h.4M2.8 8h.4M2.8 12h.4",
        Icon::Clock => "M8 2.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11M8 5v3.2l2.2 1.4",
    };
    let class = match icon {
        Icon::Play | Icon::Stop => "icon icon-solid",
        _ => "icon",
    };
    html! {
        <svg {class} viewBox="0 0 16 16" width="16" height="16" aria-hidden="true"><path d={path} /></svg>
    }
}
