//! The heads that were trained here, on the sample photos: what they say must make sense, and agree with each other.

use burn::tensor::Device;
use model::{
    annotate::WeightFiles,
    catalog::System,
    run::Run,
    structures::{
        boxes::{Suppression, suppress},
        class_map, location,
        nouns::Nouns,
        stage::Artifact,
    },
    systems::{Networks, Settings, load, look_inside, run_photo},
};

use crate::files::{photo, weight_files};

const CAT: usize = 8;
const PERSON: usize = 15;
const HORSE: usize = 13;

/// A system's run on a sample photo, with every stage's artifact.
fn run(system: System, sample: &str) -> Run {
    let networks: Networks<WeightFiles> = Networks::new(weight_files(), Device::flex());
    let photo = photo(&format!("{sample}.jpg"));
    let detector = pollster::block_on(load(system, &networks)).expect("the weights are there");
    let (width, height) = (photo.width() as usize, photo.height() as usize);
    let settings = Settings { map_size: Some((width, height)), ..Settings::default() };
    let run = pollster::block_on(look_inside(system, detector.as_ref(), &photo, networks.device(), &settings));
    let run = run.expect("the network runs");
    // The stages are those of the catalogue, in its order, each with something to draw.
    let keys: Vec<&str> = run.stages.iter().map(|stage| &*stage.key).collect();
    let listed: Vec<&str> = system.info().stages.iter().map(|stage| stage.key).collect();
    assert_eq!(keys, listed);
    assert!(run.stages.iter().all(|stage| stage.artifact.is_some()), "{keys:?}");
    run
}

/// The share of each class in the class map of a sample.
fn shares(sample: &str) -> Vec<f32> {
    let mut shares = vec![0.0; class_map::CLASSES.len()];
    for (class, share) in run(System::Fcn, sample).class_map().expect("a class map").shares() {
        shares[usize::from(class)] = share;
    }
    shares
}

#[test]
fn class_maps_show_what_the_photos_show() {
    let (cat, horses, astronaut) = (shares("cat"), shares("horses"), shares("astronaut"));
    assert!(cat[CAT] > 0.4, "{cat:?}");
    assert!(horses[HORSE] > 0.1 && horses[0] > 0.5, "{horses:?}");
    assert!(astronaut[PERSON] > 0.3, "{astronaut:?}");
}

#[test]
fn a_mask_agrees_with_the_class_map() {
    let (masks, map) = (run(System::Masks, "horses"), run(System::Fcn, "horses"));
    let (found, map) = (masks.detections().expect("detections"), map.class_map().expect("a class map"));
    let masks = masks.masks().expect("masks");
    assert_eq!(
        masks.iter().map(|mask| mask.candidate).collect::<Vec<_>>(),
        suppress(found, &Settings::default().masks).kept
    );
    let size = (map.width, map.height);
    let (mut both, mut masked) = (0, 0);
    for mask in masks.iter().filter(|mask| mask.class == 19 && mask.score > 0.9) {
        let patch = mask.paste(size, (1.0, 1.0));
        for (i, _) in patch.values.iter().enumerate().filter(|(_, value)| **value >= 128) {
            let place = (patch.y + i / patch.width) * size.0 + patch.x + i % patch.width;
            masked += 1;
            both += usize::from(usize::from(map.labels[place]) == HORSE);
        }
    }
    // Two heads that were trained apart: most of what one takes for a horse's body, the other takes for horse.
    assert!(masked > size.0 * size.1 / 20, "{masked} pixels are masked");
    assert!(both as f64 > 0.75 * masked as f64, "{both} of {masked}");
}

#[test]
fn one_animal_is_classified_and_located() {
    let run_on_cat = run(System::Localize, "cat");
    let location = run_on_cat.location().expect("a location");
    let boxes = run(System::Ssd, "cat");
    let found = boxes.detections().expect("detections");
    let best = found[suppress(found, &Suppression::default()).kept[0]].bbox;
    let (class, probability) = location.best();
    assert_eq!(location::CLASSES[class], "cat", "{:?}", location.probabilities);
    assert!(probability > 0.5 && (location.probabilities.iter().sum::<f32>() - 1.0).abs() < 1e-4);
    assert!(location.bbox.iou(&best) > 0.5, "{:?} is not {best:?}", location.bbox);
    let run_on_coffee = run(System::Localize, "coffee");
    let location = run_on_coffee.location().expect("a location");
    assert_eq!(location::CLASSES[location.best().0], "none of these", "{:?}", location.probabilities);
}

#[test]
fn captions_are_sentences_with_their_probabilities() {
    let run = run(System::Captions, "stage");
    let (captions, found) = (run.captions().expect("captions"), run.detections().expect("detections"));
    assert!(captions.len() >= 2 && captions[0].region.is_none(), "{} captions", captions.len());
    for caption in &captions[1..] {
        let detection = found[caption.candidate.expect("a region is of a detection")];
        assert!(detection.score >= 0.5 && caption.region.expect("a region").iou(&detection.bbox) > 0.9);
    }
    for caption in captions {
        assert!((2..=20).contains(&caption.words.len()), "{}", caption.sentence());
        for word in &caption.words {
            assert!(word.probability > 0.0 && word.alternatives[0].1 >= word.probability, "{word:?}");
            assert!((word.gaze.iter().sum::<f32>() - 1.0).abs() < 1e-4);
        }
        let said: f32 = caption.words.iter().map(|word| word.probability.ln()).sum();
        assert!(caption.log_probability <= said + 1e-4, "the end of the sentence is part of it");
    }
    // The photo shows a band of five people.
    let text = captions[0].plain();
    assert!(["people", "man", "men", "woman", "women", "group"].iter().any(|it| text.contains(it)), "{text}");
}

#[test]
fn captions_name_what_the_detector_sees() {
    let nouns = Nouns::of_coco();
    for (sample, plural, class) in [("giraffes", "giraffes", 25), ("horses", "horses", 19)] {
        let run = run(System::Captions, sample);
        let (captions, found) = (run.captions().expect("captions"), run.detections().expect("detections"));
        let named = captions[0].words.iter().find(|word| word.text == plural);
        let named = named.unwrap_or_else(|| panic!("{}", captions[0].sentence()));
        assert!(
            named.detections.len() >= 2 && named.detections.iter().all(|&it| found[it].class == class),
            "{named:?}"
        );
        for caption in captions {
            for word in &caption.words {
                let class = nouns.meaning(&word.text).filter(|it| it.counts).and_then(|it| it.class);
                let classes = word.detections.iter().map(|&it| found[it].class);
                assert!(class.is_none_or(|class| classes.clone().any(|it| it == class)), "{word:?}");
            }
        }
        for region in &captions[1..] {
            let first = region.words.iter().find_map(|word| word.detections.first().copied());
            assert_eq!(first, region.candidate, "a region is named first: {}", region.sentence());
        }
    }
}

#[test]
fn a_closer_look_finds_smaller_things() {
    let networks: Networks<WeightFiles> = Networks::new(weight_files(), Device::flex());
    let detector = pollster::block_on(load(System::Ssd, &networks)).expect("the weights are there");
    let photo = photo("mariachi.jpg");
    let people = |closer| {
        let settings = Settings { closer, ..Settings::default() };
        let run = run_photo(System::Ssd, detector.as_ref(), &photo, networks.device(), &settings);
        let run = pollster::block_on(run).expect("the network runs");
        let found = run.detections().expect("detections");
        let kept = suppress(found, &Suppression::default()).kept;
        let heights: Vec<f32> =
            kept.iter().filter(|&&it| found[it].class == 1).map(|&it| found[it].bbox.height()).collect();
        let passes: u32 = run.stages.iter().map(|stage| stage.passes).sum();
        (heights.len(), heights.into_iter().fold(f32::MAX, f32::min), passes)
    };
    let ((count, smallest, passes), (more, smaller, all_passes)) = (people(false), people(true));
    assert_eq!((passes, all_passes), (1, 14));
    assert!(more > count && smaller < smallest, "{count} people down to {smallest}, then {more} down to {smaller}");
}

#[test]
fn a_sliding_window_paints_most_of_what_one_pass_does() {
    let (slid, full) = (run(System::SlidingSegmentation, "horses"), run(System::Fcn, "horses"));
    let (ours, theirs) = (slid.class_map().expect("a class map"), full.class_map().expect("a class map"));
    let same = ours.labels.iter().zip(&theirs.labels).filter(|(a, b)| a == b).count();
    assert!(same as f64 > 0.7 * ours.labels.len() as f64, "{same} of {} pixels", ours.labels.len());
    assert!(ours.labels.contains(&(HORSE as u8)));
    let stage = slid.stage("patch-classes").expect("a stage");
    let Some(Artifact::Regions(patches)) = &slid.stage("patches").expect("a stage").artifact else { panic!("regions") };
    assert_eq!(stage.passes as usize, patches.len(), "each patch is a pass");
}
