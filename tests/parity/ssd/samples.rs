//! What TensorFlow.js found on the sample photos (`tests/reference/ssd/samples.json`), and whether a device finds it, too.

use burn::tensor::Device;
use model::{
    heads::ssd::Ssd,
    nn::weights::Network,
    structures::boxes::{BBox, Candidate, Competition, Suppression, suppress},
};
use serde_json::Value;

/// Boxes are the same from here on.
pub const MIN_IOU: f32 = 0.98;
/// Scores are the same up to here.
pub const MAX_SCORE_GAP: f32 = 0.01;
/// `detect(photo, 20, 0.5)` of TensorFlow.js coco-ssd.
const RULE: Suppression =
    Suppression { min_score: 0.5, iou: 0.5, competition: Competition::ClassAgnostic, max_boxes: 20 };

#[path = "../files.rs"]
pub mod files;

pub use files::{photo, weights};

/// The committed file.
pub fn reference() -> Value {
    let path = files::root().join("tests/reference/ssd/samples.json");
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The detector on a device.
pub fn network(device: &Device) -> Ssd {
    Ssd::load(weights("cache/ssd.bpk"), device).expect("the weights are this network's")
}

/// A list of a JSON object.
pub fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value[key].as_array().unwrap_or_else(|| panic!("samples.json has no list {key:?}"))
}

/// A JSON number.
pub fn number(value: &Value) -> f32 {
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

fn alike(a: &Candidate, b: &Candidate, max_score_gap: f32) -> bool {
    a.class == b.class && a.bbox.iou(&b.bbox) >= MIN_IOU && (a.score - b.score).abs() <= max_score_gap
}

/// Those of `from` that have no like in `into`.
fn without_like(from: &[Candidate], into: &[Candidate], max_score_gap: f32) -> Vec<Candidate> {
    from.iter().filter(|one| !into.iter().any(|other| alike(one, other, max_score_gap))).copied().collect()
}

/// Holds what a device finds on every sample photo against what TensorFlow.js found.
pub fn check_samples(device: &Device, max_score_gap: f32) {
    let ssd = network(device);
    let mut detections = 0;
    for sample in list(&reference(), "photos") {
        let name = sample["file"].as_str().expect("a file name");
        let theirs: Vec<Candidate> = list(sample, "detections").iter().map(expected).collect();
        let photo = photo(name);
        assert_eq!(photo.size(), (number(&sample["width"]) as u32, number(&sample["height"]) as u32), "{name}");
        let candidates = pollster::block_on(ssd.detect(&photo, device)).expect("the run ends");
        let ours: Vec<Candidate> = suppress(&candidates, &RULE).kept.iter().map(|&i| candidates[i]).collect();
        let alone = |from, into| without_like(from, into, max_score_gap);
        assert_eq!(alone(&theirs, &ours), [], "{name}: found by TensorFlow.js only; ours are {ours:#?}");
        assert_eq!(alone(&ours, &theirs), [], "{name}: found by us only; theirs are {theirs:#?}");
        detections += theirs.len();
    }
    assert!(detections >= 15, "the reference holds only {detections} detections");
}
