//! Findings and skeletons as COCO results.

use model::{
    coco::DetectionResult,
    structures::{
        boxes::Candidate,
        mask::InstanceMask,
        skeleton::{Joint, Skeleton},
    },
};

use super::deliver::ExportFault;
use crate::{findings::Finding, photo::Photo};

/// The findings as COCO's results array, boxes in pixels of the original photo. Boxes are not clipped to the photo, so
/// that they are those of the command line and of TensorFlow.js; boxes with a mask are, as the command line's are.
///
/// # Arguments
/// * `masks` - of some of the findings: their pixels, in run lengths of the original photo, stand beside their boxes.
///
/// # Errors
/// [`ExportFault::Internal`] if they cannot be written, which would be a bug.
pub fn json(photo: &Photo, findings: &[Finding], masks: &[InstanceMask]) -> Result<String, ExportFault> {
    let size = (photo.full_width, photo.full_height);
    serde_json::to_string_pretty(&results(&photo.name, size, photo.full_scale(), findings, masks))
        .map_err(|error| ExportFault::Internal(error.to_string()))
}

/// The people as COCO's keypoint results: 17 joints each, whichever are on show, in pixels of the original photo.
///
/// # Errors
/// As [`json`].
pub fn keypoint_json<'a>(photo: &Photo, skeletons: impl Iterator<Item = &'a Skeleton>) -> Result<String, ExportFault> {
    serde_json::to_string_pretty(&keypoint_results(&photo.name, photo.full_scale(), skeletons))
        .map_err(|error| ExportFault::Internal(error.to_string()))
}

/// # Arguments
/// * `scale` - as in [`results`].
fn keypoint_results<'a>(
    name: &str,
    scale: (f32, f32),
    skeletons: impl Iterator<Item = &'a Skeleton>,
) -> Vec<DetectionResult> {
    let original = |skeleton: &Skeleton| Skeleton {
        bbox: skeleton.bbox.scale(scale.0, scale.1),
        box_score: skeleton.box_score,
        joints: skeleton.joints.iter().map(|it| Joint { x: it.x * scale.0, y: it.y * scale.1, ..*it }).collect(),
    };
    skeletons.filter_map(|skeleton| DetectionResult::from_skeleton(name, &original(skeleton))).collect()
}

/// # Arguments
/// * `size` - width and height of the original photo.
/// * `scale` - pixels of the original for one of the decoded photo, across and down.
fn results(
    name: &str,
    size: (u32, u32),
    scale: (f32, f32),
    findings: &[Finding],
    masks: &[InstanceMask],
) -> Vec<DetectionResult> {
    let result = |finding: &Finding| match masks.iter().find(|mask| mask.candidate == finding.key) {
        Some(mask) => {
            let original = InstanceMask { bbox: mask.bbox.scale(scale.0, scale.1), ..mask.clone() };
            DetectionResult::from_mask(name, &original, size)
        }
        None => {
            let bbox = finding.bbox.scale(scale.0, scale.1);
            let original = Candidate { bbox, class: finding.class, score: finding.score, prior: 0 };
            DetectionResult::from_candidate(name, &original)
        }
    };
    findings.iter().filter_map(result).collect()
}

#[cfg(test)]
mod tests {
    use model::structures::boxes::BBox;

    use super::*;

    fn dog() -> Finding {
        let bbox = BBox::new(10.0, 20.0, 30.0, 60.0);
        Finding { key: 3, number: 1, class: 18, name: "dog", score: 0.75, bbox, slot: 0 }
    }

    #[test]
    fn masks_are_in_pixels_of_the_original() {
        let mask = |candidate| InstanceMask {
            candidate,
            bbox: BBox::new(10.0, 20.0, 30.0, 60.0),
            class: 18,
            score: 0.75,
            cells: vec![255; model::structures::mask::SIDE * model::structures::mask::SIDE],
        };
        let found = results("a.jpg", (100, 200), (2.0, 2.0), &[dog()], &[mask(1), mask(3)]);
        assert_eq!((found.len(), found[0].bbox), (1, [20.0, 40.0, 40.0, 80.0]));
        let pixels = found[0].segmentation.as_ref().expect("it has a mask").to_rle((100, 200)).expect("of this photo");
        assert_eq!(pixels.area(), 40 * 80);
    }

    #[test]
    fn boxes_are_in_pixels_of_the_original() {
        let found = results("a.jpg", (100, 200), (2.0, 2.0), &[dog()], &[]);
        assert!(found[0].segmentation.is_none());
        assert_eq!((found[0].category_id, found[0].category.as_str(), found[0].score), (18, "dog", 0.75));
        assert_eq!(found[0].bbox, [20.0, 40.0, 40.0, 80.0]);
        assert_eq!(found[0].file_name, "a.jpg");
    }

    #[test]
    fn joints_are_in_pixels_of_the_original_too() {
        let joints = vec![Joint { x: 3.0, y: 4.0, score: 0.5 }; 17];
        let skeleton = Skeleton { bbox: BBox::new(0.0, 0.0, 10.0, 20.0), box_score: 0.8, joints };
        let found = keypoint_results("a.jpg", (2.0, 3.0), [&skeleton].into_iter());
        assert_eq!((found[0].bbox, found[0].score), ([0.0, 0.0, 20.0, 60.0], 0.4));
        assert_eq!(found[0].keypoints.as_deref().map(|it| (it.len(), &it[..3])), Some((51, &[6.0, 12.0, 0.5][..])));
    }
}
