//! The second stage of Faster R-CNN (Ren et al. 2015; Girshick 2015, "Fast R-CNN"): from a region's feature to a class and a
//! second correction.

mod backward;

use burn::{
    module::Module,
    tensor::{Device, Tensor},
};

pub use self::backward::{BoxHeadBackward, FeatureLoss};
use super::top_down::CHANNELS;
use crate::{
    device::{RunError, read},
    nn::{
        Conv1x1,
        weights::{Network, Weights, WeightsError},
    },
    ops::Activation,
    proposals::rpn::CODING,
    structures::{
        boxes::{BBox, Candidate},
        classes::COCO,
        proposal::Proposal,
        question::RegionClasses,
    },
};

/// Bins of a region along each axis.
pub const BINS: usize = 7;
/// Outputs of each of the two fully connected layers.
pub const HIDDEN: usize = 256;
/// The column of the background, behind those of [`COCO`].
pub const BACKGROUND: usize = COCO.len();
/// Classes that exclude each other: COCO's and the background.
pub const CLASSES: usize = BACKGROUND + 1;
/// Class columns of a region; those behind [`CLASSES`] are padding that nobody reads: the GPU works on whole vectors of
/// four.
pub const LOGITS: usize = CLASSES.next_multiple_of(4);

/// Two fully connected layers, then a softmax over the classes and a correction that is the same for every class.
#[derive(Module, Debug)]
pub struct BoxHead {
    first: Conv1x1,
    second: Conv1x1,
    classify: Conv1x1,
    correct: Conv1x1,
}

/// The head's raw output.
#[derive(Clone, Debug)]
pub struct BoxOutput {
    /// `[1, 1, regions, LOGITS]`: [`COCO`], [`BACKGROUND`], padding.
    pub logits: Tensor<4>,
    /// `[1, 1, regions, 4]`: `ty, tx, th, tw`, coded by [`CODING`].
    pub corrections: Tensor<4>,
}

impl BoxHead {
    /// Loads `{prefix}{first,second,classify,correct}`.
    ///
    /// # Errors
    /// When a tensor is missing or of another shape.
    pub fn load(weights: &Weights, prefix: &str, device: &Device) -> Result<Self, WeightsError> {
        Self::load_for(weights, prefix, BINS * BINS, device)
    }

    /// As [`BoxHead::load`], for regions of another number of cells.
    ///
    /// # Errors
    /// When a tensor is missing or of another shape.
    pub fn load_for(weights: &Weights, prefix: &str, cells: usize, device: &Device) -> Result<Self, WeightsError> {
        let layer = |part: &str, shape: (usize, usize), activation| {
            Conv1x1::load(weights, &format!("{prefix}{part}"), shape, activation, device)
        };
        Ok(Self {
            first: layer("first", (cells * CHANNELS, HIDDEN), Activation::Relu)?,
            second: layer("second", (HIDDEN, HIDDEN), Activation::Relu)?,
            classify: layer("classify", (HIDDEN, LOGITS), Activation::Linear)?,
            correct: layer("correct", (HIDDEN, 4), Activation::Linear)?,
        })
    }

    /// Classifies and corrects regions.
    ///
    /// # Arguments
    /// * `regions` - `[regions, rows, columns, 128]`, cut out of the pyramid; 7 rows and columns unless it was loaded for another
    ///   number of cells.
    #[must_use]
    pub fn forward(&self, regions: Tensor<4>) -> BoxOutput {
        let [_, second] = self.hidden(regions);
        self.outputs(second)
    }

    /// The outputs of the two fully connected layers, `[1, 1, regions, 256]` each.
    fn hidden(&self, regions: Tensor<4>) -> [Tensor<4>; 2] {
        let [count, height, width, channels] = regions.dims();
        // A fully connected layer is a 1x1 convolution of a map with a place a region.
        let first = self.first.forward(regions.reshape([1, 1, count, height * width * channels]), None);
        [first.clone(), self.second.forward(first, None)]
    }

    fn outputs(&self, hidden: Tensor<4>) -> BoxOutput {
        BoxOutput {
            logits: self.classify.forward(hidden.clone(), None),
            corrections: self.correct.forward(hidden, None),
        }
    }
}

impl Network for BoxHead {
    fn load(bytes: Vec<u8>, device: &Device) -> Result<Self, WeightsError> {
        Self::load(&Weights::from_bytes(bytes)?, "", device)
    }
}

/// Turns raw outputs into scored boxes, before suppression.
///
/// # Arguments
/// * `logits` - [`LOGITS`] numbers a region.
/// * `corrections` - four numbers a region.
/// * `proposals` - the regions, in the order of the outputs.
/// * `min_score` - guesses with a lower probability are left out.
///
/// # Returns
/// Boxes in fractions of the input, inside it, one for each class of a region that is likely enough; their priors are the
/// places among `proposals`.
#[must_use]
pub fn decode(logits: &[f32], corrections: &[f32], proposals: &[Proposal], min_score: f32) -> Vec<Candidate> {
    let mut found = Vec::new();
    let outputs = logits.chunks_exact(LOGITS).zip(corrections.chunks_exact(4));
    for (prior, ((logits, code), proposal)) in outputs.zip(proposals).enumerate() {
        let scores = softmax(&logits[..CLASSES]);
        let bbox = CODING.decode([code[0], code[1], code[2], code[3]], &proposal.bbox).clip(1.0, 1.0);
        let likely = COCO.iter().zip(scores).filter(|&(_, score)| score >= min_score);
        found.extend(likely.map(|(&(class, _), score)| Candidate { bbox, class, score, prior: prior as u32 }));
    }
    found
}

/// Reads what a second stage says of each region, nothing left out.
///
/// # Arguments
/// * `order` - for each row of the output its place among the regions.
/// * `regions` - in fractions of the input.
///
/// # Errors
/// When the device fails or computes numbers that are not finite.
pub async fn read_classes(
    output: BoxOutput,
    order: &[usize],
    regions: &[BBox],
) -> Result<Vec<RegionClasses>, RunError> {
    let values = read(vec![output.logits, output.corrections]).await?;
    let mut found = vec![RegionClasses::default(); regions.len()];
    for ((logits, code), &at) in values[0].chunks_exact(LOGITS).zip(values[1].chunks_exact(4)).zip(order) {
        let corrected = CODING.decode([code[0], code[1], code[2], code[3]], &regions[at]).clip(1.0, 1.0);
        found[at] = RegionClasses { probabilities: softmax(&logits[..CLASSES]), corrected: Some(corrected) };
    }
    Ok(found)
}

/// Probabilities that sum to 1.
pub fn softmax(logits: &[f32]) -> Vec<f32> {
    let largest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let powers: Vec<f32> = logits.iter().map(|logit| (logit - largest).exp()).collect();
    let sum: f32 = powers.iter().sum();
    powers.into_iter().map(|power| power / sum).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proposal(bbox: BBox) -> Proposal {
        Proposal { bbox, score: 1.0, anchor: None }
    }

    #[test]
    fn boxes_by_hand() {
        let mut logits = vec![0.0; 2 * LOGITS];
        logits[16] = 4.0; // dog
        logits[BACKGROUND] = 4.0;
        logits[CLASSES..LOGITS].fill(99.0); // padding
        logits[LOGITS + BACKGROUND] = 9.0; // the second region is background
        let proposals = [proposal(BBox::new(0.2, 0.2, 0.4, 0.4)), proposal(BBox::new(0.0, 0.0, 1.0, 1.0))];
        let corrections = [0.0, 1.0, 0.0, 5.0 * 2.0f32.ln(), 0.0, 0.0, 0.0, 0.0];
        let found = decode(&logits, &corrections, &proposals, 0.1);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].class, found[0].prior), (18, 0));
        let four = 4.0f32.exp();
        assert!((found[0].score - four / (2.0 * four + 79.0)).abs() < 1e-5);
        // A tenth of its width to the right, and twice as wide.
        for (found, expected) in found[0].bbox.to_xywh().iter().zip([0.12, 0.2, 0.4, 0.2]) {
            assert!((found - expected).abs() < 1e-6, "{found} is not {expected}");
        }
    }

    #[test]
    fn classes_are_read_in_the_order_of_the_regions() {
        let device = Device::flex();
        let mut logits = vec![0.0; 2 * LOGITS];
        (logits[16], logits[LOGITS + BACKGROUND]) = (9.0, 9.0);
        let tensor = |values: Vec<f32>, columns| {
            Tensor::<1>::from_floats(values.as_slice(), &device).reshape([1, 1, 2, columns])
        };
        let output = BoxOutput { logits: tensor(logits, LOGITS), corrections: tensor(vec![0.0; 8], 4) };
        let regions = [BBox::new(0.0, 0.0, 0.5, 0.5), BBox::new(0.25, 0.25, 1.5, 0.75)];
        let found = pollster::block_on(read_classes(output, &[1, 0], &regions)).unwrap();
        assert_eq!(found.iter().map(|it| it.best(1)[0].0).collect::<Vec<_>>(), [BACKGROUND, 16]);
        assert_eq!(found[0].corrected, Some(regions[0]), "no correction");
        assert_eq!(found[1].corrected.unwrap().x1, 1.0, "inside the photo");
        assert!(found.iter().all(|it| (it.probabilities.iter().sum::<f32>() - 1.0).abs() < 1e-5));
    }

    #[test]
    fn shapes_of_the_network() {
        let device = Device::flex();
        let head = BoxHead::load(&Weights::untrained(1), "", &device).unwrap();
        let output = head.forward(Tensor::ones([3, BINS, BINS, CHANNELS], &device));
        assert_eq!(output.logits.dims(), [1, 1, 3, LOGITS]);
        assert_eq!(output.corrections.dims(), [1, 1, 3, 4]);
    }
}
