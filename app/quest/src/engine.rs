//! The worker: started, spoken to, replaced when it ends.

use lookout_look::files::of_build;
use model::quest::game::{Reply, Request};
use serde::Serialize;
use wasm_bindgen::prelude::*;
use web_sys::{ErrorEvent, MessageEvent, Worker, WorkerOptions, WorkerType};

/// A worker with its listeners.
pub struct Engine {
    worker: Worker,
    _heard: Closure<dyn FnMut(MessageEvent)>,
    _failed: Closure<dyn FnMut(ErrorEvent)>,
}

impl Engine {
    /// Starts a worker.
    ///
    /// # Errors
    /// When the browser allows none.
    pub fn start(hear: impl Fn(Reply) + Clone + 'static) -> Result<Self, JsValue> {
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module);
        let worker = Worker::new_with_options(&of_build("quest-worker.js"), &options)?;
        let on_failure = hear.clone();
        let heard = Closure::new(move |event: MessageEvent| {
            let detail = |error| Reply::Failed { detail: format!("unreadable answer: {error}") };
            hear(serde_wasm_bindgen::from_value(event.data()).unwrap_or_else(detail));
        });
        let failed = Closure::new(move |event: ErrorEvent| on_failure(Reply::Failed { detail: event.message() }));
        worker.set_onmessage(Some(heard.as_ref().unchecked_ref()));
        worker.set_onerror(Some(failed.as_ref().unchecked_ref()));
        Ok(Self { worker, _heard: heard, _failed: failed })
    }

    /// Sends a request.
    pub fn send(&self, request: &Request) {
        let plain = serde_wasm_bindgen::Serializer::json_compatible().serialize_bytes_as_arrays(false);
        let sent =
            request.serialize(&plain).map_err(JsValue::from).and_then(|message| self.worker.post_message(&message));
        if let Err(error) = sent {
            leptos::logging::error!("a request was not sent: {error:?}");
        }
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.worker.set_onmessage(None);
        self.worker.set_onerror(None);
        self.worker.terminate();
    }
}
