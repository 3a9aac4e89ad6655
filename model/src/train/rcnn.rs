//! Training of R-CNN: features of crops once, then a linear classifier and a correction a class, each solved by itself.

pub mod crop_cache;
pub mod ridge;
pub mod svm;

use self::{
    crop_cache::{Crop, LIMIT, NEGATIVE},
    svm::{Plane, Rows, SvmRule},
};
use super::{TrainError, detection_labels::Labels};
use crate::{
    heads::rcnn::{CODING, CORRECTIONS, FEATURES, correction_of},
    nn::weights::Pack,
    structures::{boxes::BBox, classes::COCO},
};

/// From this overlap with an object of a class on a crop is one of its positives.
const POSITIVE: f32 = 0.7;
/// From this overlap with an object on a crop teaches how it is corrected (appendix C of the paper).
const CORRECTABLE: f32 = 0.6;
/// A class with fewer positives is not learnt.
const MIN_POSITIVES: usize = 10;
/// A class with fewer crops to correct shares the correction of all others.
const MIN_CORRECTABLE: usize = 60;
/// The margin of a class that is not learnt.
const NEVER: f32 = -10.0;
/// What a crop on the wrong side costs, over the mean squared length of the features. The paper has 0.001 at a length of 20, 0.4
/// here; crops that were kept back told classes apart better by ten times as much (average precision of dogs .65, before .64, of
/// people .89, before .86).
const COST: f32 = 4.0;
/// The penalty of corrections, in mean squared lengths of the features: the paper's 1,000 at a length of 20.
const PENALTY: f32 = 2.5;
/// Negatives that a classifier begins with, and rounds in which further ones join.
const FIRST_NEGATIVES: usize = 4000;
const ROUNDS: usize = 4;
/// Steps of a correction's search.
const STEPS: usize = 60;

/// What a step of a stored feature is worth.
const SCALE: f32 = LIMIT / 255.0;

/// The planes of a head.
pub struct Planes {
    /// A classifier for each class of [`COCO`].
    pub classes: Vec<Plane>,
    /// Four numbers for each of [`CORRECTIONS`].
    pub corrections: Vec<Plane>,
}

/// Solves the classifiers and the corrections.
///
/// # Arguments
/// * `crops` - of photos from the first on; those of photos without labels are left out.
/// * `labels` - what is known about the objects of each photo, in the order of the cache.
/// * `done` - called after each class with its column and the number of its positives.
///
/// # Errors
/// When there are no crops.
pub fn solve(crops: &[Crop], labels: &[&Labels], done: &(dyn Fn(usize, usize) + Sync)) -> Result<Planes, TrainError> {
    // The crops lie in the order of their photos: a cache may have more than were asked for.
    let crops = &crops[..crops.partition_point(|crop| crop.photo < labels.len())];
    if crops.is_empty() {
        return Err(TrainError::NoData("the cache".into()));
    }
    let length = crops.iter().map(|crop| f64::from(squared_length(&crop.features))).sum::<f64>() / crops.len() as f64;
    let length = length as f32;
    let half = COCO.len() / 2;
    let classes = |columns: std::ops::Range<usize>| -> Vec<Plane> {
        let of_class = |column| {
            let (plane, positives) = classifier(crops, labels, column, COST / length);
            done(column, positives);
            plane
        };
        columns.map(of_class).collect()
    };
    let classes = std::thread::scope(|scope| {
        let second = scope.spawn(|| classes(half..COCO.len()));
        let mut planes = classes(0..half);
        planes.extend(second.join().expect("the thread does not panic"));
        planes
    });
    let general = correction(crops, labels, None, PENALTY * length).unwrap_or_else(|| vec![zero(0.0); 4]);
    let own = |group| correction(crops, labels, Some(group), PENALTY * length).unwrap_or_else(|| general.clone());
    let corrections = (0..CORRECTIONS - 1).flat_map(own).collect::<Vec<_>>();
    Ok(Planes { classes, corrections: corrections.into_iter().chain(general.clone()).collect() })
}

impl Planes {
    /// The file of the head.
    ///
    /// # Errors
    /// When a number is not finite.
    pub fn pack(&self) -> Result<Vec<u8>, TrainError> {
        let mut pack = Pack::compact();
        for (name, planes) in [("classify", &self.classes), ("correct", &self.corrections)] {
            let weights: Vec<f32> =
                (0..FEATURES).flat_map(|i| planes.iter().map(move |plane| plane.weights[i])).collect();
            let biases: Vec<f32> = planes.iter().map(|plane| plane.bias).collect();
            pack.add(format!("{name}.weight"), &[FEATURES, planes.len()], &weights)?;
            pack.add(format!("{name}.bias"), &[planes.len()], &biases)?;
        }
        Ok(pack.into_bytes()?)
    }
}

fn zero(bias: f32) -> Plane {
    Plane { weights: vec![0.0; FEATURES], bias }
}

fn squared_length(features: &[u8]) -> f32 {
    features.iter().map(|&byte| (f32::from(byte) * SCALE).powi(2)).sum()
}

/// What a crop is to a class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Positive,
    Negative,
    /// Too near to an object to be a negative, and too far to be a positive; or nobody knows.
    Ignored,
}

fn role(bbox: &BBox, labels: &Labels, column: usize) -> Role {
    let best = |objects: &[super::detection_labels::Object]| {
        let own = objects.iter().filter(|object| object.class == column);
        own.map(|object| object.bbox.iou(bbox)).fold(0.0, f32::max)
    };
    let sure = best(&labels.objects);
    if sure >= POSITIVE {
        Role::Positive
    } else if sure > NEGATIVE || best(&labels.unsure) > NEGATIVE || labels.unlabelled.contains(&column) {
        Role::Ignored
    } else {
        Role::Negative
    }
}

/// The classifier of a class, and how many positives it has.
fn classifier(crops: &[Crop], labels: &[&Labels], column: usize, cost: f32) -> (Plane, usize) {
    let (mut rows, mut positive): (Vec<&[u8]>, Vec<bool>) = (vec![], vec![]);
    for crop in crops {
        let role = role(&crop.bbox, labels[crop.photo], column);
        if role != Role::Ignored {
            rows.push(&crop.features);
            positive.push(role == Role::Positive);
        }
    }
    let positives = positive.iter().filter(|&&it| it).count();
    if positives < MIN_POSITIVES {
        return (zero(NEVER), positives);
    }
    let rule = SvmRule { cost, tolerance: 0.05, passes: 40, seed: 1 };
    let rows = Rows { bytes: &rows, scale: SCALE };
    (svm::solve_hard(rows, &positive, &rule, FIRST_NEGATIVES, ROUNDS), positives)
}

/// The four planes of a correction; `None` with too few crops.
///
/// # Arguments
/// * `group` - one of [`CORRECTIONS`]; all classes together if not given.
fn correction(crops: &[Crop], labels: &[&Labels], group: Option<usize>, penalty: f32) -> Option<Vec<Plane>> {
    let (mut rows, mut targets): (Vec<&[u8]>, [Vec<f32>; 4]) = (vec![], Default::default());
    for crop in crops {
        let own = labels[crop.photo].objects.iter();
        let own = own.filter(|object| group.is_none_or(|group| correction_of(COCO[object.class].0) == group));
        let best = own.max_by(|a, b| a.bbox.iou(&crop.bbox).total_cmp(&b.bbox.iou(&crop.bbox)));
        let Some(object) = best.filter(|object| object.bbox.iou(&crop.bbox) >= CORRECTABLE) else { continue };
        rows.push(&crop.features);
        for (targets, value) in targets.iter_mut().zip(CODING.encode(&object.bbox, &crop.bbox)) {
            targets.push(value);
        }
    }
    let enough = rows.len() >= MIN_CORRECTABLE;
    let rows = Rows { bytes: &rows, scale: SCALE };
    enough.then(|| targets.iter().map(|targets| ridge::solve(rows, targets, penalty, STEPS)).collect())
}

#[cfg(test)]
mod tests {
    use burn::tensor::{Device, Tensor};

    use super::*;
    use crate::{
        heads::rcnn::RcnnHead, nn::weights::Network, random::Random, structures::classes::coco_column,
        train::detection_labels::Object,
    };

    const DOG: u16 = 18;

    fn column(class: u16) -> usize {
        coco_column(class).expect("one of COCO's")
    }

    #[test]
    fn roles_by_hand() {
        let span = |x1: f32| BBox::new(0.0, 0.0, x1, 1.0);
        let object = |class, bbox| Object { class: column(class), bbox };
        let labels = Labels {
            objects: vec![object(DOG, span(1.0))],
            unsure: vec![object(15, span(1.0))],
            unlabelled: vec![column(90)],
        };
        let dog = [0.8, 0.5, 0.2].map(|x1| role(&span(x1), &labels, column(DOG)));
        assert_eq!(dog, [Role::Positive, Role::Ignored, Role::Negative]);
        assert_eq!(role(&span(0.8), &labels, column(15)), Role::Ignored, "perhaps a bench");
        assert_eq!(role(&span(0.8), &labels, column(90)), Role::Ignored, "toothbrushes may be anywhere");
        assert_eq!(role(&span(0.8), &labels, column(1)), Role::Negative, "a dog is no person");
    }

    /// Crops of a dog and of nothing in each of some photos; the first features say which, and how far it is to the right.
    fn crops(photos: usize) -> (Vec<Crop>, Vec<Labels>) {
        let mut random = Random::new(4);
        let bbox = BBox::new(0.25, 0.25, 0.75, 0.75);
        let (mut crops, mut labels) = (vec![], vec![]);
        for photo in 0..photos {
            let shift = random.uniform() * 0.1;
            let object = BBox::new(bbox.x0 + shift, bbox.y0, bbox.x1 + shift, bbox.y1);
            labels.push(Labels { objects: vec![Object { class: column(DOG), bbox: object }], ..Labels::default() });
            let mut on = vec![0; FEATURES];
            (on[0], on[1]) = (200, (shift * 2000.0) as u8);
            let mut off = vec![0; FEATURES];
            off[2] = 100 + random.below(100) as u8;
            crops.push(Crop { photo, bbox, features: on });
            crops.push(Crop { photo, bbox: BBox::new(0.0, 0.0, 0.1, 0.1), features: off });
        }
        (crops, labels)
    }

    #[test]
    fn a_head_is_solved_and_packed() {
        let (crops, labels) = crops(80);
        let labels: Vec<&Labels> = labels.iter().collect();
        let planes = solve(&crops, &labels, &|_, _| {}).expect("there are crops");
        let dog = &planes.classes[column(DOG)];
        assert!(crops.iter().step_by(2).all(|crop| dog.margin(&crop.features, SCALE) > 0.0));
        assert!(crops.iter().skip(1).step_by(2).all(|crop| dog.margin(&crop.features, SCALE) < 0.0));
        assert_eq!(planes.classes[column(1)], zero(NEVER), "nobody in the photos");
        let head = RcnnHead::load(planes.pack().expect("finite numbers"), &Device::flex()).expect("the same shapes");
        let values: Vec<f32> = crops[0].features.iter().map(|&byte| f32::from(byte) * SCALE).collect();
        let features = Tensor::<1>::from_floats(&values[..], &Device::flex()).reshape([1, 1, 1, FEATURES]);
        let outputs = pollster::block_on(head.outputs(features)).expect("the CPU does not fail");
        let margin = dog.margin(&crops[0].features, SCALE);
        assert!((outputs.margins[column(DOG)] - margin).abs() < 0.02, "ten bits a weight");
        assert!((outputs.margins[column(1)] - NEVER).abs() < 1e-4);
    }

    #[test]
    fn nothing_to_learn_from() {
        assert!(matches!(solve(&[], &[], &|_, _| {}), Err(TrainError::NoData(_))));
    }
}
