//! HyperQuest's page: a game in which one learns to tune hyperparameters by really training.
//!
//! The game itself is `model::quest`: its state machine decides what the worker is asked, what is kept, and what is said.
//! This crate shows it ([`screen`], [`plots`], [`rounds`], [`board`]), runs the worker ([`engine`]) and keeps games in the
//! browser's IndexedDB ([`store`]). It does not link burn.

mod address;
mod board;
mod canvas;
mod choices;
mod curves;
mod data_set;
mod engine;
mod files;
mod growing;
mod history;
mod instructions;
mod marks;
mod numbers;
mod page;
mod plots;
mod rounds;
mod state;
mod store;
mod welcome;

use leptos::prelude::*;
use lookout_look::theme::Theme;
use wasm_bindgen::prelude::wasm_bindgen;

/// Puts the page into the document; called by the browser once the module is there.
#[wasm_bindgen(start)]
pub fn start() {
    console_error_panic_hook::set_once();
    Theme::remembered().apply(); // before the first frame, so that nothing flashes
    let address = address::Address::parse(&window().location().search().unwrap_or_default());
    mount_to_body(move || view! { <page::Page address=address.clone()/> });
}
