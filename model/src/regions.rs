//! From a box to a feature of fixed size: what the systems of the R-CNN family differ in.

use crate::boxes::BBox;

pub mod align;

/// A region of one photo of a batch.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Region {
    /// Which photo of the batch.
    pub photo: usize,
    /// Where in it, in fractions of its width and height (0 to 1).
    pub bbox: BBox,
}

impl Region {
    /// The whole of a photo.
    #[must_use]
    pub const fn whole(photo: usize) -> Self {
        Self { photo, bbox: BBox::new(0.0, 0.0, 1.0, 1.0) }
    }
}
