//! People as joints.

use serde::{Deserialize, Serialize};

use super::boxes::BBox;

/// The spread of human labels for each of COCO's 17 keypoints, relative to the square root of the object's area: nose,
/// eyes, ears, shoulders, elbows, wrists, hips, knees, ankles, left before right (cocodataset.org, "Keypoint
/// Evaluation").
pub const KEYPOINT_SIGMAS: [f64; 17] = [
    0.026, 0.025, 0.025, 0.035, 0.035, 0.079, 0.079, 0.072, 0.072, 0.062, 0.062, 0.107, 0.107, 0.087, 0.087, 0.089,
    0.089,
];

/// Joints of a person, in COCO's order.
pub const JOINTS: usize = 17;

/// COCO's names of the joints. Left and right are the person's own.
pub const JOINT_NAMES: [&str; JOINTS] = [
    "nose",
    "left eye",
    "right eye",
    "left ear",
    "right ear",
    "left shoulder",
    "right shoulder",
    "left elbow",
    "right elbow",
    "left wrist",
    "right wrist",
    "left hip",
    "right hip",
    "left knee",
    "right knee",
    "left ankle",
    "right ankle",
];

/// What each joint is in a mirror: left and right change places.
pub const MIRRORED: [usize; JOINTS] = [0, 2, 1, 4, 3, 6, 5, 8, 7, 10, 9, 12, 11, 14, 13, 16, 15];

/// Pairs of joints that a limb connects.
pub const LIMBS: [(usize, usize); 18] = [
    (0, 1),
    (0, 2),
    (1, 3),
    (2, 4),
    (3, 5),
    (4, 6),
    (5, 6),
    (5, 7),
    (7, 9),
    (6, 8),
    (8, 10),
    (5, 11),
    (6, 12),
    (11, 12),
    (11, 13),
    (13, 15),
    (12, 14),
    (14, 16),
];

/// Where a joint is, in photo pixels, and how sure the network is of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Joint {
    /// Right of the photo's left edge.
    pub x: f32,
    /// Below the photo's top edge.
    pub y: f32,
    /// Probability, 0 to 1.
    pub score: f32,
}

/// One person.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Skeleton {
    /// The box that the joints were looked for in, in photo pixels.
    pub bbox: BBox,
    /// The box's score.
    pub box_score: f32,
    /// The joints in COCO's order; always [`JOINTS`] of them.
    pub joints: Vec<Joint>,
}

/// A joint with a lower score does not count towards a skeleton's own score (the rule of top-down pose estimation,
/// Xiao et al. 2018, "Simple Baselines", which rescores by the mean of the sure joints).
const SURE: f32 = 0.2;

/// Joints further outside their own box than this share of its sides are of a neighbour: arms reach out of a box, but not
/// far.
const REACH: f32 = 0.25;

impl Skeleton {
    /// The box's score times [`Skeleton::joint_score`].
    #[must_use]
    pub fn score(&self) -> f32 {
        self.box_score * self.joint_score()
    }

    /// The mean score of the sure joints, those far outside the box counted as 0; 0 without any. A pose that fell on a
    /// neighbour therefore scores little, however sure its joints are.
    #[must_use]
    pub fn joint_score(&self) -> f32 {
        let (dx, dy) = (REACH * self.bbox.width(), REACH * self.bbox.height());
        let near = |joint: &Joint| {
            (self.bbox.x0 - dx..=self.bbox.x1 + dx).contains(&joint.x)
                && (self.bbox.y0 - dy..=self.bbox.y1 + dy).contains(&joint.y)
        };
        let sure: Vec<&Joint> = self.joints.iter().filter(|joint| joint.score >= SURE).collect();
        let sum: f32 = sure.iter().filter(|joint| near(joint)).map(|joint| joint.score).sum();
        if sure.is_empty() { 0.0 } else { sum / sure.len() as f32 }
    }

    /// The lecture's 14 joints (Toshev and Szegedy 2014): ankles, knees, hips, wrists, elbows and shoulders as they
    /// are; neck (between the shoulders) and top of the head (as far above the nose as the nose is above the neck,
    /// halved) derived from them. Each with its name.
    #[must_use]
    pub fn fourteen(&self) -> Vec<(&'static str, Joint)> {
        let middle =
            |a: Joint, b: Joint| Joint { x: (a.x + b.x) / 2.0, y: (a.y + b.y) / 2.0, score: a.score.min(b.score) };
        let joint = |i: usize| self.joints.get(i).copied().unwrap_or_default();
        let neck = middle(joint(5), joint(6));
        let nose = joint(0);
        let head = Joint {
            x: nose.x + (nose.x - neck.x) / 2.0,
            y: nose.y + (nose.y - neck.y) / 2.0,
            score: nose.score.min(neck.score),
        };
        let direct = [16, 14, 12, 11, 13, 15, 10, 8, 6, 5, 7, 9].map(|i| (JOINT_NAMES[i], joint(i)));
        direct.into_iter().chain([("neck", neck), ("top of head", head)]).collect()
    }
}

/// Two skeletons more alike than this are of one person: the detector gave that person two boxes, or in one of the boxes
/// the network saw the neighbour.
const SAME: f64 = 0.5;

/// Non-maximum suppression of skeletons by their object keypoint similarity (Papandreou et al. 2017, "Towards Accurate
/// Multi-person Pose Estimation in the Wild", section 3.3).
///
/// # Returns
/// Of people who are alike, the one with the best [`Skeleton::score`]; in the order given.
#[must_use]
pub fn suppress_alike(people: Vec<Skeleton>) -> Vec<Skeleton> {
    let kept = unlike(&people);
    people.into_iter().enumerate().filter(|(i, _)| kept.contains(i)).map(|(_, person)| person).collect()
}

/// The indices of the people that [`suppress_alike`] keeps, best first.
#[must_use]
pub fn unlike(people: &[Skeleton]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..people.len()).collect();
    order.sort_by(|&a, &b| people[b].score().total_cmp(&people[a].score()));
    let mut kept: Vec<usize> = Vec::with_capacity(people.len());
    for i in order {
        if !kept.iter().any(|&better| alike(&people[better], &people[i]) > SAME) {
            kept.push(i);
        }
    }
    kept
}

/// Object keypoint similarity over the joints that the better one is sure of, 0 to 1. A person covers about half of
/// their box.
fn alike(better: &Skeleton, other: &Skeleton) -> f64 {
    let area = f64::from(better.bbox.area()) / 2.0 + f64::EPSILON;
    let (mut sum, mut count) = (0.0, 0);
    for ((a, b), sigma) in better.joints.iter().zip(&other.joints).zip(KEYPOINT_SIGMAS) {
        if a.score >= SURE {
            let squared = f64::from(a.x - b.x).powi(2) + f64::from(a.y - b.y).powi(2);
            sum += (-squared / (2.0 * area * (2.0 * sigma).powi(2))).exp();
            count += 1;
        }
    }
    if count == 0 { 0.0 } else { sum / f64::from(count) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn upright() -> Skeleton {
        let mut joints = vec![Joint { x: 50.0, y: 50.0, score: 0.9 }; JOINTS];
        joints[0] = Joint { x: 50.0, y: 20.0, score: 0.8 };
        joints[5] = Joint { x: 60.0, y: 30.0, score: 0.7 };
        joints[6] = Joint { x: 40.0, y: 30.0, score: 0.1 };
        Skeleton { bbox: BBox::new(0.0, 0.0, 100.0, 100.0), box_score: 0.5, joints }
    }

    #[test]
    fn a_pose_that_fell_on_a_neighbour_loses_to_the_neighbours_own() {
        // Both boxes gave the joints of the person on the left; the surer box is that of the person on the right.
        let own = upright();
        let fallen = Skeleton { bbox: BBox::new(100.0, 0.0, 140.0, 100.0), box_score: 0.9, ..upright() };
        assert!(fallen.score() < 0.1 * own.score(), "{} and {}", fallen.score(), own.score());
        assert_eq!(suppress_alike(vec![fallen, own.clone()]), [own]);
    }

    #[test]
    fn an_arm_may_reach_out_of_the_box() {
        let mut reaching = upright();
        reaching.joints[9] = Joint { x: 120.0, y: 50.0, score: 0.9 };
        let near = reaching.joint_score();
        reaching.joints[9].x = 126.0;
        assert!(near > reaching.joint_score() && reaching.joint_score() > 0.9 * near);
    }

    #[test]
    fn fourteen_joints_have_a_neck_between_the_shoulders_and_a_head_above_the_nose() {
        let joints = upright().fourteen();
        assert_eq!(joints.len(), 14);
        assert_eq!(joints[12], ("neck", Joint { x: 50.0, y: 30.0, score: 0.1 }));
        assert_eq!(joints[13], ("top of head", Joint { x: 50.0, y: 15.0, score: 0.1 }));
    }

    #[test]
    fn unsure_joints_do_not_drag_the_score() {
        let expected = 0.5 * (0.9 * 14.0 + 0.8 + 0.7) / 16.0;
        assert!((upright().score() - expected).abs() < 1e-6);
        let nobody = Skeleton { joints: vec![Joint::default(); JOINTS], ..upright() };
        assert_eq!(nobody.score(), 0.0);
    }

    #[test]
    fn one_person_in_two_boxes_is_one_person() {
        let better = upright();
        let again = Skeleton {
            box_score: 0.4,
            joints: better.joints.iter().map(|joint| Joint { x: joint.x + 1.0, ..*joint }).collect(),
            ..better.clone()
        };
        let neighbour = Skeleton {
            box_score: 0.3,
            joints: better.joints.iter().map(|joint| Joint { x: joint.x + 60.0, ..*joint }).collect(),
            ..better.clone()
        };
        let nobody = Skeleton { joints: vec![Joint::default(); JOINTS], ..better.clone() };
        let left = suppress_alike(vec![again, neighbour.clone(), nobody.clone(), better.clone()]);
        assert_eq!(left, [neighbour, nobody, better]);
    }
}
