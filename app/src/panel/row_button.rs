//! The button that a row of a list of results is.

use leptos::{ev::MouseEvent, prelude::*};

use crate::desk::{Desk, use_desk};

/// Pointing at it, or focusing it, makes one of the results stand out on the photo.
#[component]
pub fn RowButton(
    /// What stands out: the key of a thing or person, or the number of a class.
    key: usize,
    /// What the row says.
    children: Children,
) -> impl IntoView {
    let desk = use_desk();
    let isolated = move || desk.isolated.get() == Some(key);
    let isolate = move || desk.isolated.set(Some(key));
    let release = move || {
        if desk.isolated.get_untracked() == Some(key) {
            desk.isolated.set(None);
        }
    };
    view! {
        <button type="button" class="row-button" aria-pressed=move || isolated().to_string()
            on:focus=move |_| isolate()
            on:blur=move |_| release()
            on:mousemove=move |event| if moved(desk, &event) { isolate() }
            on:click=move |_| isolate()>
            {children()}
        </button>
    }
}

/// Whether the mouse itself moved: browsers also report the list moving under a resting mouse.
fn moved(desk: Desk, event: &MouseEvent) -> bool {
    desk.mouse.get_value() != Some((event.client_x(), event.client_y()))
}
