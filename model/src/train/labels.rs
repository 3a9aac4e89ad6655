//! The labels of the training photos, as `README.md` beside them describes.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use image::GrayImage;
use serde::Deserialize;

use super::TrainError;
use crate::{boxes::BBox, photo::Photo};

/// A labelled box of `animals.json`.
#[derive(Clone, Debug, PartialEq)]
pub struct Animal {
    /// dog, cat, horse, sheep or cow.
    pub class: String,
    /// In fractions of the photo.
    pub bbox: BBox,
}

/// A folder of photos and labels.
#[derive(Clone, Debug)]
pub struct Folder {
    root: PathBuf,
}

impl Folder {
    /// The folder at `root`.
    #[must_use]
    pub fn new(root: &Path) -> Self {
        Self { root: root.to_owned() }
    }

    /// The photos of a set, by name.
    ///
    /// # Errors
    /// When the set's folder cannot be listed.
    pub fn photos(&self, set: &str) -> Result<Vec<String>, TrainError> {
        let folder = self.root.join("photos").join(set);
        let entries = std::fs::read_dir(&folder).map_err(TrainError::file(&folder))?;
        let names = entries.filter_map(|entry| entry.ok()?.path().file_stem()?.to_str().map(str::to_owned));
        let mut names: Vec<String> = names.map(|name| format!("{set}/{name}")).collect();
        names.sort();
        Ok(names)
    }

    /// Opens a photo by set and name.
    ///
    /// # Errors
    /// When it is not there or is no photo.
    pub fn photo(&self, name: &str) -> Result<Photo, TrainError> {
        let path = self.root.join(format!("photos/{name}.webp"));
        Photo::open(&path).map_err(|error| TrainError::Photo(path.display().to_string(), error))
    }

    /// Whether a photo's mask was drawn by people.
    #[must_use]
    pub fn has_truth(&self, name: &str) -> bool {
        self.root.join(format!("masks/truth/{name}.png")).is_file()
    }

    /// A photo's class mask: the people's, or else the teacher's; `None` when it has neither.
    ///
    /// # Errors
    /// When the file is no picture.
    pub fn mask(&self, name: &str) -> Result<Option<GrayImage>, TrainError> {
        let paths = ["truth", "teacher"].map(|kind| self.root.join(format!("masks/{kind}/{name}.png")));
        let Some(path) = paths.into_iter().find(|path| path.is_file()) else { return Ok(None) };
        let mask = image::open(&path).map_err(|error| TrainError::Mask(path.display().to_string(), error))?;
        Ok(Some(mask.into_luma8()))
    }

    /// The boxes of `animals.json` by photo.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn animals(&self) -> Result<BTreeMap<String, Vec<Animal>>, TrainError> {
        #[derive(Deserialize)]
        struct File {
            boxes: BTreeMap<String, Vec<Listed>>,
        }
        #[derive(Deserialize)]
        struct Listed {
            class: String,
            #[serde(rename = "box")]
            bbox: [f32; 4],
        }
        let File { boxes } = self.json("animals.json")?;
        let animal = |Listed { class, bbox: [x0, y0, x1, y1] }| Animal { class, bbox: BBox::new(x0, y0, x1, y1) };
        Ok(boxes.into_iter().map(|(photo, listed)| (photo, listed.into_iter().map(animal).collect())).collect())
    }

    /// The sentences of `captions.json` by photo.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn captions(&self) -> Result<BTreeMap<String, Vec<String>>, TrainError> {
        #[derive(Deserialize)]
        struct File {
            captions: BTreeMap<String, Vec<String>>,
        }
        Ok(self.json::<File>("captions.json")?.captions)
    }

    fn json<T: serde::de::DeserializeOwned>(&self, name: &str) -> Result<T, TrainError> {
        let path = self.root.join(name);
        let text = std::fs::read(&path).map_err(TrainError::file(&path))?;
        serde_json::from_slice(&text).map_err(|error| TrainError::Json(path.display().to_string(), error))
    }
}
