//! The special parts of panels, one file each; `lessons::lesson::Widget` lists them.

mod models;
mod python_file;

use crate::lessons::lesson::Widget;
use crate::wire::TableInfo;
use models::Models;
use python_file::PythonFile;
use std::rc::Rc;
use yew::prelude::*;

/// Draws a special part. One that is not made yet draws nothing.
pub fn widget(widget: Widget, catalog: Option<&Rc<[TableInfo]>>) -> Html {
    match widget {
        Widget::Models => html! { <Models catalog={catalog.cloned()} /> },
        Widget::Querysets => html! {
            <PythonFile name="querysets.py" text={include_str!("../../../market/python/querysets.py")} />
        },
        Widget::Services => html! {
            <PythonFile name="services.py" text={include_str!("../../../market/python/services.py")} />
        },
        Widget::LostUpdate | Widget::Frames => Html::default(),
    }
}
