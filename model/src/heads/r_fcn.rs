//! The head of R-FCN (Dai et al. 2016, "Object Detection via Region-based Fully Convolutional Networks"): convolutions make maps
//! of scores for each part of each class, a region only averages them, and nothing is computed for a region alone.

use burn::{
    module::Module,
    tensor::{Device, Tensor},
};

use super::{
    box_head::{BoxOutput, LOGITS},
    top_down::CHANNELS,
};
use crate::{
    nn::{
        Conv1x1, Conv2d,
        weights::{Network, Weights, WeightsError},
    },
    ops::{Activation, Region, ps_roi_pool},
};

/// Parts of an object along each axis: upper left, upper middle ...
pub const PARTS: usize = 3;

/// Channels of the head's own layers.
const HIDDEN: usize = 256;

/// Two 3x3 convolutions, then one 1x1 convolution for the scores of all parts and one for their corrections.
///
/// Nothing is computed behind the vote, so what the other systems do for a region must have happened before it: on the
/// pyramid's map alone, the mean average precision was half of theirs.
#[derive(Module, Debug)]
pub struct RFcnHead {
    first: Conv2d,
    second: Conv2d,
    scores: Conv1x1,
    corrections: Conv1x1,
}

/// Maps of scores and corrections for each part.
#[derive(Clone, Debug)]
pub struct PartMaps {
    /// `[batch, height, width, 9 * LOGITS]`: the scores of the upper left part, then of the next.
    pub scores: Tensor<4>,
    /// `[batch, height, width, 9 * 4]`.
    pub corrections: Tensor<4>,
}

impl RFcnHead {
    /// Loads `{prefix}{first,second,scores,corrections}`.
    ///
    /// # Errors
    /// When a tensor is missing or of another shape.
    pub fn load(weights: &Weights, prefix: &str, device: &Device) -> Result<Self, WeightsError> {
        let layer = |part: &str, numbers: usize| {
            let shape = (HIDDEN, PARTS * PARTS * numbers);
            Conv1x1::load(weights, &format!("{prefix}{part}"), shape, Activation::Linear, device)
        };
        let deep = |part: &str, c_in: usize| {
            Conv2d::load(weights, &format!("{prefix}{part}"), [3, 3, c_in, HIDDEN], 1, Activation::Relu, device)
        };
        Ok(Self {
            first: deep("first", CHANNELS)?,
            second: deep("second", HIDDEN)?,
            scores: layer("scores", LOGITS)?,
            corrections: layer("corrections", 4)?,
        })
    }

    /// The maps of all parts.
    ///
    /// # Arguments
    /// * `map` - the feature pyramid's at stride 16, `[batch, height, width, 128]`.
    #[must_use]
    pub fn maps(&self, map: &Tensor<4>) -> PartMaps {
        let map = self.second.forward(self.first.forward(map.clone()));
        PartMaps { scores: self.scores.forward(map.clone(), None), corrections: self.corrections.forward(map, None) }
    }

    /// Averages the maps over regions, each part over its own share of a region, and then the parts.
    #[must_use]
    pub fn vote(maps: &PartMaps, regions: &[Region]) -> BoxOutput {
        let mean = |map: &Tensor<4>| {
            let parts = ps_roi_pool(map.clone(), regions, PARTS);
            let [count, _, _, numbers] = parts.dims();
            parts.reshape([count, PARTS * PARTS, numbers]).mean_dim(1).reshape([1, 1, count, numbers])
        };
        BoxOutput { logits: mean(&maps.scores), corrections: mean(&maps.corrections) }
    }
}

impl Network for RFcnHead {
    fn load(bytes: Vec<u8>, device: &Device) -> Result<Self, WeightsError> {
        Self::load(&Weights::from_bytes(bytes)?, "", device)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_vote() {
        let device = Device::flex();
        // Each part's map says its own number everywhere.
        let numbers = |count: usize| {
            let of_cell: Vec<f32> = (0..PARTS * PARTS * count).map(|i| (i / count) as f32).collect();
            Tensor::<1>::from_floats(of_cell.repeat(36).as_slice(), &device).reshape([1, 6, 6, PARTS * PARTS * count])
        };
        let maps = PartMaps { scores: numbers(LOGITS), corrections: numbers(4) };
        let output = RFcnHead::vote(&maps, &[Region::whole(0), Region::whole(0)]);
        assert_eq!((output.logits.dims(), output.corrections.dims()), ([1, 1, 2, LOGITS], [1, 1, 2, 4]));
        let logits: Vec<f32> = output.logits.into_data().try_into_vec().expect("floats");
        assert!(logits.iter().all(|logit| (logit - 4.0).abs() < 1e-5), "the mean of 0 to 8: {}", logits[0]);
        let head = RFcnHead::load(&Weights::untrained(1), "", &device).expect("every shape");
        assert_eq!(head.maps(&Tensor::ones([1, 4, 5, CHANNELS], &device)).scores.dims(), [1, 4, 5, 9 * LOGITS]);
    }
}
