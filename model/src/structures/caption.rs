//! What a language model says about a photo or a region of it.

use serde::{Deserialize, Serialize};

use crate::structures::boxes::BBox;

/// One word of a caption, with how it was chosen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Word {
    /// The word, in lower case.
    pub text: String,
    /// Its probability, given the photo and the words before it, 0 to 1. A noun that a detection chose has, beside its own,
    /// a share of what the language model gave to like nouns that no detection bears out.
    pub probability: f32,
    /// The likeliest words at this place, those that no detection bears out among them, with their probabilities, best first.
    pub alternatives: Vec<(String, f32)>,
    /// The detections that it names, indices into the run's detections; empty for words that name none. What a detection
    /// is called may be several words: "fire hydrant".
    pub detections: Vec<usize>,
    /// How much the network looked at each cell of the region while it chose the word: [`GAZE`] x [`GAZE`] shares that sum
    /// to 1, row by row.
    pub gaze: Vec<f32>,
}

/// Side of the grid of [`Word::gaze`].
pub const GAZE: usize = 7;

/// A sentence about a photo or a region of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Caption {
    /// The detection that the region is of, an index into the run's detections; `None` for the whole photo.
    pub candidate: Option<usize>,
    /// The region in photo pixels; `None` for the whole photo.
    pub region: Option<BBox>,
    /// The words in order, without the end of the sentence.
    pub words: Vec<Word>,
    /// The sum of the words' log probabilities, the end of the sentence included.
    pub log_probability: f32,
    /// What beam search kept after each word, best first.
    pub beams: Vec<Vec<Hypothesis>>,
}

/// A beginning of a sentence that beam search kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Hypothesis {
    /// Its words, joined by spaces.
    pub text: String,
    /// The sum of its words' log probabilities, that of the end of the sentence included once it is complete.
    pub log_probability: f32,
    /// Which of those after the word before it goes on from, an index; 0 after the first word.
    pub parent: usize,
    /// Whether the sentence has ended.
    pub is_complete: bool,
    /// Whether the caption came of it.
    pub is_chosen: bool,
}

impl Caption {
    /// The words as a sentence: "A dog runs on the beach." Empty when there are no words.
    #[must_use]
    pub fn sentence(&self) -> String {
        let mut text = self.plain();
        if let Some(first) = text.get(..1) {
            let first = first.to_uppercase();
            text.replace_range(..1, &first);
            text.push('.');
        }
        text
    }

    /// The words joined by spaces: what caption measures compare.
    #[must_use]
    pub fn plain(&self) -> String {
        self.words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_start_large_and_end() {
        let word = |text: &str| Word {
            text: text.into(),
            probability: 1.0,
            alternatives: vec![],
            detections: vec![],
            gaze: vec![],
        };
        let caption = Caption {
            candidate: None,
            region: None,
            words: vec![word("a"), word("dog")],
            log_probability: 0.0,
            beams: vec![],
        };
        assert_eq!((caption.sentence().as_str(), caption.plain().as_str()), ("A dog.", "a dog"));
        assert_eq!(Caption { words: vec![], ..caption }.sentence(), "");
    }
}
