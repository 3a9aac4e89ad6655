//! The heads that were trained here, on the sample photos: what they say must make sense, and agree with each other.

use burn::tensor::Device;
use model::{
    structures::{
        boxes::{Candidate, Suppression, suppress},
        class_map, location,
        stage::Trace,
    },
    systems::{
        caption::Captioner,
        localize::Localizer,
        mask::Masker,
        segment::Segmenter,
        ssd::{Seen, Ssd},
    },
};

#[path = "files.rs"]
mod files;

use files::{photo, weights};

const CAT: usize = 8;
const PERSON: usize = 15;
const HORSE: usize = 13;

/// A sample photo after the backbone, with the detector and what it keeps of its guesses.
fn look(sample: &str) -> (Ssd, Seen, Vec<Candidate>, Vec<usize>) {
    let ssd = Ssd::load(weights("cache/ssd.bpk"), &Device::flex()).expect("the network runs");
    let photo = photo(&format!("{sample}.jpg"));
    let seen = ssd.look(&photo, &Device::flex(), &mut Trace::default());
    let found = pollster::block_on(ssd.detect_in(&seen, &mut Trace::default())).expect("the network runs");
    let kept = suppress(&found, &Suppression::default()).kept;
    (ssd, seen, found, kept)
}

/// The share of each class in the class map of a sample.
fn shares(sample: &str) -> Vec<f32> {
    let (ssd, seen, ..) = look(sample);
    let segmenter = Segmenter::load(weights("weights/segment.bpk"), &Device::flex()).expect("the network runs");
    let map = pollster::block_on(segmenter.segment(&seen, &ssd, &mut Trace::default())).expect("the network runs");
    let mut shares = vec![0.0; class_map::CLASSES.len()];
    for (class, share) in map.shares() {
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
    let (ssd, seen, found, kept) = look("horses");
    let masker = Masker::load(weights("weights/mask.bpk"), &Device::flex()).unwrap();
    let masks = pollster::block_on(masker.masks(&seen, &found, &kept, &mut Trace::default())).unwrap();
    assert_eq!(masks.iter().map(|mask| mask.candidate).collect::<Vec<_>>(), kept);
    let segmenter = Segmenter::load(weights("weights/segment.bpk"), &Device::flex()).unwrap();
    let size = (seen.photo.0 as usize, seen.photo.1 as usize);
    let map = pollster::block_on(segmenter.segment_at(&seen, &ssd, size, &mut Trace::default())).unwrap();
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
    let (_, seen, found, kept) = look("cat");
    let localizer = Localizer::load(weights("weights/localize.bpk"), &Device::flex()).unwrap();
    let location = pollster::block_on(localizer.localize(&seen, &mut Trace::default())).unwrap();
    let (class, probability) = location.best();
    assert_eq!(location::CLASSES[class], "cat", "{:?}", location.probabilities);
    assert!(probability > 0.5 && (location.probabilities.iter().sum::<f32>() - 1.0).abs() < 1e-4);
    assert!(location.bbox.iou(&found[kept[0]].bbox) > 0.5, "{:?} is not {:?}", location.bbox, found[kept[0]].bbox);
    let (_, seen, ..) = look("coffee");
    let location = pollster::block_on(localizer.localize(&seen, &mut Trace::default())).unwrap();
    assert_eq!(location::CLASSES[location.best().0], "none of these", "{:?}", location.probabilities);
}

#[test]
fn captions_are_sentences_with_their_probabilities() {
    let (_, seen, found, kept) = look("stage");
    let captioner = Captioner::load(weights("weights/caption.bpk"), &Device::flex()).unwrap();
    let region = found[kept[0]].bbox;
    let captions = pollster::block_on(captioner.describe(&seen, &[region], &mut Trace::default())).unwrap();
    assert_eq!(captions.iter().map(|caption| caption.region).collect::<Vec<_>>(), [None, Some(region)]);
    for caption in &captions {
        assert!((3..=20).contains(&caption.words.len()), "{}", caption.sentence());
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
