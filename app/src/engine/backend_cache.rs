//! The faster backend of an earlier visit, in the browser's storage for this site.

use js_sys::Promise;
use lookout_look::files::of_build;
use lookout_protocol::Backend;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Response, Storage};

use super::backend_key;
use crate::js::property;

/// The entry's place in the browser's storage for this site.
const PLACE: &str = "lookout-backend";

/// Files of this build that decide how fast a backend is.
const MODULES: [&str; 3] = ["worker_gpu_bg.wasm", "worker_cpu_bg.wasm", "worker_cpu_relaxed_bg.wasm"];

/// What an entry is about: an adapter, and the modules of this build.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject(String);

impl Subject {
    /// The subject of an adapter, with the checksums of this build's modules from `manifest.json`.
    ///
    /// # Arguments
    /// * `adapter` - in words.
    pub async fn of(adapter: &str) -> Self {
        let build = build().await.unwrap_or_default();
        Self(format!("{adapter} | {build}"))
    }
}

/// The beginnings of the modules' checksums.
async fn build() -> Option<String> {
    let response: Response = JsFuture::from(leptos::prelude::window().fetch_with_str(&of_build("manifest.json")))
        .await
        .ok()?
        .dyn_into()
        .ok()?;
    let json: Promise = response.json().ok()?;
    let files = property(&JsFuture::from(json).await.ok()?, "files")?;
    let checksum = |name| property(&property(&files, name)?, "sha256")?.as_string();
    let words: Vec<String> = MODULES.into_iter().map(checksum).collect::<Option<_>>()?;
    Some(words.iter().map(|word| word.get(..12).unwrap_or(word)).collect::<Vec<_>>().join(" "))
}

/// What was found out about a subject at an earlier visit.
pub fn recall(subject: &Subject) -> Option<Backend> {
    parse(&storage()?.get_item(PLACE).ok()??, subject)
}

/// Keeps the faster backend for later visits, where the browser lets pages keep anything.
pub fn remember(subject: &Subject, winner: Backend) {
    if let Some(storage) = storage() {
        // A full or forbidden storage only means that the next visit finds out again.
        let _ = storage.set_item(PLACE, &format!("{}\n{}", backend_key(winner), subject.0));
    }
}

/// Drops the entry: the backend that it names has failed.
pub fn forget() {
    if let Some(storage) = storage() {
        let _ = storage.remove_item(PLACE);
    }
}

/// The backend in a stored entry, if that is about this subject.
fn parse(stored: &str, subject: &Subject) -> Option<Backend> {
    let (winner, about) = stored.split_once('\n')?;
    let backend = [Backend::Gpu, Backend::Cpu].into_iter().find(|&it| backend_key(it) == winner)?;
    (about == subject.0).then_some(backend)
}

fn storage() -> Option<Storage> {
    leptos::prelude::window().local_storage().ok()?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_holds_for_one_adapter_and_one_build() {
        let subject = Subject("amd rdna-3 | 0123 4567 89ab".into());
        assert_eq!(parse("gpu\namd rdna-3 | 0123 4567 89ab", &subject), Some(Backend::Gpu));
        assert_eq!(parse("cpu\namd rdna-3 | 0123 4567 89ab", &subject), Some(Backend::Cpu));
        assert_eq!(parse("gpu\namd rdna-3 | 0123 4567 ffff", &subject), None);
        assert_eq!(parse("gpu\nintel gen-12 | 0123 4567 89ab", &subject), None);
        for damaged in ["", "gpu", "tpu\namd rdna-3 | 0123 4567 89ab"] {
            assert_eq!(parse(damaged, &subject), None, "{damaged}");
        }
    }
}
