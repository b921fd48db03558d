use crate::ui::browser;
use yew::prelude::*;

/// Parts of a page that a screen may show at first.
const AT_ONCE: usize = 2;
/// Parts that each further step adds.
const STEP: usize = 3;

/// How many of a page's parts to draw: the first ones at once, the others in steps behind the
/// first frame, so that the click that opens a long page does not wait for what is below the
/// screen.
#[hook]
pub fn use_growing(parts: usize) -> usize {
    let drawn = use_state_eq(|| AT_ONCE);
    {
        let drawn = drawn.clone();
        use_effect_with((*drawn, parts), move |&(now, parts)| {
            if now >= parts {
                return;
            }
            let grow = move || drawn.set(now + STEP);
            if now == AT_ONCE {
                browser::after_paint(grow);
            } else {
                // What a person does meanwhile comes between two steps; a frame need not.
                browser::later(0, grow);
            }
        });
    }
    parts.min(*drawn)
}
