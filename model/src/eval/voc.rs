//! Average precision as PASCAL VOC 2007 measures it (Everingham et al. 2010, "The PASCAL Visual Object Classes Challenge",
//! section 4.2): precision is sampled at eleven recalls, and objects marked difficult neither count nor harm. Written from
//! the description and checked against an independent evaluation (`tests/reference/voc`).

use std::collections::BTreeMap;

use super::average_precision::{Guess, Truth};
use crate::structures::boxes::BBox;

/// From this intersection over union on a guess has found an object.
const FOUND: f32 = 0.5;
/// Precision is sampled at these many recalls, 0 to 1.
const RECALL_SAMPLES: u32 = 11;

/// Average precision of one class.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ClassPrecision {
    /// The category's number.
    pub category: u16,
    /// Objects that are not difficult.
    pub objects: usize,
    /// 0 to 1.
    pub average_precision: f64,
}

/// The result of [`evaluate`].
#[derive(Clone, Debug, PartialEq)]
pub struct VocSummary {
    /// The classes that have an object to find, by number.
    pub classes: Vec<ClassPrecision>,
}

impl VocSummary {
    /// Mean average precision; `None` when there is nothing to find.
    #[must_use]
    pub fn mean(&self) -> Option<f64> {
        let sum: f64 = self.classes.iter().map(|class| class.average_precision).sum();
        (!self.classes.is_empty()).then(|| sum / self.classes.len() as f64)
    }
}

/// Measures guesses against truths. Guesses of a class that has no truth do not count.
///
/// # Arguments
/// * `truths` - with [`Truth::ignore`] for those that are difficult.
/// * `guesses` - in any order; of equal scores the earlier comes first.
#[must_use]
pub fn evaluate(truths: &[Truth<BBox>], guesses: &[Guess<BBox>]) -> VocSummary {
    let mut categories: BTreeMap<u16, BTreeMap<u64, Vec<&Truth<BBox>>>> = BTreeMap::new();
    for truth in truths {
        categories.entry(truth.category).or_default().entry(truth.image).or_default().push(truth);
    }
    let of_category = |(category, images): (u16, BTreeMap<u64, Vec<&Truth<BBox>>>)| {
        let objects = images.values().flatten().filter(|truth| !truth.ignore).count();
        let mut guesses: Vec<&Guess<BBox>> = guesses.iter().filter(|guess| guess.category == category).collect();
        guesses.sort_by(|a, b| b.score.total_cmp(&a.score));
        let average_precision = average_precision(&curve(&images, &guesses, objects));
        (objects > 0).then_some(ClassPrecision { category, objects, average_precision })
    };
    VocSummary { classes: categories.into_iter().filter_map(of_category).collect() }
}

/// Recall and precision after each guess that counts.
///
/// # Arguments
/// * `guesses` - of one class, best first.
/// * `objects` - how many there are to find.
fn curve(images: &BTreeMap<u64, Vec<&Truth<BBox>>>, guesses: &[&Guess<BBox>], objects: usize) -> Vec<(f64, f64)> {
    let mut taken: BTreeMap<u64, Vec<bool>> =
        images.iter().map(|(&image, truths)| (image, vec![false; truths.len()])).collect();
    let (mut right, mut wrong) = (0_usize, 0_usize);
    let mut curve = Vec::with_capacity(guesses.len());
    for guess in guesses {
        // The object that the guess overlaps most is the only one that it can find.
        let truths = images.get(&guess.image).map_or(&[][..], Vec::as_slice);
        let mut best: Option<(usize, f32)> = None;
        for (i, truth) in truths.iter().enumerate() {
            let iou = truth.shape.iou(&guess.shape);
            if iou > best.map_or(0.0, |best| best.1) {
                best = Some((i, iou));
            }
        }
        match (best.filter(|best| best.1 >= FOUND), taken.get_mut(&guess.image)) {
            (Some((i, _)), _) if truths[i].ignore => continue,
            (Some((i, _)), Some(taken)) if !taken[i] => {
                taken[i] = true;
                right += 1;
            }
            _ => wrong += 1,
        }
        curve.push((right as f64 / objects.max(1) as f64, right as f64 / (right + wrong) as f64));
    }
    curve
}

/// The mean over eleven recalls of the best precision at that recall or a higher one.
fn average_precision(curve: &[(f64, f64)]) -> f64 {
    let best_from =
        |recall: f64| curve.iter().filter(|point| point.0 >= recall).map(|point| point.1).fold(0.0, f64::max);
    let recalls = (0..RECALL_SAMPLES).map(|i| f64::from(i) / f64::from(RECALL_SAMPLES - 1));
    recalls.map(best_from).sum::<f64>() / f64::from(RECALL_SAMPLES)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn truth(image: u64, x0: f32, ignore: bool) -> Truth<BBox> {
        Truth { image, category: 1, area: 1.0, crowd: false, ignore, shape: BBox::new(x0, 0.0, x0 + 1.0, 1.0) }
    }

    fn guess(image: u64, x0: f32, score: f64) -> Guess<BBox> {
        Guess { image, category: 1, area: 1.0, score, shape: BBox::new(x0, 0.0, x0 + 1.0, 1.0) }
    }

    #[test]
    fn two_of_three_by_hand() {
        let truths = [truth(1, 0.0, false), truth(1, 5.0, false), truth(2, 0.0, false)];
        // Right, wrong (the same object again), right: precisions 1, 1/2, 2/3 at recalls 1/3, 1/3, 2/3.
        let guesses = [guess(1, 0.1, 0.9), guess(1, 0.0, 0.8), guess(2, 0.0, 0.7)];
        let found = evaluate(&truths, &guesses);
        // Recalls 0 to 0.3 have precision 1, 0.4 to 0.6 have 2/3, those above nothing.
        let expected = (4.0 + 3.0 * 2.0 / 3.0) / 11.0;
        assert!((found.mean().unwrap() - expected).abs() < 1e-9, "{found:?}");
        assert_eq!(found.classes[0].objects, 3);
    }

    #[test]
    fn difficult_objects_neither_count_nor_harm() {
        let truths = [truth(1, 0.0, false), truth(1, 5.0, true)];
        let guesses = [guess(1, 5.0, 0.9), guess(1, 5.0, 0.85), guess(1, 0.0, 0.8)];
        assert!((evaluate(&truths, &guesses).mean().unwrap() - 1.0).abs() < 1e-9);
        assert!(evaluate(&truths[1..], &guesses).mean().is_none(), "there is nothing to find");
    }

    #[test]
    fn a_guess_finds_only_what_it_overlaps_most() {
        // The guess overlaps the taken object more than the free one, both by more than half.
        let truths = [truth(1, 0.0, false), truth(1, 0.3, false)];
        let guesses = [guess(1, 0.0, 0.9), guess(1, 0.1, 0.8)];
        let found = evaluate(&truths, &guesses).mean().unwrap();
        assert!((found - 6.0 / 11.0).abs() < 1e-9, "{found}");
    }
}
