//! A class for each place of the stride-4 map: semantic segmentation.

use burn::{
    module::Module,
    tensor::{Device, Tensor},
};

use super::{
    pyramid::{COARSE, FINE, Hints, Pyramid, PyramidMaps, PyramidPass},
    votes::{COARSE_MAPS, VOTES, Votes},
};
use crate::{
    backbone::Features,
    device::{RunError, read},
    nn::{
        Conv1x1,
        weights::{Network, Weights, WeightsError},
    },
    ops::Activation,
    structures::{class_map::CLASSES, question::Upsampling},
};

/// Class maps are computed at most this large, in pixels of the longer side: four times the network's own grid.
pub const MAX_SIDE: u32 = 640;

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

    /// The same head, upsampling in another way: see [`Pyramid::upsampling_by`].
    #[must_use]
    pub fn upsampling_by(&self, way: Upsampling, steps: usize) -> Self {
        Self { pyramid: self.pyramid.upsampling_by(way, steps), ..self.clone() }
    }

    /// As [`Pyramid::filters`].
    ///
    /// # Errors
    /// When the device fails.
    pub async fn filters(&self, count: usize) -> Result<Vec<[f32; 4]>, RunError> {
        self.pyramid.filters(count).await
    }

    /// The pyramid's maps, with the detector's class scores added at its coarse end.
    #[must_use]
    pub fn maps(&self, features: &Features, prior: &Votes) -> PyramidMaps {
        self.begin_maps(features, prior).into_maps()
    }

    /// As [`SegmentHead::maps`], stride by stride.
    #[must_use]
    pub fn begin_maps<'a>(&'a self, features: &'a Features, prior: &Votes) -> PyramidPass<'a> {
        let hints = Hints {
            stride_32: self.votes_32.forward(prior.stride_32.clone(), None),
            stride_16: self.votes_16.forward(prior.stride_16.clone(), None),
        };
        self.pyramid.begin(features, Some(hints))
    }

    /// Logits at stride 4: `[batch, height, width, 24]`, of which the first 21 are [`CLASSES`].
    #[must_use]
    pub fn classify(&self, maps: &PyramidMaps) -> Tensor<4> {
        self.classify.forward(maps.stride_4.clone(), None)
    }

    /// As [`SegmentHead::maps`], then [`SegmentHead::classify`].
    #[must_use]
    pub fn forward(&self, features: &Features, prior: &Votes) -> (PyramidMaps, Tensor<4>) {
        let maps = self.maps(features, prior);
        let logits = self.classify(&maps);
        (maps, logits)
    }
}

impl Network for SegmentHead {
    fn load(bytes: Vec<u8>, device: &Device) -> Result<Self, WeightsError> {
        Self::load(&Weights::from_bytes(bytes)?, device)
    }
}

/// The classifier's output for one photo, on the host.
#[derive(Clone, Debug)]
pub struct ClassLogits {
    /// `[rows, columns, 21]`.
    pub values: Vec<f32>,
    /// Cells down and across.
    pub grid: (usize, usize),
}

impl ClassLogits {
    /// Reads the output from the device.
    ///
    /// # Arguments
    /// * `logits` - from [`SegmentHead::classify`], of one photo.
    ///
    /// # Errors
    /// When the device fails or computes numbers that are not finite.
    pub async fn read(logits: Tensor<4>) -> Result<Self, RunError> {
        let [_, rows, columns, scores] = logits.dims();
        let values = read(vec![logits]).await?;
        // The classifier's padding is left here.
        let values = values[0].chunks_exact(scores).flat_map(|cell| &cell[..CLASSES.len()]).copied().collect();
        Ok(Self { values, grid: (rows, columns) })
    }
}

/// Width and height of the class map of a photo: the photo's aspect, its longer side that of the photo, at most [`MAX_SIDE`].
#[must_use]
pub fn map_size((width, height): (u32, u32)) -> (usize, usize) {
    let longest = width.max(height).max(1);
    let shrunk = |side: u32| {
        let side =
            if longest > MAX_SIDE { f64::from(side) * f64::from(MAX_SIDE) / f64::from(longest) } else { side.into() };
        // At most 640.
        (side.round() as usize).max(1)
    };
    (shrunk(width), shrunk(height))
}

#[cfg(test)]
mod tests {
    use super::map_size;

    #[test]
    fn maps_keep_the_aspect() {
        assert_eq!(map_size((320, 200)), (320, 200));
        assert_eq!(map_size((4000, 3000)), (640, 480));
        assert_eq!(map_size((1, 8000)), (1, 640));
    }
}
