//! Precision and recall of one photo's detections as they are taken one by one.

use crate::{
    eval::{
        average_precision::{Guess, Truth},
        voc,
    },
    structures::boxes::BBox,
};

/// What is known after another detection was taken.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Point {
    /// Part of the objects that were found, 0 to 1.
    pub recall: f64,
    /// Part of the detections so far that are right, 0 to 1.
    pub precision: f64,
}

/// Recall and precision after each detection.
///
/// # Arguments
/// * `is_right` - of each detection, best score first.
/// * `missed` - objects that no detection has found.
#[must_use]
pub fn curve(is_right: &[bool], missed: usize) -> Vec<Point> {
    let objects = is_right.iter().filter(|&&it| it).count() + missed;
    let mut right = 0;
    let point = |(taken, &is_right): (usize, &bool)| {
        right += usize::from(is_right);
        Point { recall: right as f64 / objects.max(1) as f64, precision: right as f64 / (taken + 1) as f64 }
    };
    is_right.iter().enumerate().map(point).collect()
}

/// Average precision of the first detections, as PASCAL VOC 2007 measures it.
///
/// # Arguments
/// * `is_right`, `missed` - as in [`curve`].
/// * `taken` - how many detections count.
///
/// # Returns
/// `None` when there is nothing to find.
#[must_use]
pub fn average_precision(is_right: &[bool], missed: usize, taken: usize) -> Option<f64> {
    // Boxes that overlap nothing but their own object.
    let place = |i: usize| BBox::new(2.0 * i as f32, 0.0, 2.0 * i as f32 + 1.0, 1.0);
    let found = (0..is_right.len()).filter(|&i| is_right[i]);
    let objects = found.chain(is_right.len()..is_right.len() + missed);
    let truth = |i: usize| Truth { image: 0, category: 1, area: 1.0, crowd: false, ignore: false, shape: place(i) };
    let guess = |i: usize| Guess { image: 0, category: 1, area: 1.0, score: -(i as f64), shape: place(i) };
    let truths: Vec<_> = objects.map(truth).collect();
    voc::evaluate(&truths, &(0..is_right.len().min(taken)).map(guess).collect::<Vec<_>>()).mean()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_detections_by_hand() {
        let is_right = [true, false, true];
        let points: Vec<_> = curve(&is_right, 1).iter().map(|it| (it.recall, it.precision)).collect();
        assert_eq!(points, [(1.0 / 3.0, 1.0), (1.0 / 3.0, 0.5), (2.0 / 3.0, 2.0 / 3.0)]);
        // Recalls 0 to 0.3 have precision 1, 0.4 to 0.6 have 2/3, those above nothing.
        let all = average_precision(&is_right, 1, 3).expect("there are objects");
        assert!((all - (4.0 + 3.0 * 2.0 / 3.0) / 11.0).abs() < 1e-9, "{all}");
        assert_eq!(average_precision(&is_right, 1, 0), Some(0.0));
        assert_eq!((average_precision(&[false], 0, 1), curve(&[], 2).len()), (None, 0));
    }
}
