//! Mask R-CNN's mask branch (He et al. 2017): for each box a 28 x 28 grid of probabilities, the same for every class.

use burn::{
    module::Module,
    tensor::{Device, Tensor, activation::sigmoid},
};

use super::pyramid::{FINE, MIDDLE, Pyramid, PyramidMaps};
use crate::{
    backbone::Features,
    nn::{
        Conv1x1, Conv2d, ConvTranspose2d,
        weights::{Weights, WeightsError},
    },
    ops::{Activation, Region, SAMPLES, roi_align},
    structures::{boxes::BBox, mask::SIDE},
};

/// Bins of a region along each axis.
const BINS: usize = 14;
/// Channels of the branch.
const CHANNELS: usize = 64;

/// The pyramid and the branch.
#[derive(Module, Debug)]
pub struct MaskHead {
    pyramid: Pyramid,
    middle: Conv1x1,
    fine: Conv1x1,
    first: Conv2d,
    second: Conv2d,
    third: Conv2d,
    up: ConvTranspose2d,
    decide: Conv1x1,
}

impl MaskHead {
    /// Loads `pyramid`, `middle`, `fine`, `first`, `second`, `third`, `up` and `decide`.
    ///
    /// # Errors
    /// When a tensor is missing or of another shape.
    pub fn load(weights: &Weights, device: &Device) -> Result<Self, WeightsError> {
        let (act, square) = (Activation::Relu, [3, 3, CHANNELS, CHANNELS]);
        Ok(Self {
            pyramid: Pyramid::load(weights, "pyramid", device)?,
            middle: Conv1x1::load(weights, "middle", (MIDDLE, CHANNELS), Activation::Linear, device)?,
            fine: Conv1x1::load(weights, "fine", (FINE, CHANNELS), Activation::Linear, device)?,
            first: Conv2d::load(weights, "first", square, 1, act, device)?,
            second: Conv2d::load(weights, "second", square, 1, act, device)?,
            third: Conv2d::load(weights, "third", square, 1, act, device)?,
            up: ConvTranspose2d::load(weights, "up", (CHANNELS, 48), act, device)?,
            // One output would leave a vector of four three quarters empty and make the GPU read scalars: the first counts.
            decide: Conv1x1::load(weights, "decide", (48, 4), Activation::Linear, device)?,
        })
    }

    /// The pyramid's maps; they serve all boxes of a photo.
    #[must_use]
    pub fn maps(&self, features: &Features) -> PyramidMaps {
        self.pyramid.forward(features, None)
    }

    /// Logits of the masks of regions: `[regions, 28, 28]`.
    ///
    /// # Arguments
    /// * `maps` - of the photos.
    /// * `regions` - at least one.
    #[must_use]
    pub fn logits(&self, maps: &PyramidMaps, regions: &[Region]) -> Tensor<3> {
        // Each region reads both maps: the finer one knows the edges, the coarser one what is whose.
        let middle = self.middle.forward(roi_align(maps.stride_8.clone(), regions, BINS, SAMPLES), None);
        let cut = roi_align(maps.stride_4.clone(), regions, BINS, SAMPLES);
        let x = self.fine.forward(cut, Some(middle)).clamp_min(0.0);
        let x = self.third.forward(self.second.forward(self.first.forward(x)));
        let x = self.decide.forward(self.up.forward(x), None);
        x.slice([0..regions.len(), 0..SIDE, 0..SIDE, 0..1]).reshape([regions.len(), SIDE, SIDE])
    }

    /// Probabilities of the masks of one photo's boxes: `[boxes, 28, 28, 1]`.
    ///
    /// # Arguments
    /// * `boxes` - in fractions of the photo; at least one.
    #[must_use]
    pub fn forward(&self, features: &Features, boxes: &[BBox]) -> Tensor<4> {
        let regions: Vec<Region> = boxes.iter().map(|&bbox| Region { photo: 0, bbox }).collect();
        sigmoid(self.logits(&self.maps(features), &regions)).unsqueeze_dim(3)
    }
}
