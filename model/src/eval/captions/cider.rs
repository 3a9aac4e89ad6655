//! CIDEr (Vedantam et al. 2015), in the variant "D" that COCO's evaluation calls CIDEr.

use std::collections::{BTreeMap, BTreeSet};

use super::{Described, LONGEST, n_grams};

/// The spread of the penalty for captions of another length than their references, in words.
const SIGMA: f64 = 6.0;

/// Weights of the runs of words of one length.
type Weights<'a> = BTreeMap<&'a [String], f64>;

/// A sentence as a vector for each length of runs.
struct Vector<'a> {
    weights: [Weights<'a>; LONGEST],
    norms: [f64; LONGEST],
    /// Pairs of words: what the reference takes for the length.
    length: f64,
}

/// How alike captions and references are: ten times the cosine of their vectors of runs of 1 to 4 words, each weighed by
/// how often it occurs and how few photos' references have it, averaged over lengths and references. A caption's weights
/// count no more than the reference's, and a Gaussian of the difference in length makes it less.
///
/// # Arguments
/// * `captions` - all that are measured: the photos in which a run is counted are theirs.
///
/// # Returns
/// The mean, 0 to 10; 0 without captions.
#[must_use]
pub fn cider(captions: &[Described]) -> f64 {
    if captions.is_empty() {
        return 0.0;
    }
    let mut photos_with: BTreeMap<&[String], usize> = BTreeMap::new();
    for Described { references, .. } in captions {
        let runs = references.iter().flat_map(|words| (1..=LONGEST).flat_map(|n| words.windows(n)));
        for words in runs.collect::<BTreeSet<_>>() {
            *photos_with.entry(words).or_default() += 1;
        }
    }
    let photos = (captions.len() as f64).ln();
    // What no reference has is as rare as what one has.
    let rarity = |words: &[String]| photos - (photos_with.get(words).copied().unwrap_or(1) as f64).ln();
    let score = |Described { caption, references }: &Described| {
        let caption = Vector::new(caption, rarity);
        let alike = references.iter().map(|reference| caption.alike(&Vector::new(reference, rarity)));
        10.0 * alike.sum::<f64>() / references.len().max(1) as f64
    };
    captions.iter().map(score).sum::<f64>() / captions.len() as f64
}

impl<'a> Vector<'a> {
    fn new(words: &'a [String], rarity: impl Fn(&[String]) -> f64) -> Self {
        let of_length = |n: usize| -> Weights<'a> {
            n_grams(words, n).into_iter().map(|(words, count)| (words, count as f64 * rarity(words))).collect()
        };
        let weights = std::array::from_fn(|i| of_length(i + 1));
        let norms = std::array::from_fn(|i| {
            let of_length: &Weights<'_> = &weights[i];
            of_length.values().map(|weight| weight * weight).sum::<f64>().sqrt()
        });
        Self { weights, norms, length: words.len().saturating_sub(1) as f64 }
    }

    /// 0 to 1.
    fn alike(&self, reference: &Self) -> f64 {
        let cosine = |n: usize| {
            let shared = self.weights[n].iter().filter_map(|(words, &ours)| {
                let theirs = *reference.weights[n].get(words)?;
                Some(ours.min(theirs) * theirs)
            });
            let norm = self.norms[n] * reference.norms[n];
            if norm > 0.0 { shared.sum::<f64>() / norm } else { 0.0 }
        };
        let penalty = (-(self.length - reference.length).powi(2) / (2.0 * SIGMA * SIGMA)).exp();
        (0..LONGEST).map(cosine).sum::<f64>() / LONGEST as f64 * penalty
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_words_are_perfect_and_common_ones_worthless() {
        let dog = Described::new("a brown dog runs fast", &["a brown dog runs fast"]);
        let cat = Described::new("a black cat sleeps here", &["a black cat sleeps here"]);
        assert!((cider(&[dog.clone(), cat]) - 10.0).abs() < 1e-9);
        // "a" is in the references of both photos and says nothing.
        let nothing = Described::new("a", &["a black cat sleeps here"]);
        assert!((cider(&[dog, nothing]) - 5.0).abs() < 1e-9);
        assert_eq!(cider(&[]), 0.0);
    }
}
