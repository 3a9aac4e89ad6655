//! Links to what is on show, and code that embeds it in other pages.
//!
//! [`code`] writes them without a browser. Only the buttons are in the page's first module.

mod chunk;
mod code;
mod dialog;

use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::{
    export::clip_text,
    state::{Actions, use_actions, use_view},
    url_state::UrlState,
};

/// Makes the dialog with the code; its argument says whether it is open, and is set to `false` when it is closed.
pub type MakeDialog = fn(RwSignal<bool>) -> AnyView;

/// The buttons that copy a link and open the dialog with the code.
#[component]
pub fn ShareButtons() -> impl IntoView {
    let (actions, view) = (use_actions(), use_view());
    let (open, make) = (RwSignal::new(false), RwSignal::new(None::<MakeDialog>));
    let open_dialog = move |_| {
        open.set(true);
        if make.with_untracked(Option::is_none) {
            spawn_local(async move {
                match chunk::dialog().await {
                    Ok(dialog) => make.set(Some(dialog)),
                    Err(error) => {
                        open.set(false);
                        view.notifications.fault(&error.to_string());
                    }
                }
            });
        }
    };
    view! {
        <span class="export-kind" id="export-link">"Page"</span>
        <button type="button" class="quiet" data-testid="copy-link" aria-describedby="export-link"
            on:click=move |_| copy_link(actions)>"Copy link"</button>
        <button type="button" class="quiet" data-testid="embed" aria-describedby="export-link" aria-haspopup="dialog"
            on:click=open_dialog>"Embed"</button>
        {move || make.get().map(|make| make(open))}
    }
}

/// The state that is shared: without what is about this visitor's device, and without their own photo.
fn shared(actions: Actions) -> UrlState {
    let state = untrack(|| actions.url_state(&UrlState::default()));
    UrlState { backend: None, watchdog: None, theme: crate::theme::Theme::System, fits_content: false, ..state }
}

/// Whether the photo on show is the visitor's own, which no link can hold.
fn is_own_photo(state: &UrlState) -> bool {
    state.sample.is_none() && state.photo.is_none()
}

/// Where the page lies, without its query.
fn base() -> String {
    let location = window().location();
    let whole = location.href().unwrap_or_default();
    let end = whole.find(['?', '#']).unwrap_or(whole.len());
    whole[..end].trim_end_matches("index.html").to_owned()
}

fn copy_link(actions: Actions) {
    let state = shared(actions);
    let done = if is_own_photo(&state) {
        "The link is in the clipboard. Your own photo is not in it: it stays on this device."
    } else {
        "The link is in the clipboard."
    };
    clip_text(actions.view, format!("{}{}", base(), state.query()), done);
}
