//! The worker that trains: hands the page's requests to [`model::quest::host`] and sends the answers back.
//!
//! It works in slices, and hears messages in between: an epoch can be given up in the middle. `www/quest-worker.js` loads
//! this module, calls [`start`] once and [`handle`] for every message. Natively the crate is empty.
#![cfg(target_arch = "wasm32")]

use std::cell::{Cell, RefCell};

use js_sys::{Function, Promise};
use model::quest::{
    game::{Reply, Request},
    host::Host,
};
use serde::Serialize;
use wasm_bindgen::prelude::*;
use web_sys::DedicatedWorkerGlobalScope;

/// Seconds of work between two looks at the messages.
const SLICE: f64 = 0.04;

thread_local! {
    static HOST: RefCell<Host> = RefCell::default();
    /// Whether the loop of slices is running.
    static IS_WORKING: Cell<bool> = const { Cell::new(false) };
}

/// Sets the worker up.
#[wasm_bindgen]
pub fn start() {
    // A panic ends the module: the page is told, and starts another worker.
    std::panic::set_hook(Box::new(|info| {
        console_error_panic_hook::hook(info);
        post(&Reply::Failed { detail: info.to_string() });
    }));
}

/// Takes one message of the page.
#[wasm_bindgen]
pub fn handle(message: JsValue) {
    match serde_wasm_bindgen::from_value::<Request>(message) {
        Ok(request) => {
            HOST.with_borrow_mut(|host| host.take(request, &seconds)).iter().for_each(post);
            if !IS_WORKING.replace(true) {
                wasm_bindgen_futures::spawn_local(work());
            }
        }
        Err(error) => post(&Reply::Failed { detail: format!("unreadable message: {error}") }),
    }
}

/// Works in slices until there is nothing to do.
async fn work() {
    loop {
        task_boundary().await;
        HOST.with_borrow_mut(|host| host.work(SLICE, &seconds)).iter().for_each(post);
        if !HOST.with_borrow(Host::is_busy) {
            break;
        }
    }
    IS_WORKING.set(false);
}

/// The worker's global scope.
fn scope() -> DedicatedWorkerGlobalScope {
    // The module is only ever loaded by `www/quest-worker.js`, in a dedicated worker.
    js_sys::global().unchecked_into()
}

fn post(reply: &Reply) {
    // Replies are plain structs of numbers and strings: they always serialize, and a dedicated worker can always post.
    let plain = serde_wasm_bindgen::Serializer::json_compatible().serialize_bytes_as_arrays(false);
    if let Ok(message) = reply.serialize(&plain) {
        let _ = scope().post_message(&message);
    }
}

/// Lets the messages that wait be handled: a timer, even of 0 ms, is a task of its own.
async fn task_boundary() {
    let promise = Promise::new(&mut |resolve: Function, _| {
        let _ = scope().set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, 0);
    });
    let _ = wasm_bindgen_futures::JsFuture::from(promise).await;
}

/// Seconds on a steady clock.
fn seconds() -> f64 {
    scope().performance().map_or_else(js_sys::Date::now, |clock| clock.now()) / 1000.0
}
