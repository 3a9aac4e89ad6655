//! A class for each place of the stride-4 map: semantic segmentation.

mod edges;

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
    structures::{
        class_map::{CLASSES, COCO_IDS, ClassMap},
        mask::InstanceMask,
        question::Upsampling,
    },
};

/// Class maps are computed at most this large, in pixels of the longer side: four times the network's own grid.
pub const MAX_SIDE: u32 = 640;

/// Scores a place; the classes, then padding that nobody reads: the GPU works on whole vectors of four.
pub const SCORES: usize = CLASSES.len().next_multiple_of(4);

/// Classes of which the head has seen thousands of masks: cat, cow, dog, horse, person, sheep. Its own edges are better than those of the
/// mask branch there.
const OFTEN_SEEN: [usize; 6] = [8, 10, 12, 13, 15, 17];
/// What a certain mask in a certain box adds to the logit of its class, by measurement on the dev part.
const ADDED: f32 = 12.0;
/// As [`ADDED`], for [`OFTEN_SEEN`].
const ADDED_TO_OFTEN_SEEN: f32 = 1.5;
/// The probability of a mask up to which a cell gets nothing.
const NO_THING: f32 = 0.4;

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

    /// The likeliest class of each pixel.
    ///
    /// # Arguments
    /// * `size` - width and height of the map in pixels.
    #[must_use]
    pub fn class_map(&self, size: (usize, usize)) -> ClassMap {
        ClassMap::from_logits(&self.values, self.grid, size)
    }

    /// These scores with those of masks added: a cell inside a mask gets more for the mask's class, the more the surer mask and box
    /// are. Where masks of one class overlap, the surest counts. Masks of other classes than [`CLASSES`] add nothing.
    ///
    /// # Arguments
    /// * `masks` - in photo pixels.
    /// * `photo` - width and height of the photo in pixels.
    #[must_use]
    pub fn with_masks(&self, masks: &[InstanceMask], photo: (u32, u32)) -> Self {
        let (rows, columns) = self.grid;
        let scale = (columns as f32 / photo.0 as f32, rows as f32 / photo.1 as f32);
        let mut added = vec![0.0_f32; self.values.len()];
        for mask in masks {
            let Some(class) = COCO_IDS.iter().position(|&id| id == mask.class) else { continue };
            let class = class + 1; // after the background
            let most = mask.score * if OFTEN_SEEN.contains(&class) { ADDED_TO_OFTEN_SEEN } else { ADDED };
            let patch = mask.paste((columns, rows), scale);
            for (i, &value) in patch.values.iter().enumerate() {
                let sure = (f32::from(value) / 255.0 - NO_THING) / (1.0 - NO_THING);
                let cell = (patch.y + i / patch.width) * columns + patch.x + i % patch.width;
                let place = &mut added[cell * CLASSES.len() + class];
                *place = place.max(sure * most);
            }
        }
        Self { values: self.values.iter().zip(added).map(|(score, added)| score + added).collect(), ..*self }
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
    use super::{ADDED, ADDED_TO_OFTEN_SEEN, ClassLogits, map_size};
    use crate::structures::{
        boxes::BBox,
        class_map::CLASSES,
        mask::{InstanceMask, SIDE},
    };

    fn mask(class: u16, score: f32, bbox: BBox, cell: impl Fn(usize) -> u8) -> InstanceMask {
        InstanceMask { candidate: 0, bbox, class, score, cells: (0..SIDE * SIDE).map(|i| cell(i % SIDE)).collect() }
    }

    #[test]
    fn masks_add_to_the_scores_of_their_class_where_they_are() {
        // Four columns over a photo of 40 x 10 pixels; everywhere the background has 5.
        let cell = |class: usize| if class == 0 { 5.0 } else { 0.0 };
        let values = (0..4).flat_map(|_| (0..CLASSES.len()).map(cell)).collect();
        let logits = ClassLogits { values, grid: (1, 4) };
        let left = BBox::new(0.0, 0.0, 20.0, 10.0);
        let masks = [
            mask(44, 0.5, left, |_| 255),                             // a bottle
            mask(44, 1.0, BBox::new(10.0, 0.0, 20.0, 10.0), |_| 255), // a surer one over half of it
            mask(17, 1.0, left, |_| 255),                             // a cat
            mask(85, 1.0, BBox::new(0.0, 0.0, 40.0, 10.0), |_| 255),  // a clock, of which the map knows nothing
            mask(5, 1.0, BBox::new(20.0, 0.0, 40.0, 10.0), |x| if x < 14 { 255 } else { 90 }), // half an aeroplane
        ];
        let joint = logits.with_masks(&masks, (40, 10));
        let at = |column: usize, class: usize| joint.values[column * CLASSES.len() + class];
        let (bottle, cat, aeroplane) = (5, 8, 1);
        assert_eq!([at(0, bottle), at(1, bottle), at(2, bottle)], [ADDED / 2.0, ADDED, 0.0]);
        assert_eq!([at(0, cat), at(3, cat)], [ADDED_TO_OFTEN_SEEN, 0.0]);
        assert_eq!([at(2, aeroplane), at(3, aeroplane)], [ADDED, 0.0]);
        assert_eq!(at(3, 0), 5.0, "the background is as it was");
        let map = joint.class_map((4, 1));
        assert_eq!(map.labels, [5, 5, 1, 0]);
    }

    #[test]
    fn maps_keep_the_aspect() {
        assert_eq!(map_size((320, 200)), (320, 200));
        assert_eq!(map_size((4000, 3000)), (640, 480));
        assert_eq!(map_size((1, 8000)), (1, 640));
    }
}
