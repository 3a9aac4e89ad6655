//! The stages of a run, with what each produced: what the page draws.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::{
    boxes::{BBox, Candidate},
    caption::Caption,
    class_map::ClassMap,
    hierarchy::Hierarchies,
    location::Location,
    mask::InstanceMask,
    proposal::Proposal,
    skeleton::Skeleton,
};
use crate::catalog::System;

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

/// The stages of one system on one photo, in order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// The system.
    pub system: System,
    /// Its stages so far.
    pub stages: Vec<Stage>,
}

impl Run {
    /// An empty run.
    #[must_use]
    pub const fn new(system: System) -> Self {
        Self { system, stages: Vec::new() }
    }

    /// Adds a stage, or replaces the one of the same key.
    pub fn note(&mut self, stage: Stage) {
        match self.stages.iter_mut().find(|known| known.key == stage.key) {
            Some(known) => *known = stage,
            None => self.stages.push(stage),
        }
    }

    /// A stage by its key.
    #[must_use]
    pub fn stage(&self, key: &str) -> Option<&Stage> {
        self.stages.iter().find(|stage| stage.key == key)
    }

    /// Milliseconds of the stages that this run has computed itself.
    #[must_use]
    pub fn total_ms(&self) -> f64 {
        self.stages.iter().filter(|stage| !stage.reused).map(|stage| stage.ms).sum()
    }

    /// The artifacts, first stage first.
    pub fn artifacts(&self) -> impl DoubleEndedIterator<Item = &Artifact> {
        self.stages.iter().filter_map(|stage| stage.artifact.as_ref())
    }

    /// The detections before suppression.
    #[must_use]
    pub fn detections(&self) -> Option<&[Candidate]> {
        self.artifacts().rev().find_map(|it| if let Artifact::Detections(found) = it { Some(&found[..]) } else { None })
    }

    /// The skeletons.
    #[must_use]
    pub fn skeletons(&self) -> Option<&[Skeleton]> {
        self.artifacts().rev().find_map(|it| if let Artifact::Skeletons(found) = it { Some(&found[..]) } else { None })
    }

    /// The instance masks.
    #[must_use]
    pub fn masks(&self) -> Option<&[InstanceMask]> {
        self.artifacts().rev().find_map(|it| if let Artifact::Masks(found) = it { Some(&found[..]) } else { None })
    }

    /// The class map.
    #[must_use]
    pub fn class_map(&self) -> Option<&ClassMap> {
        self.artifacts().rev().find_map(|it| if let Artifact::ClassMap(map) = it { Some(map) } else { None })
    }

    /// The captions.
    #[must_use]
    pub fn captions(&self) -> Option<&[Caption]> {
        self.artifacts().rev().find_map(|it| if let Artifact::Captions(said) = it { Some(&said[..]) } else { None })
    }

    /// The one class and the one box.
    #[must_use]
    pub fn location(&self) -> Option<&Location> {
        self.artifacts().rev().find_map(|it| if let Artifact::Location(found) = it { Some(found) } else { None })
    }
}

/// What a stage produced, on the host. Places are in photo pixels.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "value", rename_all = "kebab-case")]
pub enum Artifact {
    /// The pixels that a network reads.
    Input(Picture),
    /// Feature maps of one pass, finest first.
    FeatureMaps(Vec<FeatureMap>),
    /// Boxes on grids with what a head says of each, before anything is left out: SSD's default boxes, an RPN's anchors.
    Anchors(Anchors),
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

/// Pixels that a network reads, and where they come from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Picture {
    /// Pixels across.
    pub width: usize,
    /// Pixels down.
    pub height: usize,
    /// Red, green, blue, row by row.
    #[serde(with = "serde_bytes")]
    pub rgb: Vec<u8>,
    /// The part of the photo that it shows, in photo pixels; it may reach out of the photo.
    pub region: BBox,
}

/// A feature map with its numbers in 256 steps.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FeatureMap {
    /// What it is called, e.g. "stride 16".
    pub name: Cow<'static, str>,
    /// Cells across.
    pub width: usize,
    /// Cells down.
    pub height: usize,
    /// Numbers a cell.
    pub channels: usize,
    /// The smallest number of the map: that of step 0.
    pub min: f32,
    /// The largest number of the map: that of step 255.
    pub max: f32,
    /// Milliseconds that computing the map took, where it was timed apart.
    pub ms: Option<f64>,
    /// The numbers as steps: all of channel 0 row by row, then channel 1 ...
    #[serde(with = "serde_bytes")]
    pub steps: Vec<u8>,
}

/// Boxes on grids, each with what a head says of it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Anchors {
    /// The grids in the order of the boxes.
    pub grids: Vec<AnchorGrid>,
    /// Left, top, right, bottom of each box before correction, in photo pixels: grid by grid, row by row, then the boxes of a
    /// cell.
    pub boxes: Vec<f32>,
    /// The correction `dx, dy, dw, dh` of each box: shifts of the centre in widths and heights of the box, logarithms of the
    /// factors of its size.
    pub corrections: Vec<f32>,
    /// Left, top, right, bottom of each box after correction, in photo pixels.
    pub corrected: Vec<f32>,
    /// The [`TOP`] best classes of each box, best first: COCO category ids, 0 for "an object" where a head knows no classes.
    pub classes: Vec<u16>,
    /// The scores of those classes, 0 to 1.
    pub scores: Vec<f32>,
}

/// Classes that [`Anchors`] keeps of each box.
pub const TOP: usize = 3;

/// A grid of [`Anchors`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnchorGrid {
    /// Cells across.
    pub width: usize,
    /// Cells down.
    pub height: usize,
    /// Boxes a cell.
    pub per_cell: usize,
}

/// A region of the photo with what was cut out of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Region {
    /// Where, in photo pixels.
    pub bbox: BBox,
    /// Which detection it belongs to, an index into the run's detections; `None` for the whole photo.
    pub candidate: Option<usize>,
    /// The pixels that a network reads of it, if it was cut out of the photo.
    pub picture: Option<Picture>,
    /// The features that were pooled from it, if it was cut out of feature maps.
    pub features: Option<FeatureMap>,
}

/// Maps of scores over one region of the photo.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScoreMaps {
    /// The part of the photo that the maps cover, in photo pixels.
    pub region: BBox,
    /// Which detection it belongs to, an index into the run's detections; `None` for the whole photo.
    pub candidate: Option<usize>,
    /// The name of each channel, e.g. of a class or a joint.
    pub names: Vec<Cow<'static, str>>,
    /// The maps.
    pub maps: FeatureMap,
    /// Points that were read from the maps, in photo pixels: the peak of each channel before (`from`) and after (`to`) its
    /// offset; empty where nothing is read from peaks.
    pub peaks: Vec<Peak>,
}

/// The peak of a heat map.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Peak {
    /// The centre of the best cell, in photo pixels.
    pub from: (f32, f32),
    /// The place after the offset that the network predicts there, in photo pixels.
    pub to: (f32, f32),
    /// Its score, 0 to 1.
    pub score: f32,
}

/// A network's layer, timed alone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LayerTime {
    /// What it is called among the weights, e.g. `backbone.blocks.3.expand`.
    pub name: String,
    /// Its kind in words, with the stride: "1x1", "depthwise 3x3 /2".
    pub kind: String,
    /// `[batch, height, width, channels]`.
    pub input: [usize; 4],
    /// `[batch, height, width, channels]`.
    pub output: [usize; 4],
    /// Multiply-adds of one run (windows that hang over an edge are counted in full).
    pub multiply_adds: f64,
    /// Milliseconds of one run, the median.
    pub ms: f64,
}

/// A network's layers with their times, and what the device can do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LayerTable {
    /// In the order in which they run.
    pub layers: Vec<LayerTime>,
    /// Multiply-adds a second of a plain matrix product, in billions.
    pub peak: f64,
}

impl FeatureMap {
    /// A map from numbers as a network has them.
    ///
    /// # Arguments
    /// * `values` - `[height, width, channels]`, row-major, all finite.
    #[must_use]
    pub fn from_values(
        name: impl Into<Cow<'static, str>>,
        (height, width, channels): (usize, usize, usize),
        values: &[f32],
    ) -> Self {
        let (min, max) = values.iter().fold((f32::INFINITY, f32::NEG_INFINITY), |(lo, hi), &v| (lo.min(v), hi.max(v)));
        let (min, max) = if values.is_empty() { (0.0, 0.0) } else { (min, max) };
        let scale = if max > min { 255.0 / (max - min) } else { 0.0 };
        let cells = width * height;
        let mut steps = vec![0; cells * channels];
        for (cell, numbers) in values.chunks_exact(channels.max(1)).enumerate().take(cells) {
            for (channel, &value) in numbers.iter().enumerate() {
                // In 0 to 255 by construction.
                steps[channel * cells + cell] = ((value - min) * scale).round() as u8;
            }
        }
        Self { name: name.into(), width, height, channels, min, max, ms: None, steps }
    }

    /// The number of a cell, to the nearest step; `None` outside.
    #[must_use]
    pub fn value(&self, channel: usize, x: usize, y: usize) -> Option<f32> {
        let inside = channel < self.channels && x < self.width && y < self.height;
        let step = *self.steps.get((channel * self.height + y) * self.width + x).filter(|_| inside)?;
        Some(self.min + (self.max - self.min) * f32::from(step) / 255.0)
    }
}

impl Anchors {
    /// How many boxes there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.boxes.len() / 4
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.boxes.is_empty()
    }

    /// The boxes of one cell as indices.
    ///
    /// # Arguments
    /// * `grid` - an index into [`Anchors::grids`].
    /// * `(x, y)` - the cell's column and row.
    #[must_use]
    pub fn of_cell(&self, grid: usize, (x, y): (usize, usize)) -> std::ops::Range<usize> {
        let count = |grid: &AnchorGrid| grid.width * grid.height * grid.per_cell;
        let before: usize = self.grids.iter().take(grid).map(count).sum();
        match self.grids.get(grid) {
            Some(it) if x < it.width && y < it.height => {
                let first = before + (y * it.width + x) * it.per_cell;
                first..first + it.per_cell
            }
            _ => 0..0,
        }
    }

    /// A box before correction, in photo pixels.
    #[must_use]
    pub fn bbox(&self, index: usize) -> Option<BBox> {
        four(&self.boxes, index).map(|[x0, y0, x1, y1]| BBox::new(x0, y0, x1, y1))
    }

    /// A box after correction, in photo pixels.
    #[must_use]
    pub fn corrected(&self, index: usize) -> Option<BBox> {
        four(&self.corrected, index).map(|[x0, y0, x1, y1]| BBox::new(x0, y0, x1, y1))
    }

    /// The correction `dx, dy, dw, dh` of a box.
    #[must_use]
    pub fn correction(&self, index: usize) -> Option<[f32; 4]> {
        four(&self.corrections, index)
    }

    /// The best classes of a box with their scores, best first.
    pub fn top(&self, index: usize) -> impl Iterator<Item = (u16, f32)> + '_ {
        let classes = self.classes.iter().copied().skip(index * TOP).take(TOP);
        classes.zip(self.scores.iter().copied().skip(index * TOP).take(TOP))
    }
}

fn four(values: &[f32], index: usize) -> Option<[f32; 4]> {
    values.get(index * 4..index * 4 + 4)?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_map_keeps_its_numbers_to_half_a_step_channel_by_channel() {
        // Two rows of three cells with two numbers each.
        let values: Vec<f32> = (0..12).map(|i| if i % 2 == 0 { i as f32 } else { -(i as f32) }).collect();
        let map = FeatureMap::from_values("stride 8", (2, 3, 2), &values);
        assert_eq!((map.min, map.max, map.steps.len()), (-11.0, 10.0, 12));
        for (i, &value) in values.iter().enumerate() {
            let (channel, x, y) = (i % 2, i / 2 % 3, i / 6);
            let kept = map.value(channel, x, y).expect("inside");
            assert!((kept - value).abs() <= 21.0 / 255.0 / 2.0 + 1e-5, "{kept} is not {value}");
        }
        assert_eq!(map.value(0, 3, 0), None);
        assert_eq!(FeatureMap::from_values("flat", (1, 2, 1), &[4.0, 4.0]).value(0, 1, 0), Some(4.0));
    }

    #[test]
    fn cells_have_their_boxes() {
        let grid = |width, height, per_cell| AnchorGrid { width, height, per_cell };
        let grids = vec![grid(2, 2, 3), grid(1, 1, 6)];
        let boxes = (0..18 * 4).map(|i| i as f32).collect();
        let anchors = Anchors { grids, boxes, ..Anchors::default() };
        assert_eq!((anchors.of_cell(0, (1, 1)), anchors.of_cell(1, (0, 0))), (9..12, 12..18));
        assert!(anchors.of_cell(0, (2, 0)).is_empty() && anchors.of_cell(2, (0, 0)).is_empty());
        assert_eq!(anchors.bbox(1), Some(BBox::new(4.0, 5.0, 6.0, 7.0)));
        assert_eq!((anchors.len(), anchors.bbox(18), anchors.corrected(0)), (18, None, None));
    }

    #[test]
    fn a_stage_said_again_replaces_the_first() {
        let stage = |key: &'static str, ms, reused| Stage {
            key: key.into(),
            ms,
            passes: 0,
            reused,
            progress: None,
            artifact: None,
        };
        let mut run = Run::new(System::Ssd);
        run.note(stage("input", 1.0, false));
        run.note(stage("mobilenet-v2", 30.0, true));
        run.note(stage("input", 2.0, false));
        assert_eq!((run.stages.len(), run.total_ms()), (2, 2.0));
        assert_eq!(run.detections(), None);
    }
}
