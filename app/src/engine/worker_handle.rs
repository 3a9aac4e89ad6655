//! One worker and the messages to and from it.

use js_sys::{Array, ArrayBuffer, Function};
use leptos::prelude::window;
use lookout_look::files::of_build;
use lookout_protocol::{Backend, Reply, Request};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{ErrorEvent, Event, MessageEvent, Worker, WorkerOptions, WorkerType};

use super::backend_key;
use crate::js::{property, set_property};

/// What comes from a worker.
#[derive(Debug)]
pub enum Message {
    /// A message of the protocol.
    Reply(Reply),
    /// An error outside any message: the script or the module failed, or a message could not be read.
    Crash(String),
    /// The worker was another frame's, and is gone with it or was replaced there: nobody's failure.
    Gone,
}

/// A running worker, or the way to that of another frame of the page round them. Dropping it ends the worker at once, or leaves the
/// other's as it is.
pub struct WorkerHandle {
    worker: Worker,
    // The callbacks live as long as the worker.
    _message: Closure<dyn FnMut(MessageEvent)>,
    _error: Closure<dyn FnMut(Event)>,
}

impl WorkerHandle {
    /// Starts the worker of a backend, or joins one that frames share.
    ///
    /// # Arguments
    /// * `on_message` - called for everything that comes from it.
    ///
    /// # Errors
    /// What the browser says when it refuses to start workers.
    pub fn open(backend: Backend, on_message: impl Fn(Message) + Clone + 'static) -> Result<Self, JsValue> {
        let (worker, said) = match started_before(backend) {
            Some(started) => started,
            None => (start(backend)?, Array::new()),
        };
        let tell = on_message.clone();
        let hear = move |message: JsValue| {
            tell(match serde_wasm_bindgen::from_value(message) {
                Ok(reply) => Message::Reply(reply),
                Err(error) => Message::Crash(format!("unreadable message: {error}")),
            });
        };
        said.iter().for_each(&hear);
        let message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| hear(event.data()));
        let error = Closure::<dyn FnMut(Event)>::new(move |event: Event| {
            let detail = || {
                let error = event.dyn_ref::<ErrorEvent>();
                error.map_or_else(|| "the script could not be loaded".into(), ErrorEvent::message)
            };
            on_message(if event.type_() == "gone" { Message::Gone } else { Message::Crash(detail()) });
        });
        worker.set_onmessage(Some(message.as_ref().unchecked_ref()));
        worker.set_onmessageerror(Some(error.as_ref().unchecked_ref()));
        worker.set_onerror(Some(error.as_ref().unchecked_ref()));
        Ok(Self { worker, _message: message, _error: error })
    }

    /// Sends a request without pixels.
    ///
    /// # Errors
    /// What the browser says.
    pub fn send(&self, request: &Request) -> Result<(), JsValue> {
        self.worker.post_message(&serde_wasm_bindgen::to_value(request)?)
    }

    /// Sends [`Request::Photo`] with its pixels, which are moved, not copied.
    ///
    /// # Errors
    /// What the browser says.
    pub fn send_pixels(&self, request: &Request, pixels: &ArrayBuffer) -> Result<(), JsValue> {
        let message = serde_wasm_bindgen::to_value(request)?;
        set_property(&message, "pixels", pixels)?;
        self.worker.post_message_with_transfer(&message, &Array::of1(pixels))
    }
}

/// Starts the worker of a backend, or joins one that frames share.
fn start(backend: Backend) -> Result<Worker, JsValue> {
    let address = of_build(&format!("worker.js?backend={}", backend_key(backend)));
    if let Some(open) = property(&window(), "lookoutOpenWorker") {
        // Frames share their workers: `www/shared_worker.js` has something of a Worker's shape for each of them.
        return Ok(open.unchecked_into::<Function>().call1(&JsValue::NULL, &address.into())?.unchecked_into());
    }
    let options = WorkerOptions::new();
    options.set_type(WorkerType::Module);
    Worker::new_with_options(&address, &options)
}

/// The name of the page's global under which `boot.js` leaves a worker that it has started.
const STARTED: &str = "lookoutWorker";

/// The worker that `boot.js` has started beside the page's module, with what it has said; taken once, and ended if it is of
/// another backend or has failed.
fn started_before(backend: Backend) -> Option<(Worker, Array)> {
    let global = js_sys::global();
    let started = property(&global, STARTED);
    // From now on `boot.js` starts none. Nothing freezes the page's global.
    set_property(&global, STARTED, &JsValue::NULL).ok()?;
    let started = started?;
    let worker: Worker = property(&started, "worker")?.dyn_into().ok()?;
    let is_of = property(&started, "backend")?.as_string().is_some_and(|it| it == backend_key(backend));
    if !is_of || property(&started, "failed").is_none_or(|it| it.is_truthy()) {
        worker.terminate();
        return None;
    }
    Some((worker, property(&started, "messages")?.dyn_into().ok()?))
}

impl Drop for WorkerHandle {
    fn drop(&mut self) {
        self.worker.set_onmessage(None);
        self.worker.set_onmessageerror(None);
        self.worker.set_onerror(None);
        self.worker.terminate();
    }
}
