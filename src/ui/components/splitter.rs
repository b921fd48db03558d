use crate::ui::browser;
use web_sys::{Element, KeyboardEvent, PointerEvent};
use yew::prelude::*;

/// Props of [`Splitter`].
#[derive(Clone, PartialEq, Properties)]
pub struct SplitterProps {
    /// The first part's share, in thousandths.
    pub value: u16,
    /// It moves.
    pub on_move: Callback<u16>,
    /// It stays where it is now.
    pub on_settle: Callback<()>,
}

/// From this width on the two parts stand side by side (`static/css/playground.css`).
const WIDE: f64 = 1680.0;

/// The share that a double click restores.
const BALANCED: u16 = 450;

/// The divider between the two parts of its parent: moved with the pointer or the arrow keys.
#[component]
pub fn Splitter(props: &SplitterProps) -> Html {
    let dragging = use_state_eq(|| false);
    let onpointerdown = {
        let dragging = dragging.clone();
        Callback::from(move |event: PointerEvent| {
            event.prevent_default();
            if let Some(target) = event.target_dyn_into::<Element>() {
                target.set_pointer_capture(event.pointer_id()).ok();
                dragging.set(true);
            }
        })
    };
    let onpointermove = {
        let (dragging, on_move) = (*dragging, props.on_move.clone());
        Callback::from(move |event: PointerEvent| {
            if !dragging {
                return;
            }
            let parent = event
                .target_dyn_into::<Element>()
                .and_then(|target| target.parent_element());
            if let Some(parent) = parent {
                let area = parent.get_bounding_client_rect();
                let share = if is_wide() {
                    (f64::from(event.client_x()) - area.left()) / area.width()
                } else {
                    (f64::from(event.client_y()) - area.top()) / area.height()
                };
                on_move.emit((share * 1000.0).clamp(0.0, 1000.0) as u16);
            }
        })
    };
    let onpointerup = {
        let (dragging, on_settle) = (dragging.clone(), props.on_settle.clone());
        Callback::from(move |_: PointerEvent| {
            if *dragging {
                dragging.set(false);
                on_settle.emit(());
            }
        })
    };
    let onkeydown = {
        let (value, on_move, on_settle) =
            (props.value, props.on_move.clone(), props.on_settle.clone());
        Callback::from(move |event: KeyboardEvent| {
            let value = match event.key().as_str() {
                "ArrowUp" | "ArrowLeft" => value.saturating_sub(20),
                "ArrowDown" | "ArrowRight" => value + 20,
                "Home" => 0,
                "End" => 1000,
                _ => return,
            };
            event.prevent_default();
            on_move.emit(value);
            on_settle.emit(());
        })
    };
    let ondblclick = {
        let (on_move, on_settle) = (props.on_move.clone(), props.on_settle.clone());
        Callback::from(move |_: MouseEvent| {
            on_move.emit(BALANCED);
            on_settle.emit(());
        })
    };
    html! {
        <div class={classes!("splitter", dragging.then_some("is-dragged"))} role="separator" tabindex="0"
            aria-label="Divider between editor and result"
            aria-orientation={if is_wide() { "vertical" } else { "horizontal" }}
            aria-valuenow={(props.value / 10).to_string()} aria-valuemin="15" aria-valuemax="85"
            onpointercancel={onpointerup.clone()}
            {onpointerdown} {onpointermove} {onpointerup} {onkeydown} {ondblclick} />
    }
}

fn is_wide() -> bool {
    browser::window()
        .and_then(|window| window.inner_width().ok()?.as_f64())
        .is_some_and(|width| width >= WIDE)
}
