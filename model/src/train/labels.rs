//! The labels of the training photos, as `README.md` beside them describes.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use image::GrayImage;

use super::TrainError;
use crate::{
    data::folder::{DataFolder, Part},
    photo::Photo,
    structures::boxes::BBox,
};

/// A folder of photos and labels.
#[derive(Debug)]
pub struct Folder {
    root: PathBuf,
    data: DataFolder,
    /// Masks that were made here, by set and name of the photo.
    made: Option<PathBuf>,
}

impl Folder {
    /// The folder at `root`.
    #[must_use]
    pub fn new(root: &Path) -> Self {
        Self { root: root.to_owned(), data: DataFolder::open(root), made: None }
    }

    /// The same folder with masks that lie elsewhere, for photos that have no other.
    #[must_use]
    pub fn with_made(self, masks: &Path) -> Self {
        Self { made: Some(masks.to_owned()), ..self }
    }

    /// What measuring reads of it.
    #[must_use]
    pub const fn data(&self) -> &DataFolder {
        &self.data
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

    /// A photo's class mask: the people's, or else the teacher's, or else one that was made; `None` when it has none.
    ///
    /// # Errors
    /// When the file is no picture.
    pub fn mask(&self, name: &str) -> Result<Option<GrayImage>, TrainError> {
        let given = ["truth", "teacher"].map(|kind| self.root.join(format!("masks/{kind}/{name}.png")));
        let made = self.made.as_ref().map(|folder| folder.join(format!("{name}.png")));
        let Some(path) = given.into_iter().chain(made).find(|path| path.is_file()) else { return Ok(None) };
        let mask = image::open(&path).map_err(|error| TrainError::Mask(path.display().to_string(), error))?;
        Ok(Some(mask.into_luma8()))
    }

    /// The animals of photos: classes, as indices into [`crate::structures::location::CLASSES`], and boxes in fractions of the photo.
    ///
    /// # Errors
    /// When `animals.json` is not there or cannot be read.
    pub fn animals(&self) -> Result<BTreeMap<String, Vec<(usize, BBox)>>, TrainError> {
        let photos = self.data.animals(Part::All)?.ok_or_else(|| TrainError::NoData("animals.json".into()))?;
        Ok(photos.into_iter().map(|photo| (photo.name, photo.animals)).collect())
    }

    /// The sentences about photos.
    ///
    /// # Errors
    /// When `captions.json` is not there or cannot be read.
    pub fn captions(&self) -> Result<BTreeMap<String, Vec<String>>, TrainError> {
        let photos = self.data.captions(Part::All)?.ok_or_else(|| TrainError::NoData("captions.json".into()))?;
        Ok(photos.into_iter().map(|photo| (photo.name, photo.captions)).collect())
    }
}

/// Whether a photo is kept back to measure on: itself, or its twin. The first segmentation photos of PASCAL VOC are in our
/// data twice, as the challenge of 2007 names them (`000063`) and as the later ones do (`2007_000063`).
#[must_use]
pub fn kept_back(photo: &str) -> bool {
    let name = photo.rsplit('/').next().unwrap_or(photo);
    let twin = name.strip_prefix("2007_").map_or_else(|| format!("2007_{name}"), str::to_owned);
    Part::Dev.has(name) || Part::Dev.has(&twin)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twins_are_kept_back_together() {
        let names: Vec<String> = (0..300).map(|number| format!("{number:06}")).collect();
        let twin = |name: &String| format!("animals/2007_{name}");
        assert!(names.iter().all(|name| kept_back(&format!("voc/{name}")) == kept_back(&twin(name))));
        let parted = |name: &&String| Part::Dev.has(name) != Part::Dev.has(&twin(name));
        assert!(names.iter().filter(parted).all(|name| kept_back(name)) && names.iter().any(|name| !kept_back(name)));
    }
}
