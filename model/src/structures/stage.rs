//! A stage of a run with what it produced: what the page draws.

mod anchors;
mod cells;
mod feature_map;
mod layer_table;

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

pub use self::{
    anchors::{AnchorGrid, Anchors, TOP},
    cells::{CellBox, Cells},
    feature_map::{FeatureMap, Peak, Picture, Region, ScoreMaps},
    layer_table::{LayerTable, LayerTime},
};
use super::{
    boxes::Candidate, caption::Caption, class_map::ClassMap, hierarchy::Hierarchies, location::Location,
    mask::InstanceMask, proposal::Proposal, skeleton::Skeleton,
};

/// A stage of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stage {
    /// Its key in the catalogue, e.g. "mobilenet-v2".
    pub key: Cow<'static, str>,
    /// Wall-clock milliseconds, reads from the device included.
    pub ms: f64,
    /// Forward passes of a network over pixels (not over features that are there already).
    pub passes: u32,
    /// Whether it was taken from the photo's cache: an earlier run on this photo has computed it in `ms` milliseconds.
    pub reused: bool,
    /// Whether `ms` is only how long queuing its work took: the device was asynchronous and nobody waited for it. The next
    /// stage that reads numbers has waited.
    pub queued: bool,
    /// How much of it is done, while it is not finished.
    pub progress: Option<Progress>,
    /// What it produced. Results always have theirs; other stages only in a run that somebody looks into.
    pub artifact: Option<Artifact>,
}

/// How much of a long stage is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// Steps done, e.g. crops that have been scored.
    pub done: u32,
    /// Steps in all.
    pub total: u32,
}

/// What a long stage has done so far, so that another worker can go on from there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Kept {
    /// The stage's key in the catalogue.
    pub key: Cow<'static, str>,
    /// What else its result depends on, as it prints.
    pub settings: String,
    /// Wall-clock milliseconds so far.
    pub ms: f64,
    /// Passes so far.
    pub passes: u32,
    /// What is done, in a form of the stage's own.
    #[serde(with = "serde_bytes")]
    pub bytes: Vec<u8>,
}

impl Kept {
    /// Adds what the stage has done since.
    pub fn append(&mut self, later: Self) {
        (self.ms, self.passes) = (later.ms, later.passes);
        self.bytes.extend(later.bytes);
    }
}

/// What a stage produced, on the host. Places are in photo pixels.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Artifact {
    /// The pixels that a network reads.
    Input(Picture),
    /// Feature maps of one pass, finest first.
    FeatureMaps(Vec<FeatureMap>),
    /// Boxes on grids with what a head says of each, before anything is left out: SSD's default boxes, an RPN's anchors.
    Anchors(Anchors),
    /// Cells of a coarse grid with their boxes and classes.
    Cells(Cells),
    /// Regions that may hold an object, likeliest first.
    Proposals(Vec<Proposal>),
    /// Regions of the photo with what was cut out of them.
    Regions(Vec<Region>),
    /// Segments of the photo, the merges that group them, and the proposals from them.
    Hierarchies(Hierarchies),
    /// Maps of scores over regions of the photo: heat maps of joints, of classes, of a region's mask.
    ScoreMaps(Vec<ScoreMaps>),
    /// Scored boxes before suppression.
    Detections(Vec<Candidate>),
    /// A mask for some of the detections, best first.
    Masks(Vec<InstanceMask>),
    /// People with their joints, best first.
    Skeletons(Vec<Skeleton>),
    /// The class of each pixel.
    ClassMap(ClassMap),
    /// The caption of the whole photo, then those of its regions, best first.
    Captions(Vec<Caption>),
    /// One class and one box for the whole photo.
    Location(Location),
    /// A feature vector of the whole photo.
    Vector(Vec<f32>),
}
