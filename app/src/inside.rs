//! The look inside: the stages of what ran on the photo in a strip, the open one drawn on the photo and told in a panel.
//!
//! [`Inside`] and [`StagePanel`] are the components; [`draw`], [`press`], [`point`] and [`key`] are what the photo's canvas
//! calls while a stage is open. What they show is in a chunk that is fetched when a visitor first looks inside.

mod chunk;
mod everything;
mod panel;
mod selection;
mod stages;
mod strip;
mod thumbnail;
mod views;

use leptos::prelude::*;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;

pub use chunk::Parts;
pub use selection::{OpenStage, Selections};
pub use stages::stages_of;

use crate::{
    layers::PointerAt,
    paint::pen::{Pen, Shown},
    state::{use_photo, use_result, use_view},
};
use stages::{open_index, strip as strip_of};

/// The stage that is open and drawn in the place of the result; `None` while the result is.
pub fn use_open_stage() -> Memo<Option<OpenStage>> {
    let (photo, result, view) = (use_photo(), use_result(), use_view());
    Memo::new(move |_| {
        if !view.inside.get() {
            return None;
        }
        let systems = result.systems();
        let items = result.results.with(|results| strip_of(&systems, results, None));
        let index = view.stage.with(|stage| open_index(&items, stage.as_deref()))?;
        let item = &items[index];
        (index + 1 < items.len()).then(|| OpenStage::new(item.system, item.key, (photo, result, view)))
    })
}

/// The strip under the photo; nothing unless the visitor looks inside.
#[component]
pub fn Inside() -> impl IntoView {
    let view = use_view();
    Effect::new(move |_| {
        if view.inside.get() && view.parts.with_untracked(Option::is_none) {
            spawn_local(async move {
                match chunk::parts().await {
                    Ok(parts) => view.parts.set(Some(parts)),
                    Err(error) => {
                        view.inside.set(false);
                        view.notifications.fault(&error.to_string());
                    }
                }
            });
        }
    });
    view! {
        <Show when=move || view.inside.get()>
            {move || view.parts.get().map(|parts| (parts.strip)())}
        </Show>
    }
}

/// The stage that is open, in words, with its controls; nothing unless the visitor looks inside.
#[component]
pub fn StagePanel() -> impl IntoView {
    let view = use_view();
    view! {
        <Show when=move || view.inside.get()>
            {move || view.parts.get().map(|parts| (parts.panel)())}
        </Show>
    }
}

/// Paints the open stage over the photo; nothing while it is not computed, or its view not loaded.
///
/// # Errors
/// What the browser says.
pub fn draw(stage: OpenStage, pen: &Pen, shown: &Shown) -> Result<(), JsValue> {
    stage.parts().map_or(Ok(()), |parts| (parts.draw)(stage, pen, shown))
}

/// A click or a tap on the photo while a stage is open.
pub fn press(stage: OpenStage, at: &PointerAt) {
    if let Some(parts) = untrack(|| stage.parts()) {
        (parts.press)(stage, at);
    }
}

/// The pointer moves over the photo, or leaves it.
pub fn point(stage: OpenStage, at: Option<&PointerAt>) {
    if let Some(parts) = untrack(|| stage.parts()) {
        (parts.point)(stage, at);
    }
}

/// A key while the photo has the focus. Returns whether it was for the stage.
pub fn key(stage: OpenStage, name: &str) -> bool {
    untrack(|| stage.parts()).is_some_and(|parts| (parts.key)(stage, name))
}
