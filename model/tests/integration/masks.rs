//! Polygons, run lengths and overlaps against pycocotools, on the cases that `tests/reference/masks/rasterise.py` wrote.

use model::{coco::segmentation::Segmentation, eval::similarity::mask_iou, structures::rle::Rle};
use serde::Deserialize;

use crate::files::reference;

#[derive(Deserialize)]
struct Case {
    width: usize,
    height: usize,
    polygons: Vec<Vec<f64>>,
    counts: String,
    area: u64,
    /// With the next case of this size.
    iou: f64,
    crowd_iou: f64,
}

impl Case {
    fn rle(&self) -> Rle {
        Segmentation::Polygons(self.polygons.clone()).to_rle((self.width, self.height)).expect("finite points")
    }
}

fn cases() -> Vec<Case> {
    let cases: Vec<Case> = reference("masks/polygons.json");
    assert!(cases.len() > 100, "only {} cases", cases.len());
    cases
}

#[test]
fn polygons_as_pycocotools_fills_and_writes_them() {
    let cases = cases();
    for case in &cases {
        let (size, counts) = ([case.height, case.width], case.counts.clone());
        let expected = Segmentation::Compressed { size, counts };
        let rle = case.rle();
        assert_eq!(rle.area(), case.area, "{:?}", case.polygons);
        assert_eq!(Segmentation::from(&rle), expected, "{:?}", case.polygons);
        assert_eq!(expected.to_rle((case.width, case.height)), Ok(rle));
    }
}

#[test]
fn masks_survive_as_pixels() {
    let cases = cases();
    for case in &cases {
        let (rle, width) = (case.rle(), case.width);
        let pixels = rle.to_pixels();
        assert_eq!(Rle::from_pixels(rle.size(), |x, y| pixels[y * width + x]), rle);
    }
}

#[test]
fn overlaps_as_pycocotools_measures_them() {
    let cases = cases();
    for (i, case) in cases.iter().enumerate() {
        // Four sizes take turns. pycocotools takes its first argument for the guess.
        let (guess, truth) = (case.rle(), cases[(i + 4) % cases.len()].rle());
        assert!((mask_iou(&truth, &guess, false) - case.iou).abs() < 1e-9, "case {i}");
        assert!((mask_iou(&truth, &guess, true) - case.crowd_iou).abs() < 1e-9, "case {i}");
    }
}
