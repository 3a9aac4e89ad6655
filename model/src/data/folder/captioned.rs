//! Photos with sentences that people wrote, and photos of which it is known which of COCO's categories they hold.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};

use serde::Deserialize;

use super::{DataError, DataFolder, Part};
use crate::eval::coco::MEDIUM;

/// A photo and what people wrote about it.
#[derive(Clone, Debug)]
pub struct CaptionedPhoto {
    /// Its name in the labels.
    pub name: String,
    /// Its file.
    pub file: PathBuf,
    /// The sentences.
    pub captions: Vec<String>,
}

/// A photo all of whose categories are known.
#[derive(Clone, Debug)]
pub struct NamedPhoto {
    /// Its name in the labels.
    pub name: String,
    /// Its file.
    pub file: PathBuf,
    /// COCO category ids of what is in it.
    pub classes: BTreeSet<u16>,
    /// Those with an object that COCO calls large; `None` where sizes are not known.
    pub large: Option<BTreeSet<u16>>,
    /// What people wrote about it; empty where nobody did.
    pub captions: Vec<String>,
}

/// `captions.json` and `coco_captions.json`.
#[derive(Deserialize)]
struct File {
    captions: BTreeMap<String, Vec<String>>,
}

/// `mini_captions.json`, in COCO's format.
#[derive(Deserialize)]
struct CocoFile {
    annotations: Vec<CocoCaption>,
}

#[derive(Deserialize)]
struct CocoCaption {
    image_id: u64,
    caption: String,
}

impl DataFolder {
    /// `captions.json`; `None` when the folder has none.
    ///
    /// # Errors
    /// When the labels cannot be read, or a labelled photo is not there.
    pub fn captions(&self, part: Part) -> Result<Option<Vec<CaptionedPhoto>>, DataError> {
        self.sentences("captions.json", part)
    }

    /// `coco_captions.json`; `None` when the folder has none.
    ///
    /// # Errors
    /// As [`DataFolder::captions`].
    pub fn coco_captions(&self, part: Part) -> Result<Option<Vec<CaptionedPhoto>>, DataError> {
        self.sentences("coco_captions.json", part)
    }

    /// The photos of `coco_classes.json`, with the sentences of `coco_captions.json` where there are any; `None` when the
    /// folder has no classes.
    ///
    /// # Errors
    /// When labels cannot be read, a labelled photo is not there, or a class is none of COCO's.
    pub fn named(&self, part: Part) -> Result<Option<Vec<NamedPhoto>>, DataError> {
        let Some(photos) = self.coco_classes(part)? else { return Ok(None) };
        let captioned = self.coco_captions(part)?.unwrap_or_default();
        let mut captions: BTreeMap<String, Vec<String>> =
            captioned.into_iter().map(|photo| (photo.name, photo.captions)).collect();
        let named = photos.into_iter().map(|photo| NamedPhoto {
            captions: captions.remove(&photo.name).unwrap_or_default(),
            classes: photo.classes.into_iter().collect(),
            large: None,
            name: photo.name,
            file: photo.file,
        });
        Ok(Some(named.collect()))
    }

    /// The photos of `mini_instances.json` with the sentences of `mini_captions.json`; `None` when the folder lacks either.
    ///
    /// # Errors
    /// As [`DataFolder::captions`].
    pub fn mini_named(&self, part: Part) -> Result<Option<Vec<NamedPhoto>>, DataError> {
        let Some(photos) = self.mini_instances(part)? else { return Ok(None) };
        let Some((_, CocoFile { annotations })) = self.labels("mini_captions.json")? else { return Ok(None) };
        let mut captions: BTreeMap<u64, Vec<String>> = BTreeMap::new();
        for CocoCaption { image_id, caption } in annotations {
            captions.entry(image_id).or_default().push(caption);
        }
        let (dataset, mut files) = (photos.dataset, photos.files);
        let named = dataset.images.into_iter().filter_map(|image| {
            let labels = || dataset.annotations.iter().filter(|label| label.image_id == image.id);
            let large = labels().filter(|label| label.area > MEDIUM && label.iscrowd == 0);
            Some(NamedPhoto {
                file: files.remove(&image.id)?,
                classes: labels().map(|label| label.category_id).collect(),
                large: Some(large.map(|label| label.category_id).collect()),
                captions: captions.remove(&image.id).unwrap_or_default(),
                name: image.file_name,
            })
        });
        Ok(Some(named.collect()))
    }

    fn sentences(&self, file: &str, part: Part) -> Result<Option<Vec<CaptionedPhoto>>, DataError> {
        let Some((_, File { captions })) = self.labels(file)? else { return Ok(None) };
        let photos = captions.into_iter().filter(|(name, _)| part.has(name));
        let found = photos.map(|(name, captions)| {
            let file = self.photo(&name)?;
            Ok(CaptionedPhoto { name, file, captions })
        });
        found.collect::<Result<_, _>>().map(Some)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_sizes_and_sentences_are_joined() {
        let root = std::env::temp_dir().join(format!("lookout-captioned-{}", std::process::id()));
        for folder in ["photos/coco", "photos/mini"] {
            std::fs::create_dir_all(root.join(folder)).expect("a writable temporary folder");
        }
        image::RgbImage::new(4, 2).save(root.join("photos/coco/p1.webp")).expect("a writable folder");
        image::RgbImage::new(4, 2).save(root.join("photos/mini/p17.webp")).expect("a writable folder");
        let write = |name: &str, text: &str| std::fs::write(root.join(name), text).expect("a writable folder");
        let data = DataFolder::open(&root);
        assert!(data.named(Part::All).expect("nothing to read").is_none());
        assert!(data.mini_named(Part::All).expect("nothing to read").is_none());
        write("coco_classes.json", r#"{"classes": {"coco/p1": ["giraffe", "zebra"]}}"#);
        write("coco_captions.json", r#"{"captions": {"coco/p1": ["Two giraffes ."]}}"#);
        let [photo] = &data.named(Part::All).expect("labels").expect("there are labels")[..] else { panic!("one") };
        assert_eq!((&photo.classes, &photo.large), (&BTreeSet::from([24, 25]), &None));
        assert_eq!(photo.captions, ["Two giraffes ."]);
        let label = |class: u16, area: f64| {
            format!(r#"{{"image_id": 7, "category_id": {class}, "bbox": [0, 0, 1, 1], "area": {area}}}"#)
        };
        let image = r#"{"id": 7, "file_name": "p17.jpg", "width": 4, "height": 2}"#;
        let labels = format!(
            r#"{{"images": [{image}], "annotations": [{}, {}], "categories": []}}"#,
            label(18, 9e4),
            label(37, 20.0)
        );
        write("mini_instances.json", &labels);
        write("mini_captions.json", r#"{"annotations": [{"image_id": 7, "caption": "A dog with a ball."}]}"#);
        let [photo] = &data.mini_named(Part::Dev).expect("labels").expect("there are labels")[..] else {
            panic!("one")
        };
        assert_eq!((&photo.classes, &photo.large), (&BTreeSet::from([18, 37]), &Some(BTreeSet::from([18]))));
        assert_eq!(photo.captions, ["A dog with a ball."]);
        std::fs::remove_dir_all(&root).expect("it was just made");
    }
}
