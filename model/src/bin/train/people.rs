//! What pose by regression learns from.

use anyhow::Result;
use burn::tensor::Device;
use model::{
    data::{folder::Part, labelled_people::listed_people},
    random::Random,
    train::{
        detection_cache::{DetectionCache, Layout},
        labels::Folder,
        pose_regression::{Person, PoseLesson},
    },
};

use crate::{Arguments, detector};

/// Views of a person: the box as it is, then moved at random, every other one mirrored.
const VIEWS: usize = 3;

/// People with their maps: those of the training part in several views, those of the dev part as they are.
pub fn pose(arguments: &Arguments, folder: &Folder) -> Result<PoseLesson> {
    let mut random = Random::new(4);
    let mut people = vec![];
    for (photo, listed) in listed_people(&arguments.data, Part::All)? {
        let learnt = Part::Train.has(&photo);
        for person in &listed {
            for view in 0..if learnt { VIEWS } else { 1 } {
                let random = (view > 0).then_some(&mut random);
                people.extend(Person::of(&photo, person, view % 2 == 1, random).map(|it| (it, learnt)));
            }
        }
    }
    println!("{} views of people", people.len());
    let views = people.iter().map(|(person, _)| person.view.clone()).collect();
    let path = arguments.cache.join("people.maps");
    let ssd = detector(arguments)?;
    let cache = DetectionCache::open(&path, views, Layout::PEOPLE, folder, ssd.backbone(), &Device::flex())?;
    Ok(PoseLesson::new(cache, people, arguments.batch.unwrap_or(48))?)
}
