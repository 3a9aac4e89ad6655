//! Classification + localization: one multi-task loss, cross entropy for the class and smooth L1 for the box.

use burn::tensor::{
    Device, Distribution, Int, Tensor, TensorData,
    activation::{log_softmax, softmax},
};

use super::{
    TrainError,
    bank::{Map, SPREAD},
    course::Lesson,
    detection_cache::{DetectionCache, Place, features},
};
use crate::{
    backbone::{BackboneTail, Features, TOP},
    device::read,
    heads::locate::{LocateHead, Sizes},
    nn::weights::{Weights, WeightsError},
    random::Random,
    structures::{boxes::BBox, location::CLASSES},
};

/// Share of the shared vector that dropout clears.
const DROPOUT: f32 = 0.5;
/// Where smooth L1 turns from a square into a line (Girshick 2015, "Fast R-CNN"), in fractions of the photo.
const BEND: f32 = 0.05;

/// Views that are measured at once.
const MEASURED_BATCH: usize = 32;

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
    pub caches: Vec<DetectionCache>,
    /// Views to train on, a group a class, each with its share of the batches.
    pub train: Vec<(f32, Vec<Thing>)>,
    /// Views to measure on: the first set chooses the best weights.
    pub dev: Vec<(&'static str, Vec<Thing>)>,
    /// Views a step.
    pub batch: usize,
    /// How much the box counts beside the class.
    pub box_weight: f32,
    /// Numbers of the shared vector, and boxes.
    pub sizes: Sizes,
    /// Whether the heads learn together with the end of the backbone: on caches of
    /// [`Layout::LOCATION_WIDE`](super::detection_cache::Layout::LOCATION_WIDE).
    pub joint: bool,
}

/// Things whose class is right, whose box is, and both, in parts of all; and the mean overlap of their boxes.
struct Hits {
    class: f64,
    bbox: f64,
    both: f64,
    mean_iou: f64,
}

impl Localize {
    fn features(&self, things: &[Thing], device: &Device) -> Result<Features, TrainError> {
        let places: Vec<Place> = things.iter().map(|it| it.place).collect();
        let mut features = features(&self.caches, &places, device)?;
        if self.joint {
            // The tail's weights are for the map as the backbone gives it.
            features.stride_16_wide = features.stride_16_wide * SPREAD[Map::Stride16 as usize];
        }
        Ok(features)
    }

    fn hits(&self, head: &LocateHead, things: &[Thing], device: &Device) -> Result<Hits, TrainError> {
        let (mut right, mut placed, mut both, mut iou_sum) = (0, 0, 0, 0.0);
        for things in things.chunks(MEASURED_BATCH) {
            let output = head.forward(&self.features(things, device)?, |vector| vector);
            let columns = output.corners.dims()[1];
            let values = pollster::block_on(read(vec![softmax(output.classes, 1), output.corners]))?;
            for (i, thing) in things.iter().enumerate() {
                let Some(truth) = thing.bbox else { continue };
                let chances = &values[0][i * CLASSES.len()..][..CLASSES.len()];
                let best = chances.iter().enumerate().fold(0, |best, (j, &v)| if v > chances[best] { j } else { best });
                // The box of the class that the head says; the last class, which has none, gets the first.
                let first = i * columns + best * 4 % columns;
                let [x0, y0, x1, y1] = [0, 1, 2, 3].map(|j| values[1][first + j].clamp(0.0, 1.0));
                let iou = BBox::new(x0, y0, x1, y1).iou(&truth);
                let (is_right, is_placed) = (best == thing.class, iou >= 0.5);
                right += usize::from(is_right);
                placed += usize::from(is_placed);
                both += usize::from(is_right && is_placed);
                iou_sum += f64::from(iou);
            }
        }
        let count = things.iter().filter(|it| it.bbox.is_some()).count().max(1) as f64;
        let share = |hits: usize| hits as f64 / count;
        Ok(Hits { class: share(right), bbox: share(placed), both: share(both), mean_iou: iou_sum / count })
    }
}

impl Lesson for Localize {
    type Head = LocateHead;

    fn load(&self, weights: &Weights, device: &Device) -> Result<LocateHead, WeightsError> {
        let head = LocateHead::with_sizes(weights, "", self.sizes, device)?;
        if !self.joint {
            return Ok(head);
        }
        Ok(head.with_tail(BackboneTail::load(weights, "tail", device)?.with_fixed_filters()))
    }

    fn readers(&self) -> Vec<(&'static str, Vec<(usize, Map)>)> {
        // A map of the heads' own is read as it is.
        if self.joint { vec![] } else { vec![("squeeze.weight", vec![(TOP, Map::Stride32)])] }
    }

    fn loss(&self, head: &LocateHead, random: &mut Random, device: &Device) -> Result<Tensor<1>, TrainError> {
        let things: Vec<Thing> = (0..self.batch).map(|_| *random.among(&self.train)).collect();
        let output = head.forward(&self.features(&things, device)?, |vector| {
            let kept = Tensor::random(vector.dims(), Distribution::Bernoulli(f64::from(1.0 - DROPOUT)), device);
            vector * kept / (1.0 - DROPOUT)
        });
        let n = things.len();
        let classes: Vec<i32> = things.iter().map(|it| it.class as i32).collect();
        let classes = Tensor::<1, Int>::from_data(TensorData::new(classes, [n]), device).reshape([n, 1]);
        let class_loss = -log_softmax(output.classes, 1).gather(1, classes).mean();
        // Of a box for each class only that of the true one learns.
        let columns = output.corners.dims()[1] as i32;
        let own: Vec<i32> = things.iter().flat_map(|it| (0..4).map(|j| it.class as i32 * 4 % columns + j)).collect();
        let own = Tensor::<2, Int>::from_data(TensorData::new(own, [n, 4]), device);
        let corners: Vec<f32> =
            things.iter().flat_map(|it| it.bbox.map_or([0.0; 4], |b| [b.x0, b.y0, b.x1, b.y1])).collect();
        let known: Vec<f32> = things.iter().map(|it| if it.bbox.is_some() { 1.0 } else { 0.0 }).collect();
        let boxes: f32 = known.iter().sum();
        let off = (output.corners.gather(1, own) - Tensor::from_data(TensorData::new(corners, [n, 4]), device)).abs();
        let near = off.clone().clamp_max(BEND);
        // Half a square up to the bend, then the line that continues it.
        let smooth = near.clone().powi_scalar(2) / (2.0 * BEND) + (off - near);
        let known = Tensor::<2>::from_data(TensorData::new(known, [n, 1]), device);
        let box_loss = (smooth * known).sum() / boxes.max(1.0);
        Ok(class_loss + box_loss * self.box_weight)
    }

    fn measure(&self, head: &LocateHead, device: &Device) -> Result<Vec<(&'static str, f64)>, TrainError> {
        let mut measures = Vec::new();
        for (name, things) in &self.dev {
            let Hits { class, bbox, both, mean_iou } = self.hits(head, things, device)?;
            measures.push((*name, both));
            measures.extend([("class", class), ("box", bbox), ("mean_iou", mean_iou)]);
        }
        Ok(measures)
    }
}
