//! A lesson's file from its address.

use leptos::prelude::{document, window};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Response, Url};

use super::file::{LessonError, LessonFile, address_of};

/// A lesson with its address, which its photos are relative to.
pub struct Loaded {
    /// The lesson.
    pub file: LessonFile,
    /// Its whole address.
    address: String,
}

impl Loaded {
    /// The whole address of a photo of the lesson.
    pub fn photo(&self, link: &str) -> Option<String> {
        Url::new_with_base(link, &self.address).ok().map(|it| it.href())
    }
}

/// Loads and checks a lesson.
///
/// # Errors
/// Why there is none.
pub async fn load(name: &str) -> Result<Loaded, LessonError> {
    let out_of_reach = || LessonError::OutOfReach(name.to_owned());
    let base = document().base_uri().ok().flatten().unwrap_or_default();
    let address = Url::new_with_base(&address_of(name), &base).map_err(|_| out_of_reach())?.href();
    let answer = JsFuture::from(window().fetch_with_str(&address)).await.map_err(|_| out_of_reach())?;
    let answer: Response = answer.dyn_into().map_err(|_| out_of_reach())?;
    let text = answer.ok().then(|| answer.text().ok()).flatten().ok_or_else(out_of_reach)?;
    let text = JsFuture::from(text).await.ok().and_then(|it| it.as_string()).ok_or_else(out_of_reach)?;
    Ok(Loaded { file: LessonFile::read(name, &text)?, address })
}
