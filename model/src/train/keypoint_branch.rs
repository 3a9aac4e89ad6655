//! Training of Mask R-CNN's keypoint branch: a softmax over the places of each marked joint (He et al. 2017, section 5).
//!
//! The feature pyramid is not learnt here, so people's regions are cut out of it once and kept.

use std::{cell::RefCell, path::Path};

use burn::tensor::{Device, Int, Tensor, TensorData, activation::log_softmax};

use super::{
    TrainError,
    bank::Map,
    course::Lesson,
    labels::Folder,
    records::{Progress, Records, push_numbers},
    view::View,
};
use crate::{
    backbone::MobileNetV2,
    data::labelled_people::{AREA_OF_BOX, ListedPerson},
    device::read,
    eval::similarity::{self, object_keypoint_similarity},
    heads::{
        faster_rcnn::{INPUT, RegionProposals},
        keypoint_branch::{BINS, JointMaps, KeypointBranch, MAPS, PLACES},
        top_down::CHANNELS,
    },
    nn::weights::{Weights, WeightsError},
    ops::Region,
    random::Random,
    structures::{
        boxes::BBox,
        skeleton::{JOINTS, MIRRORED},
    },
};

/// A person with fewer marked joints is not learnt.
const MIN_JOINTS: usize = 5;
/// A person whose box is smaller along both axes, in fractions of the photo, is not learnt: some twenty pixels.
const MIN_SIDE: f32 = 0.06;
/// How far a box is moved and stretched at random, in parts of its size: proposals are not exact either.
const JITTER: f32 = 0.08;
/// Numbers of a region.
const NUMBERS: usize = BINS * BINS * CHANNELS;
/// People that are measured at once.
const MEASURED_BATCH: usize = 32;

/// A person's region as one view shows it.
#[derive(Clone, Debug)]
pub struct PersonRegion {
    /// What is looked at.
    pub view: View,
    /// The region, in fractions of the view.
    pub bbox: BBox,
    /// The person's own box, in fractions of the view.
    pub truth: BBox,
    /// `x, y, v` of the joints in fractions of the view; v 0 means not marked.
    pub joints: [[f32; 3]; JOINTS],
}

impl PersonRegion {
    /// A listed person; `None` where too little is marked or to be seen.
    ///
    /// # Arguments
    /// * `photo` - its set and name.
    /// * `mirror` - whether left and right are exchanged.
    /// * `random` - moves the box; `None` leaves it.
    #[must_use]
    pub fn of(photo: &str, person: &ListedPerson, mirror: bool, random: Option<&mut Random>) -> Option<Self> {
        let view = View { mirror, ..View::whole(photo) };
        // Fractions of a photo lose nothing as floats.
        let [x0, y0, x1, y1] = person.bbox.map(|it| it as f32);
        let truth = view.bbox(&BBox::new(x0, y0, x1, y1));
        let mut joints = [[0.0; 3]; JOINTS];
        for (i, marked) in person.keypoints.iter().enumerate() {
            let [x, y, v] = marked.map(|it| it as f32);
            let at = view.bbox(&BBox::new(x, y, x, y));
            joints[if mirror { MIRRORED[i] } else { i }] = [at.x0, at.y0, v];
        }
        let bbox = random.map_or(truth, |random| moved(&truth, random)).clip(1.0, 1.0);
        let known = joints.iter().filter(|joint| joint[2] > 0.0).count() >= MIN_JOINTS;
        let large = truth.width().max(truth.height()) >= MIN_SIDE && bbox.area() > 0.0;
        (known && large).then_some(Self { view, bbox, truth, joints })
    }

    /// The place of each marked joint that the region holds: the joint, and its index into the map's places.
    fn places(&self) -> impl Iterator<Item = (usize, usize)> {
        let place = |at: f32, start: f32, length: f32| {
            let place = (at - start) / length * PLACES as f32;
            // In 0 to PLACES - 1: a whole number that is exact.
            (0.0..PLACES as f32).contains(&place).then_some(place as usize)
        };
        self.joints.iter().enumerate().filter(|(_, joint)| joint[2] > 0.0).filter_map(move |(i, joint)| {
            let x = place(joint[0], self.bbox.x0, self.bbox.width())?;
            let y = place(joint[1], self.bbox.y0, self.bbox.height())?;
            Some((i, y * PLACES + x))
        })
    }

    /// How alike found joints are to the marked ones.
    ///
    /// # Arguments
    /// * `found` - in fractions of the view.
    fn similarity(&self, found: &[(f32, f32)]) -> f64 {
        let wide = |joint: [f32; 3]| joint.map(f64::from);
        let keypoints: Vec<f64> = self.joints.iter().flat_map(|&joint| wide(joint)).collect();
        let guess: Vec<f64> = found.iter().flat_map(|&(x, y)| wide([x, y, 1.0])).collect();
        let area = f64::from(self.truth.area()) * AREA_OF_BOX;
        let truth = similarity::Skeleton { keypoints: &keypoints, bbox: self.truth.to_xywh().map(f64::from), area };
        object_keypoint_similarity(&truth, &guess)
    }
}

fn moved(bbox: &BBox, random: &mut Random) -> BBox {
    let mut part = || (random.uniform() * 2.0 - 1.0) * JITTER;
    let (width, height) = (bbox.width(), bbox.height());
    BBox::new(bbox.x0 + part() * width, bbox.y0 + part() * height, bbox.x1 + part() * width, bbox.y1 + part() * height)
}

/// The keypoint branch with its data.
pub struct KeypointLesson {
    records: Records,
    /// People to learn from, and to measure on, each with the number of its record.
    train: Vec<(usize, PersonRegion)>,
    dev: Vec<(usize, PersonRegion)>,
    /// People a step.
    batch: usize,
}

impl KeypointLesson {
    /// Cuts the regions of people out of the feature pyramid, unless they are there.
    ///
    /// # Arguments
    /// * `path` - the file of the regions.
    /// * `people` - those of a view together, each with whether it is learnt from.
    /// * `networks` - the backbone and the pyramid.
    /// * `batch` - people a step.
    ///
    /// # Errors
    /// When there is nobody to learn from, a photo cannot be read, or the disk is full.
    pub fn new(
        path: &Path,
        people: Vec<(PersonRegion, bool)>,
        folder: &Folder,
        networks: (&MobileNetV2, &RegionProposals),
        batch: usize,
    ) -> Result<Self, TrainError> {
        let views: Vec<View> = people.iter().map(|(person, _)| person.view.clone()).collect();
        let progress = Progress::of_views(path, &views, &[])?;
        let records = Records::open(path, 2 * NUMBERS)?;
        records.fill(people.len(), &progress, |i| record(&people[i].0, folder, networks))?;
        let (mut train, mut dev) = (vec![], vec![]);
        for (i, (person, learnt)) in people.into_iter().enumerate() {
            if learnt { &mut train } else { &mut dev }.push((i, person));
        }
        if train.is_empty() {
            return Err(TrainError::NoData("people.json".into()));
        }
        Ok(Self { records, train, dev, batch })
    }

    fn regions(&self, people: &[&(usize, PersonRegion)], device: &Device) -> Result<Tensor<4>, TrainError> {
        let mut values = Vec::with_capacity(people.len() * NUMBERS);
        for (record, _) in people {
            self.records.numbers(*record, 0, NUMBERS, 1.0, &mut values)?;
        }
        Ok(Tensor::from_data(TensorData::new(values, [people.len(), BINS, BINS, CHANNELS]), device))
    }
}

thread_local! {
    /// The pyramid of the last view: the people of a view follow each other.
    static LAST: RefCell<Option<(View, [Tensor<4>; 3])>> = const { RefCell::new(None) };
}

/// A person's region of the pyramid.
fn record(
    person: &PersonRegion,
    folder: &Folder,
    (backbone, pyramid): (&MobileNetV2, &RegionProposals),
) -> Result<Vec<u8>, TrainError> {
    let known = LAST.with_borrow(|last| last.as_ref().filter(|it| it.0 == person.view).map(|it| it.1.clone()));
    let maps = match known {
        Some(maps) => maps,
        None => {
            let pixels = person.view.input_at(&folder.photo(&person.view.photo)?, INPUT);
            let input = Tensor::from_data(TensorData::new(pixels, [1, INPUT, INPUT, 3]), &Device::flex());
            let maps = pyramid.pyramid(&backbone.forward(input));
            LAST.set(Some((person.view.clone(), maps.clone())));
            maps
        }
    };
    let region = Region { photo: 0, bbox: person.bbox };
    let values = pollster::block_on(read(vec![KeypointBranch::pool(&[region], &maps)]))?;
    let mut record = Vec::with_capacity(2 * NUMBERS);
    push_numbers(&mut record, &values[0]);
    Ok(record)
}

impl Lesson for KeypointLesson {
    type Head = KeypointBranch;

    fn load(&self, weights: &Weights, device: &Device) -> Result<KeypointBranch, WeightsError> {
        KeypointBranch::load(weights, "", device)
    }

    fn readers(&self) -> Vec<(&'static str, Vec<(usize, Map)>)> {
        // It reads the pyramid, not the backbone's maps.
        vec![]
    }

    fn loss(&self, head: &KeypointBranch, random: &mut Random, device: &Device) -> Result<Tensor<1>, TrainError> {
        let people: Vec<_> = (0..self.batch).map(|_| &self.train[random.below(self.train.len())]).collect();
        let logits = head.logits(self.regions(&people, device)?);
        let logits = logits.reshape([people.len(), PLACES * PLACES, MAPS]).swap_dims(1, 2);
        let logits = logits.reshape([people.len() * MAPS, PLACES * PLACES]);
        let marked = people.iter().enumerate().flat_map(|(row, person)| {
            person.1.places().map(move |(joint, place)| ((row * MAPS + joint) as i32, place as i32))
        });
        let (rows, places): (Vec<i32>, Vec<i32>) = marked.unzip();
        let count = rows.len();
        if count == 0 {
            return Ok(Tensor::zeros([1], device));
        }
        let integers = |values: Vec<i32>| Tensor::<1, Int>::from_data(TensorData::new(values, [count]), device);
        let chosen = log_softmax(logits.select(0, integers(rows)), 1);
        Ok(-chosen.gather(1, integers(places).reshape([count, 1])).mean())
    }

    fn measure(&self, head: &KeypointBranch, device: &Device) -> Result<Vec<(&'static str, f64)>, TrainError> {
        let (mut sum, mut good) = (0.0, 0usize);
        for people in self.dev.chunks(MEASURED_BATCH) {
            let people: Vec<_> = people.iter().collect();
            let logits = head.logits(self.regions(&people, device)?);
            let order: Vec<usize> = (0..people.len()).collect();
            let maps = pollster::block_on(JointMaps::read(logits, &order))?;
            for (i, (_, person)) in people.iter().enumerate() {
                let joints = maps.joints(i, &person.bbox);
                let found: Vec<(f32, f32)> = joints.iter().map(|joint| (joint.x, joint.y)).collect();
                let similarity = person.similarity(&found);
                sum += similarity;
                good += usize::from(similarity >= 0.5);
            }
        }
        let count = self.dev.len().max(1) as f64;
        Ok(vec![("similarity", sum / count), ("at_least_half", good as f64 / count)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn joints_become_places_of_their_region() {
        let mut keypoints = [[0.0; 3]; JOINTS];
        for joint in [0, 5, 6, 11, 12] {
            keypoints[joint] = [0.5, 0.5, 2.0];
        }
        keypoints[5] = [0.25, 0.75, 2.0];
        keypoints[9] = [0.9, 0.9, 1.0]; // outside the box
        let person = ListedPerson { bbox: [0.25, 0.25, 0.75, 1.0], keypoints };
        let seen = PersonRegion::of("coco/a", &person, false, None).expect("enough is marked");
        let places: Vec<(usize, usize)> = seen.places().collect();
        let at = |x: f32, y: f32| (y * PLACES as f32) as usize * PLACES + (x * PLACES as f32) as usize;
        assert_eq!(places[..2], [(0, at(0.5, 1.0 / 3.0)), (5, at(0.0, 2.0 / 3.0))]);
        assert!(places.iter().all(|place| place.0 != 9));
        let mirrored = PersonRegion::of("coco/a", &person, true, None).expect("enough is marked");
        let right = mirrored.joints[6];
        assert!((right[0] - 0.75).abs() < 1e-6, "the left shoulder is a right one in a mirror");
        let found: Vec<(f32, f32)> = seen.joints.iter().map(|joint| (joint[0], joint[1])).collect();
        assert!((seen.similarity(&found) - 1.0).abs() < 1e-9);
        keypoints[5][2] = 0.0;
        keypoints[9][2] = 0.0;
        assert!(PersonRegion::of("coco/a", &ListedPerson { keypoints, ..person }, false, None).is_none());
    }
}
