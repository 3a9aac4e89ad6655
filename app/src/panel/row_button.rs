//! The button that a row of a list of results is.

use leptos::{ev::MouseEvent, prelude::*};

use crate::{
    paint::pen::Highlight,
    state::{ViewState, use_view},
};

/// Pointing at it, or focusing it, makes one of the results stand out on the photo; clicking it keeps it so until it is
/// clicked again.
#[component]
pub fn RowButton(
    /// What stands out.
    highlight: Highlight,
    /// What the row says.
    children: Children,
) -> impl IntoView {
    let view = use_view();
    let highlighted = move || view.highlighted.get() == Some(highlight);
    let held = move || view.held.get() == Some(highlight);
    let hover = move || view.hover(Some(highlight));
    let release = move || {
        if view.hovered.get_untracked() == Some(highlight) {
            view.hover(None);
        }
    };
    view! {
        <button type="button" class="row-button" aria-pressed=move || highlighted().to_string()
            data-held=move || held().to_string()
            on:focus=move |_| hover()
            on:blur=move |_| release()
            on:mousemove=move |event| if moved(view, &event) { hover() }
            on:click=move |_| view.hold(Some(highlight))>
            {children()}
        </button>
    }
}

/// Whether the mouse itself moved: browsers also report the list moving under a resting mouse.
fn moved(view: ViewState, event: &MouseEvent) -> bool {
    view.mouse.get_value() != Some((event.client_x(), event.client_y()))
}
