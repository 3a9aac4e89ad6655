//! The page about the page says what the code and the cards of the weights say.

use model::structures::{class_map, classes::COCO_NAMES, location};

const PAGE: &str = include_str!("../../www/about.html");

/// The text of the paragraph that lists a kind of classes.
fn listed(kind: &str) -> Vec<&'static str> {
    let (_, rest) = PAGE.split_once(&format!("data-classes=\"{kind}\">")).expect("it is on the page");
    rest.split_once("</p>").expect("it ends").0.split(", ").collect()
}

#[test]
fn every_class_is_listed() {
    assert_eq!(listed("coco"), COCO_NAMES.to_vec());
    assert_eq!(listed("voc"), class_map::CLASSES[1..].to_vec(), "without the background");
    assert_eq!(listed("localize"), location::CLASSES[..location::CLASSES.len() - 1].to_vec(), "without none of these");
}

#[test]
fn every_figure_stands_in_its_card() {
    let mut figures = 0;
    for cell in PAGE.split("data-card=\"").skip(1) {
        let (card, rest) = cell.split_once('"').expect("the name ends");
        let figure = rest.split("</a>").next().and_then(|it| it.rsplit('>').next()).expect("it has a figure");
        let path = format!("{}/../assets/weights/{card}", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{card}: {error}"));
        assert!(text.contains(figure), "{figure} is not in {card}: measure again, or bring the page up to date");
        figures += 1;
    }
    assert!(figures > 8);
}
