//! How detectors are measured while they learn, and what they learn from.

use super::{detection_cache::Place, detection_labels::Labels};
use crate::{
    data::folder::BoxedObject,
    eval::average_precision::Guess,
    heads::ssd::MIN_SCORE,
    structures::boxes::{BBox, Candidate, Suppression, suppress},
};

/// A view to learn from.
#[derive(Clone, Debug)]
pub struct Example {
    /// Its maps.
    pub place: Place,
    /// What is in it.
    pub labels: Labels,
}

/// A photo to measure on.
#[derive(Clone, Debug)]
pub struct Measured {
    /// The maps of the whole photo.
    pub place: Place,
    /// All its objects of VOC's classes, in fractions.
    pub objects: Vec<BoxedObject>,
}

/// What is left of a photo's detections after suppression.
///
/// # Arguments
/// * `found` - in fractions of the photo.
/// * `image` - which photo.
pub(super) fn kept(found: &[Candidate], image: u64) -> Vec<Guess<BBox>> {
    let rule = Suppression { min_score: MIN_SCORE, ..Suppression::default() };
    let kept = suppress(found, &rule).kept.into_iter().map(|i| found[i]);
    let guess = kept.map(|it| Guess {
        image,
        category: it.class,
        area: f64::from(it.bbox.area()),
        score: f64::from(it.score),
        shape: it.bbox,
    });
    guess.collect()
}

/// The boxes that proposals should cover.
pub(super) fn wanted(objects: &[BoxedObject]) -> Vec<BBox> {
    objects.iter().filter(|object| !object.difficult).map(|object| object.bbox).collect()
}
