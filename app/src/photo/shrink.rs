//! Decoding of large photos beside the page, in `www/decode.js`: shrinking 60 megapixels would hold up the page for a
//! third of a second.

use js_sys::{Object, Promise};
use lookout_look::files::of_build;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, Event, ImageBitmap, MessageEvent, Worker, WorkerOptions, WorkerType};

use crate::js::set_property;

/// Decodes a photo upright and shrinks it.
///
/// # Arguments
/// * `size` - the width and height to shrink to.
///
/// # Returns
/// None if the browser cannot do this in a worker, or cannot decode the file at all.
pub async fn decode_shrunk(source: &Blob, size: (u32, u32)) -> Option<ImageBitmap> {
    let options = WorkerOptions::new();
    options.set_type(WorkerType::Module);
    let worker = Worker::new_with_options(&of_build("decode.js"), &options).ok()?;
    let answer = JsFuture::from(answer_of(&worker));
    let sent = request(source, size).and_then(|request| worker.post_message(&request));
    let bitmap = match sent {
        Ok(()) => answer.await.ok().and_then(|it| it.dyn_into().ok()),
        Err(_) => None,
    };
    worker.terminate();
    bitmap
}

fn request(source: &Blob, (width, height): (u32, u32)) -> Result<Object, JsValue> {
    let request = Object::new();
    for (name, value) in [("source", source.into()), ("width", width.into()), ("height", height.into())] {
        set_property(&request, name, &value)?;
    }
    Ok(request)
}

/// The worker's first message; null if it fails.
fn answer_of(worker: &Worker) -> Promise {
    Promise::new(&mut |resolve, _| {
        let failed = resolve.clone();
        let message = Closure::once_into_js(move |event: MessageEvent| resolve.call1(&JsValue::NULL, &event.data()));
        let error = Closure::once_into_js(move |_: Event| failed.call1(&JsValue::NULL, &JsValue::NULL));
        worker.set_onmessage(Some(message.unchecked_ref()));
        worker.set_onerror(Some(error.unchecked_ref()));
    })
}
