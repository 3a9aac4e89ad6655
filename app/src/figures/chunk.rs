//! The part of the page that is fetched with the first figure.
//!
//! [`page`] is its entry. What only that function reaches is not in the page's first module.

use leptos::prelude::*;

use super::frame;
use crate::chunk::ChunkError;

/// Fetches the part, unless it is there already: what makes the page of a figure.
#[leptos::wasm_split::wasm_split(figures, wasm_split_path = ::leptos::wasm_split, fallible)]
pub fn page() -> Result<fn() -> AnyView, ChunkError> {
    Ok(frame::view as fn() -> AnyView)
}
