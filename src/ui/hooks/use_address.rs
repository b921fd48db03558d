use crate::app::{Action, Address};
use crate::ui::browser;
use wasm_bindgen::prelude::*;
use yew::prelude::*;

/// Tells the page when the address changes by itself.
#[hook]
pub fn use_address(dispatch: &Callback<Action>) {
    let dispatch = dispatch.clone();
    use_effect_with((), move |()| {
        let listener = Closure::<dyn Fn()>::new(move || {
            dispatch.emit(Action::AddressChanged(Address::from_fragment(
                &browser::fragment(),
            )));
        });
        let window = browser::window();
        if let Some(window) = &window {
            window
                .add_event_listener_with_callback("hashchange", listener.as_ref().unchecked_ref())
                .ok();
        }
        move || {
            if let Some(window) = window {
                window
                    .remove_event_listener_with_callback(
                        "hashchange",
                        listener.as_ref().unchecked_ref(),
                    )
                    .ok();
            }
        }
    });
}
