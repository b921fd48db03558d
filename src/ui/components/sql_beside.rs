use super::StatementsView;
use crate::app::state::{PanelRun, RunState};
use crate::ui::shared::Shared;
use crate::wire::Place;
use yew::prelude::*;

/// Statements that are shown; the query log has them all.
const SHOWN: usize = 30;

/// Props of [`SqlBeside`].
#[derive(Clone, PartialEq, Properties)]
pub struct SqlBesideProps {
    /// The last run of the code.
    pub run: Option<Shared<PanelRun>>,
    /// The editor's line that has the cursor.
    pub line: Option<u32>,
    /// The editor's line of the statement under the pointer.
    pub on_point: Callback<Option<u32>>,
    /// A person wants to see the code of a statement; its place counts from the text that ran.
    pub on_select: Callback<Place>,
}

/// The SQL that Django code made, beside it; line and statement light up together.
#[component]
pub fn SqlBeside(props: &SqlBesideProps) -> Html {
    let Some(run) = &props.run else {
        return hint("The SQL that it makes appears here when it runs.");
    };
    let RunState::Done(report) = &run.state else {
        return hint("");
    };
    if report.queries.queries.is_empty() {
        return hint("It made no query.");
    }
    html! {
        <aside class="live-sql" aria-label="SQL that the code made" tabindex="0">
            <StatementsView report={Shared(report.queries.clone())} lines_before={run.source.lines} line={props.line}
                on_select={props.on_select.clone()} on_point={props.on_point.clone()} most={SHOWN} />
        </aside>
    }
}

fn hint(text: &'static str) -> Html {
    html! { <aside class="live-sql"><p class="live-sql-hint">{ text }</p></aside> }
}
