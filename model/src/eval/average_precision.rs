//! Average precision as COCO measures it (cocodataset.org, "Detection Evaluation"): guesses are matched to truths by
//! score, at ten thresholds of similarity; precision is made monotone, sampled at 101 recalls and averaged. Written from
//! the description and checked against the reference implementation (`tests/reference/average_precision`).

use std::collections::BTreeMap;

/// A labelled object of a photo.
#[derive(Clone, Debug)]
pub struct Truth<S> {
    /// The photo's number.
    pub image: u64,
    /// The category's number.
    pub category: u16,
    /// Area in squared pixels.
    pub area: f64,
    /// A label of many objects: any number of guesses may match it, and none of them counts.
    pub crowd: bool,
    /// Neither finding nor missing it counts.
    pub ignore: bool,
    /// What the similarity compares.
    pub shape: S,
}

/// A guess.
#[derive(Clone, Debug)]
pub struct Guess<S> {
    /// The photo's number.
    pub image: u64,
    /// The category's number.
    pub category: u16,
    /// Area in squared pixels.
    pub area: f64,
    /// Confidence.
    pub score: f64,
    /// What the similarity compares.
    pub shape: S,
}

/// What is measured: every combination of a threshold, a range of areas and a number of guesses a photo.
#[derive(Clone, Debug, PartialEq)]
pub struct Protocol {
    /// A guess matches a truth that it resembles by at least this much.
    pub thresholds: Vec<f64>,
    /// Smallest and largest area; truths outside are ignored.
    pub areas: Vec<(f64, f64)>,
    /// The best guesses of a photo and category that count, ascending.
    pub max_guesses: Vec<usize>,
}

/// Precision is sampled at these many recalls, 0 to 1.
const RECALL_SAMPLES: usize = 101;

/// `count` evenly spaced numbers from `first` to `last`.
pub(super) fn evenly_spaced(first: f64, last: f64, count: usize) -> Vec<f64> {
    let step = (last - first) / (count - 1) as f64;
    (0..count).map(|i| if i == count - 1 { last } else { first + i as f64 * step }).collect()
}

/// What is measured at one threshold.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Score {
    /// Mean precision over 101 recalls.
    pub average_precision: f64,
    /// The share of truths that were found.
    pub recall: f64,
}

/// A score for each threshold; `None` where there is no truth to find.
pub type Scores = Option<Vec<Score>>;

/// Average precision and recall of one category, by range of areas, number of guesses and threshold.
#[derive(Clone, Debug)]
pub struct CategoryScores {
    /// The category's number.
    pub category: u16,
    /// Indexed `[area][max_guesses]`, as in [`Protocol`].
    pub scores: Vec<Vec<Scores>>,
}

/// The result of [`evaluate`].
#[derive(Clone, Debug)]
pub struct Evaluation {
    /// By category, ascending.
    pub categories: Vec<CategoryScores>,
}

impl Evaluation {
    /// Average precision, averaged over the categories that have truths and over the thresholds at these indices.
    #[must_use]
    pub fn average_precision(
        &self,
        area: usize,
        max_guesses: usize,
        thresholds: std::ops::Range<usize>,
    ) -> Option<f64> {
        self.mean(area, max_guesses, thresholds, |score| score.average_precision)
    }

    /// Recall, averaged likewise.
    #[must_use]
    pub fn average_recall(&self, area: usize, max_guesses: usize, thresholds: std::ops::Range<usize>) -> Option<f64> {
        self.mean(area, max_guesses, thresholds, |score| score.recall)
    }

    fn mean(
        &self,
        area: usize,
        max_guesses: usize,
        thresholds: std::ops::Range<usize>,
        pick: impl Fn(Score) -> f64,
    ) -> Option<f64> {
        let measured = self.categories.iter().filter_map(|category| category.scores[area][max_guesses].as_ref());
        let values: Vec<f64> =
            measured.flat_map(|scores| &scores[thresholds.clone()]).map(|&score| pick(score)).collect();
        (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
    }
}

/// Measures guesses against truths.
///
/// # Arguments
/// * `truths`, `guesses` - in any order; guesses of equal score keep theirs within a photo.
/// * `protocol` - thresholds, areas, numbers of guesses.
/// * `similarity` - of a truth and a guess of the same photo and category, 0 to 1.
#[must_use]
pub fn evaluate<T, G>(
    truths: &[Truth<T>],
    guesses: &[Guess<G>],
    protocol: &Protocol,
    similarity: impl Fn(&Truth<T>, &Guess<G>) -> f64,
) -> Evaluation {
    let mut categories: BTreeMap<u16, BTreeMap<u64, Pair<'_, T, G>>> = BTreeMap::new();
    for truth in truths {
        categories.entry(truth.category).or_default().entry(truth.image).or_default().0.push(truth);
    }
    for guess in guesses {
        categories.entry(guess.category).or_default().entry(guess.image).or_default().1.push(guess);
    }
    let most = protocol.max_guesses.iter().copied().max().unwrap_or(0);
    let of_category = |(category, images): (u16, BTreeMap<u64, Pair<'_, T, G>>)| {
        let images: Vec<Photo<'_, T, G>> =
            images.into_values().map(|pair| Photo::new(pair, most, &similarity)).collect();
        let scores = protocol.areas.iter().map(|&area| {
            let matched: Vec<_> = images.iter().map(|image| image.match_all(area, &protocol.thresholds)).collect();
            protocol.max_guesses.iter().map(|&most| accumulate(&matched, most, protocol.thresholds.len())).collect()
        });
        CategoryScores { category, scores: scores.collect() }
    };
    Evaluation { categories: categories.into_iter().map(of_category).collect() }
}

/// The truths and the guesses of one photo and category.
struct Pair<'a, T, G>(Vec<&'a Truth<T>>, Vec<&'a Guess<G>>);

impl<T, G> Default for Pair<'_, T, G> {
    fn default() -> Self {
        Self(Vec::new(), Vec::new())
    }
}

/// One photo and category with its similarities.
struct Photo<'a, T, G> {
    truths: Vec<&'a Truth<T>>,
    /// Best first, no more than count.
    guesses: Vec<&'a Guess<G>>,
    /// `[guess][truth]`.
    similarities: Vec<Vec<f64>>,
}

/// What became of the guesses of one photo, best first.
struct Matched {
    /// Truths that count.
    to_find: usize,
    scores: Vec<f64>,
    /// `[threshold][guess]`: right, wrong, or not counted.
    verdicts: Vec<Vec<Verdict>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Right,
    Wrong,
    NotCounted,
}

impl<'a, T, G> Photo<'a, T, G> {
    fn new(
        Pair(truths, mut guesses): Pair<'a, T, G>,
        most: usize,
        similarity: &impl Fn(&Truth<T>, &Guess<G>) -> f64,
    ) -> Self {
        guesses.sort_by(|a, b| b.score.total_cmp(&a.score));
        guesses.truncate(most);
        let similarities =
            guesses.iter().map(|guess| truths.iter().map(|truth| similarity(truth, guess)).collect()).collect();
        Self { truths, guesses, similarities }
    }

    fn match_all(&self, area: (f64, f64), thresholds: &[f64]) -> Matched {
        let outside = |size: f64| size < area.0 || size > area.1;
        let ignored: Vec<bool> =
            self.truths.iter().map(|truth| truth.crowd || truth.ignore || outside(truth.area)).collect();
        // Truths that count are offered first.
        let mut order: Vec<usize> = (0..self.truths.len()).collect();
        order.sort_by_key(|&truth| ignored[truth]);
        let verdicts = thresholds.iter().map(|&threshold| self.match_at(threshold, &order, &ignored, outside));
        Matched {
            to_find: ignored.iter().filter(|&&ignored| !ignored).count(),
            scores: self.guesses.iter().map(|guess| guess.score).collect(),
            verdicts: verdicts.collect(),
        }
    }

    /// Each guess in turn takes the truth that it resembles most among those still free (crowds always are).
    fn match_at(
        &self,
        threshold: f64,
        order: &[usize],
        ignored: &[bool],
        outside: impl Fn(f64) -> bool,
    ) -> Vec<Verdict> {
        let mut taken = vec![false; self.truths.len()];
        let mut verdicts = Vec::with_capacity(self.guesses.len());
        for (guess, similarities) in self.guesses.iter().zip(&self.similarities) {
            let mut best = threshold.min(1.0 - 1e-10);
            let mut choice: Option<usize> = None;
            for &truth in order {
                if taken[truth] && !self.truths[truth].crowd {
                    continue;
                }
                // A truth that counts is never given up for one that does not.
                if ignored[truth] && choice.is_some_and(|choice| !ignored[choice]) {
                    break;
                }
                if similarities[truth] >= best {
                    best = similarities[truth];
                    choice = Some(truth);
                }
            }
            verdicts.push(match choice {
                Some(truth) => {
                    taken[truth] = true;
                    if ignored[truth] { Verdict::NotCounted } else { Verdict::Right }
                }
                None if outside(guess.area) => Verdict::NotCounted,
                None => Verdict::Wrong,
            });
        }
        verdicts
    }
}

/// Average precision and recall at each threshold over the best `most` guesses of each photo.
fn accumulate(photos: &[Matched], most: usize, thresholds: usize) -> Scores {
    let to_find: usize = photos.iter().map(|photo| photo.to_find).sum();
    if to_find == 0 {
        return None;
    }
    let mut order: Vec<(usize, usize)> = photos
        .iter()
        .enumerate()
        .flat_map(|(photo, matched)| (0..matched.scores.len().min(most)).map(move |guess| (photo, guess)))
        .collect();
    order.sort_by(|a, b| photos[b.0].scores[b.1].total_cmp(&photos[a.0].scores[a.1]));
    let at_threshold = |threshold: usize| {
        let (mut right, mut wrong) = (0_usize, 0_usize);
        let mut curve = Vec::with_capacity(order.len());
        for &(photo, guess) in &order {
            match photos[photo].verdicts[threshold][guess] {
                Verdict::Right => right += 1,
                Verdict::Wrong => wrong += 1,
                Verdict::NotCounted => {}
            }
            let precision = right as f64 / (right as f64 + wrong as f64 + f64::EPSILON);
            curve.push((right as f64 / to_find as f64, precision));
        }
        let recall = curve.last().map_or(0.0, |&(recall, _)| recall);
        Score { average_precision: mean_precision(&mut curve), recall }
    };
    Some((0..thresholds).map(at_threshold).collect())
}

/// The mean precision at 101 recalls of a curve of (recall, precision), which is made monotone; 0 where it does not
/// reach.
fn mean_precision(curve: &mut [(f64, f64)]) -> f64 {
    for i in (1..curve.len()).rev() {
        curve[i - 1].1 = curve[i - 1].1.max(curve[i].1);
    }
    let sample = |recall: f64| {
        let at = curve.partition_point(|&(reached, _)| reached < recall);
        curve.get(at).map_or(0.0, |&(_, precision)| precision)
    };
    evenly_spaced(0.0, 1.0, RECALL_SAMPLES).into_iter().map(sample).sum::<f64>() / RECALL_SAMPLES as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Shapes are points on a line; the similarity falls with their distance.
    fn truth(image: u64, shape: f64, area: f64, crowd: bool) -> Truth<f64> {
        Truth { image, category: 1, area, crowd, ignore: false, shape }
    }

    fn guess(image: u64, shape: f64, score: f64) -> Guess<f64> {
        Guess { image, category: 1, area: 50.0, score, shape }
    }

    fn score(truths: &[Truth<f64>], guesses: &[Guess<f64>]) -> Option<f64> {
        let protocol =
            Protocol { thresholds: vec![0.5], areas: vec![(0.0, 1e10), (0.0, 100.0)], max_guesses: vec![1, 10] };
        let similarity = |truth: &Truth<f64>, guess: &Guess<f64>| 1.0 - (truth.shape - guess.shape).abs();
        evaluate(truths, guesses, &protocol, similarity).average_precision(0, 1, 0..1)
    }

    #[test]
    fn perfect_and_hopeless() {
        let truths = [truth(1, 0.0, 50.0, false), truth(2, 0.0, 50.0, false)];
        let right = [guess(1, 0.0, 0.9), guess(2, 0.1, 0.8)];
        assert!((score(&truths, &right).expect("two truths") - 1.0).abs() < 1e-9);
        assert_eq!(score(&truths, &[]), Some(0.0));
        assert_eq!(score(&[], &right), None);
    }

    #[test]
    fn a_better_scored_mistake_costs_precision() {
        let truths = [truth(1, 0.0, 50.0, false)];
        let ap = score(&truths, &[guess(1, 5.0, 0.9), guess(1, 0.0, 0.8)]);
        assert!((ap.expect("one truth") - 0.5).abs() < 1e-9);
        let late = score(&truths, &[guess(1, 5.0, 0.7), guess(1, 0.0, 0.8)]);
        assert!((late.expect("one truth") - 1.0).abs() < 1e-9, "a mistake behind full recall is free");
    }

    #[test]
    fn half_of_the_truths_is_half_of_the_samples() {
        let truths = [truth(1, 0.0, 50.0, false), truth(1, 9.0, 50.0, false)];
        // Recalls 0 to 0.5 are reached: 51 of 101 samples.
        assert!((score(&truths, &[guess(1, 0.0, 0.9)]).expect("two truths") - 51.0 / 101.0).abs() < 1e-9);
    }

    #[test]
    fn doubles_are_wrong_but_not_in_a_crowd() {
        let guesses = [guess(1, 9.0, 0.9), guess(1, 9.0, 0.8), guess(1, 0.0, 0.7)];
        let single = [truth(1, 0.0, 50.0, false), truth(1, 9.0, 50.0, false)];
        let crowd = [truth(1, 0.0, 50.0, false), truth(1, 9.0, 50.0, true)];
        assert!(score(&single, &guesses).expect("two truths") < 0.9);
        assert!((score(&crowd, &guesses).expect("one truth counts") - 1.0).abs() < 1e-9);
    }

    #[test]
    fn ranges_of_area_and_numbers_of_guesses() {
        let protocol =
            Protocol { thresholds: vec![0.5], areas: vec![(0.0, 1e10), (0.0, 100.0)], max_guesses: vec![1, 10] };
        let truths = [truth(1, 0.0, 50.0, false), truth(1, 9.0, 500.0, false)];
        let guesses = [guess(1, 9.0, 0.9), guess(1, 0.0, 0.8)];
        let similarity = |truth: &Truth<f64>, guess: &Guess<f64>| 1.0 - (truth.shape - guess.shape).abs();
        let evaluation = evaluate(&truths, &guesses, &protocol, similarity);
        assert_eq!(evaluation.average_recall(0, 0, 0..1), Some(0.5), "one guess finds one of two");
        assert_eq!(evaluation.average_recall(0, 1, 0..1), Some(1.0));
        assert_eq!(evaluation.average_recall(1, 1, 0..1), Some(1.0), "the large truth is ignored");
        assert!((evaluation.average_precision(1, 1, 0..1).expect("a small truth") - 1.0).abs() < 1e-9);
    }
}
