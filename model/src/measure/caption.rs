//! Captions of photos that people have captioned.

use super::{Failure, Viewer, each, finish};
use crate::{
    data::folder::CaptionedPhoto,
    eval::captions::{Described, LONGEST, bleu, cider},
    structures::{caption::Caption, stage::Trace},
    systems::caption::Captioner,
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
    viewer: Viewer<'_>,
    captioner: &Captioner,
    tick: &(dyn Fn() + Sync),
) -> Result<Vec<Caption>, Failure> {
    let of_photos = each(photos, tick, |photo| {
        let seen = viewer.see(&photo.file)?;
        finish(&photo.file, captioner.describe(&seen, &[], &mut Trace::default()))
    })?;
    // One for each photo: no regions were asked for.
    Ok(of_photos.into_iter().flatten().collect())
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
