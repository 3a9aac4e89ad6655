//! The way back through the second stage: what its losses say to the feature of a region.
//!
//! Networks run without autodiff in the page; the way back through four layers is four layers with their weights transposed, by
//! the kernels of the way there.

use burn::tensor::{Device, Tensor};

use super::{BINS, BoxHead, CLASSES, HIDDEN, LOGITS, softmax};
use crate::{
    device::{RunError, read},
    figures::losses::{Regression, cross_entropy},
    heads::top_down::CHANNELS,
    nn::{
        Conv1x1,
        weights::{Network, Weights, WeightsError},
    },
    ops::tensor_from,
    proposals::rpn::CODING,
    structures::question::LabelledRegion,
};

/// Numbers of a region's feature.
const FEATURE: usize = BINS * BINS * CHANNELS;
/// The losses: of the class, of the correction.
const LOSSES: usize = 2;
/// The loss of each number of a correction, as the network was trained.
const CORRECTION: Regression = Regression::SmoothL1 { bend: 1.0 };

/// The layers of [`BoxHead`] with their weights transposed.
#[derive(Clone, Debug)]
pub struct BoxHeadBackward {
    first: Conv1x1,
    second: Conv1x1,
    classify: Conv1x1,
    correct: Conv1x1,
}

/// A loss and its gradient with respect to a region's feature.
#[derive(Clone, Debug, PartialEq)]
pub struct FeatureLoss {
    /// The loss.
    pub loss: f32,
    /// `[7, 7, 128]`.
    pub gradient: Vec<f32>,
}

impl BoxHeadBackward {
    /// The losses of one region and their gradients with respect to its feature.
    ///
    /// # Arguments
    /// * `head` - whose weights these are.
    /// * `feature` - `[1, 7, 7, 128]`.
    /// * `labelled` - the region and what is truly there.
    ///
    /// # Returns
    /// Cross entropy of the class, and smooth L1 of the four numbers of the correction, summed (Girshick 2015, equations 2
    /// and 3).
    ///
    /// # Errors
    /// When the device fails or computes numbers that are not finite.
    pub async fn losses(
        &self,
        head: &BoxHead,
        feature: Tensor<4>,
        labelled: &LabelledRegion,
    ) -> Result<[FeatureLoss; LOSSES], RunError> {
        let device = feature.device();
        let [first, second] = head.hidden(feature);
        let output = head.outputs(second.clone());
        let values = read(vec![first, second, output.logits, output.corrections]).await?;
        let [first, second, logits, code] = values.try_into().map_err(|_| RunError::NotFinite)?;

        let (class_loss, of_logits) = class_gradient(&logits, labelled.class);
        let (correction_loss, of_code) = correction_gradient(&code, labelled);
        // A row for each loss; the other one's outputs have no part in it.
        let logits = rows([of_logits, vec![0.0; LOGITS]], &device);
        let code = rows([vec![0.0; code.len()], of_code], &device);
        let hidden = self.correct.forward(code, Some(self.classify.forward(logits, None)));
        let hidden = self.second.forward(hidden * passed(&second, &device), None);
        let feature = self.first.forward(hidden * passed(&first, &device), None);
        let gradients = read(vec![feature]).await?.remove(0);
        let (class, correction) = gradients.split_at(FEATURE);
        Ok([
            FeatureLoss { loss: class_loss, gradient: class.to_vec() },
            FeatureLoss { loss: correction_loss, gradient: correction.to_vec() },
        ])
    }
}

impl Network for BoxHeadBackward {
    fn load(bytes: Vec<u8>, device: &Device) -> Result<Self, WeightsError> {
        let weights = Weights::from_bytes(bytes)?;
        let layer = |name: &str, shape| Conv1x1::load_transposed(&weights, name, shape, device);
        Ok(Self {
            first: layer("first", (FEATURE, HIDDEN))?,
            second: layer("second", (HIDDEN, HIDDEN))?,
            classify: layer("classify", (HIDDEN, LOGITS))?,
            correct: layer("correct", (HIDDEN, 4))?,
        })
    }
}

/// A row of numbers for each loss, `[1, 1, 2, numbers]`.
fn rows(of: [Vec<f32>; LOSSES], device: &Device) -> Tensor<4> {
    let numbers = of[0].len();
    tensor_from(of.concat(), [1, 1, LOSSES, numbers], device)
}

/// 1 where a rectifier let its input pass, 0 elsewhere, once for each loss.
fn passed(output: &[f32], device: &Device) -> Tensor<4> {
    let mask: Vec<f32> = output.iter().map(|&it| if it > 0.0 { 1.0 } else { 0.0 }).collect();
    rows([mask.clone(), mask], device)
}

/// Cross entropy and its gradient with respect to the logits.
fn class_gradient(logits: &[f32], class: usize) -> (f32, Vec<f32>) {
    let mut gradient = softmax(&logits[..CLASSES]);
    let class = class.min(CLASSES - 1);
    let loss = cross_entropy(f64::from(gradient[class])) as f32;
    gradient[class] -= 1.0;
    gradient.resize(LOGITS, 0.0);
    (loss, gradient)
}

/// The loss of a correction, and its gradient with respect to the four numbers.
fn correction_gradient(code: &[f32], labelled: &LabelledRegion) -> (f32, Vec<f32>) {
    let wanted = CODING.encode(&labelled.truth, &labelled.region);
    let off: Vec<f64> = code.iter().zip(wanted).map(|(found, wanted)| f64::from(found - wanted)).collect();
    let loss: f64 = off.iter().map(|&off| CORRECTION.loss(off)).sum();
    (loss as f32, off.iter().map(|&off| CORRECTION.slope(off) as f32).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::structures::boxes::BBox;

    #[test]
    fn gradients_of_the_outputs_by_hand() {
        let mut logits = vec![0.0; LOGITS];
        logits[CLASSES..].fill(9.0); // padding
        let (loss, gradient) = class_gradient(&logits, 2);
        let share = 1.0 / CLASSES as f32;
        assert!((loss - (CLASSES as f32).ln()).abs() < 1e-5);
        assert!((gradient[0] - share).abs() < 1e-6 && (gradient[2] - share + 1.0).abs() < 1e-6);
        assert_eq!((gradient.len(), gradient[CLASSES]), (LOGITS, 0.0));

        // Half a width to the right is 5 in the coding, a tenth is 1: y, x, height, width.
        let region = BBox::new(0.2, 0.2, 0.4, 0.4);
        let labelled = LabelledRegion { region, truth: BBox::new(0.3, 0.2, 0.5, 0.4), class: 0 };
        let (loss, gradient) = correction_gradient(&[0.5, 0.0, 0.0, 0.0], &labelled);
        assert!((loss - 0.125 - 4.5).abs() < 1e-4, "{loss}");
        for (found, expected) in gradient.iter().zip([0.5, -1.0, 0.0, 0.0]) {
            assert!((found - expected).abs() < 1e-4, "{gradient:?}");
        }
    }
}
