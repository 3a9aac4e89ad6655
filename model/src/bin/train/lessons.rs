//! Which photos each head learns from, and which it is measured on.

use std::collections::BTreeMap;

use anyhow::{Result, ensure};
use image::GrayImage;
use indicatif::ProgressIterator;
use model::{
    backbone::PhotoFeatures,
    data::folder::{DataFolder, Part},
    heads::ssd::{INPUT, Ssd},
    measure,
    structures::{
        boxes::{BBox, Suppression, suppress},
        class_map::{self, COCO_IDS},
        location::CLASSES,
    },
    train::{
        bank::{Bank, Place},
        caption::Captions,
        labels::{Folder, kept_back},
        mask::{Instance, Masks, Scene, agreed, instances},
        segment::Segment,
        view::View,
        vote_bank::{VoteBank, as_given},
    },
};

/// Words that are rarer than this in the training captions are not learnt.
const LEAST: usize = 5;

/// Every view of the banks.
fn views(banks: &[Bank]) -> impl Iterator<Item = (Place, &View)> {
    banks
        .iter()
        .enumerate()
        .flat_map(|(bank, it)| it.views.iter().enumerate().map(move |(view, it)| (Place { bank, view }, it)))
}

/// Shares of the batches of a class map: animal photos with people's masks, photos of all classes with people's masks,
/// animals with the teacher's, everyday photos and captioned ones (many people and dogs) with the teacher's, photos of all
/// classes with masks made from boxes.
const SHARES: [f32; 6] = [0.4, 0.2, 0.05, 0.1, 0.05, 0.2];

/// Class maps: people's masks weigh more than the teacher's, and each animal as much as the others.
///
/// # Arguments
/// * `overlap`, `dropout` - as [`Segment`] has them.
pub fn segment(
    folder: &Folder,
    (banks, votes): (Vec<Bank>, Vec<VoteBank>),
    batch: usize,
    (overlap, dropout): (f32, f32),
) -> Result<Segment> {
    let animals = folder.animals()?;
    let class_of = |photo: &str| {
        let (class, _) = largest(animals.get(photo)?)?;
        Some(*class)
    };
    let mut truth = vec![vec![]; CLASSES.len()];
    // People's masks of all classes, then the teacher's, then those made from boxes.
    let (mut others, mut dev) = (vec![vec![]; SHARES.len() - 1], vec![]);
    for (place, View { photo, .. }) in views(&banks) {
        match (kept_back(photo), folder.has_truth(photo)) {
            (true, true) if Part::Dev.has(photo) => dev.push(place),
            (true, _) => {}
            (false, true) if photo.starts_with("voc/") => others[0].push(place),
            (false, true) => truth[class_of(photo).unwrap_or(CLASSES.len() - 1)].push(place),
            (false, false) => {
                let sets = ["animals/", "coco/", "captioned/"];
                let set = sets.iter().position(|set| photo.starts_with(set)).unwrap_or(sets.len());
                others[1 + set].push(place);
            }
        }
    }
    let counts = |groups: &[Vec<Place>]| groups.iter().map(Vec::len).collect::<Vec<_>>();
    println!(
        "views with truth by animal: {:?}; of all classes, the teacher's, made ones: {:?}",
        counts(&truth),
        counts(&others)
    );
    println!("{} to measure on", dev.len());
    truth.retain(|views| !views.is_empty());
    let share = SHARES[0] / truth.len() as f32;
    let mut groups: Vec<(f32, Vec<Place>)> = truth.into_iter().map(|views| (share, views)).collect();
    groups.extend(SHARES[1..].iter().copied().zip(others).filter(|(_, views)| !views.is_empty()));
    Ok(Segment { banks, votes, groups, dev, batch, overlap, dropout })
}

/// The animal with the largest box.
fn largest(animals: &[(usize, BBox)]) -> Option<&(usize, BBox)> {
    animals.iter().max_by(|a, b| a.1.area().total_cmp(&b.1.area()))
}

/// The class mask's number of a class of `animals.json`.
fn voc_class(name: &str) -> Option<u8> {
    // 21 classes fit a byte.
    class_map::CLASSES.iter().position(|&it| it == name).map(|at| at as u8)
}

/// Shares of the batches of masks: things of people's class masks, of the teacher's, and what people drew thing by thing.
const MASK_SHARES: [f32; 3] = [0.35, 0.25, 0.4];

/// A view of COCO's photos with drawn things, for cross-validation.
pub struct Drawn {
    /// The photo's name.
    pub photo: String,
    /// Whether it is the whole photo, not mirrored.
    pub whole: bool,
    /// The view.
    pub scene: Scene,
}

/// What masks are learnt from.
pub struct MaskScenes {
    drawn: Vec<Drawn>,
    truth: Vec<Scene>,
    taught: Vec<Scene>,
    dev: Vec<Scene>,
}

/// Masks: labelled boxes on animal photos, the detector's boxes with the teacher's masks on COCO's, COCO's polygons.
pub fn mask_scenes(folder: &Folder, banks: &[Bank], detector: &Ssd) -> Result<MaskScenes> {
    let animals = folder.animals()?;
    let polygons = polygons(folder.data())?;
    let mut scenes = MaskScenes { drawn: vec![], truth: vec![], taught: vec![], dev: vec![] };
    for (place, view) in views(banks).progress_count(banks.iter().map(|bank| bank.views.len() as u64).sum()) {
        if let Some(things) = polygons.get(&view.photo) {
            let instances =
                things.iter().filter_map(|(bbox, mask)| Instance::drawn(&view.bbox(bbox), &view.labels(mask)));
            let scene = Scene { place, instances: instances.collect() };
            if !scene.instances.is_empty() {
                scenes.drawn.push(Drawn { photo: view.photo.clone(), whole: *view == View::whole(&view.photo), scene });
            }
            continue;
        }
        let (labels, measured) = (banks[place.bank].labels(place.view)?, Part::Dev.has(&view.photo));
        let found: Vec<Instance> = match animals.get(&view.photo) {
            Some(listed) => {
                let boxed = |(class, bbox): &(usize, BBox)| Some((view.bbox(bbox), voc_class(CLASSES[*class])?));
                instances(&listed.iter().filter_map(boxed).collect::<Vec<_>>(), &labels)
            }
            None if measured => continue,
            None => agreed(&detected(detector, banks, place)?, &labels),
        };
        let group = match (measured, folder.has_truth(&view.photo)) {
            (true, true) => &mut scenes.dev,
            (true, false) => continue,
            (false, true) => &mut scenes.truth,
            (false, false) => &mut scenes.taught,
        };
        if !found.is_empty() {
            group.push(Scene { place, instances: found });
        }
    }
    Ok(scenes)
}

/// COCO's drawn things by photo: boxes in fractions of the photo, and masks that are 1 where the thing is.
fn polygons(data: &DataFolder) -> Result<BTreeMap<String, Vec<(BBox, GrayImage)>>> {
    let Some(photos) = data.mini_instances(Part::All)? else { return Ok(BTreeMap::new()) };
    let photos = measure::mask::instances(&photos)?.into_iter().map(|photo| {
        let name = photo.file.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        let things = photo.things.into_iter().map(|thing| {
            let pixels = thing.pixels.to_pixels().into_iter().map(u8::from).collect();
            // One number a pixel of a mask of this size.
            let mask = GrayImage::from_raw(photo.size.0 as u32, photo.size.1 as u32, pixels).expect("a full image");
            (thing.bbox, mask)
        });
        (format!("mini/{name}"), things.collect())
    });
    Ok(photos.collect())
}

impl MaskScenes {
    /// A lesson that measures on some of the drawn photos and learns from the others.
    ///
    /// # Arguments
    /// * `held_out` - whether a drawn photo of this name is measured on.
    pub fn lesson(&self, banks: Vec<Bank>, batch: usize, held_out: impl Fn(&str) -> bool) -> Masks {
        let things = |scenes: &[Scene]| scenes.iter().map(|scene| scene.instances.len()).sum::<usize>();
        let (measured, learnt): (Vec<&Drawn>, Vec<&Drawn>) = self.drawn.iter().partition(|it| held_out(&it.photo));
        let drawn: Vec<Scene> = learnt.into_iter().map(|it| it.scene.clone()).collect();
        let dev = vec![
            self.dev.clone(),
            measured.into_iter().filter(|it| it.whole).map(|it| it.scene.clone()).collect::<Vec<_>>(),
        ];
        let mut groups = Vec::new();
        for (share, scenes) in MASK_SHARES.into_iter().zip([self.truth.clone(), self.taught.clone(), drawn]) {
            println!("{} things in {} views, {share} of the batches", things(&scenes), scenes.len());
            if !scenes.is_empty() {
                groups.push((share, scenes));
            }
        }
        println!("{:?} things to measure on", dev.iter().map(|scenes| things(scenes)).collect::<Vec<_>>());
        Masks { banks, groups, dev: dev.into_iter().filter(|scenes| !scenes.is_empty()).collect(), batch, things: 4 }
    }
}

/// The detector's boxes of a view that are of one of the class map's classes, in fractions of the view.
fn detected(detector: &Ssd, banks: &[Bank], place: Place) -> Result<Vec<(BBox, u8)>> {
    let features = as_given(&banks[place.bank], place.view)?;
    let features = PhotoFeatures { photo: (INPUT as u32, INPUT as u32), maps: features, map_ms: vec![] };
    let found = pollster::block_on(detector.detect_in(&features))?;
    let kept = suppress(&found, &Suppression { min_score: 0.4, ..Suppression::default() }).kept;
    let side = 1.0 / INPUT as f32;
    let boxed = kept.iter().filter_map(|&i| {
        let class = COCO_IDS.iter().position(|&id| id == found[i].class)? + 1;
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
