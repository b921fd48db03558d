use super::{Icon, icon};
use crate::app::chart::Drawing;
use crate::ui::browser::{self, ChartPlot};
use crate::ui::shared::Shared;
use serde::Serialize;
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::Element;
use yew::prelude::*;

/// Props of [`Chart`].
#[derive(Clone, PartialEq, Properties)]
pub struct ChartProps {
    /// What to draw.
    pub drawing: Shared<Drawing>,
    /// Its height in pixels, kept free before the chart arrives.
    #[prop_or(300)]
    pub height: u32,
}

/// The plot once its module has arrived.
type Mounted = Rc<RefCell<Option<ChartPlot>>>;

/// A chart, with its summary for screen readers and its notes beneath.
#[component]
pub fn Chart(props: &ChartProps) -> Html {
    let place = use_node_ref();
    let plot = use_memo((), |()| Mounted::default());
    let drawn = use_state_eq(|| false);
    let latest = use_mut_ref(|| props.drawing.clone());
    *latest.borrow_mut() = props.drawing.clone();
    {
        let (place, plot, latest) = (place.clone(), (*plot).clone(), latest.clone());
        let drawn = drawn.clone();
        use_effect_with((), move |()| {
            let mounted = plot.clone();
            if let Some(place) = place.cast::<Element>() {
                spawn_local(async move {
                    let first = object(&latest.borrow().clone());
                    let made = browser::mount_chart(&place, &first).await.ok();
                    // The component may be gone by now.
                    if let Some(made) = made.filter(|_| place.is_connected()) {
                        let made: ChartPlot = made.unchecked_into();
                        made.redraw(&object(&latest.borrow().clone()));
                        *mounted.borrow_mut() = Some(made);
                        drawn.set(true);
                    }
                });
            }
            move || {
                if let Some(made) = plot.borrow_mut().take() {
                    made.remove();
                }
            }
        });
    }
    {
        let plot = (*plot).clone();
        use_effect_with(props.drawing.clone(), move |drawing| {
            if let Some(made) = plot.borrow().as_ref() {
                made.redraw(&object(drawing));
            }
        });
    }
    let name = file_name(&props.drawing.title);
    let save = |act: fn(&ChartPlot, &str)| {
        let (plot, name) = ((*plot).clone(), name.clone());
        Callback::from(move |_: MouseEvent| {
            if let Some(made) = plot.borrow().as_ref() {
                act(made, &name);
            }
        })
    };
    html! {
        <figure class="chart">
            <div class="chart-place" ref={place} style={format!("--height: {}px", props.height)} />
            <figcaption class="sr-only">{ &props.drawing.summary }</figcaption>
            <div class="chart-foot">
                <span class="chart-notes">{ props.drawing.notes.join(" ") }</span>
                <button class="button-quiet" title="Save the chart as SVG" disabled={!*drawn}
                    onclick={save(|plot, name| plot.save_svg(name))}>
                    { icon(Icon::Save) }<span>{ "SVG" }</span>
                </button>
                <button class="button-quiet" title="Save the chart as PNG" disabled={!*drawn}
                    onclick={save(|plot, name| drop(plot.save_png(name)))}>
                    { icon(Icon::Save) }<span>{ "PNG" }</span>
                </button>
            </div>
        </figure>
    }
}

/// The drawing as the module takes it.
fn object(drawing: &Shared<Drawing>) -> JsValue {
    drawing
        .serialize(&serde_wasm_bindgen::Serializer::json_compatible())
        .unwrap_or_default()
}

/// A title as the name of a file.
fn file_name(title: &str) -> String {
    let name: String = title
        .to_lowercase()
        .chars()
        .map(|sign| if sign.is_alphanumeric() { sign } else { '-' })
        .take(60)
        .collect();
    name.trim_matches('-').to_owned()
}
