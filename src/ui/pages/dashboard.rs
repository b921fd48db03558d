use crate::app::dashboard as shown;
use crate::app::format::{count, grouped};
use crate::ui::browser;
use crate::ui::client::Client;
use crate::ui::components::{Chart, Icon, icon};
use crate::ui::shared::Shared;
use crate::wire::dashboard::{Dashboard, DashboardFilter, Period, Tile};
use crate::wire::{MarketInfo, Reply, Request};
use std::rc::Rc;
use wasm_bindgen_futures::spawn_local;
use web_sys::{HtmlInputElement, HtmlSelectElement, KeyboardEvent};
use yew::prelude::*;

/// Milliseconds after the last letter of a search.
const QUIET: i32 = 180;
/// Products in the tile of best sellers.
const BEST: usize = 8;

/// Props of [`DashboardPage`].
#[derive(Clone, PartialEq, Properties)]
pub struct DashboardPageProps {
    /// The data set at hand.
    pub market: Option<Shared<MarketInfo>>,
    /// Whether the worker waits for work.
    pub ready: bool,
    /// The way to the worker.
    pub client: Client,
}

/// The services' figures on one page.
#[component]
pub fn DashboardPage(props: &DashboardPageProps) -> Html {
    let filter = use_state_eq(DashboardFilter::default);
    // The figures, with the filter that they answer to.
    let tiles = use_state(|| None::<Result<(DashboardFilter, Rc<Dashboard>), String>>);
    let opened = use_state_eq(|| None::<(Tile, &'static str)>);
    let asked = use_mut_ref(|| 0u32);
    {
        let (tiles, asked, client) = (tiles.clone(), asked.clone(), props.client.clone());
        let wanted = ((*filter).clone(), props.market.clone(), props.ready);
        use_effect_with(wanted, move |(filter, market, ready)| {
            if market.is_none() || !*ready {
                return;
            }
            *asked.borrow_mut() += 1;
            let number = *asked.borrow();
            let filter = filter.clone();
            spawn_local(async move {
                let request = Request::Dashboard {
                    filter: filter.clone(),
                };
                let answer = match client.call(request).await {
                    Ok((Reply::Dashboard(found), _)) => Ok((filter, found)),
                    Ok((Reply::Failed(problem), _)) | Err(problem) => Err(problem.message),
                    // No other reply answers it.
                    Ok(_) => return,
                };
                // Only the answer to the latest question counts.
                if *asked.borrow() == number {
                    tiles.set(Some(answer));
                }
            });
        });
    }
    let body = match &*tiles {
        None => {
            html! { <p class="result-empty" role="status">{ "The figures appear when the engine is ready." }</p> }
        }
        Some(Err(message)) => html! {
            <div class="problem" role="alert">
                <p class="problem-message">{ message }</p>
                <ul class="problem-hints"><li>{ "The dashboard needs the five tables of the marketplace. Reset brings them back." }</li></ul>
            </div>
        },
        Some(Ok((answered, found))) => draw(found, answered, &filter, &opened),
    };
    let (years, categories) = match &*tiles {
        Some(Ok((_, found))) => (found.years.clone(), found.categories.clone()),
        Some(Err(_)) | None => (Vec::new(), Vec::new()),
    };
    let busy = match &*tiles {
        Some(Ok((answered, _))) => *answered != *filter,
        Some(Err(_)) => false,
        None => true,
    };
    html! {
        <article class="page dashboard" aria-busy={busy.to_string()}>
            <header class="dashboard-head">
                <div>
                    <h1>{ "Dashboard" }</h1>
                    <p>{ "Cancelled orders are left out. Revenue is quantity times the price on the day of sale." }</p>
                </div>
                <div class="dashboard-filter" role="group" aria-label="Filter">
                    { period_select(&filter, &years) }
                    { category_select(&filter, &categories) }
                </div>
            </header>
            { body }
            if let (Some((tile, title)), Some(Ok((_, found)))) = (*opened, &*tiles) {
                { behind(found, tile, title, &opened) }
            }
        </article>
    }
}

type FilterHandle = UseStateHandle<DashboardFilter>;
type OpenedHandle = UseStateHandle<Option<(Tile, &'static str)>>;

/// The filter after a change of one of its parts.
fn changed(filter: &FilterHandle, change: impl FnOnce(&mut DashboardFilter)) {
    let mut next = (**filter).clone();
    change(&mut next);
    filter.set(next);
}

fn selected(event: &Event) -> Option<String> {
    let select = event.target_dyn_into::<HtmlSelectElement>()?;
    Some(select.value())
}

fn period_select(filter: &FilterHandle, years: &[i32]) -> Html {
    let onchange = {
        let filter = filter.clone();
        Callback::from(move |event: Event| {
            if let Some(period) = selected(&event).and_then(|name| shown::period_named(&name)) {
                changed(&filter, |filter| filter.period = period);
            }
        })
    };
    let fixed = [
        Period::All,
        Period::Days(30),
        Period::Days(90),
        Period::Days(365),
    ];
    let periods = fixed
        .into_iter()
        .chain(years.iter().map(|&year| Period::Year(year)));
    html! {
        <label class="select"><span class="sr-only">{ "Period" }</span>
            <select {onchange} data-testid="period">
                { for periods.map(|period| {
                    let name = shown::period_name(period);
                    let label = match period {
                        Period::All => "All time".to_owned(),
                        Period::Days(days) => format!("Last {days} days"),
                        Period::Year(year) => format!("Year {year}"),
                    };
                    html! { <option key={name.clone()} value={name} selected={period == filter.period}>{ label }</option> }
                }) }
            </select>
        </label>
    }
}

fn category_select(filter: &FilterHandle, categories: &[String]) -> Html {
    let onchange = {
        let filter = filter.clone();
        Callback::from(move |event: Event| {
            if let Some(name) = selected(&event) {
                changed(&filter, |filter| {
                    filter.category = (!name.is_empty()).then_some(name);
                    filter.product = None;
                });
            }
        })
    };
    html! {
        <label class="select"><span class="sr-only">{ "Category" }</span>
            <select {onchange} data-testid="category">
                <option value="" selected={filter.category.is_none()}>{ "All categories" }</option>
                { for categories.iter().map(|name| html! {
                    <option key={name.clone()} value={name.clone()}
                        selected={filter.category.as_ref() == Some(name)}>{ name }</option>
                }) }
            </select>
        </label>
    }
}

/// The tiles: figures that answer to one filter, with controls that change another, which is the
/// same unless an answer is on its way.
fn draw(
    found: &Rc<Dashboard>,
    answered: &DashboardFilter,
    filter: &FilterHandle,
    opened: &OpenedHandle,
) -> Html {
    let figures = &found.figures;
    let whole = |number: i64| grouped(&number.to_string()).into_owned();
    let tiles = [
        ("Revenue", grouped(&figures.revenue).into_owned()),
        ("Units sold", whole(figures.units)),
        ("Orders", whole(figures.orders)),
        ("Customers", whole(figures.customers)),
        (
            "Average order value",
            grouped(&figures.average_order_value).into_owned(),
        ),
    ];
    let scope = match &answered.category {
        Some(category) => format!("{category}, {}", shown::period(answered.period)),
        None => shown::period(answered.period),
    };
    html! {
        <div class="tiles">
            { for tiles.into_iter().map(|(title, value)| html! {
                <section key={title} class="tile tile-figure" aria-label={title}>
                    { tile_head(title, "", Tile::Figures, opened) }
                    <p class="tile-value" data-testid={title}>{ value }</p>
                    <p class="tile-scope">{ &scope }</p>
                </section>
            }) }
            { months(found, &scope, opened) }
            { categories(found, answered, opened) }
            { products(found, &scope, opened) }
            { ranks(found, &scope, opened) }
            { customers(found, filter, &scope, opened) }
            { also_bought(found, answered, filter, opened) }
        </div>
    }
}

fn tile_head(title: &'static str, scope: &str, tile: Tile, opened: &OpenedHandle) -> Html {
    let onclick = {
        let opened = opened.clone();
        Callback::from(move |_: MouseEvent| opened.set(Some((tile, title))))
    };
    let label = format!("Code of {title}");
    html! {
        <header class="tile-head">
            <h2>{ title }</h2>
            if !scope.is_empty() { <span class="tile-scope">{ scope.to_owned() }</span> }
            <button class="button-quiet tile-code" aria-label={label.clone()} title={label} {onclick}>{ icon(Icon::Prompt) }</button>
        </header>
    }
}

fn nothing() -> Html {
    html! { <p class="tile-none">{ "No sales here. Choose a longer period or another category." }</p> }
}

fn months(found: &Rc<Dashboard>, scope: &str, opened: &OpenedHandle) -> Html {
    html! {
        <section class="tile tile-months" aria-label="Monthly revenue">
            { tile_head("Monthly revenue", scope, Tile::Months, opened) }
            { match shown::months(&found.months) {
                None => nothing(),
                Some((bars, total)) => html! {
                    <>
                        <Chart drawing={Shared(Rc::new(bars))} height={210} />
                        <Chart drawing={Shared(Rc::new(total))} height={150} />
                    </>
                },
            } }
        </section>
    }
}

/// A list of names, each with a bar and a number.
struct BarRow<'a> {
    key: String,
    name: &'a str,
    share: f64,
    value: String,
    aside: String,
    pale: bool,
}

fn bars(rows: Vec<BarRow<'_>>) -> Html {
    if rows.is_empty() {
        return nothing();
    }
    html! {
        <ol class="bars">
            { for rows.into_iter().map(|row| html! {
                <li key={row.key} class={classes!("bar-row", row.pale.then_some("is-pale"))}>
                    <span class="bar-name" title={row.name.to_owned()}>{ row.name }</span>
                    <span class="bar-aside">{ row.aside }</span>
                    <span class="bar-value">{ row.value }</span>
                    <span class="bar-track" aria-hidden="true"><span style={format!("width: {:.2}%", row.share * 100.0)} /></span>
                </li>
            }) }
        </ol>
    }
}

fn categories(found: &Dashboard, filter: &DashboardFilter, opened: &OpenedHandle) -> Html {
    let most = found
        .by_category
        .first()
        .map_or("0", |first| first.revenue.as_str());
    let rows = found
        .by_category
        .iter()
        .map(|category| BarRow {
            key: category.name.clone(),
            name: &category.name,
            share: shown::share(&category.revenue, most),
            value: grouped(&category.revenue).into_owned(),
            aside: count(u64::try_from(category.units).unwrap_or(0), "unit"),
            pale: filter
                .category
                .as_ref()
                .is_some_and(|chosen| *chosen != category.name),
        })
        .collect();
    html! {
        <section class="tile tile-categories" aria-label="Revenue by category">
            { tile_head("Revenue by category", &shown::period(filter.period), Tile::Categories, opened) }
            { bars(rows) }
        </section>
    }
}

fn products(found: &Dashboard, scope: &str, opened: &OpenedHandle) -> Html {
    let most = found
        .products
        .first()
        .map_or("0", |first| first.revenue.as_str());
    let rows = found
        .products
        .iter()
        .take(BEST)
        .map(|product| BarRow {
            key: product.id.to_string(),
            name: &product.name,
            share: shown::share(&product.revenue, most),
            value: grouped(&product.revenue).into_owned(),
            aside: count(u64::try_from(product.units).unwrap_or(0), "unit"),
            pale: false,
        })
        .collect();
    html! {
        <section class="tile tile-half" aria-label="Top selling products">
            { tile_head("Top selling products", scope, Tile::Products, opened) }
            { bars(rows) }
        </section>
    }
}

fn ranks(found: &Dashboard, scope: &str, opened: &OpenedHandle) -> Html {
    let most = found
        .ranks
        .first()
        .map_or("0", |first| first.total_spent.as_str());
    let rows = found
        .ranks
        .iter()
        .enumerate()
        .map(|(place, rank)| BarRow {
            key: place.to_string(),
            name: &rank.name,
            share: shown::share(&rank.total_spent, most),
            value: grouped(&rank.total_spent).into_owned(),
            aside: format!("#{}", rank.rank),
            pale: false,
        })
        .collect();
    html! {
        <section class="tile tile-half" aria-label="Ranked customers">
            { tile_head("Ranked customers", scope, Tile::Ranks, opened) }
            { bars(rows) }
        </section>
    }
}

fn customers(found: &Dashboard, filter: &FilterHandle, scope: &str, opened: &OpenedHandle) -> Html {
    let oninput = {
        let filter = filter.clone();
        Callback::from(move |event: InputEvent| {
            let Some(field) = event.target_dyn_into::<HtmlInputElement>() else {
                return;
            };
            let (filter, typed) = (filter.clone(), field.value());
            browser::later(QUIET, move || {
                // Another letter may have come since.
                if field.value() == typed {
                    changed(&filter, |filter| filter.search = typed);
                }
            });
        })
    };
    let rows = found.customers.iter().enumerate().map(|(place, customer)| {
        html! {
            <tr key={place}>
                <th scope="row">{ &customer.name }</th>
                <td>{ grouped(&customer.lifetime_value).into_owned() }</td>
                <td>{ customer.orders }</td>
                <td>{ customer.units }</td>
                <td class="is-day">{ &customer.first }</td>
                <td class="is-day">{ &customer.last }</td>
            </tr>
        }
    });
    html! {
        <section class="tile tile-customers" aria-label="Lifetime value by customer">
            { tile_head("Lifetime value by customer", scope, Tile::Customers, opened) }
            <input class="field" type="search" placeholder="Search a name" aria-label="Search a customer" {oninput} />
            <div class="tile-table">
                <table>
                    <thead><tr>
                        <th scope="col">{ "Customer" }</th><th scope="col">{ "Value" }</th><th scope="col">{ "Orders" }</th>
                        <th scope="col">{ "Units" }</th><th scope="col" class="is-day">{ "First" }</th><th scope="col" class="is-day">{ "Last" }</th>
                    </tr></thead>
                    <tbody>{ for rows }</tbody>
                </table>
                if found.customers.is_empty() { <p class="tile-none">{ "Nobody of this name bought anything here." }</p> }
            </div>
        </section>
    }
}

fn also_bought(
    found: &Dashboard,
    answered: &DashboardFilter,
    filter: &FilterHandle,
    opened: &OpenedHandle,
) -> Html {
    let onchange = {
        let filter = filter.clone();
        Callback::from(move |event: Event| {
            if let Some(product) = selected(&event).and_then(|value| value.parse().ok()) {
                changed(&filter, |filter| filter.product = Some(product));
            }
        })
    };
    let most = found
        .also_bought
        .first()
        .map_or(1, |(_, buyers)| *buyers)
        .max(1);
    let rows = found
        .also_bought
        .iter()
        .enumerate()
        .map(|(place, (name, buyers))| BarRow {
            key: place.to_string(),
            name,
            share: *buyers as f64 / most as f64,
            value: count(u64::try_from(*buyers).unwrap_or(0), "buyer"),
            aside: String::new(),
            pale: false,
        })
        .collect();
    html! {
        <section class="tile tile-also" aria-label="Also bought">
            { tile_head("Also bought", &shown::period(answered.period), Tile::AlsoBought, opened) }
            <label class="select select-wide"><span class="sr-only">{ "Product" }</span>
                <select {onchange} data-testid="product">
                    { for found.products.iter().map(|product| html! {
                        <option key={product.id} value={product.id.to_string()}
                            selected={found.product == Some(product.id)}>{ format!("Buyers of {}", product.name) }</option>
                    }) }
                </select>
            </label>
            { bars(rows) }
        </section>
    }
}

/// The Django code and the SQL behind a tile.
fn behind(found: &Dashboard, tile: Tile, title: &'static str, opened: &OpenedHandle) -> Html {
    let close = {
        let opened = opened.clone();
        Callback::from(move |()| opened.set(None))
    };
    let onkeydown = {
        let close = close.clone();
        Callback::from(move |event: KeyboardEvent| {
            if event.key() == "Escape" {
                close.emit(());
            }
        })
    };
    let source = found.sources.iter().find(|source| source.tile == tile);
    html! {
        <aside class="behind" aria-label={format!("Behind {title}")} {onkeydown}>
            <header>
                <h2>{ format!("Behind {title}") }</h2>
                <button class="button-quiet" aria-label="Close" onclick={close.reform(|_| ())}>{ icon(Icon::Close) }</button>
            </header>
            if let Some(source) = source {
                <h3>{ "Django" }</h3>
                <pre tabindex="0"><code data-testid="behind-django">{ &source.code }</code></pre>
                <h3>{ format!("SQL, as it ran in {}", crate::app::format::time(source.ms)) }</h3>
                { for source.sql.iter().map(|sql| html! {
                    <pre tabindex="0"><code data-testid="behind-sql">{ shown::by_clauses(sql) }</code></pre>
                }) }
            } else {
                <p class="tile-none">{ "There were no sales to ask about." }</p>
            }
        </aside>
    }
}
