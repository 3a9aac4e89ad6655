//! Labels of detection: PASCAL VOC's boxes, and which of COCO's classes are in a photo.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use serde::Deserialize;

use super::{DataError, DataFolder, Part};
use crate::structures::{boxes::BBox, class_map, classes::COCO};

/// COCO's category ids of PASCAL VOC's 20 classes, in VOC's order.
pub const VOC_IDS: [u16; 20] = class_map::COCO_IDS;

/// A labelled object.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BoxedObject {
    /// COCO category id.
    pub class: u16,
    /// Where, in fractions of the photo.
    pub bbox: BBox,
    /// Whether VOC's measure neither asks for it nor minds it.
    pub difficult: bool,
}

/// A photo all of whose objects of [`VOC_IDS`] are boxed.
#[derive(Clone, Debug)]
pub struct BoxedPhoto {
    /// Its name in the labels.
    pub name: String,
    /// Its file.
    pub file: PathBuf,
    /// The objects.
    pub objects: Vec<BoxedObject>,
}

/// A photo whose classes are known, but not where they are.
#[derive(Clone, Debug)]
pub struct ClassedPhoto {
    /// Its name in the labels.
    pub name: String,
    /// Its file.
    pub file: PathBuf,
    /// COCO category ids of all classes in the photo.
    pub classes: Vec<u16>,
}

impl DataFolder {
    /// `voc.json`; `None` when the folder has none.
    ///
    /// # Errors
    /// When the labels cannot be read, a labelled photo is not there, or a class is none of VOC's.
    pub fn voc(&self, part: Part) -> Result<Option<Vec<BoxedPhoto>>, DataError> {
        #[derive(Deserialize)]
        struct File {
            boxes: BTreeMap<String, Vec<Object>>,
        }
        #[derive(Deserialize)]
        struct Object {
            class: String,
            #[serde(rename = "box")]
            corners: [f32; 4],
            #[serde(default)]
            difficult: u8,
        }
        let Some((labels, File { boxes })) = self.labels("voc.json")? else { return Ok(None) };
        let photos = boxes.into_iter().filter(|(name, _)| part.has(name)).map(|(name, objects)| {
            let of_object = |Object { class, corners: [x0, y0, x1, y1], difficult }: Object| -> Result<_, DataError> {
                let class = voc_id(&class).ok_or_else(|| unknown(&labels, &class))?;
                Ok(BoxedObject { class, bbox: BBox::new(x0, y0, x1, y1), difficult: difficult != 0 })
            };
            let objects = objects.into_iter().map(of_object).collect::<Result<_, DataError>>()?;
            Ok(BoxedPhoto { file: self.photo(&name)?, name, objects })
        });
        photos.collect::<Result<_, _>>().map(Some)
    }

    /// `coco_classes.json`; `None` when the folder has none.
    ///
    /// # Errors
    /// When the labels cannot be read, a labelled photo is not there, or a class is none of COCO's.
    pub fn coco_classes(&self, part: Part) -> Result<Option<Vec<ClassedPhoto>>, DataError> {
        #[derive(Deserialize)]
        struct File {
            classes: BTreeMap<String, Vec<String>>,
        }
        let Some((labels, File { classes })) = self.labels("coco_classes.json")? else { return Ok(None) };
        let photos = classes.into_iter().filter(|(name, _)| part.has(name)).map(|(name, classes)| {
            let id = |class: &String| {
                let found = COCO.iter().find(|(_, name)| name == class);
                found.map(|&(id, _)| id).ok_or_else(|| unknown(&labels, class))
            };
            let classes = classes.iter().map(id).collect::<Result<_, DataError>>()?;
            Ok(ClassedPhoto { file: self.photo(&name)?, name, classes })
        });
        photos.collect::<Result<_, _>>().map(Some)
    }
}

/// The COCO category id of a class by VOC's name, which has no spaces.
fn voc_id(name: &str) -> Option<u16> {
    let at = class_map::CLASSES[1..].iter().position(|it| it.replace(' ', "") == name)?;
    Some(VOC_IDS[at])
}

fn unknown(labels: &Path, class: &str) -> DataError {
    DataError::Labels(labels.to_owned(), format!("{class} is no known class"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn voc_s_names_are_coco_s_classes() {
        assert_eq!(voc_id("aeroplane"), Some(5));
        assert_eq!(voc_id("diningtable"), Some(67));
        assert_eq!(voc_id("tvmonitor"), Some(72));
        assert_eq!(voc_id("background"), None);
    }

    #[test]
    fn both_kinds_of_labels_are_read() {
        let root = std::env::temp_dir().join(format!("lookout-detection-labels-{}", std::process::id()));
        std::fs::create_dir_all(root.join("photos/voc")).expect("a writable temporary folder");
        image::RgbImage::new(4, 2).save(root.join("photos/voc/p1.webp")).expect("a writable folder");
        let write = |name: &str, text: &str| std::fs::write(root.join(name), text).expect("a writable folder");
        let data = DataFolder::open(&root);
        assert!(data.voc(Part::All).expect("nothing to read").is_none());
        write("voc.json", r#"{"boxes": {"voc/p1": [{"class": "sofa", "box": [0, 0.5, 1, 1], "difficult": 1}]}}"#);
        write("coco_classes.json", r#"{"classes": {"voc/p1": ["couch", "tie"]}}"#);
        let boxed = data.voc(Part::Dev).expect("labels and a photo").expect("there are labels");
        let sofa = BoxedObject { class: 63, bbox: BBox::new(0.0, 0.5, 1.0, 1.0), difficult: true };
        assert_eq!(boxed[0].objects, [sofa]);
        let classed = data.coco_classes(Part::All).expect("labels and a photo").expect("there are labels");
        assert_eq!(classed[0].classes, [63, 32]);
        write("voc.json", r#"{"boxes": {"voc/p1": [{"class": "dragon", "box": [0, 0, 1, 1]}]}}"#);
        assert!(matches!(data.voc(Part::All), Err(DataError::Labels(..))));
        std::fs::remove_dir_all(&root).expect("it was just made");
    }
}
