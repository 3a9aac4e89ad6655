//! Top-down pose estimation as in the lecture: a person crop in, joint positions out (MoveNet SinglePose Lightning).

pub mod crop;

use burn::{module::Module, tensor::Device};
use web_time::Instant;

use crate::{
    backbone::MobileNetV2,
    device::{RunError, ms, read},
    heads::keypoint::{CropJoint, FeaturePyramid, KeypointHeads, KeypointMaps, KeypointValues, Map, decode},
    nn::weights::{Weights, WeightsError},
    ops::tensor_from,
    photo::{Framing, Photo, crop_at_centres},
    structures::{
        boxes::{BBox, Candidate, Suppression, suppress},
        classes::PERSON,
        skeleton::{JOINTS, Joint, MIRRORED, Skeleton},
        stage::Trace,
    },
};

/// Side of the network's square input, in pixels.
pub const INPUT: usize = 192;

/// At most this many people a photo.
pub const MAX_PEOPLE: usize = 20;

/// A person whose sure joints score less on average is turned by [`SecondLook::Turned`].
const UNSURE: f32 = 0.4;

/// Whether people are looked at a second time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "native", derive(clap::ValueEnum))]
pub enum SecondLook {
    /// Once.
    #[default]
    None,
    /// Those whose joints are unsure also upside down; the skeleton with the better score stays.
    Turned,
    /// All also mirrored; joints are averaged by their scores.
    Mirrored,
    /// All also at a crop chosen by the first skeleton; the skeleton with the better score stays.
    Refined,
}

/// How people are looked at.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// Whether a second time.
    pub second_look: SecondLook,
    /// See [`crop::around_box`].
    pub pixel_aspect: f32,
}

impl Default for Settings {
    fn default() -> Self {
        Self { second_look: SecondLook::default(), pixel_aspect: 1.0 }
    }
}

/// Boxes of people with a lower score get no skeleton unless asked for. From 0.1 to 0.2 average precision falls by half
/// a point and half of the crops are saved.
pub const PERSON_FLOOR: f32 = 0.2;

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
        let input = tensor_from(values, [crops.len(), INPUT, INPUT, 3], device);
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
        self.estimate_with(photo, people, Settings::default(), device, trace).await
    }

    /// As [`Pose::estimate`], with settings.
    ///
    /// # Errors
    /// As [`Pose::estimate`].
    pub async fn estimate_with(
        &self,
        photo: &Photo,
        people: &[(BBox, f32)],
        settings: Settings,
        device: &Device,
        trace: &mut Trace,
    ) -> Result<Vec<Skeleton>, RunError> {
        let people = &people[..people.len().min(MAX_PEOPLE)];
        let around = |bbox: &BBox| crop::around_box(bbox, settings.pixel_aspect);
        let framings: Vec<Framing> = people.iter().map(|(bbox, _)| around(bbox)).collect();
        let found = self.look(photo, &framings, View::Upright, device, trace).await?;
        let skeletons = people.iter().zip(found);
        let mut skeletons: Vec<Skeleton> =
            skeletons.map(|((bbox, score), joints)| Skeleton { bbox: *bbox, box_score: *score, joints }).collect();
        // Whom to look at again, where and how.
        let everybody = skeletons.iter().enumerate();
        let (again, view): (Vec<(usize, Framing)>, View) = match settings.second_look {
            SecondLook::None => return Ok(skeletons),
            SecondLook::Turned => {
                let unsure = everybody.filter(|(_, person)| person.joint_score() < UNSURE);
                (unsure.map(|(i, person)| (i, around(&person.bbox))).collect(), View::Turned)
            }
            SecondLook::Mirrored => (everybody.map(|(i, person)| (i, around(&person.bbox))).collect(), View::Mirrored),
            SecondLook::Refined => {
                let refined = |person: &Skeleton| crop::around_joints(&person.joints, settings.pixel_aspect);
                (everybody.filter_map(|(i, person)| Some((i, refined(person)?))).collect(), View::Upright)
            }
        };
        let (which, framings): (Vec<usize>, Vec<Framing>) = again.into_iter().unzip();
        for (i, joints) in which.into_iter().zip(self.look(photo, &framings, view, device, trace).await?) {
            let person = &mut skeletons[i];
            let second = Skeleton { joints, ..person.clone() };
            if view == View::Mirrored {
                average(&mut person.joints, &second.joints);
            } else if second.score() > person.score() {
                *person = second;
            }
        }
        Ok(skeletons)
    }

    /// The joints in each crop of the photo, in photo pixels.
    async fn look(
        &self,
        photo: &Photo,
        framings: &[Framing],
        view: View,
        device: &Device,
        trace: &mut Trace,
    ) -> Result<Vec<Vec<Joint>>, RunError> {
        let start = Instant::now();
        let mut crops: Vec<Vec<f32>> = framings.iter().map(|framing| crop_at_centres(photo, framing)).collect();
        crops.iter_mut().for_each(|crop| view.turn(crop));
        let cropped = Instant::now();
        let found = self.joints(&crops, device).await?;
        trace.push("crop people", ms(start, cropped));
        trace.push("pose network", ms(cropped, Instant::now()));
        Ok(framings.iter().zip(&found).map(|(framing, joints)| to_photo(framing, &view.undo(joints))).collect())
    }
}

/// The people among a detector's guesses, best first, at most [`MAX_PEOPLE`]: a box in photo pixels and its score each.
/// Only people compete, whatever else the detector took them for.
#[must_use]
pub fn people(candidates: &[Candidate], rule: &Suppression) -> Vec<(BBox, f32)> {
    let people: Vec<Candidate> = candidates.iter().copied().filter(|guess| guess.class == PERSON).collect();
    let rule = Suppression { max_boxes: rule.max_boxes.min(MAX_PEOPLE), ..*rule };
    suppress(&people, &rule).kept.into_iter().map(|i| (people[i].bbox, people[i].score)).collect()
}

/// How a crop is shown to the network.
#[derive(Clone, Copy, PartialEq, Eq)]
enum View {
    /// As it is.
    Upright,
    /// By half a turn.
    Turned,
    /// Left for right.
    Mirrored,
}

impl View {
    fn turn(self, crop: &mut [f32]) {
        let swap = |pixels: &mut [f32]| {
            let count = pixels.len() / 3;
            for i in 0..count / 2 {
                for channel in 0..3 {
                    pixels.swap(i * 3 + channel, (count - 1 - i) * 3 + channel);
                }
            }
        };
        match self {
            Self::Upright => {}
            Self::Turned => swap(crop),
            Self::Mirrored => crop.chunks_exact_mut(INPUT * 3).for_each(swap),
        }
    }

    /// The joints in the crop as it was before [`View::turn`].
    fn undo(self, joints: &[CropJoint; JOINTS]) -> [CropJoint; JOINTS] {
        match self {
            Self::Upright => *joints,
            Self::Turned => joints.map(|joint| CropJoint { x: 1.0 - joint.x, y: 1.0 - joint.y, ..joint }),
            Self::Mirrored => MIRRORED.map(|other| CropJoint { x: 1.0 - joints[other].x, ..joints[other] }),
        }
    }
}

fn to_photo(framing: &Framing, joints: &[CropJoint; JOINTS]) -> Vec<Joint> {
    let place = |joint: &CropJoint| {
        let (x, y) = framing.fraction_to_photo((joint.x, joint.y));
        Joint { x, y, score: joint.score }
    };
    joints.iter().map(place).collect()
}

/// Moves each joint to the mean of two guesses, weighted by their scores.
fn average(joints: &mut [Joint], others: &[Joint]) {
    for (joint, other) in joints.iter_mut().zip(others) {
        let weight = other.score / (joint.score + other.score).max(f32::MIN_POSITIVE);
        joint.x += (other.x - joint.x) * weight;
        joint.y += (other.y - joint.y) * weight;
        joint.score = f32::midpoint(joint.score, other.score);
    }
}
