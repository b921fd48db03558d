use super::live_code::{run_button, run_callback};
use super::underlined;
use crate::app::state::{
    Ending, Engine, HistoryEntry, Notice, Opened, PanelRun, RunState, Source, Tone,
};
use crate::app::{self, Action, Address, format};
use crate::ui::browser;
use crate::ui::client::Client;
use crate::ui::components::{Editor, EditorHandle, Icon, ResultView, Splitter, icon};
use crate::ui::hooks::use_results;
use crate::ui::shared::Shared;
use crate::wire::{Language, PanelId, Place, TableInfo, World};
use std::rc::Rc;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

/// What a first visitor finds in the editor.
const FIRST_TEXT: &str = "-- Which products bring the most? Press Ctrl+Enter to run.
SELECT p.name,
       c.name AS category,
       SUM(i.quantity) AS units,
       SUM(i.quantity * i.unit_price) AS revenue
FROM order_item i
JOIN product p ON p.id = i.product_id
JOIN category c ON c.id = p.category_id
GROUP BY p.name, c.name
ORDER BY revenue DESC, p.name
LIMIT 20;
";

/// What a first visitor finds in the editor for Django code.
const FIRST_DJANGO: &str = "# Real Django code, run in this page. Press Ctrl+Enter.
for order in Order.objects.filter(status=Order.Status.PAID)[:8]:
    print(order, \"by\", order.customer.name, \"in\", order.customer.city)

Product.objects.filter(Q(price__lt=500) | Q(rating__gt=4)).annotate(
    sold=Sum(\"order_items__quantity\"),
    revenue=Sum(F(\"order_items__quantity\") * F(\"order_items__unit_price\")),
).filter(sold__gt=0).order_by(\"-revenue\").values(\"name\", \"price\", \"rating\", \"sold\", \"revenue\")
";

/// SQL to start from.
const SQL_EXAMPLES: [(&str, &str); 4] = [
    (
        "Products by price",
        "SELECT name, price, rating, stock
FROM product
ORDER BY price DESC, name;
",
    ),
    (
        "Spending per customer",
        "SELECT c.id, c.name, COALESCE(SUM(i.quantity * i.unit_price), 0) AS spent
FROM customer c
LEFT JOIN orders o ON o.customer_id = c.id
LEFT JOIN order_item i ON i.order_id = o.id
GROUP BY c.id, c.name
ORDER BY spent DESC, c.id;
",
    ),
    (
        "Orders by status",
        "SELECT status, COUNT(*) AS orders
FROM orders
GROUP BY status
ORDER BY orders DESC, status;
",
    ),
    (
        "Last order date per customer",
        "SELECT c.id, c.name,
       (SELECT MAX(o.created_at) FROM orders o WHERE o.customer_id = c.id) AS last_order
FROM customer c
ORDER BY c.id;
",
    ),
];

/// Django code to start from.
const DJANGO_EXAMPLES: [(&str, &str); 4] = [
    (
        "Premium customers",
        "Customer.objects.filter(is_premium=True).annotate(
    orders_count=Count(\"orders\"),
).order_by(\"-orders_count\", \"name\")
",
    ),
    (
        "An N+1 and its mend",
        "# One query for the orders, and one more for each customer.
for order in Order.objects.all()[:10]:
    print(order, order.customer.name)

# The Queries tab says how to ask once:
# Order.objects.select_related(\"customer\")
",
    ),
    (
        "Revenue by month",
        "OrderItem.objects.annotate(
    month=TruncMonth(\"order__created_at\"),
).values(\"month\").annotate(
    revenue=Sum(F(\"quantity\") * F(\"unit_price\")),
).order_by(\"month\")
",
    ),
    (
        "A queryset class of your own",
        "class CheapProducts(models.QuerySet):
    def cheap(self, limit=100):
        return self.filter(price__lt=limit)

    def best_first(self):
        return self.order_by(F(\"rating\").desc(nulls_last=True), \"price\")

CheapProducts(Product).cheap(200).best_first()
",
    ),
];

/// Longer texts are not kept between visits.
const KEPT_BYTES: usize = 200_000;

/// Props of [`PlaygroundPage`].
#[derive(Clone, PartialEq, Properties)]
pub struct PlaygroundPageProps {
    /// How the worker is.
    pub engine: Engine,
    /// The last run.
    pub run: Option<Shared<PanelRun>>,
    /// Whether the worker takes a run now.
    pub free: bool,
    /// Past runs, latest first.
    pub history: Rc<[HistoryEntry]>,
    /// What the editor is for.
    pub language: Language,
    /// A text that waits for the editor.
    pub opened: Option<Shared<Opened>>,
    /// The tables, for completion.
    pub catalog: Option<Rc<[TableInfo]>>,
    /// The editor's share, in thousandths.
    pub split: u16,
    /// The way to the worker.
    pub client: Client,
    /// What a person did.
    pub dispatch: Callback<Action>,
}

/// Editor above, result below; beside each other on wide screens.
#[component]
pub fn PlaygroundPage(props: &PlaygroundPageProps) -> Html {
    let language = props.language;
    // Each language has an editor and a text of its own.
    let handles = use_memo((), |()| Language::ALL.map(|_| EditorHandle::default()));
    let [for_sql, for_django] = &*handles;
    let handle = match language {
        Language::Sql => for_sql.clone(),
        Language::Django => for_django.clone(),
    };
    let text = use_memo(language, |&language| {
        let first = match language {
            Language::Sql => FIRST_TEXT,
            Language::Django => FIRST_DJANGO,
        };
        AttrValue::from(browser::kept(kept_under(language)).unwrap_or_else(|| first.to_owned()))
    });
    {
        let (handles, dispatch) = (handles.clone(), props.dispatch.clone());
        use_effect_with(props.opened.clone(), move |opened| {
            if let Some(opened) = opened {
                let before = open(&handles, opened.language, &opened.text);
                dispatch.emit(Action::TextOpened { before });
            }
        });
    }
    let results = use_results(&props.client, PanelId::PLAYGROUND);
    let problem = use_memo((props.run.clone(), language), |(run, language)| {
        let run = run.as_ref().filter(|run| run.source.language == *language);
        underlined(run)
    });
    let past = use_state_eq(|| false);
    let line = use_state_eq(|| None::<u32>);
    let command_key = browser::command_key();

    let on_run = run_callback(
        &handle,
        PanelId::PLAYGROUND,
        language,
        World::Main,
        &text,
        &props.dispatch,
    );
    let on_change = Callback::from(move |text: String| {
        if text.len() <= KEPT_BYTES {
            browser::keep(kept_under(language), &text);
        }
    });
    let on_cursor = {
        let line = line.clone();
        Callback::from(move |at| line.set(Some(at)))
    };
    let on_select = {
        let handle = handle.clone();
        let before = props.run.as_ref().map_or(0, |run| run.source.offset);
        Callback::from(move |place: Place| handle.select(place.from + before, place.to + before))
    };
    let on_point = {
        let handle = handle.clone();
        Callback::from(move |line| handle.light(line))
    };
    // The lines of the other language's editor are not those of the run.
    let own = props
        .run
        .as_ref()
        .is_some_and(|run| run.source.language == language);
    let running = props
        .run
        .as_ref()
        .is_some_and(|run| run.state == RunState::Running);
    let toggle_past = {
        let past = past.clone();
        Callback::from(move |_: MouseEvent| past.set(!*past))
    };
    html! {
        <div class="playground" style={format!("--split: {}", f64::from(props.split) / 1000.0)}>
            <section class="playground-editor" aria-label="Editor">
                <div class="toolbar">
                    <div class="segments" role="group" aria-label="Language">
                        { for Language::ALL.into_iter().map(|each| html! {
                            <button class="segment" aria-pressed={(each == language).to_string()}
                                onclick={props.dispatch.reform(move |_| Action::ChooseLanguage(each))}>
                                { each.title() }
                            </button>
                        }) }
                    </div>
                    <span class="toolbar-space" />
                    <button class="button-quiet" onclick={share(&handle, language, &text, &props.dispatch)} title="Copy a link that opens this text">
                        { icon(Icon::Link) }<span>{ "Share" }</span>
                    </button>
                    <button class="button-quiet" onclick={toggle_past.clone()} aria-expanded={past.to_string()} disabled={props.history.is_empty()}>
                        { icon(Icon::Clock) }<span>{ "History" }</span>
                    </button>
                    <kbd class="toolbar-hint">{ format!("{command_key} Enter") }</kbd>
                    { run_button(running, props.free, false, &on_run, &props.dispatch) }
                </div>
                <Editor key={language.name()} text={(*text).clone()} label={language.title()} {language} handle={handle.clone()}
                    problem={(*problem).clone()} catalog={props.catalog.clone()} assist={(props.client.clone(), World::Main)} {on_run} {on_change} {on_cursor} />
            </section>
            <Splitter value={props.split} on_move={props.dispatch.reform(Action::MoveSplit)}
                on_settle={props.dispatch.reform(|()| Action::KeepSplit)} />
            <section class="playground-result" aria-label="Result">
                <ResultView run={props.run.clone()} doing={doing(&props.engine)} on_fetch={results.on_fetch} on_copy={results.on_copy}
                    on_save={results.on_save} on_plan={results.on_plan} on_chart={results.on_chart} on_select={if own { on_select } else { Callback::noop() }}
                    on_point={if own { on_point } else { Callback::noop() }}
                    line={(*line).filter(|_| own)}>
                    <p>{ "Press " }<kbd>{ format!("{command_key} Enter") }</kbd>{ " to run it; with a selection, only the selection runs." }</p>
                    { examples(language, &handle, &props.dispatch) }
                </ResultView>
            </section>
            if *past {
                { draw_past(&props.history, &handles, &past, &props.dispatch) }
            }
        </div>
    }
}

/// Where the browser keeps the text of a language.
fn kept_under(language: Language) -> &'static str {
    match language {
        Language::Sql => "playground",
        Language::Django => "playground-django",
    }
}

/// Puts a text into the editor of its language, and keeps it; gives what stood there, when that
/// was another text.
fn open(handles: &[EditorHandle; 2], language: Language, text: &str) -> Option<Rc<str>> {
    let [for_sql, for_django] = handles;
    let handle = match language {
        Language::Sql => for_sql,
        Language::Django => for_django,
    };
    let before = handle
        .text()
        .or_else(|| browser::kept(kept_under(language)));
    browser::keep(kept_under(language), text);
    handle.set_text(text);
    before
        .filter(|before| before != text && !before.trim().is_empty())
        .map(Rc::from)
}

/// Copies a link that opens what the editor holds.
fn share(
    handle: &EditorHandle,
    language: Language,
    text: &AttrValue,
    dispatch: &Callback<Action>,
) -> Callback<MouseEvent> {
    let (handle, text, dispatch) = (handle.clone(), text.clone(), dispatch.clone());
    Callback::from(move |_| {
        let text = handle.text().unwrap_or_else(|| text.to_string());
        let dispatch = dispatch.clone();
        spawn_local(async move {
            let (title, text) = match copied_link(language, &text).await {
                Some(length) if length > LONG_LINK => (
                    "Link copied.",
                    "It is long; some programs cut such links off.",
                ),
                Some(_) => (
                    "Link copied.",
                    "It holds the text itself: whoever opens it finds it in the playground.",
                ),
                None => (
                    "The link could not be copied.",
                    "The browser did not allow it.",
                ),
            };
            dispatch.emit(Action::Tell(Notice {
                tone: Tone::Plain,
                title: title.into(),
                text: text.into(),
            }));
        });
    })
}

/// Letters of a link that every program takes.
const LONG_LINK: usize = 8000;

/// Puts the link of a text on the clipboard; gives its length.
async fn copied_link(language: Language, text: &str) -> Option<usize> {
    let packed = browser::pack_text(text).await.ok()?.as_string()?;
    let address = Address {
        packed: Some(packed.into()),
        ..Address::new(app::Place::Playground, language)
    };
    let link = browser::address_of(&address.fragment());
    browser::copy_text(&link).await.ok()?;
    Some(link.len())
}

/// Questions to start from: each fills the editor and runs.
fn examples(language: Language, handle: &EditorHandle, dispatch: &Callback<Action>) -> Html {
    let examples: &[(&'static str, &'static str)] = match language {
        Language::Sql => &SQL_EXAMPLES,
        Language::Django => &DJANGO_EXAMPLES,
    };
    let buttons = examples.iter().map(|&(title, code)| {
        let (handle, dispatch) = (handle.clone(), dispatch.clone());
        let onclick = Callback::from(move |_: MouseEvent| {
            handle.set_text(code);
            let source = Source {
                language,
                text: code.into(),
                ..Source::default()
            };
            dispatch.emit(Action::Run {
                panel: PanelId::PLAYGROUND,
                source,
            });
        });
        html! { <button key={title} class="button" {onclick}>{ title }</button> }
    });
    html! { <div class="examples" role="group" aria-label="Examples">{ for buttons }</div> }
}

/// What a run is doing, or waits for when the worker is not there yet.
fn doing(engine: &Engine) -> &'static str {
    match engine {
        Engine::Loading { .. } | Engine::Seeding => "It runs as soon as the engine is ready…",
        Engine::Ready | Engine::Running(_) | Engine::Failed(_) => "Running…",
    }
}

fn draw_past(
    history: &Rc<[HistoryEntry]>,
    handles: &Rc<[EditorHandle; 2]>,
    past: &UseStateHandle<bool>,
    dispatch: &Callback<Action>,
) -> Html {
    let entries = history.iter().map(|entry| {
        let onclick = {
            let (handles, past, dispatch) = (handles.clone(), past.clone(), dispatch.clone());
            let (language, text) = (entry.language, entry.text.clone());
            Callback::from(move |_: MouseEvent| {
                open(&handles, language, &text);
                dispatch.emit(Action::ChooseLanguage(language));
                past.set(false);
            })
        };
        let class = match entry.ending {
            Ending::Good => "past-outcome",
            Ending::Bad => "past-outcome is-bad",
        };
        html! {
            <li key={entry.id.0}>
                <button {onclick}>
                    <code>{ first_lines(&entry.text) }</code>
                    <span {class}>{ entry.language.title() }{ " · " }{ &*entry.outcome }</span>
                </button>
            </li>
        }
    });
    let close = {
        let past = past.clone();
        Callback::from(move |_: MouseEvent| past.set(false))
    };
    html! {
        <aside class="past" aria-label="History">
            <header><h2>{ "History" }</h2><span>{ format::count(history.len() as u64, "run") }</span>
                <button class="button-quiet" aria-label="Close" onclick={close}>{ icon(Icon::Close) }</button>
            </header>
            <ol>{ for entries }</ol>
        </aside>
    }
}

/// The beginning of a text, for a list.
fn first_lines(text: &str) -> String {
    text.lines()
        .filter(|line| {
            !line.trim_start().starts_with("--")
                && !line.starts_with('#')
                && !line.trim().is_empty()
        })
        .take(3)
        .collect::<Vec<_>>()
        .join("\n")
        .chars()
        .take(160)
        .collect()
}
