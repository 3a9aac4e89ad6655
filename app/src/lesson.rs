//! Lessons: a file of steps that the page walks through, each a sentence or two and the state that it is about.
//!
//! [`file`] reads and checks a lesson without a browser; its format is documented in the README. Only the entry is in the
//! page's first module.

mod chunk;
mod file;
mod load;
mod view;

use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::state::use_view;

/// The lesson that the address names, once its part of the page is loaded; nothing without one.
#[component]
pub fn Lesson() -> impl IntoView {
    let (view, made) = (use_view(), RwSignal::new(None::<fn() -> AnyView>));
    let is_open = Memo::new(move |_| view.lesson.with(Option::is_some));
    Effect::new(move |_| {
        if is_open.get() && made.with_untracked(Option::is_none) {
            spawn_local(async move {
                match chunk::page().await {
                    Ok(page) => made.set(Some(page)),
                    Err(error) => view.notifications.fault(&error.to_string()),
                }
            });
        }
    });
    move || made.get().filter(|_| is_open.get()).map(|page| page())
}
