//! From the skeletons of the worker to what the page shows: numbered people with their joints.

use model::structures::{
    boxes::{BBox, Candidate, suppress},
    classes::PERSON,
    skeleton::{JOINT_NAMES, Joint, LIMBS, Skeleton},
};

use crate::{findings::whole_percent, palette::COLOURS, settings::Settings, words::results};

/// A side of the body: the person's own left or right, not the photo's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The person's left.
    Left,
    /// The person's right.
    Right,
    /// The middle of the body, or across it.
    Middle,
}

/// A joint as the page shows it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NamedJoint {
    /// Its name in English.
    pub name: &'static str,
    /// Where, in pixels of the photo that the network saw, and its score.
    pub joint: Joint,
    /// Which side of the body it is on.
    pub side: Side,
    /// Whether it was worked out from other joints.
    pub derived: bool,
}

impl NamedJoint {
    /// Whether the network has it at all: pose by regression knows neither eyes nor ears.
    #[must_use]
    pub fn is_given(&self) -> bool {
        self.joint != Joint::default()
    }
}

/// One person, as the canvas and the list show them.
#[derive(Clone, Debug, PartialEq)]
pub struct Person {
    /// Index of the skeleton: stays the same while the settings change.
    pub key: usize,
    /// Counts from 1 in the order of the list; also written on the photo.
    pub number: usize,
    /// Score of the person's box, 0 to 1.
    pub score: f32,
    /// Score of the skeleton, 0 to 1: the box's times the mean of the sure joints.
    pub skeleton_score: f32,
    /// The person's box, in pixels of the photo that the network saw.
    pub bbox: BBox,
    /// 17 joints in COCO's order, or the lecture's 14.
    pub joints: Vec<NamedJoint>,
    /// Index of the colour token.
    pub slot: usize,
}

impl Person {
    /// The score in whole percent.
    #[must_use]
    pub fn percent(&self) -> u32 {
        (self.score.clamp(0.0, 1.0) * 100.0).round() as u32
    }

    /// Both scores in words: lists show the box's, files have both.
    #[must_use]
    pub fn scores_in_words(&self) -> String {
        let skeleton = (self.skeleton_score.clamp(0.0, 1.0) * 100.0).round();
        results::scores(self.percent(), skeleton as u32)
    }

    /// How many joints have at least this score.
    #[must_use]
    pub fn sure_joints(&self, score: f32) -> usize {
        self.joints.iter().filter(|it| it.joint.score >= score).count()
    }
}

/// Everything that the settings make of the skeletons.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct People {
    /// Who is shown, best score first.
    pub shown: Vec<Person>,
    /// Pairs of indices into [`Person::joints`] that a limb connects.
    pub limbs: &'static [(usize, usize)],
    /// Whether the joints are the lecture's 14.
    pub fourteen: bool,
    /// Joints with a lower score are guesses.
    pub joint_score: f32,
    /// People whom the detector found under the same settings: some of them may have no skeleton.
    pub boxes: usize,
    /// The best score of all people, so that an empty list can say how far to lower the bar.
    pub best_score: Option<f32>,
}

/// Limbs between the lecture's 14 joints, as [`Skeleton::fourteen`] orders them.
///
/// The 14 joints have no spine, so the trunk hangs between the neck and the two hips.
pub const FOURTEEN: [(usize, usize); 14] = [
    (0, 1),
    (1, 2),
    (2, 3),
    (3, 4),
    (4, 5),
    (6, 7),
    (7, 8),
    (8, 12),
    (12, 9),
    (9, 10),
    (10, 11),
    (12, 13),
    (12, 2),
    (12, 3),
];

impl People {
    /// Numbers the people whose boxes score enough, and names their joints.
    ///
    /// # Arguments
    /// * `skeletons` - best first, in photo pixels.
    /// * `candidates` - the detections that they were looked for in.
    /// * `settings` - lowest box score, which joints.
    #[must_use]
    pub fn of(skeletons: &[Skeleton], candidates: &[Candidate], settings: &Settings) -> Self {
        let enough = skeletons.iter().enumerate().filter(|(_, it)| it.box_score >= settings.score);
        // A box in which not one joint is sure holds nobody: the command line leaves it out too.
        let people = enough.filter(|(_, it)| it.score() > 0.0);
        let shown = people.enumerate().map(|(index, (key, skeleton))| Person {
            key,
            number: index + 1,
            score: skeleton.box_score,
            skeleton_score: skeleton.score(),
            bbox: skeleton.bbox,
            joints: if settings.fourteen { fourteen(skeleton) } else { seventeen(skeleton) },
            slot: key % COLOURS,
        });
        Self {
            shown: shown.collect(),
            limbs: if settings.fourteen { &FOURTEEN } else { &LIMBS },
            fourteen: settings.fourteen,
            joint_score: settings.joint_score,
            boxes: boxes_of_people(candidates, settings),
            best_score: skeletons.iter().filter(|it| it.score() > 0.0).map(|it| it.box_score).reduce(f32::max),
        }
    }

    /// The shown person of a key.
    #[must_use]
    pub fn by_key(&self, key: Option<usize>) -> Option<&Person> {
        self.shown.iter().find(|it| Some(it.key) == key)
    }

    /// The headline, e.g. "3 people".
    #[must_use]
    pub fn headline(&self) -> String {
        results::people_found(self.shown.len(), self.boxes)
    }

    /// The score of the best guess in whole percent, from 0 to 1, where the settings let nobody pass.
    #[must_use]
    pub fn best_guess(&self) -> Option<f32> {
        self.best_score.filter(|_| self.shown.is_empty()).and_then(whole_percent)
    }

    /// How much of the people can be seen, or a way out of an empty list.
    #[must_use]
    pub fn in_words(&self) -> String {
        let joints: usize = self.shown.iter().map(|it| it.sure_joints(self.joint_score)).sum();
        let all: usize = self.shown.iter().map(|it| it.joints.iter().filter(|it| it.is_given()).count()).sum();
        match self.best_score {
            _ if all > 0 => results::joints_in_sight(joints, all),
            Some(best) => results::best_person(best),
            None => results::NOBODY_IN_SIGHT().into(),
        }
    }
}

/// Boxes with a lower score are rarely people: that one of them has no skeleton says nothing.
const LIKELY: f32 = 0.3;

/// How many people are in boxes under the page's own rule; none where it lets boxes pass that are hardly likely.
fn boxes_of_people(candidates: &[Candidate], settings: &Settings) -> usize {
    if settings.score < LIKELY {
        return 0;
    }
    let people: Vec<Candidate> = candidates.iter().copied().filter(|it| it.class == PERSON).collect();
    suppress(&people, &settings.rule()).kept.len()
}

/// COCO's joints.
fn seventeen(skeleton: &Skeleton) -> Vec<NamedJoint> {
    let named = JOINT_NAMES.into_iter().zip(&skeleton.joints);
    named.map(|(name, &joint)| NamedJoint { name, joint, side: side_of(name), derived: false }).collect()
}

/// The lecture's joints.
fn fourteen(skeleton: &Skeleton) -> Vec<NamedJoint> {
    let joints = skeleton.fourteen().into_iter();
    joints
        .map(|(name, joint)| NamedJoint { name, joint, side: side_of(name), derived: !JOINT_NAMES.contains(&name) })
        .collect()
}

/// The side that a joint's name says.
fn side_of(name: &str) -> Side {
    match name.split(' ').next() {
        Some("left") => Side::Left,
        Some("right") => Side::Right,
        _ => Side::Middle,
    }
}

#[cfg(test)]
mod tests {
    use model::structures::skeleton::{JOINTS, MIRRORED};

    use super::*;

    fn skeleton(box_score: f32, joint_score: f32) -> Skeleton {
        let joint = Joint { x: 5.0, y: 5.0, score: joint_score };
        Skeleton { bbox: BBox::new(0.0, 0.0, 10.0, 10.0), box_score, joints: vec![joint; JOINTS] }
    }

    #[test]
    fn the_box_score_decides_who_is_shown_and_colours_stay() {
        let skeletons = [skeleton(0.9, 0.8), skeleton(0.6, 0.05), skeleton(0.55, 0.8), skeleton(0.3, 0.8)];
        let people = People::of(&skeletons, &[], &Settings::default());
        let shown: Vec<_> = people.shown.iter().map(|it| (it.key, it.number, it.slot)).collect();
        assert_eq!(shown, [(0, 1, 0), (2, 2, 2)]);
        assert_eq!(people.headline(), "2 people");
        assert_eq!(people.in_words(), "34 of 34 joints in sight");
        let scores = people.shown[0].scores_in_words();
        assert!(scores.starts_with("Box 90%, skeleton 72%"), "{scores}");
        let all = People::of(&skeletons, &[], &Settings { score: 0.2, ..Settings::default() });
        assert_eq!(all.shown.len(), 3);
        assert_eq!(all.shown[2].slot, 3);
    }

    #[test]
    fn joints_that_the_network_does_not_have_do_not_count() {
        let mut regressed = skeleton(0.9, 1.0);
        regressed.joints[1..5].fill(Joint::default()); // eyes and ears
        let people = People::of(&[regressed], &[], &Settings::default());
        assert_eq!(people.in_words(), "13 of 13 joints in sight");
        assert_eq!(people.shown[0].joints.len(), JOINTS, "limbs go by place");
    }

    #[test]
    fn people_without_a_skeleton_are_counted() {
        let person =
            |x: f32, score| Candidate { bbox: BBox::new(x, 0.0, x + 9.0, 9.0), class: PERSON, score, prior: 0 };
        let boxes = [person(0.0, 0.9), person(20.0, 0.8), person(40.0, 0.6), person(60.0, 0.3)];
        let headline = |skeletons: &[Skeleton]| People::of(skeletons, &boxes, &Settings::default()).headline();
        assert_eq!(headline(&[skeleton(0.9, 0.8)]), "1 skeleton for 3 people");
        assert_eq!(headline(&[]), "0 skeletons for 3 people");
        assert_eq!(headline(&[0.9, 0.8, 0.6].map(|score| skeleton(score, 0.8))), "3 people");
        let strict = Settings { score: 0.85, ..Settings::default() };
        assert_eq!(People::of(&[skeleton(0.9, 0.8)], &boxes, &strict).headline(), "1 person");
        let lax = Settings { score: 0.05, ..Settings::default() };
        assert_eq!(People::of(&[skeleton(0.9, 0.8)], &boxes, &lax).headline(), "1 person", "no count of mere guesses");
    }

    #[test]
    fn sides_are_those_of_the_names_and_mirror() {
        for (index, name) in JOINT_NAMES.into_iter().enumerate() {
            let mirrored = side_of(JOINT_NAMES[MIRRORED[index]]);
            match side_of(name) {
                Side::Left => assert_eq!(mirrored, Side::Right),
                Side::Right => assert_eq!(mirrored, Side::Left),
                Side::Middle => assert_eq!(mirrored, Side::Middle),
            }
        }
    }

    #[test]
    fn the_lectures_joints_are_all_connected_and_two_are_derived() {
        let people = People::of(&[skeleton(0.9, 0.8)], &[], &Settings { fourteen: true, ..Settings::default() });
        let person = &people.shown[0];
        let derived: Vec<_> = person.joints.iter().filter(|it| it.derived).map(|it| it.name).collect();
        assert_eq!((person.joints.len(), derived), (14, vec!["neck", "top of head"]));
        let named = |(a, b): (usize, usize)| (person.joints[a].name, person.joints[b].name);
        let limbs: Vec<_> = people.limbs.iter().copied().map(named).collect();
        for limb in [
            ("right ankle", "right knee"),
            ("left knee", "left ankle"),
            ("right wrist", "right elbow"),
            ("left elbow", "left wrist"),
            ("right shoulder", "neck"),
            ("neck", "left shoulder"),
            ("neck", "top of head"),
            ("neck", "right hip"),
            ("neck", "left hip"),
        ] {
            assert!(limbs.contains(&limb), "{limb:?} is missing");
        }
        assert!((0..14).all(|joint| people.limbs.iter().any(|&(a, b)| a == joint || b == joint)));
    }

    #[test]
    fn nobody_is_said_calmly() {
        let nobody = People::of(&[], &[], &Settings::default());
        assert_eq!(nobody.headline(), "Nobody found");
        assert!(nobody.in_words().contains("no person"));
        let guess = People::of(&[skeleton(0.3, 0.8)], &[], &Settings::default());
        assert_eq!((guess.in_words().as_str(), guess.best_guess()), ("The best guess has 30%.", Some(0.3)));
    }
}
