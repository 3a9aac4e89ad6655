//! What speaks against a caption: that its words were unlikely, or that it names nothing of what the boxes hold. A noun that
//! no box bears out is never said.

use model::structures::caption::Caption;

use crate::{findings::Findings, words::results};

/// A sentence whose words had a lower mean (geometric) probability is unsure.
const MIN_MEAN_PROBABILITY: f32 = 0.25;

/// What speaks against a caption.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// Its words were unlikely.
    Unsure,
    /// It names nothing that the boxes hold.
    Misses,
}

impl Doubt {
    /// The doubt about the caption of the whole photo, which it quotes: what the boxes hold stands in its place.
    pub fn in_words(&self, sentence: &str, findings: &Findings) -> String {
        results::doubted(*self, sentence, !findings.classes.is_empty())
    }
}

/// What speaks against the caption of a whole photo.
///
/// # Arguments
/// * `findings` - what the boxes hold.
pub fn doubt_about_photo(caption: &Caption, findings: &Findings) -> Option<Doubt> {
    let names = caption.words.iter().any(|word| !word.detections.is_empty());
    if !names && !findings.classes.is_empty() {
        return Some(Doubt::Misses);
    }
    is_unsure(caption).then_some(Doubt::Unsure)
}

/// What speaks against the caption of a region.
///
/// # Arguments
/// * `candidate` - the detection that the region is of.
pub fn doubt_about_region(caption: &Caption, candidate: usize) -> Option<Doubt> {
    if !caption.words.iter().any(|word| word.detections.contains(&candidate)) {
        return Some(Doubt::Misses);
    }
    is_unsure(caption).then_some(Doubt::Unsure)
}

fn is_unsure(caption: &Caption) -> bool {
    // The end of the sentence is chosen like a word.
    let choices = caption.words.len() + 1;
    (caption.log_probability / choices as f32).exp() < MIN_MEAN_PROBABILITY
}

#[cfg(test)]
mod tests {
    use model::structures::{
        boxes::{BBox, Candidate},
        caption::Word,
    };

    use super::*;
    use crate::{palette::Palette, settings::Settings};

    /// Two words of which the second may name the first detection.
    fn caption(mean_probability: f32, names: bool) -> Caption {
        let word = |text: &str, detections| Word {
            text: text.into(),
            probability: 0.5,
            alternatives: vec![],
            detections,
            gaze: vec![],
        };
        let words = vec![word("a", vec![]), word("dog", if names { vec![0] } else { vec![] })];
        let log_probability = mean_probability.ln() * (words.len() + 1) as f32;
        Caption { candidate: None, region: None, words, log_probability, beams: vec![] }
    }

    fn found(classes: &[u16]) -> Findings {
        let candidate = |(at, &class): (usize, &u16)| {
            let left = at as f32 * 50.0;
            Candidate { bbox: BBox::new(left, 0.0, left + 10.0, 10.0), class, score: 0.9, prior: at as u32 }
        };
        let candidates: Vec<Candidate> = classes.iter().enumerate().map(candidate).collect();
        Findings::of(&candidates, &Settings::default(), &Palette::of(&candidates))
    }

    #[test]
    fn a_sentence_that_names_nothing_of_what_is_there_is_doubted() {
        let boxes = found(&[19, 19, 19, 21]);
        let doubt = doubt_about_photo(&caption(0.9, false), &boxes);
        assert_eq!(doubt, Some(Doubt::Misses));
        let words = doubt.map(|it| it.in_words("A dog.", &boxes));
        assert_eq!(
            words.as_deref(),
            Some("The language model says “A dog.”, which names nothing of what the boxes hold.")
        );
        assert_eq!(doubt_about_photo(&caption(0.9, true), &boxes), None);
        assert_eq!(doubt_about_photo(&caption(0.9, false), &found(&[])), None, "there is nothing to name");
    }

    #[test]
    fn unlikely_words_are_doubted_even_where_the_boxes_agree() {
        assert_eq!(doubt_about_photo(&caption(0.2, true), &found(&[18])), Some(Doubt::Unsure));
        assert_eq!(doubt_about_region(&caption(0.9, true), 0), None);
        assert_eq!(doubt_about_region(&caption(0.2, true), 0), Some(Doubt::Unsure));
        assert_eq!(doubt_about_region(&caption(0.9, true), 1), Some(Doubt::Misses));
    }
}
