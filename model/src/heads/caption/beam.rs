//! A sentence while beam search says it.

use super::{END, choices::Choice, grounding::Grounding};
use crate::structures::caption::{Hypothesis, Word};

/// How much long sentences are helped; chosen on the dev part, where 1 makes captions longer than people's and
/// costs 4 points of BLEU-1 (`assets/weights/caption.md`).
const LENGTH_POWER: f32 = 0.1;
/// How much less likely, in nats, a sentence may be for each further category that it names of those that it should.
const NAMING_GAIN: f32 = 2.5;
/// No sentence has more words.
pub(super) const MAX_WORDS: usize = 20;

/// A sentence that is being said.
#[derive(Clone, Debug)]
pub(super) struct Beam {
    pub(super) words: Vec<Word>,
    /// The word that the language model hears next.
    pub(super) last: usize,
    /// Sum of the words' log probabilities.
    pub(super) log_probability: f32,
    pub(super) done: bool,
    /// How many of each thing were named.
    pub(super) used: Vec<usize>,
    /// How many of the categories that should be named are.
    pub(super) named: usize,
}

impl Beam {
    /// A sentence without words.
    pub(super) fn new(grounding: Option<&Grounding>) -> Self {
        let used = vec![0; grounding.map_or(0, |it| it.things.len())];
        Self { words: vec![], last: END, log_probability: 0.0, done: false, used, named: 0 }
    }

    /// What beams compete by: the log probability over a power of the length (Wu et al. 2016, section 7), so that short
    /// sentences do not win by being short.
    pub(super) fn merit(&self) -> f32 {
        self.log_probability / ((self.words.len() + 1) as f32).powf(LENGTH_POWER)
    }

    /// As [`Beam::merit`], with what it gains by naming.
    pub(super) fn rank(&self) -> f32 {
        self.merit() + NAMING_GAIN * self.named as f32
    }

    /// What no sentence that begins so can rank above.
    pub(super) fn highest_rank(&self, wanted: usize) -> f32 {
        self.log_probability / ((MAX_WORDS + 1) as f32).powf(LENGTH_POWER) + NAMING_GAIN * wanted as f32
    }

    pub(super) fn text(&self) -> String {
        self.words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ")
    }

    /// The beam for the page.
    pub(super) fn hypothesis(&self, parent: usize) -> Hypothesis {
        let Self { log_probability, done: is_complete, .. } = *self;
        Hypothesis { text: self.text(), log_probability, parent, is_complete, is_chosen: false }
    }

    /// The sentence with one more word.
    ///
    /// # Arguments
    /// * `alternatives`, `gaze` - of the word.
    pub(super) fn with(
        &self,
        choice: &Choice,
        grounding: Option<&Grounding>,
        alternatives: &[(String, f32)],
        gaze: &[f32],
    ) -> Self {
        let mut next = self.clone();
        next.log_probability += choice.probability.max(f32::MIN_POSITIVE).ln();
        next.last = choice.fed;
        next.done = choice.text.is_empty() || next.words.len() == MAX_WORDS;
        if choice.text.is_empty() {
            return next;
        }
        let mut detections = vec![];
        if let (Some(naming), Some(grounding)) = (choice.naming, grounding) {
            let (thing, used) = (&grounding.things[naming.thing], self.used[naming.thing]);
            next.named += usize::from(thing.must && used == 0);
            next.used[naming.thing] += naming.count;
            let first = if naming.count == 0 { 0 } else { used };
            detections.extend(thing.detections.iter().skip(first).take(naming.count.max(1)));
            if let Some(article) = next.words.last_mut() {
                agree(&mut article.text, &choice.text);
            }
        }
        next.words.push(Word {
            text: choice.text.clone(),
            probability: choice.probability,
            alternatives: alternatives.to_vec(),
            detections,
            gaze: gaze.to_vec(),
        });
        next
    }
}

/// Makes "a" and "an" agree with the noun behind them.
fn agree(article: &mut String, noun: &str) {
    let vowel = noun.starts_with(['a', 'e', 'i', 'o', 'u']) && !noun.starts_with("uni");
    match article.as_str() {
        "a" if vowel => article.push('n'),
        "an" if !vowel => drop(article.pop()),
        _ => {}
    }
}
