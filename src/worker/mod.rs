//! The worker: answers the page's requests, one after the other, from one session.
//!
//! [`answer`] is plain Rust; [`start`] ties it to the browser. Holds no logic of its own: what a
//! request means is the session's to say.

mod answer;
mod assist;
mod chart;
mod dashboard;
mod report;
mod values;

pub use answer::answer;

use crate::session::Session;
use crate::wire::{self, Event, Request};
use js_sys::{Array, Uint8Array};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use web_sys::{DedicatedWorkerGlobalScope, MessageEvent};

/// Milliseconds without a message that make a quiet moment.
const IDLE: i32 = 150;

/// Listens to the page from now on.
pub fn start() {
    let Ok(scope) = js_sys::global().dyn_into::<DedicatedWorkerGlobalScope>() else {
        return;
    };
    report_panics(scope.clone());
    let shared = Rc::new(RefCell::new(Session::new(now)));
    let messages = Rc::new(Cell::new(0u32));
    let target = scope.clone();
    let listen = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
        let bytes = Uint8Array::new(&event.data()).to_vec();
        messages.set(messages.get().wrapping_add(1));
        // Only our own page talks to the worker, so a message that cannot be read is a fault of
        // ours; it stays unanswered and shows as such.
        if let Some((id, request)) = wire::decode::<Request>(&bytes)
            && let Ok(mut session) = shared.try_borrow_mut()
        {
            let (reply, blocks) = answer(&mut session, request);
            post(&target, &wire::encode(id, &reply), &blocks);
            if !session.is_prepared() {
                drop(session);
                prepare_when_idle(&target, &shared, &messages);
            }
        }
    });
    scope.set_onmessage(Some(listen.as_ref().unchecked_ref()));
    listen.forget();
    post(&scope, &wire::encode(0, &Event::Up), &[]);
}

/// Prepares the session once no message has come for a while.
fn prepare_when_idle(
    scope: &DedicatedWorkerGlobalScope,
    session: &Rc<RefCell<Session>>,
    messages: &Rc<Cell<u32>>,
) {
    let (session, messages, before) = (session.clone(), messages.clone(), messages.get());
    let prepare = Closure::once_into_js(move || {
        if messages.get() == before
            && let Ok(mut session) = session.try_borrow_mut()
        {
            session.prepare();
        }
    });
    let prepare = prepare.unchecked_ref();
    // Without a timer the first Django code pays for it.
    scope
        .set_timeout_with_callback_and_timeout_and_arguments_0(prepare, IDLE)
        .ok();
}

/// A panic ends the module; its message goes to the page first.
fn report_panics(scope: DedicatedWorkerGlobalScope) {
    // JavaScript's values stay in this thread, and there is no other.
    struct Here(DedicatedWorkerGlobalScope);
    thread_local!(static SCOPE: RefCell<Option<Here>> = const { RefCell::new(None) });
    SCOPE.with(|place| *place.borrow_mut() = Some(Here(scope)));
    std::panic::set_hook(Box::new(|info| {
        let event = Event::Panicked(info.to_string());
        SCOPE.with(|place| {
            if let Ok(place) = place.try_borrow()
                && let Some(Here(scope)) = place.as_ref()
            {
                post(scope, &wire::encode(0, &event), &[]);
            }
        });
    }));
}

/// Sends a message and its blocks.
fn post(scope: &DedicatedWorkerGlobalScope, message: &[u8], blocks: &[Vec<u8>]) {
    let parts = Array::new();
    let moved = Array::new();
    for bytes in std::iter::once(message).chain(blocks.iter().map(Vec::as_slice)) {
        let part = Uint8Array::from(bytes);
        if bytes.len() > wire::COPIED {
            moved.push(&part.buffer());
        }
        parts.push(&part);
    }
    scope.post_message_with_transfer(&parts, &moved).ok();
}

/// Milliseconds since the worker's start.
fn now() -> f64 {
    js_sys::global()
        .dyn_into::<DedicatedWorkerGlobalScope>()
        .ok()
        .and_then(|scope| scope.performance())
        .map_or(0.0, |performance| performance.now())
}
