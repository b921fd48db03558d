use crate::ui::client::Client;
use crate::ui::components::sql_text::sql_pieces;
use crate::ui::components::{Icon, icon};
use crate::wire::lost_update::{Ending, Played, Scenario, Taken, Who};
use crate::wire::{Problem, Reply, Request};
use std::rc::Rc;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

const SCENARIOS: [(Scenario, &str); 3] = [
    (Scenario::ReadChangeWrite, "Read, change, write"),
    (Scenario::Expression, "F(\"stock\") - 1"),
    (Scenario::Locked, "select_for_update()"),
];

/// Props of [`LostUpdate`].
#[derive(Clone, PartialEq, Properties)]
pub struct LostUpdateProps {
    /// The way to the worker.
    pub client: Client,
}

/// Two sessions that sell the same product, stepped by hand.
#[component]
pub fn LostUpdate(props: &LostUpdateProps) -> Html {
    let asked = use_state_eq(|| (Scenario::default(), 0u32));
    let played = use_state(|| None::<Result<Rc<Played>, Problem>>);
    let latest = use_mut_ref(|| (Scenario::default(), 0u32));
    {
        let (played, latest, client) = (played.clone(), latest.clone(), props.client.clone());
        use_effect_with(*asked, move |&(scenario, steps)| {
            *latest.borrow_mut() = (scenario, steps);
            spawn_local(async move {
                let answer = match client.call(Request::LostUpdate { scenario, steps }).await {
                    Ok((Reply::LostUpdate(found), _)) => Ok(found),
                    Ok((Reply::Failed(problem), _)) | Err(problem) => Err(problem),
                    // No other reply answers it.
                    Ok(_) => return,
                };
                // Only the answer to the latest question counts.
                if *latest.borrow() == (scenario, steps) {
                    played.set(Some(answer));
                }
            });
        });
    }
    let (scenario, steps) = *asked;
    let choose = |scenario: Scenario| {
        let asked = asked.clone();
        Callback::from(move |_: MouseEvent| asked.set((scenario, 0)))
    };
    let go = |steps: u32| {
        let asked = asked.clone();
        Callback::from(move |_: MouseEvent| asked.set((scenario, steps)))
    };
    let count = match &*played {
        Some(Ok(played)) => played.plan.len() as u32,
        Some(Err(_)) | None => 0,
    };
    let ended = count > 0 && steps >= count;
    html! {
        <div class="lost" data-testid="lost-update">
            <div class="lost-tools">
                <div class="segments" role="group" aria-label="How they sell">
                    { for SCENARIOS.map(|(each, title)| html! {
                        <button class="segment" aria-pressed={(each == scenario).to_string()} onclick={choose(each)}>{ title }</button>
                    }) }
                </div>
                <span class="toolbar-space" />
                <span class="lost-count" role="status">{ format!("Step {steps} of {count}") }</span>
                <button class="button" disabled={steps == 0} onclick={go(steps.saturating_sub(1))}>{ "Back" }</button>
                // At the end the same button starts again, so that the keyboard never loses it.
                <button class="button button-next" disabled={count == 0} onclick={go(if ended { 0 } else { steps + 1 })}>
                    if ended {
                        { icon(Icon::Reset) }<span>{ "Start again" }</span>
                    } else {
                        <span>{ "Next step" }</span>{ icon(Icon::Next) }
                    }
                </button>
            </div>
            { match &*played {
                Some(Ok(played)) => draw(played, scenario),
                Some(Err(problem)) => html! { <p class="frames-refused" role="alert">{ &problem.message }</p> },
                None => html! { <p class="result-empty" role="status">{ "The two sessions start when the engine is ready." }</p> },
            } }
        </div>
    }
}

fn draw(played: &Played, scenario: Scenario) -> Html {
    let last = played.taken.last();
    let stock = last.map_or(played.before, |taken| taken.stock);
    let memory = |place: usize| -> String {
        let known = last.and_then(|taken| taken.memory.get(place).cloned().flatten());
        known.unwrap_or_else(|| "nothing".to_owned())
    };
    let rows = played.plan.iter().enumerate().map(|(place, planned)| {
        let taken = played.taken.get(place);
        let class = classes!(
            "lost-step",
            taken.is_none().then_some("is-to-come"),
            (place + 1 == played.taken.len()).then_some("is-now"),
        );
        let cell = step(&planned.code, taken);
        let after = taken.map_or_else(Html::default, stock_after);
        let (a, b) = match planned.who {
            Who::A => (cell, Html::default()),
            Who::B => (Html::default(), cell),
        };
        html! {
            <tr key={place} {class}>
                <th scope="row">{ place + 1 }</th>
                <td data-session="A">{ a }</td>
                <td data-session="B">{ b }</td>
                <td class="lost-stock">{ after }</td>
            </tr>
        }
    });
    html! {
        <>
            <dl class="lost-state">
                <div><dt>{ "A has in memory" }</dt><dd><code>{ memory(0) }</code></dd></div>
                <div><dt>{ "B has in memory" }</dt><dd><code>{ memory(1) }</code></dd></div>
                <div class="is-database"><dt>{ format!("{} in the database", played.product) }</dt>
                    <dd data-testid="lost-stock">{ stock }</dd></div>
            </dl>
            <div class="lost-frame">
                <table class="lost-table">
                    <thead><tr><th scope="col"><span class="sr-only">{ "Step" }</span></th><th scope="col">{ "Session A" }</th>
                        <th scope="col">{ "Session B" }</th><th scope="col" class="lost-stock">{ "Stock" }</th></tr></thead>
                    <tbody>
                        <tr class="lost-step"><th scope="row">{ 0 }</th><td colspan="2" class="lost-before">{ "Both are about to sell one piece." }</td>
                            <td class="lost-stock">{ played.before }</td></tr>
                        { for rows }
                    </tbody>
                </table>
            </div>
            <div aria-live="polite">{ verdict(played, stock) }</div>
            if scenario == Scenario::Locked {
                <p class="lost-note">
                    { "Told honestly: this database runs one statement at a time, so nobody can wait in it. A session that needs a \
                       locked row does not get its turn here. PostgreSQL would hold B’s SELECT … FOR UPDATE until A has committed, \
                       and then give it the row as A left it. " }
                    <code>{ "atomic()" }</code>
                    { " alone would not help: both could still read the same number before either writes." }
                </p>
            }
        </>
    }
}

fn step(code: &str, taken: Option<&Taken>) -> Html {
    let ending = match taken.map(|taken| &taken.ending) {
        None | Some(Ending::Ran) => Html::default(),
        Some(Ending::Waits) => {
            html! { <p class="lost-waits">{ "Waits: A has locked the row." }</p> }
        }
        Some(Ending::Failed(message)) => html! { <p class="is-bad">{ message }</p> },
    };
    html! {
        <>
            <pre class="lost-code"><code>{ code }</code></pre>
            { for taken.iter().flat_map(|taken| &taken.sql).map(|sql| html! {
                <pre class="lost-sql"><code>{ sql_pieces(sql) }</code></pre>
            }) }
            { ending }
        </>
    }
}

fn stock_after(taken: &Taken) -> Html {
    html! {
        <>
            { taken.stock }
            if let Some(inside) = taken.uncommitted {
                <span class="lost-inside">{ format!("{inside} not committed") }</span>
            }
        </>
    }
}

fn verdict(played: &Played, stock: i64) -> Html {
    if played.taken.len() < played.plan.len() {
        return Html::default();
    }
    let (class, text) = if stock == played.expected {
        (
            "lost-verdict is-right",
            format!(
                "Right: two pieces sold, {} less two is {stock}.",
                played.before
            ),
        )
    } else {
        (
            "lost-verdict is-wrong",
            format!(
                "Wrong: two pieces sold, but the stock is {stock} and should be {}. B wrote back what it had read before A’s sale.",
                played.expected
            ),
        )
    };
    html! { <p {class} data-testid="lost-verdict">{ text }</p> }
}
