//! Photos from a web address, as far as the other site and this page's policy allow.

use std::{cell::Cell, rc::Rc};

use js_sys::{Array, Uint8Array};
use leptos::prelude::{document, window};
use wasm_bindgen::{JsCast, closure::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, BlobPropertyBag, Event, RequestInit, RequestMode, Response, Url};

use super::{Photo, PhotoFault, decode};
use crate::js::property;

/// Whether a text looks like the address of something: what a paste or a drop of text has to be.
#[must_use]
pub fn looks_like_address(text: &str) -> bool {
    let text = text.trim();
    let one_word = !text.contains(char::is_whitespace);
    one_word && ["https://", "http://", "data:image/"].iter().any(|start| has_prefix(text, start))
}

/// Whether `text` starts with `prefix`, whatever the case.
fn has_prefix(text: &str, prefix: &str) -> bool {
    text.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}

/// Loads a photo from an address that the visitor gave. `https://` is added where it is missing.
///
/// # Errors
/// Why not, as a sentence for the visitor.
pub async fn from_address(text: &str) -> Result<Photo, PhotoFault> {
    let text = text.trim();
    if text.is_empty() || text.contains(char::is_whitespace) {
        return Err(PhotoFault::NoAddress);
    }
    if has_prefix(text, "data:") {
        return decode(from_data_url(text)?, "pasted picture".into()).await;
    }
    let full = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
    let url = Url::new(&full).map_err(|_| PhotoFault::NoAddress)?;
    if !matches!(url.protocol().as_str(), "https:" | "http:") || !plausible_host(&url.hostname()) {
        return Err(PhotoFault::NoAddress);
    }
    let name = file_name(&url.pathname()).unwrap_or_else(|| url.hostname());
    let blob = fetch(&url).await?;
    if blob.type_().starts_with("text/html") {
        return Err(PhotoFault::WebPage);
    }
    decode(blob, name).await
}

/// Loads a photo that a link to the page names, or a host of its frame, or a lesson.
///
/// # Arguments
/// * `link` - the address, relative to the page's.
///
/// # Errors
/// Why not, as a sentence for the visitor.
pub async fn from_link(link: &str) -> Result<Photo, PhotoFault> {
    let base = document().base_uri().ok().flatten().unwrap_or_default();
    let url = Url::new_with_base(link, &base).map_err(|_| PhotoFault::NoAddress)?;
    let mut photo = from_address(&url.href()).await?;
    photo.address = Some(link.to_owned());
    Ok(photo)
}

/// Whether a host name could be one: has a dot, is an IPv6 address, or is this machine.
fn plausible_host(host: &str) -> bool {
    host == "localhost" || host.starts_with('[') || host.trim_matches('.').contains('.')
}

/// The last part of a path, if it has one.
fn file_name(path: &str) -> Option<String> {
    path.rsplit('/').next().filter(|last| !last.is_empty()).map(str::to_owned)
}

async fn fetch(url: &Url) -> Result<Blob, PhotoFault> {
    let policy = PolicyWatch::new();
    let init = RequestInit::new();
    init.set_mode(RequestMode::Cors);
    let answer = JsFuture::from(window().fetch_with_str_and_init(&url.href(), &init)).await;
    let Ok(answer) = answer.and_then(JsCast::dyn_into::<Response>) else {
        // The violation is reported in a task of its own, which may come after the failure.
        gloo_timers::future::TimeoutFuture::new(0).await;
        return Err(match (policy.violated(), window().navigator().on_line()) {
            (true, _) => PhotoFault::ForbiddenHere(url.host()),
            (false, false) => PhotoFault::Offline,
            (false, true) => PhotoFault::ForbiddenThere(url.host()),
        });
    };
    if !answer.ok() {
        return Err(PhotoFault::NotThere { host: url.host(), status: answer.status() });
    }
    let blob = answer.blob().map_err(|_| PhotoFault::Unreadable)?;
    JsFuture::from(blob).await.map_err(|_| PhotoFault::Unreadable)?.dyn_into().map_err(|_| PhotoFault::Unreadable)
}

/// The bytes of a `data:` address, decoded here because the page's policy does not let it be fetched.
fn from_data_url(text: &str) -> Result<Blob, PhotoFault> {
    let (head, body) = text.split_once(',').ok_or(PhotoFault::NoAddress)?;
    if !head.to_ascii_lowercase().ends_with(";base64") {
        return Err(PhotoFault::NoAddress);
    }
    let binary = window().atob(body).map_err(|_| PhotoFault::NoAddress)?;
    let bytes: Vec<u8> = binary.chars().map(|c| c as u8).collect(); // `atob` gives one character of 0 to 255 a byte
    let parts = Array::of1(&Uint8Array::from(bytes.as_slice()));
    Blob::new_with_u8_array_sequence_and_options(&parts, &BlobPropertyBag::new()).map_err(|_| PhotoFault::NoRoom)
}

/// Notices whether the page's content security policy stopped something while it lives: the failed request itself looks
/// like one that the other site refused.
struct PolicyWatch {
    violated: Rc<Cell<bool>>,
    callback: Closure<dyn FnMut(Event)>,
}

const VIOLATION: &str = "securitypolicyviolation";

impl PolicyWatch {
    fn new() -> Self {
        let violated = Rc::new(Cell::new(false));
        let note = violated.clone();
        let callback = Closure::<dyn FnMut(Event)>::new(move |event: Event| {
            let directive = property(&event, "effectiveDirective");
            note.set(directive.and_then(|it| it.as_string()).is_some_and(|it| it == "connect-src"));
        });
        let listening = document().add_event_listener_with_callback(VIOLATION, callback.as_ref().unchecked_ref());
        if let Err(error) = listening {
            leptos::logging::warn!("no policy watch: {error:?}"); // the sentence will be the other one
        }
        Self { violated, callback }
    }

    fn violated(&self) -> bool {
        self.violated.get()
    }
}

impl Drop for PolicyWatch {
    fn drop(&mut self) {
        let gone = document().remove_event_listener_with_callback(VIOLATION, self.callback.as_ref().unchecked_ref());
        if let Err(error) = gone {
            leptos::logging::warn!("the policy watch stays: {error:?}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_other_texts() {
        assert!(looks_like_address(" https://example.org/a.jpg\n"));
        assert!(looks_like_address("HTTP://example.org"));
        assert!(looks_like_address("data:image/png;base64,AAAA"));
        assert!(!looks_like_address("see https://example.org"));
        assert!(!looks_like_address("a cat"));
        assert!(!looks_like_address("ÄÖÜ"));
    }

    #[test]
    fn hosts_and_names() {
        assert!(plausible_host("example.org") && plausible_host("127.0.0.1") && plausible_host("[::1]"));
        assert!(!plausible_host("cat") && !plausible_host("cat."));
        assert_eq!(file_name("/a/b.jpg").as_deref(), Some("b.jpg"));
        assert_eq!(file_name("/a/"), None);
    }
}
