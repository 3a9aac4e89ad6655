//! A layer's packed weight, kept from photo to photo.

use std::sync::{Arc, Mutex, PoisonError, Weak};

use burn::tensor::Bytes;
use burn_flex::FlexTensor;

use super::matmul::{Packed, Weight};

/// The place for a layer's packed weight: filled at the first call, and again when the weight is another one (training
/// replaces weights at every step). Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Packing(Arc<Mutex<Option<Entry>>>);

#[derive(Debug)]
struct Entry {
    /// What was packed. While this reference lives, no other weight has the same address, and nobody changes the numbers
    /// at it: writing through a shared `Arc` moves them elsewhere.
    source: Weak<Bytes>,
    packed: Arc<Packed>,
}

impl Packing {
    /// The packed form of a contiguous weight.
    ///
    /// # Arguments
    /// * `weight` - float32, its last axis `columns` long.
    pub fn of(&self, weight: &FlexTensor, columns: usize) -> Arc<Packed> {
        let source = weight.data_arc();
        // Whoever panicked while packing left an older entry, which is checked like any other.
        let mut entry = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match &*entry {
            Some(it) if Weak::as_ptr(&it.source) == Arc::as_ptr(&source) => Arc::clone(&it.packed),
            _ => {
                let packed = Arc::new(Packed::of(&Weight::whole(weight.storage(), columns), columns));
                *entry = Some(Entry { source: Arc::downgrade(&source), packed: Arc::clone(&packed) });
                packed
            }
        }
    }
}
