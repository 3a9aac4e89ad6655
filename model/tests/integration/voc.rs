//! PASCAL VOC's average precision against a published evaluator, on made-up labels that `tests/reference/voc/make.py` wrote.

use model::{
    eval::{
        average_precision::{Guess, Truth},
        voc::evaluate,
    },
    structures::boxes::BBox,
};
use serde::Deserialize;

use crate::files::reference;

#[derive(Deserialize)]
struct Values {
    truths: Vec<Label>,
    guesses: Vec<Label>,
    expected: Vec<f64>,
}

#[derive(Deserialize)]
struct Label {
    image: u64,
    category: u16,
    #[serde(rename = "box")]
    corners: [f32; 4],
    #[serde(default)]
    difficult: bool,
    #[serde(default)]
    score: f64,
}

impl Label {
    fn bbox(&self) -> BBox {
        let [x0, y0, x1, y1] = self.corners;
        BBox::new(x0, y0, x1, y1)
    }
}

#[test]
fn average_precision_as_a_published_evaluator_measures_it() {
    let Values { truths, guesses, expected } = reference("voc/values.json");
    let truths: Vec<Truth<BBox>> = truths
        .iter()
        .map(|it| Truth {
            image: it.image,
            category: it.category,
            area: f64::from(it.bbox().area()),
            crowd: false,
            ignore: it.difficult,
            shape: it.bbox(),
        })
        .collect();
    let guesses: Vec<Guess<BBox>> = guesses
        .iter()
        .map(|it| Guess {
            image: it.image,
            category: it.category,
            area: f64::from(it.bbox().area()),
            score: it.score,
            shape: it.bbox(),
        })
        .collect();
    let found = evaluate(&truths, &guesses);
    assert_eq!(found.classes.len(), expected.len());
    for (class, expected) in found.classes.iter().zip(&expected) {
        assert!((class.average_precision - expected).abs() < 1e-6, "{class:?} is not {expected}");
    }
}
