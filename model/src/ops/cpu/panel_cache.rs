//! A layer's weight in the order of the matrix product, kept from call to call.

use std::sync::{Arc, Mutex, PoisonError, Weak};

use burn::tensor::Bytes;
use burn_flex::FlexTensor;

use super::matmul::{Panels, Weight};

/// Cache of one layer's panels: filled at the first call, and again when the weight is another one (training replaces
/// weights at every step). Clones share it.
#[derive(Clone, Debug, Default)]
pub struct PanelCache(Arc<Mutex<Option<Entry>>>);

#[derive(Debug)]
struct Entry {
    /// The weight that was packed. While this reference lives, no other weight has the same address, and its values do
    /// not change: writing through a shared `Arc` moves them elsewhere.
    source: Weak<Bytes>,
    panels: Arc<Panels>,
}

impl PanelCache {
    /// Returns the panels of a contiguous weight.
    ///
    /// # Arguments
    /// * `weight` - float32, its last axis `columns` long.
    pub fn of(&self, weight: &FlexTensor, columns: usize) -> Arc<Panels> {
        let source = weight.data_arc();
        // A panic while packing leaves an older entry, which is checked like any other.
        let mut entry = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match &*entry {
            Some(entry) if Weak::as_ptr(&entry.source) == Arc::as_ptr(&source) => Arc::clone(&entry.panels),
            _ => {
                let panels = Arc::new(Panels::of(&Weight::whole(weight.storage(), columns), columns));
                *entry = Some(Entry { source: Arc::downgrade(&source), panels: Arc::clone(&panels) });
                panels
            }
        }
    }
}
