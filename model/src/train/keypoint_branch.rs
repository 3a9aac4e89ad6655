//! Training of Mask R-CNN's keypoint branch: a softmax over the places of each marked joint (He et al. 2017, section 5).
//!
//! The backbone is not learnt here, so people's regions are cut out of its maps once and kept.

use std::{cell::RefCell, path::Path};

use burn::tensor::{Device, Distribution, Int, Tensor, TensorData, activation::log_softmax};

use super::{
    TrainError,
    bank::{Map, SPREAD},
    course::Lesson,
    labels::Folder,
    part::part_of_map,
    records::{Progress, Records, push_numbers},
    view::View,
};
use crate::{
    backbone::{Features, MobileNetV2},
    data::labelled_people::{AREA_OF_BOX, ListedPerson},
    device::read,
    eval::similarity::{self, object_keypoint_similarity},
    heads::{
        faster_rcnn::INPUT,
        keypoint_branch::{BINS, JointMaps, KeypointBranch, MAPS, PLACES, READ},
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
/// Numbers of a region in each map.
const NUMBERS: [usize; 2] = [BINS * BINS * READ[0], BINS * BINS * READ[1]];
/// The maps that regions are cut out of.
const READ_MAPS: [Map; 2] = [Map::Stride8, Map::Stride16];
/// How far from its mark a joint is learnt, in places, as a standard deviation; and the places along each axis.
const MARK_SPREAD: f32 = 1.2;
const NEAR: usize = 7;
/// A random part of a region is at least this share of each of its sides.
const PART: f32 = 0.7;
/// Share of the channels that a step does without.
const DROPOUT: f64 = 0.15;
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

    /// The same person with a part of the region.
    ///
    /// # Arguments
    /// * `part` - in fractions of the region.
    fn within(&self, part: &BBox) -> Self {
        let part = part.scale(self.bbox.width(), self.bbox.height());
        let BBox { x0, y0, .. } = self.bbox;
        Self { bbox: BBox::new(x0 + part.x0, y0 + part.y0, x0 + part.x1, y0 + part.y1), ..self.clone() }
    }

    /// The place of each marked joint that the region holds: the joint, and where it lies on the map, in places.
    fn places(&self) -> impl Iterator<Item = (usize, f32, f32)> {
        let place = |at: f32, start: f32, length: f32| {
            let place = (at - start) / length * PLACES as f32;
            (0.0..PLACES as f32).contains(&place).then_some(place)
        };
        self.joints.iter().enumerate().filter(|(_, joint)| joint[2] > 0.0).filter_map(move |(i, joint)| {
            let x = place(joint[0], self.bbox.x0, self.bbox.width())?;
            let y = place(joint[1], self.bbox.y0, self.bbox.height())?;
            Some((i, x, y))
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

/// Places near a joint, and how likely the joint is to be marked in each: marks are as exact as people make them, and a map
/// that puts the joint one place aside is nearly right.
fn neighbours(x: f32, y: f32) -> ([i32; NEAR * NEAR], [f32; NEAR * NEAR]) {
    let (mut places, mut shares) = ([0; NEAR * NEAR], [0.0; NEAR * NEAR]);
    for (i, (place, share)) in places.iter_mut().zip(&mut shares).enumerate() {
        let near = |at: f32, step: usize| at.floor() as i32 + step as i32 - (NEAR / 2) as i32;
        let (column, row) = (near(x, i % NEAR), near(y, i / NEAR));
        if (0..PLACES as i32).contains(&column) && (0..PLACES as i32).contains(&row) {
            let (dx, dy) = (column as f32 + 0.5 - x, row as f32 + 0.5 - y);
            *share = (-(dx * dx + dy * dy) / (2.0 * MARK_SPREAD * MARK_SPREAD)).exp();
            *place = row * PLACES as i32 + column;
        }
    }
    let sum: f32 = shares.iter().sum();
    (places, shares.map(|share| share / sum))
}

/// A random part of a region, in fractions of it; every other time the whole.
fn random_part(random: &mut Random) -> BBox {
    let mut side = || {
        let length = PART + (1.0 - PART) * random.uniform();
        let start = (1.0 - length) * random.uniform();
        (start, start + length)
    };
    let ((x0, x1), (y0, y1)) = (side(), side());
    if random.uniform() < 0.5 { BBox::new(0.0, 0.0, 1.0, 1.0) } else { BBox::new(x0, y0, x1, y1) }
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
    /// Cuts the regions of people out of the backbone's maps, unless they are there.
    ///
    /// # Arguments
    /// * `path` - the file of the regions.
    /// * `people` - those of a view together, each with whether it is learnt from.
    /// * `backbone` - the detector's.
    /// * `batch` - people a step.
    ///
    /// # Errors
    /// When there is nobody to learn from, a photo cannot be read, or the disk is full.
    pub fn new(
        path: &Path,
        people: Vec<(PersonRegion, bool)>,
        folder: &Folder,
        backbone: &MobileNetV2,
        batch: usize,
    ) -> Result<Self, TrainError> {
        let views: Vec<View> = people.iter().map(|(person, _)| person.view.clone()).collect();
        let progress = Progress::of_views(path, &views, &[])?;
        let records = Records::open(path, 2 * (NUMBERS[0] + NUMBERS[1]))?;
        records.fill(people.len(), &progress, |i| record(&people[i].0, folder, backbone))?;
        let (mut train, mut dev) = (vec![], vec![]);
        for (i, (person, learnt)) in people.into_iter().enumerate() {
            if learnt { &mut train } else { &mut dev }.push((i, person));
        }
        if train.is_empty() {
            return Err(TrainError::NoData("people.json".into()));
        }
        Ok(Self { records, train, dev, batch })
    }

    /// Regions, and the parts of them that are read.
    ///
    /// # Arguments
    /// * `parts` - in fractions of the regions; `None` reads the whole.
    fn regions(
        &self,
        people: &[&(usize, PersonRegion)],
        parts: Option<&[BBox]>,
        device: &Device,
    ) -> Result<Tensor<4>, TrainError> {
        let mut maps = vec![];
        for (i, map) in READ_MAPS.into_iter().enumerate() {
            let (at, factor) = (NUMBERS[..i].iter().sum(), 1.0 / SPREAD[map as usize]);
            let mut values = Vec::with_capacity(people.len() * NUMBERS[i]);
            for (record, _) in people {
                self.records.numbers(*record, at, NUMBERS[i], factor, &mut values)?;
            }
            if let Some(parts) = parts {
                let mut read = Vec::with_capacity(values.len());
                for (map, part) in values.chunks_exact(NUMBERS[i]).zip(parts) {
                    part_of_map(map, BINS, part, &mut read);
                }
                values = read;
            }
            maps.push(Tensor::from_data(TensorData::new(values, [people.len(), BINS, BINS, READ[i]]), device));
        }
        Ok(Tensor::cat(maps, 3))
    }
}

thread_local! {
    /// The maps of the last view: the people of a view follow each other.
    static LAST: RefCell<Option<(View, Features)>> = const { RefCell::new(None) };
}

/// A person's region of the backbone's maps.
fn record(person: &PersonRegion, folder: &Folder, backbone: &MobileNetV2) -> Result<Vec<u8>, TrainError> {
    let known = LAST.with_borrow(|last| last.as_ref().filter(|it| it.0 == person.view).map(|it| it.1.clone()));
    let maps = match known {
        Some(maps) => maps,
        None => {
            let pixels = person.view.input_at(&folder.photo(&person.view.photo)?, INPUT);
            let input = Tensor::from_data(TensorData::new(pixels, [1, INPUT, INPUT, 3]), &Device::flex());
            let maps = backbone.forward(input);
            LAST.set(Some((person.view.clone(), maps.clone())));
            maps
        }
    };
    let region = Region { photo: 0, bbox: person.bbox };
    let pooled = KeypointBranch::pool(&[region], &maps).split_with_sizes(READ.to_vec(), 3);
    let mut record = Vec::with_capacity(2 * (NUMBERS[0] + NUMBERS[1]));
    for map in pollster::block_on(read(pooled))? {
        push_numbers(&mut record, &map);
    }
    Ok(record)
}

impl Lesson for KeypointLesson {
    type Head = KeypointBranch;

    fn load(&self, weights: &Weights, device: &Device) -> Result<KeypointBranch, WeightsError> {
        KeypointBranch::load(weights, "", device)
    }

    fn readers(&self) -> Vec<(&'static str, Vec<(usize, Map)>)> {
        vec![("reduce.weight", READ.into_iter().zip(READ_MAPS).collect())]
    }

    fn loss(&self, head: &KeypointBranch, random: &mut Random, device: &Device) -> Result<Tensor<1>, TrainError> {
        let people: Vec<_> = (0..self.batch).map(|_| &self.train[random.below(self.train.len())]).collect();
        let parts: Vec<BBox> = people.iter().map(|_| random_part(random)).collect();
        let regions = self.regions(&people, Some(&parts), device)?;
        let [count, _, _, channels] = regions.dims();
        let kept = Tensor::random([count, 1, 1, channels], Distribution::Bernoulli(1.0 - DROPOUT), device);
        let logits = head.logits(regions * kept / (1.0 - DROPOUT));
        let logits = logits.reshape([people.len(), PLACES * PLACES, MAPS]).swap_dims(1, 2);
        let logits = logits.reshape([people.len() * MAPS, PLACES * PLACES]);
        let (mut rows, mut places, mut shares) = (vec![], vec![], vec![]);
        for (row, person) in people.iter().enumerate() {
            for (joint, x, y) in person.1.within(&parts[row]).places() {
                rows.push((row * MAPS + joint) as i32);
                let (near, parts) = neighbours(x, y);
                places.extend(near);
                shares.extend(parts);
            }
        }
        let (count, near) = (rows.len(), NEAR * NEAR);
        if count == 0 {
            return Ok(Tensor::zeros([1], device));
        }
        let rows = Tensor::<1, Int>::from_data(TensorData::new(rows, [count]), device);
        let places = Tensor::<2, Int>::from_data(TensorData::new(places, [count, near]), device);
        let shares = Tensor::<2>::from_data(TensorData::new(shares, [count, near]), device);
        let chosen = log_softmax(logits.select(0, rows), 1).gather(1, places);
        Ok(-(chosen * shares).sum() / count as f32)
    }

    fn measure(&self, head: &KeypointBranch, device: &Device) -> Result<Vec<(&'static str, f64)>, TrainError> {
        let (mut sum, mut good) = (0.0, 0usize);
        for people in self.dev.chunks(MEASURED_BATCH) {
            let people: Vec<_> = people.iter().collect();
            let logits = head.logits(self.regions(&people, None, device)?);
            let maps = pollster::block_on(JointMaps::read(logits))?;
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
        let places: Vec<(usize, f32, f32)> = seen.places().collect();
        let side = PLACES as f32;
        for (found, expected) in places.iter().zip([(0, side / 2.0, side / 3.0), (5, 0.0, side * 2.0 / 3.0)]) {
            assert_eq!(found.0, expected.0);
            assert!((found.1 - expected.1).abs() < 1e-4 && (found.2 - expected.2).abs() < 1e-4, "{found:?}");
        }
        assert!(places.iter().all(|place| place.0 != 9));
        let mirrored = PersonRegion::of("coco/a", &person, true, None).expect("enough is marked");
        let right = mirrored.joints[6];
        assert!((right[0] - 0.75).abs() < 1e-6, "the left shoulder is a right one in a mirror");
        let found: Vec<(f32, f32)> = seen.joints.iter().map(|joint| (joint[0], joint[1])).collect();
        assert!((seen.similarity(&found) - 1.0).abs() < 1e-9);
        // The left half of the region, mirrored or not, holds a joint at a quarter of the photo at its left edge.
        let half = seen.within(&BBox::new(0.0, 0.0, 0.5, 1.0));
        let [first, second] = [0, 1].map(|i| half.places().nth(i));
        assert!(first.is_none_or(|it| it.0 == 5) && second.is_none(), "{first:?} {second:?}");
        keypoints[5][2] = 0.0;
        keypoints[9][2] = 0.0;
        assert!(PersonRegion::of("coco/a", &ListedPerson { keypoints, ..person }, false, None).is_none());
    }

    #[test]
    fn a_mark_is_spread_over_its_neighbours() {
        let (places, shares) = neighbours(10.5, 20.5);
        assert!((shares.iter().sum::<f32>() - 1.0).abs() < 1e-5);
        let middle = NEAR * NEAR / 2;
        assert_eq!(places[middle], 20 * PLACES as i32 + 10);
        assert!(shares.iter().all(|&share| share <= shares[middle]) && shares[middle] > 0.1);
        // At the edge there is nothing beyond.
        let (_, shares) = neighbours(0.0, 0.0);
        assert!((shares.iter().sum::<f32>() - 1.0).abs() < 1e-5);
        assert_eq!(shares[0], 0.0);
    }
}
