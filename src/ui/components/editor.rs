use crate::app::state::Source;
use crate::ui::assist::{self, Ask};
use crate::ui::browser::{self, CodeEditor};
use crate::ui::client::Client;
use crate::ui::hooks::use_near;
use crate::ui::shared::Shared;
use crate::wire::{Language, Problem, Severity, TableInfo, World};
use js_sys::{Array, Object, Reflect};
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::Element;
use yew::prelude::*;

/// A way to an editor from outside: what its Run button needs.
#[derive(Clone, Default)]
pub struct EditorHandle(Rc<RefCell<Slot>>);

impl PartialEq for EditorHandle {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

/// An editor, and what was put in before it was there.
#[derive(Default)]
struct Slot {
    mounted: Option<Mounted>,
    waiting: Option<String>,
}

struct Mounted {
    editor: CodeEditor,
    _on_run: Closure<dyn Fn()>,
    _ask: Option<Ask>,
    _on_change: Closure<dyn Fn(String)>,
    _on_cursor: Closure<dyn Fn(u32)>,
}

/// What an editor calls.
struct Callbacks {
    on_run: Callback<()>,
    on_change: Callback<String>,
    on_cursor: Callback<u32>,
}

impl Drop for Mounted {
    fn drop(&mut self) {
        self.editor.destroy();
    }
}

impl EditorHandle {
    /// The selected text, or all of it when nothing is selected; `None` before there is one.
    pub fn source(&self) -> Option<Source> {
        let slot = self.0.borrow();
        let Some(Mounted { editor, .. }) = &slot.mounted else {
            let text = slot.waiting.as_deref()?.into();
            return Some(Source {
                text,
                ..Source::default()
            });
        };
        let range = editor.run_range();
        let (from, to) = (*range.first()?, *range.get(1)?);
        Some(Source {
            text: editor.slice(from, to).into(),
            offset: from,
            lines: editor.slice(0, from).matches('\n').count() as u32,
            ..Source::default()
        })
    }

    /// The whole text; `None` before there is one.
    pub fn text(&self) -> Option<String> {
        let slot = self.0.borrow();
        match &slot.mounted {
            Some(mounted) => Some(mounted.editor.text()),
            None => slot.waiting.clone(),
        }
    }

    /// Selects a part of the text, in UTF-16 units, and shows it.
    pub fn select(&self, from: u32, to: u32) {
        if let Some(mounted) = &self.0.borrow().mounted {
            mounted.editor.select(from, to);
        }
    }

    /// Lights a line up, from 1; the one before goes out.
    pub fn light(&self, line: Option<u32>) {
        if let Some(mounted) = &self.0.borrow().mounted {
            mounted.editor.light(line.unwrap_or(0));
        }
    }

    /// Puts another text in, without going there. An editor that is not there yet takes it when
    /// it comes.
    pub fn replace(&self, text: &str) {
        if let Some(mounted) = &self.0.borrow().mounted {
            return mounted.editor.set_text(text);
        }
        self.0.borrow_mut().waiting = Some(text.to_owned());
    }

    /// Puts another text in, and the cursor.
    pub fn set_text(&self, text: &str) {
        self.replace(text);
        if let Some(mounted) = &self.0.borrow().mounted {
            mounted.editor.focus();
        }
    }
}

/// Props of [`Editor`].
#[derive(Clone, PartialEq, Properties)]
pub struct EditorProps {
    /// What it holds at first.
    pub text: AttrValue,
    /// What it is, for screen readers.
    pub label: AttrValue,
    /// What is written in it. Another language wants another editor, by its `key`.
    #[prop_or_default]
    pub language: Language,
    /// The way to it from outside.
    pub handle: EditorHandle,
    /// What to underline, and how many UTF-16 units of the text come before what ran.
    #[prop_or_default]
    pub problem: Option<(Shared<Problem>, u32)>,
    /// The tables, for completion.
    #[prop_or_default]
    pub catalog: Option<Rc<[TableInfo]>>,
    /// Whom to ask for help while code is typed, and on which data it will run.
    #[prop_or_default]
    pub assist: Option<(Client, World)>,
    /// Ctrl/Cmd+Enter.
    pub on_run: Callback<()>,
    /// The text changed.
    #[prop_or_default]
    pub on_change: Callback<String>,
    /// The cursor came to this line, from 1.
    #[prop_or_default]
    pub on_cursor: Callback<u32>,
}

/// A code editor. Until its module has arrived, the text stands there as it will stand in it.
#[component]
pub fn Editor(props: &EditorProps) -> Html {
    let place = use_node_ref();
    // A page of the course has dozens of editors; each comes when it is nearly in sight.
    let near = use_near(&place);
    let mounted = use_state_eq(|| false);
    // The editor is made once; what it calls is the latest of these.
    let latest = || Callbacks {
        on_run: props.on_run.clone(),
        on_change: props.on_change.clone(),
        on_cursor: props.on_cursor.clone(),
    };
    let callbacks = use_mut_ref(latest);
    *callbacks.borrow_mut() = latest();

    {
        let (place, mounted) = (place.clone(), mounted.clone());
        let (handle, text, label) = (
            props.handle.clone(),
            props.text.clone(),
            props.label.clone(),
        );
        let help = props.assist.clone();
        let language = props.language;
        use_effect_with(near, move |&near| {
            let handle_here = handle.clone();
            if let Some(place) = place.cast::<Element>().filter(|_| near) {
                spawn_local(async move {
                    let ask = help.map(|(client, world)| assist::ask(&client, world));
                    let made = mount(&place, &text, &label, language, callbacks, ask).await;
                    // The component may be gone by now.
                    if place.is_connected()
                        && let Some(made) = made
                    {
                        let waiting = {
                            let mut slot = handle.0.borrow_mut();
                            slot.mounted = Some(made);
                            slot.waiting.take()
                        };
                        if let Some(text) = waiting {
                            handle.replace(&text);
                        }
                        mounted.set(true);
                    }
                });
            }
            move || drop(handle_here.0.borrow_mut().mounted.take())
        });
    }
    {
        let handle = props.handle.clone();
        use_effect_with((props.problem.clone(), *mounted), move |(problem, _)| {
            if let Some(mounted) = &handle.0.borrow().mounted {
                mounted.editor.set_problems(&underlined(problem.as_ref()));
            }
        });
    }
    {
        let handle = props.handle.clone();
        use_effect_with((props.catalog.clone(), *mounted), move |(catalog, _)| {
            if let (Some(mounted), Some(catalog)) = (&handle.0.borrow().mounted, catalog) {
                mounted.editor.set_schema(&names(catalog));
            }
        });
    }

    html! {
        <div class="editor">
            <div class="editor-place" ref={place} />
            if !*mounted {
                <pre class="editor-wait">{ &props.text }</pre>
            }
        </div>
    }
}

async fn mount(
    place: &Element,
    text: &str,
    label: &str,
    language: Language,
    callbacks: Rc<RefCell<Callbacks>>,
    ask: Option<Ask>,
) -> Option<Mounted> {
    let for_run = callbacks.clone();
    let on_run = Closure::<dyn Fn()>::new(move || {
        let on_run = for_run.borrow().on_run.clone();
        on_run.emit(());
    });
    let for_change = callbacks.clone();
    let on_change = Closure::<dyn Fn(String)>::new(move |text| {
        let on_change = for_change.borrow().on_change.clone();
        on_change.emit(text);
    });
    let on_cursor = Closure::<dyn Fn(u32)>::new(move |line| {
        let on_cursor = callbacks.borrow().on_cursor.clone();
        on_cursor.emit(line);
    });
    let options = Object::new();
    set(&options, "doc", &text.into());
    let (name, hint) = match language {
        Language::Sql => ("sql", "Type SQL here and press Ctrl+Enter"),
        Language::Django => ("python", "Type Django code here and press Ctrl+Enter"),
    };
    set(&options, "language", &name.into());
    set(&options, "label", &label.into());
    set(&options, "hint", &hint.into());
    set(&options, "onRun", on_run.as_ref());
    set(&options, "onChange", on_change.as_ref());
    if let Some(ask) = &ask {
        set(&options, "ask", ask.as_ref());
    }
    set(&options, "onCursor", on_cursor.as_ref());
    let editor = browser::mount_editor(place, &options).await.ok()?;
    Some(Mounted {
        editor: editor.unchecked_into(),
        _on_run: on_run,
        _ask: ask,
        _on_change: on_change,
        _on_cursor: on_cursor,
    })
}

fn underlined(problem: Option<&(Shared<Problem>, u32)>) -> JsValue {
    let list = Array::new();
    if let Some((problem, before)) = problem
        && let Some(place) = problem.place
    {
        let entry = Object::new();
        set(&entry, "from", &(place.from + before).into());
        set(&entry, "to", &(place.to + before).into());
        set(&entry, "message", &problem.message.as_str().into());
        let severity = match problem.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        set(&entry, "severity", &severity.into());
        list.push(&entry);
    }
    list.into()
}

/// `{table: [column, ...]}`
fn names(catalog: &[TableInfo]) -> JsValue {
    let tables = Object::new();
    for table in catalog {
        let columns: Array = table
            .columns
            .iter()
            .map(|column| JsValue::from(column.name.as_str()))
            .collect();
        set(&tables, &table.name, &columns);
    }
    tables.into()
}

fn set(object: &Object, name: &str, value: &JsValue) {
    // Fails only on frozen objects; ours are not.
    Reflect::set(object, &name.into(), value).ok();
}
