//! The photo on show.

use std::{collections::BTreeMap, rc::Rc};

use leptos::prelude::*;

use crate::{paint::view::Size, photo::Photo};

/// The photo on show: copies share it.
#[derive(Clone, Copy)]
pub struct PhotoState {
    /// The photo.
    pub shown: RwSignal<Option<Rc<Photo>>, LocalStorage>,
    /// The keys of own photos that are kept, by their ids.
    pub kept: RwSignal<BTreeMap<u32, String>>,
    /// Whether a photo is being opened.
    pub opening: RwSignal<bool>,
    /// Numbers what is opened: a later one overtakes an earlier one.
    serial: StoredValue<u32>,
}

impl Default for PhotoState {
    fn default() -> Self {
        Self {
            shown: RwSignal::new_local(None),
            kept: RwSignal::default(),
            opening: RwSignal::new(false),
            serial: StoredValue::new(0),
        }
    }
}

impl PhotoState {
    /// Whether there is a photo.
    pub fn is_shown(self) -> bool {
        self.shown.with(Option::is_some)
    }

    /// The key of the photo on show among those that are kept.
    pub fn kept_key(self) -> Option<String> {
        let id = self.shown.with(|photo| photo.as_ref().map(|photo| photo.id))?;
        self.kept.with(|kept| kept.get(&id).cloned())
    }

    /// The photo's size in its own pixels; empty without one.
    pub fn size(self) -> Size {
        let size = |photo: &Rc<Photo>| Size::new(photo.width as f32, photo.height as f32);
        self.shown.with(|photo| photo.as_ref().map(size).unwrap_or_default())
    }

    /// Begins to open a photo. Returns a number for [`PhotoState::end_opening`].
    pub fn begin_opening(self) -> u32 {
        let serial = self.serial.get_value() + 1;
        self.serial.set_value(serial);
        self.opening.set(true);
        serial
    }

    /// Ends opening a photo. Returns whether it is still wanted.
    pub fn end_opening(self, serial: u32) -> bool {
        let wanted = self.serial.try_get_value() == Some(serial);
        if wanted {
            self.opening.set(false);
        }
        wanted
    }

    /// Gives up the photo that is being opened. Returns whether there was one.
    pub fn cancel_opening(self) -> bool {
        let opening = self.opening.get_untracked();
        if opening {
            self.serial.update_value(|serial| *serial += 1);
            self.opening.set(false);
        }
        opening
    }
}

/// The photo, for components.
///
/// # Panics
/// Outside the page's root component, which provides it.
pub fn use_photo() -> PhotoState {
    expect_context()
}
