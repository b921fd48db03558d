use crate::app::state::Origin;
use crate::app::{Action, Effect};
use crate::ui::browser;
use crate::ui::client::Client;
use crate::wire::{Reply, Request};
use std::cell::Cell;
use std::rc::Rc;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

/// Performs the effects that the reducer asked for, each once and in order.
#[hook]
pub fn use_effects(outbox: Vec<(u64, Effect)>, client: &Client, dispatch: &Callback<Action>) {
    let performed = use_memo((), |()| Rc::new(Cell::new(0u64)));
    let (client, dispatch) = (client.clone(), dispatch.clone());
    use_effect_with(outbox, move |outbox| {
        let Some(&(last, _)) = outbox.last() else {
            return;
        };
        for (number, effect) in outbox {
            if *number > performed.get() {
                performed.set(*number);
                perform(effect.clone(), &client, &dispatch);
            }
        }
        dispatch.emit(Action::Performed(last));
    });
}

fn perform(effect: Effect, client: &Client, dispatch: &Callback<Action>) {
    match effect {
        Effect::Run {
            run,
            panel,
            language,
            world,
            text,
        } => {
            let (client, dispatch) = (client.clone(), dispatch.clone());
            spawn_local(async move {
                let request = Request::Run {
                    panel,
                    world,
                    language,
                    code: text.to_string(),
                };
                let result = match client.call(request).await {
                    Ok((Reply::Ran(report), _)) => Ok(report),
                    Ok((Reply::Failed(problem), _)) | Err(problem) => Err(problem),
                    // No other reply answers a run.
                    Ok(_) => return,
                };
                dispatch.emit(Action::RunAnswered { panel, run, result });
            });
        }
        Effect::Restart => client.restart(),
        Effect::Reset(size) => {
            let client = client.clone();
            // The client tells of the new data set itself.
            spawn_local(async move { drop(client.call(Request::Reset { size }).await) });
        }
        Effect::LoadCatalog => {
            let (client, dispatch) = (client.clone(), dispatch.clone());
            spawn_local(async move {
                if let Ok((Reply::Catalog(tables), _)) = client.call(Request::Catalog).await {
                    dispatch.emit(Action::CatalogLoaded(tables));
                }
            });
        }
        Effect::ShowAddress(address) => browser::show_fragment(&address.fragment()),
        Effect::ReplaceAddress(address) => browser::replace_fragment(&address.fragment()),
        Effect::Unpack { language, packed } => {
            let dispatch = dispatch.clone();
            spawn_local(async move {
                let text = browser::unpack_text(&packed).await.ok();
                dispatch.emit(match text.and_then(|text| text.as_string()) {
                    Some(text) => Action::OpenText {
                        language,
                        text: text.into(),
                        origin: Origin::Link,
                    },
                    None => Action::LinkBroken,
                });
            });
        }
        Effect::KeepLanguage(language) => browser::keep("language", language.name()),
        Effect::KeepTheme(theme) => {
            browser::show_theme(theme.name());
            browser::keep("theme", theme.name());
        }
        Effect::KeepSplit(split) => browser::keep("split", &split.to_string()),
    }
}
