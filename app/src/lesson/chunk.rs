//! The part of the page that is fetched with a lesson: in one chunk with what talks to a page around a frame.
//!
//! [`page`] is its entry. What only that function reaches is not in the page's first module.

use leptos::prelude::*;

use super::view;
use crate::chunk::ChunkError;

/// Fetches the part, unless it is there already: what makes the lesson's view.
#[leptos::wasm_split::wasm_split(embed, wasm_split_path = ::leptos::wasm_split, fallible)]
pub fn page() -> Result<fn() -> AnyView, ChunkError> {
    Ok(view::view as fn() -> AnyView)
}
