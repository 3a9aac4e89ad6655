//! The part of the page that is fetched with the first several photos.
//!
//! [`parts`] is its entry. What only that function reaches is not in the page's first module.

use std::rc::Rc;

use leptos::prelude::*;

use super::{adding, exports, keeping, strip};
use crate::{
    chunk::ChunkError,
    export::JsonFormat,
    photo::{Photo, import::DropPayload},
    state::Actions,
};

/// What works with several photos.
#[derive(Clone, Copy)]
pub struct Parts {
    /// Adds what was dropped, picked or pasted.
    pub add: fn(Actions, DropPayload),
    /// Adds a photo that has been opened otherwise and is on show.
    pub join: fn(Actions, &Rc<Photo>),
    /// Brings back the strip of before a reload.
    pub restore: fn(Actions),
    /// Opens the photo so many places after the one on show.
    pub step: fn(Actions, isize),
    /// The strip below the photo.
    pub strip: fn() -> AnyView,
    /// What saves files of all photos.
    pub exports: fn(RwSignal<JsonFormat>) -> AnyView,
}

/// Fetches the part, unless it is there already.
#[leptos::wasm_split::wasm_split(film, wasm_split_path = ::leptos::wasm_split, fallible)]
pub fn parts() -> Result<Parts, ChunkError> {
    Ok(Parts {
        add: adding::add,
        join: adding::join,
        restore: keeping::restore,
        step: strip::step,
        strip: strip::view,
        exports: exports::view,
    })
}
