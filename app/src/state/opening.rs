//! Opening photos: what a visitor brings, and what an address, a host or a lesson names.

use std::{future::Future, rc::Rc};

use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::Actions;
use crate::{
    photo::{Photo, PhotoFault, address::from_link, import::DropPayload, samples},
    results::Results,
};

impl Actions {
    /// Opens a photo and shows it; a later call overtakes an earlier one, and a failure leaves everything as it was.
    ///
    /// # Arguments
    /// * `photo` - yields the photo, or why there is none.
    pub fn open(self, photo: impl Future<Output = Result<Photo, PhotoFault>> + 'static) {
        self.end_restoring(); // what the visitor wants now overtakes it
        self.open_then(photo, |_| {}, Self::show_new);
    }

    /// Opens what was dropped, pasted or picked: a photo, or several as a film strip.
    pub fn take(self, payload: DropPayload) {
        if payload.has_several() || (payload.has_files() && self.film.is_open_untracked()) {
            self.film.with(self.view, move |parts| (parts.add)(self, payload));
        } else {
            self.open(payload.import());
        }
    }

    /// Shows a photo that the visitor has just opened.
    fn show_new(self, photo: Photo) {
        self.begin_new();
        self.show(photo);
        if self.film.is_open_untracked()
            && let Some(photo) = self.photo.shown.get_untracked()
        {
            self.film.with(self.view, move |parts| (parts.join)(self, &photo));
        }
    }

    /// Notes the present state before another photo is shown.
    pub fn begin_new(self) {
        self.remember("photo");
        self.result.settings.update(|settings| settings.hidden.clear()); // another photo has other classes
    }

    /// Opens a photo that the address asks for, or that was open before a reload or further back: that is no change that
    /// could be undone, and no further step of the session history.
    pub fn open_again(self, photo: impl Future<Output = Result<Photo, PhotoFault>> + 'static) {
        self.restoring.set(true);
        self.open_then(photo, Self::end_restoring, Self::show);
    }

    /// # Arguments
    /// * `end` - called when the photo is there, or cannot be had.
    /// * `show` - puts it on show.
    fn open_then(
        self,
        photo: impl Future<Output = Result<Photo, PhotoFault>> + 'static,
        end: fn(Self),
        show: fn(Self, Photo),
    ) {
        let serial = self.photo.begin_opening();
        spawn_local(async move {
            let photo = photo.await;
            if !self.photo.end_opening(serial) {
                return;
            }
            match photo {
                Ok(photo) => show(self, photo),
                Err(fault) => self.view.notifications.fault(&fault.to_string()),
            }
            end(self);
        });
    }

    /// Shows a photo, with what is known about it if it is one of the film strip.
    pub fn show(self, photo: Photo) {
        let photo = Rc::new(photo);
        let known = self.film.known(photo.id);
        if known.is_some() {
            self.release_photos();
        } else {
            self.keep(&photo);
        }
        self.view.notifications.clear_fault();
        self.view.release();
        self.photo.shown.set(Some(photo.clone()));
        window().scroll_to_with_x_and_y(0.0, 0.0); // on a narrow screen the photo is above what was clicked
        if let Some(known) = known.filter(|it| !it.is_empty()) {
            self.result.engine.recall(true);
            self.result.results.set(known);
            self.result.engine.hold_photo(photo);
            return self.complete();
        }
        self.result.results.set(Results::new(photo.id));
        let systems = self.result.systems_untracked();
        self.ask(photo, systems, false);
    }

    /// Opens a sample photo that the address, the host or a lesson names.
    pub fn open_sample(self, key: String) {
        self.open_again(async move { samples::open(&key).await });
    }

    /// Opens a photo by its address, as [`Actions::open_sample`].
    pub fn open_link(self, link: String) {
        self.open_again(async move { from_link(&link).await });
    }

    /// Gives up the photo that is being opened. Returns whether there was one.
    pub fn give_up_opening(self) -> bool {
        let opening = self.photo.cancel_opening();
        if opening {
            self.end_restoring();
        }
        opening
    }
}
