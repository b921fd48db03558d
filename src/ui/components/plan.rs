use super::sql_text::sql_line;
use crate::app::format;
use crate::ui::shared::Shared;
use crate::wire::{PlanInfo, PlanMode, PlanNode, Problem, QueryReport, QueryRole};
use yew::prelude::*;

/// A plan that is wanted, and what to do with it.
#[derive(Clone, PartialEq)]
pub struct PlanRequest {
    /// Which statement of the run, from 0.
    pub query: u32,
    /// Whether its query runs for the figures.
    pub mode: PlanMode,
    /// Where the plan goes.
    pub arrived: Callback<Result<PlanInfo, Problem>>,
}

/// Props of [`PlanView`].
#[derive(Clone, PartialEq, Properties)]
pub struct PlanViewProps {
    /// The run's statements.
    pub report: Shared<QueryReport>,
    /// A plan is wanted.
    pub on_plan: Callback<PlanRequest>,
}

/// The plan of a run's statement as a drawn tree, with what each operator took.
#[component]
pub fn PlanView(props: &PlanViewProps) -> Html {
    let first = props
        .report
        .queries
        .iter()
        .position(|query| query.role == QueryRole::Statement)
        .unwrap_or(0);
    let chosen = use_state_eq(|| first as u32);
    let plan = use_state_eq(|| None::<Result<PlanInfo, Problem>>);
    {
        let (plan, on_plan) = (plan.clone(), props.on_plan.clone());
        use_effect_with((*chosen, props.report.clone()), move |(query, _)| {
            plan.set(None);
            on_plan.emit(PlanRequest {
                query: *query,
                mode: PlanMode::Analyze,
                arrived: Callback::from(move |answer| plan.set(Some(answer))),
            });
        });
    }
    let choose = {
        let chosen = chosen.clone();
        Callback::from(move |event: Event| {
            let target = event.target_dyn_into::<web_sys::HtmlSelectElement>();
            if let Some(number) = target.and_then(|select| select.value().parse().ok()) {
                chosen.set(number);
            }
        })
    };
    let statements = props.report.queries.iter().enumerate();
    let many = props.report.queries.len() > 1;
    let sql = props.report.queries.get(*chosen as usize);
    html! {
        <div class="plan">
            <header class="plan-head">
                if many {
                    <select class="select" aria-label="Statement" onchange={choose}>
                        { for statements.filter(|(_, query)| query.role == QueryRole::Statement).map(|(at, query)| html! {
                            <option key={at} value={at.to_string()} selected={at as u32 == *chosen}>
                                { format!("{}. {}", at + 1, query.sql.chars().take(72).collect::<String>()) }
                            </option>
                        }) }
                    </select>
                } else if let Some(query) = sql {
                    { sql_line(&query.sql) }
                }
                if let Some(Ok(plan)) = &*plan {
                    <span class="plan-total">{ total(plan) }</span>
                }
            </header>
            { match &*plan {
                None => html! { <p class="result-message" role="status">{ "Asking the engine…" }</p> },
                Some(Err(problem)) => html! { <p class="result-message">{ &problem.message }</p> },
                Some(Ok(plan)) => {
                    let whole = plan.root.measured.map_or(0.0, |(_, ms, _)| ms).max(0.001);
                    html! { <ul class="plan-tree">{ draw(&plan.root, whole) }</ul> }
                }
            } }
        </div>
    }
}

fn total(plan: &PlanInfo) -> String {
    let time = plan.ms.map_or_else(String::new, format::time);
    match plan.peak {
        Some(bytes) => format!("{time}, {} at most", memory(bytes)),
        None => time,
    }
}

fn memory(bytes: u64) -> String {
    match bytes {
        0..1_000_000 => format!("{} kB", bytes.div_ceil(1000)),
        _ => format::megabytes(bytes as f64),
    }
}

fn draw(node: &PlanNode, whole: f64) -> Html {
    let inputs: f64 = node
        .children
        .iter()
        .filter_map(|child| child.measured)
        .map(|(_, ms, _)| ms)
        .sum();
    let figures = node.measured.map(|(rows, ms, bytes)| {
        let own = (ms - inputs).max(0.0);
        html! {
            <span class="plan-figures" style={format!("--share: {:.3}", own / whole)}>
                <span title={format!("about {} expected", format::grouped(&format!("{:.0}", node.estimate)))}>
                    { format::count(rows, "row") }
                </span>
                <span class="plan-time" title="Its own time, its inputs left out">{ format::time(own) }</span>
                <span title="Memory">{ memory(bytes) }</span>
            </span>
        }
    });
    html! {
        <li>
            <div class="plan-node">
                <p class="plan-name"><strong>{ &node.name }</strong>{ figures.unwrap_or_default() }</p>
                { for node.details.iter().map(|(label, text)| html! {
                    <p class="plan-detail"><span>{ label }</span><code>{ text }</code></p>
                }) }
            </div>
            if !node.children.is_empty() {
                <ul>{ for node.children.iter().map(|child| draw(child, whole)) }</ul>
            }
        </li>
    }
}
