//! How well proposals cover the objects of photos, whatever their class (Hosang et al. 2016, "What Makes for Effective
//! Detection Proposals?"): recall at an intersection over union of 0.5, and the mean best overlap.

use crate::structures::boxes::BBox;

/// From this intersection over union on a proposal has found an object.
const FOUND: f32 = 0.5;

/// The proposals of some photos against their objects.
#[derive(Clone, Debug, Default)]
pub struct Coverage {
    /// For each object the best overlap so far after each proposal, where it changes: `(proposals, overlap)`.
    objects: Vec<Vec<(usize, f32)>>,
}

impl Coverage {
    /// Adds a photo.
    ///
    /// # Arguments
    /// * `proposals` - likeliest first.
    /// * `objects` - in the same unit.
    pub fn add(&mut self, proposals: &[BBox], objects: &[BBox]) {
        let steps = |object: &BBox| {
            let mut steps: Vec<(usize, f32)> = Vec::new();
            for (i, proposal) in proposals.iter().enumerate() {
                let iou = proposal.iou(object);
                if iou > steps.last().map_or(0.0, |step| step.1) {
                    steps.push((i + 1, iou));
                }
            }
            steps
        };
        self.objects.extend(objects.iter().map(steps));
    }

    /// The share of the objects that one of the first `most` proposals of their photo finds; `None` without objects.
    #[must_use]
    pub fn recall(&self, most: usize) -> Option<f64> {
        self.mean(most, |overlap| f64::from(u8::from(overlap >= FOUND)))
    }

    /// The mean over the objects of the best overlap with one of the first `most` proposals; `None` without objects.
    #[must_use]
    pub fn mean_best_overlap(&self, most: usize) -> Option<f64> {
        self.mean(most, f64::from)
    }

    fn mean(&self, most: usize, value: impl Fn(f32) -> f64) -> Option<f64> {
        let best = |steps: &Vec<(usize, f32)>| {
            steps.iter().take_while(|step| step.0 <= most).last().map_or(0.0, |step| step.1)
        };
        let sum: f64 = self.objects.iter().map(|steps| value(best(steps))).sum();
        (!self.objects.is_empty()).then(|| sum / self.objects.len() as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coverage_by_hand() {
        let span = |x1: f32| BBox::new(0.0, 0.0, x1, 1.0);
        let mut coverage = Coverage::default();
        assert!(coverage.recall(1).is_none());
        // Overlaps 0.4, 0.2 and 0.8 with an object; the second photo has an object and no proposal.
        coverage.add(&[span(4.0), span(2.0), span(8.0)], &[span(10.0)]);
        coverage.add(&[], &[span(1.0)]);
        let recalls = [1, 2, 3].map(|most| coverage.recall(most).unwrap());
        assert_eq!(recalls, [0.0, 0.0, 0.5]);
        let overlaps = [0, 1, 2, 3].map(|most| coverage.mean_best_overlap(most).unwrap());
        for (found, expected) in overlaps.iter().zip([0.0, 0.2, 0.2, 0.4]) {
            assert!((found - expected).abs() < 1e-6, "{overlaps:?}");
        }
    }
}
