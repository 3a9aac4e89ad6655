//! Skeletons on the sample photos: nobody, half a person, a person upside down, as many as there may be.

use burn::tensor::Device;
use model::{
    heads::movenet::{MAX_PEOPLE, MoveNet, SecondLook},
    nn::weights::Network as _,
    photo::Photo,
    structures::{
        boxes::BBox,
        skeleton::{JOINTS, Skeleton},
    },
};

use crate::{
    command_line::annotator,
    files::{photo, photo_path, weights, weights_path},
};

/// The actor in red in the middle of `stage.jpg`, as the detector finds her.
const RED: BBox = BBox::new(213.0, 161.0, 322.0, 515.0);

struct Network {
    pose: MoveNet,
    device: Device,
}

impl Network {
    fn load() -> Self {
        let device = Device::flex();
        let pose = MoveNet::load(weights("cache/movenet.bpk"), &device).expect("the weights are this network's");
        Self { pose, device }
    }

    fn estimate(&self, photo: &Photo, people: &[BBox], second_look: SecondLook) -> Vec<Skeleton> {
        let people: Vec<(BBox, f32)> = people.iter().map(|bbox| (*bbox, 1.0)).collect();
        let looks = [second_look];
        let found = self.pose.estimate(photo, &people, (&looks, 1.0), &self.device);
        pollster::block_on(found).expect("the run ends")
    }
}

fn turned(photo: &Photo) -> Photo {
    let (width, height) = photo.size();
    let place = |i: u32| photo.rgb(width - 1 - i % width, height - 1 - i / width);
    Photo::from_rgb(width, height, (0..width * height).flat_map(place).collect()).expect("as many pixels")
}

#[test]
fn nobody_has_no_skeleton() {
    let annotator = annotator("movenet", &weights_path("cache/movenet.bpk"), &weights_path("cache/ssd.bpk"));
    for name in ["coffee.jpg", "cat.jpg"] {
        assert_eq!(annotator.objects(&photo_path(name), name).expect("the run ends"), [], "{name}");
    }
    let found = annotator.objects(&photo_path("stage.jpg"), "stage.jpg").expect("the run ends");
    assert!((5..=MAX_PEOPLE).contains(&found.len()), "{} people on stage", found.len());
    for result in &found {
        let keypoints = result.keypoints.as_deref().unwrap_or_default();
        assert_eq!((keypoints.len(), result.category_id), (3 * JOINTS, 1));
        assert!(result.score > 0.0 && result.score <= 1.0);
    }
    let network = Network::load();
    assert!(network.estimate(&photo("coffee.jpg"), &[], SecondLook::Mirrored).is_empty());
}

#[test]
fn mask_rcnn_writes_masks_though_it_has_joints_and_its_keypoint_branch_writes_joints() {
    for (system, weights, has_masks) in [("mask-rcnn", "mask", true), ("keypoint-rcnn", "keypoint-branch", false)] {
        let weights = weights_path(&format!("weights/{weights}.bpk"));
        let annotator = annotator(system, &weights, &weights_path("cache/ssd.bpk"));
        let found = annotator.objects(&photo_path("stage.jpg"), "stage.jpg").expect("the run ends");
        assert!(found.len() >= 3, "{system}: {} found", found.len());
        for it in &found {
            assert_eq!((it.segmentation.is_some(), it.keypoints.is_some()), (has_masks, !has_masks), "{system}");
        }
        let joints = found[0].keypoints.as_deref().unwrap_or_default();
        // The actor's nose is above the ankles, and surer than nothing.
        assert!(has_masks || (joints[1] < joints[3 * 15 + 1] && joints[2] > 0.3), "{joints:?}");
    }
}

#[test]
fn half_a_person_has_a_head_and_shoulders_but_no_feet() {
    let found =
        Network::load().estimate(&photo("astronaut.jpg"), &[BBox::new(23.0, 9.0, 368.0, 488.0)], SecondLook::None);
    let joints = &found[0].joints;
    let (nose, left, right) = (joints[0], joints[5], joints[6]);
    assert!(nose.score > 0.3 && left.score > 0.3 && right.score > 0.3);
    // Her face is at (225, 120); her left is on our right.
    assert!((nose.x - 225.0).hypot(nose.y - 120.0) < 30.0, "{nose:?}");
    assert!(right.x < nose.x && nose.x < left.x && nose.y < left.y.min(right.y));
    for ankle in &joints[15..] {
        assert!(ankle.score < 0.2, "{ankle:?} is outside the photo");
    }
}

#[test]
fn a_person_upside_down_is_unsure_until_turned() {
    let (network, photo) = (Network::load(), photo("stage.jpg"));
    let (width, height) = (photo.width() as f32, photo.height() as f32);
    let there = BBox::new(width - RED.x1, height - RED.y1, width - RED.x0, height - RED.y0);
    let upright = &network.estimate(&photo, &[RED], SecondLook::Turned)[0];
    let once = &network.estimate(&turned(&photo), &[there], SecondLook::None)[0];
    let twice = &network.estimate(&turned(&photo), &[there], SecondLook::Turned)[0];
    assert!(once.score() < 0.3 && upright.score() > 0.5, "{} {}", once.score(), upright.score());
    // Turned back, she is the same picture.
    for (joint, expected) in twice.joints.iter().zip(&upright.joints) {
        let distance = (width - joint.x - expected.x).hypot(height - joint.y - expected.y);
        assert!(distance < 0.1 && (joint.score - expected.score).abs() < 0.01, "{joint:?}, upright {expected:?}");
    }
}

#[test]
fn twenty_people_at_once_are_as_one_by_one() {
    let (network, photo) = (Network::load(), photo("stage.jpg"));
    let shifted = |i: usize| {
        let dx = (i * 29) as f32 - 200.0;
        BBox::new(RED.x0 + dx, RED.y0, RED.x1 + dx, RED.y1)
    };
    let people: Vec<BBox> = (0..MAX_PEOPLE + 5).map(shifted).collect();
    for second in [SecondLook::None, SecondLook::Turned, SecondLook::Mirrored, SecondLook::Refined] {
        let together = network.estimate(&photo, &people, second);
        assert_eq!(together.len(), MAX_PEOPLE);
        for i in [0, 7, MAX_PEOPLE - 1] {
            let alone = &network.estimate(&photo, &people[i..=i], second)[0];
            assert_eq!(alone.bbox, together[i].bbox);
            for (a, b) in alone.joints.iter().zip(&together[i].joints) {
                let same = (a.x - b.x).abs() < 0.01 && (a.y - b.y).abs() < 0.01 && (a.score - b.score).abs() < 1e-4;
                assert!(same, "{second:?}, person {i}: {a:?} is not {b:?}");
            }
        }
    }
}

#[test]
fn a_mirrored_photo_has_the_mirrored_skeleton() {
    let (network, photo) = (Network::load(), photo("stage.jpg"));
    let (width, height) = photo.size();
    let place = |i: u32| photo.rgb(width - 1 - i % width, i / width);
    let mirrored =
        Photo::from_rgb(width, height, (0..width * height).flat_map(place).collect()).expect("as many pixels");
    let there = BBox::new(width as f32 - RED.x1, RED.y0, width as f32 - RED.x0, RED.y1);
    // Looking at the mirrored crop as well makes the two photos alike.
    let a = &network.estimate(&photo, &[RED], SecondLook::Mirrored)[0];
    let b = &network.estimate(&mirrored, &[there], SecondLook::Mirrored)[0];
    for (i, joint) in a.joints.iter().enumerate() {
        let other = b.joints[model::structures::skeleton::MIRRORED[i]];
        let distance = (joint.x - (width as f32 - other.x)).hypot(joint.y - other.y);
        assert!(distance < 0.05 && (joint.score - other.score).abs() < 1e-3, "joint {i}: {joint:?}, {other:?}");
    }
}
