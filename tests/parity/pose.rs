//! MoveNet against TensorFlow.js: the committed joints of `tests/reference/pose/samples.json` on the committed crops.

use burn::tensor::Device;
use model::{
    heads::movenet::{INPUT, MoveNet},
    nn::weights::Network,
    photo::Photo,
    structures::skeleton::JOINTS,
};
use serde_json::Value;

#[path = "files.rs"]
mod files;

use files::{root, weights};

/// Pixels of the 192 x 192 input. Ours are float16 weights and another order of sums: joints differ by hundredths,
/// unless two cells are about equally hot and the other one wins.
const MAX_DISTANCE: f32 = 1.0;
const MAX_SCORE_GAP: f32 = 0.01;

#[test]
fn joints_on_the_reference_crops_are_those_of_tensorflow_js() {
    let folder = root().join("tests/reference/pose");
    let text = std::fs::read_to_string(folder.join("samples.json")).expect("samples.json is committed");
    let reference: Value = serde_json::from_str(&text).expect("samples.json is JSON");
    let device = Device::flex();
    let pose = MoveNet::load(weights("cache/movenet.bpk"), &device).expect("the weights are this network's");
    let crops = reference["crops"].as_array().expect("a list of crops");
    let pixels: Vec<Vec<f32>> = crops
        .iter()
        .map(|crop| {
            let input = Photo::open(folder.join(crop["input"].as_str().expect("a file name"))).expect("a crop");
            assert_eq!(input.size(), (INPUT as u32, INPUT as u32));
            (0..INPUT as u32).flat_map(|y| input.row(y).iter().map(|&v| f32::from(v))).collect()
        })
        .collect();
    // All crops as one batch: batching must not mix them.
    let found = pollster::block_on(pose.joints(&pixels, &device)).expect("the run ends");
    let mut checked = 0;
    for (crop, found) in crops.iter().zip(&found) {
        for (expected, joint) in crop["joints"].as_array().expect("joints").iter().zip(found) {
            let number = |key: &str| expected[key].as_f64().expect("a number") as f32;
            let (dx, dy) = (joint.x * INPUT as f32 - number("x"), joint.y * INPUT as f32 - number("y"));
            let what = format!("{} {}: {joint:?} against {expected}", crop["name"], expected["name"]);
            assert!((dx * dx + dy * dy).sqrt() <= MAX_DISTANCE, "{what}");
            assert!((joint.score - number("score")).abs() <= MAX_SCORE_GAP, "{what}");
            checked += 1;
        }
    }
    assert_eq!(checked, crops.len() * JOINTS);
    assert!(checked >= 8 * JOINTS, "only {checked} joints in the reference");
}
