//! Boxes against PASCAL VOC's and COCO's.

use std::path::Path;

use super::{Failure, each};
use crate::{
    annotate::{AnnotateError, Annotator},
    coco::DetectionResult,
    data::folder::{BoxedObject, BoxedPhoto, CocoPhotos},
    eval::{
        average_precision::{Guess, Truth},
        voc::{VocSummary, evaluate},
    },
    structures::boxes::BBox,
};

/// Average precision by PASCAL VOC's measure on photos whose objects of its classes are boxed.
///
/// # Arguments
/// * `tick` - called after each photo.
///
/// # Errors
/// When a photo cannot be read, the network fails, or the system says nothing of single objects.
pub fn voc(photos: &[BoxedPhoto], annotator: &Annotator, tick: &(dyn Fn() + Sync)) -> Result<VocSummary, Failure> {
    let found = each(photos, tick, |photo| objects(&photo.file, annotator))?;
    let (mut truths, mut guesses) = (Vec::new(), Vec::new());
    for (image, (photo, ((width, height), results))) in (0..).zip(photos.iter().zip(found)) {
        let scaled = photo
            .objects
            .iter()
            .map(|object| BoxedObject { bbox: object.bbox.scale(width as f32, height as f32), ..*object });
        truths.extend(scaled.map(|object| truth(image, &object)));
        guesses.extend(results.iter().map(|result| guess(image, result)));
    }
    Ok(evaluate(&truths, &guesses))
}

/// The objects in COCO's photos, as COCO's results.
///
/// # Arguments
/// * `tick` - called after each photo.
///
/// # Errors
/// As [`voc`].
pub fn coco(
    photos: &CocoPhotos,
    annotator: &Annotator,
    tick: &(dyn Fn() + Sync),
) -> Result<Vec<DetectionResult>, Failure> {
    let found = each(&photos.dataset.images, tick, |image| {
        let (_, mut results) = objects(&photos.files[&image.id], annotator)?;
        for result in &mut results {
            result.image_id = Some(image.id);
        }
        Ok(results)
    })?;
    Ok(found.into_iter().flatten().collect())
}

fn objects(file: &Path, annotator: &Annotator) -> Result<((u32, u32), Vec<DetectionResult>), Failure> {
    let name = file.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let (photo, objects) = annotator.photo_objects(file, &name).map_err(|error| match error {
        AnnotateError::Photo(error) => Failure::Photo(file.to_owned(), error),
        AnnotateError::Run(error) => Failure::Run(file.to_owned(), error),
        AnnotateError::NoObjects(system) => Failure::NoResult(system),
    })?;
    Ok((photo.size(), objects))
}

/// A labelled object as the measures have it.
#[must_use]
pub fn truth(image: u64, object: &BoxedObject) -> Truth<BBox> {
    Truth {
        image,
        category: object.class,
        area: f64::from(object.bbox.area()),
        crowd: false,
        ignore: object.difficult,
        shape: object.bbox,
    }
}

fn guess(image: u64, result: &DetectionResult) -> Guess<BBox> {
    let shape = result.corners();
    let (category, score) = (result.category_id, f64::from(result.score));
    Guess { image, category, area: f64::from(shape.area()), score, shape }
}
