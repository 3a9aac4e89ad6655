//! Annotating many photos from the command line: which photos, by which system, into which file. Shared by the binaries
//! `annotate`, `evaluate` and `train`.

mod finding;
mod options;
mod weight_files;

use std::{io, path::Path};

use burn::tensor::Device;
use serde::Serialize;

pub use self::{
    finding::{CaptionResult, ClassResult, Finding, LocationResult, RegionResult, WordResult},
    options::{Options, Rivals, replacements, system},
    weight_files::{NetworkError, WeightFiles, load_network},
};
use crate::{
    catalog::System,
    coco::DetectionResult,
    device::RunError,
    photo::{Photo, PhotoError},
    run::Run,
    structures::{
        boxes::{Suppression, suppress},
        skeleton::Skeleton,
    },
    systems::{Detector, Networks, Settings, load, run_photo},
};

/// Why one photo could not be annotated.
#[derive(Debug, thiserror::Error)]
pub enum AnnotateError {
    /// The file is no photo that can be read.
    #[error(transparent)]
    Photo(#[from] PhotoError),
    /// The network failed.
    #[error(transparent)]
    Run(#[from] RunError),
    /// The system says nothing of single objects.
    #[error("{} finds no objects", .0.info().title)]
    NoObjects(System),
}

/// A system with its weights on burn's CPU backend.
pub struct Annotator {
    system: System,
    detector: Box<dyn Detector>,
    device: Device,
    settings: Settings,
    suppression: Suppression,
    squashed: bool,
}

impl Annotator {
    /// Loads the system.
    ///
    /// # Errors
    /// When the weights are missing, unreadable or another network's.
    pub fn load(options: &Options) -> Result<Self, NetworkError> {
        let device = Device::flex();
        let networks = Networks::new(options.weight_files(), device.clone());
        let detector = pollster::block_on(load(options.system, &networks)).map_err(NetworkError::from)?;
        Ok(Self {
            system: options.system,
            detector,
            device,
            settings: options.settings(),
            suppression: options.suppression(),
            squashed: options.squashed,
        })
    }

    /// Runs the system on one file.
    ///
    /// # Returns
    /// The photo and the run.
    ///
    /// # Errors
    /// When the file is no photo or the network fails.
    pub fn run(&self, path: &Path) -> Result<(Photo, Run), AnnotateError> {
        let photo = Photo::open(path)?;
        let mut settings = self.settings.clone();
        if !self.squashed || photo.width() != photo.height() {
            settings.pixel_aspects.truncate(1);
            settings.pixel_aspects[0] = 1.0;
        }
        settings.map_size = Some((photo.width() as usize, photo.height() as usize));
        let detector = self.detector.as_ref();
        let run = pollster::block_on(run_photo(self.system, detector, &photo, &self.device, &settings))?;
        Ok((photo, run))
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
        let (photo, run) = self.run(path)?;
        if let Some(map) = run.class_map() {
            return Ok(ClassResult::of_map(name, map).into_iter().map(Finding::Class).collect());
        }
        if let Some(captions) = run.captions() {
            let result = CaptionResult::new(name, captions, run.detections().unwrap_or_default());
            return Ok(result.into_iter().map(Finding::Caption).collect());
        }
        if let Some(location) = run.location() {
            return Ok(vec![Finding::Location(LocationResult::new(name, location))]);
        }
        Ok(self.objects_of(&photo, &run, name)?.into_iter().map(Finding::Object).collect())
    }

    /// The objects in one file, as COCO's results.
    ///
    /// # Errors
    /// As [`Annotator::annotate`], and when the system says nothing of single objects.
    pub fn objects(&self, path: &Path, name: &str) -> Result<Vec<DetectionResult>, AnnotateError> {
        Ok(self.photo_objects(path, name)?.1)
    }

    /// As [`Annotator::objects`], with the photo that was read.
    ///
    /// # Errors
    /// As [`Annotator::objects`].
    pub fn photo_objects(&self, path: &Path, name: &str) -> Result<(Photo, Vec<DetectionResult>), AnnotateError> {
        let (photo, run) = self.run(path)?;
        let objects = self.objects_of(&photo, &run, name)?;
        Ok((photo, objects))
    }

    fn objects_of(&self, photo: &Photo, run: &Run, name: &str) -> Result<Vec<DetectionResult>, AnnotateError> {
        // Mask R-CNN has joints as well: masks are what its task asks for.
        if let Some(masks) = run.masks() {
            let size = photo.size();
            return Ok(masks.iter().filter_map(|mask| DetectionResult::from_mask(name, mask, size)).collect());
        }
        if let Some(skeletons) = run.skeletons() {
            return Ok(results(skeletons, name));
        }
        if run.class_map().is_some() || run.captions().is_some() || run.location().is_some() {
            return Err(AnnotateError::NoObjects(self.system));
        }
        let found = run.detections().ok_or(AnnotateError::NoObjects(self.system))?;
        let kept = suppress(found, &self.suppression).kept;
        Ok(kept.iter().filter_map(|&i| DetectionResult::from_candidate(name, &found[i])).collect())
    }
}

/// Skeletons as COCO's results on the photo `name`.
#[must_use]
pub fn results(skeletons: &[Skeleton], name: &str) -> Vec<DetectionResult> {
    skeletons.iter().filter_map(|skeleton| DetectionResult::from_skeleton(name, skeleton)).collect()
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
