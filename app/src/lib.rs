//! Lookout's page: drop a photo, see what is where.
//!
//! The page decodes the photo with the browser, hands its pixels to a worker that runs the network ([`engine`]), and draws
//! what comes back ([`canvas`], [`panel`]). Suppression, thresholds and colours are worked out here, so that every setting
//! acts at once. This crate does not link burn.

mod app;
pub mod canvas;
pub mod desk;
pub mod engine;
pub mod export;
pub mod findings;
pub mod history;
pub mod icon;
pub mod legend;
pub mod palette;
pub mod panel;
pub mod people;
pub mod photo;
pub mod sentences;
pub mod settings;
pub mod showing;
pub mod silhouettes;
mod tasks;
pub mod theme;
pub mod url_state;

use leptos::prelude::*;
use wasm_bindgen::prelude::wasm_bindgen;

/// Puts the page into the document; called by the browser once the module is there.
#[wasm_bindgen(start)]
pub fn start() {
    console_error_panic_hook::set_once();
    let url = url_state::UrlState::parse(&window().location().search().unwrap_or_default());
    url.theme.apply(); // before the first frame, so that nothing flashes
    mount_to_body(move || view! { <app::App url=url.clone()/> });
}
