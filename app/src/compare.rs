//! The comparison: all systems of a task on the photo on show, one after the other, with their times side by side.
//!
//! [`Compare`] is the component; what it shows is in a chunk that is fetched when a visitor first compares. [`rows`],
//! [`parts`], [`axis`], [`matching`], [`story`] and [`labels`] work without a browser.

mod axis;
pub mod canvas;
mod chunk;
mod export;
mod labels;
mod marks;
mod matching;
mod missed;
mod parts;
mod plot;
mod row;
mod rows;
mod runs;
mod sheet;
mod story;
mod ticks;
mod view;
mod years;

use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::{
    picker::has_several,
    state::{use_result, use_view},
};

/// The comparison; nothing unless it is open and the task has several systems.
#[component]
pub fn Compare() -> impl IntoView {
    let (view, result) = (use_view(), use_result());
    let parts = RwSignal::new(None::<fn() -> AnyView>);
    let is_open = Memo::new(move |_| view.compare.get() && has_several(result.task.get()));
    Effect::new(move |_| {
        if is_open.get() && parts.with_untracked(Option::is_none) {
            spawn_local(async move {
                match chunk::comparison().await {
                    Ok(comparison) => parts.set(Some(comparison)),
                    Err(error) => {
                        view.compare.set(false);
                        view.notifications.fault(&error.to_string());
                    }
                }
            });
        }
    });
    move || parts.get().filter(|_| is_open.get()).map(|comparison| comparison())
}
