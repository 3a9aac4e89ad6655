//! Semantic segmentation: a class for each cell of the stride-4 map, from masks of people and of a teacher.

use burn::tensor::{Device, Tensor, TensorData, activation::log_softmax};

use super::{
    TrainError,
    bank::{Bank, MAPS, Map, Place, UNKNOWN, features},
    course::Lesson,
    vote_bank::{VoteBank, votes},
};
use crate::{
    device::read,
    eval::segmentation::Confusion,
    heads::{
        segment::{SCORES, SegmentHead},
        ssd::INPUT,
    },
    measure::segment::QUOTED,
    nn::weights::{Weights, WeightsError},
    random::Random,
    structures::class_map::{CLASSES, ClassMap},
};

/// Cells along each axis of the map that is classified.
const CELLS: usize = MAPS[0][0];
/// Pixels of the network's input along each axis of a cell.
const CELL: usize = INPUT / CELLS;
/// The banks, and which of their views are for what.
pub struct Segment {
    /// The maps.
    pub banks: Vec<Bank>,
    /// The detector's votes on the same views.
    pub votes: Vec<VoteBank>,
    /// Groups of views to train on, each with its share of the batches.
    pub groups: Vec<(f32, Vec<Place>)>,
    /// Views with people's masks to measure on.
    pub dev: Vec<Place>,
    /// Views a step.
    pub batch: usize,
}

impl Lesson for Segment {
    type Head = SegmentHead;

    fn load(&self, weights: &Weights, device: &Device) -> Result<SegmentHead, WeightsError> {
        SegmentHead::load(weights, device)
    }

    fn readers(&self) -> Vec<(&'static str, Vec<(usize, Map)>)> {
        pyramid_readers()
    }

    fn loss(&self, head: &SegmentHead, random: &mut Random, device: &Device) -> Result<Tensor<1>, TrainError> {
        let places: Vec<Place> = (0..self.batch).map(|_| *random.among(&self.groups)).collect();
        let features = features(&self.banks, &places, device)?;
        let mut shares = Vec::with_capacity(places.len() * CELLS * CELLS * SCORES);
        for place in &places {
            shares_of(&self.banks[place.bank].labels(place.view)?, &mut shares);
        }
        let known: f32 = shares.iter().sum();
        let shares = TensorData::new(shares, [places.len(), CELLS, CELLS, CLASSES.len()]);
        let (_, logits) = head.forward(&features, &votes(&self.votes, &places, device)?);
        let logits = logits.slice([0..places.len(), 0..CELLS, 0..CELLS, 0..CLASSES.len()]);
        let loss = log_softmax(logits, 3) * Tensor::from_data(shares, device);
        Ok(loss.sum() / -known.max(1.0))
    }

    fn measure(&self, head: &SegmentHead, device: &Device) -> Result<Vec<(&'static str, f64)>, TrainError> {
        let mut confusion = Confusion::default();
        for places in self.dev.chunks(8) {
            let features = features(&self.banks, places, device)?;
            let (_, logits) = head.forward(&features, &votes(&self.votes, places, device)?);
            let logits = pollster::block_on(read(vec![logits]))?.remove(0);
            for (place, logits) in places.iter().zip(logits.chunks_exact(CELLS * CELLS * SCORES)) {
                let classes: Vec<f32> =
                    logits.chunks_exact(SCORES).flat_map(|cell| &cell[..CLASSES.len()]).copied().collect();
                let map = ClassMap::from_logits(&classes, (CELLS, CELLS), (INPUT, INPUT));
                confusion.add(&self.banks[place.bank].labels(place.view)?, &map.labels);
            }
        }
        let iou = |class| confusion.iou(class).unwrap_or(0.0);
        Ok(vec![
            ("mean_iou", confusion.mean_iou(0..CLASSES.len()).unwrap_or(0.0)),
            ("quoted", confusion.mean_iou(QUOTED).unwrap_or(0.0)),
            ("pixel_accuracy", confusion.pixel_accuracy().unwrap_or(0.0)),
            ("person", iou(15)),
            ("dog", iou(12)),
            ("cow", iou(10)),
        ])
    }
}

/// What reads the backbone's maps in a head that begins with the pyramid.
pub(super) fn pyramid_readers() -> Vec<(&'static str, Vec<(usize, Map)>)> {
    let channels = |map: Map| (MAPS[map as usize][2], map);
    vec![
        ("pyramid.bottleneck.weight", vec![channels(Map::Stride32)]),
        ("pyramid.scene.weight", vec![channels(Map::Stride32)]),
        ("pyramid.to_16.lateral.weight", vec![channels(Map::Stride16)]),
        ("pyramid.to_8.lateral.weight", vec![channels(Map::Stride8)]),
        ("pyramid.to_4.lateral.weight", vec![channels(Map::Stride4)]),
    ]
}

/// The share of each class in the pixels of each cell, appended as `[cells, classes]`; unknown pixels have no share.
fn shares_of(labels: &[u8], out: &mut Vec<f32>) {
    let start = out.len();
    out.resize(start + CELLS * CELLS * CLASSES.len(), 0.0);
    let cells = &mut out[start..];
    for (y, row) in labels.chunks_exact(INPUT).enumerate() {
        for (x, &label) in row.iter().enumerate() {
            if label != UNKNOWN && usize::from(label) < CLASSES.len() {
                let cell = y / CELL * CELLS + x / CELL;
                cells[cell * CLASSES.len() + usize::from(label)] += 1.0 / (CELL * CELL) as f32;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_share_their_pixels() {
        let mut labels = vec![UNKNOWN; INPUT * INPUT];
        labels[..2].fill(3); // two pixels of the first cell, whose others are unknown
        let mut shares = vec![];
        shares_of(&labels, &mut shares);
        assert_eq!(shares.len(), CELLS * CELLS * CLASSES.len());
        assert!((shares[3] - 2.0 / 16.0).abs() < 1e-6);
        assert!((shares.iter().sum::<f32>() - 2.0 / 16.0).abs() < 1e-6);
    }
}
