use crate::ui::browser;
use wasm_bindgen::prelude::*;
use web_sys::Element;
use yew::prelude::*;

/// Whether an element has ever been near the part of the page that is in sight.
#[hook]
pub fn use_near(place: &NodeRef) -> bool {
    let near = use_state_eq(|| false);
    {
        let (near, place) = (near.clone(), place.clone());
        use_effect_with((), move |()| {
            let watch = place.cast::<Element>().map(|element| {
                let on_near = Closure::<dyn Fn()>::new(move || near.set(true));
                (browser::when_near(&element, &on_near), on_near)
            });
            move || {
                if let Some((observer, _on_near)) = watch {
                    observer.disconnect();
                }
            }
        });
    }
    *near
}
