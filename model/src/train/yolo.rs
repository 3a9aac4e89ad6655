//! YOLO's loss (Redmon et al. 2016, section 2.2).
//!
//! Two things are not the paper's: classes are compared in a softmax instead of by squared errors, because a class that a photo
//! says nothing about has to be left out, and confidences by cross entropy, because the squared error of a sigmoid hardly has a
//! gradient where it is most wrong.

mod assignment;

use std::cell::RefCell;

use burn::tensor::{Device, Distribution, Int, Tensor, TensorData, activation::sigmoid};

use self::assignment::{Assignment, assign};
use super::{
    TrainError,
    bank::Map,
    course::Lesson,
    detection_cache::{DetectionCache, Place, features},
    detection_losses::{binary_cross_entropy, cross_entropy},
    detection_measure::{Example, Measured, kept},
};
use crate::{
    eval::voc,
    heads::{
        ssd::MIN_SCORE,
        yolo::{BOX_NUMBERS, BOXES, OUTPUTS, SIDE, YoloHead, cells, detections},
    },
    measure::boxes::truth,
    nn::weights::{Weights, WeightsError},
    random::Random,
    structures::classes::COCO,
};

/// How much places count beside classes (the paper's lambda of coordinates).
const PLACES: f32 = 5.0;
/// How much a box without an object counts (the paper's lambda of no object).
pub(super) const EMPTY: f32 = 0.5;
/// Share of the last map's numbers that are left out in a step; the paper has .5 behind its fully connected layer.
const DROPOUT: f32 = 0.3;
/// Photos that are measured at once.
const MEASURED_BATCH: usize = 16;
/// What the losses are called in the log.
const LOSSES: [&str; 3] = ["place_loss", "confidence_loss", "class_loss"];

/// YOLO with its data.
pub struct YoloLesson {
    caches: Vec<DetectionCache>,
    /// Groups of views to learn from, each with its share of the batches.
    groups: Vec<(f32, Vec<Example>)>,
    dev: Vec<Measured>,
    /// Views a step.
    batch: usize,
    /// Sums of the three losses since the last measurement, and their number.
    sums: RefCell<([f64; 3], usize)>,
}

impl YoloLesson {
    /// Data to learn from and to measure on.
    ///
    /// # Arguments
    /// * `groups` - groups of views to learn from, each with its share of the batches.
    /// * `batch` - views a step.
    ///
    /// # Errors
    /// When there is nothing to learn from.
    pub fn new(
        caches: Vec<DetectionCache>,
        groups: Vec<(f32, Vec<Example>)>,
        dev: Vec<Measured>,
        batch: usize,
    ) -> Result<Self, TrainError> {
        if groups.is_empty() || groups.iter().any(|(_, examples)| examples.is_empty()) {
            return Err(TrainError::NoData("the caches".into()));
        }
        Ok(Self { caches, groups, dev, batch, sums: RefCell::default() })
    }
}

/// The three losses of a batch, each summed over its cells and divided by the number of photos.
///
/// # Arguments
/// * `output` - `[photos, 7, 7, OUTPUTS]`.
fn losses(output: Tensor<4>, assignment: Assignment, device: &Device) -> [Tensor<1>; 3] {
    let photos = output.dims()[0];
    let cells = output.reshape([photos * SIDE * SIDE, OUTPUTS]);
    let boxes = cells.clone().narrow(1, 0, BOXES * BOX_NUMBERS);
    let boxes = boxes.reshape([photos * SIDE * SIDE * BOXES, BOX_NUMBERS]);
    let constant = |values: Vec<f32>, width: usize| {
        let rows = values.len() / width;
        Tensor::<2>::from_data(TensorData::new(values, [rows, width]), device)
    };
    let Assignment { responsible, places, confidences, weights, occupied, classes, left_out } = assignment;
    let per_photo = |loss: Tensor<2>| loss.sum() / photos as f32;
    let confidence = boxes.clone().narrow(1, 4, 1);
    let confidence = binary_cross_entropy(confidence, constant(confidences, 1)) * constant(weights, 1);
    let confidence = per_photo(confidence);
    if responsible.is_empty() {
        return [Tensor::zeros([1], device), confidence, Tensor::zeros([1], device)];
    }
    let place = sigmoid(boxes.narrow(1, 0, 4).select(0, indices(&responsible, device)));
    let place = per_photo((place - constant(places, 4)).powi_scalar(2)) * PLACES;
    let logits = cells.narrow(1, BOXES * BOX_NUMBERS, COCO.len()).select(0, indices(&occupied, device));
    // The mean over the occupied cells, as a sum over them a photo.
    let class = cross_entropy(logits, constant(classes, COCO.len()), constant(left_out, COCO.len()));
    [place, confidence, class * (occupied.len() as f32 / photos as f32)]
}

fn indices(values: &[i32], device: &Device) -> Tensor<1, Int> {
    Tensor::from_data(TensorData::new(values.to_vec(), [values.len()]), device)
}

impl Lesson for YoloLesson {
    type Head = YoloHead;

    fn load(&self, weights: &Weights, device: &Device) -> Result<YoloHead, WeightsError> {
        YoloHead::from_weights(weights, device)
    }

    fn readers(&self) -> Vec<(&'static str, Vec<(usize, Map)>)> {
        let reader = |name, rows, map| (name, vec![(rows, map)]);
        vec![
            reader("top.weight", crate::backbone::TOP, Map::Stride32),
            reader("scene.weight", crate::backbone::TOP, Map::Stride32),
            reader("wide.weight", 576, Map::Stride16),
        ]
    }

    fn loss(&self, head: &YoloHead, random: &mut Random, device: &Device) -> Result<Tensor<1>, TrainError> {
        let examples: Vec<&Example> = (0..self.batch).map(|_| random.among(&self.groups)).collect();
        let places: Vec<Place> = examples.iter().map(|example| example.place).collect();
        let output = head.forward_with(&features(&self.caches, &places, device)?, |map| {
            let kept = Tensor::random(map.dims(), Distribution::Bernoulli(f64::from(1.0 - DROPOUT)), device);
            map * kept / (1.0 - DROPOUT)
        });
        let predicted = pollster::block_on(cells(output.clone().inner()))?;
        let mut assignment = Assignment::default();
        for (cells, example) in predicted.iter().zip(&examples) {
            assign(cells, &example.labels, &mut assignment);
        }
        let losses = losses(output, assignment, device);
        let mut sums = self.sums.borrow_mut();
        for (sum, loss) in sums.0.iter_mut().zip(&losses) {
            *sum += f64::from(loss.clone().into_scalar::<f32>());
        }
        sums.1 += 1;
        let [place, confidence, class] = losses;
        Ok(place + confidence + class)
    }

    fn measure(&self, head: &YoloHead, device: &Device) -> Result<Vec<(&'static str, f64)>, TrainError> {
        let (mut truths, mut guesses) = (Vec::new(), Vec::new());
        for (batch, photos) in self.dev.chunks(MEASURED_BATCH).enumerate() {
            let places: Vec<Place> = photos.iter().map(|photo| photo.place).collect();
            let output = head.forward(&features(&self.caches, &places, device)?);
            for (i, (photo, cells)) in photos.iter().zip(pollster::block_on(cells(output))?).enumerate() {
                let image = (batch * MEASURED_BATCH + i) as u64;
                truths.extend(photo.objects.iter().map(|object| truth(image, object)));
                guesses.extend(kept(&detections(&cells, MIN_SCORE), image));
            }
        }
        let (sums, count) = self.sums.take();
        let mut measures = vec![("voc_map", voc::evaluate(&truths, &guesses).mean().unwrap_or(0.0))];
        measures.extend(LOSSES.into_iter().zip(sums.map(|sum| sum / count.max(1) as f64)));
        Ok(measures)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        structures::boxes::BBox,
        train::detection_labels::{Labels, Object},
    };

    #[test]
    fn what_is_predicted_exactly_costs_nothing() {
        let device = Device::flex();
        let bbox = BBox::new(0.25, 0.25, 0.75, 0.75);
        let labels = Labels { objects: vec![Object { class: 16, bbox }], ..Labels::default() };
        let logit = |p: f32| (p / (1.0 - p)).ln();
        let mut values = vec![0.0; SIDE * SIDE * OUTPUTS];
        for cell in values.chunks_exact_mut(OUTPUTS) {
            (cell[4], cell[9]) = (-30.0, -30.0);
        }
        // The middle cell, its second box.
        let middle = &mut values[24 * OUTPUTS..25 * OUTPUTS];
        (middle[5], middle[6], middle[7], middle[8], middle[9]) =
            (0.0, 0.0, logit(0.5f32.sqrt()), logit(0.5f32.sqrt()), 30.0);
        middle[BOXES * BOX_NUMBERS + 16] = 30.0;
        let loss_of = |values: Vec<f32>| -> Vec<f32> {
            let output = Tensor::<4>::from_data(TensorData::new(values, [1, SIDE, SIDE, OUTPUTS]), &device);
            let predicted = pollster::block_on(cells(output.clone())).expect("finite");
            let mut assignment = Assignment::default();
            assign(&predicted[0], &labels, &mut assignment);
            losses(output, assignment, &device).map(|loss| loss.into_scalar::<f32>()).to_vec()
        };
        assert!(loss_of(values.clone()).iter().all(|loss| loss.abs() < 1e-4), "{:?}", loss_of(values));
        let mut shifted = values;
        shifted[24 * OUTPUTS + 5] = logit(0.75);
        let found = loss_of(shifted);
        assert!((found[0] - PLACES * 0.0625).abs() < 1e-4, "a quarter of a cell, squared, times five: {found:?}");
        assert!(found[2].abs() < 1e-4);
    }
}
