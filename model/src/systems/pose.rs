//! Top-down pose estimation as in the lecture: a person crop in, joint positions out (MoveNet SinglePose Lightning).

use burn::{
    module::Module,
    tensor::{Device, Tensor, TensorData},
};
use web_time::Instant;

use crate::{
    backbone::MobileNetV2,
    boxes::BBox,
    heads::keypoint::{CropJoint, FeaturePyramid, KeypointHeads, KeypointMaps, KeypointValues, Map, decode},
    photo::{Framing, Photo, crop_and_resize},
    skeleton::{JOINTS, Joint, Skeleton},
    systems::{RunError, ms, read},
    trace::Trace,
    weights::{Weights, WeightsError},
};

/// Side of the network's square input, in pixels.
pub const INPUT: usize = 192;

/// At most this many people a photo.
pub const MAX_PEOPLE: usize = 20;

/// The crop is this many times the longer side of the person's box: the network was trained on people with some room
/// around them.
pub const MARGIN: f32 = 1.25;

/// MoveNet SinglePose Lightning.
#[derive(Module, Debug)]
pub struct Pose {
    backbone: MobileNetV2,
    pyramid: FeaturePyramid,
    heads: KeypointHeads,
}

impl Pose {
    /// Loads the network from a burnpack file in memory.
    ///
    /// # Errors
    /// When the file is damaged or not this network's.
    pub fn load(bytes: Vec<u8>, device: &Device) -> Result<Self, WeightsError> {
        let weights = Weights::from_bytes(bytes)?;
        Ok(Self {
            backbone: MobileNetV2::load(&weights, "backbone", device)?,
            pyramid: FeaturePyramid::load(&weights, "pyramid", device)?,
            heads: KeypointHeads::load(&weights, "heads", device)?,
        })
    }

    /// Runs the network on crops.
    ///
    /// # Arguments
    /// * `crops` - RGB, 0 to 255, `INPUT * INPUT * 3` numbers each, row by row.
    ///
    /// # Returns
    /// The joints of the person in the middle of each crop, in fractions of the crop.
    ///
    /// # Errors
    /// When the device fails or computes numbers that are not finite.
    pub async fn joints(&self, crops: &[Vec<f32>], device: &Device) -> Result<Vec<[CropJoint; JOINTS]>, RunError> {
        if crops.is_empty() {
            return Ok(Vec::new());
        }
        let values: Vec<f32> = crops.iter().flatten().map(|v| v * (2.0 / 255.0) - 1.0).collect();
        let input = Tensor::from_data(TensorData::new(values, [crops.len(), INPUT, INPUT, 3]), device);
        let maps = self.heads.forward(&self.pyramid.forward(self.backbone.forward(input)));
        let KeypointMaps { centre, regression, heatmaps, offsets } = maps;
        let side = centre.dims()[1];
        let tensors = vec![centre, regression, heatmaps, offsets];
        let strides: Vec<usize> = tensors.iter().map(|tensor| tensor.dims()[3]).collect();
        let values = read(tensors).await?;
        let map = |which: usize, crop: usize| {
            let len = side * side * strides[which];
            Map { values: &values[which][crop * len..(crop + 1) * len], stride: strides[which] }
        };
        Ok((0..crops.len())
            .map(|crop| {
                decode(&KeypointValues {
                    centre: map(0, crop),
                    regression: map(1, crop),
                    heatmaps: map(2, crop),
                    offsets: map(3, crop),
                    side,
                })
            })
            .collect())
    }

    /// Finds the joints of each person.
    ///
    /// # Arguments
    /// * `people` - a box in photo pixels and its score for each person; the first [`MAX_PEOPLE`] count.
    ///
    /// # Errors
    /// When the device fails or computes numbers that are not finite.
    pub async fn estimate(
        &self,
        photo: &Photo,
        people: &[(BBox, f32)],
        device: &Device,
        trace: &mut Trace,
    ) -> Result<Vec<Skeleton>, RunError> {
        let people = &people[..people.len().min(MAX_PEOPLE)];
        let start = Instant::now();
        let framings: Vec<Framing> = people
            .iter()
            .map(|(bbox, _)| Framing::crop(Framing::square_around(bbox, MARGIN), (INPUT as u32, INPUT as u32)))
            .collect();
        let crops: Vec<Vec<f32>> = framings.iter().map(|framing| crop_and_resize(photo, framing)).collect();
        let cropped = Instant::now();
        let found = self.joints(&crops, device).await?;
        trace.push("crop people", ms(start, cropped));
        trace.push("pose network", ms(cropped, Instant::now()));
        let skeleton = |(((bbox, box_score), framing), joints): ((&(BBox, f32), &Framing), [CropJoint; JOINTS])| {
            let joints = joints.iter().map(|joint| {
                let (x, y) = framing.fraction_to_photo((joint.x, joint.y));
                Joint { x, y, score: joint.score }
            });
            Skeleton { bbox: *bbox, box_score: *box_score, joints: joints.collect() }
        };
        Ok(people.iter().zip(&framings).zip(found).map(skeleton).collect())
    }
}
