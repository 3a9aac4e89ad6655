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
    /// How much the overlap of the classes counts beside the cross entropy.
    pub overlap: f32,
    /// The share of the coarse maps' channels that each photo goes without while learning.
    pub dropout: f32,
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
        let mut features = features(&self.banks, &places, device)?;
        features.stride_16_wide = drop_channels(features.stride_16_wide, self.dropout, random);
        features.stride_32 = drop_channels(features.stride_32, self.dropout, random);
        let mut shares = Vec::with_capacity(places.len() * CELLS * CELLS * SCORES);
        for place in &places {
            shares_of(&self.banks[place.bank].labels(place.view)?, &mut shares);
        }
        let known: f32 = shares.iter().sum();
        let shares = TensorData::new(shares, [places.len(), CELLS, CELLS, CLASSES.len()]);
        let (_, logits) = head.forward(&features, &votes(&self.votes, &places, device)?);
        let logits = logits.slice([0..places.len(), 0..CELLS, 0..CELLS, 0..CLASSES.len()]);
        let (scores, shares) = (log_softmax(logits, 3), Tensor::<4>::from_data(shares, device));
        let entropy = (scores.clone() * shares.clone()).sum() / -known.max(1.0);
        if self.overlap == 0.0 {
            return Ok(entropy);
        }
        Ok(entropy + overlap_loss(scores.exp(), shares) * self.overlap)
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

/// Leaves out channels of a map, others for each photo, and makes up for them with the rest (Tompson et al. 2015, "Efficient
/// Object Localization Using Convolutional Networks"): what was learnt must not hang on single channels.
fn drop_channels(map: Tensor<4>, share: f32, random: &mut Random) -> Tensor<4> {
    if share == 0.0 {
        return map;
    }
    let [photos, _, _, channels] = map.dims();
    let kept = (0..photos * channels).map(|_| if random.uniform() < share { 0.0 } else { 1.0 / (1.0 - share) });
    let kept = TensorData::new(kept.collect::<Vec<f32>>(), [photos, 1, 1, channels]);
    let device = map.device();
    map * Tensor::from_data(kept, &device)
}

/// One less the mean intersection over union of the classes in a batch, with probabilities in place of decisions (Rahman and
/// Wang 2016, "Optimizing Intersection-Over-Union in Deep Neural Networks for Image Segmentation"). It is what is measured,
/// and counts a small class as much as a large one.
///
/// # Arguments
/// * `probabilities`, `shares` - `[batch, rows, columns, classes]`; shares of a cell add up to the part of it that is known.
fn overlap_loss(probabilities: Tensor<4>, shares: Tensor<4>) -> Tensor<1> {
    let classes = shares.dims()[3];
    let known = shares.clone().sum_dim(3);
    let total = |cells: Tensor<4>| cells.reshape([-1, classes as i32]).sum_dim(0).reshape([classes]);
    let both = total(probabilities.clone() * shares.clone());
    let truth = total(shares);
    let either = total(probabilities * known) + truth.clone() - both.clone();
    let present = truth.greater_elem(0.0).float();
    let overlap = both / either.clamp_min(1e-6) * present.clone();
    overlap.sum() / present.sum().clamp_min(1.0) * -1.0 + 1.0
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
    fn channels_are_dropped_as_a_whole() {
        let map = Tensor::<4>::ones([2, 3, 3, 200], &Device::flex());
        let left = drop_channels(map, 0.2, &mut Random::new(1));
        let total: f32 = left.clone().mean().into_scalar();
        assert!((total - 1.0).abs() < 0.1, "{total}");
        let values: Vec<f32> = left.into_data().try_into_vec().expect("floats");
        let (first, other) = values.split_at(9 * 200);
        assert!(first.chunks_exact(200).all(|cell| cell == &first[..200]), "the same at every place");
        assert!(first.contains(&0.0) && first.contains(&1.25) && first != other, "others in another photo");
    }

    #[test]
    fn the_overlap_of_the_classes_that_are_there_counts() {
        let cells = |values: Vec<f32>| Tensor::<4>::from_data(TensorData::new(values, [1, 1, 2, 3]), &Device::flex());
        let shares = || cells(vec![1.0, 0.0, 0.0, 0.0, 0.5, 0.0]);
        let loss = |values: Vec<f32>| overlap_loss(cells(values), shares()).into_scalar::<f32>();
        // The second cell is known by half: of the first class both, of the second 0.4 of 0.5.
        let found = loss(vec![1.0, 0.0, 0.0, 0.2, 0.8, 0.0]);
        assert!((found - (1.0 - f32::midpoint(1.0 / 1.1, 0.4 / 0.5))).abs() < 1e-6, "{found}");
        assert!(loss(vec![1.0, 0.0, 0.0, 0.0, 1.0, 0.0]).abs() < 1e-6, "the third class is nowhere");
    }

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
