//! Photos that get into the strip.

use std::rc::Rc;

use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::File;

use super::folders::files_of;
use crate::{
    photo::{Photo, PhotoFault, import::DropPayload, kept::PhotoSource, next_id},
    results::Results,
    state::{Actions, FilmPhoto, FilmSource, FilmState},
};

impl FilmState {
    /// A photo of the strip, not in it yet.
    ///
    /// # Arguments
    /// * `id` - the name of its pixels towards the worker.
    pub(super) fn photo(self, id: u32, name: String, source: FilmSource) -> FilmPhoto {
        self.root.with_value(|root| {
            root.with(|| FilmPhoto {
                number: next_id(),
                id: StoredValue::new(id),
                name: StoredValue::new(name),
                source: StoredValue::new_local(source),
                results: RwSignal::new(Results::new(id)),
                fault: RwSignal::new(None),
                thumbnail: RwSignal::new_local(None),
                sizes: StoredValue::new(None),
                kept: StoredValue::new(None),
                failures: StoredValue::new(0),
            })
        })
    }

    fn append(self, photos: Vec<FilmPhoto>) {
        self.photos.update(|all| all.extend(photos));
    }
}

/// Adds what was dropped, picked or pasted, and shows the first photo of it. A single photo becomes no strip.
pub fn add(actions: Actions, payload: DropPayload) {
    let serial = actions.photo.begin_opening();
    spawn_local(async move {
        let opened = open_first(actions.film, payload).await;
        if !actions.photo.end_opening(serial) {
            return;
        }
        match opened {
            Ok((photo, photos)) => {
                actions.begin_new();
                if photos.len() > 1 || actions.film.is_open_untracked() {
                    actions.film.append(photos);
                }
                actions.show(photo);
            }
            Err(fault) => actions.view.notifications.fault(&fault.to_string()),
        }
    });
}

/// The first photo that can be opened, and all of them; those before it say why they cannot.
///
/// # Errors
/// Why there is none: what is wrong with the likeliest one.
async fn open_first(film: FilmState, payload: DropPayload) -> Result<(Photo, Vec<FilmPhoto>), PhotoFault> {
    let photos: Vec<FilmPhoto> = files_of(payload).await?.into_iter().map(|file| of_file(film, file)).collect();
    let mut first_fault = None;
    for photo in &photos {
        match photo.open().await {
            Ok(opened) => return Ok((opened, photos)),
            Err(fault) => {
                photo.fault.set(Some(fault.to_string()));
                first_fault = first_fault.or(Some(fault));
            }
        }
    }
    Err(first_fault.unwrap_or(PhotoFault::EmptyFolder))
}

fn of_file(film: FilmState, file: File) -> FilmPhoto {
    let name = file.name();
    let (blob, alt) = (file.into(), name.clone());
    let source = PhotoSource { blob, name: name.clone(), alt, sample: None, address: None, kept: None };
    film.photo(next_id(), name, FilmSource::File(source))
}

/// Adds a photo that has been opened otherwise, e.g. a sample, unless it is there already.
pub fn join(actions: Actions, photo: &Rc<Photo>) {
    let film = actions.film;
    if film.known(photo.id).is_none() && !super::keeping::link(actions, photo) {
        let source = PhotoSource::of(photo, None);
        film.append(vec![film.photo(photo.id, photo.name.clone(), FilmSource::File(source))]);
    }
}

impl FilmPhoto {
    /// Decodes the photo.
    ///
    /// # Errors
    /// Why not, as a sentence for the visitor.
    pub(super) async fn open(self) -> Result<Photo, PhotoFault> {
        let mut photo = match self.source.get_value() {
            FilmSource::File(source) => source.open().await,
            FilmSource::Kept(key) => crate::photo::kept::open(&key).await,
            FilmSource::Sample(key) => crate::photo::samples::open(&key).await,
        }?;
        self.sizes.set_value(Some(photo.sizes()));
        photo.id = self.id();
        Ok(photo)
    }
}
