//! The heads from a file of weights to results and measures, on a folder made here. Untrained heads say nothing of worth:
//! what is tested is that results have their form, cover the photo and are measured on all that is labelled.

use std::{path::PathBuf, sync::Arc};

use burn::{module::Module, tensor::Device};
use model::{
    annotate::{Finding, WeightFiles},
    catalog::System,
    coco::Dataset,
    data::folder::{DataFolder, Part},
    eval::coco::mask_summary,
    heads::{
        caption::{CaptionHead, CaptionModel, WORDS_NOTE},
        locate::LocateHead,
        mask::MaskHead,
        segment::SegmentHead,
        ssd::Ssd,
    },
    measure::{Subject, caption, localize, mask, segment},
    nn::weights::{Network, Pack, Weights},
    structures::{boxes::BBox, caption::Caption, location, rle::Rle},
    systems::{Detector, Networks, Settings, load},
};

use crate::{
    command_line::annotator,
    files::{photo_path, weights_path},
};

const WORDS: &str = "(end)\n(rare)\na\ndog\nruns";

fn pack<M: Module>(head: &M) -> Vec<u8> {
    let mut pack = Pack::default();
    pack.add_module("", head).expect("finite numbers");
    pack.note(WORDS_NOTE, WORDS);
    pack.into_bytes().expect("names are there once")
}

/// The weights of a head by the name of its file.
fn weights(name: &str) -> Vec<u8> {
    let (weights, device) = (Weights::untrained(3), Device::flex());
    let fits = "untrained weights have every shape";
    match name {
        "segment" => pack(&SegmentHead::load(&weights, &device).expect(fits)),
        "mask" => pack(&MaskHead::load(&weights, &device).expect(fits)),
        "caption" => pack(&CaptionHead::load(&weights, WORDS.lines().count(), &device).expect(fits)),
        _ => pack(&LocateHead::load(&weights, "", &device).expect(fits)),
    }
}

fn detector() -> PathBuf {
    weights_path("cache/ssd.bpk")
}

fn cat() -> PathBuf {
    photo_path("cat.jpg")
}

/// Runs `annotate --system` on the cat.
fn annotate(system: &str) -> (Vec<Finding>, (usize, usize)) {
    let file = std::env::temp_dir().join(format!("lookout-untrained-{system}-{}.bpk", std::process::id()));
    let own = System::from_key(system).and_then(|it| it.info().weights.last()).expect("a system with a head");
    std::fs::write(&file, weights(own)).expect("a writable temporary folder");
    let annotator = annotator(system, &file, &detector());
    let found = annotator.annotate(&cat(), "cat.jpg").expect("the run ends");
    std::fs::remove_file(&file).expect("it was just written");
    let (width, height) = image::image_dimensions(cat()).expect("a sample photo");
    (found, (width as usize, height as usize))
}

#[test]
fn masks_lie_in_their_boxes() {
    let (found, size) = annotate("masks");
    assert!(!found.is_empty(), "the detector sees the cat");
    for finding in &found {
        let Finding::Object(object) = finding else { panic!("masks are objects") };
        let rle = object.segmentation.as_ref().expect("a mask").to_rle(size).expect("of this photo");
        let [x, y, width, height] = object.bbox;
        let inside = |i: usize| {
            let (px, py) = ((i % size.0) as f32 + 0.5, (i / size.0) as f32 + 0.5);
            (x..=x + width).contains(&px) && (y..=y + height).contains(&py)
        };
        assert!(rle.area() > 0, "a mask without a pixel lies in any box");
        assert!(rle.to_pixels().iter().enumerate().all(|(i, &thing)| !thing || inside(i)));
    }
}

#[test]
fn classes_cover_every_pixel_once() {
    let (found, size) = annotate("fcn");
    let mut covered = vec![0; size.0 * size.1];
    for finding in &found {
        let Finding::Class(class) = finding else { panic!("classes are no objects") };
        for (count, inside) in
            covered.iter_mut().zip(class.segmentation.to_rle(size).expect("of this photo").to_pixels())
        {
            *count += usize::from(inside);
        }
    }
    assert!(covered.iter().all(|&count| count == 1));
}

#[test]
fn captions_and_locations_are_one_a_photo() {
    let (found, _) = annotate("captions");
    let [Finding::Caption(caption)] = &found[..] else { panic!("one caption") };
    // A model that has learnt nothing ends its sentence at once: the end is about as likely as any of the five words.
    let end = caption.log_probability.exp();
    assert!(caption.words.is_empty() && (0.02..0.98).contains(&end), "{end}");
    assert!(!caption.regions.is_empty(), "the detector is sure of the cat");
    let (found, (width, height)) = annotate("localize");
    let [Finding::Location(location)] = &found[..] else { panic!("one location") };
    assert!((location.probabilities.values().sum::<f32>() - 1.0).abs() < 1e-4);
    assert!(location.bbox.is_none_or(|it| it[2] <= width as f32 && it[3] <= height as f32));
}

/// A folder with the cat as an animal, as a captioned photo and as COCO's photo 7, each with labels.
fn folder(name: &str) -> PathBuf {
    let root = std::env::temp_dir().join(format!("lookout-measure-{name}-{}", std::process::id()));
    for folder in ["photos/animals", "photos/mini", "masks/truth/animals"] {
        std::fs::create_dir_all(root.join(folder)).expect("a writable temporary folder");
    }
    std::fs::copy(cat(), root.join("photos/animals/cat.jpg")).expect("a writable folder");
    std::fs::copy(cat(), root.join("photos/mini/7.jpg")).expect("a writable folder");
    let map = image::GrayImage::from_fn(30, 20, |x, y| {
        image::Luma([if x < 3 {
            255
        } else if y > 4 {
            8
        } else {
            0
        }])
    });
    map.save(root.join("masks/truth/animals/cat.png")).expect("a writable folder");
    let (width, height) = image::image_dimensions(cat()).expect("a sample photo");
    let annotation = |id: u64, mask: serde_json::Value, crowd: u8| {
        serde_json::json!({"id": id, "image_id": 7, "category_id": 17, "bbox": [10, 10, 90, 50], "area": 4500,
            "iscrowd": crowd, "segmentation": mask})
    };
    let labels = serde_json::json!({
        "images": [{"id": 7, "file_name": "7.jpg", "width": width, "height": height}],
        "categories": [{"id": 17, "name": "cat"}],
        "annotations": [
            annotation(1, serde_json::json!([[10, 10, 100, 10, 100, 60, 10, 60]]), 0),
            annotation(2, serde_json::json!({"size": [height, width], "counts": [0, width * height]}), 1),
        ],
    });
    let files = [
        ("animals.json", r#"{"boxes": {"animals/cat": [{"class": "cat", "box": [0, 0.2, 1, 1]}]}}"#.to_owned()),
        ("captions.json", r#"{"captions": {"animals/cat": ["A cat .", "The cat sits ."]}}"#.to_owned()),
        ("mini_instances.json", labels.to_string()),
    ];
    for (name, text) in files {
        std::fs::write(root.join(name), text).expect("a writable folder");
    }
    root
}

/// The packaged detector, with heads that have not learnt anything.
fn networks() -> Networks<WeightFiles> {
    let (loaded, device) = ("just packed", Device::flex());
    let networks = Networks::new(WeightFiles { replaced: vec![("ssd", detector())] }, device.clone());
    networks.put("segment", <SegmentHead as Network>::load(weights("segment"), &device).expect(loaded));
    networks.put("localize", <LocateHead as Network>::load(weights("localize"), &device).expect(loaded));
    networks.put("mask", <MaskHead as Network>::load(weights("mask"), &device).expect(loaded));
    networks.put("caption", CaptionModel::load(weights("caption"), &device).expect(loaded));
    networks
}

fn system(networks: &Networks<WeightFiles>, system: System) -> Box<dyn Detector> {
    pollster::block_on(load(system, networks)).expect("all networks are there")
}

#[test]
fn everything_that_is_labelled_is_measured() {
    let root = folder("whole");
    let (data, device) = (DataFolder::open(&root), Device::flex());
    let networks = networks();
    let labelled = "the folder was just made";

    let maps = data.true_maps("animals", Part::All).expect(labelled).expect("a map");
    let fcn = system(&networks, System::Fcn);
    let subject = |system, detector| Subject { system, detector, device: networks.device() };
    let agreement = segment::measure(&maps, subject(System::Fcn, &*fcn), &|| {}).expect("the run ends");
    let counted: u64 = (0..21 * 21).map(|i| agreement.confusion.pixels(i / 21, i % 21)).sum();
    assert_eq!(counted, 27 * 20, "all but the ignored columns");

    let animals = data.animals(Part::All).expect(labelled).expect("an animal");
    let localize = system(&networks, System::Localize);
    let located = localize::LocatedPhoto::of_animals(&animals);
    let outcomes = localize::measure(&located, subject(System::Localize, &*localize), &|| {}).expect("the run ends");
    assert_eq!((outcomes.len(), location::CLASSES[outcomes[0].truth]), (1, "cat"));

    let masks = system(&networks, System::Masks);
    let detector: Arc<Ssd> = pollster::block_on(networks.get("ssd")).expect("it is loaded");
    let head: Arc<MaskHead> = pollster::block_on(networks.get("mask")).expect("it is loaded");
    let photos = mask::animals(&maps, &animals).expect(labelled);
    assert_eq!(photos[0].things[0].area, 27.0 * 15.0);
    let looks = mask::MaskNetworks { detector: &detector, head: &head, device: &device };
    let fits = mask::given_boxes(&photos, looks, true, &|| {}).expect("the run ends");
    assert_eq!(fits.len(), 1);

    let mini = data.mini_instances(Part::All).expect(labelled).expect("COCO's labels");
    let photos = mask::instances(&mini).expect(labelled);
    assert_eq!((photos[0].things.len(), photos[0].things[0].pixels.area()), (1, 90 * 50), "crowds are no thing");
    assert_eq!(mask::given_boxes(&photos, looks, false, &|| {}).expect("the run ends").len(), 1);
    let settings = Settings { masks: model::structures::boxes::Suppression::default(), ..Settings::default() };
    let results = mask::detected(&mini, subject(System::Masks, &*masks), &settings, &|| {});
    let results = results.expect("the run ends");
    assert!(!results.is_empty(), "the detector sees the cat");
    assert!(results.iter().all(|result| result.image_id == Some(7)));
    // A mask that is itself the truth fits perfectly; its complement not at all.
    let size = photos[0].size;
    let [x, y, width, height] = results[0].bbox;
    let bbox = BBox::new(x, y, x + width, y + height).scale(1.0 / size.0 as f32, 1.0 / size.1 as f32);
    let own = results[0].segmentation.as_ref().expect("a mask").to_rle(size).expect("of this photo");
    let pixels = own.to_pixels();
    let others = Rle::from_pixels(size, |x, y| !pixels[y * size.0 + x]);
    let thing = |pixels: Rle| mask::TrueMask { class: 17, bbox, area: pixels.area() as f64, pixels };
    let photos = [mask::MaskedPhoto { things: vec![thing(own), thing(others)], ..photos[0].clone() }];
    let fits = mask::given_boxes(&photos, looks, false, &|| {}).expect("the run ends");
    assert!(fits[0].iou > 0.99 && fits[1].iou < 0.01, "{fits:?}");
    assert!(mask_summary(&mini.dataset, &results).expect("one photo").get("AP").is_some());
    assert!(mask_summary(&Dataset::default(), &results).is_err(), "a photo that the labels do not have");

    let captioned = data.captions(Part::All).expect(labelled).expect("captions");
    let captions = system(&networks, System::Captions);
    let said = caption::captions(&captioned, subject(System::Captions, &*captions), &|| {}).expect("the run ends");
    let sentences: Vec<String> = said.iter().map(Caption::plain).collect();
    assert_eq!(sentences.len(), 1);
    let perfect = caption::scores(&captioned, &["the cat sits".to_owned()]);
    assert!((perfect.bleu[2] - 1.0).abs() < 1e-6);
    // One word of three, and no two in a row.
    let poor = caption::scores(&captioned, &["the dog runs".to_owned()]);
    assert!((poor.bleu[0] - 1.0 / 3.0).abs() < 1e-6 && poor.bleu[1] < 1e-3, "{:?}", poor.bleu);
    std::fs::remove_dir_all(&root).expect("it was just made");
}

#[test]
fn a_photo_that_cannot_be_read_ends_the_measuring() {
    let root = folder("broken");
    std::fs::write(root.join("photos/animals/cat.jpg"), b"no photo").expect("a writable folder");
    let (data, networks) = (DataFolder::open(&root), networks());
    let localize = system(&networks, System::Localize);
    let animals = data.animals(Part::All).expect("labels").expect("an animal");
    let subject = Subject { system: System::Localize, detector: &*localize, device: networks.device() };
    let failure =
        localize::measure(&localize::LocatedPhoto::of_animals(&animals), subject, &|| {}).expect_err("no photo");
    assert!(failure.to_string().contains("cat.jpg"), "{failure}");
    std::fs::remove_dir_all(&root).expect("it was just made");
}
