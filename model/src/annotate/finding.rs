//! What systems write about a photo, as JSON.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    coco::{DetectionResult, image_id, segmentation::Segmentation},
    structures::{
        boxes::{BBox, Candidate},
        caption::{Caption, Word},
        class_map::{CLASSES, ClassMap},
        classes::coco_name,
        location::{self, Location},
        rle::Rle,
    },
};

/// One element of a file of results.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Finding {
    /// An object: COCO's results of boxes, keypoints and masks.
    Object(DetectionResult),
    /// The pixels of one class.
    Class(ClassResult),
    /// What the photo shows in words: COCO's results of captions.
    Caption(CaptionResult),
    /// The one thing in the photo.
    Location(LocationResult),
}

/// The pixels of one class in a photo, after COCO's results for "stuff": together the classes of a photo cover it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClassResult {
    /// The photo's file name.
    pub file_name: String,
    /// The photo's number, see [`image_id`].
    pub image_id: u64,
    /// An index into [`CLASSES`], PASCAL VOC's; 0 is the background.
    pub category_id: u16,
    /// The class's name.
    pub category: String,
    /// Its pixels, at the size of the photo.
    pub segmentation: Segmentation,
    /// Its share of the photo's pixels, 0 to 1.
    pub share: f32,
    /// The mean probability of the class over its pixels, 0 to 1.
    pub score: f32,
}

impl ClassResult {
    /// The results for a class map at the photo's size, the largest class first.
    #[must_use]
    pub fn of_map(file_name: &str, map: &ClassMap) -> Vec<Self> {
        let of_class = |(label, share): (u8, f32)| {
            let rle = Rle::from_pixels((map.width, map.height), |x, y| map.labels[y * map.width + x] == label);
            let pixels = map.labels.iter().zip(&map.certainty).filter(|&(&it, _)| it == label);
            let certainty: u64 = pixels.map(|(_, &certainty)| u64::from(certainty)).sum();
            Self {
                file_name: file_name.to_owned(),
                image_id: image_id(file_name),
                category_id: label.into(),
                category: CLASSES.get(usize::from(label)).copied().unwrap_or_default().to_owned(),
                segmentation: (&rle).into(),
                share,
                score: certainty as f32 / 255.0 / rle.area().max(1) as f32,
            }
        };
        map.shares().into_iter().map(of_class).collect()
    }
}

/// A word of a caption with how it was chosen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WordResult {
    /// The word.
    pub text: String,
    /// Its probability after the words before it, 0 to 1.
    pub probability: f32,
    /// The likeliest words at this place, best first.
    pub alternatives: Vec<(String, f32)>,
}

impl WordResult {
    fn of(caption: &Caption) -> Vec<Self> {
        let word = |Word { text, probability, alternatives, .. }: &Word| Self {
            text: text.clone(),
            probability: *probability,
            alternatives: alternatives.clone(),
        };
        caption.words.iter().map(word).collect()
    }
}

/// The caption of a region that the detector chose.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RegionResult {
    /// Left, top, width and height in photo pixels.
    pub bbox: [f32; 4],
    /// COCO's number of what the detector takes it for.
    pub category_id: u16,
    /// The category's name.
    pub category: String,
    /// The detector's confidence, 0 to 1.
    pub score: f32,
    /// The sentence.
    pub caption: String,
    /// The sum of the words' log probabilities, the end included.
    pub log_probability: f32,
    /// Its words.
    pub words: Vec<WordResult>,
}

/// The captions of a photo.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CaptionResult {
    /// The photo's file name.
    pub file_name: String,
    /// The photo's number, see [`image_id`].
    pub image_id: u64,
    /// The sentence about the whole photo.
    pub caption: String,
    /// The sum of the words' log probabilities, the end included.
    pub log_probability: f32,
    /// Its words.
    pub words: Vec<WordResult>,
    /// Captions of its prominent regions.
    pub regions: Vec<RegionResult>,
}

impl CaptionResult {
    /// The result for the captions of a photo: of the whole first, then of its regions.
    ///
    /// # Arguments
    /// * `detections` - what the captions' regions are of.
    ///
    /// # Returns
    /// `None` when there is no caption.
    #[must_use]
    pub fn new(file_name: &str, captions: &[Caption], detections: &[Candidate]) -> Option<Self> {
        let (whole, parts) = captions.split_first()?;
        let region = |caption: &Caption| {
            let detection = detections.get(caption.candidate?)?;
            Some(RegionResult {
                bbox: detection.bbox.to_xywh(),
                category_id: detection.class,
                category: coco_name(detection.class).unwrap_or_default().to_owned(),
                score: detection.score,
                caption: caption.sentence(),
                log_probability: caption.log_probability,
                words: WordResult::of(caption),
            })
        };
        Some(Self {
            file_name: file_name.to_owned(),
            image_id: image_id(file_name),
            caption: whole.sentence(),
            log_probability: whole.log_probability,
            words: WordResult::of(whole),
            regions: parts.iter().filter_map(region).collect(),
        })
    }
}

/// The one class and the one box of a photo.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LocationResult {
    /// The photo's file name.
    pub file_name: String,
    /// The photo's number, see [`image_id`].
    pub image_id: u64,
    /// The likeliest class, one of [`location::CLASSES`].
    pub category: String,
    /// Its probability, 0 to 1.
    pub score: f32,
    /// Left, top, width and height in photo pixels; none where the class is "none of these".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bbox: Option<[f32; 4]>,
    /// The probability of each class.
    pub probabilities: BTreeMap<String, f32>,
}

impl LocationResult {
    /// The result for a location.
    #[must_use]
    pub fn new(file_name: &str, location: &Location) -> Self {
        let (class, score) = location.best();
        let names = location::CLASSES.iter().map(|&name| name.to_owned());
        Self {
            file_name: file_name.to_owned(),
            image_id: image_id(file_name),
            category: location::CLASSES[class].to_owned(),
            score,
            bbox: location.place().map(BBox::to_xywh),
            probabilities: names.zip(location.probabilities.iter().copied()).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_cover_the_photo() {
        let map = ClassMap { width: 2, height: 2, labels: vec![0, 8, 0, 0], certainty: vec![255, 51, 255, 255] };
        let results = ClassResult::of_map("7.jpg", &map);
        let brief: Vec<_> = results.iter().map(|it| (&it.category[..], it.share, it.score)).collect();
        assert_eq!(brief, [("background", 0.75, 1.0), ("cat", 0.25, 0.2)]);
        let rle = results[1].segmentation.to_rle((2, 2)).expect("just made");
        assert_eq!(rle.to_pixels(), [false, true, false, false]);
        let json = serde_json::to_value(Finding::Class(results[1].clone())).expect("plain data");
        assert_eq!((&json["image_id"], &json["segmentation"]["size"]), (&7.into(), &serde_json::json!([2, 2])));
    }

    #[test]
    fn captions_keep_their_words_and_regions() {
        let word = Word {
            text: "cat".into(),
            probability: 0.5,
            alternatives: vec![("dog".into(), 0.3)],
            detections: vec![],
            gaze: vec![1.0],
        };
        let caption = |region: Option<BBox>| {
            let candidate = region.map(|_| 0);
            Caption { candidate, region, words: vec![word.clone()], log_probability: -1.0, beams: vec![] }
        };
        let bbox = BBox::new(1.0, 2.0, 4.0, 6.0);
        let thing = Candidate { bbox, class: 17, score: 0.9, prior: 0 };
        let result = CaptionResult::new("cat.jpg", &[caption(None), caption(Some(bbox))], &[thing]).expect("captions");
        assert_eq!((&result.caption[..], result.words.len()), ("Cat.", 1));
        let [region] = &result.regions[..] else { panic!("one region") };
        assert_eq!((region.bbox, &region.category[..]), ([1.0, 2.0, 3.0, 4.0], "cat"));
        assert_eq!(region.words[0].alternatives, [("dog".to_owned(), 0.3)]);
        assert_eq!(CaptionResult::new("cat.jpg", &[], &[]), None);
    }

    #[test]
    fn locations_name_every_class() {
        let of_class = |name: &str| Location {
            probabilities: location::CLASSES.iter().map(|it| if *it == name { 0.6 } else { 0.02 }).collect(),
            bbox: BBox::new(0.0, 1.0, 2.0, 3.0),
        };
        let location = of_class("cat");
        let result = LocationResult::new("a.jpg", &location);
        assert_eq!((&result.category[..], result.score, result.bbox), ("cat", 0.6, Some([0.0, 1.0, 2.0, 2.0])));
        assert_eq!((result.probabilities.len(), result.probabilities["none of these"]), (21, 0.02));
        assert_eq!(result.image_id, image_id("a.jpg"));
        let none = of_class("none of these");
        let json = serde_json::to_value(LocationResult::new("a.jpg", &none)).expect("plain data");
        assert_eq!((&json["category"], json.get("bbox")), (&"none of these".into(), None));
    }
}
