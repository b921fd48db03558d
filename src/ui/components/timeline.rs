use crate::app::format;
use crate::ui::shared::Shared;
use crate::wire::{QueryInfo, QueryReport, QueryRole};
use yew::prelude::*;

/// Props of [`Timeline`].
#[derive(Clone, PartialEq, Properties)]
pub struct TimelineProps {
    /// The log.
    pub report: Shared<QueryReport>,
    /// How long the whole run took, in milliseconds.
    pub ms: f64,
    /// What the whole width stands for, in milliseconds; the run itself when it is shorter.
    #[prop_or_default]
    pub scale: f64,
}

/// The width of the drawing in its own units.
const WIDTH: f64 = 1000.0;

/// The queries of a run in time, a bar each, with their count and the total.
#[component]
pub fn Timeline(props: &TimelineProps) -> Html {
    let report = &*props.report;
    let scale = props.scale.max(props.ms).max(0.001);
    let at = |ms: f64| (ms / scale * WIDTH).clamp(0.0, WIDTH);
    let bar = |(number, query): (usize, &QueryInfo)| {
        let (from, to) = (at(query.start), at(query.start + query.ms));
        // A query that is too short to be seen is drawn all the same.
        let width = (to - from).max(1.5);
        let class = match query.role {
            QueryRole::Statement => "timeline-query",
            QueryRole::Control | QueryRole::Migration => "timeline-query is-control",
        };
        html! {
            <rect key={number} {class} x={format!("{from:.2}")} y="0" width={format!("{width:.2}")} height="16">
                <title>{ format!("Query {}, {}", number + 1, format::time(query.ms)) }</title>
            </rect>
        }
    };
    let count = format::count(u64::from(report.count), "query");
    let said = format!(
        "{count}: {} in the database, {} in all",
        format::time(report.ms),
        format::time(props.ms)
    );
    html! {
        <figure class="timeline" data-testid="timeline">
            <figcaption><strong>{ count }</strong>
                <span>{ format!("{} in the database", format::time(report.ms)) }</span>
                <span class="timeline-total">{ format!("{} in all", format::time(props.ms)) }</span>
            </figcaption>
            <svg viewBox="0 0 1000 16" preserveAspectRatio="none" role="img" aria-label={said}>
                <rect class="timeline-run" x="0" y="0" width={format!("{:.2}", at(props.ms))} height="16" />
                { for report.queries.iter().enumerate().map(bar) }
            </svg>
        </figure>
    }
}

/// Where a query lies in its run, as shares of the run for the style sheet.
pub fn span_of(query: &QueryInfo, run: f64) -> String {
    let share = |ms: f64| (ms / run.max(0.001)).clamp(0.0, 1.0);
    format!(
        "--start: {:.4}; --share: {:.4}",
        share(query.start),
        share(query.ms)
    )
}
