//! A class for each place of the stride-4 map: semantic segmentation.

use burn::{
    module::Module,
    tensor::{Device, Tensor},
};

use super::pyramid::{FINE, Pyramid, PyramidMaps};
use crate::{
    backbone::Features,
    class_map::CLASSES,
    kernels::Activation,
    layers::Pointwise,
    weights::{Weights, WeightsError},
};

/// Scores a place; the classes, then padding that nobody reads: the GPU works on whole vectors of four.
pub const SCORES: usize = CLASSES.len().next_multiple_of(4);

/// The pyramid and a linear classifier at each place.
#[derive(Module, Debug)]
pub struct SegmentHead {
    pyramid: Pyramid,
    classify: Pointwise,
}

impl SegmentHead {
    /// Loads `pyramid` and `classify`.
    ///
    /// # Errors
    /// When a tensor is missing or of another shape.
    pub fn load(weights: &Weights, device: &Device) -> Result<Self, WeightsError> {
        Ok(Self {
            pyramid: Pyramid::load(weights, "pyramid", device)?,
            classify: Pointwise::load(weights, "classify", (FINE, SCORES), Activation::Linear, device)?,
        })
    }

    /// Logits at stride 4: `[batch, height, width, 24]`, of which the first 21 are [`CLASSES`].
    #[must_use]
    pub fn forward(&self, features: &Features) -> (PyramidMaps, Tensor<4>) {
        let maps = self.pyramid.forward(features);
        let logits = self.classify.forward(maps.stride_4.clone(), None);
        (maps, logits)
    }
}
