//! Several photos: those that were dropped, picked or pasted together lie in a film strip below the one on show, and the
//! task runs on all of them in the background.
//!
//! Only the photo on show has its pixels; the others are files, small pictures and results. What works with them is in a
//! chunk that is fetched with the first several photos: the rest of the page calls it through [`Parts`].

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

use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::HtmlCanvasElement;

pub use chunk::Parts;

use crate::{
    photo::{PhotoSizes, kept::PhotoSource},
    results::Results,
    state::{Actions, ViewState, use_actions},
};

/// What a photo of the strip is opened from.
#[derive(Clone)]
pub enum FilmSource {
    /// A file.
    File(PhotoSource),
    /// A photo that was kept before a reload, by its key.
    Kept(String),
    /// A sample photo, by its key.
    Sample(String),
}

/// A photo of the strip: copies share it.
#[derive(Clone, Copy)]
pub struct FilmPhoto {
    /// Tells it from the others.
    number: u32,
    /// The name of its pixels towards the worker, as of [`crate::photo::Photo::id`].
    id: StoredValue<u32>,
    /// The file's name.
    name: StoredValue<String>,
    source: StoredValue<FilmSource, LocalStorage>,
    /// What is known about it, without what only a look inside needs.
    results: RwSignal<Results>,
    /// Why it cannot be looked at.
    fault: RwSignal<Option<String>>,
    /// The photo in small.
    thumbnail: RwSignal<Option<HtmlCanvasElement>, LocalStorage>,
    sizes: StoredValue<Option<PhotoSizes>>,
    /// Its key among the photos that are kept on the device; empty if it cannot be kept.
    kept: StoredValue<Option<String>>,
    /// How often the worker has failed on it.
    failures: StoredValue<u32>,
}

impl PartialEq for FilmPhoto {
    fn eq(&self, other: &Self) -> bool {
        self.number == other.number
    }
}

impl FilmPhoto {
    fn id(self) -> u32 {
        self.id.get_value()
    }
}

/// The film strip: copies share it.
#[derive(Clone, Copy)]
pub struct FilmState {
    /// The photos in order; none without a strip.
    pub photos: RwSignal<Vec<FilmPhoto>>,
    /// What works with them, once it is loaded.
    parts: RwSignal<Option<Parts>>,
    /// Where the visitor is in the strip, while that is shown.
    place: StoredValue<Option<strip::Place>>,
    /// Lives as long as the page, and so does what is made in it.
    root: StoredValue<Owner>,
}

impl FilmState {
    /// No strip. To be called in the page's root component.
    pub fn new() -> Self {
        let root = StoredValue::new(Owner::current().unwrap_or_default());
        Self { photos: RwSignal::default(), parts: RwSignal::new(None), place: StoredValue::new(None), root }
    }

    /// Whether there is a strip.
    pub fn is_open(self) -> bool {
        self.photos.with(|photos| !photos.is_empty())
    }

    /// As [`FilmState::is_open`], without following changes.
    pub fn is_open_untracked(self) -> bool {
        self.photos.with_untracked(|photos| !photos.is_empty())
    }

    /// Takes over the photos of another time.
    pub fn set(self, photos: Vec<FilmPhoto>) {
        if self.photos.with_untracked(|now| *now != photos) {
            self.photos.set(photos);
        }
    }

    /// What is known about a photo of the strip; `None` for a photo that is not in it.
    pub fn known(self, id: u32) -> Option<Results> {
        let photo = self.photos.with_untracked(|photos| photos.iter().copied().find(|it| it.id() == id))?;
        Some(photo.results.get_untracked())
    }

    /// Calls what works with several photos, once it is loaded.
    pub fn with(self, view: ViewState, act: impl FnOnce(Parts) + 'static) {
        if let Some(parts) = self.parts.get_untracked() {
            return act(parts);
        }
        spawn_local(async move {
            match chunk::parts().await {
                Ok(parts) => {
                    self.parts.set(Some(parts));
                    act(parts);
                }
                Err(error) => view.notifications.fault(&error.to_string()),
            }
        });
    }

    /// Opens the photo before or after the one on show. Returns whether there is a strip.
    pub fn step(self, actions: Actions, by: isize) -> bool {
        let parts = self.parts.get_untracked().filter(|_| self.is_open_untracked());
        parts.inspect(|parts| (parts.step)(actions, by)).is_some()
    }
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

/// What saves files of all photos; nothing unless there are several.
#[component]
pub fn FilmExports(
    /// How objects are written.
    format: RwSignal<crate::export::JsonFormat>,
) -> impl IntoView {
    let film = use_actions().film;
    view! {
        <Show when=move || film.is_open()>
            {move || film.parts.get().map(|parts| (parts.exports)(format))}
        </Show>
    }
}
