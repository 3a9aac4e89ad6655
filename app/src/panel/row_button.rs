//! The button that a row of a list of results is.

use leptos::{ev::MouseEvent, prelude::*};

use crate::state::{ViewState, use_view};

/// Pointing at it, or focusing it, makes one of the results stand out on the photo.
#[component]
pub fn RowButton(
    /// What stands out: the key of a thing or person, or the number of a class.
    key: usize,
    /// What the row says.
    children: Children,
) -> impl IntoView {
    let view = use_view();
    let highlighted = move || view.highlighted.get() == Some(key);
    let highlight = move || view.highlighted.set(Some(key));
    let release = move || {
        if view.highlighted.get_untracked() == Some(key) {
            view.highlighted.set(None);
        }
    };
    view! {
        <button type="button" class="row-button" aria-pressed=move || highlighted().to_string()
            on:focus=move |_| highlight()
            on:blur=move |_| release()
            on:mousemove=move |event| if moved(view, &event) { highlight() }
            on:click=move |_| highlight()>
            {children()}
        </button>
    }
}

/// Whether the mouse itself moved: browsers also report the list moving under a resting mouse.
fn moved(view: ViewState, event: &MouseEvent) -> bool {
    view.mouse.get_value() != Some((event.client_x(), event.client_y()))
}
