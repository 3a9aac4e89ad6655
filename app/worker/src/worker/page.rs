//! Talking to the pages that the worker serves.

use js_sys::{Function, Promise, Reflect, Uint8Array};
use lookout_protocol::{FailureKind, Reply};
use serde::Serialize;
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};
use web_sys::DedicatedWorkerGlobalScope;

use super::failure::Failure;

/// The worker's global scope.
fn scope() -> DedicatedWorkerGlobalScope {
    // The module is only ever loaded by `www/worker.js`, in a dedicated worker.
    js_sys::global().unchecked_into()
}

#[wasm_bindgen]
extern "C" {
    /// Sends a message to a client, or to all: `www/worker.js` puts the function there before it starts this module.
    #[wasm_bindgen(catch, js_name = lookoutSay)]
    fn say(client: Option<u32>, message: &JsValue) -> Result<(), JsValue>;
}

/// Sends a reply to a client; to all of them where there is none.
pub fn post(client: Option<u32>, reply: &Reply) {
    // Bytes stay bytes: a class map has half a million of them.
    let plain = serde_wasm_bindgen::Serializer::json_compatible().serialize_bytes_as_arrays(false);
    let message = reply.serialize(&plain);
    // Replies are plain structs of numbers and strings: they always serialize, and can always be posted.
    if let Ok(message) = message {
        let _ = say(client, &message);
    }
}

/// Fetches a file of this build through the shell, which reports bytes, keeps the file by its checksum and checks it.
///
/// # Errors
/// The page's word for what went wrong, and the details.
pub async fn fetch(name: &str) -> Result<Vec<u8>, Failure> {
    let failed = |error: JsValue| {
        let read = |key: &str| Reflect::get(&error, &key.into()).ok().and_then(|value| value.as_string());
        let why = match read("why").as_deref() {
            Some("checksum") => FailureKind::Checksum,
            _ => FailureKind::Download,
        };
        (why, read("message").unwrap_or_else(|| name.to_owned()))
    };
    // `www/worker.js` puts the function there before it starts this module.
    let loader: Function = Reflect::get(&js_sys::global(), &"lookoutLoad".into()).map_err(failed)?.unchecked_into();
    let promise: Promise = loader.call1(&JsValue::NULL, &name.into()).map_err(failed)?.unchecked_into();
    let bytes = wasm_bindgen_futures::JsFuture::from(promise).await.map_err(failed)?;
    Ok(Uint8Array::new(&bytes).to_vec())
}

/// Waits until the messages that have already arrived were handled.
pub async fn task_boundary() {
    pause(0).await;
}

/// Waits; messages that arrive meanwhile are handled.
pub async fn pause(milliseconds: i32) {
    let promise = Promise::new(&mut |resolve: Function, _| {
        // A worker cannot post to itself without a channel; a timer, even of 0 ms, is a task of its own.
        let _ = scope().set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, milliseconds);
    });
    let _ = wasm_bindgen_futures::JsFuture::from(promise).await;
}

/// Milliseconds on a steady clock.
pub fn now() -> f64 {
    scope().performance().map_or_else(js_sys::Date::now, |clock| clock.now())
}
