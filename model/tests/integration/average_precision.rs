//! COCO's measures against pycocotools, on made-up labels that `tests/reference/average_precision/check.py` wrote.

use std::collections::BTreeMap;

use model::{
    coco::{Dataset, DetectionResult},
    eval::coco::{Summary, box_summary, keypoint_summary, mask_summary},
};
use serde::{Deserialize, de::DeserializeOwned};

use crate::files::reference;

#[derive(Deserialize)]
struct Both<T> {
    boxes: T,
    keypoints: T,
}

#[derive(Deserialize)]
struct Masks {
    labels: Dataset,
    guesses: Vec<DetectionResult>,
}

#[derive(Deserialize)]
struct ExpectedMasks {
    masks: BTreeMap<String, f64>,
}

fn read<T: DeserializeOwned>(name: &str) -> T {
    reference(&format!("average_precision/{name}.json"))
}

#[track_caller]
fn assert_same(summary: &Summary, expected: &BTreeMap<String, f64>) {
    assert_eq!(summary.0.len(), expected.len());
    for (name, expected) in expected {
        // pycocotools writes -1 where there is nothing to find. Ours reads boxes in single precision.
        let got = summary.get(name).unwrap_or(-1.0);
        assert!((got - expected).abs() < 1e-6, "{name}: {got} is not {expected}");
    }
}

#[test]
fn boxes_and_keypoints_as_pycocotools_measures_them() {
    let dataset: Dataset = read("labels");
    let guesses: Both<Vec<DetectionResult>> = read("guesses");
    let expected: Both<BTreeMap<String, f64>> = read("expected");
    assert_same(&box_summary(&dataset, &guesses.boxes).expect("known photos"), &expected.boxes);
    let mut people = dataset;
    people.annotations.retain(|label| label.category_id == 1);
    assert_same(&keypoint_summary(&people, &guesses.keypoints).expect("known photos"), &expected.keypoints);
}

#[test]
fn masks_as_pycocotools_measures_them() {
    let Masks { labels, mut guesses } = read("masks");
    let expected: ExpectedMasks = read("expected");
    assert_same(&mask_summary(&labels, &guesses).expect("known photos"), &expected.masks);
    guesses[0].segmentation = None;
    assert!(mask_summary(&labels, &guesses).is_err(), "a result without a mask");
}

#[test]
fn results_for_another_data_set_are_refused() {
    let dataset: Dataset = read("labels");
    let mut guesses: Both<Vec<DetectionResult>> = read("guesses");
    guesses.boxes[0].image_id = Some(99);
    assert!(box_summary(&dataset, &guesses.boxes).is_err());
    guesses.keypoints[0].keypoints = None;
    assert!(keypoint_summary(&dataset, &guesses.keypoints).is_err());
}
