//! What is set in the figure about losses.

use model::structures::{boxes::BBox, location::CLASSES};

use crate::figures::setup::{Words, corners, short};

/// Where smooth L1 turns from a square into a line, as the network was trained: in fractions of the photo.
pub const BEND: f64 = 0.05;
/// How much the box counts to begin with: as the network was trained.
const WEIGHT: f64 = 6.0;

/// What is set.
#[derive(Clone, Debug, PartialEq)]
pub struct Setup {
    /// The true box in fractions of the photo, once the visitor has drawn it.
    pub truth: Option<BBox>,
    /// The true class, once the visitor has chosen it.
    pub class: Option<usize>,
    /// How much the box counts beside the class.
    pub weight: f64,
}

impl Default for Setup {
    fn default() -> Self {
        Self { truth: None, class: None, weight: WEIGHT }
    }
}

/// A box a little beside another one, inside the photo.
pub fn beside(found: &BBox) -> BBox {
    let (dx, dy) = (found.width() * 0.12, found.height() * 0.08);
    BBox::new(found.x0 + dx, found.y0 - dy, found.x1 + dx, found.y1 - dy).clip(1.0, 1.0)
}

impl Setup {
    /// Reads the address's words.
    pub fn read(words: &Words) -> Self {
        let truth = words.bbox("truth");
        Self {
            truth,
            class: words.number("class", (0.0, (CLASSES.len() - 1) as f64)).map(|it| it as usize),
            weight: words.number("weight", (0.01, 100.0)).unwrap_or(WEIGHT),
        }
    }

    /// As words of the address; what is as usual is left out.
    pub fn write(&self) -> Words {
        let mut words = Words::default();
        words.push("truth", self.truth.as_ref().map(corners).unwrap_or_default(), "");
        words.push("class", self.class.map(|it| it.to_string()).unwrap_or_default(), "");
        words.push("weight", short(self.weight), short(WEIGHT));
        words
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_brings_everything_back() {
        let setup = Setup { truth: Some(BBox::new(0.125, 0.25, 0.5, 1.0)), class: Some(3), weight: 0.5 };
        assert_eq!(Setup::read(&Words::parse(&setup.write().text())), setup);
        assert_eq!(
            (Setup::default().write().text(), Setup::read(&Words::default())),
            (String::new(), Setup::default())
        );
    }

    #[test]
    fn a_box_beside_another_stays_inside_the_photo() {
        let found = beside(&BBox::new(0.5, 0.0, 1.0, 0.5));
        assert_eq!((found.x1, found.y0), (1.0, 0.0));
    }
}
