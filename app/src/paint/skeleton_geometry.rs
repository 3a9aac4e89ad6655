//! The geometry of drawn skeletons, in CSS pixels of the canvas: which lines and dots, how thick, and which person is
//! under a point.

use model::structures::boxes::BBox;

use super::view::View;
use crate::people::{Person, Side};

/// A guessed limb or joint with a score below this part of the threshold is only drawn for a person that stands out.
const WILD: f32 = 0.5;
/// Thickness of a limb as a part of the person's size, and its limits in CSS pixels.
const THICKNESS: (f32, f32, f32) = (0.014, 1.75, 5.5);
/// How much thinner guesses are.
const THIN: f32 = 0.5;

/// A limb.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limb {
    /// One end.
    pub from: (f32, f32),
    /// The other end.
    pub to: (f32, f32),
    /// The side of the body it is on.
    pub side: Side,
    /// Whether both of its joints are sure.
    pub sure: bool,
    /// Thickness.
    pub width: f32,
}

/// A joint.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Dot {
    /// Its middle.
    pub at: (f32, f32),
    /// The side of the body it is on.
    pub side: Side,
    /// Whether it is sure; if not it is hollow.
    pub sure: bool,
    /// Half of its width.
    pub radius: f32,
}

/// A person as lines and dots.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Figure {
    /// Lines, below the dots.
    pub limbs: Vec<Limb>,
    /// Dots.
    pub dots: Vec<Dot>,
}

impl Figure {
    /// Lays a person out.
    ///
    /// # Arguments
    /// * `limbs` - pairs of indices into the person's joints.
    /// * `threshold` - joints with a lower score are guesses.
    /// * `whole` - whether even wild guesses are drawn.
    #[must_use]
    pub fn of(person: &Person, limbs: &[(usize, usize)], threshold: f32, whole: bool, view: &View) -> Self {
        let width = thickness(&view.to_canvas(&person.bbox));
        let at = |index: usize| {
            let joint = person.joints[index].joint;
            (joint.x * view.scale + view.left, joint.y * view.scale + view.top)
        };
        let sure = |index: usize| person.joints[index].joint.score >= threshold;
        let drawn = |index: usize| {
            let it = &person.joints[index];
            it.is_given() && (whole || it.joint.score >= threshold * WILD)
        };
        let pairs: Vec<_> = limbs.iter().copied().filter(|&(a, b)| drawn(a) && drawn(b)).collect();
        // A guess that hangs on nothing would be a riddle.
        let hangs = |index: usize| sure(index) || pairs.iter().any(|&(a, b)| a == index || b == index);
        let limbs = pairs.iter().map(|&(a, b)| {
            let sure = sure(a) && sure(b);
            let side = side_of(person.joints[a].side, person.joints[b].side);
            Limb { from: at(a), to: at(b), side, sure, width: if sure { width } else { width * THIN } }
        });
        let dots = (0..person.joints.len()).filter(|&index| drawn(index) && hangs(index)).map(|index| Dot {
            at: at(index),
            side: person.joints[index].side,
            sure: sure(index),
            radius: width * 0.55 + 1.4,
        });
        let limbs = limbs.collect();
        Self { limbs, dots: dots.collect() }
    }

    /// How far a point is from the nearest limb or joint.
    #[must_use]
    pub fn distance(&self, at: (f32, f32)) -> f32 {
        let to_limbs = self.limbs.iter().map(|limb| segment_distance(at, limb.from, limb.to));
        let to_dots = self.dots.iter().map(|dot| (at.0 - dot.at.0).hypot(at.1 - dot.at.1));
        to_limbs.chain(to_dots).fold(f32::INFINITY, f32::min)
    }
}

/// The person under a point: the one with the nearest limb within `slack`.
///
/// # Arguments
/// * `at`, `slack` - in CSS pixels of the canvas.
///
/// # Returns
/// An index into `figures`.
#[must_use]
pub fn nearest(figures: &[Figure], at: (f32, f32), slack: f32) -> Option<usize> {
    let distances = figures.iter().map(|figure| figure.distance(at)).enumerate();
    let reached = distances.filter(|&(_, distance)| distance <= slack);
    reached.min_by(|a, b| a.1.total_cmp(&b.1)).map(|(index, _)| index)
}

/// Thickness of the limbs of a person with this box.
fn thickness(bbox: &BBox) -> f32 {
    (bbox.area().max(0.0).sqrt() * THICKNESS.0).clamp(THICKNESS.1, THICKNESS.2)
}

/// The side of a limb from the sides of its ends: from the middle outwards belongs to that side, across to neither.
fn side_of(a: Side, b: Side) -> Side {
    match (a, b) {
        (Side::Left, Side::Left | Side::Middle) | (Side::Middle, Side::Left) => Side::Left,
        (Side::Right, Side::Right | Side::Middle) | (Side::Middle, Side::Right) => Side::Right,
        _ => Side::Middle,
    }
}

/// The distance of a point from a line between two points.
fn segment_distance(at: (f32, f32), from: (f32, f32), to: (f32, f32)) -> f32 {
    let (dx, dy) = (to.0 - from.0, to.1 - from.1);
    let squared = dx * dx + dy * dy;
    // Both ends in one place: that place.
    let t = if squared > 0.0 { ((at.0 - from.0) * dx + (at.1 - from.1) * dy) / squared } else { 0.0 };
    let t = t.clamp(0.0, 1.0);
    (at.0 - from.0 - t * dx).hypot(at.1 - from.1 - t * dy)
}

#[cfg(test)]
mod tests {
    use model::structures::skeleton::{JOINTS, Joint, Skeleton};

    use super::*;
    use crate::{people::People, settings::Settings};

    const VIEW: View = View { scale: 2.0, left: 10.0, top: 20.0 };

    fn people(scores: impl Fn(usize) -> f32, size: f32) -> People {
        let joint = |i: usize| Joint { x: i as f32 * size / 100.0, y: size / 2.0, score: scores(i) };
        let joints = (0..JOINTS).map(joint).collect();
        let skeleton = Skeleton { bbox: BBox::new(0.0, 0.0, size, size), box_score: 0.9, joints };
        People::of(&[skeleton], &[], &Settings::default())
    }

    fn figure(people: &People, whole: bool) -> Figure {
        Figure::of(&people.shown[0], people.limbs, 0.3, whole, &VIEW)
    }

    #[test]
    fn joints_are_where_the_view_puts_them() {
        let people = people(|_| 0.9, 100.0);
        let figure = figure(&people, false);
        assert_eq!(figure.dots.len(), JOINTS);
        assert_eq!(figure.limbs.len(), people.limbs.len());
        assert_eq!(figure.dots[3].at, (16.0, 120.0));
        assert!(figure.limbs.iter().all(|it| it.sure) && figure.dots.iter().all(|it| it.sure));
    }

    #[test]
    fn guesses_are_hollow_and_thin_and_wild_guesses_wait_until_they_are_asked_for() {
        // 15: left ankle, a guess; 16: right ankle, a wild one.
        let scores = |i: usize| match i {
            15 => 0.2,
            16 => 0.1,
            _ => 0.9,
        };
        let people = people(scores, 100.0);
        let calm = figure(&people, false);
        assert_eq!((calm.dots.len(), calm.limbs.len()), (JOINTS - 1, people.limbs.len() - 1));
        assert_eq!(calm.dots.iter().filter(|it| !it.sure).count(), 1);
        let guess = calm.limbs.iter().find(|it| !it.sure).expect("knee to ankle");
        assert!(guess.width < calm.limbs[0].width && guess.side == Side::Left);
        assert_eq!(figure(&people, true).dots.iter().filter(|it| !it.sure).count(), 2);
    }

    #[test]
    fn joints_that_the_network_does_not_have_are_never_drawn() {
        let mut people = people(|_| 0.9, 100.0);
        people.shown[0].joints[3].joint = Joint::default(); // left ear
        let others = people.limbs.iter().filter(|(a, b)| ![*a, *b].contains(&3)).count();
        for whole in [false, true] {
            let figure = figure(&people, whole);
            assert_eq!((figure.dots.len(), figure.limbs.len()), (JOINTS - 1, others));
        }
    }

    #[test]
    fn larger_people_have_thicker_limbs_within_limits() {
        let width = |size: f32| figure(&people(|_| 0.9, size), false).limbs[0].width;
        assert_eq!(width(5.0), THICKNESS.1);
        assert!(width(80.0) < width(160.0));
        assert_eq!(width(5_000.0), THICKNESS.2);
    }

    #[test]
    fn limbs_have_sides() {
        use Side::{Left, Middle, Right};
        assert_eq!([side_of(Left, Left), side_of(Middle, Right), side_of(Left, Right)], [Left, Right, Middle]);
        let people = people(|_| 0.9, 100.0);
        let sides: Vec<_> = figure(&people, false).limbs.iter().map(|it| it.side).collect();
        let count = |side| sides.iter().filter(|&&it| it == side).count();
        assert_eq!((count(Left), count(Right), count(Middle)), (8, 8, 2));
    }

    #[test]
    fn the_nearest_limb_is_hit() {
        let one = Figure {
            limbs: vec![Limb { from: (0.0, 0.0), to: (10.0, 0.0), side: Side::Left, sure: true, width: 2.0 }],
            dots: Vec::new(),
        };
        let mut two = one.clone();
        two.limbs[0].from.1 = 8.0;
        two.limbs[0].to.1 = 8.0;
        let both = [one, two];
        assert_eq!(nearest(&both, (5.0, 3.0), 6.0), Some(0));
        assert_eq!(nearest(&both, (5.0, 5.0), 6.0), Some(1));
        assert_eq!(nearest(&both, (20.0, 0.0), 6.0), None);
        assert_eq!(segment_distance((3.0, 4.0), (0.0, 0.0), (0.0, 0.0)), 5.0);
    }
}
