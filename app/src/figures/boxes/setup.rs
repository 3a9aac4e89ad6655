//! What is set in the figure about boxes.

use model::{
    proposals::matching::Thresholds,
    structures::{boxes::BBox, classes::COCO},
};

use crate::figures::setup::{Words, corners, short};

/// A part of the figure.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Part {
    /// Intersection over union.
    #[default]
    Overlap,
    /// Non-maximum suppression.
    Suppression,
    /// Anchors and the cell that answers for a thing.
    Anchors,
    /// A single shot beside two stages.
    Stages,
    /// The four losses of Faster R-CNN.
    Losses,
    /// Average precision.
    Precision,
}

impl Part {
    /// In their order.
    pub const ALL: [Self; 6] =
        [Self::Overlap, Self::Suppression, Self::Anchors, Self::Stages, Self::Losses, Self::Precision];

    const fn key(self) -> &'static str {
        match self {
            Self::Overlap => "overlap",
            Self::Suppression => "suppression",
            Self::Anchors => "anchors",
            Self::Stages => "stages",
            Self::Losses => "losses",
            Self::Precision => "precision",
        }
    }

    /// Its title.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Overlap => "Overlap",
            Self::Suppression => "Suppression",
            Self::Anchors => "Anchors and cells",
            Self::Stages => "One stage or two",
            Self::Losses => "Four losses",
            Self::Precision => "Average precision",
        }
    }
}

/// A loss of the second stage.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum GradientOf {
    /// Cross entropy of the class.
    #[default]
    Class,
    /// Smooth L1 of the second correction.
    Correction,
}

impl GradientOf {
    /// In their order.
    pub const ALL: [Self; 2] = [Self::Class, Self::Correction];

    const fn key(self) -> &'static str {
        match self {
            Self::Class => "class",
            Self::Correction => "correction",
        }
    }
}

/// What is set.
#[derive(Clone, Debug, PartialEq)]
pub struct Setup {
    /// The part on show.
    pub part: Part,
    /// The two boxes, in fractions of the photo.
    pub pair: [BBox; 2],
    /// The true box, in fractions of the photo.
    pub truth: BBox,
    /// Its class, an index into COCO's; that of the network if none was chosen.
    pub class: Option<usize>,
    /// From this overlap on an anchor is positive.
    pub positive: f64,
    /// Below this overlap an anchor is negative.
    pub negative: f64,
    /// The level of the pyramid on show; that with most positive anchors if none was chosen.
    pub level: Option<usize>,
    /// The overlap from which on a box is suppressed.
    pub iou: f64,
    /// The least score of a detection.
    pub score: f64,
    /// How many boxes of a kind are drawn.
    pub count: usize,
    /// Whether the second stage is on.
    pub second: bool,
    /// The loss whose gradient is on show.
    pub gradient_of: GradientOf,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            part: Part::Overlap,
            pair: [BBox::new(0.2, 0.25, 0.6, 0.75), BBox::new(0.35, 0.4, 0.8, 0.85)],
            truth: BBox::new(0.3, 0.3, 0.65, 0.8),
            class: None,
            positive: short_of(Thresholds::ANCHORS.positive),
            negative: short_of(Thresholds::ANCHORS.negative),
            level: None,
            iou: 0.5,
            score: 0.3,
            count: 20,
            second: false,
            gradient_of: GradientOf::Class,
        }
    }
}

/// Single precision as it is written: 0.7, not 0.699999988.
fn short_of(value: f32) -> f64 {
    (f64::from(value) * 1e3).round() / 1e3
}

impl Setup {
    /// Whether neither the address nor the visitor has moved a box.
    pub fn has_usual_boxes(&self) -> bool {
        let usual = Self::default();
        self.pair == usual.pair && self.truth == usual.truth
    }

    /// Puts the boxes where a thing is: one on it, the other one beside.
    ///
    /// # Arguments
    /// * `thing` - in fractions of the photo.
    pub fn begin_with(&mut self, thing: BBox) {
        // Three decimals, as the address has them.
        let short = |it: f32| (it.clamp(0.0, 1.0) * 1e3).round() / 1e3;
        let thing = BBox::new(short(thing.x0), short(thing.y0), short(thing.x1), short(thing.y1));
        let beside = |start: f32, end: f32| {
            // To the side with more room.
            let by = short((end - start) * 0.2);
            if 1.0 - end >= start { by.min(1.0 - end) } else { -by.min(start) }
        };
        let (dx, dy) = (beside(thing.x0, thing.x1), beside(thing.y0, thing.y1));
        self.pair = [thing, BBox::new(thing.x0 + dx, thing.y0 + dy, thing.x1 + dx, thing.y1 + dy)];
        self.truth = thing;
    }

    /// Reads the address's words.
    pub fn read(words: &Words) -> Self {
        let usual = Self::default();
        let part = |name: &str, usual: f64| words.number(name, (0.0, 1.0)).unwrap_or(usual);
        let positive = part("positive", usual.positive);
        Self {
            part: Part::ALL.into_iter().find(|it| words.get("part") == Some(it.key())).unwrap_or_default(),
            pair: [words.bbox("a").unwrap_or(usual.pair[0]), words.bbox("b").unwrap_or(usual.pair[1])],
            truth: words.bbox("truth").unwrap_or(usual.truth),
            class: words.number("class", (0.0, (COCO.len() - 1) as f64)).map(|it| it as usize),
            positive,
            negative: part("negative", usual.negative).min(positive),
            level: words.number("level", (0.0, 2.0)).map(|it| it as usize),
            iou: part("iou", usual.iou),
            score: part("score", usual.score),
            count: words.number("count", (1.0, 100.0)).map_or(usual.count, |it| it as usize),
            second: words.get("second") == Some("1"),
            gradient_of: GradientOf::ALL
                .into_iter()
                .find(|it| words.get("gradient") == Some(it.key()))
                .unwrap_or_default(),
        }
    }

    /// As words of the address; what is as usual is left out.
    pub fn write(&self) -> Words {
        let (usual, mut words) = (Self::default(), Words::default());
        words.push("part", self.part.key(), usual.part.key());
        words.push("a", corners(&self.pair[0]), corners(&usual.pair[0]));
        words.push("b", corners(&self.pair[1]), corners(&usual.pair[1]));
        words.push("truth", corners(&self.truth), corners(&usual.truth));
        words.push("class", self.class.map(|it| it.to_string()).unwrap_or_default(), "");
        words.push("positive", short(self.positive), short(usual.positive));
        words.push("negative", short(self.negative), short(usual.negative));
        words.push("level", self.level.map(|it| it.to_string()).unwrap_or_default(), "");
        words.push("iou", short(self.iou), short(usual.iou));
        words.push("score", short(self.score), short(usual.score));
        words.push("count", self.count, usual.count);
        words.push("second", if self.second { "1" } else { "" }, "");
        words.push("gradient", self.gradient_of.key(), usual.gradient_of.key());
        words
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_brings_everything_back() {
        let setup = Setup {
            part: Part::Precision,
            pair: [BBox::new(0.0, 0.125, 0.5, 0.25), BBox::new(0.25, 0.25, 1.0, 1.0)],
            truth: BBox::new(0.5, 0.5, 0.75, 0.75),
            class: Some(17),
            positive: 0.6,
            negative: 0.2,
            level: Some(2),
            iou: 0.45,
            score: 0.1,
            count: 7,
            second: true,
            gradient_of: GradientOf::Correction,
        };
        assert_eq!(Setup::read(&Words::parse(&setup.write().text())), setup);
        assert_eq!(Setup::default().write().text(), "");
        assert_eq!(Setup::read(&Words::default()), Setup::default());
    }

    #[test]
    fn the_boxes_begin_on_a_thing_and_stay_inside_the_photo() {
        let mut setup = Setup::default();
        assert!(setup.has_usual_boxes());
        setup.begin_with(BBox::new(-0.01, 0.5, 0.6, 1.02));
        assert_eq!((setup.truth, setup.has_usual_boxes()), (BBox::new(0.0, 0.5, 0.6, 1.0), false));
        let beside = setup.pair[1];
        assert!(beside.x0 > 0.1 && beside.x1 <= 1.0 && beside.y0 < 0.45 && beside.y0 >= 0.0, "{beside:?}");
    }

    #[test]
    fn nonsense_is_as_usual_and_the_thresholds_keep_their_order() {
        let found = Setup::read(&Words::parse("a:1;0;0;1,truth:0;0;1,positive:0.2,negative:0.9,iou:x"));
        assert_eq!(found, Setup { positive: 0.2, negative: 0.2, ..Setup::default() });
    }
}
