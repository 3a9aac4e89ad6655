//! A folder of photos with labels of several kinds: boxes, class maps, captions, people. No kind covers all photos, and a
//! folder need not have all kinds.

mod captioned;
mod detection;
mod photos;

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    io,
    path::{Path, PathBuf},
};

use image::DynamicImage;
use serde::Deserialize;

pub use self::captioned::{CaptionedPhoto, NamedPhoto};
pub use self::detection::{BoxedObject, BoxedPhoto, ClassedPhoto, VOC_IDS};
pub(crate) use self::photos::Photos;
use crate::{
    coco::{Dataset, stem},
    photo::PhotoError,
    structures::{boxes::BBox, location},
};

/// Of ten parts of the photos, by the checksum of their names, this one is for measuring.
const DEV: u32 = 7;

/// Which photos are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Those whose CRC-32 of the file name without its ending leaves 7 when divided by 10.
    Dev,
    /// All others.
    Train,
    /// All.
    All,
}

impl Part {
    /// Whether the photo of this name belongs to it.
    #[must_use]
    pub fn has(self, name: &str) -> bool {
        let dev = crc32fast::hash(stem(name).as_bytes()) % 10 == DEV;
        match self {
            Self::Dev => dev,
            Self::Train => !dev,
            Self::All => true,
        }
    }
}

/// Why a data set cannot be measured on.
#[derive(Debug, thiserror::Error)]
pub enum DataError {
    /// The labels could not be read.
    #[error("{}: {}", .0.display(), .1)]
    Unreadable(PathBuf, io::Error),
    /// The labels are not in their format.
    #[error("{}: {}", .0.display(), .1)]
    Json(PathBuf, serde_json::Error),
    /// A photo's size could not be found out.
    #[error("{}: {}", .0.display(), .1)]
    Photo(PathBuf, PhotoError),
    /// Labels are not what they should be.
    #[error("{}: {}", .0.display(), .1)]
    Labels(PathBuf, String),
    /// A labelled photo is not there.
    #[error("there is no photo {} in {}", .0, .1.display())]
    MissingPhoto(String, PathBuf),
    /// None of the labelled photos is there.
    #[error("none of the {} photos labelled in {} is in {}", .labelled, .labels.display(), .photos.display())]
    NoPhotos {
        /// Photos in the labels.
        labelled: usize,
        /// The labels.
        labels: PathBuf,
        /// Where photos were looked for.
        photos: PathBuf,
    },
}

/// A folder with its photos listed; labels are read when they are asked for.
#[derive(Debug)]
pub struct DataFolder {
    root: PathBuf,
    photos: Photos,
}

/// A photo and the animals in it.
#[derive(Clone, Debug)]
pub struct AnimalPhoto {
    /// Its name in the labels.
    pub name: String,
    /// Its file.
    pub file: PathBuf,
    /// A class, as its index into [`location::CLASSES`], and a box in fractions of the photo for each.
    pub animals: Vec<(usize, BBox)>,
}

/// A photo with a class map.
#[derive(Clone, Debug)]
pub struct MappedPhoto {
    /// Its name without its folder.
    pub name: String,
    /// Its file.
    pub file: PathBuf,
    /// The file of its class map; see [`LabelMap::open`].
    pub map: PathBuf,
}

/// COCO's labels with the photos that they are for.
#[derive(Clone, Debug)]
pub struct CocoPhotos {
    /// The labels.
    pub dataset: Dataset,
    /// Each photo's file by its number.
    pub files: HashMap<u64, PathBuf>,
}

impl DataFolder {
    /// Lists the photos under `photos`.
    #[must_use]
    pub fn open(root: &Path) -> Self {
        Self { root: root.to_owned(), photos: Photos::of(&root.join("photos")) }
    }

    /// `animals.json`; `None` when the folder has none.
    ///
    /// # Errors
    /// When the labels cannot be read, a labelled photo is not there, or a class is not one of [`location::CLASSES`].
    pub fn animals(&self, part: Part) -> Result<Option<Vec<AnimalPhoto>>, DataError> {
        #[derive(Deserialize)]
        struct File {
            boxes: BTreeMap<String, Vec<Animal>>,
        }
        #[derive(Deserialize)]
        struct Animal {
            class: String,
            #[serde(rename = "box")]
            corners: [f32; 4],
        }
        let Some((labels, File { boxes })) = self.labels("animals.json")? else { return Ok(None) };
        let photos = boxes.into_iter().filter(|(name, _)| part.has(name));
        let found = photos.map(|(name, animals)| {
            let of_animal = |Animal { class, corners: [x0, y0, x1, y1] }: Animal| {
                let index = location::CLASSES.iter().position(|&it| it == class);
                let index =
                    index.ok_or_else(|| DataError::Labels(labels.clone(), format!("{class} is no known class")))?;
                Ok((index, BBox::new(x0, y0, x1, y1)))
            };
            let animals = animals.into_iter().map(of_animal).collect::<Result<_, _>>()?;
            let file = self.photo(&name)?;
            Ok(AnimalPhoto { name, file, animals })
        });
        found.collect::<Result<_, _>>().map(Some)
    }

    /// The true class maps of a set of photos, in `masks/truth/SET`; `None` when the folder has none.
    ///
    /// # Arguments
    /// * `set` - "animals", or "voc" for photos of all classes.
    ///
    /// # Errors
    /// When they cannot be listed, or a labelled photo is not there.
    pub fn true_maps(&self, set: &str, part: Part) -> Result<Option<Vec<MappedPhoto>>, DataError> {
        let folder = self.root.join("masks/truth").join(set);
        let unreadable = |error| DataError::Unreadable(folder.clone(), error);
        let entries = match std::fs::read_dir(&folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            entries => entries.map_err(unreadable)?,
        };
        let mut maps = Vec::new();
        for entry in entries {
            let map = entry.map_err(unreadable)?.path();
            let name = map.file_name().map_or_else(String::new, |name| stem(&name.to_string_lossy()).to_owned());
            if map.extension().is_some_and(|ending| ending == "png") && part.has(&name) {
                maps.push(MappedPhoto { file: self.photo(&format!("{set}/{name}"))?, name, map });
            }
        }
        maps.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(Some(maps))
    }

    /// `mini_instances.json` with the photos in `photos/mini`; `None` when the folder has none.
    ///
    /// # Errors
    /// As [`DataFolder::captions`].
    pub fn mini_instances(&self, part: Part) -> Result<Option<CocoPhotos>, DataError> {
        let Some((_, mut dataset)) = self.labels::<Dataset>("mini_instances.json")? else { return Ok(None) };
        dataset.images.retain(|image| part.has(&image.file_name));
        let kept: HashSet<u64> = dataset.images.iter().map(|image| image.id).collect();
        dataset.annotations.retain(|label| kept.contains(&label.image_id));
        let file = |image: &crate::coco::Image| Ok((image.id, self.photo(&format!("mini/{}", image.file_name))?));
        let files = dataset.images.iter().map(file).collect::<Result<_, DataError>>()?;
        Ok(Some(CocoPhotos { dataset, files }))
    }

    /// The file of a photo that labels name with or without its ending.
    fn photo(&self, name: &str) -> Result<PathBuf, DataError> {
        let file = self.photos.find(name).map(Path::to_owned);
        file.ok_or_else(|| DataError::MissingPhoto(name.to_owned(), self.photos.folder().to_owned()))
    }

    /// A file of labels, with its path.
    fn labels<T: serde::de::DeserializeOwned>(&self, name: &str) -> Result<Option<(PathBuf, T)>, DataError> {
        let path = self.root.join(name);
        match read_json(&path) {
            Err(DataError::Unreadable(_, error)) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            labels => Ok(Some((path, labels?))),
        }
    }
}

/// Reads a file of labels.
pub(crate) fn read_json<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T, DataError> {
    let bytes = std::fs::read(path).map_err(|error| DataError::Unreadable(path.to_owned(), error))?;
    serde_json::from_slice(&bytes).map_err(|error| DataError::Json(path.to_owned(), error))
}

/// A labelled class map.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LabelMap {
    /// Width and height in pixels.
    pub size: (usize, usize),
    /// An index into [`crate::structures::class_map::CLASSES`] for each pixel, row by row, or 255 where nothing is said.
    pub labels: Vec<u8>,
}

impl LabelMap {
    /// Reads a PNG whose grey values are classes.
    ///
    /// # Errors
    /// When it cannot be read, or is not grey with 8 bits (a palette's indices would be lost).
    pub fn open(path: &Path) -> Result<Self, DataError> {
        let bytes = std::fs::read(path).map_err(|error| DataError::Unreadable(path.to_owned(), error))?;
        match image::load_from_memory_with_format(&bytes, image::ImageFormat::Png) {
            Ok(DynamicImage::ImageLuma8(map)) => {
                let (width, height) = map.dimensions();
                Ok(Self { size: (width as usize, height as usize), labels: map.into_raw() })
            }
            Ok(_) => Err(DataError::Labels(path.to_owned(), "a class map must be grey with 8 bits".into())),
            Err(error) => Err(DataError::Labels(path.to_owned(), error.to_string())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_disjoint() {
        // zlib's crc32 of "p1" is 1060662067, of "p17" 3578795007; "p2" ends otherwise.
        assert!(Part::Dev.has("coco/p1.webp") && Part::Dev.has("p17") && !Part::Dev.has("p2"));
        let names: Vec<String> = (0..1000).map(|i| format!("coco/COCO_train2014_{i:012}.webp")).collect();
        let dev = names.iter().filter(|name| Part::Dev.has(name)).count();
        assert!((60..140).contains(&dev), "{dev}");
        assert!(names.iter().all(|name| Part::Dev.has(name) != Part::Train.has(name) && Part::All.has(name)));
    }

    /// A folder with one animal's photo, its map, and captions for two photos of which one is missing.
    fn folder() -> PathBuf {
        let root = std::env::temp_dir().join(format!("lookout-data-folder-{}", std::process::id()));
        std::fs::create_dir_all(root.join("photos/animals")).expect("a writable temporary folder");
        std::fs::create_dir_all(root.join("masks/truth/animals")).expect("a writable temporary folder");
        image::RgbImage::new(4, 2).save(root.join("photos/animals/p1.webp")).expect("a writable folder");
        let map = image::GrayImage::from_raw(4, 2, vec![0, 0, 12, 12, 0, 255, 12, 12]).expect("eight pixels");
        map.save(root.join("masks/truth/animals/p1.png")).expect("a writable folder");
        let animals = r#"{"boxes": {"animals/p1": [{"class": "dog", "box": [0.5, 0, 1, 1]}]}}"#;
        std::fs::write(root.join("animals.json"), animals).expect("a writable folder");
        let captions = r#"{"captions": {"animals/p1": ["A dog ."], "captioned/p2": ["Nobody ."]}}"#;
        std::fs::write(root.join("captions.json"), captions).expect("a writable folder");
        root
    }

    #[test]
    fn each_kind_of_labels_is_read_and_missing_photos_are_errors() {
        let root = folder();
        let data = DataFolder::open(&root);
        let animals = data.animals(Part::All).expect("labels and a photo").expect("there are labels");
        assert_eq!(animals[0].animals, [(11, BBox::new(0.5, 0.0, 1.0, 1.0))]);
        assert!(animals[0].file.ends_with("photos/animals/p1.webp"));
        let maps = data.true_maps("animals", Part::Dev).expect("a map and a photo").expect("there are maps");
        let map = LabelMap::open(&maps[0].map).expect("a grey map");
        assert_eq!((map.size, &map.labels[..3]), ((4, 2), &[0, 0, 12][..]));
        assert!(data.true_maps("animals", Part::Train).expect("it can be listed").expect("there are maps").is_empty());
        assert!(LabelMap::open(&maps[0].file).is_err(), "a photo is no map");
        assert!(data.mini_instances(Part::All).expect("nothing to read").is_none());
        let dev = data.captions(Part::Dev).expect("its photo is there").expect("there are captions");
        assert_eq!((dev.len(), &dev[0].captions[0][..]), (1, "A dog ."));
        assert!(matches!(data.captions(Part::All), Err(DataError::MissingPhoto(name, _)) if name == "captioned/p2"));
        std::fs::remove_dir_all(&root).expect("it was just made");
    }
}
