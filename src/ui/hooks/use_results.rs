use crate::ui::browser;
use crate::ui::client::Client;
use crate::ui::components::{ChartWish, Fetch, PlanRequest};
use crate::wire::{Area, Format, PanelId, Reply, Request};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

/// What a panel's result asks of the worker, each with the number of the result set.
#[derive(Clone, PartialEq)]
pub struct Results {
    /// Rows that come into sight.
    pub on_fetch: Callback<(u32, Fetch)>,
    /// Cells for the clipboard.
    pub on_copy: Callback<(u32, Area)>,
    /// A file.
    pub on_save: Callback<(u32, Format)>,
    /// A plan.
    pub on_plan: Callback<PlanRequest>,
    /// Rows for a chart.
    pub on_chart: Callback<ChartWish>,
}

/// The callbacks of a panel's result.
#[hook]
pub fn use_results(client: &Client, panel: PanelId) -> Results {
    let results = use_memo((client.clone(), panel), |(client, panel)| {
        let panel = *panel;
        let (fetching, copying, saving) = (client.clone(), client.clone(), client.clone());
        let (planning, charting) = (client.clone(), client.clone());
        Results {
            on_fetch: Callback::from(move |(set, fetch): (u32, Fetch)| {
                let client = fetching.clone();
                spawn_local(async move {
                    let request = Request::Rows {
                        panel,
                        set,
                        start: fetch.start,
                        count: fetch.count,
                    };
                    if let Ok((Reply::Rows(page), _)) = client.call(request).await {
                        fetch.arrived.emit(page);
                    }
                });
            }),
            on_copy: Callback::from(move |(set, area)| {
                let client = copying.clone();
                spawn_local(async move {
                    if let Some(text) = export(&client, panel, set, Format::Tsv, area).await {
                        // A browser that refuses says so itself.
                        browser::copy_text(&text).await.ok();
                    }
                });
            }),
            on_plan: Callback::from(move |wanted: PlanRequest| {
                let client = planning.clone();
                spawn_local(async move {
                    let request = Request::Plan {
                        panel,
                        query: wanted.query,
                        mode: wanted.mode,
                    };
                    match client.call(request).await {
                        Ok((Reply::Plan(plan), _)) => wanted.arrived.emit(Ok(plan)),
                        Ok((Reply::Failed(problem), _)) | Err(problem) => {
                            wanted.arrived.emit(Err(problem));
                        }
                        // No other reply answers this.
                        Ok(_) => {}
                    }
                });
            }),
            on_chart: Callback::from(move |wish: ChartWish| {
                let client = charting.clone();
                spawn_local(async move {
                    let request = Request::ChartRows {
                        panel,
                        set: wish.set,
                        most: wish.most,
                        sums: wish.sums,
                    };
                    match client.call(request).await {
                        Ok((Reply::ChartRows(rows), _)) => wish.arrived.emit(Ok(rows)),
                        Ok((Reply::Failed(problem), _)) | Err(problem) => {
                            wish.arrived.emit(Err(problem));
                        }
                        // No other reply answers this.
                        Ok(_) => {}
                    }
                });
            }),
            on_save: Callback::from(move |(set, format)| {
                let client = saving.clone();
                spawn_local(async move {
                    if let Some(text) = export(&client, panel, set, format, Area::ALL).await {
                        let (name, mime) = match format {
                            Format::Csv => ("result.csv", "text/csv"),
                            Format::Json => ("result.json", "application/json"),
                            Format::Tsv => ("result.tsv", "text/tab-separated-values"),
                        };
                        browser::save_text(name, mime, &text);
                    }
                });
            }),
        }
    });
    (*results).clone()
}

async fn export(
    client: &Client,
    panel: PanelId,
    set: u32,
    format: Format,
    area: Area,
) -> Option<String> {
    let request = Request::Export {
        panel,
        set,
        format,
        area,
    };
    match client.call(request).await {
        Ok((Reply::Exported(text), _)) => Some(text),
        _ => None,
    }
}
