//! Which truth a box is to become, by intersection over union (Ren et al. 2015, "Faster R-CNN", section 3.1.2; Girshick
//! 2015, "Fast R-CNN", section 2.3).

use crate::structures::boxes::BBox;

/// When a box is an object and when it is background.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Thresholds {
    /// From this overlap with a truth on, a box is to become it.
    pub positive: f32,
    /// Below this overlap with every truth, a box is background; between the two it teaches nothing.
    pub negative: f32,
    /// Whether the boxes that overlap a truth most are to become it, however little they overlap, so that no truth is
    /// without a box.
    pub best_counts: bool,
}

impl Thresholds {
    /// Of anchors: those of Ren et al.
    pub const ANCHORS: Self = Self { positive: 0.7, negative: 0.3, best_counts: true };
    /// Of proposals: those of Girshick, without a lower bound for the background.
    pub const PROPOSALS: Self = Self { positive: 0.5, negative: 0.5, best_counts: false };
}

/// What a box is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Match {
    /// The truth of this index.
    Positive(usize),
    /// Background.
    Negative,
    /// Neither.
    Ignored,
}

/// Matches boxes with truths.
///
/// # Arguments
/// * `boxes`, `truths` - in the same unit.
/// * `ignored` - boxes about whose content nothing is known: what would be background but overlaps one of them by
///   [`Thresholds::negative`] teaches nothing.
///
/// # Returns
/// A match for each box.
#[must_use]
pub fn match_boxes(boxes: &[BBox], truths: &[BBox], ignored: &[BBox], thresholds: Thresholds) -> Vec<Match> {
    let mut best_of_truth = vec![0.0f32; truths.len()];
    let mut overlaps = Vec::with_capacity(boxes.len() * truths.len());
    for bbox in boxes {
        for (truth, best) in truths.iter().zip(&mut best_of_truth) {
            let iou = bbox.iou(truth);
            *best = best.max(iou);
            overlaps.push(iou);
        }
    }
    let of_box = |(i, bbox): (usize, &BBox)| {
        let overlaps = &overlaps[i * truths.len()..][..truths.len()];
        // Of several truths that this is the best box for, the one that it overlaps most.
        let best_for = |&truth: &usize| overlaps[truth] > 0.0 && overlaps[truth] >= best_of_truth[truth] - 1e-6;
        let by_overlap = |a: &usize, b: &usize| overlaps[*a].total_cmp(&overlaps[*b]);
        if thresholds.best_counts
            && let Some(truth) = (0..truths.len()).filter(best_for).max_by(by_overlap)
        {
            return Match::Positive(truth);
        }
        match (0..truths.len()).max_by(by_overlap) {
            Some(truth) if overlaps[truth] >= thresholds.positive => Match::Positive(truth),
            Some(truth) if overlaps[truth] >= thresholds.negative => Match::Ignored,
            _ if ignored.iter().any(|it| bbox.iou(it) >= thresholds.negative) => Match::Ignored,
            _ => Match::Negative,
        }
    };
    boxes.iter().enumerate().map(of_box).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A box of height 1 from `x0` to `x1`.
    fn span(x0: f32, x1: f32) -> BBox {
        BBox::new(x0, 0.0, x1, 1.0)
    }

    #[test]
    fn anchors_by_hand() {
        // Overlaps with the truth 0..10: 0.8, 0.5, 0.2, 0.
        let boxes = [span(0.0, 8.0), span(0.0, 5.0), span(0.0, 2.0), span(20.0, 30.0)];
        let found = match_boxes(&boxes, &[span(0.0, 10.0)], &[], Thresholds::ANCHORS);
        assert_eq!(found, [Match::Positive(0), Match::Ignored, Match::Negative, Match::Negative]);
    }

    #[test]
    fn the_best_box_of_a_truth_counts_however_little_it_overlaps() {
        let (boxes, truths) = ([span(0.0, 2.0), span(3.0, 10.0)], [span(0.0, 10.0), span(1.0, 2.0)]);
        // The first box is the best of the second truth (0.5), the second one of the first truth (0.7).
        let found = match_boxes(&boxes, &truths, &[], Thresholds::ANCHORS);
        assert_eq!(found, [Match::Positive(1), Match::Positive(0)]);
        // Proposals have no such rule, and one threshold.
        let found = match_boxes(&boxes, &truths[..1], &[], Thresholds::PROPOSALS);
        assert_eq!(found, [Match::Negative, Match::Positive(0)]);
    }

    #[test]
    fn nothing_is_learnt_near_what_is_not_known() {
        let (boxes, unsure) = ([span(0.0, 8.0), span(0.0, 2.0)], [span(0.0, 10.0)]);
        let found = match_boxes(&boxes, &[], &unsure, Thresholds::ANCHORS);
        assert_eq!(found, [Match::Ignored, Match::Negative]);
        // A truth there is still a truth.
        let found = match_boxes(&boxes, &[span(0.0, 8.0)], &unsure, Thresholds::ANCHORS);
        assert_eq!(found[0], Match::Positive(0));
    }

    #[test]
    fn without_truths_all_is_background() {
        assert_eq!(match_boxes(&[span(0.0, 1.0)], &[], &[], Thresholds::ANCHORS), [Match::Negative]);
    }
}
