//! Data sets of people with labelled joints: COCO's own format, and `people.json`, which names photos of a folder and
//! gives boxes and joints in fractions of each.

use std::{
    collections::{BTreeMap, HashMap},
    path::{Path, PathBuf},
};

use serde::Deserialize;

use crate::{
    coco::{Annotation, Category, Dataset, DetectionResult, Image, number_in_name, stem},
    data::folder::{DataError, Part, Photos, read_json},
    photo::probe,
    structures::{boxes::BBox, classes::PERSON, skeleton::JOINTS},
};

/// A person's area in units of their box: `people.json` has no masks, and object keypoint similarity needs an area. The
/// mean over the 86 people with labelled joints of the 80 COCO photos at hand is 0.52, the usual choice 0.53.
pub const AREA_OF_BOX: f64 = 0.53;

/// A found person who overlaps every listed one by less than this (intersection over union) may be somebody whom
/// `people.json` does not list.
pub const LISTED_IOU: f32 = 0.1;

/// Labels with the photos that they are for.
#[derive(Clone, Debug, Default)]
pub struct LabelledPeople {
    /// The labels of the photos that are there, in COCO's format.
    pub dataset: Dataset,
    /// Each photo's file by its number.
    pub files: HashMap<u64, PathBuf>,
    /// Labelled photos that are not there; their labels are left out.
    pub missing: Vec<String>,
}

#[derive(Deserialize)]
struct PeopleFile {
    people: BTreeMap<String, Vec<ListedPerson>>,
}

/// A person of `people.json`: everything in fractions of the photo.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
pub struct ListedPerson {
    /// Left, top, right, bottom.
    #[serde(rename = "box")]
    pub bbox: [f64; 4],
    /// `x, y, v` each: `v` is 0 where nothing is marked, 1 for what is hidden, 2 for what is seen.
    pub keypoints: [[f64; 3]; JOINTS],
}

/// The people of `people.json`, by the set and name of their photo.
///
/// # Arguments
/// * `folder` - holds the file.
///
/// # Errors
/// When it cannot be read.
pub fn listed_people(folder: &Path, part: Part) -> Result<BTreeMap<String, Vec<ListedPerson>>, DataError> {
    let mut listed: PeopleFile = read_json(&folder.join("people.json"))?;
    listed.people.retain(|name, _| part.has(name));
    Ok(listed.people)
}

impl LabelledPeople {
    /// Reads a part of `people.json`. Sizes are those of the photos' files, whatever shape the photos once had.
    ///
    /// # Arguments
    /// * `folder` - holds `people.json` and, under `photos`, the files that it names (in any format).
    ///
    /// # Errors
    /// When the labels or a photo cannot be read, or when no labelled photo is there.
    pub fn listed(folder: &Path, part: Part) -> Result<Self, DataError> {
        let labels = folder.join("people.json");
        let listed = listed_people(folder, part)?;
        let photos = Photos::of(&folder.join("photos"));
        let mut set =
            Self { dataset: Dataset { categories: person_category(), ..Dataset::default() }, ..Self::default() };
        for (name, people) in &listed {
            let Some(file) = photos.find(name) else {
                set.missing.push(name.clone());
                continue;
            };
            set.add(name, file, people)?;
        }
        set.checked(&labels, &photos)
    }

    /// Reads `mini_person_keypoints.json` with the photos in `photos/mini`.
    ///
    /// # Errors
    /// As [`LabelledPeople::listed`].
    pub fn mini(folder: &Path) -> Result<Self, DataError> {
        let labels = folder.join("mini_person_keypoints.json");
        let mut dataset: Dataset = read_json(&labels)?;
        let photos = Photos::of(&folder.join("photos/mini"));
        let (mut files, mut missing) = (HashMap::new(), Vec::new());
        for image in &dataset.images {
            match photos.find(&image.file_name) {
                Some(file) => drop(files.insert(image.id, file.to_owned())),
                None => missing.push(image.file_name.clone()),
            }
        }
        dataset.images.retain(|image| files.contains_key(&image.id));
        dataset.annotations.retain(|label| files.contains_key(&label.image_id));
        Self { dataset, files, missing }.checked(&labels, &photos)
    }

    fn checked(self, labels: &Path, photos: &Photos) -> Result<Self, DataError> {
        if self.files.is_empty() {
            let (labels, photos) = (labels.to_owned(), photos.folder().to_owned());
            return Err(DataError::NoPhotos { labelled: self.missing.len(), labels, photos });
        }
        Ok(self)
    }

    fn add(&mut self, name: &str, file: &Path, people: &[ListedPerson]) -> Result<(), DataError> {
        let bytes = std::fs::read(file).map_err(|error| DataError::Unreadable(file.to_owned(), error))?;
        let header = probe(&bytes).map_err(|error| DataError::Photo(file.to_owned(), error))?;
        let (width, height) = (header.width, header.height);
        // Photos that are not named by a number get one that no file name has by chance.
        let id = number_in_name(name).unwrap_or(u64::from(u32::MAX) + self.files.len() as u64);
        self.dataset.images.push(Image { id, file_name: name.to_owned(), width, height });
        self.files.insert(id, file.to_owned());
        let (width, height) = (f64::from(width), f64::from(height));
        for person in people {
            let [x0, y0, x1, y1] = person.bbox;
            let bbox = [x0 * width, y0 * height, (x1 - x0) * width, (y1 - y0) * height];
            let points = person.keypoints.iter().flat_map(|&[x, y, v]| [x * width, y * height, v]);
            self.dataset.annotations.push(Annotation {
                id: self.dataset.annotations.len() as u64 + 1,
                image_id: id,
                category_id: PERSON,
                bbox,
                area: bbox[2] * bbox[3] * AREA_OF_BOX,
                iscrowd: 0,
                segmentation: None,
                keypoints: points.collect(),
                num_keypoints: person.keypoints.iter().filter(|point| point[2] > 0.0).count() as u32,
                score: None,
            });
        }
        Ok(())
    }

    /// Forgets eyes and ears, which not every system looks for.
    pub fn forget_face(&mut self) {
        const FACE: std::ops::Range<usize> = 1..5;
        for label in &mut self.dataset.annotations {
            for joint in FACE {
                if let Some(visible) = label.keypoints.get_mut(joint * 3 + 2) {
                    *visible = 0.0;
                }
            }
            label.num_keypoints = label.keypoints.chunks_exact(3).filter(|point| point[2] > 0.0).count() as u32;
        }
    }

    /// The boxes of a photo's people with labelled joints, in pixels.
    #[must_use]
    pub fn boxes(&self, image: u64) -> Vec<BBox> {
        let people = self.dataset.annotations.iter();
        let people = people.filter(|label| label.image_id == image && label.iscrowd == 0 && label.num_keypoints > 0);
        people.map(|label| corners(label.bbox)).collect()
    }

    /// Whether a result is for one of these photos.
    #[must_use]
    pub fn has_photo_of(&self, result: &DetectionResult) -> bool {
        let numbered = result.image_id.is_some_and(|number| self.files.contains_key(&number));
        numbered || self.dataset.images.iter().any(|image| stem(&image.file_name) == stem(&result.file_name))
    }

    /// The results that overlap a listed person by at least [`LISTED_IOU`], for labels that do not list everybody.
    /// Results are found by their number.
    #[must_use]
    pub fn near_listed(&self, results: &[DetectionResult]) -> Vec<DetectionResult> {
        let near = |result: &&DetectionResult| {
            let boxes = result.image_id.map_or_else(Vec::new, |image| self.boxes(image));
            boxes.iter().any(|listed| listed.iou(&result.corners()) >= LISTED_IOU)
        };
        results.iter().filter(near).cloned().collect()
    }
}

fn corners([x, y, width, height]: [f64; 4]) -> BBox {
    BBox::new(x as f32, y as f32, (x + width) as f32, (y + height) as f32)
}

fn person_category() -> Vec<Category> {
    vec![Category { id: PERSON, name: "person".into(), ..Category::default() }]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder with one 20 x 10 photo and labels for it and for one that is missing.
    fn folder() -> PathBuf {
        let root = std::env::temp_dir().join(format!("lookout-people-{}", std::process::id()));
        std::fs::create_dir_all(root.join("photos/elsewhere")).expect("a writable temporary folder");
        image::RgbImage::new(20, 10).save(root.join("photos/elsewhere/here.png")).expect("a writable folder");
        let mut points = vec!["[0, 0, 0]"; JOINTS];
        points[3] = "[0.25, 0.5, 2]";
        let person = format!(r#"{{"box": [0.1, 0.2, 0.6, 1.0], "keypoints": [{}]}}"#, points.join(","));
        let text = format!(r#"{{"people": {{"elsewhere/here": [{person}], "elsewhere/gone": [{person}]}}}}"#);
        std::fs::write(root.join("people.json"), text).expect("a writable folder");
        root
    }

    #[test]
    fn fractions_become_pixels_and_missing_photos_are_named() {
        let root = folder();
        let set = LabelledPeople::listed(&root, Part::All).expect("a photo is there");
        assert_eq!(set.missing, ["elsewhere/gone"]);
        let [image] = &set.dataset.images[..] else { panic!("one photo") };
        assert_eq!((image.width, image.height), (20, 10));
        let [label] = &set.dataset.annotations[..] else { panic!("one person") };
        assert_eq!(label.num_keypoints, 1);
        assert_eq!(label.keypoints[9..12], [5.0, 5.0, 2.0]);
        assert!((label.area - 10.0 * 8.0 * AREA_OF_BOX).abs() < 1e-9);
        assert!(set.boxes(image.id)[0].iou(&BBox::new(2.0, 2.0, 12.0, 10.0)) > 0.9999);
        let result = |bbox| DetectionResult {
            file_name: "here.png".into(),
            image_id: Some(image.id),
            category_id: PERSON,
            category: String::new(),
            bbox,
            score: 1.0,
            box_score: None,
            keypoints: None,
            segmentation: None,
        };
        let results = [result([2.0, 2.0, 9.0, 8.0]), result([15.0, 0.0, 5.0, 5.0])];
        assert!(set.has_photo_of(&results[0]));
        assert_eq!(set.near_listed(&results), results[..1]);
        std::fs::remove_file(root.join("photos/elsewhere/here.png")).expect("it was just made");
        assert!(matches!(LabelledPeople::listed(&root, Part::All), Err(DataError::NoPhotos { labelled: 2, .. })));
        std::fs::remove_dir_all(&root).expect("it was just made");
    }
}
