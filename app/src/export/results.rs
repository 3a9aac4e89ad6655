//! Findings and skeletons in COCO's formats: its results, and its annotation files.

use model::{
    coco::{Dataset, DetectionResult, Image, image_id},
    structures::{
        boxes::Candidate,
        mask::InstanceMask,
        skeleton::{Joint, Skeleton},
    },
};

use super::{JsonFormat, deliver::ExportFault, reports};
use crate::{
    findings::Finding,
    layers::{Layer, ResultData},
    photo::Photo,
    scene::Scene,
};

/// The photo that results are of.
struct Source<'a> {
    name: &'a str,
    /// Width and height of the original.
    size: (u32, u32),
    /// Pixels of the original for one of the decoded photo, across and down.
    scale: (f32, f32),
}

/// What is on show as JSON: objects in COCO's format of the visitor's choice, anything else as it is.
///
/// # Errors
/// [`ExportFault::Internal`] if it cannot be written, which would be a bug.
pub fn json(photo: &Photo, scene: &Scene, format: JsonFormat) -> Result<String, ExportFault> {
    let lead = scene.lead().ok_or_else(|| ExportFault::Internal("there is no result".into()))?;
    let source = Source { name: &photo.name, size: (photo.full_width, photo.full_height), scale: photo.full_scale() };
    match (lead.data(), format) {
        (ResultData::ClassMap(legend), _) => reports::class_map(photo, legend),
        (ResultData::Captions(captions), _) => reports::captions(photo, captions),
        (ResultData::Location(location), _) => reports::location(photo, location),
        (objects, JsonFormat::Results) => reports::written(&source.results(&objects)),
        (objects, JsonFormat::Dataset) => {
            let mut results = source.results(&objects);
            for layer in scene.others().map(Layer::data) {
                add_keypoints(&mut results, source.results(&layer));
            }
            reports::written(&source.dataset(&results))
        }
    }
}

/// Gives people in the same boxes the keypoints of others.
fn add_keypoints(results: &mut [DetectionResult], others: Vec<DetectionResult>) {
    for other in others {
        let is_same = |it: &&mut DetectionResult| it.category_id == other.category_id && it.bbox == other.bbox;
        if let (Some(same), Some(keypoints)) = (results.iter_mut().find(is_same), other.keypoints) {
            same.keypoints = Some(keypoints);
        }
    }
}

impl Source<'_> {
    /// Objects as COCO's results array, in pixels of the original photo; none of anything else.
    fn results(&self, data: &ResultData<'_>) -> Vec<DetectionResult> {
        match data {
            ResultData::Detections { findings, masks } => self.detections(findings, masks),
            ResultData::Skeletons(skeletons) => self.keypoints(skeletons),
            ResultData::ClassMap(_) | ResultData::Captions(_) | ResultData::Location(_) => Vec::new(),
        }
    }

    /// Boxes are not clipped to the photo, so that they are those of the command line and of TensorFlow.js; boxes with a
    /// mask are, as the command line's are.
    ///
    /// # Arguments
    /// * `masks` - of some of the findings: their pixels, in run lengths of the original photo, stand beside their boxes.
    fn detections(&self, findings: &[Finding], masks: &[InstanceMask]) -> Vec<DetectionResult> {
        let (across, down) = self.scale;
        let result = |finding: &Finding| match masks.iter().find(|mask| mask.candidate == finding.key) {
            Some(mask) => {
                let original = InstanceMask { bbox: mask.bbox.scale(across, down), ..mask.clone() };
                DetectionResult::from_mask(self.name, &original, self.size)
            }
            None => {
                let bbox = finding.bbox.scale(across, down);
                let original = Candidate { bbox, class: finding.class, score: finding.score, prior: 0 };
                DetectionResult::from_candidate(self.name, &original)
            }
        };
        findings.iter().filter_map(result).collect()
    }

    /// People: 17 joints each, whichever are on show.
    fn keypoints(&self, skeletons: &[&Skeleton]) -> Vec<DetectionResult> {
        let (across, down) = self.scale;
        let original = |skeleton: &Skeleton| Skeleton {
            bbox: skeleton.bbox.scale(across, down),
            box_score: skeleton.box_score,
            joints: skeleton.joints.iter().map(|it| Joint { x: it.x * across, y: it.y * down, ..*it }).collect(),
        };
        skeletons.iter().filter_map(|it| DetectionResult::from_skeleton(self.name, &original(it))).collect()
    }

    /// Objects as an annotation file.
    fn dataset(&self, results: &[DetectionResult]) -> Dataset {
        let (width, height) = self.size;
        let image = Image { id: image_id(self.name), file_name: self.name.to_owned(), width, height };
        Dataset::of_results(vec![image], results)
    }
}

#[cfg(test)]
mod tests {
    use model::structures::boxes::BBox;

    use super::*;

    const SOURCE: Source<'_> = Source { name: "a.jpg", size: (100, 200), scale: (2.0, 2.0) };

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
        let found = SOURCE.detections(&[dog()], &[mask(1), mask(3)]);
        assert_eq!((found.len(), found[0].bbox), (1, [20.0, 40.0, 40.0, 80.0]));
        let pixels = found[0].segmentation.as_ref().expect("it has a mask").to_rle((100, 200)).expect("of this photo");
        assert_eq!(pixels.area(), 40 * 80);
    }

    #[test]
    fn boxes_are_in_pixels_of_the_original() {
        let found = SOURCE.detections(&[dog()], &[]);
        assert!(found[0].segmentation.is_none());
        assert_eq!((found[0].category_id, found[0].category.as_str(), found[0].score), (18, "dog", 0.75));
        assert_eq!(found[0].bbox, [20.0, 40.0, 40.0, 80.0]);
        assert_eq!((found[0].file_name.as_str(), found[0].image_id), ("a.jpg", Some(image_id("a.jpg"))));
    }

    #[test]
    fn joints_are_in_pixels_of_the_original_too() {
        let joints = vec![Joint { x: 3.0, y: 4.0, score: 0.5 }; 17];
        let skeleton = Skeleton { bbox: BBox::new(0.0, 0.0, 10.0, 20.0), box_score: 0.8, joints };
        let found = Source { scale: (2.0, 3.0), ..SOURCE }.keypoints(&[&skeleton]);
        assert_eq!((found[0].bbox, found[0].score, found[0].box_score), ([0.0, 0.0, 20.0, 60.0], 0.4, Some(0.8)));
        assert_eq!(found[0].keypoints.as_deref().map(|it| (it.len(), &it[..3])), Some((51, &[6.0, 12.0, 0.5][..])));
    }

    #[test]
    fn a_person_with_mask_and_skeleton_is_one_annotation_of_a_photo_that_is_listed() {
        let joints = vec![Joint { x: 15.0, y: 30.0, score: 0.5 }; 17];
        let skeleton = Skeleton { bbox: dog().bbox, box_score: 0.8, joints };
        let person = Finding { class: 1, name: "person", ..dog() };
        let mut results = SOURCE.detections(&[person, dog()], &[]);
        add_keypoints(&mut results, SOURCE.keypoints(&[&skeleton]));
        let dataset = SOURCE.dataset(&results);
        assert_eq!(dataset.annotations.iter().map(|it| it.num_keypoints).collect::<Vec<_>>(), [17, 0]);
        let [image] = &dataset.images[..] else { panic!("one photo") };
        assert_eq!((image.width, image.height), SOURCE.size);
        assert!(dataset.annotations.iter().all(|it| it.image_id == image.id));
        assert_eq!(dataset.categories.iter().map(|it| it.id).collect::<Vec<_>>(), [1, 18]);
    }
}
