//! Both stages of Faster R-CNN at once (Ren et al. 2015, section 3.2, "approximate joint training"): four losses, of which
//! the second stage's do not flow back into where the proposals lie.

mod family;
mod sampling;

use std::cell::RefCell;

use burn::tensor::{Device, Int, Tensor, TensorData};

pub use self::family::{FILES, RegionFamily, checkpoint};
use self::{
    family::Stage,
    sampling::{AnchorSample, RegionSample, sample_anchors, sample_regions},
};
use super::{
    TrainError,
    bank::Map,
    course::Lesson,
    detection_cache::{DetectionCache, Place, features},
    detection_losses::{binary_cross_entropy, cross_entropy, smooth_l1},
    detection_measure::{Example, Measured, kept, wanted},
};
use crate::{
    eval::{average_precision::Guess, proposals::Coverage, voc},
    heads::{
        box_head::{BoxOutput, CLASSES, LOGITS},
        faster_rcnn::{Cut, INPUT, guesses, proposals},
        r_fcn::{PARTS, PartMaps},
        spp::SppHead,
        ssd::MIN_SCORE,
    },
    measure::boxes::truth,
    nn::weights::{Weights, WeightsError},
    ops::{Region, bin_shares},
    proposals::{
        anchors::{PER_POSITION, anchors},
        levels::ByLevel,
        rpn::{ProposalRule, RpnOutput},
    },
    random::Random,
    structures::{boxes::BBox, proposal::Proposal},
};

/// Photos that are measured at once.
const MEASURED_BATCH: usize = 8;
/// Proposals whose recall is measured.
const RECALLED: [usize; 2] = [100, 300];
/// What the losses are called in the log.
const LOSSES: [&str; 4] = ["objectness_loss", "anchor_loss", "class_loss", "region_loss"];

/// Both stages with their data.
pub struct FasterRcnnLesson {
    caches: Vec<DetectionCache>,
    /// Groups of views to learn from, each with its share of the batches.
    groups: Vec<(f32, Vec<Example>)>,
    dev: Vec<Measured>,
    /// Views a step.
    batch: usize,
    anchors: Vec<BBox>,
    /// Sums of the four losses since the last measurement, and their number.
    sums: RefCell<([f64; 4], usize)>,
}

impl FasterRcnnLesson {
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
        let anchors = anchors(&[8, 16, 32].map(|stride| (INPUT / stride, INPUT / stride)));
        Ok(Self { caches, groups, dev, batch, anchors, sums: RefCell::default() })
    }

    /// The losses of the first stage: of the objectness of a sample of anchors, and of the corrections of the positive ones.
    fn anchor_losses(
        &self,
        outputs: &[RpnOutput],
        examples: &[&Example],
        random: &mut Random,
        device: &Device,
    ) -> [Tensor<1>; 2] {
        let mut sample = AnchorSample::default();
        for (photo, example) in examples.iter().enumerate() {
            sample_anchors(&self.anchors, &example.labels, photo * self.anchors.len(), random, &mut sample);
        }
        let count = sample.indices.len();
        let logits = per_anchor(outputs, |output| &output.objectness, 1);
        let logits = logits.select(0, indices(&sample.indices, device)).reshape([count]);
        let truth = Tensor::<1>::from_data(TensorData::new(sample.truth, [count]), device);
        let objectness = binary_cross_entropy(logits, truth).mean();
        let codes = per_anchor(outputs, |output| &output.corrections, 4);
        let corrections = correction_loss(codes, &sample.positive, sample.codes, count, device);
        [objectness, corrections]
    }

    /// The losses of the second stages: of the classes of a sample of proposals, and of the corrections of the positive ones.
    fn region_losses(
        &self,
        head: &RegionFamily,
        maps: &[Tensor<4>; 3],
        sample: RegionSample,
        device: &Device,
    ) -> [Tensor<1>; 2] {
        let sorted = ByLevel::new(&sample.regions);
        let sample = sample.in_order(&sorted.order);
        let aligned = head.forward(Stage::Aligned, maps, &sorted);
        let parts = head.r_fcn.maps(&maps[1]);
        let r_fcn = vote(&parts, &sorted.regions(), device);
        // The others learn from the pyramid as it is.
        let fixed = maps.each_ref().map(|map| on_host(map.clone()));
        let constant = |x: Tensor<4>| Tensor::<4>::from_data(x.into_data(), device);
        let pooled = head.pooled.forward(constant(Cut::Pool.regions(&sorted, &fixed)));
        let spp = head.spp.forward(constant(SppHead::pool(&sorted, &fixed)));
        let of = [aligned, pooled, spp, r_fcn].map(|output| self.losses_of(output, &sample, device));
        let [aligned, pooled, spp, r_fcn] = of;
        std::array::from_fn(|i| aligned[i].clone() + pooled[i].clone() + spp[i].clone() + r_fcn[i].clone())
    }

    fn losses_of(&self, output: BoxOutput, sample: &RegionSample, device: &Device) -> [Tensor<1>; 2] {
        let count = sample.regions.len();
        let logits = output.logits.reshape([count, LOGITS]).narrow(1, 0, CLASSES);
        let truth = Tensor::<2>::from_data(TensorData::new(sample.truth.clone(), [count, CLASSES]), device);
        let left_out = Tensor::<2>::from_data(TensorData::new(sample.left_out.clone(), [count, CLASSES]), device);
        let classes = cross_entropy(logits, truth, left_out);
        let codes = output.corrections.reshape([count, 4]);
        [classes, correction_loss(codes, &sample.positive, sample.codes.clone(), count, device)]
    }

    fn note(&self, losses: &[Tensor<1>; 4]) {
        let mut sums = self.sums.borrow_mut();
        for (sum, loss) in sums.0.iter_mut().zip(losses) {
            *sum += f64::from(loss.clone().into_scalar::<f32>());
        }
        sums.1 += 1;
    }
}

impl Lesson for FasterRcnnLesson {
    type Head = RegionFamily;

    fn load(&self, weights: &Weights, device: &Device) -> Result<RegionFamily, WeightsError> {
        RegionFamily::load(weights, device)
    }

    fn readers(&self) -> Vec<(&'static str, Vec<(usize, Map)>)> {
        // The files are written by `RegionFamily::files`, which says the same about their shorter names.
        vec![]
    }

    fn loss(&self, head: &RegionFamily, random: &mut Random, device: &Device) -> Result<Tensor<1>, TrainError> {
        let examples: Vec<&Example> = (0..self.batch).map(|_| random.among(&self.groups)).collect();
        let places: Vec<Place> = examples.iter().map(|example| example.place).collect();
        let (maps, outputs) = head.proposals.forward(&features(&self.caches, &places, device)?);
        let [objectness, anchors] = self.anchor_losses(&outputs, &examples, random, device);
        let fixed = outputs
            .into_iter()
            .map(|output| RpnOutput { objectness: output.objectness.inner(), corrections: output.corrections.inner() });
        let proposed = pollster::block_on(proposals(&fixed.collect::<Vec<_>>(), &ProposalRule::default()))?;
        let mut sample = RegionSample::default();
        for (photo, (example, proposals)) in examples.iter().zip(&proposed).enumerate() {
            sample_regions(proposals, &example.labels, photo, random, &mut sample);
        }
        let [classes, regions] = self.region_losses(head, &maps, sample, device);
        let losses = [objectness, anchors, classes, regions];
        self.note(&losses);
        let [objectness, anchors, classes, regions] = losses;
        Ok(objectness + anchors + classes + regions)
    }

    fn measure(&self, head: &RegionFamily, device: &Device) -> Result<Vec<(&'static str, f64)>, TrainError> {
        let (mut truths, mut guesses) = (Vec::new(), [const { Vec::new() }; Stage::ALL.len()]);
        let mut coverage = Coverage::default();
        for (batch, photos) in self.dev.chunks(MEASURED_BATCH).enumerate() {
            let places: Vec<Place> = photos.iter().map(|photo| photo.place).collect();
            let features = features(&self.caches, &places, device)?;
            let (maps, proposed) = pollster::block_on(head.proposals.propose(&features, &ProposalRule::default()))?;
            for (i, (photo, proposals)) in photos.iter().zip(&proposed).enumerate() {
                let image = (batch * MEASURED_BATCH + i) as u64;
                truths.extend(photo.objects.iter().map(|object| truth(image, object)));
                coverage.add(&boxes_of(proposals), &wanted(&photo.objects));
                let maps = maps.each_ref().map(|map| map.clone().narrow(0, i, 1));
                for (stage, guesses) in Stage::ALL.into_iter().zip(&mut guesses) {
                    guesses.extend(detected(head, stage, &maps, proposals, image)?);
                }
            }
        }
        let (sums, count) = self.sums.take();
        let precision = |guesses: &[Guess<BBox>]| voc::evaluate(&truths, guesses).mean().unwrap_or(0.0);
        let stages = Stage::ALL.into_iter().zip(&guesses);
        let mut measures: Vec<_> = stages.map(|(stage, guesses)| (stage.measure(), precision(guesses))).collect();
        measures.push(("recall_100", coverage.recall(RECALLED[0]).unwrap_or(0.0)));
        measures.push(("recall_300", coverage.recall(RECALLED[1]).unwrap_or(0.0)));
        measures.extend(LOSSES.into_iter().zip(sums.map(|sum| sum / count.max(1) as f64)));
        Ok(measures)
    }
}

/// What a second stage says about the proposals of one photo, after suppression.
fn detected(
    head: &RegionFamily,
    stage: Stage,
    maps: &[Tensor<4>; 3],
    proposals: &[Proposal],
    image: u64,
) -> Result<Vec<Guess<BBox>>, TrainError> {
    if proposals.is_empty() {
        return Ok(vec![]);
    }
    let regions: Vec<Region> = proposals.iter().map(|it| Region { photo: 0, bbox: it.bbox }).collect();
    let sorted = ByLevel::new(&regions);
    let output = head.forward(stage, maps, &sorted);
    let found = pollster::block_on(guesses(output, &sorted.order, proposals, MIN_SCORE))?;
    Ok(kept(&found, image))
}

fn boxes_of(proposals: &[Proposal]) -> Vec<BBox> {
    proposals.iter().map(|proposal| proposal.bbox).collect()
}

/// An output of all levels as `[batch * anchors, width]`, in the order of the anchors of each photo.
///
/// # Arguments
/// * `width` - numbers of an anchor.
fn per_anchor(outputs: &[RpnOutput], pick: impl Fn(&RpnOutput) -> &Tensor<4>, width: usize) -> Tensor<2> {
    let level = |output: &RpnOutput| {
        let map = pick(output).clone();
        let [n, height, columns, _] = map.dims();
        // Behind the anchors' numbers is padding.
        map.narrow(3, 0, PER_POSITION * width).reshape([n, height * columns * PER_POSITION, width])
    };
    let levels = Tensor::cat(outputs.iter().map(level).collect(), 1);
    let [n, anchors, _] = levels.dims();
    levels.reshape([n * anchors, width])
}

/// The loss of the corrections of some rows, summed and divided by the size of the sample that they belong to.
///
/// # Arguments
/// * `codes` - `[rows, 4]`.
/// * `positive` - the rows that count.
/// * `wanted` - four numbers for each of them.
fn correction_loss(codes: Tensor<2>, positive: &[i32], wanted: Vec<f32>, count: usize, device: &Device) -> Tensor<1> {
    if positive.is_empty() {
        return Tensor::zeros([1], device);
    }
    let wanted = Tensor::<2>::from_data(TensorData::new(wanted, [positive.len(), 4]), device);
    smooth_l1(codes.select(0, indices(positive, device)) - wanted).sum() / count as f32
}

fn indices(values: &[i32], device: &Device) -> Tensor<1, Int> {
    Tensor::from_data(TensorData::new(values.to_vec(), [values.len()]), device)
}

/// A tensor's numbers on the host, where our kernels pool them.
fn on_host(map: Tensor<4>) -> Tensor<4> {
    Tensor::from_data(map.inner().into_data(), &Device::flex())
}

/// R-FCN's vote as a matrix product, through which gradients pass; the same numbers as [`RFcnHead::vote`].
fn vote(maps: &PartMaps, regions: &[Region], device: &Device) -> BoxOutput {
    let [batch, height, width, _] = maps.scores.dims();
    let bins = PARTS * PARTS;
    let mut rows: [Vec<Tensor<2>>; 2] = Default::default();
    let mut places = Vec::with_capacity(regions.len());
    for photo in 0..batch {
        let own: Vec<usize> = (0..regions.len()).filter(|&i| regions[i].photo == photo).collect();
        if own.is_empty() {
            continue;
        }
        let shares = own.iter().flat_map(|&i| bin_shares(&regions[i], [height, width], PARTS)).collect();
        let shares = TensorData::new(shares, [own.len(), bins * height * width]);
        let shares: Tensor<2> = Tensor::<2>::from_data(shares, device) / bins as f32;
        for (map, rows) in [&maps.scores, &maps.corrections].into_iter().zip(&mut rows) {
            let numbers = map.dims()[3] / bins;
            let cells = map.clone().narrow(0, photo, 1).reshape([height * width, bins, numbers]);
            let cells = cells.swap_dims(0, 1).reshape([bins * height * width, numbers]);
            rows.push(shares.clone().matmul(cells));
        }
        places.extend(own);
    }
    // Back to the order of the regions.
    let mut order = vec![0; places.len()];
    for (row, place) in places.into_iter().enumerate() {
        // As in `sample_anchors`, the number fits.
        order[place] = row as i32;
    }
    let [logits, corrections] = rows.map(|rows| {
        let rows = Tensor::cat(rows, 0).select(0, indices(&order, device));
        let [count, numbers] = rows.dims();
        rows.reshape([1, 1, count, numbers])
    });
    BoxOutput { logits, corrections }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::heads::r_fcn::RFcnHead;

    #[test]
    fn the_vote_of_training_is_the_network_s() {
        let device = Device::flex();
        let numbers = |count: usize| {
            let values: Vec<f32> = (0..2 * 30 * count).map(|i| (i as f32 * 0.37).sin()).collect();
            Tensor::<4>::from_data(TensorData::new(values, [2, 5, 6, count]), &device)
        };
        let maps = PartMaps { scores: numbers(9 * LOGITS), corrections: numbers(9 * 4) };
        let region = |photo, x0, y0, side| Region { photo, bbox: BBox::new(x0, y0, x0 + side, y0 + side) };
        let regions = [region(1, 0.1, 0.2, 0.5), region(0, 0.0, 0.0, 1.0), region(1, 0.7, 0.6, 0.05)];
        let (ours, theirs) = (vote(&maps, &regions, &device), RFcnHead::vote(&maps, &regions));
        for (ours, theirs) in [(ours.logits, theirs.logits), (ours.corrections, theirs.corrections)] {
            let off: f32 = (ours - theirs).abs().max().into_scalar();
            assert!(off < 1e-5, "off by {off}");
        }
    }
}
