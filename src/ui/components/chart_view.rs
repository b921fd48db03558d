use super::Chart;
use crate::app::chart::{
    Choice, Extent, MOST_POINTS, Role, Table, asked, default_choice, draw, fitting,
};
use crate::lessons::chart::{self, ChartKind};
use crate::ui::shared::Shared;
use crate::wire::chart::{ChartRows, Sums};
use crate::wire::{Problem, TableHead};
use std::rc::Rc;
use web_sys::HtmlSelectElement;
use yew::prelude::*;

/// A wish for the rows of a large result set: a sample, or sums over all of it.
#[derive(Clone, PartialEq)]
pub struct ChartWish {
    /// The result set.
    pub set: u32,
    /// How many rows at most.
    pub most: u32,
    /// What is to be added up.
    pub sums: Option<Sums>,
    /// Where they go.
    pub arrived: Callback<Result<ChartRows, Problem>>,
}

/// Props of [`ChartView`]. Another result needs another `key`.
#[derive(Clone, PartialEq, Properties)]
pub struct ChartViewProps {
    /// The result.
    pub table: Shared<TableHead>,
    /// The chart that a lesson asks for.
    #[prop_or_default]
    pub wanted: Option<chart::Chart>,
    /// The chart that a person has chosen.
    #[prop_or_default]
    pub chosen: Option<Choice>,
    /// A person chooses another one.
    pub on_choose: Callback<Choice>,
    /// Rows are wanted.
    pub on_chart: Callback<ChartWish>,
}

/// What has arrived: a table to draw, or why there is none.
type Arrived = Option<Result<Shared<Table>, Problem>>;

/// A result as a chart, with what is drawn in reach.
#[component]
pub fn ChartView(props: &ChartViewProps) -> Html {
    let plain = use_state_eq(|| None as Arrived);
    let added = use_state_eq(|| (None::<Sums>, None as Arrived));
    {
        let (plain, on_chart) = (plain.clone(), props.on_chart.clone());
        use_effect_with(props.table.clone(), move |table| {
            let all = table.first.rows.len() as u64 == u64::from(table.rows);
            if all {
                plain.set(Some(Ok(shared(whole(table)))));
                return;
            }
            let heads = table.clone();
            on_chart.emit(ChartWish {
                set: table.set,
                most: MOST_POINTS,
                sums: None,
                arrived: Callback::from(move |rows: Result<ChartRows, Problem>| {
                    let made = rows.map(|it| shared(Table::new(&heads.columns, &it.rows, it.of)));
                    plain.set(Some(made));
                }),
            });
        });
    }
    let choice = match &*plain {
        Some(Ok(table)) => {
            let wanted = props.wanted.as_ref().and_then(|chart| asked(table, chart));
            let chosen = props.chosen.clone();
            chosen.or(wanted).or_else(|| default_choice(table))
        }
        Some(Err(_)) | None => None,
    };
    // Rows that are added up must be all of them, not those of a sample.
    let needed = match (&*plain, &choice) {
        (Some(Ok(table)), Some(choice)) if choice.adds_up() => match table.extent {
            Extent::Sample { .. } => Some(Sums {
                x: choice.x,
                y: choice.y.clone(),
                series: choice.series,
            }),
            Extent::All | Extent::Sums { .. } => None,
        },
        _ => None,
    };
    {
        let (added, on_chart, table) = (added.clone(), props.on_chart.clone(), props.table.clone());
        use_effect_with(needed.clone(), move |needed| {
            let Some(sums) = needed.clone() else { return };
            added.set((Some(sums.clone()), None));
            on_chart.emit(ChartWish {
                set: table.set,
                most: MOST_POINTS,
                sums: Some(sums.clone()),
                arrived: Callback::from(move |rows: Result<ChartRows, Problem>| {
                    let of = u64::from(table.rows);
                    let made = rows.map(|it| shared(Table::of_sums(&table.columns, &it, of)));
                    added.set((Some(sums.clone()), Some(made)));
                }),
            });
        });
    }
    let drawn: Arrived = match (&needed, &*added) {
        (None, _) => (*plain).clone(),
        (Some(_), (sums, arrived)) if *sums == needed => arrived.clone(),
        (Some(_), _) => None,
    };
    let ready = match &drawn {
        Some(Ok(table)) => choice.clone().map(|choice| (table.clone(), choice)),
        Some(Err(_)) | None => None,
    };
    let drawing = use_memo(ready, |ready| {
        let (table, choice) = ready.as_ref()?;
        draw(table, choice).map(|drawing| Shared(Rc::new(drawing)))
    });
    let body = match (&drawn, &*drawing, &choice) {
        (Some(Err(problem)), _, _) => message(&problem.message),
        (None, _, _) => html! { <div class="chart-wait" aria-busy="true" /> },
        (Some(Ok(_)), _, None) => {
            message("A chart needs at least two rows and a column of numbers.")
        }
        (Some(Ok(_)), None, Some(_)) => {
            message("These columns do not make this chart. Choose others.")
        }
        (Some(Ok(_)), Some(drawing), Some(_)) => html! {
            <>
                <h3 class="chart-title">{ &drawing.title }</h3>
                <Chart drawing={drawing.clone()} height={drawing.height()} />
            </>
        },
    };
    let tools = match (&*plain, &choice) {
        (Some(Ok(table)), Some(choice)) => tools(table, choice, &props.on_choose),
        _ => Html::default(),
    };
    html! { <div class="chart-view">{ tools }{ body }</div> }
}

fn shared(table: Table) -> Shared<Table> {
    Shared(Rc::new(table))
}

/// A result that has arrived with all its rows.
fn whole(table: &TableHead) -> Table {
    Table::new(&table.columns, &table.first.rows, u64::from(table.rows))
}

fn message(text: &str) -> Html {
    html! { <p class="result-message" role="status">{ text }</p> }
}

/// Kind, x, y and series of a chart.
fn tools(table: &Shared<Table>, choice: &Choice, on_choose: &Callback<Choice>) -> Html {
    let mut kinds: Vec<ChartKind> = fitting(table).iter().map(|choice| choice.kind).collect();
    // A lesson may ask for a kind that nothing else suggests.
    if !kinds.contains(&choice.kind) {
        kinds.push(choice.kind);
    }
    let of_role = |wanted: Option<Role>| -> Vec<(usize, &str)> {
        let columns = table.columns.iter().enumerate();
        columns
            .filter(|(_, column)| wanted.is_none_or(|role| column.role == role))
            .map(|(place, column)| (place, column.name.as_str()))
            .collect()
    };
    let along = match choice.kind {
        ChartKind::Scatter => of_role(Some(Role::Number)),
        ChartKind::Histogram => Vec::new(),
        ChartKind::Bar
        | ChartKind::Line
        | ChartKind::Area
        | ChartKind::Heatmap
        | ChartKind::Stacked
        | ChartKind::Cumulative => of_role(None),
    };
    let mut split = of_role(Some(Role::Category));
    split.retain(|&(place, _)| place != choice.x);
    let kind_options: Vec<(usize, &str)> =
        kinds.iter().map(|kind| kind.title()).enumerate().collect();
    let on_kind = {
        let (table, choice, on_choose) = (table.clone(), choice.clone(), on_choose.clone());
        let kinds = kinds.clone();
        Callback::from(move |place: Option<usize>| {
            if let Some(&kind) = place.and_then(|place| kinds.get(place)) {
                on_choose.emit(choice.with_kind(&table, kind));
            }
        })
    };
    let on_x = {
        let (choice, on_choose) = (choice.clone(), on_choose.clone());
        Callback::from(move |place: Option<usize>| {
            if let Some(place) = place {
                on_choose.emit(choice.with_x(place));
            }
        })
    };
    let on_series = {
        let (choice, on_choose) = (choice.clone(), on_choose.clone());
        Callback::from(move |place| on_choose.emit(choice.with_series(place)))
    };
    let kind = kinds.iter().position(|kind| *kind == choice.kind);
    let none = match choice.kind {
        ChartKind::Heatmap => None,
        _ => Some("none"),
    };
    let splits = choice.kind != ChartKind::Histogram && !split.is_empty();
    html! {
        <div class="chart-tools" role="group" aria-label="Chart">
            { select("Kind", &kind_options, kind, None, on_kind) }
            if !along.is_empty() {
                { select("x", &along, Some(choice.x), None, on_x) }
            }
            { measures(&of_role(Some(Role::Number)), choice, on_choose) }
            if splits {
                { select("Series", &split, choice.series, none, on_series) }
            }
        </div>
    }
}

/// A list of columns, or of kinds, each with its place; `none` is what choosing nothing is called.
fn select(
    label: &'static str,
    options: &[(usize, &str)],
    chosen: Option<usize>,
    none: Option<&'static str>,
    on_choose: Callback<Option<usize>>,
) -> Html {
    let onchange = on_choose.reform(|event: Event| {
        let select = event.target_dyn_into::<HtmlSelectElement>()?;
        select.value().parse().ok()
    });
    html! {
        <label class="select"><span>{ label }</span>
            <select {onchange} data-testid={format!("chart-{}", label.to_lowercase())}>
                if let Some(none) = none {
                    <option value="" selected={chosen.is_none()}>{ none }</option>
                }
                { for options.iter().map(|&(place, title)| html! {
                    <option key={place} value={place.to_string()} selected={chosen == Some(place)}>{ title.to_owned() }</option>
                }) }
            </select>
        </label>
    }
}

/// The columns that are measured: one, or several beside each other where the kind takes them.
fn measures(numbers: &[(usize, &str)], choice: &Choice, on_choose: &Callback<Choice>) -> Html {
    let buttons = numbers.iter().map(|&(place, name)| {
        let onclick = {
            let (choice, on_choose) = (choice.clone(), on_choose.clone());
            Callback::from(move |_: MouseEvent| on_choose.emit(choice.with_measure(place)))
        };
        let pressed = choice.y.contains(&place).to_string();
        html! { <button key={place} class="segment" aria-pressed={pressed} {onclick}>{ name.to_owned() }</button> }
    });
    html! {
        <div class="chart-measures"><span aria-hidden="true">{ "y" }</span>
            <div class="segments" role="group" aria-label="y" data-testid="chart-y">{ for buttons }</div>
        </div>
    }
}
