//! A class for each place of the stride-4 map: semantic segmentation.

use burn::{
    module::Module,
    tensor::{Device, Tensor},
};

use super::{
    pyramid::{COARSE, FINE, Hints, Pyramid, PyramidMaps},
    votes::{COARSE_MAPS, VOTES, Votes},
};
use crate::{
    backbone::Features,
    nn::{
        Conv1x1,
        weights::{Weights, WeightsError},
    },
    ops::Activation,
    structures::class_map::CLASSES,
};

/// Scores a place; the classes, then padding that nobody reads: the GPU works on whole vectors of four.
pub const SCORES: usize = CLASSES.len().next_multiple_of(4);

/// The pyramid, with the detector's votes at its coarse end, and a linear classifier at each place.
#[derive(Module, Debug)]
pub struct SegmentHead {
    votes_32: Conv1x1,
    votes_16: Conv1x1,
    pyramid: Pyramid,
    classify: Conv1x1,
}

impl SegmentHead {
    /// Loads `votes_32`, `votes_16`, `pyramid` and `classify`.
    ///
    /// # Errors
    /// When a tensor is missing or of another shape.
    pub fn load(weights: &Weights, device: &Device) -> Result<Self, WeightsError> {
        let votes =
            |name: &str, maps: usize| Conv1x1::load(weights, name, (maps * VOTES, COARSE), Activation::Linear, device);
        Ok(Self {
            votes_32: votes("votes_32", COARSE_MAPS)?,
            votes_16: votes("votes_16", 1)?,
            pyramid: Pyramid::load(weights, "pyramid", device)?,
            classify: Conv1x1::load(weights, "classify", (FINE, SCORES), Activation::Linear, device)?,
        })
    }

    /// Logits at stride 4: `[batch, height, width, 24]`, of which the first 21 are [`CLASSES`].
    #[must_use]
    pub fn forward(&self, features: &Features, votes: &Votes) -> (PyramidMaps, Tensor<4>) {
        let hints = Hints {
            stride_32: self.votes_32.forward(votes.stride_32.clone(), None),
            stride_16: self.votes_16.forward(votes.stride_16.clone(), None),
        };
        let maps = self.pyramid.forward(features, Some(hints));
        let logits = self.classify.forward(maps.stride_4.clone(), None);
        (maps, logits)
    }
}
