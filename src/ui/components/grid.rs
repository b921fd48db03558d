use crate::app::format;
use crate::app::selection::{Cell, Reach, Selection, Step};
use crate::app::window::{Opening, ROW};
use crate::ui::shared::Shared;
use crate::wire::{Area, ColumnHead, RowPage, TableHead};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use web_sys::{Element, HtmlElement, KeyboardEvent, ResizeObserver};
use yew::prelude::*;

/// Rows that are fetched at once.
pub const PAGE: u32 = 200;

/// Pages that are kept; the ones farthest from sight go first.
const KEPT_PAGES: usize = 60;

/// A wish for rows.
#[derive(Clone, PartialEq)]
pub struct Fetch {
    /// The first row.
    pub start: u32,
    /// How many.
    pub count: u32,
    /// Where they go.
    pub arrived: Callback<RowPage>,
}

/// Props of [`Grid`]. Another table needs another `key`.
#[derive(Clone, PartialEq, Properties)]
pub struct GridProps {
    /// Labels, types, and the first rows.
    pub table: Shared<TableHead>,
    /// What it is, for screen readers.
    pub label: AttrValue,
    /// More rows are wanted.
    pub on_fetch: Callback<Fetch>,
    /// Cells are wanted on the clipboard.
    pub on_copy: Callback<Area>,
}

/// The pages of rows that are here or on their way.
#[derive(Default)]
struct Pages {
    here: BTreeMap<u32, RowPage>,
    coming: BTreeSet<u32>,
}

impl Pages {
    fn row(&self, row: u32) -> Option<&Vec<Option<String>>> {
        self.here
            .get(&(row / PAGE))?
            .rows
            .get((row % PAGE) as usize)
    }

    fn put(&mut self, page: RowPage) {
        let number = page.start / PAGE;
        self.coming.remove(&number);
        self.here.insert(number, page);
        while self.here.len() > KEPT_PAGES {
            let farthest = self
                .here
                .keys()
                .copied()
                .max_by_key(|&other| other.abs_diff(number));
            match farthest {
                Some(farthest) => drop(self.here.remove(&farthest)),
                None => break,
            }
        }
    }
}

/// A table of any length: only the rows in sight are in the document, and only those near them in
/// the page's memory.
#[component]
pub fn Grid(props: &GridProps) -> Html {
    let table = &props.table;
    let (rows, columns) = (table.rows, table.columns.len() as u32);
    let frame = use_node_ref();
    let scrolled = use_state_eq(|| 0.0f64);
    let height = use_state_eq(|| 600.0f64);
    let selection = use_state_eq(|| None::<Selection>);
    let arrivals = use_force_update();
    let pages = use_mut_ref(|| {
        let mut pages = Pages::default();
        pages.put(table.first.clone());
        pages
    });
    let template = use_memo(table.clone(), |table| template(table));

    let opening = Opening {
        rows,
        height: *height,
    };
    let sight = opening.sight(*scrolled);

    // How tall the opening is, whenever that changes.
    {
        let (frame, height) = (frame.clone(), height.clone());
        use_effect_with((), move |()| {
            let element = frame.cast::<HtmlElement>();
            let measured = element.clone();
            let measure = Closure::<dyn Fn()>::new(move || {
                if let Some(element) = &measured {
                    // The header row covers the first part.
                    height.set((f64::from(element.client_height()) - ROW).max(ROW));
                }
            });
            let observer = ResizeObserver::new(measure.as_ref().unchecked_ref()).ok();
            if let (Some(observer), Some(element)) = (&observer, &element) {
                observer.observe(element);
            }
            move || {
                if let Some(observer) = observer {
                    observer.disconnect();
                }
                drop(measure);
            }
        });
    }
    // Rows that come into sight are fetched by pages.
    {
        let (pages, on_fetch) = (pages.clone(), props.on_fetch.clone());
        use_effect_with((sight.first, sight.end), move |&(first, end)| {
            if first >= end {
                return;
            }
            for number in first / PAGE..=(end - 1) / PAGE {
                {
                    let mut known = pages.borrow_mut();
                    if known.here.contains_key(&number) || !known.coming.insert(number) {
                        continue;
                    }
                }
                let (pages, arrivals) = (pages.clone(), arrivals.clone());
                on_fetch.emit(Fetch {
                    start: number * PAGE,
                    count: PAGE,
                    arrived: Callback::from(move |page| {
                        pages.borrow_mut().put(page);
                        arrivals.force_update();
                    }),
                });
            }
        });
    }
    // The active cell is brought into sight sideways too, which only the browser can measure.
    {
        let frame = frame.clone();
        use_effect_with(*selection, move |selection| {
            if selection.is_some()
                && let Some(cell) = frame
                    .cast::<Element>()
                    .and_then(|frame| frame.query_selector("[data-active]").ok().flatten())
            {
                reveal(&cell);
            }
        });
    }

    let onscroll = {
        let scrolled = scrolled.clone();
        Callback::from(move |event: Event| {
            if let Some(frame) = event.target_dyn_into::<Element>() {
                // Proportional scrolling moves rows with every pixel, the usual kind only when
                // another block of rows comes into sight.
                let top = f64::from(frame.scroll_top());
                let same = opening.sight(top) == opening.sight(*scrolled);
                if !same {
                    scrolled.set(top);
                }
            }
        })
    };
    let onkeydown = {
        let (selection, frame, on_copy) = (selection.clone(), frame.clone(), props.on_copy.clone());
        let page_rows = ((*height / ROW) as i64 - 1).max(1);
        Callback::from(move |event: KeyboardEvent| {
            let jump = event.ctrl_key() || event.meta_key();
            let now = selection.unwrap_or_default();
            let step = match event.key().as_str() {
                "c" | "C" if jump => {
                    event.prevent_default();
                    if rows > 0 {
                        on_copy.emit(now.area());
                    }
                    return;
                }
                "a" | "A" if jump => {
                    event.prevent_default();
                    let all =
                        Selection::default().step(Step::TableEnd, Reach::Extend, rows, columns);
                    selection.set(Some(Selection {
                        anchor: all.active,
                        active: all.anchor,
                    }));
                    return;
                }
                "Escape" => {
                    selection.set(None);
                    return;
                }
                "ArrowUp" if jump => Step::By(-i64::from(rows), 0),
                "ArrowDown" if jump => Step::By(i64::from(rows), 0),
                "ArrowUp" => Step::By(-1, 0),
                "ArrowDown" => Step::By(1, 0),
                "ArrowLeft" => Step::By(0, -1),
                "ArrowRight" => Step::By(0, 1),
                "PageUp" => Step::By(-page_rows, 0),
                "PageDown" => Step::By(page_rows, 0),
                "Home" if jump => Step::TableStart,
                "End" if jump => Step::TableEnd,
                "Home" => Step::RowStart,
                "End" => Step::RowEnd,
                _ => return,
            };
            event.prevent_default();
            if rows == 0 {
                return;
            }
            let reach = if event.shift_key() {
                Reach::Extend
            } else {
                Reach::Move
            };
            // The first key shows where one is, the next ones move.
            let next = match *selection {
                None if matches!(step, Step::By(..)) => Selection::default(),
                _ => now.step(step, reach, rows, columns),
            };
            if let Some(frame) = frame.cast::<Element>()
                && let Some(top) = opening.reveal(next.active.row, f64::from(frame.scroll_top()))
            {
                frame.set_scroll_top(top.round() as i32);
            }
            selection.set(Some(next));
        })
    };
    let onmousedown = {
        let selection = selection.clone();
        Callback::from(move |event: MouseEvent| {
            let cell = event
                .target_dyn_into::<Element>()
                .and_then(|target| target.closest("[role=gridcell]").ok().flatten())
                .and_then(|cell| cell_of(&cell));
            if let Some(cell) = cell {
                let reach = if event.shift_key() {
                    Reach::Extend
                } else {
                    Reach::Move
                };
                selection.set(Some(selection.unwrap_or_default().to(cell, reach)));
            }
        })
    };

    let pages = pages.borrow();
    let drawn = (sight.first..sight.end)
        .map(|row| draw_row(table, row, pages.row(row), *selection))
        .collect::<Html>();
    html! {
        <div class="grid" role="grid" tabindex="0" ref={frame} aria-label={props.label.clone()}
            aria-rowcount={(rows + 1).to_string()} aria-colcount={columns.to_string()}
            aria-multiselectable="true"
            aria-activedescendant={selection.map(|_| "grid-active-cell")}
            style={format!("--columns: {template}; --rows: {rows}")}
            {onscroll} {onkeydown} {onmousedown}>
            <div class="grid-row grid-head" role="row" aria-rowindex="1">
                <span class="grid-number" role="presentation" />
                { for table.columns.iter().map(draw_head) }
            </div>
            <div class="grid-area" role="presentation" style={format!("height: {}px", opening.area())}>
                <div class="grid-rows" role="rowgroup" style={format!("transform: translateY({}px)", sight.top)}>
                    { drawn }
                </div>
            </div>
        </div>
    }
}

fn draw_head(column: &ColumnHead) -> Html {
    let class = classes!("grid-cell", column.kind.is_number().then_some("is-number"));
    html! {
        <span {class} role="columnheader" title={format!("{}: {}", column.name, column.type_name)}>
            { &column.name }
        </span>
    }
}

fn draw_row(
    table: &TableHead,
    row: u32,
    values: Option<&Vec<Option<String>>>,
    selection: Option<Selection>,
) -> Html {
    let cells = (0..).zip(&table.columns).map(|(place, column)| {
        let cell = Cell { row, column: place };
        let text = values.and_then(|values| values.get(place as usize));
        let chosen = selection.is_some_and(|selection| selection.holds(cell));
        let active = selection.is_some_and(|selection| selection.active == cell);
        let class = classes!(
            "grid-cell",
            column.kind.is_number().then_some("is-number"),
            chosen.then_some("is-chosen"),
            active.then_some("is-active"),
        );
        let content = match text {
            Some(Some(text)) => html! { format::cell(column, text).into_owned() },
            Some(None) => html! { <span class="null">{ "NULL" }</span> },
            None => html! { <span class="null">{ "…" }</span> },
        };
        html! {
            <span {class} role="gridcell" id={active.then_some("grid-active-cell")}
                data-active={active.then_some("")} data-at={format!("{row},{place}")}
                aria-selected={chosen.then_some("true")}>
                { content }
            </span>
        }
    });
    html! {
        <div key={row} class="grid-row" role="row" aria-rowindex={(row + 2).to_string()}>
            <span class="grid-number" role="presentation">{ row + 1 }</span>
            { for cells }
        </div>
    }
}

/// The widths of the columns, from the label and the first rows.
fn template(table: &TableHead) -> Rc<str> {
    let widths = table.columns.iter().enumerate().map(|(place, column)| {
        let widest = table
            .first
            .rows
            .iter()
            .filter_map(|row| row.get(place))
            .map(|text| {
                text.as_deref()
                    .map_or(4, |text| width(&format::cell(column, text)))
            })
            .max()
            .unwrap_or(0);
        let characters = widest.max(width(&column.name)).clamp(3, 48);
        format!("calc({characters}ch + 26px)")
    });
    let gutter = table.rows.to_string().len().max(2);
    let mut template = format!("calc({gutter}ch + 20px)");
    for width in widths {
        template.push(' ');
        template.push_str(&width);
    }
    template.push_str(" 1fr");
    template.into()
}

/// How many digits wide a text is, roughly: East Asian characters count twice.
fn width(text: &str) -> usize {
    text.chars()
        .map(|character| {
            if ('\u{1100}'..'\u{fff0}').contains(&character) {
                2
            } else {
                1
            }
        })
        .sum()
}

fn cell_of(element: &Element) -> Option<Cell> {
    let at = element.get_attribute("data-at")?;
    let (row, column) = at.split_once(',')?;
    Some(Cell {
        row: row.parse().ok()?,
        column: column.parse().ok()?,
    })
}

fn reveal(cell: &Element) {
    let options = web_sys::ScrollIntoViewOptions::new();
    options.set_block(web_sys::ScrollLogicalPosition::Nearest);
    options.set_inline(web_sys::ScrollLogicalPosition::Nearest);
    cell.scroll_into_view_with_scroll_into_view_options(&options);
}
