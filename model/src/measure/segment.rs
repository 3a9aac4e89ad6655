//! Class maps against labelled ones.

use super::{Failure, Subject, each};
use crate::{
    data::folder::{LabelMap, MappedPhoto},
    eval::segmentation::Confusion,
    systems::Settings,
};

/// The classes whose mean is quoted: background, cat, cow, dog, horse, person, sheep. Photos of animals hold too few pixels
/// of the others.
pub const QUOTED: [usize; 7] = [0, 8, 10, 12, 13, 15, 17];

/// Which classes the pixels of some photos are taken for, each map at the size of the labelled one.
///
/// # Arguments
/// * `tick` - called after each photo.
///
/// # Errors
/// When a photo or a labelled map cannot be read, or the network fails.
pub fn measure(photos: &[MappedPhoto], subject: Subject<'_>, tick: &(dyn Fn() + Sync)) -> Result<Confusion, Failure> {
    let of_photos = each(photos, tick, |photo| {
        let truth = LabelMap::open(&photo.map)?;
        let (_, run) = subject.run(&photo.file, &Settings { map_size: Some(truth.size), ..Settings::default() })?;
        let found = run.class_map().ok_or(Failure::NoResult(subject.system))?;
        let mut confusion = Confusion::default();
        confusion.add(&truth.labels, &found.labels);
        Ok(confusion)
    })?;
    let mut all = Confusion::default();
    for confusion in &of_photos {
        all.add_all(confusion);
    }
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
