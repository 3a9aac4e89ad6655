//! Classification + localization against the largest box of each photo.

use std::path::PathBuf;

use super::{Failure, Subject, each};
use crate::{
    data::folder::{AnimalPhoto, BoxedPhoto, VOC_IDS},
    structures::{boxes::BBox, location::CLASSES},
    systems::Settings,
};

/// A box counts as right from this intersection over union.
pub const RIGHT: f32 = 0.5;

/// A photo with what is largest in it.
#[derive(Clone, Debug, PartialEq)]
pub struct LocatedPhoto {
    /// Its file.
    pub file: PathBuf,
    /// An index into [`CLASSES`].
    pub class: usize,
    /// Where, in fractions of the photo.
    pub bbox: BBox,
}

impl LocatedPhoto {
    /// Photos of animals; those without one are left out.
    #[must_use]
    pub fn of_animals(photos: &[AnimalPhoto]) -> Vec<Self> {
        let located = photos.iter().map(|photo| Self::of(photo.file.clone(), photo.animals.iter().copied()));
        located.flatten().collect()
    }

    /// Photos of VOC; difficult things are left out unless there are no others.
    #[must_use]
    pub fn of_voc(photos: &[BoxedPhoto]) -> Vec<Self> {
        let of_photo = |photo: &BoxedPhoto| {
            let things = |difficult: bool| {
                let kept = photo.objects.iter().filter(move |object| object.difficult == difficult);
                kept.filter_map(|object| Some((VOC_IDS.iter().position(|&id| id == object.class)?, object.bbox)))
            };
            Self::of(photo.file.clone(), things(false)).or_else(|| Self::of(photo.file.clone(), things(true)))
        };
        photos.iter().filter_map(of_photo).collect()
    }

    /// The largest of some things, the first of equals.
    fn of(file: PathBuf, things: impl Iterator<Item = (usize, BBox)>) -> Option<Self> {
        let (class, bbox) = things.reduce(|best, it| if it.1.area() > best.1.area() { it } else { best })?;
        Some(Self { file, class, bbox })
    }
}

/// What was found in one photo.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Outcome {
    /// The true class, an index into [`CLASSES`].
    pub truth: usize,
    /// The class that was found.
    pub found: usize,
    /// Intersection over union of the true box and the one that was found.
    pub iou: f32,
}

/// Finds the one thing in each photo.
///
/// # Arguments
/// * `tick` - called after each photo.
///
/// # Errors
/// When a photo cannot be read or the network fails.
pub fn measure(
    photos: &[LocatedPhoto],
    subject: Subject<'_>,
    tick: &(dyn Fn() + Sync),
) -> Result<Vec<Outcome>, Failure> {
    each(photos, tick, |photo| {
        let (image, run) = subject.run(&photo.file, &Settings::default())?;
        let (width, height) = image.size();
        let location = run.location().ok_or(Failure::NoResult(subject.system))?;
        let iou = location.bbox.iou(&photo.bbox.scale(width as f32, height as f32));
        Ok(Outcome { truth: photo.class, found: location.best().0, iou })
    })
}

/// Shares of the outcomes, 0 to 1.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Shares {
    /// Photos.
    pub photos: usize,
    /// The class is right.
    pub class: f64,
    /// The box overlaps the true one by at least [`RIGHT`].
    pub bbox: f64,
    /// Both are right.
    pub both: f64,
}

/// Shares of all outcomes, or of those of one true class.
#[must_use]
pub fn shares(outcomes: &[Outcome], class: Option<usize>) -> Shares {
    let chosen: Vec<&Outcome> = outcomes.iter().filter(|it| class.is_none_or(|class| class == it.truth)).collect();
    let share = |right: &dyn Fn(&Outcome) -> bool| {
        chosen.iter().filter(|it| right(it)).count() as f64 / chosen.len().max(1) as f64
    };
    Shares {
        photos: chosen.len(),
        class: share(&|it| it.found == it.truth),
        bbox: share(&|it| it.iou >= RIGHT),
        both: share(&|it| it.found == it.truth && it.iou >= RIGHT),
    }
}

/// Shares for each class that occurs, by its name.
#[must_use]
pub fn by_class(outcomes: &[Outcome]) -> Vec<(&'static str, Shares)> {
    let all = CLASSES.iter().enumerate().map(|(class, &name)| (name, shares(outcomes, Some(class))));
    all.filter(|(_, shares)| shares.photos > 0).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::folder::BoxedObject;

    #[test]
    fn four_photos_by_hand() {
        let outcome = |truth, found, iou| Outcome { truth, found, iou };
        let outcomes = [outcome(0, 0, 0.5), outcome(0, 1, 0.9), outcome(0, 0, 0.49), outcome(4, 5, 0.0)];
        assert_eq!(shares(&outcomes, None), Shares { photos: 4, class: 0.5, bbox: 0.5, both: 0.25 });
        let classes = by_class(&outcomes);
        assert_eq!(
            classes.iter().map(|(name, shares)| (*name, shares.photos)).collect::<Vec<_>>(),
            [("aeroplane", 3), ("bottle", 1)]
        );
        assert_eq!(shares(&[], None), Shares::default());
    }

    #[test]
    fn the_largest_box_is_meant() {
        let (small, large) = (BBox::new(0.0, 0.0, 0.1, 0.1), BBox::new(0.5, 0.0, 1.0, 0.5));
        let file = PathBuf::from("a.webp");
        let photo = |animals| AnimalPhoto { name: "a".into(), file: file.clone(), animals };
        let located = LocatedPhoto::of_animals(&[photo(vec![(1, small), (3, large)]), photo(vec![])]);
        assert_eq!(located, [LocatedPhoto { file: file.clone(), class: 3, bbox: large }]);
        let object = |id, bbox, difficult| BoxedObject { class: id, bbox, difficult };
        let photo = |objects| BoxedPhoto { name: "a".into(), file: file.clone(), objects };
        let easy = photo(vec![object(1, small, false), object(3, large, true)]);
        let hard = photo(vec![object(3, large, true)]);
        let classes: Vec<&str> = LocatedPhoto::of_voc(&[easy, hard]).iter().map(|it| CLASSES[it.class]).collect();
        assert_eq!(classes, ["person", "car"]);
    }
}
