//! The photo that the photo page hands to the game: a small copy in this tab's `sessionStorage`, gone with the tab.

use leptos::prelude::window;
use web_sys::{Storage, wasm_bindgen::JsValue};

/// What the keys begin with; the number of the data set follows.
const KEY: &str = "lookout-quest-photo-";

/// Hands a photo over; earlier ones make room where there is none.
///
/// # Arguments
/// * `seed` - the number of its data set.
/// * `bytes` - the photo with its class map.
///
/// # Errors
/// When this browser keeps nothing for this page.
pub fn hand_over(seed: u32, bytes: &[u8]) -> Result<(), JsValue> {
    let storage = storage().ok_or_else(|| JsValue::from("no storage"))?;
    // A letter a byte, so that nothing has to be encoded.
    let text: String = bytes.iter().map(|byte| char::from(*byte)).collect();
    let key = key_of(seed);
    storage.set_item(&key, &text).or_else(|_| {
        for other in keys(&storage) {
            storage.remove_item(&other)?;
        }
        storage.set_item(&key, &text)
    })
}

/// The photo that was handed over for a data set, if it was in this tab.
#[must_use]
pub fn handed_over(seed: u32) -> Option<Vec<u8>> {
    let text = storage()?.get_item(&key_of(seed)).ok()??;
    text.chars().map(|letter| u8::try_from(u32::from(letter)).ok()).collect()
}

fn key_of(seed: u32) -> String {
    format!("{KEY}{seed}")
}

fn keys(storage: &Storage) -> Vec<String> {
    let all = (0..storage.length().unwrap_or_default()).filter_map(|place| storage.key(place).ok().flatten());
    all.filter(|key| key.starts_with(KEY)).collect()
}

fn storage() -> Option<Storage> {
    window().session_storage().ok().flatten()
}
