use crate::app::state::Theme;
use crate::app::{Action, Place};
use crate::lessons::PHASES;
use crate::wire::{Language, Size};
use web_sys::{HtmlElement, HtmlInputElement, KeyboardEvent};
use yew::prelude::*;

/// Props of [`Palette`].
#[derive(Clone, PartialEq, Properties)]
pub struct PaletteProps {
    /// What a person did.
    pub dispatch: Callback<Action>,
}

/// Every command by its name: type a part of it, press Enter.
#[component]
pub fn Palette(props: &PaletteProps) -> Html {
    let sought = use_state_eq(String::new);
    let place = use_state_eq(|| 0usize);
    let field = use_node_ref();
    {
        let field = field.clone();
        use_effect_with((), move |()| {
            if let Some(field) = field.cast::<HtmlElement>() {
                field.focus().ok();
            }
        });
    }
    let found: Vec<_> = commands()
        .into_iter()
        .filter(|(name, _)| matches(name, &sought))
        .collect();
    let chosen = (*place).min(found.len().saturating_sub(1));
    let close = props.dispatch.reform(|_: ()| Action::TogglePalette);
    let choose = {
        let (dispatch, close) = (props.dispatch.clone(), close.clone());
        move |action: Action| {
            // Going somewhere closes the palette by itself.
            if !matches!(action, Action::Navigate(_)) {
                close.emit(());
            }
            dispatch.emit(action);
        }
    };
    let onkeydown = {
        let (place, close, choose) = (place.clone(), close.clone(), choose.clone());
        let action = found.get(chosen).map(|(_, action)| action.clone());
        let last = found.len().saturating_sub(1);
        Callback::from(move |event: KeyboardEvent| {
            match event.key().as_str() {
                "ArrowDown" => place.set((chosen + 1).min(last)),
                "ArrowUp" => place.set(chosen.saturating_sub(1)),
                "Escape" => close.emit(()),
                "Enter" => {
                    if let Some(action) = action.clone() {
                        choose(action);
                    }
                }
                _ => return,
            }
            event.prevent_default();
        })
    };
    let oninput = {
        let (sought, place) = (sought.clone(), place.clone());
        Callback::from(move |event: InputEvent| {
            if let Some(field) = event.target_dyn_into::<HtmlInputElement>() {
                sought.set(field.value());
                place.set(0);
            }
        })
    };
    let options = found.iter().enumerate().map(|(number, (name, action))| {
        let onclick = {
            let (choose, action) = (choose.clone(), action.clone());
            Callback::from(move |_: MouseEvent| choose(action.clone()))
        };
        html! {
            <li key={name.clone()} id={format!("command-{number}")} role="option" class="palette-option"
                aria-selected={(number == chosen).to_string()} {onclick}>{ name }</li>
        }
    });
    html! {
        <div class="palette-cover" onclick={close.reform(|_| ())}>
            <div class="palette" role="dialog" aria-modal="true" aria-label="Commands"
                onclick={Callback::from(|event: MouseEvent| event.stop_propagation())}>
                <input ref={field} class="palette-field" type="text" placeholder="Go to, reset, theme…" value={(*sought).clone()}
                    role="combobox" aria-expanded="true" aria-controls="commands" aria-label="Command"
                    aria-activedescendant={format!("command-{chosen}")} autocomplete="off" {oninput} {onkeydown} />
                <ul id="commands" class="palette-list" role="listbox" aria-label="Commands">
                    { for options }
                    if found.is_empty() {
                        <li class="palette-none">{ "No command of that name." }</li>
                    }
                </ul>
            </div>
        </div>
    }
}

fn commands() -> Vec<(String, Action)> {
    let go = |name: &str, place| (format!("Go to {name}"), Action::Navigate(place));
    let mut commands = vec![go("Playground", Place::Playground)];
    commands.extend(PHASES.iter().map(|phase| {
        let name = format!("phase {}: {}", phase.number, phase.title);
        go(&name, Place::Phase(phase.number))
    }));
    commands.push(go("Course, progress, pages of your own", Place::Course));
    commands.push(go("Dashboard", Place::Dashboard));
    commands.push(go("Schema", Place::Schema));
    commands.extend(Language::ALL.map(|language| {
        let name = format!("Help: what {} is supported", language.title());
        (name, Action::Navigate(Place::Help(language)))
    }));
    commands.extend(Size::ALL.map(|size| {
        let name = format!("Reset the data: {}", size.name());
        (name, Action::Reset(size))
    }));
    commands.extend([Theme::System, Theme::Light, Theme::Dark].map(|theme| {
        (
            format!("Theme: {}", theme.name()),
            Action::ChooseTheme(theme),
        )
    }));
    commands
}

/// Whether every word that is sought is a part of the name.
fn matches(name: &str, sought: &str) -> bool {
    let name = name.to_lowercase();
    sought
        .to_lowercase()
        .split_whitespace()
        .all(|word| name.contains(word))
}
