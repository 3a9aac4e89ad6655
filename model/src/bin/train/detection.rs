//! What the region systems learn from: the backbone's maps at their input, and the teacher's boxes.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};
use burn::tensor::Device;
use clap::Args;
use model::{
    data::folder::{BoxedPhoto, Part},
    heads::ssd::Ssd,
    random::Random,
    train::{
        course::write,
        detection_cache::{DetectionCache, Layout, Place},
        detection_labels::Labels,
        detection_measure::{Example, Measured},
        faster_rcnn::{FILES, FasterRcnnLesson, RegionFamily, checkpoint},
        labels::Folder,
        teacher::{self, TeacherBoxes},
        view::View,
        yolo::YoloLesson,
    },
};

use crate::{Arguments, detector};

/// What the region systems learn from.
#[derive(Args)]
pub struct Sources {
    /// Caches of photos that region systems learn from: voc (whole photos and their mirror images), voc-crops, coco,
    /// coco-crops.
    #[arg(long, value_delimiter = ',', default_value = "voc")]
    photos: Vec<String>,
    /// Random views of a photo in a cache of crops.
    #[arg(long, default_value_t = 2)]
    crops: usize,
    /// Have the teacher look at overlapping tiles too, which takes it three times as long.
    #[arg(long)]
    tiles: bool,
    /// Do not ask the teacher: only VOC's classes are learnt; for localize only those photos of coco that have none of them.
    #[arg(long)]
    pub untaught: bool,
    /// Share of the batches that photos of coco have, where their caches are among --photos.
    #[arg(long, default_value_t = 0.4)]
    coco_share: f32,
    /// Photos of the dev part that are measured on while training.
    #[arg(long, default_value_t = 200)]
    measured: usize,
}

/// A crop keeps at least this share of each side of the photo.
const LEAST: f32 = 0.5;

impl Sources {
    /// The sets of photos behind the caches: voc, coco.
    pub fn sets(&self) -> Vec<&str> {
        let mut sets: Vec<&str> = self.photos.iter().map(|cache| cache.trim_end_matches("-crops")).collect();
        sets.dedup();
        sets
    }

    /// The views in a cache.
    fn views(&self, cache: &str, folder: &Folder) -> Result<Vec<View>> {
        let (set, cropped) = cache.strip_suffix("-crops").map_or((cache, false), |set| (set, true));
        let mut random = Random::new(3);
        let mut views = Vec::new();
        for photo in labelled(set, folder)? {
            let learnt = Part::Train.has(&photo);
            if cropped {
                let count = if learnt { self.crops } else { 0 };
                views.extend((0..count).map(|_| View::random(&photo, LEAST, &mut random)));
                continue;
            }
            let whole = View::whole(&photo);
            if learnt {
                views.push(View { mirror: true, ..whole.clone() });
            }
            views.push(whole);
        }
        Ok(views)
    }
}

/// The labelled photos of a set.
fn labelled(set: &str, folder: &Folder) -> Result<Vec<String>> {
    let data = folder.data();
    Ok(match set {
        "voc" => {
            let photos = data.voc(Part::All)?.context("there is no voc.json")?;
            photos.into_iter().map(|photo| photo.name).collect()
        }
        "coco" => {
            let photos = data.coco_classes(Part::Train)?.context("there is no coco_classes.json")?;
            photos.into_iter().map(|photo| photo.name).collect()
        }
        _ => anyhow::bail!("{set} is no set of photos with labels for detection: voc, coco"),
    })
}

/// Opens the caches of maps.
pub fn caches(arguments: &Arguments, layout: Layout) -> Result<Vec<DetectionCache>> {
    let (folder, ssd) = (Folder::new(&arguments.data), detector(arguments)?);
    let open = |cache: &String| {
        let views = arguments.sources.views(cache, &folder)?;
        println!("{cache}: {} views", views.len());
        let name = if layout == Layout::REGIONS { cache.clone() } else { format!("{cache}-{}", layout.input) };
        let path = arguments.cache.join(format!("{name}.maps"));
        Ok(DetectionCache::open(&path, views, layout, &folder, ssd.backbone(), &Device::flex())?)
    };
    arguments.sources.photos.iter().map(open).collect()
}

/// The teacher's boxes on the photos of all sets.
pub fn teacher_boxes(arguments: &Arguments) -> Result<TeacherBoxes> {
    let mut boxes = TeacherBoxes::new();
    for set in arguments.sources.sets() {
        boxes.extend(teacher_of(arguments, set)?);
    }
    Ok(boxes)
}

/// The teacher's boxes on the photos of a set.
pub fn teacher_of(arguments: &Arguments, set: &str) -> Result<TeacherBoxes> {
    let (folder, ssd): (_, Ssd) = (Folder::new(&arguments.data), detector(arguments)?);
    let names = labelled(set, &folder)?;
    let path = arguments.cache.join(format!("{set}.teacher.json"));
    let done = |count: usize| println!("{set}: the teacher has seen {count} of {} photos", names.len());
    Ok(teacher::boxes(&path, &names, arguments.sources.tiles, &folder, &ssd, &done)?)
}

/// What is known about the objects of every photo.
fn labels(arguments: &Arguments, folder: &Folder, boxed: &[BoxedPhoto]) -> Result<BTreeMap<String, Labels>> {
    let taught = !arguments.sources.untaught;
    let teacher = if taught { teacher_boxes(arguments)? } else { TeacherBoxes::new() };
    let seen = |name: &String| -> Result<Option<&[teacher::TeacherBox]>> {
        let boxes = teacher.get(name).map(Vec::as_slice);
        ensure!(!taught || boxes.is_some(), "the teacher has not seen {name}");
        Ok(boxes)
    };
    let mut labels = BTreeMap::new();
    for photo in boxed {
        labels.insert(photo.name.clone(), Labels::boxed(&photo.objects, seen(&photo.name)?));
    }
    if arguments.sources.sets().contains(&"coco") {
        ensure!(taught, "photos of coco have no boxes but the teacher's");
        for photo in folder.data().coco_classes(Part::Train)?.context("there is no coco_classes.json")? {
            let boxes = seen(&photo.name)?.unwrap_or_default();
            labels.insert(photo.name.clone(), Labels::classed(&photo.classes, boxes));
        }
    }
    Ok(labels)
}

/// Caches with what to learn from them and what to measure on.
struct Data {
    caches: Vec<DetectionCache>,
    /// Groups of views, each with its share of the batches.
    groups: Vec<(f32, Vec<Example>)>,
    dev: Vec<Measured>,
}

/// Every view of the training part to learn from, whole photos of VOC's dev part to measure on.
fn data(arguments: &Arguments, folder: &Folder, layout: Layout) -> Result<Data> {
    let boxed = folder.data().voc(Part::All)?.context("there is no voc.json")?;
    let labels = labels(arguments, folder, &boxed)?;
    let caches = caches(arguments, layout)?;
    let objects: BTreeMap<&str, &BoxedPhoto> = boxed.iter().map(|photo| (photo.name.as_str(), photo)).collect();
    let (mut voc, mut coco, mut dev) = (vec![], vec![], vec![]);
    for (cache, it) in caches.iter().enumerate() {
        for (view, seen) in it.views.iter().enumerate() {
            let (place, photo) = (Place { cache, view }, objects.get(seen.photo.as_str()));
            if Part::Dev.has(&seen.photo) {
                dev.extend(photo.map(|photo| Measured { place, objects: photo.objects.clone() }));
                continue;
            }
            let labels = labels.get(&seen.photo).with_context(|| format!("{} has no labels", seen.photo))?;
            let group = if photo.is_some() { &mut voc } else { &mut coco };
            group.push(Example { place, labels: labels.in_view(seen) });
        }
    }
    println!("{} views of voc, {} of coco, {} photos to measure on", voc.len(), coco.len(), dev.len());
    dev.truncate(arguments.sources.measured);
    let share = if coco.is_empty() { 0.0 } else { arguments.sources.coco_share };
    let mut groups = vec![(1.0 - share, voc), (share, coco)];
    groups.retain(|(_, examples)| !examples.is_empty());
    Ok(Data { caches, groups, dev })
}

/// Faster R-CNN with its data.
pub fn faster_rcnn(arguments: &Arguments, folder: &Folder) -> Result<FasterRcnnLesson> {
    let Data { caches, groups, dev } = data(arguments, folder, Layout::REGIONS)?;
    Ok(FasterRcnnLesson::new(caches, groups, dev, arguments.batch.unwrap_or(4))?)
}

/// YOLO with its data.
pub fn yolo(arguments: &Arguments, folder: &Folder) -> Result<YoloLesson> {
    let Data { caches, groups, dev } = data(arguments, folder, Layout::YOLO)?;
    Ok(YoloLesson::new(caches, groups, dev, arguments.batch.unwrap_or(16))?)
}

/// The checkpoint in the files of the region systems in a folder, as one file in the folder of the run.
pub fn joined_checkpoint(folder: &Path, run: &Path) -> Result<PathBuf> {
    std::fs::create_dir_all(run)?;
    let path = run.join("from.bpk");
    write(&path, &checkpoint(|name| std::fs::read(folder.join(name).with_extension("bpk")).ok())?)?;
    Ok(path)
}

/// Writes the files of the region systems.
pub fn write_files(arguments: &Arguments, head: &RegionFamily) -> Result<()> {
    std::fs::create_dir_all(&arguments.out)?;
    for (name, bytes) in FILES.into_iter().zip(head.files()?) {
        let path = arguments.out.join(format!("{name}.bpk"));
        write(&path, &bytes)?;
        println!("{}: {} bytes", path.display(), bytes.len());
    }
    Ok(())
}
