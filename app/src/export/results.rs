//! Findings and skeletons as COCO results.

use model::{
    boxes::Candidate,
    coco::DetectionResult,
    skeleton::{Joint, Skeleton},
};

use super::deliver::ExportFault;
use crate::{findings::Finding, photo::Photo};

/// The findings as COCO's results array, boxes in pixels of the original photo. Boxes are not clipped to the photo, so
/// that they are those of the command line and of TensorFlow.js.
///
/// # Errors
/// [`ExportFault::Internal`] if they cannot be written, which would be a bug.
pub fn json(photo: &Photo, findings: &[Finding]) -> Result<String, ExportFault> {
    serde_json::to_string_pretty(&results(&photo.name, photo.full_scale(), findings))
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
/// * `scale` - pixels of the original for one of the decoded photo, across and down.
fn results(name: &str, scale: (f32, f32), findings: &[Finding]) -> Vec<DetectionResult> {
    let original = |finding: &Finding| Candidate {
        bbox: finding.bbox.scale(scale.0, scale.1),
        class: finding.class,
        score: finding.score,
        prior: 0,
    };
    findings.iter().filter_map(|finding| DetectionResult::from_candidate(name, &original(finding))).collect()
}

#[cfg(test)]
mod tests {
    use model::boxes::BBox;

    use super::*;

    #[test]
    fn boxes_are_in_pixels_of_the_original() {
        let finding = Finding {
            key: 0,
            number: 1,
            class: 18,
            name: "dog",
            score: 0.75,
            bbox: BBox::new(10.0, 20.0, 30.0, 60.0),
            slot: 0,
        };
        let found = results("a.jpg", (2.0, 2.0), &[finding]);
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
