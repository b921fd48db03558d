//! `window.playground`: the page for programs. The README describes it for its users.

use super::browser;
use super::client::{Answer, Client};
use crate::wire::{
    Changes, DjangoReport, Param, Plain, Problem, QueryInfo, Reply, Request, Severity, Size,
    ValuesHead,
};
use js_sys::{Array, Object, Promise, Reflect};
use serde::{Deserialize, Deserializer, Serialize, de};
use std::future::Future;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::future_to_promise;

/// Puts `playground` on the window.
pub fn install(client: &Client) {
    let api = Object::new();
    set(&api, "ready", &client.ready());
    set(&api, "version", &env!("CARGO_PKG_VERSION").into());
    method(&api, "reset", client, reset);
    method(&api, "query", client, query);
    method(&api, "queryMany", client, query_many);
    method(&api, "execute", client, execute);
    method(&api, "django", client, django);
    if let Some(window) = browser::window() {
        set(&window, "playground", &api);
    }
}

async fn reset(client: Client, options: JsValue, _: JsValue) -> Result<JsValue, JsValue> {
    #[derive(Deserialize)]
    struct Options {
        size: Option<String>,
    }
    let options: Option<Options> = read(options)?;
    let name = options.and_then(|options| options.size);
    let size = match &name {
        Some(name) => Size::from_name(name).ok_or_else(|| {
            refusal(
                "22023",
                format!("there is no size \"{name}\""),
                "The sizes are small, medium and large.",
            )
        })?,
        None => Size::Small,
    };
    match call(&client, Request::Reset { size }).await?.0 {
        Reply::Failed(problem) => Err(reject(&problem)),
        _ => Ok(JsValue::UNDEFINED),
    }
}

async fn query(client: Client, sql: JsValue, params: JsValue) -> Result<JsValue, JsValue> {
    let params: Option<Vec<Argument>> = read(params)?;
    let request = Request::Query {
        sql: read(sql)?,
        runs: vec![plain(params.unwrap_or_default())],
    };
    let results = values(&client, request).await?;
    Ok(results.get(0))
}

async fn query_many(client: Client, sql: JsValue, runs: JsValue) -> Result<JsValue, JsValue> {
    let runs: Vec<Vec<Argument>> = read(runs)?;
    let request = Request::Query {
        sql: read(sql)?,
        runs: runs.into_iter().map(plain).collect(),
    };
    Ok(values(&client, request).await?.into())
}

async fn execute(client: Client, sql: JsValue, _: JsValue) -> Result<JsValue, JsValue> {
    Ok(values(&client, Request::Execute { sql: read(sql)? })
        .await?
        .into())
}

async fn django(client: Client, code: JsValue, _: JsValue) -> Result<JsValue, JsValue> {
    let request = Request::Django { code: read(code)? };
    let (reply, _) = call(&client, request).await?;
    if reply.changes() == Changes::Possible {
        client.data_changed();
    }
    match reply {
        Reply::Django(report) => match &report.error {
            Some(problem) => Err(reject(problem)),
            None => Ok(django_result(&report)),
        },
        Reply::Failed(problem) => Err(reject(&problem)),
        _ => Err(something_else()),
    }
}

fn django_result(report: &DjangoReport) -> JsValue {
    let object = Object::new();
    set(&object, "stdout", &report.output.as_str().into());
    let repr = report
        .repr
        .as_ref()
        .map_or(JsValue::NULL, |repr| repr.as_str().into());
    set(&object, "repr", &repr);
    set(&object, "value", &plain_value(&report.value));
    let queries: Array = report.queries.queries.iter().map(query_entry).collect();
    set(&object, "queries", &queries);
    object.into()
}

fn query_entry(query: &QueryInfo) -> JsValue {
    let object = Object::new();
    set(&object, "sql", &query.sql.as_str().into());
    set(&object, "ms", &query.ms.into());
    let rows = query
        .rows
        .map_or(JsValue::NULL, |rows| (rows as f64).into());
    set(&object, "rows", &rows);
    let line = query.place.map_or(JsValue::NULL, |place| place.line.into());
    set(&object, "line", &line);
    set(&object, "similar", &query.similar.into());
    set(&object, "duplicate", &query.duplicate.into());
    object.into()
}

fn plain_value(value: &Plain) -> JsValue {
    match value {
        Plain::Null => JsValue::NULL,
        Plain::Bool(value) => (*value).into(),
        // Up to here integers are the same as doubles.
        Plain::Int(value) if value.unsigned_abs() < 1 << 53 => (*value as f64).into(),
        Plain::Int(value) => (*value).into(),
        Plain::Float(value) => (*value).into(),
        Plain::Text(text) => text.as_str().into(),
        Plain::List(items) => items.iter().map(plain_value).collect::<Array>().into(),
        Plain::Object(entries) => {
            let object = Object::new();
            for (name, value) in entries {
                set(&object, name, &plain_value(value));
            }
            object.into()
        }
    }
}

fn something_else() -> JsValue {
    refusal(
        "XX000",
        "the worker answered something else".into(),
        "This is a bug of ours; please report it.",
    )
}

/// Sends a request for values and makes a JavaScript object of each result.
async fn values(client: &Client, request: Request) -> Result<Array, JsValue> {
    let many = matches!(request, Request::Execute { .. });
    let (reply, blocks) = call(client, request).await?;
    if reply.changes() == Changes::Possible {
        client.data_changed();
    }
    match reply {
        Reply::Values {
            heads, error: None, ..
        } => {
            let mut blocks = blocks.into_iter();
            Ok(heads
                .iter()
                .map(|head| result(head, &mut blocks, many))
                .collect())
        }
        Reply::Values {
            error: Some(problem),
            ..
        }
        | Reply::Failed(problem) => Err(reject(&problem)),
        _ => Err(something_else()),
    }
}

fn result(head: &ValuesHead, blocks: &mut impl Iterator<Item = JsValue>, many: bool) -> JsValue {
    #[derive(Serialize)]
    struct Column<'a> {
        name: &'a str,
        r#type: &'a str,
    }
    let object = Object::new();
    if many {
        set(&object, "command", &head.command.as_str().into());
        set(&object, "rowCount", &(head.row_count as f64).into());
    }
    match &head.columns {
        Some(columns) => {
            let named: Vec<_> = columns
                .iter()
                .map(|(name, type_name)| Column {
                    name,
                    r#type: type_name,
                })
                .collect();
            set(&object, "columns", &write(&named));
            let block = blocks.next().unwrap_or_default();
            let rows = browser::rows(&block, columns.len() as u32, head.row_count as u32);
            set(&object, "rows", &rows);
        }
        None if !many => {
            set(&object, "columns", &Array::new());
            set(&object, "rows", &Array::new());
        }
        None => {}
    }
    set(&object, "ms", &head.ms.into());
    object.into()
}

async fn call(client: &Client, request: Request) -> Result<Answer, JsValue> {
    client
        .call(request)
        .await
        .map_err(|problem| reject(&problem))
}

fn method<F>(
    api: &Object,
    name: &str,
    client: &Client,
    body: impl Fn(Client, JsValue, JsValue) -> F + 'static,
) where
    F: Future<Output = Result<JsValue, JsValue>> + 'static,
{
    let client = client.clone();
    let function = Closure::<dyn Fn(JsValue, JsValue) -> Promise>::new(move |first, second| {
        future_to_promise(body(client.clone(), first, second))
    });
    set(api, name, &function.into_js_value());
}

fn set(object: &Object, name: &str, value: &JsValue) {
    // Fails only on frozen objects; ours are not.
    Reflect::set(object, &name.into(), value).ok();
}

fn read<T: de::DeserializeOwned>(value: JsValue) -> Result<T, JsValue> {
    serde_wasm_bindgen::from_value(value).map_err(|error| {
        refusal(
            "22023",
            format!("an argument cannot be read: {error}"),
            "Statements are strings, parameters are arrays of values.",
        )
    })
}

fn write<T: Serialize + ?Sized>(value: &T) -> JsValue {
    serde_wasm_bindgen::to_value(value).unwrap_or_default()
}

fn refusal(code: &str, message: String, hint: &str) -> JsValue {
    reject(&Problem {
        code: code.into(),
        severity: Severity::Error,
        message,
        place: None,
        hints: vec![hint.into()],
        traceback: None,
    })
}

/// A problem as programs see it.
fn reject(problem: &Problem) -> JsValue {
    #[derive(Serialize)]
    struct Rejection<'a> {
        code: &'a str,
        message: &'a str,
        line: Option<u32>,
        column: Option<u32>,
        hints: &'a [String],
        #[serde(skip_serializing_if = "Option::is_none")]
        traceback: Option<&'a str>,
    }
    let rejection = Rejection {
        code: &problem.code,
        message: &problem.message,
        line: problem.place.map(|place| place.line),
        column: problem.place.map(|place| place.column),
        hints: &problem.hints,
        traceback: problem.traceback.as_deref(),
    };
    rejection
        .serialize(&serde_wasm_bindgen::Serializer::new().serialize_missing_as_null(true))
        .unwrap_or_default()
}

/// A parameter as JavaScript has it: null, boolean, number, BigInt or string.
struct Argument(Param);

impl<'de> Deserialize<'de> for Argument {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ParamVisitor).map(Self)
    }
}

fn plain(arguments: Vec<Argument>) -> Vec<Param> {
    arguments.into_iter().map(|argument| argument.0).collect()
}

struct ParamVisitor;

impl de::Visitor<'_> for ParamVisitor {
    type Value = Param;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("null, a boolean, a number, a BigInt or a string")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Param, E> {
        Ok(Param::Null)
    }

    fn visit_none<E: de::Error>(self) -> Result<Param, E> {
        Ok(Param::Null)
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Param, E> {
        Ok(Param::Bool(value))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Param, E> {
        Ok(Param::Int(value))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Param, E> {
        Ok(i64::try_from(value).map_or_else(|_| Param::Decimal(value.to_string()), Param::Int))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Param, E> {
        // Beyond 2^53 a double no longer says which integer was meant; its digits do.
        Ok(
            if value.fract() == 0.0 && value.abs() <= 9_007_199_254_740_992.0 {
                Param::Int(value as i64)
            } else if value.is_finite() {
                Param::Decimal(value.to_string())
            } else {
                Param::Float(value)
            },
        )
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Param, E> {
        Ok(Param::Text(value.into()))
    }
}
