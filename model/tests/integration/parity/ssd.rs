//! SSD against TensorFlow.js: the committed values of `tests/reference/ssd/samples.json` on the sample photos.

use burn::tensor::Device;
use model::{
    heads::single_shot::{MapValues, decode},
    heads::ssd::{INPUT, Ssd},
    photo::{Framing, sample_bilinear_tf},
    proposals::default_boxes::default_boxes,
    structures::boxes::BBox,
};

use super::samples::{MAX_SCORE_GAP, MIN_IOU, check_samples, list, network, number, reference};
use crate::files::photo;

#[test]
fn detections_on_the_sample_photos_are_those_of_tensorflow_js() {
    check_samples(&Device::flex(), MAX_SCORE_GAP);
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
    let maps = ssd.maps(&ssd.features(Ssd::input(&photo, &device)));
    let grids = std::array::from_fn(|i| (maps[i].dims()[1], maps[i].dims()[2]));
    let values: Vec<MapValues> = (ssd.head(&maps).into_iter())
        .map(|output| MapValues {
            codes: output.codes.into_data().try_into_vec().expect("float32"),
            logits: output.logits.into_data().try_into_vec().expect("float32"),
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
                assert!(score < 1e-5 || model::structures::classes::coco_name(class).is_none(), "{anchor} has no like");
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
