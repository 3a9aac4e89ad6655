//! The sets of photos, and the banks of their views.

use std::{collections::BTreeMap, path::PathBuf};

use anyhow::Result;
use burn::tensor::Device;
use indicatif::ProgressIterator;
use model::{
    annotate::WeightFiles,
    data::folder::{BoxedPhoto, Part},
    heads::{mask::MaskHead, ssd::Ssd},
    random::Random,
    structures::{boxes::BBox, location::CLASSES},
    train::{
        bank::Bank,
        boxed_masks,
        labels::{Folder, kept_back},
        view::View,
        vote_bank::VoteBank,
    },
};

use crate::{Arguments, detector};

/// The sets that a class map learns from, each with its bank. "crops" are further views of the animal photos with people's
/// masks.
pub const SETS: [&str; 6] = ["animals", "coco", "captioned", "voc", "voc-boxes", "crops"];
/// Views of an animal photo with people's mask: the whole, its mirror image, crops.
const ANIMAL_VIEWS: usize = 3;
/// The same of a photo of all of PASCAL VOC's classes with people's masks: there are few.
const VOC_VIEWS: usize = 6;
/// The same of a photo with drawn things: there are few, and they are large enough to look into.
const MINI_VIEWS: usize = 12;

/// The banks of a class map, with the detector's votes on their views.
pub fn with_votes(arguments: &Arguments) -> Result<(Vec<Bank>, Vec<VoteBank>)> {
    let sets: Vec<&str> = arguments.sets.iter().map(String::as_str).collect();
    let banks = open(arguments, &sets)?;
    let detector = detector(arguments)?;
    let votes = sets.iter().zip(&banks).map(|(set, bank)| {
        println!("{set}: votes");
        Ok(VoteBank::open(&file(arguments, set), bank, &detector)?)
    });
    let votes = votes.collect::<Result<_>>()?;
    Ok((banks, votes))
}

/// The banks of some sets.
pub fn open(arguments: &Arguments, sets: &[&str]) -> Result<Vec<Bank>> {
    let folder = arguments.folder();
    let (ssd, animals) = (detector(arguments)?, folder.animals()?);
    let mut banks = Vec::new();
    for &set in sets {
        if set == "voc-boxes" {
            make_masks(arguments, &folder, &ssd)?;
        }
        let views = views(set, &folder, &animals, arguments.taught)?;
        println!("{set}: {} views", views.len());
        banks.push(Bank::open(&file(arguments, set), views, &folder, &ssd, &Device::flex())?);
    }
    Ok(banks)
}

/// Where a set's bank is.
fn file(arguments: &Arguments, set: &str) -> PathBuf {
    arguments.cache.join(format!("{set}.bank"))
}

/// The views of a set.
///
/// # Arguments
/// * `taught` - at most so many photos with a teacher's mask.
fn views(
    set: &str,
    folder: &Folder,
    animals: &BTreeMap<String, Vec<(usize, BBox)>>,
    taught: usize,
) -> Result<Vec<View>> {
    let mut random = Random::new(2);
    let (mut views, mut by_teacher) = (Vec::new(), 0);
    let source = match set {
        "crops" => "animals",
        "voc-boxes" => "voc",
        set => set,
    };
    for photo in folder.photos(source)? {
        let (measured, truth) = (kept_back(&photo), folder.has_truth(&photo));
        if set == "crops" {
            views.extend((0..crops_of(&photo, folder, animals)).map(|_| View::random(&photo, 0.35, &mut random)));
            continue;
        }
        if set == "voc" && !truth || set == "voc-boxes" && (truth || measured) {
            continue;
        }
        if measured && !truth && matches!(set, "animals" | "coco") {
            continue; // Nothing is measured on a teacher's mask.
        }
        if !truth && matches!(set, "animals" | "coco" | "captioned") {
            by_teacher += 1;
            if by_teacher > taught {
                continue;
            }
        }
        views.push(View::whole(&photo));
        let (count, least) = match set {
            "animals" if truth && !measured => (ANIMAL_VIEWS, 0.5),
            "voc" if !measured => (VOC_VIEWS, 0.5),
            "mini" => (MINI_VIEWS, 0.3),
            _ => continue,
        };
        views.push(View { mirror: true, ..View::whole(&photo) });
        views.extend((2..count).map(|_| View::random(&photo, least, &mut random)));
    }
    Ok(views)
}

/// Crops of a photo in the set "crops": more of the animals that there are fewer photos of, lest they be learnt by heart.
fn crops_of(photo: &str, folder: &Folder, animals: &BTreeMap<String, Vec<(usize, BBox)>>) -> usize {
    if kept_back(photo) || !folder.has_truth(photo) {
        return 0;
    }
    let rare = |(class, _): &(usize, BBox)| ["cow", "horse", "sheep"].contains(&CLASSES[*class]);
    if animals.get(photo).is_some_and(|animals| animals.iter().any(rare)) { 5 } else { 1 }
}

/// Makes class masks of the boxed photos to learn from that nobody drew masks of, unless they are there.
fn make_masks(arguments: &Arguments, folder: &Folder, detector: &Ssd) -> Result<()> {
    let wanted = |it: &BoxedPhoto| !kept_back(&it.name) && !folder.has_truth(&it.name);
    let photos: Vec<BoxedPhoto> =
        folder.data().voc(Part::Train)?.unwrap_or_default().into_iter().filter(wanted).collect();
    println!("voc-boxes: masks of {} photos", photos.len());
    let device = Device::flex();
    let head: MaskHead = WeightFiles::default().load("mask", &device)?;
    for photo in photos.iter().progress() {
        let path = arguments.cache.join("masks").join(&photo.name).with_extension("png");
        if !path.is_file() {
            let mask =
                boxed_masks::class_mask(&folder.photo(&photo.name)?, &photo.objects, (detector, &head), &device)?;
            std::fs::create_dir_all(path.parent().unwrap_or(&arguments.cache))?;
            mask.save(&path)?;
        }
    }
    Ok(())
}
