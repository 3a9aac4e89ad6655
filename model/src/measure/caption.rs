//! Captions of photos that people have captioned.

use super::{Failure, Subject, each};
use crate::{
    data::folder::CaptionedPhoto,
    eval::captions::{Described, LONGEST, bleu, cider},
    structures::{boxes::Suppression, caption::Caption},
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
