//! The page's end of the wire: starts the worker, sends requests, hands out answers, and keeps
//! the journal from which a new worker is brought to where its predecessor was.

use super::browser;
use crate::app::Action;
use crate::wire::{
    self, Changes, Event, JournalEntry, Problem, Reply, Request, RequestId, Severity, Size,
};
use futures_channel::oneshot;
use js_sys::{Array, Reflect, Uint8Array};
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use web_sys::Worker;
use yew::Callback;

/// Milliseconds between a program's change and the page's look at it.
const QUIET: i32 = 500;

/// A reply and the blocks that came with it.
pub type Answer = (Reply, Vec<JsValue>);

/// The page's end of the wire. Clones are the same end.
#[derive(Clone)]
pub struct Client(Rc<Inner>);

impl PartialEq for Client {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

struct Inner {
    link: RefCell<Option<Link>>,
    last_id: Cell<RequestId>,
    pending: RefCell<HashMap<RequestId, Pending>>,
    size: Cell<Size>,
    journal: RefCell<Vec<JournalEntry>>,
    listener: RefCell<Callback<Action>>,
    /// Whether the page will soon be told of changed data.
    change_is_due: Cell<bool>,
    /// The promise that the first data set is there, and what fulfils it.
    ready: (js_sys::Promise, js_sys::Function),
}

/// A worker and what it may call.
struct Link {
    worker: Worker,
    /// Messages for a worker that does not listen yet.
    waiting: Option<Vec<Uint8Array>>,
    _listen: Closure<dyn FnMut(JsValue)>,
    _fail: Closure<dyn FnMut(String)>,
}

struct Pending {
    answer: oneshot::Sender<Answer>,
    /// What belongs into the journal if the data may have changed.
    journal: Option<JournalEntry>,
}

impl Client {
    /// Starts a worker and has it make the smallest data set.
    pub fn start() -> Self {
        let mut fulfil = None;
        let promise = js_sys::Promise::new(&mut |resolve, _| fulfil = Some(resolve));
        let client = Self(Rc::new(Inner {
            link: RefCell::new(None),
            last_id: Cell::new(0),
            pending: RefCell::default(),
            size: Cell::new(Size::Small),
            journal: RefCell::default(),
            listener: RefCell::new(Callback::noop()),
            change_is_due: Cell::new(false),
            ready: (promise, fulfil.unwrap_or_default()),
        }));
        client.spawn();
        client
    }

    /// Where news of the worker go from now on.
    pub fn listen(&self, listener: Callback<Action>) {
        *self.0.listener.borrow_mut() = listener;
    }

    /// Fulfilled when the first data set is there.
    pub fn ready(&self) -> js_sys::Promise {
        self.0.ready.0.clone()
    }

    /// Sends a request. The answer is an error when the worker is stopped before it comes.
    pub async fn call(&self, request: Request) -> Result<Answer, Problem> {
        let size = match &request {
            Request::Reset { size } => Some(*size),
            _ => None,
        };
        let answer = self.send(&request).await.map_err(|_| stopped())?;
        match (&answer.0, size) {
            (Reply::Market(market), Some(size)) => {
                self.0.size.set(size);
                self.0.journal.borrow_mut().clear();
                self.tell(Action::MarketReady(market.clone()));
            }
            (Reply::Failed(problem), Some(_)) => self.tell(Action::MarketFailed(problem.clone())),
            _ => {}
        }
        Ok(answer)
    }

    /// Ends the worker, whatever it is doing, and brings another to where it was.
    pub fn restart(&self) {
        if let Some(link) = self.0.link.borrow_mut().take() {
            browser::stop_worker(&link.worker);
        }
        // Whoever waits for an answer hears that there will be none.
        self.0.pending.borrow_mut().clear();
        self.spawn();
    }

    fn spawn(&self) {
        let worker = browser::start_worker();
        let weak = Rc::downgrade(&self.0);
        let listen = Closure::new(move |data: JsValue| {
            if let Some(inner) = weak.upgrade() {
                Client(inner).receive(&data);
            }
        });
        let weak = Rc::downgrade(&self.0);
        let fail = Closure::new(move |message: String| {
            if let Some(inner) = weak.upgrade() {
                Client(inner).broke(message);
            }
        });
        let link = Link {
            worker: worker.clone(),
            waiting: Some(Vec::new()),
            _listen: listen,
            _fail: fail,
        };
        *self.0.link.borrow_mut() = Some(link);
        let restore = Request::Restore {
            size: self.0.size.get(),
            journal: self.0.journal.borrow().clone(),
        };
        let answer = self.send(&restore);
        let client = self.clone();
        wasm_bindgen_futures::spawn_local(async move {
            match answer.await {
                Ok((Reply::Market(market), _)) => {
                    client.0.ready.1.call0(&JsValue::UNDEFINED).ok();
                    client.tell(Action::MarketReady(market));
                }
                Ok((Reply::Failed(problem), _)) => client.tell(Action::MarketFailed(problem)),
                Ok(_) | Err(_) => {}
            }
        });
        if let Some(link) = self.0.link.borrow().as_ref() {
            browser::hear(&worker, &link._listen, &link._fail);
        }
    }

    fn send(&self, request: &Request) -> oneshot::Receiver<Answer> {
        let id = self.0.last_id.get().wrapping_add(1).max(1);
        self.0.last_id.set(id);
        let (answer, receiver) = oneshot::channel();
        let pending = Pending {
            answer,
            journal: request.journal_entry(),
        };
        self.0.pending.borrow_mut().insert(id, pending);
        let bytes = Uint8Array::from(wire::encode(id, request).as_slice());
        if let Some(link) = self.0.link.borrow_mut().as_mut() {
            match &mut link.waiting {
                Some(waiting) => waiting.push(bytes),
                None => post(&link.worker, &bytes),
            }
        }
        receiver
    }

    fn receive(&self, data: &JsValue) {
        match data.dyn_ref::<Array>() {
            Some(parts) => self.receive_parts(parts),
            None => self.receive_progress(data),
        }
    }

    fn receive_parts(&self, parts: &Array) {
        let bytes = Uint8Array::new(&parts.get(0)).to_vec();
        if bytes.first() == Some(&0) {
            match wire::decode::<Event>(&bytes) {
                Some((_, Event::Up)) => self.up(),
                Some((_, Event::Panicked(message))) => self.broke(message),
                None => {}
            }
            return;
        }
        let Some((id, reply)) = wire::decode::<Reply>(&bytes) else {
            return self.broke("the worker's answer could not be read".into());
        };
        let Some(pending) = self.0.pending.borrow_mut().remove(&id) else {
            return;
        };
        if let Some(entry) = pending.journal
            && reply.changes() == Changes::Possible
        {
            self.0.journal.borrow_mut().push(entry);
        }
        let steps = reply.effects().1;
        self.0.journal.borrow_mut().extend(steps.iter().cloned());
        let blocks = parts.iter().skip(1).collect();
        // Nobody waits when the asking component is gone.
        pending.answer.send((reply, blocks)).ok();
    }

    /// What `static/script/engine.js` says while it loads the module.
    fn receive_progress(&self, data: &JsValue) {
        let field = |name: &str| Reflect::get(data, &name.into()).unwrap_or_default();
        if let Some(message) = field("failed").as_string() {
            return self.tell(Action::EngineFailed(message));
        }
        if let Some(received) = field("received").as_f64() {
            let total = field("total").as_f64().filter(|&total| total > 0.0);
            self.tell(Action::EngineProgress { received, total });
        }
    }

    fn up(&self) {
        if let Some(link) = self.0.link.borrow_mut().as_mut() {
            for bytes in link.waiting.take().unwrap_or_default() {
                post(&link.worker, &bytes);
            }
        }
        self.tell(Action::EngineUp);
    }

    fn broke(&self, message: String) {
        let never_came_up = self
            .0
            .link
            .borrow()
            .as_ref()
            .is_none_or(|link| link.waiting.is_some());
        if never_came_up {
            return self.tell(Action::EngineFailed(message));
        }
        self.restart();
        self.tell(Action::EngineBroke(message));
    }

    fn tell(&self, news: Action) {
        let listener = self.0.listener.borrow().clone();
        listener.emit(news);
    }

    /// Tells the page that a program changed the data; once for many changes in a row.
    pub fn data_changed(&self) {
        if self.0.change_is_due.replace(true) {
            return;
        }
        let client = self.clone();
        browser::later(QUIET, move || {
            client.0.change_is_due.set(false);
            client.tell(Action::DataChanged);
        });
    }
}

fn post(worker: &Worker, bytes: &Uint8Array) {
    if bytes.length() as usize > wire::COPIED {
        let moved = Array::of1(&bytes.buffer());
        worker.post_message_with_transfer(bytes, &moved).ok();
    } else {
        worker.post_message(bytes).ok();
    }
}

/// The answer of a worker that was stopped; PostgreSQL's words for a cancelled statement.
fn stopped() -> Problem {
    Problem {
        code: "57014".into(),
        severity: Severity::Error,
        message: "canceling statement due to user request".into(),
        place: None,
        hints: Vec::new(),
        traceback: None,
    }
}
