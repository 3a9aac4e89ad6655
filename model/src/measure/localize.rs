//! Classification + localization against the largest box of each photo.

use super::{Failure, Subject, each};
use crate::{
    data::folder::AnimalPhoto,
    structures::{boxes::BBox, location::CLASSES},
    systems::Settings,
};

/// A box counts as right from this intersection over union.
pub const RIGHT: f32 = 0.5;

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

/// Finds the one thing in each photo with at least one labelled animal; photos without are left out.
///
/// # Arguments
/// * `tick` - called after each photo.
///
/// # Errors
/// When a photo cannot be read or the network fails.
pub fn measure(
    photos: &[AnimalPhoto],
    subject: Subject<'_>,
    tick: &(dyn Fn() + Sync),
) -> Result<Vec<Outcome>, Failure> {
    let of_photos = each(photos, tick, |photo| {
        let (image, run) = subject.run(&photo.file, &Settings::default())?;
        let Some((truth, bbox)) = largest(&photo.animals, image.size()) else { return Ok(None) };
        let location = run.location().ok_or(Failure::NoResult(subject.system))?;
        Ok(Some(Outcome { truth, found: location.best().0, iou: location.bbox.iou(&bbox) }))
    })?;
    Ok(of_photos.into_iter().flatten().collect())
}

/// The largest animal's class and its box in photo pixels, the first of equals.
fn largest(animals: &[(usize, BBox)], (width, height): (u32, u32)) -> Option<(usize, BBox)> {
    let larger = |best: (usize, BBox), it: (usize, BBox)| if it.1.area() > best.1.area() { it } else { best };
    let (class, bbox) = animals.iter().copied().reduce(larger)?;
    Some((class, bbox.scale(width as f32, height as f32)))
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

    #[test]
    fn four_photos_by_hand() {
        let outcome = |truth, found, iou| Outcome { truth, found, iou };
        let outcomes = [outcome(0, 0, 0.5), outcome(0, 1, 0.9), outcome(0, 0, 0.49), outcome(4, 5, 0.0)];
        assert_eq!(shares(&outcomes, None), Shares { photos: 4, class: 0.5, bbox: 0.5, both: 0.25 });
        let dogs = by_class(&outcomes);
        assert_eq!(
            dogs.iter().map(|(name, shares)| (*name, shares.photos)).collect::<Vec<_>>(),
            [("dog", 3), ("cow", 1)]
        );
        assert_eq!(shares(&[], None), Shares::default());
    }

    #[test]
    fn the_largest_box_is_meant() {
        let (small, large) = (BBox::new(0.0, 0.0, 0.1, 0.1), BBox::new(0.5, 0.0, 1.0, 0.5));
        assert_eq!(largest(&[(1, small), (3, large)], (100, 10)), Some((3, BBox::new(50.0, 0.0, 100.0, 5.0))));
        assert_eq!(largest(&[], (1, 1)), None);
    }
}
