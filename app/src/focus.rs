//! Whom keys belong to.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use crate::state::ViewState;

/// Whether arrow keys belong to nothing in particular: the page as a whole, or the photo unless it shows a stage.
pub fn is_at_rest(target: Option<web_sys::EventTarget>, view: ViewState) -> bool {
    let name = target.and_then(|it| it.dyn_into::<HtmlElement>().ok()).map(|it| it.tag_name());
    match name.as_deref() {
        Some("CANVAS") => !view.inside.get_untracked(),
        name => name.is_none_or(|it| it == "BODY"),
    }
}

/// Whether keys and pastes belong to a field with text.
pub fn is_writing(target: Option<web_sys::EventTarget>) -> bool {
    let Some(element) = target.and_then(|it| it.dyn_into::<HtmlElement>().ok()) else { return false };
    let text_input = element.tag_name() == "INPUT"
        && !matches!(element.get_attribute("type").as_deref(), Some("range" | "file" | "checkbox" | "radio"));
    text_input || matches!(element.tag_name().as_str(), "TEXTAREA" | "SELECT")
}
