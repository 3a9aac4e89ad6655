//! The page inside a frame: the page around it sets what is shown, opens photos and gets results, by messages.
//!
//! The README documents the messages. [`peer`] decides who is listened to and [`message`] what a message asks for, both
//! without a browser; [`conversation`] hears and answers. Only the entry is in the page's first module.

mod chunk;
mod conversation;
mod message;
mod peer;
mod reports;
mod wire;

use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::{js::is_framed, state::Actions};

/// Begins to talk to the page around this one, if there is one.
pub fn talk_to_host(actions: Actions) {
    if !is_framed() {
        return;
    }
    let root = actions.film.root.get_value();
    spawn_local(async move {
        match chunk::talk().await {
            Ok(begin) => root.with(|| begin(actions)),
            // A frame without its host's messages is the page as its address says.
            Err(error) => leptos::logging::warn!("{error}"),
        }
    });
}
