//! Training of R-CNN.

use anyhow::{Context, Result};
use model::{
    data::folder::Part,
    heads::rcnn::INPUT,
    random::Random,
    structures::classes::COCO,
    train::{
        course::write,
        detection_labels::Labels,
        labels::Folder,
        rcnn::{crop_cache::CropCache, solve},
        teacher::TeacherBoxes,
    },
};

use crate::{Arguments, detector};

/// Photos to learn from.
const PHOTOS: usize = 2000;

/// Computes the features of crops, solves the classifiers and the corrections, and writes both.
pub fn train(arguments: &Arguments, folder: &Folder) -> Result<()> {
    let photos = photos(arguments, folder)?;
    let detector = detector(arguments)?;
    let path = arguments.cache.join(format!("rcnn-{INPUT}.crops"));
    let done = |count: usize| {
        if count.is_multiple_of(50) {
            println!("crops of {count} of {} photos", photos.len());
        }
    };
    let cache = CropCache::open(&path, &photos, folder, detector.backbone(), &done)?;
    println!("{} crops", cache.crops.len());
    let labels: Vec<&Labels> = photos.iter().map(|photo| &photo.1).collect();
    let solved = |column: usize, positives: usize| println!("{}: {positives} positives", COCO[column].1);
    let bytes = solve(&cache.crops, &labels, &solved)?.pack()?;
    std::fs::create_dir_all(&arguments.out)?;
    let path = arguments.out.join("rcnn.bpk");
    write(&path, &bytes)?;
    println!("{}: {} bytes", path.display(), bytes.len());
    Ok(())
}

/// Photos of the training part in a random order, with what is known about their objects.
fn photos(arguments: &Arguments, folder: &Folder) -> Result<Vec<(String, Labels)>> {
    let path = arguments.cache.join("voc.teacher.json");
    let teacher: TeacherBoxes = match std::fs::read(&path) {
        Ok(bytes) => serde_json::from_slice(&bytes).with_context(|| path.display().to_string())?,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => TeacherBoxes::new(),
        Err(error) => return Err(error).with_context(|| path.display().to_string()),
    };
    let mut boxed = folder.data().voc(Part::Train)?.context("there is no voc.json")?;
    Random::new(arguments.seed).shuffle(&mut boxed);
    boxed.truncate(arguments.steps.unwrap_or(PHOTOS));
    let labels = |name: &String, objects: &[_]| Labels::boxed(objects, teacher.get(name).map(Vec::as_slice));
    Ok(boxed.into_iter().map(|photo| (photo.name.clone(), labels(&photo.name, &photo.objects))).collect())
}
