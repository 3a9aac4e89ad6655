//! Regions of the pyramid of one size, and what the second stage says of them.

use std::rc::Rc;

use burn::tensor::Tensor;

use super::{
    Context, Output,
    region_proposals::{Levels, PhotoProposals, framing},
};
use crate::{
    device::{RunError, read},
    heads::{
        box_head::{BINS, BoxHead, BoxHeadBackward, BoxOutput, FeatureLoss, read_classes},
        faster_rcnn::Cut,
        spp::GRIDS,
    },
    ops::{Region, SAMPLES, roi_align_backward},
    proposals::levels::ByLevel,
    structures::{
        boxes::{BBox, Candidate},
        proposal::level_of,
        question::{Answer, FeatureGradient, LabelledRegion, LossGradient, Question},
        stage::{self, Artifact, FeatureMap},
    },
};

/// Regions whose features are read when somebody looks inside; with 300 of them a phone would run out of memory.
const SHOWN: usize = 60;

/// The proposals of a photo, cut out of the pyramid.
struct PooledProposals {
    /// `[proposals, 7, 7, 128]`; none without proposals.
    features: Option<Tensor<4>>,
    /// For each row of the features its place among the proposals.
    order: Vec<usize>,
    /// In photo pixels, in the order of the proposals.
    boxes: Vec<BBox>,
    cut: Cut,
}

impl PooledProposals {
    /// Cuts the proposals out of the pyramid.
    fn of(levels: &Levels, proposals: &PhotoProposals, cut: Cut) -> Self {
        let regions = proposals.regions();
        let sorted = ByLevel::new(&regions);
        let features = (!regions.is_empty()).then(|| cut.regions(&sorted, &levels.maps));
        let framing = framing(proposals.photo);
        let boxes = proposals.proposals.iter().map(|it| framing.fractions_to_photo(&it.bbox)).collect();
        Self { features, order: sorted.order, boxes, cut }
    }

    /// What a second stage says of them, before suppression, in photo pixels.
    async fn detections(
        &self,
        proposals: &PhotoProposals,
        head: impl FnOnce(Tensor<4>) -> BoxOutput,
    ) -> Result<Vec<Candidate>, RunError> {
        match self.features.clone() {
            Some(features) => proposals.detections(head(features), &self.order).await,
            None => Ok(vec![]),
        }
    }
}

impl Output for PooledProposals {
    fn last_tensor(&self) -> Option<Tensor<4>> {
        self.features.clone()
    }

    /// The best regions; of the spatial pyramid each grid as an element of its own, the finest first.
    async fn artifact(&self) -> Result<Artifact, RunError> {
        let Some(features) = &self.features else { return Ok(Artifact::Regions(vec![])) };
        let name = if self.cut == Cut::Align { "aligned" } else { "pooled" };
        let [count, height, width, channels] = features.dims();
        let grids =
            if self.cut == Cut::Pyramid { GRIDS.map(|side| (side, side)).to_vec() } else { vec![(height, width)] };
        let mut rows: Vec<usize> = (0..count).filter(|&row| self.order[row] < SHOWN).collect();
        rows.sort_by_key(|&row| self.order[row]);
        let mut regions = Vec::with_capacity(rows.len());
        for row in rows {
            let values = read(vec![features.clone().narrow(0, row, 1)]).await?;
            let mut values = &values[0][..];
            for &(height, width) in &grids {
                let (grid, rest) = values.split_at(height * width * channels);
                values = rest;
                regions.push(stage::Region {
                    bbox: self.boxes[self.order[row]],
                    candidate: None,
                    picture: None,
                    features: Some(FeatureMap::from_values(name, (height, width, channels), grid)),
                });
            }
        }
        Ok(Artifact::Regions(regions))
    }
}

/// Has a second stage say what given regions are; `None` where something else is asked.
///
/// # Arguments
/// * `head` - takes the regions as `cut` makes them.
pub async fn answer(
    question: &Question,
    levels: &Levels,
    cut: Cut,
    head: impl FnOnce(Tensor<4>) -> BoxOutput,
) -> Result<Option<Answer>, RunError> {
    let Question::Regions(boxes) = question else { return Ok(None) };
    let sorted = ByLevel::new(&regions_of(boxes));
    let output = (!boxes.is_empty()).then(|| head(cut.regions(&sorted, &levels.maps)));
    read_answer(output, &sorted.order, boxes).await
}

/// The gradient of the losses of one region with respect to the map of the pyramid that it is cut out of by RoIAlign.
///
/// # Arguments
/// * `head` - the second stage, and the way back through it.
pub async fn gradient(
    levels: &Levels,
    (head, backward): (&BoxHead, &BoxHeadBackward),
    labelled: &LabelledRegion,
) -> Result<FeatureGradient, RunError> {
    let region = Region { photo: 0, bbox: labelled.region };
    let feature = Cut::Align.regions(&ByLevel::new(&[region]), &levels.maps);
    let [class, correction] = backward.losses(head, feature, labelled).await?;
    let [_, height, width, channels] = levels.maps[level_of(&labelled.region)].dims();
    let gradient = |it: FeatureLoss| {
        let map = roi_align_backward(&it.gradient, &region, (height, width), BINS, SAMPLES);
        let norm = |cell: &[f32]| cell.iter().map(|it| it * it).sum::<f32>().sqrt();
        LossGradient { loss: it.loss, norms: map.chunks_exact(channels).map(norm).collect() }
    };
    Ok(FeatureGradient { width, height, class: gradient(class), correction: gradient(correction) })
}

/// Boxes as regions of a batch of one.
pub fn regions_of(boxes: &[BBox]) -> Vec<Region> {
    boxes.iter().map(|&bbox| Region { photo: 0, bbox }).collect()
}

/// Reads a second stage's output on given regions.
///
/// # Arguments
/// * `output` - `None` without regions.
/// * `order` - for each row of the output its place among the regions.
pub async fn read_answer(
    output: Option<BoxOutput>,
    order: &[usize],
    regions: &[BBox],
) -> Result<Option<Answer>, RunError> {
    let Some(output) = output else { return Ok(Some(Answer::Regions(vec![]))) };
    read_classes(output, order, regions).await.map(|it| Some(Answer::Regions(it)))
}

/// Cuts the proposals out of the pyramid, and has a second stage say what each one is: the detections before suppression.
///
/// # Arguments
/// * `keys` - of the two stages: the cut, the head.
/// * `head` - takes the regions as `cut` makes them.
pub async fn detections(
    cx: &mut Context<'_>,
    [cut_key, head_key]: [&'static str; 2],
    levels: &Levels,
    proposals: &PhotoProposals,
    cut: Cut,
    head: impl FnOnce(Tensor<4>) -> BoxOutput,
) -> Result<Rc<Vec<Candidate>>, RunError> {
    let count = proposals.proposals.len();
    let pooled = cx.stage_with(cut_key, &count, async |_| Ok(PooledProposals::of(levels, proposals, cut))).await?;
    cx.stage_with(head_key, &count, async |_| pooled.detections(proposals, head).await).await
}

/// As [`detections`], beside the run: no stage is kept or timed.
pub async fn detections_beside(
    levels: &Levels,
    proposals: &PhotoProposals,
    cut: Cut,
    head: impl FnOnce(Tensor<4>) -> BoxOutput,
) -> Result<Vec<Candidate>, RunError> {
    PooledProposals::of(levels, proposals, cut).detections(proposals, head).await
}
