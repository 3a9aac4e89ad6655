//! Classification + localization: one multi-task loss, cross entropy for the class and smooth L1 for the box.

use burn::tensor::{
    Device, Distribution, Int, Tensor, TensorData,
    activation::{log_softmax, softmax},
};

use super::{
    TrainError,
    bank::{Bank, MAPS, Map, Place, batch},
    course::Lesson,
};
use crate::{
    device::read,
    heads::locate::LocateHead,
    nn::weights::{Weights, WeightsError},
    random::Random,
    structures::{boxes::BBox, location::CLASSES},
};

/// Share of the shared vector that dropout clears.
const DROPOUT: f32 = 0.5;
/// Where smooth L1 turns from a square into a line (Girshick 2015, "Fast R-CNN"), in fractions of the photo.
const BEND: f32 = 0.05;

/// A view with what it shows.
#[derive(Clone, Copy, Debug)]
pub struct Thing {
    /// The view.
    pub place: Place,
    /// An index into [`CLASSES`].
    pub class: usize,
    /// In fractions of the view; `None` for the last class.
    pub bbox: Option<BBox>,
}

/// The views with their things.
pub struct Localize {
    /// The maps.
    pub banks: Vec<Bank>,
    /// Views to train on, by class: classes are drawn evenly.
    pub train: Vec<Vec<Thing>>,
    /// Views to measure on.
    pub dev: Vec<Thing>,
    /// Views a step.
    pub batch: usize,
    /// How much the box counts beside the class.
    pub box_weight: f32,
}

impl Lesson for Localize {
    type Head = LocateHead;

    fn load(&self, weights: &Weights, device: &Device) -> Result<LocateHead, WeightsError> {
        LocateHead::load(weights, device)
    }

    fn readers(&self) -> Vec<(&'static str, Vec<(usize, Map)>)> {
        vec![("squeeze.weight", vec![(MAPS[Map::Stride32 as usize][2], Map::Stride32)])]
    }

    fn loss(&self, head: &LocateHead, random: &mut Random, device: &Device) -> Result<Tensor<1>, TrainError> {
        let things: Vec<Thing> = (0..self.batch)
            .map(|_| {
                let class = &self.train[random.below(self.train.len())];
                class[random.below(class.len())]
            })
            .collect();
        let places: Vec<Place> = things.iter().map(|it| it.place).collect();
        let output = head.forward(batch(&self.banks, &places, Map::Stride32, device)?, |vector| {
            let kept = Tensor::random(vector.dims(), Distribution::Bernoulli(f64::from(1.0 - DROPOUT)), device);
            vector * kept / (1.0 - DROPOUT)
        });
        let n = things.len();
        let classes: Vec<i32> = things.iter().map(|it| it.class as i32).collect();
        let classes = Tensor::<1, Int>::from_data(TensorData::new(classes, [n]), device).reshape([n, 1]);
        let class_loss = -log_softmax(output.classes, 1).gather(1, classes).mean();
        let corners: Vec<f32> =
            things.iter().flat_map(|it| it.bbox.map_or([0.0; 4], |b| [b.x0, b.y0, b.x1, b.y1])).collect();
        let known: Vec<f32> = things.iter().map(|it| if it.bbox.is_some() { 1.0 } else { 0.0 }).collect();
        let boxes: f32 = known.iter().sum();
        let off = (output.corners - Tensor::from_data(TensorData::new(corners, [n, 4]), device)).abs();
        let near = off.clone().clamp_max(BEND);
        // Half a square up to the bend, then the line that continues it.
        let smooth = near.clone().powi_scalar(2) / (2.0 * BEND) + (off - near);
        let known = Tensor::<2>::from_data(TensorData::new(known, [n, 1]), device);
        let box_loss = (smooth * known).sum() / boxes.max(1.0);
        Ok(class_loss + box_loss * self.box_weight)
    }

    fn measure(&self, head: &LocateHead, device: &Device) -> Result<Vec<(&'static str, f64)>, TrainError> {
        let (mut right, mut placed, mut both, mut boxes, mut iou_sum) = (0, 0, 0, 0, 0.0);
        for things in self.dev.chunks(32) {
            let places: Vec<Place> = things.iter().map(|it| it.place).collect();
            let output = head.forward(batch(&self.banks, &places, Map::Stride32, device)?, |vector| vector);
            let values = pollster::block_on(read(vec![softmax(output.classes, 1), output.corners]))?;
            for (i, thing) in things.iter().enumerate() {
                let Some(truth) = thing.bbox else { continue };
                let chances = &values[0][i * CLASSES.len()..][..CLASSES.len()];
                let best = chances.iter().enumerate().fold(0, |best, (j, &v)| if v > chances[best] { j } else { best });
                let [x0, y0, x1, y1] = [0, 1, 2, 3].map(|j| values[1][i * 4 + j].clamp(0.0, 1.0));
                let iou = BBox::new(x0, y0, x1, y1).iou(&truth);
                let (is_right, is_placed) = (best == thing.class, iou >= 0.5);
                boxes += 1;
                right += usize::from(is_right);
                placed += usize::from(is_placed);
                both += usize::from(is_right && is_placed);
                iou_sum += f64::from(iou);
            }
        }
        let share = |count: usize| count as f64 / boxes.max(1) as f64;
        Ok(vec![
            ("class_and_box", share(both)),
            ("class", share(right)),
            ("box", share(placed)),
            ("mean_iou", iou_sum / boxes.max(1) as f64),
        ])
    }
}
