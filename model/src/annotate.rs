//! Annotating many photos from the command line: which photos, by which system, into which file. Shared by the binaries
//! `annotate` and `evaluate`.

mod finding;
mod options;
mod photo_list;

use std::{
    io,
    path::{Path, PathBuf},
};

use burn::tensor::Device;
use serde::Serialize;

pub use self::{
    finding::{CaptionResult, ClassResult, Finding, LocationResult, RegionResult, WordResult},
    options::{Options, RPN_WEIGHTS, Rivals, System},
    photo_list::PhotoList,
};
use crate::{
    boxes::{BBox, Candidate, Suppression, suppress},
    coco::DetectionResult,
    photo::{Photo, PhotoError},
    skeleton::{Skeleton, suppress_alike},
    systems::{
        RunError,
        caption::Captioner,
        faster_rcnn::FasterRcnn,
        localize::Localizer,
        mask::Masker,
        pose::{Pose, SecondLook, Settings, people},
        segment::Segmenter,
        ssd::{Seen, Ssd},
    },
    trace::Trace,
    weights::WeightsError,
};

/// Why a system cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum SetUpError {
    /// There are no weights.
    #[error("there are no weights at {}: run `cargo xtask weights` first, or name files with --weights and --detector", .0.display())]
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

/// Things of a photo that get a sentence of their own, the surest.
const CAPTIONED: usize = 6;

/// What runs on what the detector has seen.
enum Head {
    /// Nothing: its boxes are the result.
    Boxes,
    Pose(Box<Pose>),
    Mask(Box<Masker>),
    Segment(Box<Segmenter>),
    Caption(Box<Captioner>),
    Localize(Box<Localizer>),
    /// Looks at the photo itself, at another size than the detector.
    FasterRcnn(Box<FasterRcnn>),
}

/// A system with its weights on a device.
pub struct Annotator {
    detector: Ssd,
    head: Head,
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
        let head = match options.system {
            System::Ssd => Head::Boxes,
            System::Pose => Head::Pose(Box::new(load_network(&own, |bytes| Pose::load(bytes, &device))?)),
            System::Mask => Head::Mask(Box::new(load_network(&own, |bytes| Masker::load(bytes, &device))?)),
            System::Segment => Head::Segment(Box::new(load_network(&own, |bytes| Segmenter::load(bytes, &device))?)),
            System::Caption => Head::Caption(Box::new(load_network(&own, |bytes| Captioner::load(bytes, &device))?)),
            System::Localize => Head::Localize(Box::new(load_network(&own, |bytes| Localizer::load(bytes, &device))?)),
            System::FasterRcnn => {
                let proposals = load_network(&options.proposals, Ok)?;
                Head::FasterRcnn(Box::new(load_network(&own, |bytes| FasterRcnn::load(proposals, bytes, &device))?))
            }
        };
        let detector = match options.system {
            System::Ssd => own,
            _ => options.detector.clone().unwrap_or_else(|| System::Ssd.default_weights().into()),
        };
        let detector = load_network(&detector, |bytes| Ssd::load(bytes, &device))?;
        let Options { second_look, squashed, .. } = *options;
        Ok(Self { detector, head, device, suppression: options.suppression(), second_look, squashed })
    }

    /// Annotates one file.
    ///
    /// # Arguments
    /// * `path` - the file to read.
    /// * `name` - what the results call it.
    ///
    /// # Errors
    /// When the file is no photo or the network fails.
    pub fn annotate(&self, path: &Path, name: &str) -> Result<Vec<Finding>, AnnotateError> {
        let photo = Photo::open(path)?;
        let trace = &mut Trace::default();
        if let Head::FasterRcnn(system) = &self.head {
            return Ok(self.regions_in(system, &photo, name)?.into_iter().map(Finding::Object).collect());
        }
        let seen = self.detector.look(&photo, &self.device, trace);
        let size = (photo.width() as usize, photo.height() as usize);
        Ok(match &self.head {
            Head::Boxes | Head::Pose(_) | Head::Mask(_) => {
                self.objects_in(&photo, &seen, name)?.into_iter().map(Finding::Object).collect()
            }
            Head::Segment(segmenter) => {
                let map = pollster::block_on(segmenter.segment_at(&seen, &self.detector, size, trace))?;
                ClassResult::of_map(name, &map).into_iter().map(Finding::Class).collect()
            }
            Head::Caption(captioner) => {
                let candidates = pollster::block_on(self.detector.detect_in(&seen, trace))?;
                let kept = suppress(&candidates, &self.suppression).kept;
                let things: Vec<Candidate> = kept.iter().take(CAPTIONED).map(|&i| candidates[i]).collect();
                let regions: Vec<BBox> = things.iter().map(|thing| thing.bbox).collect();
                let captions = pollster::block_on(captioner.describe(&seen, &regions, trace))?;
                CaptionResult::new(name, &captions, &things).into_iter().map(Finding::Caption).collect()
            }
            Head::Localize(localizer) => {
                let location = pollster::block_on(localizer.localize(&seen, trace))?;
                vec![Finding::Location(LocationResult::new(name, &location))]
            }
            Head::FasterRcnn(_) => unreachable!("it does not look at what the detector has seen"),
        })
    }

    /// The objects in one file, as COCO's results.
    ///
    /// # Errors
    /// As [`Annotator::annotate`].
    ///
    /// # Panics
    /// When the system is none that [finds objects](System::finds_objects).
    pub fn objects(&self, path: &Path, name: &str) -> Result<Vec<DetectionResult>, AnnotateError> {
        Ok(self.objects_of(&Photo::open(path)?, name)?)
    }

    /// The objects in a photo, as COCO's results.
    ///
    /// # Errors
    /// When the network fails.
    ///
    /// # Panics
    /// As [`Annotator::objects`].
    pub fn objects_of(&self, photo: &Photo, name: &str) -> Result<Vec<DetectionResult>, RunError> {
        if let Head::FasterRcnn(system) = &self.head {
            return self.regions_in(system, photo, name);
        }
        let seen = self.detector.look(photo, &self.device, &mut Trace::default());
        self.objects_in(photo, &seen, name)
    }

    fn regions_in(&self, system: &FasterRcnn, photo: &Photo, name: &str) -> Result<Vec<DetectionResult>, RunError> {
        let backbone = self.detector.backbone();
        let found = pollster::block_on(system.detect(backbone, photo, &self.device, &mut Trace::default()))?;
        let kept = suppress(&found, &self.suppression).kept;
        Ok(kept.iter().filter_map(|&i| DetectionResult::from_candidate(name, &found[i])).collect())
    }

    fn objects_in(&self, photo: &Photo, seen: &Seen, name: &str) -> Result<Vec<DetectionResult>, RunError> {
        let trace = &mut Trace::default();
        let candidates = pollster::block_on(self.detector.detect_in(seen, trace))?;
        let survivors = || suppress(&candidates, &self.suppression).kept;
        match &self.head {
            Head::Pose(pose) => {
                let found = self.skeletons(pose, photo, &people(&candidates, &self.suppression))?;
                Ok(results(&suppress_alike(found), name))
            }
            Head::Mask(masker) => {
                let masks = pollster::block_on(masker.masks(seen, &candidates, &survivors(), trace))?;
                let results = masks.iter().filter_map(|mask| DetectionResult::from_mask(name, mask, seen.photo));
                Ok(results.collect())
            }
            Head::Boxes => {
                let kept = survivors();
                Ok(kept.iter().filter_map(|&i| DetectionResult::from_candidate(name, &candidates[i])).collect())
            }
            Head::Segment(_) | Head::Caption(_) | Head::Localize(_) | Head::FasterRcnn(_) => {
                panic!("this system finds no objects in what the detector has seen")
            }
        }
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
        let Head::Pose(pose) = &self.head else { panic!("this system finds no skeletons") };
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

/// Loads a network from a file.
///
/// # Errors
/// When the file is missing, unreadable or another network's.
pub fn load_network<N>(path: &Path, load: impl FnOnce(Vec<u8>) -> Result<N, WeightsError>) -> Result<N, SetUpError> {
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
pub fn write_results<R: Serialize>(path: &Path, results: &[R]) -> io::Result<()> {
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
