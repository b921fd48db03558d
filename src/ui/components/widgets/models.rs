use super::PythonFile;
use crate::app::format;
use crate::ui::components::ErDiagram;
use crate::wire::TableInfo;
use std::rc::Rc;
use yew::prelude::*;

/// Props of [`Models`].
#[derive(Clone, PartialEq, Properties)]
pub struct ModelsProps {
    /// The tables, when they are known.
    pub catalog: Option<Rc<[TableInfo]>>,
}

/// The five models as code beside the tables that they make.
#[component]
pub fn Models(props: &ModelsProps) -> Html {
    let tables = match &props.catalog {
        None => {
            html! { <p class="result-empty">{ "The tables appear when the engine is ready." }</p> }
        }
        Some(tables) => html! {
            <>
                <div class="er-frame"><ErDiagram tables={tables.clone()} /></div>
                <p class="models-rows">{ for tables.iter().map(|table| html! {
                    <span>{ &table.name }{ ": " }{ format::count(table.rows, "row") }</span>
                }) }</p>
            </>
        },
    };
    html! {
        <div class="models">
            <PythonFile name="models.py" text={include_str!("../../../market/python/models.py")} />
            <div class="models-tables">{ tables }</div>
        </div>
    }
}
