//! From a box to a feature of fixed size: what the systems of the R-CNN family differ in.

use burn::tensor::{Int, Tensor, TensorData};

use crate::boxes::BBox;

pub mod align;
pub(crate) mod bins;
pub mod levels;
pub mod pool;
pub mod position_sensitive;

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

/// Each region's own photo.
///
/// # Arguments
/// * `map` - `[batch, height, width, channels]`.
///
/// # Returns
/// `[regions, height, width, channels]`.
pub(crate) fn photos_of(map: Tensor<4>, regions: &[Region]) -> Tensor<4> {
    let [batch, height, width, channels] = map.dims();
    assert_photos(batch, regions);
    if batch == 1 {
        return map.expand([regions.len(), height, width, channels]);
    }
    let photos: Vec<i32> = regions.iter().map(|region| region.photo as i32).collect();
    let photos = Tensor::<1, Int>::from_data(TensorData::new(photos, [regions.len()]), &map.device());
    map.select(0, photos)
}

/// Stops at a region of a photo that the batch does not have; kernels rely on it.
pub(crate) fn assert_photos(batch: usize, regions: &[Region]) {
    assert!(
        regions.iter().all(|region| region.photo < batch),
        "a region's photo is not among the {batch} of the batch"
    );
}
