use super::{Icon, icon};
use crate::app::Action;
use crate::app::format;
use crate::app::state::{Engine, Theme};
use crate::ui::browser;
use crate::ui::shared::Shared;
use crate::wire::{MarketInfo, Size};
use web_sys::HtmlSelectElement;
use yew::prelude::*;

/// Props of [`Bar`].
#[derive(Clone, PartialEq, Properties)]
pub struct BarProps {
    /// How the worker is.
    pub engine: Engine,
    /// The data set at hand.
    pub market: Option<Shared<MarketInfo>>,
    /// The size that was asked for last.
    pub size: Size,
    /// The page's colours.
    pub theme: Theme,
    /// What a person did.
    pub dispatch: Callback<Action>,
}

/// The bar on top: the data set, its moment, the commands and the theme.
#[component]
pub fn Bar(props: &BarProps) -> Html {
    let idle = props.engine == Engine::Ready;
    let on_size = {
        let dispatch = props.dispatch.clone();
        Callback::from(move |event: Event| {
            let chosen = event
                .target_dyn_into::<HtmlSelectElement>()
                .and_then(|select| Size::from_name(&select.value()));
            if let Some(size) = chosen {
                dispatch.emit(Action::Reset(size));
            }
        })
    };
    let size = props.size;
    let (theme_icon, theme_label) = match props.theme {
        Theme::System => (Icon::System, "Theme: as the system"),
        Theme::Light => (Icon::Sun, "Theme: light"),
        Theme::Dark => (Icon::Moon, "Theme: dark"),
    };
    let next_theme = props.theme.next();
    html! {
        <header class="bar">
            <button class="button-quiet bar-menu" aria-label="Menu"
                onclick={props.dispatch.reform(|_| Action::ToggleMenu)}>
                { icon(Icon::Menu) }
            </button>
            <span class="brand"><span class="brand-mark" aria-hidden="true" />{ "Marketplace Analytics" }</span>
            <div class="bar-data">
                <label class="select">
                    <span class="sr-only">{ "Size of the data" }</span>
                    <select onchange={on_size} disabled={!idle} data-testid="size">
                        { for Size::ALL.map(|option| html! {
                            <option value={option.name()} selected={option == size}>{ title(option) }</option>
                        }) }
                    </select>
                </label>
                <button class="button" data-testid="reset" disabled={!idle} title="Seed the data anew; changes are lost"
                    onclick={props.dispatch.reform(move |_| Action::Reset(size))}>
                    { icon(Icon::Reset) }<span>{ "Reset" }</span>
                </button>
                if let Some(market) = &props.market {
                    <span class="bar-facts">
                        <span>{ format::count(market.orders, "order") }</span>
                        <span class="bar-now" title="now() is pinned to the data, so “the last 30 days” are never empty">
                            { icon(Icon::Clock) }{ "now " }{ format::moment(&market.now) }
                        </span>
                    </span>
                }
            </div>
            <button class="button-quiet bar-commands" onclick={props.dispatch.reform(|_| Action::TogglePalette)}>
                <span>{ "Commands" }</span><kbd>{ format!("{} K", browser::command_key()) }</kbd>
            </button>
            <button class="button-quiet" aria-label={theme_label} title={theme_label} data-testid="theme"
                onclick={props.dispatch.reform(move |_| Action::ChooseTheme(next_theme))}>
                { icon(theme_icon) }
            </button>
        </header>
    }
}

fn title(size: Size) -> &'static str {
    match size {
        Size::Small => "Small",
        Size::Medium => "Medium",
        Size::Large => "Large",
    }
}
