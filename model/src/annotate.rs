//! Annotating many photos from the command line: which photos, by which system, into which file. Shared by the binaries
//! `annotate` and `evaluate`.

mod photo_list;

use std::{
    io,
    path::{Path, PathBuf},
};

use burn::tensor::Device;
use clap::{Args, ValueEnum};

pub use self::photo_list::PhotoList;
use crate::{
    boxes::{BBox, Competition, Suppression, suppress},
    coco::DetectionResult,
    photo::{Photo, PhotoError},
    skeleton::{Skeleton, suppress_alike},
    systems::{
        RunError,
        pose::{PERSON_FLOOR, Pose, SecondLook, Settings, people},
        ssd::{SCORE_FLOOR, Ssd},
    },
    trace::Trace,
    weights::WeightsError,
};

/// The systems that annotate photos.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum System {
    /// SSDLite MobileNetV2: boxes of COCO's 80 categories.
    Ssd,
    /// MoveNet in the boxes of people that SSDLite finds: skeletons of 17 joints.
    Pose,
}

impl System {
    /// Where `cargo xtask weights` leaves the network of this system, from the root of the repository.
    #[must_use]
    pub const fn default_weights(self) -> &'static str {
        match self {
            Self::Ssd => "assets/cache/ssd.bpk",
            Self::Pose => "assets/cache/movenet.bpk",
        }
    }

    /// The lowest score of a box that counts, unless asked otherwise.
    const fn default_min_score(self) -> f32 {
        match self {
            Self::Ssd => SCORE_FLOOR,
            Self::Pose => PERSON_FLOOR,
        }
    }
}

/// The choice of a system and what is kept of its guesses.
#[derive(Args, Clone, Debug)]
pub struct Options {
    /// The system to run.
    #[arg(long, value_enum, default_value = "ssd")]
    pub system: System,
    /// Keep boxes with at least this score; the network gives none below 0.05 [default: 0.05; 0.2 for the people of pose].
    #[arg(long, value_parser = fraction)]
    pub min_score: Option<f32>,
    /// Of two guesses that overlap by more than this (intersection over union), keep the better.
    #[arg(long, default_value_t = 0.5, value_parser = fraction)]
    pub iou: f32,
    /// Which guesses compete.
    #[arg(long, value_enum, default_value = "per-class")]
    pub nms: Rivals,
    /// Keep at most this many boxes a photo; pose looks at 20 people at most.
    #[arg(long, default_value_t = 100)]
    pub max_boxes: usize,
    /// The network's weights [default: assets/cache/NETWORK.bpk].
    #[arg(long)]
    pub weights: Option<PathBuf>,
    /// The weights of the detector that pose takes its boxes from [default: assets/cache/ssd.bpk].
    #[arg(long)]
    pub detector: Option<PathBuf>,
    /// Whether pose looks at people a second time.
    #[arg(long, value_enum, default_value = "none")]
    pub second_look: SecondLook,
    /// Square photos were squashed to that shape by their source: pose tries three shapes of crop and keeps, for each
    /// photo, the one in which joints are surest.
    #[arg(long)]
    pub squashed: bool,
}

/// [`Competition`] on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Rivals {
    /// Only guesses of one class: the usual rule.
    PerClass,
    /// Each default box keeps its best class, then all compete: the rule of TensorFlow.js coco-ssd.
    ClassAgnostic,
}

fn fraction(text: &str) -> Result<f32, String> {
    let value: f32 = text.parse().map_err(|error: std::num::ParseFloatError| error.to_string())?;
    if (0.0..=1.0).contains(&value) { Ok(value) } else { Err("it must be from 0 to 1".into()) }
}

impl Options {
    /// The suppression rule.
    #[must_use]
    pub const fn suppression(&self) -> Suppression {
        let competition = match self.nms {
            Rivals::PerClass => Competition::PerClass,
            Rivals::ClassAgnostic => Competition::ClassAgnostic,
        };
        let min_score = match self.min_score {
            Some(score) => score,
            None => self.system.default_min_score(),
        };
        Suppression { min_score, iou: self.iou, competition, max_boxes: self.max_boxes }
    }
}

/// Why a system cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum SetUpError {
    /// There are no weights.
    #[error("there are no weights at {}: run `cargo xtask weights` first, or name a file with --weights", .0.display())]
    NoWeights(PathBuf),
    /// The weights could not be read from disk.
    #[error("the weights at {} could not be read: {}", .0.display(), .1)]
    Unreadable(PathBuf, io::Error),
    /// The weights are not this network's.
    #[error("the weights at {} cannot be used ({}): run `cargo xtask weights` again", .0.display(), .1)]
    Unusable(PathBuf, WeightsError),
}

/// Why one photo could not be annotated.
#[derive(Debug, thiserror::Error)]
pub enum AnnotateError {
    /// The file is no photo that can be read.
    #[error(transparent)]
    Photo(#[from] PhotoError),
    /// The network failed.
    #[error(transparent)]
    Run(#[from] RunError),
}

/// The shapes that squashed photos may have had: most cameras take 4 : 3 or 3 : 4.
const SQUASHED_ASPECTS: [f32; 3] = [4.0 / 3.0, 1.0, 3.0 / 4.0];

/// A system with its weights on a device.
pub struct Annotator {
    detector: Ssd,
    /// The network that looks into the boxes of people, in the system that has one.
    pose: Option<Pose>,
    device: Device,
    suppression: Suppression,
    second_look: SecondLook,
    squashed: bool,
}

impl Annotator {
    /// Loads the weights onto burn's CPU backend.
    ///
    /// # Errors
    /// When the weights are missing, unreadable or another network's.
    pub fn load(options: &Options) -> Result<Self, SetUpError> {
        let device = Device::flex();
        let own = options.weights.clone().unwrap_or_else(|| options.system.default_weights().into());
        let (detector, pose) = match options.system {
            System::Ssd => (own, None),
            System::Pose => {
                let detector = options.detector.clone().unwrap_or_else(|| System::Ssd.default_weights().into());
                (detector, Some(load_network(&own, |bytes| Pose::load(bytes, &device))?))
            }
        };
        let detector = load_network(&detector, |bytes| Ssd::load(bytes, &device))?;
        let Options { second_look, squashed, .. } = *options;
        Ok(Self { detector, pose, device, suppression: options.suppression(), second_look, squashed })
    }

    /// Annotates one file.
    ///
    /// # Arguments
    /// * `path` - the file to read.
    /// * `name` - what the results call it.
    ///
    /// # Errors
    /// When the file is no photo or the network fails.
    pub fn annotate(&self, path: &Path, name: &str) -> Result<Vec<DetectionResult>, AnnotateError> {
        let photo = Photo::open(path)?;
        let candidates = pollster::block_on(self.detector.detect(&photo, &self.device, &mut Trace::default()))?;
        let Some(pose) = &self.pose else {
            let survivors = suppress(&candidates, &self.suppression).kept;
            let results = survivors.iter().filter_map(|&i| DetectionResult::from_candidate(name, &candidates[i]));
            return Ok(results.collect());
        };
        let found = self.skeletons(pose, &photo, &people(&candidates, &self.suppression))?;
        Ok(results(&suppress_alike(found), name))
    }

    /// Annotates people whose boxes are known.
    ///
    /// # Arguments
    /// * `people` - a box in photo pixels and its score for each person.
    ///
    /// # Errors
    /// As [`Annotator::annotate`].
    ///
    /// # Panics
    /// When the system is not [`System::Pose`].
    pub fn annotate_people(
        &self,
        path: &Path,
        name: &str,
        people: &[(BBox, f32)],
    ) -> Result<Vec<DetectionResult>, AnnotateError> {
        let pose = self.pose.as_ref().expect("the caller chose the system that finds skeletons");
        Ok(results(&self.skeletons(pose, &Photo::open(path)?, people)?, name))
    }

    fn skeletons(&self, pose: &Pose, photo: &Photo, people: &[(BBox, f32)]) -> Result<Vec<Skeleton>, RunError> {
        let tried = self.squashed && photo.width() == photo.height();
        let aspects: &[f32] = if tried { &SQUASHED_ASPECTS } else { &[1.0] };
        let (mut best, mut best_score) = (Vec::new(), f32::NEG_INFINITY);
        for &pixel_aspect in aspects {
            let settings = Settings { second_look: self.second_look, pixel_aspect };
            let mut trace = Trace::default();
            let found = pose.estimate_with(photo, people, settings, &self.device, &mut trace);
            let found = pollster::block_on(found)?;
            let score = found.iter().map(Skeleton::joint_score).sum();
            if score > best_score {
                (best, best_score) = (found, score);
            }
        }
        Ok(best)
    }
}

/// Skeletons as COCO's results on the photo `name`.
fn results(skeletons: &[Skeleton], name: &str) -> Vec<DetectionResult> {
    skeletons.iter().filter_map(|skeleton| DetectionResult::from_skeleton(name, skeleton)).collect()
}

fn load_network<N>(path: &Path, load: impl FnOnce(Vec<u8>) -> Result<N, WeightsError>) -> Result<N, SetUpError> {
    let bytes = std::fs::read(path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => SetUpError::NoWeights(path.to_owned()),
        _ => SetUpError::Unreadable(path.to_owned(), error),
    })?;
    load(bytes).map_err(|error| SetUpError::Unusable(path.to_owned(), error))
}

/// Writes results as COCO's JSON array, one a line. The file appears whole or not at all.
///
/// # Errors
/// When the file cannot be written.
pub fn write_results(path: &Path, results: &[DetectionResult]) -> io::Result<()> {
    let mut text = String::from("[");
    for (i, result) in results.iter().enumerate() {
        text.push_str(if i == 0 { "\n" } else { ",\n" });
        text.push_str(&serde_json::to_string(result)?);
    }
    text.push_str("\n]\n");
    let mut partial = path.as_os_str().to_owned();
    partial.push(".partial");
    std::fs::write(&partial, text)?;
    std::fs::rename(&partial, path).inspect_err(|_| {
        // The rename's error is the one to report; a partial file that cannot be removed either stays.
        let _ = std::fs::remove_file(&partial);
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thresholds_are_fractions() {
        assert_eq!(fraction("0.3"), Ok(0.3));
        for text in ["-0.1", "1.5", "nan", "much"] {
            assert!(fraction(text).is_err(), "{text}");
        }
    }
}
