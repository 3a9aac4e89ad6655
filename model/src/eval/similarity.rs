//! How well a guess fits the truth: intersection over union of boxes and of masks, and object keypoint similarity of skeletons.

use crate::structures::{rle::Rle, skeleton::KEYPOINT_SIGMAS};

/// Intersection over union of two boxes given as left, top, width, height.
///
/// # Arguments
/// * `crowd` - whether `truth` is a label of many objects: then the union is the guess alone, since a guess of any part
///   of the crowd is right.
#[must_use]
pub fn box_iou(truth: &[f64; 4], guess: &[f64; 4], crowd: bool) -> f64 {
    let overlap = |axis: usize| {
        let end = (truth[axis] + truth[axis + 2]).min(guess[axis] + guess[axis + 2]);
        (end - truth[axis].max(guess[axis])).max(0.0)
    };
    let intersection = overlap(0) * overlap(1);
    let (truth_area, guess_area) = (truth[2] * truth[3], guess[2] * guess[3]);
    let union = if crowd { guess_area } else { truth_area + guess_area - intersection };
    if union > 0.0 { intersection / union } else { 0.0 }
}

/// Intersection over union of two masks of one photo, 0 for two empty ones.
///
/// # Arguments
/// * `crowd` - as for [`box_iou`].
#[must_use]
pub fn mask_iou(truth: &Rle, guess: &Rle, crowd: bool) -> f64 {
    let intersection = truth.intersection(guess);
    let union = if crowd { guess.area() } else { truth.area() + guess.area() - intersection };
    if union > 0 { intersection as f64 / union as f64 } else { 0.0 }
}

/// A labelled skeleton.
#[derive(Clone, Copy, Debug)]
pub struct Skeleton<'a> {
    /// `x, y, v` of each keypoint; v 0 means not labelled.
    pub keypoints: &'a [f64],
    /// The object's box: left, top, width, height.
    pub bbox: [f64; 4],
    /// The object's area in squared pixels.
    pub area: f64,
}

/// Object keypoint similarity: the mean over the labelled keypoints of `exp(-d^2 / (2 s^2 k^2))` with distance `d`,
/// squared object scale `s^2` (the area) and spread `k` of the keypoint (twice its sigma). Where nothing is labelled, a keypoint counts as
/// right inside the box widened by its own size on each side, and the further out the worse.
///
/// # Arguments
/// * `guess` - `x, y, v` of each keypoint; v is not looked at.
#[must_use]
pub fn object_keypoint_similarity(truth: &Skeleton<'_>, guess: &[f64]) -> f64 {
    let labelled = truth.keypoints.chunks_exact(3).any(|point| point[2] > 0.0);
    let [x, y, width, height] = truth.bbox;
    let outside =
        |at: f64, start: f64, length: f64| (start - length - at).max(0.0) + (at - start - 2.0 * length).max(0.0);
    let (mut sum, mut count) = (0.0, 0);
    for ((truth_point, guess_point), sigma) in
        truth.keypoints.chunks_exact(3).zip(guess.chunks_exact(3)).zip(KEYPOINT_SIGMAS)
    {
        if labelled && truth_point[2] <= 0.0 {
            continue;
        }
        let (dx, dy) = if labelled {
            (guess_point[0] - truth_point[0], guess_point[1] - truth_point[1])
        } else {
            (outside(guess_point[0], x, width), outside(guess_point[1], y, height))
        };
        let variance = (2.0 * sigma).powi(2);
        sum += (-(dx * dx + dy * dy) / variance / (truth.area + f64::EPSILON) / 2.0).exp();
        count += 1;
    }
    if count == 0 { 0.0 } else { sum / f64::from(count) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crowds_forgive_their_own_size() {
        let (crowd, part) = ([0.0, 0.0, 100.0, 100.0], [10.0, 10.0, 20.0, 20.0]);
        assert!((box_iou(&crowd, &part, false) - 0.04).abs() < 1e-12);
        assert_eq!(box_iou(&crowd, &part, true), 1.0);
        assert_eq!(box_iou(&crowd, &[200.0, 0.0, 5.0, 5.0], true), 0.0);
        assert_eq!(box_iou(&[0.0; 4], &[0.0; 4], false), 0.0);
    }

    #[test]
    fn masks_share_pixels() {
        let columns = |from: usize, to: usize| Rle::from_window((4, 3), from..to, 0..3, |_, _| true);
        assert!((mask_iou(&columns(0, 2), &columns(1, 4), false) - 0.25).abs() < 1e-12);
        assert!((mask_iou(&columns(0, 2), &columns(1, 4), true) - 1.0 / 3.0).abs() < 1e-12);
        assert_eq!(mask_iou(&columns(0, 0), &columns(0, 0), false), 0.0);
    }

    #[test]
    fn one_spread_away_is_the_root_of_e() {
        let mut truth = [0.0; 51];
        truth[..3].copy_from_slice(&[50.0, 50.0, 2.0]);
        let skeleton = Skeleton { keypoints: &truth, bbox: [0.0, 0.0, 100.0, 100.0], area: 10_000.0 };
        let mut guess = [7.0; 51];
        guess[..3].copy_from_slice(&[50.0 + 2.0 * 0.026 * 100.0, 50.0, 0.0]);
        // Only the labelled nose counts.
        assert!((object_keypoint_similarity(&skeleton, &guess) - (-0.5_f64).exp()).abs() < 1e-9);
    }

    #[test]
    fn without_labels_the_neighbourhood_of_the_box_counts() {
        let skeleton = Skeleton { keypoints: &[0.0; 51], bbox: [100.0, 100.0, 10.0, 10.0], area: 100.0 };
        assert_eq!(object_keypoint_similarity(&skeleton, &[95.0; 51]), 1.0);
        assert!(object_keypoint_similarity(&skeleton, &[500.0; 51]) < 1e-6);
    }
}
