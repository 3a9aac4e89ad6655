//! The part of the page that is fetched when a visitor first compares systems.
//!
//! [`comparison`] is its entry. What only that function reaches is not in the page's first module.

use leptos::prelude::*;

use super::view;
use crate::chunk::ChunkError;

/// Fetches the part, unless it is there already.
#[leptos::wasm_split::wasm_split(compare, wasm_split_path = ::leptos::wasm_split, fallible)]
pub fn comparison() -> Result<fn() -> AnyView, ChunkError> {
    Ok(view::view)
}
