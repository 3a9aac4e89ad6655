//! Training of pose by regression: the squared distance of the points that people have marked.

use burn::tensor::{Device, Distribution, Tensor, TensorData};

use super::{
    TrainError,
    bank::Map,
    course::Lesson,
    detection_cache::{DetectionCache, Place, features},
    view::View,
};
use crate::{
    backbone::TOP,
    data::labelled_people::ListedPerson,
    heads::pose_regression::{MIRRORED, OF_JOINTS, POINTS, PoseRegressionHead, around_box, read_points},
    nn::weights::{Weights, WeightsError},
    random::Random,
    structures::boxes::BBox,
};

/// A point that is nearer to the truth than this share of the longer side of the person's box counts as found.
pub const NEAR: f32 = 0.2;
/// A person with fewer marked points is not learnt.
const MIN_POINTS: usize = 5;
/// A person whose box is smaller, in fractions of the photo, is not learnt: some twenty pixels.
const MIN_SIDE: f32 = 0.08;
/// How far a box is moved and stretched at random, in parts of its size.
const JITTER: f32 = 0.12;
/// Share of the vector's numbers that are left out in a step.
const DROPOUT: f32 = 0.3;
/// People that are measured at once.
const MEASURED_BATCH: usize = 64;
/// What a squared distance in fractions of a crop counts.
const WEIGHT: f32 = 100.0;

/// A person as one view shows them.
#[derive(Clone, Debug)]
pub struct Person {
    /// What is looked at.
    pub view: View,
    /// The points in fractions of the view, and whether they are marked.
    pub points: [(f32, f32, bool); POINTS],
    /// The longer side of the person's box, in fractions of the view along each axis.
    pub size: (f32, f32),
}

impl Person {
    /// A listed person at a box; `None` where too little is marked or to be seen.
    ///
    /// # Arguments
    /// * `photo` - its set and name.
    /// * `mirror` - whether left and right are exchanged.
    /// * `random` - moves the box; `None` leaves it.
    #[must_use]
    pub fn of(photo: &str, person: &ListedPerson, mirror: bool, random: Option<&mut Random>) -> Option<Self> {
        // Fractions of a photo lose nothing as floats.
        let [x0, y0, x1, y1] = person.bbox.map(|it| it as f32);
        let bbox = BBox::new(x0, y0, x1, y1);
        let moved = random.map_or(bbox, |random| moved(&bbox, random));
        let view = View { photo: photo.to_owned(), crop: around_box(&moved), mirror };
        let mut points = [(0.0, 0.0, false); POINTS];
        for (i, of) in OF_JOINTS.iter().enumerate() {
            let marked = of.iter().all(|&joint| person.keypoints[joint][2] > 0.0);
            let mean = |axis: usize| of.iter().map(|&joint| person.keypoints[joint][axis] as f32).sum::<f32>();
            let (x, y) = (mean(0) / of.len() as f32, mean(1) / of.len() as f32);
            let at = view.bbox(&BBox::new(x, y, x, y));
            points[if mirror { MIRRORED[i] } else { i }] = (at.x0, at.y0, marked);
        }
        let longer = bbox.width().max(bbox.height());
        let known = points.iter().filter(|point| point.2).count() >= MIN_POINTS && longer >= MIN_SIDE;
        let size = (longer / view.crop.width(), longer / view.crop.height());
        known.then_some(Self { view, points, size })
    }
}

fn moved(bbox: &BBox, random: &mut Random) -> BBox {
    let mut part = || (random.uniform() * 2.0 - 1.0) * JITTER;
    let (width, height) = (bbox.width(), bbox.height());
    let (dx, dy) = (part() * width, part() * height);
    let (half_width, half_height) = (width * part().exp() / 2.0, height * part().exp() / 2.0);
    let (x, y) = bbox.centre();
    BBox::new(x + dx - half_width, y + dy - half_height, x + dx + half_width, y + dy + half_height)
}

/// Pose by regression with its data.
pub struct PoseLesson {
    caches: Vec<DetectionCache>,
    /// People to learn from, and to measure on, each with the place of its maps.
    train: Vec<(Place, Person)>,
    dev: Vec<(Place, Person)>,
    /// People a step.
    batch: usize,
}

impl PoseLesson {
    /// Data to learn from and to measure on.
    ///
    /// # Arguments
    /// * `cache` - the maps of all people.
    /// * `people` - in the order of the cache, each with whether it is learnt from.
    ///
    /// # Errors
    /// When there is nobody to learn from.
    pub fn new(cache: DetectionCache, people: Vec<(Person, bool)>, batch: usize) -> Result<Self, TrainError> {
        let (mut train, mut dev) = (vec![], vec![]);
        for (view, (person, learnt)) in people.into_iter().enumerate() {
            let group = if learnt { &mut train } else { &mut dev };
            group.push((Place { cache: 0, view }, person));
        }
        if train.is_empty() {
            return Err(TrainError::NoData("people.json".into()));
        }
        Ok(Self { caches: vec![cache], train, dev, batch })
    }

    fn maps(&self, people: &[&(Place, Person)], device: &Device) -> Result<Tensor<4>, TrainError> {
        let places: Vec<Place> = people.iter().map(|person| person.0).collect();
        Ok(features(&self.caches, &places, device)?.stride_32)
    }
}

impl Lesson for PoseLesson {
    type Head = PoseRegressionHead;

    fn load(&self, weights: &Weights, device: &Device) -> Result<PoseRegressionHead, WeightsError> {
        PoseRegressionHead::from_weights(weights, device)
    }

    fn readers(&self) -> Vec<(&'static str, Vec<(usize, Map)>)> {
        vec![("squeeze.weight", vec![(TOP, Map::Stride32)])]
    }

    fn loss(&self, head: &PoseRegressionHead, random: &mut Random, device: &Device) -> Result<Tensor<1>, TrainError> {
        let people: Vec<_> = (0..self.batch).map(|_| &self.train[random.below(self.train.len())]).collect();
        let vectors = head.vectors(self.maps(&people, device)?);
        let kept = Tensor::random(vectors.dims(), Distribution::Bernoulli(f64::from(1.0 - DROPOUT)), device);
        let found = head.points(vectors * kept / (1.0 - DROPOUT));
        let (mut truth, mut marked) = (vec![], vec![]);
        for &(x, y, is_marked) in people.iter().flat_map(|person| &person.1.points) {
            truth.extend([x, y]);
            marked.extend([f32::from(u8::from(is_marked)); 2]);
        }
        let count: f32 = marked.iter().sum();
        let constant =
            |values: Vec<f32>| Tensor::<2>::from_data(TensorData::new(values, [people.len(), POINTS * 2]), device);
        let distance = (found - constant(truth)).powi_scalar(2) * constant(marked);
        Ok(distance.sum() * (WEIGHT / count.max(1.0)))
    }

    fn measure(&self, head: &PoseRegressionHead, device: &Device) -> Result<Vec<(&'static str, f64)>, TrainError> {
        let (mut near, mut marked, mut sum) = (0usize, 0usize, 0.0);
        for people in self.dev.chunks(MEASURED_BATCH) {
            let people: Vec<_> = people.iter().collect();
            let found = pollster::block_on(read_points(head.points(head.vectors(self.maps(&people, device)?))))?;
            for ((_, person), points) in people.iter().zip(&found) {
                for (&(x, y), &(true_x, true_y, is_marked)) in points.iter().zip(&person.points) {
                    if is_marked {
                        let distance = ((x - true_x) / person.size.0).hypot((y - true_y) / person.size.1);
                        marked += 1;
                        near += usize::from(distance < NEAR);
                        sum += f64::from(distance);
                    }
                }
            }
        }
        let share = |sum: f64| sum / marked.max(1) as f64;
        Ok(vec![("near", share(near as f64)), ("distance", share(sum))])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_move_with_the_view() {
        let mut keypoints = [[0.0; 3]; 17];
        for (i, joint) in [(0, 0.5), (5, 0.6), (6, 0.4), (7, 0.7), (8, 0.3)] {
            keypoints[i] = [joint, 0.4, 2.0];
        }
        let person = ListedPerson { bbox: [0.25, 0.25, 0.75, 0.75], keypoints };
        let seen = Person::of("coco/a", &person, false, None).expect("enough is marked");
        // The crop is .625 of the photo, centred.
        let at = |x: f32| (x - 0.1875) / 0.625;
        assert!((seen.points[2].0 - at(0.6)).abs() < 1e-6 && (seen.points[1].0 - 0.5).abs() < 1e-6, "shoulder, neck");
        assert!(!seen.points[8].2, "no hip is marked");
        let mirrored = Person::of("coco/a", &person, true, None).expect("enough is marked");
        assert!((mirrored.points[3].0 - (1.0 - at(0.6))).abs() < 1e-6, "the left shoulder is a right one in a mirror");
        assert!((seen.size.0 - 0.8).abs() < 1e-6);
        keypoints[0][2] = 0.0;
        keypoints[5][2] = 0.0;
        assert!(Person::of("coco/a", &ListedPerson { keypoints, ..person }, false, None).is_none());
    }
}
