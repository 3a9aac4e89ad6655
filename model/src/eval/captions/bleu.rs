//! BLEU (Papineni et al. 2002).

use super::{Described, LONGEST, n_grams};

/// Keep empty counts from dividing by 0, as the reference does.
const TINY: f64 = 1e-15;
const SMALL: f64 = 1e-9;

/// BLEU-1 to BLEU-4 of all captions together: the geometric mean of the shares of runs of 1 to n words that some
/// reference has too (no more often than it has them), times a penalty for captions that are shorter than their
/// references, each compared with the one whose length is closest.
#[must_use]
pub fn bleu(captions: &[Described]) -> [f64; LONGEST] {
    let (mut right, mut guessed) = ([0_usize; LONGEST], [0_usize; LONGEST]);
    let (mut length, mut wanted) = (0_usize, 0_usize);
    for Described { caption, references } in captions {
        length += caption.len();
        // Of two equally close lengths the smaller.
        let lengths = references.iter().map(Vec::len);
        wanted += lengths.min_by_key(|&other| (other.abs_diff(caption.len()), other)).unwrap_or(0);
        for n in 1..=LONGEST {
            guessed[n - 1] += (caption.len() + 1).saturating_sub(n);
            let references: Vec<_> = references.iter().map(|reference| n_grams(reference, n)).collect();
            for (words, count) in n_grams(caption, n) {
                let most = references.iter().filter_map(|counts| counts.get(words)).max().copied().unwrap_or(0);
                right[n - 1] += count.min(most);
            }
        }
    }
    let ratio = (length as f64 + TINY) / (wanted as f64 + SMALL);
    let penalty = if ratio < 1.0 { (1.0 - 1.0 / ratio).exp() } else { 1.0 };
    let mut product = 1.0;
    std::array::from_fn(|i| {
        product *= (right[i] as f64 + TINY) / (guessed[i] as f64 + SMALL);
        product.powf(1.0 / (i + 1) as f64) * penalty
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn papinenis_example() {
        // "the" occurs at most twice in one reference, so two of seven words are right.
        let references = ["the cat is on the mat", "there is a cat on the mat"];
        let described = Described::new("the the the the the the the", &references);
        assert!((bleu(&[described])[0] - 2.0 / 7.0).abs() < 1e-6);
    }

    #[test]
    fn short_captions_are_punished() {
        let described = Described::new("a dog", &["a dog runs now"]);
        let [one, two, three, _] = bleu(&[described]);
        // Half as long: e^(1 - 2).
        assert!((one - (-1.0f64).exp()).abs() < 1e-6 && (two - one).abs() < 1e-6);
        assert!(three < 1e-2, "there are no three words");
    }

    #[test]
    fn the_same_is_perfect() {
        let described = Described::new("A dog runs on the beach.", &["a dog runs on the beach"]);
        assert!(bleu(&[described]).iter().all(|score| (score - 1.0).abs() < 1e-6));
    }
}
