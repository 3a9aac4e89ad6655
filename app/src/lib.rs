//! Lookout's page: drop a photo, see what is where.
//!
//! The page decodes the photo with the browser, hands its pixels to a worker that runs the networks ([`engine`]), keeps
//! what comes back by system ([`results`]), and paints and lists it ([`scene`], [`layers`], [`viewer`], [`panel`]).
//! Suppression, thresholds and colours are worked out here, so that every setting acts at once. This crate does not link
//! burn.

mod app;
mod contours;
mod engine;
mod export;
mod findings;
mod history;
mod icon;
mod inside;
mod intake;
mod js;
mod layers;
mod legend;
mod notifications;
mod paint;
mod palette;
mod panel;
mod people;
mod photo;
mod picker;
mod results;
mod scene;
mod settings;
mod state;
mod swatch;
mod theme;
mod url_state;
mod viewer;

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
