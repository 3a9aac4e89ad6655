//! The part of the page that is fetched inside frames.
//!
//! [`talk`] is its entry. What only that function reaches is not in the page's first module.

use super::conversation;
use crate::{chunk::ChunkError, state::Actions};

/// Fetches the part, unless it is there already: what begins to talk.
#[leptos::wasm_split::wasm_split(embed, wasm_split_path = ::leptos::wasm_split, fallible)]
pub fn talk() -> Result<fn(Actions), ChunkError> {
    Ok(conversation::begin as fn(Actions))
}
