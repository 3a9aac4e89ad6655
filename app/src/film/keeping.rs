//! The strip through a reload: its photos are kept on the device, and their order in the tab.

use std::rc::Rc;

use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::{
    photo::{
        Photo, kept,
        kept::{KeptPhotos, PhotoSource, forget, note_film, noted_film},
        next_id,
    },
    state::{Actions, FilmPhoto, FilmSource},
};

/// What marks a sample photo among the noted ones.
const SAMPLE: &str = "sample:";

/// Brings back the strip of before a reload. The photo that was on show opens as any photo does, and is found in it then.
pub fn restore(actions: Actions) {
    let film = actions.film;
    let photo = |word: String| match word.strip_prefix(SAMPLE) {
        Some(sample) => film.photo(next_id(), sample.to_owned(), FilmSource::Sample(sample.to_owned())),
        None => film.photo(next_id(), kept::name_of(&word), FilmSource::Kept(word)),
    };
    let photos: Vec<FilmPhoto> = noted_film().into_iter().map(photo).collect();
    actions.photo.kept.update(|keys| {
        keys.extend(photos.iter().filter_map(|it| Some((it.id(), it.key()?))));
    });
    let first = photos.first().copied();
    film.set(photos);
    match (actions.photo.shown.get_untracked(), first) {
        (Some(photo), _) => drop(link(actions, &photo)),
        // What was on show is not kept.
        (None, Some(first)) if !actions.photo.opening.get_untracked() => actions.open_again(first.open()),
        _ => {}
    }
}

/// Finds the photo on show in the strip, where it was opened from the same place. Returns whether it is in there.
pub fn link(actions: Actions, photo: &Rc<Photo>) -> bool {
    let is_same = |it: &FilmPhoto| match it.source.get_value() {
        FilmSource::File(source) => source.sample.is_some() && source.sample == photo.sample,
        FilmSource::Kept(key) => Some(key) == photo.kept,
        FilmSource::Sample(key) => Some(key) == photo.sample,
    };
    let found = actions.film.photos.with_untracked(|photos| photos.iter().copied().find(is_same));
    if let Some(found) = found.filter(|it| it.id() != photo.id) {
        found.id.set_value(photo.id);
        found.sizes.set_value(Some(photo.sizes()));
        if let Some(key) = found.key() {
            actions.photo.kept.update(|keys| drop(keys.insert(photo.id, key)));
        }
        actions.film.photos.notify();
    }
    found.is_some()
}

impl FilmPhoto {
    /// Its key, if it was kept before a reload.
    fn key(self) -> Option<String> {
        self.source.with_value(|source| if let FilmSource::Kept(key) = source { Some(key.clone()) } else { None })
    }

    /// What brings it back after a reload; `None` while it is not kept.
    fn word(self) -> Option<String> {
        match self.source.get_value() {
            FilmSource::Kept(key) => Some(key),
            FilmSource::Sample(sample) => Some(format!("{SAMPLE}{sample}")),
            FilmSource::File(source) => match source.sample {
                Some(sample) => Some(format!("{SAMPLE}{sample}")),
                None => self.kept.get_value().filter(|key| !key.is_empty()),
            },
        }
    }

    /// The photo with its file, if that is to be kept and is not yet.
    fn unkept(self) -> Option<(Self, PhotoSource)> {
        match self.source.get_value() {
            FilmSource::File(source) if source.sample.is_none() && self.kept.with_value(Option::is_none) => {
                Some((self, source))
            }
            _ => None,
        }
    }
}

/// Keeps the photos of the strip while it changes, one at a time.
pub fn keep_photos(actions: Actions) {
    let film = actions.film;
    let place = StoredValue::new_local(None::<KeptPhotos>);
    let wake = RwSignal::new(());
    let busy = StoredValue::new(false);
    spawn_local(async move {
        let opened = KeptPhotos::open().await;
        if let Some(opened) = &opened {
            opened.forget_others(&noted_film()).await;
        }
        place.try_set_value(opened);
        wake.try_set(());
    });
    let seen = StoredValue::new(Vec::<FilmPhoto>::new());
    Effect::new(move |_| {
        wake.track();
        let photos = film.photos.get();
        let (Some(place), false) = (place.get_value(), busy.get_value()) else { return };
        note_film(&photos.iter().filter_map(|photo| photo.word()).collect::<Vec<_>>());
        let gone = seen.with_value(|seen| seen.iter().copied().filter(|it| !photos.contains(it)).collect::<Vec<_>>());
        forget_removed(&gone);
        seen.set_value(photos.clone());
        let Some((photo, source)) = photos.into_iter().find_map(FilmPhoto::unkept) else { return };
        busy.set_value(true);
        spawn_local(async move {
            let key = place.keep(&source, Some(photo.number)).await;
            if let Some(key) = &key {
                actions.photo.kept.try_update(|keys| keys.insert(photo.id(), key.clone()));
            }
            // One that cannot be kept is not tried again.
            photo.kept.set_value(Some(key.unwrap_or_default()));
            busy.try_set_value(false);
            wake.try_set(());
        });
    });
    on_cleanup(move || {
        note_film(&[]); // the strip is gone
        seen.try_with_value(|seen| forget_removed(seen));
    });
}

/// Deletes what was kept of photos that are not in the strip any more; undo brings them back from their files.
fn forget_removed(gone: &[FilmPhoto]) {
    let keys = gone.iter().filter_map(|photo| photo.kept.try_update_value(Option::take).flatten());
    let keys: Vec<String> = keys.filter(|key| !key.is_empty()).collect();
    if !keys.is_empty() {
        spawn_local(async move { forget(&keys).await });
    }
}
