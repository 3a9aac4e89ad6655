//! Annotating many photos from the command line: which photos, by which system, into which file. Shared by the binaries
//! `annotate` and `evaluate`.

use std::{
    collections::HashMap,
    io,
    path::{Path, PathBuf},
};

use burn::tensor::Device;
use clap::{Args, ValueEnum};
use walkdir::WalkDir;

use crate::{
    boxes::{Competition, Suppression, suppress},
    coco::DetectionResult,
    photo::{Photo, PhotoError},
    systems::{RunError, ssd::Ssd},
    trace::Trace,
    weights::WeightsError,
};

/// The systems that annotate photos.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum System {
    /// SSDLite MobileNetV2: boxes of COCO's 80 categories.
    Ssd,
}

impl System {
    /// Where `cargo xtask weights` leaves the network of this system, from the root of the repository.
    #[must_use]
    pub const fn default_weights(self) -> &'static str {
        match self {
            Self::Ssd => "assets/cache/ssd.bpk",
        }
    }
}

/// The choice of a system and what is kept of its guesses.
#[derive(Args, Clone, Debug)]
pub struct Options {
    /// The system to run.
    #[arg(long, value_enum, default_value = "ssd")]
    pub system: System,
    /// Keep guesses with at least this score; the network gives none below 0.05.
    #[arg(long, default_value_t = 0.05, value_parser = fraction)]
    pub min_score: f32,
    /// Of two guesses that overlap by more than this (intersection over union), keep the better.
    #[arg(long, default_value_t = 0.5, value_parser = fraction)]
    pub iou: f32,
    /// Which guesses compete.
    #[arg(long, value_enum, default_value = "per-class")]
    pub nms: Rivals,
    /// Keep at most this many boxes a photo.
    #[arg(long, default_value_t = 100)]
    pub max_boxes: usize,
    /// The network's weights [default: assets/cache/NETWORK.bpk].
    #[arg(long)]
    pub weights: Option<PathBuf>,
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
        Suppression { min_score: self.min_score, iou: self.iou, competition, max_boxes: self.max_boxes }
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

/// A system with its weights on a device.
pub struct Annotator {
    network: Network,
    device: Device,
    suppression: Suppression,
}

/// The network of each [`System`].
enum Network {
    Ssd(Box<Ssd>),
}

impl Annotator {
    /// Loads the weights onto burn's CPU backend.
    ///
    /// # Errors
    /// When the weights are missing, unreadable or another network's.
    pub fn load(options: &Options) -> Result<Self, SetUpError> {
        let path = options.weights.clone().unwrap_or_else(|| options.system.default_weights().into());
        let bytes = std::fs::read(&path).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => SetUpError::NoWeights(path.clone()),
            _ => SetUpError::Unreadable(path.clone(), error),
        })?;
        let device = Device::flex();
        let network = match options.system {
            System::Ssd => Ssd::load(bytes, &device).map(|ssd| Network::Ssd(Box::new(ssd))),
        };
        let network = network.map_err(|error| SetUpError::Unusable(path, error))?;
        Ok(Self { network, device, suppression: options.suppression() })
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
        let mut trace = Trace::default();
        match &self.network {
            Network::Ssd(ssd) => {
                let candidates = pollster::block_on(ssd.detect(&photo, &self.device, &mut trace))?;
                let survivors = suppress(&candidates, &self.suppression).kept;
                let results = survivors.iter().filter_map(|&i| DetectionResult::from_candidate(name, &candidates[i]));
                Ok(results.collect())
            }
        }
    }
}

/// Photos to annotate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PhotoList {
    /// The files, each with the name that results give it.
    pub photos: Vec<(PathBuf, String)>,
    /// Files in folders that are not named like photos.
    pub others: usize,
    /// Folders and files that could not be listed, with the reason.
    pub unreadable: Vec<String>,
}

impl PhotoList {
    /// Lists single files (whatever they are called) and folders with all they hold (only files that are named like
    /// photos), sorted by path. Results call a file by its path inside its folder, or by its name; where two would
    /// share it, by the path as it was given.
    #[must_use]
    pub fn of(paths: &[PathBuf]) -> Self {
        let mut list = Self::default();
        for root in paths {
            if root.is_dir() {
                list.add_folder(root);
            } else {
                let name =
                    root.file_name().map_or_else(|| root.display().to_string(), |name| name.display().to_string());
                list.photos.push((root.clone(), name));
            }
        }
        let mut uses: HashMap<String, usize> = HashMap::new();
        for (_, name) in &list.photos {
            *uses.entry(name.clone()).or_default() += 1;
        }
        for (path, name) in &mut list.photos {
            if uses[name] > 1 {
                *name = path.display().to_string();
            }
        }
        list
    }

    fn add_folder(&mut self, root: &Path) {
        for entry in WalkDir::new(root).sort_by_file_name().follow_links(true) {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    self.unreadable.push(error.to_string());
                    continue;
                }
            };
            if !entry.file_type().is_file() {
                continue;
            }
            if !is_named_like_a_photo(entry.path()) {
                self.others += 1;
                continue;
            }
            let inside = entry.path().strip_prefix(root).unwrap_or_else(|_| entry.path());
            let parts: Vec<String> = inside.iter().map(|part| part.display().to_string()).collect();
            self.photos.push((entry.path().to_owned(), parts.join("/")));
        }
    }
}

fn is_named_like_a_photo(path: &Path) -> bool {
    const ENDINGS: [&str; 14] =
        ["jpg", "jpeg", "jpe", "jfif", "png", "apng", "webp", "gif", "bmp", "dib", "tif", "tiff", "avif", "heic"];
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default().to_ascii_lowercase();
    ENDINGS.contains(&ending.as_str())
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
    fn folders_are_walked_and_names_stay_apart() {
        let root = std::env::temp_dir().join(format!("lookout-photo-list-{}", std::process::id()));
        std::fs::create_dir_all(root.join("a/nested")).expect("a writable temporary folder");
        for file in ["a/2.JPG", "a/nested/1.png", "a/notes.txt", "2.JPG", "odd"] {
            std::fs::write(root.join(file), b"").expect("a writable temporary folder");
        }
        let list = PhotoList::of(&[root.join("a"), root.join("odd")]);
        let names: Vec<&str> = list.photos.iter().map(|(_, name)| name.as_str()).collect();
        assert_eq!(names, ["2.JPG", "nested/1.png", "odd"]);
        assert_eq!(list.others, 1);
        let twice = PhotoList::of(&[root.join("a"), root.join("2.JPG")]);
        assert_eq!(twice.photos[0].1, root.join("a/2.JPG").display().to_string());
        assert_eq!(twice.photos[2].1, root.join("2.JPG").display().to_string());
        std::fs::remove_dir_all(&root).expect("it was just made");
    }

    #[test]
    fn thresholds_are_fractions() {
        assert_eq!(fraction("0.3"), Ok(0.3));
        for text in ["-0.1", "1.5", "nan", "much"] {
            assert!(fraction(text).is_err(), "{text}");
        }
    }
}
