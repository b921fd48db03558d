//! The special parts of panels, one file each; `lessons::lesson::Widget` lists them.

mod frames;
mod lost_update;
mod models;
mod python_file;

use crate::lessons::lesson::Widget;
use crate::ui::client::Client;
use crate::wire::TableInfo;
use frames::Frames;
use lost_update::LostUpdate;
use models::Models;
use python_file::PythonFile;
use std::rc::Rc;
use yew::prelude::*;

/// Draws a special part.
pub fn widget(widget: Widget, catalog: Option<&Rc<[TableInfo]>>, client: &Client) -> Html {
    match widget {
        Widget::Models => html! { <Models catalog={catalog.cloned()} /> },
        Widget::Querysets => html! {
            <PythonFile name="querysets.py" text={include_str!("../../../market/python/querysets.py")} />
        },
        Widget::Services => html! {
            <PythonFile name="services.py" text={include_str!("../../../market/python/services.py")} />
        },
        Widget::LostUpdate => html! { <LostUpdate client={client.clone()} /> },
        Widget::Frames => html! { <Frames catalog={catalog.cloned()} client={client.clone()} /> },
    }
}
