//! What is set in the figure about regions.

use model::structures::boxes::BBox;

use crate::figures::setup::{Words, corners};

/// Cells along each axis of the backbone's maps at 300 x 300, finest first.
pub const GRIDS: [usize; 4] = [75, 38, 19, 10];
/// Bins along each axis that can be chosen.
const SIDES: [usize; 4] = [2, 3, 4, 7];
/// Those of the three grids of a spatial pyramid, which are all used at once.
const PYRAMID: [usize; 3] = [4, 2, 1];

/// How a box becomes a grid.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Method {
    /// The spatial pyramid of SPP-net.
    Pyramid,
    /// RoI pooling.
    #[default]
    Pool,
    /// RoIAlign.
    Align,
    /// Position-sensitive pooling.
    PositionSensitive,
}

impl Method {
    /// In the order of the papers that came with them.
    pub const ALL: [Self; 4] = [Self::Pyramid, Self::Pool, Self::PositionSensitive, Self::Align];

    const fn key(self) -> &'static str {
        match self {
            Self::Pyramid => "pyramid",
            Self::Pool => "pool",
            Self::Align => "align",
            Self::PositionSensitive => "position-sensitive",
        }
    }

    /// Its name.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Pyramid => "Spatial pyramid",
            Self::Pool => "RoI pooling",
            Self::Align => "RoIAlign",
            Self::PositionSensitive => "Position-sensitive",
        }
    }

    /// Bins along each axis that can be chosen with it.
    pub const fn sides(self) -> &'static [usize] {
        match self {
            Self::Pyramid => &PYRAMID,
            Self::Pool | Self::PositionSensitive | Self::Align => &SIDES,
        }
    }

    /// Numbers of each channel that a box becomes.
    pub fn count(self, side: usize) -> usize {
        match self {
            Self::Pyramid => PYRAMID.iter().map(|side| side * side).sum(),
            Self::Pool | Self::PositionSensitive | Self::Align => side * side,
        }
    }
}

/// What is set.
#[derive(Clone, Debug, PartialEq)]
pub struct Setup {
    /// The method.
    pub method: Method,
    /// The box in fractions of the photo.
    pub bbox: BBox,
    /// The map, an index into [`GRIDS`].
    pub level: usize,
    /// The channel of the map; the most telling one if none was chosen.
    pub channel: Option<usize>,
    /// Bins along each axis.
    pub side: usize,
    /// Whether the heads of all methods are asked, not only that of the chosen one.
    pub heads: bool,
    /// Whether the region's masks by both ways of pooling are on show.
    pub masks: bool,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            method: Method::Pool,
            bbox: BBox::new(0.28, 0.3, 0.61, 0.8),
            level: 3,
            channel: None,
            side: 2,
            heads: false,
            masks: false,
        }
    }
}

impl Setup {
    /// The same with another method; bins that it does not have become its first.
    pub fn by(self, method: Method) -> Self {
        let side = if method.sides().contains(&self.side) { self.side } else { method.sides()[0] };
        Self { method, side, ..self }
    }

    /// Reads the address's words.
    pub fn read(words: &Words) -> Self {
        let usual = Self::default();
        let whole = |name: &str, most: usize| words.number(name, (0.0, most as f64)).map(|it| it as usize);
        Self {
            method: usual.method,
            bbox: words.bbox("box").unwrap_or(usual.bbox),
            level: whole("level", GRIDS.len() - 1).unwrap_or(usual.level),
            channel: whole("channel", 9999),
            side: whole("bins", 7).filter(|it| SIDES.contains(it) || PYRAMID.contains(it)).unwrap_or(usual.side),
            heads: words.get("heads") == Some("all"),
            masks: words.get("masks") == Some("1"),
        }
        .by(Method::ALL.into_iter().find(|it| words.get("method") == Some(it.key())).unwrap_or_default())
    }

    /// As words of the address; what is as usual is left out.
    pub fn write(&self) -> Words {
        let (usual, mut words) = (Self::default(), Words::default());
        words.push("method", self.method.key(), usual.method.key());
        words.push("box", corners(&self.bbox), corners(&usual.bbox));
        words.push("level", self.level, usual.level);
        words.push("channel", self.channel.map(|it| it.to_string()).unwrap_or_default(), "");
        words.push("bins", self.side, usual.side);
        words.push("heads", if self.heads { "all" } else { "" }, "");
        words.push("masks", if self.masks { "1" } else { "" }, "");
        words
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_brings_everything_back() {
        let setup = Setup {
            method: Method::Align,
            bbox: BBox::new(0.0, 0.25, 0.5, 1.0),
            level: 1,
            channel: Some(12),
            side: 7,
            heads: true,
            masks: true,
        };
        assert_eq!(Setup::read(&Words::parse(&setup.write().text())), setup);
        assert_eq!(
            (Setup::default().write().text(), Setup::read(&Words::default())),
            (String::new(), Setup::default())
        );
        let pyramid = Setup { side: 1, ..setup }.by(Method::Pyramid);
        assert_eq!(Setup::read(&Words::parse(&pyramid.write().text())), pyramid);
        assert_eq!(
            (pyramid.clone().by(Method::Pool).side, Method::Pyramid.count(1), Method::Pool.count(2)),
            (2, 21, 4)
        );
        assert_eq!(Setup::read(&Words::parse("bins:5,level:9,box:1;1;0;0")), Setup { level: 3, ..Setup::default() });
    }
}
