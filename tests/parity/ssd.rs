//! SSD against TensorFlow.js: the committed values of `tests/reference/ssd/samples.json` on the sample photos.

use std::path::{Path, PathBuf};

use burn::tensor::Device;
use model::{
    boxes::{BBox, Candidate, Competition, Suppression, suppress},
    heads::single_shot::{BOXES_PER_POSITION, MapValues, decode, default_boxes},
    photo::{Framing, Photo, sample_bilinear_tf},
    systems::ssd::{INPUT, Ssd},
    trace::Trace,
};
use serde_json::Value;

const MIN_IOU: f32 = 0.98;
const MAX_SCORE_GAP: f32 = 0.01;
/// `detect(photo, 20, 0.5)` of TensorFlow.js coco-ssd.
const RULE: Suppression =
    Suppression { min_score: 0.5, iou: 0.5, competition: Competition::ClassAgnostic, max_boxes: 20 };

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the crate lies in the workspace").to_owned()
}

fn reference() -> Value {
    let path = root().join("tests/reference/ssd/samples.json");
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn network(device: &Device) -> Ssd {
    let path = root().join("assets/cache/ssd.bpk");
    let bytes = std::fs::read(&path)
        .unwrap_or_else(|error| panic!("{}: {error}; run `cargo xtask weights` first", path.display()));
    Ssd::load(bytes, device).expect("the weights are this network's")
}

fn photo(name: &str) -> Photo {
    Photo::open(root().join("assets/photos").join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value[key].as_array().unwrap_or_else(|| panic!("samples.json has no list {key:?}"))
}

fn number(value: &Value) -> f32 {
    value.as_f64().unwrap_or_else(|| panic!("{value} in samples.json is not a number")) as f32
}

/// A detection of the reference as a candidate.
fn expected(detection: &Value) -> Candidate {
    let [x, y, w, h] = std::array::from_fn(|i| number(&detection["bbox"][i]));
    Candidate {
        bbox: BBox::new(x, y, x + w, y + h),
        class: number(&detection["category_id"]) as u16,
        score: number(&detection["score"]),
        prior: 0,
    }
}

fn alike(a: &Candidate, b: &Candidate) -> bool {
    a.class == b.class && a.bbox.iou(&b.bbox) >= MIN_IOU && (a.score - b.score).abs() <= MAX_SCORE_GAP
}

/// Those of `from` that have no like in `into`.
fn without_like(from: &[Candidate], into: &[Candidate]) -> Vec<Candidate> {
    from.iter().filter(|one| !into.iter().any(|other| alike(one, other))).copied().collect()
}

#[test]
fn detections_on_the_sample_photos_are_those_of_tensorflow_js() {
    let device = Device::flex();
    let ssd = network(&device);
    let mut detections = 0;
    for sample in list(&reference(), "photos") {
        let name = sample["file"].as_str().expect("a file name");
        let theirs: Vec<Candidate> = list(sample, "detections").iter().map(expected).collect();
        let photo = photo(name);
        assert_eq!(photo.size(), (number(&sample["width"]) as u32, number(&sample["height"]) as u32), "{name}");
        let candidates = pollster::block_on(ssd.detect(&photo, &device, &mut Trace::default())).expect("the run ends");
        let ours: Vec<Candidate> = suppress(&candidates, &RULE).kept.iter().map(|&i| candidates[i]).collect();
        assert_eq!(without_like(&theirs, &ours), [], "{name}: found by TensorFlow.js only; ours are {ours:#?}");
        assert_eq!(without_like(&ours, &theirs), [], "{name}: found by us only; theirs are {theirs:#?}");
        detections += theirs.len();
    }
    assert!(detections >= 15, "the reference holds only {detections} detections");
}

#[test]
fn the_input_is_resized_as_tensorflow_does() {
    let reference = reference();
    let detailed = &reference["detailed"];
    let photo = photo(detailed["file"].as_str().expect("a file name"));
    let framing = Framing::squash(photo.size(), (INPUT as u32, INPUT as u32));
    let input = sample_bilinear_tf(&photo, &framing);
    for place in list(&detailed["input"], "pixels") {
        let (y, x) = (number(&place["y"]) as usize, number(&place["x"]) as usize);
        for channel in 0..3 {
            let (ours, theirs) = (input[(y * INPUT + x) * 3 + channel], number(&place["rgb"][channel]));
            // JPEG decoders may differ by a grey level or two in a pixel.
            assert!((ours - theirs).abs() <= 2.0, "row {y}, column {x}, channel {channel}: {ours}, not {theirs}");
        }
    }
    let sum: f64 = input.iter().map(|&value| f64::from(value)).sum();
    let theirs = f64::from(number(&detailed["input"]["sum"]));
    assert!((sum / theirs - 1.0).abs() < 1e-3, "the input adds up to {sum}, not {theirs}");
}

#[test]
fn boxes_and_scores_of_single_default_boxes_are_those_of_tensorflow_js() {
    let device = Device::flex();
    let ssd = network(&device);
    let reference = reference();
    let detailed = &reference["detailed"];
    let photo = photo(detailed["file"].as_str().expect("a file name"));
    let (_, maps) = ssd.features(Ssd::input(&photo, &device));
    let grids = std::array::from_fn(|i| (maps[i].dims()[1], maps[i].dims()[2]));
    let values: Vec<MapValues> = (ssd.head(&maps).into_iter().zip(BOXES_PER_POSITION))
        .map(|(output, boxes)| MapValues {
            stride: output.logits.dims()[3],
            codes: output.codes.into_data().try_into_vec().expect("float32"),
            logits: output.logits.into_data().try_into_vec().expect("float32"),
            boxes,
        })
        .collect();
    let priors = default_boxes(&grids);
    assert_eq!(priors.len(), number(&detailed["outputs"]["scores_shape"][1]) as usize);
    let candidates = decode(&values, &priors, 1e-6);
    let mut compared = 0;
    for anchor in list(&detailed["outputs"], "anchors") {
        let index = number(&anchor["index"]) as u32;
        let [y0, x0, y1, x1] = std::array::from_fn(|i| number(&anchor["box"][i]));
        for best in list(anchor, "best") {
            let (class, score) = (number(&best["category_id"]) as u16, number(&best["score"]));
            let Some(ours) = candidates.iter().find(|it| (it.prior, it.class) == (index, class)) else {
                assert!(score < 1e-5 || model::classes::coco_name(class).is_none(), "{anchor} has no like");
                continue;
            };
            assert!((ours.score - score).abs() <= MAX_SCORE_GAP, "default box {index}: {ours:?}, not {best}");
            let overlap = ours.bbox.iou(&BBox::new(x0, y0, x1, y1));
            assert!(overlap >= MIN_IOU, "default box {index}: {:?}, not {}; IoU {overlap}", ours.bbox, anchor["box"]);
            compared += 1;
        }
    }
    assert!(compared >= 30, "only {compared} values were compared");
}
