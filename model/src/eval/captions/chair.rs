//! CHAIR (Rohrbach et al. 2018, "Object Hallucination in Image Captioning"): objects that captions name and photos do not
//! hold.

use std::collections::BTreeSet;

use crate::structures::nouns::Nouns;

/// What captions name, counted over photos. The truth is a photo's labelled categories and those that people's captions
/// of it name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Chair {
    /// Captions.
    pub captions: usize,
    /// Captions that name something that is not there.
    pub wrong_captions: usize,
    /// Nouns of COCO's categories, each time they occur.
    pub mentions: usize,
    /// Those of categories that are not there.
    pub wrong_mentions: usize,
}

impl Chair {
    /// Counts a caption.
    ///
    /// # Arguments
    /// * `caption` - its words, as [`super::tokens`] gives them.
    /// * `truth` - COCO category ids of what is there.
    pub fn add(&mut self, nouns: &Nouns, caption: &[String], truth: &BTreeSet<u16>) {
        let mut wrong = 0;
        for class in named(nouns, caption) {
            self.mentions += 1;
            wrong += usize::from(!truth.contains(&class));
        }
        self.captions += 1;
        self.wrong_mentions += wrong;
        self.wrong_captions += usize::from(wrong > 0);
    }

    /// CHAIR_i: the share of mentions that are wrong; `None` without mentions.
    #[must_use]
    pub fn of_mentions(&self) -> Option<f64> {
        (self.mentions > 0).then(|| self.wrong_mentions as f64 / self.mentions as f64)
    }

    /// CHAIR_s: the share of captions with a wrong mention; `None` without captions.
    #[must_use]
    pub fn of_captions(&self) -> Option<f64> {
        (self.captions > 0).then(|| self.wrong_captions as f64 / self.captions as f64)
    }
}

/// COCO category ids that a sentence names, each time it does.
pub fn named(nouns: &Nouns, words: &[String]) -> Vec<u16> {
    let mentions = nouns.mentions(words).into_iter().filter(|it| it.noun.counts);
    mentions.filter_map(|it| it.noun.class).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::captions::tokens;

    #[test]
    fn mentions_and_captions_are_counted() {
        let (nouns, mut chair) = (Nouns::of_coco(), Chair::default());
        assert_eq!((chair.of_mentions(), chair.of_captions()), (None, None));
        chair.add(&nouns, &tokens("A man and a dog on a bench."), &BTreeSet::from([1, 15]));
        chair.add(&nouns, &tokens("Two giraffes in an orange field."), &BTreeSet::from([25]));
        assert_eq!((chair.of_mentions(), chair.of_captions()), (Some(0.25), Some(0.5)));
    }
}
