//! What the heads that find joints learn from.

use anyhow::Result;
use burn::tensor::Device;
use model::{
    data::{folder::Part, labelled_people::listed_people},
    random::Random,
    train::{
        detection_cache::{DetectionCache, Layout},
        keypoint_branch::{KeypointLesson, PersonRegion},
        labels::Folder,
        pose_regression::{Person, PoseLesson},
    },
};

use crate::{Arguments, detector};

/// Views of a person: the box as it is, then moved at random, every other one mirrored.
const VIEWS: usize = 3;
/// Regions of a person in a view: the box, then moved at random.
const REGIONS: usize = 2;

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

/// People's regions of the backbone's maps: those of the training part in several views, those of the dev part as they are.
pub fn keypoints(arguments: &Arguments, folder: &Folder) -> Result<KeypointLesson> {
    let mut random = Random::new(5);
    let mut people = vec![];
    for (photo, listed) in listed_people(&arguments.data, Part::All)? {
        let learnt = Part::Train.has(&photo);
        // The views of a photo one after the other: each is looked at once.
        for mirror in if learnt { vec![false, true] } else { vec![false] } {
            for person in &listed {
                for moved in 0..if learnt { REGIONS } else { 1 } {
                    let random = (moved > 0 || mirror).then_some(&mut random);
                    people.extend(PersonRegion::of(&photo, person, mirror, random).map(|it| (it, learnt)));
                }
            }
        }
    }
    println!("{} regions of people", people.len());
    let ssd = detector(arguments)?;
    let path = arguments.cache.join("people.regions");
    Ok(KeypointLesson::new(&path, people, folder, ssd.backbone(), arguments.batch.unwrap_or(32))?)
}
