//! Why a part of the page that loads later could not be had.

use leptos::wasm_split::SplitLoaderError;

use crate::words::faults;

/// A part of the page that could not be loaded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", faults::NO_PART())]
pub struct ChunkError;

impl From<SplitLoaderError> for ChunkError {
    fn from(error: SplitLoaderError) -> Self {
        leptos::logging::warn!("a part of the page: {error}");
        Self
    }
}
