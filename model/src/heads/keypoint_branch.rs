//! Mask R-CNN's keypoint branch (He et al. 2017, section 5): for each person's region 17 maps of 56 x 56 places, one a joint.

use burn::{
    module::Module,
    tensor::{Device, Tensor},
};

use crate::{
    backbone::Features,
    device::{RunError, read},
    nn::{
        Conv1x1, Conv2d, ConvTranspose2d,
        weights::{Network, Weights, WeightsError},
    },
    ops::{Activation, Region, SAMPLES, bilinear_double, roi_align},
    structures::{
        boxes::BBox,
        skeleton::{JOINTS, Joint, Skeleton},
    },
};

/// Bins of a region along each axis.
pub const BINS: usize = 14;
/// Places of a joint's map along each axis.
pub const PLACES: usize = 56;
/// How far from the best place a joint may lie to be there all the same, in places: the branch learns marks as bells that wide.
pub const NEAR: usize = 3;
/// Channels of a place: the joints, padded to a multiple of four.
pub const MAPS: usize = 20;
/// Channels of the backbone's maps at strides 8 and 16 (wide), which regions are cut out of.
pub const READ: [usize; 2] = [32, 576];
/// Channels that each bin keeps of them.
const REDUCED: usize = 128;
/// Channels of the branch.
const CHANNELS: usize = 96;
/// Convolutions before the maps.
const DEPTH: usize = 4;

/// Convolutions, and a transposed one, on regions that RoIAlign has cut out of the backbone's maps. The pyramid that proposals and
/// boxes come from has kept too little of where people's parts are (mean similarity 0.36; 0.51 with these).
#[derive(Module, Debug)]
pub struct KeypointBranch {
    reduce: Conv1x1,
    convolutions: Vec<Conv2d>,
    up: ConvTranspose2d,
}

impl KeypointBranch {
    /// Loads `{prefix}reduce`, `{prefix}convolutions.N` and `{prefix}up`.
    ///
    /// # Errors
    /// When a tensor is missing or of another shape.
    pub fn load(weights: &Weights, prefix: &str, device: &Device) -> Result<Self, WeightsError> {
        let mut convolutions = Vec::with_capacity(DEPTH);
        for i in 0..DEPTH {
            let channels = if i == 0 { REDUCED } else { CHANNELS };
            let (name, shape) = (format!("{prefix}convolutions.{i}"), [3, 3, channels, CHANNELS]);
            convolutions.push(Conv2d::load(weights, &name, shape, 1, Activation::Relu, device)?);
        }
        let read = READ.iter().sum();
        let reduce = Conv1x1::load(weights, &format!("{prefix}reduce"), (read, REDUCED), Activation::Relu, device)?;
        let up = ConvTranspose2d::load(weights, &format!("{prefix}up"), (CHANNELS, MAPS), Activation::Linear, device)?;
        Ok(Self { reduce, convolutions, up })
    }

    /// Cuts people's regions out of the backbone's maps at strides 8 and 16, whatever their size: on the level of its size a
    /// large person would be a few cells, and joints be found no more exactly than that.
    ///
    /// # Returns
    /// `[regions, 14, 14, 608]`.
    ///
    /// # Panics
    /// When there is no region.
    #[must_use]
    pub fn pool(regions: &[Region], maps: &Features) -> Tensor<4> {
        let maps = [&maps.stride_8, &maps.stride_16_wide];
        Tensor::cat(maps.map(|map| roi_align(map.clone(), regions, BINS, SAMPLES)).to_vec(), 3)
    }

    /// Logits of each joint's place: `[regions, 56, 56, 20]`, of which the first 17 channels are joints.
    ///
    /// # Arguments
    /// * `regions` - from [`KeypointBranch::pool`].
    #[must_use]
    pub fn logits(&self, regions: Tensor<4>) -> Tensor<4> {
        let x =
            self.convolutions.iter().fold(self.reduce.forward(regions, None), |x, convolution| convolution.forward(x));
        bilinear_double(self.up.forward(x))
    }
}

impl KeypointBranch {
    /// People in given boxes.
    ///
    /// # Arguments
    /// * `maps` - the backbone's, of one photo.
    /// * `photo` - width and height in pixels.
    /// * `people` - a box in photo pixels and its score for each person.
    ///
    /// # Errors
    /// When the device fails or computes numbers that are not finite.
    pub async fn estimate(
        &self,
        maps: &Features,
        photo: (u32, u32),
        people: &[(BBox, f32)],
    ) -> Result<Vec<Skeleton>, RunError> {
        if people.is_empty() {
            return Ok(vec![]);
        }
        let found = JointMaps::read(self.logits(Self::pool(&regions(people, photo), maps))).await?;
        Ok(skeletons(people, &found))
    }
}

/// People's boxes as regions of a batch of one.
///
/// # Arguments
/// * `people` - a box in photo pixels and its score for each person.
/// * `photo` - width and height in pixels.
#[must_use]
pub fn regions(people: &[(BBox, f32)], photo: (u32, u32)) -> Vec<Region> {
    let (across, down) = (1.0 / photo.0 as f32, 1.0 / photo.1 as f32);
    people.iter().map(|(bbox, _)| Region { photo: 0, bbox: bbox.scale(across, down) }).collect()
}

impl Network for KeypointBranch {
    fn load(bytes: Vec<u8>, device: &Device) -> Result<Self, WeightsError> {
        Self::load(&Weights::from_bytes(bytes)?, "", device)
    }
}

/// Probabilities of each joint's place in the regions of people.
#[derive(Clone, Debug, PartialEq)]
pub struct JointMaps {
    /// `[joints, 56, 56]` for each person; each joint's map sums to 1.
    pub people: Vec<Vec<f32>>,
}

impl JointMaps {
    /// Reads the maps from the device.
    ///
    /// # Arguments
    /// * `logits` - from [`KeypointBranch::logits`].
    ///
    /// # Errors
    /// When the device fails or computes numbers that are not finite.
    pub async fn read(logits: Tensor<4>) -> Result<Self, RunError> {
        let values = read(vec![logits]).await?.remove(0);
        let people = values.chunks_exact(PLACES * PLACES * MAPS);
        let of_person = |rows| (0..JOINTS).flat_map(|joint| probabilities(rows, joint)).collect();
        Ok(Self { people: people.map(of_person).collect() })
    }

    /// The likeliest place of each joint of a person.
    ///
    /// # Arguments
    /// * `bbox` - the person's region, in photo pixels.
    ///
    /// # Returns
    /// Joints in photo pixels, each with the probability that it lies within [`NEAR`] places of there.
    #[must_use]
    pub fn joints(&self, person: usize, bbox: &BBox) -> Vec<Joint> {
        self.people[person].chunks_exact(PLACES * PLACES).map(|map| peak(map, bbox)).collect()
    }

    /// The likeliest place of a joint, row by row.
    #[must_use]
    pub fn best(&self, person: usize, joint: usize) -> usize {
        best(&self.people[person][joint * PLACES * PLACES..][..PLACES * PLACES])
    }
}

/// People from their regions.
///
/// # Arguments
/// * `people` - the box of each person, in photo pixels, and its score.
#[must_use]
pub fn skeletons(people: &[(BBox, f32)], maps: &JointMaps) -> Vec<Skeleton> {
    let person =
        |(i, &(bbox, box_score)): (usize, &(BBox, f32))| Skeleton { bbox, box_score, joints: maps.joints(i, &bbox) };
    people.iter().enumerate().map(person).collect()
}

/// The softmax over the places of one joint.
fn probabilities(rows: &[f32], joint: usize) -> Vec<f32> {
    let logits = rows.iter().skip(joint).step_by(MAPS);
    let most = logits.clone().copied().fold(f32::NEG_INFINITY, f32::max);
    let powers: Vec<f32> = logits.map(|logit| (logit - most).exp()).collect();
    let sum: f32 = powers.iter().sum();
    powers.into_iter().map(|power| power / sum).collect()
}

fn best(map: &[f32]) -> usize {
    (0..map.len()).fold(0, |best, i| if map[i] > map[best] { i } else { best })
}

/// The centre of mass of the best place and those near it.
fn peak(map: &[f32], bbox: &BBox) -> Joint {
    let best = best(map);
    let near = |at: usize| at.saturating_sub(NEAR)..(at + NEAR + 1).min(PLACES);
    let (mut mass, mut across, mut down) = (0.0, 0.0, 0.0);
    for y in near(best / PLACES) {
        for x in near(best % PLACES) {
            let probability = map[y * PLACES + x];
            mass += probability;
            across += probability * (x as f32 + 0.5);
            down += probability * (y as f32 + 0.5);
        }
    }
    let side = PLACES as f32 * mass.max(f32::MIN_POSITIVE);
    Joint { x: bbox.x0 + across / side * bbox.width(), y: bbox.y0 + down / side * bbox.height(), score: mass.min(1.0) }
}

#[cfg(test)]
mod tests {
    use burn::tensor::TensorData;

    use super::*;

    #[test]
    fn a_peak_is_found_between_places() {
        let mut logits = vec![0.0; PLACES * PLACES * MAPS];
        // Two places side by side are equally likely for joint 3: it lies on the line between them.
        for x in [13, 14] {
            logits[(27 * PLACES + x) * MAPS + 3] = 40.0;
        }
        let shape = [1, PLACES, PLACES, MAPS];
        let logits = Tensor::from_data(TensorData::new(logits, shape), &Device::flex());
        let maps = pollster::block_on(JointMaps::read(logits)).expect("finite numbers");
        let joints = maps.joints(0, &BBox::new(100.0, 10.0, 156.0, 122.0));
        assert_eq!(joints.len(), JOINTS);
        assert!((joints[3].x - 114.0).abs() < 1e-3 && (joints[3].y - 65.0).abs() < 1e-3, "{:?}", joints[3]);
        assert!((joints[3].score - 1.0).abs() < 1e-4);
        // Nothing is known of the others: any 49 of all places.
        assert!(joints[4].score < 50.0 / (PLACES * PLACES) as f32);
    }

    #[test]
    fn untrained_maps_have_their_shape() {
        let device = Device::flex();
        let branch = KeypointBranch::load(&Weights::untrained(1), "", &device).expect("every shape");
        let logits = branch.logits(Tensor::ones([2, BINS, BINS, READ.iter().sum()], &device));
        assert_eq!(logits.dims(), [2, PLACES, PLACES, MAPS]);
    }
}
