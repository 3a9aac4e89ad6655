//! Findings and skeletons in COCO's formats: its results, and its annotation files.

use model::{
    coco::{Dataset, DetectionResult, Image, image_id},
    structures::{
        boxes::{BBox, Candidate},
        mask::InstanceMask,
        skeleton::{JOINT_NAMES, Joint, Skeleton},
    },
};

use super::{
    Exported, Subject,
    deliver::ExportFault,
    reports::{Report, written},
};
use crate::{
    findings::Finding,
    json_format::JsonFormat,
    layers::{Layer, ResultData},
    people::FOURTEEN,
};

/// What is on show of photos as JSON: objects in COCO's format of the visitor's choice, anything else as it is.
///
/// # Errors
/// [`ExportFault::Internal`] if it cannot be written, which would be a bug.
pub fn json(photos: &[Exported], format: JsonFormat) -> Result<String, ExportFault> {
    let reports: Vec<Report<'_>> =
        photos.iter().filter_map(|it| Report::of(&it.photo, &it.scene.lead()?.data())).collect();
    match (&reports[..], photos.len(), format) {
        ([only], 1, _) => written(only),
        ([_, ..], _, _) if reports.iter().all(|it| matches!(it, Report::Captions(_))) => {
            // One list, as COCO's caption results are.
            let all = reports.iter().filter_map(|it| if let Report::Captions(all) = it { Some(all) } else { None });
            written(&all.flatten().collect::<Vec<_>>())
        }
        ([_, ..], _, _) => written(&reports),
        ([], _, JsonFormat::Results) => written(&photos.iter().flat_map(results_of).collect::<Vec<_>>()),
        ([], _, JsonFormat::Dataset) => written(&dataset(photos)),
    }
}

/// The objects of the leading layer; none where that has none.
pub fn results_of(exported: &Exported) -> Vec<DetectionResult> {
    exported.scene.lead().map(|lead| exported.photo.results(&lead.data())).unwrap_or_default()
}

/// Objects as an annotation file.
fn dataset(photos: &[Exported]) -> Dataset {
    let mut all = Vec::new();
    for exported in photos {
        let mut results = results_of(exported);
        for layer in exported.scene.others().map(Layer::data) {
            add_keypoints(&mut results, exported.photo.results(&layer));
        }
        all.append(&mut results);
    }
    let mut dataset = Dataset::of_results(photos.iter().map(|it| it.photo.image()).collect(), &all);
    let fourteen = |it: &Exported| {
        let mut layers = it.scene.lead().into_iter().chain(it.scene.others());
        layers.any(|it| matches!(it.data(), ResultData::Skeletons { fourteen: true, .. }))
    };
    if photos.iter().any(fourteen) {
        for category in dataset.categories.iter_mut().filter(|it| !it.keypoints.is_empty()) {
            category.keypoints = joint_names(true).into_iter().map(|name| name.replace(' ', "_")).collect();
            category.skeleton = FOURTEEN.map(|limb| [limb.0 + 1, limb.1 + 1]).to_vec();
        }
    }
    dataset
}

/// The names of the joints that people are written with.
pub fn joint_names(fourteen: bool) -> Vec<&'static str> {
    if fourteen {
        let nobody = Skeleton { bbox: BBox::default(), box_score: 0.0, joints: Vec::new() };
        nobody.fourteen().into_iter().map(|(name, _)| name).collect()
    } else {
        JOINT_NAMES.to_vec()
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

impl Subject {
    /// Objects as COCO's results array, in pixels of the original photo; none of anything else.
    fn results(&self, data: &ResultData<'_>) -> Vec<DetectionResult> {
        match data {
            ResultData::Detections { findings, masks } => self.detections(findings, masks),
            ResultData::Skeletons { people, fourteen } => self.keypoints(people, *fourteen),
            ResultData::ClassMap(_) | ResultData::Captions(_) | ResultData::Location(_) => Vec::new(),
        }
    }

    /// Boxes are not clipped to the photo, so that they are those of the command line and of TensorFlow.js; boxes with a
    /// mask are, as the command line's are.
    ///
    /// # Arguments
    /// * `masks` - of some of the findings: their pixels, in run lengths of the original photo, stand beside their boxes.
    fn detections(&self, findings: &[Finding], masks: &[InstanceMask]) -> Vec<DetectionResult> {
        let (across, down) = self.scale();
        let result = |finding: &Finding| match masks.iter().find(|mask| mask.candidate == finding.key) {
            Some(mask) => {
                let original = InstanceMask { bbox: mask.bbox.scale(across, down), ..mask.clone() };
                DetectionResult::from_mask(&self.name, &original, self.sizes.full)
            }
            None => {
                let bbox = finding.bbox.scale(across, down);
                let original = Candidate { bbox, class: finding.class, score: finding.score, prior: 0 };
                DetectionResult::from_candidate(&self.name, &original)
            }
        };
        findings.iter().filter_map(result).collect()
    }

    /// People with COCO's 17 joints, or with the lecture's 14 where those are on show.
    fn keypoints(&self, skeletons: &[&Skeleton], fourteen: bool) -> Vec<DetectionResult> {
        let (across, down) = self.scale();
        let original = |skeleton: &Skeleton| Skeleton {
            bbox: skeleton.bbox.scale(across, down),
            box_score: skeleton.box_score,
            joints: skeleton.joints.iter().map(|it| Joint { x: it.x * across, y: it.y * down, ..*it }).collect(),
        };
        let result = |skeleton: &&Skeleton| {
            let skeleton = original(skeleton);
            let mut result = DetectionResult::from_skeleton(&self.name, &skeleton)?;
            if fourteen {
                let joints = skeleton.fourteen().into_iter();
                result.keypoints = Some(joints.flat_map(|(_, it)| [it.x, it.y, it.score]).collect());
            }
            Some(result)
        };
        skeletons.iter().filter_map(result).collect()
    }

    /// The photo in an annotation file.
    fn image(&self) -> Image {
        let (width, height) = self.sizes.full;
        Image { id: image_id(&self.name), file_name: self.name.clone(), width, height }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subject() -> Subject {
        Subject::test("a.jpg", (50, 100), (100, 200))
    }

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
        let found = subject().detections(&[dog()], &[mask(1), mask(3)]);
        assert_eq!((found.len(), found[0].bbox), (1, [20.0, 40.0, 40.0, 80.0]));
        let pixels = found[0].segmentation.as_ref().expect("it has a mask").to_rle((100, 200)).expect("of this photo");
        assert_eq!(pixels.area(), 40 * 80);
    }

    #[test]
    fn boxes_are_in_pixels_of_the_original() {
        let found = subject().detections(&[dog()], &[]);
        assert!(found[0].segmentation.is_none());
        assert_eq!((found[0].category_id, found[0].category.as_str(), found[0].score), (18, "dog", 0.75));
        assert_eq!(found[0].bbox, [20.0, 40.0, 40.0, 80.0]);
        assert_eq!((found[0].file_name.as_str(), found[0].image_id), ("a.jpg", Some(image_id("a.jpg"))));
    }

    #[test]
    fn joints_are_in_pixels_of_the_original_too() {
        let joints = vec![Joint { x: 3.0, y: 4.0, score: 0.5 }; 17];
        let skeleton = Skeleton { bbox: BBox::new(0.0, 0.0, 10.0, 20.0), box_score: 0.8, joints };
        let found = Subject::test("a.jpg", (50, 100), (100, 300)).keypoints(&[&skeleton], false);
        assert_eq!((found[0].bbox, found[0].score, found[0].box_score), ([0.0, 0.0, 20.0, 60.0], 0.4, Some(0.8)));
        assert_eq!(found[0].keypoints.as_deref().map(|it| (it.len(), &it[..3])), Some((51, &[6.0, 12.0, 0.5][..])));
    }

    #[test]
    fn fourteen_joints_are_written_as_fourteen() {
        let joints = vec![Joint { x: 3.0, y: 4.0, score: 0.5 }; 17];
        let skeleton = Skeleton { bbox: BBox::new(0.0, 0.0, 10.0, 20.0), box_score: 0.8, joints };
        let found = subject().keypoints(&[&skeleton], true);
        assert_eq!(found[0].keypoints.as_ref().map(Vec::len), Some(42));
        assert_eq!((joint_names(true).len(), joint_names(true)[13], joint_names(false).len()), (14, "top of head", 17));
    }

    #[test]
    fn a_person_with_mask_and_skeleton_is_one_annotation_of_a_photo_that_is_listed() {
        let joints = vec![Joint { x: 15.0, y: 30.0, score: 0.5 }; 17];
        let skeleton = Skeleton { bbox: dog().bbox, box_score: 0.8, joints };
        let person = Finding { class: 1, name: "person", ..dog() };
        let mut results = subject().detections(&[person, dog()], &[]);
        add_keypoints(&mut results, subject().keypoints(&[&skeleton], false));
        let dataset = Dataset::of_results(vec![subject().image()], &results);
        assert_eq!(dataset.annotations.iter().map(|it| it.num_keypoints).collect::<Vec<_>>(), [17, 0]);
        let [image] = &dataset.images[..] else { panic!("one photo") };
        assert_eq!((image.width, image.height), subject().sizes.full);
        assert!(dataset.annotations.iter().all(|it| it.image_id == image.id));
        assert_eq!(dataset.categories.iter().map(|it| it.id).collect::<Vec<_>>(), [1, 18]);
    }
}
