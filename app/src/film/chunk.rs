//! The part of the page that is fetched with the first several photos.
//!
//! [`parts`] is its entry. What only that function reaches is not in the page's first module.

use super::{adding, exports, keeping, strip};
use crate::{chunk::ChunkError, state::FilmParts};

/// Fetches the part, unless it is there already.
#[leptos::wasm_split::wasm_split(film, wasm_split_path = ::leptos::wasm_split, fallible)]
pub fn parts() -> Result<FilmParts, ChunkError> {
    Ok(FilmParts {
        add: adding::add,
        join: adding::join,
        restore: keeping::restore,
        strip: strip::view,
        exports: exports::view,
    })
}
