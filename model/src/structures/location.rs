//! What classification + localization says: one class, one box.

use serde::{Deserialize, Serialize};

use crate::structures::{boxes::BBox, class_map};

/// What the one thing may be: PASCAL VOC's classes. The last one is for photos with none of the others.
pub const CLASSES: [&str; 21] = {
    let mut names = ["none of these"; 21];
    let mut class = 0;
    while class + 1 < names.len() {
        // The class map's first class is the background.
        names[class] = class_map::CLASSES[class + 1];
        class += 1;
    }
    names
};

/// One class and one box for the whole photo.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Location {
    /// The probability of each of [`CLASSES`]; they sum to 1.
    pub probabilities: Vec<f32>,
    /// Where the thing is, in photo pixels. Computed whatever the class: it says little where the class is the last.
    pub bbox: BBox,
}

impl Location {
    /// The likeliest class, an index into [`CLASSES`], and its probability.
    #[must_use]
    pub fn best(&self) -> (usize, f32) {
        let all = self.probabilities.iter().copied().enumerate();
        all.reduce(|best, it| if it.1 > best.1 { it } else { best }).unwrap_or((CLASSES.len() - 1, 0.0))
    }

    /// Whether the likeliest class is a thing and not the last, "none of these".
    #[must_use]
    pub fn is_thing(&self) -> bool {
        self.best().0 + 1 < CLASSES.len()
    }

    /// Where the thing is, in photo pixels, if there is one.
    #[must_use]
    pub fn place(&self) -> Option<&BBox> {
        self.is_thing().then_some(&self.bbox)
    }
}
