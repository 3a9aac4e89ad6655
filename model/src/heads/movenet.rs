//! MoveNet SinglePose Lightning: the joints of the person in the middle of a crop (top-down pose estimation: a crop for each
//! person that a detector has found).

pub mod crop;

use burn::{module::Module, tensor::Device};

use super::keypoint::{CropJoint, FeaturePyramid, KeypointHeads, KeypointMaps, KeypointValues, Map, decode};
use crate::{
    backbone::MobileNetV2,
    device::{RunError, read},
    nn::weights::{Network, Weights, WeightsError},
    ops::tensor_from,
    photo::{Framing, Photo, crop_at_centres},
    structures::{
        boxes::{BBox, Candidate, Suppression, suppress},
        classes::PERSON,
        skeleton::{JOINTS, Joint, MIRRORED, Skeleton, unlike},
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
    None,
    /// Those whose joints are unsure also upside down; the skeleton with the better score stays.
    Turned,
    /// All also mirrored; joints are averaged by their scores.
    Mirrored,
    /// All also at a crop chosen by the first skeleton; the skeleton with the better score stays.
    Refined,
    /// Those whose skeleton is a neighbour's also with everything outside their own box blanked; the skeleton with the better
    /// score stays.
    #[default]
    Alone,
}

/// How much more than a person's own box [`SecondLook::Alone`] sees, in boxes.
const OWN_MARGIN: f32 = 0.05;
/// What it sees instead of the rest: the middle of the network's range, as its padding is.
const BLANK: f32 = 127.5;

/// Boxes of people with a lower score get no skeleton unless asked for. From 0.1 to 0.2 average precision falls by half
/// a point and half of the crops are saved.
pub const MIN_PERSON_SCORE: f32 = 0.2;

/// MoveNet SinglePose Lightning.
#[derive(Module, Debug)]
pub struct MoveNet {
    backbone: MobileNetV2,
    pyramid: FeaturePyramid,
    heads: KeypointHeads,
}

/// A crop of a person as the network reads it.
#[derive(Clone, Debug, PartialEq)]
pub struct PersonCrop {
    /// Which part of the photo it is.
    pub framing: Framing,
    /// RGB, 0 to 255, `INPUT * INPUT * 3` numbers, row by row.
    pub pixels: Vec<f32>,
}

/// The network's four maps of some crops, on the host.
#[derive(Clone, Debug)]
pub struct HeatMaps {
    /// Cells along each axis.
    pub side: usize,
    /// Crops.
    count: usize,
    /// Centre, regression, heat maps and offsets, all crops one after the other.
    values: Vec<Vec<f32>>,
    /// Numbers a cell of each of the four.
    strides: [usize; 4],
}

impl HeatMaps {
    /// The four maps of a crop.
    #[must_use]
    pub fn of_crop(&self, crop: usize) -> KeypointValues<'_> {
        let map = |which: usize| {
            let (stride, len) = (self.strides[which], self.side * self.side * self.strides[which]);
            Map { values: &self.values[which][crop * len..(crop + 1) * len], stride }
        };
        KeypointValues { centre: map(0), regression: map(1), heatmaps: map(2), offsets: map(3), side: self.side }
    }

    /// The joints of the person in the middle of each crop, in fractions of the crop.
    #[must_use]
    pub fn joints(&self) -> Vec<[CropJoint; JOINTS]> {
        (0..self.count).map(|crop| decode(&self.of_crop(crop))).collect()
    }
}

impl Network for MoveNet {
    fn load(bytes: Vec<u8>, device: &Device) -> Result<Self, WeightsError> {
        let weights = Weights::from_bytes(bytes)?;
        Ok(Self {
            backbone: MobileNetV2::load(&weights, "backbone", device)?,
            pyramid: FeaturePyramid::load(&weights, "pyramid", device)?,
            heads: KeypointHeads::load(&weights, "heads", device)?,
        })
    }
}

impl MoveNet {
    /// Cuts a square round each person, as the network was trained to see people.
    ///
    /// # Arguments
    /// * `people` - boxes in photo pixels; the first [`MAX_PEOPLE`] count.
    /// * `pixel_aspect` - see [`crop::around_box`].
    #[must_use]
    pub fn crops(photo: &Photo, people: &[(BBox, f32)], pixel_aspect: f32) -> Vec<PersonCrop> {
        let framings = people.iter().take(MAX_PEOPLE).map(|(bbox, _)| crop::around_box(bbox, pixel_aspect));
        framings.map(|framing| PersonCrop { framing, pixels: crop_at_centres(photo, &framing) }).collect()
    }

    /// Runs the network on crops, all in one batch.
    ///
    /// # Arguments
    /// * `crops` - RGB, 0 to 255, `INPUT * INPUT * 3` numbers each, row by row.
    ///
    /// # Errors
    /// When the device fails or computes numbers that are not finite.
    pub async fn heat_maps<'a>(
        &self,
        crops: impl ExactSizeIterator<Item = &'a [f32]>,
        device: &Device,
    ) -> Result<HeatMaps, RunError> {
        let count = crops.len();
        if count == 0 {
            return Ok(HeatMaps { side: 0, count, values: vec![], strides: [0; 4] });
        }
        let values: Vec<f32> = crops.flatten().map(|v| v * (2.0 / 255.0) - 1.0).collect();
        let input = tensor_from(values, [count, INPUT, INPUT, 3], device);
        let maps = self.heads.forward(&self.pyramid.forward(self.backbone.forward(input)));
        let KeypointMaps { centre, regression, heatmaps, offsets } = maps;
        let (side, tensors) = (centre.dims()[1], [centre, regression, heatmaps, offsets]);
        let strides = std::array::from_fn(|which| tensors[which].dims()[3]);
        Ok(HeatMaps { side, count, values: read(tensors.into()).await?, strides })
    }

    /// The joints of the person in the middle of each crop, in fractions of the crop.
    ///
    /// # Arguments
    /// * `crops` - as for [`MoveNet::heat_maps`].
    ///
    /// # Errors
    /// As [`MoveNet::heat_maps`].
    pub async fn joints(&self, crops: &[Vec<f32>], device: &Device) -> Result<Vec<[CropJoint; JOINTS]>, RunError> {
        Ok(self.heat_maps(crops.iter().map(Vec::as_slice), device).await?.joints())
    }

    /// Finds the joints of each person.
    ///
    /// # Arguments
    /// * `people` - a box in photo pixels and its score for each person; the first [`MAX_PEOPLE`] count.
    /// * `pixel_aspect` - see [`crop::around_box`].
    ///
    /// # Errors
    /// When the device fails or computes numbers that are not finite.
    pub async fn estimate(
        &self,
        photo: &Photo,
        people: &[(BBox, f32)],
        (looks, pixel_aspect): (&[SecondLook], f32),
        device: &Device,
    ) -> Result<Vec<Skeleton>, RunError> {
        let crops = Self::crops(photo, people, pixel_aspect);
        let maps = self.heat_maps(crops.iter().map(|crop| &crop.pixels[..]), device).await?;
        let first = skeletons(people, &crops, &maps);
        Ok(self.refine(photo, first, (looks, pixel_aspect), device).await?.0)
    }

    /// Looks at people again, one look after the other.
    ///
    /// # Arguments
    /// * `looks` - each begins with what the one before has found.
    /// * `pixel_aspect` - see [`crop::around_box`].
    ///
    /// # Returns
    /// The skeletons, and the number of crops that were looked at.
    ///
    /// # Errors
    /// When the device fails or computes numbers that are not finite.
    pub async fn refine(
        &self,
        photo: &Photo,
        mut skeletons: Vec<Skeleton>,
        (looks, pixel_aspect): (&[SecondLook], f32),
        device: &Device,
    ) -> Result<(Vec<Skeleton>, usize), RunError> {
        let mut crops = 0;
        for &look in looks {
            let (refined, seen) = self.look_again(photo, skeletons, (look, pixel_aspect), device).await?;
            skeletons = refined;
            crops += seen;
        }
        Ok((skeletons, crops))
    }

    /// Looks at people a second time: the skeletons that are better of two, or means of both, and the number of crops.
    async fn look_again(
        &self,
        photo: &Photo,
        mut skeletons: Vec<Skeleton>,
        (second_look, pixel_aspect): (SecondLook, f32),
        device: &Device,
    ) -> Result<(Vec<Skeleton>, usize), RunError> {
        let around = |bbox: &BBox| crop::around_box(bbox, pixel_aspect);
        let everybody = skeletons.iter().enumerate();
        // Who gets a second crop, where and how.
        let (again, view): (Vec<(usize, Framing)>, View) = match second_look {
            SecondLook::None => return Ok((skeletons, 0)),
            SecondLook::Turned => {
                let unsure = everybody.filter(|(_, person)| person.joint_score() < UNSURE);
                (unsure.map(|(i, person)| (i, around(&person.bbox))).collect(), View::Turned)
            }
            SecondLook::Mirrored => (everybody.map(|(i, person)| (i, around(&person.bbox))).collect(), View::Mirrored),
            SecondLook::Refined => {
                let refined = |person: &Skeleton| crop::around_joints(&person.joints, pixel_aspect);
                (everybody.filter_map(|(i, person)| Some((i, refined(person)?))).collect(), View::Upright)
            }
            SecondLook::Alone => {
                let kept = unlike(&skeletons);
                let twins = everybody.filter(|(i, _)| !kept.contains(i));
                (twins.map(|(i, person)| (i, around(&person.bbox))).collect(), View::Upright)
            }
        };
        let (which, framings): (Vec<usize>, Vec<Framing>) = again.into_iter().unzip();
        let mut crops: Vec<Vec<f32>> = framings.iter().map(|framing| crop_at_centres(photo, framing)).collect();
        crops.iter_mut().for_each(|crop| view.turn(crop));
        if second_look == SecondLook::Alone {
            for ((crop, framing), &i) in crops.iter_mut().zip(&framings).zip(&which) {
                blank_around(crop, framing, &skeletons[i].bbox);
            }
        }
        let found = self.joints(&crops, device).await?;
        for ((i, framing), joints) in which.into_iter().zip(&framings).zip(&found) {
            let person = &mut skeletons[i];
            let second = Skeleton { joints: to_photo(framing, &view.undo(joints)), ..person.clone() };
            if view == View::Mirrored {
                average(&mut person.joints, &second.joints);
            } else if second.score() > person.score() {
                *person = second;
            }
        }
        Ok((skeletons, crops.len()))
    }
}

/// The skeletons of people, in photo pixels.
///
/// # Arguments
/// * `people` - a box in photo pixels and its score for each crop.
#[must_use]
pub fn skeletons(people: &[(BBox, f32)], crops: &[PersonCrop], maps: &HeatMaps) -> Vec<Skeleton> {
    let joints = maps.joints();
    let found = people.iter().zip(crops).zip(&joints);
    let skeleton = |((&(bbox, box_score), crop), joints): ((&(BBox, f32), &PersonCrop), &[CropJoint; JOINTS])| {
        Skeleton { bbox, box_score, joints: to_photo(&crop.framing, joints) }
    };
    found.map(skeleton).collect()
}

/// The people among a detector's detections, best first, at most [`MAX_PEOPLE`]: a box in photo pixels and its score each.
/// Only people compete, whatever else the detector took them for.
#[must_use]
pub fn people(candidates: &[Candidate], rule: &Suppression) -> Vec<(BBox, f32)> {
    people_among(candidates, rule).into_iter().map(|i| (candidates[i].bbox, candidates[i].score)).collect()
}

/// As [`people`], as indices of the candidates.
#[must_use]
pub fn people_among(candidates: &[Candidate], rule: &Suppression) -> Vec<usize> {
    let all: Vec<usize> = (0..candidates.len()).filter(|&i| candidates[i].class == PERSON).collect();
    let people: Vec<Candidate> = all.iter().map(|&i| candidates[i]).collect();
    let rule = Suppression { max_boxes: rule.max_boxes.min(MAX_PEOPLE), ..*rule };
    suppress(&people, &rule).kept.into_iter().map(|kept| all[kept]).collect()
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

/// Blanks what lies outside a person's own box, and a little more.
///
/// # Arguments
/// * `crop` - as for [`MoveNet::heat_maps`].
/// * `own` - in photo pixels.
fn blank_around(crop: &mut [f32], framing: &Framing, own: &BBox) {
    let (dx, dy) = (own.width() * OWN_MARGIN, own.height() * OWN_MARGIN);
    let own = BBox::new(own.x0 - dx, own.y0 - dy, own.x1 + dx, own.y1 + dy);
    let fraction = |i: usize| (i as f32 + 0.5) / INPUT as f32;
    for (i, pixel) in crop.chunks_exact_mut(3).enumerate() {
        let (x, y) = framing.fraction_to_photo((fraction(i % INPUT), fraction(i / INPUT)));
        if x < own.x0 || x > own.x1 || y < own.y0 || y > own.y1 {
            pixel.fill(BLANK);
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
