//! The editor's questions while code is typed: its script asks, the worker answers.

use super::client::Client;
use crate::wire::{
    AssistKind, AssistReport, Language, Problem, Reply, Request, Severity, Suggestion, World,
};
use js_sys::Promise;
use serde::Serialize;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::future_to_promise;

/// The function that `static/editor/assist.js` calls: `ask(what, language, text, position)`.
pub type Ask = Closure<dyn Fn(String, String, String, u32) -> Promise>;

/// A function that asks about code for a world.
pub fn ask(client: &Client, world: World) -> Ask {
    let client = client.clone();
    Closure::new(move |what: String, language: String, code, cursor| {
        let client = client.clone();
        let language = match language.as_str() {
            "python" => Language::Django,
            _ => Language::Sql,
        };
        future_to_promise(async move {
            let Some(what) = kind(&what) else {
                return Ok(JsValue::NULL);
            };
            let request = Request::Assist {
                world,
                language,
                code,
                cursor,
                what,
            };
            Ok(match client.call(request).await {
                Ok((Reply::Assist(report), _)) => written(&report),
                // A worker that was stopped has nothing to say.
                Ok(_) | Err(_) => JsValue::NULL,
            })
        })
    })
}

fn kind(name: &str) -> Option<AssistKind> {
    Some(match name {
        "problems" => AssistKind::Problems,
        "suggestions" => AssistKind::Suggestions,
        "description" => AssistKind::Description,
        "signature" => AssistKind::Signature,
        _ => return None,
    })
}

fn written(report: &AssistReport) -> JsValue {
    #[derive(Serialize)]
    struct Suggestions<'a> {
        from: u32,
        items: &'a [Suggestion],
    }
    #[derive(Serialize)]
    struct Text<'a> {
        from: u32,
        to: u32,
        title: &'a str,
        text: &'a str,
        argument: u32,
    }
    let value = match report {
        AssistReport::Nothing => Ok(JsValue::NULL),
        AssistReport::Problems(problems) => {
            let marks: Vec<_> = problems.iter().filter_map(mark).collect();
            serde_wasm_bindgen::to_value(&marks)
        }
        AssistReport::Suggestions { from, items } => {
            serde_wasm_bindgen::to_value(&Suggestions { from: *from, items })
        }
        AssistReport::Text {
            from,
            to,
            title,
            text,
            argument,
        } => serde_wasm_bindgen::to_value(&Text {
            from: *from,
            to: *to,
            title,
            text,
            argument: *argument,
        }),
    };
    value.unwrap_or(JsValue::NULL)
}

/// An underline of the editor's.
#[derive(Serialize)]
struct Mark<'a> {
    from: u32,
    to: u32,
    severity: &'static str,
    message: &'a str,
}

fn mark(problem: &Problem) -> Option<Mark<'_>> {
    let place = problem.place?;
    Some(Mark {
        from: place.from,
        to: place.to,
        severity: match problem.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        },
        message: &problem.message,
    })
}
