//! Captions of photos that people have captioned, and of photos of which it is known what they hold.

use std::{collections::BTreeSet, path::PathBuf};

use super::{Failure, Subject, each};
use crate::{
    data::folder::{CaptionedPhoto, NamedPhoto},
    eval::captions::{Chair, Described, LONGEST, bleu, cider, named, tokens},
    structures::{boxes::Suppression, caption::Caption, nouns::Nouns},
    systems::Settings,
};

/// Captions whole photos, by beam search.
///
/// # Arguments
/// * `tick` - called after each photo.
///
/// # Returns
/// A caption for each photo, in their order.
///
/// # Errors
/// When a photo cannot be read or the network fails.
pub fn captions(
    photos: &[CaptionedPhoto],
    subject: Subject<'_>,
    tick: &(dyn Fn() + Sync),
) -> Result<Vec<Caption>, Failure> {
    let usual = Settings::default();
    let settings = Settings { regions: Suppression { max_boxes: 0, ..usual.regions }, ..usual };
    each(photos, tick, |photo| {
        let (_, run) = subject.run(&photo.file, &settings)?;
        run.captions().and_then(|captions| captions.first()).cloned().ok_or(Failure::NoResult(subject.system))
    })
}

/// Captions photos and their regions.
///
/// # Arguments
/// * `tick` - called after each photo.
///
/// # Returns
/// For each photo its captions: of the whole, then of its regions.
///
/// # Errors
/// As [`captions`].
pub fn all_captions(
    files: &[PathBuf],
    subject: Subject<'_>,
    tick: &(dyn Fn() + Sync),
) -> Result<Vec<Vec<Caption>>, Failure> {
    each(files, tick, |file| {
        let (_, run) = subject.run(file, &Settings::default())?;
        run.captions().map(<[Caption]>::to_vec).ok_or(Failure::NoResult(subject.system))
    })
}

/// How good captions are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scores {
    /// BLEU-1 to BLEU-4, 0 to 1.
    pub bleu: [f64; LONGEST],
    /// CIDEr, 0 to 10.
    pub cider: f64,
}

/// Measures sentences, one for each photo, against what people wrote.
#[must_use]
pub fn scores(photos: &[CaptionedPhoto], sentences: &[String]) -> Scores {
    let pairs = photos.iter().zip(sentences);
    let described: Vec<Described> = pairs.map(|(photo, sentence)| Described::new(sentence, &photo.captions)).collect();
    Scores { bleu: bleu(&described), cider: cider(&described) }
}

/// How many of the categories that should be named are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Recall {
    /// Categories that are there, over photos.
    pub there: usize,
    /// Those that the captions of the whole photos name.
    pub named: usize,
}

impl Recall {
    fn add(&mut self, there: &BTreeSet<u16>, named: &BTreeSet<u16>) {
        self.there += there.len();
        self.named += there.intersection(named).count();
    }

    /// The share; `None` when nothing is there.
    #[must_use]
    pub fn share(&self) -> Option<f64> {
        (self.there > 0).then(|| self.named as f64 / self.there as f64)
    }
}

/// What captions name of what is there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Naming {
    /// Captions of whole photos.
    pub photos: Chair,
    /// Captions of regions, against what is anywhere in the photo.
    pub regions: Chair,
    /// Labelled categories.
    pub classes: Recall,
    /// Labelled categories with a large object.
    pub large: Recall,
}

/// Compares what captions name with what is there.
///
/// # Arguments
/// * `said` - each photo's captions, from [`all_captions`].
#[must_use]
pub fn naming(nouns: &Nouns, photos: &[NamedPhoto], said: &[Vec<Caption>]) -> Naming {
    let mut naming = Naming::default();
    for (photo, captions) in photos.iter().zip(said) {
        let Some((whole, regions)) = captions.split_first() else { continue };
        let people = photo.captions.iter().flat_map(|caption| named(nouns, &tokens(caption)));
        let truth: BTreeSet<u16> = photo.classes.iter().copied().chain(people).collect();
        let words = tokens(&whole.plain());
        naming.photos.add(nouns, &words, &truth);
        for region in regions {
            naming.regions.add(nouns, &tokens(&region.plain()), &truth);
        }
        let spoken = named(nouns, &words).into_iter().collect();
        naming.classes.add(&photo.classes, &spoken);
        naming.large.add(photo.large.as_ref().unwrap_or(&BTreeSet::new()), &spoken);
    }
    naming
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::structures::caption::Word;

    #[test]
    fn regions_count_apart_and_people_s_words_are_true() {
        let say = |sentence: &str| {
            let word = |text: &str| Word {
                text: text.into(),
                probability: 1.0,
                alternatives: vec![],
                detections: vec![],
                gaze: vec![],
            };
            let words = sentence.split(' ').map(word).collect();
            Caption { candidate: None, region: None, words, log_probability: 0.0, beams: vec![] }
        };
        let photo = NamedPhoto {
            name: "p".into(),
            file: PathBuf::new(),
            classes: BTreeSet::from([1, 18, 37]),
            large: Some(BTreeSet::from([1, 18])),
            captions: vec!["A dog near a bus.".into()],
        };
        let said = vec![say("a dog and a bus and a cat"), say("a man with a hat"), say("a horse")];
        let found = naming(&Nouns::of_coco(), &[photo], &[said]);
        assert_eq!((found.photos.mentions, found.photos.wrong_mentions), (3, 1), "the bus is in people's words");
        assert_eq!((found.regions.mentions, found.regions.wrong_mentions, found.regions.captions), (2, 1, 2));
        assert_eq!((found.classes.share(), found.large.share()), (Some(1.0 / 3.0), Some(0.5)));
    }
}
