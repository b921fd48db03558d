use crate::app::format;
use crate::ui::components::{ErDiagram, Icon, icon};
use crate::wire::{ColumnInfo, TableInfo};
use std::rc::Rc;
use yew::prelude::*;

/// Props of [`SchemaPage`].
#[derive(Clone, PartialEq, Properties)]
pub struct SchemaPageProps {
    /// The tables, when they are known.
    pub catalog: Option<Rc<[TableInfo]>>,
}

/// The tables that there are now, drawn and listed.
#[component]
pub fn SchemaPage(props: &SchemaPageProps) -> Html {
    let body = match &props.catalog {
        None => {
            html! { <p class="result-empty" role="status">{ "The tables appear when the engine is ready." }</p> }
        }
        Some(tables) => html! {
            <>
                <div class="er-frame"><ErDiagram tables={tables.clone()} /></div>
                <div class="tables">{ for tables.iter().map(draw_table) }</div>
            </>
        },
    };
    html! {
        <article class="page page-wide">
            <header class="page-head">
                <h1>{ "Schema" }</h1>
                <p class="page-lead">
                    { "The tables of the database as they are now, with what you have added. Lines lead from a foreign key to the key it refers to." }
                </p>
            </header>
            { body }
        </article>
    }
}

fn draw_table(table: &TableInfo) -> Html {
    html! {
        <section key={table.name.clone()} class="table-card" aria-label={table.name.clone()}>
            <header><h2>{ &table.name }</h2><span>{ format::count(table.rows, "row") }</span></header>
            <table>
                <thead class="sr-only"><tr><th>{ "Column" }</th><th>{ "Type" }</th><th>{ "Keys" }</th></tr></thead>
                <tbody>{ for table.columns.iter().map(draw_column) }</tbody>
            </table>
            if !table.constraints.is_empty() {
                <ul class="table-rules">
                    { for table.constraints.iter().map(|constraint| html! { <li><code>{ constraint }</code></li> }) }
                </ul>
            }
        </section>
    }
}

fn draw_column(column: &ColumnInfo) -> Html {
    html! {
        <tr>
            <td class="column-name">{ &column.name }</td>
            <td class="column-type">
                { &column.type_name }
                if column.nullable { <span class="null">{ " NULL" }</span> }
            </td>
            <td class="column-keys">
                if column.primary_key { <span class="tag tag-key">{ icon(Icon::Key) }{ "primary" }</span> }
                if column.unique { <span class="tag">{ "unique" }</span> }
                if let Some((table, target)) = &column.references {
                    <span class="tag">{ format!("→ {table}.{target}") }</span>
                }
            </td>
        </tr>
    }
}
