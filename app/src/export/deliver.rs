//! Files and the clipboard.

use std::{cell::Cell, future::Future, rc::Rc};

use js_sys::{Array, Object, Promise};
use leptos::prelude::{document, set_timeout, window};
use thiserror::Error;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::{JsFuture, future_to_promise};
use web_sys::{Blob, BlobPropertyBag, ClipboardItem, HtmlAnchorElement, HtmlCanvasElement, Url};

use super::downloads::{Saved, downloads};
use crate::{
    chunk::ChunkError,
    js::{property, set_property},
    words::faults,
};

/// Why nothing was exported.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ExportFault {
    /// The browser cannot hold a picture of this size.
    #[error("{}", faults::NO_ROOM_FOR_PICTURE())]
    NoRoom,
    /// The clipboard is not there or not allowed.
    #[error("{}", faults::NO_CLIPBOARD())]
    NoClipboard,
    /// What writes files is out of reach.
    #[error(transparent)]
    Chunk(#[from] ChunkError),
    /// The frame that the page is shown in forbids it.
    #[error("{}", faults::NO_DOWNLOADS())]
    NoDownloads,
    /// A bug.
    #[error("{}", faults::not_written(.0))]
    Internal(String),
}

/// A canvas as a PNG file.
///
/// # Errors
/// [`ExportFault::NoRoom`] if the browser gives none.
pub async fn png(canvas: &HtmlCanvasElement) -> Result<Blob, ExportFault> {
    let promise = Promise::new(&mut |resolve, reject| {
        let give = Closure::once_into_js(move |blob: JsValue| resolve.call1(&JsValue::NULL, &blob));
        if let Err(error) = canvas.to_blob(give.unchecked_ref()) {
            leptos::logging::warn!("{:?}", reject.call1(&JsValue::NULL, &error));
        }
    });
    JsFuture::from(promise).await.ok().and_then(|it| it.dyn_into().ok()).ok_or(ExportFault::NoRoom)
}

/// A text as a file.
///
/// # Errors
/// [`ExportFault::NoRoom`] if the browser refuses.
pub fn text_file(text: &str, kind: &str) -> Result<Blob, ExportFault> {
    let options = BlobPropertyBag::new();
    options.set_type(kind);
    Blob::new_with_str_sequence_and_options(&Array::of1(&text.into()), &options).map_err(|_| ExportFault::NoRoom)
}

/// Saves a file as the browser does downloads.
///
/// # Errors
/// [`ExportFault::NoDownloads`] in a frame that forbids it, or [`ExportFault::Internal`] with what the browser says.
pub fn save(blob: &Blob, name: &str) -> Result<Saved, ExportFault> {
    let saved = downloads().ok_or(ExportFault::NoDownloads)?;
    let internal = |error: JsValue| ExportFault::Internal(format!("{error:?}"));
    let url = Url::create_object_url_with_blob(blob).map_err(internal)?;
    let link: HtmlAnchorElement = document().create_element("a").map_err(internal)?.unchecked_into();
    link.set_href(&url);
    link.set_download(name);
    link.click();
    // The download has begun by then; the bytes need not stay any longer.
    let revoke = move || {
        if let Err(error) = Url::revoke_object_url(&url) {
            leptos::logging::warn!("{error:?}");
        }
    };
    set_timeout(revoke, std::time::Duration::from_secs(60));
    Ok(saved)
}

/// Puts a file into the clipboard. Asks for the clipboard at once, so it has to be called while a click is handled.
///
/// # Arguments
/// * `kind` - its MIME type.
///
/// # Errors
/// The file's fault, or [`ExportFault::NoClipboard`].
pub fn copy(
    kind: &'static str,
    file: impl Future<Output = Result<Blob, ExportFault>> + 'static,
) -> impl Future<Output = Result<(), ExportFault>> {
    let fault = Rc::new(Cell::new(None));
    let noted = fault.clone();
    let promise = future_to_promise(async move {
        file.await.map(JsValue::from).map_err(|fault| {
            noted.set(Some(fault));
            JsValue::UNDEFINED
        })
    });
    let items = Object::new();
    let asked =
        set_property(&items, kind, &promise).and_then(|()| clipboard().ok_or(JsValue::NULL)).and_then(|clipboard| {
            let item = ClipboardItem::new_with_record_from_str_to_blob_promise(&items)?;
            Ok(clipboard.write(&Array::of1(&item)))
        });
    async move {
        let written = JsFuture::from(asked.map_err(|_| ExportFault::NoClipboard)?).await;
        // The file's own fault says more than the clipboard's.
        let made = JsFuture::from(promise).await;
        made.map_err(|_| fault.take().unwrap_or(ExportFault::NoRoom))?;
        written.map(|_| ()).map_err(|_| ExportFault::NoClipboard)
    }
}

/// Puts a text into the clipboard.
///
/// # Errors
/// [`ExportFault::NoClipboard`] if there is none, or it is not allowed.
pub async fn copy_text(text: &str) -> Result<(), ExportFault> {
    let clipboard = clipboard().ok_or(ExportFault::NoClipboard)?;
    JsFuture::from(clipboard.write_text(text)).await.map(|_| ()).map_err(|_| ExportFault::NoClipboard)
}

/// The clipboard, which is missing outside secure contexts.
fn clipboard() -> Option<web_sys::Clipboard> {
    property(&window().navigator(), "clipboard").map(JsCast::unchecked_into)
}
