//! What is set in the figure about upsampling.

use model::figures::{
    grid::Grid,
    upsampling::{Pooled, Upsampled, bed_of_nails, max_unpooling, nearest_neighbour, transposed_convolution},
};

use super::POOL;
use crate::figures::{
    grey::{MIN_SIDE, Square},
    setup::{Words, list, short},
};

/// Fewest and most cells along each side of the small map.
pub const CELLS: (f64, f64) = (2.0, 8.0);
/// The least and the largest weight of a filter.
pub const WEIGHTS: (f64, f64) = (-16.0, 16.0);
/// The sides that a filter can have.
pub const SIDES: [usize; 3] = [2, 3, 4];
/// The most layers of a stack.
pub const MAX_LAYERS: usize = 3;

/// A part of the figure.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Part {
    /// One map through four ways of upsampling.
    #[default]
    Ways,
    /// Where copies overlap: checkerboards.
    Overlap,
    /// The example in one dimension.
    Line,
    /// The matrix and its transpose.
    Matrix,
    /// The transpose beside the inverse.
    Inverse,
    /// Transposed convolution as the gradient of convolution.
    Gradient,
    /// The class map with its filters replaced.
    ClassMap,
    /// One network, trained with each of three unpoolings.
    Trained,
}

impl Part {
    /// In their order.
    pub const ALL: [Self; 8] = [
        Self::Ways,
        Self::Overlap,
        Self::Line,
        Self::Matrix,
        Self::Inverse,
        Self::Gradient,
        Self::ClassMap,
        Self::Trained,
    ];

    /// Names it in the address.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Ways => "ways",
            Self::Overlap => "overlap",
            Self::Line => "line",
            Self::Matrix => "matrix",
            Self::Inverse => "inverse",
            Self::Gradient => "gradient",
            Self::ClassMap => "class-map",
            Self::Trained => "trained",
        }
    }

    /// Its title.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Ways => "Four ways",
            Self::Overlap => "Checkerboards",
            Self::Line => "In one dimension",
            Self::Matrix => "As a matrix",
            Self::Inverse => "Not the inverse",
            Self::Gradient => "As a gradient",
            Self::ClassMap => "In a network",
            Self::Trained => "Trained with each",
        }
    }
}

/// A way of upsampling.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Way {
    /// Nearest neighbour.
    Nearest,
    /// Bed of nails.
    Nails,
    /// Max unpooling.
    Unpooling,
    /// Transposed convolution.
    #[default]
    Transposed,
}

impl Way {
    /// In the order of the lecture.
    pub const ALL: [Self; 4] = [Self::Nearest, Self::Nails, Self::Unpooling, Self::Transposed];

    const fn key(self) -> &'static str {
        match self {
            Self::Nearest => "nearest",
            Self::Nails => "nails",
            Self::Unpooling => "unpooling",
            Self::Transposed => "transposed",
        }
    }

    /// Its name.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Nearest => "Nearest neighbour",
            Self::Nails => "Bed of nails",
            Self::Unpooling => "Max unpooling",
            Self::Transposed => "Transposed convolution",
        }
    }
}

/// What is set.
#[derive(Clone, Debug, PartialEq)]
pub struct Setup {
    /// The part on show.
    pub part: Part,
    /// The way of upsampling.
    pub way: Way,
    /// Cells along each side of the small map.
    pub cells: usize,
    /// Where on the photo the map is from.
    pub square: Square,
    /// A map of numbers that were given instead.
    pub map: Option<Grid>,
    /// The filter.
    pub filter: Grid,
    /// Output cells for one input cell.
    pub stride: usize,
    /// Whether numbers are divided by how many copies lie over their cell.
    pub is_divided: bool,
    /// Whether the counts of copies are shown in the place of the sums.
    pub counts: bool,
    /// Layers of the stack.
    pub layers: usize,
    /// Whether the stack is on the photo's cells; on a flat area otherwise.
    pub on_photo: bool,
    /// Whether its filters are bilinear; all ones otherwise.
    pub bilinear: bool,
    /// The inputs a, b, c, d of one dimension, if they were given; those of the map's first row otherwise.
    pub inputs: Option<[f64; 4]>,
    /// The filter x, y, z of one dimension.
    pub line: [f64; 3],
    /// The stride of one dimension.
    pub line_stride: usize,
    /// Whether the matrix is transposed.
    pub is_transposed: bool,
    /// Steps up of the class map's network whose filters are replaced, counted from the last.
    pub replaced: usize,
}

/// The filter that interpolates bilinearly: its weights fall evenly from the middle.
pub fn bilinear(side: usize) -> Grid {
    let (half, middle) = (side.div_ceil(2) as f64, (side as f64 - 1.0) / 2.0);
    // Of 2 x 2 weights all are the same: 1 each.
    let weight = |at: usize| if side == 2 { 1.0 } else { 1.0 - (at as f64 - middle).abs() / half };
    Grid::from_fn((side, side), |x, y| weight(x) * weight(y))
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            part: Part::Ways,
            way: Way::Transposed,
            cells: 4,
            square: Square { left: 0.42, top: 0.3, side: 0.25 },
            map: None,
            filter: bilinear(3),
            stride: 2,
            is_divided: false,
            counts: false,
            layers: 1,
            on_photo: false,
            bilinear: false,
            inputs: None,
            line: [1.0, 2.0, 0.5],
            line_stride: 2,
            is_transposed: false,
            replaced: 1,
        }
    }
}

/// A square map of numbers.
fn square_of(values: Vec<f64>, (least, most): (usize, usize)) -> Option<Grid> {
    let side = values.len().isqrt();
    let fits = side * side == values.len() && (least..=most).contains(&side);
    fits.then_some(Grid { width: side, height: side, values })
}

impl Setup {
    /// Reads the address's words.
    pub fn read(words: &Words) -> Self {
        let usual = Self::default();
        let whole = |name: &str, limits: (f64, f64), usual: usize| {
            words.number(name, limits).map_or(usual, |it| it.round() as usize)
        };
        let is = |name: &str, word: &str| words.get(name) == Some(word);
        let map = words.numbers("map").and_then(|it| square_of(it, (2, 8)));
        let square = match words.numbers("at").as_deref() {
            Some(&[left, top, side]) => {
                Square { left: left.clamp(0.0, 1.0), top: top.clamp(0.0, 1.0), side: side.clamp(MIN_SIDE, 1.0) }
            }
            _ => usual.square,
        };
        let clamped =
            |values: Vec<f64>| values.into_iter().map(|it| it.clamp(WEIGHTS.0, WEIGHTS.1)).collect::<Vec<_>>();
        let filter = words.numbers("filter").map(clamped).and_then(|it| square_of(it, (2, 4)));
        Self {
            part: Part::ALL.into_iter().find(|it| is("part", it.key())).unwrap_or_default(),
            way: Way::ALL.into_iter().find(|it| is("way", it.key())).unwrap_or_default(),
            cells: map.as_ref().map_or_else(|| whole("cells", CELLS, usual.cells), |map| map.width),
            square,
            map,
            filter: filter.unwrap_or(usual.filter),
            stride: whole("stride", (1.0, 2.0), usual.stride),
            is_divided: is("divide", "1"),
            counts: is("counts", "1"),
            layers: whole("layers", (1.0, MAX_LAYERS as f64), usual.layers),
            on_photo: is("area", "photo"),
            bilinear: is("stack", "bilinear"),
            inputs: words.numbers("inputs").map(clamped).and_then(|it| it.try_into().ok()),
            line: words.numbers("line").map(clamped).and_then(|it| it.try_into().ok()).unwrap_or(usual.line),
            line_stride: whole("line-stride", (1.0, 2.0), usual.line_stride),
            is_transposed: is("transpose", "1"),
            replaced: whole("replaced", (1.0, 3.0), usual.replaced),
        }
    }

    /// As words of the address; what is as usual is left out.
    pub fn write(&self) -> Words {
        let (usual, mut words) = (Self::default(), Words::default());
        let place = |it: &Square| [it.left, it.top, it.side].map(short).join(";");
        let yes = |is: bool| if is { "1" } else { "" };
        words.push("part", self.part.key(), usual.part.key());
        words.push("way", self.way.key(), usual.way.key());
        match &self.map {
            Some(map) => words.push("map", list(&map.values), ""),
            None => {
                words.push("cells", self.cells, usual.cells);
                words.push("at", place(&self.square), place(&usual.square));
            }
        }
        words.push("filter", list(&self.filter.values), list(&usual.filter.values));
        words.push("stride", self.stride, usual.stride);
        words.push("divide", yes(self.is_divided), "");
        words.push("counts", yes(self.counts), "");
        words.push("layers", self.layers, usual.layers);
        words.push("area", if self.on_photo { "photo" } else { "" }, "");
        words.push("stack", if self.bilinear { "bilinear" } else { "" }, "");
        words.push("inputs", self.inputs.map(|it| list(&it)).unwrap_or_default(), "");
        words.push("line", list(&self.line), list(&usual.line));
        words.push("line-stride", self.line_stride, usual.line_stride);
        words.push("transpose", yes(self.is_transposed), "");
        words.push("replaced", self.replaced, usual.replaced);
        words
    }

    /// Upsamples a map in the chosen way.
    pub fn upsample(&self, pooled: &Pooled) -> Upsampled {
        match self.way {
            Way::Nearest => nearest_neighbour(&pooled.map, POOL),
            Way::Nails => bed_of_nails(&pooled.map, POOL),
            Way::Unpooling => max_unpooling(&pooled.map, POOL, &pooled.positions),
            Way::Transposed => transposed_convolution(&pooled.map, &self.filter, self.stride),
        }
    }

    /// The part of a transposed convolution's output that frameworks keep with padding 1, if it has as many cells as the
    /// input times the stride: left, top, width, height.
    pub fn kept(&self, cells: usize) -> Option<[usize; 4]> {
        let side = self.filter.width;
        let side_of_output = (cells - 1) * self.stride + side;
        let fits = self.way == Way::Transposed
            && side_of_output > cells * self.stride
            && side_of_output - cells * self.stride <= 2;
        (fits && (self.stride == 2 || side == 3)).then_some([1, 1, cells * self.stride, cells * self.stride])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_brings_everything_back() {
        let setup = Setup {
            part: Part::Matrix,
            way: Way::Nails,
            cells: 2,
            map: Some(Grid { width: 2, height: 2, values: vec![1.0, 2.0, 3.0, 4.5] }),
            filter: Grid::filled((4, 4), -0.5),
            stride: 1,
            is_divided: true,
            counts: true,
            layers: 3,
            on_photo: true,
            bilinear: true,
            inputs: Some([0.1, 0.2, 0.3, 0.4]),
            line: [1.0, 0.0, -1.0],
            line_stride: 1,
            is_transposed: true,
            replaced: 3,
            ..Setup::default()
        };
        assert_eq!(Setup::read(&setup.write()), setup);
        assert_eq!(Setup::read(&Words::parse(&setup.write().text())), setup);
        let moved = Setup { square: Square { left: 0.1, top: 0.25, side: 0.5 }, cells: 8, ..Setup::default() };
        assert_eq!(Setup::read(&moved.write()), moved);
        assert_eq!(Setup::default().write().text(), "");
    }

    #[test]
    fn nonsense_in_the_address_is_as_usual_or_within_limits() {
        let found =
            Setup::read(&Words::parse("part:nothing,cells:99,at:-3;7;0,filter:1;2;3,map:1;2,stride:0,line:a;b;c"));
        let square = Square { left: 0.0, top: 1.0, side: MIN_SIDE };
        assert_eq!(found, Setup { cells: 8, square, stride: 1, ..Setup::default() });
    }

    #[test]
    fn bilinear_filters_by_hand() {
        assert_eq!(bilinear(2).values, [1.0; 4]);
        assert_eq!(bilinear(3).values, [0.25, 0.5, 0.25, 0.5, 1.0, 0.5, 0.25, 0.5, 0.25]);
        assert_eq!(bilinear(4).values[4..8], [0.1875, 0.5625, 0.5625, 0.1875]);
    }

    #[test]
    fn what_frameworks_keep_has_the_input_s_size_times_the_stride() {
        let with = |side, stride| Setup { filter: bilinear(side), stride, ..Setup::default() }.kept(4);
        assert_eq!([with(3, 2), with(4, 2)], [Some([1, 1, 8, 8]); 2]);
        assert_eq!([with(2, 2), with(2, 1), with(4, 1), with(3, 1)], [None, None, None, Some([1, 1, 4, 4])]);
        assert_eq!(Setup { way: Way::Nearest, ..Setup::default() }.kept(4), None);
    }
}
