//! The look inside: the stages of what ran on the photo in a strip, the open one drawn on the photo and told in a panel.
//!
//! [`Inside`] and [`StagePanel`] are the components; [`draw`], [`press`], [`point`] and [`key`] are what the photo's canvas
//! calls while a stage is open. What they show is in a chunk that is fetched when a visitor first looks inside.

mod chunk;
mod everything;
mod panel;
mod selection;
mod strip;
mod thumbnail;
pub mod views;

use leptos::prelude::*;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;

use chunk::Parts;
pub use selection::OpenStage;
use selection::Selections;
pub use strip::time_suppression;
pub use views::thousands;

use crate::{
    layers::PointerAt,
    paint::pen::{Pen, Shown},
    stages::{open_index, strip as strip_of},
    state::{use_photo, use_result, use_view},
};

/// What the look inside keeps beside the page's state: copies share it.
#[derive(Clone, Copy, Default)]
pub struct InsideState {
    /// What draws stages, once it is loaded.
    parts: RwSignal<Option<Parts>>,
    /// What is chosen in the stages.
    selections: RwSignal<Selections>,
}

/// Provides the look inside to all components; nothing is loaded yet.
pub fn provide_inside() {
    provide_context(InsideState::default());
}

fn use_inside() -> InsideState {
    expect_context()
}

/// The stage that is open and drawn in the place of the result; `None` while the result is.
pub fn use_open_stage() -> Memo<Option<OpenStage>> {
    let (photo, result, view, inside) = (use_photo(), use_result(), use_view(), use_inside());
    Memo::new(move |_| {
        if !view.inside.get() {
            return None;
        }
        let systems = result.systems();
        let items = result.results.with(|results| strip_of(&systems, results, None));
        let index = view.stage.with(|stage| open_index(&items, stage.as_deref()))?;
        let item = &items[index];
        (index + 1 < items.len()).then(|| OpenStage::new(item.system, item.key, (photo, result, inside)))
    })
}

/// The strip under the photo; nothing unless the visitor looks inside.
#[component]
pub fn Inside() -> impl IntoView {
    let (view, inside) = (use_view(), use_inside());
    Effect::new(move |_| {
        if view.inside.get() && inside.parts.with_untracked(Option::is_none) {
            spawn_local(async move {
                match chunk::parts().await {
                    Ok(parts) => inside.parts.set(Some(parts)),
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
            {move || inside.parts.get().map(|parts| (parts.strip)())}
        </Show>
    }
}

/// The stage that is open, in words, with its controls; nothing unless the visitor looks inside.
#[component]
pub fn StagePanel() -> impl IntoView {
    let (view, inside) = (use_view(), use_inside());
    view! {
        <Show when=move || view.inside.get()>
            {move || inside.parts.get().map(|parts| (parts.panel)())}
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
