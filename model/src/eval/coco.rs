//! COCO's own choice of measures: twelve numbers for boxes and for masks, ten for keypoints.

use std::{
    collections::{HashMap, HashSet},
    fmt,
};

use super::{
    average_precision::{Evaluation, Guess, Protocol, Truth, evaluate, evenly_spaced},
    similarity::{Skeleton, box_iou, mask_iou, object_keypoint_similarity},
};
use crate::{
    coco::{Annotation, Dataset, DetectionResult, segmentation::Segmentation, stem},
    structures::rle::{Rle, RleError},
};

/// Objects of a smaller area in squared pixels are small.
pub const SMALL: f64 = 32.0 * 32.0;
/// Objects of a larger area in squared pixels are large.
pub const MEDIUM: f64 = 96.0 * 96.0;
/// No object is larger.
const EVERYTHING: f64 = 1e5 * 1e5;

/// Thresholds of similarity, 0.5 to 0.95.
const THRESHOLDS: usize = 10;

/// One measure with its name.
#[derive(Clone, Debug, PartialEq)]
pub struct Measure {
    /// As COCO's tables have it, e.g. `AP50`.
    pub name: &'static str,
    /// 0 to 1; `None` where there is nothing to find.
    pub value: Option<f64>,
}

/// COCO's summary.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary(pub Vec<Measure>);

impl Summary {
    /// The value of a measure by its name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<f64> {
        self.0.iter().find(|measure| measure.name == name).and_then(|measure| measure.value)
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for measure in &self.0 {
            match measure.value {
                Some(value) => writeln!(f, "{:<6} {value:.4}", measure.name)?,
                None => writeln!(f, "{:<6} -", measure.name)?,
            }
        }
        Ok(())
    }
}

/// Results that cannot be measured.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MeasureError {
    /// A result is for a photo that the annotations do not have.
    #[error("the results have a photo that the annotations do not have: {0}")]
    UnknownPhoto(String),
    /// A result of keypoints has none, or not 17.
    #[error("a result for {0} does not have 17 keypoints")]
    NoKeypoints(String),
    /// A label or a result of masks has none.
    #[error("a label or a result for {0} has no mask")]
    NoMask(String),
    /// A mask cannot be read.
    #[error("{0}: {1}")]
    Mask(String, RleError),
}

/// Box average precision and recall over a data set (the categories and photos of `dataset`).
///
/// # Errors
/// When a result is for a photo that `dataset` does not have. Photos are found by the result's number, or else by the
/// stem of its file name.
pub fn box_summary(dataset: &Dataset, results: &[DetectionResult]) -> Result<Summary, MeasureError> {
    let truths: Vec<_> = dataset.annotations.iter().map(|label| truth(label, false, label.bbox)).collect();
    let photos = PhotoIds::new(dataset);
    let mut guesses = Vec::with_capacity(results.len());
    for result in results {
        let shape = result.bbox.map(f64::from);
        guesses.push(photos.guess(result, shape[2] * shape[3], shape)?);
    }
    Ok(twelve(&evaluate(&truths, &guesses, &of_twelve(), |truth, guess| {
        box_iou(&truth.shape, &guess.shape, truth.crowd)
    })))
}

/// Mask average precision and recall over a data set.
///
/// A guess has the area of its mask. pycocotools takes that of the box from results that have one too, which moves the
/// measures by area: leave boxes out of files for it.
///
/// # Errors
/// As [`box_summary`], and when a label or a result has no mask, or one that cannot be read.
pub fn mask_summary(dataset: &Dataset, results: &[DetectionResult]) -> Result<Summary, MeasureError> {
    let sizes: HashMap<u64, (usize, usize)> =
        dataset.images.iter().map(|image| (image.id, (image.width as usize, image.height as usize))).collect();
    let pixels = |image: u64, mask: Option<&Segmentation>| -> Result<Rle, MeasureError> {
        let name = || image.to_string();
        let size = sizes.get(&image).copied().ok_or_else(|| MeasureError::UnknownPhoto(name()))?;
        let mask = mask.ok_or_else(|| MeasureError::NoMask(name()))?;
        mask.to_rle(size).map_err(|error| MeasureError::Mask(name(), error))
    };
    let mut truths = Vec::with_capacity(dataset.annotations.len());
    for annotation in &dataset.annotations {
        let shape = pixels(annotation.image_id, annotation.segmentation.as_ref())?;
        truths.push(truth(annotation, false, shape));
    }
    let photos = PhotoIds::new(dataset);
    let mut guesses = Vec::with_capacity(results.len());
    for result in results {
        let Guess { image, category, score, .. } = photos.guess(result, 0.0, ())?;
        let shape = pixels(image, result.segmentation.as_ref())?;
        guesses.push(Guess { image, category, area: shape.area() as f64, score, shape });
    }
    Ok(twelve(&evaluate(&truths, &guesses, &of_twelve(), |truth, guess| {
        mask_iou(&truth.shape, &guess.shape, truth.crowd)
    })))
}

/// A label as something to find.
fn truth<S>(annotation: &Annotation, ignore: bool, shape: S) -> Truth<S> {
    Truth {
        image: annotation.image_id,
        category: annotation.category_id,
        area: annotation.area,
        crowd: annotation.iscrowd != 0,
        ignore,
        shape,
    }
}

/// What COCO's twelve numbers are taken from.
fn of_twelve() -> Protocol {
    Protocol {
        thresholds: evenly_spaced(0.5, 0.95, THRESHOLDS),
        areas: vec![(0.0, EVERYTHING), (0.0, SMALL), (SMALL, MEDIUM), (MEDIUM, EVERYTHING)],
        max_guesses: vec![1, 10, 100],
    }
}

/// COCO's twelve numbers.
fn twelve(found: &Evaluation) -> Summary {
    let mut measures = precisions(found, 2, &["AP", "AP50", "AP75"], &["APs", "APm", "APl"]);
    for (most, name) in ["AR1", "AR10", "AR100"].into_iter().enumerate() {
        measures.push(Measure { name, value: found.average_recall(0, most, 0..THRESHOLDS) });
    }
    for (area, name) in ["ARs", "ARm", "ARl"].into_iter().enumerate() {
        measures.push(Measure { name, value: found.average_recall(area + 1, 2, 0..THRESHOLDS) });
    }
    Summary(measures)
}

/// Keypoint average precision and recall over a data set, by object keypoint similarity.
///
/// # Errors
/// As [`box_summary`], and when a result does not have 17 keypoints.
pub fn keypoint_summary(dataset: &Dataset, results: &[DetectionResult]) -> Result<Summary, MeasureError> {
    let people = dataset.annotations.iter();
    let truths: Vec<_> =
        people.map(|label| truth(label, label.num_keypoints == 0, (label.keypoints.clone(), label.bbox))).collect();
    let photos = PhotoIds::new(dataset);
    let mut guesses = Vec::with_capacity(results.len());
    for result in results {
        let keypoints = result.keypoints.as_ref().filter(|points| points.len() == 51);
        let keypoints = keypoints.ok_or_else(|| MeasureError::NoKeypoints(name_of(result)))?;
        let shape: Vec<f64> = keypoints.iter().copied().map(f64::from).collect();
        guesses.push(photos.guess(result, extent(&shape), shape)?);
    }
    let protocol = Protocol {
        thresholds: evenly_spaced(0.5, 0.95, THRESHOLDS),
        areas: vec![(0.0, EVERYTHING), (SMALL, MEDIUM), (MEDIUM, EVERYTHING)],
        max_guesses: vec![20],
    };
    let similarity = |truth: &Truth<(Vec<f64>, [f64; 4])>, guess: &Guess<Vec<f64>>| {
        let (keypoints, bbox) = &truth.shape;
        object_keypoint_similarity(&Skeleton { keypoints, bbox: *bbox, area: truth.area }, &guess.shape)
    };
    let found = evaluate(&truths, &guesses, &protocol, similarity);
    let mut measures = precisions(&found, 0, &["AP", "AP50", "AP75"], &["APm", "APl"]);
    for (name, thresholds) in ["AR", "AR50", "AR75"].into_iter().zip([0..THRESHOLDS, 0..1, 5..6]) {
        measures.push(Measure { name, value: found.average_recall(0, 0, thresholds) });
    }
    for (area, name) in ["ARm", "ARl"].into_iter().enumerate() {
        measures.push(Measure { name, value: found.average_recall(area + 1, 0, 0..THRESHOLDS) });
    }
    Ok(Summary(measures))
}

/// Average precision over all thresholds, at 0.5 and at 0.75, then over all thresholds for each range of areas.
fn precisions(found: &Evaluation, most: usize, names: &[&'static str; 3], areas: &[&'static str]) -> Vec<Measure> {
    let by_threshold = names.iter().zip([0..THRESHOLDS, 0..1, 5..6]);
    let mut measures: Vec<Measure> = by_threshold
        .map(|(&name, thresholds)| Measure { name, value: found.average_precision(0, most, thresholds) })
        .collect();
    measures.extend(
        areas
            .iter()
            .enumerate()
            .map(|(area, &name)| Measure { name, value: found.average_precision(area + 1, most, 0..THRESHOLDS) }),
    );
    measures
}

/// Area of the box round all keypoints.
fn extent(keypoints: &[f64]) -> f64 {
    let side = |offset: usize| {
        let values = || keypoints.iter().skip(offset).step_by(3).copied();
        values().fold(f64::NEG_INFINITY, f64::max) - values().fold(f64::INFINITY, f64::min)
    };
    side(0) * side(1)
}

/// The photos of a data set by number and by the stem of the file name.
struct PhotoIds<'a> {
    numbers: HashSet<u64>,
    stems: HashMap<&'a str, u64>,
}

impl<'a> PhotoIds<'a> {
    fn new(dataset: &'a Dataset) -> Self {
        Self {
            numbers: dataset.images.iter().map(|image| image.id).collect(),
            stems: dataset.images.iter().map(|image| (stem(&image.file_name), image.id)).collect(),
        }
    }

    fn guess<S>(&self, result: &DetectionResult, area: f64, shape: S) -> Result<Guess<S>, MeasureError> {
        let by_number = result.image_id.filter(|number| self.numbers.contains(number));
        let image = by_number
            .or_else(|| self.stems.get(stem(&result.file_name)).copied())
            .ok_or_else(|| MeasureError::UnknownPhoto(name_of(result)))?;
        Ok(Guess { image, category: result.category_id, area, score: f64::from(result.score), shape })
    }
}

fn name_of(result: &DetectionResult) -> String {
    if result.file_name.is_empty() { format!("{:?}", result.image_id) } else { result.file_name.clone() }
}
