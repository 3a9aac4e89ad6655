//! Instance masks: with true boxes, against box AND class map and against COCO's polygons; and with the detector's boxes.

use std::path::PathBuf;

use super::{Failure, Subject, each, finish, open};
pub use crate::systems::closer_masks::MaskNetworks;
use crate::{
    coco::DetectionResult,
    data::folder::{AnimalPhoto, CocoPhotos, LabelMap, MappedPhoto},
    eval::segmentation::IGNORED,
    structures::{
        boxes::{BBox, Candidate},
        class_map,
        classes::COCO,
        location,
        rle::Rle,
    },
    systems::{Settings, closer_masks::add_crop},
};

/// A thing whose pixels are known.
#[derive(Clone, Debug, PartialEq)]
pub struct TrueMask {
    /// COCO category id.
    pub class: u16,
    /// Its box in fractions of the photo.
    pub bbox: BBox,
    /// Its area in squared pixels of the masks.
    pub area: f64,
    /// Its pixels.
    pub pixels: Rle,
}

/// A photo with things whose pixels are known.
#[derive(Clone, Debug, PartialEq)]
pub struct MaskedPhoto {
    /// Its file.
    pub file: PathBuf,
    /// Width and height of the masks, which cover the whole photo.
    pub size: (usize, usize),
    /// The things.
    pub things: Vec<TrueMask>,
    /// Pixels of which nothing is known: they do not count.
    pub unknown: Rle,
}

/// The animals whose box meets the class map in their class and no other box of that class: their pixels are those of the
/// class in the box. Photos without such an animal are left out.
///
/// # Arguments
/// * `maps` - photos with class maps.
/// * `boxes` - photos with boxes, in any order; those without a map are left out.
///
/// # Errors
/// When a map cannot be read.
pub fn animals(maps: &[MappedPhoto], boxes: &[AnimalPhoto]) -> Result<Vec<MaskedPhoto>, Failure> {
    let boxes: std::collections::HashMap<&PathBuf, &AnimalPhoto> = boxes.iter().map(|it| (&it.file, it)).collect();
    let mut photos = Vec::new();
    for mapped in maps {
        let Some(boxed) = boxes.get(&mapped.file) else { continue };
        let map = LabelMap::open(&mapped.map)?;
        let things: Vec<TrueMask> = (0..boxed.animals.len()).filter_map(|i| animal(&map, &boxed.animals, i)).collect();
        if !things.is_empty() {
            let unknown = Rle::from_pixels(map.size, |x, y| map.labels[y * map.size.0 + x] == IGNORED);
            photos.push(MaskedPhoto { file: mapped.file.clone(), size: map.size, things, unknown });
        }
    }
    Ok(photos)
}

/// One animal's pixels; `None` when they cannot be told from another's, or there are none.
fn animal(map: &LabelMap, animals: &[(usize, BBox)], i: usize) -> Option<TrueMask> {
    let (class, bbox) = animals[i];
    let rival = |&(j, other): &(usize, &(usize, BBox))| j != i && other.0 == class && other.1.intersection(&bbox) > 0.0;
    if animals.iter().enumerate().any(|pair| rival(&pair)) {
        return None;
    }
    let name = location::CLASSES[class];
    let label = class_map::CLASSES.iter().position(|&it| it == name)?;
    let id = COCO.iter().find(|(_, it)| *it == name)?.0;
    let (width, height) = map.size;
    let corners = bbox.scale(width as f32, height as f32);
    // Pixels whose centres are in the box, as masks are pasted.
    let span = |from: f32, to: f32| (from - 0.5).ceil().max(0.0) as usize..((to - 0.5).floor() + 1.0).max(0.0) as usize;
    let inside = |x: usize, y: usize| usize::from(map.labels[y * width + x]) == label;
    let pixels = Rle::from_window(map.size, span(corners.x0, corners.x1), span(corners.y0, corners.y1), inside);
    (pixels.area() > 0).then(|| TrueMask { class: id, bbox, area: pixels.area() as f64, pixels })
}

/// COCO's labels that are of one thing each. Photos without are left out.
///
/// # Errors
/// When a mask cannot be read.
pub fn instances(photos: &CocoPhotos) -> Result<Vec<MaskedPhoto>, Failure> {
    let of_photo = |image: &crate::coco::Image| {
        let size = (image.width as usize, image.height as usize);
        let labels = photos.dataset.annotations.iter();
        let labels = labels.filter(|label| label.image_id == image.id && label.iscrowd == 0);
        let thing = |label: &crate::coco::Annotation| {
            let mask = label.segmentation.as_ref()?;
            let [x, y, width, height] = label.bbox.map(|at| at as f32);
            let bbox = BBox::new(x, y, x + width, y + height).scale(1.0 / size.0 as f32, 1.0 / size.1 as f32);
            let pixels = mask.to_rle(size).map_err(|error| Failure::Mask(image.file_name.clone(), error));
            Some(pixels.map(|pixels| TrueMask { class: label.category_id, bbox, area: label.area, pixels }))
        };
        let things = labels.filter_map(thing).collect::<Result<_, _>>()?;
        let unknown = Rle::from_pixels(size, |_, _| false);
        Ok(MaskedPhoto { file: photos.files[&image.id].clone(), size, things, unknown })
    };
    let mut masked: Vec<MaskedPhoto> = photos.dataset.images.iter().map(of_photo).collect::<Result<_, Failure>>()?;
    masked.retain(|photo| !photo.things.is_empty());
    Ok(masked)
}

/// How well one mask fits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fit {
    /// COCO category id.
    pub class: u16,
    /// Area of the true mask in squared pixels.
    pub area: f64,
    /// Intersection over union, 0 to 1.
    pub iou: f64,
}

/// The mean of some fits and their number; `None` without any.
#[must_use]
pub fn mean<'a>(fits: impl IntoIterator<Item = &'a Fit>) -> Option<(f64, usize)> {
    let (sum, count) = fits.into_iter().fold((0.0, 0), |(sum, count), fit| (sum + fit.iou, count + 1));
    (count > 0).then(|| (sum / count as f64, count))
}

/// Masks for the true boxes of some photos: for any subset of them, so that a network can be measured on what it was not
/// trained on.
///
/// # Arguments
/// * `closer` - whether each thing is looked at once more, in a crop of its own.
/// * `tick` - called after each photo.
///
/// # Returns
/// A fit for each thing, photo by photo.
///
/// # Errors
/// When a photo cannot be read or the network fails.
pub fn given_boxes(
    photos: &[MaskedPhoto],
    networks: MaskNetworks<'_>,
    closer: bool,
    tick: &(dyn Fn() + Sync),
) -> Result<Vec<Fit>, Failure> {
    let of_photos = each(photos, tick, |photo| {
        let pixels = open(&photo.file)?;
        let features = networks.detector.photo_features(&pixels, networks.device);
        let (width, height) = (features.photo.0 as f32, features.photo.1 as f32);
        let candidates: Vec<Candidate> = photo
            .things
            .iter()
            .map(|it| Candidate { bbox: it.bbox.scale(width, height), class: it.class, score: 1.0, prior: 0 })
            .collect();
        let chosen: Vec<usize> = (0..candidates.len()).collect();
        let mut masks = finish(&photo.file, networks.head.masks(&features, &candidates, &chosen))?;
        if closer {
            for mask in &mut masks {
                finish(&photo.file, add_crop(mask, networks, &pixels))?;
            }
        }
        let scale = (photo.size.0 as f32 / width, photo.size.1 as f32 / height);
        let fits = photo.things.iter().zip(masks).map(|(thing, mask)| {
            let found = mask.paste(photo.size, scale).to_rle(photo.size);
            Fit { class: thing.class, area: thing.area, iou: iou(&thing.pixels, &found, &photo.unknown) }
        });
        Ok(fits.collect::<Vec<_>>())
    })?;
    Ok(of_photos.into_iter().flatten().collect())
}

/// Intersection over union outside unknown pixels, in which no true mask has any.
fn iou(truth: &Rle, found: &Rle, unknown: &Rle) -> f64 {
    let both = truth.intersection(found);
    let union = truth.area() + found.area() - found.intersection(unknown) - both;
    if union > 0 { both as f64 / union as f64 } else { 0.0 }
}

/// Masks for what the detector finds, as COCO's results on the photos of `photos`.
///
/// # Arguments
/// * `settings` - which boxes survive, and whether the detector looks closer.
/// * `tick` - called after each photo.
///
/// # Errors
/// When a photo cannot be read or a network fails.
pub fn detected(
    photos: &CocoPhotos,
    subject: Subject<'_>,
    settings: &Settings,
    tick: &(dyn Fn() + Sync),
) -> Result<Vec<DetectionResult>, Failure> {
    let of_photos = each(&photos.dataset.images, tick, |image| {
        let (photo, run) = subject.run(&photos.files[&image.id], settings)?;
        let masks = run.masks().ok_or(Failure::NoResult(subject.system))?;
        let results = masks.iter().filter_map(|mask| DetectionResult::from_mask(&image.file_name, mask, photo.size()));
        Ok(results.map(|result| DetectionResult { image_id: Some(image.id), ..result }).collect::<Vec<_>>())
    })?;
    Ok(of_photos.into_iter().flatten().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn animals_are_told_apart_by_their_boxes() {
        // Two dogs side by side, a cat behind the first, 255 between them.
        let labels = vec![12, 12, 255, 12, 8, 8, 255, 12];
        let map = LabelMap { size: (4, 2), labels };
        let (left, right, whole) =
            (BBox::new(0.0, 0.0, 0.5, 1.0), BBox::new(0.5, 0.0, 1.0, 1.0), BBox::new(0.0, 0.0, 1.0, 1.0));
        let [dog, cat, cow] =
            ["dog", "cat", "cow"].map(|name| location::CLASSES.iter().position(|it| *it == name).expect("a class"));
        let animals = [(dog, left), (dog, right), (cat, whole), (cow, whole)];
        let pixels = |i: usize| animal(&map, &animals, i).map(|it| (it.class, it.pixels.to_pixels()));
        let row = |text: &str| text.bytes().map(|byte| byte == b'#').collect::<Vec<bool>>();
        assert_eq!(pixels(0), Some((18, row("##......"))));
        assert_eq!(pixels(1), Some((18, row("...#...#"))), "boxes that only touch do not overlap");
        assert_eq!(pixels(2), Some((17, row("....##.."))), "a dog's box does not make a cat ambiguous");
        assert_eq!(pixels(3), None, "no cow there");
        let alike = [(dog, left), (dog, whole)];
        assert!(animal(&map, &alike, 0).is_none() && animal(&map, &alike, 1).is_none());
    }

    #[test]
    fn unknown_pixels_do_not_count() {
        let columns = |from: usize, to: usize| Rle::from_window((6, 2), from..to, 0..2, |_, _| true);
        assert!((iou(&columns(0, 2), &columns(1, 5), &columns(3, 5)) - 1.0 / 3.0).abs() < 1e-12);
        assert!((iou(&columns(0, 2), &columns(1, 5), &columns(0, 0)) - 0.2).abs() < 1e-12);
    }

    #[test]
    fn means_need_something() {
        let fit = |iou| Fit { class: 1, area: 1.0, iou };
        assert_eq!(mean(&[fit(0.5), fit(1.0)]), Some((0.75, 2)));
        assert_eq!(mean(&[]), None);
    }
}
