//! One small network, trained with each of three unpoolings.

use burn::tensor::Device;
use model::{
    catalog::System,
    eval::boundary::boundary_error,
    heads::unpooling::SIDE,
    structures::question::{Answer, Question, UnpooledMask, UnpooledMasks, Unpooling},
    systems::{Collector, Context, Networks, Settings, StageCache, load, load_to_answer},
};
use serde::Deserialize;

use crate::files::{photo, reference, root, weight_files, weights_path};

/// What the browser tests expect, in `tests/reference/figures/values.json`.
#[derive(Deserialize)]
struct Expected {
    unpooled: Unpooled,
}

/// The masks of a sample.
#[derive(Deserialize)]
struct Unpooled {
    photo: String,
    /// Pixels from the class map's boundary, in the order of [`Unpooling::ALL`].
    off: [f64; 3],
}

/// An answer, if the system has one, with its networks loaded for the question or for its runs.
fn ask(name: &str, is_asked: bool) -> Option<Answer> {
    let (photo, settings, mut cache) = (photo(name), Settings::default(), StageCache::default());
    let mut files = weight_files();
    files.replaced.push(("unpooling", weights_path("weights/unpooling.bpk")));
    let (networks, question) = (Networks::new(files, Device::flex()), Question::Unpooled);
    let system = if is_asked {
        pollster::block_on(load_to_answer(System::Fcn, &question, &networks))
    } else {
        pollster::block_on(load(System::Fcn, &networks))
    };
    let (system, observer) = (system.expect("the weights are there"), Collector::new(System::Fcn, false));
    let mut cx = Context::new(&photo, networks.device(), &settings, &mut cache, &observer);
    pollster::block_on(system.answer(&mut cx, &question)).expect("the CPU does not fail")
}

fn masks(name: &str) -> UnpooledMasks {
    match ask(name, true) {
        Some(Answer::Unpooled(masks)) => masks,
        other => panic!("{other:?}"),
    }
}

fn things(mask: &UnpooledMask) -> Vec<bool> {
    mask.things.iter().map(|&it| it >= 128).collect()
}

#[test]
fn each_unpooling_has_a_mask_of_its_own() {
    let found = masks("cat.jpg");
    assert_eq!(found.masks.iter().map(|it| it.way).collect::<Vec<_>>(), Unpooling::ALL);
    assert_eq!((found.side, found.class_map.len()), (SIDE, SIDE * SIDE));
    let cat = found.class_map.iter().filter(|&&it| it == 1).count();
    assert!((500..SIDE * SIDE - 500).contains(&cat), "the class map sees the cat: {cat}");
    for (index, it) in found.masks.iter().enumerate() {
        assert_eq!(it.things.len(), SIDE * SIDE);
        let right = things(it).iter().zip(&found.class_map).filter(|(a, b)| **a == (**b == 1)).count();
        assert!(right * 10 > SIDE * SIDE * 6, "{:?}: {right} pixels are the class map's", it.way);
        assert!(found.masks[..index].iter().all(|other| other.things != it.things));
    }
    // Who runs the system does not load them.
    assert_eq!(ask("cat.jpg", false), None);
}

#[test]
fn the_card_says_what_the_file_says() {
    let card = std::fs::read_to_string(root().join("assets/weights/unpooling.md")).expect("there is a card");
    for mask in masks("cat.jpg").masks {
        let name = match mask.way {
            Unpooling::NearestNeighbour => "nearest neighbour",
            Unpooling::BedOfNails => "bed of nails",
            Unpooling::MaxUnpooling => "max unpooling",
        };
        let row = format!("| {name} | {:.3} | {:.2} | {:.3} |", mask.iou, mask.boundary_error, mask.near);
        assert!(card.contains(&row), "the card has no row {row}");
    }
}

#[test]
fn boundaries_are_where_the_browser_tests_expect_them() {
    let Unpooled { photo, off } = reference::<Expected>("figures/values.json").unpooled;
    let found = masks(&photo);
    let class_map: Vec<bool> = found.class_map.iter().map(|&it| it == 1).collect();
    let means: Vec<f64> = found
        .masks
        .iter()
        .map(|it| boundary_error(&things(it), &class_map, SIDE).expect("both see horses and background").mean)
        .collect();
    assert!(means.iter().zip(off).all(|(a, b)| (a - b).abs() < 0.05), "{means:?}");
}
