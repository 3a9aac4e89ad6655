//! What the command line chooses.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::{
    boxes::{Competition, Suppression},
    systems::{
        pose::{PERSON_FLOOR, SecondLook},
        ssd::SCORE_FLOOR,
    },
};

/// The systems that annotate photos.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum System {
    /// SSDLite MobileNetV2: boxes of COCO's 80 categories.
    Ssd,
    /// MoveNet in the boxes of people that SSDLite finds: skeletons of 17 joints.
    Pose,
    /// The pixels of each thing that SSDLite finds: boxes with masks.
    Mask,
    /// A class for each pixel: PASCAL VOC's 20 and the background.
    Segment,
    /// A sentence about the photo, and one about each of its surest things.
    Caption,
    /// One class and one box for the whole photo.
    Localize,
    /// Faster R-CNN: boxes of COCO's 80 categories, from proposed regions.
    FasterRcnn,
}

/// Where the region proposal network is, from the root of the repository.
pub const RPN_WEIGHTS: &str = "assets/weights/rpn.bpk";

impl System {
    /// Where the network of this system is, from the root of the repository: as `cargo xtask weights` leaves it, or as it
    /// was trained here.
    #[must_use]
    pub const fn default_weights(self) -> &'static str {
        match self {
            Self::Ssd => "assets/cache/ssd.bpk",
            Self::Pose => "assets/cache/movenet.bpk",
            Self::Mask => "assets/weights/mask.bpk",
            Self::Segment => "assets/weights/segment.bpk",
            Self::Caption => "assets/weights/caption.bpk",
            Self::Localize => "assets/weights/localize.bpk",
            Self::FasterRcnn => "assets/weights/faster-rcnn.bpk",
        }
    }

    /// Whether its results are objects with boxes.
    #[must_use]
    pub const fn finds_objects(self) -> bool {
        matches!(self, Self::Ssd | Self::Pose | Self::Mask | Self::FasterRcnn)
    }

    /// The lowest score of a box that counts, unless asked otherwise.
    const fn default_min_score(self) -> f32 {
        match self {
            Self::Ssd | Self::Mask | Self::FasterRcnn => SCORE_FLOOR,
            Self::Pose => PERSON_FLOOR,
            // Sentences about doubtful things are about nothing.
            Self::Caption | Self::Segment | Self::Localize => 0.5,
        }
    }
}

/// The choice of a system and what is kept of its guesses.
#[derive(Args, Clone, Debug)]
pub struct Options {
    /// The system to run.
    #[arg(long, value_enum, default_value = "ssd")]
    pub system: System,
    /// Keep boxes with at least this score; the network gives none below 0.05 [default: 0.05; 0.2 for the people of pose, 0.5 for what
    /// is captioned].
    #[arg(long, value_parser = fraction)]
    pub min_score: Option<f32>,
    /// Of two guesses that overlap by more than this (intersection over union), keep the better.
    #[arg(long, default_value_t = 0.5, value_parser = fraction)]
    pub iou: f32,
    /// Which guesses compete.
    #[arg(long, value_enum, default_value = "per-class")]
    pub nms: Rivals,
    /// Keep at most this many boxes a photo; pose looks at 20 people at most, caption at six things.
    #[arg(long, default_value_t = 100)]
    pub max_boxes: usize,
    /// The system's weights [default: assets/cache/ or assets/weights/NETWORK.bpk].
    #[arg(long)]
    pub weights: Option<PathBuf>,
    /// The weights of the detector, whose backbone and boxes the other systems use [default: assets/cache/ssd.bpk].
    #[arg(long)]
    pub detector: Option<PathBuf>,
    /// The weights of the region proposal network and its pyramid, which the systems with proposals share.
    #[arg(long, default_value = RPN_WEIGHTS)]
    pub proposals: PathBuf,
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
