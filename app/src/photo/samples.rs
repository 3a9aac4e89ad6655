//! The sample photos that come with the page.

use leptos::prelude::window;
use serde::Deserialize;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, Response};

use super::{Photo, PhotoFault, decode};

/// One sample photo, as `photos/photos.json` lists it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Sample {
    /// File name in `photos/`.
    pub file: String,
    /// A short name.
    pub title: String,
    /// What is on it.
    pub alt: String,
    /// Who made it.
    pub credit: String,
}

impl Sample {
    /// The file name without its ending: names the sample in the address.
    #[must_use]
    pub fn key(&self) -> &str {
        self.file.rsplit_once('.').map_or(self.file.as_str(), |(stem, _)| stem)
    }

    /// Where it is, relative to the document's base.
    #[must_use]
    pub fn path(&self) -> String {
        format!("photos/{}", self.file)
    }

    /// Loads and decodes it.
    ///
    /// # Errors
    /// Why not, as a sentence for the visitor.
    pub async fn load(&self) -> Result<Photo, PhotoFault> {
        let blob = fetch(&self.path()).await.ok_or(PhotoFault::NoSample)?;
        let mut photo = decode(blob, self.file.clone()).await?;
        photo.alt.clone_from(&self.alt);
        photo.sample = Some(self.key().to_owned());
        Ok(photo)
    }
}

/// Loads the sample photo of a key.
///
/// # Errors
/// As [`Sample::load`].
pub async fn open(key: &str) -> Result<Photo, PhotoFault> {
    let samples = list().await;
    samples.iter().find(|it| it.key() == key).ok_or(PhotoFault::NoSample)?.load().await
}

/// The list of sample photos; empty if it cannot be had, since the page is useful without them.
pub async fn list() -> Vec<Sample> {
    let Some(blob) = fetch("photos/photos.json").await else { return Vec::new() };
    let Some(text) = JsFuture::from(blob.text()).await.ok().and_then(|text| text.as_string()) else {
        return Vec::new();
    };
    // The browser parses it: a parser of its own would be the only one in the page's first module.
    let parsed = js_sys::JSON::parse(&text).map_err(Into::into).and_then(serde_wasm_bindgen::from_value);
    parsed.unwrap_or_else(|error: serde_wasm_bindgen::Error| {
        leptos::logging::warn!("photos.json: {error}");
        Vec::new()
    })
}

async fn fetch(path: &str) -> Option<Blob> {
    let answer: Response = JsFuture::from(window().fetch_with_str(path)).await.ok()?.dyn_into().ok()?;
    let blob = answer.ok().then(|| answer.blob().ok()).flatten()?;
    JsFuture::from(blob).await.ok()?.dyn_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_names_without_endings() {
        let text = include_str!("../../../assets/photos/photos.json");
        let samples: Vec<Sample> = serde_json::from_str(text).expect("the committed list is valid");
        assert!(samples.len() >= 6);
        assert!(samples.iter().all(|it| !it.key().contains('.') && !it.alt.is_empty() && !it.credit.is_empty()));
    }
}
