//! Class maps, captions and locations as JSON. COCO has no format for the first and the last that needs no other file, so
//! they are plain objects; captions are COCO's caption results with more beside them. Each names its photo by file and, as
//! COCO does, by number.

use model::{
    coco::image_id,
    structures::{
        boxes::BBox,
        caption::Caption,
        location::{CLASSES, Location},
    },
};
use serde::Serialize;

use super::{Subject, deliver::ExportFault};
use crate::{layers::ResultData, legend::Legend};

/// What JSON says about one photo.
#[derive(Serialize)]
#[serde(untagged)]
pub enum Report<'a> {
    /// The classes of the photo with their shares, 0 to 1.
    ClassMap(ClassMapReport<'a>),
    /// The captions: the photo's, then those of its regions.
    Captions(Vec<CaptionReport<'a>>),
    /// The one class and the one box, if the class has one.
    Location(LocationReport<'a>),
}

/// A class with its part of the photo.
#[derive(Serialize)]
struct Share {
    class: &'static str,
    share: f32,
}

/// The classes of a photo.
#[derive(Serialize)]
pub struct ClassMapReport<'a> {
    file_name: &'a str,
    image_id: u64,
    classes: Vec<Share>,
}

/// A sentence about a photo or a region of it.
#[derive(Serialize)]
pub struct CaptionReport<'a> {
    file_name: &'a str,
    image_id: u64,
    caption: String,
    /// x, y, width, height in pixels of the original; none for the whole photo.
    bbox: Option<[f32; 4]>,
    log_probability: f32,
}

/// A class with its probability.
#[derive(Serialize)]
struct ClassProbability {
    class: &'static str,
    probability: f32,
}

/// One class, one box.
#[derive(Serialize)]
pub struct LocationReport<'a> {
    file_name: &'a str,
    image_id: u64,
    class: &'static str,
    probability: f32,
    /// x, y, width, height in pixels of the original; none where the class is "none of these".
    #[serde(skip_serializing_if = "Option::is_none")]
    bbox: Option<[f32; 4]>,
    probabilities: Vec<ClassProbability>,
}

impl<'a> Report<'a> {
    /// The report on a photo; `None` for objects, which COCO has formats for.
    pub fn of(photo: &'a Subject, data: &ResultData<'_>) -> Option<Self> {
        match data {
            ResultData::ClassMap(legend) => Some(Self::ClassMap(class_map(&photo.name, legend))),
            ResultData::Captions(captions) => Some(Self::Captions(caption_reports(photo, captions))),
            ResultData::Location(location) => Some(Self::Location(location_report(photo, location))),
            ResultData::Detections { .. } | ResultData::Skeletons { .. } => None,
        }
    }
}

fn class_map<'a>(name: &'a str, legend: &Legend) -> ClassMapReport<'a> {
    let classes = legend.entries.iter().map(|it| Share { class: it.name, share: it.share }).collect();
    ClassMapReport { file_name: name, image_id: image_id(name), classes }
}

fn caption_reports<'a>(photo: &'a Subject, captions: &[Caption]) -> Vec<CaptionReport<'a>> {
    let report = |it: &Caption| CaptionReport {
        file_name: &photo.name,
        image_id: image_id(&photo.name),
        caption: it.sentence(),
        bbox: it.region.map(|region| corner_and_size(&region, photo.scale())),
        log_probability: it.log_probability,
    };
    captions.iter().map(report).collect()
}

fn location_report<'a>(photo: &'a Subject, location: &Location) -> LocationReport<'a> {
    let (class, probability) = location.best();
    let probabilities = CLASSES.into_iter().zip(&location.probabilities);
    LocationReport {
        file_name: &photo.name,
        image_id: image_id(&photo.name),
        class: CLASSES.get(class).copied().unwrap_or_default(),
        probability,
        bbox: location.place().map(|bbox| corner_and_size(bbox, photo.scale())),
        probabilities: probabilities.map(|(class, &probability)| ClassProbability { class, probability }).collect(),
    }
}

/// x, y, width, height in pixels of the original.
pub(super) fn corner_and_size(bbox: &BBox, scale: (f32, f32)) -> [f32; 4] {
    let bbox = bbox.scale(scale.0, scale.1);
    [bbox.x0, bbox.y0, bbox.width(), bbox.height()]
}

/// Anything as JSON that is read easily.
///
/// # Errors
/// [`ExportFault::Internal`] if it cannot be written, which would be a bug.
pub(super) fn written(report: &impl Serialize) -> Result<String, ExportFault> {
    serde_json::to_string_pretty(report).map_err(|error| ExportFault::Internal(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn none_of_the_classes_has_no_box() {
        let dog = Subject::test("dog.jpg", (9, 9), (9, 9));
        let location = |last| {
            let mut probabilities = vec![0.0; CLASSES.len()];
            (probabilities[11], probabilities[20]) = (0.3, last);
            Location { probabilities, bbox: BBox::default() }
        };
        let report = |last| serde_json::to_value(location_report(&dog, &location(last)));
        let (dog, none) = (report(0.1).expect("plain data"), report(0.7).expect("plain data"));
        assert_eq!((&dog["class"], dog["bbox"].is_array()), (&"dog".into(), true));
        assert_eq!((&none["class"], none.get("bbox")), (&"none of these".into(), None));
        assert_eq!(none["image_id"], image_id("dog.jpg"));
    }

    #[test]
    fn boxes_are_in_pixels_of_the_original() {
        assert_eq!(corner_and_size(&BBox::new(10.0, 20.0, 30.0, 60.0), (2.0, 3.0)), [20.0, 60.0, 40.0, 120.0]);
    }
}
