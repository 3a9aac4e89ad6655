//! Short texts that the browser keeps for this site between visits, where it keeps anything.

use leptos::prelude::window;

/// What an earlier visit has kept.
#[must_use]
pub fn stored(key: &str) -> Option<String> {
    window().local_storage().ok().flatten()?.get_item(key).ok().flatten()
}

/// Keeps a text for later visits; `None` drops what is kept. A browser that keeps nothing is no fault.
pub fn keep(key: &str, text: Option<&str>) {
    let Ok(Some(storage)) = window().local_storage() else { return };
    let kept = match text {
        Some(text) => storage.set_item(key, text),
        None => storage.remove_item(key),
    };
    if let Err(error) = kept {
        leptos::logging::warn!("{key} is not kept: {error:?}");
    }
}
