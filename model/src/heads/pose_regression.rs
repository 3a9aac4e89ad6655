//! Pose by regression, as the lecture has it (Toshev and Szegedy 2014, "DeepPose: Human Pose Estimation via Deep Neural
//! Networks"): a person's crop in, two numbers for each of 14 points out, seen or not.

use burn::{
    module::Module,
    tensor::{Device, Tensor},
};

use super::input::input;
use crate::{
    backbone::{MobileNetV2, TOP},
    device::{RunError, read},
    nn::{
        Conv1x1,
        weights::{Network, Weights, WeightsError},
    },
    ops::Activation,
    photo::{Framing, Photo},
    structures::{
        boxes::BBox,
        skeleton::{JOINTS, Joint, Skeleton},
    },
};

/// Side of the network's square input, in pixels.
pub const INPUT: usize = 192;
/// Points of a person.
pub const POINTS: usize = 14;
/// Their names. Left and right are the person's own.
pub const POINT_NAMES: [&str; POINTS] = [
    "head",
    "neck",
    "left shoulder",
    "right shoulder",
    "left elbow",
    "right elbow",
    "left wrist",
    "right wrist",
    "left hip",
    "right hip",
    "left knee",
    "right knee",
    "left ankle",
    "right ankle",
];
/// The joints of COCO that each point is the middle of.
pub const OF_JOINTS: [&[usize]; POINTS] =
    [&[0], &[5, 6], &[5], &[6], &[7], &[8], &[9], &[10], &[11], &[12], &[13], &[14], &[15], &[16]];
/// What each point is in a mirror.
pub const MIRRORED: [usize; POINTS] = [0, 1, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12];

/// Cells of the stride-32 map along each axis.
const CELLS: usize = INPUT / 32;
/// Channels that each of them keeps.
const SQUEEZED: usize = 96;
/// Numbers of a person's vector.
pub const VECTOR: usize = 512;
/// The crop is this many times as wide and as high as the person's box.
const MARGIN: f32 = 1.25;

/// From the stride-32 map of a crop to one vector, and from the vector to 28 numbers.
#[derive(Module, Debug)]
pub struct PoseRegressionHead {
    squeeze: Conv1x1,
    vector: Conv1x1,
    points: Conv1x1,
}

impl PoseRegressionHead {
    /// Loads `squeeze`, `vector` and `points`.
    ///
    /// # Errors
    /// When a tensor is missing or of another shape.
    pub fn from_weights(weights: &Weights, device: &Device) -> Result<Self, WeightsError> {
        let layer =
            |name: &str, shape: (usize, usize), activation| Conv1x1::load(weights, name, shape, activation, device);
        Ok(Self {
            squeeze: layer("squeeze", (TOP, SQUEEZED), Activation::Relu)?,
            vector: layer("vector", (CELLS * CELLS * SQUEEZED, VECTOR), Activation::Relu)?,
            points: layer("points", (VECTOR, POINTS * 2), Activation::Linear)?,
        })
    }

    /// A vector for each crop.
    ///
    /// # Arguments
    /// * `stride_32` - `[crops, 6, 6, 1280]`.
    ///
    /// # Returns
    /// `[crops, 1, 1, 512]`.
    #[must_use]
    pub fn vectors(&self, stride_32: Tensor<4>) -> Tensor<4> {
        let n = stride_32.dims()[0];
        self.vector.forward(self.squeeze.forward(stride_32, None).reshape([n, 1, 1, CELLS * CELLS * SQUEEZED]), None)
    }

    /// The points of each crop.
    ///
    /// # Arguments
    /// * `vectors` - from [`PoseRegressionHead::vectors`].
    ///
    /// # Returns
    /// `[crops, 28]`: `x, y` of each of [`POINT_NAMES`] in fractions of the crop.
    #[must_use]
    pub fn points(&self, vectors: Tensor<4>) -> Tensor<2> {
        let n = vectors.dims()[0];
        self.points.forward(vectors, None).reshape([n, POINTS * 2]) + 0.5
    }
}

impl PoseRegressionHead {
    /// Finds the points of each person, all in one batch.
    ///
    /// # Arguments
    /// * `people` - a box in photo pixels and its score for each person.
    ///
    /// # Errors
    /// When the device fails or computes numbers that are not finite.
    pub async fn estimate(
        &self,
        backbone: &MobileNetV2,
        photo: &Photo,
        people: &[(BBox, f32)],
        device: &Device,
    ) -> Result<Vec<Skeleton>, RunError> {
        if people.is_empty() {
            return Ok(vec![]);
        }
        let regions: Vec<BBox> = people.iter().map(|(bbox, _)| around_box(bbox)).collect();
        let maps = backbone.forward(crops(photo, &regions, device));
        let points = read_points(self.points(self.vectors(maps.stride_32))).await?;
        let found = people.iter().zip(&regions).zip(&points);
        Ok(found.map(|((&person, region), points)| skeleton(person, region, points)).collect())
    }
}

impl Network for PoseRegressionHead {
    fn load(bytes: Vec<u8>, device: &Device) -> Result<Self, WeightsError> {
        Self::from_weights(&Weights::from_bytes(bytes)?, device)
    }
}

/// The part of the photo that is looked at for a person.
///
/// It is stretched to a square: a square of the photo would hold more of the neighbours than of a standing person.
#[must_use]
pub fn around_box(bbox: &BBox) -> BBox {
    bbox.grown(MARGIN)
}

/// Crops of people as the network reads them.
///
/// # Arguments
/// * `regions` - from [`around_box`]; at least one.
///
/// # Returns
/// `[regions, 192, 192, 3]`, RGB in `[-1, 1]`.
#[must_use]
pub fn crops(photo: &Photo, regions: &[BBox], device: &Device) -> Tensor<4> {
    let framings: Vec<Framing> = regions.iter().map(|it| Framing::crop(*it, (INPUT as u32, INPUT as u32))).collect();
    input(photo, &framings, device)
}

/// Reads the points of some crops.
///
/// # Errors
/// When the device fails or computes numbers that are not finite.
pub async fn read_points(points: Tensor<2>) -> Result<Vec<[(f32, f32); POINTS]>, RunError> {
    let values = read(vec![points]).await?;
    let crops = values[0].chunks_exact(POINTS * 2);
    Ok(crops.map(|crop| std::array::from_fn(|i| (crop[2 * i], crop[2 * i + 1]))).collect())
}

/// A person with the points as joints, in photo pixels. Eyes and ears are not among them; of every other joint the network says a
/// place and nothing about whether it is seen, so all have the score 1.
///
/// # Arguments
/// * `region` - of the crop.
/// * `points` - in fractions of it.
#[must_use]
pub fn skeleton((bbox, box_score): (BBox, f32), region: &BBox, points: &[(f32, f32); POINTS]) -> Skeleton {
    let mut joints = vec![Joint::default(); JOINTS];
    for (of, &(x, y)) in OF_JOINTS.iter().zip(points) {
        if let [joint] = of {
            let (x, y) = (region.x0 + x * region.width(), region.y0 + y * region.height());
            joints[*joint] = Joint { x, y, score: 1.0 };
        }
    }
    Skeleton { bbox, box_score, joints }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::structures::skeleton::JOINT_NAMES;

    #[test]
    fn points_are_joints_of_the_same_name() {
        for (name, of) in POINT_NAMES.iter().zip(OF_JOINTS).skip(2) {
            assert_eq!(of.iter().map(|&joint| JOINT_NAMES[joint]).collect::<Vec<_>>(), [*name]);
        }
        for (i, &other) in MIRRORED.iter().enumerate() {
            let mirrored = POINT_NAMES[i].replace("left", "?").replace("right", "left").replace('?', "right");
            assert_eq!(POINT_NAMES[other], mirrored);
        }
    }

    #[test]
    fn a_person_by_hand() {
        let bbox = BBox::new(10.0, 20.0, 30.0, 60.0);
        let region = around_box(&bbox);
        assert_eq!(region, BBox::new(7.5, 15.0, 32.5, 65.0));
        let mut points = [(0.5, 0.5); POINTS];
        points[13] = (1.0, 0.0);
        let found = skeleton((bbox, 0.9), &region, &points);
        assert_eq!((found.joints[16].x, found.joints[16].y, found.joints[16].score), (32.5, 15.0, 1.0));
        assert_eq!((found.joints[0].x, found.joints[0].y), (20.0, 40.0));
        assert_eq!(
            found.joints.iter().filter(|joint| joint.score > 0.0).count(),
            13,
            "no eyes, no ears; the neck is none"
        );
        assert_eq!(found.joints[3].score, 0.0);
    }

    #[test]
    fn shapes_of_the_network() {
        let device = Device::flex();
        let head = PoseRegressionHead::from_weights(&Weights::untrained(1), &device).expect("every shape");
        let vectors = head.vectors(Tensor::ones([3, CELLS, CELLS, TOP], &device));
        assert_eq!(vectors.dims(), [3, 1, 1, VECTOR]);
        let points = pollster::block_on(read_points(head.points(vectors))).expect("the CPU does not fail");
        assert_eq!(points.len(), 3);
    }
}
