//! Class masks of photos whose objects are boxed but not drawn: outside of all boxes is background, and inside our own mask
//! head says which pixels are the object's, where it is sure.

use burn::tensor::Device;
use image::GrayImage;

use super::{TrainError, bank::UNKNOWN};
use crate::{
    data::folder::BoxedObject,
    heads::{mask::MaskHead, ssd::Ssd},
    photo::Photo,
    structures::{boxes::Candidate, class_map::COCO_IDS, mask::Patch},
};

/// From this probability on, out of 255, a pixel in a box is the object's.
const SURE: u8 = 179;
/// Up to this one it is not.
const NOT: u8 = 51;

/// What is known of a photo's pixels from one of its boxes.
#[derive(Clone, Debug)]
pub struct BoxedMask {
    /// The class, a number of [`crate::structures::class_map::CLASSES`].
    pub class: u8,
    /// The probability that a pixel of the box is the object's.
    pub patch: Patch,
    /// Whether the object is so hard to see that nothing is said of its box.
    pub difficult: bool,
}

/// The class mask of a photo, at its size; [`UNKNOWN`] where it is not sure.
///
/// # Arguments
/// * `objects` - all of the photo's objects.
/// * `detector`, `head`, `device` - the networks, and where they are.
///
/// # Errors
/// When a network fails.
pub fn class_mask(
    photo: &Photo,
    objects: &[BoxedObject],
    (detector, head): (&Ssd, &MaskHead),
    device: &Device,
) -> Result<GrayImage, TrainError> {
    let features = detector.photo_features(photo, device);
    let (width, height) = (photo.width() as f32, photo.height() as f32);
    let scaled = |it: &BoxedObject| Candidate {
        bbox: it.bbox.clip(1.0, 1.0).scale(width, height),
        class: it.class,
        score: 1.0,
        prior: 0,
    };
    let candidates: Vec<Candidate> = objects.iter().map(scaled).collect();
    let chosen: Vec<usize> = (0..candidates.len()).collect();
    let size = (photo.width() as usize, photo.height() as usize);
    let masks = pollster::block_on(head.masks(&features, &candidates, &chosen))?;
    let known = objects.iter().zip(masks).filter_map(|(object, mask)| {
        // 20 classes fit a byte.
        let class = COCO_IDS.iter().position(|&id| id == object.class)? as u8 + 1;
        Some(BoxedMask { class, patch: mask.paste(size, (1.0, 1.0)), difficult: object.difficult })
    });
    let labels = merge(size, &known.collect::<Vec<_>>());
    Ok(GrayImage::from_raw(photo.width(), photo.height(), labels).expect("one label a pixel of the photo"))
}

/// What the boxes of a photo say together: the background outside of all, a class where one is sure and no box of another
/// class speaks against it, and [`UNKNOWN`] where boxes are unsure or differ.
///
/// # Arguments
/// * `size` - width and height of the photo in pixels.
///
/// # Returns
/// A label for each pixel, row by row.
#[must_use]
pub fn merge(size: (usize, usize), masks: &[BoxedMask]) -> Vec<u8> {
    let mut labels = vec![0; size.0 * size.1];
    // Pixels that a box is unsure of, by the class of the box; 0 is none.
    let mut unsure = vec![0; labels.len()];
    for BoxedMask { class, patch, difficult } in masks {
        for (row, values) in patch.values.chunks_exact(patch.width.max(1)).enumerate() {
            let start = (patch.y + row) * size.0 + patch.x;
            for (at, &value) in (start..).zip(values) {
                if *difficult {
                    unsure[at] = UNKNOWN;
                } else if value >= SURE {
                    labels[at] = if labels[at] == 0 || labels[at] == *class { *class } else { UNKNOWN };
                } else if value > NOT {
                    unsure[at] = if unsure[at] == 0 || unsure[at] == *class { *class } else { UNKNOWN };
                }
            }
        }
    }
    // An object's own class beside it does not make it doubtful.
    let told = |(label, doubt): (u8, u8)| if doubt == 0 || doubt == label { label } else { UNKNOWN };
    labels.into_iter().zip(unsure).map(told).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A patch of one row that begins at a column.
    fn row(class: u8, x: usize, values: &[u8], difficult: bool) -> BoxedMask {
        let patch = Patch { x, y: 1, width: values.len(), height: 1, values: values.to_vec() };
        BoxedMask { class, patch, difficult }
    }

    #[test]
    fn boxes_say_what_they_are_sure_of() {
        let merged = |masks: &[BoxedMask]| {
            let labels = merge((6, 2), masks);
            assert_eq!(labels[..6], [0; 6], "background outside of all boxes");
            labels[6..].to_vec()
        };
        let dog = row(12, 1, &[0, 100, 255, 255], false);
        assert_eq!(merged(std::slice::from_ref(&dog)), [0, 0, UNKNOWN, 12, 12, 0]);
        let cat = row(8, 3, &[255, 0, 255], false);
        assert_eq!(merged(&[dog.clone(), cat]), [0, 0, UNKNOWN, UNKNOWN, 12, 8], "two that are sure");
        let doubt = row(8, 3, &[100, 100], false);
        assert_eq!(merged(&[dog.clone(), doubt]), [0, 0, UNKNOWN, UNKNOWN, UNKNOWN, 0], "another class may be there");
        let dogs = row(12, 2, &[255, 100], false);
        assert_eq!(merged(&[dog.clone(), dogs]), [0, 0, 12, 12, 12, 0], "two of one class");
        let difficult = row(12, 0, &[255, 0, 0, 0], true);
        assert_eq!(merged(&[difficult, dog]), [UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, 12, 0]);
    }
}
