//! Questions about a photo that systems answer beside their runs, and the answers.

use serde::{Deserialize, Serialize};

use super::boxes::BBox;

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
}

impl Question {
    /// The name of weights that the answer takes beside those of the system.
    #[must_use]
    pub const fn weights(&self) -> Option<&'static str> {
        match self {
            Self::ComparedHeads => Some("localize-heads"),
            Self::Regions(_) | Self::Masks(_) | Self::Heads => None,
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
        let mut all: Vec<(usize, f32)> = self.probabilities.iter().copied().enumerate().collect();
        all.sort_by(|a, b| b.1.total_cmp(&a.1));
        all.truncate(count);
        all
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_likeliest_classes_come_first() {
        let region = RegionClasses { probabilities: vec![0.1, 0.6, 0.05, 0.25], corrected: None };
        assert_eq!(region.best(2), [(1, 0.6), (3, 0.25)]);
        assert_eq!(region.best(9).len(), 4);
    }
}
