use super::live_code::{language_of, run_callback};
use crate::app::Action;
use crate::lessons::lesson::{Code, Data, Language, Param, ParamKind};
use crate::lessons::literal;
use crate::ui::browser;
use crate::ui::client::Client;
use crate::ui::components::EditorHandle;
use crate::wire::{PanelId, Reply, Request, World};
use std::collections::BTreeMap;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;
use web_sys::{HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

/// The most rows that a control offers.
const MOST_ROWS: u32 = 500;

/// Props of [`Params`].
#[derive(Clone, PartialEq, Properties)]
pub struct ParamsProps {
    /// The controls.
    pub params: Vec<Param>,
    /// The codes whose literals they rewrite.
    pub codes: Vec<Code>,
    /// The ways to their editors.
    pub handles: Vec<EditorHandle>,
    /// The panel number of the first code.
    pub first: PanelId,
    /// The language that is shown, which runs after a change.
    pub shown: Language,
    /// The way to the worker.
    pub client: Client,
    /// What a person did.
    pub dispatch: Callback<Action>,
}

/// Controls over literals of the code: what is shown is what runs.
#[component]
pub fn Params(props: &ParamsProps) -> Html {
    let values = use_state_eq(BTreeMap::<String, String>::new);
    if props.params.is_empty() {
        return Html::default();
    }
    let given = |name: &str| {
        let mut codes = props.codes.iter();
        codes.find_map(|code| literal::value(code.language, &code.text, name))
    };
    let controls = props.params.iter().map(|param| {
        let value = values.get(&param.name).cloned().or_else(|| given(&param.name));
        let on_value = {
            let (props, values, name) = (props.clone(), values.clone(), param.name.clone());
            Callback::from(move |value: String| {
                let mut next = (*values).clone();
                next.insert(name.clone(), value.clone());
                values.set(next);
                rewrite(&props, &name, &value);
            })
        };
        html! {
            <label class="param" key={param.name.clone()}>
                <span>{ &param.label }</span>
                <Control kind={param.kind.clone()} value={value.unwrap_or_default()} {on_value} client={props.client.clone()} />
            </label>
        }
    });
    html! { <div class="params" role="group" aria-label="Controls">{ for controls }</div> }
}

/// Puts a value into every code, and runs the one that is shown.
fn rewrite(props: &ParamsProps, name: &str, value: &str) {
    for (place, (code, handle)) in props.codes.iter().zip(&props.handles).enumerate() {
        let text = handle.text().unwrap_or_else(|| code.text.clone());
        let text = literal::rewritten(code.language, &text, name, value);
        handle.replace(&text);
        if code.language == props.shown {
            let world = match code.data {
                Data::Own => World::Main,
                Data::Medium => World::Medium,
            };
            let id = PanelId(props.first.0 + place as u32);
            run_callback(
                handle,
                id,
                language_of(code.language),
                world,
                &text,
                &props.dispatch,
            )
            .emit(());
        }
    }
}

/// Props of [`Control`].
#[derive(Clone, PartialEq, Properties)]
struct ControlProps {
    kind: ParamKind,
    value: String,
    on_value: Callback<String>,
    client: Client,
}

/// One control.
#[component]
fn Control(props: &ControlProps) -> Html {
    let options = use_state_eq(Vec::<(String, String)>::new);
    {
        let (options, client) = (options.clone(), props.client.clone());
        use_effect_with(props.kind.clone(), move |kind| match kind {
            ParamKind::Number { .. } => {}
            ParamKind::Choice(choices) => {
                let same = |text: &String| (text.clone(), text.clone());
                options.set(choices.iter().map(same).collect());
            }
            ParamKind::Rows(sql) => {
                let sql = sql.clone();
                spawn_local(async move { options.set(rows(&client, sql).await) });
            }
        });
    }
    let on_value = props.on_value.clone();
    match &props.kind {
        ParamKind::Number { min, max, step } => {
            let onchange = Callback::from(move |event: Event| {
                if let Some(field) = event.target_dyn_into::<HtmlInputElement>()
                    && field.check_validity()
                    && !field.value().is_empty()
                {
                    on_value.emit(field.value());
                }
            });
            html! {
                <input type="number" min={min.clone()} max={max.clone()} step={step.clone()} value={props.value.clone()} {onchange} />
            }
        }
        ParamKind::Choice(_) | ParamKind::Rows(_) => {
            let onchange = Callback::from(move |event: Event| {
                if let Some(field) = event.target_dyn_into::<HtmlSelectElement>() {
                    on_value.emit(field.value());
                }
            });
            let known = options.iter().any(|(value, _)| *value == props.value);
            html! {
                <select {onchange}>
                    if !known {
                        <option value={props.value.clone()} selected=true>{ &props.value }</option>
                    }
                    { for options.iter().map(|(value, label)| html! {
                        <option value={value.clone()} selected={*value == props.value}>{ label }</option>
                    }) }
                </select>
            }
        }
    }
}

/// Value and label of each row of a query.
async fn rows(client: &Client, sql: String) -> Vec<(String, String)> {
    let request = Request::Query {
        sql,
        runs: vec![Vec::new()],
    };
    let Ok((Reply::Values { heads, .. }, blocks)) = client.call(request).await else {
        return Vec::new();
    };
    let Some((head, block)) = heads.first().zip(blocks.first()) else {
        return Vec::new();
    };
    let columns = head.columns.as_ref().map_or(0, Vec::len) as u32;
    let count = (head.row_count as u32).min(MOST_ROWS);
    let text = |value: wasm_bindgen::JsValue| match value.as_f64() {
        Some(number) => number.to_string(),
        None => value.as_string().unwrap_or_default(),
    };
    browser::rows(block, columns, head.row_count as u32)
        .iter()
        .take(count as usize)
        .filter_map(|row| {
            let row = row.dyn_into::<js_sys::Array>().ok()?;
            let value = text(row.get(0));
            let label = if row.length() > 1 {
                text(row.get(1))
            } else {
                value.clone()
            };
            Some((value, label))
        })
        .collect()
}
