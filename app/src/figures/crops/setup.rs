//! What is set in the figure about crops, and which parts of the photo are cut out.

use model::structures::{
    boxes::BBox,
    question::{Crop, Kept},
};

use crate::figures::setup::{Words, corners, short};

/// Powers of two between which the width over the height of a crop is varied.
pub const POWERS: (f64, f64) = (-2.0, 2.0);
/// Points of the curve.
pub const POINTS: usize = 9;
/// How much larger than the box R-CNN's crops are: 16 of 227 pixels on each side are context.
const CONTEXT: f32 = 227.0 / 195.0;

/// A way to make a square of a box.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// The box becomes the square, whatever its shape.
    Warped,
    /// The photo round it fills the square.
    Context,
    /// Grey fills the square.
    Grey,
    /// Only what belongs to a segment is left.
    Segment,
}

impl Way {
    /// R-CNN's first.
    pub const ALL: [Self; 4] = [Self::Warped, Self::Context, Self::Grey, Self::Segment];

    /// Names it in tests.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Warped => "warped",
            Self::Context => "context",
            Self::Grey => "grey",
            Self::Segment => "segment",
        }
    }

    /// Its title and what it does.
    pub const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Warped => ("Warped", "As R-CNN does: the box becomes the square."),
            Self::Context => ("With context", "True proportions: the photo round the box fills the square."),
            Self::Grey => ("On grey", "True proportions: what is outside of the box is grey."),
            Self::Segment => ("Segment only", "Of the nearest segment of Selective Search; the rest is grey."),
        }
    }
}

/// What is set.
#[derive(Clone, Debug, PartialEq)]
pub struct Setup {
    /// The box in fractions of the photo.
    pub bbox: BBox,
    /// The chosen crop's width over its height, as a power of two.
    pub power: f64,
    /// Whether the segment is asked about.
    pub segment: bool,
}

impl Default for Setup {
    fn default() -> Self {
        Self { bbox: BBox::new(0.28, 0.3, 0.61, 0.8), power: 1.0, segment: false }
    }
}

impl Setup {
    /// Reads the address's words.
    pub fn read(words: &Words) -> Self {
        let usual = Self::default();
        let power = words.number("stretch", POWERS).unwrap_or(usual.power);
        Self { bbox: words.bbox("box").unwrap_or(usual.bbox), power, segment: words.get("segment") == Some("1") }
    }

    /// As words of the address; what is as usual is left out.
    pub fn write(&self) -> Words {
        let (usual, mut words) = (Self::default(), Words::default());
        words.push("box", corners(&self.bbox), corners(&usual.bbox));
        words.push("stretch", short(self.power), short(usual.power));
        words.push("segment", if self.segment { "1" } else { "" }, "");
        words
    }

    /// The box's width over its height in pixels, as a power of two within the limits.
    pub fn own_power(&self, (width, height): (f32, f32)) -> f64 {
        let (across, down) = (self.bbox.width() * width, self.bbox.height() * height);
        f64::from((across / down.max(1e-6)).max(1e-6).log2()).clamp(POWERS.0, POWERS.1)
    }

    /// The smallest region with a width over a height that holds the box, with R-CNN's context.
    ///
    /// # Returns
    /// In fractions of the photo; it may leave it.
    pub fn region(&self, power: f64, (width, height): (f32, f32)) -> BBox {
        // In -2 to 2.
        let ratio = (power as f32).exp2();
        let (across, down) = (self.bbox.width() * width, self.bbox.height() * height);
        let side = across.max(down * ratio) * CONTEXT;
        let ((x, y), dx, dy) = (self.bbox.centre(), side / 2.0 / width, side / ratio / 2.0 / height);
        BBox::new(x - dx, y - dy, x + dx, y + dy)
    }

    /// A way's crop.
    fn crop(&self, way: Way, photo: (f32, f32)) -> Crop {
        let (power, keeps) = match way {
            Way::Warped => (self.own_power(photo), Kept::Photo),
            Way::Context => (0.0, Kept::Photo),
            Way::Grey => (0.0, Kept::Box),
            Way::Segment => (0.0, Kept::Segment),
        };
        Crop { thing: self.bbox, region: self.region(power, photo), keeps }
    }

    /// What the network is asked about: the chosen crop, the ways, and the points of the curve.
    pub fn crops(&self, photo: (f32, f32)) -> Vec<Crop> {
        let at = |power| Crop { thing: self.bbox, region: self.region(power, photo), keeps: Kept::Photo };
        let ways = self.ways().map(|way| self.crop(way, photo));
        std::iter::once(at(self.power)).chain(ways).chain((0..POINTS).map(|i| at(power_of(i)))).collect()
    }

    /// The ways that are asked about, in the order of their crops.
    pub fn ways(&self) -> impl Iterator<Item = Way> + use<> {
        let segment = self.segment;
        Way::ALL.into_iter().filter(move |&way| segment || way != Way::Segment)
    }
}

/// The power of two of a point of the curve.
pub fn power_of(point: usize) -> f64 {
    POWERS.0 + (POWERS.1 - POWERS.0) * point as f64 / (POINTS - 1) as f64
}

/// A width over a height, e.g. "2 : 1".
pub fn ratio_words(power: f64) -> String {
    let side = |power: f64| short((power.max(0.0).exp2() * 100.0).round() / 100.0);
    format!("{} : {}", side(power), side(-power))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_brings_everything_back() {
        let setup = Setup { bbox: BBox::new(0.0, 0.25, 0.5, 1.0), power: -1.5, segment: true };
        assert_eq!(Setup::read(&Words::parse(&setup.write().text())), setup);
        assert_eq!(Setup::default().write().text(), "");
        assert_eq!(Setup::read(&Words::parse("stretch:9,box:1;1;0;0")), Setup { power: 2.0, ..Setup::default() });
    }

    #[test]
    fn a_region_holds_the_box_and_has_its_ratio() {
        let (setup, photo) = (Setup { bbox: BBox::new(0.4, 0.2, 0.6, 0.8), ..Setup::default() }, (200.0, 100.0));
        // 40 x 60 pixels.
        assert!((setup.own_power(photo) - (40.0_f64 / 60.0).log2()).abs() < 1e-6);
        for power in [-2.0, 0.0, 1.0, setup.own_power(photo)] {
            let region = setup.region(power, photo).scale(photo.0, photo.1);
            assert!((f64::from(region.width() / region.height()) - power.exp2()).abs() < 1e-4);
            assert!(region.width() > 40.0 * 1.16 && region.height() > 60.0 * 1.16, "{region:?}");
        }
        let own = setup.region(setup.own_power(photo), photo).scale(photo.0, photo.1);
        assert!((own.width() - 40.0 * CONTEXT).abs() < 1e-3, "nothing more than the context: {own:?}");
    }

    #[test]
    fn the_crops_are_one_batch() {
        let setup = Setup { segment: true, ..Setup::default() };
        assert_eq!((setup.crops((640.0, 480.0)).len(), Setup::default().ways().count()), (14, 3));
        assert_eq!((power_of(0), power_of(4), power_of(8)), (-2.0, 0.0, 2.0));
        assert_eq!([1.0, 0.0, -2.0, 0.5].map(ratio_words), ["2 : 1", "1 : 1", "1 : 4", "1.41 : 1"]);
    }
}
