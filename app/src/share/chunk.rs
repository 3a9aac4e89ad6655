//! The part of the page that is fetched when a visitor first embeds what is on show: in one chunk with what writes files, since
//! each further chunk multiplies the small ones that hold what several share.
//!
//! [`dialog`] is its entry. What only that function reaches is not in the page's first module.

use leptos::prelude::*;

use super::{MakeDialog, dialog::Dialog};
use crate::chunk::ChunkError;

/// Fetches the part, unless it is there already.
#[leptos::wasm_split::wasm_split(export, wasm_split_path = ::leptos::wasm_split, fallible)]
pub fn dialog() -> Result<MakeDialog, ChunkError> {
    Ok(|open| view! { <Dialog open/> }.into_any())
}
