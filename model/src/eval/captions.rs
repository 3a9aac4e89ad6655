//! Captions against what people wrote: BLEU and CIDEr, as the evaluation of COCO's captions computes them (Chen et al.
//! 2015; checked against the package pycocoevalcap, `tests/reference/captions`), and against what is there: CHAIR.

mod bleu;
mod chair;
mod cider;
mod tokens;

use std::collections::BTreeMap;

pub use bleu::bleu;
pub use chair::{Chair, named};
pub use cider::cider;
pub use tokens::tokens;

/// N-grams have up to this many words in both measures.
pub const LONGEST: usize = 4;

/// A caption and what people wrote about the same photo, in words (see [`tokens`]).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Described {
    /// What the system says.
    pub caption: Vec<String>,
    /// What people wrote.
    pub references: Vec<Vec<String>>,
}

impl Described {
    /// Splits sentences into words.
    pub fn new<S: AsRef<str>>(caption: &str, references: &[S]) -> Self {
        let references = references.iter().map(|reference| tokens(reference.as_ref())).collect();
        Self { caption: tokens(caption), references }
    }
}

/// How often each run of `length` words occurs.
fn n_grams(words: &[String], length: usize) -> BTreeMap<&[String], usize> {
    let mut counts = BTreeMap::new();
    for words in words.windows(length) {
        *counts.entry(words).or_default() += 1;
    }
    counts
}
