//! The browser's own: storage, address, clipboard, files, and the script beside this module.

use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{DragEvent, Element, File, HtmlElement, Storage, Window, Worker};

#[wasm_bindgen(module = "/static/script/browser.js")]
extern "C" {
    /// An editor in the page; `static/editor/editor.js` describes the methods.
    pub type CodeEditor;

    #[wasm_bindgen(js_name = mountEditor, catch)]
    pub(super) async fn mount_editor(
        parent: &Element,
        options: &JsValue,
    ) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(method)]
    pub(super) fn text(this: &CodeEditor) -> String;
    #[wasm_bindgen(method, js_name = runRange)]
    pub(super) fn run_range(this: &CodeEditor) -> Vec<u32>;
    #[wasm_bindgen(method)]
    pub(super) fn slice(this: &CodeEditor, from: u32, to: u32) -> String;
    #[wasm_bindgen(method, js_name = setText)]
    pub(super) fn set_text(this: &CodeEditor, text: &str);
    #[wasm_bindgen(method, js_name = setProblems)]
    pub(super) fn set_problems(this: &CodeEditor, problems: &JsValue);
    #[wasm_bindgen(method, js_name = setSchema)]
    pub(super) fn set_schema(this: &CodeEditor, schema: &JsValue);
    #[wasm_bindgen(method)]
    pub(super) fn select(this: &CodeEditor, from: u32, to: u32);
    #[wasm_bindgen(method)]
    pub(super) fn light(this: &CodeEditor, line: u32);
    #[wasm_bindgen(method)]
    pub(super) fn focus(this: &CodeEditor);
    #[wasm_bindgen(method)]
    pub(super) fn destroy(this: &CodeEditor);

    /// The colours of code that is only shown.
    pub type Paint;

    #[wasm_bindgen(js_name = paintCode, catch)]
    pub(super) async fn paint_code(element: &Element, language: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method)]
    pub(super) fn wipe(this: &Paint);

    /// Watches whether an element comes near.
    pub type NearWatch;

    #[wasm_bindgen(js_name = whenNear)]
    pub(super) fn when_near(element: &Element, on_near: &Closure<dyn Fn()>) -> NearWatch;
    #[wasm_bindgen(method)]
    pub(super) fn disconnect(this: &NearWatch);

    /// A chart in the page; `static/chart/chart.js` describes the methods.
    pub type ChartPlot;

    #[wasm_bindgen(js_name = mountChart, catch)]
    pub(super) async fn mount_chart(
        parent: &Element,
        drawing: &JsValue,
    ) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(method, js_name = update)]
    pub(super) fn redraw(this: &ChartPlot, drawing: &JsValue);
    #[wasm_bindgen(method, js_name = destroy)]
    pub(super) fn remove(this: &ChartPlot);
    #[wasm_bindgen(method, js_name = saveSvg)]
    pub(super) fn save_svg(this: &ChartPlot, name: &str);
    #[wasm_bindgen(method, js_name = savePng)]
    pub(super) fn save_png(this: &ChartPlot, name: &str) -> js_sys::Promise;

    #[wasm_bindgen(js_name = startWorker)]
    pub(super) fn start_worker() -> Worker;
    #[wasm_bindgen(js_name = stopWorker)]
    pub(super) fn stop_worker(worker: &Worker);
    pub(super) fn hear(
        worker: &Worker,
        listen: &Closure<dyn FnMut(JsValue)>,
        fail: &Closure<dyn FnMut(String)>,
    );

    #[wasm_bindgen(js_name = whenIdle)]
    fn on_idle(run: &JsValue);

    #[wasm_bindgen(js_name = fetchText, catch)]
    pub(super) async fn fetch_text(path: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(js_name = copyText, catch)]
    pub(super) async fn copy_text(text: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(js_name = saveText)]
    pub(super) fn save_text(name: &str, mime: &str, text: &str);
}

#[wasm_bindgen(module = "/static/script/link.js")]
extern "C" {
    #[wasm_bindgen(js_name = packText, catch)]
    pub(super) async fn pack_text(text: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(js_name = unpackText, catch)]
    pub(super) async fn unpack_text(packed: &str) -> Result<JsValue, JsValue>;
}

#[wasm_bindgen(module = "/static/script/values.js")]
extern "C" {
    pub(super) fn rows(block: &JsValue, columns: u32, rows: u32) -> js_sys::Array;
}

/// The window, outside of which nothing here runs.
pub fn window() -> Option<Window> {
    web_sys::window()
}

fn storage() -> Option<Storage> {
    window()?.local_storage().ok()?
}

/// What was kept under a name, if the browser keeps things.
pub fn kept(name: &str) -> Option<String> {
    storage()?.get_item(name).ok()?
}

/// Keeps a text under a name; a browser that refuses loses it, which harms nothing.
pub fn keep(name: &str, text: &str) {
    try_keep(name, text);
}

/// Keeps a text under a name; whether the browser took it.
pub fn try_keep(name: &str, text: &str) -> bool {
    storage().is_some_and(|storage| storage.set_item(name, text).is_ok())
}

/// Keeps nothing under a name any more.
pub fn forget(name: &str) {
    if let Some(storage) = storage() {
        storage.remove_item(name).ok();
    }
}

/// The text of a file that a person chose; `None` when the browser cannot read it.
pub async fn read_file(file: &File) -> Option<String> {
    let text = JsFuture::from(file.text()).await.ok()?;
    text.as_string()
}

/// The first of the files that a person has dropped.
pub fn dropped_file(event: &DragEvent) -> Option<File> {
    event.data_transfer()?.files()?.get(0)
}

/// Whether what is being dragged is a file.
pub fn drags_file(event: &DragEvent) -> bool {
    let types = event.data_transfer().map(|transfer| transfer.types());
    types.is_some_and(|types| types.includes(&"Files".into(), 0))
}

/// The element that has the keyboard.
pub fn focused() -> Option<HtmlElement> {
    let element = window()?.document()?.active_element()?;
    element.dyn_into().ok()
}

/// The key that commands are given with, as its keyboard names it.
pub fn command_key() -> &'static str {
    let platform = window().and_then(|window| window.navigator().platform().ok());
    match platform {
        Some(platform) if platform.starts_with("Mac") || platform.starts_with("iP") => "⌘",
        Some(_) | None => "Ctrl",
    }
}

/// Runs something in so many milliseconds.
pub fn later(ms: i32, run: impl FnOnce() + 'static) {
    if let Some(window) = window() {
        let callback = Closure::once_into_js(run);
        window
            .set_timeout_with_callback_and_timeout_and_arguments_0(callback.unchecked_ref(), ms)
            .ok();
    }
}

/// Runs something when the browser has nothing else to do.
pub fn when_idle(run: impl FnOnce() + 'static) {
    on_idle(&Closure::once_into_js(run));
}

/// An element that belongs to no document.
pub fn loose_element() -> Option<Element> {
    window()?.document()?.create_element("div").ok()
}

/// The fragment of the page's address.
pub fn fragment() -> String {
    window()
        .and_then(|window| window.location().hash().ok())
        .unwrap_or_default()
}

/// Writes the fragment of the page's address, which makes an entry in the history.
pub fn show_fragment(fragment: &str) {
    if let Some(window) = window() {
        window.location().set_hash(fragment).ok();
    }
}

/// Writes the fragment of the page's address in place of what stands there.
pub fn replace_fragment(fragment: &str) {
    if let Some(window) = window() {
        window.location().replace(fragment).ok();
    }
}

/// The whole address of a fragment of this page.
pub fn address_of(fragment: &str) -> String {
    let href = window().and_then(|window| window.location().href().ok());
    let href = href.unwrap_or_default();
    format!("{}{fragment}", href.split('#').next().unwrap_or_default())
}

/// Puts the theme's name on the document, where the style sheet reads it.
pub fn show_theme(name: &str) {
    let root = window()
        .and_then(|window| window.document())
        .and_then(|document| document.document_element());
    if let Some(root) = root {
        root.set_attribute("data-theme", name).ok();
    }
}
