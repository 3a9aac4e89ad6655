//! What the command line chooses.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::WeightFiles;
use crate::{
    catalog::{CATALOG, System},
    heads::{
        movenet::{MIN_PERSON_SCORE, SecondLook},
        ssd::MIN_SCORE,
    },
    structures::boxes::{Competition, Suppression},
    systems::Settings,
};

/// The shapes of pixels that squashed photos may have had: most cameras take 4 : 3 or 3 : 4.
const SQUASHED_ASPECTS: [f32; 3] = [4.0 / 3.0, 1.0, 3.0 / 4.0];

/// Reads a system's key, for command lines.
///
/// # Errors
/// A sentence that names the systems there are.
pub fn system(key: &str) -> Result<System, String> {
    let keys = || CATALOG.iter().map(|info| info.key).collect::<Vec<_>>().join(", ");
    System::from_key(key).ok_or_else(|| format!("the systems are {}", keys()))
}

/// The lowest score of a box that counts, unless asked otherwise.
const fn default_min_score(system: System) -> f32 {
    match system {
        System::MoveNet => MIN_PERSON_SCORE,
        System::Captions => crate::systems::MIN_CAPTION_SCORE,
        _ => MIN_SCORE,
    }
}

/// The choice of a system and what is kept of its guesses.
#[derive(Args, Clone, Debug)]
pub struct Options {
    /// The system to run: a key of the catalogue, e.g. ssd, movenet, masks, fcn, captions, localize.
    #[arg(long, value_parser = system, default_value = "ssd")]
    pub system: System,
    /// Keep boxes with at least this score; the network gives none below 0.05 [default: 0.05; 0.2 for the people of
    /// movenet, 0.5 for what is captioned].
    #[arg(long, value_parser = fraction)]
    pub min_score: Option<f32>,
    /// Of two detections that overlap by more than this (intersection over union), keep the better.
    #[arg(long, default_value_t = 0.5, value_parser = fraction)]
    pub iou: f32,
    /// Which detections compete.
    #[arg(long, value_enum, default_value = "per-class")]
    pub nms: Rivals,
    /// Keep at most this many boxes a photo; movenet looks at 20 people at most, captions at six objects.
    #[arg(long, default_value_t = 100)]
    pub max_boxes: usize,
    /// Look at no more proposals than this [default: 300 of a proposal network, 2,000 of Selective Search].
    #[arg(long)]
    pub proposals: Option<usize>,
    /// The system's weights, or a folder with those of its networks [default: NETWORK.bpk in assets/cache, assets/weights or
    /// weights, of this folder or of one that the program lies in].
    #[arg(long)]
    pub weights: Option<PathBuf>,
    /// The weights of the detector, whose backbone and boxes the other systems use [default: ssd.bpk, as above].
    #[arg(long)]
    pub detector: Option<PathBuf>,
    /// Let SSD look at thirteen parts of the photo, too, the mask branch at a crop of each thing, and movenet at people mirrored:
    /// slower, finds smaller things, and masks and joints are better. For systems on SSD's boxes.
    #[arg(long)]
    pub closer: bool,
    /// Whether movenet looks at people a second time.
    #[arg(long, value_enum, default_value_t)]
    pub second_look: SecondLook,
    /// Square photos were squashed to that shape by their source: movenet tries three shapes of crop and keeps, for each
    /// photo, the one in which joints are surest.
    #[arg(long)]
    pub squashed: bool,
}

/// [`Competition`] on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Rivals {
    /// Only detections of one class: the usual rule.
    PerClass,
    /// Each default box keeps its best class, then all compete: the rule of TensorFlow.js coco-ssd.
    ClassAgnostic,
}

fn fraction(text: &str) -> Result<f32, String> {
    let value: f32 = text.parse().map_err(|error: std::num::ParseFloatError| error.to_string())?;
    if (0.0..=1.0).contains(&value) { Ok(value) } else { Err("it must be from 0 to 1".into()) }
}

impl Options {
    /// Whether the system can do what is asked of it.
    ///
    /// # Errors
    /// A sentence that says what it cannot.
    pub fn check(&self) -> Result<(), String> {
        if !self.closer || self.system.info().can_look_closer() {
            return Ok(());
        }
        let keys =
            CATALOG.iter().filter(|info| info.can_look_closer()).map(|info| info.key).collect::<Vec<_>>().join(", ");
        Err(format!("--closer is for systems on SSD's boxes: {keys}"))
    }

    /// The suppression rule.
    #[must_use]
    pub fn suppression(&self) -> Suppression {
        let competition = match self.nms {
            Rivals::PerClass => Competition::PerClass,
            Rivals::ClassAgnostic => Competition::ClassAgnostic,
        };
        let min_score = self.min_score.unwrap_or_else(|| default_min_score(self.system));
        Suppression { min_score, iou: self.iou, competition, max_boxes: self.max_boxes }
    }

    /// What the system is asked to do differently from the page.
    #[must_use]
    pub fn settings(&self) -> Settings {
        let (rule, usual) = (self.suppression(), Settings::default());
        let regions = Suppression { max_boxes: rule.max_boxes.min(usual.regions.max_boxes), ..rule };
        let pixel_aspects = if self.squashed { SQUASHED_ASPECTS.to_vec() } else { usual.pixel_aspects.clone() };
        Settings {
            closer: self.closer,
            rpn_proposals: self.proposals.unwrap_or(usual.rpn_proposals),
            searched_proposals: self.proposals.unwrap_or(usual.searched_proposals),
            people: rule,
            masks: rule,
            regions,
            second_look: self.second_look,
            pixel_aspects,
            ..usual
        }
    }

    /// The files with the weights.
    #[must_use]
    pub fn weight_files(&self) -> WeightFiles {
        let own = replacements(self.system, self.weights.as_deref());
        let detector = self.detector.clone().map(|path| ("ssd", path));
        WeightFiles { replaced: detector.into_iter().chain(own).collect() }
    }
}

/// The files to read instead of the usual ones.
///
/// # Arguments
/// * `weights` - a file for the last of the system's networks, or a folder with a file for each; that of the detector may
///   lie elsewhere.
#[must_use]
pub fn replacements(system: System, weights: Option<&Path>) -> Vec<(&'static str, PathBuf)> {
    let (names, Some(path)) = (system.info().weights, weights) else { return vec![] };
    if path.is_dir() {
        let files = names.iter().map(|&name| (name, path.join(name).with_extension("bpk")));
        return files.filter(|(name, file)| *name != "ssd" || file.is_file()).collect();
    }
    names.last().map(|&name| (name, path.to_owned())).into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_has_a_file_for_each_network_and_perhaps_the_detector() {
        let names = |weights: &Path| replacements(System::FasterRcnn, Some(weights));
        let folder = std::env::temp_dir().join(format!("lookout-folder-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        let file = |name: &'static str| (name, folder.join(name).with_extension("bpk"));
        assert_eq!(names(&folder), ["rpn", "faster-rcnn"].map(file));
        std::fs::write(folder.join("ssd.bpk"), "").expect("a file");
        let with_detector = names(&folder);
        std::fs::remove_dir_all(&folder).expect("it was made above");
        assert!(with_detector.contains(&file("ssd")) && with_detector.len() == 3, "{with_detector:?}");
        assert_eq!(names(Path::new("no/such/a.bpk")), [("faster-rcnn", "no/such/a.bpk".into())]);
        assert!(replacements(System::FasterRcnn, None).is_empty());
    }

    #[test]
    fn thresholds_are_fractions() {
        assert_eq!(fraction("0.3"), Ok(0.3));
        for text in ["-0.1", "1.5", "nan", "much"] {
            assert!(fraction(text).is_err(), "{text}");
        }
    }
}
