use crate::lessons::verdict::{DataSet, Fault, Finding, Sample, Verdict};
use yew::prelude::*;

/// What a check says, with the rows that differ.
pub fn verdict(verdict: &Verdict) -> Html {
    match verdict {
        Verdict::Right => html! {
            <div class="verdict is-right" role="status">
                <p><strong>{ "Right" }</strong>{ ", on the data you see and on other data." }</p>
            </div>
        },
        Verdict::Wrong(Finding { data, fault }) => html! {
            <div class="verdict is-wrong" role="status">
                <p>
                    <strong>{ "Not yet. " }</strong>
                    if *data == DataSet::Hidden {
                        { "Right on the data you see, but not on other data. " }
                    }
                    { fault.to_string() }
                </p>
                { details(fault) }
            </div>
        },
    }
}

fn details(fault: &Fault) -> Html {
    match fault {
        Fault::Rows {
            missing: _,
            missing_rows,
            extra: _,
            extra_rows,
        } => html! { <>{ sample("Missing", missing_rows) }{ sample("Too many", extra_rows) }</> },
        Fault::Values {
            wrong: _,
            expected,
            found,
        } => html! { <>{ sample("Expected", expected) }{ sample("Yours", found) }</> },
        Fault::Order {
            place: _,
            expected,
            found,
        } => html! { <>{ sample("Expected here", expected) }{ sample("Yours", found) }</> },
        Fault::Error {
            code: _,
            message: _,
            line: _,
            hints,
        } => html! { <>{ for hints.iter().map(|hint| html! { <p>{ hint }</p> }) }</> },
        Fault::Columns { .. }
        | Fault::Queries { .. }
        | Fault::MustUse(_)
        | Fault::MustNotUse(_)
        | Fault::NoAnswer(_) => Html::default(),
    }
}

fn sample(title: &str, sample: &Sample) -> Html {
    if sample.rows.is_empty() {
        return Html::default();
    }
    let cell = |cell: &Option<String>| match cell {
        Some(text) => html! { <td>{ text }</td> },
        None => html! { <td><span class="null">{ "NULL" }</span></td> },
    };
    html! {
        <table class="verdict-rows">
            <caption>{ title.to_owned() }</caption>
            <thead><tr>{ for sample.columns.iter().map(|name| html! { <th scope="col">{ name }</th> }) }</tr></thead>
            <tbody>{ for sample.rows.iter().map(|row| html! { <tr>{ for row.iter().map(cell) }</tr> }) }</tbody>
        </table>
    }
}
