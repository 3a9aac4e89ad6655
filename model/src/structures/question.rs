//! Questions about a photo that systems answer beside their runs, and the answers.

use serde::{Deserialize, Serialize};

use super::{
    boxes::{BBox, Candidate},
    class_map::ClassMap,
    location::Location,
    ranking::ranked,
    stage::{FeatureMap, Picture},
};

/// What is asked about a photo.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "value", rename_all = "kebab-case")]
pub enum Question {
    /// What is in each of these regions, in fractions of the photo: the second stage of a detector says it, or the network that
    /// a sliding window goes through.
    Regions(Vec<BBox>),
    /// The masks of these regions, in fractions of the photo, by each way of pooling.
    Masks(Vec<BBox>),
    /// What the heads of classification + localization compute with.
    Heads,
    /// The same of heads that were trained to be compared: with other weights of the box, and with a box for each class.
    ComparedHeads,
    /// The class map by each way of upsampling in the last steps up, as many as this says; the steps before stay learned.
    ClassMaps(u8),
    /// What R-CNN's classifiers say of crops.
    Crops(Vec<Crop>),
    /// The maps of the same backbone before any training.
    UntrainedMaps(u32),
    /// One class and one box for a part of the photo.
    Location(PhotoView),
    /// What a detector finds in the photo squashed to squares of these sides, in pixels; each is rounded to a multiple of 32.
    InputSides(Vec<u16>),
    /// The gradient of a second stage's losses with respect to the feature map that it reads.
    FeatureGradient(LabelledRegion),
    /// The things of the photo by networks that were trained each with another unpooling.
    Unpooled,
}

/// A region with what is truly there.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct LabelledRegion {
    /// What the second stage is given, in fractions of the photo.
    pub region: BBox,
    /// The true box, in fractions of the photo.
    pub truth: BBox,
    /// The place of the true class among the probabilities of [`RegionClasses`].
    pub class: usize,
}

/// A part of the photo, turned.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct PhotoView {
    /// The part, in fractions of the photo.
    pub region: BBox,
    /// How often it is turned by 90 degrees clockwise: 0 to 3.
    pub turns: u8,
}

/// A part of the photo that is warped to the square which a network reads.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Crop {
    /// The thing, in fractions of the photo.
    pub thing: BBox,
    /// What is warped, in fractions of the photo; it may leave it.
    pub region: BBox,
    /// What is left of the photo.
    pub keeps: Kept,
}

/// What a crop shows of the photo; the rest is grey.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kept {
    /// Everything.
    Photo,
    /// What lies in the thing's box.
    Box,
    /// What lies in the region of Selective Search whose box overlaps most with the thing's.
    Segment,
}

impl Question {
    /// The name of weights that the answer takes beside those of the system.
    #[must_use]
    pub const fn weights(&self) -> Option<&'static str> {
        match self {
            Self::ComparedHeads => Some("localize-heads"),
            // Once more, for the way back.
            Self::FeatureGradient(_) => Some("faster-rcnn"),
            Self::Unpooled => Some("unpooling"),
            Self::Regions(_)
            | Self::Masks(_)
            | Self::Heads
            | Self::ClassMaps(_)
            | Self::Crops(_)
            | Self::UntrainedMaps(_)
            | Self::Location(_)
            | Self::InputSides(_) => None,
        }
    }
}

/// What a system answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// Of each region, in the order of the question.
    Regions(Vec<RegionClasses>),
    /// Of each region, in the order of the question.
    Masks(Vec<PooledMasks>),
    /// The heads, one element for each way in which they were trained.
    Heads(Vec<LinearHeads>),
    /// One network, upsampling in several ways.
    ClassMaps(UpsampledClassMaps),
    /// Of each crop, in the order of the question.
    Crops(Vec<ScoredCrop>),
    /// Feature maps, finest first.
    Maps(Vec<FeatureMap>),
    /// Of a part of the photo.
    Location(SeenLocation),
    /// At each side, in the order of the question.
    InputSides(Vec<SizedDetections>),
    /// Of each of the two losses.
    FeatureGradient(FeatureGradient),
    /// By each way of unpooling.
    Unpooled(UnpooledMasks),
}

/// How strongly the losses of a region depend on each place of the feature map that the region was cut out of.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FeatureGradient {
    /// Cells across of the map, which covers the whole photo.
    pub width: usize,
    /// Cells down.
    pub height: usize,
    /// The loss of the class and the norm of its gradient in each cell.
    pub class: LossGradient,
    /// The same of the correction: smooth L1 of its four numbers, summed.
    pub correction: LossGradient,
}

/// A loss with its gradient at each place of a map.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LossGradient {
    /// The loss.
    pub loss: f32,
    /// The Euclidean norm over the channels, row by row.
    pub norms: Vec<f32>,
}

impl LossGradient {
    /// The largest norm; 0 where the gradient is 0 everywhere.
    #[must_use]
    pub fn largest(&self) -> f32 {
        self.norms.iter().copied().fold(0.0, f32::max)
    }
}

/// What a detector finds with its input at another size.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SizedDetections {
    /// Height and width of the input in pixels.
    pub side: u16,
    /// From the photo's pixels to the detections, in milliseconds.
    pub ms: f64,
    /// After suppression, best first, in fractions of the photo; their priors are places among the proposals.
    pub detections: Vec<Candidate>,
}

/// One class and one box of a part of the photo, with what the network saw.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SeenLocation {
    /// The class, and the box in fractions of what was seen.
    pub location: Location,
    /// What the network read; its region is the part of the photo, in photo pixels, before it is turned.
    pub picture: Picture,
}

/// What R-CNN's classifiers say of a crop.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ScoredCrop {
    /// The score of each of COCO's classes, in their order: each has a classifier of its own, so they do not sum to 1.
    pub scores: Vec<f32>,
    /// The crop as the network reads it.
    pub picture: Picture,
    /// The box of the segment that was kept, in fractions of the photo.
    pub segment: Option<BBox>,
}

/// What a network says of one region.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RegionClasses {
    /// The probability of each class; they sum to 1. Detectors have COCO's classes in their order and then the background,
    /// class maps those of [`super::class_map::CLASSES`].
    pub probabilities: Vec<f32>,
    /// The region after the network's correction, inside the photo, in fractions of it; `None` if it makes none.
    pub corrected: Option<BBox>,
}

impl RegionClasses {
    /// The likeliest classes, best first: indices with their probabilities.
    #[must_use]
    pub fn best(&self, count: usize) -> Vec<(usize, f32)> {
        ranked(&self.probabilities, count)
    }
}

/// The mask of one region from features that were pooled in two ways.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PooledMasks {
    /// From RoIAlign, which the mask branch was trained on: `[28, 28]`, 255 times the probability of each cell.
    #[serde(with = "serde_bytes")]
    pub align: Vec<u8>,
    /// The same from RoIPool, which rounds regions and bins to whole cells of the map.
    #[serde(with = "serde_bytes")]
    pub pool: Vec<u8>,
}

/// How a network's way up makes its maps larger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Upsampling {
    /// Transposed convolution with the filters that it has learnt.
    Learned,
    /// The upper left weight of each learned filter at all of its places: nearest neighbour.
    NearestNeighbour,
    /// That weight in its own place, and nothing elsewhere.
    BedOfNails,
}

impl Upsampling {
    /// The learned one first.
    pub const ALL: [Self; 3] = [Self::Learned, Self::NearestNeighbour, Self::BedOfNails];
}

/// Class maps of one network, of which only the filters that upsample differ.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct UpsampledClassMaps {
    /// A map for each of [`Upsampling::ALL`].
    pub maps: Vec<ClassMap>,
    /// Learned 2 x 2 filters of the last step up, those with the largest weights, row by row.
    pub filters: Vec<[f32; 4]>,
}

/// How a network makes a pooled map larger with nothing to learn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unpooling {
    /// A number in all places of its square.
    #[default]
    NearestNeighbour,
    /// A number at the upper left of its square, nothing elsewhere.
    BedOfNails,
    /// A number where in its square the maximum was that the pooling took, nothing elsewhere.
    MaxUnpooling,
}

impl Unpooling {
    /// In the order of the lecture.
    pub const ALL: [Self; 3] = [Self::NearestNeighbour, Self::BedOfNails, Self::MaxUnpooling];
}

/// What is a thing in a photo and what is background, by networks that differ in their unpooling.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct UnpooledMasks {
    /// Pixels of each mask across and down; they cover the whole photo.
    pub side: usize,
    /// One for each of [`Unpooling::ALL`].
    pub masks: Vec<UnpooledMask>,
    /// The system's own class map on the same grid: 1 where it sees a thing, 0 where it sees the background.
    #[serde(with = "serde_bytes")]
    pub class_map: Vec<u8>,
}

/// The mask of one of the networks, and how good it is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct UnpooledMask {
    /// How the network makes its maps larger.
    pub way: Unpooling,
    /// 255 times the probability of a thing in each pixel, row by row.
    #[serde(with = "serde_bytes")]
    pub things: Vec<u8>,
    /// Intersection over union of things on photos that were kept back.
    pub iou: f32,
    /// The mean distance on those photos between its boundary and the true one, in pixels of the mask.
    pub boundary_error: f32,
    /// The share of boundary pixels there that lie on, or next to, the other boundary.
    pub near: f32,
}

/// Two fully connected layers on one vector, as numbers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LinearHeads {
    /// How much the loss of the box counted beside that of the class when they were trained.
    pub box_weight: f32,
    /// The share of the dev part's photos where class and box are right; `None` where that is on the card of the weights.
    pub right: Option<f32>,
    /// The photo's vector.
    pub vector: Vec<f32>,
    /// `[vector + 1, classes]`: a row of weights for each number of the vector, then the biases.
    pub classes: Vec<f32>,
    /// `[vector + 1, boxes * 4]`: as [`LinearHeads::classes`], for left, top, right and bottom in fractions of the photo, of one
    /// box for all classes or of one for each.
    pub corners: Vec<f32>,
}
