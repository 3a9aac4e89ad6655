//! Several photos: those that were dropped, picked or pasted together lie in a film strip below the one on show, and the
//! task runs on all of them in the background.
//!
//! Only the photo on show has its pixels; the others are files, small pictures and results. What works with them is in a
//! chunk that is fetched with the first several photos: the rest of the page calls it through [`FilmParts`].

mod adding;
mod background;
mod chunk;
mod exports;
mod folders;
mod keeping;
mod picture;
mod queue;
mod strip;
mod summary;

use std::{future::Future, pin::Pin};

use leptos::prelude::*;

use crate::{
    chunk::ChunkError,
    state::{FilmParts, use_actions},
};

/// Fetches what works with several photos.
pub fn load() -> Pin<Box<dyn Future<Output = Result<FilmParts, ChunkError>>>> {
    Box::pin(chunk::parts())
}

/// The strip below the photo; nothing unless there are several photos.
#[component]
pub fn FilmStrip() -> impl IntoView {
    let film = use_actions().film;
    view! {
        <Show when=move || film.is_open()>
            {move || film.parts.get().map(|parts| (parts.strip)())}
        </Show>
    }
}
