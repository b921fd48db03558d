use crate::app::chart::rounded;
use crate::app::format::grouped;
use crate::ui::client::Client;
use crate::ui::components::sql_text::sql_pieces;
use crate::wire::frames::{
    Bound, Choice, Exclude, FrameRow, Frames as Found, Function, Mode, Rows,
};
use crate::wire::{Problem, Reply, Request, TableInfo};
use std::rc::Rc;
use wasm_bindgen_futures::spawn_local;
use web_sys::{HtmlSelectElement, KeyboardEvent};
use yew::prelude::*;

const FUNCTIONS: [(Function, &str); 5] = [
    (Function::Sum, "Sum"),
    (Function::Avg, "Avg"),
    (Function::Count, "Count"),
    (Function::First, "First value"),
    (Function::Last, "Last value"),
];
const MODES: [(Mode, &str); 3] = [
    (Mode::Rows, "ROWS"),
    (Mode::Range, "RANGE"),
    (Mode::Groups, "GROUPS"),
];
const EXCLUDES: [(Exclude, &str); 4] = [
    (Exclude::NoOthers, "Nothing"),
    (Exclude::CurrentRow, "Current row"),
    (Exclude::Group, "Group"),
    (Exclude::Ties, "Ties"),
];
const STARTS: [Bound; 6] = [
    Bound::UnboundedPreceding,
    Bound::Preceding(3),
    Bound::Preceding(2),
    Bound::Preceding(1),
    Bound::CurrentRow,
    Bound::Following(1),
];
const ENDS: [Bound; 6] = [
    Bound::Preceding(1),
    Bound::CurrentRow,
    Bound::Following(1),
    Bound::Following(2),
    Bound::Following(3),
    Bound::UnboundedFollowing,
];

/// Props of [`Frames`].
#[derive(Clone, PartialEq, Properties)]
pub struct FramesProps {
    /// The tables; another count of rows draws anew.
    pub catalog: Option<Rc<[TableInfo]>>,
    /// The way to the worker.
    pub client: Client,
}

/// The rows of a window; pointing at one marks the rows of its frame.
#[component]
pub fn Frames(props: &FramesProps) -> Html {
    let choice = use_state_eq(|| Choice {
        rows: Rows::Products,
        function: Function::Sum,
        mode: Mode::Rows,
        start: Bound::Preceding(1),
        end: Bound::Following(1),
        exclude: Exclude::NoOthers,
    });
    let found = use_state(|| None::<Result<Rc<Found>, Problem>>);
    let latest = use_mut_ref(|| *choice);
    let current = use_state_eq(|| 10usize);
    {
        let (found, latest, client) = (found.clone(), latest.clone(), props.client.clone());
        use_effect_with((*choice, props.catalog.clone()), move |&(choice, _)| {
            *latest.borrow_mut() = choice;
            spawn_local(async move {
                let answer = match client.call(Request::Frames { choice }).await {
                    Ok((Reply::Frames(frames), _)) => Ok(frames),
                    Ok((Reply::Failed(problem), _)) | Err(problem) => Err(problem),
                    // No other reply answers it.
                    Ok(_) => return,
                };
                if *latest.borrow() == choice {
                    found.set(Some(answer));
                }
            });
        });
    }
    let body = match &*found {
        None => {
            html! { <p class="result-empty" role="status">{ "The rows appear when the engine is ready." }</p> }
        }
        Some(Err(problem)) => {
            html! { <p class="frames-refused" role="alert">{ format!("Refused: {}", problem.message) }</p> }
        }
        Some(Ok(frames)) => html! {
            <div class="frames-parts">
                { rows(frames, &current) }
                { code(frames) }
            </div>
        },
    };
    let customers = match &*found {
        Some(Ok(frames)) => frames.customers.clone(),
        Some(Err(_)) | None => Vec::new(),
    };
    let bounds = |values: [Bound; 6]| values.map(|value| (value, bound(value, &choice)));
    html! {
        <div class="frames" data-testid="frames">
            <div class="frames-tools" role="group" aria-label="Window">
                { source(&choice, &customers) }
                { options("Function", named(FUNCTIONS), choice.function, &choice, |choice, to| choice.function = to) }
                { options("Frame", named(MODES), choice.mode, &choice, |choice, to| choice.mode = to) }
                { options("From", bounds(STARTS).to_vec(), choice.start, &choice, |choice, to| choice.start = to) }
                { options("To", bounds(ENDS).to_vec(), choice.end, &choice, |choice, to| choice.end = to) }
                { options("Exclude", named(EXCLUDES), choice.exclude, &choice, |choice, to| choice.exclude = to) }
            </div>
            { body }
        </div>
    }
}

type ChoiceHandle = UseStateHandle<Choice>;

fn named<T, const N: usize>(values: [(T, &'static str); N]) -> Vec<(T, String)> {
    let named = values.into_iter();
    named
        .map(|(value, title)| (value, title.to_owned()))
        .collect()
}

/// A bound in words; a distance of RANGE is in the unit of what rows are ordered by.
fn bound(bound: Bound, choice: &Choice) -> String {
    let distance = |count: u8| match (choice.mode, choice.rows) {
        (Mode::Rows, _) if count == 1 => "1 row".to_owned(),
        (Mode::Rows, _) => format!("{count} rows"),
        (Mode::Groups, _) if count == 1 => "1 group".to_owned(),
        (Mode::Groups, _) => format!("{count} groups"),
        (Mode::Range, Rows::Months) if count == 1 => "1 month".to_owned(),
        (Mode::Range, Rows::Months) => format!("{count} months"),
        (Mode::Range, Rows::Products) => format!("{}.00", u32::from(count) * 10),
        (Mode::Range, Rows::Lines { .. }) => count.to_string(),
    };
    match bound {
        Bound::UnboundedPreceding => "the first row".to_owned(),
        Bound::Preceding(count) => format!("{} before", distance(count)),
        Bound::CurrentRow => "the current row".to_owned(),
        Bound::Following(count) => format!("{} after", distance(count)),
        Bound::UnboundedFollowing => "the last row".to_owned(),
    }
}

/// A list of values, of which one is chosen.
fn options<T: Copy + PartialEq + 'static>(
    label: &'static str,
    values: Vec<(T, String)>,
    chosen: T,
    choice: &ChoiceHandle,
    change: fn(&mut Choice, T),
) -> Html {
    let shown = values.iter().enumerate().map(|(place, (value, title))| {
        html! { <option key={place} selected={*value == chosen}>{ title.clone() }</option> }
    });
    let shown: Html = shown.collect();
    let onchange = {
        let choice = choice.clone();
        Callback::from(move |event: Event| {
            let select = event.target_dyn_into::<HtmlSelectElement>();
            let place = select.and_then(|select| usize::try_from(select.selected_index()).ok());
            if let Some(&(value, _)) = place.and_then(|place| values.get(place)) {
                let mut next = *choice;
                change(&mut next, value);
                choice.set(next);
            }
        })
    };
    html! {
        <label class="select"><span>{ label }</span>
            <select {onchange} data-testid={format!("frame-{}", label.to_lowercase())}>{ shown }</select>
        </label>
    }
}

fn source(choice: &ChoiceHandle, customers: &[(i64, String)]) -> Html {
    let onchange = {
        let choice = choice.clone();
        Callback::from(move |event: Event| {
            if let Some(select) = event.target_dyn_into::<HtmlSelectElement>() {
                let rows = match select.value().as_str() {
                    "products" => Rows::Products,
                    value => match value.parse() {
                        Ok(customer) => Rows::Lines { customer },
                        Err(_) => Rows::Months,
                    },
                };
                choice.set(Choice { rows, ..*choice });
            }
        })
    };
    let line = |customer: &i64| {
        choice.rows
            == Rows::Lines {
                customer: *customer,
            }
    };
    html! {
        <label class="select"><span>{ "Rows" }</span>
            <select {onchange} data-testid="frame-rows">
                <option value="products" selected={choice.rows == Rows::Products}>{ "Products of each category, by price" }</option>
                <option value="months" selected={choice.rows == Rows::Months}>{ "Revenue of each month" }</option>
                { for customers.iter().map(|(customer, name)| html! {
                    <option value={customer.to_string()} selected={line(customer)}>
                        { format!("Items of {name}, by quantity") }
                    </option>
                }) }
            </select>
        </label>
    }
}

/// The columns between the row's name and its ranks.
fn heads(choice: &Choice) -> (&'static str, Option<&'static str>, &'static str) {
    match choice.rows {
        Rows::Months => ("Month", None, "Revenue"),
        Rows::Products => ("Product", Some("Price"), "Stock"),
        Rows::Lines { .. } => ("Item", Some("Quantity"), "Amount"),
    }
}

fn rows(frames: &Rc<Found>, current: &UseStateHandle<usize>) -> Html {
    let last = frames.rows.len().saturating_sub(1);
    let shown = (**current).min(last);
    let onkeydown = {
        let current = current.clone();
        Callback::from(move |event: KeyboardEvent| {
            let next = match event.key().as_str() {
                "ArrowUp" => shown.saturating_sub(1),
                "ArrowDown" => (shown + 1).min(last),
                "Home" => 0,
                "End" => last,
                _ => return,
            };
            event.prevent_default();
            current.set(next);
        })
    };
    let (label, order, amount) = heads(&frames.choice);
    let width = if order.is_some() { "7" } else { "6" };
    let function = FUNCTIONS
        .iter()
        .find(|(function, _)| *function == frames.choice.function);
    let function = function.map_or("Value", |(_, title)| title);
    let mut bodies: Vec<Html> = Vec::new();
    let mut start = 0;
    for part in frames.rows.chunk_by(|a, b| a.part == b.part) {
        let name = part.first().and_then(|row| row.part.clone());
        let lines = part.iter().enumerate();
        let lines: Html = lines
            .map(|(place, row)| draw(frames, start + place, row, shown, current))
            .collect();
        bodies.push(html! {
            <tbody key={start}>
                if let Some(name) = name {
                    <tr class="frames-part"><th colspan={width} scope="rowgroup">{ name }</th></tr>
                }
                { lines }
            </tbody>
        });
        start += part.len();
    }
    html! {
        <div class="frames-rows">
            <p class="frames-said" role="status" data-testid="frame-said">{ said(frames, shown) }</p>
            <div class="frames-scroll">
                <table class="frames-table" role="grid" tabindex="0" aria-label="Rows of the window; the arrow keys move"
                    aria-activedescendant={format!("frame-row-{shown}")} {onkeydown}>
                    <thead><tr>
                        <th scope="col"><span class="sr-only">{ "Frame" }</span></th>
                        <th scope="col">{ label }</th>
                        if let Some(order) = order { <th scope="col">{ order }</th> }
                        <th scope="col">{ amount }</th>
                        <th scope="col" class="frames-rank">{ "Rank" }</th>
                        <th scope="col" class="frames-rank is-dense">{ "Dense" }</th>
                        <th scope="col">{ function }</th>
                    </tr></thead>
                    { for bodies }
                </table>
            </div>
            <p class="frames-key" aria-hidden="true">
                <span><b class="frame-mark is-here" />{ "current row" }</span>
                <span><b class="frame-mark is-inside" />{ "in its frame" }</span>
                <span><b class="frame-mark is-left-out" />{ "excluded" }</span>
                <span><i class="frames-tie">{ "1" }</i>{ "tie" }</span>
            </p>
        </div>
    }
}

/// A row: whether it is in the frame of the current one, its figures, its ranks.
fn draw(
    frames: &Found,
    place: usize,
    row: &FrameRow,
    shown: usize,
    current: &UseStateHandle<usize>,
) -> Html {
    let here = frames.rows.get(shown);
    let holds = |places: &[u32]| u32::try_from(place).is_ok_and(|place| places.contains(&place));
    let inside = here.is_some_and(|here| holds(&here.members));
    let left_out = here.is_some_and(|here| holds(&here.left_out));
    let apart = here.is_some_and(|here| here.part != row.part);
    let is_here = place == shown;
    let mark = match (is_here, inside, left_out) {
        (true, true, _) => "current row, in its frame",
        (true, false, _) => "current row, not in its frame",
        (false, true, _) => "in the frame",
        (false, false, true) => "excluded",
        (false, false, false) => "",
    };
    let ties = frames
        .rows
        .iter()
        .filter(|other| other.part == row.part && other.rank == row.rank);
    let tie = (ties.count() > 1).then_some("frames-tie");
    let point = {
        let current = current.clone();
        Callback::from(move |()| current.set(place))
    };
    let (_, order, _) = heads(&frames.choice);
    let class = classes!(
        inside.then_some("is-inside"),
        left_out.then_some("is-left-out"),
        is_here.then_some("is-here"),
        apart.then_some("is-apart"),
    );
    html! {
        <tr key={place} id={format!("frame-row-{place}")} {class} aria-selected={is_here.to_string()}
            onmouseenter={point.reform(|_| ())} onclick={point.reform(|_| ())}>
            <td><b class={classes!("frame-mark", inside.then_some("is-inside"), left_out.then_some("is-left-out"), is_here.then_some("is-here"))} />
                <span class="sr-only">{ mark }</span></td>
            <th scope="row">{ &row.label }</th>
            if order.is_some() { <td>{ figure(&row.order) }</td> }
            <td>{ figure(&row.amount) }</td>
            <td class="frames-rank"><i class={tie}>{ row.rank }</i></td>
            <td class="frames-rank is-dense"><i class={tie}>{ row.dense_rank }</i></td>
            <td class="frame-value">{ value(row) }</td>
        </tr>
    }
}

/// The current row's frame in a sentence.
fn said(frames: &Found, shown: usize) -> String {
    let Some(row) = frames.rows.get(shown) else {
        return "There are no rows.".to_owned();
    };
    let part = frames.rows.iter().filter(|other| other.part == row.part);
    let place = match &row.part {
        Some(part) => format!("{}, in {part}", row.label),
        None => row.label.clone(),
    };
    let excluded = match row.left_out.len() {
        0 => String::new(),
        count => format!(", {count} excluded"),
    };
    format!(
        "{place}: {} of {} rows are in its frame{excluded}. The value is {}.",
        row.members.len(),
        part.count(),
        value(row)
    )
}

fn value(row: &FrameRow) -> String {
    row.value.as_deref().map_or("NULL".to_owned(), figure)
}

fn code(frames: &Found) -> Html {
    html! {
        <div class="frames-code">
            <h3>{ "SQL" }</h3>
            <pre class="sql" tabindex="0" data-testid="frame-sql"><code>{ sql_pieces(&frames.sql) }</code></pre>
            <h3>{ "Django" }</h3>
            { match &frames.django {
                Ok(code) => html! { <pre class="sql" tabindex="0"><code>{ code }</code></pre> },
                Err(why) => html! { <p class="frames-refused">{ why }</p> },
            } }
        </div>
    }
}

/// A figure with separators: money and averages with two decimals, counts with none.
fn figure(text: &str) -> String {
    let decimals = if text.contains('.') { 2 } else { 0 };
    // Months have an order that is no number.
    rounded(text, decimals).unwrap_or_else(|| grouped(text).into_owned())
}
