//! The list of figures.

use leptos::prelude::*;

use super::{
    backbone, boxes, convolution, crops, input_size, labelling, losses, one_box, per_pixel_loss, pose_loss, regions,
    sliding_window, tasks, upsampling,
};

/// A figure.
#[derive(Clone, Copy)]
pub struct Figure {
    /// Names it in the address.
    pub key: &'static str,
    /// Its title.
    pub title: &'static str,
    /// What it shows, in a sentence.
    pub sentence: &'static str,
    /// The sample that it is on while there is no photo.
    pub sample: &'static str,
    /// Makes it for the photo on show.
    pub view: fn() -> AnyView,
}

/// The sample of most figures, and of their list.
pub const SAMPLE: &str = "horses";

/// The figures, in the order of the lecture.
pub const FIGURES: &[Figure] = &[
    Figure {
        key: "tasks",
        title: "Four tasks",
        sentence: "What is where in a photo can be answered in four ways, each of which says more than the one before.",
        sample: SAMPLE,
        view: tasks::view,
    },
    Figure {
        key: "sliding-window",
        title: "Sliding windows",
        sentence: "A network that says one class can find things if it is shown every part of the photo: there are very many parts.",
        sample: SAMPLE,
        view: sliding_window::view,
    },
    Figure {
        key: "labelling",
        title: "Labels",
        sentence: "A network for segmentation learns from photos on which people have outlined every thing: outline one, and a clock says what that costs.",
        sample: SAMPLE,
        view: labelling::view,
    },
    Figure {
        key: "per-pixel-loss",
        title: "The loss of a class map",
        sentence: "Cross entropy at every pixel against its true class, averaged: paint some truth and see what the network pays for it.",
        sample: SAMPLE,
        view: per_pixel_loss::view,
    },
    Figure {
        key: "convolution",
        title: "Convolution",
        sentence: "A kernel is laid on each place of the photo, multiplied number by number and summed: with stride 2 on each second place, \
                   so that the map shrinks.",
        sample: SAMPLE,
        view: convolution::view,
    },
    Figure {
        key: "upsampling",
        title: "Upsampling",
        sentence: "Four ways from a small map of the photo to a larger one, number by number: three that are fixed, and one that \
                   is learned.",
        sample: SAMPLE,
        view: upsampling::view,
    },
    Figure {
        key: "one-box",
        title: "One class and one box",
        sentence: "Classification + localization says one class and four numbers of whatever it is shown: move, crop or turn what it sees.",
        sample: SAMPLE,
        view: one_box::view,
    },
    Figure {
        key: "losses",
        title: "Losses",
        sentence: "One class and one box for the photo: how wrong each is, and which of the two pulls harder on the network.",
        sample: SAMPLE,
        view: losses::view,
    },
    Figure {
        key: "backbone",
        title: "The backbone",
        sentence: "A network that has been trained on something else before sees parts and things; one with random weights does not.",
        sample: SAMPLE,
        view: backbone::view,
    },
    Figure {
        key: "pose-loss",
        title: "The loss of a pose",
        sentence: "A pose as 28 numbers, two for each of 14 points: drag the points to where they truly are and see what each of them costs.",
        sample: SAMPLE,
        view: pose_loss::view,
    },
    Figure {
        key: "boxes",
        title: "Boxes",
        sentence: "How much two boxes overlap is one number, and much is decided by it: which detections stay, what an anchor \
                   learns, whether a thing counts as found.",
        sample: SAMPLE,
        view: boxes::view,
    },
    Figure {
        key: "crops",
        title: "Crops",
        sentence: "R-CNN's network reads a square, whatever the shape of a box: by warping it, with context, on grey, or its segment only.",
        sample: "astronaut",
        view: crops::view,
    },
    Figure {
        key: "regions",
        title: "Regions",
        sentence: "A box of any size becomes a grid of fixed size on the network's map: by rounding to whole cells, or without.",
        sample: SAMPLE,
        view: regions::view,
    },
    Figure {
        key: "input-size",
        title: "The image size",
        sentence: "The same detector reads the photo as a small or a large square: what it finds, and what that costs.",
        sample: "mariachi",
        view: input_size::view,
    },
];

/// The figure of a key.
pub fn figure(key: &str) -> Option<&'static Figure> {
    FIGURES.iter().find(|it| it.key == key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_unique_and_fit_an_address() {
        for (i, it) in FIGURES.iter().enumerate() {
            assert!(it.key.chars().all(|c| c.is_ascii_lowercase() || c == '-'), "{}", it.key);
            assert!(FIGURES[..i].iter().all(|other| other.key != it.key && other.title != it.title));
            assert!(it.sentence.ends_with('.') && it.key != "all");
        }
    }
}
