//! Which photos each head learns from, and which it is measured on.

use anyhow::{Result, ensure};
use burn::tensor::Device;
use indicatif::ProgressIterator;
use model::{
    boxes::{BBox, Suppression, suppress},
    class_map,
    data_folder::Part,
    location::CLASSES,
    systems::ssd::{INPUT, Seen, Ssd},
    trace::Trace,
    train::{
        bank::{Bank, Map, Place, SPREAD, features},
        caption::Captions,
        labels::{Animal, Folder},
        localize::{Localize, Thing},
        mask::{Instance, Masks, Scene, agreed, instances},
        segment::Segment,
        view::View,
    },
};

/// Words that are rarer than this in the training captions are not learnt.
const LEAST: usize = 5;

/// COCO's category ids of the class map's classes.
const COCO_IDS: [u16; 21] = [0, 5, 2, 16, 9, 44, 6, 3, 17, 62, 21, 67, 18, 19, 4, 1, 64, 20, 63, 7, 72];

/// Every view of the banks.
fn views(banks: &[Bank]) -> impl Iterator<Item = (Place, &View)> {
    banks
        .iter()
        .enumerate()
        .flat_map(|(bank, it)| it.views.iter().enumerate().map(move |(view, it)| (Place { bank, view }, it)))
}

/// Class maps: people's masks weigh more than the teacher's.
pub fn segment(folder: &Folder, banks: Vec<Bank>, batch: usize) -> Segment {
    let (mut truth, mut teacher, mut dev) = (vec![], vec![], vec![]);
    for (place, View { photo, .. }) in views(&banks) {
        match (Part::Dev.has(photo), folder.has_truth(photo)) {
            (true, true) => dev.push(place),
            (true, false) => {}
            (false, true) => truth.push(place),
            (false, false) => teacher.push(place),
        }
    }
    println!(
        "{} views with truth, {} with the teacher's masks, {} to measure on",
        truth.len(),
        teacher.len(),
        dev.len()
    );
    Segment { banks, groups: vec![(0.6, truth), (0.4, teacher)], dev, batch }
}

/// The class mask's number of a class of `animals.json`.
fn voc_class(name: &str) -> Option<u8> {
    // 21 classes fit a byte.
    class_map::CLASSES.iter().position(|&it| it == name).map(|at| at as u8)
}

/// Masks: labelled boxes on animal photos, the detector's boxes with the teacher's masks on COCO's.
pub fn masks(folder: &Folder, banks: Vec<Bank>, detector: &Ssd, batch: usize) -> Result<Masks> {
    let animals = folder.animals()?;
    let (mut drawn, mut taught, mut dev) = (vec![], vec![], vec![]);
    for (place, view) in views(&banks).progress_count(banks.iter().map(|bank| bank.views.len() as u64).sum()) {
        let (labels, measured) = (banks[place.bank].labels(place.view)?, Part::Dev.has(&view.photo));
        let found: Vec<Instance> = match animals.get(&view.photo) {
            Some(listed) => {
                let boxed = |it: &Animal| Some((view.bbox(&it.bbox), voc_class(&it.class)?));
                instances(&listed.iter().filter_map(boxed).collect::<Vec<_>>(), &labels)
            }
            None if measured => continue,
            None => agreed(&detected(detector, &banks, place)?, &labels),
        };
        let group = match (measured, folder.has_truth(&view.photo)) {
            (true, true) => &mut dev,
            (true, false) => continue,
            (false, true) => &mut drawn,
            (false, false) => &mut taught,
        };
        if !found.is_empty() {
            group.push(Scene { place, instances: found });
        }
    }
    let things = |scenes: &[Scene]| scenes.iter().map(|scene| scene.instances.len()).sum::<usize>();
    println!(
        "{} things with truth, {} with the teacher's masks, {} to measure on",
        things(&drawn),
        things(&taught),
        things(&dev)
    );
    Ok(Masks { banks, groups: vec![(0.5, drawn), (0.5, taught)], dev, batch, things: 3 })
}

/// The detector's boxes of a view that are of one of the class map's classes, in fractions of the view.
fn detected(detector: &Ssd, banks: &[Bank], place: Place) -> Result<Vec<(BBox, u8)>> {
    let mut features = features(banks, &[place], &Device::flex())?;
    // The detector reads its two maps as they were.
    features.stride_16_wide = features.stride_16_wide * SPREAD[Map::Stride16 as usize];
    features.stride_32 = features.stride_32 * SPREAD[Map::Stride32 as usize];
    let maps = detector.maps(&features);
    let seen = Seen { photo: (INPUT as u32, INPUT as u32), features, maps };
    let found = pollster::block_on(detector.detect_in(&seen, &mut Trace::default()))?;
    let kept = suppress(&found, &Suppression { min_score: 0.4, ..Suppression::default() }).kept;
    let side = 1.0 / INPUT as f32;
    let boxed = kept.iter().filter_map(|&i| {
        let class = COCO_IDS.iter().position(|&id| id == found[i].class)?;
        Some((found[i].bbox.scale(side, side), class as u8))
    });
    Ok(boxed.collect())
}

/// Captions: whole photos.
pub fn captions(folder: &Folder, banks: &[Bank], batch: usize) -> Result<Captions> {
    let sentences = folder.captions()?;
    let captioned = views(banks).filter_map(|(place, view)| {
        let sentences = sentences.get(&view.photo)?.clone();
        Some((place, sentences, Part::Dev.has(&view.photo)))
    });
    let places: Vec<(Place, Vec<String>, bool)> = captioned.collect();
    ensure!(!places.is_empty(), "captions.json names none of the photos");
    Ok(Captions::new(banks, &places, LEAST, batch)?)
}

/// Classification + localization: the largest animal of a view; photos without one for the last class.
pub fn localize(folder: &Folder, banks: Vec<Bank>, batch: usize, box_weight: f32) -> Result<Localize> {
    let animals = folder.animals()?;
    let none = CLASSES.len() - 1;
    let numbers: Vec<u8> = CLASSES[..none].iter().filter_map(|name| voc_class(name)).collect();
    let (mut train, mut dev) = (vec![vec![]; CLASSES.len()], vec![]);
    for (place, view) in views(&banks) {
        let thing = match animals.get(&view.photo) {
            Some(listed) => {
                let Some(largest) = listed.iter().max_by(|a, b| a.bbox.area().total_cmp(&b.bbox.area())) else {
                    continue;
                };
                let Some(class) = CLASSES.iter().position(|&name| name == largest.class) else { continue };
                let whole = view.bbox(&largest.bbox);
                let bbox = whole.clip(1.0, 1.0);
                if bbox.area() < 0.5 * whole.area() {
                    continue; // a crop that has lost it
                }
                Thing { place, class, bbox: Some(bbox) }
            }
            None if banks[place.bank].labels(place.view)?.iter().any(|label| numbers.contains(label)) => continue,
            None => Thing { place, class: none, bbox: None },
        };
        if Part::Dev.has(&view.photo) {
            dev.push(thing);
        } else {
            train[thing.class].push(thing);
        }
    }
    ensure!(train.iter().all(|class| !class.is_empty()), "a class has no photo");
    println!("{:?} views a class, {} to measure on", train.iter().map(Vec::len).collect::<Vec<_>>(), dev.len());
    Ok(Localize { banks, train, dev, batch, box_weight })
}
