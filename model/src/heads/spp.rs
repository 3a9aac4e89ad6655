//! The head of SPP-net (He et al. 2014, "Spatial Pyramid Pooling in Deep Convolutional Networks"): a region of any size becomes
//! the maxima of a few grids, coarse to fine, and so always as many numbers.

use burn::{
    module::Module,
    tensor::{Device, Tensor},
};

use super::box_head::{BoxHead, BoxOutput};
use crate::{
    nn::weights::{Network, Weights, WeightsError},
    proposals::levels::ByLevel,
};

/// Bins along each axis of each grid.
pub const GRIDS: [usize; 3] = [4, 2, 1];
/// Bins of all grids.
pub const CELLS: usize = GRIDS[0] * GRIDS[0] + GRIDS[1] * GRIDS[1] + GRIDS[2] * GRIDS[2];

/// Two fully connected layers on the pyramid of a region.
#[derive(Module, Debug)]
pub struct SppHead {
    layers: BoxHead,
}

impl SppHead {
    /// Loads what [`BoxHead::load`] does.
    ///
    /// # Errors
    /// When a tensor is missing or of another shape.
    pub fn load(weights: &Weights, prefix: &str, device: &Device) -> Result<Self, WeightsError> {
        Ok(Self { layers: BoxHead::load_for(weights, &format!("{prefix}layers."), CELLS, device)? })
    }

    /// Cuts regions out of the feature pyramid.
    ///
    /// # Arguments
    /// * `maps` - finest first, `[batch, height, width, 128]` each.
    ///
    /// # Returns
    /// `[regions, 1, 21, 128]`, in the order of the levels: 16 bins of the finest grid, then 4, then 1.
    #[must_use]
    pub fn pool(sorted: &ByLevel, maps: &[Tensor<4>; 3]) -> Tensor<4> {
        let grid = |side: usize| {
            let pooled = sorted.roi_pool(maps, side);
            let [regions, _, _, channels] = pooled.dims();
            pooled.reshape([regions, 1, side * side, channels])
        };
        Tensor::cat(GRIDS.map(grid).to_vec(), 2)
    }

    /// Classifies and corrects regions from [`SppHead::pool`].
    #[must_use]
    pub fn forward(&self, regions: Tensor<4>) -> BoxOutput {
        self.layers.forward(regions)
    }
}

impl Network for SppHead {
    fn load(bytes: Vec<u8>, device: &Device) -> Result<Self, WeightsError> {
        Self::load(&Weights::from_bytes(bytes)?, "", device)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ops::Region, structures::boxes::BBox};

    #[test]
    fn grids_of_a_ramp_by_hand() {
        let map = |side: usize| {
            let values: Vec<f32> = (0..side * side).map(|i| i as f32).collect();
            Tensor::<1>::from_floats(values.as_slice(), &Device::flex()).reshape([1, side, side, 1])
        };
        let regions = [Region { photo: 0, bbox: BBox::new(0.0, 0.0, 0.75, 0.75) }];
        let found = SppHead::pool(&ByLevel::new(&regions), &[map(16), map(8), map(4)]);
        assert_eq!(found.dims(), [1, 1, CELLS, 1]);
        let found: Vec<f32> = found.into_data().try_into_vec().expect("floats");
        // The coarsest map has cells 0 to 15; the region is all of it: its last cell is rounded in.
        let all: Vec<f32> = (0..16u8).map(f32::from).collect();
        assert_eq!(found, [all.as_slice(), &[5.0, 7.0, 13.0, 15.0], &[15.0]].concat());
    }
}
