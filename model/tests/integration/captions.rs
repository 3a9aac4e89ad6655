//! BLEU and CIDEr against pycocoevalcap, on captions that `tests/reference/captions/measure.py` made up.

use model::eval::captions::{Described, bleu, cider};
use serde::Deserialize;

use crate::files::reference;

#[derive(Deserialize)]
struct Expected {
    photos: Vec<Photo>,
    all: Scores,
    first: Scores,
}

#[derive(Deserialize)]
struct Photo {
    caption: String,
    references: Vec<String>,
}

#[derive(Deserialize)]
struct Scores {
    bleu: [f64; 4],
    cider: f64,
}

#[track_caller]
fn assert_same(captions: &[Described], expected: &Scores) {
    for (n, (got, expected)) in bleu(captions).into_iter().zip(expected.bleu).enumerate() {
        assert!((got - expected).abs() < 1e-9, "BLEU-{}: {got} is not {expected}", n + 1);
    }
    let got = cider(captions);
    assert!((got - expected.cider).abs() < 1e-9, "CIDEr: {got} is not {}", expected.cider);
}

#[test]
fn captions_as_pycocoevalcap_measures_them() {
    let expected: Expected = reference("captions/expected.json");
    let photos = expected.photos.iter();
    let captions: Vec<Described> = photos.map(|photo| Described::new(&photo.caption, &photo.references)).collect();
    assert_same(&captions, &expected.all);
    assert_same(&captions[..5], &expected.first);
}
