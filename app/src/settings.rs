//! What the visitor has set: which guesses count as findings, and which classes are shown.

use std::collections::BTreeSet;

use model::structures::boxes::{Competition, Suppression};

/// The lowest score the worker sends, and so the lowest that the score slider offers.
pub const MIN_SCORE: f32 = 0.05;
/// The lowest score of a person's box that gets a skeleton from the worker.
pub const MIN_PERSON_SCORE: f32 = 0.2;
/// A joint with a lower score is drawn as a guess, unless the visitor chooses otherwise.
const USUAL_JOINT_SCORE: f32 = 0.3;
/// How strongly masks cover the photo, unless the visitor chooses otherwise.
const USUAL_OPACITY: f32 = 0.5;
/// The lowest score of a box that gets a mask from the worker.
pub const MIN_MASK_SCORE: f32 = 0.2;

/// The settings of the panel. They act on the candidates that the page holds; the network does not run again.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// Findings have at least this score, [`MIN_SCORE`] to 1.
    pub score: f32,
    /// Two guesses that overlap by more than this intersection over union are one finding, 0 to 1.
    pub iou: f32,
    /// Which guesses compete to be that finding.
    pub competition: Competition,
    /// COCO category ids that the visitor has switched off.
    pub hidden: BTreeSet<u16>,
    /// Joints with a lower score are drawn as guesses, 0 to 1.
    pub joint_score: f32,
    /// How strongly masks and class maps cover the photo, 0 to 1.
    pub opacity: f32,
    /// Whether masks are drawn as outlines only.
    pub outline: bool,
    /// Kinds of layers that are not drawn where several lie over each other.
    pub hidden_layers: BTreeSet<&'static str>,
    /// Whether skeletons have the lecture's 14 joints instead of COCO's 17.
    pub fourteen: bool,
    /// Whether parts of the photo are looked at, too; `None` where the device's speed decides.
    pub closer: Option<bool>,
}

impl Default for Settings {
    fn default() -> Self {
        let usual = Suppression::default();
        Self {
            score: usual.min_score,
            iou: usual.iou,
            competition: usual.competition,
            hidden: BTreeSet::new(),
            joint_score: USUAL_JOINT_SCORE,
            opacity: USUAL_OPACITY,
            outline: false,
            hidden_layers: BTreeSet::new(),
            fourteen: false,
            closer: None,
        }
    }
}

impl Settings {
    /// The rule for non-maximum suppression that these settings ask for.
    #[must_use]
    pub fn rule(&self) -> Suppression {
        Suppression {
            min_score: self.score,
            iou: self.iou,
            competition: self.competition,
            max_boxes: Suppression::default().max_boxes,
        }
    }

    /// Whether what a closer look has found counts, where there was one.
    #[must_use]
    pub fn takes_closer_look(&self) -> bool {
        self.closer != Some(false)
    }
}

/// The word for a competition in the URL and in the panel's choice.
#[must_use]
pub const fn competition_key(competition: Competition) -> &'static str {
    match competition {
        Competition::PerClass => "per-class",
        Competition::ClassAgnostic => "class-agnostic",
    }
}

/// The competition that a word names: the inverse of [`competition_key`].
#[must_use]
pub fn competition_from_key(key: &str) -> Option<Competition> {
    [Competition::PerClass, Competition::ClassAgnostic].into_iter().find(|&it| competition_key(it) == key)
}
