//! COCO's annotation files, as the data set ships them and as results become them.

use serde::{Deserialize, Serialize};

use super::{DetectionResult, segmentation::Segmentation};
use crate::structures::{
    classes::coco_name,
    skeleton::{JOINT_NAMES, LIMBS},
};

/// A joint of a result with a lower score counts as hidden.
const VISIBLE: f32 = 0.3;

/// An annotation file: `instances_*.json` or `person_keypoints_*.json`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Dataset {
    /// The photos.
    pub images: Vec<Image>,
    /// The labelled objects.
    pub annotations: Vec<Annotation>,
    /// The categories that were labelled.
    pub categories: Vec<Category>,
}

/// A photo of a data set.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Image {
    /// Its number.
    pub id: u64,
    /// Its file, whose ending may differ from that of the copy at hand.
    pub file_name: String,
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
}

/// A labelled object.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Annotation {
    /// Its number; the measures here do not need it, other tools do.
    #[serde(default)]
    pub id: u64,
    /// The photo's number.
    pub image_id: u64,
    /// The category's number.
    pub category_id: u16,
    /// Left, top, width and height in photo pixels.
    pub bbox: [f64; 4],
    /// Area of the object's mask in squared pixels.
    pub area: f64,
    /// 1 where many objects share one label.
    #[serde(default)]
    pub iscrowd: u8,
    /// The object's pixels, in files of instances.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub segmentation: Option<Segmentation>,
    /// `x, y, v` of each keypoint (v 0: not labelled, 1: labelled but hidden, 2: visible).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keypoints: Vec<f64>,
    /// Labelled keypoints.
    #[serde(default, skip_serializing_if = "is_none")]
    pub num_keypoints: u32,
    /// Confidence, 0 to 1, where a system and no person has labelled the object; not part of COCO's format, which allows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<f32>,
}

/// Whether there are none.
const fn is_none(count: &u32) -> bool {
    *count == 0
}

/// A category of a data set.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Category {
    /// Its number.
    pub id: u16,
    /// Its name.
    pub name: String,
    /// The names of its keypoints, in files of keypoints.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keypoints: Vec<String>,
    /// Pairs of keypoints that a limb connects, counted from 1.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub skeleton: Vec<[usize; 2]>,
}

impl Dataset {
    /// The annotation file that says of photos what a system has found in them, for programs that read no results: with
    /// the photos' names and sizes and the names of the categories.
    ///
    /// Boxes have themselves as polygons, as `loadRes` of COCO's own tools gives them; keypoints are visible or hidden by
    /// their scores.
    ///
    /// # Arguments
    /// * `results` - their numbers are those of `images`.
    #[must_use]
    pub fn of_results(images: Vec<Image>, results: &[DetectionResult]) -> Self {
        let annotations = results.iter().zip(1..).map(|(result, id)| annotation(result, id)).collect();
        let numbers: std::collections::BTreeSet<u16> = results.iter().map(|it| it.category_id).collect();
        let has_keypoints = |id: u16| results.iter().any(|it| it.category_id == id && it.keypoints.is_some());
        let categories = numbers.into_iter().map(|id| category(id, has_keypoints(id))).collect();
        Self { images, annotations, categories }
    }
}

fn annotation(result: &DetectionResult, id: u64) -> Annotation {
    let bbox = result.bbox.map(f64::from);
    let keypoints = result.keypoints.iter().flatten().copied().collect::<Vec<f32>>();
    let keypoints: Vec<f64> = keypoints.chunks_exact(3).flat_map(labelled).collect();
    Annotation {
        id,
        image_id: result.image_id.unwrap_or_default(),
        category_id: result.category_id,
        bbox,
        area: area_of(result).unwrap_or(bbox[2] * bbox[3]),
        iscrowd: 0,
        segmentation: Some(result.segmentation.clone().unwrap_or_else(|| rectangle(bbox))),
        num_keypoints: keypoints.chunks_exact(3).filter(|point| point[2] > 0.0).count() as u32,
        keypoints,
        score: Some(result.score),
    }
}

/// `x, y, v` of a joint with a score: 2 where it is visible, 1 where it is a guess, all 0 where there is none.
fn labelled(joint: &[f32]) -> [f64; 3] {
    match joint[2] {
        score if score >= VISIBLE => [joint[0].into(), joint[1].into(), 2.0],
        score if score > 0.0 => [joint[0].into(), joint[1].into(), 1.0],
        _ => [0.0; 3],
    }
}

/// Pixels of a result's mask; `None` without one that can be read.
fn area_of(result: &DetectionResult) -> Option<f64> {
    match result.segmentation.as_ref()? {
        mask @ (Segmentation::Runs { size: [height, width], .. }
        | Segmentation::Compressed { size: [height, width], .. }) => {
            mask.to_rle((*width, *height)).ok().map(|rle| rle.area() as f64)
        }
        Segmentation::Polygons(_) => None,
    }
}

fn rectangle([x, y, width, height]: [f64; 4]) -> Segmentation {
    Segmentation::Polygons(vec![vec![x, y, x, y + height, x + width, y + height, x + width, y]])
}

fn category(id: u16, has_keypoints: bool) -> Category {
    let mut category = Category { id, name: coco_name(id).unwrap_or_default().to_owned(), ..Category::default() };
    if has_keypoints {
        category.keypoints = JOINT_NAMES.map(|name| name.replace(' ', "_")).into();
        category.skeleton = LIMBS.map(|(from, to)| [from + 1, to + 1]).into();
    }
    category
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        coco::image_id,
        structures::{
            boxes::{BBox, Candidate},
            rle::Rle,
            skeleton::{JOINTS, Joint, Skeleton},
        },
    };

    fn image() -> Image {
        Image { id: image_id("a.jpg"), file_name: "a.jpg".into(), width: 100, height: 80 }
    }

    #[test]
    fn boxes_become_annotations_with_their_photo_and_their_category() {
        let candidate = Candidate { bbox: BBox::new(10.0, 20.0, 30.0, 60.0), class: 18, score: 0.75, prior: 0 };
        let result = DetectionResult::from_candidate("a.jpg", &candidate).expect("finite");
        let json = serde_json::to_value(Dataset::of_results(vec![image()], &[result])).expect("plain data");
        let expected = serde_json::json!({
            "images": [{"id": image_id("a.jpg"), "file_name": "a.jpg", "width": 100, "height": 80}],
            "annotations": [{
                "id": 1, "image_id": image_id("a.jpg"), "category_id": 18, "bbox": [10.0, 20.0, 20.0, 40.0],
                "area": 800.0, "iscrowd": 0, "score": 0.75,
                "segmentation": [[10.0, 20.0, 10.0, 60.0, 30.0, 60.0, 30.0, 20.0]],
            }],
            "categories": [{"id": 18, "name": "dog"}],
        });
        assert_eq!(json, expected);
    }

    #[test]
    fn joints_are_visible_hidden_or_not_there_and_limbs_count_from_one() {
        let mut joints = vec![Joint { x: 3.0, y: 4.0, score: 0.9 }; JOINTS];
        joints[1].score = 0.1;
        joints[2].score = 0.0;
        let skeleton = Skeleton { bbox: BBox::new(0.0, 0.0, 10.0, 20.0), box_score: 0.8, joints };
        let result = DetectionResult::from_skeleton("a.jpg", &skeleton).expect("finite");
        assert_eq!(result.box_score, Some(0.8));
        let dataset = Dataset::of_results(vec![image()], &[result]);
        let [person] = &dataset.annotations[..] else { panic!("one person") };
        assert_eq!(person.keypoints[..9], [3.0, 4.0, 2.0, 3.0, 4.0, 1.0, 0.0, 0.0, 0.0]);
        assert_eq!(person.num_keypoints, 16);
        let [category] = &dataset.categories[..] else { panic!("one category") };
        assert_eq!((category.keypoints.len(), &category.keypoints[1][..]), (JOINTS, "left_eye"));
        assert!(category.skeleton.iter().flatten().all(|&joint| (1..=JOINTS).contains(&joint)));
    }

    #[test]
    fn a_mask_has_the_area_of_its_pixels() {
        let rle = Rle::from_pixels((4, 2), |x, _| x > 1);
        let candidate = Candidate { bbox: BBox::new(0.0, 0.0, 4.0, 2.0), class: 1, score: 0.5, prior: 0 };
        let mut result = DetectionResult::from_candidate("a.jpg", &candidate).expect("finite");
        result.segmentation = Some((&rle).into());
        let dataset = Dataset::of_results(vec![image()], &[result]);
        assert_eq!(dataset.annotations[0].area, 4.0);
    }
}
