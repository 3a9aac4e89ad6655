//! RoIPool (Girshick 2015, "Fast R-CNN", section 2.1): the region is rounded to whole cells and each bin is the maximum
//! of its cells.

use burn::tensor::Tensor;

use super::region::{Region, assert_photos};

#[cfg(feature = "cpu")]
mod cpu;
#[cfg(feature = "gpu")]
mod gpu;
pub(super) mod reference;

/// Cuts regions out of feature maps by maximum: torchvision's `roi_pool`.
///
/// Corners are rounded to cells, and a region spans from its first to its last cell, both included, so that the
/// smallest is one cell. Bins overlap by a cell where the sides do not divide. A bin outside the map is 0.
///
/// Differentiable with respect to the map: a bin's gradient goes to the cell that its maximum came from.
///
/// # Arguments
/// * `map` - `[batch, height, width, channels]`.
/// * `regions` - at least one, of any photos of the batch, in fractions of the photo.
/// * `side` - bins along each axis.
///
/// # Returns
/// `[regions, side, side, channels]`.
///
/// # Panics
/// When a region's photo is not in the batch.
#[must_use]
pub fn roi_pool(map: Tensor<4>, regions: &[Region], side: usize) -> Tensor<4> {
    assert_photos(map.dims()[0], regions);
    #[cfg(feature = "cpu")]
    if super::cpu::serves(&map) {
        return cpu::roi_pool(map, regions, side);
    }
    #[cfg(feature = "gpu")]
    if super::gpu::serves(&map) {
        return gpu::roi_pool(map, regions, side);
    }
    fallback!(reference::roi_pool(map, regions, side))
}

#[cfg(all(test, feature = "cpu"))]
mod tests {
    use burn::tensor::{Device, TensorData};

    use super::*;
    use crate::structures::boxes::BBox;

    fn ramp() -> Tensor<4> {
        let values: Vec<f32> = (0..25).map(|i| i as f32).collect();
        Tensor::from_data(TensorData::new(values, [1, 5, 5, 1]), &Device::flex())
    }

    #[test]
    fn a_ramp_by_hand() {
        // Cells 1 to 3 both ways: bins of 1.5 cells are rows 1-2 and 2-3.
        let region = Region { photo: 0, bbox: BBox::new(0.2, 0.2, 0.6, 0.6) };
        let found: Vec<f32> = roi_pool(ramp(), &[region], 2).into_data().try_into_vec().unwrap();
        assert_eq!(found, [12.0, 13.0, 17.0, 18.0]);
    }

    #[test]
    fn negative_numbers_have_a_maximum_too() {
        let found: Vec<f32> = roi_pool(-ramp() - 1.0, &[Region::whole(0)], 1).into_data().try_into_vec().unwrap();
        assert_eq!(found, [-1.0]);
    }

    #[test]
    fn outside_the_photo_is_nothing() {
        let region = Region { photo: 0, bbox: BBox::new(1.5, 0.0, 2.0, 1.0) };
        let found: Vec<f32> = roi_pool(ramp() + 1.0, &[region], 2).into_data().try_into_vec().unwrap();
        assert_eq!(found, [0.0; 4]);
    }
}
