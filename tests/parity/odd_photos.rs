//! The fixtures of odd and broken photos, decoded natively: each is a photo or an error that says what to do.

use std::path::PathBuf;

use burn::tensor::Device;
use model::{
    heads::ssd::Ssd,
    nn::weights::Network,
    photo::Photo,
    structures::{
        boxes::{Suppression, suppress},
        classes::coco_name,
    },
};

#[path = "files.rs"]
mod files;

use files::{root, weights};

fn fixture(name: &str) -> PathBuf {
    root().join("tests/fixtures").join(name)
}

/// How far two colours are apart, in their worst channel.
fn distance(a: [u8; 3], b: [u8; 3]) -> u8 {
    a.iter().zip(b).map(|(a, b)| a.abs_diff(b)).max().unwrap_or(0)
}

const RED: [u8; 3] = [220, 30, 30];
const BLUE: [u8; 3] = [30, 60, 220];

#[test]
fn sizes() {
    for (name, size) in [
        ("one_pixel.png", (1, 1)),
        ("one_by_8000.png", (1, 8000)),
        ("animated.gif", (240, 160)),
        ("sixteen_bit.png", (240, 160)),
        ("greyscale.png", (240, 160)),
        ("cmyk.jpg", (240, 160)),
        ("palette.png", (240, 160)),
        ("alpha.png", (240, 160)),
        ("photo.webp", (240, 160)),
        ("photo.bmp", (120, 80)),
        ("progressive.jpg", (240, 160)),
        ("sixty_megapixels.png", (10_000, 6_000)),
    ] {
        let photo = Photo::open(fixture(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(photo.size(), size, "{name}");
    }
}

#[test]
fn broken_files_are_errors_that_say_what_to_do() {
    for name in [
        "text.jpg",
        "empty.jpg",
        "header_only.jpg",
        "truncated.jpg",
        "nine_hundred_megapixels.png",
        "photo.avif", // browsers read it, we do not
        "no_such_file.jpg",
    ] {
        let error = Photo::open(fixture(name)).expect_err(name).to_string();
        assert!(error.contains(": ") && error.ends_with('.'), "{name}: {error}");
    }
}

#[test]
fn every_orientation_ends_upright() {
    for orientation in 1..=8 {
        let name = format!("orientation_{orientation}.jpg");
        let photo = Photo::open(fixture(&name)).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(photo.size(), (240, 160), "{name}");
        assert!(distance(photo.rgb(8, 8), RED) < 12, "{name}: {:?} at the top left", photo.rgb(8, 8));
        assert!(distance(photo.rgb(231, 8), BLUE) < 12, "{name}: {:?} at the top right", photo.rgb(231, 8));
    }
}

#[test]
fn transparency_is_white_and_profiles_are_applied() {
    let alpha = Photo::open(fixture("alpha.png")).expect("a PNG");
    assert_eq!(alpha.rgb(10, 80), [255, 255, 255]);
    let swapped = Photo::open(fixture("profile_swapped.png")).expect("a PNG");
    assert!(distance(swapped.rgb(30, 30), [0, 255, 0]) < 8, "{:?}", swapped.rgb(30, 30));
}

#[test]
fn the_cat_is_found_in_every_format() {
    let device = Device::flex();
    let ssd = Ssd::load(weights("cache/ssd.bpk"), &device).expect("the weights are this network's");
    let names =
        ["animated.gif", "sixteen_bit.png", "cmyk.jpg", "palette.png", "alpha.png", "photo.webp", "progressive.jpg"];
    for name in names.into_iter().map(str::to_owned).chain((1..=8).map(|i| format!("orientation_{i}.jpg"))) {
        let photo = Photo::open(fixture(&name)).unwrap_or_else(|error| panic!("{name}: {error}"));
        let found = pollster::block_on(ssd.detect(&photo, &device)).expect("the run ends");
        let kept = suppress(&found, &Suppression::default()).kept;
        let classes: Vec<_> = kept.iter().filter_map(|&i| coco_name(found[i].class)).collect();
        assert!(classes.contains(&"cat"), "{name}: {classes:?}");
    }
}
