//! The photos that were opened together: what the page knows of them, and the way to the part that works with them.

use std::{future::Future, pin::Pin, rc::Rc};

use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::HtmlCanvasElement;

use super::{Actions, ViewState};
use crate::{
    chunk::ChunkError,
    json_format::JsonFormat,
    photo::{Photo, PhotoSizes, import::DropPayload, kept::PhotoSource},
    results::Results,
};

/// What works with several photos; it is fetched with the first of them.
#[derive(Clone, Copy)]
pub struct FilmParts {
    /// Adds what was dropped, picked or pasted.
    pub add: fn(Actions, DropPayload),
    /// Adds a photo that has been opened otherwise and is on show.
    pub join: fn(Actions, &Rc<Photo>),
    /// Brings back the strip of before a reload.
    pub restore: fn(Actions),
    /// The strip below the photo.
    pub strip: fn() -> AnyView,
    /// What saves files of all photos.
    pub exports: fn(RwSignal<JsonFormat>) -> AnyView,
}

/// Fetches [`FilmParts`].
pub type FilmLoader = fn() -> Pin<Box<dyn Future<Output = Result<FilmParts, ChunkError>>>>;

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
    pub number: u32,
    /// The name of its pixels towards the worker, as of [`Photo::id`].
    pub id: StoredValue<u32>,
    /// The file's name.
    pub name: StoredValue<String>,
    /// Where its pixels come from.
    pub source: StoredValue<FilmSource, LocalStorage>,
    /// What is known about it, without what only a look inside needs.
    pub results: RwSignal<Results>,
    /// Why it cannot be looked at.
    pub fault: RwSignal<Option<String>>,
    /// The photo in small.
    pub thumbnail: RwSignal<Option<HtmlCanvasElement>, LocalStorage>,
    /// Its size as decoded and in full, once it was decoded.
    pub sizes: StoredValue<Option<PhotoSizes>>,
    /// Its key among the photos that are kept on the device; empty if it cannot be kept.
    pub kept: StoredValue<Option<String>>,
    /// How often the worker has failed on it.
    pub failures: StoredValue<u32>,
}

impl PartialEq for FilmPhoto {
    fn eq(&self, other: &Self) -> bool {
        self.number == other.number
    }
}

impl FilmPhoto {
    /// The name of its pixels towards the worker.
    pub fn id(self) -> u32 {
        self.id.get_value()
    }
}

/// The film strip: copies share it.
#[derive(Clone, Copy)]
pub struct FilmState {
    /// The photos in order; none without a strip.
    pub photos: RwSignal<Vec<FilmPhoto>>,
    /// What works with them, once it is loaded.
    pub parts: RwSignal<Option<FilmParts>>,
    /// Opens the photo so many places after the one on show, while the strip is shown.
    pub step: StoredValue<Option<Callback<isize>>>,
    /// Lives as long as the page, and so does what is made in it.
    pub root: StoredValue<Owner>,
    /// Fetches what works with several photos.
    load: StoredValue<FilmLoader>,
}

impl FilmState {
    /// No strip. To be called in the page's root component.
    ///
    /// # Arguments
    /// * `load` - fetches what works with several photos.
    pub fn new(load: FilmLoader) -> Self {
        Self {
            photos: RwSignal::default(),
            parts: RwSignal::new(None),
            step: StoredValue::new(None),
            root: StoredValue::new(Owner::current().unwrap_or_default()),
            load: StoredValue::new(load),
        }
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
    pub fn with(self, view: ViewState, act: impl FnOnce(FilmParts) + 'static) {
        if let Some(parts) = self.parts.get_untracked() {
            return act(parts);
        }
        spawn_local(async move {
            match self.load.get_value()().await {
                Ok(parts) => {
                    self.parts.set(Some(parts));
                    act(parts);
                }
                Err(error) => view.notifications.fault(&error.to_string()),
            }
        });
    }

    /// Opens the photo before or after the one on show. Returns whether there is a strip.
    pub fn step(self, by: isize) -> bool {
        let step = self.step.get_value().filter(|_| self.is_open_untracked());
        step.inspect(|step| step.run(by)).is_some()
    }
}
