//! Lookout's page: drop a photo, see what is where.
//!
//! The page decodes the photo with the browser, hands its pixels to a worker that runs the networks ([`engine`]), keeps
//! what comes back by system ([`results`]), and paints and lists it ([`scene`], [`layers`], [`viewer`], [`panel`]).
//! Suppression, thresholds and colours are worked out here, so that every setting acts at once. What frames say in more than
//! one language stands in [`words`]. This crate does not link burn.
//!
//! # Parts that load later
//!
//! `cargo xtask build` moves a function marked as below, and what nothing else uses, into a chunk of its own:
//! `split_inside.wasm`, fetched when the function is first called. Functions marked with the same name share a chunk.
//!
//! ```ignore
//! #[leptos::wasm_split::wasm_split(inside, wasm_split_path = ::leptos::wasm_split, fallible)]
//! pub fn inside_view(items: Memo<Vec<StripItem>>) -> Result<AnyView, ChunkError> {
//!     Ok(view! { <Strip items/> }.into_any())
//! }
//! // Where it is shown; `Suspend` keeps the owner, so contexts are found.
//! view! {
//!     <ErrorBoundary fallback=Fault>{move || Suspend::new(inside_view(items))}</ErrorBoundary>
//! }
//! ```
//!
//! - The function is written without `async` and called with `.await`. It has neither generics, `impl` types nor `self`.
//! - Arguments and result are ordinary values: signals, memos, callbacks, `AnyView`, `Box<dyn Fn()>`.
//! - The error implements `From<leptos::wasm_split::SplitLoaderError>`: a chunk may be out of reach. The next call tries
//!   again. Leptos' own `#[lazy]` splits as well, but panics there, which ends the page.
//! - A chunk holds what its entry alone reaches: one ordinary call or reference from elsewhere, such as an entry in a
//!   table of views, keeps a component in the first module.
//! - Whatever is exported to JavaScript and every import that wasm-bindgen makes stay in the first module.

mod adjust;
mod app;
mod chunk;
mod compare;
mod contours;
mod controls;
mod doubt;
mod duration;
mod embed;
mod engine;
mod export;
mod figures;
mod film;
mod findings;
mod focus;
mod history;
mod inside;
mod intake;
mod js;
mod json_format;
mod layers;
mod legend;
mod lesson;
mod notifications;
mod paint;
mod palette;
mod panel;
mod people;
mod photo;
mod picker;
mod position;
mod results;
mod scene;
mod settings;
mod share;
mod signal;
mod stages;
mod state;
mod swatch;
mod theme_toggle;
mod url_state;
mod viewer;
mod words;

use leptos::prelude::*;
use lookout_look::{icon, storage, theme};
use wasm_bindgen::prelude::wasm_bindgen;

/// Puts the page into the document; called by the browser once the module is there.
#[wasm_bindgen(start)]
pub fn start() {
    console_error_panic_hook::set_once();
    let mut url = url_state::UrlState::parse(&window().location().search().unwrap_or_default());
    if url.theme == theme::Theme::System {
        url.theme = theme::Theme::remembered();
    }
    url.theme.apply(); // before the first frame, so that nothing flashes
    words::set_language(url.language());
    mount_to_body(move || view! { <app::App url=url.clone()/> });
}
