//! COCO's JSON: annotations as the data set ships them, and results as its evaluation reads them
//! (Lin et al. 2014; the format is described at cocodataset.org under "Data format" and "Results format").

mod dataset;
pub mod segmentation;

use serde::{Deserialize, Serialize};

pub use dataset::{Annotation, Category, Dataset, Image};

use crate::{
    coco::segmentation::Segmentation,
    structures::{
        boxes::{BBox, Candidate},
        classes::{PERSON, coco_name},
        mask::InstanceMask,
        skeleton::Skeleton,
    },
};

/// One found object, an element of the array that COCO calls "results".
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DetectionResult {
    /// The photo's file name.
    #[serde(default)]
    pub file_name: String,
    /// The photo's number, see [`image_id`]; results of other programs may lack it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image_id: Option<u64>,
    /// COCO's number of the category, 1 to 90.
    pub category_id: u16,
    /// The category's name, for people; not part of COCO's format, which allows it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub category: String,
    /// Left, top, width and height in photo pixels. Results of keypoints may lack it.
    #[serde(default)]
    pub bbox: [f32; 4],
    /// Confidence, 0 to 1.
    pub score: f32,
    /// Confidence of the box alone, 0 to 1, where the system finds keypoints or masks; not part of COCO's format, which
    /// allows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub box_score: Option<f32>,
    /// `x, y, v` of each of the 17 keypoints in photo pixels, where the system finds keypoints.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keypoints: Option<Vec<f32>>,
    /// The object's pixels, where the system finds masks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub segmentation: Option<Segmentation>,
}

impl DetectionResult {
    /// The result for a surviving guess.
    ///
    /// # Returns
    /// `None` when a number is not finite (JSON could not hold it).
    #[must_use]
    pub fn from_candidate(file_name: &str, candidate: &Candidate) -> Option<Self> {
        let bbox = candidate.bbox.to_xywh();
        let finite = candidate.score.is_finite() && bbox.iter().all(|side| side.is_finite());
        finite.then(|| Self {
            file_name: file_name.to_owned(),
            image_id: Some(image_id(file_name)),
            category_id: candidate.class,
            category: coco_name(candidate.class).unwrap_or_default().to_owned(),
            bbox,
            score: candidate.score,
            box_score: None,
            keypoints: None,
            segmentation: None,
        })
    }

    /// The result for a person: `keypoints` has each joint's place and its score in the place of `v`; `score` is the
    /// skeleton's, `box_score` that of the box alone.
    ///
    /// # Returns
    /// `None` when a number is not finite, or when no joint is sure: nobody is there.
    #[must_use]
    pub fn from_skeleton(file_name: &str, skeleton: &Skeleton) -> Option<Self> {
        let (bbox, score) = (skeleton.bbox.to_xywh(), skeleton.score());
        let keypoints: Vec<f32> = skeleton.joints.iter().flat_map(|joint| [joint.x, joint.y, joint.score]).collect();
        let finite = score.is_finite() && bbox.iter().chain(&keypoints).all(|number| number.is_finite());
        (finite && score > 0.0).then(|| Self {
            file_name: file_name.to_owned(),
            image_id: Some(image_id(file_name)),
            category_id: PERSON,
            category: coco_name(PERSON).unwrap_or_default().to_owned(),
            bbox,
            score,
            box_score: Some(skeleton.box_score),
            keypoints: Some(keypoints),
            segmentation: None,
        })
    }

    /// The result for a thing with a mask, its pixels those of [`crate::structures::mask::Patch::to_rle`]; `score` is
    /// [`InstanceMask::mask_score`], `box_score` that of the box alone.
    ///
    /// # Arguments
    /// * `photo` - width and height of the photo in pixels.
    ///
    /// # Returns
    /// `None` when a number is not finite.
    #[must_use]
    pub fn from_mask(file_name: &str, mask: &InstanceMask, photo: (u32, u32)) -> Option<Self> {
        let candidate = Candidate { bbox: mask.bbox, class: mask.class, score: mask.score, prior: 0 };
        let pixels = mask.paste((photo.0 as usize, photo.1 as usize), (1.0, 1.0));
        let pixels = pixels.to_rle((photo.0 as usize, photo.1 as usize));
        Some(Self {
            score: mask.mask_score(),
            box_score: Some(mask.score),
            segmentation: Some((&pixels).into()),
            ..Self::from_candidate(file_name, &candidate)?
        })
    }

    /// The box as corners.
    #[must_use]
    pub fn corners(&self) -> BBox {
        let [x, y, width, height] = self.bbox;
        BBox::new(x, y, x + width, y + height)
    }
}

/// The number of a photo: COCO's if the file is named by it, as in `000000493652.jpg`, else one that is always the same for
/// the same name, from 2^30 to 2^31 - 1. COCO's own numbers are smaller, and every reader's integers are large enough.
#[must_use]
pub fn image_id(file_name: &str) -> u64 {
    const FIRST: u32 = 1 << 30;
    // FNV-1a (Fowler, Noll and Vo): a file's number must not change from one version of this program to the next.
    let hash = |hash: u32, byte: u8| (hash ^ u32::from(byte)).wrapping_mul(16_777_619);
    number_in_name(file_name)
        .unwrap_or_else(|| (FIRST | (file_name.bytes().fold(2_166_136_261, hash) & (FIRST - 1))).into())
}

/// COCO's number of a photo whose file is named by it.
#[must_use]
pub fn number_in_name(file_name: &str) -> Option<u64> {
    let stem = stem(file_name);
    (!stem.is_empty() && stem.bytes().all(|byte| byte.is_ascii_digit())).then(|| stem.parse().ok()).flatten()
}

/// A file name without its folder and its ending.
#[must_use]
pub fn stem(file_name: &str) -> &str {
    let base = file_name.rsplit(['/', '\\']).next().unwrap_or(file_name);
    base.rsplit_once('.').map_or(base, |(stem, _)| stem)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_names_and_numbers() {
        assert_eq!(number_in_name("photos/000000493652.webp"), Some(493_652));
        assert_eq!(number_in_name("cat.jpg"), None);
        assert_eq!(number_in_name(".jpg"), None);
        assert_eq!(stem("C:\\photos\\my.cat.jpg"), "my.cat");
        assert_eq!(number_in_name("99999999999999999999999.jpg"), None);
    }

    #[test]
    fn every_photo_has_a_number_that_stays() {
        assert_eq!(image_id("photos/000000493652.webp"), 493_652);
        assert_eq!(image_id("coffee.jpg"), image_id("coffee.jpg"));
        let names = ["coffee.jpg", "coffee.png", "cat.jpg", "", "99999999999999999999999.jpg", "Zürich am See.jpg"];
        let numbers: std::collections::BTreeSet<u64> = names.into_iter().map(image_id).collect();
        assert_eq!(numbers.len(), names.len());
        assert!(numbers.iter().all(|number| (1 << 30..1 << 31).contains(number)), "{numbers:?}");
    }

    #[test]
    fn results_are_cocos_json() {
        let bbox = BBox::new(10.0, 20.0, 30.5, 60.0);
        let candidate = Candidate { bbox, class: 17, score: 0.75, prior: 3 };
        let result = DetectionResult::from_candidate("7.jpg", &candidate).expect("finite");
        let json = serde_json::to_value(&result).expect("plain data");
        let expected = serde_json::json!({
            "file_name": "7.jpg", "image_id": 7, "category_id": 17, "category": "cat",
            "bbox": [10.0, 20.0, 20.5, 40.0], "score": 0.75,
        });
        assert_eq!(json, expected);
        assert_eq!(result.corners(), bbox);
        let bare: DetectionResult =
            serde_json::from_str(r#"{"image_id": 7, "category_id": 1, "score": 1, "keypoints": [1, 2, 2]}"#)
                .expect("COCO's keypoint results have no box");
        assert_eq!(bare.keypoints.as_deref(), Some(&[1.0, 2.0, 2.0][..]));
    }

    #[test]
    fn numbers_that_json_cannot_hold_are_no_result() {
        let bbox = BBox::new(0.0, 0.0, f32::INFINITY, 1.0);
        assert_eq!(DetectionResult::from_candidate("a", &Candidate { bbox, class: 1, score: 0.5, prior: 0 }), None);
    }
}
