//! Where to look for one person: the square that MoveNet is given, from a detector's box or from a skeleton found
//! before. [`Framing`] maps its pixels; this file only chooses it.

use super::INPUT;
use crate::{
    photo::Framing,
    structures::{
        boxes::BBox,
        skeleton::{JOINTS, Joint},
    },
};

/// The crop is this many times the longer side of the person's box. Average precision on 617 people of COCO's training
/// photos falls slowly above it: 27.4 here, 26.9 at 1.25, 24.6 at 1.4.
pub const MARGIN: f32 = 1.1;

/// A joint with a lower score does not count when a crop is chosen by a skeleton (the threshold of MoveNet's tracking).
const SEEN: f32 = 0.2;

/// How far the crop reaches from the middle of the hips: times the furthest joint of the torso, and times the furthest
/// joint of all (the factors of MoveNet's tracking).
const TORSO_REACH: f32 = 1.9;
const BODY_REACH: f32 = 1.2;

const TORSO: [usize; 4] = [5, 6, 11, 12];
const HIPS: [usize; 2] = [11, 12];
const SHOULDERS: [usize; 2] = [5, 6];

/// The crop round a detector's box: a square with the same centre. It may reach past the photo.
///
/// # Arguments
/// * `bbox` - the person in photo pixels.
/// * `pixel_aspect` - how many times wider than high a photo pixel was in the world: 1, but for a photo that was
///   squashed since.
#[must_use]
pub fn around_box(bbox: &BBox, pixel_aspect: f32) -> Framing {
    let square = Framing::square_around(&bbox.scale(pixel_aspect, 1.0), MARGIN);
    Framing::crop(square.scale(pixel_aspect.recip(), 1.0), (INPUT as u32, INPUT as u32))
}

/// The crop round a person whose joints are roughly known, as MoveNet's own tracking chooses it from frame to frame:
/// centred on the hips, large enough for the torso and for every joint seen.
///
/// # Arguments
/// * `joints` - in photo pixels, in COCO's order.
/// * `pixel_aspect` - as in [`around_box`].
///
/// # Returns
/// `None` unless a hip and a shoulder were seen: then the middle of the body is not known.
#[must_use]
pub fn around_joints(joints: &[Joint], pixel_aspect: f32) -> Option<Framing> {
    let seen = |i: usize| joints.get(i).filter(|joint| joint.score >= SEEN);
    let both_hips = HIPS.iter().filter_map(|&i| joints.get(i));
    if !HIPS.iter().any(|&i| seen(i).is_some()) || !SHOULDERS.iter().any(|&i| seen(i).is_some()) {
        return None;
    }
    // Both hips, seen or not: they lie close together, and one alone would move the middle to a side.
    let (mut x, mut y) = (0.0, 0.0);
    for hip in both_hips {
        x += hip.x / HIPS.len() as f32;
        y += hip.y / HIPS.len() as f32;
    }
    let reach = |i: usize| seen(i).map_or(0.0, |joint| ((joint.x - x).abs() * pixel_aspect).max((joint.y - y).abs()));
    let torso = TORSO.into_iter().map(reach).fold(0.0, f32::max) * TORSO_REACH;
    let body = (0..JOINTS).map(reach).fold(0.0, f32::max) * BODY_REACH;
    let half = torso.max(body);
    let region = BBox::new(x - half / pixel_aspect, y - half, x + half / pixel_aspect, y + half);
    Some(Framing::crop(region, (INPUT as u32, INPUT as u32)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn standing() -> Vec<Joint> {
        let mut joints = vec![Joint { x: 100.0, y: 100.0, score: 0.9 }; JOINTS];
        for (i, (x, y)) in [(0, (100.0, 20.0)), (5, (110.0, 40.0)), (6, (90.0, 40.0)), (15, (105.0, 200.0))] {
            joints[i] = Joint { x, y, score: 0.9 };
        }
        for (i, x) in [(11, 106.0), (12, 94.0)] {
            joints[i] = Joint { x, y: 100.0, score: 0.9 };
        }
        joints
    }

    #[test]
    fn a_box_gets_a_square_that_holds_it() {
        let person = BBox::new(30.0, 10.0, 70.0, 210.0);
        let region = *around_box(&person, 1.0).region();
        assert_eq!(region.centre(), person.centre());
        assert!((region.width() - 220.0).abs() < 1e-3 && (region.height() - 220.0).abs() < 1e-3);
    }

    #[test]
    fn a_squashed_person_gets_a_squashed_square() {
        // 40 x 100 in the world, in a photo whose width was halved.
        let region = *around_box(&BBox::new(10.0, 0.0, 30.0, 100.0), 2.0).region();
        assert_eq!(region.centre(), (20.0, 50.0));
        assert!((region.height() - 110.0).abs() < 1e-3 && (region.width() - 55.0).abs() < 1e-3);
        let squashed: Vec<Joint> = standing().iter().map(|joint| Joint { x: joint.x / 2.0, ..*joint }).collect();
        let region = around_joints(&squashed, 2.0).map(|framing| framing.region().scale(2.0, 1.0));
        assert_eq!(region, around_joints(&standing(), 1.0).map(|framing| *framing.region()));
    }

    #[test]
    fn a_skeleton_is_framed_from_the_hips() {
        let framing = around_joints(&standing(), 1.0).expect("hips and shoulders are seen");
        assert_eq!(framing.region().centre(), (100.0, 100.0));
        // The ankle is 100 below the hips, the shoulders 60 above: 1.2 * 100 > 1.9 * 60.
        assert!((framing.region().height() - 240.0).abs() < 1e-3);
        for joint in standing() {
            let there = framing.point_to_network((joint.x, joint.y));
            assert!((0.0..=INPUT as f32).contains(&there.0) && (0.0..=INPUT as f32).contains(&there.1));
            let back = framing.point_to_photo(there);
            assert!((back.0 - joint.x).abs() < 1e-3 && (back.1 - joint.y).abs() < 1e-3);
        }
    }

    #[test]
    fn turning_a_person_upside_down_turns_the_crop() {
        let turned: Vec<Joint> = standing().iter().map(|j| Joint { x: 200.0 - j.x, y: 200.0 - j.y, ..*j }).collect();
        assert_eq!(
            around_joints(&turned, 1.0).map(|f| *f.region()),
            around_joints(&standing(), 1.0).map(|f| *f.region())
        );
    }

    #[test]
    fn joints_not_seen_do_not_widen_the_crop_and_half_a_person_has_none() {
        let mut joints = standing();
        joints[9] = Joint { x: 5000.0, y: 5000.0, score: 0.05 };
        assert_eq!(around_joints(&joints, 1.0), around_joints(&standing(), 1.0));
        for i in HIPS {
            joints[i].score = 0.1;
        }
        assert_eq!(around_joints(&joints, 1.0), None);
        assert_eq!(around_joints(&[], 1.0), None);
    }
}
