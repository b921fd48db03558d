use crate::ui::browser;
use wasm_bindgen::prelude::*;
use web_sys::KeyboardEvent;
use yew::prelude::*;

/// Calls back when Ctrl (Cmd on a Mac) and `key` are pressed anywhere on the page.
#[hook]
pub fn use_shortcut(key: &'static str, on_press: Callback<()>) {
    use_effect_with(on_press, move |on_press| {
        let on_press = on_press.clone();
        let listener = Closure::<dyn Fn(KeyboardEvent)>::new(move |event: KeyboardEvent| {
            if (event.ctrl_key() || event.meta_key()) && event.key().eq_ignore_ascii_case(key) {
                event.prevent_default();
                on_press.emit(());
            }
        });
        let window = browser::window();
        if let Some(window) = &window {
            window
                .add_event_listener_with_callback("keydown", listener.as_ref().unchecked_ref())
                .ok();
        }
        move || {
            if let Some(window) = window {
                window
                    .remove_event_listener_with_callback(
                        "keydown",
                        listener.as_ref().unchecked_ref(),
                    )
                    .ok();
            }
        }
    });
}
