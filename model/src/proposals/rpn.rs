//! The region proposal network (Ren et al. 2015, "Faster R-CNN", section 3.1): at each position of a pyramid's maps, how
//! likely each anchor holds an object of any class, and a first correction of the anchor.

use burn::{
    module::Module,
    tensor::{Device, Tensor},
};

use super::anchors::PER_POSITION;
use crate::{
    nn::{
        Conv1x1, DepthwiseConv2d,
        weights::{Weights, WeightsError},
    },
    ops::Activation,
    structures::{
        boxes::{BBox, BoxCoding, Candidate, Competition, Suppression, suppress},
        proposal::Proposal,
    },
};

/// Objectness columns of a position; those behind [`PER_POSITION`] are padding that nobody reads: the GPU works on whole
/// vectors of four.
pub const OBJECTNESS: usize = PER_POSITION.next_multiple_of(4);
/// Columns of the corrections of a position: `ty, tx, th, tw` of each anchor.
pub const CORRECTIONS: usize = 4 * PER_POSITION;
/// The coding of both corrections, the anchor's and the proposal's: they have about the same spread.
pub const CODING: BoxCoding = BoxCoding::SSD;
/// Proposals with a shorter side, in fractions of the input, are dropped: four pixels of 416.
const MIN_SIDE: f32 = 4.0 / 416.0;

/// The head that slides over the maps, the same for all levels: a separable 3x3 convolution, then two linear layers.
#[derive(Module, Debug)]
pub struct RpnHead {
    window: DepthwiseConv2d,
    hidden: Conv1x1,
    objectness: Conv1x1,
    corrections: Conv1x1,
}

/// The head's raw output on one level.
#[derive(Clone, Debug)]
pub struct RpnOutput {
    /// `[batch, height, width, OBJECTNESS]`: a logit an anchor, then padding.
    pub objectness: Tensor<4>,
    /// `[batch, height, width, CORRECTIONS]`: `ty, tx, th, tw` an anchor, coded by [`CODING`].
    pub corrections: Tensor<4>,
}

impl RpnHead {
    /// Loads `{name}.{window,hidden,objectness,corrections}`.
    ///
    /// # Arguments
    /// * `channels` - of the maps that it reads.
    ///
    /// # Errors
    /// When a tensor is missing or of another shape.
    pub fn load(weights: &Weights, name: &str, channels: usize, device: &Device) -> Result<Self, WeightsError> {
        let pointwise = |part: &str, c_out: usize, activation| {
            Conv1x1::load(weights, &format!("{name}.{part}"), (channels, c_out), activation, device)
        };
        Ok(Self {
            window: DepthwiseConv2d::load(weights, &format!("{name}.window"), channels, 1, Activation::Linear, device)?,
            hidden: pointwise("hidden", channels, Activation::Relu)?,
            objectness: pointwise("objectness", OBJECTNESS, Activation::Linear)?,
            corrections: pointwise("corrections", CORRECTIONS, Activation::Linear)?,
        })
    }

    /// The outputs on the levels of a pyramid, `[batch, height, width, 128]` each.
    #[must_use]
    pub fn forward(&self, maps: &[Tensor<4>]) -> Vec<RpnOutput> {
        let on_level = |map: &Tensor<4>| {
            let hidden = self.hidden.forward(self.window.forward(map.clone()), None);
            RpnOutput {
                objectness: self.objectness.forward(hidden.clone(), None),
                corrections: self.corrections.forward(hidden, None),
            }
        };
        maps.iter().map(on_level).collect()
    }
}

/// How many proposals are made.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ProposalRule {
    /// The likeliest anchors that compete in suppression.
    pub before_suppression: usize,
    /// Proposals that survive it, at most.
    pub after_suppression: usize,
    /// Of two proposals that overlap by more than this intersection over union, the likelier one stays.
    pub iou: f32,
}

impl Default for ProposalRule {
    /// 300 proposals, as Ren et al. measure with.
    fn default() -> Self {
        Self { before_suppression: 1500, after_suppression: 300, iou: 0.7 }
    }
}

/// One level's raw output on the host, for one photo.
#[derive(Clone, Copy, Debug)]
pub struct RpnValues<'a> {
    /// [`OBJECTNESS`] numbers a position.
    pub objectness: &'a [f32],
    /// [`CORRECTIONS`] numbers a position.
    pub corrections: &'a [f32],
}

/// Turns raw outputs into proposals, likeliest first.
///
/// # Arguments
/// * `levels` - the outputs for one photo, in the order of the anchors.
/// * `anchors` - from [`super::anchors::anchors`].
#[must_use]
pub fn propose(levels: &[RpnValues<'_>], anchors: &[BBox], rule: &ProposalRule) -> Vec<Proposal> {
    let mut likely: Vec<(f32, usize)> = Vec::with_capacity(anchors.len());
    let mut corrections: Vec<&[f32]> = Vec::with_capacity(anchors.len());
    for level in levels {
        let positions = level.objectness.chunks_exact(OBJECTNESS).zip(level.corrections.chunks_exact(CORRECTIONS));
        for (objectness, codes) in positions {
            let first = likely.len();
            likely.extend(objectness[..PER_POSITION].iter().enumerate().map(|(i, &logit)| (logit, first + i)));
            corrections.extend(codes.chunks_exact(4));
        }
    }
    let best_first = |a: &(f32, usize), b: &(f32, usize)| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1));
    if likely.len() > rule.before_suppression {
        likely.select_nth_unstable_by(rule.before_suppression, best_first);
        likely.truncate(rule.before_suppression);
    }
    likely.sort_unstable_by(best_first);
    let corrected = likely.into_iter().filter_map(|(logit, anchor)| {
        let code = corrections[anchor];
        let bbox = CODING.decode([code[0], code[1], code[2], code[3]], anchors.get(anchor)?).clip(1.0, 1.0);
        let score = 1.0 / (1.0 + (-logit).exp());
        let large = bbox.width() >= MIN_SIDE && bbox.height() >= MIN_SIDE;
        large.then_some(Candidate { bbox, class: 0, score, prior: anchor as u32 })
    });
    let candidates: Vec<Candidate> = corrected.collect();
    let rule = Suppression {
        min_score: 0.0,
        iou: rule.iou,
        competition: Competition::PerClass,
        max_boxes: rule.after_suppression,
    };
    let proposal = |i: usize| {
        let Candidate { bbox, score, prior, .. } = candidates[i];
        Proposal { bbox, score, anchor: Some(prior) }
    };
    suppress(&candidates, &rule).kept.into_iter().map(proposal).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proposals::anchors::anchors;

    /// A pyramid of one position a level, on which nothing is likely and nothing is corrected.
    fn quiet() -> [(Vec<f32>, Vec<f32>); 3] {
        std::array::from_fn(|_| (vec![-9.0; OBJECTNESS], vec![0.0; CORRECTIONS]))
    }

    fn values(levels: &[(Vec<f32>, Vec<f32>)]) -> Vec<RpnValues<'_>> {
        levels.iter().map(|(objectness, corrections)| RpnValues { objectness, corrections }).collect()
    }

    #[test]
    fn likely_anchors_are_corrected_and_lesser_ones_nearby_go() {
        let anchors = anchors(&[(1, 1), (1, 1), (1, 1)]);
        let mut levels = quiet();
        levels[1].0[1] = 2.0; // The square of size 0.2 ...
        levels[1].1[5] = 1.0; // ... moved right by a tenth of its width.
        levels[1].0[4] = 1.0; // The square of size 0.32: an overlap of 0.39 with the other one before it moves.
        levels[1].0[PER_POSITION] = 50.0; // Padding.
        let found = propose(&values(&levels), &anchors, &ProposalRule { after_suppression: 2, ..Default::default() });
        assert_eq!(found.iter().filter_map(|it| it.anchor).collect::<Vec<_>>(), [7, 10]);
        assert!((found[0].score - 0.880_797).abs() < 1e-5);
        for (found, expected) in found[0].bbox.to_xywh().iter().zip([0.42, 0.4, 0.2, 0.2]) {
            assert!((found - expected).abs() < 1e-6, "{found} is not {expected}");
        }
        let strict = ProposalRule { iou: 0.3, before_suppression: 2, ..Default::default() };
        assert_eq!(propose(&values(&levels), &anchors, &strict).len(), 1, "the likelier one suppresses the other");
    }

    #[test]
    fn proposals_are_inside_and_not_tiny() {
        let anchors = anchors(&[(1, 1), (1, 1), (1, 1)]);
        let mut levels = quiet();
        levels[2].0[4] = 3.0;
        levels[2].1[16 + 1] = 5.0; // half its width to the right
        levels[0].0[1] = 5.0;
        levels[0].1[4 + 3] = -20.0; // so narrow that nothing is left
        let found = propose(&values(&levels), &anchors, &ProposalRule { before_suppression: 2, ..Default::default() });
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].anchor, found[0].bbox.x1), (Some(12 + 4), 1.0));
    }
}
