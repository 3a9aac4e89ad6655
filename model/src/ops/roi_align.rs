//! RoIAlign (He et al. 2017, "Mask R-CNN", section 3): the region is cut into bins without rounding, and each bin is
//! the mean of a few bilinear samples.

use burn::tensor::Tensor;

use super::region::{Region, assert_photos};

mod backward;
#[cfg(feature = "cpu")]
mod cpu;
#[cfg(feature = "gpu")]
mod gpu;
pub(super) mod reference;

pub use backward::roi_align_backward;

/// Samples a bin takes along each axis; the paper's choice.
pub const SAMPLES: usize = 2;

/// Cuts regions out of feature maps: torchvision's `roi_align` with `aligned=True`.
///
/// Differentiable with respect to the map: under autodiff the reference does it, otherwise a kernel.
///
/// # Arguments
/// * `map` - `[batch, height, width, channels]`.
/// * `regions` - at least one, of any photos of the batch.
/// * `side` - bins along each axis.
/// * `samples` - samples a bin takes along each axis (see [`SAMPLES`]).
///
/// # Returns
/// `[regions, side, side, channels]`.
///
/// # Panics
/// When a region's photo is not in the batch.
#[must_use]
pub fn roi_align(map: Tensor<4>, regions: &[Region], side: usize, samples: usize) -> Tensor<4> {
    assert_photos(map.dims()[0], regions);
    #[cfg(feature = "cpu")]
    if super::cpu::serves(&map) {
        return cpu::roi_align(map, regions, side, samples);
    }
    #[cfg(feature = "gpu")]
    if super::gpu::serves(&map) {
        return gpu::roi_align(map, regions, side, samples);
    }
    fallback!(reference::roi_align(map, regions, side, samples))
}

#[cfg(test)]
mod tests {
    use burn::tensor::{Device, TensorData};

    use super::*;
    use crate::structures::boxes::BBox;

    fn ramp() -> Tensor<4> {
        let values: Vec<f32> = (0..25).map(|i| i as f32).collect();
        Tensor::from_data(TensorData::new(values, [1, 5, 5, 1]), &Device::flex())
    }

    /// detectron2's case: a 5x5 ramp, the box (1, 1, 3, 3), 4x4 bins; by hand each bin's centre is at 0.75, 1.25, ...
    #[test]
    fn a_ramp_by_hand() {
        let region = Region { photo: 0, bbox: BBox::new(0.2, 0.2, 0.6, 0.6) };
        let found: Vec<f32> = roi_align(ramp(), &[region], 4, 2).into_data().try_into_vec().unwrap();
        let expected = [4.5, 5.0, 5.5, 6.0, 7.0, 7.5, 8.0, 8.5, 9.5, 10.0, 10.5, 11.0, 12.0, 12.5, 13.0, 13.5];
        for (ours, theirs) in found.iter().zip(expected) {
            assert!((ours - theirs).abs() < 1e-4, "{found:?}");
        }
    }

    #[test]
    fn outside_the_photo_is_nothing() {
        let region = Region { photo: 0, bbox: BBox::new(1.5, 0.0, 2.0, 1.0) };
        let found: Vec<f32> = roi_align(ramp(), &[region], 2, 2).into_data().try_into_vec().unwrap();
        assert_eq!(found, [0.0; 4]);
    }

    #[test]
    #[should_panic(expected = "not among the 1 of the batch")]
    fn a_photo_that_is_not_there() {
        let _ = roi_align(ramp(), &[Region::whole(1)], 2, 2);
    }
}
