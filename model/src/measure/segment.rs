//! Class maps against labelled ones.

use super::{Failure, Subject, each};
use crate::{
    data::folder::{LabelMap, MappedPhoto},
    eval::{
        boundary::{boundary_error, filled},
        segmentation::{Confusion, IGNORED},
    },
    systems::Settings,
};

/// The classes whose mean is quoted: background, cat, cow, dog, horse, person, sheep. Photos of animals hold too few pixels
/// of the others.
pub const QUOTED: [usize; 7] = [0, 8, 10, 12, 13, 15, 17];

/// How class maps compare with labelled ones.
#[derive(Clone, Debug, Default)]
pub struct Agreement {
    /// Which classes the pixels are taken for.
    pub confusion: Confusion,
    /// Of each photo the share of boundary pixels that lie near the true boundary ([`BoundaryError::near`]), where a boundary is
    /// between things and the background; without the photos of which one map has none.
    ///
    /// [`BoundaryError::near`]: crate::eval::boundary::BoundaryError::near
    pub near: Vec<f64>,
}

impl Agreement {
    /// Adds that of other photos.
    pub fn add_all(&mut self, other: &Self) {
        self.confusion.add_all(&other.confusion);
        self.near.extend(&other.near);
    }

    /// The mean of [`Agreement::near`]; `None` without a photo.
    #[must_use]
    pub fn mean_near(&self) -> Option<f64> {
        (!self.near.is_empty()).then(|| self.near.iter().sum::<f64>() / self.near.len() as f64)
    }
}

/// Compares the class maps of some photos with labelled ones, each at the size of the labelled one.
///
/// # Arguments
/// * `tick` - called after each photo.
///
/// # Errors
/// When a photo or a labelled map cannot be read, or the network fails.
pub fn measure(photos: &[MappedPhoto], subject: Subject<'_>, tick: &(dyn Fn() + Sync)) -> Result<Agreement, Failure> {
    let of_photos = each(photos, tick, |photo| {
        let truth = LabelMap::open(&photo.map)?;
        let (_, run) = subject.run(&photo.file, &Settings { map_size: Some(truth.size), ..Settings::default() })?;
        let found = run.class_map().ok_or(Failure::NoResult(subject.system))?;
        let mut agreement = Agreement::default();
        agreement.confusion.add(&truth.labels, &found.labels);
        let width = truth.size.0;
        let is_thing = truth.labels.iter().map(|&label| (label != IGNORED).then_some(label != 0));
        let (truth, found) = (filled(&is_thing.collect::<Vec<_>>(), width), found.labels.iter().map(|&it| it != 0));
        agreement.near.extend(boundary_error(&found.collect::<Vec<_>>(), &truth, width).map(|it| it.near));
        Ok(agreement)
    })?;
    let mut all = Agreement::default();
    of_photos.iter().for_each(|agreement| all.add_all(agreement));
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::QUOTED;
    use crate::structures::class_map::CLASSES;

    #[test]
    fn quoted_classes_are_the_animals_and_people() {
        let names = QUOTED.map(|class| CLASSES[class]);
        assert_eq!(names, ["background", "cat", "cow", "dog", "horse", "person", "sheep"]);
    }
}
